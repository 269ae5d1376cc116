"""Labels that continue for too long, or are missing for too long."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp
from typing import Final

from tagger.checking.corpus import Corpus, Part
from tagger.checking.findings import MOST_PLACES, Finding
from tagger.schemes import shown
from tagger.text.printable import printable

IDS: Final = (
    *("monstrous-span", "one-label-sentence", "unlabelled-sentence"),
    *("unannotated-document", "unannotated-stretch"),
)

_LONG_SPAN: Final = 20
_TIMES: Final = 4
"""A span is too long if it has more than 20 tokens, and more than 4 times as many as 99 % of the others."""
_WHOLE: Final = 8
"""In tokens: a shorter sentence may well be a single span, or have a single label."""
_EXPECTED_SPANS: Final = 15
"""A document without a span is odd if at least this many are expected from its length."""
_FEW_DOCUMENTS: Final = 5
_NEARLY_ALL: Final = 0.95
_EXPECTED_SENTENCES: Final = 40
"""Sentences in a row without a span are odd if at least this many of them are expected to have one."""


def find(corpus: Corpus) -> Iterator[Finding]:
    """Yield a finding for each of these spans, sentences and documents."""
    for part in corpus.parts:
        yield from _unlabelled(part)
        if part.scheme is None:
            continue
        yield from _whole_sentences(part)
        if part.scheme.has_spans:
            yield from _long_spans(part)
            if any(example.document is not None for example in part.examples):
                yield from _empty_documents(part)
            else:
                yield from _empty_stretches(part)


def _unlabelled(part: Part) -> Iterator[Finding]:
    missing = [number for number, example in enumerate(part.examples) if example.labels is None]
    if missing and len(missing) < len(part.examples):
        yield Finding(
            "unlabelled-sentence",
            f"{len(missing):,} of {len(part.examples):,} sentences have no labels",
            tuple(part.place(number) for number in missing[:MOST_PLACES]),
            part.name,
            count=len(missing),
        )


def _whole_sentences(part: Part) -> Iterator[Finding]:
    assert part.scheme is not None, "known"
    for number, labels in enumerate(part.labels):
        if len(labels) < _WHOLE:
            continue
        if part.scheme.has_spans:
            if labels[0] == "O" or labels[-1] == "O":
                continue
            span = part.spans[number][0]
            is_whole, label = span.end - span.start == len(labels), span.label
        else:
            is_whole, label = labels.count(labels[0]) == len(labels), labels[0]
        if is_whole:
            what = f"a single {label}" if part.scheme.has_spans else f"labelled {shown(label)} throughout"
            text = " ".join(part.examples[number].tokens[:_WHOLE])
            yield Finding(
                "one-label-sentence",
                printable(f"all {len(labels)} tokens of the sentence are {what}: {shown(text)}"),
                (part.place(number),),
                part.name,
                weight=len(labels),
                details={"label": label, "tokens": len(labels)},
            )


def _long_spans(part: Part) -> Iterator[Finding]:
    lengths = sorted(span.end - span.start for spans in part.spans for span in spans)
    if not lengths or lengths[-1] <= _LONG_SPAN:
        return
    usual = lengths[int(0.99 * (len(lengths) - 1))]
    for number, spans in enumerate(part.spans):
        for span in spans:
            length = span.end - span.start
            if length > max(_LONG_SPAN, _TIMES * usual):
                text = " ".join(part.examples[number].tokens[span.start : span.end][:_WHOLE])
                yield Finding(
                    "monstrous-span",
                    printable(
                        f"a {span.label} of {length} tokens, where 99 % of spans have {usual} at most: {shown(text)}"
                    ),
                    (part.place(number, span.start),),
                    part.name,
                    weight=length,
                    details={"type": span.label, "tokens": length},
                )


def _empty_documents(part: Part) -> Iterator[Finding]:
    """Yield documents without a span if nearly all long enough documents have some."""
    tokens: dict[str, int] = {}
    spans: dict[str, int] = {}
    first: dict[str, int] = {}
    for number, example in enumerate(part.examples):
        if example.document is not None:
            first.setdefault(example.document, number)
            tokens[example.document] = tokens.get(example.document, 0) + len(example.tokens)
            spans[example.document] = spans.get(example.document, 0) + len(part.spans[number])
    rate = sum(spans.values()) / max(1, sum(tokens.values()))
    long = [document for document in tokens if rate * tokens[document] >= _EXPECTED_SPANS]
    empty = [document for document in long if not spans[document]]
    if len(long) < _FEW_DOCUMENTS or len(empty) > (1 - _NEARLY_ALL) * len(long) + 1:
        return
    for document in empty:
        expected = rate * tokens[document]
        yield Finding(
            "unannotated-document",
            printable(
                f"the document {shown(document)} of {tokens[document]:,} tokens has no span, where "
                f"{len(long) - len(empty):,} of {len(long):,} as long have some and about {expected:.0f} are expected"
            ),
            (part.place(first[document]),),
            part.name,
            weight=tokens[document],
            details={"document": document, "tokens": tokens[document], "expected_spans": expected},
        )


def _empty_stretches(part: Part) -> Iterator[Finding]:
    """Yield runs of sentences without a span that are far longer than expected."""
    has_spans = [bool(spans) for spans in part.spans]
    share = sum(has_spans) / max(1, len(has_spans))
    start = 0
    for number, has in enumerate([*has_spans, True]):
        if not has:
            continue
        if share * (number - start) >= _EXPECTED_SENTENCES:
            yield Finding(
                "unannotated-stretch",
                f"{number - start:,} sentences in a row without a span, though {100 * share:.0f} % of the sentences of "
                f"this part have one (by chance once in {exp(min(700.0, share * (number - start))):.0e} places)",
                (part.place(start), part.place(number - 1)),
                part.name,
                weight=number - start,
                details={"sentences": number - start, "share": share},
            )
        start = number + 1
