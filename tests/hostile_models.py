"""A program that makes more than 300 model folders that are damaged or forged, and loads each in bounded memory.

Usage: hostile_models.py FOLDER. Checksums are right wherever who forges a file could make them so. Prints one JSON line
for each folder: its name, the class of the error, its message, and what was run, connected or unpickled meanwhile.
"""

import hashlib
import json
import os
import resource
import shutil
import signal
import socket
import struct
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
import torch
from tiny_models import tiny_tagger

from tagger import Tagger, TaggerConfig
from tagger.model_files import with_own_checksum

WEIGHTS, VOCABULARY, CONFIG = "model.safetensors", "vocabulary.json", "config.json"
WIDE, VECTORS = "wide.safetensors", "vectors.safetensors"
OTHERS: tuple[Any, ...] = (
    *(5, "x", {}, [5], [[]], [{}], [{"architecture": {}}], [{"architecture": [], "files": {}}]),
    *([{"architecture": {}, "files": {}}], [{"architecture": {}, "files": {"a": "b"}}] * 3),
    [{"architecture": {}, "files": {}}] * 20_000,
)
ROOM = 2**30  # bytes that loading a model of some KB may take at most
SECONDS = 60  # after which a load counts as hung
EVENTS = {
    "os.system",
    "subprocess.Popen",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "socket.connect",
    "pickle.find_class",
}


def forge(folder, name, data):
    (folder / name).write_bytes(data)
    config = json.loads((folder / CONFIG).read_bytes())
    config["sha256"][name] = hashlib.sha256(data).hexdigest()
    (folder / CONFIG).write_bytes(with_own_checksum(config))


def put(**changes):
    """Change fields of config.json; those that are None go."""

    def change(folder):
        config = json.loads((folder / CONFIG).read_bytes())
        for name, value in changes.items():
            config.pop(name, None)
            if value is not None:
                config[name] = value
        sums = config.get("sha256")
        data = with_own_checksum(config) if isinstance(sums, dict) else json.dumps(config).encode()
        (folder / CONFIG).write_bytes(data)

    return change


def architecture(name, value):
    return lambda folder: put(
        architecture={**json.loads((folder / CONFIG).read_bytes())["architecture"], name: value}
    )(folder)


def member(name, value, weights=WEIGHTS):
    """Make an average of the model and another one with a different architecture, whose files may be those of it."""

    def change(folder):
        own = json.loads((folder / CONFIG).read_bytes())["architecture"]
        files = {each: each for each in (VOCABULARY, WIDE, VECTORS)} | {WEIGHTS: weights}
        put(format=3, others=[{"architecture": {**own, name: value}, "files": files}])(folder)

    return change


def raw(name, data):
    return lambda folder: (folder / name).write_bytes(data)


def vocabulary(**changes):
    def change(folder):
        stored = json.loads((folder / VOCABULARY).read_bytes())
        stored = {name: value for name, value in {**stored, **changes}.items() if value != "gone"}
        forge(folder, VOCABULARY, json.dumps(stored).encode())

    return change


def wide(**changes):
    def change(folder):
        stored = json.loads((folder / VOCABULARY).read_bytes())["wide"]
        vocabulary(wide={**stored, **changes})(folder)

    return change


def tensors(name, **changes):
    """Replace tensors of a file; those that are None go."""

    def change(folder):
        arrays = safetensors.numpy.load((folder / name).read_bytes())
        arrays = {key: value for key, value in {**arrays, **changes}.items() if value is not None}
        forge(folder, name, safetensors.numpy.save(arrays))

    return change


def header(name, edit):
    """Change the header of a file of tensors."""

    def change(folder):
        data = (folder / name).read_bytes()
        length = int.from_bytes(data[:8], "little")
        entries = json.loads(data[8 : 8 + length])
        text = edit(entries)
        text = json.dumps(entries).encode() if not isinstance(text, bytes) else text
        text += b" " * (-len(text) % 8)
        forge(folder, name, struct.pack("<Q", len(text)) + text + data[8 + length :])

    return change


def special(name, kind):
    def change(folder):
        path = folder / name
        path.unlink()
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "socket":
            os.chdir(folder)
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(name)
            os.chdir("/")
        elif kind == "folder":
            path.mkdir()
        elif kind.startswith("sparse"):
            with path.open("wb") as file:
                file.truncate(int(kind.removeprefix("sparse ")))
        elif kind.startswith("link"):
            path.symlink_to(kind.removeprefix("link "))

    return change


def cut(name, kept):
    return lambda folder: forge(folder, name, (folder / name).read_bytes()[:kept])


def flipped(name, position):
    def change(folder):
        data = bytearray((folder / name).read_bytes())
        data[position] ^= 4
        (folder / name).write_bytes(data)

    return change


