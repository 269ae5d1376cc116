"""Known datasets: a table of published datasets on the Hub and how to read them, and its uses."""

from tagger.sources.known.checking import NameSource, compare_labels, difference, unexpected
from tagger.sources.known.entry import CONVERTED, Copy, KnownDataset, LabelColumn, Parts
from tagger.sources.known.resolving import Resolved, resolve
from tagger.sources.known.table import DATASETS, close_names, find, find_by_id

__all__ = [
    "CONVERTED",
    "DATASETS",
    "Copy",
    "KnownDataset",
    "LabelColumn",
    "NameSource",
    "Parts",
    "Resolved",
    "close_names",
    "compare_labels",
    "difference",
    "find",
    "find_by_id",
    "resolve",
    "unexpected",
]
