"""Choice among several layers of annotation."""

from __future__ import annotations

from collections.abc import Sequence

from tagger.errors import UsageError
from tagger.options import argument


def choose_layer(given: int | str | None, layers: Sequence[str], usual: Sequence[str], where: str) -> str:
    """Return the given layer, else the first usual one that exists, else the only one.

    >>> choose_layer(None, ["inner", "outer"], ["outer"], "a.tsv")
    'outer'

    Args:
        given: the option ``label_column``.
        layers: the existing layers.
        usual: the default layers, in order of preference.
        where: what messages call the file or its header.

    Raises:
        UsageError: there is no such layer, or several could be meant.
    """
    listed = ", ".join(map(repr, layers)) or "none"
    if given is not None:
        if given not in layers:
            chosen = argument("data.label_column", given)
            raise UsageError(f"{where}: {chosen}: expected one of {listed}")
        return str(given)
    for layer in (*usual, *(layers if len(layers) == 1 else ())):
        if layer in layers:
            return layer
    example = argument("data.label_column", next(iter(layers), ...))
    raise UsageError(
        f"{where}: several columns of labels could be meant, or none: {listed}. Choose one with {example}"
    )
