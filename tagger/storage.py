"""The model folder, written atomically and read with checks.

``config.json`` (format version, architecture, scheme, segmenter, checksums), ``vocabulary.json`` (labels, words and
characters with counts), ``model.safetensors`` (weights), ``README.md`` (the model card). Nothing is pickled.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import safetensors.torch
from safetensors import SafetensorError

from tagger.config import TaggerConfig
from tagger.errors import ModelError, TaggerError
from tagger.features import Featurizer
from tagger.model import TaggerModel, build_model
from tagger.schemes import LabelScheme, allowed_transitions
from tagger.vocabulary import LabelVocabulary, Vocabulary

FORMAT: Final = 1
"""The format this version writes, and the newest it reads."""

_CONFIG: Final = "config.json"
_VOCABULARY: Final = "vocabulary.json"
_WEIGHTS: Final = "model.safetensors"
_CARD: Final = "README.md"


@dataclass(frozen=True)
class ModelParts:
    """Everything a model folder holds, card excepted.

    Attributes:
        config: the architecture; its scheme is resolved, never ``auto``.
        featurizer: the normalisation and the vocabularies.
        labels: the labels the model works with inside.
        model: the network.
        segmenter: what splits raw text: ``{"name": ..., "version": ..., "options": {...}}``.
    """

    config: TaggerConfig
    featurizer: Featurizer
    labels: LabelVocabulary
    model: TaggerModel
    segmenter: Mapping[str, Any]

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
        )
        return cls(config, featurizer, labels, model, segmenter)


def save_model(parts: ModelParts, folder: Path, *, card: str) -> None:
    """Write a model folder; an older model there is replaced in one step, or kept whole if writing fails.

    Args:
        parts: what to write.
        folder: where; it may be absent, empty, or a model folder.
        card: the text of ``README.md``.

    Raises:
        ModelError: if the folder holds something that is no model, or cannot be written.
    """
    folder = Path(folder)
    if folder.exists() and not _is_replaceable(folder):
        raise ModelError(
            f"{folder}: exists and is not a model folder, so it is not replaced. Choose another path."
        )
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in parts.model.state_dict().items()}
    files = {
        _VOCABULARY: _json(
            {
                "labels": parts.labels.items,
                "words": list(zip(parts.featurizer.words.items, parts.featurizer.words.counts, strict=True)),
                "characters": list(
                    zip(parts.featurizer.characters.items, parts.featurizer.characters.counts, strict=True)
                ),
            }
        ),
        _WEIGHTS: safetensors.torch.save(weights),
        _CARD: card.encode("utf-8", "replace"),
    }
    files[_CONFIG] = _json(
        {
            "format": FORMAT,
            "architecture": parts.config.to_dict(),
            "segmenter": dict(parts.segmenter),
            "sha256": {name: _sha256(files[name]) for name in (_VOCABULARY, _WEIGHTS)},
        },
        indent=2,
    )

    def write(temporary: Path) -> None:
        for name, data in files.items():
            _write_file(temporary / name, data)

    try:
        replace_folder(folder, write)
    except OSError as error:
        raise ModelError(
            f"{folder}: the model could not be written: {error.strerror or error}. "
            f"What was there before is unchanged."
        ) from error


def load_model(folder: Path) -> ModelParts:
    """Read a model folder, on the CPU and ready to tag.

    Raises:
        ModelError: if the folder is no model, is damaged, or is of a newer format.
    """
    folder = _whole_folder(Path(folder))
    config = _read_json(folder / _CONFIG)
    version = config.get("format")
    if not isinstance(version, int):
        raise ModelError(f"{folder / _CONFIG}: expected a field 'format' with a number, found {version!r}")
    if not 1 <= version <= FORMAT:
        raise ModelError(
            f"{folder}: model format {version}; this version reads "
            f"{'1' if FORMAT == 1 else f'1 to {FORMAT}'}. Upgrade the package."
        )
    data = {
        name: _read_checked(folder / name, config.get("sha256", {}).get(name))
        for name in (_VOCABULARY, _WEIGHTS)
    }
    try:
        architecture = TaggerConfig.from_dict(config["architecture"])
        vocabulary = json.loads(data[_VOCABULARY])
        featurizer = Featurizer(
            architecture, Vocabulary(dict(vocabulary["words"])), Vocabulary(dict(vocabulary["characters"]))
        )
        labels = LabelVocabulary(vocabulary["labels"])
        parts = ModelParts.untrained(architecture, featurizer, labels, config["segmenter"])
        parts.model.load_state_dict(safetensors.torch.load(data[_WEIGHTS]))
    except (KeyError, TypeError, ValueError, RuntimeError, SafetensorError, TaggerError) as error:
        reason = f"missing field {error}" if isinstance(error, KeyError) else str(error).splitlines()[0]
        raise ModelError(f"{folder}: the model's files do not fit together: {reason}") from error
    parts.model.eval()
    return parts


def replace_folder(folder: Path, write: Callable[[Path], None]) -> None:
    """Fill a folder anew so that, whenever this is interrupted, the old or the new one is there whole.

    The new folder is written beside the old one; the old one is renamed away, the new one renamed into place, and the
    old one removed. Between the two renames, :func:`load_model` finds the old one under its other name.

    Args:
        folder: the folder to replace or create.
        write: fills the empty folder it is given.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    previous = _previous(folder)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        # mkdtemp makes folders that only their owner may enter; a model has the rights of any other folder.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o777 & ~umask)
        write(temporary)
        _sync(temporary)
        if folder.exists():
            if previous.exists():
                shutil.rmtree(previous)
            folder.rename(previous)
        temporary.rename(folder)
        _sync(folder.parent)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        if previous.exists() and not folder.exists():
            previous.rename(folder)
        raise
    shutil.rmtree(previous, ignore_errors=True)


def _whole_folder(folder: Path) -> Path:
    """Return the folder to read: the one asked for, or its predecessor if replacing it was cut short."""
    if (folder / _CONFIG).is_file():
        return folder
    previous = _previous(folder)
    if not folder.exists() and (previous / _CONFIG).is_file():
        return previous
    if not folder.exists():
        raise ModelError(f"{folder}: no such folder; expected a model folder (with {_CONFIG})")
    if (folder / "model" / _CONFIG).is_file():
        raise ModelError(f"{folder}: this is a run, not a model; its model is {folder / 'model'}")
    raise ModelError(f"{folder}: not a model folder: {_CONFIG} is missing")


def _previous(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.previous")


def _is_replaceable(folder: Path) -> bool:
    return folder.is_dir() and ((folder / _CONFIG).is_file() or not any(folder.iterdir()))


def _json(value: object, *, indent: int | None = None) -> bytes:
    # ASCII escapes carry every string there is, lone surrogates included.
    return json.dumps(value, indent=indent, ensure_ascii=True).encode("ascii") + b"\n"


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _write_file(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Make a folder's entries durable, where the system lets a folder be opened."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes())
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise ModelError(
            f"{path}: expected JSON, found something else or a truncated file: {error}"
        ) from error
    if not isinstance(value, dict):
        raise ModelError(f"{path}: expected a JSON object, found {type(value).__name__}")
    return value


def _read_checked(path: Path, expected: object) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror or error}") from error
    found = _sha256(data)
    if found != expected:
        raise ModelError(
            f"{path}: the file is damaged or was changed: expected sha256 {expected}, found {found} "
            f"({len(data)} bytes). Restore the model from a copy or train it again."
        )
    return data
