"""Compare the scoring of a million tokens with seqeval's report: time in turns, and memory at two sizes.

    OMP_NUM_THREADS=1 python scripts/benchmarks/evaluation.py      # needs seqeval: pip install -e '.[train]'
    OMP_NUM_THREADS=1 python scripts/benchmarks/evaluation.py --quick --json evaluation.json

Labels are random and legal, one token in six in a span, as in newswire; of a fifth of the sentences the prediction is
another one. Three things are timed: seqeval's report by type, our scores by type (the same figures, checked), and
everything that ``tagger evaluate`` finds out of labels: intervals, other readings, errors, slices. Times are processor
seconds, which others disturb least. Peak memory is that of a process of its own, less what it had before (read from
/proc, so on Linux).
"""

from __future__ import annotations

import gc
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from measuring import benchmark_parser, in_turns, machine, memory, positive, quartiles, ratio, report
from seqeval.metrics import classification_report

from tagger.evaluation.comparison import compare
from tagger.evaluation.evaluation import evaluate
from tagger.examples import Example
from tagger.metrics import score
from tagger.schemes import LabelScheme, convert_labels

_LENGTH: Final = 20
_LABELS: Final = ("O",) * 30 + ("B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG")
_WORDS: Final = 30_000

Labels = list[list[str]]


def corpus(tokens: int, seed: int = 0) -> tuple[list[Example], Labels]:
    """Return sentences with gold labels, and predictions of them."""
    rng = random.Random(seed)

    def labels() -> list[str]:
        return convert_labels(rng.choices(_LABELS, k=_LENGTH), LabelScheme.IOB2, LabelScheme.IOB2)

    examples, predicted = [], []
    for _ in range(tokens // _LENGTH):
        words = [f"w{int(_WORDS * rng.random() ** 3)}" for _ in range(_LENGTH)]
        examples.append(Example(tuple(words), tuple(labels())))
        predicted.append(list(examples[-1].labels or ()) if rng.random() < 0.8 else labels())
    return examples, predicted


def processor_seconds(work: Callable[[], object]) -> float:
    """Return the processor seconds that a call takes."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def everything(examples: Sequence[Example], predicted: Labels) -> object:
    """Evaluate as ``tagger evaluate`` does."""
    return evaluate(compare(examples, predicted, LabelScheme.IOB2, LabelScheme.IOB2))


def peak_megabytes(tokens: int) -> float:
    """Return what everything takes above the corpus itself, in a process of its own."""
    command = [sys.executable, __file__, "--tokens", str(tokens), "--memory-of-one"]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def _memory_of_one(tokens: int) -> float:
    examples, predicted = corpus(tokens)
    everything(*corpus(_LENGTH))  # whatever is imported and kept
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # forgets the peak so far
    before = memory("VmRSS")
    everything(examples, predicted)
    return (memory("VmHWM") - before) / 2**20


def main() -> None:
    """Run the benchmark."""
    parser = benchmark_parser(__doc__, threads=None)
    parser.add_argument("--tokens", type=positive, help="of the corpus (default: 1,000,000; quick: 20,000)")
    parser.add_argument("--rounds", type=positive, help="(default: 5; quick: 2)")
    parser.add_argument("--memory-of-one", action="store_true", help="print the memory of one process")
    options = parser.parse_args()
    tokens = options.tokens or (20_000 if options.quick else 1_000_000)
    if options.memory_of_one:
        print(_memory_of_one(tokens))
        return
    examples, predicted = corpus(tokens)
    gold = [list(example.labels or ()) for example in examples]
    theirs = classification_report(gold, predicted, output_dict=True)["micro avg"]["f1-score"]
    ours = score(examples, predicted, LabelScheme.IOB2).value
    assert abs(theirs - ours) < 1e-12, (theirs, ours)
    candidates = {
        "seqeval, report": partial(classification_report, gold, predicted),
        "tagger, scores": partial(score, examples, predicted, LabelScheme.IOB2),
        "tagger, everything": partial(everything, examples, predicted),
    }
    seconds = in_turns(
        {name: partial(processor_seconds, work) for name, work in candidates.items()},
        rounds=options.rounds or (2 if options.quick else 5),
        warm_up=0 if options.quick else 1,
    )
    rows = []
    for name, values in seconds.items():
        lower, middle, upper = quartiles(values)
        share = ratio(values, seconds["seqeval, report"])
        rows.append({"what": name, "seconds": middle, "quartiles": [lower, upper], "of seqeval": share})
    sizes = [tokens, 2 * tokens]
    peaks = [{"tokens": size, "peak MB above the corpus": peak_megabytes(size)} for size in sizes]
    conditions = machine(1, ("numpy", "seqeval"))
    report({f"{tokens:,} tokens": rows, "memory": peaks}, conditions, options)


if __name__ == "__main__":
    main()
