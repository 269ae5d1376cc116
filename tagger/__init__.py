"""tagger: small, fast, exact sequence labelling with BiLSTM-CRF models.

The public names are imported on first use, so that ``import tagger`` does not import NumPy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tagger.api import Tagger as Tagger
    from tagger.config import TaggerConfig as TaggerConfig
    from tagger.errors import TaggerError as TaggerError
    from tagger.examples import Example as Example
    from tagger.prediction import Prediction as Prediction
    from tagger.spans import Entity as Entity
    from tagger.spans import Span as Span

__version__ = "0.1.0"

_MODULE_OF: Final = {
    "Entity": "tagger.spans",
    "Example": "tagger.examples",
    "Prediction": "tagger.prediction",
    "Span": "tagger.spans",
    "Tagger": "tagger.api",
    "TaggerConfig": "tagger.config",
    "TaggerError": "tagger.errors",
}

__all__ = ["Entity", "Example", "Prediction", "Span", "Tagger", "TaggerConfig", "TaggerError", "__version__"]


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'tagger' has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
