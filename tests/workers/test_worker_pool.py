"""Worker processes: the answers of one process in the order of the input, whoever dies on the way."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from same_predictions import assert_same
from tiny_models import SENTENCES, tiny_tagger

import tagger
from tagger import TaggerError
from tagger.errors import DataError, ModelError, UsageError
from tagger.workers import WorkerPool, process

# Stands in for the program of a worker, without torch: every word is its own label; some do harm.
FAKE = """
import json, os, signal, sys, time
def say(**message):
    print(json.dumps(message), flush=True)
if os.environ.get("SLOW"):
    time.sleep(1000)
digest = str(os.getpid()) if os.environ.get("CHANGING") else ""
say(result={"labels": ["O"], "scheme": "none", "segmenter": {}, "reads_documents": False, "digest": digest})
for line in sys.stdin:
    request = json.loads(line)
    for word in sum(request["sentences"], []):
        if word == "sleep":
            time.sleep(0.2)
        elif word == "hang":
            time.sleep(1000)
        elif word == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif word == "exit":
            sys.exit(3)
        elif word == "cut off":
            print('{"result": [', end="", flush=True)
            sys.exit(4)
        elif word == "fail":
            say(failure="RuntimeError: no more memory", traceback="Traceback: line 7")
        elif word == "refuse":
            say(error="DataError", message="as you wish", traceback="Traceback: line 8")
        elif os.path.isabs(word) and not os.path.exists(word):
            open(word, "x").close()
            os.kill(os.getpid(), signal.SIGKILL)
    say(result=request["sentences"])
