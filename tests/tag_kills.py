"""Kill ``tagger tag`` over many files at random moments, go on with --resume, and compare with a run left alone.

    OMP_NUM_THREADS=1 python -m tests.tag_kills MODEL FOLDER [--kills 10] [--seed 1] [-- OPTIONS OF tagger tag]

FOLDER holds the files, MODEL tags them. Not part of the test suite, which does it with a few tiny files. Once to one
file and once to a folder of files: SIGKILL at random moments, so often that the run is not over before the last of
them, each time gone on with; then to the end. The bytes must be those of the whole run, and nothing else may be left.
Ends with status 1 if anything differs.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("folder")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    own, options = given(sys.argv[1:])
    arguments = parser.parse_args(own)
    chance = random.Random(arguments.seed)
    failures = 0
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for kind, whole, killed in (
            ("one file", root / "whole.out", root / "killed.out"),
            ("a folder", root / "whole", root / "killed"),
        ):
            command = [
                *(sys.executable, str(REPOSITORY / "scripts" / "tag.py"), arguments.model, arguments.folder),
                *options,
            ]
            end = "/" if kind == "a folder" else ""
            started = time.monotonic()
            subprocess.run([*command, "-o", f"{whole}{end}"], check=True)
            duration = time.monotonic() - started
            kills = killed_and_gone_on([*command, "-o", f"{killed}{end}"], arguments.kills, duration, chance)
            same = contents(whole) == contents(killed)
            left = [str(path) for path in root.rglob("*") if path.name.startswith(".")]
            failures += not same or bool(left)
            print(
                f"{kind}: {kills} kills, {duration:.1f} s without, {'the same' if same else 'OTHER'} bytes",
                *left,
            )
    return 1 if failures else 0


def given(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Return the arguments of this program, and those after ``--``."""
    place = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:place], arguments[place + 1 :]


def killed_and_gone_on(command: list[str], kills: int, duration: float, chance: random.Random) -> int:
    """Kill a run so often, go on each time, and at last let it end; return how often it was killed before it ended."""
    done = 0
    for _ in range(kills):
        with subprocess.Popen(
            [*command, "--resume"], stderr=subprocess.PIPE, start_new_session=True
        ) as process:
            time.sleep(chance.uniform(0, 1.6 * duration / kills))
            is_killed = process.poll() is None
            process.send_signal(signal.SIGKILL)
            process.wait()
        done += is_killed
    finished = subprocess.run([*command, "--resume"], capture_output=True, text=True, check=False)
    print(finished.stderr.strip())
    assert finished.returncode == 0
    return done


def contents(place: Path) -> dict[str, bytes]:
    """Return the bytes of a file, or of each file in a folder."""
    if place.is_file():
        return {"": place.read_bytes()}
    return {
        path.relative_to(place).as_posix(): path.read_bytes()
        for path in sorted(place.rglob("*"))
        if path.is_file()
    }


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
