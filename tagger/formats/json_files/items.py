r"""Iteration over the objects of a JSON file: one per line (JSON Lines), a list of them, or a single one.

Annotation tools export the same objects either way. Lines are read in constant memory, a list as a whole, of at most
2^30 characters.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, Final

from tagger.errors import FormatError
from tagger.formats.columns.records import excerpt
from tagger.formats.json_files.objects import as_object, decode, describe, is_cut_off
from tagger.formats.lines import Source, join_lines, read_lines, source_name
from tagger.formats.losses import Losses

_OPENING: Final = ("[", "{")
_NOTHING: Final = object()

LONGEST_LINE: Final = 2**30
"""In bytes: tools write the list of a whole project as one line."""

SPLITTING: Final = (
    "Write JSON Lines, an object a line, which are read one by one; or split it into several files."
)
"""Advice for a list that is too long."""


def read_json_items(
    source: Source, losses: Losses, *, name: str | None = None
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each object after its place in messages: ``file:line``, or ``file: item 3`` within a list.

    Args:
        source: a path or an open stream; an empty one yields nothing.
        losses: refuses or counts unreadable objects.
        name: what messages call the source.

    Raises:
        DataError: the source cannot be read.
        FormatError: it is not JSON, or an item is not an object, and bad data are not skipped.
    """
    name = source_name(source, name)
    lines = enumerate(read_lines(source, name=name, longest=LONGEST_LINE), start=1)
    first = next(((number, line) for number, line in lines if line.strip()), None)
    if first is None:
        return
    number, line = first
    if not line.lstrip().startswith(_OPENING):
        raise FormatError(
            f"{name}:{number}: expected JSON, an object or a list of them, found {excerpt(line.strip())}"
        )
    if line.lstrip().startswith("{") and not _goes_on(line):
        for number, line in chain([first], lines):
            if line.strip():
                yield from _checked(_decoded(line, f"{name}:{number}", losses), f"{name}:{number}", losses)
        return
    # A whole file of JSON, which cannot be parsed incrementally.
    text = join_lines(chain([line], (line for _, line in lines)), name, SPLITTING)
    value = decode(text, f"{name}:{number}")
    if isinstance(value, dict):
        yield name, value
    else:
        yield from list_items(value, name, losses)


def list_items(items: Iterable[Any], name: str, losses: Losses) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the objects of a list, each after its place, ``file: item 3``.

    Args:
        items: the items of the list.
        name: what messages call the file.
        losses: refuses or counts items that are not objects.

    Raises:
        FormatError: an item is not an object, and bad data are not skipped.
    """
    for place, item in enumerate(items, start=1):
        value = as_object(item)
        yield from _checked(item if value is None else value, f"{name}: item {place}", losses)


def _goes_on(line: str) -> bool:
    """Return whether a first line begins an object that does not end in it."""
    try:
        json.JSONDecoder().raw_decode(line.strip())
    except json.JSONDecodeError as error:
        return is_cut_off(error)
    except (ValueError, RecursionError):
        pass
    return False


def _decoded(line: str, where: str, losses: Losses) -> Any:
    try:
        return decode(line, where)
    except FormatError as error:
        losses.bad("lines that are not JSON", str(error))
        return _NOTHING


def _checked(value: Any, where: str, losses: Losses) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict):
        yield where, value
    elif value is not _NOTHING:
        losses.bad("items that are not objects", f"{where}: expected an object, found {describe(value)}")
