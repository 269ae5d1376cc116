"""Reader of UIMA CAS, as written by INCEpTION, WebAnno and DKPro: XMI with its type system, or JSON (dkpro-cassis).

Folders are read recursively, and zip archives as exported. Labels are the values of one feature of one annotation type:
``NamedEntity.value``, the only one, or the one asked for. Tokens and sentences are those of DKPro. Offsets count UTF-16
units.

Annotations without a label are unfinished; they are counted and left out. A CAS cannot be marked as finished: one
without annotations other than tokens is taken as not annotated, counted and left out. Relations, chains and other
layers are counted and not read.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from tagger.errors import FormatError, UsageError
from tagger.formats.annotated import AnnotatedText, CharacterSpan, Range
from tagger.formats.annotators import Annotators, Names
from tagger.formats.claims import Claim, ClaimChecker
from tagger.formats.format import ReadingContext
from tagger.formats.lines import Source
from tagger.formats.losses import Losses
from tagger.formats.offsets import OffsetMap
from tagger.formats_extra.cas_files import CasFile, find_files
from tagger.formats_extra.cas_layers import (
    ANNOTATION,
    SENTENCE,
    TOKEN,
    Layer,
    choose_layer,
    is_link,
    short,
)
from tagger.formats_extra.cas_loading import CasLoader, LoadedCas
from tagger.options import argument

_BEFORE: Final = "INITIAL_CAS"
"""INCEpTION's annotator name for a document before annotation."""


def read_cas(source: Source, context: ReadingContext) -> Iterator[AnnotatedText]:
    """Yield the text of each document.

    Args:
        source: the path of a file, a folder or an archive.
        context: the options and losses.

    Raises:
        DataError: a file is unreadable.
        FormatError: something is wrong, and bad data are not skipped.
        UsageError: the source is a stream, or several layers could be meant.
    """
    if not isinstance(source, (str, os.PathLike)):
        raise UsageError("UIMA CAS is read from a file, a folder or an archive; expected its path")
    files = find_files(Path(source), context.name)
    documents: dict[str, list[CasFile]] = {}
    for number, file in enumerate(files):
        # Where annotators are known, files of one document are its versions; otherwise each is a document.
        key = f"{number}" if file.annotator is None else f"/{file.document}"
        documents.setdefault(key, []).append(file)
    annotators: list[tuple[str, ...]] = [
        (file.annotator,) for file in files if file.annotator not in (None, _BEFORE)
    ]
    reader = _Reader(context, annotators)
    for versions in documents.values():
        yield from reader.read(versions)
    reader.check()


