"""Choose the output format of ``tagger tag``: as specified, or by the output's name, or that of the input."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tagger.cli import inputs, outputs
from tagger.cli.streams import STANDARD
from tagger.conversion.targets import LINES, part_name
from tagger.errors import UsageError
from tagger.files.packing import without_packing
from tagger.formats import FORMATS, format_by_name

FOR_READERS: Final = ("html", "pipeline", "parquet")
"""Formats that ``tag`` can write for any input: predictions for readers or programs, not the annotated input."""

ANNOTATED: Final = tuple(
    format.name
    for format in FORMATS.values()
    if (format.write is not None or format.save is not None)
    and format.name not in (*outputs.KINDS, *FOR_READERS)
)
"""Writable formats of annotated data, except those for which ``tag`` has its own writers."""

_ENDINGS: Final = {"html": ".html", "pipeline": ".jsonl", "inline": ".txt"}
_SUFFIXES: Final = (".txt", ".text", ".json", ".xml", ".html")
_PAGES: Final = (".html", ".htm")


def is_annotated_output(source: str, output: str) -> bool:
    """Return whether the output is a format of annotated data, or only the texts of the input are read."""
    return output not in FOR_READERS and (inputs.is_annotated(source) or output not in outputs.KINDS)


def output_by_name(path: str, source: str) -> str:
    """Return the format determined by the ending of the output's name, or ``auto``.

    If several formats share the ending, that of the input is preferred.
    """
    name = None if path == STANDARD else format_by_name(path)
    if path.lower().endswith(_PAGES):
        return "html"
    if name == "jsonl" and source in LINES:
        return source
    if name is None and source == "parquet":
        return source
    return name if name in (*outputs.KINDS, *ANNOTATED, *FOR_READERS) else "auto"


def annotated_output(source: str, output: str) -> str:
    """Return the format to write: as specified, or that of the input if it is writable, or jsonl."""
    if output != "auto":
        return output
    is_written = FORMATS[source].write is not None or FORMATS[source].save is not None
    return source if is_written else "jsonl"


def usual_output(source: str, *, has_spans: bool) -> str:
    """Return the default output format for input that is written back."""
    if source in ("text", "tokens"):
        return "inline" if has_spans else "conll"
    return source


def output_kind(source: str, output: str) -> str:
    """Return the output format, ``auto`` if it depends on the model."""
    if output in FOR_READERS:
        return output
    if is_annotated_output(source, output):
        return annotated_output(source, output)
    return output if output != "auto" or source in ("text", "tokens") else source


def is_joined(kind: str) -> bool:
    """Return whether the outputs of several inputs can be concatenated piece by piece."""
    return kind in outputs.KINDS


def output_name(name: str, kind: str) -> str:
    """Return the name of the output of an input in a folder of outputs.

    >>> [output_name(name, "jsonl") for name in ("a/b.txt.gz", "b.v2", "c.ndjson")]
    ['a/b.jsonl', 'b.v2.jsonl', 'c.ndjson']

    Raises:
        UsageError: the format depends on the model, which is not loaded yet.
    """
    if kind == "auto":
        raise UsageError(
            "-o FOLDER: expected the format of the files in it, found text, which inline or conll output could be made "
            "of. Name one: --output inline, or another"
        )
    path = Path(without_packing(name))
    ending = _ENDINGS.get(kind) or part_name("", FORMATS[kind])
    found = format_by_name(path)
    if found == kind or path.suffix.lower() == ending:
        return str(path)
    is_known = found is not None or path.suffix.lower() in _SUFFIXES
    return str(path.with_suffix(ending) if is_known else path.with_name(path.name + ending))
