"""Reading the sentences of spaCy's Docs, and writing a model's answers into them.

White space that spaCy keeps as a separate token is left out of the sentences, since models do not know it. Within an
entity it is part of the entity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

import numpy as np

from tagger.errors import MissingExtraError
from tagger.formats.annotated import AnnotatedText
from tagger.formats.sentences import cut
from tagger.formats.tools.spacy_words import WHITE_SPACE_TAG
from tagger.prediction import Answer
from tagger.text import Segmenter

try:
    from spacy.attrs import ORTH, SENT_START
    from spacy.tokens import Span, SpanGroup
except ModuleNotFoundError:
    raise MissingExtraError("spacy", "The component of spaCy") from None

_OF_WHITE_SPACE: Final = {"tag": WHITE_SPACE_TAG, "pos": "SPACE"}
_BEGINS: Final = 3
"""spaCy's ``ent_iob`` of a token that begins an entity; without a type, the token is blocked: never an entity."""
_MOST_WORDS: Final = 200_000
"""Number of cached word texts above which the cache is cleared before the next Doc."""


class Words(NamedTuple):
    """A sentence of a Doc.

    Attributes:
        places: the index of each token in the Doc.
        tokens: their texts.
    """

    places: Sequence[int]
    tokens: Sequence[str]


class WordTexts(dict[int, str]):
    """The texts of words by spaCy's number, each looked up once; empty for white space.

    A number is a hash of the text, so it means the same in every vocabulary's string store.
    """

    strings: Any = None
    """The string store of the current Doc."""

    def of(self, doc: Any, numbers: Iterable[int]) -> list[str]:
        """Return the texts of words of a Doc."""
        self.strings = doc.vocab.strings
        if len(self) > _MOST_WORDS:  # a stream may have any number of words
            self.clear()
        return [self[number] for number in numbers]

    def __missing__(self, number: int) -> str:
        text = str(self.strings[number])
        self[number] = text = "" if text.isspace() else text
        return text


def sentences_of(doc: Any, texts: WordTexts, segmenter: Callable[[], Segmenter]) -> list[Words]:
    """Return the sentences of a Doc: its own, or if it has none, those that a segmenter finds in its text.

    Tokens are those of the Doc. A sentence that the segmenter finds begins at the first token that begins at or after
    the sentence's start.

    Args:
        doc: the Doc.
        texts: cached texts of words seen before.
        segmenter: returns the segmenter, if it is needed.
    """
    # One call for all tokens, since querying each of them takes longer.
    numbers, begins = doc.to_array([ORTH, SENT_START]).T.tolist() if len(doc) else ((), ())
    tokens = texts.of(doc, numbers)
    words = [place for place, text in enumerate(tokens) if text]
    if not words:
        return []
    groups: Iterable[Sequence[int]]
    if "sents" in doc.user_hooks:
        groups = _grouped(words, [sentence.end for sentence in doc.sents])
    elif len(doc) == 1 or any(begins[1:]):
        ends = [place for place, begin in enumerate(begins) if begin == 1 and place]
        groups = _grouped(words, [*ends, len(doc)]) if ends else [words]
    else:
        starts = [doc[place].idx for place in words]
        ranges = tuple(
            [(start, start + len(tokens[place])) for start, place in zip(starts, words, strict=True)]
        )
        remaining = iter(words)
        sentences = cut(AnnotatedText(doc.text, tokens=ranges), segmenter())
        groups = ([*islice(remaining, len(sentence))] for sentence in sentences)
    return [Words(group, [tokens[place] for place in group]) for group in groups if group]


def set_entities(doc: Any, found: Iterable[Any], *, overwrite: bool) -> None:
    """Set Spans as entities of a Doc, in addition to or instead of its existing ones.

    Of two overlapping entities, one is kept whole and the other is dropped. Tokens that are blocked in spaCy, where no
    entity may be set, are treated like an existing entity. All other tokens are set to outside (O), none is missing.

    Args:
        doc: the Doc.
        found: labelled Spans that do not overlap.
        overwrite: whether they take precedence over the Doc's existing entities.
    """
    found = list(found)
    if not doc.has_annotation("ENT_IOB"):
        doc.set_ents(found)
        return
    blocked = [token.i for token in doc if token.ent_iob == _BEGINS and not token.ent_type]
    others = list(doc.ents)
    if overwrite:
        taken = _places(found)
        _forget(doc[place] for span in [*found, *(other for other in others if _meets(other, taken))]
                for place in range(span.start, span.end))  # fmt: skip
        kept = [*found, *(other for other in others if not _meets(other, taken))]
    else:
        taken = _places(others) | set(blocked)
        kept = [*others, *(span for span in found if not _meets(span, taken))]
    taken = _places(kept)
    doc.set_ents(kept, blocked=[doc[place : place + 1] for place in blocked if place not in taken])


def set_labels(
    doc: Any, sentences: Sequence[Words], answers: Sequence[Answer], *, attribute: str, overwrite: bool
) -> None:
    """Set the labels of a Doc's tokens; white space gets spaCy's own label.

    Args:
        doc: the Doc.
        sentences: its sentences.
        answers: the answer for each sentence.
        attribute: ``pos`` or ``tag``.
        overwrite: whether to replace existing labels.
    """
    labels: list[str] = [_OF_WHITE_SPACE[attribute]] * len(doc)
    for words, answer in zip(sentences, answers, strict=True):
        for place, label in zip(words.places, answer.labels, strict=True):
            labels[place] = label
    for token, label in zip(doc, labels, strict=True):
        if overwrite or not getattr(token, attribute):
            setattr(token, f"{attribute}_", label)


def spans_of(doc: Any, sentences: Sequence[Words], answers: Sequence[Answer]) -> list[Any]:
    """Return the spans in the answers as Spans of the Doc, in order."""
    return [
        Span(doc, words.places[span.start], words.places[span.end - 1] + 1, label=span.label)
        for words, answer in zip(sentences, answers, strict=True)
        for span in answer.spans
    ]


def set_group(doc: Any, key: str, spans: Sequence[Any], answers: Sequence[Answer]) -> None:
    """Store Spans as a span group of the Doc, with probabilities as ``attrs["scores"]``, as spaCy's components do.

    Probabilities set on Spans would apply to a range of characters, whatever its label. An existing group of this name
    is replaced.
    """
    scores = np.array([span.probability for answer in answers for span in answer.spans], dtype=np.float64)
    doc.spans[key] = SpanGroup(doc, name=key, attrs={"scores": scores}, spans=spans)


def _grouped(words: Sequence[int], ends: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield the words between each end and the previous one."""
    first = 0
    for end in ends:
        after = first
        while after < len(words) and words[after] < end:
            after += 1
        yield words[first:after]
        first = after


def _places(spans: Iterable[Any]) -> set[int]:
    return {place for span in spans for place in range(span.start, span.end)}


def _meets(span: Any, taken: set[int]) -> bool:
    return any(place in taken for place in range(span.start, span.end))


def _forget(tokens: Iterable[Any]) -> None:
    """Remove the entity links of tokens: ``set_ents`` would pass them on to the next entity."""
    for token in tokens:
        token.ent_id = token.ent_kb_id = 0
