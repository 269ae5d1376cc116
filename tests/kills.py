"""Kill a tiny training run at random moments, follow what it says, and compare the weights with those of a whole run.

    OMP_NUM_THREADS=1 python -m tests.kills --runs 100 [--seed 1]

Not part of the test suite: 100 runs take half an hour. Every run gets SIGKILL, SIGTERM, SIGHUP or SIGINT, at a moment
drawn from its whole duration, imports, reading of data and saving included; half of them a second time. Then the same
command is given again. It must go on, or say which option to give; that must be all it takes. At the end no temporary
file may be left, nothing may have shown a traceback, and the weights must be those of the whole run, byte for byte.
Prints what became of each run, and ends with status 1 if anything failed.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).parents[1]
TRAIN = REPOSITORY / "recipes" / "train.py"
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
STATUS = {signal.SIGKILL: -9, signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGINT: 130}
ADVICE = re.compile(r"--(resume|overwrite) true")
SECONDS = 300


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    outcomes: Counter[str] = Counter()
    failures = []
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        recipe = _recipe(root)
        started = time.monotonic()
        whole = _run(recipe, root / "whole", [])
        duration = time.monotonic() - started
        assert whole.returncode == 0, whole.stderr
        expected = _weights(root / "whole")
        for number in range(options.runs):
            folder = root / str(number)
            sent = SIGNALS[number % len(SIGNALS)]
            problems, outcome = _attempt(recipe, folder, sent, chance, duration, expected)
            outcomes[f"{sent.name}: {outcome}"] += 1
            failures += [f"run {number}, {sent.name}: {problem}" for problem in problems]
            print(f"{number + 1}/{options.runs} {sent.name} {outcome}", *problems, flush=True)
    for outcome, count in sorted(outcomes.items()):
        print(f"{count:4} {outcome}")
    print(f"{len(failures)} failures of {options.runs} runs", *failures, sep="\n")
    return 1 if failures else 0


def _attempt(
    recipe: Path, folder: Path, sent: signal.Signals, chance: random.Random, duration: float, expected: bytes
) -> tuple[list[str], str]:
    """Kill a run once or twice, go on as it says, and return what was wrong, and how it went on."""
    problems = []
    arguments: list[str] = []
    ways = []
    for attempt in range(chance.choice((1, 2))):
        status, text = _killed(recipe, folder, arguments, sent, chance.uniform(0, duration))
        problems += _of_messages(text)
        if status not in (0, -sent, STATUS[sent]):
            problems.append(f"status {status}: {text.splitlines()[-1:]}")
        if attempt == 0 and status == 0:
            ways.append("finished before")
    for _ in range(4):
        done = _run(recipe, folder, arguments)
        problems += _of_messages(done.stderr)
        if done.returncode == 0:
            ways.append("went on with " + (" ".join(arguments) or "the same command"))
            break
        last = done.stderr.splitlines()[-1]
        if "holds a finished run" in last or ("the run in" in last and last.endswith("is finished")):
            ways.append("was finished")
            break
        advice = ADVICE.search(last)
        if done.returncode != 2 or (advice is None and "same command" not in last):
            problems.append(f"no way on: {last}")
            break
        arguments = [] if advice is None else [f"--{advice[1]}", "true"]
    else:
        problems.append("said again and again to do something else")
    if not (folder / "model" / "model.safetensors").exists():
        problems.append("no model")
    elif _weights(folder) != expected:
        problems.append("other weights")
    left = [str(path) for path in folder.rglob(".*")]
    if left:
        problems.append(f"left: {left}")
    return problems, ", ".join(ways)


def _of_messages(text: str) -> list[str]:
    return [f"shown: {text!r}"] if "Traceback" in text or "Exception ignored" in text else []


def _recipe(root: Path) -> Path:
    data = {}
    for name in ("train", "dev", "test"):
        blocks = (REPOSITORY / "recipes" / "sample" / f"{name}.conll").read_text("utf-8").split("\n\n")[:60]
        data[name] = str(root / f"{name}.conll")
        (root / f"{name}.conll").write_text("\n\n".join(blocks) + "\n", "utf-8")
    path = root / "recipe.yaml"
    model = {
        "word_dim": 8,
        "char_dim": 4,
        "char_filters": 4,
        "affix_dim": 2,
        "hidden_dim": 6,
        "hash_buckets": 50,
    }
    values = {"output": "", "data": data, "model": model, "epochs": 8, "batch_size": 8}
    path.write_text(yaml.safe_dump(values), "utf-8")
    return path


def _command(recipe: Path, folder: Path, arguments: list[str]) -> list[str]:
    return [sys.executable, str(TRAIN), "--config", str(recipe), "--output", str(folder), *arguments]


def _run(recipe: Path, folder: Path, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _command(recipe, folder, arguments), capture_output=True, text=True, timeout=SECONDS, check=False
    )


def _killed(
    recipe: Path, folder: Path, arguments: list[str], sent: signal.Signals, seconds: float
) -> tuple[int, str]:
    """Run and send the signal after some time; return the status and the messages."""
    process = subprocess.Popen(
        _command(recipe, folder, arguments),
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, preexec_fn=_heed_ctrl_c,
    )  # fmt: skip
    try:
        _, text = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(sent)
        _, text = process.communicate(timeout=SECONDS)
    return process.returncode, text


def _heed_ctrl_c() -> None:
    """Undo what a shell does to programs in the background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _weights(folder: Path) -> bytes:
    return (folder / "model" / "model.safetensors").read_bytes()


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ["PYTHONPATH"] = str(REPOSITORY)
    sys.exit(main())
