"""What is made from the program itself: directives for its help and for figures of benchmarks, and the same as text.

``command-help`` shows what ``tagger COMMAND --help`` prints, ``benchmark-history`` the recorded figures of a benchmark.
Pictures are those of the program's own reports: fragments of HTML with the report's style sheet.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import unittest.mock
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from tagger.cli import main
from tagger.report import element
from tagger.report.style import picture_style

ROOT: Final = Path(__file__).parents[2]
BENCHMARKS: Final = ROOT / "docs" / "benchmarks"
sys.path.append(str(ROOT / "scripts" / "benchmarks"))

import history  # noqa: E402
from entries import read_entries  # noqa: E402


class CommandHelp(SphinxDirective):
    """The help of a command, as it is printed."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the block."""
        printed = help_of(self.arguments[0])
        block = nodes.literal_block(printed, printed)
        block["language"] = "text"
        return [block]


class BenchmarkHistory(SphinxDirective):
    """The recorded figures of a benchmark, with a picture of each that has been measured twice or more."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the figures, as ``scripts/benchmarks/history.py`` draws them."""
        path = BENCHMARKS / f"{self.arguments[0]}.json"
        self.env.note_dependency(str(path))
        parts = []
        for trend in history.trends(read_entries(path)):
            figure = history.section_of(self.arguments[0], [trend]).figures[0]
            parts += [
                element("h4", figure.title),
                *figure.content,
                element("p", " · ".join(figure.explanation)),
            ]
        return [nodes.raw("", element("div", *parts, class_="tagger-report"), format="html")]


@cache
def help_of(command: str) -> str:
    """Return what ``tagger COMMAND --help`` prints, 100 columns wide.

    Raises:
        ValueError: if there is no such command.
    """
    printed = io.BytesIO()
    with (
        unittest.mock.patch.dict(os.environ, COLUMNS="100"),
        contextlib.redirect_stdout(io.TextIOWrapper(printed, encoding="utf-8")) as terminal,
    ):
        status = main([command, "--help"])
        terminal.flush()
    if status != 0:
        raise ValueError(f"tagger {command} --help: status {status}")
    return printed.getvalue().decode()


def history_of(benchmark: str) -> str:
    """Return the recorded figures of a benchmark as tables in Markdown, each with its title and its conditions."""
    parts = []
    for trend in history.trends(read_entries(BENCHMARKS / f"{benchmark}.json")):
        figure = history.section_of(benchmark, [trend]).figures[0]
        head, rows = history.cells_of(trend)
        lines = "\n".join(map(_table_row, [head, ["---"] * len(head), *rows]))
        parts += [f"#### {figure.title}", lines, " · ".join(figure.explanation)]
    return "\n\n".join(parts)


def _table_row(cells: Sequence[str]) -> str:
    escaped = [cell.replace("|", "\\|") for cell in cells]
    return f"| {' | '.join(escaped)} |"


def _write_style(app: Sphinx, failure: Exception | None) -> None:
    if failure is None and app.builder.name == "html":
        style = picture_style(
            around=".tagger-report", light='[data-theme="light"]', dark='[data-theme="dark"]'
        )
        Path(app.outdir, "_static", "report.css").write_text(style, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directives, and the style of pictures."""
    app.add_directive("command-help", CommandHelp)
    app.add_directive("benchmark-history", BenchmarkHistory)
    app.add_css_file("report.css")
    app.connect("build-finished", _write_style)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
