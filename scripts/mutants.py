"""Mutants: do the tests notice when decoding, scoring, reading or saving goes wrong?

A mutant is the package with one small change: a comparison, a sum, a constant, a condition, a result. Of all that can
be made of the files below, a fixed random sample is tried, each in a copy of the repository, against the tests of its
group that are not slow, and then those of what uses it. A mutant that fails a test, or takes far longer than the tests
do, is killed. Those that survive are listed: each is a missing test, or changes nothing that anybody could see.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Final

ROOT: Final = Path(__file__).parents[1]


@dataclass(frozen=True)
class Group:
    """Files that belong together, and the tests that are to notice.

    Attributes:
        files: patterns, from the root of the repository.
        tests: the tests of these files.
        others: tests of what uses them, tried only where the first notice nothing.
    """

    files: tuple[str, ...]
    tests: tuple[str, ...]
    others: tuple[str, ...]


_OF_ALL_FORMATS: Final = tuple(
    f"tests/formats/test_{name}.py"
    for name in ("reading", "lines", "head", "lenient", "places", "losses", "tasks")
)
_OF_ALL_READERS: Final = (
    "tests/formats",
    "tests/conversion",
    "tests/checking",
    "tests/sources",
    "tests/cli/test_column_files.py",
    "tests/cli/test_convert.py",
    "tests/cli/test_tag_annotated.py",
)
GROUPS: Final = {
    "decoding": Group(
        ("tagger/crf_kernels/*.py", "tagger/inference/scores.py"),
        (
            "tests/modules/crf/test_crf_kernels.py",
            "tests/modules/crf/test_crf_windows.py",
            "tests/modules/crf/test_crf_posterior.py",
            "tests/modules/crf/test_crf_layer.py",
            "tests/modules/crf/test_crf_brute_force.py",
            "tests/modules/crf/test_crf_range.py",
            "tests/inference/test_scores.py",
            "tests/test_api.py",
        ),
        ("tests/modules/crf", "tests/inference", "tests/network"),
    ),
    "scoring": Group(
        ("tagger/metrics/*.py", "tagger/schemes/*.py"),
        ("tests/metrics", "tests/schemes"),
        ("tests/evaluation", "tests/checking/labels", "tests/formats"),
    ),
    "columns": Group(
        ("tagger/formats/columns/*.py", "tagger/formats/lines.py"),
        ("tests/formats/columns", *_OF_ALL_FORMATS),
        _OF_ALL_READERS,
    ),
    "json": Group(
        ("tagger/formats/json_files/*.py",), ("tests/formats/json_files", *_OF_ALL_FORMATS), _OF_ALL_READERS
    ),
    "saving": Group(
        ("tagger/files/*.py", "tagger/model_files/*.py", "tagger/storage.py"),
        ("tests/files", "tests/model_files", "tests/test_storage.py", "tests/test_averages.py"),
        (
            "tests/formats/json_files",
            "tests/runs",
            "tests/vectors",
            "tests/cli",
            "tests/test_hostile_models.py",
            "tests/training/test_resume.py",
            "tests/training/test_train.py",
        ),
    ),
}

_COMPARISONS: Final = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==",
    ast.In: "not in", ast.NotIn: "in", ast.Is: "is not", ast.IsNot: "is",
}  # fmt: skip
_SUMS: Final = {ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*", ast.FloorDiv: "*", ast.Mod: "*"}


@dataclass(frozen=True, order=True)
class Mutant:
    """A change of a file.

    Attributes:
        file: from the root of the repository.
        line: counted from 1.
        start: of what is replaced, in bytes of the file.
        end: after it.
        new: what is there instead.
        group: whose tests are to notice.
    """

    file: str
    line: int
    start: int
    end: int
    new: str
    group: str

    def apply(self, source: bytes) -> bytes:
        """Return the file with the change."""
        return source[: self.start] + self.new.encode() + source[self.end :]


def mutants_of(file: str, group: str) -> Iterator[Mutant]:
    """Yield every mutant of a file. Messages, types, documentation and logs are left alone."""
    source = (ROOT / file).read_bytes()
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def place(line: int, column: int) -> int:
        return starts[line - 1] + column

    def replaced(node: ast.expr, new: str) -> Mutant:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start, end = place(node.lineno, node.col_offset), place(node.end_lineno, node.end_col_offset)
        return Mutant(file, node.lineno, start, end, new, group)

    def between(left: ast.expr, right: ast.expr, old: str, new: str) -> Mutant | None:
        """Replace an operator, which stands somewhere between its operands."""
        assert left.end_lineno is not None
        assert left.end_col_offset is not None
        start, end = place(left.end_lineno, left.end_col_offset), place(right.lineno, right.col_offset)
        found = source[start:end].find(old.encode())
        if found < 0:
            return None
        return Mutant(file, left.end_lineno, start + found, start + found + len(old), new, group)

    for node in _looked_at(ast.parse(source)):
        found: Mutant | None = None
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            old = ast.unparse(ast.Compare(ast.Name("a"), node.ops, [ast.Name("b")]))[2:-2]
            found = between(node.left, node.comparators[0], old, _COMPARISONS[type(node.ops[0])])
        elif isinstance(node, ast.BinOp) and type(node.op) in _SUMS and not _is_text(node):
            old = ast.unparse(ast.BinOp(ast.Name("a"), node.op, ast.Name("b")))[2:-2]
            found = between(node.left, node.right, old, _SUMS[type(node.op)])
        elif isinstance(node, ast.BoolOp):
            old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
            found = between(node.values[0], node.values[1], old, new)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            found = replaced(node, f"({ast.unparse(node.operand)})")
        elif isinstance(node, ast.Constant) and type(node.value) is bool:
            found = replaced(node, str(not node.value))
        elif isinstance(node, ast.Constant) and type(node.value) is int:
            found = replaced(node, str(node.value + 1))
        elif isinstance(node, (ast.IfExp, ast.If, ast.While)):
            found = replaced(node.test, f"(not ({ast.unparse(node.test)}))")
        elif isinstance(node, ast.Return) and node.value is not None and ast.unparse(node.value) != "None":
            found = replaced(node.value, "None")
        if found is not None:
            yield found


def _looked_at(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that may change."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, (ast.Raise, ast.Assert, ast.JoinedStr, ast.arguments)):
            continue
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        if isinstance(child, ast.AnnAssign):
            if child.value is not None:
                yield child.value
                yield from _looked_at(child.value)
            continue
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):  # no decorators
            for statement in child.body:
                yield statement
                yield from _looked_at(statement)
            continue
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        if isinstance(child, ast.Call) and ast.unparse(child.func).startswith(("_LOG.", "warnings.")):
            continue
        yield child
        yield from _looked_at(child)


def _is_text(node: ast.BinOp) -> bool:
    return any(
        isinstance(side, ast.JoinedStr) or (isinstance(side, ast.Constant) and isinstance(side.value, str))
        for side in (node.left, node.right)
    )


class Workshop:
    """Copies of the repository in which mutants are tried."""

    def __init__(self, folder: Path, jobs: int) -> None:
        self._free: SimpleQueue[Path] = SimpleQueue()
        for number in range(jobs):
            copy = folder / str(number)
            copy.mkdir()
            for name in ("tagger", "tests", "recipes", "docs", "scripts"):
                shutil.copytree(
                    ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "_build")
                )
            for name in ("pyproject.toml", "README.md", "CONTRIBUTING.md", "CHANGELOG.md"):
                shutil.copy(ROOT / name, copy)
            self._free.put(copy)

    def passes(self, mutant: Mutant | None, tests: tuple[str, ...], timeout: float) -> bool:
        """Return whether the tests pass with a mutant, or without any."""
        copy = self._free.get()
        try:
            if mutant is not None:
                _replace(copy / mutant.file, mutant.apply((ROOT / mutant.file).read_bytes()))
            return _run_tests(copy, tests, timeout)
        finally:
            if mutant is not None:
                _replace(copy / mutant.file, (ROOT / mutant.file).read_bytes())
            self._free.put(copy)


def _replace(path: Path, source: bytes) -> None:
    """Write a module, and remove it compiled: Python takes one of the same second and size for the same."""
    path.write_bytes(source)
    for compiled in path.parent.glob(f"__pycache__/{path.stem}.*"):
        compiled.unlink()


def _run_tests(folder: Path, tests: tuple[str, ...], timeout: float) -> bool:
    options = ["-x", "-q", "-n", "0", "-p", "no:cacheprovider", "-m", "not slow"]
    command = [sys.executable, "-m", "pytest", *options, *tests]
    # Tests stay compiled from mutant to mutant.
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": ""}
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as tests_run:
        try:
            return tests_run.wait(timeout) == 0
        except subprocess.TimeoutExpired:
            return False
        finally:  # with whatever the tests have started
            with contextlib.suppress(ProcessLookupError):
                os.killpg(tests_run.pid, signal.SIGKILL)


def main() -> int:
    """Try the sample; print the survivors."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0], allow_abbrev=False)
    parser.add_argument("--sample", type=int, default=300, metavar="N", help="mutants to try (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the sample (%(default)s)")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="tried side by side (%(default)s)")
    parser.add_argument("--group", nargs="+", choices=GROUPS, default=[*GROUPS], help="all if left out")
    options = parser.parse_args()
    if min(options.sample, options.jobs) < 1:
        parser.error("--sample and --jobs: expected at least 1")
    every = sorted(
        mutant
        for name in options.group
        for pattern in GROUPS[name].files
        for path in sorted(ROOT.glob(pattern))
        for mutant in mutants_of(path.relative_to(ROOT).as_posix(), name)
    )
    sample = sorted(random.Random(options.seed).sample(every, min(options.sample, len(every))))
    print(f"{len(sample)} of {len(every):,} mutants, seed {options.seed}", flush=True)
    survivors: list[Mutant] = []
    with tempfile.TemporaryDirectory(prefix="mutants") as folder:
        workshop = Workshop(Path(folder), options.jobs)
        limits = {}
        for name in options.group:
            for tests in (GROUPS[name].tests, GROUPS[name].others):
                begun = time.monotonic()
                if not workshop.passes(None, tests, 900):
                    print(f"{name}: the tests fail without any mutant", file=sys.stderr)
                    return 1
                limits[tests] = 30 + 3 * (time.monotonic() - begun)
            print(
                f"{name}: seconds allowed {limits[GROUPS[name].tests]:.0f}, {limits[tests]:.0f}", flush=True
            )

        def survives(mutant: Mutant) -> bool:
            group = GROUPS[mutant.group]
            return all(workshop.passes(mutant, tests, limits[tests]) for tests in (group.tests, group.others))

        with ThreadPoolExecutor(options.jobs) as pool:
            for number, (mutant, alive) in enumerate(
                zip(sample, pool.map(survives, sample), strict=True), start=1
            ):
                if alive:
                    survivors.append(mutant)
                    print(f"survives: {_shown(mutant)}", flush=True)
                if number % 25 == 0:
                    print(f"{number} tried, {number - len(survivors)} killed", flush=True)
    for name in options.group:
        tried = [mutant for mutant in sample if mutant.group == name]
        left = sum(mutant.group == name for mutant in survivors)
        if tried:
            print(f"{name}: {len(tried) - left} of {len(tried)} killed, {1 - left / len(tried):.1%}")
    print(f"killed: {len(sample) - len(survivors)} of {len(sample)}, {1 - len(survivors) / len(sample):.1%}")
    return 0


def _shown(mutant: Mutant) -> str:
    source = (ROOT / mutant.file).read_bytes()
    line = source[: mutant.start].rfind(b"\n") + 1
    end = source.find(b"\n", mutant.end)
    before = source[line:end].decode()
    after = mutant.apply(source)[line : end + len(mutant.new.encode()) - (mutant.end - mutant.start)].decode()
    return f"{mutant.file}:{mutant.line}: {' '.join(before.split())}  ->  {' '.join(after.split())}"


if __name__ == "__main__":
    sys.exit(main())
