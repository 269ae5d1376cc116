"""FrozenStack: recurrent layers stacked with plain, residual, highway or skip connections.

Letters: P tokens, M rows of inputs, D their width, H hidden units per direction, N directions.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from tagger.config import TaggerConfig
from tagger.network.arrays import FloatArray, IntArray, Weights, frozen
from tagger.network.layer import FrozenLayer
from tagger.network.order import ReadingOrder


class FrozenStack:
    """The recurrent encoder; the equations of the connections are in :mod:`tagger.modules.recurrent`.

    Args:
        weights: the weights of the encoder, as in the model folder.
        config: the architecture.
    """

    def __init__(self, weights: Weights, config: TaggerConfig) -> None:
        self._connections: Final = config.connections
        layers, gates = weights.part("layers"), weights.part("transform_gates")
        self._layers: Final = [
            FrozenLayer(
                layers.part(str(number)),
                cell=config.cell,
                hidden_dim=config.hidden_dim,
                cells_per_block=config.cells_per_block,
            )
            for number in range(config.num_layers)
        ]
        # σ(x) = (1 + tanh(x / 2)) / 2; the inner factor is part of the weights
        self._transform_gates: Final = [
            (frozen(gates.part(str(number))["weight"].T / 2), frozen(gates.part(str(number))["bias"] / 2))
            for number in range(config.num_layers - 1 if config.connections == "highway" else 0)
        ]

    @property
    def reads_inputs_above(self) -> bool:
        """Whether layers above the first read the inputs too, so that their projections are not enough."""
        return self._connections == "skip"

    def project(self, inputs: FloatArray) -> FloatArray:
        """Return the input projections of the first layer: ``[M, D]`` to ``[N, M, K]``."""
        return self._layers[0].project(inputs)

    def run(
        self, projected: FloatArray, rows: IntArray, order: ReadingOrder, inputs: FloatArray | None = None
    ) -> FloatArray:
        """Return the outputs of every token in reading order, ``[P, output_dim]``.

        Args:
            projected: input projections of the first layer, ``[N, M, K]``.
            rows: the row among them of each token, in reading order, ``[P]``.
            order: the reading order.
            inputs: the inputs that were projected, ``[M, D]``; for skip connections.
        """
        outputs = [self._layers[0].run(projected, rows, order)]
        every_row = np.arange(len(rows))
        for number, layer in enumerate(self._layers[1:]):
            below = outputs[-1]
            handed = below
            if inputs is not None and self.reads_inputs_above:
                handed = np.concatenate([inputs.take(rows, axis=0), below], axis=1)
            above = layer.run(layer.project(handed), every_row, order)
            if self._connections == "residual":
                above += below
            elif self._connections == "highway":
                weight, bias = self._transform_gates[number]
                share = below @ weight
                share += bias
                np.tanh(share, out=share)
                share = (share + 1) / 2
                above = below + share * (above - below)
            outputs.append(above)
        return np.concatenate(outputs, axis=1) if self.reads_inputs_above else outputs[-1]
