"""The top of a page: the model, the labelled text, and the sentence that is inspected."""

from __future__ import annotations

from collections import Counter

from tagger.inspection.sections.subject import Subject
from tagger.report import Cell, Markup, element, join, shortened, table
from tagger.text.counted import counted

_MAX_WORDS = 400


def overview(subject: Subject, model_name: str) -> list[Markup]:
    """Return the model in numbers, the text with its labels, and notes on omissions."""
    num_sentences, num_words = len(subject.sentences), sum(map(len, subject.sentences))
    size = f"{counted(num_words, 'word')} in {counted(num_sentences, 'sentence')}"
    parts = [
        element("p", f"Model {shortened(model_name, 60)}, {size}."),
        element("details", element("summary", "The model in numbers"), _model(subject)),
        *_text(subject),
    ]
    if num_sentences > 1:
        parts.append(
            element(
                "p",
                f"The pictures are of sentence {subject.chosen + 1} of {num_sentences}, which is underlined.",
                class_="note",
            )
        )
    if len(subject.shown) < len(subject.tokens):
        parts.append(
            element(
                "p",
                f"The sentence has {counted(len(subject.tokens), 'word')}. Pictures show words 1 to "
                f"{len(subject.shown)}; the model has read all of them.",
                class_="note",
            )
        )
    return parts


def _model(subject: Subject) -> Markup:
    tagger, config = subject.tagger, subject.tagger.config
    num_parameters = tagger.parts.num_parameters
    facts = {
        "cell": config.cell,
        "layers": str(config.num_layers),
        "units per layer and direction": str(config.hidden_dim),
        "directions": "forward and backward" if config.bidirectional else "forward",
        "decoder": config.decoder,
        "scheme inside": config.scheme.upper(),
        "labels": ", ".join(tagger.labels),
        "words known": f"{len(tagger.parts.featurizer.words.items):,}",
        "weights": f"{num_parameters:,}",
    }
    if tagger.parts.temperature != 1:
        facts["temperature, which all scores are divided by"] = f"{tagger.parts.temperature:g}"
    rows = [[Cell(name, is_head=True), Cell(value, "list")] for name, value in facts.items()]
    return table(["", ""], rows, caption="The model in numbers")


def _text(subject: Subject) -> list[Markup]:
    """Return the labelled text, up to a limit, and counts of all labels."""
    tagger = subject.tagger
    pieces: list[str] = []
    left = _MAX_WORDS
    counts: Counter[str] = Counter()
    for number, prediction in enumerate(tagger.stream(subject.sentences)):
        if tagger.scheme.has_spans:
            counts.update(span.label for span in prediction.spans)
            edges = {span.start: (span.end, span.label, span.probability) for span in prediction.spans}
        else:
            counts.update(prediction.labels)
            edges = {
                t: (t + 1, label, prediction.label_probabilities[t])
                for t, label in enumerate(prediction.labels)
            }
        shown = min(len(prediction.tokens), max(left, 0))
        left -= len(prediction.tokens)
        words: list[str] = []
        t = 0
        while t < shown:
            end, label, probability = edges.get(t, (t + 1, "", 0.0))
            text = " ".join(shortened(word, 40) for word in prediction.tokens[t:end])
            if label:
                small = element("small", f"{label} {probability:.2f}")
                words.append(element("span", element("bdi", text), small, class_="span"))
            else:
                words.append(element("bdi", text))
            t = end
        if words:
            style = "changed" if number == subject.chosen and len(subject.sentences) > 1 else None
            pieces.append(element("span", join(_spaced(words)), class_=style))
    parts = [element("p", join(_spaced(pieces)), class_="text")]
    if left < 0:
        listed = ", ".join(f"{label} {count:,}" for label, count in counts.most_common(20))
        found = "Spans found" if tagger.scheme.has_spans else "Labels given"
        parts.append(
            element(
                "p",
                f"The text is long: its first {_MAX_WORDS} words are shown. {found} in all of it: {listed or 'none'}.",
                class_="note",
            )
        )
    return parts


def _spaced(parts: list[str]) -> list[str]:
    return [piece for part in parts for piece in (part, " ")][:-1]
