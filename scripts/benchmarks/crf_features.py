"""Features of words for python-crfsuite: word, shape, affixes and a window of two, as people write them by hand."""

from __future__ import annotations

from collections.abc import Sequence


def crf_features(sentence: Sequence[str]) -> list[list[str]]:
    """Return the features of every token.

    >>> crf_features(["EU"])[0][:4]
    ['bias', 'w=EU', 'l=eu', 'shape=XX']
    """
    lowered = [word.lower() for word in sentence]
    shapes = [_shape(word) for word in sentence]
    features = []
    for i, word in enumerate(sentence):
        lower = lowered[i]
        own = ["bias", f"w={word}", f"l={lower}", f"shape={shapes[i]}"]
        for length in (1, 2, 3, 4):
            own.append(f"p{length}={lower[:length]}")
            own.append(f"s{length}={lower[-length:]}")
        for offset in (-2, -1, 1, 2):
            if 0 <= i + offset < len(sentence):
                own.append(f"{offset}:l={lowered[i + offset]}")
                own.append(f"{offset}:shape={shapes[i + offset]}")
            else:
                own.append(f"{offset}:none")
        features.append(own)
    return features


def _shape(word: str) -> str:
    return "".join(
        "X" if char.isupper() else "x" if char.islower() else "d" if char.isdigit() else char for char in word
    )
