"""Shards: how a batch is cut, that threads change no bit, that none outlives its run, and where there are none."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny_runs import TINY_MODEL, sentences, tiny_config, tiny_splits

from tagger.config import TaggerConfig
from tagger.errors import TaggerError, UsageError
from tagger.examples import Example
from tagger.model import TaggerModel
from tagger.training import OptimizerConfig, Splits, VectorsConfig, shards, train
from tagger.training.checkpoints import read_checkpoint
from tagger.training.shards import (
    ShardThreads,
    cut,
    number_of_shards,
    number_of_threads,
    put_sum,
)
from tagger.training.train import TrainingInterrupted

CPU = torch.device("cpu")


def threads_left():
    return [thread for thread in threading.enumerate() if thread.name.startswith("tagger-shards")]


@pytest.fixture(autouse=True)
def no_thread_is_left():
    yield
    assert threads_left() == []


# --- cutting ---


def test_sentences_of_similar_length_make_a_shard_and_shards_have_as_many_tokens():
    lengths = np.array([5, 6, 7, 8, 1, 20, 3, 4])
    assert cut([0, 1, 2, 3, 4, 5, 6, 7], lengths, shards=2) == [[5, 3], [2, 1, 0, 7, 6, 4]]
    assert cut([0, 1, 2, 3], lengths, shards=2) == [[3, 2], [1, 0]]
    assert cut([3, 2, 1, 0], lengths, shards=4) == [[3], [2], [1], [0]]


@pytest.mark.parametrize("number", [1, 2, 3, 5])
@pytest.mark.parametrize("num_sentences", [1, 2, 3, 31])
def test_every_sentence_is_in_one_shard_and_no_shard_is_empty(number, num_sentences):
    generator = np.random.default_rng(num_sentences)
    lengths = generator.integers(1, 60, size=100)
    members = generator.permutation(100)[:num_sentences].tolist()
    parts = cut(members, lengths, shards=number)
    assert sorted(member for part in parts for member in part) == sorted(members)
    assert 1 <= len(parts) <= min(number, num_sentences)
    assert all(parts)
    tokens = [lengths[part].sum() for part in parts]
    assert max(tokens) - min(tokens) <= 2 * lengths[members].max()


def test_a_single_shard_is_the_batch_as_it_is():
    assert cut([2, 0, 1], np.array([1, 9, 5]), shards=1) == [[2, 0, 1]]


# --- sums ---


def test_sums_of_gradients_are_tensors_of_their_own_that_lie_in_memory_as_their_parameters():
    first, second, third, fourth = (torch.nn.Parameter(torch.zeros(2, 3)) for _ in range(4))
    shared, turned = torch.ones(2, 3), torch.arange(6.0).view(3, 2).t()
    put_sum([first, second, third, fourth], [[shared, shared, None, None], [turned, None, turned, None]])
    assert torch.equal(first.grad, shared + turned)
    assert torch.equal(second.grad, shared)
    assert torch.equal(third.grad, turned)
    assert fourth.grad is None
    first.grad.mul_(0)
    assert second.grad.sum() == 6
    assert shared.sum() == 6
    assert all(each.grad.is_contiguous() for each in (first, second, third))


def test_a_sum_is_over_all_shards_in_their_order():
    parameter = torch.nn.Parameter(torch.zeros(1))
    parts = [torch.tensor([value]) for value in (1e8, 1.0, -1e8)]
    put_sum([parameter], [[part] for part in parts])
    assert parameter.grad.item() == 0.0  # the 1 is lost in the first sum
    put_sum([parameter], [[part] for part in (parts[0], parts[2], parts[1])])
    assert parameter.grad.item() == 1.0


# --- threads ---


@pytest.mark.parametrize("number", [1, 2, 3])
def test_results_come_in_the_order_of_the_tasks_each_from_one_openmp_thread(number):
    def task(value):
        time.sleep(0.01 * (3 - value))
        return value, torch.get_num_threads(), threading.current_thread().name

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with ShardThreads(number) as threads:
            found = threads.results([lambda value=value: task(value) for value in range(3)])
    finally:
        torch.set_num_threads(before)
    assert [(value, each) for value, each, _ in found] == [(0, 1), (1, 1), (2, 1)]
    assert len({name for *_, name in found}) <= number
    assert (len({name for *_, name in found}) > 1) == (number > 1)


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("failing", [0, 1])
def test_an_error_in_any_task_comes_out_when_all_have_ended(number, failing):
    ended = []

    def task(value):
        if value == failing:
            raise MemoryError(f"task {value}")
        time.sleep(0.05)
        ended.append(value)

    with ShardThreads(number) as threads:
        with pytest.raises(MemoryError, match=f"task {failing}"):
            threads.results([lambda: task(0), lambda: task(1)])
        assert threads.results([lambda: 1, lambda: 2]) == [1, 2]
    assert len(ended) == (1 if number > 1 or failing else 0)


def test_an_interrupt_waits_for_the_task_of_the_other_thread():
    started, ended = threading.Event(), []

    def other():
        started.set()
        time.sleep(0.05)
        ended.append(True)

    def interrupted():
        started.wait()
        raise KeyboardInterrupt

    with ShardThreads(2) as threads, pytest.raises(KeyboardInterrupt):
        threads.results([interrupted, other])
    assert ended == [True]


# --- how many ---


def test_a_cpu_has_two_shards_and_whatever_else_computes_has_one():
    assert number_of_shards(0, CPU, num_devices=1) == 2
    assert number_of_shards(3, CPU, num_devices=1) == 3
    assert number_of_shards(0, CPU, num_devices=2) == number_of_shards(1, CPU, num_devices=2) == 1
    assert number_of_shards(0, torch.device("cuda"), num_devices=1) == 1
    with pytest.raises(UsageError) as caught:
        number_of_shards(2, torch.device("cuda"), num_devices=1)
    assert str(caught.value) == (
        "shards: 2 have no effect on the device cuda, where a batch is computed in one; they are for one CPU"
    )
    with pytest.raises(UsageError, match=r"^shards: 3 have no effect on 2 devices, where"):
        number_of_shards(3, CPU, num_devices=2)


@pytest.fixture
def four_cores(monkeypatch):
    monkeypatch.setattr(shards, "usable_cores", lambda: 4)


@pytest.mark.parametrize(
    ("asked", "number", "expected", "note"),
    [
        (0, 2, 2, ""),
        (0, 8, 4, ""),
        (1, 2, 1, ""),
        (5, 8, 5, "5 threads are more than the 4 cores that this process may use"),
        (
            3,
            2,
            2,
            "3 threads are more than there are shards: 2 (shards=... sets their number)",
        ),
    ],
)
def test_as_many_threads_as_cores_or_as_asked_for_but_not_more_than_shards(
    four_cores, caplog, asked, number, expected, note
):
    with caplog.at_level("INFO", "tagger"):
        assert number_of_threads(asked, shards=number) == expected
    assert "".join(caplog.messages) == note


# --- whole runs ---


def state_of(folder):
    """Weights, averages and the state of the optimiser after the last epoch."""
    checkpoint = read_checkpoint(folder / "checkpoints" / "last.ckpt")
    tensors = {**checkpoint["state_dict"], **checkpoint.get("current_model_state", {})}
    for number, state in checkpoint["optimizer_states"][0]["state"].items():
        tensors |= {f"{number} {name}": value for name, value in state.items()}
    return tensors


def assert_same_bits(folder, other):
    first, second = state_of(folder), state_of(other)
    assert first.keys() == second.keys()
    for name, value in first.items():
        assert torch.equal(torch.as_tensor(value), torch.as_tensor(second[name])), name


def many(count=96):
    return Splits(sentences("train", count), sentences("dev", 8))


def test_two_hundred_steps_by_one_thread_and_by_two_give_the_same_bits(tmp_path):
    options = {"model": replace(TINY_MODEL, wide_features=True, dropout=0.3), "epochs": 9, "batch_size": 4}
    train(tiny_config(tmp_path / "1", threads=1, **options), splits=many())
    train(tiny_config(tmp_path / "2", threads=2, **options), splits=many())
    assert read_checkpoint(tmp_path / "1" / "checkpoints" / "last.ckpt")["global_step"] >= 200
    assert_same_bits(tmp_path / "1", tmp_path / "2")


RUNS = {
    "gru": {"model": {"cell": "gru"}},
    "own loop": {"model": {"cell": "lstm_peephole", "recurrent_dropout": 0.2}},
    "layers": {"model": {"num_layers": 3, "connections": "skip"}},
    "adversarial": {"model": {"adversarial": 0.05}},
    "label smoothing": {"model": {"label_smoothing": 0.1}},
    "softmax": {"model": {"decoder": "softmax"}},
    "char_dropout": {"model": {"char_dropout": 0.3, "word_dropout": 0.2}},
    "wide dropout": {"model": {"wide_features": True, "wide_dropout": 0.3, "wide_path_dropout": 0.3}},
    "adamw": {"optimizer": OptimizerConfig(name="adamw", weight_decay=0.01)},
    "sgd": {"optimizer": OptimizerConfig(name="sgd", momentum=0.5, learning_rate=0.01)},
    "bf16-mixed": {"precision": "bf16-mixed"},
    "64-true": {"precision": "64-true"},
    "bf16-true": {"precision": "bf16-true"},
    "three shards": {"shards": 3},
    "single sentences": {"batch_size": 1},
}


@pytest.mark.parametrize("options", RUNS.values(), ids=RUNS)
def test_the_number_of_threads_changes_no_bit(tmp_path, options):
    settings = {
        "epochs": 2,
        "batch_size": 5,
        **options,
        "model": replace(TINY_MODEL, **options.get("model", {})),
    }
    for threads in (1, 2):
        train(tiny_config(tmp_path / str(threads), threads=threads, **settings), splits=tiny_splits())
    assert_same_bits(tmp_path / "1", tmp_path / "2")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"shards": 3, "threads": 2},
            "each batch in 3 shards, 2 at once (shards=... and threads=... set this)",
        ),
        ({"threads": 0}, "each batch in 2 shards, 2 at once (shards=... and threads=... set this)"),
        ({"shards": 1}, None),
    ],
)
def test_a_run_says_how_its_batches_are_computed(four_cores, caplog, tmp_path, options, said):
    with caplog.at_level("INFO", "tagger"):
        train(tiny_config(tmp_path / "run", epochs=1, **options), splits=tiny_splits())
    assert [each for each in caplog.messages if "shards" in each] == ([] if said is None else [said])


def test_nor_with_vectors_or_where_o_leaves_types_open(tmp_path):
    path = tmp_path / "vectors.txt"
    words = sorted({token.lower() for example in tiny_splits().train for token in example.tokens})
    path.write_text("".join(f"{word} {len(word)} 0.5 -1\n" for word in words[::2]), encoding="utf-8")
    tuned = replace(TINY_MODEL, vectors="tuned", vector_dim=3)
    plain = Splits([Example(each.tokens, ("O",) * len(each.tokens)) for each in tiny_splits().train])
    for threads in (1, 2):
        first = tmp_path / f"first {threads}"
        train(
            tiny_config(first, model=tuned, vectors=VectorsConfig(path=path), epochs=2, threads=threads),
            splits=tiny_splits(),
        )
        options = {"init": first / "model", "init_partial": True, "model": TaggerConfig()}
        train(
            tiny_config(tmp_path / f"partial {threads}", epochs=2, threads=threads, **options), splits=plain
        )
    for name in ("first", "partial"):
        assert_same_bits(tmp_path / f"{name} 1", tmp_path / f"{name} 2")


def test_shards_compute_what_the_batch_in_one_does_up_to_rounding(tmp_path):
    rates = ("dropout", "word_dropout", "singleton_dropout", "wide_dropout", "wide_path_dropout")
    model = replace(TINY_MODEL, wide_features=True, **dict.fromkeys(rates, 0.0))
    for number in (1, 2, 5):
        train(
            tiny_config(tmp_path / str(number), model=model, shards=number, precision="64-true"),
            splits=tiny_splits(),
        )
    states = [state_of(tmp_path / str(number)) for number in (1, 2, 5)]
    for name, value in states[0].items():
        for other in states[1:]:
            torch.testing.assert_close(
                torch.as_tensor(other[name]), torch.as_tensor(value), rtol=1e-6, atol=1e-9
            )


def test_each_shard_draws_dropout_of_its_own(tmp_path, monkeypatch):
    drawn = []
    original = TaggerModel._inputs

    def spy(self, vectors, word_index):
        inputs = original(self, vectors, word_index)
        drawn.append((inputs[0, 0] == 0).tolist())
        return inputs

    monkeypatch.setattr(TaggerModel, "_inputs", spy)
    config = tiny_config(tmp_path / "run", epochs=1, batch_size=24, model=replace(TINY_MODEL, dropout=0.5))
    train(config, splits=Splits(tiny_splits().train))
    first, second = drawn[:2]
    assert first != second


def test_a_run_is_resumed_with_another_number_of_threads_to_the_same_bits(tmp_path, monkeypatch):
    options = {"epochs": 4, "batch_size": 4, "model": replace(TINY_MODEL, wide_features=True)}
    train(tiny_config(tmp_path / "whole", threads=1, **options), splits=tiny_splits())
    original = TaggerModel.loss
    calls = []

    def interrupt(self, batch):
        calls.append(threading.current_thread() is threading.main_thread())
        if sum(calls) == 15 and calls[-1]:
            raise KeyboardInterrupt
        return original(self, batch)

    with monkeypatch.context() as patch:
        patch.setattr(TaggerModel, "loss", interrupt)
        with pytest.raises(TrainingInterrupted):
            train(tiny_config(tmp_path / "run", threads=2, **options), splits=tiny_splits())
    assert not all(calls)
    assert threads_left() == []
    train(tiny_config(tmp_path / "run", threads=1, resume=True, **options), splits=tiny_splits())
    assert_same_bits(tmp_path / "run", tmp_path / "whole")
    recipe = (tmp_path / "run" / "recipe.yaml").read_text(encoding="utf-8")
    assert "shards: 0\n" in recipe


def test_shards_are_part_of_the_experiment_and_a_run_is_not_resumed_with_others(tmp_path):
    train(tiny_config(tmp_path / "run", epochs=1), splits=tiny_splits())
    with pytest.raises(UsageError, match="resume: shards differs from the run's"):
        train(tiny_config(tmp_path / "run", epochs=2, shards=3, resume=True), splits=tiny_splits())


@pytest.mark.parametrize("threads", [1, 2])
def test_a_run_that_diverges_in_any_shard_says_so(tmp_path, monkeypatch, threads):
    original = TaggerModel.loss
    longest = max(len(example.tokens) for example in tiny_splits().train)

    def diverged(self, batch):
        if batch.lengths.max() < longest:  # which is in the first shard
            raise ValueError("emissions: found nan")
        return original(self, batch)

    monkeypatch.setattr(TaggerModel, "loss", diverged)
    with pytest.raises(
        TaggerError, match=r"^epoch 1: training has diverged: emissions: found nan\. Lower the"
    ):
        train(tiny_config(tmp_path / "run", threads=threads, batch_size=24), splits=tiny_splits())
    assert threads_left() == []


def test_the_card_says_how_many_shards_there_were(tmp_path):
    train(tiny_config(tmp_path / "run", epochs=1), splits=tiny_splits())
    assert '"shards": 2' in (tmp_path / "run" / "model" / "README.md").read_text(encoding="utf-8")
