"""train: a training run from beginning to end: seed, data, build, fit, score, save."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import pytorch_lightning as pl
import torch
from lightning_fabric.utilities.exceptions import MisconfigurationException
from numpy.typing import NDArray
from pytorch_lightning.callbacks import Callback
from pytorch_lightning.loggers import Logger
from pytorch_lightning.utilities.exceptions import SIGTERMException

from tagger.api import Tagger
from tagger.batching import EncodedSentences, ExpectedCounts
from tagger.config import TaggerConfig
from tagger.errors import TaggerError, UsageError
from tagger.examples import Example
from tagger.features import Featurizer
from tagger.inference.reported_labels import ReportedLabels
from tagger.inference.scores import Decode
from tagger.model import TaggerModel
from tagger.model_building import untrained_model, weights_of
from tagger.model_files import to_half, to_single
from tagger.model_parts import ModelParts
from tagger.modules.threads import second_thread
from tagger.options import option
from tagger.training.as_read import log_as_read
from tagger.training.averaging import MovingAverage
from tagger.training.batches import (
    ENOUGH_STEPS,
    TrainingOrder,
    encoded_labels,
    usual_batch_size,
)
from tagger.training.callbacks import DevScorer, EpochReport, Patience, StderrProgressBar, patience_has_ended
from tagger.training.card import model_card
from tagger.training.checkpoints import AtomicCheckpointIO, RunCheckpoints, read_checkpoint
from tagger.training.config import RunConfig, TeacherConfig, as_list
from tagger.training.data import PreparedData, prepare
from tagger.training.evaluation import dev_score_of, run_metrics
from tagger.training.given import read_given
from tagger.training.logs import continue_logs, make_loggers
from tagger.training.machines import check_meeting_place, check_ranks, is_main_process
from tagger.training.memory import return_free_memory
from tagger.training.module import LoaderModule, TaggerModule
from tagger.training.partial import label_sets
from tagger.training.processor import check_accelerator, check_precision, number_of_threads
from tagger.training.quiet import quiet_lightning
from tagger.training.reporting import reported
from tagger.training.run_folder import RunFolder
from tagger.training.span_bias import fit_span_bias, with_span_bias
from tagger.training.splits import read_splits, with_replay
from tagger.training.starting import StartingModel
from tagger.training.teaching import Teacher, counts_to_learn, known_labels
from tagger.training.training_set import label_examples
from tagger.training.vectors import RunVectors, read_run_vectors

_LOG = logging.getLogger(__name__)

INTERRUPTED: Final = 130
"""Exit status after Ctrl-C."""
TERMINATED: Final = 143
"""Exit status after SIGTERM."""

SCORING_MEGABYTES: Final = 32
"""Size of caches while dev and test are scored at the end."""


class TrainingInterrupted(KeyboardInterrupt):
    """Training was stopped by Ctrl-C, SIGTERM or SIGHUP; the message states how to continue.

    Args:
        message: the message for the user.
        status: the exit status for the signal.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def train(config: RunConfig, *, splits: Any = None) -> Tagger:
    """Train a tagger, score it, save it to ``config.output`` and return it.

    Args:
        config: the run.
        splits: data to train on, instead of the configured data: ``Splits``, a mapping of splits by name (such as a
            ``DatasetDict``), or only the train split. A split is a list of Examples, a ``Dataset`` or
            ``IterableDataset``, a pandas ``DataFrame``, or a pyarrow ``Table``; ``config.data`` specifies how to read
            it.

    Returns:
        The tagger with the weights of the best dev score.

    Raises:
        UsageError: if options conflict, or the run's folder contains another run.
        DataError: if the data cannot be used; names file and line.
        TaggerError: if the run's folder cannot be written, or training diverges.
        TrainingInterrupted: on Ctrl-C, SIGTERM or SIGHUP; the last checkpoint is kept.
    """
    if not isinstance(config, RunConfig):
        raise UsageError(f"config: expected a RunConfig, found {type(config).__name__}")
    folder = RunFolder(config.output)
    check_ranks(config)
    check_accelerator(config)
    check_precision(config)
    is_main = is_main_process()
    with reported(is_main_process=is_main), _stoppable(folder, config), ExitStack() as stack:
        if is_main:
            stack.enter_context(folder.locked())
            folder.check(config)
        return _train(config, splits, folder)


