"""The table of known datasets, with look-up by short name or repository id."""

from __future__ import annotations

import difflib
import re
from typing import Final

from tagger.sources.known.biomedical import BIOMEDICAL
from tagger.sources.known.english import ENGLISH
from tagger.sources.known.entry import KnownDataset, Parts
from tagger.sources.known.languages import LANGUAGES

DATASETS: Final[tuple[KnownDataset, ...]] = (*ENGLISH, *LANGUAGES, *BIOMEDICAL)


def find(name: str) -> KnownDataset | None:
    """Return the dataset with a short name, ignoring case and ``-``, ``_``, spaces and dots.

    >>> find("CoNLL-2003").request.dataset, find("wnut_17").name, find("eriktks/conll2003")
    ('eriktks/conll2003', 'wnut17', None)
    """
    return _BY_NAME.get(_folded(name))


def find_by_id(hub_id: str) -> KnownDataset | None:
    """Return the dataset of a repository on the Hub, which may be a copy."""
    return _BY_ID.get(hub_id.casefold())


def close_names(name: str) -> list[str]:
    """Return short names similar to a misspelt one, closest first.

    >>> close_names("wikiaan"), close_names("imdb")
    (['wikiann'], [])
    """
    close = difflib.get_close_matches(_folded(name), _BY_NAME, n=3, cutoff=0.75)
    return list(dict.fromkeys(_BY_NAME[folded].name for folded in close))


def close_parts(parts: Parts, name: str) -> list[str]:
    """Return names of parts similar to a misspelt one, closest first."""
    by_name = {part.casefold(): part for part in (*parts.names, *parts.configurations.values())}
    return [by_name[close] for close in difflib.get_close_matches(name.casefold(), by_name, n=3)]


def _folded(name: str) -> str:
    return re.sub(r"[-_ .]", "", name.casefold())


_BY_NAME: Final = {_folded(name): dataset for dataset in DATASETS for name in dataset.names}
_BY_ID: Final = {
    request.dataset.casefold(): dataset
    for dataset in DATASETS
    for request in (*(copy.request for copy in dataset.copies), dataset.request)
}
