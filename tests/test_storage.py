"""The model folder: equal numbers after a round trip, whole whatever happens, and clear words about what is wrong."""

import ast
import contextlib
import copy
import hashlib
import json
import os
import random
import stat
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
import safetensors.torch
import torch
from present import present
from tiny_models import SENTENCES, changed, tiny_parts, tiny_tagger

import tagger
from tagger import Tagger
from tagger.errors import ModelError
from tagger.model_building import untrained_model, weights_of
from tagger.model_files import FORMAT_OF_ONE, with_own_checksum
from tagger.schemes import LabelScheme, allowed_transitions
from tagger.storage import load_model, store_calibration

UNFIT = ": the model's files do not fit together: "
PAIR = (
    20 << 58 | 1 << 29 | 1
)  # the key of a template with two parts, of what is beyond both ends of a sentence
TESTS = Path(__file__).parent
PACKAGE = Path(tagger.__file__).parent


@pytest.fixture
def folder(tmp_path):
    """A model folder."""
    tiny_tagger("bioes").save(tmp_path / "model")
    return tmp_path / "model"


def error_of(function, *arguments):
    with pytest.raises(ModelError) as error:
        function(*arguments)
    return str(error.value)


def change_config(folder, **fields):
    """Write other fields together with the file's own checksum, as anybody can who writes files for others."""
    path = folder / "config.json"
    config = {**json.loads(path.read_text()), **fields}
    path.write_bytes(
        with_own_checksum(config) if isinstance(config["sha256"], dict) else json.dumps(config).encode()
    )


def forge(folder, name, data):
    """Write a file together with its checksum."""
    (folder / name).write_bytes(data)
    sums = json.loads((folder / "config.json").read_text())["sha256"]
    change_config(folder, sha256={**sums, name: hashlib.sha256(data).hexdigest()})


# Round trips


@pytest.mark.parametrize("decoder", ["crf", "softmax"])
@pytest.mark.parametrize("scheme", ["iob2", "bioes", "io", "none"])
def test_round_trip_gives_identical_numbers(scheme, decoder, tmp_path):
    saved = tiny_tagger(scheme, decoder=decoder)
    saved.save(tmp_path / "model")
    loaded = Tagger.load(tmp_path / "model")
    assert loaded.predict(SENTENCES) == saved.predict(SENTENCES)
    assert loaded.nbest(SENTENCES, 3) == saved.nbest(SENTENCES, 3)
    assert (loaded.config, loaded.labels, loaded.scheme) == (saved.config, saved.labels, saved.scheme)
    model = loaded.parts.model
    assert not any(tensor.is_meta for tensor in [*model.parameters(), *model.buffers()])


def test_saving_what_was_loaded_writes_the_same_files(folder, tmp_path):
    (folder / "README.md").write_bytes("# Größe\r\n".encode() + b"\xff\n")
    Tagger.load(folder).save(tmp_path / "again")
    for path in folder.iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()


def test_weights_in_another_precision_or_not_finite_are_not_written(tmp_path):
    parts = changed(tiny_parts(), lambda model: model.projection.bias[1].fill_(float("nan")))
    assert error_of(Tagger(parts).save, tmp_path / "model") == (
        f"{tmp_path / 'model'}: the model is not written: expected finite weights, found NaN or infinity in "
        f"'projection.bias'. Train the model again."
    )
    parts = changed(tiny_parts(), lambda model: model.double())
    assert error_of(Tagger(parts).save, tmp_path / "model") == (
        f"{tmp_path / 'model'}: the model is not written: expected weights in single precision, as format 2 has them, "
        f"found 'word_features.word_embedding.weight' in float64. Convert them to float32 first."
    )
    assert list(tmp_path.iterdir()) == []


def test_a_loaded_model_goes_on_training_like_the_saved_one(folder):
    saved, loaded = tiny_parts("bioes").model, load_model(folder).model
    rates = [model.word_features.unknown_rates for model in (saved, loaded)]
    assert isinstance(rates[0], torch.Tensor)
    assert isinstance(rates[1], torch.Tensor)
    assert torch.equal(rates[0], rates[1])
    for (name, one), (other_name, other) in zip(
        saved.named_parameters(), loaded.named_parameters(), strict=True
    ):
        assert name == other_name
        assert one.requires_grad == other.requires_grad


def test_loading_draws_no_random_numbers(folder):
    state = torch.get_rng_state()
    Tagger.load(folder)
    assert torch.equal(torch.get_rng_state(), state)


def test_odd_words_and_labels_survive(tmp_path):
    odd = ["\ud800", "a\0b", "\u2028", "😀", "", '"\\', "\r\n"]
    parts = tiny_parts()
    made = type(parts.featurizer).build(parts.config, [odd, odd])
    labels = type(parts.labels)(["O", "B-\ud800 ü", "I-\ud800 ü"])
    model = untrained_model(parts.config, made, labels)
    saved = Tagger(replace(parts, featurizer=made, labels=labels, weights=weights_of(model)))
    saved.save(tmp_path / "model")
    loaded = Tagger.load(tmp_path / "model")
    assert loaded._parts.featurizer.words == made.words
    assert loaded.labels == ("O", "B-\ud800 ü", "I-\ud800 ü")
    assert loaded.predict([odd]) == saved.predict([odd])


@pytest.mark.parametrize(
    "options",
    [
        {"vectors": "frozen", "vector_dim": 3},
        {"vectors": "tuned", "vector_dim": 3},
        {"vectors": "projected", "vector_dim": 3, "vector_projection": 2},
    ],
)
def test_pretrained_vectors_go_with_the_model(options, tmp_path):
    saved = tiny_tagger("bioes", **options)
    saved.save(tmp_path / "model")
    loaded = Tagger.load(tmp_path / "model")
    unseen = [("Oslo", "OSLO", "1990", "1991", "Bergen", "\ud800")]
    assert loaded.predict([*SENTENCES, *unseen]) == saved.predict([*SENTENCES, *unseen])
    table = present(loaded.parts.featurizer.vectors)
    assert table.find(["Oslo", "Bergen"]).tolist() == [6, -1]
    base = present(table.vectors.base)
    assert isinstance(base, np.memmap) or isinstance(base.base, np.memmap)
    loaded.save(tmp_path / "model")  # over the file that it is reading
    assert Tagger.load(tmp_path / "model").predict(unseen) == Tagger(saved.parts).predict(unseen)


