"""Which process of a run on several devices and machines this is; what would train and write nothing is refused."""

import pytest
from tiny_runs import tiny_config, tiny_splits

from tagger.errors import UsageError
from tagger.training import train
from tagger.training.machines import check_ranks, is_main_process

NAMES = ("LOCAL_RANK", "NODE_RANK", "GROUP_RANK", "RANK", "SLURM_PROCID")


@pytest.fixture(autouse=True)
def of_nothing(monkeypatch):
    for name in (*NAMES, "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.delenv(name, raising=False)


def test_a_process_that_nothing_is_said_of_is_the_main_one(monkeypatch):
    assert is_main_process()
    for name in NAMES:
        monkeypatch.setenv(name, "0")
    assert is_main_process()


@pytest.mark.parametrize("name", NAMES)
def test_a_further_process_writes_nothing_whoever_has_started_it(monkeypatch, tmp_path, name):
    monkeypatch.setenv(name, "1")
    assert not is_main_process()
    config = tiny_config(tmp_path / "run", devices=2, num_nodes=2)
    check_ranks(config)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", ["1", "-1", "first"])
def test_a_run_on_one_machine_is_not_taken_for_a_part_of_another(monkeypatch, tmp_path, name, value):
    monkeypatch.setenv(name, value)
    message = (
        f"num_nodes=...: expected {name} in the environment to be from 0 to 0, .*found '{value}'; unset it"
    )
    with pytest.raises(UsageError, match=message):
        train(tiny_config(tmp_path / "run"), splits=tiny_splits())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "value", "number"), [("LOCAL_RANK", "2", 1), ("NODE_RANK", "3", 2), ("SLURM_PROCID", "6", 5)]
)
def test_numbers_end_with_what_the_run_has(monkeypatch, tmp_path, name, value, number):
    config = tiny_config(tmp_path / "run", devices=2, num_nodes=3)
    monkeypatch.setenv(name, str(number))
    check_ranks(config)
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=f"{name} in the environment to be from 0 to {number}, "):
        check_ranks(config)


def test_machines_that_do_not_know_of_each_other_are_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")
    monkeypatch.setenv("NODE_RANK", "0")
    with pytest.raises(
        UsageError, match="NODE_RANK in the environment of each machine, found no MASTER_PORT; set"
    ):
        train(tiny_config(tmp_path / "run", num_nodes=2), splits=tiny_splits())
    assert not (tmp_path / "run" / "model").exists()
