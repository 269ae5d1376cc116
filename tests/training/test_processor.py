"""What bfloat16 needs of a processor, and runs in it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from tiny_runs import tiny_config, tiny_splits

from tagger.errors import UsageError
from tagger.training import processor, train
from tagger.training.module import TaggerModule


def cpuinfo(monkeypatch, tmp_path, text):
    path = tmp_path / "cpuinfo"
    path.write_text(text)
    monkeypatch.setattr(processor, "_CPUINFO", path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("processor\t: 0\nflags\t\t: fpu avx2 avx512f avx512_bf16 sse\n", True),
        ("flags : fpu amx_bf16 amx_tile\n", True),
        ("Features\t: fp asimd bf16 i8mm\n", True),
        ("flags\t\t: fpu avx2 avx512f avx512bw\n", False),
        ("model name : avx512_bf16\nflags : avx2\n", False),
        ("", False),
    ],
)
def test_linux_says_what_a_processor_has(monkeypatch, tmp_path, text, expected):
    cpuinfo(monkeypatch, tmp_path, text)
    assert processor.multiplies_in_bfloat16() is expected


@pytest.mark.parametrize(("avx512", "amx"), [(False, False), (True, False), (False, True)])
def test_elsewhere_torch_says_it(monkeypatch, tmp_path, avx512, amx):
    monkeypatch.setattr(processor, "_CPUINFO", tmp_path / "none")
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: avx512)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx)
    assert processor.multiplies_in_bfloat16() is (avx512 or amx)


def test_where_nobody_says_it_there_is_none(monkeypatch, tmp_path):
    monkeypatch.setattr(processor, "_CPUINFO", tmp_path / "none")
    monkeypatch.delattr(torch.cpu, "_is_avx512_bf16_supported", raising=False)
    monkeypatch.delattr(torch.cpu, "_is_amx_tile_supported", raising=False)
    assert processor.multiplies_in_bfloat16() is False


@pytest.mark.parametrize("accelerator", ["gpu", "cuda", "mps"])
def test_an_accelerator_that_is_not_there_is_told_before_data_are_read(monkeypatch, tmp_path, accelerator):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(
        UsageError, match=rf"^accelerator=\.\.\.: {accelerator} needs a device that PyTorch can use by "
    ):
        train(tiny_config(tmp_path / "run", accelerator=accelerator), splits={"train": 5})
    assert not (tmp_path / "run").exists()
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    processor.check_accelerator(tiny_config(tmp_path / "run", accelerator="gpu"))


@pytest.mark.parametrize("precision", ["bf16-mixed", "bf16-true"])
@pytest.mark.parametrize("accelerator", ["cpu", "auto"])
def test_bfloat16_on_a_processor_without_it_is_an_error_and_nothing_is_written(
    monkeypatch, tmp_path, precision, accelerator
):
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: False)
    cpuinfo(monkeypatch, tmp_path, "flags : avx2\n")
    with pytest.raises(UsageError) as error:
        train(
            tiny_config(tmp_path / "run", precision=precision, accelerator=accelerator), splits=tiny_splits()
        )
    assert str(error.value) == (
        f"precision=...: {precision} needs a processor with instructions for bfloat16 (avx512_bf16, amx_bf16, or bf16 "
        "of ARM), found none of them here; expected 32-true, which is faster"
    )
    assert not (tmp_path / "run").exists()


def test_a_run_on_another_device_is_not_asked_what_the_processor_has(monkeypatch, tmp_path):
    cpuinfo(monkeypatch, tmp_path, "flags : avx2\n")
    processor.check_precision(tiny_config(tmp_path / "run", precision="bf16-mixed", accelerator="gpu"))


@pytest.mark.slow
def test_mixed_precision_has_the_losses_of_single_precision_nearly_and_single_weights(monkeypatch, tmp_path):
    monkeypatch.setattr(processor, "multiplies_in_bfloat16", lambda: True)
    dtypes: set[torch.dtype] = set()
    losses = []
    original = TaggerModule.training_step

    def noted(self, *arguments):
        outputs = original(self, *arguments)
        losses.append(outputs["taken"].losses)
        dtypes.update(parameter.dtype for parameter in self.parameters())
        return outputs

    monkeypatch.setattr(TaggerModule, "training_step", noted)
    for precision in ("32-true", "bf16-mixed"):
        train(tiny_config(tmp_path / precision, precision=precision), splits=tiny_splits())
    exact, mixed = torch.cat(losses).chunk(2)
    assert len(exact) == 9
    assert exact.dtype == torch.float32
    assert mixed.isfinite().all()
    assert not torch.equal(mixed, exact)
    torch.testing.assert_close(mixed, exact, rtol=0.03, atol=0)
    assert dtypes == {torch.float32}


@pytest.mark.slow
def test_a_run_in_mixed_precision_is_resumed_bit_for_bit(monkeypatch, tmp_path):
    monkeypatch.setattr(processor, "multiplies_in_bfloat16", lambda: True)
    whole = tiny_config(tmp_path / "whole", precision="bf16-mixed")
    cut = replace(whole, output=str(tmp_path / "cut"))
    expected = train(whole, splits=tiny_splits())
    original = TaggerModule.training_step

    def breaking_off(self, *arguments):
        if self.current_epoch == 2:
            raise KeyboardInterrupt
        return original(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(TaggerModule, "training_step", breaking_off)
        with pytest.raises(KeyboardInterrupt):
            train(cut, splits=tiny_splits())
    resumed = train(replace(cut, resume=True), splits=tiny_splits())
    for name, weights in expected._parts.weights.items():
        assert (resumed._parts.weights[name] == weights).all()
