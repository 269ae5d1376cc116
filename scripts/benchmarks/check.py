"""Compare ``tagger check`` with ``tagger evaluate --predictions`` on the same sentences: time in turns, and memory.

    OMP_NUM_THREADS=1 python scripts/benchmarks/check.py
    OMP_NUM_THREADS=1 python scripts/benchmarks/check.py wnut17/train.conll --json check.json
    OMP_NUM_THREADS=1 python scripts/benchmarks/check.py --quick

Sentences are made of those of a file: each is the beginning of one and the end of another, cut where no span is, and
one word in fifty gets an ending that makes it new; so most are not copies, and new words keep coming. Four of five are
train and the others test. Evaluation reads all of them as gold, and predictions that are other ones for a fifth of the
sentences. Both are programs of their own, started in turns; times are processor seconds of the whole process, which
others disturb least, and memory is its peak (both from wait4, so on Unix).
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from corpus import add_corpus_arguments, labelled, letters
from measuring import benchmark_parser, in_turns, machine, positive, quartiles, ratio, report

from tagger.examples import Example
from tagger.schemes import convert_labels

_NEW: Final = 0.02
_CHANGED: Final = 0.2
_TEST: Final = 0.2


@dataclass
class Program:
    """A command line, and how much memory its runs took.

    Attributes:
        arguments: of ``tagger``.
        peaks: peak memory of each run, in MB.
    """

    arguments: Sequence[str]
    peaks: list[float]

    def run(self) -> float:
        """Run it and return its processor seconds; 1 as exit status, for findings, is all right."""
        command = [sys.executable, "-m", "tagger", *self.arguments]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 1):
            raise RuntimeError(f"{' '.join(command)} ended with status {process.returncode}")
        self.peaks.append(usage.ru_maxrss / 1024)
        return usage.ru_utime + usage.ru_stime


def sentences(examples: Sequence[Example], tokens: int, *, seed: int = 0) -> list[Example]:
    """Return sentences made of halves of others, so many tokens or a few more.

    Args:
        examples: labelled sentences in IOB2.
        tokens: how many.
        seed: decides which halves are joined.
    """
    generator = random.Random(seed)
    found: list[Example] = []
    total = number = 0
    while total < tokens:
        first, second = generator.choice(examples), generator.choice(examples)
        start, end = _cut(first, generator), _cut(second, generator)
        words = [*first.tokens[:start], *second.tokens[end:]]
        if not words:
            continue
        for place in range(len(words)):
            if generator.random() < _NEW:
                number += 1
                words[place] += letters(number)
        labels = (*(first.labels or ())[:start], *(second.labels or ())[end:])
        found.append(Example(tuple(words), labels))
        total += len(words)
    return found


def _cut(example: Example, generator: random.Random) -> int:
    """Return a place in a sentence where no span is cut."""
    labels = example.labels or ()
    places = [place for place in range(len(labels)) if not labels[place].startswith("I-")]
    return generator.choice([*places, len(labels)])


def write(path: Path, examples: Iterable[Example]) -> None:
    """Write sentences as a CoNLL file of two columns."""
    with path.open("w", encoding="utf-8") as file:
        for example in examples:
            rows = zip(example.tokens, example.labels or (), strict=True)
            file.write("".join(f"{token}\t{label}\n" for token, label in rows) + "\n")


def programs(folder: Path, examples: Sequence[Example], *, seed: int = 0) -> dict[str, Program]:
    """Write the files that both programs read, and return the programs."""
    generator = random.Random(seed)
    size = round(len(examples) * (1 - _TEST))
    parts = {"train": examples[:size], "test": examples[size:], "gold": examples}
    predicted = [
        Example(one.tokens, ("O",) * len(one.tokens)) if generator.random() < _CHANGED else one
        for one in examples
    ]
    paths = {name: folder / f"{name}.conll" for name in (*parts, "predicted")}
    for name, chosen in [*parts.items(), ("predicted", predicted)]:
        write(paths[name], chosen)
    return {
        "check": Program(["check", str(paths["train"]), str(paths["test"])], []),
        "evaluate": Program(["evaluate", "--predictions", str(paths["predicted"]), str(paths["gold"])], []),
    }


def measure(examples: Sequence[Example], tokens: int, rounds: int) -> list[dict[str, object]]:
    """Return a row for each program at one size."""
    with tempfile.TemporaryDirectory() as folder:
        candidates = programs(Path(folder), sentences(examples, tokens))
        seconds = in_turns(
            {name: partial(Program.run, one) for name, one in candidates.items()}, rounds=rounds, warm_up=0
        )
    rows: list[dict[str, object]] = []
    for name, values in seconds.items():
        lower, middle, upper = quartiles(values)
        rows.append(
            {
                "tokens": tokens,
                "what": name,
                "seconds": middle,
                "quartiles": [lower, upper],
                "of evaluate": ratio(values, seconds["evaluate"]),
                "peak MB": statistics.median(candidates[name].peaks),
            }
        )
    return rows


def main() -> None:
    """Run the benchmark."""
    parser = benchmark_parser(__doc__, threads=None)
    add_corpus_arguments(parser)
    parser.add_argument(
        "--tokens", type=positive, nargs="+", help="sizes (default: 1,000,000 and 2,000,000; quick: 20,000)"
    )
    parser.add_argument("--rounds", type=positive, help="(default: 5; quick: 2)")
    options = parser.parse_args()
    examples, scheme = labelled(options.path, options.label_column)
    if not scheme.has_spans:
        parser.error(f"expected labels that spell spans, found {scheme.name} in {options.path}")
    in_iob2 = [
        Example(one.tokens, tuple(convert_labels(one.labels or (), scheme, "iob2"))) for one in examples
    ]
    rows: list[dict[str, object]] = []
    for tokens in options.tokens or ([20_000] if options.quick else [1_000_000, 2_000_000]):
        rows += measure(in_iob2, tokens, options.rounds or (2 if options.quick else 5))
    report({f"sentences of {options.path.name}": rows}, machine(1, ("numpy",)), options)


if __name__ == "__main__":
    main()
