"""Tagger as a plain value: pickled, copied, hashed, forked, and said in one line."""

import copy
import json
import multiprocessing
import os
import pickle
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_models import SENTENCES, tiny_parts, tiny_tagger

import tagger
from tagger import Tagger
from tagger.inference.runner import NumpyRunner
from tagger.text import WhitespaceSegmenter, register_segmenter, registry

MODELS: list[dict[str, Any]] = [
    {"scheme": "bioes", "wide_features": True, "wide_min_count": 1},
    {"scheme": "iob2", "vectors": "tuned", "vector_dim": 3},
    {"scheme": "none", "cell": "gru"},
]
OTHERS = [("Anna", "was", "in", "Oslo"), (), ("McCoy",) * 9]


def protocols():
    return range(2, pickle.HIGHEST_PROTOCOL + 1)


def copies(tagger):
    """The tagger copied in every way there is."""
    yield copy.copy(tagger)
    yield copy.deepcopy(tagger)
    for protocol in protocols():
        yield pickle.loads(pickle.dumps(tagger, protocol))


def weights_in(network):
    """All arrays that a network computes with."""
    found, waiting, seen = [], [network], set()
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen or isinstance(thing, str):
            continue
        seen.add(id(thing))
        if isinstance(thing, np.ndarray):
            found.append(thing)
        elif isinstance(thing, (list, tuple)):
            waiting.extend(thing)
        elif isinstance(thing, dict):
            waiting.extend(thing.values())
        elif type(thing).__module__.startswith("tagger.network"):
            waiting.extend(vars(thing).values())
    return found


# Pickled and copied


@pytest.mark.parametrize("options", MODELS, ids=str)
def test_copies_answer_alike(options, tmp_path):
    tiny_tagger(**options).save(tmp_path / "model")
    original = Tagger.load(tmp_path / "model", batch_tokens=30, cache_megabytes=1, threads=2)
    sentences = [*SENTENCES, *OTHERS]
    expected = original.marginals(sentences)
    for other in copies(original):
        assert other.tag(sentences) == original.tag(sentences)
        for found, wanted in zip(other.marginals(sentences), expected, strict=True):
            np.testing.assert_allclose(found, wanted, atol=1e-6)
        for name in ("batch_tokens", "cache_megabytes", "threads", "device"):
            assert other.__getstate__()[name] == original.__getstate__()[name]
        assert other != original
        assert repr(other) == repr(original)


def test_copies_keep_the_calibration():
    parts = replace(tiny_parts(), temperature=1.75, thresholds={"PER": 0.25})
    for other in copies(Tagger(parts)):
        assert (other.parts.temperature, other.parts.thresholds) == (1.75, {"PER": 0.25})
        np.testing.assert_array_equal(other.marginals(SENTENCES)[0], Tagger(parts).marginals(SENTENCES)[0])


def test_what_was_kept_of_words_stays_behind():
    original = tiny_tagger()
    fresh = len(pickle.dumps(original))
    original.tag([[f"word{i}" for i in range(500)]])
    original.parts.model.train()
    assert len(pickle.dumps(original)) == fresh
    for other in copies(original):
        words, _ = other._runner._caches
        assert not words._row_of
        assert other.parts is original.parts or "model" not in vars(other.parts)


def test_frozen_arrays_stay_frozen_in_every_copy(tmp_path):
    tiny_tagger(vectors="tuned", vector_dim=3).save(tmp_path / "model")
    original = Tagger.load(tmp_path / "model")
    for other in [original, *copies(original)]:
        arrays = [*weights_in(other._runner._network), *other.parts.weights.values()]
        assert len(arrays) > 20
        assert [array.shape for array in arrays if array.flags.writeable and array.size > 1] == []
        with pytest.raises(ValueError, match="read-only"):
            other.parts.featurizer.vectors.vectors[0] = 1


