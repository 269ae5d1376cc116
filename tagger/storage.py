"""The model folder, written atomically and read with checks.

``config.json`` (format version, architecture, scheme, segmenter, checksums), ``vocabulary.json`` (labels, words and
characters with counts; the strings of wide features), ``model.safetensors`` (weights), ``README.md`` (the model card);
with pretrained vectors ``vectors.safetensors`` (of all words, read through a memory map); with wide features
``wide.safetensors`` (which feature each row of their weights is for). Nothing is pickled.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import safetensors.numpy
import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import nn
from torch.overrides import TorchFunctionMode

from tagger.config import TaggerConfig
from tagger.errors import ModelError, TaggerError
from tagger.features import Featurizer
from tagger.files import previous_folder, replace_folder
from tagger.model import TaggerModel
from tagger.model_building import build_model
from tagger.schemes import LabelScheme, allowed_transitions
from tagger.vectors import VectorTable
from tagger.vocabulary import LabelVocabulary, Vocabulary
from tagger.wide_features import WideIndex

FORMAT: Final = 1
"""The format this version writes, and the newest it reads."""

_CONFIG: Final = "config.json"
_VOCABULARY: Final = "vocabulary.json"
_WEIGHTS: Final = "model.safetensors"
_VECTORS: Final = "vectors.safetensors"
_WIDE: Final = "wide.safetensors"
_CARD: Final = "README.md"
_FILES: Final = frozenset({_CONFIG, _VOCABULARY, _WEIGHTS, _VECTORS, _WIDE, _CARD})


@dataclass(frozen=True)
class ModelParts:
    """Everything a model folder holds, card excepted.

    Attributes:
        config: the architecture; its scheme is resolved, never ``auto``.
        featurizer: the normalisation, the vocabularies and any pretrained vectors.
        labels: the labels the model works with inside.
        model: the network.
        segmenter: what splits raw text: ``{"name": ..., "version": ..., "options": {...}}``, all strings.
        digest: of ``config.json`` as it was read, which holds the checksums of the other files: of all that the answers
            depend on. None for a model that was not read from a folder.
    """

    config: TaggerConfig
    featurizer: Featurizer
    labels: LabelVocabulary
    model: TaggerModel
    segmenter: Mapping[str, Any]
    digest: str | None = None

    @classmethod
    def untrained(
        cls,
        config: TaggerConfig,
        featurizer: Featurizer,
        labels: LabelVocabulary,
        segmenter: Mapping[str, Any],
    ) -> ModelParts:
        """Return the parts with a freshly initialised network of the right sizes."""
        model = build_model(
            config,
            words=featurizer.words,
            num_characters=len(featurizer.characters),
            constraints=allowed_transitions(labels.items, LabelScheme.parse(config.scheme)),
            num_labels=len(labels),
            num_wide_rows=featurizer.wide.num_rows if featurizer.wide is not None else 0,
        )
        return cls(config, featurizer, labels, model, segmenter)


def save_model(parts: ModelParts, folder: Path, *, card: str) -> None:
    """Write a model folder; an older model there is replaced in one step, or kept whole if writing fails.

    Args:
        parts: what to write.
        folder: where; it may be absent, empty, or a model folder with nothing else in it. A link is followed.
        card: the text of ``README.md``.

    Raises:
        ModelError: if the folder holds something that is no model, or cannot be written.
    """
    target = Path(os.path.realpath(folder))
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in parts.model.state_dict().items()}
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
            _VOCABULARY: _write_file(temporary / _VOCABULARY, [_json(vocabulary)]),
            _WEIGHTS: _write_file(temporary / _WEIGHTS, [safetensors.torch.save(weights)]),
        }
        if parts.featurizer.vectors is not None:
            sums[_VECTORS] = _write_file(temporary / _VECTORS, parts.featurizer.vectors.pieces())
        if wide is not None:
            sums[_WIDE] = _write_file(temporary / _WIDE, [safetensors.numpy.save({"keys": wide.keys})])
        config = {
            "format": FORMAT,
            "architecture": parts.config.to_dict(),
            "segmenter": dict(parts.segmenter),
            "sha256": sums,
        }
        _write_file(temporary / _CARD, [card.encode("utf-8", "replace")])
        _write_file(temporary / _CONFIG, [_json(config, indent=2)])

    try:
        check_replaceable(folder)
        replace_folder(target, write)
    except OSError as error:
        raise ModelError(
            f"{folder}: the model could not be written: {error.strerror or error}. "
            f"What was there before is unchanged."
        ) from error


def check_replaceable(folder: Path) -> None:
    """Refuse a folder that :func:`save_model` would not replace: neither absent, empty, nor a model and nothing else.

    Raises:
        ModelError: names what is in the way.
        OSError: if the folder cannot be looked into.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ModelError(f"{folder}: exists and is no folder, so it is not replaced. Choose another path.")
    found = {path.name for path in folder.iterdir()}
    strangers = sorted(found - _FILES)
    if strangers:
        raise ModelError(
            f"{folder}: holds {strangers[0]!r}, which is no part of a model, so it is not replaced. "
            f"Choose another path, or move it away."
        )
    if found and not {_CONFIG, _VOCABULARY} <= found:
        raise ModelError(
            f"{folder}: exists and is not a model folder, so it is not replaced. Choose another path."
        )


