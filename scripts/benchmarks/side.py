"""A process of a benchmark that tags: reads a request a line, answers each with a line, both JSON.

    python side.py MODEL SENTENCES

MODEL is the folder of a tagger, or a file of CRFsuite's; SENTENCES a JSON file with lists of sentences by name. The
tagger is the one that ``PYTHONPATH`` has first, of this version or an older one, so only what both have is used. The
first answer says where it was found.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

Sentences = list[list[str]]


class TaggerSide:
    """The tagger, as it is in the middle of a long text, new, or in workers.

    Args:
        model: its folder.
        known: sentences it has met before anything is measured.
    """

    def __init__(self, model: str, known: Sentences) -> None:
        import tagger

        self.source = str(Path(tagger.__file__).parent)
        self._model = model
        self._known = known
        self._tagger = tagger.Tagger.load(model)
        self._tagger.tag(known)
        self._pool: Any = None

    def ready(self, task: str, workers: int) -> Callable[[Sentences], object]:
        """Return the function that does a task, with all done that is not to be measured.

        Args:
            task: ``tag``, ``predict``, ``new`` (labels from a tagger that has met no word yet) or ``workers``.
            workers: processes, for that task.
        """
        if task == "workers":
            return lambda sentences: list(self._workers(workers).stream_labels(sentences))
        if task == "new":
            return type(self._tagger).load(self._model).tag
        method: Callable[[Sentences], object] = getattr(self._tagger, task)
        return method

    def results(self, sentences: Sentences) -> list[Any]:
        """Return the labels and the probability of each, by sentence."""
        predictions = self._tagger.predict(sentences)
        return [[list(one.labels), list(one.label_probabilities)] for one in predictions]

    def _workers(self, number: int) -> Any:
        if self._pool is None:
            from tagger.workers import WorkerPool

            warn = partial(print, file=sys.stderr)
            self._pool = WorkerPool(self._model, workers=number, on_death=warn).__enter__()
            for _ in range(2 * number):  # each of them meets the words
                list(self._pool.stream_labels(self._known))
        return self._pool

    def close(self) -> None:
        """End the workers."""
        if self._pool is not None:
            self._pool.__exit__(None, None, None)


class CRFsuiteSide:
    """CRFsuite; making the features is a part of the work.

    Args:
        model: its file.
    """

    def __init__(self, model: str) -> None:
        import pycrfsuite

        self.source = str(Path(pycrfsuite.__file__).parent)
        self._tagger = pycrfsuite.Tagger()
        self._tagger.open(model)

    def ready(self, task: str, workers: int) -> Callable[[Sentences], object]:
        """Return the function that does the one task there is, ``tag``."""
        from crf_features import crf_features

        if task != "tag":
            raise ValueError(f"expected tag, found {task}")
        return lambda sentences: [self._tagger.tag(crf_features(sentence)) for sentence in sentences]

    def results(self, sentences: Sentences) -> list[Any]:
        """Return the labels, by sentence, without probabilities."""
        labels: Any = self.ready("tag", 1)(sentences)
        return [[one, []] for one in labels]

    def close(self) -> None:
        """Do nothing."""


def seconds(
    work: Callable[[Sentences], object], sentences: Sentences, *, each: bool, clock: Callable[[], float]
) -> list[float]:
    """Return how long all sentences take in one call, or each in a call of its own."""
    times = []
    for batch in [[sentence] for sentence in sentences] if each else [sentences]:
        begin = clock()
        work(batch)
        times.append(clock() - begin)
    return times


def main() -> None:
    model, path = sys.argv[1:]
    groups: dict[str, Sentences] = json.loads(Path(path).read_text(encoding="utf-8"))
    side = TaggerSide(model, groups["known"]) if Path(model).is_dir() else CRFsuiteSide(model)
    print(json.dumps(side.source), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        group = groups[request["group"]]
        sentences = (
            list(islice(cycle(group), request["start"], request["stop"])) if "stop" in request else group
        )
        answer: list[Any]
        if request["task"] == "results":
            answer = side.results(sentences)
        else:
            work = side.ready(request["task"], request.get("workers", 1))
            for _ in range(request.get("warm_up", 0)):
                work(sentences[:1])
            clock = time.process_time if request.get("processor") else time.perf_counter
            answer = seconds(work, sentences, each=request.get("each", False), clock=clock)
        print(json.dumps(answer), flush=True)
    side.close()


if __name__ == "__main__":
    main()
