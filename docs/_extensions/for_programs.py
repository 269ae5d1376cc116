"""What is made from the program itself, and what other programs read.

Pictures are those of the program's own reports: fragments of HTML with the report's style sheet.

The directive ``command-help`` shows what ``tagger COMMAND --help`` prints. After the pages are written, each gets a
Markdown twin beside it (``tour.html``, ``tour.md``), and ``llms.txt`` lists the twins (https://llmstxt.org).
"""

from __future__ import annotations

import contextlib
import inspect
import io
import os
import re
import sys
import unittest.mock
import urllib.parse
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from tagger.cli import main
from tagger.report import element
from tagger.report.style import picture_style

ROOT: Final = Path(__file__).parents[2]
BENCHMARKS: Final = ROOT / "docs" / "benchmarks"
sys.path.append(str(ROOT / "scripts" / "benchmarks"))
_LOG: Final = logging.getLogger(__name__)

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


def write_twins(app: Sphinx, failure: Exception | None) -> None:
    """Write the Markdown twin of each page, and the list of them."""
    if failure is not None or app.builder.name != "html":
        return
    style = picture_style(around=".tagger-report", light='[data-theme="light"]', dark='[data-theme="dark"]')
    Path(app.outdir, "_static", "report.css").write_text(style, encoding="utf-8")
    titles, twins = {}, {}
    for page in sorted(app.env.found_docs):
        source = Path(app.env.doc2path(page))
        twin = Path(app.outdir, f"{page}.md")
        twin.parent.mkdir(parents=True, exist_ok=True)
        text = _whole(source.read_text(encoding="utf-8"), source)
        twin.write_text(text, encoding="utf-8")
        twins[page] = text
        titles[page] = (app.env.titles[page].astext(), _first_sentence(text))
    front = app.config.root_doc
    lines = [f"# {titles[front][0]}", "", f"> {titles[front][1]}", "", "## Pages", ""]
    lines += [f"- [{title}]({page}.md): {said}" for page, (title, said) in titles.items() if page != front]
    Path(app.outdir, "llms.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for page, text in twins.items():
        for target in _links(text):
            path = urllib.parse.unquote(target.partition("#")[0])
            if not Path(app.outdir, page).parent.joinpath(path).exists():
                _LOG.warning("%s.md: nothing at %s", page, target)


_CODE_OR_LINK: Final = re.compile(
    r"^```.*?^```|`[^`\n]*`|(?<=\]\()(?P<target>[^)\s]+)(?=\))", re.MULTILINE | re.DOTALL
)


def _links(text: str) -> list[str]:
    """Return the targets of relative links and images, ``[...](target)``; not by reference, nor with a title."""
    targets = [found["target"] for found in _CODE_OR_LINK.finditer(text)]
    return [target for target in targets if target and _is_relative(target)]


def _is_relative(target: str) -> bool:
    return not re.match(r"[a-z]+:|#", target)


def _whole(text: str, source: Path) -> str:
    """Return a page with its includes: files, docstrings and the help of commands."""
    block = re.compile(r"^```\{([\w-]+)\} ?(.*)\n((?:.*\n)*?)```$", re.MULTILINE)

    def content(found: re.Match[str]) -> str:
        name, argument, body = found.groups()
        if name == "include":
            return _moved(source.parent / argument, source.parent)
        if name == "raw":
            return f"(A picture, [in the HTML page]({source.stem}.html).)"
        if name == "command-help":
            return f"```text\n{help_of(argument)}```"
        if name == "eval-rst":
            objects = re.findall(r"^\.\. auto\w+:: (\S+)$", body, re.MULTILINE)
            return "\n\n".join(_documented(each) for each in objects)
        return "" if name == "toctree" else found[0]

    return block.sub(content, text)


def _moved(included: Path, folder: Path) -> str:
    """Return the text of a file with its relative links as seen from another folder."""

    def target(found: re.Match[str]) -> str:
        if not found["target"] or not _is_relative(found["target"]):
            return found[0]
        return os.path.relpath(included.parent / found["target"], folder)

    return _CODE_OR_LINK.sub(target, included.read_text(encoding="utf-8"))


def _documented(name: str) -> str:
    """Return an object of the library with its docstring, and its public members with theirs."""
    module, _, attribute = name.rpartition(".")
    found = getattr(import_module(module), attribute)
    parts = [_heading(attribute, found, "###"), inspect.getdoc(found) or ""]
    for member, value in vars(found).items() if inspect.isclass(found) else ():
        plain = value.__func__ if isinstance(value, (classmethod, staticmethod)) else value
        if not member.startswith("_") and (inspect.isfunction(plain) or isinstance(plain, property)):
            parts += [_heading(f"{attribute}.{member}", plain, "####"), inspect.getdoc(plain) or ""]
    return "\n\n".join(parts)


def _heading(name: str, found: object, marks: str) -> str:
    try:
        signature = str(inspect.signature(found)) if callable(found) else ""
    except ValueError:  # exceptions have none
        signature = ""
    return f"{marks} `{name}{signature}`"


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


def _first_sentence(text: str) -> str:
    """Return the first sentence of a page after its title."""
    prose = re.search(
        r"^(?=[A-Z`*\[])(?:.+\n?)+", re.sub(r"^#.*$", "", text, flags=re.MULTILINE), re.MULTILINE
    )
    words = " ".join(prose[0].split()) if prose else ""
    return re.split(r"(?<=[.!?])\s", words)[0].rstrip(":")


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive and the twins."""
    app.add_directive("command-help", CommandHelp)
    app.add_directive("benchmark-history", BenchmarkHistory)
    app.add_css_file("report.css")
    app.connect("build-finished", write_twins)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
