"""The runs of a cross-validation: one for each fold, and what its model says of the fold that it left out."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from folds import Folds, make_folds, pooled, unit_of
from out_of_fold import Answer, answers, as_line, scores
from repeated_runs import Metrics, digest, experiment, finished, write_text

from tagger import Tagger
from tagger.cli.streams import output_to
from tagger.errors import TaggerError, UsageError
from tagger.examples import Example
from tagger.metrics import Scores
from tagger.schemes import LabelScheme, convert_labels
from tagger.training import DataConfig, RunConfig, Splits
from tagger.training.data import PreparedData, prepare
from tagger.training.documents import documents_matter
from tagger.training.run_folder import RunFolder
from tagger.training.splits import read_splits, with_replay
from tagger.training.starting import StartingModel


@dataclass(frozen=True)
class CrossValidation:
    """A configuration, the sentences of train and dev, and the folds they are divided into.

    Attributes:
        run: the options.
        splits: the sentences as read, and those to replay.
        data: the same sentences checked, all of them in its ``dev``.
        folds: which sentence is where.
    """

    run: RunConfig
    splits: Splits
    data: PreparedData
    folds: Folds

    @classmethod
    def read(cls, run: RunConfig, *, count: int, by: str | None) -> CrossValidation:
        """Read the data, check it as a run does, and divide it.

        Raises:
            TaggerError: if it cannot be read, used or divided so.
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
        if by == "sentence":  # otherwise documents matter in any case
            documents_matter(run.data, data.inner_scheme, run.document_consistency)
        return cls(run, splits, data, make_folds(everything, count=count, by=by, seed=run.seed))

    @property
    def folder(self) -> Path:
        """Where the runs and results are."""
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
        """Refuse a folder with runs on other data; write down what these are on.

        Raises:
            UsageError: if the sentences are others, or are divided otherwise; or those to replay are others.
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

    def result(self, fold: int) -> Metrics:
        """Return what metrics.json says of the run that leaves a fold out, after training it unless that was done.

        Raises:
            TaggerError: if it cannot be trained, or what is there cannot be read.
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

    def answers(self, fold: int) -> dict[int, Answer]:
        """Return what the finished model says of the sentences of a fold that it left out, by their numbers."""
        tagger = Tagger.load(
            RunFolder(self._output(fold)).model, document_consistency=self.run.document_consistency
        )
        members = self.folds.members(fold)
        found = answers(
            tagger,
            [self.gold[number] for number in members],
            reads_documents=self.data.reads_documents,
            decode=self.run.decode,
        )
        return dict(zip(members, found, strict=True))

    def scores(self, found: Mapping[int, Answer]) -> Scores:
        """Return the scores of answers, given by the numbers of their sentences; all are counted together."""
        pairs = ((self.gold[number], answer) for number, answer in sorted(found.items()))
        return scores(pairs, self.data.predicted_scheme)

    def write_predictions(self, found: Mapping[int, Answer]) -> Path:
        """Write what is said of every sentence, in the order of the data; return the file."""
        none = Answer(spans=() if self.data.inner_scheme.has_spans else None)
        path = self.folder / "predictions.jsonl"
        with output_to(str(path)) as write:
            for number, (example, fold) in enumerate(zip(self.gold, self.folds.of_sentence, strict=True)):
                split = "train" if number < len(self.splits.train) else "dev"
                answer = found.get(number, none)
                write(as_line(example, answer, split=split, origin=self._origin(example), fold=fold))
        return path

    def _origin(self, example: Example) -> str:
        """Return where a sentence was read, without the folders of this machine."""
        origin, dataset = example.origin or "", self.run.data.dataset
        is_on_hub = dataset is not None and not Path(dataset).exists()
        # A name that is not UTF-8 cannot stand in JSON as it is.
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