def test_vectors_on_disk_come_along_when_pickled_and_are_shared_when_copied(tmp_path):
    tiny_tagger(vectors="frozen", vector_dim=3).save(tmp_path / "model")
    original = Tagger.load(tmp_path / "model")
    assert copy.deepcopy(original).parts.featurizer.vectors is original.parts.featurizer.vectors
    pickled = pickle.dumps(original)
    for path in (tmp_path / "model").iterdir():
        path.unlink()
    other = pickle.loads(pickled)
    assert other.parts.featurizer.vectors.find(["Oslo", "Bergen"]).tolist() == [6, -1]
    other.save(tmp_path / "again")
    assert Tagger.load(tmp_path / "again").predict(SENTENCES) == original.predict(SENTENCES)


def test_a_plug_in_segmenter_is_looked_for_when_it_is_needed(monkeypatch):
    monkeypatch.setattr(registry, "_FACTORIES", dict(registry._FACTORIES))

    class Stripes(WhitespaceSegmenter):
        name = "stripes"  # type: ignore[misc]

    named = {"name": "stripes", "version": WhitespaceSegmenter().version, "options": {}}
    original = Tagger(replace(tiny_parts(), segmenter=named))
    other = pickle.loads(pickle.dumps(original))
    assert other.tag(SENTENCES) == original.tag(SENTENCES)
    register_segmenter("stripes", lambda options: Stripes())
    assert isinstance(other.segmenter, Stripes)
    again = pickle.loads(pickle.dumps(other))  # the class is local: it could not be pickled
    assert isinstance(again.segmenter, Stripes)


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_processes_of_multiprocessing_tag_with_a_tagger_they_are_given(method):
    original = tiny_tagger("bioes")
    original.tag(SENTENCES)
    work = [[sentence] for sentence in SENTENCES]
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.map(original.tag, work, chunksize=1) == [original.tag(sentences) for sentences in work]


def test_a_new_process_computes_products_on_one_thread(tmp_path):
    (tmp_path / "tagger.pickle").write_bytes(pickle.dumps(tiny_tagger()))
    program = (
        "import json, pickle, sys, threadpoolctl\n"
        "tagger = pickle.load(open(sys.argv[1], 'rb'))\n"
        "info = threadpoolctl.threadpool_info()\n"
        "print(json.dumps([each['num_threads'] for each in info if each['user_api'] == 'blas']))\n"
        "print(json.dumps('torch' in sys.modules))"
    )
    threads, torch_imported = in_new_process(
        program, str(tmp_path / "tagger.pickle"), OPENBLAS_NUM_THREADS="2"
    )
    assert threads
    assert set(threads) == {1}
    assert not torch_imported


def in_new_process(program, *arguments, **environment):
    """What a program prints, a JSON value a line."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False, timeout=120,
        env={**os.environ, "PYTHONPATH": str(Path(tagger.__file__).parent.parent), **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


# Found again in a cache of datasets


HASHED = """\
import json, sys
from datasets.fingerprint import Hasher
from tagger import Tagger
for folder in sys.argv[1:]:
    tagger = Tagger.load(folder)
    before = Hasher.hash(tagger)
    tagger.predict([["Anna", "met", "Bo"], ["x"] * 30])
    tagger.parts.constraints, tagger.segmenter
    print(json.dumps([before, Hasher.hash(tagger), Hasher.hash(Tagger.load(folder))]))
