"""train: the program of a training run, from top to bottom: seed, data, build, fit, score, save."""

from __future__ import annotations

import logging
import platform
import sys
import time
import warnings
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import (
    Callback,
    EarlyStopping,
    LearningRateMonitor,
    ModelCheckpoint,
    WeightAveraging,
)
from pytorch_lightning.loggers import CSVLogger, Logger

import tagger
from tagger.api import Tagger
from tagger.errors import MissingExtraError, UsageError
from tagger.examples import Example
from tagger.features import Featurizer
from tagger.metrics import Scores, score, seqeval_report
from tagger.projection import LabelProjection
from tagger.storage import ModelParts
from tagger.text import RuleSegmenter
from tagger.training.batches import EncodedSplit, TrainingOrder, is_main_process
from tagger.training.callbacks import (
    DEV_SCORE,
    AtomicCheckpointIO,
    DevScorer,
    EpochReport,
    StderrProgressBar,
)
from tagger.training.card import model_card
from tagger.training.config import RunConfig
from tagger.training.data import PreparedData, Splits, prepare, read_splits
from tagger.training.module import LoaderModule, TaggerModule
from tagger.training.optimization import moving_average
from tagger.training.run_folder import RunFolder

_LOG = logging.getLogger(__name__)


class TrainingInterrupted(KeyboardInterrupt):
    """Training was stopped by Ctrl-C; the message says how to go on."""


def train(config: RunConfig, *, splits: Splits | None = None) -> Tagger:
    """Train a tagger, score it, save it to ``config.output`` and return it.

    Args:
        config: the run.
        splits: examples to train on, instead of the configured data.

    Returns:
        The tagger with the weights of the best dev score.

    Raises:
        UsageError: if options conflict, or the run's folder holds another run.
        DataError: if the data cannot be used; names file and line.
        TrainingInterrupted: on Ctrl-C; the last checkpoint is kept.
    """
    started = time.perf_counter()
    folder = RunFolder(config.output)
    if is_main_process():
        folder.check(config)
    if config.threads:
        torch.set_num_threads(config.threads)
    _seed(config.seed)

    if splits is not None and (config.data.train or config.data.dataset):
        raise UsageError("splits: data.train or data.dataset is configured too; expected one source of data")
    data = prepare(
        splits if splits is not None else read_splits(config.data),
        config.data,
        inner_scheme=config.model.scheme,
        seed=config.seed,
    )
    config = replace(config, model=replace(config.model, scheme=str(data.inner_scheme)))
    parts = _build(config, data)
    loaders, module = _modules(config, parts, data)
    if is_main_process():
        folder.open(config)

    best_epoch = _fit(
        config, folder, loaders, module, data, LabelProjection(data.labels.items, data.inner_scheme)
    )
    best = Tagger(parts)

    metrics = _metrics(config, best, data)
    metrics.update(best_epoch=best_epoch, seconds=round(time.perf_counter() - started, 1))
    if is_main_process():
        best.save(folder.model, card=model_card(config, metrics, best.labels, str(best.scheme)))
        folder.write_metrics(metrics)
        _LOG.info("saved to %s", folder.model)
    return best


def _seed(seed: int) -> None:
    """Seed what draws numbers before the first step; every step seeds itself (see TaggerModule)."""
    torch.manual_seed(seed)
    np.random.seed(seed % 2**32)


def _build(config: RunConfig, data: PreparedData) -> ModelParts:
    """Return the untrained model with the vocabularies of the train split."""
    sentences = [example.tokens for example in data.train]
    segmenter = RuleSegmenter.fit(sentences)
    parts = ModelParts.untrained(
        config.model,
        Featurizer.build(config.model, sentences),
        data.labels,
        {"name": segmenter.name, "version": segmenter.version, "options": segmenter.options()},
    )
    _LOG.info(
        "%d training sentences, %d tokens, %d words, %d labels; %d parameters",
        len(sentences),
        sum(map(len, sentences)),
        len(parts.featurizer.words),
        len(data.labels),
        _num_parameters(parts),
    )
    return parts


def _modules(config: RunConfig, parts: ModelParts, data: PreparedData) -> tuple[LoaderModule, TaggerModule]:
    """Return what Lightning trains on, and what it trains."""
    encoded = EncodedSplit(data.train, parts.featurizer, data.labels)
    order = TrainingOrder(
        encoded.lengths,
        batch_size=config.batch_size,
        batch_tokens=config.batch_tokens,
        pool=config.pool,
        seed=config.seed,
        num_devices=config.devices,
    )
    dev = EncodedSplit(data.dev, parts.featurizer, None) if data.dev else None
    module = TaggerModule(
        parts.model,
        config.optimizer,
        seed=config.seed,
        steps_until=order.steps_until,
        epochs=config.epochs,
        decode=config.decode,
    )
    return LoaderModule(encoded, order, dev, batch_tokens=config.batch_tokens), module


