"""describe: a one-line description of a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from tagger.text.printable import excerpt, printable

if TYPE_CHECKING:
    from tagger.model_parts import ModelParts

_MOST_LABELS: Final = 4
_LONGEST_LABEL: Final = 30


def describe(parts: ModelParts, labels: Sequence[str], device: str) -> str:
    """Return a model's labels, architecture, number of parameters and device, in one line.

    Args:
        parts: the model.
        labels: the labels it reports.
        device: the device it runs on.
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
