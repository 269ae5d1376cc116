"""The runs of a learning curve: the sentences in each share of the data, and the training on them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from random import Random

from folds import make_folds, pooled, unit_of
from repeated_runs import Metrics, digest, experiment, finished, write_text

from tagger.errors import TaggerError, UsageError
from tagger.examples import Example
from tagger.training import DataConfig, RunConfig, Splits
from tagger.training.config import as_list
from tagger.training.data import prepare
from tagger.training.documents import documents_matter
from tagger.training.splits import read_splits, with_replay
from tagger.training.starting import StartingModel


@dataclass(frozen=True)
class LearningCurve:
    """A configuration, the sentences to take shares of, and the dev split that scores all of them.

    Attributes:
        run: the options.
        splits: the train and dev sentences, checked, with labels in the scheme of the data.
        by: unit that is kept whole, one of ``folds.UNITS``.
        scheme: the label scheme of the data.
        metric: name of the scores.
        has_own_dev: whether the data has a dev split; if not, one was set aside, the same for all runs.
    """

    run: RunConfig
    splits: Splits
    by: str
    scheme: str
    metric: str
    has_own_dev: bool

    @classmethod
    def read(cls, run: RunConfig, *, by: str | None) -> LearningCurve:
        """Read the data and check it as a run does.

        Raises:
            TaggerError: if it cannot be read or used.
        """
        run = replace(run, data=replace(run.data, test=None))
        start = StartingModel.load(run)
        segmenter = None if start is None else start.segmenter
        splits = with_replay(
            read_splits(run.data, segmenter=segmenter), as_list(run.replay), run.data, segmenter
        )
        everything = pooled(splits)
        by = unit_of(everything, by)
        # All sentences are passed as dev, too, which is checked and keeps the scheme of the data.
        data = prepare(
            Splits(everything[: len(splits.train)], everything, replay=splits.replay, scheme=splits.scheme),
            DataConfig(scheme=run.data.scheme, unseen_labels=run.data.unseen_labels),
            inner_scheme=run.model.scheme if start is None else start.inner_scheme(run.model.scheme),
            seed=run.seed,
            document_consistency=run.document_consistency,
        )
        if by == "sentence":  # otherwise documents have an effect in any case
            documents_matter(run.data, data.inner_scheme, run.document_consistency)
        train, dev = data.dev[: len(splits.train)], data.dev[len(splits.train) :]
        has_own_dev = bool(dev)
        if not has_own_dev:
            train, dev = _set_aside(train, run, by)
        train = tuple(example for example in train if example.tokens)
        return cls(
            run,
            replace(splits, train=train, dev=dev, test=()),
            by,
            str(data.scheme),
            data.metric,
            has_own_dev,
        )

    @property
    def folder(self) -> Path:
        """The folder of the runs and results."""
        options = {name: value for name, value in experiment(self.run).items() if name != "seed"}
        return Path(f"{Path(self.run.output)}_curve") / digest({**options, "by": self.by})

    @property
    def train(self) -> Sequence[Example]:
        """All training sentences."""
        return tuple(self.splits.train)

    def members(self, share: float, seed: int) -> list[int]:
        """Return the indices of the sentences in a share, in the order of the data.

        With the same seed, a smaller share is a subset of a larger one. Shares count sentences; if documents are kept
        whole, the share is matched as closely as possible.
        """
        units: dict[object, list[int]] = {}
        for number, example in enumerate(self.train):
            is_alone = self.by == "sentence" or example.document is None
            units.setdefault(number if is_alone else example.document, []).append(number)
        order = list(units.values())
        Random(seed).shuffle(order)
        wanted = share * len(self.train)
        sizes = list(accumulate(map(len, order)))
        count = 1 + min(range(len(order)), key=lambda last: abs(sizes[last] - wanted))
        return sorted(number for unit in order[:count] for number in unit)

    def check_folder(self) -> None:
        """Raise an error for a folder with runs on other data; record the data of these runs.

        Raises:
            UsageError: if the sentences differ.
        """
        path = self.folder / "data.json"
        hasher = hashlib.sha256()
        for part in (self.train, self.splits.dev, self.splits.replay):
            for example in part:
                hasher.update(repr((example.tokens, example.labels, example.document)).encode())
            hasher.update(b"\n")
        sha256 = hasher.hexdigest()
        try:
            known = json.loads(path.read_text(encoding="utf-8"))["sha256"]
        except FileNotFoundError:
            _make(self.folder)
            write_text(path, json.dumps({"by": self.by, "sha256": sha256}, indent=2) + "\n")
            return
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise TaggerError(
                f"{path}: expected what the shares were taken from: {error!r}. Remove {self.folder} to train all again"
            ) from error
        if known != sha256:
            raise UsageError(
                f"{self.folder}: the train or dev split is not the one that its shares were taken from. Restore the "
                "data, or remove the folder to train all again"
            )

    def result(self, share: float, seed: int) -> Metrics:
        """Return the metrics of the run on a share, after training it if necessary.

        Raises:
            TaggerError: if it cannot be trained, or existing results cannot be read.
            TrainingInterrupted: on Ctrl-C or SIGTERM; the last checkpoint is kept.
        """
        members = self.members(share, seed)
        identity = dict(self.splits.identity)
        if len(members) < len(self.train):
            identity["train"] = (
                f"{share:g} of {len(self.train)} training sentences ({len(members)}), drawn by {self.by} "
                f"with seed {seed}"
            )
        if not self.has_own_dev:
            identity["dev"] = f"{len(self.splits.dev)} of the training sentences, the same for all shares"
        folder = self.folder / f"share_{share:g}" / f"seed_{seed}"
        metrics = finished(
            replace(
                self.run,
                output=str(folder),
                seed=seed,
                # A small share may lack types: its model cannot find them, and the score should reflect that.
                data=DataConfig(scheme=self.scheme, unseen_labels="wrong"),
                replay=None,
            ),
            replace(self.splits, train=[self.train[number] for number in members], identity=identity),
        )
        if not metrics.get("dev") or not isinstance(metrics["sentences"].get("train"), int):
            raise TaggerError(
                f"{folder}: expected metrics with a dev score and the number of training sentences, found none. Remove "
                "the folder to train it again"
            )
        return metrics


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TaggerError(f"{folder}: cannot be written: {error.strerror or error}") from error


def _set_aside(
    train: Sequence[Example], run: RunConfig, by: str
) -> tuple[tuple[Example, ...], tuple[Example, ...]]:
    """Return the remaining training sentences and a dev split; near-copies are kept together.

    Raises:
        UsageError: if no dev split is configured.
    """
    if not run.data.dev_fraction:
        raise UsageError("data.dev_fraction: expected a dev split to score, found none")
    folds = make_folds(train, count=max(2, round(1 / run.data.dev_fraction)), by=by, seed=run.seed)
    rest, dev = folds.others(1), folds.members(1)
    return tuple(train[number] for number in rest), tuple(train[number] for number in dev)
