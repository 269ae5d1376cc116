"""What labels mean, inferred from them: their scheme and the reason for it, even if some of them break it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import Final

from tagger.errors import LabelError
from tagger.schemes import LabelScheme, NoSchemeFits, Notation, detect_scheme, find_notation, listed
from tagger.schemes.letters import LETTERS, LETTERS_OF, parse_label

_WITH_SPANS: Final = (
    *(LabelScheme.IOB2, LabelScheme.BIOES, LabelScheme.BILOU, LabelScheme.BMES, LabelScheme.BMEWO),
    *(LabelScheme.IOB1, LabelScheme.IOE2, LabelScheme.IOE1),
)
"""In order of preference, if several fit."""
_FEW: Final = 0.05
"""Labels that fit no scheme are taken for mistakes up to this share of all labels other than O."""
_FOLDED: Final = re.compile(r"[-_\s./:|]+")
_LIKE_LETTERS: Final = str.maketrans("015", "ols")

Pairs = Mapping[tuple[str, str], int]
"""Counts of adjacent pairs of labels, with O beyond both ends of each sentence."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the labels of some sentences mean.

    Attributes:
        scheme: their scheme; None if it cannot be determined.
        notation: how they are written.
        why: the reason for the scheme, in one sentence, or the reason why there is none.
        fits: whether all of them are legal in it.
        odd: labels that cannot belong to it, each with the label it is read as.
        place: the indices of the sentence and the token because of which there is no scheme.
    """

    scheme: LabelScheme | None
    notation: Notation = field(default_factory=Notation)
    why: str = ""
    fits: bool = True
    odd: Mapping[str, str] = field(default_factory=dict)
    place: tuple[int, int] | None = None

    def read(self, labels: Sequence[str]) -> tuple[str, ...]:
        """Return labels of a sentence in the usual notation; those that cannot belong to the scheme are repaired."""
        read = self.notation.read(labels)
        if self.odd and not self.odd.keys().isdisjoint(read):
            return tuple([self.odd.get(label, label) for label in read])
        return read


def find_meaning(
    sequences: Sequence[Sequence[str]], given: LabelScheme | None = None, others: LabelScheme | None = None
) -> Meaning:
    """Return what labels mean.

    Args:
        sequences: the labels of each sentence, as written.
        given: their scheme, if it is known.
        others: the scheme of other parts of the corpus, which is used if it fits.
    """
    try:
        notation = find_notation(sequences, given)
        read = sequences if notation.is_usual else [notation.read(labels) for labels in sequences]
        counts = _counts(read)
        if given is LabelScheme.NONE or (
            others is LabelScheme.NONE and given is None and not _are_spelled(read)
        ):
            return Meaning(LabelScheme.NONE, notation, _said(given, others))
        if others is not None and others.has_spans and given is None:
            broken = _broken(counts, others)
            if broken <= _FEW * sum(count for (_, label), count in counts.items() if label != "O"):
                return Meaning(others, notation, _said(given, others), not broken, _odd(read, others))
        if given is None:
            if notation.brackets:
                odd = _odd(read, LabelScheme.IOB2)
                return Meaning(LabelScheme.IOB2, notation, "labels are brackets", not odd, odd)
            given = detect_scheme(read)
            return Meaning(given, notation, _why(counts, given))
        broken, odd = _broken(counts, given), _odd(read, given)
        return Meaning(given, notation, _said(given, None), not broken, odd)
    except LabelError as error:
        return _where_some_break(sequences, given, error)


def canonical(label: str) -> str:
    """Return a label in a form without what is easily mistyped: case, dividers, digits in place of letters.

    >>> canonical("B-Per"), canonical("B_PER"), canonical("b-L0C")
    ('b per', 'b per', 'b loc')
    """
    return _FOLDED.sub(" ", label.casefold().strip()).translate(_LIKE_LETTERS)


def legal_schemes(counts: Pairs) -> list[LabelScheme]:
    """Return the schemes with spans in which labels are legal, in order of preference."""
    return [scheme for scheme in _WITH_SPANS if not _broken(counts, scheme)]


def _counts(sequences: Iterable[Sequence[str]]) -> Counter[tuple[str, str]]:
    return Counter(chain.from_iterable(pairwise(("O", *labels, "O")) for labels in sequences))


def _broken(counts: Pairs, scheme: LabelScheme) -> int:
    """Return the number of adjacent labels that are not allowed in a scheme."""
    if not scheme.has_spans:
        return 0
    broken = 0
    for (left, right), count in counts.items():
        try:
            broken += 0 if parse_label(left, scheme).allows(parse_label(right, scheme)) else count
        except LabelError:
            broken += count
    return broken


def _where_some_break(
    sequences: Sequence[Sequence[str]], given: LabelScheme | None, error: LabelError
) -> Meaning:
    """Return the scheme that the fewest labels break, if none fits all of them."""
    place = (error.sequence, error.position) if isinstance(error, NoSchemeFits) else None
    unclear = Meaning(None, why=str(error), fits=False, place=place)
    try:
        notation = find_notation(sequences, given)
    except LabelError:
        notation = Notation()
    read = sequences if notation.is_usual else [notation.read(labels) for labels in sequences]
    labels = Counter(chain.from_iterable(read))
    spelled = {label for label in labels if (parts := Notation().parts(label)) and parts[1]}
    num_odd = sum(labels[label] for label in labels.keys() - spelled - {"O"})
    num_spelled = sum(labels[label] for label in spelled)
    if not num_spelled or num_odd > _FEW * (num_odd + num_spelled):
        return unclear
    letters = {label[0] for label in spelled}
    fitting = [given] if given else [scheme for scheme in _WITH_SPANS if letters <= LETTERS_OF[scheme]]
    if not fitting:
        return unclear
    odd = _nearest(labels.keys() - spelled - {"O"}, spelled | {"O"})
    mended = [[odd.get(label, label) for label in sequence] for sequence in read] if odd else read
    counts = _counts(mended)
    scheme = min(fitting, key=lambda scheme: _broken(counts, scheme))
    why = (
        f"their letters are {listed(letters)}, and of the schemes with these letters the fewest labels break this one"
        if len(fitting) > 1
        else f"it is the only scheme with the letters {listed(letters)}"
    )
    return Meaning(scheme, notation, why, False, odd)


def _odd(sequences: Iterable[Sequence[str]], scheme: LabelScheme) -> dict[str, str]:
    """Return the labels that cannot belong to a scheme, each with the label it is read as."""
    labels = set[str]().union(*sequences)
    fitting = {label for label in labels if _belongs(label, scheme)}
    return _nearest(labels - fitting, fitting | {"O"})


def _are_spelled(sequences: Iterable[Sequence[str]]) -> bool:
    """Whether each label is O or a letter and a type, and at least one is the latter."""
    labels = set[str]().union(*sequences) - {"O"}
    return bool(labels) and all(Notation().parts(label) for label in labels)


def _belongs(label: str, scheme: LabelScheme) -> bool:
    try:
        parse_label(label, scheme)
    except LabelError:
        return False
    return True


def _nearest(odd: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """Return for each odd label the known one from which only case, divider and the like differ; O if there is none."""
    by_form: dict[str, list[str]] = {}
    for label in sorted(known):
        by_form.setdefault(canonical(label), []).append(label)
    found = {}
    for label in sorted(odd):
        alike = by_form.get(canonical(label), [])
        found[label] = alike[0] if len(alike) == 1 else "O"
    return found


def _said(given: LabelScheme | None, others: LabelScheme | None) -> str:
    if given is not None:
        return "as --scheme says"
    assert others is not None, "one of them is given"
    return "as in the other parts" if others.has_spans else "plain labels, as in the other parts"


def _why(counts: Pairs, scheme: LabelScheme) -> str:
    labels = {label for pair in counts for label in pair} - {"O"}
    if not scheme.has_spans:
        return "labels do not consist of a letter and a type, so they are plain labels"
    if not labels:
        return "all labels are O"
    if scheme is LabelScheme.IO:
        return "labels are types without a letter, and O"
    letters = {label[0] for label in labels if label[0] in LETTERS}
    others = [other.name for other in legal_schemes(counts) if other is not scheme]
    why = f"letters {listed(letters)}, legal throughout"
    return (
        f"{why}; also in {', '.join(others)}, with the same spans" if others else f"{why} in no other scheme"
    )
