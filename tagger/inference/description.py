"""describe: a model in one line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from tagger.text.printable import excerpt, printable

if TYPE_CHECKING:
    from tagger.model_parts import ModelParts

_MOST_LABELS: Final = 4
_LONGEST_LABEL: Final = 30


def describe(parts: ModelParts, labels: Sequence[str], device: str) -> str:
    """Return what a model tells apart, how it is built, its size in parameters, and where it runs.

    Args:
        parts: the model.
        labels: what it reports.
        device: where.
    """
    config = parts.config
    shown = [printable(excerpt(label, _LONGEST_LABEL)) for label in labels[:_MOST_LABELS]]
    names = ", ".join([*shown, *["..."] * (len(labels) > _MOST_LABELS)])
    cells = f"{'bidirectional ' * config.bidirectional}{config.cell}"
    layers = f"{config.num_layers} layer{'s' * (config.num_layers > 1)} of {config.hidden_dim} units"
    average = f"average of {len(parts.members)} models, the first a " if parts.others else ""
    return (
        f"{len(labels)} labels ({names}); {average}{cells}, {layers}, {config.decoder}, scheme {config.scheme} inside; "
        f"{parts.num_parameters:,} parameters; {device}"
    )
