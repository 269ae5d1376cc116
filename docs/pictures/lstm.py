"""The pictures of docs/how_it_works/lstm.md: gates, memories and gradients of the cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from drawing import SENTENCE, SHOWN

from tagger import Tagger
from tagger.inspection import UnitName, flow_of_cells, gate_statistics, gate_trace, gradient_flow, unit_steps
from tagger.inspection.gradients import GradientFlow, layer_inputs
from tagger.inspection.sections.steps import worked
from tagger.modules.recurrent.cells import CELLS
from tagger.report import Markup, Series, element, heat_map, line_chart

NUM_UNITS: Final = 24


def pictures(taggers: Mapping[str, Tagger]) -> dict[str, Markup]:
    """Return the pictures by name, of taggers by cell."""
    lstm = taggers["lstm"]
    words = layer_inputs(lstm, SENTENCE, 0)
    return {
        "gates": _gates(lstm),
        "kept": _kept({cell: taggers[cell] for cell in ("lstm", "lstm_coupled", "gru")}),
        "newly_drawn": _gradients(flow_of_cells(words, lstm.config.hidden_dim)),
        "trained": _gradients(
            {cell: gradient_flow(each, SENTENCE).trained["forward"] for cell, each in taggers.items()}
        ),
    }


def print_numbers(tagger: Tagger) -> None:
    """Print what the page says of a unit of the LSTM, and of the gates."""
    unit = _busy_unit(tagger)
    steps = unit_steps(tagger, SENTENCE, unit)
    assert steps.keep is not None
    print(
        f"{unit}: {', '.join(f'{word} {keep:.2f}' for word, keep in zip(SENTENCE, steps.keep, strict=True))}"
    )
    for t in range(SHOWN):
        print(f"\n{SENTENCE[t]}", *worked(steps, t), sep="\n")
    for each in gate_statistics(tagger, [SENTENCE]):
        print(each.direction, {name: f"{s.shut:.1%} {s.open:.1%}" for name, s in each.saturation.items()})


def _busy_unit(tagger: Tagger) -> UnitName:
    """Return the forward unit whose forget gate moves most within the words shown."""
    gate = gate_trace(tagger, SENTENCE).layers[0]["forward"]["forget"][:SHOWN]
    return UnitName(0, "forward", int(np.ptp(gate, axis=0).argmax()))


def _gates(tagger: Tagger) -> Markup:
    """Return the forget gate, the input gate and the cell state of some units at every word."""
    named = gate_trace(tagger, SENTENCE).layers[0]["forward"]
    order = np.argsort(named["forget"].mean(axis=0), kind="stable")
    units = order[np.linspace(0, len(order) - 1, NUM_UNITS).round().astype(int)]
    parts = []
    for name, title in (("forget", "forget gate"), ("input", "input gate"), ("cell", "cell state")):
        values = named[name][:SHOWN, units]
        limit = 1.0 if name != "cell" else max(1.0, float(np.abs(values).max()))
        picture = heat_map(
            values,
            rows=SENTENCE[:SHOWN],
            description=f"{title}; rows are words, columns units",
            scale="share" if name != "cell" else "signed",
            limit=limit,
        )
        parts.append(element("div", element("div", title), picture))
    return element("div", *parts, class_="maps")


def _kept(taggers: Mapping[str, Tagger]) -> Markup:
    """Return what is left of the state of the middle unit with distance, of some cells."""
    lines = []
    for cell, tagger in taggers.items():
        kept = gate_statistics(tagger, [SENTENCE])[0].kept
        assert kept is not None
        lines.append(Series(cell, np.median(kept, axis=1)[:21].tolist(), color=[*CELLS].index(cell)))
    return line_chart(
        lines,
        places=[str(k) for k in range(21)],
        description="Share of the state of the unit in the middle that is left k words later",
        x_title="k, words later",
        y_title="share that is left, the unit in the middle",
        limits=(0.0, 1.0),
    )


def _gradients(flows: Mapping[str, GradientFlow]) -> Markup:
    """Return how far back a hidden state depends on a word, a line for each cell."""
    lines = [
        Series(
            cell, (flow.hidden_from_input / flow.hidden_from_input[0]).tolist(), color=[*CELLS].index(cell)
        )
        for cell, flow in flows.items()
    ]
    return line_chart(
        lines,
        places=[str(k) for k in range(max(len(line.values) for line in lines))],
        description="Norm of d h(t) / d x(t - k), relative to k = 0, against the distance k",
        x_title="k, words back",
        y_title="d h(t) / d x(t−k), relative to k = 0",
        logarithmic=True,
    )
