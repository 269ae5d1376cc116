"""Reader of Label Studio's export CONLL2003: one word per line, ``Oslo -X- _ B-LOC``; use only without a better export.

Words are split at white space, so ``Oslo.`` is one word; the option ``trim_entities`` cuts such marks off. Sentence
ends are not marked: each block is a whole text. Labels may contain blanks, unlike in other CoNLL files. Warnings report
what the format cannot express: tasks that are not annotated are blocks of O like those without entities, and several
annotators of a task repeat it as blocks.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final

from tagger.examples import Example
from tagger.formats.columns.records import excerpt
from tagger.formats.format import Format, Holds, ReadingContext
from tagger.formats.head import Head
from tagger.formats.lines import Source, read_lines
from tagger.options import argument

_LOG: Final = logging.getLogger(__name__)

_ROW: Final = re.compile(r"(\S+) -X- _ (O|[BI]-\S(?:.*\S)?)")
_START: Final = "-DOCSTART- -X- O"

_OPENING: Final = "\"'“‘„«‹([{¿¡"
_CLOSING: Final = ".,;:!?…\"'”’»›)]}"
_PARTNERS: Final = {")": "(", "]": "[", "}": "{", "”": "“", "»": "«", "›": "‹"}
_ABBREVIATION: Final = re.compile(r"\w(\.\w+)*\.")
"""A letter with a full stop, or several full stops with letters between them: ``J.``, ``U.N.``"""


def _read(source: Source, context: ReadingContext) -> Iterator[Example]:
    if context.labelled:
        _LOG.warning(
            "%s: a CoNLL export of Label Studio holds tasks that nobody annotated as texts without entities, and those "
            "of several annotators several times; export JSON instead, if you can",
            context.name,
        )
    seen: dict[int, int] = {}
    """Hash of the tokens of a text to that of their labels."""
    marked = differing = 0
    first = ""
    for example in _texts(source, context):
        if example.labels is None:
            yield example
            continue
        trimmed, count = trim(example.tokens, example.labels)
        if count and context.options.trim_entities:
            context.losses.add(
                "entities with full stops, commas or the like at their ends, which were cut off",
                f"{example.origin}: {excerpt(' '.join(example.tokens))}",
                times=count,
            )
            tokens, labels = trimmed
            yield Example(tokens, labels, example.document, example.origin)
        else:
            marked += count
            first = first or (example.origin or "" if count else "")
            yield example
        labels_before = seen.setdefault(hash(example.tokens), hash(example.labels))
        differing += labels_before != hash(example.labels)
    if marked:
        _LOG.warning(
            "%s: %d entities have full stops, commas or the like at their ends, which are cut off with %s; the first "
            "in the text at %s",
            context.name,
            marked,
            argument("data.trim_entities", True),
            first,
        )
    if differing:
        _LOG.warning("%s: %d texts are repeated with other labels", context.name, differing)


def _texts(source: Source, context: ReadingContext) -> Iterator[Example]:
    """Yield the blocks, each as a document."""
    tokens: list[str] = []
    labels: list[str] = []
    documents = 0
    origin = ""
    for number, line in enumerate(chain(read_lines(source, name=context.name), ["\n"]), start=1):
        text = line.rstrip("\r\n")
        where = f"{context.name}:{number}"
        if text == "" or text == _START:
            if tokens:
                documents += 1
                yield Example(
                    tuple(tokens), tuple(labels) if context.labelled else None, str(documents), origin
                )
                tokens, labels = [], []
        elif match := _ROW.fullmatch(text):
            origin = origin if tokens else where
            tokens.append(match[1])
            labels.append(match[2])
        else:
            context.losses.bad(
                "lines that do not belong to the export",
                f"{where}: expected a word and its label as 'Oslo -X- _ B-LOC', found {excerpt(text)}",
            )


def trim(tokens: Sequence[str], labels: Sequence[str]) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], int]:
    """Split the marks at the ends of entities off as tokens; also return the number of entities that had some.

    The full stop of an abbreviation that is recognisable by its form (``U.N.``, ``J.``) stays; that of ``Inc.`` is
    split off. Brackets and quotes stay if their partner is in the same entity.

    >>> trim(["in", "(Oslo).", "The", "U.N."], ["O", "B-LOC", "O", "B-ORG"])
    ((('in', '(', 'Oslo', ')', '.', 'The', 'U.N.'), ('O', 'O', 'B-LOC', 'O', 'O', 'O', 'B-ORG')), 1)

    Args:
        tokens: the tokens of a text.
        labels: their labels, in IOB2.
    """
    new_tokens: list[str] = []
    new_labels: list[str] = []
    count = start = 0
    while start < len(tokens):
        end = start + 1
        while labels[start] != "O" and end < len(tokens) and labels[end] == f"I-{labels[start][2:]}":
            end += 1
        words = list(tokens[start:end])
        before, after = ([], []) if labels[start] == "O" else _cut(words)
        count += bool(before or after)
        label = labels[start]
        inner = ["O"] if label == "O" else [label, *[f"I-{label[2:]}"] * (len(words) - 1)]
        new_tokens += [*before, *words, *after]
        new_labels += [*["O"] * len(before), *inner, *["O"] * len(after)]
        start = end
    return (tuple(new_tokens), tuple(new_labels)), count


def _cut(words: list[str]) -> tuple[list[str], list[str]]:
    """Strip the marks at the ends of an entity's words, in place; return those before and after it."""
    before: list[str] = []
    after: list[str] = []
    if not any(mark.isalnum() for word in words for mark in word):
        return before, after  # an entity of marks only is intended
    while (mark := words[-1][-1]) in _CLOSING:
        together = "".join(words)
        partner = _PARTNERS.get(mark)
        closes = partner is not None and partner in together and not together.startswith(partner)
        if closes or (mark == "." and _ABBREVIATION.fullmatch(words[-1].lstrip(_OPENING))):
            break
        after.insert(0, mark)
        words[-1] = words[-1][:-1]
        if not words[-1]:
            words.pop()
    closed = {_PARTNERS[mark]: mark for mark in _PARTNERS}
    while (mark := words[0][0]) in _OPENING and closed.get(mark, "\0") not in "".join(words):
        before.append(mark)
        words[0] = words[0][1:]
        if not words[0]:
            words.pop(0)
    return before, after


def _recognises(head: Head) -> bool:
    return head.lines[:1] == (_START,) and any(map(_ROW.fullmatch, head.lines[1:3]))


LABEL_STUDIO_CONLL: Final = Format(
    name="label-studio-conll",
    title="Label Studio (CoNLL 2003)",
    read=_read,
    recognises=_recognises,
    holds=Holds(parts_of_tokens=False, text=False),
)
