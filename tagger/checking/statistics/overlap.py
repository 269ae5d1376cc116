"""Overlap: words and entities of other parts that are also in train, which a tagger can know by heart.

The same distinctions as in ``tagger evaluate --train``, without a model: for whole parts, and for all occurrences at
once, so that a million tokens take a second.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from tagger.checking.corpus import Corpus
from tagger.checking.findings import Finding
from tagger.checking.numbered import NumberedCorpus
from tagger.checking.pairs import other_parts, training_parts
from tagger.checking.phrase_readings import are_among, occurrence_readings, reading_counts
from tagger.checking.phrases import find_phrases
from tagger.checking.statistics.labels import part_of_spans
from tagger.checking.wording import share
from tagger.evaluation.results import Column, ResultTable, Value
from tagger.metrics.counts import ratio
from tagger.metrics.label_arrays import BoolArray, IntArray

IDS: Final = ("unseen-words", "known-entities")
_MOST_UNSEEN: Final = 0.2
_MOST_KNOWN: Final = 0.7


def tables(corpus: Corpus) -> Iterator[ResultTable]:
    """Yield the tables of words and of entities, if there is train and another part."""
    if not training_parts(corpus):
        return
    yield _words(corpus)
    if len(corpus.numbered.spans):
        yield _entities(corpus)


def find(corpus: Corpus) -> Iterator[Finding]:
    """Yield a finding for each part with many words that train lacks, or many entities that train has."""
    if not training_parts(corpus):
        return
    numbered = corpus.numbered
    is_known = known_tokens(corpus, numbered.tokens)
    is_seen = seen_spans(corpus, numbered.tokens)[0]
    parts = part_of_spans(numbered)
    for part in other_parts(corpus):
        name = numbered.parts[part].name
        known = is_known[numbered.tokens_of(part)]
        unseen = int((~known).sum())
        if unseen > _MOST_UNSEEN * len(known):
            yield Finding(
                "unseen-words",
                f"{share(unseen, len(known))} of the tokens of {name} are words that train does not have",
                part=name,
                weight=unseen / len(known),
                details={"unseen": unseen, "tokens": len(known)},
            )
        seen = is_seen[parts == part]
        if len(seen) and seen.mean() > _MOST_KNOWN:
            yield Finding(
                "known-entities",
                f"{share(int(seen.sum()), len(seen))} of the spans of {name} are in train, with the same type: a "
                "score says little about new ones",
                part=name,
                weight=float(seen.mean()),
                details={"known": int(seen.sum()), "spans": len(seen)},
            )


def in_parts(numbered: NumberedCorpus, parts: list[int]) -> BoolArray:
    """Return whether each token belongs to one of the given parts, ``[N]``."""
    found = np.zeros(len(numbered.tokens), dtype=np.bool_)
    for part in parts:
        found[numbered.tokens_of(part)] = True
    return found


def known_tokens(corpus: Corpus, tokens: IntArray) -> BoolArray:
    """Return whether train has the word of each token, ``[N]``.

    Args:
        corpus: a corpus with train.
        tokens: the number of the word of each token; words that count as equal share a number.
    """
    is_train = in_parts(corpus.numbered, training_parts(corpus))
    is_known = np.zeros(int(tokens.max(initial=-1)) + 1, dtype=np.bool_)
    is_known[tokens[is_train]] = True
    return is_known[tokens]


def seen_spans(corpus: Corpus, tokens: IntArray) -> tuple[BoolArray, BoolArray, BoolArray]:
    """Return whether train has each span: with its type, as a span of any type, as words at all; ``[M]`` each.

    Args:
        corpus: a corpus with train.
        tokens: the number of the word of each token; words that count as equal share a number.
    """
    numbered = corpus.numbered
    within = in_parts(numbered, training_parts(corpus))
    phrases = find_phrases(numbered, tokens, np.arange(len(numbered.spans)), within)
    readings = occurrence_readings(numbered, phrases)
    counts = reading_counts(phrases.phrases, readings)
    is_type = counts.readings < len(numbered.types)
    with_type = are_among(phrases.phrase_of, numbered.spans.types, counts)
    as_span = np.isin(phrases.phrase_of, counts.phrases[is_type])
    return with_type, as_span, np.isin(phrases.phrase_of, phrases.phrases)


def folded_tokens(numbered: NumberedCorpus) -> IntArray:
    """Return the number of the word of each token, ignoring case, ``[N]``."""
    numbers: dict[str, int] = {}
    folded = [numbers.setdefault(word.casefold(), len(numbers)) for word in numbered.words]
    return np.array(folded, dtype=np.int64)[numbered.tokens]


def _words(corpus: Corpus) -> ResultTable:
    numbered = corpus.numbered
    known = [known_tokens(corpus, tokens) for tokens in (numbered.tokens, folded_tokens(numbered))]
    rows: list[tuple[Value, ...]] = []
    for part in other_parts(corpus):
        here = numbered.tokens_of(part)
        total = here.stop - here.start
        words, first = np.unique(numbered.tokens[here], return_index=True)
        new_words = int((~known[0][here][first]).sum())
        rows.append(
            (
                numbered.parts[part].name,
                total,
                *(ratio(int((~one[here]).sum()), total) for one in known),
                len(words),
                ratio(new_words, len(words)),
            )
        )
    columns = (
        *(Column("part", "text"), Column("tokens", "count"), Column("unseen"), Column("unseen_uncased")),
        *(Column("words", "count"), Column("unseen_words")),
    )
    notes = (
        "Unseen: share of the tokens whose word train does not have, case-sensitive or ignoring case; unseen words: "
        "share of the distinct words.",
    )
    return ResultTable("unseen_words", "Words that train does not have", columns, tuple(rows), notes)


def _entities(corpus: Corpus) -> ResultTable:
    numbered = corpus.numbered
    parts = part_of_spans(numbered)
    with_type, as_span, at_all = seen_spans(corpus, numbered.tokens)
    uncased = seen_spans(corpus, folded_tokens(numbered))[0]
    kinds = (with_type, as_span & ~with_type, at_all & ~as_span, ~at_all, uncased)
    known = np.concatenate(([0], np.cumsum(known_tokens(corpus, numbered.tokens))))
    lengths = numbered.spans.ends - numbered.spans.starts
    known_words = known[numbered.spans.ends] - known[numbered.spans.starts]
    rows: list[tuple[Value, ...]] = []
    for part in other_parts(corpus):
        here = parts == part
        counts = np.bincount(numbered.spans.types[here], minlength=len(numbered.types))
        groups = [("all", here)]
        for type_ in np.argsort(-counts, kind="stable").tolist():
            groups.append((numbered.types[type_], here & (numbered.spans.types == type_)))
        for name, chosen in groups:
            total = int(chosen.sum())
            if total:
                shares = [float(one[chosen].mean()) for one in kinds]
                of_words = int(known_words[chosen].sum()) / int(lengths[chosen].sum())
                rows.append((numbered.parts[part].name, name, total, *shares, of_words))
    columns = (
        *(Column("part", "text"), Column("type", "text"), Column("spans", "count")),
        *(Column(one) for one in ("with_this_type", "with_other_types", "as_no_span", "unseen")),
        *(Column("uncased"), Column("words_seen")),
    )
    notes = (
        "Share of the spans whose words train has in sequence: as a span of this type, only of other types, not as a "
        "span of their own, or not at all. Uncased: with this type, ignoring case. Words seen: share of the words of "
        "the spans.",
    )
    return ResultTable("entity_overlap", "Entities that train has", columns, tuple(rows), notes)
