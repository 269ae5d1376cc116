"""The pictures of docs/how_it_works/batching.md: padding, by which sentences share a batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from drawing import corpus_columns, side_by_side, titled

from tagger.batching import EncodedSentences, shuffled_batches
from tagger.config import TaggerConfig
from tagger.features import Featurizer
from tagger.report import Curve, Markup, curve_chart, heat_map

SIZES: Final = (1, 2, 4, 8, 16, 32)
POOLS: Final = {1: "pools of 1: at random", 5: "pools of 5", 50: "pools of 50, the default"}
EPOCHS: Final = range(1, 21)
"""The seeds."""
BATCH_TOKENS: Final = 4096
SHOWN_SIZE: Final = 8


def pictures() -> dict[str, Markup]:
    """Return the pictures by name."""
    split = _split()
    return {
        "padding": side_by_side(*(_first_batch(split, pool) for pool in POOLS)),
        "padding_by_size": curve_chart(
            [
                Curve(name, SIZES, [_padding(split, size, pool) for size in SIZES])
                for pool, name in POOLS.items()
            ],
            description="Share of padding against the sentences of a batch, for three sizes of pools",
            x_title="sentences in a batch",
            y_title="share of the computed positions that is padding",
            x_limits=(SIZES[0], SIZES[-1]),
            y_limits=(0.0, 0.5),
            has_dots=True,
            logarithmic_x=True,
        ),
    }


def print_numbers() -> None:
    """Print what the page says of padding."""
    split = _split()
    for pool, name in POOLS.items():
        shares = {size: f"{_padding(split, size, pool):.1%}" for size in SIZES}
        print(
            f"{name}: {shares}; the batch shown: {_share(split, [_batches(split, SHOWN_SIZE, pool, 1)[0]]):.1%}"
        )


def _split() -> EncodedSentences:
    sentences = [words for words, _ in corpus_columns()]
    return EncodedSentences(Featurizer.build(TaggerConfig(), sentences), sentences)


def _batches(split: EncodedSentences, size: int, pool: int, seed: int) -> list[list[int]]:
    return list(
        shuffled_batches(split.lengths, max_tokens=BATCH_TOKENS, max_sentences=size, pool=pool, seed=seed)
    )


def _padding(split: EncodedSentences, size: int, pool: int) -> float:
    """Return the share of padding, the mean of some epochs."""
    return float(np.mean([_share(split, _batches(split, size, pool, seed)) for seed in EPOCHS]))


def _share(split: EncodedSentences, batches: Iterable[Sequence[int]]) -> float:
    """Return the share of the positions of some batches that is padding."""
    lengths = [split.lengths[list(batch)] for batch in batches]
    return 1 - sum(int(each.sum()) for each in lengths) / sum(len(each) * int(each.max()) for each in lengths)


def _first_batch(split: EncodedSentences, pool: int) -> Markup:
    """Return the first batch of an epoch, with its words and its padding."""
    members = _batches(split, SHOWN_SIZE, pool, EPOCHS[0])[0]
    batch = split.batch(members)
    picture = heat_map(
        0.75 * batch.mask,
        rows=[f"{length} tokens" for length in batch.lengths],
        description=f"A batch, {POOLS[pool]}: a row for each sentence, what stands out is a token, the rest padding",
        cell_width=5,
        cell_height=14,
    )
    return titled(POOLS[pool], picture)
