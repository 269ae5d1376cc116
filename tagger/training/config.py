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
    """Where the data is: files (``train``, ``dev``, ``test``), or a Hugging Face ``dataset``."""

    train: str | Path | list[str | Path] | None = None
    """Files with the training sentences: one or several, patterns such as part*.conll, or a folder of them."""
    dev: str | Path | list[str | Path] | None = None
    """Files with the sentences by which the best weights are chosen."""
    test: str | Path | list[str | Path] | None = None
    """Files with the sentences that are scored once, at the end."""
    root: str | Path | None = None
    """Folder that the paths of train, dev and test start from."""
    format: str = "auto"
    """Format of the files, such as conll, jsonl or doccano; auto goes by their content and names."""
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
    """Which split of the dataset is train, dev and test, where the names do not tell."""
    token_column: int | str | None = None
    """Column of the words: a number from 0 for CoNLL columns, or a name, dotted for one within another
    (sentences.words; of dataset and of data in memory, not of files); found if left out."""
    label_column: int | str | None = None
    """Column of the labels: a number from 0 (negative from the end) or a name; found if left out."""
    text_column: str | None = None
    """Key (jsonl) or column of the texts beside which character spans of them stand (text)."""
    document_column: str | None = None
    """Key (jsonl) or column (csv, dataset) that tells the documents of the sentences; document in jsonl if left out."""
    sentence_column: str | None = None
    """Column of the ids of sentences in csv files and data frames with a token a row; found by its usual names if left
    out."""
    comment_prefix: str | None = None
    """What the lines of conll files that are comments start with; there are none if left out."""
    header: bool = False
    """Whether the first row of conll files holds the names of the columns, by which they can then be chosen."""
    offsets: str | None = None
    """What offsets of spans count: codepoint, utf16, byte, or auto, as the texts of the spans tell (if left out)."""
    join_sentences: bool = False
    """Whether an entity that goes across two sentences makes one of them; if not, it does not fit."""
    annotator: str | None = None
    """Whose annotations are read, where a file holds those of several people who differ; of everybody if left out."""
    trim_entities: bool = False
    """Whether to cut full stops and commas off the ends of entities, in a CoNLL export of Label Studio."""
    skip_bad: bool = False
    """Whether to go on without what is wrong in the data, spans that do not fit the tokens included, and list it."""
    segmenter: dict[str, str] | None = None
    """How the model cuts text: hyphens (split, keep), clitics (keep, split), lines (join, split); if left out, as the
    training tokens have it, or as the spans of training texts fit best."""
    label_names: list[str] | dict[str, int] | str | None = None
    """Names of the labels, where data hold bare numbers: in their order (O,B-PER,I-PER), each with its number, or a
    JSON file."""
    scheme: str = "auto"
    """Label scheme of the data: iob1, iob2, ioe1, ioe2, bioes, bilou, bmes, bmewo, io, none; auto finds it."""
    dev_fraction: float = 0.1
    """Share of the training sentences set aside where there is no dev split; 0 to train without one."""
    merge_dev: bool = False
    """Learn from the dev split too: for all epochs, since no score then chooses the weights."""
    train_fraction: float = 1.0
    """Share of the training sentences to learn from, evenly spaced; for learning curves and quick comparisons."""
    unseen_labels: str = "error"
    """A dev or test label of a type never seen in training: error, or wrong (counted as not found)."""

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
    """Where pretrained word vectors come from; what the model makes of them is ``model.vectors``."""

    path: str | Path | None = None
    """File of vectors: GloVe or word2vec text, word2vec or fastText binary, or a NumPy matrix, packed or not."""
    member: str | None = None
    """Which file of a zip archive, where it holds several."""
    words: str | Path | None = None
    """File with the words of a NumPy matrix; NAME.words.txt beside NAME.npy if left out."""
    limit: int = 0
    """Vectors to use at most, the first of the file; 0 for all."""
    half: bool = False
    """Use and keep vectors in half precision: the model folder needs half the space for them."""
    subwords: bool = True
    """Keep the n-grams of a fastText model, from which unseen words get vectors."""

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
    """How the weights are learned."""

    name: str = "adam"
    """Optimiser: adam, adamw, nadam, or sgd."""
    learning_rate: float = 3e-3
    """Step size at its highest."""
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
    """Decay per step of the moving average of the weights, which is what is scored and saved; 0 for none."""

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
    """What is learned from beside the gold labels: models, or the probabilities of labels that stand in the data."""

    models: str | Path | list[str | Path] | None = None
    """Model folders whose probabilities are learned, too; of several, those of their average. If left out, those that
    stand with the training sentences (soft_labels), if they do."""
    text: str | Path | list[str | Path] | None = None
    """Files of sentences without labels, of which what models say is all that is learned: raw text (.txt), or any
    format with tokens or texts, whose labels are not read."""
    weight: float = 0.5
    """How much the teacher counts beside the gold labels of a sentence, above 0 up to 1."""
    temperature: float = 1.0
    """What the teacher's scores are divided by: above 1 it is less sure."""

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
    """A training run: what is learned, from what, how, and where the results go."""

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
    """What becomes of the labels of the model to start from: extend (those of the data are added), keep (others are an
    error) or replace (the data's alone; of the model's those that are the same in the same scheme go on)."""
    init_partial: bool = False
    """Whether the training sentences mark only the types that they have: O then leaves open whether a token is of
    another type of the model. In replayed sentences it always leaves open the types that they lack."""
    freeze: list[str] = field(default_factory=list)
    """Parts of the model to start from that stay as they are: words, characters, casing, shapes, affixes, vectors,
    encoder, projection, crf, wide."""
    replay: str | Path | list[str | Path] | None = None
    """Files of earlier training sentences to learn from beside the new ones, so that less is forgotten."""
    replay_ratio: float = 3.0
    """Earlier sentences for each new one in an epoch, drawn again for every epoch; all of them if there are fewer."""
    seed: int = 1
    """Decides initial weights, order of sentences and dropout."""
    epochs: int = 14
    """Passes over the training sentences at most."""
    patience: int = 0
    """Epochs without a better dev score after which training stops; 0 to train all epochs."""
    batch_size: int = 0
    """Sentences of a batch at most; 0 for as many as leave 5,000 steps to the run, from 8 to 32."""
    batch_tokens: int = 4096
    """Padded tokens of a batch at most; a longer sentence is a batch alone."""
    pool: int = 50
    """Batches' worth of sentences that are sorted by length together."""
    decode: str = "viterbi"
    """How labels are chosen when dev and test are scored: viterbi or posterior."""
    document_consistency: float = CONSISTENCY
    """How much other occurrences of a word in its document count when dev and test are scored at the end, where labels
    have spans; 0 for not at all."""
    span_bias: bool = True
    """Let spans begin more, or less, readily where the dev split leaves no doubt that they should: one number, added to
    the scores of the labels that begin them, under which the gold labels of dev are most probable."""
    score_test: bool = True
    """Score the test split at the end; what searches or repeats leaves it alone."""
    card_examples: int = 3
    """Phrases of the training data that the model card shows of each label, the most frequent ones; 0 for none, where
    the data must not be shown. (The words are in the model's vocabulary all the same.)"""
    accelerator: str = "cpu"
    """Lightning's accelerator: cpu, gpu, auto, ..."""
    devices: int = 1
    """Number of devices (of each machine); with more than one, each gets its share of every epoch's batches."""
    num_nodes: int = 1
    """Number of machines. The same command runs on each, with NODE_RANK (0, 1, ...), MASTER_ADDR and MASTER_PORT in its
    environment; the first alone writes, and all must see the run's folder."""
    precision: str = "32-true"
    """Lightning's precision: 32-true, 64-true, bf16-mixed, 16-mixed, bf16-true or 16-true. On a CPU those of bf16 need
    one with instructions for them (avx512_bf16, amx_bf16, or bf16 of ARM)."""
    weights: str = "float32"
    """How the model folder stores the weights: float32, or float16 for half the size. Scores are those of what is
    stored. Pretrained vectors have an option of their own (vectors.half)."""
    threads: int = 0
    """Threads on the CPU: 1, or 2 for the two directions of a layer at the same time (cells lstm, gru and rnn, without
    recurrent dropout); 0 for 2 where there are as many cores. No number changes a bit of what is learned."""
    loggers: list[str] = field(default_factory=lambda: ["csv"])
    """What is logged to RUN/logs: csv, tensorboard, both or none."""
    progress: bool = True
    """Draw a progress bar where standard error is a terminal."""
    resume: bool = False
    """Go on from the last checkpoint of an interrupted run."""
    overwrite: bool = False
    """Train again where a run is already, finished or not."""

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
    """Return paths, of which there may be one, several or none, as a list."""
    if paths is None:
        return []
    return [os.fspath(path) for path in (paths if isinstance(paths, list) else [paths])]


def _as_text(paths: Paths) -> str | list[str] | None:
    """Return paths as text."""
    return as_list(paths) if isinstance(paths, list) else next(iter(as_list(paths)), None)


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise UsageError(f"{name}: expected one of {', '.join(choices)}, found {value}")


def _check_numbers(section: str, config: object, *names: str, positive: bool = False) -> None:
    """Refuse numbers that are negative, infinite or none at all, and 0 too if they must be positive."""
    for name in names:
        value = getattr(config, name)
        if not math.isfinite(value) or value < 0 or (positive and value == 0):
            expected = "more than 0" if positive else "0 or more"
            raise UsageError(f"{section}{name}: expected {expected}, found {value}")
