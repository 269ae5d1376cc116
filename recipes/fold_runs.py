"""The runs of a cross-validation: one per fold, and the predictions of its model for the held-out fold."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from folds import UNITS, Folds, make_folds, pooled, unit_of
from out_of_fold import Answer, answers, as_line, scores
from repeated_runs import (
    Metrics,
    data_of,
    differ,
    digest,
    experiment,
    finished,
    read_configuration,
    write_text,
)

from tagger import Tagger
from tagger.cli.streams import output_to
from tagger.errors import TaggerError, UsageError
from tagger.examples import Example
from tagger.formats import token_origin
from tagger.metrics import Scores
from tagger.schemes import LabelScheme, convert_labels
from tagger.training import DataConfig, RunConfig, Splits
from tagger.training.data import PreparedData, prepare
from tagger.training.documents import documents_matter
from tagger.training.run_folder import RunFolder
from tagger.training.splits import read_splits, with_replay
from tagger.training.starting import StartingModel

_FOLDS: Final = 5


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of a cross-validation; all others are those of ``tagger train``."""
    add = parser.add_argument
    add("--config", action="append", default=[], metavar="YAML", help="options; several: the last one counts")
    add("--folds", type=int, default=_FOLDS, metavar="K", help="number of folds, 2 or more (%(default)s)")
    add("--by", choices=UNITS, help="unit that is kept in one fold: documents if there are any, if left out")
    add("--debug", action="store_true", help="show the traceback of an error")


def configuration(options: argparse.Namespace, others: Sequence[str], *, program: str) -> RunConfig:
    """Return the options of all runs.

    Args:
        options: those of :func:`add_options`.
        others: those of ``tagger train``.
        program: name of the program in messages.

    Raises:
        UsageError: for one that has no effect here.
    """
    if options.folds < 2:
        raise UsageError(f"--folds: expected 2 or more, found {options.folds}")
    files = [argument for file in options.config for argument in ("--config", file)]
    run = read_configuration([*files, *others], program=program)
    if run.data.merge_dev:
        raise UsageError(
            "data.merge_dev: has no effect here: train and dev are pooled anyway. With --data.dev_fraction 0 models "
            "are trained on everything outside their fold"
        )
    if run.init_partial:
        raise UsageError(
            "init_partial: not supported here: it is unknown which types were not annotated in a fold, so that those "
            "of the model to start from would count as wrong"
        )
    return run


