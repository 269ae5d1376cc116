"""The equations of the cells, taken from their docstrings, and the meanings of their symbols."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tagger.modules.recurrent.cells import CELLS

_SYMBOLS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "x_t": "the vector that the layer reads at word t",
        "h_{t-1}": "the hidden state after the previous word read: the short-term output, initially 0 or learned",
        "h_t": "the hidden state at word t: what the next word, and the next layer, read",
        "c_{t-1}": "the cell state after the previous word read: the long-term output, initially 0 or learned",
        "c_t": "the cell state at word t: the memory, with no weights between it and c_{t-1}",
        "i_t": "the input gate: for each unit, how much is written",
        "f_t": "the forget gate: for each unit, how much is kept; 0 erases, 1 keeps",
        "o_t": "the output gate: for each unit, how much is read out",
        "g_t": "the candidate: for each unit, what would be written, between -1 and 1",
        "r_t": "the reset gate: for each unit, how much of the past the candidate reads",
        "z_t": "the update gate: for each unit, how much is kept; 0 replaces, 1 keeps",
        "n_t": "the candidate: for each unit, what would be written, between -1 and 1",
        "W": "weights of x_t, U those of h_{t-1}, b a bias, with a row for each unit (of each gate and the candidate, "
        "if there are gates)",
        "W_…": "weights of x_t, U_… those of h_{t-1}, b_… a bias: each gate with a sum, and the candidate, have their "
        "own, with a row for each unit, or for each block of units that share a gate",
        "p": "peephole weights, with which a gate reads the cell state of its own unit, or of all units of its block",
        "γ": "gains, one for each row, and β_c a shift for each unit",
        "σ": "the logistic function 1 / (1 + e^-v), from 0 to 1; tanh is from -1 to 1",
        "⊙": "element-wise multiplication: a gate selects for each unit, or each block of units, separately",
    }
)
_STARTS: Final = {"W": ("W x",), "W_…": ("W_",), "p": ("p_",), "γ": ("γ",), "σ": ("σ(",)}


def equations(cell: str) -> str:
    """Return the equations of a cell, one per line.

    >>> equations("rnn")
    'h_t = tanh(W x_t + U h_{t-1} + b)'
    """
    return "\n".join(line.strip() for line in _docstring(cell) if " = " in line)


def about(cell: str) -> str:
    """Return the description of a cell, with its publication.

    >>> about("rnn")
    'The simple recurrent network (Elman 1990).'
    """
    return _docstring(cell)[0]


def symbols(cell: str) -> dict[str, str]:
    """Return the meaning of each symbol in the equations of a cell.

    >>> list(symbols("rnn"))
    ['x_t', 'h_{t-1}', 'h_t', 'W']
    """
    text = equations(cell)
    return {
        symbol: meaning
        for symbol, meaning in _SYMBOLS.items()
        if any(start in text for start in _STARTS.get(symbol, (symbol,)))
    }


def _docstring(cell: str) -> list[str]:
    return (inspect.getdoc(CELLS[cell]) or "").splitlines()
