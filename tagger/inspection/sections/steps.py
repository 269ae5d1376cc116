"""The section on one unit: its values at every word, and the sums they come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tagger.inspection.gates import gate_trace
from tagger.inspection.sections.subject import Subject
from tagger.inspection.steps import UnitSteps, unit_steps
from tagger.inspection.unit_names import UnitName
from tagger.report import Cell, Figure, Markup, Section, element, join, shortened, table
from tagger.report.heat_map import shades
from tagger.text.counted import counted

_LETTERS: Final[Mapping[str, str]] = {
    "input": "i",
    "forget": "f",
    "candidate": "g",
    "output": "o",
    "reset": "r",
    "update": "z",
}
_TABLE: Final = (
    "One row is one step. The gates are selectors between 0 and 1: 0 lets nothing pass, 1 everything. How often they "
    "come near to either end is in the view gates, under saturation.",
    "Read a row from the left, as an access to a memory chip: the forget gate keeps or resets what is stored, if there "
    "is one, the input gate says how much of the candidate is written, the output gate how much of the result is read.",
)
_TABLE_GRU: Final = (
    "One row is one step. The gates are selectors between 0 and 1. The reset gate says how much of the past the "
    "candidate reads; the update gate keeps the state where it is 1 and puts the candidate in its place where it is 0.",
    "There is no memory apart from the state: what is kept is what the next word and the next layer see.",
)
_TABLE_RNN: Final = (
    "One row is one step. This unit has no gates: at every word its whole state is replaced by a squashed sum, so what "
    "it knew before survives only as far as weights carry it through that sum.",
)
_TABLE_OTHER: Final = ("One row is one step. The gates are selectors between 0 and 1.",)
_CONCATENATED: Final = (
    "The input x and the short-term output h of the previous word are concatenated to one vector, [x, h]. "
)
_SUMS: Final = (
    f"{_CONCATENATED}Each gate, and the candidate, multiplies it by weights of its own and adds its own bias; the sum "
    "is squashed to between 0 and 1 (σ), that of the candidate to between −1 and 1 (tanh).",
)
_SUMS_RNN: Final = (
    f"{_CONCATENATED}The unit multiplies it by its weights and adds its bias; the sum is squashed to between −1 and 1 "
    "(tanh).",
)
_ROUNDED: Final = "The numbers are rounded to three decimals, so the last one may differ by 1."
_MORE_SUMS: Final[Mapping[str, str]] = {
    "lstm_peephole": "The gates also see the memory, through peepholes p: the output gate as it is after the step, the "
    "others as it was before.",
    "lstm_layer_norm": "Before they are added, W x and U h are normalised over all gates and scaled by γ; so is the "
    "memory before it is shown.",
    "lstm_coupled": "The forget gate has no weights: it is 1 minus the input gate.",
    "gru": "The candidate multiplies U h by the reset gate before it is added.",
}
_SHOWN: Final[Mapping[str, str]] = {"lstm_layer_norm": "tanh γ LN(c) + β"}
_CAROUSEL: Final = (
    "No weights and no squashing lie between the long-term output of one word and the next: it is multiplied by the "
    "forget gate, if there is one, and something is added. With the gate at 1 it goes round unchanged, and so does an "
    "error on its way back: the constant error carousel.",
)
_OTHERS: Final = (
    "Another unit is shown with --unit, such as --unit forward:0; the view units, with --corpus, names units that "
    "detect a property."
)


def steps_section(subject: Subject) -> Section:
    """Return the section of one unit.

    Raises:
        UsageError: if the model has no such unit.
    """
    unit = subject.unit or _liveliest(subject)
    steps = unit_steps(subject.tagger, subject.tokens, unit)
    names = {"rnn": _TABLE_RNN, "gru": _TABLE_GRU}.get(steps.cell, _TABLE_OTHER)
    if _is_lstm(steps):
        names = (*_TABLE, *_CAROUSEL)
    direction = "from the first row down" if unit.direction == "forward" else "from the last row up"
    notes = []
    if subject.unit is None:
        what = "state" if steps.cell_after is None else "memory"
        notes.append(
            f"Shown is {unit}, the forward unit of the last layer whose {what} changes most at one of the words shown. "
            f"{_OTHERS}"
        )
    size = subject.tagger.config.cells_per_block
    if size > 1:
        first = unit.number // size * size
        notes.append(
            f"The unit is in a memory block: units {first} to {first + size - 1} share its gates, and each has a "
            "candidate and a memory of its own."
        )
    sums = _SUMS_RNN if steps.cell == "rnn" else _SUMS
    more_sums = [*sums, _ROUNDED, *filter(None, [_MORE_SUMS.get(steps.cell)])]
    figures = [
        Figure(f"Unit {unit} at every word, read {direction}", [_table(steps, subject)], names),
        Figure("Its sums", _sums(steps, subject), more_sums),
    ]
    return Section("steps", "One unit, step by step", figures, notes)


def _liveliest(subject: Subject) -> UnitName:
    """Return the forward unit of the last layer whose memory, or state, changes most at a word shown."""
    layers = gate_trace(subject.tagger, subject.tokens).layers
    named = layers[-1]["forward"]
    states = named.get("cell", named["hidden"])[subject.shown]
    initial = subject.tagger.parts.model.encoder.layers[-1].initial_state
    first = np.zeros_like(states[:1]) if initial is None else initial.detach()[-1, :1].cpu().numpy()
    changes = np.abs(np.diff(states, axis=0, prepend=first)).max(axis=0)
    return UnitName(len(layers) - 1, "forward", int(changes.argmax()))


def _table(steps: UnitSteps, subject: Subject) -> Markup:
    """Return a table of the unit's values, with a row for each word shown."""
    columns: list[tuple[str, NDArray[np.floating], str]] = []
    if steps.keep is not None and steps.cell_after is not None and steps.cell != "lstm_no_forget":
        columns.append(("f keeps", steps.keep, "share"))
    for name, part in steps.parts.items():
        if name == "forget":
            continue
        what = {"input": "writes", "candidate": "would write", "output": "reads", "reset": "reads the past"}
        scale = "signed" if name == "candidate" else "share"
        if steps.cell != "rnn":
            letter = "n" if (steps.cell, name) == ("gru", "candidate") else _LETTERS.get(name, name)
            columns.append((f"{letter} {what.get(name, 'keeps')}", part.value, scale))
    if steps.cell_after is not None and steps.shown is not None and _is_lstm(steps):
        output = columns.pop()
        columns.append(("c long-term output", steps.cell_after, "signed"))
        columns += [output, (_SHOWN.get(steps.cell, "tanh c"), steps.shown, "signed")]
    columns.append(("h short-term output", steps.hidden, "signed"))
    shown = list(subject.shown)
    styles = [
        shades(values[shown], "share")
        if scale == "share"
        else shades(values[shown], "signed", _limit(values))
        for _, values, scale in columns
    ]
    rows: list[list[Cell | str]] = [
        [
            Cell(shortened(steps.tokens[t]), is_head=True),
            *(
                Cell(f"{values[t]:.2f}" if scale == "share" else f"{values[t]:+.2f}", style[i])
                for (_, values, scale), style in zip(columns, styles, strict=True)
            ),
        ]
        for i, t in enumerate(shown)
    ]
    return table(
        ["word", *(name for name, _, _ in columns)], rows, caption=f"Unit {steps.unit} at every word"
    )


