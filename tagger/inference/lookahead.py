"""Lookahead: the read-ahead buffer of checked input sentences that are computed together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from numbers import Integral
from types import NoneType
from typing import Final, TypeAlias

from tagger.documents import DocumentId, PartNumbers, SeenDocuments
from tagger.errors import DataError

Sentence: TypeAlias = Sequence[str]
Documents: TypeAlias = Iterable[DocumentId]
"""The document of each sentence."""
Units: TypeAlias = Iterable[int]
"""The unit of each sentence; sentences of different units are never computed together."""

NBEST_LOOKAHEAD: Final = 256
"""Sentences of a lookahead for n-best lists, whose results take most of the memory."""
BATCH_TOKENS: Final = 4096
"""Default number of tokens computed at once."""
CACHE_MEGABYTES: Final = 64
"""Default memory for the caches of words."""
BATCHES_PER_LOOKAHEAD: Final = 32
"""Enough for most batches to hold sentences of one length."""
SHARED_BATCHES: Final = 8
"""Batches of a lookahead when processes share the work; small, so that they finish at about the same time."""
_CHARACTERS_OF_A_TOKEN: Final = 128
_END: Final = object()
_STRING: Final = {str}


@dataclass(frozen=True, slots=True)
class Lookahead:
    """Sentences that are computed together; no part of a document lies in two lookaheads.

    Attributes:
        sentences: tokens of each sentence.
        parts: number of the document part that each sentence belongs to; None for sentences without a document.
        is_apart: whether to start from empty caches, so that results are bit-identical whatever was computed before:
            the last bits of a row of a matrix product depend on the other rows.
    """

    sentences: list[tuple[str, ...]] = field(default_factory=list)
    parts: list[int | None] = field(default_factory=list)
    is_apart: bool = False


def lookaheads_by_tokens(
    sentences: Iterable[Sentence],
    documents: Documents | None = None,
    *,
    batch_tokens: int,
    document_tokens: int = 0,
    batches: int = BATCHES_PER_LOOKAHEAD,
    units: Units | None = None,
) -> Iterator[Lookahead]:
    """Yield lookaheads of several batches, so that sentences of similar length can be computed together.

    Args:
        sentences: tokens of each sentence; any number of sentences.
        documents: document of each sentence; no documents if left out.
        batch_tokens: tokens computed at once.
        document_tokens: maximum tokens of a document part; 0 to ignore documents.
        batches: batches per lookahead.
        units: unit of each sentence, to compute the sentences of each unit separately, in lookaheads of their own.

    Raises:
        TypeError: if sentences or documents are of the wrong type.
        DataError: if the numbers of documents and sentences differ, or a document recurs after another one.
    """
    # Each sentence counts as one extra token, and so do every 128 characters, so that a stream of empty sentences or of
    # huge words is bounded too.
    return _lookaheads(
        _parts(sentences, documents, document_tokens),
        units,
        size=batch_tokens * batches,
        weigh=lambda tokens: len(tokens) + 1 + sum(map(len, tokens)) // _CHARACTERS_OF_A_TOKEN,
    )


def lookaheads_by_sentences(
    sentences: Iterable[Sentence],
    documents: Documents | None = None,
    *,
    size: int,
    document_tokens: int = 0,
    units: Units | None = None,
) -> Iterator[Lookahead]:
    """Yield lookaheads of ``size`` sentences, for results that take memory per sentence.

    Args:
        sentences: as in :func:`lookaheads_by_tokens`.
        documents: as in :func:`lookaheads_by_tokens`.
        size: sentences per lookahead; more if needed to complete a document part.
        document_tokens: as in :func:`lookaheads_by_tokens`.
        units: as in :func:`lookaheads_by_tokens`.

    Raises:
        TypeError: as in :func:`lookaheads_by_tokens`.
        DataError: as in :func:`lookaheads_by_tokens`.
    """
    return _lookaheads(
        _parts(sentences, documents, document_tokens), units, size=size, weigh=lambda tokens: 1
    )


def _lookaheads(
    sentences: Iterable[tuple[tuple[str, ...], int | None]],
    units: Units | None,
    *,
    size: int,
    weigh: Callable[[tuple[str, ...]], int],
) -> Iterator[Lookahead]:
    """Yield lookaheads with a weight of at least ``size``, except the last one overall and of each unit."""
    is_apart = units is not None
    lookahead, weight, last_unit = Lookahead(is_apart=is_apart), 0, None
    paired = zip(sentences, repeat(0)) if units is None else zip(sentences, units, strict=True)
    for (tokens, part), unit in paired:
        is_full = weight >= size and part != lookahead.parts[-1]
        if lookahead.sentences and (is_full or unit != last_unit):
            yield lookahead
            lookahead, weight = Lookahead(is_apart=is_apart), 0
        lookahead.sentences.append(tokens)
        lookahead.parts.append(part)
        last_unit = unit
        weight += weigh(tokens)
        # A sentence without a document need not wait for the next one.
        if weight >= size and part is None:
            yield lookahead
            lookahead, weight = Lookahead(is_apart=is_apart), 0
    if lookahead.sentences:
        yield lookahead


def _parts(
    sentences: Iterable[Sentence], documents: Documents | None, document_tokens: int
) -> Iterator[tuple[tuple[str, ...], int | None]]:
    """Yield the tokens of every sentence and the number of its document part."""
    seen, numbers = SeenDocuments(), PartNumbers(document_tokens)
    for i, (tokens, document) in enumerate(_paired(_checked(sentences), documents)):
        if not document_tokens:
            document = None
        elif isinstance(document, bool) or not isinstance(document, (str, Integral, NoneType)):
            raise TypeError(
                f"expected the document of sentence {i} as a string, a whole number or None, found {document!r}"
            )
        elif seen.comes_again(document):
            raise DataError(
                f"documents: {document!r} comes again at sentence {i}, after another one; expected the sentences of a "
                f"document side by side. Bring them together, or give documents that come again another id."
            )
        yield tokens, numbers.of_next(document, len(tokens))


def _paired(
    sentences: Iterator[tuple[str, ...]], documents: Documents | None
) -> Iterator[tuple[tuple[str, ...], DocumentId]]:
    """Yield every sentence with its document."""
    if isinstance(documents, str):
        raise TypeError(f"expected a document for each sentence, found one string: {documents[:40]!r}")
    if not isinstance(documents, Iterable | None):
        raise TypeError(
            f"expected documents as a list with an id or None for each sentence, found {documents!r}"
        )
    remaining: Iterator[object] = repeat(None) if documents is None else iter(documents)
    count = 0
    for count, tokens in enumerate(sentences, start=1):
        document = next(remaining, _END)
        if document is _END:
            raise DataError(
                f"expected as many documents as sentences, found {count - 1} documents and more sentences"
            )
        yield tokens, document  # type: ignore[misc]
    if documents is not None and next(remaining, _END) is not _END:
        raise DataError(
            f"expected as many documents as sentences, found {count} sentences and more documents"
        )


def _checked(sentences: Iterable[Sentence]) -> Iterator[tuple[str, ...]]:
    """Yield the checked sentences as tuples, which callers cannot change before they are computed."""
    if isinstance(sentences, str):
        raise TypeError(
            "expected sentences as lists of tokens, found one string; extract(text) reads raw text"
        )
    if not isinstance(sentences, Iterable):
        raise TypeError(f"expected sentences as lists of tokens, found {sentences!r}")
    for i, sentence in enumerate(sentences):
        if isinstance(sentence, str):
            raise TypeError(f"expected sentence {i} as a list of tokens, found the string {sentence[:40]!r}")
        if not isinstance(sentence, Iterable):
            raise TypeError(f"expected sentence {i} as a list of tokens, found {sentence!r}")
        tokens = tuple(sentence)
        if set(map(type, tokens)) - _STRING:  # seldom: types that extend str, or an error
            for token in tokens:
                if not isinstance(token, str):
                    raise TypeError(f"expected tokens of sentence {i} to be strings, found {token!r}")
        yield tokens