def _fit(
    config: RunConfig,
    folder: RunFolder,
    loaders: LoaderModule,
    module: TaggerModule,
    data: PreparedData,
    projection: LabelProjection,
) -> int | None:
    """Train, leave the best weights in the model, and return their epoch, counted from 1 (None without a dev split)."""
    trainer = pl.Trainer(
        accelerator=config.accelerator,
        devices=config.devices,
        precision=config.precision,  # type: ignore[arg-type]
        max_epochs=config.epochs,
        gradient_clip_val=config.optimizer.clip_norm or None,
        callbacks=_callbacks(config, folder, data, projection),
        logger=_loggers(config, folder),
        plugins=[AtomicCheckpointIO()],
        limit_val_batches=1.0 if data.dev else 0,
        reload_dataloaders_every_n_epochs=1,
        use_distributed_sampler=False,
        num_sanity_val_steps=0,
        log_every_n_steps=50,
        enable_model_summary=False,
        enable_progress_bar=_draws_progress(config),
    )
    with warnings.catch_warnings():
        _ignore_known_warnings()
        try:
            trainer.fit(
                module,
                datamodule=loaders,
                ckpt_path=str(folder.last_checkpoint) if config.resume else None,
                weights_only=True,
            )
        except SystemExit as error:
            if isinstance(error.__context__, KeyboardInterrupt):
                raise TrainingInterrupted(_how_to_resume(folder)) from None
            raise
    chosen = folder.best_checkpoint if data.dev else folder.last_checkpoint
    checkpoint = torch.load(chosen, map_location="cpu", weights_only=True)
    prefix = "model."
    module.model.load_state_dict(
        {name.removeprefix(prefix): value for name, value in checkpoint["state_dict"].items()}
    )
    return int(checkpoint["epoch"]) + 1 if data.dev else None


def _callbacks(
    config: RunConfig, folder: RunFolder, data: PreparedData, projection: LabelProjection
) -> list[Callback]:
    has_dev = bool(data.dev)
    callbacks: list[Callback] = []
    if config.optimizer.ema_decay:
        averaging = moving_average(config.optimizer.ema_decay)
        callbacks.append(WeightAveraging(use_buffers=False, avg_fn=averaging))
    if has_dev:
        callbacks.append(DevScorer(data.dev, data.scheme, projection))
    if config.patience:
        if not has_dev:
            raise UsageError("patience: has no effect without a dev split")
        callbacks.append(
            EarlyStopping(
                monitor=DEV_SCORE, mode="max", patience=config.patience, check_on_train_epoch_end=True
            )
        )
    callbacks.append(
        ModelCheckpoint(
            dirpath=folder.checkpoints,
            filename=folder.best_checkpoint.stem,
            monitor=DEV_SCORE if has_dev else None,
            mode="max",
            save_top_k=1 if has_dev else 0,
            save_last=True,
            save_on_train_epoch_end=True,
            enable_version_counter=False,
        )
    )
    callbacks.append(EpochReport(config.epochs, "f1" if data.scheme.has_spans else "accuracy"))
    if config.loggers:
        callbacks.append(LearningRateMonitor(logging_interval="epoch"))
    if _draws_progress(config):
        callbacks.append(StderrProgressBar(refresh_rate=20))
    return callbacks


def _draws_progress(config: RunConfig) -> bool:
    return config.progress and sys.stderr.isatty()


def _loggers(config: RunConfig, folder: RunFolder) -> list[Logger]:
    loggers: list[Logger] = []
    if "csv" in config.loggers:
        loggers.append(CSVLogger(folder.path, name=folder.logs.name, version=""))
    if "tensorboard" in config.loggers:
        try:
            import tensorboard as _tensorboard  # noqa: F401
        except ModuleNotFoundError:
            raise MissingExtraError("tensorboard", "The TensorBoard logger") from None
        from pytorch_lightning.loggers import TensorBoardLogger

        loggers.append(TensorBoardLogger(folder.path, name=folder.logs.name, version=""))
    return loggers


def _ignore_known_warnings() -> None:
    """Silence what Lightning warns of and we mean to do."""
    for message in (
        ".*does not have many workers.*",  # batches are made in less time than starting a worker takes
        ".*exists and is not empty.*",  # a run that resumes or was overwritten, checked by RunFolder
        ".*GPU available but not used.*",  # the accelerator is the user's choice
        ".*number of training batches.*smaller than the logging interval.*",  # we log by epoch
        ".*treespec, LeafSpec.*",  # inside Lightning, of a torch function it still uses
        ".*The total number of parameters detected may be inaccurate.*",
    ):
        warnings.filterwarnings("ignore", message=message)


def _how_to_resume(folder: RunFolder) -> str:
    if folder.last_checkpoint.exists():
        return f"interrupted; {folder.last_checkpoint} is kept. Go on with the same command and --resume true"
    return "interrupted before the first epoch's end; nothing to resume. Train again with --overwrite true"


def _metrics(config: RunConfig, best: Tagger, data: PreparedData) -> dict[str, Any]:
    """Return the scores of the best weights and what led to them; JSON-ready."""
    metrics: dict[str, Any] = {
        "metric": "f1" if data.scheme.has_spans else "accuracy",
        "seed": config.seed,
        "epochs": config.epochs,
        "parameters": _num_parameters(best._parts),
        "sentences": {"train": len(data.train), "dev": len(data.dev), "test": len(data.test)},
        "data": dict(data.identity),
        "versions": {
            "tagger": tagger.__version__,
            "torch": torch.__version__,
            "pytorch_lightning": version("pytorch_lightning"),
            "python": platform.python_version(),
        },
    }
    for split, examples in (("dev", data.dev), ("test", data.test)):
        if examples:
            metrics[split] = _split_scores(config, best, examples, data)
    return metrics


def _split_scores(
    config: RunConfig, best: Tagger, examples: tuple[Example, ...], data: PreparedData
) -> dict[str, Any]:
    predicted = list(best.stream_labels([example.tokens for example in examples], decode=config.decode))  # type: ignore[arg-type]
    scores: Scores = score(
        examples, predicted, data.scheme, predicted_scheme=best.scheme, known_words=best.knows
    )
    report = scores.report()
    if data.scheme.has_spans and best.scheme.has_spans:
        report = seqeval_report(
            [example.labels or () for example in examples],
            predicted,
            gold_scheme=data.scheme,
            predicted_scheme=best.scheme,
        )
    return {"value": scores.value, "sentences": len(examples), **scores.to_dict(), "report": report}


def _num_parameters(parts: ModelParts) -> int:
    return sum(parameter.numel() for parameter in parts.model.parameters())
