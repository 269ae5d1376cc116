"""The pictures of docs/how_it_works/encoder.md: the character filters at a word, and the two parts of the emissions."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from drawing import SENTENCE, SHOWN, side_by_side, signed_map, titled
from numpy.typing import NDArray

from tagger import Tagger
from tagger.inspection import crf_view
from tagger.report import Markup, heat_map

WORDS: Final = ("University", "Universities")


def pictures(tagger: Tagger) -> dict[str, Markup]:
    """Return the pictures by name."""
    view = crf_view(tagger, SENTENCE)
    encoder = view.from_encoder[:SHOWN]
    wide = view.emissions[:SHOWN] - encoder
    words = SENTENCE[:SHOWN]
    order = np.argsort(window_values(tagger, WORDS[0]).argmax(axis=0), kind="stable")
    return {
        "filters": side_by_side(*(_filters(tagger, word, order) for word in WORDS)),
        "emissions": side_by_side(
            signed_map("from the encoder", encoder, rows=words, columns=view.labels),
            signed_map("from the wide features", wide, rows=words, columns=view.labels),
        ),
    }


def print_numbers(tagger: Tagger) -> None:
    """Print what the page says of the filters and of the emissions."""
    first, second = (window_values(tagger, word) for word in WORDS)
    for word, values in zip(WORDS, (first, second), strict=True):
        won = np.bincount(values.argmax(axis=0), minlength=len(values))
        print(f"{word}: filters by window", dict(zip(_windows(word), won.tolist(), strict=True)))
    same = np.isclose(first.max(axis=0), second.max(axis=0), rtol=0, atol=1e-6)
    print(f"{np.count_nonzero(same)} of {same.size} filters have the same value at {' and '.join(WORDS)}")
    print("in the vocabulary:", {word: tagger.in_vocabulary(word) for word in WORDS})
    view = crf_view(tagger, SENTENCE)
    decoder = tagger.parts.model.decoder
    (alone,) = decoder.decode(torch.from_numpy(view.from_encoder)[None])
    print("the same labelling without wide features:", [view.labels[k] for k in alone] == [*view.best.labels])
    for t, word in enumerate(SENTENCE[:SHOWN]):
        wide = view.emissions[t] - view.from_encoder[t]
        print(
            f"{word:10}",
            *(
                f"{label} {e:.2f} {w:+.2f},"
                for label, e, w in zip(view.labels, view.from_encoder[t], wide, strict=True)
            ),
        )


def window_values(tagger: Tagger, word: str) -> NDArray[np.floating]:
    """Return the value of each filter at each window of a word; the maxima are the word's vector.

    Returns:
        ``[characters, filters]``.
    """
    cnn = tagger.parts.model.word_features.char_cnn
    assert cnn is not None
    ids = torch.from_numpy(tagger.parts.featurizer.encode([word]).characters)
    with torch.no_grad():
        values = cnn.convolution(cnn.embedding(ids).transpose(1, 2))[0].T
        assert torch.allclose(values.amax(dim=0), cnn(ids)[0], atol=1e-5)
    found: NDArray[np.floating] = values.numpy()
    return found


def _filters(tagger: Tagger, word: str, order: NDArray[np.int64]) -> Markup:
    """Return the filters at the windows of a word, each from its lowest value there, 0, to its highest, 1."""
    values = window_values(tagger, word)[:, order]
    low, high = values.min(axis=0), values.max(axis=0)
    picture = heat_map(
        (values - low) / (high - low),
        rows=_windows(word),
        description=f"Filters at the windows of {word}: rows are windows, columns filters, each from its lowest value "
        "to its maximum",
        cell_width=8,
    )
    return titled(word, picture)


def _windows(word: str) -> list[str]:
    padded = f"·{word}·"
    return [padded[i : i + 3] for i in range(len(word))]
