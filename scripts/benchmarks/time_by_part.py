"""Show where the time of tagging goes, part by part, on the CPU.

    OMP_NUM_THREADS=1 python scripts/benchmarks/time_by_part.py MODEL DEV.conllu
    OMP_NUM_THREADS=1 python scripts/benchmarks/time_by_part.py MODEL DEV.conllu --tagged 20000 --json parts.json

Each part is a function, or some, whose calls are timed; what it calls of other parts counts there alone. What is left
of the whole is the last row, so the rows sum to the whole. Timing itself takes time: ``clocks cost`` is how many times
as long the whole took with it as without, both in turns; where it is far from 1, parts of many calls look larger than
they are. Numbers are medians over the rounds, each part by itself.

A tagger has met the words before, but for ``no word met``, and sentences ``alone`` are of 20 tokens.
"""

from __future__ import annotations

import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any, Final
from unittest import mock

from corpus import labelled, pieces, repeated
from measuring import Row, benchmark_parser, machine, positive, quartiles, ratio, report, timed

from tagger import Tagger
from tagger.network.cells import CELLS

PARTS: Final = (
    ("words looked up", "tagger.inference.word_cache", "WordCache.rows"),
    ("features of new words", "tagger.features.featurizer", "Featurizer.encode"),
    ("embeddings of new words", "tagger.network.embeddings", "FrozenEmbeddings.__call__"),
    ("character CNN", "tagger.network.char_cnn", "FrozenCharCNN.__call__"),
    ("projections looked up", "tagger.inference.projection_cache", "ProjectionCache.look_up"),
    ("projections computed", "tagger.network.network", "Network.project"),
    ("batches", "tagger.inference.runner", "batches_by_length"),
    ("reading order", "tagger.inference.runner", "reading_order"),
    ("recurrence, products", "tagger.network.layer", "multiply"),
    ("recurrence, gates", "tagger.network.cells", "{cell}.step"),
    ("recurrence, the rest", "tagger.network.stack", "FrozenStack.run"),
    ("linear layer", "tagger.network.network", "Network.emissions"),
    ("wide features", "tagger.features.wide", "WideIndex.rows_by_feature"),
    ("wide weights", "tagger.network.wide", "FrozenWide.__call__"),
    ("CRF, scores checked", "tagger.network.decoder", "ChainDecoder.scores"),
    ("CRF, Viterbi", "tagger.inference.scores", "best_labels"),
    ("CRF, probabilities", "tagger.crf_kernels.padded", "PaddedPosterior.__init__"),
    ("CRF, probabilities", "tagger.crf_kernels.padded", "PaddedPosterior.log_probability"),
    ("CRF, probabilities", "tagger.crf_kernels.padded", "PaddedPosterior.pairs_from"),
    ("labels as text", "tagger.inference.reported_labels", "ReportedLabels.names"),
    ("labels as text", "tagger.inference.reported_labels", "ReportedLabels.report"),
    ("predictions made", "tagger.inference.scores", "BatchScores.predictions"),
)
"""Name, module, and function there; the same name more than once is one part."""
THE_REST: Final = "Python around it"


class Clock:
    """The seconds and calls of parts, without what other parts took of them."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.calls: Counter[str] = Counter()
        self._inner: list[float] = []  # of each part under way, the seconds that others took of it

    def around(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, timed."""

        @wraps(function)
        def timed_function(*arguments: Any, **options: Any) -> Any:
            self._inner.append(0.0)
            begin = time.perf_counter()
            try:
                return function(*arguments, **options)
            finally:
                passed = time.perf_counter() - begin
                self.seconds[part] += passed - self._inner.pop()
                self.calls[part] += 1
                if self._inner:
                    self._inner[-1] += passed

        return timed_function

    @contextmanager
    def on(self, cell: str) -> Iterator[None]:
        """Time the parts of taggers with this cell as long as the block lasts."""
        with ExitStack() as stack:
            for part, module, path in PARTS:
                *owners, name = path.format(cell=CELLS[cell].__name__).split(".")
                owner: Any = import_module(module)
                for attribute in owners:
                    owner = getattr(owner, attribute)
                stack.enter_context(mock.patch.object(owner, name, self.around(part, getattr(owner, name))))
            yield


