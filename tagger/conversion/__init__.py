"""Annotated files of any format turned into any other: read, changed, fitted to what the target holds, written.

Read in this order: ``inputs`` (a file that can be read again), ``labelling`` (what the labels of its tokens say),
``changes`` (types renamed, kept, dropped), ``fitting`` (what the target has no place for), ``near_copies`` and
``splitting`` (train, dev and test), ``targets`` (where it is written), then ``convert``, the way of a text through all
of it, and ``report``, what is told of it.
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
