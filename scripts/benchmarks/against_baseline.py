"""Compare this version with an older one, the commit named in baseline.txt, and with CRFsuite, on one thread each.

    python scripts/benchmarks/against_baseline.py TRAIN.conllu DEV.conllu --models FOLDER
    python scripts/benchmarks/against_baseline.py TRAIN.conllu DEV.conllu --parts workers --models FOLDER
    python scripts/benchmarks/against_baseline.py TRAIN.conllu DEV.conllu --parts memory --megabytes 1000
    python scripts/benchmarks/against_baseline.py TRAIN.conllu DEV.conllu --parts training --sentences 2000

``git archive`` puts the baseline's files into a temporary folder, which its processes have first on PYTHONPATH; all
other packages are those of this environment, which therefore needs torch, and to train models the extra ``train``.
CRFsuite (extra ``bench``) is left out where it is not installed.

Every side is a process that stays, and the sides take turns, so that whatever else the machine does hits them alike;
what counts are the ratios. On a busy machine a sentence that takes longer than the system lets a program run at once
waits for others, and a shorter one does not: compare latencies with ``--clock processor`` there. A number is the median
over the rounds, its spread the quartiles, and a ratio that of each round. The models are trained by the baseline, one
for each of ``--units``, all else being the defaults, and both versions read the same folder. They, and CRFsuite's, stay
in ``--models`` for the next time; without it they are throw-away ones. One epoch, which is the default, is enough to
measure speed; it takes some minutes for each.

``latency`` is one sentence of 20 tokens by itself, of words met before. ``throughput`` tags the dev sentences, over and
over: as in the middle of a long text (train and dev sentences were read before), and by a tagger that has met no word
yet. ``results`` compares what both versions say of the dev sentences. ``startup`` is a new process, from its start to
its end, with one sentence to tag. Only if asked for, since they take minutes by themselves: ``workers`` are the first
model's on a long stream, compared with one process; ``memory`` is that of the command ``tagger tag`` along a stream, a
twentieth of whose words are new: both sides at once, so its seconds say little; read from /proc, so on Linux.
``training`` is the recipe of each version, as it is by default: this one with the threads that it takes by itself and
with one, the baseline with one, which was its default. The tokens a second of the steps leave out what is done once or
between epochs; from the command to the saved model counts all, and the processor's time is that of all threads. Only
with all sentences and epochs are these figures, and the dev scores, those of the recipe.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from comparison import SENTENCE_TOKENS, Comparison, compared
from corpus import Corpus, labelled, pieces
from measuring import (
    Row,
    benchmark_parser,
    in_turns,
    machine,
    positive,
    positive_number,
    report,
    timed,
)
from peers import OURS, CRFsuite
from sides import BASELINE, ROOT, baseline_commit, check_source, environment, extract, write_sentences
from streams import stream_memory, tag_command
from whole_runs import candidates, cut, whole_runs

_OF_MODELS: Final = ("results", "latency", "throughput", "startup", "workers", "memory")
_PARTS: Final = (*_OF_MODELS, "training")
_BY_DEFAULT: Final = _OF_MODELS[:-2]


def startup(
    sources: Mapping[str, Path], models: Mapping[str, Path], corpus: Corpus, *, rounds: int
) -> list[Row]:
    """Return how long new processes take to their first label, and an empty Python program."""
    (sentence,) = pieces(corpus.words, SENTENCE_TOKENS, 1)
    line = " ".join(sentence) + "\n"

    def starting(command: Sequence[str], source: Path) -> Callable[[], float]:
        options = {"input": line, "text": True, "check": True, "env": environment(source)}
        return lambda: timed(partial(subprocess.run, command, stdout=subprocess.DEVNULL, **options))

    python: dict[str, Callable[[], float]] = {}
    program: dict[str, Callable[[], float]] = {}
    for name in (OURS, BASELINE):
        code = f"from tagger import Tagger; Tagger.load({str(models[name])!r}).tag([{list(sentence)!r}])"
        python[name] = starting([sys.executable, "-P", "-c", code], sources[name])
        program[name] = starting(tag_command(models[name]), sources[name])
    if CRFsuite.name in models:
        code = CRFsuite(1).cold_start(models[CRFsuite.name].parent, sentence)
        python[CRFsuite.name] = starting([sys.executable, "-P", "-c", code], ROOT)
    python["empty program"] = starting([sys.executable, "-P", "-c", "pass"], ROOT)
    rows: list[Row] = []
    for title, programs in (("start to first label, s", python), ("the same, tagger tag, s", program)):
        rows += compared(title, in_turns(programs, rounds=rounds))
    return rows


def memory_rows(
    sources: Mapping[str, Path], models: Mapping[str, Path], corpus: Corpus, *, megabytes: float
) -> list[Row]:
    """Return the memory of the command of both versions along a stream."""

    def of_side(name: str) -> list[Row]:
        command = tag_command(models[name])
        return stream_memory(command, environment(sources[name]), corpus, megabytes=megabytes, name=name)

    with ThreadPoolExecutor(2) as threads:
        return [row for rows in threads.map(of_side, (OURS, BASELINE)) for row in rows]


def trained_by_baseline(folder: Path, baseline: Path, arguments: argparse.Namespace, *, units: int) -> Path:
    """Return the model folder of so many units, trained by the baseline unless it is there."""
    run = folder / f"units{units}"
    if not (run / "model").exists():
        print(f"the baseline trains a model of 2 x {units} units", file=sys.stderr, flush=True)
        command = [sys.executable, str(baseline / "recipes" / "train.py"), "--output", str(run)]
        command += _of_data(arguments, arguments.train, arguments.dev)
        command += ["--model.hidden_dim", str(units), "--threads", "1"]
        command += ["--epochs", str(arguments.epochs), "--progress", "false", "--overwrite", "true"]
        subprocess.run(command, check=True, stdout=sys.stderr, env=environment(baseline), cwd=baseline)
    return run / "model"


def trained_crfsuite(folder: Path, corpus: Corpus) -> Path | None:
    """Return the file of CRFsuite's model, trained unless it is there; None if it is not installed."""
    path = folder / "model.crfsuite"
    try:
        peer = CRFsuite(1)
    except ImportError:
        return None
    if not path.exists():
        print(f"{CRFsuite.name} trains a model", file=sys.stderr, flush=True)
        peer.train(corpus, epochs=peer.enough)
        peer.save(folder)
    return path