def _train(config: RunConfig, splits: Any, folder: RunFolder) -> Tagger:
    with _torch_settings(config), quiet_lightning():
        start = StartingModel.load(config)
        teacher = Teacher.load(config.teacher, str(config.output), config.document_consistency)
        data = _prepared(config, splits, start, teacher)
        log_as_read(data)
        architecture = config.model if start is None else start.architecture(config.model)
        architecture = replace(architecture, scheme=str(data.inner_scheme))  # resolved from the data
        vectors = None
        if start is None:
            vectors = read_run_vectors(config.vectors, data, dim=config.model.vector_dim)
        else:
            origin = {**start.identity(), **dev_score_of(start.parts, config, data)}
            if data.replay:
                origin["replayed_in_an_epoch"] = _num_drawn(config, data)
            data = replace(data, identity={**data.identity, "started_from": origin})
        if vectors is not None:
            data = replace(data, identity={**data.identity, "vectors": vectors.identity})
        featurizer, model = _build(architecture, data, vectors, start)
        checkpoints = RunCheckpoints(
            folder,
            data.fingerprint(),
            epochs=config.epochs,
            vectors=vectors.fingerprint if vectors else None,
            start=start.parts.digest if start else None,
            teacher=teacher.digest if teacher else None,
        )
        epochs = checkpoints.epochs_planned_first() if config.resume else config.epochs
        loggers = make_loggers(config, folder)
        report = EpochReport(config.epochs, data.metric, config.optimizer.clip_norm, checkpoints, folder)
        trainer = _trainer(config, data, report, checkpoints, loggers)
        resolved = _resolved(config, data, epochs=epochs)
        loaders, module = _modules(resolved, featurizer, model, data, teacher)
        del teacher
        steps = checkpoints.steps_to_resume_from(module) if config.resume else 0
        if is_main_process():
            folder.open(config)
            if config.resume:
                continue_logs(loggers, steps=steps)
        try:
            _fit(trainer, config, folder, loaders, module)
            ended_by = "patience" if patience_has_ended(trainer) else "epochs"
            # The optimiser and the moving average are larger than the model: free their memory for scoring.
            module.trainer = loaders.trainer = None
            del trainer, loaders
            return_free_memory()
            best_epoch = _restore(folder.best_checkpoint if data.dev else folder.last_checkpoint, module)
            parts = _parts(config, architecture, data, featurizer, model)
            del module, model
            bias = None
            if (
                config.span_bias
                and data.dev
                and "dev" not in data.unmarked
                and "projection" not in config.freeze
            ):
                bias = fit_span_bias(
                    parts,
                    data.dev,
                    data.scheme,
                    decode=cast(Decode, config.decode),
                    cache_megabytes=SCORING_MEGABYTES,
                )
                if bias is not None and bias.is_sure:
                    _LOG.info(
                        "span bias %+.2f: the labels of the dev split are %.0f nats more probable with it, its F1 is "
                        "%.2f %% in place of %.2f %%",
                        bias.fitted,
                        bias.gained,
                        100 * bias.f1[1],
                        100 * bias.f1[0],
                    )
                    if bias.f1[0] == 0:
                        _LOG.warning(
                            "without the span bias the model finds no span of the dev split: it has learned little. "
                            "Train for more epochs, or on more sentences"
                        )
                    parts = with_span_bias(parts, bias.fitted)
            best = Tagger(parts, document_consistency=config.document_consistency)
            if is_main_process():
                metrics = run_metrics(config, _scorer(config, parts), data)
                metrics.update(
                    best_epoch=best_epoch if data.dev else None,
                    epochs_trained=checkpoints.epochs,
                    ended_by=ended_by,
                    **({"epochs_planned": checkpoints.planned} if len(checkpoints.planned) > 1 else {}),
                    **({"span_bias": bias.to_dict()} if bias is not None else {}),
                    seconds=round(checkpoints.seconds, 1),
                    history=report.history,
                )
                examples = label_examples(data, config.card_examples) if config.card_examples else None
                card = model_card(resolved, metrics, best, examples=examples).encode("utf-8", "replace")
                best = Tagger(replace(parts, card=card), document_consistency=config.document_consistency)
                best.save(folder.model)
                folder.write_metrics(metrics)
                _LOG.info("saved to %s", folder.model)
        except OSError as error:
            raise TaggerError(
                f"{folder.path}: the run cannot be written: {error.strerror or error}"
            ) from error
    return best


