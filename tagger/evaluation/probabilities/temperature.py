"""One temperature for all scores of a model, fitted to gold labels, and checked on held-out sentences.

A network that has memorised its training data is overconfident on other data. Dividing all its scores by one number,
the temperature, changes no label and makes it less confident (Guo et al. 2017, "On calibration of modern neural
networks"). Here these are the scores of the whole CRF, including transitions, so that the probabilities of labels,
spans and sequences still come from one distribution.

The temperature is the one at which the gold label sequences are most probable; their negative log-likelihood is convex
in its inverse. The likelihood of each gold label by itself, which is not convex, calibrates no better: on WNUT17, with
four models, the mean error on the test split was 0.0070 for tokens and 0.047 for spans, compared with 0.0072 and 0.048
(0.044 and 0.225 without a temperature; ``scripts/benchmarks/calibration.py``).

Whether it helps is determined by cross-validation: each fold gets the temperature of the others.

Letters: S sentences, L inner labels of the model, F folds.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tagger.batching import batches_by_length
from tagger.crf_kernels import PackedScores, log_partition, pack_mask, path_scores
from tagger.errors import DataError, LabelError, UsageError
from tagger.evaluation.comparison import Comparison, FloatArray, compare
from tagger.examples import Example
from tagger.inference.reported_labels import ReportedLabels
from tagger.inference.scores import BatchScores, Decode
from tagger.metrics.label_arrays import IntArray
from tagger.network import ChainDecoder
from tagger.prediction import Prediction
from tagger.schemes import LabelScheme, convert_labels, listed

if TYPE_CHECKING:
    from tagger.api import Tagger

FOLDS: Final = 5
LIMITS: Final = (0.1, 20.0)
"""Range of the search for the temperature."""
_STEPS: Final = 30  # golden-section steps, which determine the logarithm to within 4e-6
_BATCH_TOKENS: Final = 4096


class _Batch(NamedTuple):
    """Sentences of one fold with their scores.

    Attributes:
        fold: number of the fold.
        numbers: indices of the sentences in the corpus.
        scores: their scores at temperature 1.
        gold: ids of the gold labels, packed.
    """

    fold: int
    numbers: list[int]
    scores: PackedScores
    gold: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class ScoredCorpus:
    """Gold sentences with the scores of a model at temperature 1, all in memory: 4 bytes per token and label.

    Attributes:
        examples: S sentences, all of whose labels the model knows.
        scheme: scheme of their labels.
        folds: F.
        left_out: number of sentences with each label that the model does not know.
        num_left_out: number of sentences with unknown labels.
        batches: the scores.
        reported: maps inner labels to reported ones.
    """

    examples: Sequence[Example]
    scheme: LabelScheme
    folds: int
    left_out: Mapping[str, int]
    num_left_out: int
    batches: Sequence[_Batch]
    reported: ReportedLabels

    @property
    def num_tokens(self) -> int:
        """Number of tokens in all sentences."""
        return sum(len(batch.gold) for batch in self.batches)

    def losses(self, temperature: float = 1.0, *, shift: FloatArray | None = None) -> FloatArray:
        """Return the negative log-likelihood of the gold sequences of each fold, ``[F]`` in nats.

        Args:
            temperature: the temperature by which scores are divided.
            shift: values to add to the emissions of each label first, ``[L]``; none if left out.
        """
        losses = np.zeros(self.folds)
        for batch in self.batches:
            scores = batch.scores
            if shift is not None:
                scores = scores._replace(emissions=scores.emissions + shift)
            log_z = log_partition(scores.at_temperature(temperature))
            losses[batch.fold] += (log_z - path_scores(batch.gold, scores) / temperature).sum()
        return losses

    def compared(self, temperatures: Sequence[float], decode: Decode = "viterbi") -> Comparison:
        """Return the comparison of gold labels with the model's, with probabilities at the temperature of each fold."""
        predictions: dict[int, Prediction] = {}
        for batch in self.batches:
            sentences = [self.examples[number].tokens for number in batch.numbers]
            temperature = temperatures[batch.fold]
            scores = BatchScores(sentences, batch.scores, self.reported, temperature=temperature)
            predictions |= zip(batch.numbers, scores.predictions(decode), strict=True)
        ordered = [predictions[number] for number in range(len(self.examples))]
        return compare(
            self.examples,
            [prediction.labels for prediction in ordered],
            self.scheme,
            self.reported.scheme,
            label_probabilities=[prediction.label_probabilities for prediction in ordered],
            span_probabilities=[[span.probability for span in each.spans] for each in ordered],
        )


