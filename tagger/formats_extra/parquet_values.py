"""Values of Parquet columns in Python, one by one where one of them has no form there."""

from __future__ import annotations

from typing import Any

from tagger.errors import FormatError
from tagger.formats_extra.arrow_lists import to_python


class Unreadable(FormatError):
    """In place of a value that a file has and Python cannot hold; says what was expected, and what is found."""


def read_values(column: Any, words: dict[str, str]) -> list[Any]:
    """Return the values of a column of a few rows, an :class:`Unreadable` in place of one that cannot be read.

    Args:
        column: an array of pyarrow.
        words: as in :func:`tagger.formats_extra.arrow_lists.to_python`.
    """
    try:
        return to_python(column, words)
    except (ValueError, OverflowError):
        return [_value(value) for value in column]


def _value(value: Any) -> Any:
    try:
        return value.as_py()
    except UnicodeDecodeError as error:
        return Unreadable(f"text in UTF-8, found byte 0x{error.object[error.start]:02x}")
    except (ValueError, OverflowError) as error:
        return Unreadable(f"values that can be read, found one that cannot ({error})")
