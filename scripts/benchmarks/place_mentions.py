"""Measure how well mentions without offsets are placed in their text: how many rightly, wrongly and not at all.

    python scripts/benchmarks/place_mentions.py FILE.conll

The sentences of the file become texts, some of them next to each other, and its entities lists of mentions, as a
language model would list them: each once for each label, in the order of the text. One mention of each list is then
changed as language models change them, by an error of a kind that it admits; ``wrong order`` changes them all. What is
right is known. A mention is placed rightly if exactly the entities with its text and label are marked, and an invented
one if nothing is; wrongly if anything else is marked; and else it is not placed. ``others`` is the share of the
outputs in which another mention, which was not changed, is not placed rightly.

Every seed makes as many outputs from scratch; a number is the median over the seeds, with the lowest and the highest.
"""

from __future__ import annotations

import random
import statistics
import string
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from corpus import labelled
from measuring import Row, benchmark_parser, machine, positive, report

from tagger.formats import join_tokens
from tagger.formats.annotated import Range
from tagger.formats.tools.placing import Mention, Placement, place_mentions
from tagger.schemes import Notation, labels_to_spans

_ADDED: Final = (
    "the {}",
    "Mr {}",
    "Dr. {}",
    "President {}",
    "{} Inc.",
    "{} City",
    "{} (company)",
    "{} river",
)
_MOST_SENTENCES: Final = 6
_MOST_DRAWS: Final = 1000
"""Of a text that admits a kind of error."""

_OUTCOMES: Final = ("right", "wrong", "unplaced")
_INVENTED: Final = "invented"
_HALF_INVENTED: Final = "invented, one word known"
_ORDER: Final = "wrong order"

Gold = Mapping[Mention, frozenset[Range]]
"""The entities of a text: for each text and label, where they stand."""


@dataclass(frozen=True)
class Annotated:
    """A text and its entities.

    Attributes:
        text: sentences with their tokens joined by blanks.
        gold: its entities, in the order of their first places.
    """

    text: str
    gold: Gold


def swapped_case(mention: str, rng: random.Random) -> str | None:
    return rng.choice([mention.lower(), mention.upper(), mention.title()])


def with_added_word(mention: str, rng: random.Random) -> str | None:
    return rng.choice(_ADDED).format(mention)


def without_inner_word(mention: str, rng: random.Random) -> str | None:
    words = mention.split(" ")
    if len(words) < 3:
        return None
    del words[rng.randrange(1, len(words) - 1)]
    return " ".join(words)


def without_outer_word(mention: str, rng: random.Random) -> str | None:
    words = mention.split(" ")
    if len(words) < 2:
        return None
    return " ".join(rng.choice([words[1:], words[:-1]]))


def with_typing_error(mention: str, rng: random.Random) -> str | None:
    places = [place for place, mark in enumerate(mention) if mark.isalpha()]
    if len(mention) < 4 or not places:
        return None
    place = rng.choice(places)
    before, mark, after = mention[:place], mention[place], mention[place + 1 :]
    letter = rng.choice(string.ascii_lowercase)
    changed = [before + after, before + letter + after, before + letter + mark + after]
    changed += [before + after[0] + mark + after[1:]] if after[:1].isalpha() else []
    return rng.choice(changed)


def with_other_marks(mention: str, rng: random.Random) -> str | None:
    others = {"'": "’", '"': "“", "-": "–", " ": rng.choice(["  ", "\N{NO-BREAK SPACE}", "\n"])}
    return "".join(others.get(mark, mark) for mark in mention)


def without_blanks_and_marks(mention: str, rng: random.Random) -> str | None:
    return "".join(mark for mark in mention if mark.isalnum())


Change = Callable[[str, random.Random], str | None]
CHANGES: Final[Mapping[str, Change]] = {
    "changed case": swapped_case,
    "added word": with_added_word,
    "missing word within": without_inner_word,
    "missing word at an end": without_outer_word,
    "typing error": with_typing_error,
    "other quotes, dashes, blanks": with_other_marks,
    "no blanks and marks": without_blanks_and_marks,
}
KINDS: Final = ("unchanged", "several places", _ORDER, _INVENTED, _HALF_INVENTED, *CHANGES)


def texts(path: Path, label_column: str | None, rng: random.Random) -> Iterator[Annotated]:
    """Yield texts of one or more sentences that have entities, from the whole file."""
    examples, scheme = labelled(path, label_column)
    while examples:
        number = rng.randint(1, _MOST_SENTENCES)
        part, examples = examples[:number], examples[number:]
        text, ranges = join_tokens([token for example in part for token in example.tokens])
        gold: defaultdict[Mention, set[Range]] = defaultdict(set)
        first = 0
        for example in part:
            for span in labels_to_spans(Notation().read(example.labels or ()), scheme):
                place = ranges[first + span.start][0], ranges[first + span.end - 1][1]
                gold[Mention(text[slice(*place)], span.label)].add(place)
            first += len(example.tokens)
        if gold:
            yield Annotated(text, {mention: frozenset(places) for mention, places in gold.items()})


