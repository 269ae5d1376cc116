"""The HTML page of an agreement: facts, figures, and the sentences on which annotators differ, reading by reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from tagger.agreement.shared import SharedCorpus, SharedSentence, spans_of
from tagger.evaluation.page.figures import figure
from tagger.evaluation.results import ResultTable
from tagger.report import (
    Cell,
    Figure,
    Mark,
    Markup,
    Section,
    element,
    html_page,
    marked_text,
    shortened,
    table,
)
from tagger.spans import Span

_MOST_BYTES: Final = 1_500_000
"""Maximum size of all conflicts on the page, in UTF-8."""
_LONGEST: Final = 200
_CONTEXT: Final = 12

_HOW_TO_READ: Final = (
    "Coloured: labels on which those who have the sentence differ; none is taken to be right. Bold: the words from the "
    "first to the last on which they differ.",
)


def agreement_page(
    title: str, facts: Mapping[str, str], tables: Sequence[ResultTable], corpus: SharedCorpus
) -> str:
    """Return the page, in HTML, to be written as UTF-8.

    Args:
        title: title of the page.
        facts: facts about the comparison; each line of a value gets a row.
        tables: all tables, in order.
        corpus: the annotations; its conflicts are shown from the first on, as many as there is room for.
    """
    rows = [
        [Cell("" if number else name, is_head=True), Cell(shortened(line, _LONGEST), "list")]
        for name, value in facts.items()
        for number, line in enumerate(value.split("\n"))
    ]
    sections = [Section("figures", "Figures", [figure(one) for one in tables if one.rows])]
    conflicts = [sentence for sentence in corpus.sentences if sentence.has_conflict]
    if conflicts:
        shown = list(_within(_MOST_BYTES, (_conflict(one, corpus) for one in conflicts)))
        left = len(conflicts) - len(shown)
        notes = (
            [f"The first {len(shown):,} of {len(conflicts):,}; --conflicts writes all of them."]
            if left
            else []
        )
        sections.append(Section("conflicts", "Conflicts", [Figure("", shown, _HOW_TO_READ)], notes))
    introduction = [
        table([], rows, caption="What was compared"),
        element("p", "Shares in tables are in percent.", class_="faint"),
    ]
    return html_page(shortened(title, _LONGEST), introduction, sections)


def _within(most: int, pieces: Iterator[Markup]) -> Iterator[Markup]:
    for piece in pieces:
        most -= len(piece.encode())
        if most < 0:
            return
        yield piece


def _conflict(sentence: SharedSentence, corpus: SharedCorpus) -> Markup:
    """Return the readings of a sentence by each annotator."""
    rows = {
        name: set(spans_of(labels, corpus.scheme))
        for name, labels in zip(corpus.names, sentence.labels, strict=True)
        if labels is not None
    }
    agreed = set.intersection(*rows.values())
    apart = set.union(*rows.values()) - agreed
    chosen = min(span.start for span in apart), max(span.end for span in apart)
    # Every token has a plain label, so only those that differ are shown.
    kept = agreed | apart if corpus.has_spans else apart
    shown = [
        [
            Cell(shortened(name, 40), is_head=True),
            Cell(
                marked_text(sentence.tokens, _marks(spans & kept, agreed), chosen=chosen, context=_CONTEXT),
                "list",
            ),
        ]
        for name, spans in rows.items()
    ]
    place = shortened(sentence.origin or "", _LONGEST)
    return element("section", element("p", place, class_="faint"), table([], shown, caption="Readings"))


def _marks(spans: set[Span], agreed: set[Span]) -> list[Mark]:
    return [
        Mark(0, span.start, span.end, span.label, None if span in agreed else "wrong")
        for span in sorted(spans, key=lambda span: span.start)
    ]
