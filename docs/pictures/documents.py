"""The picture of docs/how_it_works/documents.md: a name at its mentions, before and after reading the document."""

from __future__ import annotations

from typing import Final

import numpy as np
from drawing import side_by_side, titled
from numpy.typing import NDArray

from tagger import Tagger
from tagger.report import Cell, Markup, table
from tagger.report.heat_map import shades
from tagger.schemes import split_label

NAME: Final = "Kent"
DOCUMENT: Final = tuple(
    tuple(sentence.split())
    for sentence in (
        "Police in Kent are looking for a man who stole two horses .",
        "Kent has eleven castles and the oldest cathedral in England .",
        "Heavy snow closed schools in Kent on Monday .",
        "Kent say they will pay for the damage .",
    )
)


def pictures(tagger: Tagger) -> dict[str, Markup]:
    """Return the picture by its name."""
    types, alone, together = mentions(tagger)
    return {
        "mentions": side_by_side(
            _table("each sentence alone", types, alone), _table("read together", types, together)
        )
    }


def mentions(tagger: Tagger) -> tuple[list[str], NDArray[np.floating], NDArray[np.floating]]:
    """Return the types, and their probabilities at each mention, read alone and together, ``[mentions, types]``."""
    of_labels = [split_label(label, tagger.scheme)[1] or "O" for label in tagger.labels]
    types = list(dict.fromkeys(of_labels))
    is_of_type = np.array([[one == label for one in types] for label in of_labels])
    places = [sentence.index(NAME) for sentence in DOCUMENT]
    alone, together = (
        np.array([marginals[t] for marginals, t in zip(of_document, places, strict=True)]) @ is_of_type
        for of_document in (
            tagger.marginals(DOCUMENT),
            tagger.marginals(DOCUMENT, documents=["article"] * len(DOCUMENT)),
        )
    )
    return types, alone, together


def print_numbers(tagger: Tagger) -> None:
    """Print the probabilities, and the labels."""
    types, alone, together = mentions(tagger)
    print(types, alone.round(2).tolist(), together.round(2).tolist(), sep="\n")


def _table(title: str, types: list[str], values: NDArray[np.floating]) -> Markup:
    """Return the probabilities of the types at the mentions, the highest of each row with a frame."""
    styles = shades(values, "share")
    rows = [
        [
            Cell(_mention(sentence), is_head=True),
            *(
                Cell(f"{value:.2f}", f"{style} chosen" if value == row.max() else style)
                for value, style in zip(row, of_row, strict=True)
            ),
        ]
        for sentence, row, of_row in zip(DOCUMENT, values, styles, strict=True)
    ]
    caption = f"Probabilities of the types of {NAME} at its mentions, {title}"
    return titled(title, table(["mention", *types], rows, caption=caption))


def _mention(sentence: tuple[str, ...]) -> str:
    """Return the name with a word before and after it."""
    t = sentence.index(NAME)
    return " ".join(sentence[max(t - 1, 0) : t + 2])
