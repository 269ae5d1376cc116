"""ModelParts: architecture, vocabularies and weights of a model, or of an average of models.

Letter: L labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tagger.config import TaggerConfig
from tagger.errors import LabelError, MissingExtraError, UsageError
from tagger.features import Featurizer
from tagger.features.vocabulary import LabelVocabulary
from tagger.network import ChainDecoder, Weights
from tagger.schemes import LabelScheme, TransitionConstraints, allowed_transitions, split_label

if TYPE_CHECKING:
    from tagger.model import TaggerModel


@dataclass(frozen=True)
class ModelParts:
    """Everything a model folder holds.

    Attributes:
        config: the architecture; its scheme is resolved, never ``auto``.
        featurizer: the normalisation, the vocabularies and any pretrained vectors.
        labels: the internal labels of the model.
        weights: of the network, by name, in single precision; the arrays are made read-only.
        segmenter: for raw text: ``{"name": ..., "version": ..., "options": {...}}``, all strings.
        stored_as: precision of the weights in the folder, ``float32`` or ``float16``; the default when saving.
        digest: checksum of ``config.json`` as it was read, which holds the checksums of all other files that
            predictions depend on. None for a model that was not read from a folder.
        temperature: divisor of all scores before they become probabilities; 1 unless the model is calibrated.
        thresholds: minimum span probabilities by type, applied on request; empty unless stored.
        card: the model card, ``README.md``, as it was read; None for a model without one.
        others: the other members of an average of models, all with the same labels, in any order; config, featurizer
            and weights are those of the first member. Empty for a single model.
    """

    config: TaggerConfig
    featurizer: Featurizer
    labels: LabelVocabulary
    weights: Mapping[str, NDArray[np.float32]]
    segmenter: Mapping[str, Any]
    stored_as: str = "float32"
    digest: str | None = None
    temperature: float = 1.0
    thresholds: Mapping[str, float] = field(default_factory=dict)
    card: bytes | None = None
    others: tuple[ModelParts, ...] = ()

    def __post_init__(self) -> None:
        for array in self.weights.values():
            array.flags.writeable = False

    def __reduce__(self) -> tuple[type[ModelParts], tuple[Any, ...]]:
        """Pickle and copy the fields only: cached properties are recomputed, and copied weights are read-only."""
        return type(self), tuple(getattr(self, each.name) for each in fields(self))

    @cached_property
    def types(self) -> tuple[str, ...]:
        """The types of the spans, sorted; empty if labels have no spans."""
        return types_of_spans(self.config, self.labels)

    @cached_property
    def constraints(self) -> TransitionConstraints:
        """The transitions allowed by the scheme, as arrays."""
        return constraints_of(self.config, self.labels)

    @cached_property
    def members(self) -> tuple[ModelParts, ...]:
        """The single models of an average, starting with the first; a single model itself."""
        return (self.alone(), *self.others) if self.others else (self,)

    def alone(self) -> ModelParts:
        """Return the first member as a single model, without the calibration, card and digest of the folder."""
        return replace(self, digest=None, temperature=1.0, thresholds={}, card=None, others=())

    @property
    def num_parameters(self) -> int:
        """The total number of weights of all members."""
        return sum(weights.size for member in self.members for weights in member.weights.values())

    @cached_property
    def decoder(self) -> ChainDecoder:
        """The decoder; for an average, with the mean of its members' transition scores."""
        tables: dict[str, NDArray[np.float64]] = {}
        for member in self.members:
            order = self.order_of(member)
            for name in ("transitions", "start_transitions", "end_transitions"):
                table = member.weights[f"decoder.{name}"].astype(np.float64)
                ordered = table[np.ix_(*[order] * table.ndim)]
                tables[name] = tables.get(name, 0.0) + ordered / len(self.members)
        return ChainDecoder(Weights(tables), self.constraints)

    def order_of(self, member: ModelParts) -> NDArray[np.int64]:
        """Return the id that each label has in a member, ``[L]``."""
        return np.array([member.labels.encode(label) for label in self.labels.items], dtype=np.int64)

    @cached_property
    def model(self) -> TaggerModel:
        """The PyTorch model with these weights, for gradients and accelerators; built on first use, imports torch.

        Raises:
            MissingExtraError: if torch is not installed.
            UsageError: for an average, which is several models.
        """
        if self.others:
            raise UsageError(
                f"this model is an average of {len(self.members)}, and its networks can be looked into one by one "
                "alone: give the folder of a model that it was made of, or in Python Tagger(tagger.parts.members[0])"
            )
        if find_spec("torch") is None:
            raise MissingExtraError("torch", "The PyTorch model")
        from tagger.model_building import model_with_weights

        return model_with_weights(self)


def types_of_spans(config: TaggerConfig, labels: LabelVocabulary) -> tuple[str, ...]:
    """Return the types of the spans, sorted; empty if labels have no spans."""
    scheme = LabelScheme.parse(config.scheme)
    if not scheme.has_spans:
        return ()
    return tuple(sorted({split_label(label, scheme)[1] for label in labels.items} - {""}))


def constraints_of(config: TaggerConfig, labels: LabelVocabulary) -> TransitionConstraints:
    """Return the transitions that the scheme allows between the labels, as arrays.

    Raises:
        LabelError: if a label does not belong to the scheme, two mean the same, or O is missing, so that some sentences
            may have no legal labelling.
    """
    scheme = LabelScheme.parse(config.scheme)
    tables = allowed_transitions(labels.items, scheme)
    meanings = {split_label(label, scheme): label for label in labels.items}
    if len(meanings) < len(labels):
        label = next(label for label in labels.items if meanings[split_label(label, scheme)] != label)
        raise LabelError(
            f"expected labels of different meanings, found {label!r} and "
            f"{meanings[split_label(label, scheme)]!r}, the same in {scheme.name}"
        )
    if scheme.has_spans and "O" not in labels:
        raise LabelError(f"expected O among the labels, as {scheme.name} has it, found {labels.items!r}")
    return TransitionConstraints(*(np.array(table, dtype=bool) for table in tables))
