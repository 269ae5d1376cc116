"""A page: sections with pictures and the words beside them, one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tagger.report.markup import Markup, element
from tagger.report.style import style_sheet

PAGE_END: Final = "</html>\n"


@dataclass(frozen=True)
class Figure:
    """A picture, and the words that explain it beside it, or below it on a narrow screen.

    Attributes:
        title: its heading; none where that of the section does.
        content: what is to be seen, one thing below the other.
        explanation: paragraphs that say how to read it.
    """

    title: str
    content: Sequence[Markup]
    explanation: Sequence[str] = ()


@dataclass(frozen=True)
class Section:
    """A part of a page.

    Attributes:
        name: its anchor, letters and hyphens.
        title: its heading.
        figures: what it shows.
        notes: remarks on what is left out, shown above the figures.
    """

    name: str
    title: str
    figures: Sequence[Figure]
    notes: Sequence[str] = ()


def html_page(
    title: str, introduction: Sequence[Markup], sections: Sequence[Section], *, rules: str = ""
) -> str:
    """Return a whole page in UTF-8.

    Args:
        title: of the page.
        introduction: what stands above the sections.
        sections: in their order; the page begins with links to them.
        rules: style rules of its own; they are not escaped, and so must hold no text of others.
    """
    links = [element("a", section.title, href=f"#{section.name}") for section in sections]
    body = element(
        "body",
        element(
            "main", element("h1", title), *introduction, element("nav", *links), *map(_section, sections)
        ),
    )
    return f"{page_head(title, rules=rules)}{body}{PAGE_END}"


def page_head(title: str, *, rules: str = "") -> str:
    """Return the beginning of a page, all before its body, for pages that are written piece by piece.

    The body comes next, and then :data:`PAGE_END`.

    Args:
        title: of the page.
        rules: as in :func:`html_page`.
    """
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        # Whatever a text of unknown origin might smuggle in, nothing is run or fetched.
        element(
            "meta",
            http_equiv="Content-Security-Policy",
            content="default-src 'none'; style-src 'unsafe-inline'",
        ),
        element("title", title),
        # A style sheet is not escaped; this one is ours and holds no text of others.
        element("style", Markup(style_sheet() + rules)),
    )
    return f'<!doctype html>\n<html lang="en">{head}'


def _section(section: Section) -> Markup:
    return element(
        "section",
        element("h2", section.title),
        *(element("p", note, class_="note") for note in section.notes),
        *map(_figure, section.figures),
        id=section.name,
    )


def _figure(figure: Figure) -> Markup:
    heading = [element("h3", figure.title)] if figure.title else []
    words = [element("p", text) for text in figure.explanation]
    return element(
        "div",
        element("div", *heading, *figure.content),
        *([element("div", *words, class_="words")] if words else []),
        class_="figure",
    )
