"""The program of a worker process: load the model, then answer requests until the parent is gone."""

from __future__ import annotations

import os
import threading
import traceback
from collections.abc import Iterator
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from tagger import errors
from tagger.errors import TaggerError
from tagger.workers.messages import from_line, pack, to_line

if TYPE_CHECKING:
    from tagger.api import Tagger

_STDIN, _STDOUT, _STDERR = 0, 1, 2


def run(folder: str, options: dict[str, Any]) -> None:
    """Answer requests from standard input on standard output; ends the process.

    Args:
        folder: the model folder.
        options: options of :meth:`tagger.Tagger.load`.
    """
    replies = os.dup(_STDOUT)
    os.dup2(_STDERR, _STDOUT)  # so that output printed by a library is not taken for a reply
    requests: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_receive, args=(requests,), daemon=True).start()
    try:
        with os.fdopen(replies, "wb") as stream:
            for reply in _replies(folder, options, requests):
                stream.write(to_line(reply))
                stream.flush()
    finally:
        # Exit immediately, and silently if the parent is gone: a regular exit would wait for the other thread.
        os._exit(1)


def _receive(requests: SimpleQueue[bytes]) -> None:
    """Pass on requests; end the process when the parent is gone, even while it is computing."""
    with os.fdopen(_STDIN, "rb") as stream:
        for line in stream:
            requests.put(line)
        os._exit(0)


def _replies(folder: str, options: dict[str, Any], requests: SimpleQueue[bytes]) -> Iterator[dict[str, Any]]:
    """Yield the greeting and the replies; an unexpected failure is the last reply."""
    try:
        from tagger.api import Tagger

        tagger = Tagger.load(folder, **options)
        yield {"result": _greeting(tagger)}
        while True:
            request = from_line(requests.get())
            try:
                yield {"result": _result(tagger, **request)}
            except TaggerError as error:
                yield _raised(error)
    except TaggerError as error:
        yield _raised(error)
    except Exception as error:
        failure = " ".join("".join(traceback.format_exception_only(error)).split())
        yield {"failure": failure, "traceback": _traceback(error)}


def _raised(error: TaggerError) -> dict[str, str]:
    """Return the reply for an error, with the name of its nearest class in :mod:`tagger.errors`."""
    name = next(kind.__name__ for kind in type(error).__mro__ if kind.__module__ == errors.__name__)
    return {"error": name, "message": str(error), "traceback": _traceback(error)}


def _traceback(error: Exception) -> str:
    return "".join(traceback.format_exception(error)).rstrip()


def _greeting(tagger: Tagger) -> dict[str, Any]:
    """Return what the parent needs to know about the model, including its digest to compare workers."""
    return {
        "labels": tagger.labels,
        "scheme": tagger.scheme.value,
        "segmenter": dict(tagger.parts.segmenter),
        "reads_documents": tagger.reads_documents,
        "thresholds": tagger.thresholds,
        "digest": tagger.parts.digest,
    }


def _result(
    tagger: Tagger,
    *,
    method: str,
    argument: Any,
    sentences: list[list[str]],
    documents: list[int | None] | None,
    is_apart: bool,
) -> list[Any]:
    units = [0] * len(sentences) if is_apart else None
    match method:
        case "tag":
            return list(tagger.stream_labels(sentences, documents=documents, units=units, decode=argument))
        case "predict":
            decode, thresholds = argument
            predictions = tagger.stream(
                sentences, documents=documents, units=units, decode=decode, thresholds=thresholds
            )
            return [pack(one) for one in predictions]
        case "nbest":
            alternatives = tagger.stream_nbest(sentences, argument, documents=documents, units=units)
            return [[pack(one) for one in best] for best in alternatives]
    raise ValueError(f"a worker knows no method {method!r}")