def test_vectors_are_a_file_with_a_checksum(tmp_path):
    tiny_tagger(vectors="frozen", vector_dim=3).save(tmp_path / "model")
    path = tmp_path / "model" / "vectors.safetensors"
    sums = json.loads((tmp_path / "model" / "config.json").read_text())["sha256"]
    assert sorted(sums) == ["config.json", "model.safetensors", "vectors.safetensors", "vocabulary.json"]
    data = path.read_bytes()
    assert sums["vectors.safetensors"] == hashlib.sha256(data).hexdigest()
    path.write_bytes(data[:-1] + b"x")
    assert error_of(Tagger.load, tmp_path / "model").startswith(
        f"{path}: the file is damaged or was changed: expected sha256 {sums['vectors.safetensors']}, found "
    )
    path.unlink()
    assert error_of(Tagger.load, tmp_path / "model") == f"{path}: cannot be read: No such file or directory"
    forge(tmp_path / "model", "vectors.safetensors", b"nothing")
    assert error_of(Tagger.load, tmp_path / "model").startswith(
        f"{path}: expected a file of tensors (safetensors), found a header that is cut off"
    )


def test_vectors_of_another_model_do_not_fit(tmp_path):
    for dim in (3, 4):
        tiny_tagger(vectors="frozen", vector_dim=dim).save(tmp_path / f"{dim}")
    forge(tmp_path / "3", "vectors.safetensors", (tmp_path / "4" / "vectors.safetensors").read_bytes())
    assert error_of(Tagger.load, tmp_path / "3") == (
        f"{tmp_path / '3'}: the model's files do not fit together: vectors: expected 3 values as configured "
        "(vector_dim), found vectors of 4 values"
    )


def test_a_model_without_vectors_replaces_one_with_them(tmp_path):
    tiny_tagger(vectors="frozen", vector_dim=3).save(tmp_path / "model")
    tiny_tagger().save(tmp_path / "model")
    assert len(list((tmp_path / "model").iterdir())) == 4


def test_wide_features_go_with_the_model(tmp_path):
    saved = tiny_tagger("bioes", wide_features=True, wide_min_count=1)
    saved.save(tmp_path / "model")
    loaded = Tagger.load(tmp_path / "model")
    assert loaded.predict(SENTENCES) == saved.predict(SENTENCES)
    index, written = present(loaded.parts.featurizer.wide), present(saved.parts.featurizer.wide)
    assert index.strings == written.strings
    assert index.templates == written.templates
    assert present(loaded.parts.model.wide).weights.weight.shape == (index.num_rows, len(saved.parts.labels))
    loaded.save(tmp_path / "again")
    for path in (tmp_path / "model").iterdir():
        assert path.name == "README.md" or (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()
    tiny_tagger().save(tmp_path / "model")
    assert len(list((tmp_path / "model").iterdir())) == 4


def test_the_index_of_wide_features_is_a_file_with_a_checksum(tmp_path):
    folder = tmp_path / "model"
    tiny_tagger(wide_features=True).save(folder)
    path = folder / "wide.safetensors"
    sums = json.loads((folder / "config.json").read_text())["sha256"]
    assert sorted(sums) == ["config.json", "model.safetensors", "vocabulary.json", "wide.safetensors"]
    data = path.read_bytes()
    path.write_bytes(data[:-1] + b"x")
    assert error_of(Tagger.load, folder).startswith(f"{path}: the file is damaged or was changed: expected ")
    path.unlink()
    assert error_of(Tagger.load, folder) == f"{path}: cannot be read: No such file or directory"


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        (
            np.zeros((2, 2), dtype=np.int64),
            "wide.safetensors: tensor 'keys': expected one row, found the shape (2, 2)",
        ),
        (
            np.zeros(2, dtype=np.float64),
            "wide.safetensors: tensor 'keys': expected the type I64, found F64",
        ),
        (np.array([-1]), f"{UNFIT}wide features: expected keys as whole numbers from 0 on, in one row"),
        (np.array([10**6 << 29]), f"{UNFIT}wide features: a key of template 0 has an id beyond its "),
        (np.array([2 << 29 | 1]), f"{UNFIT}wide features: a key of template 0 has an id beyond its 1"),
        (np.array([1 << 58]), f"{UNFIT}wide features: a key of template 1 has no id of its "),
        (np.array([31 << 58]), f"{UNFIT}wide features: a key of a template beyond the 28 there are"),
        (
            np.array([PAIR, PAIR]),
            f"{UNFIT}wide features: the keys of templates with two parts are not in order",
        ),
        (
            np.array([2 << 29, 2 << 29]),
            f"{UNFIT}wide features: the keys of templates with one part are not in order",
        ),
        (
            np.array([PAIR, 2 << 29]),
            f"{UNFIT}wide features: expected the keys of templates with one part first",
        ),
        (
            np.array([2 << 29]),
            "model.safetensors: tensor 'wide.weights.weight': expected the shape (2, 5), as configured, "
            "found the shape (",
        ),
    ],
)
def test_a_hostile_index_of_wide_features_is_a_model_error(keys, reason, tmp_path):
    tiny_tagger(wide_features=True).save(tmp_path / "model")
    forge(tmp_path / "model", "wide.safetensors", safetensors.numpy.save({"keys": keys}))
    message = error_of(Tagger.load, tmp_path / "model")
    assert message.removeprefix(f"{tmp_path / 'model'}").lstrip("/").startswith(reason)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"templates": []}, "wide features: expected 1 to 32 templates, found 0"),
        (
            {"templates": [[["lower", n]] for n in range(33)]},
            "wide features: expected 1 to 32 templates, found 33",
        ),
        ({"templates": [[["colour", 0]]]}, "wide features: unknown template (('colour', 0),)"),
        ({"templates": [[["lower", 10**9]]]}, "wide features: unknown template (('lower', 1000000000),)"),
        ({"templates": [[]]}, "wide features: expected templates of one or two parts, found ()"),
        (
            {"templates": [[["lower", "0"]]]},
            "vocabulary.json: wide: templates: expected an attribute and a distance, found ['lower', '0']",
        ),
        (
            {"templates": [[["lower", 0.5]]]},
            "vocabulary.json: wide: templates: expected an attribute and a distance, found ['lower', 0.5]",
        ),
        ({"templates": [[["lower", 0]]] * 2}, "wide features: expected each template once, found one twice"),
        ({"templates": [5]}, "vocabulary.json: wide: templates: expected a list of lists, found [5]"),
        ({"strings": {}}, "wide features: expected strings of word, lower, shape, "),
        ({"strings": {"word": 5}}, "vocabulary.json: wide: strings: expected a list of strings for 'word'"),
        ({"strings": None}, "vocabulary.json: wide: strings: expected an object, found NoneType"),
        (
            {"colour": 5},
            "vocabulary.json: wide: found a field 'colour', which the configured architecture does not",
        ),
    ],
)
def test_hostile_templates_and_strings_are_a_model_error(change, reason, tmp_path):
    folder = tmp_path / "model"
    tiny_tagger(wide_features=True).save(folder)
    stored = json.loads((folder / "vocabulary.json").read_text())
    stored["wide"].update(change)
    forge(folder, "vocabulary.json", json.dumps(stored).encode())
    assert error_of(Tagger.load, folder).startswith(
        f"{folder}: the model's files do not fit together: {reason}"
    )


