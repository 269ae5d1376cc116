"""What against_baseline.py measures of processes that take turns: results, latency, throughput, workers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

from corpus import Corpus
from measuring import Row, in_turns, percentile, quartiles, ratio
from peers import OURS, CRFsuite
from sides import BASELINE, Side

SENTENCE_TOKENS: Final = 20
_AT_ONCE: Final = 50
_WARM_UP: Final = 5


class Comparison:
    """Sides that take turns.

    Args:
        sources: by side, the folder that has its package.
        models: by side, its model.
        corpus: train and dev sentences.
        sentences: the file of sentences that the processes read.
        processor: whether latency and throughput are measured in time of the processor.
    """

    def __init__(
        self,
        sources: Mapping[str, Path],
        models: Mapping[str, Path],
        corpus: Corpus,
        sentences: Path,
        *,
        processor: bool = False,
    ) -> None:
        self._sources = sources
        self._models = models
        self._corpus = corpus
        self._sentences = sentences
        self._processor = processor
        self._stack = ExitStack()
        self._sides: dict[str, Side] = {}

    def __enter__(self) -> Comparison:
        with ExitStack() as stack:
            for name, model in self._models.items():
                side = stack.enter_context(Side(self._sources[name], model, self._sentences))
                if name != CRFsuite.name and side.found_in != self._sources[name] / "tagger":
                    raise RuntimeError(f"{name}: expected {self._sources[name]}, found {side.found_in}")
                self._sides[name] = side
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def results(self) -> list[Row]:
        """Return in how much the answers differ."""
        ours, theirs = (self._sides[name].ask("results", "dev") for name in (OURS, BASELINE))
        labels = [
            (one, other)
            for (left, _), (right, _) in zip(ours, theirs, strict=True)
            for one, other in zip(left, right, strict=True)
        ]
        differences = [
            abs(one - other)
            for (_, left), (_, right) in zip(ours, theirs, strict=True)
            for one, other in zip(left, right, strict=True)
        ]
        return [
            {
                "tokens": len(labels),
                "with another label": sum(one != other for one, other in labels),
                "largest difference of a probability": f"{max(differences):.1e}",
            }
        ]

    def latency(self, *, rounds: int) -> list[Row]:
        """Return how long a sentence takes that is asked for alone."""
        seconds: dict[tuple[str, str], list[list[float]]] = {}
        for number in range(rounds + 1):
            for task in ("tag", "predict"):
                for name, side in self._sides.items():
                    if task == "predict" and name == CRFsuite.name:
                        continue
                    of_round = range(number * _AT_ONCE, (number + 1) * _AT_ONCE)
                    times = side.ask(
                        task,
                        "short",
                        start=of_round.start,
                        stop=of_round.stop,
                        each=True,
                        warm_up=_WARM_UP,
                        processor=self._processor,
                    )
                    if number:  # the first one warms up
                        seconds.setdefault((task, name), []).append(times)
        rows: list[Row] = []
        for task in ("tag", "predict"):
            for percent in (50, 95):
                values = {
                    name: [1e3 * percentile(times, percent) for times in of_rounds]
                    for (task_of, name), of_rounds in seconds.items()
                    if task_of == task
                }
                rows += compared(f"{task}, one sentence of {SENTENCE_TOKENS} tokens, p{percent}, ms", values)
        return rows

    def throughput(self, num_sentences: int, *, rounds: int) -> list[Row]:
        """Return how many tokens a second are tagged."""
        tasks: list[tuple[str, str]] = [
            (task, name)
            for task in ("tag", "predict", "new")
            for name in self._sides
            if task == "tag" or name != CRFsuite.name
        ]
        speeds = self._speeds(tasks, num_sentences, rounds=rounds, processor=self._processor)
        tagging = {name: values for (task, name), values in speeds.items() if task == "tag"}
        rows = compared("tag, tokens/s", tagging)
        for task, title in (("predict", "predict, tokens/s"), ("new", "tag, no word met, tokens/s")):
            ours = {name: values for (of, name), values in speeds.items() if of == task}
            if CRFsuite.name in tagging:
                ours[CRFsuite.name] = tagging[CRFsuite.name]
            rows += compared(title, ours)
        for name in (OURS, BASELINE):
            rows += compared(
                f"predict, compared with tag, {name}",
                {"predict": speeds["predict", name], "tag": tagging[name]},
            )
        return rows

    def workers(self, num_sentences: int, *, workers: int, rounds: int) -> list[Row]:
        """Return how many tokens a second processes together tag, and one alone."""
        tasks = [
            (task, name)
            for name in self._sides
            for task in ("workers", "tag")
            if task == "tag" or name != CRFsuite.name
        ]
        for name in (OURS, BASELINE):  # workers start, and meet the words
            self._sides[name].ask("workers", "dev", start=0, stop=1, workers=workers)
        speeds = self._speeds(tasks, num_sentences, rounds=rounds, warm_up=0, workers=workers)
        together = {name: values for (task, name), values in speeds.items() if task == "workers"}
        if (alone := speeds.get(("tag", CRFsuite.name))) is not None:
            together[f"{CRFsuite.name}, one process"] = alone
        rows = compared(f"{workers} workers, tokens/s", together)
        for name in (OURS, BASELINE):
            values = {f"{workers} workers": speeds["workers", name], "one process": speeds["tag", name]}
            rows += compared(f"tokens/s, {name}", values)
        return rows

    def _speeds(
        self,
        tasks: Sequence[tuple[str, str]],
        num_sentences: int,
        *,
        rounds: int,
        warm_up: int = 1,
        **options: int,
    ) -> dict[tuple[str, str], list[float]]:
        """Return the tokens a second of each task of each side, by round."""
        whole, rest = divmod(num_sentences, len(self._corpus.held_out))
        num_tokens = whole * len(self._corpus.words)
        num_tokens += sum(len(example.tokens) for example in self._corpus.held_out[:rest])

        def work(task: str, name: str) -> float:
            (passed,) = self._sides[name].ask(task, "dev", start=0, stop=num_sentences, **options)
            return float(passed)

        seconds = in_turns(
            {f"{task} {name}": partial(work, task, name) for task, name in tasks},
            rounds=rounds,
            warm_up=warm_up,
        )
        return {
            (task, name): [num_tokens / passed for passed in seconds[f"{task} {name}"]]
            for task, name in tasks
        }


def compared(measured: str, values: Mapping[str, Sequence[float]]) -> list[Row]:
    """Return a row for each side: what was measured, and the first side's share of it."""
    first = next(iter(values))
    rows: list[Row] = []
    for name, of_side in values.items():
        low, middle, high = quartiles(of_side)
        shares = [own / other for own, other in zip(values[first], of_side, strict=True)]
        share_low, _, share_high = quartiles(shares)
        rows.append(
            {
                "measured": measured,
                "side": name,
                "median": middle,
                "quartiles": [low, high],
                "first / this": ratio(values[first], of_side),
                "quartiles of that": [share_low, share_high],
            }
        )
    return rows
