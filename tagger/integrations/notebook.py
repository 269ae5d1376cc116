"""What notebooks show of predictions and entities: a text with its spans coloured, and data frames (extra ``pandas``).

The HTML is a fragment with a style of its own, which touches nothing else of the notebook; each mark has its own colour
of text and ground, so that it can be read on light and dark pages. Whatever the text holds, it stays text.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from tagger.errors import MissingExtraError, UsageError
from tagger.formats import join_tokens
from tagger.report.entity_text import MarkedEntity, entity_rules, entity_text
from tagger.report.markup import Markup, element, join

if TYPE_CHECKING:
    import pandas

    from tagger.prediction import Prediction
    from tagger.spans import Entity

SENTENCES: Final = 200
"""So many sentences are shown at most."""
CHARACTERS: Final = 100_000
"""So many characters are shown at most: more would make a notebook slow."""

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
    remarks = _counted(len(predictions) - len(shown), "more sentence"), _counted(left_out, "more character")
    return _fragment(shown, types, remarks)


def entities_html(text: str, entities: Sequence[Entity]) -> str:
    """Return a text with its entities marked."""
    marks = [MarkedEntity(each.start, each.end, each.label, each.probability) for each in sorted(entities)]
    types = sorted({mark.label for mark in marks})
    content, left_out = _marked(text, marks, types, CHARACTERS)
    hidden = sum(mark.end > len(text) - left_out for mark in marks)
    remarks = _counted(left_out, "more character"), _counted(hidden, "more entity", "more entities")
    return _fragment([element("div", content, class_="entity-text", dir="auto")], types, remarks)


def spans_frame(predictions: Sequence[Prediction]) -> pandas.DataFrame:
    """Return a row for each span: number of the sentence, start and end as tokens, text, label, probability."""
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
    """Return a row for each token: number of the sentence, number of the token in it, text, label, probability."""
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
        predictions: of sentences.
        of: ``spans`` or ``tokens``; if None, spans where labels have some.
        has_spans: whether labels have spans.

    Raises:
        MissingExtraError: if pandas is not installed.
        UsageError: if it is of something else, or of spans where labels have none.
    """
    if of not in (None, "spans", "tokens"):
        raise UsageError(f"of: expected 'spans' or 'tokens', found {of!r}")
    if of == "spans" and not has_spans:
        raise UsageError("of: this model's labels have no spans; use of='tokens'")
    return spans_frame(predictions) if has_spans and of != "tokens" else tokens_frame(predictions)


def entities_frame(entities: Sequence[Entity]) -> pandas.DataFrame:
    """Return a row for each entity: text, label, start and end as characters, probability."""
    rows = [(each.text, each.label, each.start, each.end, each.probability) for each in entities]
    return _frame(rows, {"text": str, "label": str, "start": int, "end": int, "probability": float})


def _frame(rows: Sequence[tuple[Any, ...]], columns: dict[str, type]) -> pandas.DataFrame:
    """Return a data frame with exact types, the same whether there are rows or not."""
    try:
        import pandas
    except ModuleNotFoundError:
        raise MissingExtraError("pandas", "A data frame") from None
    # Strings as Python has them: a lone surrogate, as in texts of the web, is no error.
    types: dict[type, Any] = {int: "int64", float: "float64", str: pandas.StringDtype("python")}
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    return pandas.DataFrame(
        {
            name: pandas.Series(list(column), dtype=types[kind])
            for (name, kind), column in zip(columns.items(), values, strict=True)
        }
    )


def _marks(prediction: Prediction) -> list[MarkedEntity]:
    """Return what is marked in the tokens of a sentence, joined by single blanks."""
    _, ranges = join_tokens(prediction.tokens)
    if prediction.spans or set(prediction.labels) <= {"O"}:
        return [
            MarkedEntity(ranges[span.start][0], ranges[span.end - 1][1], span.label, span.probability)
            for span in prediction.spans
            if ranges[span.start][0] < ranges[span.end - 1][1]  # of empty tokens there is nothing to mark
        ]
    found = zip(ranges, prediction.labels, prediction.label_probabilities, strict=True)
    return [
        MarkedEntity(start, end, label, probability)
        for (start, end), label, probability in found
        if start < end
    ]


def _marked(text: str, marks: Sequence[MarkedEntity], types: Sequence[str], room: int) -> tuple[Markup, int]:
    """Return a text with its marks, the beginning of one that is too long, and how many characters are left out."""
    if len(text) > room:
        crossing = next((mark for mark in marks if mark.start < room < mark.end), None)
        room = room if crossing is None else crossing.start
    kept = [mark for mark in marks if mark.end <= room]
    return entity_text(text[:room], kept, types=types), max(0, len(text) - room)


def _counted(number: int, singular: str, plural: str | None = None) -> str:
    if number <= 0:
        return ""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def _fragment(parts: Sequence[Markup], types: Sequence[str], remarks: Sequence[str]) -> str:
    style = Markup(f"{_RULES.strip()}\n{entity_rules(types)}}}\n")
    told = " and ".join(filter(None, remarks))
    more = [element("p", f"… {told}, not shown", class_="more")] if told else []
    return element("div", element("style", style), join(chain(parts, more)), class_=_CLASS)
