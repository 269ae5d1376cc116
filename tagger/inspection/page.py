"""The inspection page: every view of a model and a text, drawn and explained on one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from tagger.api import Tagger
from tagger.errors import UsageError
from tagger.inspection.absence import AbsentViewError
from tagger.inspection.sections.context import context_section
from tagger.inspection.sections.crf import crf_section
from tagger.inspection.sections.gates import gates_section
from tagger.inspection.sections.gradients import gradients_section
from tagger.inspection.sections.occlusion import occlusion_section
from tagger.inspection.sections.overview import overview
from tagger.inspection.sections.steps import steps_section
from tagger.inspection.sections.subject import Corpus, Subject
from tagger.inspection.sections.units import units_section
from tagger.inspection.unit_names import UnitName
from tagger.report import Markup, Section, element, html_page

VIEWS: Final[Mapping[str, Callable[[Subject], Section]]] = MappingProxyType(
    {
        "crf": crf_section,
        "context": context_section,
        "occlusion": occlusion_section,
        "gates": gates_section,
        "steps": steps_section,
        "gradients": gradients_section,
        "units": units_section,
    }
)
"""The views by the name that options use, in the order of the page."""

MAX_OTHERS: Final = 6
"""Maximum number of models to compare with: a chart has at most seven lines."""


def inspection_page(
    tagger: Tagger,
    sentences: Sequence[Sequence[str]],
    *,
    model_name: str,
    chosen: int = 0,
    views: Sequence[str] | None = None,
    corpus: Corpus | None = None,
    unit: str | None = None,
    others: Mapping[str, Tagger] = MappingProxyType({}),
) -> str:
    """Return the page on a model and a text, in HTML, to be written as UTF-8.

    Args:
        tagger: the model.
        sentences: the tokens of each sentence of the text; sentences without tokens are left out.
        model_name: name of the model on the page.
        chosen: index of the sentence to inspect, from 0.
        views: names of the views to draw; all that are available for the model and the corpus if left out.
        corpus: annotated sentences, required by ``units`` and also used by ``context`` and ``gates``.
        unit: the unit that ``steps`` follows, such as ``forward:77``; the most active one if left out.
        others: further trained models by name, at most six, which ``gradients`` compares with this one.

    Raises:
        UsageError: if the text has no word or no such sentence, the model has no such unit, a requested view is
            unknown, or there are too many models.
        AbsentViewError: if a requested view is not available; without ``views``, it is left out with a note.
    """
    read = [tuple(sentence) for sentence in sentences if len(sentence)]
    if not read:
        raise UsageError("expected a text of at least one word to look into, found none")
    if not 0 <= chosen < len(read):
        raise UsageError(f"sentence: expected 1 to {len(read)}, the number of sentences, found {chosen + 1}")
    for name in views or ():
        if name not in VIEWS:
            raise UsageError(f"view {name!r}: expected one of {', '.join(VIEWS)}")
    followed = None
    if unit is not None:
        followed = UnitName.parse(unit)
        followed.check(tagger.parts.model.encoder)
        if views is not None and "steps" not in views:
            raise UsageError("unit: has no effect without the view steps")
    if others and views is not None and "gradients" not in views:
        raise UsageError("others: have no effect without the view gradients")
    if len(others) > MAX_OTHERS:
        raise UsageError(f"others: expected at most {MAX_OTHERS} models, found {len(others)}")
    for name, other in others.items():
        if other.parts.others:
            raise UsageError(f"others: {name} is an average of models; expected one that it was made of")
    subject = Subject(tagger, read, chosen, corpus, others, followed)
    sections: list[Section] = []
    absent: list[Markup] = []
    for name, section in VIEWS.items():
        if views is not None:
            if name in views:
                sections.append(section(subject))
            continue
        try:
            sections.append(section(subject))
        except AbsentViewError as reason:
            absent.append(element("li", str(reason)))
    introduction = overview(subject, model_name)
    if absent:
        introduction += [element("p", "Not on this page:"), element("ul", *absent)]
    return html_page("Inside a tagger", introduction, sections)