def measure(
    ready: Callable[[], Callable[[], object]], *, cell: str, num_tokens: int, rounds: int
) -> list[Row]:
    """Return a row for each part.

    Args:
        ready: does what is not to be timed, and returns the work.
        cell: of the tagger.
        num_tokens: of the work.
        rounds: how often it is done, with clocks and without.
    """
    seconds: dict[str, list[float]] = {}
    plain, clocked = [], []
    clock = Clock()
    for number in range(1 + rounds):
        without = timed(ready())
        work, clock = ready(), Clock()
        with clock.on(cell):
            whole = timed(work)
        if number:  # the first one warms up
            plain.append(without)
            clocked.append(whole)
            parts = {**clock.seconds, THE_REST: whole - sum(clock.seconds.values())}
            for part, passed in parts.items():
                seconds.setdefault(part, []).append(passed)
    names = [*dict.fromkeys(part for part, _, _ in PARTS), THE_REST]
    rows: list[Row] = []
    for part in names:
        if part in seconds:
            low, middle, high = (1e6 * value / num_tokens for value in quartiles(seconds[part]))
            share = statistics.median(own / all_ for own, all_ in zip(seconds[part], clocked, strict=True))
            rows.append(
                {
                    "part": part,
                    "µs per token": middle,
                    "quartiles": [low, high],
                    "share": share,
                    "calls": clock.calls[part] or None,
                }
            )
    low, middle, high = (1e6 * value / num_tokens for value in quartiles(plain))
    rows.append(
        {
            "part": "all, without clocks",
            "µs per token": middle,
            "quartiles": [low, high],
            "clocks cost": ratio(clocked, plain),
        }
    )
    return rows


def measurements(
    model: Path, sentences: Sequence[Sequence[str]], alone: Sequence[Sequence[str]]
) -> dict[str, tuple[Callable[[], Callable[[], object]], int]]:
    """Return what is measured: by title, a function that makes the work ready, and its tokens."""
    known = Tagger.load(model)
    known.tag([*sentences, *alone])

    def new() -> Callable[[], object]:
        tagger = Tagger.load(model)
        return lambda: tagger.tag(sentences)

    num_tokens = sum(map(len, sentences))
    together = f"{len(sentences):,} sentences"
    return {
        f"tag, {together}": (lambda: lambda: known.tag(sentences), num_tokens),
        f"predict, {together}": (lambda: lambda: known.predict(sentences), num_tokens),
        f"tag, {together}, no word met": (new, num_tokens),
        "tag, sentences alone": (
            lambda: lambda: [known.tag([sentence]) for sentence in alone],
            sum(map(len, alone)),
        ),
    }


def main() -> None:
    parser = benchmark_parser(__doc__, threads=None)
    parser.add_argument("model", type=Path, help="a model folder")
    parser.add_argument(
        "path", type=Path, help="CoNLL or CoNLL-U file of labelled sentences, which are tagged"
    )
    parser.add_argument(
        "--label-column", metavar="COLUMN", help="column of the labels (default: conll -1, conllu upos)"
    )
    parser.add_argument(
        "--tagged",
        type=positive,
        metavar="N",
        help="sentences, over and over where there are fewer (default: 4000; quick: 100)",
    )
    parser.add_argument("--rounds", type=positive, metavar="N", help="rounds (default: 7; quick: 1)")
    arguments = parser.parse_args()
    quick = arguments.quick
    examples, _ = labelled(arguments.path, arguments.label_column)
    sentences = repeated(examples, arguments.tagged or (100 if quick else 4000))
    alone = pieces([token for example in examples for token in example.tokens], 20, 10 if quick else 200)
    cell = Tagger.load(arguments.model).config.cell
    tables = {
        title: measure(
            ready, cell=cell, num_tokens=num_tokens, rounds=arguments.rounds or (1 if quick else 7)
        )
        for title, (ready, num_tokens) in measurements(arguments.model, sentences, alone).items()
    }
    report(tables, machine(1, ["tagger", "numpy"]), arguments)


if __name__ == "__main__":
    main()
