"""The model folder, written atomically and read with checks.

``config.json`` (format version, architecture, scheme, segmenter, temperature and thresholds if any, checksums),
``vocabulary.json`` (labels, words and characters with counts; the strings of wide features), ``model.safetensors``
(weights), ``README.md`` (the model card); with pretrained vectors ``vectors.safetensors`` (of all words, read through a
memory map); with wide features ``wide.safetensors`` (which feature each row of their weights is for). Nothing is
pickled. Weights are stored in single or in half precision.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from tagger.config import TaggerConfig
from tagger.errors import LabelError, MissingExtraError, ModelError, TaggerError, UsageError
from tagger.features import Featurizer
from tagger.features.vocabulary import LabelVocabulary
from tagger.features.wide import WideIndex
from tagger.files import replace_folder
from tagger.model_files import (
    CARD,
    CONFIG,
    FORMAT,
    PRECISIONS,
    VECTORS,
    VOCABULARY,
    WEIGHTS,
    WIDE,
    ModelFiles,
    calibrated_card,
    calibration_section,
    check_replaceable,
    check_weights,
    contiguous,
    parse_calibration,
    parse_vocabulary,
    read_model_files,
    temperature_paragraph,
    thresholds_paragraph,
    to_half,
    to_single,
    with_own_checksum,
    without_retired_options,
    write_file,
)
from tagger.network.shapes import weight_shapes
from tagger.schemes import LabelScheme, TransitionConstraints, allowed_transitions, split_label

if TYPE_CHECKING:
    from tagger.model import TaggerModel

_NO_CARD: Final = b"# A tagger model\n"
_MASKS: Final = ("allowed_transitions", "allowed_start_transitions", "allowed_end_transitions")


@dataclass(frozen=True)
class ModelParts:
    """Everything a model folder holds.

    Attributes:
        config: the architecture; its scheme is resolved, never ``auto``.
        featurizer: the normalisation, the vocabularies and any pretrained vectors.
        labels: the labels the model works with inside.
        weights: of the network, by name, in single precision; the arrays are made read-only.
        segmenter: what splits raw text: ``{"name": ..., "version": ..., "options": {...}}``, all strings.
        stored_as: how the folder stores the weights, ``float32`` or ``float16``, and saving does unless told otherwise.
        digest: of ``config.json`` as it was read, which holds the checksums of the other files: of all that the answers
            depend on. None for a model that was not read from a folder.
        temperature: that all scores are divided by before they become probabilities; 1 unless the model is calibrated.
        thresholds: of the probability of spans, by type: what to withhold if one wants to; none unless stored.
        card: the model card, ``README.md``, as it was read; None for a model without one.
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

    def __post_init__(self) -> None:
        for array in self.weights.values():
            array.flags.writeable = False

    def __reduce__(self) -> tuple[type[ModelParts], tuple[Any, ...]]:
        """Pickle and copy the fields alone: what follows from them is made again, and copied weights are frozen."""
        return type(self), tuple(getattr(self, each.name) for each in fields(self))

    @cached_property
    def types(self) -> tuple[str, ...]:
        """The types of the spans, sorted; none where labels have no spans."""
        return _types(self.config, self.labels)

    @cached_property
    def constraints(self) -> TransitionConstraints:
        """What the scheme allows the labels, as arrays."""
        return _constraints(self.config, self.labels)

    @cached_property
    def model(self) -> TaggerModel:
        """The PyTorch model with these weights, for gradients and accelerators; made on first use, imports torch.

        Raises:
            MissingExtraError: if torch is not installed.
        """
        if find_spec("torch") is None:
            raise MissingExtraError("torch", "The PyTorch model")
        from tagger.model_building import model_with_weights

        return model_with_weights(self)


