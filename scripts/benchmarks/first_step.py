"""Compare how long a run takes from the call of ``train`` to its first step, and its memory, with an older version.

    python scripts/benchmarks/first_step.py CORPUS.conll                      # 500,000 sentences
    python scripts/benchmarks/first_step.py CORPUS.conll --sentences 100000 --commit 409574c

The sentences are the corpus over and over, in Parquet as ``datasets`` writes it: words, and labels as integers with
names. In every repetition some of the words that the corpus has but once become new ones, as many as make the
vocabulary grow as it does in running text. The file is read both ways that there are: ``data.dataset`` with its folder,
and ``data.train`` with its path. The older version is the commit named in baseline.txt, or ``--commit``; its files lie
in a temporary folder, all other packages are those of this environment (extra ``train`` and ``datasets``).

Each run is a process of its own, on one thread; the versions take turns. ``processor`` are the seconds that the
processor worked for it, since other programs on a busy machine lengthen those on the ``clock``. Memory is the most that
the process had, its imports included, which had taken ``before`` of it. Ratios are of this version to the older one,
the median of the rounds. Linux only.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from corpus import labelled, letters
from measuring import Row, benchmark_parser, machine, positive, quartiles, ratio, report
from peers import OURS
from sides import BASELINE, ROOT, baseline_commit, check_source, environment, extract

from tagger.examples import Example

_PROGRAM: Final = Path(__file__).with_name("one_step.py")
_MEASURES: Final = {"processor": "processor, s", "clock": "clock, s", "peak": "memory, MiB"}
_SEED: Final = 1

Taken = Mapping[str, float]
"""What one run took: seconds of the processor and on the clock, MiB before and at the peak."""


def growing(examples: Sequence[Example], num_sentences: int, *, seed: int = _SEED) -> Iterator[Example]:
    """Yield a corpus over and over, among whose rare words are ever new ones.

    A word that the corpus has once is, in a repetition, its n-th variant or a later one with the probability n^-0.5:
    as many words are distinct in r repetitions as r^(2/3), which is what Heaps found of running text.

    Args:
        examples: the corpus.
        num_sentences: how many to yield.
        seed: decides which variants.
    """
    counts = Counter(token for example in examples for token in example.tokens)
    generator = random.Random(seed)

    def variant(word: str) -> str:
        if counts[word] > 1:
            return word
        return word + letters(int((1 - generator.random()) ** -2) - 1)

    endless = (
        Example(tuple(map(variant, example.tokens)) if repetition else example.tokens, example.labels)
        for repetition in count()
        for example in examples
    )
    return islice(endless, num_sentences)


def write_parquet(examples: Sequence[Example], num_sentences: int, path: Path) -> tuple[int, int]:
    """Write the sentences of :func:`growing`; return how many tokens and how many different words they have."""
    import datasets

    datasets.disable_progress_bars()

    names = sorted({label for example in examples for label in example.labels or ()})
    number_of = {name: number for number, name in enumerate(names)}
    features = datasets.Features(
        tokens=datasets.List(datasets.Value("string")),
        ner_tags=datasets.List(datasets.ClassLabel(names=names)),
    )
    words: set[str] = set()
    tokens: list[list[str]] = []
    tags: list[list[int]] = []
    num_tokens = 0
    for example in growing(examples, num_sentences):
        words.update(example.tokens)
        num_tokens += len(example.tokens)
        tokens.append(list(example.tokens))
        tags.append([number_of[label] for label in example.labels or ()])
    rows = {"tokens": tokens, "ner_tags": tags}
    datasets.Dataset.from_dict(rows, features=features).to_parquet(path)
    return num_tokens, len(words)


def run(source: Path, output: Path, options: Sequence[str]) -> Taken:
    """Return what a run of the version in ``source`` takes up to its first step."""
    command = [sys.executable, str(_PROGRAM), str(output), *options]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(source))
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stderr}")
    taken: Taken = json.loads(done.stdout.splitlines()[-1])
    return taken


def compared(sources: Mapping[str, Path], options: Sequence[str], folder: Path, *, rounds: int) -> list[Row]:
    """Return a row for each version, which take turns."""
    taken: dict[str, list[Taken]] = {name: [] for name in sources}
    for number in range(rounds):
        for name, source in sources.items():
            taken[name].append(run(source, folder / f"{name}{number}", options))
    rows: list[Row] = []
    for name, runs in taken.items():
        row: dict[str, object] = {"version": name}
        for measure, title in _MEASURES.items():
            values = [one[measure] for one in runs]
            low, middle, high = quartiles(values)
            row[title] = middle
            row[f"{measure}: quartiles"] = [low, high]
            row[f"{measure}: ratio"] = ratio(values, [one[measure] for one in taken[BASELINE]])
        row["before, MiB"] = quartiles([one["before"] for one in runs])[1]
        rows.append(row)
    return rows


def main() -> None:
    arguments = _parser().parse_args()
    examples, _ = labelled(arguments.corpus, arguments.label_column)
    num_sentences = arguments.sentences or (2_000 if arguments.quick else 500_000)
    commit = arguments.commit or baseline_commit()
    rounds = arguments.rounds or (1 if arguments.quick else 3)
    with TemporaryDirectory() as name:
        folder = Path(name)
        baseline = folder / "baseline"
        extract(commit, baseline)
        sources = {BASELINE: baseline, OURS: ROOT}
        for source in sources.values():
            check_source(source)
        data = folder / "data"
        data.mkdir()
        path = data / "train.parquet"
        num_tokens, num_words = write_parquet(examples, num_sentences, path)
        ways = {"data.dataset": f"dataset={data}", "data.train": f"train={path}"}
        size = f"{num_sentences:,} sentences, {num_tokens:,} tokens, {num_words:,} words"
        tables = {
            f"{way}, {size}": compared(sources, [option], folder / way, rounds=rounds)
            for way, option in ways.items()
        }
    conditions = {**machine(1, ["tagger", "datasets", "pyarrow"]), "baseline": commit[:12]}
    report(tables, conditions, arguments)


def _parser() -> argparse.ArgumentParser:
    parser = benchmark_parser(__doc__, threads=None)
    parser.add_argument("corpus", type=Path, help="CoNLL or CoNLL-U file of labelled sentences")
    parser.add_argument(
        "--label-column", metavar="COLUMN", help="of the labels (default: conll -1, conllu upos)"
    )
    parser.add_argument(
        "--sentences", type=positive, metavar="N", help="how many (default: 500,000; quick: 2,000)"
    )
    parser.add_argument("--commit", help="the older version (default: the one in baseline.txt)")
    parser.add_argument("--rounds", type=positive, metavar="N", help="rounds (default: 3; quick: 1)")
    return parser


if __name__ == "__main__":
    main()
