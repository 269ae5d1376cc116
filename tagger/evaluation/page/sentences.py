"""One error in its sentence: the gold and the predicted labels, and the words with both beneath them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from tagger.evaluation.comparison import Comparison, Side
from tagger.evaluation.page.items import ErrorItem
from tagger.metrics.label_arrays import BoolArray, IntArray
from tagger.report import Mark, Markup, element, join, marked_text, shortened

_MOST_LISTED: Final = 4
_LONGEST_TEXT: Final = 60
_LONGEST_LABEL: Final = 40
_LONGEST_ORIGIN: Final = 60


@dataclass(frozen=True)
class _Placed:
    """A label over tokens of a sentence.

    Attributes:
        start: the first token, from 0 in the sentence.
        end: the token after the last one.
        label: type or label.
        text: the labelled text.
        is_right: whether both sides have it.
        probability: its probability; None if unknown.
    """

    start: int
    end: int
    label: str
    text: str
    is_right: bool
    probability: float | None


@dataclass(frozen=True)
class Line:
    """The labels of one side, for lookup by sentence.

    Attributes:
        comparison: the comparison of the side.
        is_gold: whether it is the gold side.
    """

    comparison: Comparison
    is_gold: bool

    @property
    def _side(self) -> Side:
        return self.comparison.gold if self.is_gold else self.comparison.predicted

    @cached_property
    def _tokens(self) -> tuple[IntArray, IntArray]:
        return self.comparison.tokens_of(self._side.spans)

    @cached_property
    def _is_right(self) -> BoolArray:
        found: BoolArray = (self.comparison.found() if self.is_gold else self.comparison.right()) >= 0
        return found

    @cached_property
    def _begins(self) -> IntArray:
        return self.comparison.gold.labels.starts

    def wrong_labels(self, sentence: int) -> list[int]:
        """Return the tokens of a sentence whose plain labels differ between the sides."""
        gold, predicted = self.comparison.gold.labels, self.comparison.predicted.labels
        begin = int(self._begins[sentence])
        end = begin + int(gold.lengths[sentence])
        found: list[int] = np.flatnonzero(gold.ids[begin:end] != predicted.ids[begin:end]).tolist()
        return found

    def placed(self, sentence: int, tokens: tuple[int, ...] = ()) -> list[_Placed]:
        """Return the side's spans in a sentence, or if labels are plain, its labels of some tokens.

        Args:
            sentence: index of the sentence.
            tokens: the tokens whose plain labels are returned.
        """
        words = self.comparison.examples[sentence].tokens
        begin = int(self._begins[sentence])
        if not self.comparison.has_spans:
            gold, predicted = self.comparison.gold.labels, self.comparison.predicted.labels
            ids = gold.ids if self.is_gold else predicted.ids
            return [
                _Placed(
                    t,
                    t + 1,
                    predicted.names[ids[begin + t]],
                    words[t],
                    bool(gold.ids[begin + t] == predicted.ids[begin + t]),
                    _known(self._side.label_probabilities, begin + t),
                )
                for t in tokens
            ]
        first, last = self._tokens
        low = int(np.searchsorted(last, begin, side="right"))
        high = int(np.searchsorted(first, begin + len(words), side="left"))
        return [self._span(number, begin, words) for number in range(low, high)]

    def _span(self, number: int, begin: int, words: tuple[str, ...]) -> _Placed:
        first, last = self._tokens
        # with different tokens, spans may extend into the neighbouring sentences
        start, end = max(int(first[number]) - begin, 0), min(int(last[number]) - begin, len(words))
        text = " ".join(words[start:end])
        if not self.comparison.same_tokens:
            text = self._characters(number, begin + start, begin + end, "".join(words[start:end]))
        return _Placed(
            start,
            end,
            self.comparison.types[self._side.spans.types[number]],
            text,
            bool(self._is_right[number]),
            _known(self._side.span_probabilities, number),
        )

    def _characters(self, number: int, first: int, last: int, words: str) -> str:
        """Return the characters of a span, which may be parts of words, without white space."""
        letters = "".join(words.split())
        place = int(self.comparison.token_starts[first])
        spans = self._side.spans
        if int(self.comparison.token_ends[last - 1]) - place != len(letters):
            return words  # the tokens use another definition of white space
        return letters[max(int(spans.starts[number]) - place, 0) : int(spans.ends[number]) - place]


def _known(probabilities: object, number: int) -> float | None:
    if not isinstance(probabilities, np.ndarray) or np.isnan(probabilities[number]):
        return None
    return float(probabilities[number])


def error_in_sentence(item: ErrorItem, lines: Sequence[tuple[str, Line]]) -> Markup:
    """Return an error in its sentence.

    Args:
        item: the error.
        lines: the gold side and one or two other sides, with their names.
    """
    example = lines[0][1].comparison.examples[item.sentence]
    in_question = _in_question(item, [line for _, line in lines])
    said: list[Markup] = []
    marks: list[Mark] = []
    for number, (name, line) in enumerate(lines):
        placed = line.placed(item.sentence, in_question)
        # empty marks, as between two spans, are left out, since they would mark words without a label
        marks += [
            Mark(
                number,
                one.start,
                one.end,
                _label(one, line, name if len(lines) > 2 else ""),
                _style(one, line),
            )
            for one in placed
            if one.start < one.end
        ]
        touching = [one for one in placed if one.start < item.end and one.end > item.start]
        said.append(_said(name, touching, has_spans=line.comparison.has_spans))
    kind: list[str] = [element("strong", item.kind), " · "] if item.kind else []
    where = example.origin or f"sentence {item.sentence + 1:,}"
    if len(where) > _LONGEST_ORIGIN:
        where = "…" + where[-_LONGEST_ORIGIN:]
    place: list[str] = [element("bdi", where)]
    if example.document is not None:
        place += [" · document ", element("bdi", shortened(example.document, 40))]
    return join(
        [
            element("p", *kind, join(_between(said, " · ")), " · ", element("span", *place, class_="faint")),
            marked_text(example.tokens, marks, chosen=(item.start, item.end)),
        ]
    )


def _in_question(item: ErrorItem, lines: Sequence[Line]) -> tuple[int, ...]:
    """Return the tokens of the sentence whose plain labels are wrong for any side; none if there are spans."""
    if lines[0].comparison.has_spans:
        return ()
    return tuple(sorted({t for line in lines[1:] for t in line.wrong_labels(item.sentence)}))


def _label(one: _Placed, line: Line, name: str) -> str:
    if line.is_gold:
        return one.label
    probability = "" if one.probability is None else f" {one.probability:.2f}"
    return f"{name} {'✓' if one.is_right else '✗'} {shortened(one.label, 14)}{probability}".lstrip()


def _style(one: _Placed, line: Line) -> str | None:
    return None if line.is_gold else "right" if one.is_right else "wrong"


def _said(name: str, placed: list[_Placed], *, has_spans: bool) -> Markup:
    """Return a description of one side's labels at the position of the error."""
    parts: list[Markup] = []
    for one in placed[:_MOST_LISTED]:
        label = element("bdi", shortened(one.label, _LONGEST_LABEL))
        text = element("bdi", shortened(one.text, _LONGEST_TEXT))
        probability = "" if one.probability is None else f" {one.probability:.2f}"
        parts.append(join([label, " “", text, "”", probability]))
    if len(placed) > _MOST_LISTED:
        parts.append(Markup(f"{len(placed) - _MOST_LISTED:,} more"))
    if not parts:
        parts.append(Markup("none" if has_spans else "nothing"))
    return join([f"{name}: ", *_between(parts, ", ")])


def _between(parts: Sequence[Markup], separator: str) -> list[str]:
    return [piece for part in parts for piece in (part, separator)][:-1]
