"""The spaCy component that ``spacy`` registers: it sets the entities, tags or parts of speech of Docs."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from tagger.api import Tagger
from tagger.errors import MissingExtraError, ModelError, TaggerError, UsageError
from tagger.inference.answers import stream_answers
from tagger.inference.scores import Decode, checked_decode
from tagger.inference.tagging_options import checked_options
from tagger.integrations.model_bytes import model_from_bytes, model_to_bytes
from tagger.integrations.spacy_docs import (
    Words,
    WordTexts,
    sentences_of,
    set_entities,
    set_group,
    set_labels,
    spans_of,
)
from tagger.model_parts import ModelParts
from tagger.prediction import Answer
from tagger.schemes import listed
from tagger.storage import load_model

try:
    from spacy.parts_of_speech import IDS
    from spacy.pipeline import Pipe
    from spacy.scorer import Scorer, get_ner_prf
    from spacy.util import minibatch
except ModuleNotFoundError:
    raise MissingExtraError("spacy", "The component of spaCy") from None

_ATTRIBUTES: Final = ("ents", "pos", "tag")
_STORED: Final = "stored"
_DOCS: Final = 128
"""Default number of Docs read ahead; ``nlp.pipe`` always passes its own."""
_lock: Final = threading.Lock()


@dataclass(frozen=True)
class ComponentSettings:
    """The configuration of a component, except for the tagger's own options.

    Attributes:
        model: the model folder; empty if the model comes with the pipeline.
        attribute: the attribute to set: ``ents``, ``pos`` or ``tag``; None for the one that suits the model's labels.
        overwrite: whether predictions take precedence over existing annotations of the Doc.
        spans_key: the span group to fill with the spans and their probabilities; None for no group.
        thresholds: minimum probability of spans, by type or one for all; ``stored`` for those of the model folder.
        decode: as in :meth:`tagger.Tagger.tag`.
    """

    model: str
    attribute: str | None
    overwrite: bool
    spans_key: str | None
    thresholds: float | dict[str, float] | str | None
    decode: Decode

    def __post_init__(self) -> None:
        if self.attribute is not None and self.attribute not in _ATTRIBUTES:
            raise UsageError(
                f"attribute: expected {', '.join(_ATTRIBUTES)} or null, found {self.attribute!r}"
            )
        if self.spans_key == "":
            raise UsageError("spans_key: expected the name of a group of spans, or null for none, found ''")
        if isinstance(self.thresholds, str) and self.thresholds != _STORED:
            raise UsageError(
                f"thresholds: expected a number, one for each type, or {_STORED!r}, found {self.thresholds!r}"
            )
        checked_decode(self.decode)

    def attribute_of(self, tagger: Tagger) -> str:
        """Return the attribute that this tagger sets.

        Raises:
            UsageError: if its labels cannot be stored in that attribute, or an option has no effect on them.
        """
        if tagger.scheme.has_spans:
            if self.attribute not in (None, "ents"):
                raise UsageError(
                    f"attribute: the labels of this model are spans; expected ents, found {self.attribute}"
                )
            return "ents"
        for name in ("spans_key", "thresholds"):
            if getattr(self, name) is not None:
                raise UsageError(f"{name}: has no effect on a model whose labels have no spans")
        others = [label for label in tagger.labels if label not in IDS]
        if self.attribute is None:
            return "tag" if others else "pos"
        if self.attribute == "ents":
            raise UsageError(
                "attribute: the labels of this model have no spans; expected pos or tag, found ents"
            )
        if self.attribute == "pos" and others:
            raise UsageError(
                f"attribute: token.pos_ only holds universal parts of speech; the model has others: {listed(others)}. "
                "Set it to tag."
            )
        return self.attribute

    def thresholds_of(self, tagger: Tagger) -> dict[str, float] | float | None:
        """Return the thresholds, checked.

        Raises:
            UsageError: if a type is unknown, a threshold is not a probability, or the model has none stored.
        """
        thresholds = self.thresholds
        if isinstance(thresholds, str):
            if not tagger.thresholds:
                raise UsageError(
                    "thresholds: the model folder holds none. Store some first: "
                    "tagger evaluate MODEL GOLD --threshold-for recall=0.95 --store"
                )
            return tagger.thresholds
        tagger.predict([], thresholds=thresholds)
        return thresholds


@dataclass(frozen=True)
class _Loaded:
    """A tagger with the attribute it sets and its thresholds."""

    tagger: Tagger
    attribute: str
    thresholds: dict[str, float] | float | None


class BilstmCrfTagger(Pipe):  # type: ignore[misc]
    """A component that sets entities, tags or parts of speech; created by ``nlp.add_pipe("bilstm_crf_tagger")``.

    Tokens are those of the Doc. So are sentences, if the Doc has any; otherwise the model's segmenter finds them in the
    text, as in ``tagger tag``. A Doc is a document: its sentences are evidence for each other.

    The model is read when first needed, so that a pipeline can be loaded even if the path is gone.

    Args:
        name: name in the pipeline.
        settings: the component's configuration.
        options: options of :class:`tagger.Tagger`, by name.

    Raises:
        UsageError: if an option is invalid.
    """

    def __init__(self, name: str, settings: ComponentSettings, options: dict[str, Any]) -> None:
        self.name = name
        self._settings = settings
        self._options = checked_options(**options)
        self._folder = os.path.abspath(settings.model) if settings.model else ""  # noqa: PTH100
        self._loaded: _Loaded | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.name, self._settings, self._options), dict(vars(self))

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)  # Pipe's own method only restores Pipe's attributes

    @property
    def tagger(self) -> Tagger:
        """The tagger, for direct use.

        Raises:
            ModelError: if the model cannot be read.
            UsageError: if an option does not apply to it.
        """
        return self._ready().tagger

    @property
    def labels(self) -> tuple[str, ...]:
        """The entity types, or the labels of tokens; empty as long as no model can be read."""
        try:
            tagger = self.tagger
        except TaggerError:
            return ()  # spaCy asks for the labels before the pipeline's own model is read
        return tagger.parts.types or tagger.labels

    def __call__(self, doc: Any) -> Any:
        """Return the Doc with the model's annotations.

        Raises:
            ModelError: if the model cannot be read.
        """
        ready = self._ready()
        sentences = sentences_of(doc, WordTexts(), self._segmenter)
        self._annotate(ready, doc, sentences, list(self._answers(ready, [sentences])))
        return doc

    def pipe(self, stream: Iterable[Any], *, batch_size: int = _DOCS) -> Iterator[Any]:
        """Yield Docs with the model's annotations, in order.

        Errors in a Doc go to spaCy's error handler; if that does not raise, the Doc is left out.

        Args:
            stream: the Docs.
            batch_size: Docs read ahead, to compute their sentences together; for short Docs, more are faster.

        Raises:
            ModelError: if the model cannot be read.
        """
        ready = self._ready()
        texts = WordTexts()
        for docs in minibatch(stream, batch_size):
            yield from self._annotated(ready, docs, texts)

    def initialize(self, get_examples: Callable[[], Iterable[Any]] | None = None, *, nlp: Any = None) -> None:
        """Read the model; there is nothing else to prepare, since it does not learn from examples."""
        self._ready()

    def score(self, examples: Iterable[Any], **options: Any) -> dict[str, Any]:
        """Return spaCy's scores of the attribute that is set: ``ents_f`` and the like, ``tag_acc`` or ``pos_acc``."""
        attribute = self._ready().attribute
        if attribute == "ents":
            return dict(get_ner_prf(examples, **options))
        return dict(Scorer.score_token_attr(examples, attribute, **options))

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Write the model as a model folder, atomically.

        Args:
            path: the folder.
            exclude: accepted for spaCy; there is nothing to exclude.

        Raises:
            ModelError: if it cannot be read or written.
        """
        self.tagger.save(path)

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> BilstmCrfTagger:
        """Read the model from a folder, instead of the one in the configuration.

        Raises:
            ModelError: if it is not a model.
            UsageError: if an option does not apply to it.
        """
        self._loaded = self._load(load_model(Path(path)))
        return self

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Return the model as bytes.

        Raises:
            ModelError: if it cannot be read or written.
        """
        return model_to_bytes(self.tagger.parts)

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> BilstmCrfTagger:
        """Read the model from bytes.

        Raises:
            ModelError: if they are not a model.
            UsageError: if an option does not apply to it.
        """
        self._loaded = self._load(model_from_bytes(data))
        return self

    def _ready(self) -> _Loaded:
        """Return the tagger, loaded on first use."""
        with _lock:
            if self._loaded is None:
                if not self._folder:
                    raise ModelError(
                        f"the component {self.name!r} has no model: expected the path of a model folder as model in "
                        "its configuration, or a saved pipeline that holds the model"
                    )
                self._loaded = self._load(load_model(Path(self._folder)))
            return self._loaded

    def _load(self, parts: ModelParts) -> _Loaded:
        tagger = Tagger(parts, **self._options)
        attribute = self._settings.attribute_of(tagger)
        return _Loaded(tagger, attribute, self._settings.thresholds_of(tagger))

    def _segmenter(self) -> Any:
        return self._ready().tagger.segmenter

    def _annotated(self, ready: _Loaded, docs: Sequence[Any], texts: WordTexts) -> Iterator[Any]:
        """Yield the annotated Docs; those with errors go to the error handler."""
        handle = self.get_error_handler()
        read: list[tuple[Any, list[Words]]] = []
        for doc in docs:
            try:
                read.append((doc, sentences_of(doc, texts, self._segmenter)))
            except Exception as error:
                handle(self.name, self, [doc], error)
        answers = self._answers(ready, [sentences for _, sentences in read])
        for number, (doc, sentences) in enumerate(read):
            try:
                own = [*islice(answers, len(sentences))]
            except Exception as error:
                handle(self.name, self, [doc for doc, _ in read[number:]], error)
                return
            try:
                self._annotate(ready, doc, sentences, own)
            except Exception as error:
                handle(self.name, self, [doc], error)
            else:
                yield doc

    def _answers(self, ready: _Loaded, docs: Sequence[Sequence[Words]]) -> Iterator[Answer]:
        """Return the answers to all sentences of all Docs."""
        return stream_answers(
            ready.tagger,
            [words.tokens for sentences in docs for words in sentences],
            [number for number, sentences in enumerate(docs) for _ in sentences],
            decode=self._settings.decode,
            probabilities=self._settings.spans_key is not None,
            thresholds=ready.thresholds,
        )

    def _annotate(
        self, ready: _Loaded, doc: Any, sentences: Sequence[Words], answers: Sequence[Answer]
    ) -> None:
        overwrite = self._settings.overwrite
        if ready.attribute != "ents":
            set_labels(doc, sentences, answers, attribute=ready.attribute, overwrite=overwrite)
            return
        spans = spans_of(doc, sentences, answers)
        set_entities(doc, spans, overwrite=overwrite)
        if self._settings.spans_key is not None:
            set_group(doc, self._settings.spans_key, spans, answers)
