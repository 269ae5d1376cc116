"""StartingModel: the model that training starts from, and its frozen parts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

import torch

from tagger.config import TaggerConfig
from tagger.errors import LabelError, UsageError
from tagger.features import Featurizer
from tagger.features.vocabulary import LabelVocabulary
from tagger.model import TaggerModel
from tagger.model_building import untrained_model
from tagger.model_parts import ModelParts
from tagger.options import option
from tagger.schemes import LabelScheme, listed, scheme_labels, shown
from tagger.storage import load_model
from tagger.text import NamedSegmenter, get_segmenter
from tagger.training.config import RunConfig
from tagger.training.growing import grown_weights, types_of

_LOG = logging.getLogger(__name__)

PARTS: Final = {
    "words": "word_features.word_embedding.",
    "characters": "word_features.char_cnn.",
    "casing": "word_features.casing_embedding.",
    "shapes": "word_features.shape_embedding.",
    "affixes": "word_features.affix_embedding.",
    "vectors": "word_features.vectors.",
    "encoder": "encoder.",
    "projection": "projection.",
    "crf": "decoder.",
    "wide": "wide.",
}
"""Parts that can be frozen, with the prefix of the names of their weights."""
_OF_LABELS: Final = ("projection", "crf", "wide")
_OF_TRAINING: Final = frozenset(
    {
        *(
            "dropout",
            "recurrent_dropout",
            "word_dropout",
            "char_dropout",
            "wide_dropout",
            "wide_path_dropout",
        ),
        *("singleton_dropout", "constrained_training"),
        "wide_min_count",
    }
)
"""Options of the architecture that affect training, not the weights."""


@dataclass(frozen=True)
class StartingModel:
    """A trained model to start from.

    Attributes:
        name: name for messages.
        parts: the model.
        labels_mode: how to treat its labels: ``extend``, ``keep`` or ``replace``.
        frozen: parts not to train; names of :data:`PARTS`.
        partial: whether the training sentences are annotated only for the types that occur in them.
    """

    name: str
    parts: ModelParts
    labels_mode: str
    frozen: tuple[str, ...] = ()
    partial: bool = False

    @classmethod
    def load(cls, config: RunConfig) -> StartingModel | None:
        """Return the model that a run starts from; None if it starts from scratch.

        Raises:
            ModelError: if it cannot be read.
            UsageError: if it is an average, lies in the run's folder, or has no part that is to be frozen.
        """
        if config.init is None:
            return None
        name = str(config.init)
        folder = Path(name).resolve()
        if folder.is_relative_to(Path(config.output).resolve()):
            raise UsageError(
                f"init: {name} lies in the run's own folder, where the new model is to go; choose another output than "
                f"{config.output}"
            )
        parts = load_model(Path(name))
        if parts.others:
            raise UsageError(
                f"init: {name} is an average of {len(parts.members)} models; expected a single one, such as one of its "
                "members"
            )
        start = cls(name, parts, config.init_labels, tuple(dict.fromkeys(config.freeze)), config.init_partial)
        there = [part for part, prefix in PARTS.items() if any(map(_begins(prefix), parts.weights))]
        if parts.config.decoder == "softmax":
            there.remove("crf")  # it has no trainable weights
        for part in start.frozen:
            if part not in there:
                why = "the model has none" if part in PARTS else "there is no such part"
                raise UsageError(f"freeze: {shown(part)}: {why}. Parts of {name}: {', '.join(there)}")
        if set(there) <= set(start.frozen):
            raise UsageError("freeze: nothing would be left to learn; expected fewer than all parts")
        return start

    @property
    def types(self) -> set[str]:
        """The types of spans, or the plain labels, of the model."""
        return types_of(self.parts.labels.items, LabelScheme.parse(self.parts.config.scheme))

    def architecture(self, given: TaggerConfig) -> TaggerConfig:
        """Return the model's architecture, with the configured options for training.

        Args:
            given: the configured architecture. Options for training are used; others may be left at their defaults.

        Raises:
            UsageError: if another option differs from the model's and from its default.
        """
        changes: dict[str, Any] = {}
        kept = []
        for field in fields(TaggerConfig):
            value, own = getattr(given, field.name), getattr(self.parts.config, field.name)
            if field.name in _OF_TRAINING:
                changes[field.name] = value
            elif value == own or (field.name == "scheme" and self.labels_mode == "replace"):
                continue
            elif value == field.default:
                kept.append(f"{field.name} {own}")
            else:
                raise UsageError(
                    f"model.{field.name}: expected {own}, as {self.name} has it, found {value}. A run that starts "
                    "from a model keeps its architecture; leave the option out"
                )
        if kept:
            _LOG.info("architecture of %s, unlike the defaults: %s", self.name, ", ".join(kept))
        try:
            return replace(self.parts.config, **changes)
        except UsageError as error:
            raise UsageError(f"model.{error}") from None

    def inner_scheme(self, given: str) -> str:
        """Return the inner label scheme: that of the model unless its labels are replaced."""
        return given if self.labels_mode == "replace" else self.parts.config.scheme

    def check_scheme(self, scheme: LabelScheme) -> None:
        """Raise an error for plain labels with a model of spans, unless the model's labels are to be replaced.

        Raises:
            LabelError: with the option to pass.
        """
        own = LabelScheme.parse(self.parts.config.scheme)
        if own.has_spans and not scheme.has_spans and self.labels_mode != "replace":
            raise LabelError(
                f"the training data has plain labels, {self.name} has labels of spans ({own}). Pass "
                f"{option('init_labels', 'replace')} to learn the data's labels alone"
            )

    @property
    def segmenter(self) -> NamedSegmenter:
        """The model's segmenter of raw text."""
        own = self.parts.segmenter
        return get_segmenter(own["name"], own["options"], version=own["version"])

    def labels(self, types: Iterable[str], scheme: LabelScheme) -> LabelVocabulary:
        """Return the labels of the extended model.

        Args:
            types: the types of spans in the data, or for plain labels the labels.
            scheme: the inner one.

        Raises:
            LabelError: if the data has labels that the model lacks, and its labels are to be kept; or if the data has
                plain labels, none of which the model has.
        """
        types = set(types)
        if self.labels_mode == "replace":
            return LabelVocabulary(scheme_labels(types, scheme))
        own = types_of(self.parts.labels.items, scheme)
        new = sorted(types - own)
        what = "types" if scheme.has_spans else "labels"
        known = f"{self.name} has the {what} {listed(sorted(own))}"
        if new and self.labels_mode == "keep":
            raise LabelError(
                f"the data to learn from has {what} that the model lacks: {listed(new)}; {known}. Pass "
                f"{option('init_labels', 'extend')} to add them"
            )
        if not scheme.has_spans and not types & own:
            raise LabelError(
                f"none of the labels to learn is one of the model's: {listed(new)}; {known}. Pass "
                f"{option('init_labels', 'replace')} to learn the data's labels alone"
            )
        if new:
            _LOG.info("labels: %s added to those of %s", listed(new), self.name)
            if scheme.has_spans and not types & own:
                _LOG.warning(
                    "none of the types to learn is one of the model's: %s; %s. Both are kept; pass %s for "
                    "the data's alone",
                    *(listed(new), known, option("init_labels", "replace")),
                )
        return LabelVocabulary(scheme_labels(types | own, scheme)) if new else self.parts.labels

    def unmarked(
        self, labels: LabelVocabulary, scheme: LabelScheme, marked: Mapping[str, Set[str]]
    ) -> dict[str, frozenset[str]]:
        """Return, for each split, the types that O leaves open; splits without any are left out.

        Args:
            labels: as returned by :meth:`labels`.
            scheme: the inner one.
            marked: the types that occur in ``train`` and, if they exist, ``replay``, ``dev`` and ``test``.

        Raises:
            UsageError: if ``partial`` is set and has no effect.
        """
        if self.partial and not scheme.has_spans:
            raise UsageError("init_partial: has no effect on labels without spans")
        types = types_of(labels.items, scheme)
        lacking = {name: frozenset(types - found) for name, found in marked.items()}
        for name in ("dev", "test"):
            if name in lacking:
                lacking[name] -= marked["train"]  # types annotated in train are annotated there, too
        if not lacking["train"]:
            if self.partial:
                raise UsageError(
                    "init_partial: has no effect, since the training sentences have all types that there are"
                )
        elif self.partial:
            for name, found in lacking.items():
                if found and name != "replay":
                    _LOG.info("%s: O leaves open whether a token is of %s", name, listed(sorted(found)))
        elif scheme.has_spans:
            _LOG.warning(
                "the training sentences have no %s: O in them is read as saying so. If nobody looked for these types, "
                "pass %s",
                listed(sorted(lacking["train"])),
                option("init_partial", True),
            )
        if not scheme.has_spans:
            return {}
        return {
            name: found for name, found in lacking.items() if found and (self.partial or name == "replay")
        }

    def grown(
        self, architecture: TaggerConfig, sentences: Sequence[Sequence[str]], labels: LabelVocabulary
    ) -> tuple[Featurizer, TaggerModel]:
        """Return the vocabularies of model and sentences together, and the model extended to them, ready for training.

        Args:
            architecture: as returned by :meth:`architecture`, with the scheme of the labels.
            sentences: the tokens of the training sentences.
            labels: as returned by :meth:`labels`.

        Raises:
            UsageError: if a frozen part would have to change with the labels.
        """
        for part in _OF_LABELS:
            if part in self.frozen and labels != self.parts.labels:
                raise UsageError(
                    f"freeze: {part}: cannot stay as it is, since the labels change: the model has "
                    f"{listed(self.parts.labels.items)}, now {listed(labels.items)}"
                )
        featurizer = self.parts.featurizer.grown(architecture, sentences, fixed=self.frozen)
        model = untrained_model(architecture, featurizer, labels)
        weights = grown_weights(self.parts, featurizer, labels, LabelScheme.parse(architecture.scheme))
        own = model.state_dict()
        # If no labels are shared, the weights of labels are those of the untrained model.
        model.load_state_dict({**own, **{name: torch.from_numpy(array) for name, array in weights.items()}})
        for name, parameter in model.named_parameters():
            if any(name.startswith(PARTS[part]) for part in self.frozen):
                parameter.requires_grad_(False)
        _LOG.info(
            "starting from %s: %d words and %d characters more than its %d and %d%s",
            self.name,
            len(featurizer.words) - len(self.parts.featurizer.words),
            len(featurizer.characters) - len(self.parts.featurizer.characters),
            len(self.parts.featurizer.words),
            len(self.parts.featurizer.characters),
            f"; frozen: {', '.join(self.frozen)}" if self.frozen else "",
        )
        return featurizer, model

    def identity(self) -> dict[str, Any]:
        """Return a description of the initial model for metrics.json and the model card; JSON-ready."""
        identity: dict[str, Any] = {
            "folder": Path(self.name).name,
            "config_sha256": self.parts.digest,
            "labels": self.labels_mode,
        }
        if self.frozen:
            identity["frozen"] = list(self.frozen)
        if self.partial:
            identity["partial"] = True
        return identity


def _begins(prefix: str) -> Callable[[str], bool]:
    return lambda name: name.startswith(prefix)
