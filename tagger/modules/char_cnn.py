"""CharCNN: a word's vector from its characters, by convolution and maximum over time.

Letters: U words, C characters, F filters, W characters that one filter sees, V characters there are.
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

    Without dropout, what a filter makes of a window is a sum of W terms, each of which depends on one character and
    its place in the window alone. So the products of all characters with all filters are made once, as W tables
    ``[V, F]``, and a word's windows are sums of rows of them: a third of the time of a convolution in training, a fifth
    of it in tagging. The gradient only goes to the windows with the maximum.

    Args:
        num_characters: V, padding and unknown included.
        char_dim: width of a character's embedding.
        num_filters: F, width of the result.
        width: W.
        dropout: on the embeddings, in training.
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
            ``[U, F]``. Only filters centred on a real character count, so a word's vector does not depend on C; a word
            without characters is read as one padding character.
        """
        if self.training and self.dropout > 0:
            return self._convolve(characters)
        return self._look_up(characters, self._tables())

    def _tables(self) -> Tensor:
        """Return what a filter makes of each character at each place of its window, ``[W, V + 1, F]``.

        Row V is the only character of a word without characters: padding that counts. Where other padding is in the
        centre of a window, it is -inf, so that the window never has the maximum.
        """
        num_characters, width = self.embedding.num_embeddings, self.convolution.kernel_size[0]
        weight = self.convolution.weight
        embedded = self.embedding(torch.arange(num_characters + 1, device=weight.device) % num_characters)
        tables = torch.matmul(embedded, weight.permute(2, 1, 0))
        uncounted = torch.zeros_like(tables[:, :, :1])
        uncounted[width // 2, PAD_ID] = -torch.inf
        return tables + uncounted

    def _convolve(self, characters: Tensor) -> Tensor:
        """Return the vectors of U words by a convolution, with dropout."""
        embedded = self.embedding(characters)  # [U, C, char_dim]
        embedded = embedded * dropout_mask(tuple(embedded.shape), rate=self.dropout, like=embedded)
        # A filter of even width gives one position too many: the last, centred after the word.
        filtered = self.convolution(embedded.transpose(1, 2))[:, :, : characters.shape[1]]  # [U, F, C]
        after = characters == PAD_ID  # [U, C]
        after[:, :1] = False
        vectors: Tensor = filtered.masked_fill(after.unsqueeze(1), -torch.inf).amax(dim=2)
        return vectors

    def _look_up(self, characters: Tensor, tables: Tensor) -> Tensor:
        """Return the vectors of U words by tables, without dropout."""
        num_characters, width = self.embedding.num_embeddings, self.convolution.kernel_size[0]
        before = width // 2
        rows = functional.pad(characters, (before, width - 1 - before), value=PAD_ID)  # [U, C + W - 1]
        first = rows[:, before]
        first.masked_fill_(first == PAD_ID, num_characters)
        strongest = _strongest_window(tables, rows.t())
        vectors: Tensor = torch.add(strongest, self.convolution.bias)  # type: ignore[arg-type]
        return vectors


def _strongest_window(tables: Tensor, rows: Tensor) -> Tensor:
    """Return the maximum over all windows of the sum of a window's rows, one from each of W tables: ``[U, F]``.

    Args:
        tables: ``[W, R, F]``.
        rows: row numbers, ``[C + W - 1, U]``.
    """
    if not torch.is_grad_enabled():
        return _windows(tables, rows).amax(dim=0)
    strongest: Tensor = _StrongestWindow.apply(tables, rows)  # type: ignore[no-untyped-call]
    return strongest


def _windows(tables: Tensor, rows: Tensor) -> Tensor:
    """Return the sum of each window's rows, ``[C, U, F]``."""
    num_windows = len(rows) - len(tables) + 1
    sums = functional.embedding(rows[:num_windows], tables[0])
    for place in range(1, len(tables)):
        sums += functional.embedding(rows[place : place + num_windows], tables[place])
    return sums


class _StrongestWindow(torch.autograd.Function):
    """The same with a gradient, which only goes to the strongest window."""

    @staticmethod
    def forward(ctx: Any, tables: Tensor, rows: Tensor) -> Tensor:
        maxima, windows = _windows(tables, rows).max(dim=0)
        ctx.save_for_backward(rows, windows)
        ctx.shape = tables.shape
        return maxima

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_maxima: Tensor) -> tuple[Tensor, None]:
        rows, windows = ctx.saved_tensors
        num_words, num_filters = d_maxima.shape
        # Hundreds of words share a character: too many terms for a sum in half precision.
        exact = d_maxima.to(torch.promote_types(d_maxima.dtype, torch.float32))
        d_tables = exact.new_zeros(ctx.shape)
        words = torch.arange(num_words, device=rows.device).unsqueeze(1)
        filters = torch.arange(num_filters, device=rows.device)
        for place, d_table in enumerate(d_tables):
            chosen = rows.flatten()[(windows + place) * num_words + words]  # [U, F]
            d_table.view(-1).index_add_(0, (chosen * num_filters + filters).flatten(), exact.flatten())
        return d_tables.to(d_maxima.dtype), None
