"""Plausibility checks: files of another format are refused, and sentences that look misread are reported.

A file that is certainly of another format (brat, JSON, WebAnno TSV, XML in place of columns) is an error. One that only
looks misread, such as tokens that count 1 2 3, is read; a warning at the end shows a sentence as read and names the
option that helps.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, Literal, NamedTuple, Protocol, TypeAlias, TypeVar

from tagger.errors import DataError, FormatError
from tagger.examples import Example
from tagger.formats.lines import read_lines
from tagger.formats.white_space import SpacedTokens
from tagger.options import argument

_LOG: Final = logging.getLogger(__name__)

_HEAD_LINES: Final = 50
_PROBED_LINES: Final = 50
_FEW_ROWS: Final = 4
_LIKE_LABEL: Final = re.compile(r"[A-Z_*()-][A-Za-z0-9_*()-]*|[a-z][-_][a-z]+")
BRAT_LINE: Final = re.compile(r"T\d+\t\S+ \d+ \d+(;\d+ \d+)*\t")
WEBANNO_LINE: Final = re.compile(r"#FORMAT=WebAnno TSV")
_XML: Final = re.compile(r"<\?xml\s+version\s*=")
_OPENS_JSON: Final = re.compile(r"\s*[\[{]\s*$")
_GOES_ON_IN_JSON: Final = re.compile(r"""\s+[\[{]|\s*\{?\s*"[^"]*"\s*:""")

LONG_SENTENCE: Final = 1000
"""In tokens; longer sentences are reported. In the usual corpora they have 250 at most."""
_FEW_SENTENCES: Final = 10
"""A file of at most this many one-token sentences is not suspicious."""
_FEW_TOKENS: Final = 30
"""Below this, all labels may well be distinct."""
_MANY_LABELS: Final = 1000
"""More than in any usual label set."""
_HEADINGS: Final = frozenset(("token", "tokens", "word", "words", "form", "forms", "text"))
_SHOWN_TOKENS: Final = 6
_SHOWN_CHARACTERS: Final = 20


DoubtKind: TypeAlias = Literal[
    "long", "spaced", "numbers", "constant", "labels", "comments", "header", "single"
]


class Doubt(NamedTuple):
    """A way in which the sentences of a file look misread.

    Attributes:
        kind: ``long``: sentences of very many tokens; ``spaced``: tokens with blanks around them; ``numbers``: all
            tokens are numbers; ``constant``: all tokens are the same; ``labels``: nearly as many labels as tokens;
            ``comments``: sentences that begin with #; ``header``: a first row of column names; ``single``: one token
            per sentence.
        where: the place of the first sentence in question, or the file.
        message: what was found, and what to do.
    """

    kind: DoubtKind
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


class _Record(Protocol):
    @property
    def sentences(self) -> tuple[Example, ...]: ...


_AnyRecord = TypeVar("_AnyRecord", bound=_Record)


def read_head(lines: Iterator[str]) -> list[str]:
    """Consume and return the first lines of an iterator, up to the first blank one."""
    head: list[str] = []
    for line in lines:
        head.append(line)
        if len(head) == _HEAD_LINES or not line.strip():
            break
    return head


def refuse_other_formats(head: Sequence[str], name: str) -> None:
    """Check that the first lines of a file to be read as columns are not certainly of another format.

    Args:
        head: the first lines.
        name: what messages call the file.

    Raises:
        FormatError: they are; names the format and what to do.
    """
    for number, line in enumerate(head, start=1):
        if BRAT_LINE.match(line):
            found = (
                f"brat annotations. Say so, with their text beside them: {argument('data.format', 'brat')}"
            )
        elif WEBANNO_LINE.match(line):
            found = f"WebAnno TSV. Say so: {argument('data.format', 'webanno')}"
        elif _XML.match(line):
            found = "XML. Convert it to columns"
        elif _is_json(line, head[number] if number < len(head) else ""):
            found = (
                f"JSON. If it holds sentences or texts, name the format: {argument('data.format', 'jsonl')}"
            )
        else:
            continue
        raise FormatError(f"{name}:{number}: expected CoNLL columns, found {found}")


def _is_json(line: str, next_line: str) -> bool:
    """Return whether a line is an object or a list of objects or lists, or opens one that the next line continues."""
    if _OPENS_JSON.match(line):
        return bool(_GOES_ON_IN_JSON.match(next_line))
    if not line.lstrip().startswith(("[", "{")):
        return False
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return False
    if isinstance(value, list):
        return len(value) > 1 or (value != [] and isinstance(value[0], (dict, list)))
    return bool(value)


def checked(records: Iterable[_AnyRecord], name: str, format: str) -> Iterator[_AnyRecord]:
    """Yield the records of a file unchanged; after the last, log the doubts of :class:`Impression`."""
    impression = Impression(name, format)
    for record in records:
        for example in record.sentences:
            impression.add(example)
        yield record
    impression.report()


class Impression:
    """Collects cheap statistics of the sentences of a file, and the doubts that they raise.

    Args:
        name: what messages call the file.
        format: the name of its format, such as conll, which determines the checks and the advice.
    """

    def __init__(self, name: str, format: str) -> None:
        self._name = name
        self._format = format
        self._first: Example | None = None
        self._heading: str | None = None
        """The label of the first token, if that token is a usual column name."""
        self._num_headings = 0
        self._num_sentences = self._num_of_several = self._num_tokens = 0
        self._labels: set[str] = set()
        self._spaced = SpacedTokens()
        self._noted: dict[DoubtKind, tuple[int, Example]] = {}
        """By kind, the count and the first sentence."""

    def add(self, example: Example) -> None:
        """Add a sentence."""
        tokens, labels = example.tokens, example.labels or ()
        if not tokens:
            return
        if self._first is None:
            self._first = example
            self._heading = labels[0] if labels and tokens[0].lower() in _HEADINGS else None
        if self._heading is not None:
            self._num_headings += labels.count(self._heading)
        self._num_sentences += 1
        self._num_tokens += len(tokens)
        if len(self._labels) <= _MANY_LABELS:  # enough to tell
            self._labels.update(labels)
        if len(tokens) > 1:
            self._num_of_several += 1
            if tokens[0].isdecimal() and all(map(str.isdecimal, tokens)):
                self._note("numbers", example)
            elif tokens.count(tokens[0]) == len(tokens):
                self._note("constant", example)
        if tokens[0][0] == "#":
            self._note("comments", example)
        if len(tokens) > LONG_SENTENCE:
            self._note("long", example)
        self._spaced.add(tokens, example.origin)

    def report(self) -> None:
        """Log a warning for every way in which the sentences look misread."""
        for doubt in self.doubts():
            _LOG.warning("%s", doubt)

    def doubts(self) -> Iterator[Doubt]:
        """Yield every way in which the sentences look misread."""
        if self._first is None:
            return
        count, example = self._noted.get("long", (0, self._first))
        if count:
            question = "Are blank lines missing?" if self._format in ("conll", "conllu") else "Is it one?"
            yield _doubt(
                "long",
                example,
                f"{count} of {self._num_sentences} sentences have more than {LONG_SENTENCE} tokens, "
                f"this one {len(example.tokens)}. As read: {_shown(example)} {question}",
            )
        if report := self._spaced.report():
            yield Doubt("spaced", self._name, report)
        if self._format != "conllu":
            yield from self._misread(self._first)

    def _misread(self, first: Example) -> Iterator[Doubt]:
        """Yield the signs that the wrong columns (or keys) were read."""
        words = f"Choose where the words are with {argument('data.token_column')}"
        kinds: tuple[tuple[DoubtKind, str], ...]
        kinds = (("numbers", "the tokens are numbers"), ("constant", "all tokens are the same"))
        for kind, what in kinds:
            count, example = self._noted.get(kind, (0, first))
            if 2 * count > self._num_of_several:
                yield _doubt(
                    kind,
                    example,
                    f"{what} in {count} of {self._num_of_several} sentences of several tokens. "
                    f"As read: {_shown(example)} {words}, if these are not words",
                )
        num_labels = len(self._labels)
        if num_labels > min(max(_FEW_TOKENS, self._num_tokens) // 2, _MANY_LABELS):
            yield _doubt(
                "labels",
                first,
                f"{self._num_tokens} tokens have {num_labels} different labels. "
                f"As read: {_shown(first)} Choose where the labels are with {argument('data.label_column')}, if these "
                "are not labels",
            )
        if self._format == "conll":
            count, example = self._noted.get("comments", (0, first))
            if 2 * count > self._num_sentences > 1:
                yield _doubt(
                    "comments",
                    example,
                    f"{count} of {self._num_sentences} sentences begin with #. "
                    f"As read: {_shown(example)} If these are comments, name their prefix: "
                    f"{argument('data.comment_prefix', '#')}",
                )
            if self._num_headings == 1:
                yield _doubt(
                    "header",
                    first,
                    f"the first row looks like the names of the columns. As read: {_shown(first)} "
                    f"If it is, say so: {argument('data.header', True)}",
                )
            if self._num_sentences == self._num_tokens > _FEW_SENTENCES:
                yield _doubt(
                    "single",
                    first,
                    f"each of the {self._num_sentences} sentences has a single token. "
                    f"As read: {_shown(first)} Is there a blank line after every row?",
                )

    def _note(self, kind: DoubtKind, example: Example, times: int = 1) -> None:
        count, first = self._noted.get(kind, (0, example))
        self._noted[kind] = (count + times, first)


def _doubt(kind: DoubtKind, example: Example, message: str) -> Doubt:
    return Doubt(kind, str(example.origin), message)


def _shown(example: Example) -> str:
    """Return the beginning of a sentence, its tokens with their labels, and a full stop."""
    tokens = [_cut(token) for token in example.tokens[:_SHOWN_TOKENS]]
    labels = [f"/{_cut(label)}" for label in example.labels or ()] or [""] * len(tokens)
    words = " ".join(f"{token}{label}" for token, label in zip(tokens, labels, strict=False))
    return words + (" …" if len(example.tokens) > _SHOWN_TOKENS else ".")


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"


def looks_like_columns(path: str | os.PathLike[str]) -> bool:
    """Return whether the first lines of a file are columns, the last of which looks like labels.

    Args:
        path: a file; a pipe is not read.
    """
    if not Path(path).is_file():
        return False
    try:
        lines = [line.strip() for line in islice(read_lines(path), _PROBED_LINES)]
    except DataError:
        return False
    rows = [line.split() for line in lines if line]
    widths = {len(row) for row in rows}
    labels = [row[-1] for row in rows]
    return (
        len(rows) >= _FEW_ROWS
        and len(widths) == 1
        and widths.pop() > 1
        and all(map(_LIKE_LABEL.fullmatch, labels))
        and len(set(labels)) <= len(rows) // 2
    )
