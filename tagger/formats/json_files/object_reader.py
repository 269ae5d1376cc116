"""Reader of the objects of JSON Lines: their keys, and their sentences and texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tagger.errors import FormatError, UsageError
from tagger.formats.annotated import AnnotatedText, Item
from tagger.formats.claims import Claim
from tagger.formats.json_files.answers import ANSWER_KEYS
from tagger.formats.json_files.objects import (
    RepeatedKeys,
    describe,
    list_keys,
    parse_object,
)
from tagger.formats.json_files.sentences import SentenceReader
from tagger.formats.lines import Source, read_lines
from tagger.formats.probabilities import probability_in
from tagger.formats.reading_options import ReadingOptions
from tagger.formats.tables.column_choice import WITHIN_OTHERS
from tagger.formats.tables.label_names import span_label
from tagger.options import argument, option

SPAN_KEYS: Final = ("spans", "entities")
"""The keys of the spans of a text."""

DOCUMENT_KEY: Final = "document"

_LISTED_KEYS: Final = 20
"""The most keys listed in a message about a whole file."""


@dataclass(frozen=True, slots=True)
class JsonKeys:
    """The keys that are read.

    Attributes:
        tokens: the key of the list of tokens.
        text: the key of the text, read if there are no tokens.
        labels: the key of the list of labels or of spans; None: ``labels`` beside tokens, ``spans`` or ``entities``
            beside a text.
        document: the key of the document id, a string or a number. It may be missing on some lines, but not on all;
            None: ``document``, if present. A text is a document even without an id.
    """

    tokens: str = "tokens"
    text: str = "text"
    labels: str | None = None
    document: str | None = None

    @classmethod
    def of(cls, options: ReadingOptions) -> JsonKeys:
        """Return the keys named by options, else the usual ones."""
        usual = cls()
        for name in ("token_column", "label_column"):
            value = getattr(options, name)
            if value is not None and not isinstance(value, str):
                raise UsageError(
                    f"{name}: expected a name, found {value!r}; columns have numbers in the format conll only"
                )
        return cls(
            tokens=str(options.token_column or usual.tokens),
            text=options.text_column or usual.text,
            labels=None if options.label_column is None else str(options.label_column),
            document=options.document_column,
        )


def numbered_objects(source: Source, name: str) -> Iterator[tuple[str, str]]:
    """Yield each line that is not blank, with its ``file:line``."""
    for number, line in enumerate(read_lines(source, name=name), start=1):
        if line.strip():
            yield line, f"{name}:{number}"


class SeenKeys:
    """Checks whether the named document key is on some line.

    Args:
        name: what messages call the source.
        key: the named key, or None.
    """

    def __init__(self, name: str, key: str | None) -> None:
        self._name = name
        self._key = key
        self._is_there = key is None
        self._found: dict[str, None] = {}

    def add(self, fields: Mapping[str, Any]) -> None:
        """Examine the next object."""
        self._is_there = self._is_there or self._key in fields
        if not self._is_there and len(self._found) < _LISTED_KEYS:
            self._found.update(dict.fromkeys(fields))

    def check(self) -> None:
        """Check that some object had the key.

        Raises:
            FormatError: none had it; names it, and keys that objects have.
        """
        if self._found and not self._is_there:
            raise FormatError(
                f"{self._name}: expected the id of a document under {self._key!r} on one line at least, found "
                f"{list_keys(list(self._found)[:_LISTED_KEYS])}. "
                f"Name the key of the document ids, or leave the option out."
            )


class ObjectReader:
    """Converts objects to sentences or texts.

    Args:
        keys: the keys to read.
        labelled: whether to read labels; if not, they may be missing.
        names: the names of integer labels.
        taught: whether sentences may have soft labels and unknown labels.
    """

    def __init__(
        self, keys: JsonKeys, labelled: bool, names: Mapping[int, str] | None = None, *, taught: bool = False
    ) -> None:
        self.keys = keys
        self.labelled = labelled
        self.names = names
        self._sentences = SentenceReader(
            keys.tokens, keys.labels, labelled=labelled, names=names, taught=taught
        )

    @property
    def label_key(self) -> str:
        """The key of the labels of the last sentence."""
        return self._sentences.label_key

    def unread(self, fields: Mapping[str, Any]) -> list[str]:
        """Return the keys of a sentence's object that are not empty and not read."""
        read = (self.keys.tokens, self.label_key, self.keys.document or DOCUMENT_KEY, "answer", *ANSWER_KEYS)
        return [key for key, value in fields.items() if key not in read and value not in (None, "", [], {})]

    def fields(self, line: str, where: str) -> dict[str, Any]:
        """Return the object of a line."""
        return self.checked(parse_object(line, where), where)

    def checked(self, fields: dict[str, Any], where: str) -> dict[str, Any]:
        """Return an object, after checking that the keys that are read are not repeated."""
        if isinstance(fields, RepeatedKeys):
            self._check_repeated(fields, where)
        return fields

    def item(self, fields: Mapping[str, Any], where: str) -> Item:
        """Return the sentence of an object, or its text, whose spans are read separately.

        Args:
            fields: the object.
            where: ``file:line``.
        """
        document_key = self.keys.document or DOCUMENT_KEY
        document = fields.get(document_key)
        if type(document) not in (str, int, type(None)):
            raise FormatError(
                f"{where}: expected a string or whole number under {document_key!r}, "
                f"found {describe(document)}"
            )
        document = None if document is None else str(document)
        if self.keys.tokens in fields:
            return self._sentences.sentence(fields, where, document)
        if self.keys.text in fields:
            text = fields[self.keys.text]
            if not isinstance(text, str):
                raise FormatError(
                    f"{where}: expected a string under {self.keys.text!r}, found {describe(text)}"
                )
            taken = (self.keys.text, document_key, *([self.keys.labels] if self.keys.labels else SPAN_KEYS))
            return AnnotatedText(
                text,
                document=document,
                is_document=True,
                origin=where,
                fields={key: value for key, value in fields.items() if key not in taken},
            )
        raise FormatError(
            f"{where}: expected an object with {self.keys.tokens!r} or {self.keys.text!r}, "
            f"found {list_keys(fields)}{_advice(fields)}"
        )

    def claims(self, fields: Mapping[str, Any], where: str) -> list[Claim] | None:
        """Return the spans of an object that holds a text; None if annotations are not read."""
        if not self.labelled:
            return None
        keys = [key for key in ([self.keys.labels] if self.keys.labels else SPAN_KEYS) if key in fields]
        if len(keys) != 1:
            expected = repr(self.keys.labels) if self.keys.labels else f"either of {list_keys(SPAN_KEYS)}"
            advice = (
                ""
                if self.keys.labels
                else ". Labels of whole texts are not read"
                if isinstance(fields.get("label"), (str, int))
                else f". Choose the key of the spans with {argument('data.label_column', next(iter(keys), ...))}"
            )
            raise FormatError(
                f"{where}: expected {expected} beside the text, found {list_keys(fields)}{advice}"
            )
        values = fields[keys[0]]
        if not isinstance(values, list):
            raise FormatError(
                f"{where}: expected a list of spans under {keys[0]!r}, found {describe(values)}"
            )
        claims = [_claim(value, where) for value in values]
        place = f"{where}: {keys[0]!r}"
        return [claim._replace(label=span_label(claim.label, self.names, place)) for claim in claims]

    def _check_repeated(self, fields: RepeatedKeys, where: str) -> None:
        keys = [self.keys.tokens, self.keys.text, self.keys.document or DOCUMENT_KEY]
        if self.labelled:
            keys += [self.keys.labels] if self.keys.labels else ["labels", *SPAN_KEYS]
        for key in keys:
            if key in fields.repeated:
                raise FormatError(f"{where}: expected the key {key!r} once, found it several times")


