"""Lookahead: the read-ahead buffer; sentences from a caller, checked, as many as are read to be computed together."""

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
"""The number of what each sentence is computed with; see :class:`Lookahead`."""

NBEST_LOOKAHEAD: Final = 256
"""Sentences of a lookahead where each gives several results, which take the memory."""
BATCH_TOKENS: Final = 4096
"""Tokens that are computed at once, where nobody has said so."""
CACHE_MEGABYTES: Final = 64
"""Memory for what is kept of words from call to call, where nobody has said so."""
BATCHES_PER_LOOKAHEAD: Final = 32
"""Enough for most batches to hold sentences of one length."""
SHARED_BATCHES: Final = 8
"""Batches of a lookahead where processes share them: the last to finish holds the others up by one of them at most."""
_CHARACTERS_OF_A_TOKEN: Final = 128
_END: Final = object()
_STRING: Final = {str}


@dataclass(frozen=True, slots=True)
class Lookahead:
    """Sentences that are computed together; no part of a document lies in two lookaheads.

    Attributes:
        sentences: tokens of each sentence.
        parts: number of the part of a document that each sentence belongs to; None for one that belongs to none.
        is_apart: whether to compute it from empty caches, so that not a bit of what is computed depends on what was
            computed before: a matrix product gives a row other last bits among other rows.
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
    """Yield the sentences in lookaheads of several batches, enough for those of similar length to be computed together.

    Args:
        sentences: tokens of each sentence; any number of sentences.
        documents: document of each sentence; none has one if left out.
        batch_tokens: tokens that are computed at once.
        document_tokens: tokens of a part of a document at most; 0 where documents are of no concern.
        batches: of a lookahead.
        units: unit of each sentence, if no lookahead is to hold sentences of two, and each is to be computed apart.

    Raises:
        TypeError: for what looks like sentences or documents but is not.
        DataError: for more or fewer documents than sentences, and for a document that comes again after another one.
    """
    # Each sentence counts one token extra, and so do some hundred characters: a stream of empty ones or of monstrous
    # words is bounded too.
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
    """Yield the sentences in lookaheads of ``size``, for what takes memory by the sentence.

    Args:
        sentences: as in :func:`lookaheads_by_tokens`.
        documents: likewise.
        size: sentences of a lookahead, but for the rest of a part.
        document_tokens: as in :func:`lookaheads_by_tokens`.
        units: likewise.

    Raises:
        TypeError: as in :func:`lookaheads_by_tokens`.
        DataError: likewise.
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
    """Yield lookaheads of at least ``size`` by weight, but for the last one, and the last one of a unit."""
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
        # What belongs to no document need not wait for the next sentence.
        if weight >= size and part is None:
            yield lookahead
            lookahead, weight = Lookahead(is_apart=is_apart), 0
    if lookahead.sentences:
        yield lookahead


def _parts(
    sentences: Iterable[Sentence], documents: Documents | None, document_tokens: int
) -> Iterator[tuple[tuple[str, ...], int | None]]:
    """Yield the tokens of every sentence and the number of its part."""
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
    """Yield the sentences as tuples, which nobody can change before they are computed."""
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
