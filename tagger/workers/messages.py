"""The messages between a worker and its parent: JSON, one message per line. Nothing is pickled.

A worker first describes the model it has loaded, then answers one request after another:

    parent → worker  {"method": "tag", "argument": "viterbi", "sentences": [["EU", "rejects"], ...], "documents": null}
    worker → parent  {"result": [["B-ORG", "O"], ...]}

or, instead of a result, ``{"error": "ModelError", "message": ..., "traceback": ...}`` for an error of tagger's own and
``{"failure": ..., "traceback": ...}`` for any other, after which the worker ends.
"""

from __future__ import annotations

import json
from typing import Any

from tagger.prediction import Prediction
from tagger.spans import Span


def to_line(message: Any) -> bytes:
    r"""Return a message as a line.

    >>> to_line(["EU\n"])
    b'["EU\\n"]\n'
    """
    # Escaping non-ASCII characters would take longer, and would join adjacent lone surrogates into a pair.
    return json.dumps(message, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def from_line(line: bytes) -> Any:
    """Return the message of a line; floats are restored exactly."""
    return json.loads(line.decode("utf-8", "surrogatepass"))


def pack(prediction: Prediction) -> list[Any]:
    """Return a prediction as lists, without its tokens, which the parent has."""
    spans = [[span.start, span.end, span.label, span.probability] for span in prediction.spans]
    withheld = [[span.start, span.end, span.label, span.probability] for span in prediction.withheld]
    return [prediction.labels, spans, prediction.label_probabilities, prediction.log_probability, withheld]


def unpack(tokens: tuple[str, ...], packed: list[Any]) -> Prediction:
    """Return the prediction for a sentence from the lists of :func:`pack`."""
    labels, spans, probabilities, log_probability, withheld = packed
    return Prediction(
        tokens,
        tuple(labels),
        tuple(Span(*span) for span in spans),
        tuple(probabilities),
        log_probability,
        tuple(Span(*span) for span in withheld),
    )
