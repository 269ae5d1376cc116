"""Training runs small enough to take a fraction of a second."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tagger.config import TaggerConfig
from tagger.examples import Example
from tagger.formats import ReadingOptions, read_examples
from tagger.training import RunConfig, Splits, train
from tagger.training.module import TaggerModule
from tagger.training.train import TrainingInterrupted

REPOSITORY = Path(__file__).parents[1]
SAMPLE = REPOSITORY / "recipes" / "sample"

TINY_MODEL = TaggerConfig(
    word_dim=8,
    char_dim=4,
    char_filters=4,
    casing_dim=2,
    affix_dim=2,
    affixes=("suffix2",),
    hidden_dim=6,
    hash_buckets=50,
    wide_features=False,
)


def sentences(split: str, count: int, *, column: int = 2) -> list[Example]:
    """The first sentences of the bundled corpus; column 1 holds parts of speech, 2 entities."""
    return list(read_examples(SAMPLE / f"{split}.conll", ReadingOptions(label_column=column)))[:count]


def tiny_splits(*, column: int = 2) -> Splits:
    """24, 8 and 8 sentences, with the same label types in all three."""
    examples = sentences("train", 40, column=column)
    return Splits(examples[:24], examples[24:32], examples[32:])


def tiny_config(output: Path, **options: object) -> RunConfig:
    """A configuration that trains in no time."""
    settings = {"model": TINY_MODEL, "epochs": 3, "batch_size": 8, "threads": 1, "loggers": [], **options}
    return RunConfig(str(output), **settings)  # type: ignore[arg-type]


def modules_made(monkeypatch: pytest.MonkeyPatch) -> list[TaggerModule]:
    """A list to which every module is added that is made to be trained from now on."""
    made: list[TaggerModule] = []
    original = TaggerModule.__init__

    def spy(self: TaggerModule, *arguments: Any, **options: Any) -> None:
        original(self, *arguments, **options)
        made.append(self)

    monkeypatch.setattr(TaggerModule, "__init__", spy)
    return made


def write_conll(path: Path, text: str) -> Path:
    """Write lines, given indented and with single blanks, as two columns."""
    path.write_text(re.sub(r"(?m)^ +", "", text).strip("\n") + "\n", encoding="utf-8")
    return path


class Stop(Exception):
    """What cuts a run short."""


def stopped_run(
    monkeypatch: pytest.MonkeyPatch,
    config: RunConfig,
    splits: Splits,
    *,
    after: int,
    error: type[BaseException] = KeyboardInterrupt,
) -> BaseException:
    """Train, and be stopped in the third step after some epochs; the error that ends the run."""
    original, steps = TaggerModule._compute_gradient, []

    def stop(self: TaggerModule, split: Any, members: Any, step: int) -> Any:
        loss = original(self, split, members, step)
        steps.extend([step] * (self.current_epoch == after))
        if len(steps) == 3:
            raise error
        return loss

    with monkeypatch.context() as patch:
        patch.setattr(TaggerModule, "_compute_gradient", stop)
        with pytest.raises((TrainingInterrupted, Stop)) as caught:
            train(config, splits=splits)
    return caught.value
