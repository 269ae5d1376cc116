"""The model folder, written atomically and read with checks.

``config.json`` (format version, architecture, scheme, segmenter, temperature and thresholds if any, checksums),
``vocabulary.json`` (labels, words and characters with counts; the strings of wide features), ``model.safetensors``
(weights), ``README.md`` (the model card); with pretrained vectors ``vectors.safetensors`` (of all words,
memory-mapped); with wide features ``wide.safetensors`` (the feature of each row of their weights). Nothing is pickled.
Weights are stored in single or half precision. An average of models is one folder: the files of its second member are
called ``model-2.safetensors`` and so on, and files identical to those of an earlier member are stored once.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import safetensors.numpy
from numpy.typing import NDArray

from tagger.config import TaggerConfig
from tagger.errors import ModelError, TaggerError, UsageError
from tagger.features import Featurizer
from tagger.features.wide import WideIndex
from tagger.files import replace_folder
from tagger.model_files import (
    CARD,
    CONFIG,
    FORMAT,
    FORMAT_OF_ONE,
    PRECISIONS,
    VECTORS,
    VOCABULARY,
    WEIGHTS,
    WIDE,
    ModelFiles,
    StoredVocabulary,
    calibrated_card,
    calibration_section,
    check_replaceable,
    check_weights,
    contiguous,
    of_member,
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
from tagger.model_parts import ModelParts, constraints_of
from tagger.network.shapes import weight_shapes
from tagger.schemes import listed

_NO_CARD: Final = b"# A tagger model\n"
_MASKS: Final = ("allowed_transitions", "allowed_start_transitions", "allowed_end_transitions")


def save_model(
    parts: ModelParts, folder: Path, *, card: str | None = None, stored_as: str | None = None
) -> None:
    """Write a model folder; an existing model is replaced in one step, or stays intact if writing fails.

    Args:
        parts: the model.
        folder: to write; absent, empty, or a model folder with nothing else in it. A symbolic link is followed.
        card: the text of ``README.md``; that of the parts if left out.
        stored_as: precision of the weights; that of the parts if left out.

    Raises:
        ModelError: if the folder holds anything but a model, or cannot be written; if a weight is not finite, or too
            large for half precision; or if temperature or thresholds are invalid.
        UsageError: if ``stored_as`` is not a precision.
    """
    if stored_as is not None and stored_as not in PRECISIONS:
        raise UsageError(f"weights: expected {' or '.join(PRECISIONS)}, found {stored_as!r}")
    members = parts.members
    precisions = [member.stored_as if stored_as is None else stored_as for member in members]
    try:
        for member in members:
            check_weights(member.weights)
        weights = [
            member.weights if precision == "float32" else to_half(member.weights)
            for member, precision in zip(members, precisions, strict=True)
        ]
        calibration = calibration_section(parts.temperature, parts.thresholds, parts.types)
    except ModelError as error:
        raise ModelError(f"{folder}: the model is not written: {error}") from None
    kept_card = _NO_CARD if parts.card is None else parts.card
    card_bytes = kept_card if card is None else card.encode("utf-8", "replace")

    def write(temporary: Path) -> None:
        sums: dict[str, str] = {}
        sections = []
        for number, (member, stored, precision) in enumerate(
            zip(members, weights, precisions, strict=True), 1
        ):
            names = _write_network(temporary, member, stored, sums, number)
            section = {
                "architecture": member.config.to_dict(),
                **({} if precision == "float32" else {"weights": precision}),
            }
            sections.append({**section, "files": names} if number > 1 else section)
        config = {
            "format": FORMAT if parts.others else FORMAT_OF_ONE,
            **sections[0],
            "segmenter": dict(parts.segmenter),
            **({"others": sections[1:]} if parts.others else {}),
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


def _write_network(
    folder: Path,
    parts: ModelParts,
    weights: Mapping[str, NDArray[Any]],
    sums: dict[str, str],
    number: int,
) -> dict[str, str]:
    """Write the files of a member, except those identical to an earlier member's; return the name of each.

    Args:
        folder: to write to.
        parts: the member.
        weights: in the precision to store.
        sums: checksums of the files written so far; those of the member are added.
        number: of the member, from 1.
    """
    words, characters = parts.featurizer.words, parts.featurizer.characters
    wide, vectors = parts.featurizer.wide, parts.featurizer.vectors
    vocabulary: dict[str, Any] = {
        "labels": parts.labels.items,
        "words": list(zip(words.items, words.counts, strict=True)),
        "characters": list(zip(characters.items, characters.counts, strict=True)),
    }
    if wide is not None:
        vocabulary["wide"] = {"templates": wide.templates, "strings": wide.strings}
    files: dict[str, Iterable[bytes | memoryview]] = {
        VOCABULARY: [json.dumps(vocabulary).encode("ascii"), b"\n"],
        WEIGHTS: [safetensors.numpy.save(contiguous(weights))],
    }
    if vectors is not None:
        files[VECTORS] = vectors.pieces()
    if wide is not None:
        files[WIDE] = [safetensors.numpy.save({"keys": wide.keys})]
    names = {}
    for name, pieces in files.items():
        own = names[name] = of_member(name, number)
        checksum = write_file(folder / own, pieces)
        earlier = [of_member(name, before) for before in range(1, number)] if name != WEIGHTS else []
        if same := next((other for other in earlier if sums.get(other) == checksum), None):
            (folder / own).unlink()
            names[name] = same
        else:
            sums[own] = checksum
    return names


def store_calibration(
    folder: Path,
    *,
    temperature: float | None = None,
    thresholds: Mapping[str, float] | None = None,
    note: str = "",
    digest: str | None = None,
) -> None:
    """Store a temperature or thresholds in a model folder; the folder is replaced in one step.

    Weights, vocabulary and everything else stay the same byte for byte, except the calibration section of the model
    card.

    Args:
        folder: of a model. A symbolic link is followed.
        temperature: to store; unchanged if left out. A different temperature removes the stored thresholds, since they
            apply to the old probabilities.
        thresholds: to store, by type, replacing the stored ones; an empty mapping removes them.
        note: sentences for the model card that state what the values were fitted to.
        digest: of the model that was calibrated (:attr:`ModelParts.digest`); not compared if left out.

    Raises:
        ModelError: if the folder is not a model, holds another model by now, or cannot be written; or if the
            temperature or a threshold is invalid, or a type unknown to the model.
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
        (temporary / CONFIG).unlink()  # it may be a link, whose target must not be changed
        write_file(temporary / CONFIG, [with_own_checksum({**config, "sha256": sums})])
        path = temporary / CARD
        old = path.read_bytes().decode("utf-8", "surrogateescape") if path.exists() else ""
        if (card := calibrated_card(old, **words)) != old:
            path.unlink(missing_ok=True)
            write_file(path, [card.encode("utf-8", "surrogateescape")])
        load_model(temporary)  # check that the copy is intact

    try:
        replace_folder(Path(os.path.realpath(folder)), write)
    except (ModelError, OSError) as error:
        raise ModelError(
            f"{folder}: the calibration is not stored: {getattr(error, 'strerror', None) or error}"
        ) from error