"""


@pytest.mark.slow
def test_one_model_has_one_fingerprint_in_every_process_before_and_after_use(tmp_path):
    from datasets.fingerprint import Hasher

    folders = [str(tmp_path / str(number)) for number in range(len(MODELS))]
    for folder, options in zip(folders, MODELS, strict=True):
        tiny_tagger(**options).save(folder)
    taggers = [Tagger.load(folder) for folder in folders]
    expected = [Hasher.hash(each) for each in taggers]
    for seed in ("1", "2"):
        found = in_new_process(HASHED, *folders, PYTHONHASHSEED=seed)
        assert found == [[each] * 3 for each in expected]
    for each, fingerprint in zip(taggers, expected, strict=True):
        each.tag(SENTENCES)
        assert {Hasher.hash(other) for other in copies(each)} == {fingerprint}


def test_other_models_and_options_have_other_fingerprints(tmp_path):
    from datasets.fingerprint import Hasher

    tiny_tagger().save(tmp_path / "model")
    tiny_tagger(seed=1).save(tmp_path / "other")
    taggers = [
        Tagger.load(tmp_path / "model"),
        Tagger.load(tmp_path / "other"),
        Tagger.load(tmp_path / "model", batch_tokens=100),
        Tagger.load(tmp_path / "model", threads=2),
        Tagger.load(tmp_path / "model", cache_megabytes=1),
    ]
    assert len({Hasher.hash(each) for each in taggers}) == len(taggers)


def test_a_dataset_is_mapped_once(tmp_path):
    from datasets import Dataset, disable_progress_bars

    disable_progress_bars()
    tiny_tagger().save(tmp_path / "model")
    Dataset.from_dict({"tokens": [list(each) for each in SENTENCES]}).save_to_disk(str(tmp_path / "data"))
    files = []
    for _ in range(2):
        loaded = Tagger.load(tmp_path / "model")
        mapped = Dataset.load_from_disk(str(tmp_path / "data")).map(
            lambda batch, loaded=loaded: {"labels": loaded.tag(batch["tokens"])}, batched=True
        )
        assert mapped["labels"][:] == loaded.tag(SENTENCES)
        files.append((mapped.cache_files, {path.name for path in (tmp_path / "data").iterdir()}))
    assert files[0] == files[1]


# Forked


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked on POSIX alone")
@pytest.mark.parametrize("used", [False, True])
def test_a_forked_process_goes_on_with_the_tagger(used):
    original = tiny_tagger("bioes", wide_features=True)
    expected = tiny_tagger("bioes", wide_features=True).tag([*SENTENCES, *OTHERS])
    if used:
        original.tag(SENTENCES)
    assert answer_of_fork(lambda: original.tag([*SENTENCES, *OTHERS])) == expected
    assert original.tag([*SENTENCES, *OTHERS]) == expected


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked on POSIX alone")
def test_a_process_forked_while_another_thread_looks_words_up_goes_on(monkeypatch):
    original = tiny_tagger("bioes")
    expected = tiny_tagger("bioes").tag(SENTENCES)
    inside, go_on = threading.Event(), threading.Event()
    assert isinstance(original._runner, NumpyRunner)
    network = type(original._runner._network)
    word_vectors = network.word_vectors
    parent = os.getpid()

    def wait(self, features):
        if os.getpid() == parent:
            inside.set()
            assert go_on.wait(60)
        return word_vectors(self, features)

    monkeypatch.setattr(network, "word_vectors", wait)
    found = []
    thread = threading.Thread(target=lambda: found.extend(original.tag(SENTENCES)))
    thread.start()
    assert inside.wait(60)
    try:
        assert answer_of_fork(lambda: original.tag(SENTENCES)) == expected
    finally:
        go_on.set()
        thread.join()
    assert found == expected


def answer_of_fork(answer):
    """What a function gives in a forked process, which is killed where it hangs."""
    with multiprocessing.get_context("fork").Manager() as manager:
        results = manager.list()
        process = multiprocessing.get_context("fork").Process(target=lambda: results.append(answer()))
        process.start()
        process.join(60)
        if process.is_alive():
            process.kill()
            process.join()
        assert process.exitcode == 0
        return results[0]


# Said in one line


def test_repr_says_what_the_model_is():
    assert repr(tiny_tagger("bioes", ("LOC", "PER"))) == (
        "<Tagger: 5 labels (O, B-LOC, I-LOC, B-PER, ...); bidirectional lstm, 1 layer of 6 units, "
        "crf, scheme bioes inside; "
        "3,076 parameters; cpu>"
    )
    odd = tiny_tagger(
        "none", ("a\nb", "x" * 100), bidirectional=False, num_layers=2, cell="gru", decoder="softmax"
    )
    assert "2 labels (a\\nb, xxx" in repr(odd)
    assert "; gru, 2 layers of 6 units, softmax, scheme none inside; " in repr(odd)
    assert len(repr(odd)) < 200
    assert "\n" not in repr(odd)
