"""Parquet, the tables that datasets are exchanged in; ``tagger.formats_extra.parquet`` does the work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from tagger.formats.annotated import AnnotatedText, Item
from tagger.formats.format import Format, Holds, ReadingContext, WritingContext
from tagger.formats.lines import Source


def _read(source: Source, context: ReadingContext) -> Iterator[Item]:
    from tagger.formats_extra.parquet import read_parquet

    return read_parquet(source, context)


def _save(texts: Iterable[AnnotatedText], path: Path, context: WritingContext) -> None:
    from tagger.formats_extra.parquet_writing import save_parquet

    save_parquet(texts, path, context)


PARQUET: Final = Format(
    name="parquet",
    title="Parquet",
    read=_read,
    recognises=lambda head: head.data.startswith(b"PAR1"),
    suffixes=(".parquet",),
    save=_save,
    holds=Holds(labels=True, overlaps=True, probabilities=True, documents=True),
)