def _claim(value: object, where: str) -> Claim:
    """Return the claim of a span: an object, or a list of start, end and label."""
    if isinstance(value, RepeatedKeys):
        raise FormatError(
            f"{where}: expected every key of a span once, found {value.repeated[0]!r} several times"
        )
    if isinstance(value, dict):
        start, end, label = (value.get(key) for key in ("start", "end", "label"))
        fragments, text = value.get("fragments"), value.get("text")
        ranges = [(start, end)]
        if isinstance(fragments, list) and all(
            isinstance(range, list) and len(range) == 2 for range in fragments
        ):
            ranges = [(first, after) for first, after in fragments]
        return Claim(
            ranges,
            label,
            text if isinstance(text, str) else None,
            probability_in(value),
        )
    if isinstance(value, list) and len(value) == 3:
        return Claim([(value[0], value[1])], value[2])
    raise FormatError(f"{where}: expected a span [start, end, label], found {describe(value)}")


def _advice(fields: Mapping[str, Any]) -> str:
    """Return advice on reading nested lists, if an object has any."""
    values = (value[0] if isinstance(value, list) and value else value for value in fields.values())
    if any(isinstance(value, (Mapping, list)) and value for value in values):
        return f". {WITHIN_OTHERS}: {option('data.dataset', of_training=True)}"
    return ""
