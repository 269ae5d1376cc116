"""How many of the first suspects of tagger.label_errors are label errors that were planted.

    python scripts/benchmarks/planted.py TRAIN 0.02 SEED FOLDER
    python recipes/cross_validate.py --config X.yaml --data.train FOLDER/train.conll ... --output RUN
    python scripts/benchmarks/label_errors.py FOLDER RUN_folds/DIGEST [...]

For each pair of folders: of the first 50 suspects, how many meet a planted error that none before them met (an error is
met where one token of what is in dispute is one of the entity, as it was or as it was made); and of the errors of each
kind, how many are among these. Beside them, on the same models: the rankings by the probability of the gold reading
alone and by the margin alone; and cleanlab's ranking of tokens by self-confidence, where that is installed
(``find_label_issues`` and all tokens by their scores). Its tokens are taken together to runs of tokens side by side
with the rank of the first, so that an entity of three tokens does not take three places.

What else is among the first 50 is printed with ``--show``: in real data, labels that may really be wrong.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np

from tagger import Tagger
from tagger.formats import ReadingOptions, read_gold
from tagger.label_errors import Suspect, find_suspects, ranked, reason
from tagger.text import RuleSegmenter

FIRST: Final = 50

Stretch = tuple[int, int, int]
"""Number of a sentence, first token, token after the last one."""


@dataclass(frozen=True)
class Found:
    """What the first places of a ranking hold.

    Attributes:
        met: errors that are met.
        kinds: how many of each kind.
        hits: for each place whether it met one that none before it met.
    """

    met: int
    kinds: Counter[str]
    hits: tuple[bool, ...]


def count(ranking: Iterable[Stretch], errors: Sequence[dict[str, Any]], first: int = FIRST) -> Found:
    """Return which planted errors the first places of a ranking meet, each once.

    Args:
        ranking: the most suspicious first.
        errors: records as ``planted.py`` writes them.
        first: so many places.
    """
    tokens = [{place for start, end in _ranges(error) for place in range(start, end)} for error in errors]
    of_sentence: dict[int, list[int]] = {}
    for number, error in enumerate(errors):
        of_sentence.setdefault(error["sentence"], []).append(number)
    met: list[int] = []
    hits = []
    for _, (sentence, start, end) in zip(range(first), ranking, strict=False):
        new = [
            number
            for number in of_sentence.get(sentence, ())
            if number not in met and not tokens[number].isdisjoint(range(start, end))
        ]
        met += new[:1]
        hits.append(bool(new))
    return Found(len(met), Counter(errors[number]["kind"] for number in met), tuple(hits))


def _ranges(error: dict[str, Any]) -> Iterable[tuple[int, int]]:
    yield error["start"], error["end"]
    if error["now"] is not None:
        yield error["now"][1], error["now"][2]


def runs(tokens: Iterable[tuple[int, int]]) -> list[Stretch]:
    """Return tokens in the order of their rank as runs of neighbours, each at the place of its first.

    A token next to one of a run before it belongs to that run.

    >>> runs([(0, 4), (2, 1), (0, 5), (0, 9)])
    [(0, 4, 6), (2, 1, 2), (0, 9, 10)]
    """
    found: list[Stretch] = []
    at: dict[tuple[int, int], int] = {}
    for sentence, token in tokens:
        number = at.get((sentence, token - 1), at.get((sentence, token + 1), len(found)))
        at[sentence, token] = number
        if number == len(found):
            found.append((sentence, token, token + 1))
        else:
            _, start, end = found[number]
            found[number] = (sentence, min(start, token), max(end, token + 1))
    return found


class Judged:
    """A corpus with planted errors, and what the models of a cross-validation say of it.

    Args:
        planted: the folder of ``planted.py``.
        folds: that of the cross-validation.
    """

    def __init__(self, planted: Path, folds: Path) -> None:
        self.examples = read_gold([(planted / "train.conll", None)], ReadingOptions(), RuleSegmenter).examples
        records = (planted / "planted.jsonl").read_text(encoding="utf-8").splitlines()
        self.errors: list[dict[str, Any]] = [json.loads(record) for record in records]
        suspects: list[Suspect] = []
        self.marginals: dict[int, np.ndarray[Any, Any]] = {}
        self.labels: tuple[str, ...] = ()
        for fold, members in _members(folds, len(self.examples)).items():
            tagger = Tagger.load(folds / f"fold_{fold}" / "model")
            own = [self.examples[number] for number in members]
            suspects += find_suspects(tagger, own, numbers=members)
            self.labels = self.labels or tagger.labels
            if tagger.labels != self.labels:
                raise SystemExit(f"{folds}: expected one set of labels in all folds")
            sentences = [example.tokens for example in own]
            self.marginals.update(zip(members, tagger.marginals(sentences), strict=True))
        self.suspects = ranked(suspects)

    def rankings(self) -> dict[str, list[Stretch]]:
        """Return all rankings by their names."""
        by: dict[str, Callable[[Suspect], float]] = {
            "gold probability": lambda suspect: suspect.gold_probability,
            "margin": lambda suspect: suspect.gold_probability / suspect.other_probability,
        }
        found = {"tagger": [_stretch(suspect) for suspect in self.suspects]}
        for name, key in by.items():
            found[name] = [_stretch(suspect) for suspect in sorted(self.suspects, key=key)]
        if find_spec("cleanlab") is not None:
            found |= self._cleanlab()
        return found

    def _cleanlab(self) -> dict[str, list[Stretch]]:
        from cleanlab.token_classification.filter import find_label_issues
        from cleanlab.token_classification.rank import get_label_quality_scores

        ids = {label: number for number, label in enumerate(self.labels)}
        numbers = sorted(self.marginals)
        labels = [[ids[label] for label in self.examples[number].labels or ()] for number in numbers]
        chances = [np.asarray(self.marginals[number], dtype=np.float64) for number in numbers]
        chances = [rows / rows.sum(axis=1, keepdims=True) for rows in chances]
        issues = find_label_issues(labels, chances)
        _, scores = get_label_quality_scores(labels, chances)
        every = sorted(
            (float(value), place, token)
            for place, row in enumerate(scores)
            for token, value in enumerate(row)
        )
        return {
            "cleanlab issues": runs((numbers[place], token) for place, token in issues),
            "cleanlab scores": runs((numbers[place], token) for _, place, token in every),
        }


def _stretch(suspect: Suspect) -> Stretch:
    return suspect.sentence, suspect.start, suspect.end


def _members(folds: Path, num_sentences: int) -> dict[int, list[int]]:
    """Return the sentences of each fold, as its cross-validation wrote them down."""
    lines = (folds / "predictions.jsonl").read_text(encoding="utf-8").splitlines()
    if len(lines) != num_sentences:
        raise SystemExit(f"{folds}: expected predictions of {num_sentences} sentences, found {len(lines)}")
    found: dict[int, list[int]] = {}
    for number, line in enumerate(lines):
        fold = json.loads(line)["fold"]
        if fold is not None:
            found.setdefault(fold, []).append(number)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table of all rankings for each corpus."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="PLANTED FOLDS")
    parser.add_argument("--first", type=int, default=FIRST, help="so many places (%(default)s)")
    parser.add_argument("--show", action="store_true", help="print what the first places hold")
    options = parser.parse_args(arguments)
    if len(options.folders) % 2:
        parser.error("expected folders in pairs: PLANTED FOLDS")
    for planted, folds in zip(options.folders[::2], options.folders[1::2], strict=True):
        judged = Judged(planted, folds)
        kinds = Counter(error["kind"] for error in judged.errors)
        print(f"{planted}: {len(judged.errors)} planted ({_listed(kinds)})")
        for name, ranking in judged.rankings().items():
            found = count(ranking, judged.errors, options.first)
            share = found.met / options.first
            print(
                f"  {name:<18} {found.met:>3} of the first {options.first} ({share:.2f}): {_listed(found.kinds)}"
            )
        if options.show:
            _show(judged, options.first)


def _listed(kinds: Counter[str]) -> str:
    return ", ".join(f"{kind} {number}" for kind, number in sorted(kinds.items())) or "none"


def _show(judged: Judged, first: int) -> None:
    found = count([_stretch(suspect) for suspect in judged.suspects], judged.errors, first)
    for rank, (suspect, hit) in enumerate(zip(judged.suspects, found.hits, strict=False), start=1):
        tokens = judged.examples[suspect.sentence].tokens
        print(f"  {rank:>4} {'planted' if hit else '       '} {reason(suspect, tokens)}")
        print(f"               {' '.join(tokens)}")


if __name__ == "__main__":
    main()
