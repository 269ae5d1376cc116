"""What the callbacks make of the numbers of several devices, and what the progress bar counts."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import torch
from tiny_runs import tiny_config, tiny_splits

from tagger.training import train
from tagger.training.callbacks import _over_devices


def test_losses_of_devices_are_averaged_and_speeds_added():
    others = torch.tensor([5.0, 300.0])

    def reduce(own, reduce_op):
        assert reduce_op == "sum"
        return own + others

    strategy = SimpleNamespace(root_device=torch.device("cpu"), reduce=reduce)
    trainer: Any = SimpleNamespace(world_size=2, strategy=strategy)
    assert _over_devices(trainer, 3.0, 100.0) == (4.0, 400.0)


def test_the_numbers_of_one_device_stay_as_they_are_to_the_last_bit():
    third = 1 / 3
    trainer: Any = SimpleNamespace(world_size=1)
    assert _over_devices(trainer, third, 100 * third) == (third, 100 * third)


def test_the_progress_bar_counts_steps(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    train(tiny_config(tmp_path / "run", epochs=1, batch_size=1), splits=tiny_splits())
    shown = capsys.readouterr().err
    assert " 20/24 " in shown
    assert " 24/24 " in shown
