"""The flat texts of the corpus as tokens with labels: what formats made of tokens are tried with."""

from dataclasses import dataclass

from formats.annotated_corpus import CORPUS


@dataclass(frozen=True)
class Sentence:
    """A text as one sentence.

    Attributes:
        text: its characters from the first token to the last.
        tokens: their characters.
        labels: in IOB2.
        spaces: the white space after each token; none after the last.
        spans: ``(start, end, label)`` in ``text``.
    """

    text: str
    tokens: tuple[str, ...]
    labels: tuple[str, ...]
    spaces: tuple[str, ...]
    spans: tuple[tuple[int, int, str], ...]


def _label(case, start, end):
    for ((first, after),), label in case.spans:
        if first <= start and end <= after:
            return ("B-" if first == start else "I-") + label
    return "O"


def _sentence(case):
    first, last = case.tokens[0][0], case.tokens[-1][1]
    ends = [start for start, _ in case.tokens[1:]] + [last]
    return Sentence(
        case.text[first:last],
        tuple(case.text[start:end] for start, end in case.tokens),
        tuple(_label(case, start, end) for start, end in case.tokens),
        tuple(case.text[end:after] for (_, end), after in zip(case.tokens, ends, strict=True)),
        tuple((ranges[0][0] - first, ranges[0][1] - first, label) for ranges, label in case.spans),
    )


FLAT = [case for case in CORPUS if case.is_flat]
SENTENCES = [_sentence(case) for case in FLAT]
