"""Predictions and entities in notebooks: text with coloured spans, and data frames (extra ``pandas``).

The HTML is a fragment with its own scoped style, which affects nothing else in the notebook; each mark sets both text
and background colour, so that it is legible on light and dark pages. All text is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from tagger.errors import MissingExtraError, UsageError
from tagger.formats import join_tokens
from tagger.report.entity_text import MarkedEntity, entity_rules, entity_text
from tagger.report.markup import Markup, element, join
from tagger.text.counted import counted

if TYPE_CHECKING:
    import pandas

    from tagger.prediction import Prediction
    from tagger.spans import Entity

SENTENCES: Final = 200
"""Maximum number of sentences shown."""
CHARACTERS: Final = 100_000
"""Maximum number of characters shown: more would make a notebook slow."""

_CLASS: Final = "tagger-output"
_RULES: Final = f"""
.{_CLASS} {{
.entity-text {{ margin: 0 0 .4em }}
.more {{ margin: .6em 0 0; font-style: italic }}
"""


def predictions_html(predictions: Sequence[Prediction]) -> str:
    """Return sentences with their spans marked, or with the label of each token where labels have no spans."""
    shown: list[Markup] = []
    types = sorted({mark.label for each in predictions[:SENTENCES] for mark in _marks(each)})
    room = CHARACTERS
    left_out = 0
    for prediction in predictions[:SENTENCES]:
        text, _ = join_tokens(prediction.tokens)
        if room <= 0:
            break
        content, left_out = _marked(text, _marks(prediction), types, room)
        shown.append(element("div", content, class_="entity-text", dir="auto"))
        room -= len(text) + 1
    remarks = _more(len(predictions) - len(shown), "sentence"), _more(left_out, "character")
    return _fragment(shown, types, remarks)


def entities_html(text: str, entities: Sequence[Entity]) -> str:
    """Return a text with its entities marked."""
    marks = [MarkedEntity(each.start, each.end, each.label, each.probability) for each in sorted(entities)]
    types = sorted({mark.label for mark in marks})
    content, left_out = _marked(text, marks, types, CHARACTERS)
    hidden = sum(mark.end > len(text) - left_out for mark in marks)
    remarks = _more(left_out, "character"), _more(hidden, "entity", "entities")
    return _fragment([element("div", content, class_="entity-text", dir="auto")], types, remarks)


def spans_frame(predictions: Sequence[Prediction]) -> pandas.DataFrame:
    """Return a row for each span: sentence number, start and end in tokens, text, label, probability."""
    rows = [
        (
            number,
            span.start,
            span.end,
            " ".join(each.tokens[span.start : span.end]),
            span.label,
            span.probability,
        )
        for number, each in enumerate(predictions)
        for span in each.spans
    ]
    return _frame(
        rows,
        {"sentence": int, "start": int, "end": int, "text": str, "label": str, "probability": float},
    )


def tokens_frame(predictions: Sequence[Prediction]) -> pandas.DataFrame:
    """Return a row for each token: sentence number, position in the sentence, text, label, probability."""
    rows = [
        (number, position, *values)
        for number, each in enumerate(predictions)
        for position, values in enumerate(
            zip(each.tokens, each.labels, each.label_probabilities, strict=True)
        )
    ]
    return _frame(rows, {"sentence": int, "token": int, "text": str, "label": str, "probability": float})


def predictions_frame(
    predictions: Sequence[Prediction], of: str | None, *, has_spans: bool
) -> pandas.DataFrame:
    """Return a data frame of spans or of tokens.

    Args:
        predictions: the predictions of sentences.
        of: ``spans`` or ``tokens``; if None, spans where labels have them.
        has_spans: whether labels have spans.

    Raises:
        MissingExtraError: if pandas is not installed.
        UsageError: if ``of`` is something else, or ``spans`` where labels have none.
    """
    if of not in (None, "spans", "tokens"):
        raise UsageError(f"of: expected 'spans' or 'tokens', found {of!r}")
    if of == "spans" and not has_spans:
        raise UsageError("of: this model's labels have no spans; use of='tokens'")
    return spans_frame(predictions) if has_spans and of != "tokens" else tokens_frame(predictions)


def entities_frame(entities: Sequence[Entity]) -> pandas.DataFrame:
    """Return a row for each entity: text, label, start and end in characters, probability."""
    rows = [(each.text, each.label, each.start, each.end, each.probability) for each in entities]
    return _frame(rows, {"text": str, "label": str, "start": int, "end": int, "probability": float})


def _frame(rows: Sequence[tuple[Any, ...]], columns: dict[str, type]) -> pandas.DataFrame:
    """Return a data frame with fixed column types, the same whether there are rows or not."""
    try:
        import pandas
    except ModuleNotFoundError:
        raise MissingExtraError("pandas", "A data frame") from None
    # Python strings: a lone surrogate, as found in texts of the web, is not an error.
    types: dict[type, Any] = {int: "int64", float: "float64", str: pandas.StringDtype("python")}
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    return pandas.DataFrame(
        {
            name: pandas.Series(list(column), dtype=types[kind])
            for (name, kind), column in zip(columns.items(), values, strict=True)
        }
    )


def _marks(prediction: Prediction) -> list[MarkedEntity]:
    """Return the marks in the text of a sentence, its tokens joined by single spaces."""
    _, ranges = join_tokens(prediction.tokens)
    if prediction.spans or set(prediction.labels) <= {"O"}:
        return [
            MarkedEntity(ranges[span.start][0], ranges[span.end - 1][1], span.label, span.probability)
            for span in prediction.spans
            if ranges[span.start][0] < ranges[span.end - 1][1]  # empty tokens have nothing to mark
        ]
    found = zip(ranges, prediction.labels, prediction.label_probabilities, strict=True)
    return [
        MarkedEntity(start, end, label, probability)
        for (start, end), label, probability in found
        if start < end
    ]


def _marked(text: str, marks: Sequence[MarkedEntity], types: Sequence[str], room: int) -> tuple[Markup, int]:
    """Return a text with its marks, cut if it is too long, and the number of characters left out."""
    if len(text) > room:
        crossing = next((mark for mark in marks if mark.start < room < mark.end), None)
        room = room if crossing is None else crossing.start
    kept = [mark for mark in marks if mark.end <= room]
    return entity_text(text[:room], kept, types=types), max(0, len(text) - room)


def _more(number: int, one: str, several: str | None = None) -> str:
    return counted(number, f"more {one}", several and f"more {several}") if number > 0 else ""


def _fragment(parts: Sequence[Markup], types: Sequence[str], remarks: Sequence[str]) -> str:
    style = Markup(f"{_RULES.strip()}\n{entity_rules(types)}}}\n")
    told = " and ".join(filter(None, remarks))
    more = [element("p", f"… {told}, not shown", class_="more")] if told else []
    return element("div", element("style", style), join(chain(parts, more)), class_=_CLASS)
