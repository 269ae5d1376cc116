"""Convert annotated files of any format to any other: read, change types, fit to the target format, write.

Read in this order: ``inputs`` (a file that can be read again), ``labelling`` (scheme and notation of its labels),
``changes`` (types renamed, kept, dropped), ``fitting`` (what the target cannot represent), ``near_copies`` and
``splitting`` (train, dev and test), ``targets`` (outputs), then ``convert``, the path of a text through all of it, and
``report``.
"""

from __future__ import annotations

from tagger.conversion.changes import TypeChanges
from tagger.conversion.convert import ConversionOptions, convert
from tagger.conversion.report import Counts, InputReport, Report
from tagger.conversion.splitting import parse_shares

__all__ = [
    "ConversionOptions",
    "Counts",
    "InputReport",
    "Report",
    "TypeChanges",
    "convert",
    "parse_shares",
]