def save_model(
    parts: ModelParts, folder: Path, *, card: str | None = None, stored_as: str | None = None
) -> None:
    """Write a model folder; an older model there is replaced in one step, or kept whole if writing fails.

    Args:
        parts: what to write.
        folder: where; it may be absent, empty, or a model folder with nothing else in it. A link is followed.
        card: the text of ``README.md``; as the parts have it if left out.
        stored_as: how to store the weights; as the parts say if left out.

    Raises:
        ModelError: if the folder holds something that is no model, or cannot be written; or a weight is no finite
            number, or too large for half precision; or temperature or thresholds are none.
        UsageError: if weights cannot be stored so.
    """
    stored_as = parts.stored_as if stored_as is None else stored_as
    if stored_as not in PRECISIONS:
        raise UsageError(f"weights: expected {' or '.join(PRECISIONS)}, found {stored_as!r}")
    try:
        check_weights(parts.weights)
        weights = parts.weights if stored_as == "float32" else to_half(parts.weights)
        calibration = calibration_section(parts.temperature, parts.thresholds, parts.types)
    except ModelError as error:
        raise ModelError(f"{folder}: the model is not written: {error}") from None
    kept_card = _NO_CARD if parts.card is None else parts.card
    card_bytes = kept_card if card is None else card.encode("utf-8", "replace")
    words, characters = parts.featurizer.words, parts.featurizer.characters
    wide = parts.featurizer.wide
    vocabulary: dict[str, Any] = {
        "labels": parts.labels.items,
        "words": list(zip(words.items, words.counts, strict=True)),
        "characters": list(zip(characters.items, characters.counts, strict=True)),
    }
    if wide is not None:
        vocabulary["wide"] = {"templates": wide.templates, "strings": wide.strings}

    def write(temporary: Path) -> None:
        sums = {
            VOCABULARY: write_file(temporary / VOCABULARY, [json.dumps(vocabulary).encode("ascii"), b"\n"]),
            WEIGHTS: write_file(temporary / WEIGHTS, [safetensors.numpy.save(contiguous(weights))]),
        }
        if parts.featurizer.vectors is not None:
            sums[VECTORS] = write_file(temporary / VECTORS, parts.featurizer.vectors.pieces())
        if wide is not None:
            sums[WIDE] = write_file(temporary / WIDE, [safetensors.numpy.save({"keys": wide.keys})])
        config = {
            "format": FORMAT,
            "architecture": parts.config.to_dict(),
            "segmenter": dict(parts.segmenter),
            **({} if stored_as == "float32" else {"weights": stored_as}),
            **calibration,
            "sha256": sums,
        }
        write_file(temporary / CARD, [card_bytes])
        write_file(temporary / CONFIG, [with_own_checksum(config)])

    try:
        check_replaceable(folder)
        replace_folder(Path(os.path.realpath(folder)), write)
    except OSError as error:
        raise ModelError(
            f"{folder}: the model could not be written: {error.strerror or error}. "
            f"What was there before is unchanged."
        ) from error


def store_calibration(
    folder: Path,
    *,
    temperature: float | None = None,
    thresholds: Mapping[str, float] | None = None,
    note: str = "",
    digest: str | None = None,
) -> None:
    """Give a model folder another temperature or other thresholds; the folder is replaced in one step.

    Weights, vocabulary and all else stay as they are, byte for byte, but for the section of the model card about it.

    Args:
        folder: of a model. A link is followed.
        temperature: to store; the one that is there if left out. With another one, thresholds that are there go, since
            they are of other probabilities.
        thresholds: to store, by type, in place of those that are there; none of them if empty.
        note: sentences for the model card about what is stored: what it was fitted to.
        digest: of the model that was calibrated (:attr:`ModelParts.digest`); not compared if left out.

    Raises:
        ModelError: if the folder is no model, is another model by now, or cannot be written; or what is to be stored
            is no temperature, no thresholds, or of types that the model does not have.
    """
    parts = load_model(folder)
    if digest is not None and digest != parts.digest:
        raise ModelError(f"{folder}: the model has changed since it was calibrated. Calibrate it again.")
    words: dict[str, str | None] = {}
    new_temperature, new_thresholds = parts.temperature, parts.thresholds
    if temperature is not None:
        if temperature != new_temperature:
            new_thresholds, words["thresholds"] = {}, None
        new_temperature = temperature
        words["temperature"] = temperature_paragraph(temperature, note)
    if thresholds is not None:
        new_thresholds = dict(thresholds)
        words["thresholds"] = thresholds_paragraph(thresholds, note)

    def write(temporary: Path) -> None:
        shutil.copytree(folder, temporary, symlinks=True, dirs_exist_ok=True, copy_function=_copy)
        data = (temporary / CONFIG).read_bytes()
        if hashlib.sha256(data).hexdigest() != parts.digest:
            raise ModelError("another program has replaced the model meanwhile")
        config = json.loads(data)
        sums = config.pop("sha256")
        config.pop("calibration", None)
        config |= calibration_section(new_temperature, new_thresholds, parts.types)
        (temporary / CONFIG).unlink()  # it may be a link, and what that leads to is not this folder's
        write_file(temporary / CONFIG, [with_own_checksum({**config, "sha256": sums})])
        path = temporary / CARD
        old = path.read_bytes().decode("utf-8", "surrogateescape") if path.exists() else ""
        if (card := calibrated_card(old, **words)) != old:
            path.unlink(missing_ok=True)
            write_file(path, [card.encode("utf-8", "surrogateescape")])
        load_model(temporary)  # whole, whatever happened while it was copied

    try:
        replace_folder(Path(os.path.realpath(folder)), write)
    except (ModelError, OSError) as error:
        raise ModelError(
            f"{folder}: the calibration is not stored: {getattr(error, 'strerror', None) or error}"
        ) from error


