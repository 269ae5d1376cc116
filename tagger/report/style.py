"""The style sheet of a page: light and dark mode, wide and narrow screens, and the shades of its pictures."""

from __future__ import annotations

from typing import Final

# Single-hue steps for shares; orange for negative and blue for positive values, which colour-blind readers can tell
# apart. Line colours after Okabe and Ito (2008), each with its own dash pattern.
_LIGHT: Final = {
    "page": "#ffffff", "ink": "#1c2127", "faint": "#5b6570", "rule": "#d5dae0", "soft": "#f4f6f8",
    "link": "#0b5cad", "warn": "#fff4d6",
    "s0": "#f3f6f9", "s1": "#dfe9f3", "s2": "#c6daec", "s3": "#a6c6e2", "s4": "#80add4", "s5": "#5a92c4",
    "s6": "#3a77b0", "s7": "#205b94", "s8": "#0c3f70",
    "n4": "#a63d00", "n3": "#b9540f", "n2": "#eea36a", "n1": "#f9d9bf", "z": "#f3f4f5",
    "p1": "#d3e3f2", "p2": "#94bde0", "p3": "#2f74af", "p4": "#0f5596",
    "c0": "#0072b2", "c1": "#c45100", "c2": "#007a5a", "c3": "#a3478a", "c4": "#6b5d00", "c5": "#2f8fd0",
    "c6": "#1c2127",
}  # fmt: skip
_DARK: Final = {
    "page": "#15191e", "ink": "#e8ebee", "faint": "#a5afba", "rule": "#3a424b", "soft": "#1f252b",
    "link": "#7db8f0", "warn": "#3d3316",
    "s0": "#20262d", "s1": "#21303f", "s2": "#233c54", "s3": "#264b6d", "s4": "#2d5f8b", "s5": "#33699a",
    "s6": "#5596c9", "s7": "#80b6e0", "s8": "#b9dbf5",
    "n4": "#ffb27a", "n3": "#e08a4a", "n2": "#985424", "n1": "#5a3a22", "z": "#23282e",
    "p1": "#23405c", "p2": "#2f689c", "p3": "#5b9fd8", "p4": "#a9d4fa",
    "c0": "#56b4e9", "c1": "#f0954a", "c2": "#38c79b", "c3": "#e08bc6", "c4": "#d8c84a", "c5": "#9ccdf5",
    "c6": "#e8ebee",
}  # fmt: skip
_DASHES: Final = ("none", "7 3", "2 3", "9 3 2 3", "5 2", "1 2", "12 4")

_PICTURE_RULES: Final = """\
.scroll { overflow-x: auto; max-width: 100%; margin: .5rem 0 }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums }
th, td { padding: .15rem .5rem; text-align: right; white-space: nowrap; border: 1px solid var(--rule) }
th { font-weight: 600; background: var(--soft) }
th[scope=row] { text-align: left; position: sticky; left: 0; max-width: 9rem; overflow: hidden;
  text-overflow: ellipsis; unicode-bidi: isolate }
td.text { text-align: left; unicode-bidi: isolate }
td.list { text-align: left; white-space: normal; min-width: 15rem }
.chosen { outline: 2px solid var(--ink); outline-offset: -2px; font-weight: 700 }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
th.wide[scope=row] { min-width: 8rem; max-width: min(18rem, 45vw); white-space: normal; overflow-wrap: break-word }
thead th:first-child { text-align: left }
.maps { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem }
.maps > div { max-width: 100% }
.faint, .axis { color: var(--faint) }
.axis { font-size: .875rem; margin: .6rem 0 0 }
.legend { font-size: .875rem }
.key { display: inline-flex; align-items: center; gap: .4rem; margin-right: 1.1rem }
.swatch { display: inline-block; width: 1rem; height: 1rem; vertical-align: -2px }
svg { display: block; font: 12px system-ui, sans-serif }
svg text { fill: var(--ink) }
svg text.faint { fill: var(--faint) }
svg.chart { width: 100%; max-width: 460px; height: auto }
.grid { stroke: var(--rule) }
.line { fill: none; stroke-width: 2; stroke-linejoin: round }
.bar { fill: var(--s6) }
.cross { fill: none; stroke: var(--faint) }
.mark { fill: none; stroke: var(--ink); stroke-width: 2 }
.blank { fill: none }
.diagonal { stroke: var(--faint); stroke-dasharray: 4 4 }
.whisker { fill: none; stroke: var(--s6); stroke-width: 2 }
.point { fill: var(--s7) }
.bar-frame { fill: var(--s1) }
"""