def test_folder_holds_exactly_four_files(folder):
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md", "config.json", "model.safetensors", "vocabulary.json",
    ]  # fmt: skip
    config = json.loads((folder / "config.json").read_text())
    assert sorted(config) == ["architecture", "format", "segmenter", "sha256"]
    assert config["format"] == FORMAT_OF_ONE == 2
    assert config["segmenter"] == {"name": "rules", "version": "1", "options": {}}
    assert sorted(config["sha256"]) == ["config.json", "model.safetensors", "vocabulary.json"]
    own = config["sha256"].pop("config.json")
    with_zeros = (folder / "config.json").read_bytes().replace(own.encode(), b"0" * 64)
    assert hashlib.sha256(with_zeros).hexdigest() == own
    for name, checksum in config["sha256"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == checksum
    assert all(path.read_bytes().isascii() for path in folder.glob("*.json"))


def test_card_is_written_as_given(tmp_path):
    tiny_tagger().save(tmp_path / "model", card="# Größe \ud800\n")
    assert (tmp_path / "model" / "README.md").read_text(encoding="utf-8") == "# Größe ?\n"


def test_a_card_goes_along_with_copies_and_is_replaced_by_one_that_is_given(tmp_path):
    tiny_tagger().save(tmp_path / "model", card="# Mine\n")
    copied = copy.deepcopy(Tagger.load(tmp_path / "model"))
    copied.save(tmp_path / "copy")
    copied.save(tmp_path / "other", card="")
    assert (tmp_path / "copy" / "README.md").read_text() == "# Mine\n"
    assert (tmp_path / "other" / "README.md").read_text() == ""


def test_a_model_without_a_card_loads_and_is_saved_with_the_usual_one(folder, tmp_path, caplog):
    (folder / "README.md").unlink()
    Tagger.load(folder).save(tmp_path / "again")
    assert (tmp_path / "again" / "README.md").read_text() == "# A tagger model\n"
    assert not caplog.records


def test_a_card_that_cannot_be_read_is_told_and_does_no_harm(folder, tmp_path, caplog):
    (folder / "README.md").unlink()
    (folder / "README.md").mkdir()
    Tagger.load(folder).save(tmp_path / "again")
    assert (tmp_path / "again" / "README.md").read_text() == "# A tagger model\n"
    assert caplog.messages == [
        f"{folder / 'README.md'}: cannot be read: expected a regular file, found a folder. "
        "It is not saved with the model again."
    ]


def test_a_card_too_large_to_be_read_again_is_not_written(tmp_path):
    assert error_of(partial(tiny_tagger().save, card="x" * (2**24 + 1)), tmp_path / "model") == (
        "README.md: a model of 16,777,217 bytes cannot be read again: too large"
    )


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_files_have_the_rights_of_any_other_file(tmp_path):
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "file").write_text("")
    tiny_tagger().save(tmp_path / "model")
    rights = stat.S_IMODE((tmp_path / "plain").stat().st_mode)
    assert stat.S_IMODE((tmp_path / "model").stat().st_mode) == rights
    rights = stat.S_IMODE((tmp_path / "plain" / "file").stat().st_mode)
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "model").iterdir()} == {rights}


# Names of folders


