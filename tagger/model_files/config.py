"""``config.json``: its structure, its format version, and its checksums, including its own.

A folder of the same format may have sections of a newer version, unknown to this one. They are an error, since they
affect predictions.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tagger.errors import ModelError
from tagger.files import parse_json
from tagger.model_files.calibration import SECTION
from tagger.model_files.names import (
    CARD,
    CONFIG,
    FILES,
    FORMAT,
    FORMAT_OF_ONE,
    MOST_MEMBERS,
    NETWORK_FILES,
    PRECISIONS,
    of_member,
)

_FIELDS: Final = ("architecture", "segmenter", "sha256")
_OPTIONAL: Final = ("weights", SECTION)
_OTHERS: Final = "others"  # members of an average except the first
_ZEROS: Final = "0" * 64  # in place of the file's own checksum when it is computed
_CHECKSUM: Final = re.compile(r"[0-9a-f]{64}")


def parse_config(path: Path, data: bytes) -> dict[str, Any]:
    """Return the content of ``config.json``, after checking structure and format; "weights" is always set.

    Raises:
        ModelError: if it is invalid, or has a newer format.
    """
    try:
        config = parse_json(data)
    except ValueError as error:
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
            f"{path.parent}: model format {version}; this version reads 1 to {FORMAT}. Upgrade the package."
        )
    for name in _FIELDS:
        if not isinstance(config.get(name), dict):
            raise ModelError(f"{path}: expected a field {name!r} with an object, found {config.get(name)!r}")
    sums = config["sha256"]
    for what, unknown in (
        (
            "section",
            config.keys() - {"format", *_FIELDS, *_OPTIONAL, *([_OTHERS] * (version > FORMAT_OF_ONE))},
        ),
        ("file", sums.keys() - (FILES - {CARD})),
    ):
        if unknown:
            raise ModelError(
                f"{path}: this model has a {what} {min(unknown)!r} that this version does not know. "
                f"Use a newer version."
            )
    _check_weights(path, config)
    if version > 1 and CONFIG not in sums:
        raise ModelError(f"{path}: expected its own sha256, found none")
    for name, checksum in sums.items():
        if not isinstance(checksum, str) or not _CHECKSUM.fullmatch(checksum):
            raise ModelError(f"{path}: expected a sha256 of 64 digits for {name}, found {checksum!r}")
    _check_segmenter(path, config["segmenter"])
    _check_others(path, config)
    return config


def _check_weights(path: Path, section: dict[str, Any]) -> None:
    """Raise an error for an unknown precision of weights; set the default if there is none."""
    weights = section.setdefault("weights", "float32")
    if not isinstance(weights, str) or weights not in PRECISIONS:
        raise ModelError(f"{path}: weights: expected {' or '.join(PRECISIONS)}, found {weights!r}")


def _check_others(path: Path, config: dict[str, Any]) -> None:
    """Raise an error for invalid other members of an average; set an empty list if there are none."""
    others = config.setdefault(_OTHERS, [])
    if not isinstance(others, list) or len(others) >= MOST_MEMBERS:
        raise ModelError(
            f"{path}: {_OTHERS}: expected a list of fewer than {MOST_MEMBERS} models, found {len(others)} of them"
            if isinstance(others, list)
            else f"{path}: {_OTHERS}: expected a list of models, found {others!r}"
        )
    for number, section in enumerate(others, start=2):
        where = f"{path}: {_OTHERS}: model {number}"
        if not isinstance(section, dict):
            raise ModelError(f"{where}: expected an object, found {section!r}")
        if unknown := section.keys() - {"architecture", "weights", "files"}:
            raise ModelError(f"{where}: found {min(unknown)!r}, which this version does not know")
        for name in ("architecture", "files"):
            if not isinstance(section.get(name), dict):
                raise ModelError(
                    f"{where}: expected a field {name!r} with an object, found {section.get(name)!r}"
                )
        _check_weights(path, section)
        for name, stored in section["files"].items():
            own = [of_member(name, earlier) for earlier in range(1, number + 1)]
            if name not in NETWORK_FILES or stored not in own:
                raise ModelError(
                    f"{where}: files: expected {', '.join(NETWORK_FILES)} each with its own name here or "
                    f"that of an earlier model, found {stored!r} for {name!r}"
                )


def own_checksum(data: bytes, stored: str) -> str:
    """Return the checksum of ``config.json``: of its bytes with zeros in place of the checksum itself."""
    return hashlib.sha256(_with_checksum(data, stored, _ZEROS)).hexdigest()


def with_own_checksum(config: Mapping[str, Any]) -> bytes:
    """Return the bytes of ``config.json``, with its own checksum last in its last field, ``sha256``."""
    sums = {**config["sha256"], CONFIG: _ZEROS}
    data = json.dumps({**config, "sha256": sums}, indent=2).encode("ascii") + b"\n"
    return _with_checksum(data, _ZEROS, own_checksum(data, _ZEROS))


def _with_checksum(data: bytes, old: str, new: str) -> bytes:
    before, _, after = data.rpartition(f'"{CONFIG}": "{old}"'.encode("ascii"))
    return before + f'"{CONFIG}": "{new}"'.encode("ascii") + after


def _check_segmenter(path: Path, segmenter: Mapping[str, Any]) -> None:
    options = segmenter.get("options")
    strings = [segmenter.get("name"), segmenter.get("version")]
    strings += options.values() if isinstance(options, dict) else [None]
    if not all(isinstance(value, str) for value in strings) or len(segmenter) > 3:
        raise ModelError(
            f"{path}: segmenter: expected name, version and options, all strings, found {segmenter!r}"
        )
