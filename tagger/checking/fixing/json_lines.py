"""Repair of JSON Lines, value by value: strings in the lists of tokens and labels, and nothing else in a line."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from tagger.checking.fixing.changes import Change
from tagger.checking.fixing.columns import CannotRepair
from tagger.checking.fixing.labels import mended_labels
from tagger.checking.fixing.tokens import steps
from tagger.checking.labels.meaning import Meaning
from tagger.examples import Example
from tagger.schemes import shown

_DECODER: Final = json.JSONDecoder()
_BLANKS: Final = re.compile(r"[ \t\r\n]*")


def repair_json_lines(
    data: bytes, examples: Sequence[Example], name: str, meaning: Meaning, checks: Collection[str]
) -> tuple[bytes, list[Change]]:
    """Return the content of a JSON Lines file with tokens and labels repaired, and the changes.

    Args:
        data: the content, with its lines already repaired.
        examples: the sentences that were read from it.
        name: name of the file in messages.
        meaning: what its labels mean.
        checks: the ids of the checks whose findings may be repaired.

    Raises:
        CannotRepair: a line that needs repair does not hold lists of tokens and labels as strings.
    """
    changes: list[Change] = []
    lines = data.decode("utf-8").split("\n")
    for example in examples:
        where = example.origin or name
        number = int(where.rpartition(":")[2])
        tokens = _new_tokens(example, where, checks, changes)
        labels = _new_labels(example, meaning, where, checks, changes)
        line = lines[number - 1]
        if tokens:
            line = _with_items(line, example.tokens, tokens, where)
        if labels and example.labels is not None:
            line = _with_items(line, example.labels, labels, where)
        lines[number - 1] = line
    return "\n".join(lines).encode("utf-8"), changes


def _new_tokens(
    example: Example, where: str, checks: Collection[str], changes: list[Change]
) -> dict[int, str]:
    new: dict[int, str] = {}
    for index, token in enumerate(example.tokens):
        for check, after in steps(token, checks):
            changes.append(Change(check, where, shown(new.get(index, token)), shown(after)))
            new[index] = after
    return new


def _new_labels(
    example: Example, meaning: Meaning, where: str, checks: Collection[str], changes: list[Change]
) -> dict[int, str]:
    if not example.labels or "illegal-label" not in checks or example.from_spans:
        return {}
    mended = mended_labels(example.labels, meaning)
    if mended is None:
        raise CannotRepair(
            f"illegal-label: labels are written {meaning.notation.form}, which is not repaired"
        )
    new = {}
    for index, (before, after) in enumerate(zip(example.labels, mended, strict=True)):
        if before != after:
            changes.append(Change("illegal-label", where, shown(before), shown(after)))
            new[index] = after
    return new


def _with_items(line: str, items: Sequence[str], new: Mapping[int, str], where: str) -> str:
    """Return a line with strings replaced in the list that holds the given items, and everything else unchanged."""
    for start in _values(line):
        value, _ = _DECODER.raw_decode(line, start)
        if not isinstance(value, list) or len(value) != len(items):
            continue
        if any(
            not isinstance(one, str) or one.strip() != other.strip()
            for one, other in zip(value, items, strict=True)
        ):
            continue
        pieces: list[str] = []
        done = 0
        for index, (first, after) in enumerate(_elements(line, start)):
            if index in new:
                as_ascii = line[first:after].isascii() and "\\u" in line[first:after]
                pieces += (line[done:first], json.dumps(new[index], ensure_ascii=as_ascii))
                done = after
        return "".join([*pieces, line[done:]])
    raise CannotRepair(f"{where}: expected a list of strings, found none with these tokens or labels")


def _values(line: str) -> Iterator[int]:
    """Yield the start of each value of an object."""
    place = _after_blanks(line, line.index("{") + 1)
    while line[place] != "}":
        _, place = _DECODER.raw_decode(line, place)
        place = _after_blanks(line, _after_blanks(line, place) + 1)  # the colon
        yield place
        _, place = _DECODER.raw_decode(line, place)
        place = _after_blanks(line, place)
        if line[place] == ",":
            place = _after_blanks(line, place + 1)


def _elements(line: str, start: int) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each value of a list."""
    place = _after_blanks(line, start + 1)
    while line[place] != "]":
        _, after = _DECODER.raw_decode(line, place)
        yield place, after
        place = _after_blanks(line, after)
        if line[place] == ",":
            place = _after_blanks(line, place + 1)


def _after_blanks(line: str, place: int) -> int:
    match = _BLANKS.match(line, place)
    assert match, "an empty match always succeeds"
    return match.end()
