import argparse
from collections.abc import Callable
from types import ModuleType

import pytest
import torch


@pytest.fixture(scope="module")
def devices(script: Callable[[str], ModuleType]) -> ModuleType:
    return script("devices")


def test_takes_a_gpu_only_where_there_is_one(devices: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert [devices.usable_device(name) for name in ("cpu", "cuda")] == ["cpu", "cuda"]
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert devices.usable_device("cpu") == "cpu"
    with pytest.raises(
        argparse.ArgumentTypeError, match=r"^expected cpu, found cuda, of which there is none"
    ):
        devices.usable_device("cuda")
    with pytest.raises(argparse.ArgumentTypeError, match=r"^expected cpu or cuda, found cuda:1$"):
        devices.usable_device("cuda:1")


def test_a_gpu_is_named_and_waited_for(devices: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[None] = []
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: waits.append(None))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "a GPU")
    devices.wait_for("cpu")
    assert waits == []
    devices.wait_for("cuda")
    assert len(waits) == 1
    assert [devices.device_name(name) for name in ("cpu", "cuda")] == ["cpu", "a GPU"]
