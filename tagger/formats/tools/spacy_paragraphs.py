"""Reader of paragraphs in spaCy 2's JSON training format: words with BILUO labels, with or without the text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any, Final

from tagger.errors import FormatError
from tagger.examples import Example
from tagger.formats.annotated import AnnotatedText, CharacterSpan, Item, Range
from tagger.formats.columns.records import excerpt
from tagger.formats.format import ReadingContext
from tagger.formats.json_files.objects import describe
from tagger.schemes import LabelScheme, convert_labels, labels_to_spans, violations

_ENTITIES: Final = "ner"
_MISSING: Final = (None, "", "-")
"""The values of missing labels."""


def read_paragraph(
    paragraph: Any, context: ReadingContext, where: str, document: str | None
) -> Iterator[Item]:
    """Yield the text of a paragraph, or its sentences if it has no text; nothing if labels are missing.

    Args:
        paragraph: the object.
        context: how to read it; the option ``label_column`` names the key of the labels.
        where: its place.
        document: the id of its document.

    Raises:
        FormatError: it is malformed.
    """
    sentences = _sentences(paragraph, where)
    words = [word for sentence in sentences for word in sentence]
    key = str(context.options.label_column or _ENTITIES)
    key = _ENTITIES if key == "ents" else key
    labels: list[Any] = [word.get(key) for word in words]
    if context.labelled and words and any(label in _MISSING for label in labels):
        is_whole = all(label in _MISSING for label in labels)
        kind = (
            "paragraphs that nobody annotated"
            if is_whole
            else "paragraphs with words whose labels are missing"
        )
        context.losses.add(f"{kind}, left out", where)
        return
    if context.labelled:
        _check(labels, key, where)
        for other in ("cats", "links"):
            if paragraph.get(other):
                context.losses.add(f"{other} of paragraphs, not read", where)
    scheme = _scheme(labels, where) if context.labelled and key == _ENTITIES else None
    raw = paragraph.get("raw")
    if raw is None:
        yield from _without_text(sentences, labels if context.labelled else None, scheme, where, document)
        return
    if not isinstance(raw, str):
        raise FormatError(f"{where}: expected a string under 'raw', found {describe(raw)}")
    ranges = _find(words, raw, where)
    kept = [place for place, word in enumerate(words) if word["orth"].strip()]
    spans: tuple[CharacterSpan, ...] | None = None
    if scheme is not None:
        spans = tuple(
            CharacterSpan(ranges[span.start][0], ranges[span.end - 1][1], span.label)
            for span in labels_to_spans(labels, scheme)
        )
    firsts = accumulate(map(len, sentences[:-1]), initial=0)
    starts = sorted({bisect_left(kept, first) for first in firsts} - {len(kept)})
    yield AnnotatedText(
        raw,
        spans,
        tuple(ranges[place] for place in kept),
        tuple(starts),
        tuple(labels[place].strip() for place in kept) if context.labelled and scheme is None else None,
        document=document,
        origin=where,
    )


def _without_text(
    sentences: Sequence[Sequence[Mapping[str, Any]]],
    labels: list[Any] | None,
    scheme: LabelScheme | None,
    where: str,
    document: str | None,
) -> Iterator[Example]:
    """Yield sentences of tokens, with entities in IOB2, like those of texts."""
    first = 0
    for sentence in sentences:
        kept = [place for place, word in enumerate(sentence) if word["orth"].strip()]
        own = None if labels is None else labels[first : first + len(sentence)]
        first += len(sentence)
        if own is not None and scheme is not None:
            own = convert_labels(own, scheme, LabelScheme.IOB2)
        if kept:
            tokens = tuple(sentence[place]["orth"] for place in kept)
            yield Example(
                tokens, None if own is None else tuple(own[place] for place in kept), document, where
            )


def _sentences(paragraph: Any, where: str) -> list[list[Mapping[str, Any]]]:
    sentences = paragraph.get("sentences") if isinstance(paragraph, dict) else None
    if not isinstance(sentences, list):
        raise FormatError(f"{where}: expected a list under 'sentences', found {describe(paragraph)}")
    found = []
    for sentence in sentences:
        words = sentence.get("tokens") if isinstance(sentence, dict) else None
        if not isinstance(words, list) or not all(
            isinstance(word, dict) and isinstance(word.get("orth"), str) and word["orth"] for word in words
        ):
            raise FormatError(
                f"{where}: expected sentences with tokens that have 'orth', found {describe(sentence)}"
            )
        found.append(words)
    return found


def _check(labels: Sequence[Any], key: str, where: str) -> None:
    for place, label in enumerate(labels):
        if not isinstance(label, str) or not label.strip():
            raise FormatError(
                f"{where}: expected a string under {key!r} of token {place + 1}, found {describe(label)}"
            )


def _scheme(labels: Sequence[str], where: str) -> LabelScheme:
    """Return the scheme of entities: BILUO, or IOB2 if only that fits, which spaCy also accepts."""
    broken = violations(labels, LabelScheme.BILOU)
    if broken and not violations(labels, LabelScheme.IOB2):
        return LabelScheme.IOB2
    if broken:
        raise FormatError(f"{where}: {broken[0].message}")
    return LabelScheme.BILOU


def _find(words: Sequence[Mapping[str, Any]], raw: str, where: str) -> list[Range]:
    """Return the range of each word in the text, with only white space between words."""
    ranges: list[Range] = []
    last = 0
    for number, word in enumerate(words, start=1):
        orth = word["orth"]
        start = raw.find(orth, last)
        if start < 0 or raw[last:start].strip():
            raise FormatError(
                f"{where}: expected token {number}, {excerpt(orth)}, in the text after character {last}, found "
                f"{excerpt(raw[last : last + len(orth) + 20])}"
            )
        last = start + len(orth)
        ranges.append((start, last))
    return ranges
