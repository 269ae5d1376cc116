"""Options of older model folders that no longer exist."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tagger.errors import ModelError

_SWITCH: Final = "document_context"
_WHERE_OFF: Final = {_SWITCH: False, "document_dropout": 0.2, "block_tokens": 64, "document_tokens": 2048}
"""The options of the trained document context, with their values in a model without one."""
_OF_TRAINING: Final = ("label_smoothing", "adversarial", "unk_alpha")
"""Numbers that changed training, and have no effect on a trained model."""


def without_retired_options(folder: Path, architecture: Mapping[str, Any]) -> dict[str, Any]:
    """Return an architecture without retired options, if they have no effect on the model.

    With other values they are kept, and rejected later as unknown.

    Args:
        folder: of the model, for the message.
        architecture: from ``config.json``.

    Raises:
        ModelError: if the model was trained with document context.
    """
    if architecture.get(_SWITCH) is True:
        raise ModelError(
            f"{folder}: the model has a trained document context, which this version no longer has. Train it again; "
            "document consistency takes its place when sentences are tagged."
        )
    return {name: value for name, value in architecture.items() if not _is_off(name, value)}


def _is_off(name: str, value: object) -> bool:
    if name in _OF_TRAINING:
        return type(value) in (int, float)
    off = _WHERE_OFF.get(name)
    return name in _WHERE_OFF and type(value) is type(off) and value == off