def score_corpus(
    tagger: Tagger,
    examples: Sequence[Example],
    scheme: LabelScheme,
    *,
    folds: int = FOLDS,
    seed: int = 0,
    on_tokens: Callable[[int], object] = lambda _: None,
) -> ScoredCorpus:
    """Run a model over gold sentences and keep the scores.

    Folds consist of whole documents. Sentences without tokens are ignored.

    Args:
        tagger: the model.
        examples: sentences with gold labels; those with labels the model does not know are left out and counted.
        scheme: scheme of the gold labels.
        folds: F; reduced if there are fewer documents.
        seed: seed of the random assignment to folds.
        on_tokens: called with the number of tokens of each sentence when it is done.

    Raises:
        DataError: if a sentence has no gold labels, or fewer than two documents are left.
        LabelError: if the model knows no gold label but O.
        UsageError: if only one of gold labels and model has spans.
    """
    if scheme.has_spans != tagger.scheme.has_spans:
        kinds = ("spans", "plain labels") if tagger.scheme.has_spans else ("plain labels", "spans")
        raise UsageError(f"expected gold labels that are {kinds[0]}, as the model's are, found {kinds[1]}")
    inner = LabelScheme.parse(tagger.config.scheme)
    known = tagger.parts.labels
    gold: list[list[int] | None] = []
    left_out: Counter[str] = Counter()
    for number, example in enumerate(examples):
        if example.labels is None:
            where = example.origin or f"sentence {number + 1}"
            raise DataError(f"{where}: expected gold labels, found none. Calibrate on annotated sentences.")
        labels = convert_labels(example.labels, scheme, inner) if inner.has_spans else example.labels
        unknown = {label for label in labels if label not in known}
        left_out.update(unknown)
        gold.append(None if unknown or not labels else [known.encode(label) for label in labels])
    kept = [number for number, ids in enumerate(gold) if ids is not None]
    _check_known(kept, gold, left_out, tagger)
    emissions = []
    tokens, documents = ([getattr(each, name) for each in examples] for name in ("tokens", "document"))
    for scores in tagger.stream_emissions(tokens, documents=documents):
        emissions.append(scores)
        on_tokens(len(scores))
    numbers, folds = _folds([examples[number].document for number in kept], folds, seed)
    decoder = tagger.parts.decoder
    lengths = [len(emissions[number]) for number in kept]
    batches = []
    for fold in range(folds):
        members = [i for i in range(len(kept)) if numbers[i] == fold]
        for batch in batches_by_length([lengths[i] for i in members], max_tokens=_BATCH_TOKENS):
            chosen = [members[i] for i in batch]
            rows = [emissions[kept[i]] for i in chosen]
            ids = [np.array(gold[kept[i]]) for i in chosen]
            batches.append(_batch(fold, chosen, rows, ids, decoder))
    return ScoredCorpus(
        [examples[number] for number in kept],
        scheme,
        folds,
        left_out,
        sum(1 for example, ids in zip(examples, gold, strict=True) if ids is None and example.tokens),
        batches,
        ReportedLabels(known.items, inner),
    )


def fit_temperature(corpus: ScoredCorpus, *, without: int | None = None) -> float:
    """Return the temperature at which the gold sequences are most probable, between :data:`LIMITS`.

    Args:
        corpus: the scored corpus.
        without: number of a fold to leave out; none if not given.

    Returns:
        The temperature to four significant digits, as it is reported and stored.
    """
    asked = np.ones(corpus.folds, dtype=np.bool_)
    if without is not None:
        asked[without] = False

    def loss(log_temperature: float) -> float:
        return round(float(corpus.losses(math.exp(log_temperature))[asked].sum()) / corpus.num_tokens, 12)

    return float(f"{math.exp(minimum(loss, *map(math.log, LIMITS))):.4g}")


def minimum(loss: Callable[[float], float], low: float, high: float) -> float:
    """Return the minimum point of a unimodal function of one variable, by golden-section search.

    Args:
        loss: the function.
        low: lower end of the search range.
        high: upper end of the search range.
    """
    golden = (math.sqrt(5) - 1) / 2
    left, right = high - golden * (high - low), low + golden * (high - low)
    left_loss, right_loss = loss(left), loss(right)
    for _ in range(_STEPS):
        if left_loss <= right_loss:  # equal, once rounded, where all is certain: then go to the lower limit
            high, right, right_loss = right, left, left_loss
            left = high - golden * (high - low)
            left_loss = loss(left)
        else:
            low, left, left_loss = left, right, right_loss
            right = low + golden * (high - low)
            right_loss = loss(right)
    return (low + high) / 2


def _check_known(
    kept: Sequence[int], gold: Sequence[list[int] | None], left_out: Mapping[str, int], tagger: Tagger
) -> None:
    """Refuse gold labels if the model knows none of them except O."""
    known = tagger.parts.labels
    outside = {known.encode("O")} if tagger.scheme.has_spans else set()
    if left_out and not any(outside.issuperset(gold[number] or ()) is False for number in kept):
        raise LabelError(
            f"expected gold labels that the model knows ({listed(known.items)}), found {listed(left_out)}. "
            "Rename them, or choose other labels."
        )


def _folds(documents: Sequence[object], folds: int, seed: int) -> tuple[IntArray, int]:
    """Return the fold of each sentence, the same for all sentences of a document, and the number of folds."""
    ids = [
        ("alone", i) if document is None else ("document", document) for i, document in enumerate(documents)
    ]
    groups = {key: number for number, key in enumerate(dict.fromkeys(ids))}
    if len(groups) < 2 <= folds:
        raise DataError(
            f"expected at least two sentences, or two documents, to calibrate on, found {len(groups)}. Half of them "
            "tells whether what is fitted to the other half helps."
        )
    folds = min(folds, len(groups))
    of_groups = np.random.default_rng(seed).permutation(len(groups)) % folds
    return of_groups[[groups[key] for key in ids]], folds


def _batch(
    fold: int,
    numbers: list[int],
    rows: Sequence[NDArray[np.floating]],
    gold: Sequence[IntArray],
    decoder: ChainDecoder,
) -> _Batch:
    lengths = np.array([len(row) for row in rows])
    mask = np.arange(lengths.max()) < lengths[:, None]
    packing = pack_mask(mask, mask.shape)
    emissions = np.zeros((*mask.shape, decoder.num_labels), dtype=rows[0].dtype)
    labels = np.zeros(mask.shape, dtype=np.int64)
    emissions[mask], labels[mask] = np.concatenate(rows), np.concatenate(gold)
    return _Batch(fold, numbers, decoder.scores(packing, packing.pack(emissions)), packing.pack(labels))