def load_model(folder: Path) -> ModelParts:
    """Read a model folder, on the CPU and ready to tag.

    Raises:
        ModelError: if the folder is no model, is damaged, or is of a newer format.
    """
    try:
        folder = _whole_folder(Path(folder))
    except OSError as error:
        raise ModelError(f"{folder}: cannot be read: {error.strerror or error}") from error
    config = _read_config(folder)
    data = {
        name: _read_checked(folder / name, config["sha256"].get(name)) for name in (_VOCABULARY, _WEIGHTS)
    }
    try:
        architecture = TaggerConfig.from_dict(config["architecture"])
        vectors = _open_vectors(folder / _VECTORS, config) if architecture.vector_dim else None
        vocabulary = json.loads(data[_VOCABULARY])
        words, characters = (Vocabulary(dict(vocabulary[name])) for name in ("words", "characters"))
        wide = _read_wide(folder / _WIDE, config, vocabulary["wide"]) if architecture.wide_features else None
        featurizer = Featurizer(architecture, words, characters, vectors, wide)
        labels = LabelVocabulary(vocabulary["labels"])
        with torch.device("meta"), _NoNormalDraws():
            # Shapes alone: no weights are drawn that the file's would replace, and a monstrous size costs nothing.
            parts = ModelParts.untrained(architecture, featurizer, labels, config["segmenter"])
        parts.model.load_state_dict(safetensors.torch.load(data[_WEIGHTS]), assign=True)
    except ModelError:
        raise
    except (KeyError, TypeError, ValueError, RuntimeError, SafetensorError, TaggerError) as error:
        reason = f"missing field {error}" if isinstance(error, KeyError) else " ".join(str(error).split())
        raise ModelError(f"{folder}: the model's files do not fit together: {reason}") from error
    parts.model.eval()
    return replace(parts, digest=hashlib.sha256(_json(config)).hexdigest())


class _NoNormalDraws(TorchFunctionMode):
    """Leaves embeddings as they are made: drawing tensors without memory would load torch's compiler, for seconds."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return None if func is nn.init.normal_ else func(*args, **(kwargs or {}))


def _whole_folder(folder: Path) -> Path:
    """Return the folder to read: the one asked for, or its predecessor if replacing it was cut short."""
    if (folder / _CONFIG).is_file():
        return folder
    if not folder.exists():
        previous = previous_folder(Path(os.path.realpath(folder)))
        if (previous / _CONFIG).is_file():
            return previous
        raise ModelError(f"{folder}: no such folder; expected a model folder (with {_CONFIG})")
    if not folder.is_dir():
        raise ModelError(f"{folder}: this is a file; expected a model folder (with {_CONFIG})")
    if (folder / "model" / _CONFIG).is_file():
        raise ModelError(f"{folder}: this is a run, not a model; its model is {folder / 'model'}")
    raise ModelError(f"{folder}: not a model folder: {_CONFIG} is missing")


def _json(value: object, *, indent: int | None = None) -> bytes:
    # ASCII escapes carry every string there is, lone surrogates included.
    return json.dumps(value, indent=indent, ensure_ascii=True).encode("ascii") + b"\n"


def _write_file(path: Path, pieces: Iterable[bytes | memoryview]) -> str:
    """Write a file and return its checksum."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for piece in pieces:
            file.write(piece)
            digest.update(piece)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _read_config(folder: Path) -> dict[str, Any]:
    """Return the content of ``config.json``, its form and format checked."""
    path = folder / _CONFIG
    try:
        config = json.loads(path.read_bytes())
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise ModelError(
            f"{path}: expected JSON, found something else or a truncated file: {error}"
        ) from error
    if not isinstance(config, dict):
        raise ModelError(f"{path}: expected a JSON object, found {type(config).__name__}")
    version = config.get("format")
    if type(version) is not int or version < 1:
        raise ModelError(f"{path}: expected a field 'format' with a number from 1 on, found {version!r}")
    if version > FORMAT:
        raise ModelError(
            f"{folder}: model format {version}; this version reads "
            f"{'1' if FORMAT == 1 else f'1 to {FORMAT}'}. Upgrade the package."
        )
    for name in ("architecture", "segmenter", "sha256"):
        if not isinstance(config.get(name), dict):
            raise ModelError(f"{path}: expected a field {name!r} with an object, found {config.get(name)!r}")
    segmenter = config["segmenter"]
    options = segmenter.get("options")
    strings = [segmenter.get("name"), segmenter.get("version")]
    strings += options.values() if isinstance(options, dict) else [None]
    if not all(isinstance(value, str) for value in strings):
        raise ModelError(
            f"{path}: segmenter: expected name, version and options, all strings, found {segmenter!r}"
        )
    return config


def _read_checked(path: Path, expected: object) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror or error}") from error
    _compare(path, expected, hashlib.sha256(data).hexdigest(), len(data))
    return data


def _open_vectors(path: Path, config: Mapping[str, Any]) -> VectorTable:
    """Return the table of the vectors, on disk, after the whole file was read once to compare its checksum."""
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
            _compare(path, config["sha256"].get(_VECTORS), found, file.tell())
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror or error}") from error
    return VectorTable.open(path)


def _read_wide(path: Path, config: Mapping[str, Any], description: Mapping[str, Any]) -> WideIndex:
    """Return the index of the wide features."""
    keys = safetensors.numpy.load(_read_checked(path, config["sha256"].get(_WIDE)))["keys"]
    templates = [
        tuple((attribute, distance) for attribute, distance in parts) for parts in description["templates"]
    ]
    return WideIndex(description["strings"], templates, keys)


def _compare(path: Path, expected: object, found: str, size: int) -> None:
    if found != expected:
        raise ModelError(
            f"{path}: the file is damaged or was changed: expected sha256 {expected}, found {found} "
            f"({size} bytes). Restore the model from a copy or train it again."
        )
