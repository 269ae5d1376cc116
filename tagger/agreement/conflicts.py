"""Sentences on which annotators differ, as tasks for an annotation tool; and majority labels, as annotations."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from tagger.agreement.majority import majority
from tagger.agreement.shared import SharedCorpus, SharedSentence, spans_of
from tagger.formats import CharacterSpan
from tagger.formats.annotated import Range
from tagger.formats.tasks import Reading, Task, character_spans
from tagger.formats.texts.inline import join_tokens
from tagger.spans import Span

AGREED = "agreed"
MAJORITY = "majority"


def conflict_tasks(corpus: SharedCorpus, *, as_spans: bool) -> Iterator[Task]:
    """Yield the sentences on which annotators differ, in order.

    The labels on which all who have the sentence agree are its annotation, and those of each annotator are a further
    reading. The fields give the number of spans, or labels, in conflict, and the annotators who do not have it.

    Args:
        corpus: the annotations.
        as_spans: whether to show plain labels as spans of one token each, so that the annotation can consist of the
            agreed ones. Otherwise, since each token needs a label, the first annotator's labels are the annotation.
    """
    agreed_name = _unlike(AGREED, corpus.names)
    for sentence in corpus.sentences:
        if not sentence.has_conflict:
            continue
        readings = [
            (name, labels)
            for name, labels in zip(corpus.names, sentence.labels, strict=True)
            if labels is not None
        ]
        missing = [name for name, labels in zip(corpus.names, sentence.labels, strict=True) if labels is None]
        text, tokens = _text(sentence)
        if corpus.has_spans or as_spans:
            spans = [set(spans_of(labels, corpus.scheme)) for _, labels in readings]
            agreed = set.intersection(*spans)
            differing = set.union(*spans) - agreed
            apart = len(differing if corpus.has_spans else {span.start for span in differing})
            shown = [
                Reading(name=agreed_name, spans=_placed(tokens, agreed), is_annotation=True),
                *(
                    Reading(name=name, spans=_placed(tokens, one))
                    for (name, _), one in zip(readings, spans, strict=True)
                ),
            ]
        else:
            apart = sum(len(set(labels)) > 1 for labels in zip(*(row for _, row in readings), strict=True))
            shown = [
                Reading(name=name, labels=labels, is_annotation=number == 0)
                for number, (name, labels) in enumerate(readings)
            ]
        yield Task(
            text=text,
            tokens=tokens,
            readings=tuple(shown),
            fields={"conflicts": apart, **({"missing": ", ".join(missing)} if missing else {})},
            document=sentence.document_id,
            origin=sentence.origin,
        )


def majority_tasks(corpus: SharedCorpus) -> Iterator[Task]:
    """Yield the labels by majority of those who have each sentence, in the order of the sentences.

    Spans without a majority are left out, and so are sentences with a token whose plain label has no majority.

    Args:
        corpus: the annotations.
    """
    for sentence in corpus.sentences:
        voted = majority([labels for labels in sentence.labels if labels is not None], corpus.scheme)
        labels = tuple(label for label in voted if label is not None)
        if len(labels) < len(voted):
            continue
        text, tokens = _text(sentence)
        spans = _placed(tokens, spans_of(labels, corpus.scheme)) if corpus.has_spans else None
        reading = Reading(
            name=MAJORITY,
            spans=spans,
            labels=None if corpus.has_spans else labels,
            is_annotation=True,
        )
        yield Task(
            text=text,
            tokens=tokens,
            readings=(reading,),
            document=sentence.document_id,
            origin=sentence.origin,
        )


def num_without_majority(corpus: SharedCorpus) -> int:
    """Return the number of marked spans without a majority; for plain labels, of sentences left out."""
    if not corpus.has_spans:
        return len(corpus.sentences) - sum(1 for _ in majority_tasks(corpus))
    count = 0
    for sentence in corpus.sentences:
        rows = [labels for labels in sentence.labels if labels is not None]
        marked = {span for labels in rows for span in spans_of(labels, corpus.scheme)}
        voted = [label or "O" for label in majority(rows, corpus.scheme)]
        count += len(marked) - len(spans_of(voted, corpus.scheme))
    return count


def _placed(tokens: Sequence[Range], spans: Collection[Span]) -> tuple[CharacterSpan, ...]:
    return character_spans(tokens, sorted(spans, key=lambda span: span.start))


def _text(sentence: SharedSentence) -> tuple[str, tuple[Range, ...]]:
    """Return the text of a sentence and the ranges of its tokens; just the words joined if some ranges overlap."""
    ranges = sentence.ranges
    if all(before[1] <= after[0] for before, after in pairwise(ranges)):
        return sentence.text, ranges
    text, joined = join_tokens(sentence.tokens)
    return text, tuple(joined)


def _unlike(name: str, others: Collection[str]) -> str:
    """Return a name, with underscores appended until it differs from all others."""
    while name in others:
        name += "_"
    return name
