"""Sentences of JSON objects: a list of tokens, and one of labels, which may be integers that have names elsewhere."""

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
        labels: the key of the labels; None: ``labels``, or else the only one of the usual names of lists of labels
            (``ner_tags``, ``tags``, ...) in the first object, and the same from then on.
        labelled: whether to read labels; if not, none need be there.
        names: of labels that are integers.
        taught: whether sentences may have soft labels, and labels that are not known.
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
        """The key of the labels, once it is known."""
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
        if self._taught:
            soft = self._read_soft_labels(fields, where)
        if self._labelled and (soft is None or self._are_all_known(fields, where)):
            key = self._labels = self._labels or self._find_labels(fields, where)
            labels = self._read_labels(fields, key, where)
            if len(labels) != len(tokens):
                raise FormatError(
                    f"{where}: expected one label per token, found {len(tokens)} under {self._tokens!r} "
                    f"and {len(labels)} under {key!r}"
                )
        for kind, values in (("token", tokens), ("label", labels or ())):
            if "" in values:
                raise FormatError(
                    f"{where}: expected a {kind} at place {values.index('')}, found the empty text"
                )
        return Example(tokens, labels, document, where, soft_labels=soft)

    def _read_soft_labels(self, fields: Mapping[str, Any], where: str) -> tuple[Any, ...] | None:
        """Return what is known of each label, if that is something else than the labels; the values are not checked."""
        values = fields.get(SOFT)
        if values is None:
            return self._read_unknown_labels(fields, where)
        if not isinstance(values, list):
            raise FormatError(f"{where}: expected a list under {SOFT!r}, found {describe(values)}")
        for value in values:
            if isinstance(value, RepeatedKeys):
                raise FormatError(
                    f"{where}: expected each label once under {SOFT!r}, found {value.repeated[0]!r} several times"
                )
        return tuple(values)

    def _read_unknown_labels(self, fields: Mapping[str, Any], where: str) -> tuple[Any, ...] | None:
        """Return the labels as probabilities if some are null; None if not."""
        key = self._labels or self._find_labels(fields, where)
        labels = fields.get(key)
        if not isinstance(labels, list) or None not in labels:
            return None
        known = iter(self._read_labels({key: [label for label in labels if label is not None]}, key, where))
        return tuple(None if label is None else {next(known): 1.0} for label in labels)

    def _are_all_known(self, fields: Mapping[str, Any], where: str) -> bool:
        """Return whether labels stand beside soft labels.

        Raises:
            FormatError: if some of them are null: the soft labels say what is known.
        """
        if fields.get(SOFT) is None:
            return False
        key = self._labels or _USUAL
        labels = fields.get(key)
        if isinstance(labels, list) and None in labels:
            raise FormatError(f"{where}: expected {SOFT!r} or labels that are null under {key!r}, found both")
        return labels is not None

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