@contextmanager
def _torch_settings(config: RunConfig) -> Iterator[None]:
    """Set torch's threads and seed for a run, and restore them afterwards.

    The threads of an operator wait for each other at its end, which takes many times as long if other processes use the
    cores. A second thread computes other operators instead, see :mod:`tagger.modules.threads`. The seed is for the
    initial weights; every step seeds itself, see :class:`TaggerModule`.
    """
    threads = torch.get_num_threads()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(threads)


def _prepared(
    config: RunConfig, given: Any, start: StartingModel | None, teacher: Teacher | None
) -> PreparedData:
    """Return the examples of the run; a model to start from determines the segmenter and the inner scheme."""
    segmenter = None if start is None else start.segmenter
    splits = (
        read_splits(config.data, segmenter=segmenter)
        if given is None
        else read_given(given, config.data, segmenter=segmenter)
    )
    splits = with_replay(splits, as_list(config.replay), config.data, segmenter)
    if splits.replay and start is None:
        raise UsageError("splits: replay has no effect without init")
    if config.replay_ratio != RunConfig.replay_ratio and not splits.replay:
        raise UsageError("replay_ratio: has no effect without replay")
    text: Sequence[Example] = ()
    if teacher is not None:
        text, segmenter = teacher.read_text(splits.segmenter)
        splits = replace(
            splits, identity={**splits.identity, "teacher": teacher.identity(text)}, segmenter=segmenter
        )
    return prepare(
        splits,
        config.data,
        inner_scheme=config.model.scheme if start is None else start.inner_scheme(config.model.scheme),
        seed=config.seed,
        document_consistency=config.document_consistency,
        start=start,
        teacher=teacher,
        text=text,
    )


def _build(
    architecture: TaggerConfig, data: PreparedData, vectors: RunVectors | None, start: StartingModel | None
) -> tuple[Featurizer, TaggerModel]:
    """Return the vocabularies of the training data and the model to train: untrained, or an extended model."""
    sentences = [example.tokens for example in data.learned]
    if start is None:
        featurizer = Featurizer.build(architecture, sentences, vectors=vectors.table if vectors else None)
        model = untrained_model(architecture, featurizer, data.labels)
    else:
        featurizer, model = start.grown(architecture, sentences, data.labels)
    _LOG.info(
        "%d training sentences, %d tokens, %d words, %d labels; %d parameters",
        len(sentences),
        sum(map(len, sentences)),
        len(featurizer.words),
        len(data.labels),
        sum(parameter.numel() for parameter in model.parameters()),
    )
    return featurizer, model


def _parts(
    config: RunConfig,
    architecture: TaggerConfig,
    data: PreparedData,
    featurizer: Featurizer,
    model: TaggerModel,
) -> ModelParts:
    """Return the parts of the trained model, with weights rounded to the precision in which they are stored."""
    segmenter = data.segmenter
    weights = weights_of(model)
    if config.weights == "float16":
        weights = {name: to_single(half) for name, half in to_half(weights).items()}
    return ModelParts(
        architecture,
        featurizer,
        data.labels,
        weights,
        {"name": segmenter.name, "version": segmenter.version, "options": dict(segmenter.options())},
        config.weights,
    )


def _scorer(config: RunConfig, parts: ModelParts) -> Tagger:
    """Return a tagger with small caches, so that scoring needs no more memory than training."""
    return Tagger(parts, cache_megabytes=SCORING_MEGABYTES, document_consistency=config.document_consistency)


