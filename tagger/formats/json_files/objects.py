r"""JSON objects that can be written again with each value as spelled in the source line.

Thus values that Python cannot represent (``1e999``, twenty decimals, a repeated key) are written as they were read. NaN
and Infinity, which Python would accept, are not JSON and are refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final, NoReturn

from tagger.errors import FormatError
from tagger.formats.columns.records import excerpt

_HALF_PAIR: Final = re.compile("[\ud800-\udfff]")
"""Half surrogate pairs, which JSON can express and UTF-8 cannot."""

_BLANKS: Final = " \t\r\n"
_OPENING: Final = re.compile(r"[ \t\r\n]*\{[ \t\r\n]*")
_COLON: Final = re.compile(r"[ \t\r\n]*:[ \t\r\n]*")
_COMMA: Final = re.compile(r"[ \t\r\n]*,?[ \t\r\n]*")

_KINDS: Final = {
    bool: "the truth value ",
    int: "the number ",
    float: "the number ",
    str: "the string ",
    list: "the list ",
    type(None): "",
}
_LONGEST_ATOM: Final = 10
"""More characters than any incomplete literal or escape has; an incomplete number is read to its end."""

_LONGEST_VALUE: Final = 60
"""The most characters of a value in a message."""


class RepeatedKeys(dict[str, Any]):
    """An object with repeated keys; it holds the last value of each.

    Attributes:
        repeated: the repeated keys.
    """

    def __init__(self, pairs: Sequence[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        keys = [key for key, _ in pairs]
        self.repeated = [key for key in self if keys.count(key) > 1]


def parse_object(line: str, where: str) -> dict[str, Any]:
    """Parse the object of a line; a :class:`RepeatedKeys` if keys are repeated.

    Args:
        line: the whole line.
        where: ``file:line``, for messages.

    Raises:
        FormatError: the line is not a JSON object, or a string in it has half a surrogate pair.
    """
    value = _decoded(_DECODER, line, where)
    if not isinstance(value, dict):
        raise FormatError(f"{where}: expected a JSON object, found {describe(value)}")
    return value


def decode(text: str, where: str) -> Any:
    """Parse a JSON text.

    Args:
        text: the whole text.
        where: ``file:line`` of its beginning, for messages.

    Raises:
        FormatError: it is not JSON, a string in it has half a surrogate pair, or an object repeats a key.
    """
    return _decoded(_STRICT_DECODER, text, where)


def format_json(fields: Mapping[str, Any] | Sequence[Any]) -> str:
    r"""Format an object, or a list, as one line.

    >>> format_json({"tokens": ["Zoë"]})
    '{"tokens": ["Zoë"]}\n'
    """
    return _text(fields) + "\n"


def restore_json(line: str, keys: Collection[str], fields: Mapping[str, Any]) -> str:
    r"""Return the object of a line with new values under some keys, and all else as spelled in the line.

    >>> restore_json('{"id":1e999,"labels":[]}', ["id", "labels"], {"labels": ["O"], "spans": []})
    '{"id":1e999, "labels": ["O"], "spans": []}\n'

    Args:
        line: a line read by :func:`parse_object`.
        keys: the keys of the object.
        fields: the new values; each replaces the value of its key, or is added at the end.
    """
    new = {key: f"{_text(key)}: {_text(value)}" for key, value in fields.items()}
    if keys and not any(key in keys for key in new):  # then the line need not be parsed again
        return ", ".join([line.strip(_BLANKS)[:-1].rstrip(_BLANKS), *new.values()]) + "}\n"
    pairs = [new.pop(key, "") if key in fields else source for key, source in _pairs(line)]
    return "{" + ", ".join(pair for pair in (*pairs, *new.values()) if pair) + "}\n"


def is_cut_off(error: json.JSONDecodeError) -> bool:
    """Return whether text that could not be decoded may be the beginning of longer JSON."""
    is_open_string = error.msg.startswith(("Unterminated string", "Invalid \\uXXXX escape"))
    return is_open_string or len(error.doc) - error.pos < _LONGEST_ATOM


def as_object(item: object) -> dict[str, Any] | None:
    """Return an item of a list as an object: itself, or a pair of text and annotations as in spaCy's training; or None.

    >>> as_object(["in Oslo", {"entities": [[3, 7, "LOC"]]}])
    {'text': 'in Oslo', 'entities': [[3, 7, 'LOC']]}
    """
    if isinstance(item, dict):
        return item
    match item:
        case [str(text), dict(annotations)]:
            return {"text": text, **annotations}
    return None


def list_of(value: object) -> list[Any] | None:
    """Return the items of a whole file of JSON: a list, or that under ``annotations`` beside ``classes``; or None.

    The latter is the export of tecoholic's NER Annotator.
    """
    if isinstance(value, dict) and "classes" in value and isinstance(value.get("annotations"), list):
        return [item for item in value["annotations"] if item is not None]
    return value if isinstance(value, list) else None


def describe(value: object) -> str:
    """Describe a value by its JSON type and content, truncated if long."""
    try:
        text = _text(value, default=repr)
        if not text.isprintable():
            text = json.dumps(value, default=repr)
    except (TypeError, ValueError, RecursionError):  # keys that are tuples, a number of thousands of digits
        return f"a value of the type {type(value).__name__} that is not JSON"
    kind = _KINDS.get(type(value), "the object ")
    return kind + (text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "…")


def how_many(value: object) -> int:
    """Return the length of a value that should be a list; 1 if it is not."""
    return len(value) if isinstance(value, list) else 1


def list_keys(keys: Mapping[str, Any] | Sequence[str]) -> str:
    """Return keys in quotes for a message."""
    return ", ".join(repr(key) for key in keys) or "no keys"


def _pairs(line: str) -> Iterator[tuple[str, str]]:
    """Yield the keys of an object, each with the text of the pair, ``"key": value``."""
    start = _end(_OPENING, line, 0)
    while line[start] != "}":
        key, end = _DECODER.raw_decode(line, start)
        _, end = _DECODER.raw_decode(line, _end(_COLON, line, end))
        yield key, line[start:end]
        start = _end(_COMMA, line, end)


def _end(pattern: re.Pattern[str], line: str, start: int) -> int:
    match = pattern.match(line, start)
    assert match, "the line is an object"
    return match.end()


def _text(value: object, *, default: Callable[[object], object] | None = None) -> str:
    return (
        _ENCODER.encode(value) if default is None else json.dumps(value, ensure_ascii=False, default=default)
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    return value if len(value) == len(pairs) else RepeatedKeys(pairs)


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = _object(pairs)
    if isinstance(value, RepeatedKeys):
        raise ValueError(f"the key {value.repeated[0]!r} is repeated in one object")
    return value


def _decoded(decoder: json.JSONDecoder, text: str, where: str) -> Any:
    try:
        value = decoder.decode(text)
    except json.JSONDecodeError as error:
        is_one_line = error.lineno == 1
        found = text if is_one_line else text[max(error.pos - _LONGEST_VALUE // 2, 0) :]
        place = f"column {error.colno}" if is_one_line else f"column {error.colno} of its line {error.lineno}"
        raise FormatError(
            f"{where}: expected a JSON object, found {excerpt(found.strip())}: {error.msg} at {place}"
        ) from None
    except (
        ValueError,
        RecursionError,
    ) as error:  # NaN, a number of thousands of digits, lists in lists in lists
        raise FormatError(f"{where}: expected a JSON object that can be read: {error}") from None
    if "\\u" in text and (half := _HALF_PAIR.search(_text(value))):
        raise FormatError(f"{where}: expected text, found half a surrogate pair: \\u{ord(half[0]):04x}")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON; write null, or leave the key out")


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_object)
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False)
_STRICT_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_distinct)
