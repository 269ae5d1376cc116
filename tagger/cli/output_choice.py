"""Which format ``tagger tag`` writes: the one that is said, or that the output's name tells, or that of the input."""

from __future__ import annotations

from typing import Final

from tagger.cli import inputs, outputs
from tagger.cli.streams import STANDARD
from tagger.conversion.targets import LINES
from tagger.formats import FORMATS, format_by_name

FOR_READERS: Final = ("html", "pipeline", "parquet")
"""What ``tag`` writes of any input, for people or other programs to read: answers, and not the input with answers."""

ANNOTATED: Final = tuple(
    format.name
    for format in FORMATS.values()
    if (format.write is not None or format.save is not None)
    and format.name not in (*outputs.KINDS, *FOR_READERS)
)
"""The formats of annotated data that are written, without those that ``tag`` writes in a way of its own."""

_PAGES: Final = (".html", ".htm")


def is_annotated_output(source: str, output: str) -> bool:
    """Return whether the output is a format of annotated data, or the input one whose texts alone are read."""
    return output not in FOR_READERS and (inputs.is_annotated(source) or output not in outputs.KINDS)


def output_by_name(path: str, source: str) -> str:
    """Return the name of the format that the end of the output's name tells, or ``auto``.

    What comes from a tool whose files end alike goes back in its format.
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
    """Return the name of the format to write: that of the input, if nothing else is said and it is written."""
    if output != "auto":
        return output
    is_written = FORMATS[source].write is not None or FORMATS[source].save is not None
    return source if is_written else "jsonl"


def usual_output(source: str, *, has_spans: bool) -> str:
    """Return the name of the format to write for input that is written back, if nothing else is said."""
    if source in ("text", "tokens"):
        return "inline" if has_spans else "conll"
    return source