@pytest.mark.parametrize("name", ["model/", "a/b/c", "./model", "x/../model", "mödel 1", ".hidden", "-"])
def test_folders_of_any_name_are_written_and_replaced(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x").mkdir()
    for seed in (1, 2):
        made = tiny_tagger(seed=seed)
        made.save(name)
        assert Tagger.load(name).predict(SENTENCES) == made.predict(SENTENCES)
        assert len(list(Path(name).parent.resolve().glob(".*.*"))) == 0


def test_current_folder_is_written_replaced_and_loaded(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    for seed in (1, 2):
        monkeypatch.chdir(tmp_path / "here")  # again, since what was current is replaced
        made = tiny_tagger(seed=seed)
        made.save(".")
        assert Tagger.load(tmp_path / "here").predict(SENTENCES) == made.predict(SENTENCES)
    assert [path.name for path in tmp_path.iterdir()] == ["here"]


def test_link_is_followed_and_stays_a_link(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "target", target_is_directory=True)
    for seed in (1, 2, 3):
        made = tiny_tagger(seed=seed)
        made.save(tmp_path / "link")
        assert Tagger.load(tmp_path / "link").predict(SENTENCES) == made.predict(SENTENCES)
    assert (tmp_path / "link").is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "target"]


# Folders that are links, or full of links, or replaced while they are read


def test_a_folder_of_links_is_loaded_as_a_cache_of_the_hub_has_it(tmp_path):
    made = tiny_tagger(wide_features=True, vectors="frozen", vector_dim=3)
    made.save(tmp_path / "model")
    snapshot = tmp_path / "models--org--name" / "snapshots" / "0123abcd"
    blobs = tmp_path / "models--org--name" / "blobs"
    snapshot.mkdir(parents=True)
    blobs.mkdir()
    for path in (tmp_path / "model").iterdir():
        blob = blobs / hashlib.sha256(path.read_bytes()).hexdigest()
        path.rename(blob)
        (snapshot / path.name).symlink_to(f"../../blobs/{blob.name}")
    (tmp_path / "linked").symlink_to(snapshot)
    for folder in (snapshot, tmp_path / "linked"):
        assert Tagger.load(folder).predict(SENTENCES) == made.predict(SENTENCES)


@pytest.mark.skipif(os.open not in os.supports_dir_fd, reason="folders are held open")
@pytest.mark.slow
def test_a_folder_that_is_replaced_all_the_time_is_always_loaded(tmp_path):
    made = tiny_tagger(wide_features=True, vectors="frozen", vector_dim=3)
    folder = tmp_path / "model"
    made.save(folder)
    replaced = set()
    with subprocess.Popen(
        [sys.executable, TESTS / "replaced_model.py", folder],
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
    ) as process:
        try:
            while not (tmp_path / "ready").exists():
                assert process.poll() is None
            for _ in range(200):
                assert len(load_model(folder).labels) == 5
                with contextlib.suppress(FileNotFoundError):
                    replaced.add(folder.stat().st_ctime_ns)
            assert Tagger.load(folder).predict(SENTENCES) == made.predict(SENTENCES)
        finally:
            process.kill()
    assert len(replaced) > 10


# What is not replaced


def test_empty_folder_is_filled(tmp_path):
    (tmp_path / "model").mkdir()
    tiny_tagger().save(tmp_path / "model")
    Tagger.load(tmp_path / "model")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (["notes.txt"], "holds 'notes.txt', which is no part of a model, so it is not replaced."
         " Choose another path, or move it away."),
        (["config.json", "vocabulary.json", "train.py"], "holds 'train.py', which is no part of a model, so it is"
         " not replaced. Choose another path, or move it away."),
        (["config.json", "model.safetensors"], "exists and is not a model folder, so it is not replaced."
         " Choose another path."),
        (["README.md"], "exists and is not a model folder, so it is not replaced. Choose another path."),
    ],
)  # fmt: skip
def test_folder_of_something_else_is_not_replaced(files, message, tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    for name in files:
        (folder / name).write_text("precious")
    assert error_of(tiny_tagger().save, folder) == f"{folder}: {message}"
    assert {path.name: path.read_text() for path in folder.iterdir()} == dict.fromkeys(files, "precious")
    assert [path.name for path in tmp_path.iterdir()] == ["project"]


def test_file_is_not_replaced(tmp_path):
    path = tmp_path / "model"
    path.write_text("precious")
    assert error_of(tiny_tagger().save, path) == (
        f"{path}: exists and is no folder, so it is not replaced. Choose another path."
    )
    assert error_of(tiny_tagger().save, path / "inside") == (
        f"{path / 'inside'}: the model could not be written: File exists. What was there before is unchanged."
    )
    assert path.read_text() == "precious"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_no_permission_to_write_is_said(folder):
    folder.parent.chmod(0o500)
    try:
        message = error_of(tiny_tagger().save, folder)
    finally:
        folder.parent.chmod(0o700)
    assert message == (
        f"{folder}: the model could not be written: Permission denied. What was there before is unchanged."
    )
    Tagger.load(folder)


def test_name_too_long_is_said(tmp_path):
    path = tmp_path / ("x" * 300)
    assert error_of(tiny_tagger().save, path) == (
        f"{path}: the model could not be written: File name too long. What was there before is unchanged."
    )
    assert error_of(Tagger.load, path) == f"{path}: cannot be read: File name too long"


# Interruptions


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked processes")
@pytest.mark.slow
def test_whatever_interrupts_a_save_a_whole_model_is_there(tmp_path):
    result = subprocess.run(
        [sys.executable, TESTS / "interrupted_saves.py", tmp_path], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(PACKAGE.parent), str(TESTS)]), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    points = [json.loads(line) for line in result.stdout.splitlines()]
    kills = [point for point in points if point["kills"]]
    failures = [point for point in points if not point["kills"]]
    for group in (kills, failures):
        # old up to some point, new from there on; the last one was not interrupted
        assert len(group) > 15
        assert {point["found"] for point in group} == {"old", "new"}
        assert [point["interrupted"] for point in group] == [True] * (len(group) - 1) + [False]
        assert (group[-1]["found"], group[-1]["left"], group[-1]["error"]) == ("new", ["model"], None)
        assert {point["again"] for point in group} == {"new"}
    # between the two renames the old one is found under its other name
    assert [point["found"] for point in kills if "model" not in point["left"]] == ["old"]
    for point in failures:
        assert (point["found"] == "old") == (point["error"] is not None)
        if point["error"] is not None:
            assert point["error"].endswith(
                "/model: the model could not be written: No space left on device. "
                "What was there before is unchanged."
            )
            assert point["left"] == ["model"]


def test_ctrl_c_leaves_the_old_model_and_nothing_else(folder, monkeypatch):
    before = Tagger.load(folder).predict(SENTENCES)
    rename = Path.rename

    def interrupted(path, target):
        if target == folder and path.name != ".model.previous":
            raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        tiny_tagger(seed=5).save(folder)
    assert Tagger.load(folder).predict(SENTENCES) == before
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


# What is no model


def test_no_folder(tmp_path):
    path = tmp_path / "absent"
    assert (
        error_of(Tagger.load, path) == f"{path}: no such folder; expected a model folder (with config.json)"
    )
    assert error_of(Tagger.load, "org/name") == (
        "org/name: no such folder; expected a model folder (with config.json)"
    )


def test_foreign_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert error_of(Tagger.load, tmp_path) == f"{tmp_path}: not a model folder: config.json is missing"
    assert error_of(Tagger.load, ".") == ".: not a model folder: config.json is missing"
    assert error_of(Tagger.load, "/") == "/: not a model folder: config.json is missing"


def test_file_instead_of_a_folder(folder):
    path = folder / "config.json"
    assert (
        error_of(Tagger.load, path) == f"{path}: this is a file; expected a model folder (with config.json)"
    )


def test_run_names_its_model(tmp_path):
    tiny_tagger().save(tmp_path / "model")
    assert error_of(Tagger.load, tmp_path) == (
        f"{tmp_path}: this is a run, not a model; its model is {tmp_path / 'model'}"
    )


def test_newer_format_says_so(folder):
    change_config(folder, format=4)
    assert error_of(Tagger.load, folder) == (
        f"{folder}: model format 4; this version reads 1 to 3. Upgrade the package."
    )


# What is damaged


@pytest.mark.parametrize("name", ["vocabulary.json", "model.safetensors"])
@pytest.mark.parametrize("kept", [0, 0.5, 1])
def test_truncated_or_changed_file_is_named_with_both_checksums(name, kept, folder):
    path = folder / name
    data = path.read_bytes()
    expected = hashlib.sha256(data).hexdigest()
    damaged = data[: int(len(data) * kept)] if kept < 1 else data[:-20] + bytes([data[-20] ^ 1]) + data[-19:]
    path.write_bytes(damaged)
    assert error_of(Tagger.load, folder) == (
        f"{path}: the file is damaged or was changed: expected sha256 {expected}, "
        f"found {hashlib.sha256(damaged).hexdigest()} ({len(damaged)} bytes). "
        f"Restore the model from a copy or train it again."
    )


