"""The device that torch computes on in a benchmark: its option, its name, and waiting until it is done."""

from __future__ import annotations

import argparse

import torch


def add_device_argument(parser: argparse.ArgumentParser) -> None:
    """Add ``--device``."""
    parser.add_argument(
        "--device",
        type=usable_device,
        default="cpu",
        help="where torch computes: cpu (the default) or cuda; peers that cannot use it are left out",
    )


def usable_device(text: str) -> str:
    """Return a device that is there; argparse reports others."""
    if text not in ("cpu", "cuda"):
        raise argparse.ArgumentTypeError(f"expected cpu or cuda, found {text}")
    if text == "cuda" and not torch.cuda.is_available():
        raise argparse.ArgumentTypeError("expected cpu, found cuda, of which there is none here")
    return text


def device_name(device: str) -> str:
    """Return cpu, or the name of the GPU."""
    return torch.cuda.get_device_name() if device == "cuda" else device


def wait_for(device: str) -> None:
    """Wait until the device has done all it was told to, which a clock is to be read after."""
    if device == "cuda":
        torch.cuda.synchronize()