def trainings(
    sources: Mapping[str, Path], corpus: Corpus, arguments: argparse.Namespace, folder: Path
) -> dict[str, list[Row]]:
    """Return the table of what trainings take with the recipe of each version.

    Args:
        sources: by version.
        corpus: train and dev sentences.
        arguments: of the command line.
        folder: where the runs go, and the files cut short.
    """
    count, of_dev = arguments.sentences or (200 if arguments.quick else None), None
    if count is not None:
        of_dev = max(1, round(min(1.0, count / len(corpus.train)) * len(corpus.held_out)))
    folder.mkdir()
    train, dev = folder / "train", folder / "dev"
    options = _of_data(arguments, cut(arguments.train, train, count), cut(arguments.dev, dev, of_dev))
    if (epochs := arguments.run_epochs or (1 if arguments.quick else None)) is not None:
        options += ["--epochs", str(epochs)]
    rounds = arguments.rounds or (1 if arguments.quick else 3)
    taken = min(count or len(corpus.train), len(corpus.train))
    title = f"Training on {taken:,} sentences of {arguments.train.name}, epochs: {epochs or 'as by default'}"
    return {title: whole_runs(candidates(sources), options, folder, rounds=rounds)}


def _of_data(arguments: argparse.Namespace, train: Path, dev: Path) -> list[str]:
    """Return the options of a training that say what is learned."""
    options = ["--data.train", str(train.resolve()), "--data.dev", str(dev.resolve())]
    if arguments.label_column is not None:
        options += [f"--data.label_column={arguments.label_column}"]
    return [*options, "--data.unseen_labels", "wrong"]