def _limit(values: NDArray[np.floating]) -> float:
    return max(1.0, float(np.abs(values).max()))


def _sums(steps: UnitSteps, subject: Subject) -> list[Markup]:
    """Return the sums at each word shown, in reading order; those of the largest change are expanded."""
    config, encoder = subject.tagger.config, subject.tagger.parts.model.encoder
    inputs = encoder.layers[steps.unit.layer].input_dim
    parts: list[Markup] = [
        element(
            "p",
            f"[x, h] is a vector of {inputs + config.hidden_dim} numbers: {inputs} that the layer reads, "
            f"{config.hidden_dim} of the short-term output.",
        )
    ]
    shown = [t for t in steps.order if t in subject.shown]
    liveliest = max(shown, key=lambda t: float(steps.changes[t]))
    for t in shown:
        lines = [join([line, Markup("\n")]) for line in worked(steps, t)]
        parts.append(
            element(
                "details",
                element("summary", f"“{shortened(steps.tokens[t])}”, word {t + 1}"),
                element("pre", *lines),
                open="open" if t == liveliest else None,
            )
        )
    if len(shown) < len(steps.tokens):
        parts.append(element("p", f"Of {counted(len(steps.tokens), 'word')} {len(shown)} are shown."))
    return parts


def worked(steps: UnitSteps, t: int) -> list[str]:
    """Return the step at a word as sums with their numbers, one per line."""
    lines = []
    values = {}
    is_normalised = steps.cell == "lstm_layer_norm"
    for name, part in steps.parts.items():
        letter = "n" if (steps.cell, name) == ("gru", "candidate") else _LETTERS.get(name, name)
        if steps.cell == "rnn":
            letter = "h"
        values[letter] = part.value[t]
        own = "" if steps.cell == "rnn" else f"_{letter}"
        terms = [
            ("γ LN(W x)" if is_normalised else f"W{own} x", part.from_input[t]),
            ("γ LN(U h)" if is_normalised else f"U{own} h", part.from_hidden[t]),
        ]
        if letter == "n":
            terms[1] = ("r (U_n h)", part.from_hidden[t])
        if part.from_cell is not None:
            terms.append((f"p{own} c" if name == "output" else f"p{own} c before", part.from_cell[t]))
        terms.append((f"b{own}", part.bias))
        squash = "tanh" if name == "candidate" else "σ"
        written = " + ".join(text for text, _ in terms)
        numbers = " ".join(f"{'−' if value < 0 else '+'} {abs(value):.3f}" for _, value in terms)
        lines.append(
            f"{letter} = {squash}({written}) = {squash}({numbers.removeprefix('+ ')}) = "
            f"{squash}({_number(part.total[t])}) = {_number(part.value[t])}"
        )
    if steps.cell == "rnn":
        return lines
    if steps.cell == "gru":
        z = values["z"]
        lines.append(
            f"h = (1 − z) × n + z × h before = {1 - z:.3f} × {_number(values['n'])} + {z:.3f} × "
            f"{_number(steps.hidden_before[t])} = {_number(steps.hidden[t])}"
        )
        return lines
    hidden = f"h = {_number(steps.hidden[t])}"
    if not _is_lstm(steps):
        return (
            [*lines, hidden]
            if steps.cell_after is None
            else [*lines, f"c = {_number(steps.cell_after[t])}", hidden]
        )
    assert steps.cell_before is not None
    assert steps.cell_after is not None
    assert steps.shown is not None
    output = lines.pop()
    if steps.cell == "lstm_coupled":
        lines.append(f"f = 1 − i = {steps.keep[t]:.3f}" if steps.keep is not None else "")
    kept = _number(steps.cell_before[t])
    names = "c before"
    if steps.cell != "lstm_no_forget" and steps.keep is not None:
        kept, names = f"{steps.keep[t]:.3f} × {kept}", "f × c before"
    squashed = "tanh(γ LN(c) + β)" if is_normalised else "tanh(c)"
    return [
        *lines,
        f"c = {names} + i × g = {kept} + {values['i']:.3f} × {_number(values['g'])} = {_number(steps.cell_after[t])}",
        f"{squashed} = {_number(steps.shown[t])}",
        output,
        f"h = o × {squashed} = {values['o']:.3f} × {_number(steps.shown[t])} = {_number(steps.hidden[t])}",
    ]


def _is_lstm(steps: UnitSteps) -> bool:
    """Return whether a cell writes a candidate to a cell state by one gate and reads it by another."""
    *others, last = steps.parts
    return steps.cell_after is not None and {"input", "candidate"} <= set(others) and last == "output"


def _number(value: float) -> str:
    return f"{value:.3f}".replace("-", "−")
