"""The configuration of a training run: data, model, optimiser and the run itself, as frozen dataclasses."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field
from pathlib import Path

from tagger.config import TaggerConfig
from tagger.documents import CONSISTENCY, checked_weight
from tagger.errors import UsageError
from tagger.formats import FORMATS
from tagger.formats.offsets import UNITS
from tagger.formats.tables.label_names import parse_label_names
from tagger.model_files import PRECISIONS as PRECISIONS_OF_WEIGHTS
from tagger.options.field_types import check_fields
from tagger.schemes import LabelScheme
from tagger.text import RuleSegmenter

OPTIMIZERS = ("adam", "adamw", "nadam", "sgd")
SCHEDULES = ("linear", "inverse", "constant")
PRECISIONS = ("32-true", "64-true", "bf16-mixed", "16-mixed", "bf16-true", "16-true")


@dataclass(frozen=True)
class DataConfig:
    """The data: files (``train``, ``dev``, ``test``), or a Hugging Face ``dataset``."""

    train: str | Path | list[str | Path] | None = None
    """Files of training sentences: one or several, patterns such as part*.conll, or a folder."""
    dev: str | Path | list[str | Path] | None = None
    """Files of dev sentences, by which the best weights are chosen."""
    test: str | Path | list[str | Path] | None = None
    """Files of test sentences, which are scored once, at the end."""
    root: str | Path | None = None
    """Folder that the paths of train, dev and test are relative to."""
    format: str = "auto"
    """Format of the files, such as conll, jsonl or doccano; auto detects it from content and names."""
    dataset: str | None = None
    """Hugging Face dataset: an id on the Hub, or a local folder or file."""
    dataset_name: str | None = None
    """Configuration of the dataset, such as the language."""
    revision: str | None = None
    """Branch, tag or commit of the dataset on the Hub."""
    data_dir: str | None = None
    """Folder inside the dataset."""
    data_files: dict[str, str | list[str]] | list[str] | str | None = None
    """Files inside the dataset: by split, one or several each; or those of the train split."""
    splits: dict[str, str] | None = None
    """Splits of the dataset to use as train, dev and test, if their names are not standard."""
    token_column: int | str | None = None
    """Column of the tokens: an index from 0 for CoNLL columns, or a name, dotted if nested (sentences.words; for
    datasets and data in memory, not for files); detected if left out."""
    label_column: int | str | None = None
    """Column of the labels: an index from 0 (negative from the end) or a name; detected if left out."""
    text_column: str | None = None
    """Key (jsonl) or column of texts with character spans (default: text)."""
    document_column: str | None = None
    """Key (jsonl) or column (csv, dataset) of document ids; document in jsonl if left out."""
    sentence_column: str | None = None
    """Column of sentence ids in csv files and data frames with one token per row; found by its usual names if left
    out."""
    comment_prefix: str | None = None
    """Prefix of comment lines in conll files; there are none if left out."""
    header: bool = False
    """Whether the first row of conll files contains the names of the columns, by which they can then be chosen."""
    offsets: str | None = None
    """Unit of span offsets: codepoint, utf16, byte, or auto, detected from the texts of the spans (the default)."""
    join_sentences: bool = False
    """Whether to join two sentences if an entity crosses their boundary; if not, the entity does not fit."""
    annotator: str | None = None
    """Annotator whose annotations to read, if a file contains those of several people; all if left out."""
    trim_entities: bool = False
    """Whether to trim full stops and commas from the ends of entities, in a CoNLL export of Label Studio."""
    skip_bad: bool = False
    """Whether to skip and list invalid items in the data, including spans that do not fit the tokens."""
    segmenter: dict[str, str] | None = None
    """How the model tokenizes text: hyphens (split, keep), clitics (keep, split), lines (join, split); if left out, as
    in the training tokens, or as fits most spans of training texts."""
    label_names: list[str] | dict[str, int] | str | None = None
    """Names of the labels, if the data contain numbers: in their order (O,B-PER,I-PER), each with its number, or a JSON
    file."""
    scheme: str = "auto"
    """Label scheme of the data: iob1, iob2, ioe1, ioe2, bioes, bilou, bmes, bmewo, io, none; auto detects it."""
    dev_fraction: float = 0.1
    """Share of the training sentences to set aside if there is no dev split; 0 to train without one."""
    merge_dev: bool = False
    """Train on the dev split, too: for all epochs, since there is then no score to choose the weights by."""
    train_fraction: float = 1.0
    """Share of the training sentences to learn from, evenly spaced; for learning curves and quick comparisons."""
    unseen_labels: str = "error"
    """Dev or test labels of a type never seen in training: error, or wrong (counted as missed)."""

    def __post_init__(self) -> None:
        check_fields(self, "data.")
        for name in ("train", "dev", "test", "root"):
            object.__setattr__(self, name, _as_text(getattr(self, name)))
        if self.scheme != "auto":
            try:
                LabelScheme.parse(self.scheme)
            except UsageError as error:
                raise UsageError(f"data.scheme: {error}") from None
        _check_choice("data.unseen_labels", self.unseen_labels, ("error", "wrong"))
        _check_choice("data.format", self.format, ("auto", *FORMATS))
        if self.offsets is not None:
            _check_choice("data.offsets", self.offsets, ("auto", *UNITS))
            object.__setattr__(self, "offsets", None if self.offsets == "auto" else self.offsets)
        if isinstance(self.label_names, str):
            try:
                object.__setattr__(self, "label_names", parse_label_names(self.label_names))
            except UsageError as error:
                raise UsageError(f"data.label_names: {error}") from None
        if self.segmenter is not None:
            try:
                RuleSegmenter.from_options(self.segmenter)
            except UsageError as error:
                raise UsageError(f"data.segmenter: {error}") from None
        if not 0 <= self.dev_fraction < 1:
            raise UsageError(
                f"data.dev_fraction: expected a share from 0 to below 1, found {self.dev_fraction}"
            )
        if not 0 < self.train_fraction <= 1:
            raise UsageError(
                f"data.train_fraction: expected a share above 0 up to 1, found {self.train_fraction}"
            )
        if self.merge_dev and self.dev_fraction != DataConfig.dev_fraction:
            raise UsageError(
                "data.dev_fraction: has no effect with data.merge_dev, which leaves no dev split"
            )
        if self.train and self.dataset:
            raise UsageError("data.train and data.dataset: expected one of them, found both")
        if self.train is not None and self.splits is not None:
            raise UsageError("data.splits: has no effect without data.dataset")
        of_datasets = ("dataset_name", "revision", "data_dir", "data_files")
        of_files = ("dev", "test", "root", "comment_prefix", "annotator")
        for names, needs in ((of_datasets, "dataset"), (of_files, "train")):
            for name in names:
                if getattr(self, name) is not None and getattr(self, needs) is None:
                    raise UsageError(f"data.{name}: has no effect without data.{needs}")
        for name in ("format", "header", "trim_entities"):
            if getattr(self, name) != getattr(DataConfig, name) and self.train is None:
                raise UsageError(f"data.{name}: has no effect without data.train")


@dataclass(frozen=True)
class VectorsConfig:
    """The source of pretrained word vectors; how the model uses them is ``model.vectors``."""

    path: str | Path | None = None
    """File of vectors: GloVe or word2vec text, word2vec or fastText binary, or a NumPy matrix, compressed or not."""
    member: str | None = None
    """File to read from a zip archive that contains several."""
    words: str | Path | None = None
    """File with the words of a NumPy matrix; NAME.words.txt beside NAME.npy if left out."""
    limit: int = 0
    """Maximum number of vectors to use, from the beginning of the file; 0 for all."""
    half: bool = False
    """Use and store vectors in half precision, which halves their size in the model folder."""
    subwords: bool = True
    """Keep the n-grams of a fastText model, from which vectors of unseen words are computed."""

    def __post_init__(self) -> None:
        check_fields(self, "vectors.")
        for name in ("path", "words"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, os.fspath(getattr(self, name)))
        _check_numbers("vectors.", self, "limit")
        for name in ("member", "words", "limit", "half", "subwords"):
            if self.path is None and getattr(self, name) != getattr(VectorsConfig, name):
                raise UsageError(f"vectors.{name}: has no effect without vectors.path")


@dataclass(frozen=True)
class OptimizerConfig:
    """The optimiser and its schedule."""

    name: str = "adam"
    """Optimiser: adam, adamw, nadam, or sgd."""
    learning_rate: float = 3e-3
    """Peak learning rate."""
    momentum: float = 0.0
    """Momentum of sgd."""
    weight_decay: float = 0.0
    """Weight decay: decoupled for adamw, an L2 penalty otherwise."""
    schedule: str = "linear"
    """Learning rate after the warm-up: linear (to 0 at the end), inverse (divided by 1 + decay * epoch), constant."""
    decay: float = 0.0
    """Decay per epoch of the inverse schedule."""
    warmup_steps: int = 100
    """Steps over which the learning rate rises from 0; at most a tenth of the run."""
    clip_norm: float = 5.0
    """Norm to which the gradient is clipped; 0 for no clipping."""
    ema_decay: float = 0.998
    """Decay per step of the moving average of the weights, which is scored and saved; 0 for none."""

    def __post_init__(self) -> None:
        check_fields(self, "optimizer.")
        _check_choice("optimizer.name", self.name, OPTIMIZERS)
        _check_choice("optimizer.schedule", self.schedule, SCHEDULES)
        _check_numbers("optimizer.", self, "learning_rate", positive=True)
        _check_numbers("optimizer.", self, "weight_decay", "decay", "warmup_steps", "clip_norm")
        for name in ("momentum", "ema_decay"):
            if not 0 <= getattr(self, name) < 1:
                raise UsageError(f"optimizer.{name}: expected 0 to below 1, found {getattr(self, name)}")
        if self.momentum and self.name != "sgd":
            raise UsageError(f"optimizer.momentum: has no effect with {self.name}; it belongs to sgd")
        if self.decay and self.schedule != "inverse":
            raise UsageError(
                f"optimizer.decay: has no effect with the {self.schedule} schedule; it belongs to inverse"
            )
        if self.schedule == "inverse" and not self.decay:
            raise UsageError(
                "optimizer.schedule: inverse has no effect with a decay of 0; set optimizer.decay"
            )


@dataclass(frozen=True)
class TeacherConfig:
    """Knowledge distillation: learn from models, or from probabilities of labels in the data, besides gold labels."""

    models: str | Path | list[str | Path] | None = None
    """Model folders whose probabilities to learn; of several, those of their average. If left out, those in the
    training data (soft_labels), if any."""
    text: str | Path | list[str | Path] | None = None
    """Files of unlabelled sentences, for which only the models' probabilities are learned: raw text (.txt), or any
    format with tokens or texts, whose labels are ignored."""
    weight: float = 0.5
    """Weight of the teacher relative to the gold labels of a sentence, above 0 up to 1."""
    temperature: float = 1.0
    """Divisor of the teacher's scores: above 1 its probabilities are softer."""

    def __post_init__(self) -> None:
        check_fields(self, "teacher.")
        for name in ("models", "text"):
            object.__setattr__(self, name, _as_text(getattr(self, name)))
        _check_numbers("teacher.", self, "temperature", positive=True)
        if not 0 < self.weight <= 1:
            raise UsageError(f"teacher.weight: expected more than 0 up to 1, found {self.weight}")
        for name in ("models", "text"):
            paths = as_list(getattr(self, name))
            if getattr(self, name) is not None and not paths:
                raise UsageError(f"teacher.{name}: expected a path at least, found none")
            if len(set(paths)) < len(paths):
                raise UsageError(f"teacher.{name}: expected each path once, found one several times")
        if self.text is not None and self.models is None:
            raise UsageError("teacher.text: has no effect without teacher.models")


