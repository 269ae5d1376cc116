"""Slow second implementations of the recurrent cells: NumPy, one sentence, one step and one unit at a time."""

import math

import numpy as np


def sigmoid(value):
    return 1.0 / (1.0 + math.exp(-value))


def layer_norm(values):
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / len(values)
    return [(value - mean) / math.sqrt(variance + 1e-5) for value in values]


def product(matrix, vector):
    return [sum(float(a) * float(b) for a, b in zip(row, vector, strict=True)) for row in matrix]


def run_cell(name, inputs, weights, *, cells_per_block=1, hidden=None, cell=None, read_mask=None):
    """Read one sentence in the order given.

    Args:
        name: of the cell.
        inputs: ``[T, D]``.
        weights: W ``[K, D]``, U ``[K, H]``, b ``[K]``, and the cell's own vectors by name.
        cells_per_block: cells that share gates.
        hidden: the first hidden state ``[H]``; zero if left out.
        cell: the first cell state ``[H]``; zero if left out.
        read_mask: factors ``[H]`` of the hidden state where U reads it.

    Returns:
        Name to array ``[T, X]``: hidden, cell, gates and candidate.
    """
    num_units = weights["U"].shape[1]
    h = [0.0] * num_units if hidden is None else [float(value) for value in hidden]
    c = [0.0] * num_units if cell is None else [float(value) for value in cell]
    mask = [1.0] * num_units if read_mask is None else read_mask
    step = {"rnn": rnn_step, "gru": gru_step}.get(name, lstm_step)
    steps = []
    for x in inputs:
        wx = product(weights["W"], x)
        uh = product(weights["U"], [value * factor for value, factor in zip(h, mask, strict=True)])
        values = step(name, wx, uh, h, c, weights, cells_per_block)
        h, c = values["hidden"], values.get("cell", c)
        steps.append(values)
    return {key: np.array([values[key] for values in steps]) for key in steps[0]}


def rnn_step(name, wx, uh, h, c, weights, cells_per_block):
    return {"hidden": [math.tanh(wx[j] + float(weights["b"][j]) + uh[j]) for j in range(len(h))]}


def gru_step(name, wx, uh, h, c, weights, cells_per_block):
    size = len(h)
    wx = [value + float(bias) for value, bias in zip(wx, weights["b"], strict=True)]
    r = [sigmoid(wx[j] + uh[j]) for j in range(size)]
    z = [sigmoid(wx[size + j] + uh[size + j]) for j in range(size)]
    n = [math.tanh(wx[2 * size + j] + r[j] * uh[2 * size + j]) for j in range(size)]
    after = [(1.0 - z[j]) * n[j] + z[j] * h[j] for j in range(size)]
    return {"hidden": after, "reset": r, "update": z, "candidate": n}


def lstm_step(name, wx, uh, h, c, weights, cells_per_block):
    size, num_blocks = len(h), len(h) // cells_per_block
    if name == "lstm_layer_norm":
        wx = [float(gain) * value for gain, value in zip(weights["input_gain"], layer_norm(wx), strict=True)]
        uh = [
            float(gain) * value for gain, value in zip(weights["recurrent_gain"], layer_norm(uh), strict=True)
        ]
    total = [wx[row] + uh[row] + float(weights["b"][row]) for row in range(len(wx))]
    has_forget_rows = name not in ("lstm_no_forget", "lstm_coupled")
    rows_i = total[:num_blocks]
    rows_f = total[num_blocks : 2 * num_blocks] if has_forget_rows else []
    rest = total[2 * num_blocks :] if has_forget_rows else total[num_blocks:]
    rows_g, rows_o = rest[:size], rest[size:]

    def seen(gate, state, block):
        """What the peepholes of a block's gate add."""
        if name != "lstm_peephole":
            return 0.0
        cells = range(block * cells_per_block, (block + 1) * cells_per_block)
        return sum(float(weights[f"{gate}_peephole"][j]) * state[j] for j in cells)

    i = [sigmoid(rows_i[m] + seen("input", c, m)) for m in range(num_blocks)]
    if name == "lstm_no_forget":
        f = [1.0] * num_blocks
    elif name == "lstm_coupled":
        f = [1.0 - value for value in i]
    else:
        f = [sigmoid(rows_f[m] + seen("forget", c, m)) for m in range(num_blocks)]
    g = [math.tanh(value) for value in rows_g]
    after = [f[j // cells_per_block] * c[j] + i[j // cells_per_block] * g[j] for j in range(size)]
    o = [sigmoid(rows_o[m] + seen("output", after, m)) for m in range(num_blocks)]
    shown = after
    if name == "lstm_layer_norm":
        shown = [
            float(weights["cell_gain"][j]) * value + float(weights["cell_shift"][j])
            for j, value in enumerate(layer_norm(after))
        ]
    hidden = [o[j // cells_per_block] * math.tanh(shown[j]) for j in range(size)]
    values = {"hidden": hidden, "cell": after, "input": i, "forget": f, "candidate": g, "output": o}
    if name == "lstm_no_forget":
        del values["forget"]
    return values


def read_layer(layer, inputs, read_mask=None):
    """Read one sentence ``[T, D]`` with a recurrent layer's own weights, direction by direction.

    Returns:
        Direction to what :func:`run_cell` gives, in the order of the words.
    """
    result = {}
    for number, direction in enumerate(layer.directions):
        weights = {
            "W": layer.input_weights[number].detach().numpy(),
            "U": layer.recurrent_weights[number].detach().numpy(),
            "b": layer.bias[number].detach().numpy(),
            **{name: parameter[number].detach().numpy() for name, parameter in layer.own.items()},
        }
        state = [None, None]
        if layer.initial_state is not None:
            state = [*layer.initial_state[:, number].detach().numpy(), None][:2]
        sentence = inputs if direction == "forward" else inputs[::-1]
        values = run_cell(
            layer.cell_name,
            sentence,
            weights,
            cells_per_block=layer.cell.cells_per_block,
            hidden=state[0],
            cell=state[1],
            read_mask=None if read_mask is None else read_mask[number],
        )
        result[direction] = {
            name: array if direction == "forward" else array[::-1].copy() for name, array in values.items()
        }
    return result


def sigmoid_array(values):
    return 1.0 / (1.0 + np.exp(-values))


def read_stack(encoder, inputs):
    """Read one sentence ``[T, D]`` with a recurrent encoder without dropout; return ``[T, output_dim]``."""
    outputs: list[np.ndarray] = []
    for number, layer in enumerate(encoder.layers):
        below = outputs[-1] if outputs else inputs
        handed = (
            np.concatenate([inputs, below], axis=1) if encoder.connections == "skip" and number else below
        )
        directions = read_layer(layer, handed)
        above = np.concatenate([values["hidden"] for values in directions.values()], axis=1)
        if encoder.connections == "residual" and number:
            above = above + below
        if encoder.connections == "highway" and number:
            gate = encoder.transform_gates[number - 1]
            share = sigmoid_array(below @ gate.weight.detach().numpy().T + gate.bias.detach().numpy())
            above = share * above + (1.0 - share) * below
        outputs.append(above)
    return np.concatenate(outputs, axis=1) if encoder.connections == "skip" else outputs[-1]