def _modules(
    config: RunConfig, featurizer: Featurizer, model: TaggerModel, data: PreparedData, teacher: Teacher | None
) -> tuple[LoaderModule, TaggerModule]:
    """Return the loaders and the module for Lightning."""
    sentences = [example.tokens for example in data.learned]
    counts = _counts(config, data, model, teacher)
    encoded = EncodedSentences(featurizer, sentences, _label_ids(data, model), counts)
    order = TrainingOrder(
        encoded.lengths,
        batch_size=config.batch_size,
        batch_tokens=config.batch_tokens,
        pool=config.pool,
        seed=config.seed,
        num_devices=config.devices * config.num_nodes,
        replay=len(data.replay),
        drawn=_num_drawn(config, data),
    )
    dev = EncodedSentences(featurizer, [example.tokens for example in data.dev]) if data.dev else None
    epoch_starts = order.epoch_starts(config.epochs)
    # With fewer steps, and so fewer dropout masks, small corpora would lose accuracy by it.
    model.shares_dropout = epoch_starts[-1] >= ENOUGH_STEPS
    module = TaggerModule(
        model,
        config.optimizer,
        seed=config.seed,
        epoch_starts=epoch_starts,
        decode=config.decode,
    )
    return LoaderModule(encoded, order, dev, batch_tokens=config.batch_tokens), module


def _label_ids(data: PreparedData, model: TaggerModel) -> NDArray[np.int16]:
    """Return the label ids of all training data; if some leave labels open, set the model's label sets."""
    groups = [name for name in ("train", "replay") if name in data.unmarked]
    known = [known_labels(example) for example in data.taught]
    has_unknown = any(None in labels for labels in known if labels is not None)
    rows = {name: len(data.labels) + row for row, name in enumerate([*groups, "unknown"])}
    if groups or has_unknown:
        unmarked = [data.unmarked[name] for name in groups]
        sets = label_sets(data.labels, data.inner_scheme, unmarked, unknown=has_unknown)
        model.label_sets = torch.from_numpy(sets)
    # The id of a token with expected counts is never read.
    taught = [
        rows["unknown"] if label is None else data.labels.encode(label)
        for example, labels in zip(data.taught, known, strict=True)
        for label in labels or [None] * len(example.tokens)
    ]
    return np.concatenate(
        [
            encoded_labels(data.train, data.labels, outside=rows.get("train")),
            np.array(taught, dtype=np.int16),
            encoded_labels(data.replay, data.labels, outside=rows.get("replay")),
        ]
    )


def _counts(
    config: RunConfig, data: PreparedData, model: TaggerModel, teacher: Teacher | None
) -> ExpectedCounts | None:
    """Return the expected counts to learn from a teacher, or from probabilities in the data.

    Raises:
        UsageError: if an option has no effect, or cannot be combined with a teacher.
    """
    constraints = model.decoder.constraints
    assert constraints is not None, "a model to train knows its scheme"
    counts = counts_to_learn(data.learned, data.labels, constraints, config.teacher, teacher)
    if counts is None:
        for name in ("weight", "temperature"):
            if getattr(config.teacher, name) != getattr(TeacherConfig, name):
                raise UsageError(
                    f"teacher.{name}: has no effect without teacher.models or soft labels in the data"
                )
        return None
    if data.unmarked:
        raise UsageError(
            "teacher: sentences in which O leaves types open, as with init_partial and in replay that lacks some, "
            "cannot be learned from a teacher as well"
        )
    if config.teacher.weight != TeacherConfig.weight and all(
        example.labels is None for example in data.learned
    ):
        raise UsageError("teacher.weight: has no effect, since no sentence has labels besides the teacher's")
    return counts


def _resolved(config: RunConfig, data: PreparedData, *, epochs: int) -> RunConfig:
    """Return the run with the default batch size filled in, which depends on the size of the data.

    Args:
        config: the run.
        data: the training data.
        epochs: number planned when it was begun, so that batches stay the same when it is resumed with more.
    """
    if config.batch_size:
        return config
    num_sentences = len(data.train) + len(data.taught) + _num_drawn(config, data)
    size = usual_batch_size(num_sentences, epochs=epochs, num_devices=config.devices * config.num_nodes)
    _LOG.info("batches of up to %d sentences (%s sets it)", size, option("batch_size"))
    return replace(config, batch_size=size)


