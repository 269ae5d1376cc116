"""Which sentences of several annotators are the same: in their order, or by the ids of their documents.

Sentences are compared by their characters, but for white space. What one annotator has as two sentences may be one of
another. A sentence that an annotator does not have is missing there, if those around it are the same; a sentence that
is another one is an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate
from typing import Final, TypeAlias

from tagger.agreement.passages import Passage
from tagger.agreement.reading import Annotator
from tagger.errors import DataError
from tagger.evaluation.characters.raw_text import check_same_text
from tagger.formats.columns.records import excerpt

Block: TypeAlias = tuple[tuple[Passage, ...], ...]
"""The same text of each annotator, one sentence or several; none where it is missing."""

_ADVICE: Final = (
    "All annotators must have the same sentences, in the same order; some may be missing. Documents may come in "
    "another order, and others be missing, where all files have ids of documents."
)


def align(annotators: Sequence[Annotator]) -> list[Block]:
    """Return what is the same text of several annotators.

    Args:
        annotators: two or more.

    Raises:
        DataError: texts differ, or sentences come in another order and have no ids; shows the first difference.
    """
    names = [one.name for one in annotators]
    passages = [one.passages for one in annotators]
    try:
        return _in_order(names, passages)
    except DataError:
        documents = [_by_document(one) for one in passages]
        ids = dict.fromkeys(id for one in documents for id in one)
        if None in ids or not all(_has_shared(one, documents) for one in documents):
            raise
    return [block for id in ids for block in _in_order(names, [one.get(id, []) for one in documents])]


def _by_document(passages: Iterable[Passage]) -> dict[str | None, list[Passage]]:
    documents: dict[str | None, list[Passage]] = {}
    for passage in passages:
        documents.setdefault(passage.key, []).append(passage)
    return documents


def _has_shared(
    one: dict[str | None, list[Passage]], documents: Sequence[dict[str | None, list[Passage]]]
) -> bool:
    return any(not one.keys().isdisjoint(other) for other in documents if other is not one)


@dataclass(frozen=True, slots=True)
class _Text:
    """Consecutive sentences of one annotator, for a message."""

    name: str
    passages: Sequence[Passage]

    @property
    def characters(self) -> str:
        return _characters(self.passages)

    def origin_of(self, place: int) -> str:
        ends = accumulate(len(passage.characters) for passage in self.passages)
        found = next((one for one, end in zip(self.passages, ends, strict=True) if place < end), None)
        return self.name if found is None else _place(self.name, found)


def _place(name: str, passage: Passage) -> str:
    origin = passage.origin or name
    return origin if name in origin else f"{origin} ({name})"


def _in_order(names: Sequence[str], annotators: Sequence[Sequence[Passage]]) -> list[Block]:
    blocks: list[Block] = []
    for number, passages in enumerate(annotators):
        blocks = list(_with_next(blocks, passages, names[: number + 1]))
    return blocks


def _with_next(blocks: Sequence[Block], passages: Sequence[Passage], names: Sequence[str]) -> Iterator[Block]:
    """Yield the blocks of some annotators together with the sentences of the next one.

    Args:
        blocks: of those before.
        passages: of the next.
        names: of all of these; the last one is that of the next.
    """
    keys = [_characters(_present(block)) for block in blocks]
    own_keys = [passage.characters for passage in passages]
    alone: tuple[set[str], set[str]] = set(), set()
    done = own_done = 0
    nobody: Block = ((),) * (len(names) - 1)
    for start, own_start, size in _same_runs(keys, own_keys):
        gap, own_gap = range(done, start), range(own_done, own_start)
        if gap and own_gap:
            if "".join(keys[done:start]) != "".join(own_keys[own_done:own_start]):
                _refuse(blocks[done:], passages[own_done:], names)
                _refuse(blocks[done:start], passages[own_done:own_start], names)
            yield from _pieces(blocks[done:start], passages[own_done:own_start])
        else:
            alone[0].update(keys[done:start])
            alone[1].update(own_keys[own_done:own_start])
            yield from ((*block, ()) for block in blocks[done:start])
            yield from ((*nobody, (passage,)) for passage in passages[own_done:own_start])
        done, own_done = start + size, own_start + size
        for block, passage in zip(blocks[start:done], passages[own_start:own_done], strict=True):
            yield (*block, (passage,))
    if moved := alone[0] & alone[1]:
        passage = next(passage for passage in passages if passage.characters in moved)
        raise DataError(
            f"{_place(names[-1], passage)}: expected sentences in the same order as {names[0]} has, found "
            f"{excerpt(passage.text)} in another place. {_ADVICE}"
        )


def _same_runs(left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Yield runs of equal keys in both orders: where they begin, and how long they are; at last an empty one.

    >>> list(_same_runs("abcd", "abxd"))
    [(0, 0, 2), (3, 3, 1), (4, 4, 0)]
    """
    same = 0
    while same < min(len(left), len(right)) and left[same] == right[same]:
        same += 1
    if same:
        yield 0, 0, same
    # The matcher alone would take its time for long files, most of which are the same.
    matcher = SequenceMatcher(None, left[same:], right[same:], autojunk=False)
    for start, own_start, size in matcher.get_matching_blocks():
        yield same + start, same + own_start, size


def _pieces(blocks: Sequence[Block], passages: Sequence[Passage]) -> Iterator[Block]:
    """Yield blocks of the same text that is cut into sentences in another way: as small as both sides allow.

    An annotator who has only a part of such a block has none of it.
    """
    ends = list(accumulate(len(_characters(_present(block))) for block in blocks))
    own_ends = list(accumulate(len(passage.characters) for passage in passages))
    done = own_done = 0
    for end in sorted(set(ends) & set(own_ends)):
        after, own_after = ends.index(end, done) + 1, own_ends.index(end, own_done) + 1
        some = blocks[done:after]
        joined = (
            tuple(passage for one in of_annotator for passage in one) if all(of_annotator) else ()
            for of_annotator in zip(*some, strict=True)
        )
        yield (*joined, tuple(passages[own_done:own_after]))
        done, own_done = after, own_after


def _refuse(blocks: Sequence[Block], passages: Sequence[Passage], names: Sequence[str]) -> None:
    """Raise an error that shows the first difference of the texts, if there is one."""
    number = next(number for number, one in enumerate(blocks[0]) if one)
    left = [passage for block in blocks for passage in _present(block)]
    check_same_text(_Text(names[number], left), _Text(names[-1], passages), advice=_ADVICE)


def _present(block: Block) -> tuple[Passage, ...]:
    """Return the sentences of the first annotator who has the text."""
    return next(one for one in block if one)


def _characters(passages: Sequence[Passage]) -> str:
    if len(passages) == 1:
        return passages[0].characters
    return "".join(passage.characters for passage in passages)
