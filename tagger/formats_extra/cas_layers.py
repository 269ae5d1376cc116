"""The layers of a CAS: its annotation types, and the type and feature that hold the labels."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final, NamedTuple

from tagger.errors import UsageError
from tagger.formats.tools.webanno_layers import endings
from tagger.formats_extra.cas_loading import LoadedCas
from tagger.options import argument

ANNOTATION: Final = "uima.tcas.Annotation"
TOKEN: Final = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Token"
SENTENCE: Final = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Sentence"

_STRING: Final = "uima.cas.String"
_USUAL_TYPE: Final = "NamedEntity"
_USUAL_FEATURES: Final = ("value", "label")
_OF_TOKENS: Final = (
    "uima.tcas.DocumentAnnotation",
    "de.tudarmstadt.ukp.dkpro.core.api.lexmorph.",
    "de.tudarmstadt.ukp.dkpro.core.api.metadata.",
    "de.tudarmstadt.ukp.dkpro.core.api.segmentation.",
    "de.tudarmstadt.ukp.dkpro.core.api.syntax.",
)
"""Prefixes of types that annotate every token or the document; read only on request."""

_OF_LINKS: Final = frozenset(("Governor", "Dependent", "next", "first"))
"""Features of relations and chains."""


class Layer(NamedTuple):
    """An annotation type and the feature that holds the labels.

    Attributes:
        type: full name of the annotation type, or of a supertype.
        feature: the feature that holds the label; empty if the type has no string features and is itself the label.
    """

    type: str
    feature: str

    @property
    def short_type(self) -> str:
        """The last part of the type's name."""
        return short(self.type)

    @property
    def name(self) -> str:
        """Its name in messages and options."""
        return f"{self.short_type}.{self.feature}" if self.feature else self.short_type


def short(type: str) -> str:
    """Return the last part of the name of a type."""
    return type.rpartition(".")[2]


def choose_layer(cas: LoadedCas, asked: str | None, name: str) -> Layer | None:
    """Return the layer whose labels are read; None if there are no annotations other than those of tokens.

    Args:
        cas: the loaded CAS.
        asked: the name of a layer; None for the usual one.
        name: what messages call the file.

    Raises:
        UsageError: no layer has this name, or several could be meant; lists them with their counts.
    """
    annotations = cas.view.select(ANNOTATION)
    if asked is not None:
        return _named(cas, annotations, asked, name)
    counts = _count(cas, annotations)
    if not counts:
        return None
    for layer in counts:
        usual = next((type for type in _lineage(cas, layer.type) if short(type) == _USUAL_TYPE), None)
        if usual is not None:
            return Layer(usual, "value")
    used = [layer for layer, count in counts.items() if count] or list(counts)
    if len(used) == 1:
        return used[0]
    raise UsageError(
        f"{name}: expected one layer of labels, found {list_layers(counts)}. Choose one: "
        f"{argument('data.label_column', min(used).name)}"
    )


def list_layers(counts: Counter[Layer]) -> str:
    """List layers with their counts, for messages."""
    return ", ".join(f"{layer.name} ({count})" for layer, count in sorted(counts.items())) or "none"


def is_of_tokens(type: str) -> bool:
    """Return whether a type annotates every token, or the document."""
    return type.startswith(_OF_TOKENS)


def is_link(cas: LoadedCas, type: str) -> bool:
    """Return whether annotations of a type are relations or links of chains."""
    return any(feature.name in _OF_LINKS for feature in cas.types.get_type(type).all_features)


def _count(cas: LoadedCas, annotations: list[Any]) -> Counter[Layer]:
    """Count the annotations with a label in each layer."""
    counts: Counter[Layer] = Counter()
    for type in {annotation.type.name for annotation in annotations}:
        if not is_of_tokens(type) and not is_link(cas, type):
            for feature in _strings(cas, type) or [""]:
                counts[Layer(type, feature)] += 0
    for annotation in annotations:
        type = annotation.type.name
        for feature in _strings(cas, type) or [""]:
            if Layer(type, feature) in counts and (not feature or annotation[feature]):
                counts[Layer(type, feature)] += 1
    return counts


def _named(cas: LoadedCas, annotations: list[Any], asked: str, name: str) -> Layer:
    found: set[Layer] = set()
    for type in cas.types.get_types():
        if not cas.types.is_instance_of(type.name, ANNOTATION):
            continue
        for called in endings(type.name):
            feature = asked.removeprefix(f"{called}.")
            if asked == called:
                strings = _strings(cas, type.name)
                usual = [feature for feature in _USUAL_FEATURES if feature in strings][:1]
                found.update(Layer(type.name, feature) for feature in usual or strings or [""])
            elif feature != asked and feature in {feature.name for feature in type.all_features}:
                found.add(Layer(type.name, feature))
    if len(found) == 1:
        return found.pop()
    counts = _count(cas, annotations)
    if not found:
        raise UsageError(
            f"{name}: expected a layer called {asked!r}, as {argument('data.label_column')} says, found "
            f"{list_layers(counts)}"
        )
    raise UsageError(
        f"{name}: expected one layer called {asked!r}, found "
        f"{', '.join(sorted('.'.join(layer).rstrip('.') for layer in found))}. Choose one: "
        f"{argument('data.label_column', '.'.join(min(found)).rstrip('.'))}"
    )


def _strings(cas: LoadedCas, type: str) -> list[str]:
    """Return the string features of a type, with or without a tag set."""
    features = cas.types.get_type(type).all_features
    return [feature.name for feature in features if cas.types.is_instance_of(feature.rangeType.name, _STRING)]


def _lineage(cas: LoadedCas, type: str) -> list[str]:
    """Return a type and its supertypes."""
    found, kind = [], cas.types.get_type(type)
    while kind is not None:
        found.append(kind.name)
        kind = kind.supertype
    return found
