"""The section on the CRF: emissions, transitions, probabilities, and the two best label sequences.

Letter: L inner labels.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tagger.inspection.crf import CrfView, crf_view
from tagger.inspection.sections.subject import MAX_LABELS, Subject, probability
from tagger.report import Cell, Figure, Markup, Section, element, heat_map, shortened, table
from tagger.report.heat_map import shades
from tagger.text.counted import counted

_MAX_OVERRULED = 8
_EMISSIONS = (
    "Emissions are the model's scores for each label at each word, computed from the whole sentence{also}. Blue counts "
    "for a label, orange against it.",
    "A labelling's score is the sum of the emissions and transitions along its path. The best labelling has the "
    "largest sum; its labels are framed.",
)
_TRANSITIONS = (
    "Transitions are what the CRF has learned about neighbours: the row is a label, the column the label of the next "
    "word; START and END are the edges of the sentence.",
    "Crossed-out pairs occur in no legal labelling, and no score can bring them back.",
)
_WIDE = (
    "Besides the encoder, this model adds weights of wide features to the scores: of words, shapes, prefixes and "
    "suffixes within two words, and pairs of them, as in a CRF without a network. The rest comes from the encoder.",
)
_NO_TRANSITIONS = (
    "This model's decoder is softmax: all transition scores are zero, and every word is labelled by its emissions, as "
    "far as the scheme allows. The row is a label, the column the label of the next word; START and END are the edges "
    "of the sentence.",
    "Crossed-out pairs occur in no legal labelling.",
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
    is_softmax = subject.tagger.config.decoder == "softmax"
    has_wide = subject.tagger.config.wide_features
    also = ": the encoder's scores plus those of wide features, in the next table" if has_wide else ""
    figures = [
        Figure(
            "Emissions: how well each label suits each word",
            [emissions, element("p", _outvoted(view, subject))],
            [text.format(also=also) for text in _EMISSIONS],
        ),
        *([_wide(view, subject, columns)] if has_wide else []),
        Figure(
            "Transitions: which label may follow which" if is_softmax else "Transitions: the CRF's scores",
            [transition_map(view, columns)],
            _NO_TRANSITIONS if is_softmax else _TRANSITIONS,
        ),
        Figure("Probabilities of labels", [marginals], _PROBABILITIES),
        Figure("The two best labellings", _two_best(view, subject), _RUNNER_UP),
    ]
    return Section("crf", "How labels are chosen", figures, notes)


def _wide(view: CrfView, subject: Subject, columns: NDArray[np.int64]) -> Figure:
    """Return a figure of the wide features' contribution to the emissions."""
    added = view.emissions - view.from_encoder
    largest = float(np.abs(view.emissions[subject.shown]).max()) or 1.0
    texts = [[f"{value:+.1f}" for value in row] for row in added]
    picture = _by_word(
        view, subject, columns, added, shades(added, "signed", largest), texts,
        "What wide features add to the emissions, by word and label",
    )  # fmt: skip
    best, alone = view.emissions.argmax(axis=1), view.from_encoder.argmax(axis=1)
    decided = [t for t in subject.shown if best[t] != alone[t]]
    words = [
        f"“{shortened(view.tokens[t])}” ({view.labels[alone[t]]} without, {view.labels[best[t]]} with)"
        for t in decided[:_MAX_OVERRULED]
    ]
    more = len(decided) - len(words)
    said = (
        f"They decide which label has the best emission at {', '.join(words)}"
        f"{f', and at {more} more of the words shown' if more else ''}."
        if words
        else "Without them the same label would have the best emission at every word shown."
    )
    return Figure("The part that comes from wide features", [picture, element("p", said)], _WIDE)


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
    """Return a sentence on the words where transitions, or what the scheme forbids, overrule the best emission."""
    is_softmax = subject.tagger.config.decoder == "softmax"
    what = "the rules of the scheme" if is_softmax else "the transitions"
    best = view.emissions.argmax(axis=1)
    overruled = [t for t in subject.shown if view.labels[best[t]] != view.best.labels[t]]
    words = [
        f"“{shortened(view.tokens[t])}” ({view.labels[best[t]]} scores best, {view.best.labels[t]} is chosen)"
        for t in overruled[:_MAX_OVERRULED]
    ]
    if not words:
        return f"At every word shown the label with the best emission is also chosen: {what} overrule none of them."
    rest = (
        ""
        if len(overruled) == len(words)
        else f", and at {len(overruled) - len(words)} more of the words shown"
    )
    what = "The rules of the scheme" if is_softmax else "The transitions, the forbidden ones included,"
    return f"{what} overrule the best emission at {', '.join(words)}{rest}."


def transition_map(view: CrfView, columns: NDArray[np.int64]) -> Markup:
    """Return the transition scores between the labels with these indices, as a heat map with its key."""
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
    gap = view.best.log_probability - view.runner_up.log_probability
    summary = element(
        "p",
        f"The best labelling has probability {_power(view.best.log_probability)}, the runner-up "
        f"{_power(view.runner_up.log_probability)}: the best is {_power(gap)} times as likely. They differ at "
        f"{len(view.differences)} of {counted(len(view.tokens), 'word')}.",
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


def _power(logarithm: float) -> str:
    """Return e to the power of a logarithm as text, even if a float cannot hold it.

    >>> _power(0.0), _power(-2000.0)
    ('1', '10^-869')
    """
    if abs(logarithm) < 700:
        return f"{math.exp(logarithm):.3g}"
    return f"10^{logarithm / math.log(10):.0f}"
