"""Values of Parquet columns in Python, converted one by one if some cannot be represented."""

from __future__ import annotations

from typing import Any

from tagger.errors import FormatError
from tagger.formats_extra.arrow_lists import to_python


class Unreadable(FormatError):
    """Placeholder for a value that Python cannot represent, with what was expected and found."""


def read_values(column: Any, words: dict[str, str]) -> list[Any]:
    """Return the values of a column, with an :class:`Unreadable` in place of each unreadable one.

    Args:
        column: a pyarrow array.
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