def _copy(source: str, target: str) -> None:
    """Copy a file with its timestamps and permissions, and sync it to disk."""
    shutil.copy2(source, target)
    with Path(target).open("rb") as file:
        os.fsync(file.fileno())


def load_model(folder: Path) -> ModelParts:
    """Read a model folder.

    Raises:
        ModelError: if the folder is not a model, is damaged, or has a newer format.
    """
    return read_model_files(Path(folder), _read_parts)


def _read_parts(files: ModelFiles) -> ModelParts:
    """Return the parts described by the files of a folder."""
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
    sections: list[Mapping[str, Any]] = [config, *config["others"]]
    networks = [_StoredNetwork.of(files.path, section) for section in sections]
    files.check_used({name for network in networks for name in network.names.values()})
    known = _Known({}, {})
    first, *others = (network.read(files, config["segmenter"], known) for network in networks)
    for number, member in enumerate(others, start=2):
        if (member.config.scheme, set(member.labels.items)) != (first.config.scheme, set(first.labels.items)):
            raise ModelError(f"{files.path}: model {number} of the average has other labels than the first")
    temperature, thresholds = parse_calibration(
        config.get("calibration"), first.types, where=f"{files.path / CONFIG}: calibration"
    )
    return replace(
        first,
        digest=digest,
        temperature=temperature,
        thresholds=thresholds,
        card=files.read_card(),
        others=tuple(others),
    )