@dataclass(frozen=True)
class RunConfig:
    """A training run: data, model, optimisation and output."""

    output: str | Path
    """Folder of the run; gets checkpoints, logs, model, recipe.yaml and metrics.json."""
    data: DataConfig = field(default_factory=DataConfig)
    """The data."""
    model: TaggerConfig = field(default_factory=TaggerConfig)
    """The architecture."""
    vectors: VectorsConfig = field(default_factory=VectorsConfig)
    """The pretrained word vectors."""
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    """The optimiser."""
    teacher: TeacherConfig = field(default_factory=TeacherConfig)
    """The teacher."""
    init: str | Path | None = None
    """Model folder to start from, with its architecture, vocabularies and weights; the words and labels of the data are
    added."""
    init_labels: str = "extend"
    """Labels, if training starts from a model: extend (add those of the data), keep (others are an error) or replace
    (only those of the data; labels that the model has, in the same scheme, keep their weights)."""
    init_partial: bool = False
    """Whether the training sentences are annotated only for the types that occur in them: O then leaves open whether a
    token is of another type of the model. In replayed sentences it always leaves open the types that they lack."""
    freeze: list[str] = field(default_factory=list)
    """Parts of the initial model not to train: words, characters, casing, shapes, affixes, vectors, encoder,
    projection, crf, wide."""
    replay: str | Path | list[str | Path] | None = None
    """Files of earlier training sentences to train on besides the new ones, so that less is forgotten."""
    replay_ratio: float = 3.0
    """Replayed sentences per new one in an epoch, drawn again for every epoch; all of them if there are fewer."""
    seed: int = 1
    """Random seed of initial weights, order of sentences and dropout."""
    epochs: int = 14
    """Maximum number of passes over the training sentences."""
    patience: int = 0
    """Early stopping after this many epochs without a better dev score; 0 to train all epochs."""
    batch_size: int = 0
    """Maximum number of sentences in a batch; 0 to choose 8 to 32, aiming at 5,000 steps or more."""
    batch_tokens: int = 4096
    """Maximum number of padded tokens in a batch; a longer sentence is a batch of its own."""
    pool: int = 50
    """Batches' worth of sentences that are sorted by length together."""
    decode: str = "viterbi"
    """Decoding when dev and test are scored: viterbi or posterior."""
    document_consistency: float = CONSISTENCY
    """Weight of other occurrences of a word in its document when dev and test are scored at the end, if labels have
    spans; 0 for none."""
    span_bias: bool = True
    """Fit a bias to the dev split, used if it is clearly significant: one number, added to the scores of labels that
    begin spans, that maximises the probability of the gold labels."""
    score_test: bool = True
    """Score the test split at the end; turn it off in searches and repeated runs."""
    card_examples: int = 3
    """Number of the most frequent training phrases per label to show in the model card; 0 for none, if the data are
    confidential. (Their words are in the model's vocabulary in any case.)"""
    accelerator: str = "cpu"
    """Lightning's accelerator: cpu, gpu, auto, ..."""
    devices: int = 1
    """Number of devices (per machine); with more than one, each gets its share of every epoch's batches."""
    num_nodes: int = 1
    """Number of machines. Run the same command on each, with NODE_RANK (0, 1, ...), MASTER_ADDR and MASTER_PORT in its
    environment; only the first writes, and all must see the run's folder."""
    precision: str = "32-true"
    """Lightning's precision: 32-true, 64-true, bf16-mixed, 16-mixed, bf16-true or 16-true. On a CPU, bf16 needs
    instructions for it (avx512_bf16, amx_bf16, or ARM's bf16)."""
    weights: str = "float32"
    """Precision of the weights in the model folder: float32, or float16 for half the size. Scores are those of the
    stored weights. Pretrained vectors have their own option (vectors.half)."""
    threads: int = 0
    """Threads on the CPU: 1, or 2 to run the two directions of a layer in parallel (cells lstm, gru and rnn, without
    recurrent dropout); 0 for 2 if there are two cores. The result is the same, bit for bit."""
    loggers: list[str] = field(default_factory=lambda: ["csv"])
    """Loggers that write to RUN/logs: csv, tensorboard, both or none."""
    progress: bool = True
    """Show a progress bar if standard error is a terminal."""
    resume: bool = False
    """Resume an interrupted run from its last checkpoint."""
    overwrite: bool = False
    """Train again even if the folder contains a run, finished or not."""

    def __post_init__(self) -> None:
        check_fields(self)
        object.__setattr__(self, "output", os.fspath(self.output))
        if not self.output:
            raise UsageError("output: expected a folder for the run, found nothing")
        self._check_start()
        for name in ("epochs", "batch_tokens", "pool", "devices", "num_nodes"):
            if getattr(self, name) < 1:
                raise UsageError(f"{name}: expected 1 or more, found {getattr(self, name)}")
        _check_numbers("", self, "patience", "seed", "threads", "batch_size", "card_examples")
        if self.seed >= 2**32:
            raise UsageError(f"seed: expected less than 2**32, found {self.seed}")
        _check_choice("precision", self.precision, PRECISIONS)
        if self.precision == "16-mixed" and self.accelerator == "cpu":
            raise UsageError(
                "precision: 16-mixed needs a GPU; expected bf16-mixed or another for accelerator cpu"
            )
        if self.vectors.path is not None and self.model.vectors == "none":
            raise UsageError(
                "vectors.path: has no effect while model.vectors is none; set it and model.vector_dim"
            )
        if self.vectors.path is None and self.model.vectors != "none":
            raise UsageError(
                f"model.vectors: {self.model.vectors} needs a file of vectors; pass vectors.path"
            )
        _check_choice("weights", self.weights, tuple(PRECISIONS_OF_WEIGHTS))
        _check_choice("decode", self.decode, ("viterbi", "posterior"))
        checked_weight(self.document_consistency)
        for logger in self.loggers:
            _check_choice("loggers", logger, ("csv", "tensorboard"))
        if self.patience and self.data.merge_dev:
            raise UsageError(
                "patience: has no effect with data.merge_dev, which leaves no dev split to stop by"
            )
        if self.resume and self.overwrite:
            raise UsageError("resume and overwrite: expected one of them, found both")

    def _check_start(self) -> None:
        """Check the options of a run that starts from a model."""
        for name in ("init", "replay"):
            object.__setattr__(self, name, _as_text(getattr(self, name)))
        if self.init == "":
            raise UsageError("init: expected a model folder, found nothing")
        if self.init is not None and self.vectors.path is not None:
            raise UsageError(
                "vectors.path: has no effect with init: a model to start from keeps its own vectors"
            )
        _check_choice("init_labels", self.init_labels, ("extend", "keep", "replace"))
        _check_numbers("", self, "replay_ratio", positive=True)
        for name in ("init_labels", "init_partial", "freeze", "replay", "replay_ratio"):
            default = [] if name == "freeze" else getattr(RunConfig, name)
            if getattr(self, name) != default and self.init is None:
                raise UsageError(f"{name}: has no effect without init")


Paths = str | Path | list[str | Path] | None


def as_list(paths: Paths) -> list[str]:
    """Return one, several or no paths as a list."""
    if paths is None:
        return []
    return [os.fspath(path) for path in (paths if isinstance(paths, list) else [paths])]


def _as_text(paths: Paths) -> str | list[str] | None:
    """Return paths as strings."""
    return as_list(paths) if isinstance(paths, list) else next(iter(as_list(paths)), None)


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise UsageError(f"{name}: expected one of {', '.join(choices)}, found {value}")


def _check_numbers(section: str, config: object, *names: str, positive: bool = False) -> None:
    """Raise an error for numbers that are negative, infinite or NaN, and for 0 if they must be positive."""
    for name in names:
        value = getattr(config, name)
        if not math.isfinite(value) or value < 0 or (positive and value == 0):
            expected = "more than 0" if positive else "0 or more"
            raise UsageError(f"{section}{name}: expected {expected}, found {value}")
