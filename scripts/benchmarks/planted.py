"""Label errors planted in a corpus: a share of its entities is given another type, left out, or cut elsewhere.

What is drawn depends on the seed and the corpus alone. Each changed entity is a record that says where it was, what it
was and what became of it, so that rankings of label errors can be scored.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

from tagger.examples import Example
from tagger.formats import ReadingOptions, read_gold
from tagger.spans import Span
from tagger.text import RuleSegmenter

Kind = Literal["type", "missing", "boundary"]
KINDS: Final[tuple[Kind, ...]] = ("type", "missing", "boundary")


@dataclass(frozen=True)
class Planted:
    """An entity whose labels were changed.

    Attributes:
        sentence: number of its sentence, from 0.
        kind: what was done to it.
        label: the type that it had.
        start: first token of it, as it was.
        end: token after its last, as it was.
        now: type, start and end of what it was made, or None where it was left out.
    """

    sentence: int
    kind: Kind
    label: str
    start: int
    end: int
    now: tuple[str, int, int] | None


def plant(examples: Sequence[Example], share: float, seed: int) -> tuple[list[Example], list[Planted]]:
    """Return examples with IOB2 labels, in which a share of the entities is wrong, and what was done.

    Args:
        examples: with labels in IOB2.
        share: of all entities, 0 to 1; rounded to a whole number of them.
        seed: of the draws.
    """
    draw = random.Random(seed)
    spans = [_spans(example) for example in examples]
    types = sorted({span.label for found in spans for span in found})
    places = [(number, at) for number, found in enumerate(spans) for at in range(len(found))]
    chosen = sorted(draw.sample(places, round(share * len(places))))
    planted = []
    for number, at in chosen:
        others = [span for place, span in enumerate(spans[number]) if place != at]
        planted.append(_change(number, spans[number][at], others, len(examples[number].tokens), types, draw))
    changed = {(one.sentence, one.start): one.now for one in planted}
    made = []
    for number, (example, found) in enumerate(zip(examples, spans, strict=True)):
        kept = [
            now
            for span in found
            if (now := changed.get((number, span.start), (span.label, span.start, span.end)))
        ]
        made.append(
            Example(example.tokens, tuple(_labels(len(example.tokens), kept)), document=example.document)
        )
    return made, planted


def _change(
    number: int, span: Span, others: Sequence[Span], length: int, types: Sequence[str], draw: random.Random
) -> Planted:
    kind = draw.choice(KINDS)
    was = (span.label, span.start, span.end)
    if kind == "missing":
        return Planted(number, kind, *was, now=None)
    if kind == "boundary":
        taken = {token for other in others for token in range(other.start, other.end)}
        cuts = [
            (start, end)
            for start, end in (
                (span.start - 1, span.end),
                (span.start + 1, span.end),
                (span.start, span.end - 1),
                (span.start, span.end + 1),
            )
            if 0 <= start < end <= length and not taken.intersection(range(start, end))
        ]
        if cuts:
            return Planted(number, kind, *was, now=(span.label, *draw.choice(cuts)))
    return Planted(
        number, "type", *was, now=(draw.choice([t for t in types if t != span.label]), span.start, span.end)
    )


def _spans(example: Example) -> list[Span]:
    found: list[Span] = []
    for place, label in enumerate(example.labels or ()):
        prefix, _, name = label.partition("-")
        if prefix == "B":
            found.append(Span(place, place + 1, name))
        elif prefix == "I":
            found[-1] = Span(found[-1].start, place + 1, name)
    return found


def _labels(length: int, spans: Sequence[tuple[str, int, int]]) -> Iterator[str]:
    labels = ["O"] * length
    for label, start, end in spans:
        labels[start:end] = [f"B-{label}", *[f"I-{label}"] * (end - start - 1)]
    return iter(labels)


def main() -> None:
    """Write TRAIN with errors planted: ``planted.py TRAIN SHARE SEED FOLDER``."""
    source, share, seed, folder = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
    examples, planted = plant(
        read_gold([(source, None)], ReadingOptions(), RuleSegmenter).examples, share, seed
    )
    folder.mkdir(parents=True, exist_ok=True)
    blocks = (
        "\n".join(f"{token}\t{label}" for token, label in zip(one.tokens, one.labels or (), strict=True))
        for one in examples
    )
    (folder / "train.conll").write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
    (folder / "planted.jsonl").write_text("".join(json.dumps(asdict(one)) + "\n" for one in planted))


if __name__ == "__main__":
    main()
