"""Group answers by input file, including empty files."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from tagger.cli.annotated_outputs import Answered
from tagger.cli.streams import STANDARD, STANDARD_NAME
from tagger.formats import TextRecord


def by_file(answered: Iterable[Answered], inputs: Sequence[str]) -> Iterator[tuple[str, Iterator[Answered]]]:
    """Yield the name of each input file with an iterator of its answers, to be consumed before the next.

    Args:
        answered: the records of all inputs in their order, with the answers to their sentences.
        inputs: their paths; those without a record are yielded in order, with no answers.
    """
    waiting = deque(STANDARD_NAME if path == STANDARD else path for path in inputs)
    times = Counter(waiting)
    for (_, name), group in groupby(answered, key=_FileCounter()):
        while times[name] and waiting[0] != name:
            times[waiting[0]] -= 1
            yield waiting.popleft(), iter(())
        if times[name]:
            times[waiting.popleft()] -= 1
        yield name, group
    for name in waiting:
        yield name, iter(())


class _FileCounter:
    """Key function that separates the records of files; for text, even the same file given twice."""

    def __init__(self) -> None:
        self._number = 0
        self._name: str | None = None

    def __call__(self, pair: Answered) -> tuple[int, str]:
        record, _ = pair
        begins_again = isinstance(record, TextRecord) and record.offset == 0
        if record.name != self._name or begins_again:
            self._number += 1
            self._name = record.name
        return self._number, record.name