def _num_drawn(config: RunConfig, data: PreparedData) -> int:
    """Return the number of replayed sentences in an epoch."""
    return min(len(data.replay), max(1, round(config.replay_ratio * len(data.train))))


def _trainer(
    config: RunConfig,
    data: PreparedData,
    report: EpochReport,
    checkpoints: RunCheckpoints,
    loggers: list[Logger],
) -> pl.Trainer:
    """Return Lightning's trainer, with callbacks in the order in which they run.

    Raises:
        UsageError: if this machine lacks what is configured, or an option has no effect on this data.
    """
    callbacks: list[Callback] = []
    if config.optimizer.ema_decay:
        # Before the scorer: the averaged weights are the ones that are scored.
        callbacks.append(MovingAverage(config.optimizer.ema_decay))
    if data.dev:
        callbacks.append(DevScorer(data, ReportedLabels(data.labels.items, data.inner_scheme)))
    if config.patience:
        if not data.dev:
            raise UsageError("patience: has no effect without a dev split")
        callbacks.append(Patience(config.patience))
    callbacks.append(report)
    draws_progress = config.progress and sys.stderr.isatty()
    if draws_progress:
        callbacks.append(StderrProgressBar())
    callbacks.append(checkpoints)
    try:
        trainer = pl.Trainer(
            accelerator=config.accelerator,
            devices=config.devices,
            num_nodes=config.num_nodes,
            precision=config.precision,  # type: ignore[arg-type]
            max_epochs=config.epochs,
            callbacks=callbacks,
            logger=loggers,
            plugins=[AtomicCheckpointIO()],
            limit_val_batches=1.0 if data.dev else 0,
            reload_dataloaders_every_n_epochs=1,
            use_distributed_sampler=False,
            num_sanity_val_steps=0,
            log_every_n_steps=50,
            enable_model_summary=False,
            enable_progress_bar=draws_progress,
        )
    except (MisconfigurationException, ImportError, ValueError) as error:
        raise UsageError(f"accelerator, devices, num_nodes or precision: {error}") from error
    check_meeting_place(trainer)
    if trainer.precision != config.precision:
        raise UsageError(
            f"precision: {config.precision} is not available on this device, expected {trainer.precision}"
        )
    return trainer


def _fit(
    trainer: pl.Trainer, config: RunConfig, folder: RunFolder, loaders: LoaderModule, module: TaggerModule
) -> None:
    """Train all epochs, or until patience ends; the weights are left in the checkpoints."""
    with second_thread() if number_of_threads(config) > 1 else nullcontext():
        trainer.fit(
            module,
            datamodule=loaders,
            ckpt_path=folder.last_checkpoint if config.resume else None,
            weights_only=True,
        )


def _restore(checkpoint_path: Path, module: TaggerModule) -> int:
    """Load the weights of a checkpoint, in single precision; return its epoch, counted from 1."""
    checkpoint = read_checkpoint(checkpoint_path)
    module.float().load_state_dict(checkpoint["state_dict"])
    return int(checkpoint["epoch"]) + 1


@contextmanager
def _stoppable(folder: RunFolder, config: RunConfig) -> Iterator[None]:
    """Turn a signal into an error that states how to continue."""
    try:
        yield
    except TrainingInterrupted:
        raise
    except (KeyboardInterrupt, SystemExit) as error:
        # Lightning turns KeyboardInterrupt and its subclasses into SystemExit, also SIGTERM without our handler.
        signal = error.__context__ if isinstance(error, SystemExit) else error
        if isinstance(error, SIGTERMException):
            status = TERMINATED
        elif isinstance(signal, KeyboardInterrupt):
            status = getattr(signal, "status", INTERRUPTED)
        else:
            raise
        raise TrainingInterrupted(f"interrupted{folder.how_to_go_on(config)}", status) from None
