"""The section on context: labels within windows of increasing width, and the share of final ones over a corpus."""

from __future__ import annotations

from tagger.config import TaggerConfig
from tagger.inspection.context import ContextAgreement, Width, context_agreement, context_use
from tagger.inspection.sections.sampling import sample
from tagger.inspection.sections.subject import Subject, probability
from tagger.report import Cell, Figure, Markup, Section, Series, line_chart, shortened, table
from tagger.report.heat_map import shades

_CORPUS_WORDS = 2000
_WINDOWS = (
    "Here the model reads each word again with only k words on either side, as if the rest of the sentence did not "
    "exist. k = 0 is the word alone: what its spelling says. The last column is the whole sentence.",
    "Each cell has the label found there and its probability. Underlined labels differ from the final one, that of the "
    "whole sentence; the stronger the orange, the less probable is the final one. Where the orange ends is how much "
    "context the word needed.",
    "A word that continues a name (I-) cannot do so when it is read alone: at best it begins one (B-), which counts as "
    "another label.",
)
_AGREEMENT = (
    "The same over many sentences: how many words have their final label already when only k words are seen on each "
    "side.",
    "How far the lines rise is what context adds, through {means}. Lines that are flat at 1 would mean that no context "
    "is used: a word list would do as well.",
)


def context_section(subject: Subject) -> Section:
    """Return the section of context use."""
    use = context_use(subject.tagger, subject.tokens, positions=subject.shown)
    colors = shades(use.final_probabilities - 1, "signed")
    rows = []
    for t, word in enumerate(use.tokens):
        cells = []
        for row, labels in enumerate(use.labels):
            style = colors[row, t] + (" changed" if labels[t] != use.final_labels[t] else "")
            cells.append(Cell(f"{labels[t]} {probability(use.probabilities[row, t])}", style))
        rows.append([Cell(shortened(word), is_head=True), *cells])
    head = ["word", *(f"k = {name}" for name in map(_name, use.widths))]
    seen = table(head, rows, caption="Label and probability of each word within ±k words")
    figures = [Figure("Label and probability within ±k words", [seen], _WINDOWS)]
    notes = []
    if subject.corpus is not None:
        examples, note = sample(subject.corpus.examples, _CORPUS_WORDS)
        agreement = context_agreement(subject.tagger, [example.tokens for example in examples])
        figures.append(
            Figure(
                "Over the corpus",
                [_chart(agreement)],
                [text.format(means=_means(subject.tagger.config)) for text in _AGREEMENT],
            )
        )
        notes.append(note)
    return Section("context", "What the surrounding words contribute", figures, notes)


def _chart(agreement: ContextAgreement) -> Markup:
    lines = [Series(f"all {agreement.num_words} words", agreement.all_words.tolist())]
    if agreement.span_words is not None:
        lines.append(Series(f"{agreement.num_span_words} words in spans", agreement.span_words.tolist()))
    return line_chart(
        lines,
        places=[_name(width) for width in agreement.widths],
        description="Share of words whose label within the window is that of the whole sentence, by window",
        x_title="k, words seen on each side",
        y_title="share of words with their final label",
        limits=(0, 1),
    )


def _means(config: TaggerConfig) -> str:
    """Return the parts of a model through which the surrounding words influence a label."""
    means = ["the recurrent layers"]
    if config.wide_features:
        means.append("wide features (up to two words away)")
    means.append("transition scores" if config.decoder == "crf" else "the rules of the scheme, if it has any")
    return f"{', '.join(means[:-1])} and {means[-1]}"


def _name(width: Width) -> str:
    return "all" if width is None else str(width)