def hostile():
    """Yield the name of each folder and what makes it of a whole one."""
    value: Any
    for field in fields(TaggerConfig):
        yield f"{field.name} of another type", architecture(field.name, {"a": []})
    sizes = ("word_dim", "char_dim", "char_filters", "char_width", "casing_dim", "affix_dim", "hash_buckets")
    for name in (*sizes, "hidden_dim", "num_layers", "vector_dim"):
        for value in (-1, 10**12, 10**400, 0.5, True):
            yield f"{name} {str(value)[:20]}", architecture(name, value)
    for value in (None, 0, -1, 4, 1.5, "1", True, 10**30, [], {}):
        yield f"format {value!r}", put(format=value)
    for name in ("architecture", "segmenter", "sha256"):
        for value in (None, [], 5, "x"):
            yield f"{name} {value!r}", put(**{name: value})
    yield "more fields", put(module="os")
    for number, section in enumerate(CALIBRATIONS):
        yield f"calibration {number}", put(calibration=section)
    for number, sections in enumerate(OTHERS):
        yield f"others {number}", put(format=3, others=sections)
    for name in sizes:
        yield f"{name} of a member", member(name, 10**12)
    for name in (
        "model-2.safetensors",
        "vocabulary-2.json",
        "../model.safetensors",
        "/dev/zero",
        "config.json",
    ):
        yield f"a member's weights in {name}", member("hidden_dim", 8, weights=name)
    yield "more checksums", put(sha256={"../x": "0" * 64})
    yield "other checksums", put(sha256={WEIGHTS: "0" * 64})
    yield "short checksums", put(sha256={WEIGHTS: "0"})
    for number, value in enumerate(({}, {"name": 1}, {"name": "rules", "version": "1", "options": {"a": 1}})):
        yield f"segmenter {number}", put(segmenter=value)
    config = b'{"format": 1, "architecture": {}, "segmenter": {}, "sha256": {}'
    for number, data in enumerate(
        (b"", b"{", b"[" * 10**5, b'{"a":' * 10**5, b"\x80\x04.", "{}".encode("utf-16"), b"\xef\xbb\xbf{}", config,
         config + b', "format": 1}', config + b', "x": NaN}', config + b', "x": -Infinity}',
         b'{"format": ' + b"9" * 5000 + b"}", config + b"} x", b" " * (2**20 + 1))
    ):  # fmt: skip
        yield f"config.json {number}", raw(CONFIG, data)
    for name in (CONFIG, VOCABULARY, WEIGHTS, WIDE, VECTORS):
        for kind in (
            "pipe",
            "socket",
            "folder",
            "link /dev/zero",
            f"link {name}",
            "link nowhere",
            "sparse 1099511627776",
        ):
            yield f"{name} {kind}".replace("/", " "), special(name, kind)
    yield "200 MB of blanks", special(CONFIG, f"sparse {200 * 10**6}")
    many = [["", 1]] * 10**5
    changes: dict[str, Any] = {
        "labels": ([], ["O", "O"], ["O", ""], [5], [["O"]], {}, "O", None, ["O"], ["B-LOC", "I-LOC"], ["O", "E-LOC"],
                   [f"B-{n}" for n in range(20_000)], [str(n) for n in range(20_000)], "gone"),
        "words": ([["a", 0]], [["a", -1]], [["a", True]], [["a", 1.0]], [["a", "1"]], [["a", 10**30]], [["a"]], [5],
                  [[5, 1]], [[["a"], 1]], [["a", 1], ["a", 1]], many, {}, None, "gone", "ab", ["ab"]),
        "characters": ([], [["ab", 2]], [["a", 2], ["a", 2]], "gone", 7),
        "extra": (1,),
        "wide": ({}, [], "gone", {"strings": {}, "templates": []}),
    }  # fmt: skip
    for name, values in changes.items():
        for number, value in enumerate(values):
            yield f"vocabulary {name} {number}", vocabulary(**{name: value})
    for number, data in enumerate((b"", b"[]", b"[" * 10**6, b'{"labels": ["O"], "labels": ["O"]}', b"\xff")):
        yield f"vocabulary.json {number}", lambda folder, data=data: forge(folder, VOCABULARY, data)
    for number, value in enumerate(
        ([], [[]], [[["lower", 0.5]]], [[["lower", 10**9]]], [[["x", 0]]], [[["lower", 0]]] * 2)
    ):
        yield f"templates {number}", wide(templates=value)
    for number, value in enumerate(({}, {"word": ["a", "a"]}, {"word": [5]}, [])):
        yield f"strings {number}", wide(strings=value)
    bias = np.zeros(5, dtype=np.float32)
    spoilt = bias.copy()
    for value in (np.nan, np.inf, -np.inf):
        spoilt[2] = value
        yield f"weights {value}", tensors(WEIGHTS, **{"projection.bias": spoilt.copy()})
    for dtype in (np.float16, np.float64, np.int64, np.int8, np.bool_):
        yield f"weights {np.dtype(dtype)}", tensors(WEIGHTS, **{"projection.bias": bias.astype(dtype)})
    masks = {"start_transitions": (5,), "end_transitions": (5,), "transitions": (5, 5)}
    for name, shape in masks.items():
        yield f"masks {name}", tensors(WEIGHTS, **{f"decoder.allowed_{name}": np.zeros(shape, dtype=bool)})
        yield (
            f"masks of another size {name}",
            tensors(WEIGHTS, **{f"decoder.allowed_{name}": np.ones((6, 6), dtype=bool)}),
        )
    yield "weights missing", tensors(WEIGHTS, **{"projection.bias": None})
    yield "weights renamed", tensors(WEIGHTS, **{"projection.bias": None, "projection.Bias": bias})
    yield "weights more", tensors(WEIGHTS, surplus=bias)
    yield "weights shorter", tensors(WEIGHTS, **{"projection.bias": bias[:-1]})
    yield "weights another shape", tensors(WEIGHTS, **{"projection.bias": bias.reshape(1, 5)})
    for number, keys in enumerate(([5, 5], [0], [-1], [1 << 62], [31 << 58], [2 << 29, 1 << 29])):
        yield f"keys {number}", tensors(WIDE, keys=np.array(keys, dtype=np.int64))
    yield "keys of floats", tensors(WIDE, keys=np.zeros(3))
    yield "keys in rows", tensors(WIDE, keys=np.zeros((2, 2), dtype=np.int64))
    spoilt = np.full((9, 3), np.nan, dtype=np.float32)
    yield "vectors NaN", lambda folder: vectors(folder, spoilt)
    for name in (WEIGHTS, WIDE, VECTORS):
        for kept in (0, 7, 20, -1):
            yield f"{name} cut at {kept}", cut(name, kept)
        yield f"{name} with a bit flipped", flipped(name, -3)
        yield f"{name} as a pickle", lambda folder, name=name: forge(folder, name, PICKLE)
        for number, edit in enumerate(HEADERS):
            yield f"{name} header {number}", header(name, edit)
        yield (
            f"{name} with a long header",
            lambda folder, name=name: forge(folder, name, b"\xff" * 7 + b"\x0f" + b"{}"),
        )


