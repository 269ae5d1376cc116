"""Filters: choices above a list that hide the items that do not match, by style rules only, without scripts.

Each choice is a group of radio buttons. Items that can be filtered have the class ``item`` and the classes of all
options that they match, inside an element of the class ``filtered`` that contains the buttons too. A browser without
``:has()`` shows no buttons and the whole list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tagger.report.markup import Markup, element, join


@dataclass(frozen=True)
class Choice:
    """A group of radio buttons; the first, "all", is added automatically.

    Attributes:
        name: lower-case letters, unique on the page; prefix of the classes of items and the ids of buttons.
        legend: title of the group for readers.
        options: the options: text, and a remark such as a count, which may be empty.
    """

    name: str
    legend: str
    options: Sequence[tuple[str, str]]

    def style(self, number: int) -> str:
        """Return the class of items that match an option.

        Args:
            number: index of the option, from 0.
        """
        return f"{self.name}{number}"


def filter_buttons(choices: Sequence[Choice]) -> Markup:
    """Return the buttons of all choices that have more than one option."""
    return element("div", *(_group(choice) for choice in _real(choices)), class_="filters")


def filter_rules(choices: Sequence[Choice]) -> str:
    """Return the style rules for the buttons, for the style sheet of the page."""
    rules = [
        f".filtered:has(#{style}:checked) .item:not(.{style}) {{ display: none }}"
        for choice in _real(choices)
        for style in map(choice.style, range(len(choice.options)))
    ]
    return "\n".join(rules)


def _real(choices: Sequence[Choice]) -> list[Choice]:
    return [choice for choice in choices if len(choice.options) > 1]


def _group(choice: Choice) -> Markup:
    buttons = [_button(choice, f"{choice.name}-all", "all", "", is_checked=True)]
    buttons += [
        _button(choice, choice.style(number), text, remark)
        for number, (text, remark) in enumerate(choice.options)
    ]
    return element("fieldset", element("legend", choice.legend), *buttons)


def _button(choice: Choice, id_: str, text: str, remark: str, *, is_checked: bool = False) -> Markup:
    button = element(
        "input", type="radio", name=choice.name, id=id_, checked="checked" if is_checked else None
    )
    words = join([element("bdi", text), " ", element("small", remark)]) if remark else element("bdi", text)
    return element("span", button, element("label", words, for_=id_), class_="option")