@pytest.mark.parametrize("name", ["vocabulary.json", "model.safetensors"])
def test_missing_file_is_named(name, folder):
    (folder / name).unlink()
    assert error_of(Tagger.load, folder) == f"{folder / name}: cannot be read: No such file or directory"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Expecting value: line 1 column 1 (char 0)"),
        (b'{"format": 1, "arch', "Unterminated string starting at: line 1 column 15 (char 14)"),
        (b"\x80\x04\x95", "'utf-8' codec can't decode byte 0x80 in position 0: invalid start byte"),
        (b"[" * 100_000, None),
        (b'{"format": ' + b"9" * 5000 + b"}", None),
    ],
    ids=["empty", "truncated", "binary", "deep", "long number"],
)
def test_config_that_is_no_json(content, reason, folder):
    path = folder / "config.json"
    path.write_bytes(content)
    message = error_of(Tagger.load, folder)
    assert message.startswith(
        f"{path}: expected JSON, found something else or a truncated file: {reason or ''}"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "expected a JSON object, found list"),
        ({}, "expected a field 'format' with a number from 1 on, found None"),
        ({"format": "1"}, "expected a field 'format' with a number from 1 on, found '1'"),
        ({"format": True}, "expected a field 'format' with a number from 1 on, found True"),
        ({"format": 0}, "expected a field 'format' with a number from 1 on, found 0"),
        ({"format": 1.0}, "expected a field 'format' with a number from 1 on, found 1.0"),
        ({"format": 1}, "expected a field 'architecture' with an object, found None"),
    ],
)
def test_config_of_another_form(content, message, folder):
    path = folder / "config.json"
    path.write_text(json.dumps(content))
    assert error_of(Tagger.load, folder) == f"{path}: {message}"


@pytest.mark.parametrize("name", ["architecture", "segmenter", "sha256"])
@pytest.mark.parametrize("value", [None, [], "x", 5])
def test_config_field_of_another_form(name, value, folder):
    change_config(folder, **{name: value})
    assert error_of(Tagger.load, folder) == (
        f"{folder / 'config.json'}: expected a field {name!r} with an object, found {value!r}"
    )


@pytest.mark.parametrize(
    "segmenter",
    [
        {},
        {"name": "rules", "options": {}},
        {"name": "rules", "version": 1, "options": {}},
        {"name": ["rules"], "version": "1", "options": {}},
        {"name": "rules", "version": "1"},
        {"name": "rules", "version": "1", "options": []},
        {"name": "rules", "version": "1", "options": {"hyphens": 5}},
    ],
)
def test_segmenter_of_another_form(segmenter, folder):
    change_config(folder, segmenter=segmenter)
    assert error_of(Tagger.load, folder) == (
        f"{folder / 'config.json'}: segmenter: expected name, version and options, all strings, found {segmenter!r}"
    )


@pytest.mark.parametrize(
    ("option", "value", "reason"),
    [
        ("hidden_dim", "5", "hidden_dim: expected a whole number, found '5'"),
        ("hidden_dim", -5, "hidden_dim: expected 1 or more, found -5"),
        ("cell", "transformer", "cell: expected one of lstm, "),
        ("flux", 5, "unknown architecture option 'flux'; a newer version may know it"),
        ("scheme", "auto", "unknown label scheme 'auto'"),
        ("scheme", "io", "label 2 of 9: expected O, I-TYPE or a bare TYPE as a label in IO, found 'B-LOC'"),
        ("affixes", [["prefix1"]], "affixes: expected a list of names"),
    ],
)
def test_hostile_architecture_is_a_model_error(option, value, reason, folder):
    stored = json.loads((folder / "config.json").read_text())["architecture"]
    change_config(folder, architecture={**stored, option: value})
    assert error_of(Tagger.load, folder).startswith(
        f"{folder}: the model's files do not fit together: {reason}"
    )


WITHOUT_DOCUMENT_CONTEXT = {
    "document_context": False, "document_dropout": 0.2, "block_tokens": 64, "document_tokens": 2048,
}  # fmt: skip
"""As folders had it while there was a trained document context, and the model had none."""


def with_old_options(folder, format, **options):
    """Write ``config.json`` as an older version did."""
    path = folder / "config.json"
    config = json.loads(path.read_text())
    config["format"] = format
    config["architecture"].update(options)
    if format == 1:  # without its own checksum
        del config["sha256"]["config.json"]
        path.write_text(json.dumps(config))
    else:
        path.write_bytes(with_own_checksum(config))


@pytest.mark.parametrize("format", [1, 2])
def test_a_model_from_when_there_was_a_trained_document_context_loads_if_it_has_none(format, folder):
    expected = Tagger.load(folder)
    with_old_options(folder, format, **WITHOUT_DOCUMENT_CONTEXT)
    found = Tagger.load(folder)
    assert found.config == expected.config
    assert found.predict(SENTENCES) == expected.predict(SENTENCES)
    found.save(folder)
    stored = json.loads((folder / "config.json").read_text())["architecture"]
    assert not stored.keys() & WITHOUT_DOCUMENT_CONTEXT.keys()


@pytest.mark.parametrize(
    "values", [{"label_smoothing": 0.0, "adversarial": 0}, {"adversarial": 0.1, "unk_alpha": 2}]
)
def test_retired_options_of_training_are_left_out_whatever_they_were(values, folder):
    expected = Tagger.load(folder)
    with_old_options(folder, 2, **values)
    found = Tagger.load(folder)
    assert found.config == expected.config
    assert found.predict(SENTENCES) == expected.predict(SENTENCES)


@pytest.mark.parametrize("value", ["0.1", None, True, [0.1]])
def test_a_retired_option_that_is_no_number_is_refused(value, folder):
    with_old_options(folder, 2, adversarial=value)
    assert error_of(Tagger.load, folder) == (
        f"{folder}{UNFIT}unknown architecture option 'adversarial'; a newer version may know it"
    )


@pytest.mark.parametrize("format", [1, 2])
def test_a_model_with_a_trained_document_context_is_refused_in_one_line(format, folder):
    with_old_options(folder, format, **{**WITHOUT_DOCUMENT_CONTEXT, "document_context": True})
    assert error_of(Tagger.load, folder) == (
        f"{folder}: the model has a trained document context, which this version no longer has. Train it again; "
        "document consistency takes its place when sentences are tagged."
    )


@pytest.mark.parametrize(
    ("option", "value"),
    [
        *(("document_context", value) for value in (1, 0, None, "true")),
        ("document_dropout", 0.3),
        ("block_tokens", 64.0),
        ("document_tokens", "2048"),
    ],
)
def test_an_option_of_the_trained_document_context_with_any_other_value_is_refused(option, value, folder):
    with_old_options(folder, 2, **{**WITHOUT_DOCUMENT_CONTEXT, option: value})
    assert error_of(Tagger.load, folder) == (
        f"{folder}{UNFIT}unknown architecture option {option!r}; a newer version may know it"
    )


