"""CONTRIBUTING.md: the table of files is whole, and nothing imports upwards in it."""

import ast
import re
import tomllib

import pytest
from documentation_pages import ROOT

CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def table_rows():
    """The files of each row of the table of CONTRIBUTING.md, as paths from the root."""
    rows = re.findall(r"^\| (`.*?) \|", CONTRIBUTING, re.MULTILINE)
    starts = ("tagger/", "recipes/")
    return [
        [name if name.startswith(starts) else f"tagger/{name}" for name in re.findall(r"`([^`]+)`", row)]
        for row in rows
    ]


def row_of(path, rows):
    """The number of the row that names a file, or the innermost folder around it."""
    matches = [
        (len(name), number)
        for number, names in enumerate(rows)
        for name in names
        if path == name or (name.endswith("/") and path.startswith(name))
    ]
    assert matches, f"{path} is in no row of the table of CONTRIBUTING.md"
    return max(matches)[1]


def imported_files(path):
    """The files of the package that a file imports, at any depth of its code."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("tagger"):
            continue
        for name in node.names:
            for module in (f"{node.module}.{name.name}", str(node.module)):
                file, package = module.replace(".", "/") + ".py", module.replace(".", "/") + "/__init__.py"
                existing = [candidate for candidate in (file, package) if (ROOT / candidate).exists()]
                if existing:
                    yield existing[0]
                    break


def test_files_of_the_table_exist():
    assert [name for row in table_rows() for name in row if not (ROOT / name).exists()] == []


def files_of(module):
    """The file or files by which a module may be known."""
    path = module.replace(".", "/")
    return {f"{path}.py", f"{path}/__init__.py"}


def imported_on_first_use():
    """What files import of rows below on first use: pairs that the import contract lists one by one."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = next(
        contract for contract in settings["tool"]["importlinter"]["contracts"] if contract["type"] == "layers"
    )
    pairs = [line.split(" -> ") for line in layers["ignore_imports"]]
    return {(one, other) for left, right in pairs for one in files_of(left) for other in files_of(right)}


@pytest.mark.slow
def test_files_import_only_from_rows_above_or_their_own():
    rows, on_first_use = table_rows(), imported_on_first_use()
    public_names = "tagger/__init__.py"
    for path in sorted((ROOT / "tagger").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if name != public_names:
            below = [
                other
                for other in imported_files(path)
                if other != public_names
                and row_of(other, rows) > row_of(name, rows)
                and (name, other) not in on_first_use
            ]
            assert below == [], name


def test_files_that_the_page_names_exist():
    named = re.findall(r"`((?:tagger|tests|recipes|scripts|docs)/[\w./]*\w\.(?:py|md|txt))`", CONTRIBUTING)
    assert len(named) > 8
    assert [name for name in named if not (ROOT / name).exists()] == []