def of_models(
    sources: Mapping[str, Path], corpus: Corpus, arguments: argparse.Namespace, temporary: Path
) -> dict[str, list[Row]]:
    """Return the tables of what is measured of trained models."""
    quick, parts = arguments.quick, arguments.parts
    tables: dict[str, list[Row]] = {}
    folder = (arguments.models or temporary / "models").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    groups = {
        "known": [example.tokens for example in [*corpus.train, *corpus.held_out]],
        "dev": [example.tokens for example in corpus.held_out],
        "short": pieces(corpus.words, SENTENCE_TOKENS, 1000),
    }
    sentences = temporary / "sentences.json"
    write_sentences(sentences, groups)
    crfsuite = trained_crfsuite(folder, corpus)
    for number, units in enumerate(arguments.units):
        model = trained_by_baseline(folder, sources[BASELINE], arguments, units=units)
        models = {OURS: model, BASELINE: model}
        if crfsuite is not None:
            models[CRFsuite.name] = crfsuite
        of_model = f"a model of 2 x {units} units"
        processor = arguments.clock == "processor"
        with Comparison(sources, models, corpus, sentences, processor=processor) as comparison:
            if "results" in parts:
                tables[f"Results, {of_model}"] = comparison.results()
            if "latency" in parts:
                rounds = arguments.rounds or (2 if quick else 20)
                tables[f"Latency, {of_model}"] = comparison.latency(rounds=rounds)
            if "throughput" in parts:
                count = arguments.tagged or (200 if quick else 4000)
                title = f"Throughput, {of_model}, {count:,} sentences of {corpus.name}"
                rounds = arguments.rounds or (2 if quick else 5)
                tables[title] = comparison.throughput(count, rounds=rounds)
            if "workers" in parts and not number:
                count = arguments.streamed or (500 if quick else 60_000)
                title = f"Workers, {of_model}, {count:,} sentences"
                rounds = arguments.rounds or (1 if quick else 3)
                tables[title] = comparison.workers(count, workers=2, rounds=rounds)
        if "startup" in parts and not number:
            rounds = arguments.rounds or (1 if quick else 7)
            tables[f"Cold starts, {of_model}"] = startup(sources, models, corpus, rounds=rounds)
        if "memory" in parts:
            title = f"Memory of tagger tag along a stream, {of_model}"
            size = arguments.megabytes or (2 if quick else 100)
            tables[title] = memory_rows(sources, models, corpus, megabytes=size)
    return tables


def main() -> None:
    arguments = _parser().parse_args()
    train, scheme = labelled(arguments.train, arguments.label_column)
    dev, _ = labelled(arguments.dev, arguments.label_column)
    corpus = Corpus(arguments.dev.name, train, dev, scheme)
    commit = arguments.commit or baseline_commit()
    tables: dict[str, list[Row]] = {}
    with TemporaryDirectory() as name:
        temporary = Path(name)
        baseline = temporary / "baseline"
        extract(commit, baseline)
        sources = {OURS: ROOT, BASELINE: baseline, CRFsuite.name: ROOT}
        for side in (OURS, BASELINE):
            check_source(sources[side])
        if set(arguments.parts) & set(_OF_MODELS):
            tables |= of_models(sources, corpus, arguments, temporary)
        if "training" in arguments.parts:
            tables |= trainings(sources, corpus, arguments, temporary / "runs")
    conditions = {
        **machine(1, ["tagger", CRFsuite.name]),
        "baseline": commit[:12],
        "clock": arguments.clock,
    }
    report(tables, conditions, arguments)


def _parser() -> argparse.ArgumentParser:
    parser = benchmark_parser(__doc__, threads=None)
    parser.add_argument("train", type=Path, help="CoNLL or CoNLL-U file of labelled sentences to learn from")
    parser.add_argument("dev", type=Path, help="another, whose sentences are tagged")
    parser.add_argument(
        "--label-column", metavar="COLUMN", help="of the labels (default: conll -1, conllu upos)"
    )
    parser.add_argument(
        "--parts",
        nargs="+",
        choices=_PARTS,
        default=list(_BY_DEFAULT),
        help="what to measure (default: all but workers, memory and training)",
    )
    parser.add_argument("--commit", help="the older version (default: the one in baseline.txt)")
    parser.add_argument("--models", type=Path, metavar="FOLDER", help="where models stay for the next time")
    parser.add_argument(
        "--units",
        type=positive,
        nargs="+",
        default=[200, 128],
        metavar="N",
        help="of each direction (default: 200 128)",
    )
    parser.add_argument(
        "--epochs", type=positive, default=1, metavar="N", help="of the models to measure (default: 1)"
    )
    parser.add_argument(
        "--rounds",
        type=positive,
        metavar="N",
        help="rounds (default: latency 20, throughput 5, startup 7, workers 3, training 3; quick: 2, 2, 1, 1, 1)",
    )
    parser.add_argument(
        "--clock",
        choices=("wall", "processor"),
        default="wall",
        help="for latency and throughput; the processor's time where other programs are running (default: wall)",
    )
    parser.add_argument(
        "--tagged", type=positive, metavar="N", help="sentences of throughput (default: 4000; quick: 200)"
    )
    parser.add_argument(
        "--streamed", type=positive, metavar="N", help="sentences of workers (default: 60000; quick: 500)"
    )
    parser.add_argument(
        "--megabytes", type=positive_number, metavar="N", help="size of the stream (default: 100; quick: 2)"
    )
    parser.add_argument(
        "--sentences",
        type=positive,
        metavar="N",
        help="first sentences of TRAIN, and the same share of DEV, for the part training (default: all; quick: 200)",
    )
    parser.add_argument(
        "--run-epochs",
        type=positive,
        metavar="N",
        help="of the part training (default: each version's own; quick: 1)",
    )
    return parser


if __name__ == "__main__":
    main()
