"""The section on gates: heat maps of every gate and state, memory lengths, saturation.

Letters: T tokens, H hidden units, X units of a gate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tagger.inspection.equations import about, equations, symbols
from tagger.inspection.gates import GATES, KEEP_GATE, GateTrace, gate_trace
from tagger.inspection.memory import GateStatistics, gate_statistics
from tagger.inspection.sections.sampling import sample
from tagger.inspection.sections.subject import Subject
from tagger.report import (
    Cell,
    Figure,
    Markup,
    Section,
    Series,
    element,
    heat_map,
    histogram,
    join,
    line_chart,
    table,
)

_NUM_UNITS: Final = 24
_CORPUS_WORDS: Final = 20_000
_TITLES: Final[Mapping[str, str]] = {
    "forget": "forget gate f: how much is kept",
    "input": "input gate i: how much is written",
    "candidate": "candidate g: what would be written",
    "cell": "cell state c: what is remembered",
    "output": "output gate o: how much is shown",
    "hidden": "hidden state h: what the next layer reads",
    "reset": "reset gate r: how much of the past the candidate reads",
    "update": "update gate z: how much is kept",
}
_GRU_CANDIDATE: Final = "candidate n: what would be written"
_EQUATIONS: Final = (
    "At each word, every gate is computed from the input and the previous state: a vector of numbers between 0 and 1, "
    "one for each unit or block of units, which selects how much passes: 0 nothing, 1 everything.",
)
_PLAIN: Final = (
    "This cell has no gates: each word replaces the whole state by one computed from the input and the previous state.",
)
_MAPS: Final = (
    "All pictures of a direction show the same units, one per column, while the words in the rows are read. A gate's "
    "colour is faint where it is shut (0, nothing passes) and strong where it is open (1, all passes). Candidates and "
    "states are signed: orange is negative, blue positive.",
)
_KEEPING: Final = (
    "Follow one column of the cell state: where its forget gate is open, the colour continues in the next row; where "
    "it is shut, the memory is erased. Where the input gate is open, the candidate's colour is mixed in. The output "
    "gate decides how much of it the hidden state shows."
)
_CAROUSEL: Final = (
    "This cell has no forget gate. Follow one column of the cell state: its colour always continues in the next row, "
    "and the candidate's is mixed in where the input gate is open. The output gate decides how much of it the hidden "
    "state shows."
)
_UPDATING: Final = (
    "Follow one column of the hidden state: where the update gate is open, the colour continues in the next row; where "
    "it is shut, the candidate's takes its place. The reset gate decides how much of the past the candidate reads."
)
_COLUMNS: Final = (
    "The columns are a varied selection: the units are ordered by how much they keep on average in this sentence, "
    "shortest memory to the left, longest to the right, and taken at even distances."
)
_COLUMNS_BY_INPUT: Final = (
    "The columns are a varied selection: the units are ordered by how much they write on average in this sentence, "
    "most to the left, least to the right, and taken at even distances."
)
_STATES: Final = (
    "The picture shows the same units at every word, one per column, while the words in the rows are read: orange is "
    "negative, blue positive. Only the weights of the previous state can carry a colour from one row to the next."
)
_COLUMNS_BY_CHANGE: Final = (
    "The columns are a varied selection: the units are ordered by how much they change from word to word, most to "
    "the left, least to the right, and taken at even distances."
)
_BACKWARD: Final = (
    "The backward direction reads the sentence from its end: follow a column from the last row up. It informs each "
    "word of what comes after it, as the forward direction does of what came before."
)
_MEMORY: Final = (
    "What is left of a state after several words is the product of the gate's values at them. A unit's memory length "
    "is the number of words after which 1/e (37 %) of it is left: −1 / the mean of the gate's logarithm over all "
    "words.",
    "A memory of 1 to 2 words binds neighbours together; the bars to the right are units that can carry something "
    "across a clause.",
)
_KEPT: Final = (
    "How much of a state is still there k words later: the product of the gate's values at k consecutive words, "
    "averaged over all positions. The lines are the unit in the middle, and those with a tenth of the units below and "
    "above them at each distance.",
    "A gate that was always 1 would keep the state, and an error on its way back, unchanged: the constant error "
    "carousel. A line that falls slowly comes close to it.",
)
_SATURATION: Final = (
    "A gate below .1 counts as shut, above .9 as open. In between it mixes rather than switches.",
)
_BINS: Final = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, float("inf"))


def gates_section(subject: Subject) -> Section:
    """Return the section of the gate trace."""
    tagger = subject.tagger
    cell = tagger.config.cell
    trace = gate_trace(tagger, subject.tokens)
    explanation = _EQUATIONS if trace.gates else _PLAIN
    figures = [Figure(about(cell), _equations(cell), explanation)]
    layers = sorted({0, len(trace.layers) - 1})
    for layer in layers:
        figures += _layer(trace, layer, subject)
    notes = _notes(trace)
    if not trace.gates:
        return Section("gates", "What the hidden states do", figures, notes)
    sentences = list(subject.sentences)
    read = f"over the text's {sum(map(len, sentences))} words"
    if subject.corpus is not None:
        examples, note = sample(subject.corpus.examples, _CORPUS_WORDS)
        sentences, read = [example.tokens for example in examples], "over the corpus"
        notes.append(f"Memory lengths and saturation are of the corpus. {note}")
    statistics = [each for each in gate_statistics(tagger, sentences) if each.layer in layers]
    if cell in KEEP_GATE:
        figures.append(Figure(f"What is left of a memory {read}", [_kept(statistics)], _KEPT))
        figures.append(Figure(f"Memory lengths {read}", [_memory(statistics)], _MEMORY))
    figures.append(Figure(f"Saturation {read}", [_saturation(statistics)], _SATURATION))
    return Section("gates", "What the gates do", figures, notes)


def _equations(cell: str) -> list[Markup]:
    """Return the equations of a cell, and the meanings of their symbols."""
    lines = [join([line, Markup("\n")]) for line in equations(cell).split("\n")]
    rows: list[list[Cell | str]] = [
        [Cell(symbol, is_head=True), Cell(meaning, "list")] for symbol, meaning in symbols(cell).items()
    ]
    return [
        element("pre", *lines),
        element("details", element("summary", "The symbols"), table([], rows, caption="The symbols")),
    ]


def _notes(trace: GateTrace) -> list[str]:
    notes = []
    if len(trace.layers) > 2:
        notes.append(f"The first and the last of {len(trace.layers)} layers are shown.")
    named = trace.layers[0]["forward"]
    num_units = named["hidden"].shape[1]
    num_gates = min([values.shape[1] for name, values in named.items() if name in GATES], default=num_units)
    if num_gates < num_units:
        notes.append(
            f"Units form memory blocks of {num_units // num_gates}, which share their gates; the pictures show a "
            "shared gate at each of its units."
        )
    if num_units > _NUM_UNITS:
        notes.append(f"{_NUM_UNITS} of the {num_units} units of each layer and direction are drawn.")
    return notes


def _layer(trace: GateTrace, layer: int, subject: Subject) -> list[Figure]:
    figures = []
    for direction, named in trace.layers[layer].items():
        units = _units(named, trace.cell)
        where = f"Layer {layer + 1}, {direction}" if len(trace.layers) > 1 else direction.capitalize()
        maps = [
            _map(name, values, units, named["hidden"].shape[1], subject, trace.cell)
            for name in _TITLES
            if (values := named.get(name)) is not None
        ]
        if direction == "backward":
            title, explanation = f"{where}: read from the last row up", [_BACKWARD]
        else:
            title = f"{where}: read from the first row down"
            if trace.cell == "gru":
                explanation = [*_MAPS, _UPDATING, _COLUMNS]
            elif trace.cell in KEEP_GATE:
                explanation = [*_MAPS, _KEEPING, _COLUMNS]
            elif "input" in named:
                explanation = [*_MAPS, _CAROUSEL, _COLUMNS_BY_INPUT]
            else:
                explanation = [_STATES, _COLUMNS_BY_CHANGE]
        numbers = f"The units, from the left: {', '.join(map(str, units.tolist()))}."
        drawn = [element("div", *maps, class_="maps"), element("p", numbers, class_="faint")]
        figures.append(Figure(title, drawn, explanation))
    return figures


def _units(named: Mapping[str, NDArray[np.floating]], cell: str) -> NDArray[np.int64]:
    """Return the hidden units to draw, from those that keep little (write or change much) to those that keep much."""
    num_units = named["hidden"].shape[1]
    if cell in KEEP_GATE:
        kept = named[KEEP_GATE[cell]]
    elif "input" in named:
        kept = 1 - named["input"]
    else:
        kept = -np.abs(np.diff(named.get("cell", named["hidden"]), axis=0, prepend=0.0))
    mean = kept.mean(axis=0).repeat(num_units // kept.shape[1])
    chosen = np.linspace(0, num_units - 1, min(_NUM_UNITS, num_units)).round().astype(np.int64)
    return np.argsort(mean, kind="stable")[chosen]


def _map(
    name: str,
    values: NDArray[np.floating],
    units: NDArray[np.int64],
    num_units: int,
    subject: Subject,
    cell: str,
) -> Markup:
    # A gate shared by several cells is drawn for each of them.
    columns = units // (num_units // values.shape[1])
    drawn = values[list(subject.shown)][:, columns]
    is_gate = name in GATES
    limit = 1.0 if is_gate else max(1.0, float(np.abs(drawn).max()))
    title = _GRU_CANDIDATE if (cell, name) == ("gru", "candidate") else _TITLES[name]
    picture = heat_map(
        drawn,
        rows=subject.shown_words,
        description=f"{title}; rows are words, columns units",
        scale="share" if is_gate else "signed",
        limit=limit,
    )
    low = "0" if is_gate else f"−{limit:.1f}"
    key = element(
        "div",
        element("span", element("span", class_=f"swatch {'s0' if is_gate else 'n4'}"), low, class_="key"),
        element(
            "span",
            element("span", class_=f"swatch {'s8' if is_gate else 'p4'}"),
            f"{limit:.1f}",
            class_="key",
        ),
        class_="legend",
    )
    return element("div", element("div", title), key, picture)


def _kept(statistics: Sequence[GateStatistics]) -> Markup:
    """Return the share of a state that is left by distance, a chart for each layer and direction."""
    pictures = []
    for each in statistics:
        if each.kept is None:
            continue
        shares = {
            "9 of 10 units keep less": 0.9,
            "the unit in the middle": 0.5,
            "1 of 10 units keeps less": 0.1,
        }
        lines = [
            Series(name, np.quantile(each.kept, share, axis=1).tolist()) for name, share in shares.items()
        ]
        where = f"layer {each.layer + 1}, {each.direction}"
        chart = line_chart(
            lines,
            places=[str(distance) for distance in range(len(each.kept))],
            description=f"Share of a state that is left k words later, {where}",
            x_title="k, words later",
            y_title="share that is left",
            limits=(0.0, 1.0),
        )
        pictures.append(element("div", element("div", where.capitalize()), chart, class_="small"))
    return element("div", *pictures, class_="maps")


def _memory(statistics: Sequence[GateStatistics]) -> Markup:
    names = [
        "< 1",
        *(f"{low:g}–{high:g}" for low, high in pairwise(_BINS[1:-1])),
        "32 +",
    ]
    pictures = []
    for each in statistics:
        if each.memory_lengths is None:
            continue
        # The last bin has no upper edge: it includes units that never forget.
        places = np.searchsorted(_BINS, each.memory_lengths, side="right").clip(max=len(names)) - 1
        where = f"layer {each.layer + 1}, {each.direction}"
        pictures.append(
            element(
                "div",
                element("div", f"{where}; median {np.median(each.memory_lengths):.1f} words"),
                histogram(
                    np.bincount(places, minlength=len(names)).tolist(),
                    bins=names,
                    description=f"Units by memory length, {where}",
                    x_title="memory length, in words",
                    y_title="units",
                ),
                class_="small",
            )
        )
    return element("div", *pictures, class_="maps")


def _saturation(statistics: Sequence[GateStatistics]) -> Markup:
    rows: list[list[Cell | str]] = [
        [
            Cell(name, is_head=True),
            Cell(f"layer {each.layer + 1}, {each.direction}", "text"),
            f"{values.shut:.1%}",
            f"{values.open:.1%}",
            f"{values.mean:.2f}",
        ]
        for each in statistics
        for name, values in each.saturation.items()
    ]
    return table(
        ["gate", "where", "shut (< .1)", "open (> .9)", "mean"], rows, caption="Saturation of the gates"
    )
