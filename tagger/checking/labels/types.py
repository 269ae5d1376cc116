"""Types of spans, or plain labels, over all parts: with several spellings, rare, or missing in train."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from tagger.checking.corpus import Corpus, Part
from tagger.checking.findings import MOST_PLACES, Finding
from tagger.checking.labels.meaning import canonical
from tagger.schemes import listed, shown
from tagger.text.printable import printable

IDS: Final = ("similar-labels", "labels-missing-in-train", "rare-label")

_RARE: Final = 5
"""A type that occurs less often is hardly learned."""


def find(corpus: Corpus) -> Iterator[Finding]:
    """Yield a finding for each of these types."""
    yield from _similar(corpus)
    train = list(corpus.of_role("train"))
    yield from _missing(corpus, train)
    yield from _rare(train or corpus.parts, is_train=bool(train))


def _similar(corpus: Corpus) -> Iterator[Finding]:
    counts = Counter[str]()
    for part in corpus.parts:
        counts.update(part.types)
    by_form: dict[str, list[str]] = {}
    for name in counts:
        by_form.setdefault(canonical(name), []).append(name)
    for form, names in by_form.items():
        if len(names) < 2 or not any(map(str.isalpha, form)):
            continue
        names.sort(key=lambda name: (-counts[name], name))
        shown_names = [f"{shown(name)} ({counts[name]:,})" for name in names]
        places = [place for part in corpus.parts for place in _places(part, names[1:])]
        yield Finding(
            "similar-labels",
            printable(f"types that differ only in case, white space or divider: {', '.join(shown_names)}"),
            tuple(places[:MOST_PLACES]),
            weight=min(counts[name] for name in names[:1]) / max(1, counts[names[-1]]),
            count=sum(counts[name] for name in names[1:]),
            details={"types": {name: counts[name] for name in names}},
        )


def _missing(corpus: Corpus, train: list[Part]) -> Iterator[Finding]:
    known = set[str]().union(*(part.types for part in train))
    if not known:
        return
    for part in corpus.of_role("dev", "test"):
        for name in sorted(set(part.types) - known - {"O"}, key=lambda name: -part.types[name]):
            count = part.types[name]
            yield Finding(
                "labels-missing-in-train",
                printable(f"{shown(name)} ({count:,}) does not occur in train, which has {listed(known)}"),
                tuple(_places(part, [name])),
                part.name,
                weight=count,
                count=count,
                details={"type": name},
            )


def _rare(parts: Iterable[Part], *, is_train: bool) -> Iterator[Finding]:
    parts = list(parts)
    counts = Counter[str]()
    for part in parts:
        counts.update(part.types)
    for name, count in sorted(counts.items(), key=lambda item: item[1]):
        if count < _RARE:
            where = "in train" if is_train else "in all parts together"
            yield Finding(
                "rare-label",
                printable(f"{shown(name)} occurs {count} {'time' if count == 1 else 'times'} {where}"),
                tuple(place for part in parts for place in _places(part, [name])),
                parts[0].name if len(parts) == 1 else None,
                weight=-count,
                details={"type": name, "count": count},
            )


def _places(part: Part, names: Iterable[str]) -> list[str]:
    """Return places of types, at most as many as a finding can have."""
    wanted = set(names)
    if wanted.isdisjoint(part.types) or part.scheme is None:
        return []
    found: list[str] = []
    for number in range(len(part.examples)):
        if part.scheme.has_spans:
            places = [span.start for span in part.spans[number] if span.label in wanted]
        elif wanted.isdisjoint(part.labels[number]):
            continue
        else:
            places = [place for place, label in enumerate(part.labels[number]) if label in wanted]
        found += (part.place(number, place) for place in places)
        if len(found) >= MOST_PLACES:
            break
    return found[:MOST_PLACES]
