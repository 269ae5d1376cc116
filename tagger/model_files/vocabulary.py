"""``vocabulary.json``: labels, words, characters and the strings of wide features, with type checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tagger.errors import DataError
from tagger.features.vocabulary import LabelVocabulary, Vocabulary
from tagger.features.wide import Template
from tagger.files import parse_json
from tagger.model_files.names import VOCABULARY


class StoredVocabulary(NamedTuple):
    """The content of ``vocabulary.json``.

    Attributes:
        labels: the internal labels of the model.
        words: the words seen in training.
        characters: the characters seen in training.
        strings: of wide features, by attribute; empty without.
        templates: of wide features; empty without.
    """

    labels: LabelVocabulary
    words: Vocabulary
    characters: Vocabulary
    strings: Mapping[str, Sequence[str]]
    templates: Sequence[Template]


def parse_vocabulary(data: bytes, *, wide: bool) -> StoredVocabulary:
    """Return the content of ``vocabulary.json``.

    Args:
        data: the bytes of the file.
        wide: whether the architecture has wide features, which need strings and templates.

    Raises:
        ValueError: if it is not JSON; a DataError if its content is invalid.
    """
    stored = parse_json(data)
    names = ["labels", "words", "characters", *(["wide"] if wide else [])]
    _check_fields(VOCABULARY, stored, names)
    strings, templates = _wide(stored["wide"]) if wide else ({}, [])
    characters = _counts(stored, "characters")
    longer = next((item for item in characters.items if len(item) != 1), None)
    if longer is not None:
        raise DataError(f"{VOCABULARY}: characters: expected single characters, found {longer!r}")
    if not isinstance(stored["labels"], list):
        raise DataError(f"{VOCABULARY}: labels: expected a list of strings, found {stored['labels']!r}")
    return StoredVocabulary(
        LabelVocabulary(stored["labels"]), _counts(stored, "words"), characters, strings, templates
    )


def _check_fields(where: str, value: Any, names: Sequence[str]) -> None:
    if not isinstance(value, dict):
        raise DataError(f"{where}: expected a JSON object, found {type(value).__name__}")
    for name in names:
        if name not in value:
            raise DataError(f"{where}: expected a field {name!r}, found none")
    surplus = sorted(value.keys() - set(names))
    if surplus:
        raise DataError(
            f"{where}: found a field {surplus[0]!r}, which the configured architecture does not have"
        )


def _counts(stored: Mapping[str, Any], name: str) -> Vocabulary:
    pairs = stored[name]
    where = f"{VOCABULARY}: {name}: "
    if not isinstance(pairs, list) or not all(type(pair) is list and len(pair) == 2 for pair in pairs):
        raise DataError(f"{where}expected a list of pairs, each of a string and its count")
    try:
        counts = dict(pairs)
    except TypeError:
        raise DataError(
            f"{where}expected strings with counts, found a list or an object for a string"
        ) from None
    if len(counts) != len(pairs):
        raise DataError(f"{where}expected each string once, found {len(pairs) - len(counts)} more than once")
    return Vocabulary(counts)


def _wide(stored: Any) -> tuple[Mapping[str, Sequence[str]], Sequence[Template]]:
    where = f"{VOCABULARY}: wide"
    _check_fields(where, stored, ["strings", "templates"])
    if not isinstance(stored["strings"], dict):
        raise DataError(f"{where}: strings: expected an object, found {type(stored['strings']).__name__}")
    for attribute, strings in stored["strings"].items():
        if not isinstance(strings, list) or not all(isinstance(string, str) for string in strings):
            raise DataError(f"{where}: strings: expected a list of strings for {attribute!r}")
    templates = stored["templates"]
    if not isinstance(templates, list) or not all(isinstance(template, list) for template in templates):
        raise DataError(f"{where}: templates: expected a list of lists, found {templates!r}")
    for part in (part for template in templates for part in template):
        if type(part) is not list or len(part) != 2 or type(part[0]) is not str or type(part[1]) is not int:
            raise DataError(f"{where}: templates: expected an attribute and a distance, found {part!r}")
    return stored["strings"], [tuple((name, distance) for name, distance in parts) for parts in templates]
