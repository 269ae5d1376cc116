"""Reader of sentences in JSON objects: a list of tokens, and one of labels, which may be integers with given names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tagger.errors import DataError, FormatError
from tagger.examples import Example
from tagger.formats.json_files.objects import RepeatedKeys, describe, list_keys
from tagger.formats.tables.column_choice import LABEL_NAMES
from tagger.formats.tables.label_names import named
from tagger.options import argument

_USUAL: Final = "labels"
SOFT: Final = "soft_labels"


class SentenceReader:
    """Reads the sentences of one file.

    Args:
        tokens: the key of the tokens.
        labels: the key of the labels; None: ``labels``, else the only list with a usual name (``ner_tags``, ``tags``,
            ...) in the first object, and the same from then on.
        labelled: whether to read labels; if not, they may be missing.
        names: the names of integer labels.
        taught: whether sentences may have soft labels and unknown labels.
    """

    def __init__(
        self,
        tokens: str,
        labels: str | None,
        *,
        labelled: bool,
        names: Mapping[int, str] | None = None,
        taught: bool = False,
    ) -> None:
        self._tokens = tokens
        self._labels = labels
        self._labelled = labelled
        self._names = names
        self._taught = taught

    @property
    def label_key(self) -> str:
        """The key of the labels, once known."""
        return self._labels or _USUAL

    def sentence(self, fields: Mapping[str, Any], where: str, document: str | None) -> Example:
        """Return the sentence of an object.

        Args:
            fields: the object.
            where: ``file:line``.
            document: id of its document.

        Raises:
            FormatError: there are no tokens or labels, or they differ in number; a label has no name.
        """
        tokens = _strings(fields, self._tokens, where)
        labels, soft = None, None
        if self._labelled and self._taught:
            soft = self._read_soft_labels(fields, where)
        if self._labelled and (soft is None or self._stand_beside(fields, where)):
            key = self._labels = self._labels or self._find_labels(fields, where)
            if self._taught and isinstance(fields.get(key), list) and None in fields[key]:
                if soft is not None:
                    raise FormatError(
                        f"{where}: expected {SOFT!r} or labels that are null under {key!r}, found both"
                    )
                soft = self._read_unknown_labels(fields[key], key, where)
            else:
                labels = self._read_labels(fields, key, where)
            if len(labels or soft or ()) != len(tokens):
                raise FormatError(
                    f"{where}: expected one label per token, found {len(tokens)} under {self._tokens!r} "
                    f"and {len(labels or soft or ())} under {key!r}"
                )
        for kind, values in (("token", tokens), ("label", labels or ())):
            if "" in values:
                raise FormatError(
                    f"{where}: expected a {kind} at place {values.index('')}, found the empty text"
                )
        try:
            return Example(tokens, labels, document, where, soft_labels=soft)
        except DataError as error:
            raise FormatError(str(error)) from None

    def _read_soft_labels(self, fields: Mapping[str, Any], where: str) -> tuple[Any, ...] | None:
        """Return the label probabilities, if there are any, with unchecked values."""
        values = fields.get(SOFT)
        if values is None:
            return None
        if not isinstance(values, list):
            raise FormatError(f"{where}: expected a list under {SOFT!r}, found {describe(values)}")
        for value in values:
            if isinstance(value, RepeatedKeys):
                raise FormatError(
                    f"{where}: expected each label once under {SOFT!r}, found {value.repeated[0]!r} several times"
                )
        return tuple(values)

    def _stand_beside(self, fields: Mapping[str, Any], where: str) -> bool:
        """Return whether there are labels in addition to soft labels.

        Raises:
            FormatError: they are under another key than before.
        """
        names = {*LABEL_NAMES, _USUAL}
        found = [key for key, value in fields.items() if key.lower() in names and isinstance(value, list)]
        if self._labels is None:
            return bool(found)
        if fields.get(self._labels) is not None:
            return True
        if found:
            raise FormatError(
                f"{where}: expected labels under {self._labels!r}, as before, found {found[0]!r}"
            )
        return False

    def _read_unknown_labels(self, labels: list[Any], key: str, where: str) -> tuple[Any, ...]:
        """Return labels, some of which are null, as probabilities."""
        known = iter(self._read_labels({key: [label for label in labels if label is not None]}, key, where))
        return tuple(None if label is None else {next(known): 1.0} for label in labels)

    def _find_labels(self, fields: Mapping[str, Any], where: str) -> str:
        if _USUAL in fields:
            return _USUAL
        found = [
            key for key, value in fields.items() if key.lower() in LABEL_NAMES and isinstance(value, list)
        ]
        if len(found) > 1:
            choices = " or ".join(argument("data.label_column", key) for key in found)
            raise FormatError(f"{where}: several keys could hold the labels; choose with {choices}")
        if not found:
            raise FormatError(
                f"{where}: expected a list of strings under {_USUAL!r}, found {list_keys(fields)}"
            )
        return found[0]

    def _read_labels(self, fields: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
        values = fields.get(key)
        if isinstance(values, list) and values and set(map(type, values)) == {int}:
            try:
                return named(values, self._names, f"{where}: {key!r}")
            except DataError as error:
                raise FormatError(str(error)) from None
        return tuple(map(str.strip, _strings(fields, key, where)))


def _strings(fields: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    if key not in fields:
        raise FormatError(f"{where}: expected a list of strings under {key!r}, found {list_keys(fields)}")
    values = fields[key]
    if not isinstance(values, list):
        raise FormatError(f"{where}: expected a list of strings under {key!r}, found {describe(values)}")
    if set(map(type, values)) <= {str}:
        return tuple(values)
    place = next(place for place, value in enumerate(values) if not isinstance(value, str))
    raise FormatError(
        f"{where}: expected a list of strings under {key!r}, found {describe(values[place])} at place {place}"
    )
