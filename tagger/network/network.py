"""Network: the whole inference network, from feature ids of words to the emissions of every token.

Letters: U words, D width of their vectors, N directions, K total width of a cell's blocks, P tokens of a batch, F wide
features of a token, L labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from numpy.typing import NDArray

from tagger.config import TaggerConfig
from tagger.features import WordFeatureIds
from tagger.network.arrays import FloatArray, IntArray, Weights, frozen
from tagger.network.embeddings import FrozenEmbeddings
from tagger.network.order import ReadingOrder
from tagger.network.stack import FrozenStack
from tagger.network.wide import FrozenWide


class Network:
    """The network in float32, in three steps, of which the first two depend only on the word and can be cached.

    Args:
        config: the architecture.
        arrays: the weights, by their names in ``model.safetensors``.

    Raises:
        KeyError: if a weight is missing; names it.
    """

    def __init__(self, config: TaggerConfig, arrays: Mapping[str, NDArray[Any]]) -> None:
        weights = Weights(arrays)
        self._embeddings: Final = FrozenEmbeddings(weights.part("word_features"))
        self._encoder: Final = FrozenStack(weights.part("encoder"), config)
        self._output_weights: Final = frozen(weights["projection.weight"].T)
        self._output_bias: Final = frozen(weights["projection.bias"])
        self._wide: Final = FrozenWide(weights.part("wide")) if config.wide_features else None

    def word_vectors(self, features: WordFeatureIds) -> FloatArray:
        """Return the vectors of U words, ``[U, D]``."""
        return self._embeddings(features)

    def project(self, vectors: FloatArray) -> FloatArray:
        """Return the input projections, W x + b, of the first recurrent layer: ``[U, D]`` to ``[N, U, K]``."""
        return self._encoder.project(vectors)

    @property
    def reads_vectors_again(self) -> bool:
        """Whether :meth:`emissions` needs the vectors in addition to their projections."""
        return self._encoder.reads_inputs_above

    def emissions(
        self,
        projected: FloatArray,
        rows: IntArray,
        order: ReadingOrder,
        *,
        vectors: FloatArray | None = None,
        wide: IntArray | None = None,
    ) -> FloatArray:
        """Return the unnormalised natural-log scores of every label at every token, in reading order, ``[P, L]``.

        Args:
            projected: input projections of words, ``[N, U, K]``.
            rows: the word of each token, in reading order, ``[P]``.
            order: the reading order.
            vectors: vectors of the words, ``[U, D]``; if :attr:`reads_vectors_again`.
            wide: rows of the wide features of each token, ``[F, P]``, for a model that has them.

        Raises:
            ValueError: if there are wide features and the model has none, or vice versa.
        """
        if (self._wide is None) != (wide is None):
            raise ValueError(
                f"expected {'no' if self._wide is None else 'some'} wide features, as the model has, "
                f"found {'none' if wide is None else 'some'}"
            )
        encoded = self._encoder.run(projected, rows, order, vectors)
        emissions: FloatArray = encoded @ self._output_weights
        emissions += self._output_bias
        if self._wide is not None and wide is not None:
            emissions += self._wide(wide)
        return emissions