@dataclass(frozen=True)
class CrossValidation:
    """A configuration, the sentences of train and dev, and the folds they are divided into.

    Attributes:
        run: the options.
        splits: the sentences as read, and those to replay.
        data: the same sentences, checked, all of them in its ``dev``.
        folds: the assignment of sentences to folds.
    """

    run: RunConfig
    splits: Splits
    data: PreparedData
    folds: Folds

    @classmethod
    def read(cls, run: RunConfig, *, count: int, by: str | None) -> CrossValidation:
        """Read the data, check it as a run does, and divide it.

        Raises:
            TaggerError: if it cannot be read, used or divided.
        """
        run = replace(run, data=replace(run.data, test=None))
        start = StartingModel.load(run)
        segmenter = None if start is None else start.segmenter
        replay = [run.replay] if isinstance(run.replay, str | Path) else run.replay or []
        splits = with_replay(read_splits(run.data, segmenter=segmenter), replay, run.data, segmenter)
        everything = pooled(splits)
        by = unit_of(everything, by)
        data = prepare(
            Splits(everything, everything, replay=splits.replay, scheme=splits.scheme),
            DataConfig(scheme=run.data.scheme),
            inner_scheme=run.model.scheme if start is None else start.inner_scheme(run.model.scheme),
            seed=run.seed,
            document_consistency=run.document_consistency,
        )
        if by == "sentence":  # otherwise documents have an effect in any case
            documents_matter(run.data, data.inner_scheme, run.document_consistency)
        return cls(run, splits, data, make_folds(everything, count=count, by=by, seed=run.seed))

    @property
    def folder(self) -> Path:
        """The folder of the runs and results."""
        options = {**experiment(self.run), "folds": self.folds.count, "by": self.folds.by}
        return Path(f"{Path(self.run.output)}_folds") / digest(options)

    @cached_property
    def gold(self) -> tuple[Example, ...]:
        """All sentences with their gold labels in the scheme that models report."""
        if not self.data.inner_scheme.has_spans:
            return self.data.dev
        return tuple(
            replace(
                example,
                labels=tuple(convert_labels(example.labels or (), self.data.scheme, LabelScheme.IOB2)),
            )
            for example in self.data.dev
        )

    def check_folder(self) -> None:
        """Raise an error for a folder with runs on other data; record the data of these runs.

        Raises:
            UsageError: if the sentences, their division into folds, or the replayed sentences differ.
        """
        path = self.folder / "folds.json"
        sha256 = self.folds.fingerprint(self.data.dev)
        replay = self._replayed()
        try:
            known = json.loads(path.read_text(encoding="utf-8"))
            known_sha256, known_replay = known["sha256"], known.get("replay")
        except FileNotFoundError:
            fields = {"folds": self.folds.count, "by": self.folds.by, "seed": self.run.seed, "sha256": sha256}
            if replay is not None:
                fields["replay"] = replay
            write_text(path, json.dumps(fields, indent=2) + "\n")
            return
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise TaggerError(
                f"{path}: expected what the folds were made of: {error!r}. Remove {self.folder} to train all again"
            ) from error
        if known_sha256 != sha256:
            raise UsageError(
                f"{self.folder}: the train or dev split is not the one that its folds were made of, or is divided "
                "otherwise. Restore the data, or remove the folder to train all again"
            )
        if known_replay != replay:
            raise UsageError(
                f"{self.folder}: replay: the sentences are not the ones that models of its folds learned from. "
                "Restore them, or remove the folder to train all again"
            )

    def about(self) -> list[str]:
        """Return a description of the folds, as lines."""
        folds, examples = self.folds, self.data.dev
        names = "train and dev" if self.splits.dev else "train"
        count = sum(fold is not None for fold in folds.of_sentence)
        units = "" if folds.by == "sentence" else f", {folds.units:,} documents"
        lines = [
            f"{folds.count} folds by {folds.by} of {names}: {count:,} sentences{units}; the test split is not used"
        ]
        if folds.near_copies:
            lines.append(
                f"near-copies of other {folds.by}s: {folds.near_copies:,}, in {folds.groups_of_copies:,} groups, "
                "each of which stays in one fold"
            )
        if count < len(examples):
            lines.append(f"sentences without tokens, left out: {len(examples) - count:,}")
        if self.run.init is not None:
            lines.append(
                "training starts from a model: if it was trained on some of these sentences, or some are "
                "replayed, scores are too high"
            )
        return lines

    def result(self, fold: int) -> Metrics:
        """Return the metrics of the run that leaves a fold out, after training it if necessary.

        Raises:
            TaggerError: if it cannot be trained, or existing results cannot be read.
            TrainingInterrupted: on Ctrl-C or SIGTERM; the last checkpoint is kept.
        """
        kept = {
            name: getattr(self.run.data, name) for name in ("dev_fraction", "train_fraction", "unseen_labels")
        }
        config = DataConfig(scheme=str(self.data.scheme), **kept)
        train = [self.data.dev[number] for number in self.folds.others(fold)]
        held_out = (
            f"fold {fold} of {self.folds.count} by {self.folds.by}, of train and dev, seed {self.run.seed}"
        )
        return finished(
            replace(self.run, output=self._output(fold), data=config, replay=None),
            Splits(
                train,
                identity={**self.splits.identity, "held_out": held_out},
                segmenter=self.splits.segmenter,
                replay=self.splits.replay,
            ),
        )

    def check_same(self, results: Sequence[Metrics]) -> None:
        """Raise an error if folds differ in anything but sentences: vectors, a model to start from.

        Raises:
            UsageError: names the folder.
        """
        own = {*self.splits.identity, "held_out", "train"}
        others = [
            {name: value for name, value in data_of(metrics).items() if name not in own}
            for metrics in results
        ]
        if differ(others):
            raise UsageError(
                f"{self.folder}: what models learn from besides the sentences has changed between its folds; remove "
                "the folders of the older ones"
            )

    def tagger(self, fold: int) -> Tagger:
        """Return the finished model that left a fold out."""
        return Tagger.load(
            RunFolder(self._output(fold)).model, document_consistency=self.run.document_consistency
        )

    def answers(self, fold: int) -> dict[int, Answer]:
        """Return the finished model's predictions for the sentences of its held-out fold, by sentence index."""
        members = self.folds.members(fold)
        found = answers(
            self.tagger(fold),
            [self.gold[number] for number in members],
            reads_documents=self.data.reads_documents,
            decode=self.run.decode,
        )
        return dict(zip(members, found, strict=True))

    def scores(self, found: Mapping[int, Answer]) -> Scores:
        """Return the scores over all answers, given by sentence index."""
        pairs = ((self.gold[number], answer) for number, answer in sorted(found.items()))
        return scores(pairs, self.data.predicted_scheme)

    def write_predictions(self, found: Mapping[int, Answer]) -> Path:
        """Write the predictions for every sentence, in the order of the data; return the file."""
        none = Answer(spans=() if self.data.inner_scheme.has_spans else None)
        path = self.folder / "predictions.jsonl"
        with output_to(str(path)) as write:
            for number, (example, fold) in enumerate(zip(self.gold, self.folds.of_sentence, strict=True)):
                answer = found.get(number, none)
                write(
                    as_line(
                        example, answer, split=self.split_of(number), origin=self.shown(example), fold=fold
                    )
                )
        return path

    def split_of(self, number: int) -> str:
        """Return the split of a sentence."""
        return "train" if number < len(self.splits.train) else "dev"

    def shown(self, example: Example, token: int = 0) -> str:
        """Return where a token of a sentence was read, without local folders."""
        origin, dataset = example.origin or "", self.run.data.dataset
        if token:
            origin = token_origin(example, token)
        is_on_hub = dataset is not None and not Path(dataset).exists()
        # A name that is not UTF-8 cannot be written to JSON unchanged.
        name = os.fsencode(origin if is_on_hub else os.path.basename(origin))  # noqa: PTH119
        return name.decode("utf-8", "backslashreplace")

    def _replayed(self) -> str | None:
        """Return a digest of the sentences to replay; None without any."""
        digest = hashlib.sha256()
        for example in self.splits.replay:
            digest.update(repr((example.tokens, example.labels)).encode())
        return digest.hexdigest() if self.splits.replay else None

    def _output(self, fold: int) -> str:
        return str(self.folder / f"fold_{fold}")
