"""Compare the scores of raw text with those of the CoNLL 2018 shared task's scorer, on random treebanks and on files.

    python scripts/benchmarks/shared_task_scores.py [--cases 3000] [--seed 1] [GOLD.conllu SYSTEM.conllu]

The scorer is ``udeval`` of the package udtools (measured with 0.2.9), installed beside this one in an environment of
its own. Random treebanks of a text differ in tokens, sentences, multiword tokens, words and labels; their forms may
have blanks in them. Every count and every score must be the same; the first case that differs is printed, with exit
status 1.
"""

from __future__ import annotations

import argparse
import io
import random
import sys
from pathlib import Path
from typing import Any

from tagger.evaluation.characters.raw_text import compare_raw
from tagger.evaluation.characters.reading_segmented import read_segmented, segmented_predictions
from tagger.evaluation.reading_predictions import read_predictions
from tagger.formats import Losses, ReadingOptions
from tagger.schemes import LabelScheme
from tagger.text import RuleSegmenter

METRICS = ("Tokens", "Sentences", "Words", "UPOS")


def random_treebank(text: str, rng: random.Random) -> str:
    """Return some treebank of a text of letters."""
    lines: list[str] = []
    place = 0
    while place < len(text):
        end = min(len(text), place + rng.choice([3, 5, 9]))
        number = 1
        while place < end:
            token = text[place : min(end, place + rng.choice([1, 1, 2, 2, 3, 4]))]
            place += len(token)
            form = token[0] + rng.choice(["", "", " ", "\u00a0"]) + token[1:] if len(token) > 1 else token
            words = [form]
            if rng.random() < 0.25:
                words = (
                    list(token)
                    if rng.random() < 0.3
                    else rng.choices(("a", "B", "Ab", "b", "a b"), k=rng.choice([1, 2, 3]))
                )
                lines.append(row(f"{number}-{number + len(words) - 1}", form, "_"))
            for word in words:
                lines.append(row(str(number), word, rng.choice("XY")))
                number += 1
            if rng.random() < 0.05:
                lines.append(row(f"{number - 1}.1", "x", "Z"))
        lines.append("\n")
    return "".join(lines)


def row(id: str, form: str, upos: str) -> str:
    """Return a row; all words of a sentence hang on the first, as the scorer wants a tree."""
    head = "_" if not id.isdecimal() else str(int(id != "1"))
    return "\t".join([id, form, "_", upos, "_", "_", head, "_", "_", "_"]) + "\n"


def ours(gold: str, system: str) -> list[tuple[Any, ...]]:
    """Return the rows of our table."""
    options = ReadingOptions(format="conllu", label_column="upos")
    plain = LabelScheme.NONE
    left = read_segmented([(io.StringIO(gold), "gold")], options, RuleSegmenter, Losses(), scheme=plain)
    right = read_predictions(io.StringIO(system), options, RuleSegmenter, scheme=plain)
    (table,), _ = compare_raw(left, segmented_predictions(right, "system"))
    return [row[1:] for row in table.rows]


def theirs(gold: str, system: str) -> list[tuple[Any, ...]]:
    """Return the same figures as the scorer counts them."""
    from udtools import udeval

    found = udeval.evaluate(
        *(udeval.load_conllu(io.StringIO(text), "", {"multiple_roots_okay": True}) for text in (gold, system))
    )
    return [
        (
            *(score.precision, score.recall, score.f1, score.aligned_accuracy),
            *(score.gold_total, score.system_total, score.correct, score.aligned_total),
        )
        for score in (found[name] for name in METRICS)
    ]


def main() -> int:
    """Compare; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="GOLD SYSTEM")
    parser.add_argument("--cases", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if len(arguments.files) not in (0, 2):
        parser.error("expected a gold file and that of a system, or none")
    rng = random.Random(arguments.seed)
    pairs = [tuple(path.read_text(encoding="utf-8") for path in arguments.files)] if arguments.files else []
    for _ in range(arguments.cases):
        text = "".join(rng.choices("abAB", k=rng.choice([3, 6, 10, 20, 40])))
        pairs.append((random_treebank(text, rng), random_treebank(text, rng)))
    for gold, system in pairs:
        if ours(gold, system) != theirs(gold, system):
            print(gold[:2000], system[:2000], ours(gold, system), theirs(gold, system), sep="\n")
            return 1
    print(f"{len(pairs)} pairs of treebanks: every count and score is the same")
    return 0


if __name__ == "__main__":
    sys.exit(main())
