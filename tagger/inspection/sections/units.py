"""The section on single units: the properties they detect, with a control and the loss without them."""

from __future__ import annotations

from tagger.inspection.absence import AbsentViewError
from tagger.inspection.properties import properties
from tagger.inspection.sections.sampling import sample
from tagger.inspection.sections.subject import Subject
from tagger.inspection.units import UnitReport, unit_report
from tagger.report import Cell, Figure, Markup, Section, table

_CORPUS_WORDS = 20_000
_MAX_PROPERTIES = 20
_AREAS = (
    "A unit is one number that the network writes at each word. Its AUC for a property is the probability that it is "
    "higher on a word with the property than on one without: .50 is chance, 1.00 and .00 are perfect.",
    "Beside it the control: the same property assigned to random words, and the best AUC (or 1 − AUC) that any of all "
    "units reaches for that. Among hundreds of units some always look good by chance; only what is beyond the control "
    "counts.",
)
_LOSSES = (
    "A unit that detects a property is not necessarily one the model needs. So the best units, together, are set to "
    "zero and the corpus is tagged again; beside it, as many units drawn at random.",
    "If nothing is lost, the network encodes the same in other units too: a unit's AUC is no proof of its worth.",
)


def units_section(subject: Subject) -> Section:
    """Return the section of the unit explorer.

    Raises:
        AbsentViewError: if there is no corpus.
    """
    if subject.corpus is None:
        raise AbsentViewError("the view units needs an annotated corpus; pass --corpus FILE")
    examples, note = sample(subject.corpus.examples, _CORPUS_WORDS)
    found = properties(examples, subject.corpus.scheme)
    names = sorted(found, key=lambda name: -int(found[name].sum()))[:_MAX_PROPERTIES]
    report = unit_report(subject.tagger, examples, subject.corpus.scheme, names=names)
    notes = [note]
    if len(names) < len(found):
        notes.append(f"The {len(names)} most frequent of {len(found)} properties are shown.")
    figures = [
        Figure("Units that detect a property", [_areas(report)], _AREAS),
        Figure("What is lost without them", [_losses(report)], _LOSSES),
    ]
    return Section("units", "What single units detect", figures, notes)


def _areas(report: UnitReport) -> Markup:
    rows: list[list[Cell | str]] = []
    for ranking in report.rankings:
        best = ", ".join(
            f"{report.unit_names[unit]}\u00a0({area:.2f})"  # without a line break
            for unit, area in zip(ranking.units, ranking.areas, strict=True)
        )
        control = f"{max(ranking.shuffled):.2f}"
        rows.append([Cell(ranking.name, is_head=True), str(ranking.num_words), control, Cell(best, "list")])
    head = ["property", "words", "control", "best units (AUC)"]
    return table(
        head, rows, caption="Units that detect properties of words, with the best result for shuffled ones"
    )


def _losses(report: UnitReport) -> Markup:
    rows: list[list[Cell | str]] = []
    for ranking in report.rankings:
        ablation = ranking.ablation
        lowest, highest = min(ablation.without_random), max(ablation.without_random)
        scores = [f"{ablation.whole:.3f}", f"{ablation.without:.3f}", f"{lowest:.3f} to {highest:.3f}"]
        rows.append([Cell(ranking.name, is_head=True), *scores])
    head = ["property", report.score_name, "without its units", "without random units"]
    return table(head, rows, caption="Scores of the model without units")