@pytest.mark.parametrize(
    ("option", "value", "reason"),
    [
        ("hidden_dim", 7, "tensor 'encoder.layers.0.input_weights': expected the shape (2, 28, 30), as configured, "
         "found the shape (2, 24, 30)"),
        ("cell", "gru", "tensor 'encoder.layers.0.input_weights': expected the shape (2, 18, 30), as configured, "
         "found the shape (2, 24, 30)"),
        ("num_layers", 2, "expected a tensor 'encoder.layers.1.input_weights', as configured, found none"),
        ("casing_dim", 0, "tensor 'encoder.layers.0.input_weights': expected the shape (2, 24, 27), as configured, "
         "found the shape (2, 24, 30)"),
        ("learned_initial_state", True, "expected a tensor 'encoder.layers.0."),
        # more than any memory holds
        ("hidden_dim", 10**12, "tensor 'encoder.layers.0.input_weights': expected the shape (2, 4000000000000, 30)"),
        ("word_dim", 10**18, "tensor 'word_features.word_embedding.weight': expected the shape (22, 1000000000000"),
        ("char_filters", 10**30, "tensor 'word_features.char_cnn.convolution.weight': expected the shape (1000000"),
        ("hidden_dim", 10**6, "tensor 'encoder.layers.0.input_weights': expected the shape (2, 4000000, 30)"),
        ("hash_buckets", 10**15, "tensor 'word_features.affix_embedding.weight': expected the shape "
         "(8000000000000000, 2)"),
    ],
)  # fmt: skip
def test_an_architecture_that_the_weights_do_not_have_is_named(option, value, reason, folder):
    stored = json.loads((folder / "config.json").read_text())["architecture"]
    change_config(folder, architecture={**stored, option: value})
    assert error_of(Tagger.load, folder).startswith(f"{folder / 'model.safetensors'}: {reason}")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"labels": ["O", "O"]}, "expected each label once, found 'O' more than once"),
        ({"labels": []}, "expected at least one label, found none"),
        ({"labels": [5]}, "expected labels as a list of strings, found [5]"),
        ({"labels": [["O"]]}, "expected labels as a list of strings, found [['O']]"),
        ({"labels": None}, "vocabulary.json: labels: expected a list of strings, found None"),
        ({"labels": "O"}, "vocabulary.json: labels: expected a list of strings, found 'O'"),
        ({"labels": ["O", "X-PER"]}, "label 2 of 2: expected O, B-TYPE"),
        (
            {"labels": ["B-PER", "I-PER"]},
            "expected O among the labels, as BIOES has it, found ('B-PER', 'I-PER')",
        ),
        ({"labels": ["O", ""]}, "expected labels of at least one character, found an empty one"),
        (
            {"labels": [f"B-{n}" for n in range(20_000)]},
            "expected at most 5,000 different labels, found 20,000. Are these labels?",
        ),
        ({"words": [["the", 0]]}, "expected strings with counts from 1 on, found 0 for 'the'"),
        ({"words": [["the", 10**30]]}, "expected strings with counts from 1 on"),
        ({"words": [["the", -1]]}, "expected strings with counts from 1 on, found -1 for 'the'"),
        ({"words": [["the", True]]}, "expected strings with counts from 1 on, found True for 'the'"),
        ({"words": [["the", 1.0]]}, "expected strings with counts from 1 on, found 1.0 for 'the'"),
        ({"words": [[5, 1]]}, "expected strings with counts from 1 on, found 1 for 5"),
        (
            {"words": [["the"]]},
            "vocabulary.json: words: expected a list of pairs, each of a string and its count",
        ),
        ({"words": 5}, "vocabulary.json: words: expected a list of pairs, each of a string and its count"),
        (
            {"words": ["ab"]},
            "vocabulary.json: words: expected a list of pairs, each of a string and its count",
        ),
        (
            {"words": [[["the"], 1]]},
            "vocabulary.json: words: expected strings with counts, found a list or an object",
        ),
        (
            {"words": [["the", 1], ["the", 1]]},
            "vocabulary.json: words: expected each string once, found 1 more than once",
        ),
        ({"characters": [["ab", 2]]}, "vocabulary.json: characters: expected single characters, found 'ab'"),
        (
            {"wide": {}},
            "vocabulary.json: found a field 'wide', which the configured architecture does not have",
        ),
    ],
)
def test_hostile_vocabulary_is_a_model_error(change, reason, folder):
    stored = json.loads((folder / "vocabulary.json").read_text())
    forge(folder, "vocabulary.json", json.dumps({**stored, **change}).encode())
    assert error_of(Tagger.load, folder).startswith(
        f"{folder}: the model's files do not fit together: {reason}"
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            {"labels": ["O"]},
            "'projection.weight': expected the shape (1, 12), as configured, found the shape (9, 12)",
        ),
        (
            {"characters": []},
            "'word_features.char_cnn.embedding.weight': expected the shape (2, 4), as configured, ",
        ),
    ],
)
def test_a_vocabulary_of_another_size_than_the_weights_is_named(change, reason, folder):
    stored = json.loads((folder / "vocabulary.json").read_text())
    forge(folder, "vocabulary.json", json.dumps({**stored, **change}).encode())
    assert error_of(Tagger.load, folder).startswith(f"{folder / 'model.safetensors'}: tensor {reason}")


def test_labels_that_mean_the_same_are_refused(tmp_path):
    tiny_tagger("io").save(tmp_path / "model")
    stored = json.loads((tmp_path / "model" / "vocabulary.json").read_text())
    labels = [*stored["labels"], "LOC"]
    forge(tmp_path / "model", "vocabulary.json", json.dumps({**stored, "labels": labels}).encode())
    assert error_of(Tagger.load, tmp_path / "model") == (
        f"{tmp_path / 'model'}{UNFIT}expected labels of different meanings, found 'I-LOC' and 'LOC', the same in IO"
    )


@pytest.mark.parametrize("name", ["labels", "words", "characters"])
def test_missing_part_of_the_vocabulary_is_named(name, folder):
    stored = json.loads((folder / "vocabulary.json").read_text())
    del stored[name]
    forge(folder, "vocabulary.json", json.dumps(stored).encode())
    assert error_of(Tagger.load, folder) == (
        f"{folder}: the model's files do not fit together: vocabulary.json: expected a field {name!r}, found none"
    )


@pytest.mark.parametrize(
    "content", [b"[]", b"{", b"[" * 100_000, b""], ids=["list", "brace", "deep", "empty"]
)
def test_vocabulary_of_another_form_is_a_model_error(content, folder):
    forge(folder, "vocabulary.json", content)
    assert error_of(Tagger.load, folder).startswith(f"{folder}: the model's files do not fit together: ")


WEIGHTS = "model.safetensors"