"""


@pytest.fixture
def fake(monkeypatch):
    """Make a pool of fake workers, with one sentence of 64 words or more in a lookahead."""
    monkeypatch.setattr(process, "_PROGRAM", FAKE)
    pools = []

    def made(workers=2, on_death=None, **options):
        options = {"batch_tokens": 1, "on_death": on_death or pytest.fail, **options}
        pools.append(WorkerPool("a-model", workers=workers, **options))
        return pools[-1]

    yield made
    for pool in pools:
        pool.close()


def padded(*words):
    """A sentence that fills a lookahead."""
    return [*words, *["word"] * (64 - len(words))]


def is_running(number):
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


# What they answer


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workers") / "model"
    tiny_tagger("bioes").save(folder)
    return str(folder)


@pytest.fixture(scope="module")
def deaths():
    """What the pool has said of deaths."""
    return []


@pytest.fixture(scope="module")
def pool(folder, deaths):
    with WorkerPool(folder, workers=2, batch_tokens=16, on_death=deaths.append) as pool:
        yield pool


@pytest.fixture(scope="module")
def single(folder):
    from tagger import Tagger

    return Tagger.load(folder, batch_tokens=16)


ODD = [[], ["", "a b", "\n", "\0"], ["\ud83d\ude00", "😀", "\ud800"], ["x" * 10_000], [], ["of"] * 2000]


@pytest.mark.slow
def test_answers_are_those_of_one_process_in_the_order_of_the_input(pool, single):
    sentences = [sentence[: 1 + i % 9] for i in range(60) for sentence in SENTENCES] + ODD
    for decode in ("viterbi", "posterior"):
        assert list(pool.stream_labels(iter(sentences), decode=decode)) == single.tag(
            sentences, decode=decode
        )
    nbest = single.nbest(sentences, 3)
    assert_same(pool.stream(sentences), single.predict(sentences))
    thresholds = {"PER": 0.5}
    found = list(pool.stream(sentences, thresholds=thresholds))
    assert any(prediction.withheld for prediction in found)
    assert_same(found, single.predict(sentences, thresholds=thresholds))
    for found, best in zip(pool.stream_nbest(sentences, 3), nbest, strict=True):
        assert_same(found, best)


def test_what_is_known_of_the_model(pool, single):
    assert (pool.labels, pool.scheme) == (single.labels, single.scheme)
    assert pool.segmenter.name == single.segmenter.name
    assert pool.segmenter.options() == single.segmenter.options()
    assert pool.thresholds == single.thresholds == {}


def test_nothing_gives_nothing(pool):
    assert list(pool.stream_labels([])) == []
    assert list(pool.stream(iter(()))) == []
    assert list(pool.stream_labels([[], []])) == [[], []]


def test_a_killed_worker_is_replaced_and_its_work_done_again(pool, single, deaths):
    sentences = [list(SENTENCES[i % 3]) for i in range(500)]
    victim, other = pool.process_ids

    def interrupted():
        for i, sentence in enumerate(sentences):
            if i == 300:
                os.kill(victim, signal.SIGKILL)
            yield sentence

    assert deaths == []
    assert list(pool.stream_labels(interrupted())) == single.tag(sentences)
    (death,) = deaths
    assert death.startswith(
        f"worker {victim} was killed by SIGKILL (memory may have run out) while it had sentences "
    )
    assert death.endswith("; another one repeats them")
    replacement, same = pool.process_ids
    assert (same, replacement != victim, is_running(victim)) == (other, True, False)


# Who dies on the way


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_no_sentence_is_lost_or_out_of_order_when_workers_die(fake, tmp_path, workers):
    deaths: list[str] = []
    # Every seventh sentence kills the worker that is the first to read it; some others take longer.
    words = [str(tmp_path / str(i)) if i % 7 == 0 else "sleep" if i % 5 == 0 else f"w{i}" for i in range(30)]
    sentences = [padded(word) for word in words]
    pool = fake(workers, on_death=deaths.append)
    first = pool.process_ids
    assert list(pool.stream_labels(sentences)) == sentences
    assert len(deaths) == 5
    assert sorted(int(death.split(" sentences ")[1].split()[0]) for death in deaths) == [1, 8, 15, 22, 29]
    assert len(pool.process_ids) == workers
    assert not set(first) & set(pool.process_ids) or workers > 1
    pool.close()
    assert pool.process_ids == ()


@pytest.mark.parametrize(
    ("word", "ending"),
    [
        ("kill", "was killed by SIGKILL (memory may have run out)"),
        ("exit", "ended with status 3"),
        ("cut off", "ended with status 4"),
        ("fail", "failed with RuntimeError: no more memory"),
    ],
)
def test_sentences_that_end_two_workers_are_an_error_that_names_them(fake, word, ending):
    deaths: list[str] = []
    pool = fake(on_death=deaths.append)
    answers = pool.stream_labels([padded("a"), ["b"], padded(word), padded("c"), padded("sleep")])
    assert next(answers)[0] == "a"
    with pytest.raises(TaggerError) as error:
        list(answers)
    assert len(deaths) == 1
    assert deaths[0].partition(" ")[2].partition(" ")[2] == (
        f"{ending} while it had sentences 2 to 3; another one repeats them"
    )
    message = str(error.value)
    assert message.startswith("sentences 2 to 3: worker ")
    assert message.endswith(
        f" {ending}, the second one to die while it had them. "
        "If memory is short, tag in smaller batches or with fewer workers."
    )
    if word == "fail":
        assert type(error.value.__cause__) is process.WorkerTraceback
        assert str(error.value.__cause__) == "Traceback: line 7"
    else:
        assert error.value.__cause__ is None
    # The pool is still good for others.
    assert list(pool.stream_labels([["d"]])) == [["d"]]


def test_an_error_raised_on_purpose_is_passed_on_and_kills_nobody(fake):
    pool = fake()
    processes = pool.process_ids
    with pytest.raises(DataError, match=r"^as you wish$") as error:
        list(pool.stream_labels([["refuse"]]))
    assert str(error.value.__cause__) == "Traceback: line 8"
    assert list(pool.stream_labels([["a"]])) == [["a"]]
    assert pool.process_ids == processes


def test_a_bounded_number_of_windows_is_read_ahead(fake):
    pool = fake()
    num_read = 0

    def endless():
        nonlocal num_read
        while True:
            num_read += 1
            yield padded(str(num_read))

    answers = pool.stream_labels(endless())
    for i in range(1, 20):
        assert next(answers)[0] == str(i)
        assert num_read <= i + 8  # four lookaheads a worker
    answers.close()
    assert list(pool.stream_labels([["a"]])) == [["a"]]


def test_a_stream_that_fails_stops_the_run_and_not_the_pool(fake):
    def failing():
        yield padded("a")
        yield padded("b")
        raise OSError("gone")

    pool = fake(1)
    with pytest.raises(OSError, match=r"^gone$"):
        list(pool.stream_labels(failing()))
    with pytest.raises(TypeError, match=r"^expected tokens of sentence 0 to be strings, found 7$"):
        list(pool.stream_labels([[7]]))
    assert list(pool.stream_labels([["a"]])) == [["a"]]


def test_an_interrupt_ends_busy_workers_and_blames_nobody(fake):
    def interrupted():
        yield padded("hang")
        yield padded("hang")
        time.sleep(0.2)
        raise KeyboardInterrupt

    deaths: list[str] = []
    pool = fake(on_death=deaths.append)
    processes = pool.process_ids
    with pytest.raises(KeyboardInterrupt), pool:
        list(pool.stream_labels(interrupted()))
    assert len(processes) == 2
    assert not any(map(is_running, processes))
    assert deaths == []
    with pytest.raises(RuntimeError, match=r"after shutdown"):
        list(pool.stream_labels([["a"]]))


# Who takes too long


@pytest.mark.slow
def test_sentences_that_take_two_workers_too_long_are_an_error_that_names_them(fake):
    deaths: list[str] = []
    pool = fake(2, on_death=deaths.append, timeout=3)
    with pytest.raises(TaggerError) as error:
        list(pool.stream_labels([padded("a"), ["b"], padded("hang")]))
    assert len(deaths) == 1
    before, _, after = str(error.value).partition(" worker ")
    assert before == "sentences 2 to 3:"
    assert after.partition(" ")[2] == (
        "did not answer within 3 seconds and was killed, the second one to die while it had them. "
        "If it needs more time, allow it (timeout, or --worker-timeout)."
    )


@pytest.mark.slow
def test_a_worker_that_stands_still_is_killed_and_its_work_done_again(fake):
    deaths: list[str] = []
    pool = fake(1, on_death=deaths.append, timeout=3)
    (victim,) = pool.process_ids
    os.kill(victim, signal.SIGSTOP)
    sentences = [["x" * 200_000], padded("a")]  # the first is more than a pipe holds
    assert list(pool.stream_labels(sentences)) == sentences
    assert deaths == [
        f"worker {victim} did not answer within 3 seconds and was killed while it had sentences 1 to 1; "
        "another one repeats them"
    ]
    assert not is_running(victim)
    assert victim not in pool.process_ids


def test_time_is_counted_only_while_a_worker_has_work(fake):
    def counting():
        return [thread.name for thread in threading.enumerate() if "deadline" in thread.name]

    counted = []

    def sentences():
        yield padded("hang")
        while not counting():
            time.sleep(0.01)
        counted.extend(counting())
        raise OSError("enough")

    pool = fake(1, timeout=1000)
    assert counting() == []
    assert list(pool.stream_labels([padded("a"), padded("b")])) == [padded("a"), padded("b")]
    assert counting() == []
    with pytest.raises(OSError, match=r"^enough$"):
        list(pool.stream_labels(sentences()))
    assert counted == ["tagger-worker-deadline"]
    pool.close()
    assert counting() == []


@pytest.mark.parametrize("timeout", [float("inf"), 1e300])
def test_there_may_be_no_end_of_the_time(fake, timeout):
    assert list(fake(1, timeout=timeout).stream_labels([["a"]])) == [["a"]]


def test_a_worker_that_takes_too_long_to_load_is_an_error(fake, monkeypatch):
    monkeypatch.setenv("SLOW", "1")
    with pytest.raises(
        TaggerError,
        match=r"^a-model: worker [0-9]+ did not answer within 0\.3 seconds and was killed while it loaded the model\. "
        r"If it needs more time, allow it \(timeout, or --worker-timeout\)\.$",
    ):
        fake(2, timeout=0.3)


@pytest.mark.slow
def test_a_worker_that_is_started_anew_and_takes_too_long_to_load_is_said_to_have_loaded(fake, monkeypatch):
    deaths: list[str] = []
    pool = fake(1, on_death=deaths.append, timeout=3)
    monkeypatch.setenv("SLOW", "1")
    with pytest.raises(TaggerError) as error:
        list(pool.stream_labels([["kill"]]))
    assert len(deaths) == 1
    assert str(error.value).partition(" worker ")[2].partition(" ")[2] == (
        "did not answer within 3 seconds and was killed while it loaded the model, the second one to die while it "
        "had them. If it needs more time, allow it (timeout, or --worker-timeout)."
    )


# What stops them from the start


@pytest.mark.parametrize("name", ["workers", "threads", "batch_tokens", "cache_megabytes", "document_tokens"])
def test_what_is_no_whole_number_of_one_or_more_is_wrong_usage(fake, name):
    for number in (0, -1, 1.5, "2", True):
        with pytest.raises(UsageError) as error:
            fake(**{name: number})
        assert str(error.value) == f"{name}: expected a whole number of 1 or more, found {number!r}"


def test_a_weight_that_is_none_is_wrong_usage(fake):
    with pytest.raises(UsageError, match=r"^document_consistency: expected a number from 0 to 1,000,000, fo"):
        fake(document_consistency="1")


def test_numbers_may_be_those_of_numpy(folder):
    two: Any = np.int64(2)
    options: dict[str, Any] = {
        "workers": np.int64(1),
        "batch_tokens": np.int64(9),
        "document_consistency": np.float32(0.5),
        "threads": np.int32(1),
    }
    with WorkerPool(folder, on_death=pytest.fail, **options) as pool:
        assert list(pool.stream_labels([["Anna", "met"]])) == tiny_tagger("bioes").tag([["Anna", "met"]])
        assert [len(best) for best in pool.stream_nbest([["Anna"]], two)] == [2]
        for number in (0, 1.5):
            with pytest.raises(
                UsageError, match=f"^n: expected a whole number of 1 or more, found {number}$"
            ):
                pool.stream_nbest([["Anna"]], number)  # type: ignore[arg-type]


def test_no_time_at_all_is_wrong_usage(fake):
    for seconds in (0, -1.5, float("nan")):
        with pytest.raises(UsageError, match=f"^timeout: expected more than 0 seconds, found {seconds:g}$"):
            fake(timeout=seconds)


def test_errors_of_loading_are_those_of_loading_here(folder):
    with pytest.raises(ModelError, match=r"^/none: no such folder; expected a model folder"):
        WorkerPool("/none", workers=1, on_death=pytest.fail)
    with pytest.raises(UsageError, match=r"^threads: has no effect on the device 'cuda'$"):
        WorkerPool(folder, workers=1, threads=2, device="cuda", on_death=pytest.fail)


def test_a_worker_that_dies_while_loading_is_an_error(monkeypatch):
    monkeypatch.setattr(process, "_PROGRAM", "import os; os.kill(os.getpid(), 11)")
    with pytest.raises(
        TaggerError,
        match=r"^a-model: worker [0-9]+ was killed by SIGSEGV while it loaded the model\. If memory",
    ):
        WorkerPool("a-model", workers=2, on_death=pytest.fail)


def test_workers_with_different_models_are_an_error(fake, monkeypatch):
    monkeypatch.setenv("CHANGING", "1")
    with pytest.raises(
        ModelError, match=r"^a-model: the model has changed since the first worker loaded it$"
    ):
        fake(2)
    deaths: list[str] = []
    pool = fake(1, on_death=deaths.append)
    with pytest.raises(ModelError, match=r"the model has changed"):
        list(pool.stream_labels([["kill"]]))
    assert len(deaths) == 1
    with pytest.raises(TaggerError, match=r"was stopped"):
        list(pool.stream_labels([["a"]]))


def test_workers_tell_models_with_the_same_weights_apart(folder, tmp_path):
    from tagger.model_files import with_own_checksum
    from tagger.storage import load_model

    def digest(change):
        """That of the model with a change in its vocabulary or its segmenter."""
        other = tmp_path / "other"
        shutil.copytree(folder, other, dirs_exist_ok=True)
        config = json.loads((other / "config.json").read_text())
        vocabulary = json.loads((other / "vocabulary.json").read_text())
        change(config, vocabulary)
        (other / "vocabulary.json").write_text(json.dumps(vocabulary))
        config["sha256"]["vocabulary.json"] = sha256((other / "vocabulary.json").read_bytes()).hexdigest()
        (other / "config.json").write_bytes(with_own_checksum(config))
        return load_model(other).digest

    def swap_words(config, vocabulary):
        words = vocabulary["words"]
        words[2][0], words[3][0] = words[3][0], words[2][0]

    def cut_otherwise(config, vocabulary):
        config["segmenter"]["options"]["hyphens"] = "keep"

    digests = [digest(change) for change in (lambda *_: None, lambda *_: None, swap_words, cut_otherwise)]
    assert None not in digests
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


def test_a_program_that_cannot_be_started_is_an_error(monkeypatch):
    monkeypatch.setattr(process.sys, "executable", "/none/python")
    with pytest.raises(TaggerError, match=r"^a worker process cannot be started: No such file or directory$"):
        WorkerPool("a-model", workers=2, on_death=pytest.fail)


def test_the_parent_loads_no_torch(folder):
    code = (
        "import sys; from tagger.workers import WorkerPool\n"
        "if __name__ == '__main__':\n"
        "    with WorkerPool(sys.argv[1], workers=1, on_death=print) as pool:\n"
        "        assert len(list(pool.stream([['a'], ['b', 'c']]))) == 2\n"
        "    assert not {'torch', 'safetensors', 'pickle'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, folder], capture_output=True, text=True, timeout=120,
        env={**os.environ, "PYTHONPATH": str(Path(tagger.__file__).parents[1])}, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
