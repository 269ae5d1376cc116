r"""Reader of CoNLL-U Plus: CoNLL-U with custom columns, named in the first line.

``# global.columns = ID FORM UPOS NE``
    the columns, divided by blanks; those of the rows are divided by tabs.

Rows whose ID is a range or an empty node are not words. Labels are read from one column. In it ``_`` means unknown and
``*`` no label: a sentence of ``_`` alone is not annotated and is left out. Columns of numbered expressions (PARSEME's
``1:VID``) are not token labels and are refused.

Format: https://universaldependencies.org/ext-format.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from tagger.errors import FormatError
from tagger.examples import Example
from tagger.formats.annotated import Item
from tagger.formats.columns.blocks import Block, read_blocks
from tagger.formats.columns.conllu import FIELDS
from tagger.formats.columns.conllu_text import sentence_item
from tagger.formats.columns.layers import choose_layer
from tagger.formats.columns.records import excerpt
from tagger.formats.format import Format, Holds, ReadingContext
from tagger.formats.head import Head
from tagger.formats.lines import Source

_HEADER: Final = re.compile(r"#\s*global\.columns\s*=\s*(\S.*)")
_NEW_DOCUMENT: Final = re.compile(r"#\s*newdoc\b(?:\s+id\s*=\s*(\S.*))?")
_NO_LABELS: Final = frozenset(("ID", "FORM", "LEMMA", "FEATS", "HEAD", "DEPS", "MISC"))
_SYNTAX: Final = frozenset(("UPOS", "XPOS", "DEPREL"))
_USUAL: Final = ("NE", "NER", "ENTITY", "ENTITIES", "NER_TAG", "NER_TAGS", "NE_TAG", "TAG", "LABEL", "LABELS")
_MISSING: Final = "_"
_NO_WORD: Final = re.compile(r"[0-9]+-[0-9]+|[0-9]+\.[0-9]+")
_NUMBERED: Final = re.compile(r"[0-9]+(:[^\s;]+)?(;[0-9]+(:[^\s;]+)?)*")
_SPAN_LABEL: Final = re.compile(r"[BIESULM]-.+")


def _read(source: Source, context: ReadingContext) -> Iterator[Item]:
    reader: _Reader | None = None
    document: str | None = None
    for block in read_blocks(source, context.name, lambda text: text.startswith("#")):
        for number, text in block.comments:
            if reader is None and (match := _HEADER.match(text)):
                reader = _Reader(match[1].split(), context, f"{context.name}:{number}")
            elif match := _NEW_DOCUMENT.match(text):
                document = (match[1] or f"line {number}").rstrip()
        if reader is None:
            number = (block.comments or block.rows)[0][0]
            raise FormatError(
                f"{context.name}:{number}: expected the names of the columns before the first sentence, as in "
                "'# global.columns = ID FORM UPOS NE', found none"
            )
        if block.rows:
            yield from reader.sentence(block, document)


class _Reader:
    """Reads the sentences under one header.

    Args:
        names: the names of the columns.
        context: how to read them.
        where: ``file:line`` of the header.
    """

    def __init__(self, names: Sequence[str], context: ReadingContext, where: str) -> None:
        self._names = names
        self._context = context
        if "FORM" not in names or len(set(names)) < len(names):
            raise FormatError(
                f"{where}: expected different columns, FORM among them, found {', '.join(map(repr, names))}"
            )
        self._form = names.index("FORM")
        self._id = names.index("ID") if "ID" in names else None
        self._misc = names.index("MISC") if "MISC" in names else None
        self._layer, self._label = "", 0
        if context.labelled:
            self._layer = _choose(context.options.label_column, names, where)
            self._label = names.index(self._layer)

    def sentence(self, block: Block, document: str | None) -> Iterator[Item]:
        """Yield the sentence of a block, unless it is left out."""
        losses = self._context.losses
        where = f"{self._context.name}:{block.rows[0][0]}"
        try:
            rows = self._rows(block)
            labels = self._labels(rows) if self._context.labelled else None
        except FormatError as error:
            losses.bad("sentences that cannot be read", str(error))
            return
        if self._context.labelled and labels is None:
            losses.add(f"sentences without annotations in {self._layer}, left out", where)
            return
        words = [(number, cells[self._form]) for number, cells, is_word in rows if is_word]
        first, tokens = words[0][0], tuple([form for _, form in words])
        example = Example(tokens, labels, document, f"{self._context.name}:{first}")
        told: list[tuple[str, str, str]] = []
        if self._misc is not None:
            told = [
                ("" if self._id is None else cells[self._id], cells[self._form], cells[self._misc])
                for _, cells, _ in rows
            ]
        yield sentence_item(example, [text for _, text in block.comments], told)

    def _rows(self, block: Block) -> list[tuple[int, list[str], bool]]:
        rows = []
        next_id = 1
        for number, text in block.rows:
            where = f"{self._context.name}:{number}"
            cells = text.split("\t")
            if len(cells) != len(self._names):
                raise FormatError(
                    f"{where}: expected {len(self._names)} columns, as '# global.columns' names them, divided by tabs, "
                    f"found {len(cells)}: {excerpt(text)}"
                )
            is_word = self._id is None or not _NO_WORD.fullmatch(cells[self._id])
            if is_word and self._id is not None:
                if cells[self._id] != str(next_id):
                    raise FormatError(
                        f"{where}: expected the word with id {next_id}, or an id such as 3-4 or 8.1, found "
                        f"{excerpt(cells[self._id])}: is the blank line before a sentence missing?"
                    )
                next_id += 1
            if is_word and not cells[self._form]:
                raise FormatError(f"{where}: expected a word in FORM, found nothing: {excerpt(text)}")
            rows.append((number, cells, is_word))
        if not any(is_word for _, _, is_word in rows):
            raise FormatError(
                f"{self._context.name}:{block.rows[0][0]}: expected a word, found none in the sentence"
            )
        return rows

    def _labels(self, rows: Sequence[tuple[int, list[str], bool]]) -> tuple[str, ...] | None:
        """Return the labels of a sentence; None if it is not annotated."""
        words = [(number, cells[self._label].strip()) for number, cells, is_word in rows if is_word]
        known = [label for _, label in words if label not in (_MISSING, "")]
        if not known:
            return None
        for number, label in words:
            if _NUMBERED.fullmatch(label):
                raise FormatError(
                    f"{self._context.name}:{number}: expected a label in column {self._layer!r}, found "
                    f"{excerpt(label)}: numbered expressions, which may share words, are no labels of tokens"
                )
            if not label or (label == _MISSING and not all(map(_SPAN_LABEL.fullmatch, known))):
                raise FormatError(
                    f"{self._context.name}:{number}: expected a label in column {self._layer!r}, as other words of "
                    f"the sentence have, found {excerpt(label)}"
                )
        return tuple([label for _, label in words])


def _choose(given: int | str | None, names: Sequence[str], where: str) -> str:
    """Return the column of the labels: that of entities, or UPOS if there are no other columns."""
    layers = [name for name in names if name not in _NO_LABELS]
    of_entities = [name for name in layers if name.upper() in _USUAL]
    others = [name for name in layers if name not in _SYNTAX and name not in of_entities]
    if len(of_entities) == 1:
        usual = of_entities
    elif not of_entities and not others and "UPOS" in layers:
        usual = ["UPOS"]
    else:
        usual = []
    return choose_layer(given, layers, usual, where)


def _recognises(head: Head) -> bool:
    found = next(filter(None, (_HEADER.match(line) for line in head.lines[:20])), None)
    return found is not None and found[1].lower().split() != list(FIELDS)


CONLLU_PLUS: Final = Format(
    name="conllu-plus",
    title="CoNLL-U Plus",
    read=_read,
    recognises=_recognises,
    holds=Holds(labels=True, parts_of_tokens=False),
)
