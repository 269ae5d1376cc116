"""Parser of spans in table values: structs, triples or parallel lists, under the usual names.

``[{"start": 0, "end": 4, "label": "PER"}]``, ``{"start": [0], "end": [4], "label": ["PER"]}`` and ``[(0, 4, "PER")]``
are equivalent. Biomedical sets have ranges for fragments: ``[{"offsets": [[0, 4]], "type": "PER", "text": ["Oslo"]}]``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from tagger.errors import FormatError
from tagger.formats.claims import Claim
from tagger.formats.columns.records import excerpt
from tagger.formats.probabilities import probability_in
from tagger.formats.tables.label_names import span_label

_STARTS: Final = ("start", "start_offset", "start_char", "begin")
_ENDS: Final = ("end", "end_offset", "end_char")
LABEL_KEYS: Final = ("label", "type", "entity", "entity_type", "tag", "labels")
_MENTIONS: Final = ("text", "mention", "word", "value")
_RANGES: Final = "offsets"


def are_span_keys(keys: Collection[str]) -> bool:
    """Return whether structs with these keys are spans.

    >>> are_span_keys({"start", "end", "label"}), are_span_keys({"offsets", "type"}), are_span_keys({"text", "tag"})
    (True, True, False)
    """
    has_label = any(key in keys for key in LABEL_KEYS)
    has_range = any(key in keys for key in _STARTS) and any(key in keys for key in _ENDS)
    return has_label and (has_range or _RANGES in keys)


def span_values(value: Any) -> list[Any]:
    """Return the list of spans of a cell.

    >>> span_values({"start": [0, 5], "end": [4, 8], "label": ["LOC", "PER"]})
    [{'start': 0, 'end': 4, 'label': 'LOC'}, {'start': 5, 'end': 8, 'label': 'PER'}]

    Raises:
        ValueError: it is not a list, or parallel lists differ in length.
    """
    if isinstance(value, Mapping) and isinstance(value.get("entities"), (list, tuple)):
        value = value["entities"]
    if isinstance(value, Mapping) and are_span_keys(value.keys()):
        lists = {key: items for key, items in value.items() if isinstance(items, (list, tuple))}
        lengths = {len(items) for items in lists.values()}
        if len(lengths) != 1:
            raise ValueError("its lists are not of the same length")
        return [dict(zip(lists, items, strict=True)) for items in zip(*lists.values(), strict=True)]
    if not isinstance(value, (list, tuple)):
        raise ValueError("it is not a list")
    return list(value)


def claim_of(value: Any, names: Mapping[int, str] | None, where: str) -> Claim:
    """Return the claim of a value, unchecked.

    Args:
        value: a struct, or start, end and label in this order.
        names: the names of integer labels.
        where: ``file:line`` or row, for messages.

    Raises:
        FormatError: it is not a span, or its label is an integer without a name.
    """
    if isinstance(value, Mapping):
        start, end, label, mention = (
            next((value[key] for key in keys if key in value), None)
            for keys in (_STARTS, _ENDS, LABEL_KEYS, _MENTIONS)
        )
        if isinstance(label, list) and len(label) == 1:
            label = label[0]
        ranges = [(start, end)]
        if start is None and end is None and _RANGES in value:
            ranges = _ranges(value[_RANGES], where)
            if isinstance(mention, list) and all(isinstance(part, str) for part in mention):
                mention = " ".join(mention)
        probability = probability_in(value)
        return Claim(
            ranges,
            span_label(label, names, where),
            mention if isinstance(mention, str) else None,
            float(probability) if isinstance(probability, Decimal) else probability,
        )
    if isinstance(value, (list, tuple)) and len(value) == 3:
        return Claim([(value[0], value[1])], span_label(value[2], names, where))
    raise FormatError(f"{excerpt(repr(value))} is no span of start, end and label")


def _ranges(value: Any, where: str) -> list[tuple[Any, Any]]:
    pairs = value if isinstance(value, (list, tuple)) else []
    if len(pairs) == 2 and not any(isinstance(item, (list, tuple)) for item in pairs):
        pairs = [pairs]
    if any(not isinstance(pair, (list, tuple)) or len(pair) != 2 for pair in pairs):
        raise FormatError(
            f"{where}: expected offsets as pairs of start and end, found {excerpt(repr(value))}"
        )
    return [(start, end) for start, end in pairs]


def text_of_passages(passages: Sequence[Any]) -> str:
    """Return the text of passages with offsets; gaps between them are filled with blanks.

    >>> text_of_passages([{"text": ["Oslo."], "offsets": [[0, 5]]}, {"text": ["It"], "offsets": [[6, 8]]}])
    'Oslo. It'

    Raises:
        ValueError: a passage does not have the length of its offsets, or they overlap or are out of order.
    """
    text = ""
    for passage in passages:
        parts, ranges = passage["text"], passage[_RANGES]
        parts = [parts] if isinstance(parts, str) else parts
        for part, (start, end) in zip(parts, ranges, strict=True):
            if start < len(text) or end - start != len(part):
                raise ValueError(
                    f"expected {len(part)} characters from {len(text)} or later on, found {start}-{end}"
                )
            text += " " * (start - len(text)) + part
    return text
