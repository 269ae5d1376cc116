"""The section on occlusion: which words the labels of other words depend on."""

from __future__ import annotations

import numpy as np

from tagger.inspection.occlusion import Occlusion, occlude
from tagger.inspection.sections.subject import Subject
from tagger.report import Cell, Figure, Markup, Section, element, heat_map, shortened, table

_NUM_LISTED = 10
_MAX_WORDS_READ = 50_000
_CHANGES = (
    "Each word in turn is replaced by one the model has never seen, and the sentence is read again. The row is the "
    "word that was replaced, the column the word whose label is watched.",
    "Orange: without this word the label there becomes less probable, so it counted for the label. Blue: it counted "
    "against it. The diagonal shows how much of a label is in the word itself.",
    "What lies off the diagonal is context at work: something was carried from the row's word to the column's.",
)
_STRONGEST = (
    "The largest changes off the diagonal, with the probability of the first label before and after.",
)


def occlusion_section(subject: Subject) -> Section:
    """Return the section of occlusion."""
    positions = subject.shown[: max(1, _MAX_WORDS_READ // len(subject.tokens))]
    notes = []
    if len(positions) < len(subject.shown):
        notes.append(f"The sentence is long: only its first {len(positions)} words are replaced.")
    found = occlude(subject.tagger, subject.tokens, positions=positions)
    changes = found.changes[:, subject.shown]
    picture = heat_map(
        changes,
        rows=[subject.tokens[t] for t in positions],
        columns=subject.shown_words,
        description="Change of the probability of each word's label when another word is replaced",
        scale="signed",
        cell_width=17,
    )
    key = element(
        "p",
        element("span", element("span", class_="swatch n4"), "probability falls by 1", class_="key"),
        element("span", element("span", class_="swatch z"), "no change", class_="key"),
        element("span", element("span", class_="swatch p4"), "rises by 1", class_="key"),
        class_="legend",
    )
    figures = [
        Figure("Change of each label's probability", [picture, key], _CHANGES),
        Figure("The strongest effects on other words", [_strongest(found)], _STRONGEST),
    ]
    return Section("occlusion", "Which words matter to which", figures, notes)


def _strongest(found: Occlusion) -> Markup:
    """Return a table of the strongest effects of replacing a word on the labels of others."""
    sizes = np.abs(found.changes)
    sizes[np.arange(len(found.positions)), list(found.positions)] = 0
    order = np.argsort(-sizes, axis=None, kind="stable")[:_NUM_LISTED]
    rows = []
    for p, t in zip(*np.unravel_index(order, sizes.shape), strict=True):
        if sizes[p, t] < 0.005:
            break
        before, after = found.labels[t], found.changed_labels[p][t]
        rows.append(
            [
                Cell(shortened(found.tokens[found.positions[p]]), is_head=True),
                Cell(shortened(found.tokens[t]), "text"),
                before,
                f"{found.probabilities[t]:.2f} → {found.changed_probabilities[p, t]:.2f}",
                Cell(after, "changed") if after != before else "",
            ]
        )
    if not rows:
        return element("p", "No word changes the label of another by .01 or more.")
    head = ["replaced word", "watched word", "its label", "probability", "new label"]
    return table(head, rows, caption="The strongest effects of replacing a word on the labels of others")