class _Known(NamedTuple):
    """A cache of what members of an average share.

    Attributes:
        vocabularies: by file name, and whether they have wide features.
        featurizers: by architecture and file names.
    """

    vocabularies: dict[tuple[str, bool], StoredVocabulary]
    featurizers: dict[tuple[str, ...], Featurizer]


class _StoredNetwork(NamedTuple):
    """A single model, or a member of an average, as ``config.json`` describes it.

    Attributes:
        config: the architecture.
        stored_as: precision of the stored weights.
        names: the actual name of each of its files.
    """

    config: TaggerConfig
    stored_as: str
    names: Mapping[str, str]

    @staticmethod
    def of(folder: Path, section: Mapping[str, Any]) -> _StoredNetwork:
        config = TaggerConfig.from_dict(without_retired_options(folder, section["architecture"]))
        needed = [
            VOCABULARY,
            WEIGHTS,
            *([VECTORS] * (config.vector_dim > 0)),
            *([WIDE] * config.wide_features),
        ]
        names = section.get("files", {name: name for name in needed})
        if set(names) != set(needed):
            raise ModelError(
                f"{folder / CONFIG}: others: files: expected {listed(needed)}, found {listed(names)}"
            )
        return _StoredNetwork(config, section["weights"], names)

    def read(self, files: ModelFiles, segmenter: Mapping[str, Any], known: _Known) -> ModelParts:
        """Return the model.

        Args:
            files: of the folder.
            segmenter: from ``config.json``.
            known: the cache; new entries are added.
        """
        config, names = self.config, self.names
        read = names[VOCABULARY], WIDE in names
        if read not in known.vocabularies:
            known.vocabularies[read] = parse_vocabulary(files.read(read[0]), wide=read[1])
        vocabulary = known.vocabularies[read]
        labels = vocabulary.labels
        key = (json.dumps(config.to_dict()), *(names.get(name, "") for name in (VOCABULARY, WIDE, VECTORS)))
        if key not in known.featurizers:
            wide = None
            if WIDE in names:
                keys = files.read_tensors(names[WIDE], {"keys": None}, dtype="I64")["keys"]
                wide = WideIndex(vocabulary.strings, vocabulary.templates, keys)
            vectors = files.open_vectors(names[VECTORS]) if VECTORS in names else None
            known.featurizers[key] = Featurizer(
                config, vocabulary.words, vocabulary.characters, vectors, wide
            )
        featurizer = known.featurizers[key]
        shapes = weight_shapes(
            config,
            num_words=len(featurizer.words),
            num_characters=len(featurizer.characters),
            num_labels=len(labels),
            num_wide_rows=0 if featurizer.wide is None else featurizer.wide.num_rows,
        )
        # Older folders contain the constraint masks, too.
        tables = constraints_of(config, labels)
        masks = {f"decoder.{name}": table for name, table in zip(_MASKS, tables, strict=True)}
        weights = files.read_tensors(names[WEIGHTS], shapes, dtype=PRECISIONS[self.stored_as], known=masks)
        if self.stored_as == "float16":
            weights = {name: to_single(array) for name, array in weights.items()}
        return ModelParts(config, featurizer, labels, weights, segmenter, self.stored_as)