def changed(
    kind: str, annotated: Annotated, invented: Sequence[Mention], rng: random.Random
) -> tuple[list[Mention], dict[int, frozenset[Range]]] | None:
    """Return the list of an output, and for the mentions that were changed where they stand; None if none can be.

    Args:
        kind: of the error.
        annotated: the text.
        invented: mentions of other texts.
        rng: for all choices.
    """
    mentions = list(annotated.gold)
    places = [annotated.gold[mention] for mention in mentions]
    if kind == _ORDER:
        numbers = list(range(len(mentions)))
        rng.shuffle(numbers)
        return [mentions[number] for number in numbers], {
            place: places[number] for place, number in enumerate(numbers)
        }
    if kind in (_INVENTED, _HALF_INVENTED):
        other = rng.choice(invented)
        if kind == _HALF_INVENTED:
            first, last = other.text.split(" ")[0], rng.choice(mentions).text.split(" ")[-1]
            if first in annotated.text:
                return None
            other = other._replace(text=f"{first} {last}")
        if other.text in annotated.text:
            return None
        return [*mentions, other], {len(mentions): frozenset()}
    number = rng.randrange(len(mentions))
    if kind == "several places":
        several = [number for number, ranges in enumerate(places) if len(ranges) > 1]
        if not several:
            return None
        number = rng.choice(several)
    elif change := CHANGES.get(kind):
        new = change(mentions[number].text, rng)
        if not new or new == mentions[number].text:
            return None
        mentions[number] = mentions[number]._replace(text=new)
    return mentions, {number: places[number]}


def judged(placement: Placement, gold: frozenset[Range]) -> str:
    """Return whether a mention was placed ``right`` or ``wrong``, or is ``unplaced``."""
    if placement.reason and gold:
        return "unplaced"
    return "right" if frozenset(placement.ranges) == gold else "wrong"


def outcomes(path: Path, label_column: str | None, *, outputs: int, seed: int) -> dict[str, Counter[str]]:
    """Return for each kind how often which outcome occurs, in so many outputs."""
    rng = random.Random(seed)
    corpus = list(texts(path, label_column, rng))
    invented = [mention for annotated in corpus for mention in annotated.gold]
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    for made in range(outputs):
        kind = KINDS[made % len(KINDS)]
        draws = (rng.choice(corpus) for _ in range(_MOST_DRAWS))
        cases = ((annotated, changed(kind, annotated, invented, rng)) for annotated in draws)
        annotated, case = next(((text, case) for text, case in cases if case), (None, None))
        if annotated is None or case is None:  # the file has nothing that admits the kind
            continue
        mentions, gold = case
        placements = place_mentions(annotated.text, mentions)
        for number, ranges in gold.items():
            counts[kind][judged(placements[number], ranges)] += 1
        others = [number for number in range(len(mentions)) if number not in gold]
        counts[kind]["outputs"] += 1
        counts[kind]["harmed"] += any(
            judged(placements[number], annotated.gold[mentions[number]]) != "right" for number in others
        )
    return counts


def main() -> None:
    parser = benchmark_parser(__doc__, threads=None)
    parser.add_argument("path", type=Path, help="CoNLL file with entities")
    parser.add_argument("--label-column", metavar="COLUMN", help="column of the labels (default: -1)")
    parser.add_argument("--outputs", type=positive, default=1000, help="how many for a seed (default: 1000)")
    parser.add_argument("--seeds", type=positive, default=5, help="how many (default: 5)")
    arguments = parser.parse_args()
    outputs, seeds = (200, 2) if arguments.quick else (arguments.outputs, arguments.seeds)
    runs = [
        outcomes(arguments.path, arguments.label_column, outputs=outputs, seed=seed) for seed in range(seeds)
    ]
    title = f"{arguments.path.parent.name}/{arguments.path.name}, {outputs} outputs, {seeds} seeds, percent"
    report({title: list(_rows(runs))}, machine(1), arguments)


def _rows(runs: Sequence[Mapping[str, Counter[str]]]) -> Iterator[Row]:
    for kind in KINDS:
        if not all(run[kind]["outputs"] for run in runs):
            continue
        row: dict[str, object] = {"kind": kind}
        changed_mentions = [sum(run[kind][outcome] for outcome in _OUTCOMES) for run in runs]
        for outcome in _OUTCOMES:
            counts = zip(runs, changed_mentions, strict=True)
            row[outcome] = _spread([run[kind][outcome] / number for run, number in counts])
        row["others"] = _spread([run[kind]["harmed"] / run[kind]["outputs"] for run in runs])
        yield row


def _spread(shares: Sequence[float]) -> str:
    lowest, highest = min(shares), max(shares)
    return f"{100 * statistics.median(shares):.1f} ({100 * lowest:.1f}-{100 * highest:.1f})"


if __name__ == "__main__":
    main()
