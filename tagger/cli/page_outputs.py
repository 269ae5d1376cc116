"""Render tagged texts as one HTML page, piece by piece: entities coloured by type, shaded by probability."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from tagger.cli.annotated_outputs import Answered, answered_text
from tagger.cli.input_files import by_file
from tagger.formats import AnnotatedText, TextRecord
from tagger.report import (
    PAGE_END,
    SHADES,
    MarkedEntity,
    Markup,
    element,
    entity_rules,
    entity_text,
    page_head,
    shortened,
)

_TITLE: Final = "Tagged text"
_LABEL: Final = 40

# The counts are known only at the end, but shown first.
_RULES: Final = """
.tagged { display: flex; flex-direction: column }
.tagged > .legend { order: 1 }
.tagged > section { order: 2; min-width: 0 }
.tagged h2 { overflow-wrap: anywhere }
.tagged p.said { margin: .6rem 0 0 }
.entity-text + .entity-text { margin-top: .5rem }
.counts { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; list-style: none; padding: 0; line-height: 1.9;
  overflow-wrap: anywhere }
"""


def page_pieces(
    answered: Iterable[Answered],
    *,
    labels: Sequence[str],
    has_spans: bool,
    has_probabilities: bool,
    inputs: Sequence[str],
) -> Iterator[str]:
    """Yield the pieces of a page, in constant memory: a section for each input file, and a legend with counts.

    Args:
        answered: the records, each with one answer for each of its sentences.
        labels: all types of spans, or labels of tokens, in a fixed order that determines their colours.
        has_spans: whether labels encode spans; if not, every word is marked with its label.
        has_probabilities: whether there are probabilities.
        inputs: the paths of the inputs.
    """
    yield page_head(_TITLE, rules=entity_rules(labels) + _RULES)
    yield '\n<body><main class="tagged">'
    yield element("h1", _TITLE)
    yield element("p", _introduction(has_spans=has_spans, has_probabilities=has_probabilities))
    total: Counter[str] = Counter()
    for name, group in by_file(answered, inputs):
        yield "\n<section>" + element("h2", name) + "\n"
        found: Counter[str] = Counter()
        yield from _texts(group, found, labels, has_spans=has_spans)
        yield element("p", _said(found, labels, has_spans=has_spans), class_="said faint")
        yield "</section>\n"
        total.update(found)
    yield _legend(total, labels, has_probabilities=has_probabilities)
    yield f"</main></body>{PAGE_END}"


def _texts(
    group: Iterable[Answered], found: Counter[str], labels: Sequence[str], *, has_spans: bool
) -> Iterator[str]:
    """Yield the texts of a file, running text as one, and count the marked entities."""
    is_open = False
    for record, answers in group:
        text = answered_text(record, answers, has_spans=has_spans)
        entities = _entities(text)
        found.update(entity.label for entity in entities)
        markup = entity_text(text.text, entities, types=labels)
        if not isinstance(record, TextRecord):
            if text.text:
                yield _block(markup) + "\n"
            continue
        if not is_open:
            is_open = True
            yield '<div class="entity-text" dir="auto" lang="">'
        yield markup
    if is_open:
        yield "</div>\n"


def _block(markup: Markup) -> Markup:
    return element("div", markup, class_="entity-text", dir="auto", lang="")


def _entities(text: AnnotatedText) -> list[MarkedEntity]:
    """Return the spans of a text, or its tokens with their labels."""
    if text.labels is None:
        return [MarkedEntity(span.start, span.end, span.label, span.probability) for span in text.spans or ()]
    probabilities = text.probabilities or [None] * len(text.labels)
    return [
        MarkedEntity(start, end, label, probability)
        for (start, end), label, probability in zip(
            text.tokens or (), text.labels, probabilities, strict=True
        )
    ]


def _introduction(*, has_spans: bool, has_probabilities: bool) -> str:
    what = "Entities" if has_spans else "Words"
    said = f"{what} have the colour of the label that the model predicts."
    if has_probabilities:
        said += " The stronger the colour, the more probable; hover over one for its probability."
    return said


def _said(found: Counter[str], labels: Sequence[str], *, has_spans: bool) -> str:
    what = ("entity", "entities") if has_spans else ("word", "words")
    counts = ", ".join(f"{found[label]:,} {shortened(label, _LABEL)}" for label in labels if found[label])
    total = f"{found.total():,} {what[0 if found.total() == 1 else 1]}"
    return f"{total}: {counts}" if counts else total


def _legend(total: Counter[str], labels: Sequence[str], *, has_probabilities: bool) -> Markup:
    items = [
        element("li", element("mark", shortened(label, _LABEL), class_=f"en e{number}"), f" {total[label]:,}")
        for number, label in enumerate(labels)
    ]
    lists = [element("ul", *items, class_="counts")]
    if has_probabilities:
        borders = [0.0, *SHADES]
        names = [f"{low:g} to {high:g}" for low, high in pairwise(borders)] + [f"{borders[-1]:g} to 1"]
        shades = [
            element("li", element("mark", name, class_=f"en p{shade}")) for shade, name in enumerate(names)
        ]
        lists.append(element("ul", element("li", "Probability:"), *shades, class_="counts"))
    return element("div", *lists, class_="legend")
