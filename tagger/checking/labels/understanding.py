"""Interpretation of the labels of all parts of a corpus: the scheme of each part, and whether the schemes agree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tagger.checking.corpus import Part
from tagger.checking.findings import Finding
from tagger.checking.labels.meaning import Meaning, find_meaning
from tagger.schemes import LabelScheme, convert_labels
from tagger.text.printable import printable

_RARELY: float = 0.05
"""A label O at a smaller share of the tokens hardly means "outside of spans"."""


def understood(parts: Sequence[Part], given: LabelScheme | None) -> tuple[list[Part], list[Finding]]:
    """Return parts with the scheme and notation of their labels, and findings about what is unclear.

    The scheme of train, or else of the largest part, is used for all parts in which it fits.

    Args:
        parts: as read.
        given: the scheme of the labels in files, if it is known.
    """
    found: list[Finding] = []
    known: dict[str, Part] = {}
    first: Part | None = None
    for part in sorted(parts, key=_order):
        written = _written(part)
        if not written:
            known[part.name] = _of_spans(part)
            continue
        others = None if first is None or first.scheme is None else first.scheme
        meaning = find_meaning(written, given, others)
        known[part.name] = now = _with_meaning(part, meaning)
        found += _unclear(now, meaning)
        if meaning.scheme is None:
            continue
        if first is None:
            first = now
        elif first.scheme is not meaning.scheme:
            assert first.scheme is not None, "the first part has a scheme"
            found.append(
                Finding(
                    "scheme-differs",
                    f"labels are {meaning.scheme.name} ({meaning.why}), those of {first.name} {first.scheme.name} "
                    f"({first.why})",
                    (now.place(0),),
                    now.name,
                    details={
                        "scheme": str(meaning.scheme),
                        "other": str(first.scheme),
                        "other_part": first.name,
                    },
                )
            )
    return [known[part.name] for part in parts], found


def schemes_by_file(part: Part) -> Iterator[Finding]:
    """Yield a finding if each file of a part is legal in some scheme, but not all of them in the same one."""
    if len(part.files) < 2:
        return
    by_file: dict[str, list[Sequence[str]]] = {}
    for example in part.examples:
        if example.labels and not example.from_spans:
            name = (example.origin or "").rpartition(":")[0]
            by_file.setdefault(name, []).append(example.labels)
    meanings = {name: find_meaning(sequences) for name, sequences in by_file.items()}
    if (
        not all(meaning.fits for meaning in meanings.values())
        or len({each.scheme for each in meanings.values()}) < 2
    ):
        return
    if find_meaning([labels for sequences in by_file.values() for labels in sequences]).fits:
        return
    (first, one), *rest = meanings.items()
    for name, other in rest:
        if other.scheme is not one.scheme and one.scheme and other.scheme:
            yield Finding(
                "scheme-differs",
                f"labels are {other.scheme.name} ({other.why}), those of {first} {one.scheme.name} ({one.why})",
                (name,),
                part.name,
                details={"scheme": str(other.scheme), "other": str(one.scheme), "other_file": first},
            )


def _order(part: Part) -> tuple[bool, int]:
    return part.role != "train", -sum(len(example.labels or ()) for example in part.examples)


def _written(part: Part) -> list[Sequence[str]]:
    return [example.labels for example in part.examples if example.labels and not example.from_spans]


def _of_spans(part: Part) -> Part:
    """Return a part whose labels were made from spans, or that has no labels."""
    labels = [example.labels or () for example in part.examples]
    if not any(labels):
        return part
    return replace(part, scheme=LabelScheme.IOB2, labels=labels, why="made from spans of texts")


def _with_meaning(part: Part, meaning: Meaning) -> Part:
    scheme = meaning.scheme
    if scheme is None:
        return replace(part, why=meaning.why)
    is_mixed = scheme.has_spans and any(example.from_spans for example in part.examples)
    labels: list[Sequence[str]] = []
    for example in part.examples:
        if example.from_spans or not example.labels:
            labels.append(example.labels or ())
            continue
        own = meaning.read(example.labels)
        labels.append(convert_labels(own, scheme, LabelScheme.IOB2) if is_mixed else own)
    return replace(
        part,
        scheme=LabelScheme.IOB2 if is_mixed else scheme,
        notation=meaning.notation,
        labels=labels,
        why=meaning.why,
        odd=meaning.odd,
    )


def _unclear(part: Part, meaning: Meaning) -> Iterator[Finding]:
    if meaning.scheme is None:
        sentences = [
            number
            for number, example in enumerate(part.examples)
            if example.labels and not example.from_spans
        ]
        sentence, token = meaning.place or (0, 0)
        place = part.place(sentences[sentence], token)
        message = meaning.why.partition(": ")[2] if meaning.place else meaning.why
        yield Finding("scheme-unclear", printable(message.rstrip(".")), (place,), part.name)
    elif meaning.scheme is LabelScheme.IO:
        num_tokens = sum(map(len, part.labels))
        outside = sum(list(labels).count("O") for labels in part.labels)
        bare = any(label != "O" and "-" not in label[1:2] for labels in part.labels for label in labels)
        if bare and outside < _RARELY * num_tokens:
            sentence = next(number for number, labels in enumerate(part.labels) if "O" in labels)
            place = part.place(sentence, list(part.labels[sentence]).index("O"))
            yield Finding(
                "scheme-unclear",
                f"labels are types without a letter, and O occurs at {outside:,} of {num_tokens:,} tokens: they are "
                "read as spans, but may be plain labels",
                (place,),
                part.name,
                details={"outside": outside, "tokens": num_tokens},
            )
