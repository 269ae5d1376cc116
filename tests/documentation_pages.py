"""Pages of documentation whose code is run: their blocks, in order, in a folder with the recipes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from warm_commands import warm_path

ROOT = Path(__file__).parents[1]


MARKS = ("gpu", "network", "cluster", "data", "long")
"""What may follow the language of a block that is not run, as in ``bash gpu``; the site shows it above the block."""


def read_page(name: str) -> str:
    """The text of a page in docs/, with the files that it includes."""
    path = ROOT / "docs" / name

    def included(found: re.Match[str]) -> str:
        return (path.parent / found[1]).read_text(encoding="utf-8")

    text = path.read_text(encoding="utf-8")
    return re.sub(r"^```\{include\} (\S+)\n(?:.*\n)*?```$", included, text, flags=re.MULTILINE)


def bash_blocks(page: str) -> list[tuple[int, str]]:
    """Every block of commands, with the number of its line."""
    return [
        (page[: found.start()].count("\n") + 1, found[1])
        for found in re.finditer(r"^```bash\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    ]


def code_blocks(page: str) -> list[tuple[int, str, str, str]]:
    """Every block: the number of its line, its language, what it needs that tests lack (or nothing), its code."""
    return [
        (page[: found.start()].count("\n") + 1, found[1], found[2], found[3])
        for found in re.finditer(r"^```(\w+) ?(\w*)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    ]


def sets_up(block: str) -> bool:
    """Whether a block creates an environment and runs for minutes there."""
    return re.search(r"^scripts/(quickstart|test)\b", block, re.MULTILINE) is not None


def folder_with_recipes(folder: Path) -> Path:
    """A folder as the pages want it: that of a clone, as far as they use it."""
    shutil.copytree(ROOT / "recipes", folder / "recipes")
    return folder


def run_blocks(
    page: str, folder: Path, checks: Mapping[str, str] = MappingProxyType({})
) -> Iterator[tuple[int, str, str]]:
    """Run one block after the other; each must succeed. Gives its line, its code and what it wrote to the terminal.

    ``checks`` is code that is appended to the block in which its key occurs.
    """
    environment = {**os.environ, "PATH": warm_path(), "OMP_NUM_THREADS": "1"}
    programs = {"bash": ["bash", "-euo", "pipefail", "-c"], "python": ["python", "-c"]}
    for line, language, needs, block in code_blocks(page):
        if needs or language not in programs:
            continue
        assert not sets_up(block), f"line {line}: this block needs the mark long"
        code = block + "".join(check for key, check in checks.items() if key in block)
        done = subprocess.run(
            ["/usr/bin/env", *programs[language], code],  # which looks in this PATH, not in that of the tests
            stdin=subprocess.DEVNULL,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, f"line {line}: {done.stderr}"
        assert "Warning" not in done.stderr, f"line {line}: {done.stderr}"
        if language == "python" and (shown := _shown_below(page, line)) is not None:
            assert done.stdout == shown, f"line {line}"
        yield line, block, done.stdout + done.stderr


def _shown_below(page: str, line: int) -> str | None:
    """The text that a page shows as what the code prints that begins at a line; None if it shows none."""
    rest = "".join(page.splitlines(keepends=True)[line - 1 :])
    found = re.match(r"```.*\n(?:(?!```).*\n)*```\n\n```text\n((?:(?!```).*\n)*)```$", rest, re.MULTILINE)
    return None if found is None else found[1]


def run_and_look(
    page: str,
    folder: Path,
    said: Mapping[str, tuple[str, ...]],
    checks: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Run all blocks; one in which a key occurs must say all words of its value, and every key must occur.

    ``checks`` are those of :func:`run_blocks`; every key of them must occur, too.
    """
    found = set()
    for line, block, output in run_blocks(page, folder, checks):
        for key in (key for key in {**said, **checks} if key in block):
            found.add(key)
            assert [words for words in said.get(key, ()) if words not in output] == [], f"line {line}"
    assert found == {*said, *checks}


def help_of(*programs: str) -> str:
    """What the programs print with ``--help``; each is a path from the root, or ``-m`` and a module."""
    environment = {**os.environ, "PATH": warm_path()}
    texts = []
    for program in programs:
        command = ["/usr/bin/env", "python", *program.split(), "--help"]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        texts.append(done.stdout)
    return "".join(texts)


def options_named(page: str) -> set[str]:
    """The options that a page names, but for those of commands that train, such as ``--data.root``."""
    prose = re.sub(r"^tagger train .*$", "", page, flags=re.MULTILINE)
    return set(re.findall(r"(?<![\w-])--[a-z][\w-]*\w(?![\w-]|\.\w)", prose))
