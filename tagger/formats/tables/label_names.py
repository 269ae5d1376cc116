"""Names of integer labels: a list in order, a mapping, or a JSON file of either."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from tagger.errors import DataError, FormatError, UsageError
from tagger.options import argument

LabelNames: TypeAlias = str | Sequence[str] | Mapping[str, int]
"""``["O", "B-PER"]``, ``{"O": 0, "B-PER": 1}``, or the path of a JSON file that holds either or ``{"0": "O", ...}``."""

_INTEGER: Final = re.compile(r"\d{1,18}")
_EXAMPLE: Final = ["O", "B-PER", "I-PER"]
"""The example in messages."""


def parse_label_names(text: str) -> list[str] | dict[str, int] | str:
    """Parse label names given as one text: ``O,B-PER,...``, JSON, or the path of a JSON file.

    >>> parse_label_names("O,B-PER"), parse_label_names('{"O": 0}'), parse_label_names("label.json")
    (['O', 'B-PER'], {'O': 0}, 'label.json')

    Args:
        text: as typed. With commas it is a path if there is such a file, or if it ends in ``.json``.

    Raises:
        UsageError: it begins like JSON but is not.
    """
    if text.lstrip().startswith(("[", "{")):
        try:
            names: list[str] | dict[str, int] = json.loads(text)
            return names
        except ValueError as error:
            raise UsageError(f"expected names, or JSON, found {text!r}: {error}") from None
    # Unlike Path.is_file, this accepts a list of names too long for a file name.
    is_path = "," not in text or text.endswith(".json") or os.path.isfile(text)  # noqa: PTH113
    return text if is_path else [name.strip() for name in text.split(",")]


def name_integers(names: Any, where: str = "label_names") -> dict[int, str]:
    """Return the name of each integer.

    >>> name_integers(["O", "B-PER"]), name_integers({"O": 0, "B-PER": 1}), name_integers({"0": "O"})
    ({0: 'O', 1: 'B-PER'}, {0: 'O', 1: 'B-PER'}, {0: 'O'})

    Args:
        names: a list of names, or a mapping in either direction, such as label2id or id2label in JSON.
        where: what messages call them.

    Raises:
        UsageError: they are something else, or a name or integer is repeated.
    """
    pairs: list[tuple[Any, Any]] = []
    if isinstance(names, Mapping):
        pairs = list(names.items())
        if all(isinstance(value, str) and _INTEGER.fullmatch(str(key)) for key, value in pairs):
            pairs = [(value, int(key)) for key, value in pairs]
    elif isinstance(names, Sequence):
        pairs = [(label, integer) for integer, label in enumerate(names)]
    well_formed = all(isinstance(label, str) and type(integer) is int for label, integer in pairs)
    by_integer = {integer: label for label, integer in pairs} if well_formed else {}
    if not pairs or len(by_integer) < len(pairs) or len(set(by_integer.values())) < len(pairs):
        raise UsageError(
            f"{where}: expected different names, ['O', 'B-PER', ...] or {{'O': 0, ...}}, found {names!r}"
        )
    return by_integer


def read_label_names(given: LabelNames | None) -> dict[int, str] | None:
    """Return the name of each integer from the value of an option; None if it is not given.

    Raises:
        DataError: the file is unreadable or not JSON.
        UsageError: as from :func:`name_integers`.
    """
    if given is None:
        return None
    if not isinstance(given, str):
        return name_integers(given)
    where = argument("data.label_names", given)
    try:
        names = json.loads(Path(given).read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"{where}: {given} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise DataError(f"{where}: {given} is not a JSON file: {error}") from None
    return name_integers(names, where)


def span_label(label: object, names: Mapping[int, str] | None, where: str) -> object:
    """Return the label of a span, replaced by its name if it is an integer; other values are checked later.

    Args:
        label: the label as in the file.
        names: as in :func:`named`.
        where: as in :func:`named`.

    Raises:
        FormatError: as from :func:`named`.
    """
    return named([label], names, where)[0] if type(label) is int else label


def named(values: Sequence[int], names: Mapping[int, str] | None, where: str) -> tuple[str, ...]:
    """Return the names of integers.

    Args:
        values: the labels of a sentence.
        names: the name of each integer; None if unknown.
        where: ``file:line`` and the column, for messages.

    Raises:
        FormatError: one has no name; lists the names, or explains how to give them.
    """
    if names is None:
        raise FormatError(
            f"{where}: expected labels, found integers. Give their names in the order of the integers, as in "
            f"{argument('data.label_names', _EXAMPLE)}, or a JSON file of them"
        )
    for place, value in enumerate(values):
        if value not in names:
            known = ", ".join(f"{integer}: {name}" for integer, name in sorted(names.items()))
            raise FormatError(
                f"{where}: expected integers that have a name ({known}), found {value} at place {place}. Give all "
                f"names with {argument('data.label_names')}"
            )
    return tuple([names[value].strip() for value in values])
