"""Properties of words that a unit may detect: labels, and features of the spelling."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tagger.errors import DataError, UsageError
from tagger.examples import Example
from tagger.schemes import LabelScheme, split_label

BoolArray = NDArray[np.bool_]

_SPELLING: Final[Mapping[str, Callable[[str], bool]]] = MappingProxyType(
    {
        "capitals": lambda word: word[:1].isupper(),
        "digits": lambda word: any(char.isdigit() for char in word),
    }
)


def properties(examples: Sequence[Example], scheme: LabelScheme | str) -> dict[str, BoolArray]:
    """Return which words of a corpus have which property, one value per word, sentences concatenated.

    The properties are ``entity`` (if labels have spans), each type of span (or each label if they have none),
    ``capitals`` (a capital first letter), ``digits`` (any digit) and ``first word`` (of a sentence). Properties that
    all or no words have are left out.

    Args:
        examples: annotated sentences.
        scheme: scheme of their labels.

    Raises:
        DataError: if a sentence has no labels.
        LabelError: if a label cannot belong to the scheme.
    """
    scheme = LabelScheme.parse(scheme)
    kinds = []
    for number, example in enumerate(examples, start=1):
        if example.labels is None:
            where = example.origin or f"sentence {number}"
            raise DataError(f"{where}: expected gold labels to look for in the units, found none")
        kinds += [split_label(label, scheme)[1] if scheme.has_spans else label for label in example.labels]
    words = [word for example in examples for word in example.tokens]
    found = {"entity": np.array([bool(kind) for kind in kinds])} if scheme.has_spans else {}
    for kind in sorted({kind for kind in kinds if kind}):
        found[kind] = np.array([other == kind for other in kinds])
    for name, holds in _SPELLING.items():
        found[name] = np.array([holds(word) for word in words], dtype=bool)
    found["first word"] = np.array([t == 0 for example in examples for t in range(len(example.tokens))])
    return {name: values for name, values in found.items() if values.any() and not values.all()}


def choose(found: Mapping[str, BoolArray], names: Sequence[str]) -> dict[str, BoolArray]:
    """Return some of the properties, in the order of the names.

    Raises:
        UsageError: if one is not among them; lists them.
    """
    for name in names:
        if name not in found:
            raise UsageError(f"property {name!r}: expected one of {', '.join(found)}")
    return {name: found[name] for name in names}
