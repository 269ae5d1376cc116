"""An error of a worker is the same error in its parent."""

import inspect

import pytest

from tagger import errors
from tagger.errors import DataError, MissingExtraError, TaggerError
from tagger.workers.messages import from_line, to_line
from tagger.workers.process import _error
from tagger.workers.program import _raised

KINDS = [
    kind
    for kind in vars(errors).values()
    if inspect.isclass(kind) and issubclass(kind, TaggerError) and kind is not MissingExtraError
]


class Unknown(DataError):
    """Has a constructor of its own, and is known to the worker alone."""

    def __init__(self, first, second):
        super().__init__(f"{first} and {second}")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        *((kind("a message"), kind) for kind in KINDS),
        (MissingExtraError("seqeval", "The report"), MissingExtraError),
        (Unknown(1, 2), DataError),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_an_error_comes_back_as_what_it_was(error, kind):
    reply = from_line(to_line(_raised(error)))
    back = _error(reply["error"], reply["message"])
    assert type(back) is kind
    assert (str(back), back.args) == (str(error), error.args)
    assert getattr(back, "msg", None) == getattr(error, "msg", None)


def test_a_reply_says_where_an_error_arose():
    def faulty():
        raise MissingExtraError("seqeval", "The report")

    with pytest.raises(MissingExtraError) as caught:
        faulty()
    reply = _raised(caught.value)
    assert reply["error"] == "MissingExtraError"
    assert reply["traceback"].startswith("Traceback (most recent call last):\n")
    assert "in faulty\n" in reply["traceback"]
    assert reply["traceback"].endswith(f": {caught.value}")
