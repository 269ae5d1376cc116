"""Compare ``tagger convert`` with ``python -m spacy convert`` on one CoNLL file, and measure its memory by length.

    python scripts/benchmarks/convert.py CORPUS.conll [--quick] [--json FILE]

The file is the corpus over and over, 1,000,000 tokens of it. The programs take turns, each in a process of its own,
from its start to its end; seconds are those that the processor worked for it, since other programs on a busy machine
lengthen the time on the clock, which is reported too. spaCy (extra ``bench``) writes its DocBin, one document per
sentence, since that is all ``spacy convert`` writes; it is left out where it is not installed. ``memory`` is the most
that a process had at once, for files of several lengths: where formats have lines it should not grow. Linux and macOS
only.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final, NamedTuple

from measuring import Row, benchmark_parser, in_turns, machine, quartiles, ratio, report

from tagger.formats import FORMATS

_OURS: Final = {"jsonl": "jsonl", "conllu": "conllu", "csv": "csv", "docbin": "spacy"}
"""Formats that are written, with the ends of the names of their files."""
_PEER: Final = "spaCy"


class Cost(NamedTuple):
    """What a process took: seconds of the processor and on the clock, and the most memory in MiB."""

    processor: float
    clock: float
    megabytes: float


def run(command: Sequence[str]) -> Cost:
    """Run a command to its end; its memory counts from that of this process, which is small."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    begin = perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)
    assert process.stderr is not None
    with process.stderr as stream:
        errors = stream.read()
    _, status, usage = os.wait4(process.pid, 0)
    clock = perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: {errors.decode(errors='replace')}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(usage.ru_utime + usage.ru_stime, clock, usage.ru_maxrss * unit / 2**20)


def repeated(corpus: Path, path: Path, num_tokens: int) -> int:
    """Write a CoNLL file that is a corpus over and over, until it has so many tokens; return how many it has."""
    text = corpus.read_text(encoding="utf-8").rstrip("\n") + "\n\n"
    tokens = sum(bool(line.strip()) and not line.startswith("-DOCSTART-") for line in text.split("\n"))
    times = max(1, -(-num_tokens // tokens))
    with path.open("w", encoding="utf-8", newline="") as file:
        for _ in range(times):
            file.write(text)
    return times * tokens


def own_command(source: Path, target: Path, format: str) -> list[str]:
    """Return our command."""
    program = "import sys; from tagger.cli import main; sys.exit(main(sys.argv[1:]))"
    own = [sys.executable, "-P", "-c", program, "convert", str(source), str(target)]
    return [*own, "--output", format, "--no-progress"]


def peer_command(source: Path, folder: Path) -> list[str]:
    """Return spaCy's command, which writes to a folder."""
    return [sys.executable, "-m", "spacy", "convert", str(source), str(folder), "-c", "conll", "-n", "1"]


def speed(corpus: Path, folder: Path, *, num_tokens: int, rounds: int) -> list[Row]:
    """Return the time of each program for the same file."""
    source = folder / "big.conll"
    num_tokens = repeated(corpus, source, num_tokens)
    costs: dict[str, list[Cost]] = {}

    def measured(name: str, command: Sequence[str]) -> Callable[[], float]:
        def once() -> float:
            cost = run(command)
            costs.setdefault(name, []).append(cost)
            return cost.processor

        return once

    candidates = {
        f"to {name}": measured(f"to {name}", own_command(source, folder / f"out.{end}", name))
        for name, end in _written().items()
    }
    if importlib.util.find_spec("spacy"):
        (folder / "peer").mkdir()
        candidates[_PEER] = measured(_PEER, peer_command(source, folder / "peer"))
    seconds = in_turns(candidates, rounds=rounds)
    rows: list[Row] = []
    for name, times in seconds.items():
        fast, middle, slow = quartiles(times)
        measured_costs = costs[name][-rounds:]
        rows.append(
            {
                "candidate": name,
                "tokens": num_tokens,
                "processor, s": middle,
                "quartiles": [fast, slow],
                "of spaCy's": ratio(times, seconds[_PEER]) if _PEER in seconds else None,
                "clock, s": quartiles([cost.clock for cost in measured_costs])[1],
                "memory, MiB": max(cost.megabytes for cost in measured_costs),
            }
        )
    return rows


def memory(corpus: Path, folder: Path, *, sizes: Sequence[int]) -> list[Row]:
    """Return the most memory that our program has for files of so many tokens."""
    rows: list[Row] = []
    for size in sizes:
        source = folder / f"{size}.conll"
        row: dict[str, object] = {"tokens": repeated(corpus, source, size)}
        for name, end in _written().items():
            row[f"to {name}, MiB"] = run(own_command(source, folder / f"out.{end}", name)).megabytes
        source.unlink()
        rows.append(row)
    return rows


def _written() -> dict[str, str]:
    formats = {name: FORMATS[name] for name in _OURS if name in FORMATS}
    return {
        name: _OURS[name]
        for name, format in formats.items()
        if format.write is not None or (format.save is not None and importlib.util.find_spec("spacy"))
    }


def main() -> None:
    parser = benchmark_parser(__doc__, threads=None)
    parser.add_argument("corpus", type=Path, help="a CoNLL file with labels in its last column")
    arguments = parser.parse_args()
    sizes: tuple[int, ...] = (100_000, 1_000_000, 4_000_000)
    sizes = tuple(islice(sizes, 2)) if arguments.quick else sizes
    with TemporaryDirectory() as name:
        folder = Path(name)
        rounds = 1 if arguments.quick else 3
        tables = {
            "speed": speed(
                arguments.corpus, folder, num_tokens=sizes[0] if arguments.quick else sizes[1], rounds=rounds
            ),
            "memory": memory(arguments.corpus, folder, sizes=sizes),
        }
    report(tables, machine(1, ["spacy"]), arguments)


if __name__ == "__main__":
    main()
