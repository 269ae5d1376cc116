"""CharCNN: a word's vector from its characters, by convolution and maximum over time.

Letters: U words, C characters per word, F filters, W filter width in characters, V character vocabulary.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from tagger.features.vocabulary import PAD_ID
from tagger.modules.dropout import checked_rate, dropout_mask


class CharCNN(nn.Module):
    """Character embeddings, one convolution, maximum over the word's characters (Ma & Hovy 2016, section 2.1).

    Without dropout, a filter's response to a window is a sum of W terms, each of which depends only on one character
    and its position in the window. So the products of all characters with all filters are computed once, as W tables
    ``[V, F]``, and the responses are sums of their rows: a third of the time of a convolution in training, a fifth
    of it in tagging. Only windows centred on a character of the word are computed, and the gradient only goes to the
    windows with the maximum.

    Args:
        num_characters: V, padding and unknown included.
        char_dim: width of a character's embedding.
        num_filters: F, width of the result.
        width: W.
        dropout: dropout rate on the embeddings.
    """

    def __init__(
        self, num_characters: int, char_dim: int, num_filters: int, width: int, *, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_characters, char_dim, padding_idx=PAD_ID)
        self.dropout = checked_rate(dropout, name="char_dropout")
        self.convolution = nn.Conv1d(char_dim, num_filters, width, padding=width // 2)
        self.output_dim = num_filters
        bound = (3 / char_dim) ** 0.5
        nn.init.uniform_(self.embedding.weight, -bound, bound)
        nn.init.xavier_uniform_(self.convolution.weight)
        nn.init.zeros_(self.convolution.bias)  # type: ignore[arg-type]
        with torch.no_grad():
            self.embedding.weight[PAD_ID].zero_()

    def forward(self, characters: Tensor) -> Tensor:
        """Return the vectors of U words.

        Args:
            characters: ids, ``[U, C]`` with C at least 1; ``PAD_ID`` after a word's end.

        Returns:
            ``[U, F]``. Only windows centred on a real character count, so a word's vector does not depend on C; a word
            without characters is read as one padding character.
        """
        if self.training and self.dropout > 0:
            return self._convolve(characters)
        return self._look_up(characters)

    def _tables(self) -> Tensor:
        """Return each filter's response to each character at each position of its window, ``[W, V, F]``."""
        weight = self.convolution.weight
        embedded = self.embedding(torch.arange(self.embedding.num_embeddings, device=weight.device))
        tables = torch.matmul(embedded, weight.permute(2, 1, 0))
        # Hundreds of words share a character: their gradients are too many terms to sum in half precision.
        return tables.to(torch.promote_types(tables.dtype, torch.float32))

    def _convolve(self, characters: Tensor) -> Tensor:
        """Return the vectors of U words, computed by a convolution with dropout."""
        embedded = self.embedding(characters)  # [U, C, char_dim]
        embedded = embedded * dropout_mask(tuple(embedded.shape), rate=self.dropout, like=embedded)
        # A filter of even width gives one position too many: the last, centred after the word.
        filtered = self.convolution(embedded.transpose(1, 2))[:, :, : characters.shape[1]]  # [U, F, C]
        after = characters == PAD_ID  # [U, C]
        after[:, :1] = False
        vectors: Tensor = filtered.masked_fill(after.unsqueeze(1), -torch.inf).amax(dim=2)
        return vectors

    def _look_up(self, characters: Tensor) -> Tensor:
        """Return the vectors of U words, looked up in the tables, without dropout."""
        width = self.convolution.kernel_size[0]
        before = width // 2
        centred = characters != PAD_ID  # [U, C]
        centred[:, :1] = True
        padded = functional.pad(characters, (before, width - 1 - before), value=PAD_ID)
        windows = padded.unfold(1, width, 1)[centred].t().contiguous()  # [W, windows of all words]
        tables = self._tables()
        sums = functional.embedding(windows[0], tables[0])
        for place in range(1, width):
            sums = sums + functional.embedding(windows[place], tables[place])
        strongest: Tensor = _Strongest.apply(sums, centred.sum(dim=1))  # type: ignore[no-untyped-call]
        bias: Tensor = self.convolution.bias  # type: ignore[assignment]
        return (strongest + bias).to(bias.dtype)


class _Strongest(torch.autograd.Function):
    """The maximum over the windows of each word, given the number of windows per word.

    Tied windows share the gradient equally; torch's own backward pass gives all of a negative gradient to each of them.
    """

    @staticmethod
    def forward(ctx: Any, values: Tensor, counts: Tensor) -> Tensor:
        strongest = torch.segment_reduce(values, "max", lengths=counts, unsafe=True)
        ctx.save_for_backward(values, counts, strongest)
        return strongest

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_strongest: Tensor) -> tuple[Tensor, None]:
        values, counts, strongest = ctx.saved_tensors
        words = torch.repeat_interleave(counts)
        is_strongest = (values == strongest.index_select(0, words)).to(values.dtype)
        shares = d_strongest / torch.segment_reduce(is_strongest, "sum", lengths=counts, unsafe=True)
        return is_strongest.mul_(shares.index_select(0, words)), None
