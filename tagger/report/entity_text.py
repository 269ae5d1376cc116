"""Entity text: the original text, with entities coloured by type, shaded by probability and followed by their label.

Everything added to the text is in style rules and attributes, so readers copy the original text from the page. It
belongs in an element of the class ``entity-text`` with ``dir="auto"``; its style rules are self-contained.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final, NamedTuple

from tagger.report.markup import Markup, element, join
from tagger.report.words import shortened
from tagger.text.printable import escapes

SHADES: Final = (0.5, 0.7, 0.9, 0.98)
"""Probabilities at which the next darker shade begins."""

_LABEL: Final = 24
_DIGITS: Final = 4

# Lightness and chroma in OKLCH (Ottosson 2020) of the shades, the least probable first, then of the underline.
_LIGHT: Final = ((0.97, 0.02), (0.93, 0.05), (0.89, 0.08), (0.84, 0.11), (0.78, 0.13), (0.52, 0.15))
_DARK: Final = ((0.27, 0.03), (0.32, 0.05), (0.37, 0.07), (0.42, 0.09), (0.46, 0.1), (0.72, 0.13))
_PLAIN: Final = 2
"""The shade of entities without a probability."""
_LIGHT_INK: Final = "#14181d"
_DARK_INK: Final = "#f3f5f7"
_FIRST_HUE: Final = 250.0
_GOLDEN_ANGLE: Final = 137.508
"""Degrees between the hues of consecutive types; keeps the hues of any number of types well apart."""

_RULES: Final = f"""
.entity-text {{ white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; text-align: start;
  line-height: 1.9 }}
.entity-text i {{ font: .8em ui-monospace, monospace; border: 1px solid; border-radius: 3px }}
mark.en {{ border-radius: 4px; padding: .1em 0; padding-inline-start: .2em;
  -webkit-box-decoration-break: clone; box-decoration-break: clone }}
mark.en[data-label]::after {{ content: attr(data-label); margin: 0 .3em; direction: ltr;
  unicode-bidi: isolate; font: 600 .7em system-ui, sans-serif }}
mark.en {{ background: var(--e{_PLAIN}); color: var(--ei); border-bottom: 2px solid var(--el) }}
"""


class MarkedEntity(NamedTuple):
    """A labelled range of a text: ``text[start:end]``.

    Attributes:
        start: offset of the first character.
        end: offset after the last one.
        label: its type, or the label of a word.
        probability: in [0, 1]; None if unknown.
    """

    start: int
    end: int
    label: str
    probability: float | None = None


def entity_text(text: str, entities: Sequence[MarkedEntity], *, types: Sequence[str]) -> Markup:
    r"""Return a text with its entities marked.

    White space is kept. Control and invisible characters become Python escapes in elements of their own:
    ``<i>\u202e</i>``.

    Args:
        text: any text.
        entities: sorted, without overlaps.
        types: all possible labels, in a fixed order, which determines their colours.

    Raises:
        ValueError: if entities overlap, are not sorted, or lie outside the text.

    >>> entity_text("in Oslo\n", [MarkedEntity(3, 7, "LOC", 0.987)], types=["LOC"])
    'in <mark class="en e0 p4" data-label="LOC" title="LOC 0.9870">Oslo</mark>\n'
    """
    numbers = {label: number for number, label in enumerate(types)}
    unfit = [(place, shown) for place, shown in escapes(text) if not _is_kept(text, place)]
    pieces: list[Markup] = []
    done = 0
    for entity in entities:
        if not done <= entity.start < entity.end <= len(text):
            raise ValueError(
                f"expected entities in order and within the text, found {entity.start}-{entity.end} after {done}"
            )
        pieces += _plain(text, done, entity.start, unfit)
        pieces.append(_mark(entity, numbers, join(_plain(text, entity.start, entity.end, unfit))))
        done = entity.end
    return join([*pieces, *_plain(text, done, len(text), unfit)])


def entity_rules(types: Sequence[str]) -> str:
    """Return the style rules of marked entities, for light and dark mode: hue by type, lightness by probability.

    Args:
        types: as in :func:`entity_text`.
    """
    rules = [_RULES.strip()]
    rules += [f"mark.en.p{shade} {{ background: var(--e{shade}) }}" for shade in range(len(SHADES) + 1)]
    light, dark = ([_type_rule(number, shades, ink) for number in [None, *range(len(types))]]
                   for shades, ink in ((_LIGHT, _LIGHT_INK), (_DARK, _DARK_INK)))  # fmt: skip
    rules += light
    rules += ["@media (prefers-color-scheme: dark) {", *dark, "}"]
    return "\n".join(rules) + "\n"


def _plain(text: str, start: int, end: int, unfit: Sequence[tuple[int, str]]) -> Iterator[Markup]:
    """Yield a range of the text, with escapes in place of characters that cannot be shown."""
    for place, shown in unfit[bisect_left(unfit, (start,)) : bisect_left(unfit, (end,))]:
        yield _kept(text[start:place])
        yield element("i", shown)
        start = place + 1
    yield _kept(text[start:end])


def _kept(text: str) -> Markup:
    """Return a text as markup, with character references for CR, which browsers would read as a line feed."""
    return Markup(escape(text, quote=False).replace("\r", "&#13;"))


def _is_kept(text: str, place: int) -> bool:
    return text[place] in "\n\t" or text[place : place + 2] == "\r\n"


def _mark(entity: MarkedEntity, numbers: dict[str, int], content: Markup) -> Markup:
    classes = ["en"]
    if entity.label in numbers:
        classes.append(f"e{numbers[entity.label]}")
    title = entity.label
    if entity.probability is not None:
        classes.append(f"p{bisect_right(SHADES, entity.probability)}")
        title += f" {entity.probability:.{_DIGITS}f}"
    return element(
        "mark", content, class_=" ".join(classes), data_label=shortened(entity.label, _LABEL), title=title
    )


def _type_rule(number: int | None, shades: Sequence[tuple[float, float]], ink: str) -> str:
    """Return the style rule with the colours of a type; None for labels that are not among the types, in grey."""
    hue = math.radians(_FIRST_HUE + (number or 0) * _GOLDEN_ANGLE)
    colors = [_hexadecimal(lightness, 0.0 if number is None else chroma, hue) for lightness, chroma in shades]
    values = " ".join(f"--e{shade}: {color};" for shade, color in enumerate(colors[:-1]))
    name = "mark.en" if number is None else f"mark.en.e{number}"
    return f"{name} {{ {values} --el: {colors[-1]}; --ei: {ink} }}"


def _hexadecimal(lightness: float, chroma: float, hue: float) -> str:
    """Return an OKLCH colour in sRGB, with red, green and blue clipped to their range."""
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    return "#" + "".join(f"{round(255 * _gamma(min(max(value, 0.0), 1.0))):02x}" for value in linear)


def _gamma(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