def _copy(source: str, target: str) -> None:
    """Copy a file with its dates and rights, and make it durable."""
    shutil.copy2(source, target)
    with Path(target).open("rb") as file:
        os.fsync(file.fileno())


def load_model(folder: Path) -> ModelParts:
    """Read a model folder, on the CPU and ready to tag.

    Raises:
        ModelError: if the folder is no model, is damaged, or is of a newer format.
    """
    return read_model_files(Path(folder), _read_parts)


def _read_parts(files: ModelFiles) -> ModelParts:
    """Return the parts that the files of a folder describe."""
    config, digest = files.read_config()
    try:
        return _parts(files, config, digest)
    except ModelError:
        raise
    except MemoryError as error:
        raise ModelError(f"{files.path}: the model needs more memory than there is: {error}") from error
    except (KeyError, TypeError, ValueError, OverflowError, RuntimeError, TaggerError) as error:
        reason = " ".join(str(error).split())
        raise ModelError(f"{files.path}: the model's files do not fit together: {reason}") from error


def _parts(files: ModelFiles, config: Mapping[str, Any], digest: str) -> ModelParts:
    architecture = TaggerConfig.from_dict(without_retired_options(files.path, config["architecture"]))
    has_vectors, has_wide = architecture.vector_dim > 0, architecture.wide_features
    files.check_used({VOCABULARY, WEIGHTS, *([VECTORS] * has_vectors), *([WIDE] * has_wide)})
    vocabulary = parse_vocabulary(files.read(VOCABULARY), wide=has_wide)
    labels = vocabulary.labels
    constraints = _constraints(architecture, labels)
    wide = None
    if has_wide:
        keys = files.read_tensors(WIDE, {"keys": None}, dtype="I64")["keys"]
        wide = WideIndex(vocabulary.strings, vocabulary.templates, keys)
    vectors = files.open_vectors() if has_vectors else None
    featurizer = Featurizer(architecture, vocabulary.words, vocabulary.characters, vectors, wide)
    shapes = weight_shapes(
        architecture,
        num_words=len(featurizer.words),
        num_characters=len(featurizer.characters),
        num_labels=len(labels),
        num_wide_rows=0 if wide is None else wide.num_rows,
    )
    # Folders written before masks were left out have them, too.
    masks = {f"decoder.{name}": table for name, table in zip(_MASKS, constraints, strict=True)}
    stored_as = config["weights"]
    weights = files.read_tensors(WEIGHTS, shapes, dtype=PRECISIONS[stored_as], known=masks)
    if stored_as == "float16":
        weights = {name: to_single(array) for name, array in weights.items()}
    return ModelParts(
        architecture,
        featurizer,
        labels,
        weights,
        config["segmenter"],
        stored_as,
        digest,
        *parse_calibration(
            config.get("calibration"),
            _types(architecture, labels),
            where=f"{files.path / CONFIG}: calibration",
        ),
        files.read_card(),
    )


def _types(config: TaggerConfig, labels: LabelVocabulary) -> tuple[str, ...]:
    scheme = LabelScheme.parse(config.scheme)
    if not scheme.has_spans:
        return ()
    return tuple(sorted({split_label(label, scheme)[1] for label in labels.items} - {""}))


def _constraints(config: TaggerConfig, labels: LabelVocabulary) -> TransitionConstraints:
    """Return what the scheme allows the labels, as arrays; no folder is asked.

    Raises:
        LabelError: if the labels are none of the scheme, two of them mean the same, or O is missing, so that there
            may be sentences without a legal labelling.
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
