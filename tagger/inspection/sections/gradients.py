"""The section on gradient flow: how far back a state depends on its inputs, in this model and in untrained cells."""

from __future__ import annotations

from collections.abc import Mapping

from tagger.inspection.gradients import GradientFlow, flow_of_cells, gradient_flow, layer_inputs
from tagger.inspection.sections.subject import Subject
from tagger.report import Figure, Markup, Section, Series, line_chart

_MAX_DISTANCE = 30
_HIDDEN = (
    "If the word read k steps ago changed a little, how much would the state after the present word change? The lines "
    "show that (the norm of the Jacobian d h_t / d x_{t−k}), divided by its value at k = 0. In training, errors flow "
    "back along the same path: where a line is low, the network learns little from a word that far away.",
    "Comparing trained and untrained weights shows what training has changed.",
)
_CELL = (
    "The same for the cell state, the long-term memory: d c_t / d c_{t−k}, through the gates too. The wider the forget "
    "gates are open, the more slowly it falls.",
)
_CELLS = (
    "On a scale of powers of ten a straight line down is a vanishing gradient: each step loses the same share. A line "
    "that climbs is an exploding one.",
    "This is not the comparison that papers on the LSTM make: theirs is of networks in and after training, over "
    "long lags, where the plain network (rnn) is the one whose gradient vanishes. Before training, the gates of the "
    "GRU are half open and let go of half the state at each word, while the plain network's weights start "
    "orthogonal, which loses little; so here the GRU may fall fastest. What training makes of a cell is in the figures "
    "above, and of several side by side with --against.",
    "The LSTM of 1997 (lstm_no_forget) has no forget gate: what is in its cell state stays and adds up. A forget gate "
    "of about .7, as the LSTM has in the beginning (bias 1), lets go of it slowly. The peepholes start at 0, so that "
    "lstm_peephole begins as lstm.",
)
_TRAINED = (
    "The comparison that papers on the LSTM make: trained networks, the first layer of each, read forward. Those with "
    "gates have learned what to keep, each for its own task and data; only models trained on the same data for the "
    "same task say something about their cells.",
)


def gradients_section(subject: Subject) -> Section:
    """Return the section of gradient flow."""
    tagger = subject.tagger
    report = gradient_flow(tagger, subject.tokens, max_distance=_MAX_DISTANCE)
    both = {
        f"{direction}, {kind}": flow
        for kind, flows in (("trained", report.trained), ("untrained", report.initial))
        for direction, flow in flows.items()
    }
    where = "this model" if tagger.config.num_layers == 1 else "the first layer of this model"
    figures = [
        Figure(
            f"From a word to a later hidden state, in {where}",
            [_chart(both, "hidden_from_input", "d h(t) / d x(t−k), relative to k = 0")],
            _HIDDEN,
        )
    ]
    if tagger.parts.model.encoder.layers[0].cell.num_states == 2:
        picture = _chart(both, "cell_from_cell", "d c(t) / d c(t−k), relative to k = 0")
        figures.append(Figure("From a cell state to a later one", [picture], _CELL))
    words = layer_inputs(tagger, subject.tokens, 0)[: len(subject.shown)]
    cells = flow_of_cells(words, tagger.config.hidden_dim, max_distance=_MAX_DISTANCE)
    picture = _chart(cells, "hidden_from_input", "d h(t) / d x(t−k), relative to k = 0")
    figures.append(Figure("All cells untrained, on the same words", [picture], _CELLS))
    if subject.others:
        trained = {f"{tagger.config.cell} (this model)": report.trained["forward"]}
        for name, other in subject.others.items():
            flow = gradient_flow(other, subject.tokens, max_distance=_MAX_DISTANCE).trained["forward"]
            trained[f"{other.config.cell} ({name})"] = flow
        picture = _chart(trained, "hidden_from_input", "d h(t) / d x(t−k), relative to k = 0")
        figures.insert(-1, Figure("Trained models side by side, on the same words", [picture], _TRAINED))
    notes = []
    if len(report.tokens) < 8:
        notes.append("The sentence is short: a longer one shows how far the gradient reaches.")
    return Section("gradients", "How far back the gradient reaches", figures, notes)


def _chart(flows: Mapping[str, GradientFlow], which: str, y_title: str) -> Markup:
    lines = []
    for name, flow in flows.items():
        norms = getattr(flow, which)
        lines.append(Series(name, (norms / norms[0] if norms[0] else norms).tolist()))
    return line_chart(
        lines,
        places=[str(distance) for distance in range(max(len(line.values) for line in lines))],
        description=f"{y_title}, against the distance k",
        x_title="k, words back",
        y_title=y_title,
        logarithmic=True,
    )
