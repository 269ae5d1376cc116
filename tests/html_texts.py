"""Reads pages of tagged text as a browser does: the texts of their sections, escapes undone, and what is marked."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "link"}


@dataclass
class Block:
    """A text of a page, and its marks: start, end, label and tooltip."""

    section: str
    text: str = ""
    marks: list[tuple[int, int, str, str]] = field(default_factory=list)


class PageReader(HTMLParser):
    """All elements of a page, its blocks of text, and the words outside of them."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.blocks: list[Block] = []
        self.sections: list[str] = []
        self.words = ""
        self._open: list[tuple[str, int, dict[str, str | None]]] = []
        self._block: Block | None = None
        self.feed(page)
        self.close()
        assert not self._open, "every element is closed"

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        if tag in VOID:
            return
        if attributes.get("class") == "entity-text":
            self._block = Block(self.sections[-1])
            self.blocks.append(self._block)
        if tag == "h2":
            self.sections.append("")
        self._open.append((tag, len(self._block.text) if self._block else 0, attributes))

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        assert tag in VOID

    def handle_endtag(self, tag):
        name, start, attributes = self._open.pop()
        assert name == tag
        if tag == "mark" and self._block:
            self._block.marks.append(
                (start, len(self._block.text), str(attributes["data-label"]), str(attributes["title"]))
            )
        if attributes.get("class") == "entity-text":
            self._block = None

    def handle_data(self, data):
        within = [name for name, _, _ in self._open]
        if self._block is not None:
            is_escape = within[-1] == "i"
            self._block.text += data.encode("ascii").decode("unicode_escape") if is_escape else data
        elif within[-1:] == ["h2"]:
            self.sections[-1] += data
        elif within[-1:] != ["style"]:
            self.words += data