def stored_weights(folder):
    return safetensors.torch.load((folder / WEIGHTS).read_bytes())


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "a header that is cut off"),
        (b"\x80\x04\x95not weights", "a header that is cut off"),
        (b"\xff" * 100, "a header that is cut off"),
        (b"\x02" + bytes(7) + b"{}x", "a file of 11 bytes where the header describes 10"),
        (b"\x02" + bytes(7) + b"[]", "a header that is not a JSON object"),
    ],
)
def test_weights_that_are_no_tensors(data, reason, folder):
    forge(folder, WEIGHTS, data)
    assert error_of(Tagger.load, folder) == (
        f"{folder / WEIGHTS}: expected a file of tensors (safetensors), found {reason}"
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda bias: {"projection.bias": bias[:-1].clone()},
         "tensor 'projection.bias': expected the shape (9,), as configured, found the shape (8,)"),
        (lambda bias: {"surplus": bias}, "found a tensor 'surplus', which the configured architecture does not have"),
        (lambda bias: {"projection.bias": bias.long()},
         "tensor 'projection.bias': expected the type F32, found I64"),
        (lambda bias: {"projection.bias": bias.double()},
         "tensor 'projection.bias': expected the type F32, found F64"),
        (lambda bias: {"projection.bias": bias.half()},
         "tensor 'projection.bias': expected the type F32, found F16"),
        (lambda bias: {"projection.bias": bias.bfloat16()},
         "tensor 'projection.bias': expected the type F32, found BF16"),
        (lambda bias: {"projection.bias": bias.to(torch.complex64)},
         "tensor 'projection.bias': expected the type F32, found C64"),
        (lambda bias: {"projection.bias": bias.log()},
         "tensor 'projection.bias': expected finite numbers, found NaN or infinity"),
        (lambda bias: {"projection.bias": bias * float("inf")},
         "tensor 'projection.bias': expected finite numbers, found NaN or infinity"),
    ],
)  # fmt: skip
def test_weights_of_other_names_types_and_values_are_named(change, reason, folder):
    weights = stored_weights(folder)
    forge(
        folder, WEIGHTS, safetensors.torch.save({**weights, **change(-1 - weights["projection.bias"].abs())})
    )
    assert error_of(Tagger.load, folder) == f"{folder / WEIGHTS}: {reason}"


def test_a_missing_tensor_is_named(folder):
    weights = stored_weights(folder)
    del weights["projection.bias"]
    forge(folder, WEIGHTS, safetensors.torch.save(weights))
    assert error_of(Tagger.load, folder) == (
        f"{folder / WEIGHTS}: expected a tensor 'projection.bias', as configured, found none"
    )


# What is legal comes from labels and scheme alone


def test_no_masks_are_stored_and_those_of_older_folders_must_be_right(folder):
    before = Tagger.load(folder).predict(SENTENCES)
    weights = stored_weights(folder)
    assert [name for name in weights if "allowed" in name] == []
    constraints = allowed_transitions(Tagger.load(folder)._parts.labels.items, LabelScheme.BIOES)
    names = ("allowed_transitions", "allowed_start_transitions", "allowed_end_transitions")
    masks = {f"decoder.{name}": torch.tensor(table) for name, table in zip(names, constraints, strict=True)}
    forge(folder, WEIGHTS, safetensors.torch.save({**weights, **masks}))
    assert Tagger.load(folder).predict(SENTENCES) == before
    for name, mask in masks.items():
        forge(folder, WEIGHTS, safetensors.torch.save({**weights, **masks, name: torch.ones_like(mask)}))
        assert error_of(Tagger.load, folder) == (
            f"{folder / WEIGHTS}: tensor {name!r}: differs from what the labels and their scheme allow"
        )


# Checksums


def test_every_changed_bit_of_every_file_is_noticed(tmp_path):
    tiny_tagger(wide_features=True, vectors="frozen", vector_dim=3).save(tmp_path / "model")
    generator = random.Random(1)
    for path in sorted((tmp_path / "model").iterdir()):
        if path.name == "README.md":
            continue
        data = path.read_bytes()
        for position in generator.sample(range(8 * len(data)), 60):
            changed = bytearray(data)
            changed[position // 8] ^= 1 << position % 8
            path.write_bytes(changed)
            assert str(path.parent) in error_of(Tagger.load, path.parent)
        path.write_bytes(data)
    Tagger.load(tmp_path / "model")


def test_a_changed_config_is_named_with_both_checksums(folder):
    path = folder / "config.json"
    expected = json.loads(path.read_text())["sha256"]["config.json"]
    path.write_text(path.read_text().replace('"max_chars": 20', '"max_chars": 21'))
    message = error_of(Tagger.load, folder)
    assert message.startswith(
        f"{path}: the file is damaged or was changed: expected sha256 {expected}, found "
    )


def test_a_config_from_before_it_had_a_checksum_loads(folder):
    path = folder / "config.json"
    config = json.loads(path.read_text())
    del config["sha256"]["config.json"]
    path.write_text(json.dumps(config, indent=2) + "\n")
    with pytest.raises(ModelError) as error:
        Tagger.load(folder)
    assert str(error.value) == f"{path}: expected its own sha256, found none"
    config["format"] = 1
    path.write_text(json.dumps(config, indent=2) + "\n")
    Tagger.load(folder)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"extra": 1}, "this model has a section 'extra' that this version does not know. Use a newer version."),
        ({"sha256": {"model": "0" * 64}},
         "this model has a file 'model' that this version does not know. Use a newer version."),
        ({"sha256": {"model.safetensors": 5}}, "expected a sha256 of 64 digits for model.safetensors, found 5"),
        ({"sha256": {"vectors.safetensors": "0" * 64}},
         "the configured architecture has no use for vectors.safetensors"),
    ],
)  # fmt: skip
def test_fields_of_another_kind(change, reason, folder):
    change_config(folder, **change)
    assert error_of(Tagger.load, folder) == f"{folder / 'config.json'}: {reason}"


# No pickle


@pytest.mark.slow
def test_package_source_unpickles_nothing():
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                modules += [name.name for name in node.names]
                assert not {"pickle", "dill", "joblib", "shelve", "marshal", "cloudpickle"} & set(modules), (
                    path
                )
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "torch.load":
                given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
                assert given.get("weights_only") == "True", path


# Calibration


def test_temperature_and_thresholds_survive_a_round_trip(tmp_path):
    parts = replace(tiny_parts("bioes"), temperature=1.75, thresholds={"PER": 0.25})
    Tagger(parts).save(tmp_path / "model")
    loaded = load_model(tmp_path / "model")
    assert (loaded.temperature, loaded.thresholds, loaded.types) == (1.75, {"PER": 0.25}, ("LOC", "PER"))
    assert Tagger(loaded).predict(SENTENCES) == Tagger(parts).predict(SENTENCES)


