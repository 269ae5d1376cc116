"""Pages: sections of figures with explanations, in one self-contained HTML file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tagger.report.markup import Markup, element
from tagger.report.style import style_sheet

PAGE_END: Final = "</html>\n"


@dataclass(frozen=True)
class Figure:
    """A picture with an explanation beside it, or below it on a narrow screen.

    Attributes:
        title: its heading; empty if that of the section is enough.
        content: the content, one item below the other.
        explanation: paragraphs that explain how to read it.
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
        figures: its figures.
        notes: remarks on omissions, shown above the figures.
    """

    name: str
    title: str
    figures: Sequence[Figure]
    notes: Sequence[str] = ()


def html_page(
    title: str, introduction: Sequence[Markup], sections: Sequence[Section], *, rules: str = ""
) -> str:
    """Return a complete page, to be encoded as UTF-8.

    Args:
        title: title of the page.
        introduction: content above the sections.
        sections: the sections, in order; the page begins with links to them.
        rules: further style rules; they are not escaped, and so must not contain untrusted text.
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
    """Return everything before the body of a page, for pages that are written piece by piece.

    The body comes next, and then :data:`PAGE_END`.

    Args:
        title: title of the page.
        rules: as in :func:`html_page`.
    """
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        # Whatever untrusted text might smuggle in, nothing is executed or fetched.
        element(
            "meta",
            http_equiv="Content-Security-Policy",
            content="default-src 'none'; style-src 'unsafe-inline'",
        ),
        element("title", title),
        # Style sheets are not escaped; this one contains no untrusted text.
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