class _Reader:
    """Reads documents, all with labels of the same layer.

    Args:
        context: the reading context of all files.
        annotators: the names of all annotators.
    """

    def __init__(self, context: ReadingContext, annotators: Sequence[Names]) -> None:
        self._context = context
        self._losses = context.losses
        self._loader = CasLoader()
        self._annotators = Annotators(context, annotators)
        self._checker = ClaimChecker(
            context.name, context.options.offsets or "utf16", "utf16", context.losses
        )
        self._unit = context.options.offsets or "utf16"
        self._layer: Layer | None = None
        self._first = ""

    def check(self) -> None:
        """Check that the chosen annotator exists."""
        self._annotators.check()

    def read(self, files: list[CasFile]) -> Iterator[AnnotatedText]:
        """Yield a document, if it is annotated or annotations are not read."""
        if not self._context.labelled:
            for file in files[:1]:
                if (cas := self._load(file)) is not None:
                    yield self._text(file, cas, None)
            return
        found: list[tuple[tuple[str, ...], AnnotatedText]] = []
        for file in files:
            names = () if file.annotator is None else (file.annotator,)
            if file.annotator == _BEFORE:
                self._losses.add("documents as they were before annotation, left out", file.name)
                continue
            if not self._annotators.counts(names, file.name):
                continue
            cas = self._load(file)
            if cas is None:
                continue
            layer = self._choose(cas, file.name)
            if layer is None:
                self._losses.add("documents in which nothing is annotated, left out", file.name)
                continue
            found.append((names, self._text(file, cas, self._spans(cas, layer, file.name))))
        if found and self._annotators.agree(
            [(names, text.spans or ()) for names, text in found], found[0][1].origin or ""
        ):
            yield found[0][1]

    def _load(self, file: CasFile) -> LoadedCas | None:
        try:
            return self._loader.load(file)
        except FormatError as error:
            self._losses.bad("documents that cannot be read", str(error))
            return None

    def _choose(self, cas: LoadedCas, name: str) -> Layer | None:
        asked = self._context.options.label_column
        layer = choose_layer(cas, None if asked is None else str(asked), name)
        if layer is not None and self._layer is None:
            self._layer, self._first = layer, name
        elif layer is not None and layer != self._layer:
            assert self._layer is not None
            raise UsageError(
                f"{name}: expected labels of one layer in all files, found {layer.name} after {self._layer.name} in "
                f"{self._first}. Choose one: {argument('data.label_column', '.'.join(layer).rstrip('.'))}"
            )
        return layer

    def _text(self, file: CasFile, cas: LoadedCas, spans: tuple[CharacterSpan, ...] | None) -> AnnotatedText:
        tokens, starts = self._tokens(cas, file.name)
        return AnnotatedText(cas.text, spans, tokens, starts, document=file.document, origin=file.name)

    def _spans(self, cas: LoadedCas, layer: Layer, name: str) -> tuple[CharacterSpan, ...]:
        claims = []
        chosen = cas.view.select(layer.type)
        for annotation in chosen:
            value: Any = annotation[layer.feature] if layer.feature else layer.short_type
            where = f"{name}: annotation {annotation.xmiID}"
            if value is None or not str(value).strip():
                self._losses.add(f"annotations without a value of {layer.name}, left out", where)
                continue
            begin, end = cas.offsets.get(annotation.xmiID, (0, 0))
            if type(begin) is int and begin == end:
                self._losses.add("annotations of no characters, left out", f"{where}: {value}")
                continue
            claims.append(Claim([(begin, end)], str(value), where=where))
        _count_others(cas, {annotation.xmiID for annotation in chosen}, name, self._losses)
        return self._checker.spans(cas.text, claims, name)

    def _tokens(self, cas: LoadedCas, name: str) -> tuple[tuple[Range, ...] | None, tuple[int, ...] | None]:
        """Return the token ranges and the indices of tokens that begin a sentence; None where unknown."""
        try:
            tokens = self._ranges(cas, TOKEN, name)
            sentences = self._ranges(cas, SENTENCE, name)
        except FormatError as error:
            self._losses.bad(
                "tokens and sentences of documents, as they are no ranges of the text", str(error)
            )
            return None, None
        if not tokens:
            return None, None
        if not sentences:
            return tuple(tokens), None
        starts = [0]
        number = 0
        for begin, _ in sentences:
            while number < len(tokens) and tokens[number][0] < begin:
                number += 1
            if number < len(tokens) and number != starts[-1]:
                starts.append(number)
        return tuple(tokens), tuple(starts)

    def _ranges(self, cas: LoadedCas, type: str, name: str) -> list[Range]:
        if not cas.types.contains_type(type):
            return []
        offsets = OffsetMap(cas.text, self._unit)
        found: list[Range] = []
        for annotation in cas.view.select(type):
            begin, end = cas.offsets.get(annotation.xmiID, (0, 0))
            first = offsets.to_code_points(begin) if isinstance(begin, int) else None
            after = offsets.to_code_points(end) if isinstance(end, int) else None
            if first is None or after is None or first > after:
                raise FormatError(
                    f"{name}: annotation {annotation.xmiID}: expected 0 <= begin <= end <= "
                    f"{offsets.from_code_points(len(cas.text))} for the {short(type)}, found {begin}-{end}"
                )
            if first < after:
                found.append((first, after))
        found.sort()
        for (_, end), (begin, _) in pairwise(found):
            if begin < end:
                raise FormatError(
                    f"{name}: expected a {short(type)} after the one before, found one that begins at {begin}, before "
                    f"that one's end, {end}, in code points"
                )
        return found


def _count_others(cas: LoadedCas, chosen: set[int], name: str, losses: Losses) -> None:
    """Count the annotations that are not read, by type."""
    counts = Counter(
        annotation.type.name
        for annotation in cas.view.select(ANNOTATION)
        if annotation.xmiID not in chosen
        and annotation.type.name not in (TOKEN, SENTENCE)
        and not annotation.type.name.endswith((".DocumentAnnotation", ".DocumentMetaData"))
    )
    for type, count in sorted(counts.items()):
        kind = "relations and chains" if is_link(cas, type) else "annotations"
        losses.add(f"{kind} of the layer {short(type)}, not read", name, times=count)
