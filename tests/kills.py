"""Kill a tiny training run at random moments, follow what it says, and compare the weights with those of a whole run.

    OMP_NUM_THREADS=1 python -m tests.kills --runs 100 [--seed 1] [--fork]

Not part of the test suite: 100 runs take half an hour, a few minutes with --fork. Every run gets SIGKILL, SIGTERM,
SIGHUP or SIGINT, at a moment drawn from its whole duration, imports, reading of data and saving included; half of them
a second time. Then the same command is given again. It must go on, or say which option to give; that must be all it
takes. At the end no temporary file may be left, nothing may have shown a traceback, and the weights must be those of
the whole run, byte for byte.
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
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).parents[1]
TRAIN = REPOSITORY / "recipes" / "train.py"
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
STATUS = {signal.SIGKILL: -9, signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGINT: 130}
ADVICE = re.compile(r"--(resume|overwrite) true")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--fork", action="store_true", help="fork this process: ten times as fast, without imports"
    )
    options = parser.parse_args()
    chance = random.Random(options.seed)
    outcomes: Counter[str] = Counter()
    failures = []
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        program = _Program(_recipe(root), forks=options.fork)
        started = time.monotonic()
        status, text = program.run(root / "whole", [])
        duration = time.monotonic() - started
        assert status == 0, text
        expected = _weights(root / "whole")
        for number in range(options.runs):
            if number and number % 10 == 0:  # what else the machine does changes how long a run takes
                started = time.monotonic()
                program.run(root / f"whole_{number}", [])
                duration = time.monotonic() - started
            folder = root / str(number)
            sent = SIGNALS[number % len(SIGNALS)]
            problems, outcome = _attempt(program, folder, sent, chance, duration, expected)
            outcomes[f"{sent.name}: {outcome}"] += 1
            failures += [f"run {number}, {sent.name}: {problem}" for problem in problems]
            print(f"{number + 1}/{options.runs} {sent.name} {outcome}", *problems, flush=True)
    for outcome, count in sorted(outcomes.items()):
        print(f"{count:4} {outcome}")
    print(f"{len(failures)} failures of {options.runs} runs", *failures, sep="\n")
    return 1 if failures else 0


def _attempt(
    program: _Program,
    folder: Path,
    sent: signal.Signals,
    chance: random.Random,
    duration: float,
    expected: bytes,
) -> tuple[list[str], str]:
    """Kill a run once or twice, go on as it says, and return what was wrong, and how it went on."""
    problems = []
    arguments: list[str] = []
    ways = []
    for attempt in range(chance.choice((1, 2))):
        status, text = program.run(folder, arguments, sent, chance.uniform(0, duration))
        problems += _of_messages(text)
        if status not in (0, -sent, STATUS[sent]):
            problems.append(f"status {status}: {text.splitlines()[-1:]}")
        if attempt == 0 and status == 0:
            ways.append("finished before")
        if (folder / "metrics.json").exists():
            break
        arguments = ["--resume", "true"] if (folder / "checkpoints" / "last.ckpt").exists() else []
    arguments = []
    for _ in range(4):
        status, text = program.run(folder, arguments)
        problems += _of_messages(text)
        if status == 0:
            ways.append("went on with " + (" ".join(arguments) or "the same command"))
            break
        last = text.splitlines()[-1]
        if "holds a finished run" in last or ("the run in" in last and last.endswith("is finished")):
            ways.append("was finished")
            break
        advice = ADVICE.search(last)
        if status != 2 or (advice is None and "same command" not in last):
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
        blocks = (REPOSITORY / "recipes" / "sample" / f"{name}.conll").read_text("utf-8").split("\n\n")[:24]
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
    values = {"output": "", "data": data, "model": model, "epochs": 4, "batch_size": 8}
    path.write_text(yaml.safe_dump(values), "utf-8")
    return path


class _Program:
    """Runs the command: in a new interpreter, or in a fork of this one, which has imported everything already."""

    def __init__(self, recipe: Path, *, forks: bool) -> None:
        self._recipe = recipe
        self._forks = forks
        self._messages = recipe.with_name("messages")
        if forks:
            from tagger.training.command import main

            with redirect_stdout(sys.stderr):  # all modules that are imported on the way
                main(["--config", str(recipe), "--output", str(recipe.with_name("first")), "--epochs", "1"])

    def run(
        self, folder: Path, options: list[str], sent: int | None = None, after: float = 0.0
    ) -> tuple[int, str]:
        """Run, send a signal after some seconds, and return the status and the messages."""
        arguments = ["--config", str(self._recipe), "--output", str(folder), *options]
        with self._messages.open("wb") as messages:
            if self._forks:
                # Not before the program heeds them: the copy of this program must not unwind.
                signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS[1:])
                process = os.fork()
                if process == 0:
                    self._in_fork(arguments, messages.fileno())
                signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS[1:])
            else:
                process = subprocess.Popen(
                    [sys.executable, TRAIN, *arguments],
                    stdout=subprocess.DEVNULL, stderr=messages, preexec_fn=_heed_signals,
                ).pid  # fmt: skip
            ends = time.monotonic() + after
            while True:
                ended, status = os.waitpid(process, os.WNOHANG)
                if ended:
                    break
                if sent is not None and time.monotonic() >= ends:
                    os.kill(process, sent)
                    sent = None
                time.sleep(0.005)
        return os.waitstatus_to_exitcode(status), self._messages.read_text("utf-8")

    def _in_fork(self, arguments: list[str], messages: int) -> None:
        from tagger.stopping import run
        from tagger.training.command import main

        def load() -> Callable[[], int]:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS[1:])
            return lambda: main(arguments)

        status = 99
        try:
            _heed_signals()
            os.dup2(messages, 2)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            status = run("recipes/train.py", load)
            sys.stderr.flush()
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(status)


def _heed_signals() -> None:
    """Undo what a shell does to programs in the background, and what nohup does."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def _weights(folder: Path) -> bytes:
    return (folder / "model" / "model.safetensors").read_bytes()


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ["PYTHONPATH"] = str(REPOSITORY)
    sys.exit(main())
