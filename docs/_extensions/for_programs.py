"""What other programs read: after the pages are written, each gets a Markdown twin in the same folder.

``llms.txt`` lists the twins of ``tour.html`` and the rest, ``tour.md`` and so on (https://llmstxt.org).
"""

from __future__ import annotations

import inspect
import os
import re
import urllib.parse
from importlib import import_module
from pathlib import Path
from typing import Final

from program_output import help_of, history_of
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.inspect import stringify_signature

_LOG: Final = logging.getLogger(__name__)


def write_twins(app: Sphinx, failure: Exception | None) -> None:
    """Write the Markdown twin of each page, and the list of them."""
    if failure is not None or app.builder.name != "html":
        return
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
    r"^(?P<fence>`{3,}).*?^(?P=fence)|(?P<ticks>`+)[^\n]*?(?P=ticks)|(?<=\]\()(?P<target>[^)\s]+)(?=\))",
    re.MULTILINE | re.DOTALL,
)


def _links(text: str) -> list[str]:
    """Return the targets of relative links and images, ``[...](target)``; not by reference, nor with a title."""
    targets = [found["target"] for found in _CODE_OR_LINK.finditer(text)]
    return [target for target in targets if target and _is_relative(target)]


def _is_relative(target: str) -> bool:
    return not re.match(r"[a-z]+:|#|//", target, re.IGNORECASE)


def _whole(text: str, source: Path) -> str:
    """Return a page with its includes: files, docstrings, the help of commands and figures of benchmarks."""
    block = re.compile(r"^```\{([\w-]+)\} ?(.*)\n((?:.*\n)*?)```[ \t]*$", re.MULTILINE)

    def content(found: re.Match[str]) -> str:
        name, argument, body = found.groups()
        if name == "include":
            return _moved(source.parent / argument, source.parent)
        if name == "raw":
            return f"(A picture, [in the HTML page]({source.stem}.html).)"
        if name == "command-help":
            return f"```text\n{help_of(argument)}```"
        if name == "benchmark-history":
            return history_of(argument)
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
    parts = [_heading(attribute, found, "###"), _docstring(found)]
    for member, value in vars(found).items() if inspect.isclass(found) else ():
        plain = value.__func__ if isinstance(value, (classmethod, staticmethod)) else value
        is_shown = not member.startswith("_") or member == "__call__"
        if is_shown and (inspect.isfunction(plain) or isinstance(plain, property)):
            parts += [_heading(f"{attribute}.{member}", plain, "####"), _docstring(plain)]
    return "\n\n".join(parts)


def _heading(name: str, found: object, marks: str) -> str:
    """Return a heading with the signature as it is called, whose annotations have no quotes."""
    if not callable(found):
        return f"{marks} `{name}`"
    try:
        signature = inspect.signature(found)
    except ValueError:  # exceptions have none
        return f"{marks} `{name}`"
    given = [each for each in signature.parameters.values() if each.name not in ("self", "cls")]
    return f"{marks} `{name}{stringify_signature(signature.replace(parameters=given))}`"


_ROLE: Final = re.compile(r":(?:\w+:)?\w+:`(?:~(?:\w+\.)*)?([^`<]*[^`<\s])(?:\s+<[^`]*>)?`")


def _docstring(found: object) -> str:
    """Return a docstring whose roles are code spans of the words that the site shows."""
    return _ROLE.sub(r"`\1`", inspect.getdoc(found) or "")


def _first_sentence(text: str) -> str:
    """Return the first sentence of a page after its title."""
    prose = re.search(
        r"^(?=[A-Z`*\[])(?:.+\n?)+", re.sub(r"^#.*$", "", text, flags=re.MULTILINE), re.MULTILINE
    )
    words = " ".join(prose[0].split()) if prose else ""
    return re.split(r"(?<=[.!?])\s", words)[0].rstrip(":")


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the twins."""
    app.connect("build-finished", write_twins)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
