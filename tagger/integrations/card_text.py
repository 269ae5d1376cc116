"""The Markdown text common to all model cards: labels, usage and limits."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from tagger.text.printable import code_span

if TYPE_CHECKING:
    from tagger.api import Tagger

_LOADING: Final = re.compile(r"^tagger = Tagger\.(?:load|from_pretrained)\(.*\)$", re.MULTILINE)


def labels_line(tagger: Tagger) -> str:
    """Return a line with the labels that a tagger reports and their scheme."""
    return f"Labels ({tagger.scheme}): {', '.join(map(code_span, tagger.labels))}"


def usage_lines(tagger: Tagger) -> list[str]:
    """Return the section about using a model, loaded from the folder of the card."""
    raw = (
        ['tagger.extract("Anna lives in Oslo.")  # entities of raw text, with their places and probabilities']
        if tagger.scheme.has_spans
        else ['tagger.predict([["Anna", "lives", "in", "Oslo", "."]])  # with probabilities']
    )
    return [
        "## Use",
        "",
        "```python",
        "from tagger import Tagger",
        "",
        'tagger = Tagger.load("this/folder")',
        'tagger.tag([["Anna", "lives", "in", "Oslo", "."]])',
        *raw,
        "```",
        "",
    ]


def with_hub_usage(text: str, name: str) -> str:
    """Return the text of a card with its loading code changed to load the model from the Hub.

    >>> with_hub_usage('tagger = Tagger.load("this/folder")', "org/name")
    'tagger = Tagger.from_pretrained("org/name")'
    """
    return _LOADING.sub(lambda _: f"tagger = Tagger.from_pretrained({json.dumps(name)})", text)


def limits_lines(tagger: Tagger, *, known: Sequence[str] = ()) -> list[str]:
    """Return the section about a model's limits.

    Args:
        tagger: the model.
        known: further lines, about its training data.
    """
    lines = [
        "Its quality depends on how similar the text is to the training data: on another language, domain or period, "
        "expect worse scores, and measure them.",
        *known,
    ]
    if tagger.scheme.has_spans:
        lines += [
            "It marks spans that do not overlap, of the types above and no others; it does not link them to anything "
            "they name.",
            "It reads each sentence by itself"
            + (", and other occurrences of a word in the same document." if tagger.reads_documents else "."),
        ]
    else:
        lines.append("It gives one label to each token, and reads each sentence by itself.")
    lines.append(
        "The words of the training data are in `vocabulary.json`: anyone who has the model can read them there."
    )
    return ["## Limits", "", *(f"- {line}" for line in lines), ""]
