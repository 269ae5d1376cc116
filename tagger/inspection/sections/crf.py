"""The section on the CRF: emissions, transitions, probabilities, and the two best label sequences.

Letter: L inner labels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tagger.inspection.crf_view import CrfView, crf_view
from tagger.inspection.sections.subject import MAX_LABELS, Subject, probability
from tagger.report import Cell, Figure, Markup, Section, element, heat_map, shortened, table
from tagger.report.heat_map import shades

_EMISSIONS = (
    "Emissions are what the network says of each word, after it has read the whole sentence: a score for each label. "
    "Blue speaks for a label, orange against it.",
    "A labelling's score is the sum of the emissions and transitions along its way. The best labelling has the largest "
    "sum; its labels are framed.",
)
_TRANSITIONS = (
    "Transitions are what the CRF has learned about neighbours: the row is a label, the column the label of the next "
    "word; START and END are the edges of the sentence.",
    "Crossed-out pairs occur in no legal labelling, and no score can bring them back.",
)
_PROBABILITIES = (
    "e to the power of a labelling's score, divided by the sum of the same over all legal labellings, is its "
    "probability. The probability of one label at one word sums up the labellings that have it there; below .005 "
    "nothing is written.",
    "Where a row has two coloured cells, the model hesitates.",
)
_RUNNER_UP = (
    "The runner-up is the second-best labelling of the whole sentence: what the model would say if the best one were "
    "forbidden.",
)


def crf_section(subject: Subject) -> Section:
    """Return the section of the CRF view."""
    view = crf_view(subject.tagger, subject.tokens)
    columns = np.sort(np.argsort(-view.marginals.max(axis=0), kind="stable")[:MAX_LABELS])
    notes = []
    if len(columns) < len(view.labels):
        notes.append(
            f"{len(columns)} of the {len(view.labels)} labels are shown: those this sentence makes most likely."
        )
    if subject.tagger.labels != view.labels:
        notes.append(
            f"Inside, this model works with the labels of its own scheme, {subject.tagger.config.scheme.upper()}; "
            "what it reports is IOB2."
        )
    largest = float(np.abs(view.emissions[subject.shown]).max()) or 1.0
    emissions = _by_word(
        view, subject, columns, view.emissions, shades(view.emissions, "signed", largest),
        [[f"{value:.1f}" for value in row] for row in view.emissions], "Emission scores, by word and label",
    )  # fmt: skip
    marginals = _by_word(
        view, subject, columns, view.marginals, shades(view.marginals, "share"),
        [[probability(value) for value in row] for row in view.marginals], "Probabilities, by word and label",
    )  # fmt: skip
    figures = [
        Figure(
            "Emissions: the network's scores",
            [emissions, element("p", _outvoted(view, subject))],
            _EMISSIONS,
        ),
        Figure("Transitions: the CRF's scores", [_transitions(view, columns)], _TRANSITIONS),
        Figure("Probabilities of labels", [marginals], _PROBABILITIES),
        Figure("The two best labellings", _two_best(view, subject), _RUNNER_UP),
    ]
    return Section("crf", "How labels are chosen", figures, notes)


def _by_word(
    view: CrfView,
    subject: Subject,
    columns: NDArray[np.int64],
    values: NDArray[np.floating],
    styles: NDArray[np.object_],
    texts: list[list[str]],
    caption: str,
) -> Markup:
    """Return a table of words by labels, the labels of the best labelling framed."""
    rows = []
    for t in subject.shown:
        best = view.labels.index(view.best.labels[t])
        cells = [
            Cell(texts[t][label], f"{styles[t, label]} chosen" if label == best else styles[t, label])
            for label in columns
        ]
        rows.append([Cell(shortened(view.tokens[t]), is_head=True), *cells])
    return table(["word", *(view.labels[label] for label in columns)], rows, caption=caption)


def _outvoted(view: CrfView, subject: Subject) -> str:
    """Say at which words the labelling follows the neighbours and not the word's own best score."""
    best = view.emissions.argmax(axis=1)
    words = [
        f"“{shortened(view.tokens[t])}” ({view.labels[best[t]]} scores best, {view.best.labels[t]} is chosen)"
        for t in subject.shown
        if view.labels[best[t]] != view.best.labels[t]
    ]
    if not words:
        return "At every word the label with the best emission is also chosen: the transitions overrule none of them."
    return f"The transitions overrule the best emission at {', '.join(words)}."


def _transitions(view: CrfView, columns: NDArray[np.int64]) -> Markup:
    names = [view.labels[label] for label in columns]
    num_labels = len(columns)
    scores = np.full((num_labels + 1, num_labels + 1), np.nan)
    scores[0, :-1] = view.start[columns]
    scores[1:, :-1] = view.transitions[np.ix_(columns, columns)]
    scores[1:, -1] = view.end[columns]
    allowed = np.ones(scores.shape, dtype=bool)
    allowed[0, :-1] = view.allowed_start[columns]
    allowed[1:, :-1] = view.allowed_transitions[np.ix_(columns, columns)]
    allowed[1:, -1] = view.allowed_end[columns]
    scores[~allowed] = np.nan
    largest = float(np.nanmax(np.abs(scores), initial=0.0)) or 1.0
    picture = heat_map(
        scores,
        rows=["START", *names],
        columns=[*names, "END"],
        description="Transition scores: rows are labels, columns the labels of the next word; crosses are forbidden",
        scale="signed",
        limit=largest,
        cell_width=24,
        cell_height=24,
        crossed=~allowed,
    )
    key = element(
        "p",
        element("span", element("span", class_="swatch n4"), f"−{largest:.1f}", class_="key"),
        element("span", element("span", class_="swatch z"), "0", class_="key"),
        element("span", element("span", class_="swatch p4"), f"+{largest:.1f}", class_="key"),
        element("span", "✕ forbidden", class_="key"),
        class_="legend",
    )
    return Markup(picture + key)


def _two_best(view: CrfView, subject: Subject) -> list[Markup]:
    if view.runner_up is None:
        return [element("p", "Only one labelling of this sentence is legal.")]
    ratio = view.best.probability / view.runner_up.probability if view.runner_up.probability else float("inf")
    summary = element(
        "p",
        f"The best labelling has probability {view.best.probability:.3g}, the runner-up "
        f"{view.runner_up.probability:.3g}: {ratio:.3g} times less. They differ at {len(view.differences)} of "
        f"{len(view.tokens)} words.",
    )
    rows: list[list[Cell | str]] = [
        [
            Cell(shortened(view.tokens[t]), is_head=True),
            view.best.labels[t],
            Cell(view.runner_up.labels[t], "changed"),
        ]
        for t in view.differences[: len(subject.shown)]
    ]
    return [
        summary,
        table(["word", "best", "runner-up"], rows, caption="Where the two best labellings differ"),
    ]