def test_a_model_that_is_not_calibrated_says_nothing_of_it(folder):
    assert "calibration" not in json.loads((folder / "config.json").read_text())
    assert (load_model(folder).temperature, load_model(folder).thresholds) == (1.0, {})


def test_a_calibration_that_is_none_is_named(folder):
    where = f"{folder / 'config.json'}: calibration: "
    change_config(folder, calibration={"temperature": 0})
    assert error_of(load_model, folder) == (
        f"{where}temperature: expected a number from 0.01 to 100, found 0"
    )
    change_config(folder, calibration={"thresholds": {"ORG": 0.5}})
    assert error_of(load_model, folder) == (
        f"{where}thresholds: expected types of the model (LOC, PER), found 'ORG'"
    )
    change_config(folder, calibration={"thresholds": {"LOC": 2}})
    assert error_of(load_model, folder) == (
        f"{where}thresholds: expected a number from 0 to 1 for LOC, found 2"
    )


def test_thresholds_for_labels_without_spans_are_not_written(tmp_path):
    parts = replace(tiny_parts("none", ("NOUN", "VERB")), thresholds={"NOUN": 0.5})
    assert error_of(Tagger(parts).save, tmp_path / "model") == (
        f"{tmp_path / 'model'}: the model is not written: calibration: thresholds: expected none, as labels have no "
        "spans, found 'NOUN'"
    )


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(
    "options", [{}, {"wide_features": True}, {"vectors": "tuned", "vector_dim": 3}], ids=str
)
def test_storing_a_calibration_writes_what_saving_writes_and_leaves_the_rest(tmp_path, options):
    folder = tmp_path / "model"
    parts = tiny_parts("bioes", **options)
    Tagger(parts).save(folder, card="# Mine\n")
    before = bytes_of(folder)
    store_calibration(folder, temperature=1.5, thresholds={"PER": 0.25}, note="Fitted to dev.conll.")
    loaded = load_model(folder)
    assert (loaded.temperature, loaded.thresholds) == (1.5, {"PER": 0.25})
    after = bytes_of(folder)
    assert {name for name in after if after[name] != before[name]} == {"config.json", "README.md"}
    assert after["README.md"].decode().startswith("# Mine\n\n## Calibration\n\nTemperature 1.5: ")
    Tagger(replace(parts, temperature=1.5, thresholds={"PER": 0.25})).save(tmp_path / "saved")
    assert after["config.json"] == (tmp_path / "saved" / "config.json").read_bytes()
    store_calibration(folder, temperature=1.0)
    assert bytes_of(folder) == before


def test_thresholds_go_with_the_probabilities_that_they_are_of(folder):
    store_calibration(folder, thresholds={"PER": 0.25, "LOC": 1.0})
    assert load_model(folder).thresholds == {"PER": 0.25, "LOC": 1.0}
    store_calibration(folder, temperature=1.0)
    assert load_model(folder).thresholds == {"PER": 0.25, "LOC": 1.0}
    store_calibration(folder, temperature=2.0)
    assert (load_model(folder).temperature, load_model(folder).thresholds) == (2.0, {})
    assert "Thresholds" not in (folder / "README.md").read_text()
    store_calibration(folder, thresholds={"PER": 0.5})
    assert load_model(folder).temperature == 2.0
    store_calibration(folder, thresholds={})
    assert load_model(folder).thresholds == {}


def test_what_cannot_be_stored_leaves_the_folder_as_it_was(folder):
    before = bytes_of(folder)
    problem = f"{folder}: the calibration is not stored: calibration: "
    assert error_of(lambda: store_calibration(folder, temperature=0.0)) == (
        f"{problem}temperature: expected a number from 0.01 to 100, found 0.0"
    )
    assert error_of(lambda: store_calibration(folder, thresholds={"ORG": 0.5})) == (
        f"{problem}thresholds: expected types of the model (LOC, PER), found 'ORG'"
    )
    assert error_of(lambda: store_calibration(folder, temperature=2.0, digest="0" * 64)) == (
        f"{folder}: the model has changed since it was calibrated. Calibrate it again."
    )
    assert bytes_of(folder) == before
    assert list(folder.parent.iterdir()) == [folder]
    store_calibration(folder, temperature=2.0, digest=load_model(folder).digest)
    assert load_model(folder).temperature == 2.0


def test_files_that_are_no_part_of_a_model_stay_and_a_missing_card_is_made(folder):
    (folder / "README.md").unlink()
    (folder / "notes.txt").write_text("mine")
    (folder / "linked").symlink_to("notes.txt")
    store_calibration(folder, temperature=2.0)
    assert (folder / "notes.txt").read_text() == "mine"
    assert (folder / "linked").readlink() == Path("notes.txt")
    assert (folder / "README.md").read_text().startswith("## Calibration\n\nTemperature 2: ")


def test_a_link_to_a_model_is_followed(folder, tmp_path):
    (tmp_path / "link").symlink_to(folder)
    store_calibration(tmp_path / "link", temperature=2.0)
    assert load_model(folder).temperature == 2.0
    assert (tmp_path / "link").is_symlink()


def test_what_the_links_in_a_folder_lead_to_stays_as_a_cache_of_the_hub_has_it(folder, tmp_path):
    blobs = tmp_path / "blobs"
    blobs.mkdir()
    for path in list(folder.iterdir()):
        path.rename(blobs / path.name)
        path.symlink_to(f"../{blobs.relative_to(folder.parent)}/{path.name}")
    before = bytes_of(blobs)
    store_calibration(folder, temperature=2.0)
    assert load_model(folder).temperature == 2.0
    assert "Temperature 2: " in (folder / "README.md").read_text()
    assert bytes_of(blobs) == before
    assert {path.name for path in folder.iterdir() if not path.is_symlink()} == {"config.json", "README.md"}


def test_a_calibration_that_is_cut_short_leaves_the_old_model(folder, monkeypatch):
    before = bytes_of(folder)
    for place in ("shutil.copy2", "tagger.storage.write_file", "tagger.storage.calibrated_card"):
        with monkeypatch.context() as patch:
            patch.setattr(
                place, lambda *_, **__: (_ for _ in ()).throw(OSError(28, "No space left on device"))
            )
            message = error_of(lambda: store_calibration(folder, temperature=2.0))
        assert message.startswith(f"{folder}: the calibration is not stored: "), place
        assert "No space left on device" in message
        assert bytes_of(folder) == before
        assert list(folder.parent.iterdir()) == [folder]
