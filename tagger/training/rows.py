"""Rows: copies of some rows of a table and of what Adam keeps of them, and one of several such copies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor


class Rows(NamedTuple):
    """Copies of R rows of a table, of their moments and of their average; ``[R, D]``, the ids ``[R]``."""

    ids: Tensor
    weight: Tensor
    first: Tensor
    second: Tensor
    average: Tensor | None


def merged(parts: Sequence[Rows]) -> Rows:
    """Return the rows of all parts, each once, the gradient of the weight the sum of theirs."""
    ids, inverse = torch.unique(torch.cat([part.ids for part in parts]), return_inverse=True)
    chosen = torch.empty_like(ids)  # for each row a place in the parts, one part after the other
    gradient = parts[0].weight.new_zeros(len(ids), parts[0].weight.shape[1])
    first = 0
    for part in parts:
        places = torch.arange(first, first + len(part.ids))
        first += len(part.ids)
        chosen.index_copy_(0, inverse[places], places)
        if part.weight.grad is not None:
            gradient.index_add_(0, inverse[places], part.weight.grad)
    copies: list[Any] = [
        None if column[0] is None else torch.cat(column).index_select(0, chosen)
        for column in list(zip(*parts, strict=True))[1:]
    ]
    rows = Rows(ids, *copies)
    rows.weight.grad = gradient
    return rows
