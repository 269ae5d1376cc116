"""BatchScores: labels, marginals, n-best lists and span probabilities from the emissions of one batch.

Letters: B sentences, T tokens of the longest, L inner labels of the model, R labels it reports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby, islice
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from tagger.crf_kernels import (
    PackedScores,
    PaddedPosterior,
    best_labels,
    nbest,
    posterior_decode,
    window_log_likelihood,
)
from tagger.errors import UsageError
from tagger.inference.reported_labels import ReportedLabels
from tagger.inference.withholding import is_withheld
from tagger.prediction import Prediction, Stretch
from tagger.schemes import labels_to_spans
from tagger.spans import Span

FloatArray = NDArray[np.floating]
IntArray = NDArray[np.int64]
Decode = Literal["viterbi", "posterior"]
DECODES: Final = ("viterbi", "posterior")


def checked_decode(decode: Decode) -> Decode:
    """Return a decoding method, checked.

    Raises:
        UsageError: if there is no such method.
    """
    if decode not in DECODES:
        raise UsageError(f"decode: expected one of {', '.join(DECODES)}, found {decode!r}")
    return decode


class BatchScores:
    """The labels and probabilities of a batch, computed from its emissions.

    Args:
        sentences: the tokens of B sentences.
        scores: the packed scores of these sentences.
        reported_labels: maps inner to reported labels.
        members: the indices of these sentences among those read ahead; 0 to B - 1 if left out.
        temperature: temperature of the probabilities, by which the scores are divided. Sequences are ranked by the
            undivided scores, so that rounding cannot change the ranking.
    """

    def __init__(
        self,
        sentences: Sequence[Sequence[str]],
        scores: PackedScores,
        reported_labels: ReportedLabels,
        *,
        members: Sequence[int] | None = None,
        temperature: float = 1.0,
    ) -> None:
        self.members: Final = range(len(sentences)) if members is None else members
        self._sentences = sentences
        self._scores = scores
        self._temperature = temperature
        self._reported_labels = reported_labels
        self._lengths = np.fromiter(map(len, sentences), dtype=np.int64, count=len(sentences))

    def labels(self, decode: Decode) -> list[list[str]]:
        """Return the reported labels of B sentences."""
        return self._reported_labels.names(self._reported_labels.report(self._path(decode)), self._lengths)

    def emissions(self) -> list[FloatArray]:
        """Return the emissions of the inner labels, before the temperature, a ``[T_b, L]`` array per sentence."""
        padded = self._scores.packing.unpack(self._scores.emissions)
        return [row[:length].copy() for row, length in zip(padded, self._lengths, strict=True)]

    def marginals(self) -> list[FloatArray]:
        """Return the probabilities of the reported labels, a ``[T_b, R]`` array per sentence."""
        reported = self._reported_labels.marginals(*self._nodes(self._posterior()))
        return [row[:length].copy() for row, length in zip(reported, self._lengths, strict=True)]

    def predictions(self, decode: Decode, thresholds: Mapping[str, float] | None = None) -> list[Prediction]:
        """Return the decoded sequence of every sentence with its probabilities.

        Args:
            decode: the decoding method.
            thresholds: minimum probability of spans, by type; tokens of less probable spans become O.
        """
        path = self._path(decode)
        found = self._predictions([path])[0]
        withheld = [
            tuple(span for span in prediction.spans if is_withheld(span, thresholds or {}))
            for prediction in found
        ]
        if not any(withheld):
            return found
        path = path.copy()
        for b, spans in enumerate(withheld):
            for span in spans:
                path[b, span.start : span.end] = self._reported_labels.outside
        return [
            replace(prediction, withheld=spans)
            for prediction, spans in zip(self._predictions([path])[0], withheld, strict=True)
        ]

    def nbest(self, n: int) -> list[list[Prediction]]:
        """Return up to n sequences of every sentence, the most probable first."""
        paths, path_scores = nbest(self._scores, n)  # [B, n, T] and [B, n]
        # Where fewer than n exist, the remaining ranks hold -1; their predictions are dropped below.
        ranked = self._predictions(list(np.maximum(paths, 0).swapaxes(0, 1)))
        return [
            [predictions[b] for predictions, score in zip(ranked, row, strict=True) if score > -np.inf]
            for b, row in enumerate(path_scores.tolist())
        ]

    def log_probabilities(self, stretches: Sequence[Sequence[Stretch]]) -> list[tuple[float, ...]]:
        """Return for each sentence the log-probabilities of the labels of its stretches, in nats.

        Args:
            stretches: the stretches of each sentence read ahead, within that sentence.
        """
        own = [stretches[member] for member in self.members]
        asked = [(row, stretch) for row, of_row in enumerate(own) for stretch in of_row]
        lengths = self._lengths.tolist()
        possible = [self._reported_labels.possible(stretch, lengths[row]) for row, stretch in asked]
        found = np.zeros(len(asked))
        scores = self._scores.at_temperature(self._temperature)
        # Products of float32 probabilities would lose the digits of improbable events.
        scores = scores._replace(emissions=scores.emissions.astype(np.float64))
        by_width = sorted(range(len(asked)), key=lambda number: len(possible[number][1]))
        for _, group in groupby(by_width, key=lambda number: len(possible[number][1])):
            numbers = list(group)
            rows = np.array([asked[number][0] for number in numbers])
            starts = np.array([possible[number][0] for number in numbers])
            masks = np.stack([possible[number][1] for number in numbers])
            found[numbers] = window_log_likelihood(scores, rows, starts, masks)
        values = iter(found.tolist())
        return [tuple(islice(values, len(of_row))) for of_row in own]

    def _path(self, decode: Decode) -> IntArray:
        """Return inner label ids, ``[B, T]``, -1 at padding."""
        if decode == "viterbi":
            return self._scores.packing.unpack(best_labels(self._scores), fill=-1)
        return posterior_decode(self._scores.at_temperature(self._temperature))

    def _posterior(self) -> PaddedPosterior:
        return PaddedPosterior(self._scores.at_temperature(self._temperature))

    def _nodes(self, posterior: PaddedPosterior) -> tuple[FloatArray, FloatArray | None]:
        """Return the probabilities of inner labels, ``[B, T, L]``.

        Returns:
            The probability of each label at each token; and, if the reported labels need pairs, that of the same label
            at a token and the one before it, 0 at the first token.
        """
        nodes = posterior.nodes
        if not self._reported_labels.needs_pairs:
            return nodes, None
        repeated = np.zeros_like(nodes)
        repeated[:, 1:] = posterior.repeats()
        return nodes, repeated

    def _predictions(self, paths: Sequence[IntArray]) -> list[list[Prediction]]:
        """Return, for each path ``[B, T]`` through the batch, the predictions of the B sentences."""
        posterior = self._posterior()
        nodes = self._nodes(posterior)
        reported_probabilities = self._reported_labels.marginals(*nodes)
        predictions = []
        for path in paths:
            log_probabilities = posterior.log_probability(self._packed(path)).tolist()
            inner = np.maximum(path, 0)
            reported = self._reported_labels.report(inner)
            chosen = np.take_along_axis(reported_probabilities, reported[:, :, None], axis=2)[:, :, 0]
            names = self._reported_labels.names(reported, self._lengths)
            columns = (
                self._sentences, names, self._spans(names, path, posterior, *nodes), np.minimum(chosen, 1).tolist(),
                log_probabilities,
            )  # fmt: skip
            predictions.append(
                [
                    Prediction(
                        tuple(tokens), tuple(labels), found, tuple(row[: len(tokens)]), log_probability
                    )
                    for tokens, labels, found, row, log_probability in zip(*columns, strict=True)
                ]
            )
        return predictions

    def _spans(
        self,
        names: list[list[str]],
        path: IntArray,
        posterior: PaddedPosterior,
        nodes: FloatArray,
        repeated: FloatArray | None,
    ) -> list[tuple[Span, ...]]:
        """Return the spans of every sentence with the probability of exactly that range and label.

        Under a CRF, the labels given the sentence are a Markov chain, so a span's probability is that of its first
        label, times that of each next label given the one before, times that of the span ending there (Culotta &
        McCallum 2004 compute the same number by a constrained forward pass).
        """
        if not self._reported_labels.scheme.has_spans:
            return [() for _ in names]
        first, following, ends = self._chain(path, posterior, nodes, repeated)
        result = []
        for b, labels in enumerate(names):
            spans = []
            for span in labels_to_spans(labels, self._reported_labels.scheme):
                last = span.end - 1
                probability = first[b, span.start] * following[b, span.start : last].prod() * ends[b, last]
                spans.append(Span(span.start, span.end, span.label, min(1.0, float(probability))))
            result.append(tuple(spans))
        return result

    def _chain(
        self, path: IntArray, posterior: PaddedPosterior, nodes: FloatArray, repeated: FloatArray | None
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the factors of span probabilities along a path, each ``[B, T]``.

        Returns:
            The probabilities that a span begins at t with the path's label; of the path's label at t + 1 given that
            at t; and that the span ends at t given the path's label at t.
        """
        inner = np.maximum(path, 0)
        own = np.take_along_axis(nodes, inner[:, :, None], axis=2)[:, :, 0]  # [B, T]
        first = own
        following = np.ones_like(own)
        ends = np.ones_like(own)
        if own.shape[1] > 1:
            # Given the path's label at t, the joint probability with every label at t + 1: [B, T-1, L].
            joint = posterior.pairs_from(self._packed(path))
            given = np.divide(joint, own[:, :-1, None], out=np.zeros_like(joint), where=own[:, :-1, None] > 0)
            following[:, :-1] = np.take_along_axis(given, inner[:, 1:, None], axis=2)[:, :, 0]
            continues = self._reported_labels.continues[inner[:, :-1]]  # [B, T-1, L]
            inside = np.arange(1, own.shape[1]) < self._lengths[:, None]
            ends[:, :-1] = np.where(inside, (given * ~continues).sum(axis=2), 1)
            if repeated is not None:
                # In IO a span begins where the label before it is different.
                same = np.take_along_axis(repeated, inner[:, :, None], axis=2)[:, :, 0]
                first = np.maximum(first - same, 0)
        return first, following, ends

    def _packed(self, path: IntArray) -> IntArray:
        """Return the labels of the real tokens, ``[N]``."""
        return self._scores.packing.pack(path)