CALIBRATIONS = (
    *(5, [], "x", True, {"temperature": 1, "more": 1}, {"thresholds": []}, {"thresholds": {"PER": None}}),
    *({"temperature": value} for value in (0, -1, 1e-300, 10**400, 1e300, None, True, "2", [1])),
    *({"thresholds": {"PER": value}} for value in (-0.1, 1.1, 10**400, True, "0.5", [0.5])),
    *({"thresholds": {kind: 0.5}} for kind in ("", "O", "MISC", "B-PER")),
)


def first(entries):
    return next(entry for name, entry in entries.items() if name != "__metadata__")


HEADERS = (
    lambda entries: first(entries).update(shape=[-1]),
    lambda entries: first(entries).update(shape=[2**62] * 8),
    lambda entries: first(entries).update(shape=[1] * 10**5),
    lambda entries: first(entries).update(data_offsets=[0, 2**62]),
    lambda entries: first(entries).update(data_offsets=[8, 8]),
    lambda entries: first(entries).update(dtype="OBJECT"),
    lambda entries: first(entries).update(extra=1),
    lambda entries: entries.update(again={**first(entries)}),
    lambda entries: entries.update(__metadata__=[1]),
    lambda entries: b"[" * 10**5,
    lambda entries: b'{"a": 1, "a": 1}',
    lambda entries: b"[]",
)
PICKLE = b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x04true\x85R."


def vectors(folder, values):
    data = bytearray((folder / VECTORS).read_bytes())
    length = int.from_bytes(data[:8], "little")
    start, end = json.loads(data[8 : 8 + length])["vectors"]["data_offsets"]
    data[8 + length + start : 8 + length + end] = values.tobytes()
    forge(folder, VECTORS, bytes(data))


def main(root):
    torch.set_num_threads(1)
    whole = root / "whole"
    tiny_tagger(types=("LOC", "PER"), wide_features=True, vectors="frozen", vector_dim=3).save(whole)
    Tagger.load(whole)
    folders = []
    for number, (name, change) in enumerate(hostile()):
        folder = root / str(number)
        shutil.copytree(whole, folder)
        change(folder)
        folders.append((name, folder))
    seen = []
    sys.addaudithook(lambda event, arguments: seen.append(event) if event in EVENTS else None)
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + ROOM, size + ROOM))
    for name, folder in folders:
        seen.clear()
        signal.alarm(SECONDS)
        try:
            Tagger.load(folder)
            kind, message = None, ""
        except Exception as error:
            kind, message = type(error).__name__, str(error)
        signal.alarm(0)
        line = {
            "name": name,
            "folder": str(folder),
            "error": kind,
            "message": message[:2000],
            "run": list(seen),
        }
        print(json.dumps(line))
    Tagger.load(whole)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