_RULES: Final = """\
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100% }
body { margin: 0 auto; max-width: 1200px; padding: 16px; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif }
h1 { font-size: 1.6rem; line-height: 1.25; margin: .5rem 0 }
h2 { font-size: 1.3rem; margin: 0 0 .5rem }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem }
p, ul, ol, pre, dl { margin: .5rem 0 }
ul, ol { padding-left: 1.3rem }
a { color: var(--link) }
section { border-top: 1px solid var(--rule); padding: 1.2rem 0 }
nav a { display: inline-block; margin-right: 1rem; padding: .2rem 0 }
.figure { display: grid; gap: .5rem 2rem; grid-template-columns: minmax(0, 1fr); margin-bottom: 1.2rem }
@media (min-width: 900px) { .figure { grid-template-columns: minmax(0, 1fr) 22rem } }
.words { background: var(--soft); border-radius: 6px; padding: .3rem .9rem; align-self: start; font-size: .95rem }
.note { background: var(--warn); border-radius: 6px; padding: .5rem .9rem }
pre { overflow-x: auto; font: .85rem/1.45 ui-monospace, monospace; white-space: pre-wrap }
.changed { text-decoration: underline 2px }
.span { background: var(--s1); border-radius: 4px; padding: 0 .25em; box-decoration-break: clone;
  -webkit-box-decoration-break: clone }
.span small { color: var(--faint); padding-left: .3em }
.text { overflow-wrap: anywhere }
.figure > :only-child { grid-column: 1 / -1 }
h1, h3, .words, .note, .option, .key, summary, article { overflow-wrap: anywhere }
.marked { margin: .2rem 0 .6rem }
.marked bdi { white-space: nowrap }
.marked .w { display: inline-grid; vertical-align: baseline; max-width: 100% }
.lines1 .w { grid-template-rows: auto 1.35rem }
.lines2 .w { grid-template-rows: auto 1.35rem 1.35rem }
.lines3 .w { grid-template-rows: auto 1.35rem 1.35rem 1.35rem }
.marked i { border-top: 3px solid var(--c2); direction: ltr; unicode-bidi: isolate; margin: .05rem 0;
  font: .75rem/1.1 system-ui, sans-serif; white-space: nowrap }
.marked .l0 { grid-row: 2 }
.marked .l1 { grid-row: 3 }
.marked .l2 { grid-row: 4 }
.marked .on { margin-inline-end: -.3em }
.marked i.right { border-color: var(--c0) }
.marked i.wrong { border-top: 3px dashed var(--c1) }
.filters { display: none }
fieldset { border: 1px solid var(--rule); border-radius: 6px; margin: .5rem 0; padding: .2rem .8rem .5rem }
.option { display: inline-flex; align-items: center; gap: .3rem; margin-right: 1rem; padding: .15rem 0 }
.option small { color: var(--faint) }
summary { cursor: pointer; font-weight: 600; padding: .3rem 0 }
article { border-top: 1px solid var(--rule); padding: .4rem 0 }
article p { margin: .2rem 0 }
.filtered { counter-reset: shown }
article.item { counter-increment: shown }
@supports selector(:has(*)) {
  .filters { display: block }
  .number::before { content: "Shown with these choices: " counter(shown) }
}
@media print { section { break-inside: avoid } }
"""


def style_sheet() -> str:
    """Return the style sheet of every page."""
    colors = (
        f":root {{ color-scheme: light dark; {_variables(_LIGHT)} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ {_variables(_DARK)} }} }}\n"
    )
    return colors + _RULES + _PICTURE_RULES + _shades()


def picture_style(*, around: str, light: str, dark: str) -> str:
    """Return the style of pictures and tables only, for embedding them in other pages.

    Args:
        around: selector of the elements that contain pictures; nothing else is styled.
        light: selector of a body that is light, whatever the reader's system setting.
        dark: selector of a body that is dark, whatever the reader's system setting.
    """
    return (
        f"{around} {{ {_variables(_LIGHT)}\n{_PICTURE_RULES}{_shades()}}}\n"
        f"@media (prefers-color-scheme: dark) {{ body:not({light}) {around} {{ {_variables(_DARK)} }} }}\n"
        f"{dark} {around} {{ {_variables(_DARK)} }}\n"
    )


def _shades() -> str:
    """Return the rules for shades and line colours."""
    shades = [name for name in _LIGHT if name == "z" or (len(name) == 2 and name[0] in "snp")]
    lines = [name for name in _LIGHT if name[0] == "c"]
    far = {"s6", "s7", "s8", "n4", "n3", "p3", "p4"}
    rules = []
    for name in shades:
        # In both modes the far shades contrast with the page, so text on them has the page's colour.
        ink = "page" if name in far else "ink"
        rules.append(f"path.{name} {{ fill: var(--{name}) }}")
        rules.append(f"td.{name}, .swatch.{name} {{ background: var(--{name}); color: var(--{ink}) }}")
    for name, dashes in zip(lines, _DASHES, strict=True):
        rules.append(f".line.{name} {{ stroke: var(--{name}); stroke-dasharray: {dashes} }}")
        rules.append(f".dot.{name} {{ fill: var(--{name}) }}")
        rules.append(f".band.{name} {{ fill: var(--{name}); fill-opacity: .2 }}")
    return "\n".join(rules) + "\n"


def _variables(colors: dict[str, str]) -> str:
    return " ".join(f"--{name}: {color};" for name, color in colors.items())
