"""JSON files as tables: one object per line, or a list of objects, with values unchanged."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tagger.errors import FormatError
from tagger.formats.columns.records import excerpt
from tagger.formats.lines import read_lines
from tagger.sources.values_table import ValuesTable


def read_json_table(path: Path, name: str) -> ValuesTable:
    """Read the objects of a JSON file as a table; missing keys are null.

    Args:
        path: the file.
        name: what messages call it.

    Raises:
        DataError: the file cannot be read.
        FormatError: it holds something other than objects.
    """
    rows = list(_objects(path, name))
    if not rows:
        raise FormatError(f"{name}: expected rows, found none")
    columns = dict.fromkeys(key for row in rows for key in row)
    return ValuesTable(name, {column: [row.get(column) for row in rows] for column in columns})


def _objects(path: Path, name: str) -> Iterator[Mapping[str, Any]]:
    lines = enumerate(read_lines(path, name=name), start=1)
    rows = ((number, line) for number, line in lines if line.strip())
    for number, line in rows:
        if line.lstrip().startswith("["):
            text = line + "".join(rest for _, rest in rows)
            values = _value(text, f"{name}:{number}")
            if not isinstance(values, list):
                raise FormatError(f"{name}: expected a list of objects, found {excerpt(text.strip())}")
            for position, value in enumerate(values):
                yield _object(value, f"{name}: item {position}")
        else:
            yield _object(_value(line, f"{name}:{number}"), f"{name}:{number}")


def _object(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise FormatError(f"{where}: expected a JSON object, found {excerpt(json.dumps(value))}")
    return value


def _value(text: str, where: str) -> Any:
    try:
        value = json.loads(text, object_pairs_hook=_without_duplicates)
        if "\\u" in text:  # JSON can spell half a surrogate pair, UTF-8 cannot
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise FormatError(
            f"{where}: expected a JSON object on a line, or a file that is a list of objects, "
            f"found {excerpt(text.strip())}: {error}"
        ) from None
    return value


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)!r} comes twice")
    return fields
