"""What goes over the pipes comes back as it was."""

from dataclasses import replace

import pytest

from tagger import Prediction, Span
from tagger.workers.messages import from_line, pack, to_line, unpack


@pytest.mark.parametrize(
    "word",
    ["", "a b", "\n\r", "\0", "😀", "\ud800", "\ud83d\ude00", "\u2028", "\x85", "\ufeff", '"\\', "e\u0301"],
)
def test_every_string_comes_back(word):
    line = to_line([[word]])
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert from_line(line) == [[word]]


def test_predictions_come_back_bit_by_bit():
    third = 1 / 3
    prediction = Prediction(
        ("Anna", "Smith"),
        ("B-PER", "I-PER"),
        (Span(0, 2, "PER", third),),
        (0.1 + 0.2, 5e-324),
        -1e300 * third,
    )
    assert unpack(prediction.tokens, from_line(to_line(pack(prediction)))) == prediction
    withheld = replace(prediction, spans=(), withheld=prediction.spans)
    assert unpack(withheld.tokens, from_line(to_line(pack(withheld)))) == withheld
    certain = Prediction(("x",), ("NOUN",), (), (1.0,), float("-inf"))
    assert unpack(("x",), from_line(to_line(pack(certain)))) == certain
