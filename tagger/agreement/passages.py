"""Passage: a sentence of one annotator, with its text, to be compared with those of others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Final

from tagger.evaluation.parts import Part
from tagger.examples import Example
from tagger.formats import CharacterSpan, Item, Losses, Misaligned, check_misfits
from tagger.formats.alignment import join_crossed
from tagger.formats.annotated import Range
from tagger.formats.columns.conllu_surface import surface_tokens
from tagger.formats.texts.inline import join_tokens
from tagger.options import argument

_ADVICE: Final = f"Correct them, or pass {argument('data.skip_bad', True)} to go on without such spans."


@dataclass(frozen=True)
class Passage:
    """A sentence of one annotator.

    Attributes:
        example: its tokens and labels, IOB2 or plain.
        text: its text in the file, or the tokens joined by spaces if the file has no text.
        ranges: ranges of the tokens in the text; the words of a multiword token ("du") share its range.
        extra: spans with an edge inside a token, which labels cannot express; they overlap no other span.
        document: the id of its document; None if the file has none.
        key: key to match its document with those of other annotators; None if it has no id.
    """

    example: Example
    text: str
    ranges: tuple[Range, ...]
    extra: tuple[CharacterSpan, ...] = ()
    document: str | None = None
    key: str | None = None

    @cached_property
    def characters(self) -> str:
        """The characters of the text without white space."""
        return "".join(self.text.split())

    @property
    def origin(self) -> str | None:
        """The place where it was read, as ``file:line``."""
        return self.example.origin

    def places(self) -> list[int]:
        """Return the number of characters except white space before each character, and before the end."""
        return list(accumulate((not character.isspace() for character in self.text), initial=0))


def passages_of(
    part: Part, examples: Sequence[Example], losses: Losses, *, identify_by_text: bool = False
) -> Iterator[Passage]:
    """Yield the sentences of a part, joined where a span crosses a sentence boundary that is not in the data.

    Args:
        part: a part of an annotated file.
        examples: its sentences with their labels, IOB2 or plain.
        losses: counts spans that cannot be compared, if bad data is skipped.
        identify_by_text: whether documents without an id are identified by their words.

    Raises:
        DataError: if spans overlap, have several fragments or no character, and bad data is not skipped.
    """
    document = part.item.document
    key = _words(part.item) if document is None and identify_by_text else document
    if part.sentences is None or isinstance(part.item, Example):
        (example,) = examples
        if example.tokens:
            text, ranges = _surface(part, example)
            yield Passage(example, text, ranges, (), document, key)
        return
    text = part.item.text
    extra = _usable(part, text, losses)
    sentences = join_crossed(part.sentences, extra)
    starts = [sentence[0][0] for sentence in sentences]
    if starts:
        starts[0] = len(text) - len(text.lstrip())
    given = iter(examples)
    for ranges, start, end in zip(sentences, starts, [*starts[1:], len(text)], strict=True):
        yield Passage(
            _joined(given, len(ranges)),
            text[start:end].rstrip(),
            tuple((first - start, after - start) for first, after in ranges),
            tuple(
                span._replace(start=span.start - start, end=span.end - start)
                for span in extra
                if start <= span.start < end
            ),
            document,
            key,
        )


def _words(item: Item) -> str:
    return " ".join(item.tokens) if isinstance(item, Example) else item.text


def _surface(part: Part, example: Example) -> tuple[str, tuple[Range, ...]]:
    """Return the text of a sentence of tokens, with multiword tokens as one, and the range of each word in it."""
    if part.record is None or not part.has_surface:
        text, ranges = join_tokens(example.tokens)
        return text, tuple(ranges)
    tokens = surface_tokens(part.record)
    text, ranges = join_tokens([token.form for token in tokens])
    words = [
        range
        for token, range in zip(tokens, ranges, strict=True)
        for _ in example.tokens[token.first : token.after]
    ]
    return text, tuple(words)


def _joined(examples: Iterator[Example], num_tokens: int) -> Example:
    """Return the next sentences, up to ``num_tokens`` tokens in total, as one."""
    first = next(examples)
    tokens, labels = first.tokens, first.labels or ()
    while len(tokens) < num_tokens:
        example = next(examples)
        tokens, labels = tokens + example.tokens, labels + (example.labels or ())
    return Example(tokens, labels, first.document, first.origin)


def _usable(part: Part, text: str, losses: Losses) -> list[CharacterSpan]:
    """Return the spans that do not match token boundaries but can be compared, since they overlap no other."""
    usable: list[CharacterSpan] = []
    bad: list[Misaligned] = []
    fitting = list(part.fitting)
    for misfit in part.misfits:
        span = misfit.span
        others = (*fitting, *usable)
        overlaps = any(other.start < span.end and span.start < other.end for other in others)
        if span.fragments or overlaps or not text[span.start : span.end].strip():
            bad.append(
                misfit._replace(reason="overlaps another span") if overlaps and not span.fragments else misfit
            )
        else:
            usable.append(span)
    check_misfits(bad, losses, _ADVICE)
    return usable
