"""PackedWeights: LSTM weights in the order in which oneDNN multiplies by them, made once instead of in every call.

Letters: B sentences, T tokens of the longest, D width of the inputs, H hidden units per direction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

import torch
from torch import Tensor

from tagger.modules.weight_state import WeightState

# Number of the LSTM among the recurrent kernels of torch
_LSTM: Final = 2
# Not where torch was built without oneDNN, nor should it ever drop operators that are not part of its public interface
_CAN_PACK: Final = hasattr(torch.ops.mkldnn, "_reorder_mkldnn_rnn_layer_weight") and hasattr(
    torch.ops.aten, "mkldnn_rnn_layer"
)

_Weights: TypeAlias = tuple[Tensor, Tensor, Tensor]
_Packed: TypeAlias = tuple[Tensor, Tensor, Tensor, Tensor]


class _Kept(NamedTuple):
    """What was packed.

    Attributes:
        state: of which weights.
        directions: of each direction packed W and U, b, and a second bias of zeros.
    """

    state: WeightState
    directions: list[_Packed]


class PackedWeights:
    """The packed weights of one LSTM layer; what they compute is what ``torch.lstm`` does, bit for bit.

    On the CPU ``torch.lstm`` copies all weights into another order before it computes. For one short sentence that is
    a third of its time, and the same in every call. Weights that have changed since are packed again, unless they were
    changed without a trace: through ``.data`` or by a fused optimiser. Copies begin empty. Threads may share it.
    """

    def __init__(self) -> None:
        self._kept: _Kept | None = None

    def __reduce__(self) -> tuple[type[PackedWeights], tuple[()]]:
        """Be copied as an empty one: the tensors of oneDNN cannot be copied."""
        return PackedWeights, ()

    @staticmethod
    def can_run(inputs: Tensor, weights: Tensor) -> bool:
        """Return whether ``torch.lstm`` would pack these weights to read these inputs, without gradients."""
        return (
            _CAN_PACK
            and weights.device.type == "cpu"
            and weights.dtype == inputs.dtype == torch.float32
            and not torch.is_grad_enabled()
            and not torch.is_autocast_enabled("cpu")
            and bool(torch.backends.mkldnn.enabled)
        )

    def run(self, streams: Sequence[Tensor], initial: Tensor, weights: _Weights) -> list[Tensor]:
        """Return the hidden states of each of N directions, ``[T, B, H]``, in reading order.

        Every direction reads its stream forward: oneDNN makes code for each shape and direction, a millisecond's work
        that the two of them so share.

        Args:
            streams: what each direction reads, ``[T, B, D]``, T and B at least 1.
            initial: the hidden and the cell state before the first step, ``[2, N, B, H]``, without gaps.
            weights: W, U and b of all directions, as :class:`tagger.modules.recurrent_layer.RecurrentLayer` has them.
        """
        hidden_dim = weights[1].shape[2]
        no_batch_sizes: list[int] = []
        # num_layers, has_biases, bidirectional, batch_first, train
        options = (1, True, False, False, False)
        outputs = []
        for number, (stream, packed) in enumerate(zip(streams, self._packed(weights), strict=True)):
            hidden, cell = initial[:, number : number + 1]
            outputs.append(
                torch.ops.aten.mkldnn_rnn_layer(
                    stream.contiguous(),
                    *packed,
                    hidden,
                    cell,
                    False,
                    no_batch_sizes,
                    _LSTM,
                    hidden_dim,
                    *options,
                )[0]
            )
        return outputs

    def _packed(self, weights: _Weights) -> list[_Packed]:
        state = WeightState(weights)
        kept = self._kept
        if kept is None or kept.state != state:
            directions = [self._pack(w, u, b) for w, u, b in zip(*weights, strict=True)]
            self._kept = kept = _Kept(state, directions)
        return kept.directions

    @staticmethod
    def _pack(w: Tensor, u: Tensor, b: Tensor) -> _Packed:
        # hidden_dim, reverse, has_biases, batch_first; the layout depends on none of them
        packed_w, packed_u = torch.ops.mkldnn._reorder_mkldnn_rnn_layer_weight(
            w, u, u.shape[1], False, True, False
        )
        return packed_w, packed_u, b.detach(), torch.zeros_like(b)
