"""Report: what was read, written and lost in a conversion, as text and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tagger.conversion.inputs import Input
from tagger.formats import AnnotatedText, Losses
from tagger.text.counted import counted


@dataclass(slots=True)
class Counts:
    """Counts of texts and annotations.

    Attributes:
        texts: number of texts; for files of tokens, of sentences.
        tokens: number of tokens in texts that have them.
        spans: number of spans of each type.
        labels: number of each label that is not a span.
    """

    texts: int = 0
    tokens: int = 0
    spans: Counter[str] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)

    def add(self, text: AnnotatedText) -> None:
        """Count a text."""
        self.texts += 1
        self.tokens += len(text.tokens or ())
        for span in text.spans or ():
            self.spans[span.label] += 1
        if text.labels:
            self.labels.update(text.labels)

    def to_dict(self) -> dict[str, Any]:
        """Return the counts, JSON-ready."""
        return {
            "texts": self.texts,
            "tokens": self.tokens,
            "spans": dict(self.spans.most_common()),
            "labels": dict(self.labels.most_common()),
        }

    def __str__(self) -> str:
        parts = [counted(self.texts, "text")]
        if self.tokens:
            parts.append(counted(self.tokens, "token"))
        if self.spans or not self.labels:
            parts.append(counted(self.spans.total(), "span") + _listed(self.spans))
        if self.labels:
            parts.append(counted(self.labels.total(), "label") + _listed(self.labels))
        return ", ".join(parts)


@dataclass(slots=True)
class InputReport:
    """The report on one input.

    Attributes:
        input: the input.
        losses: what was left out or changed, from reading to writing.
        read: what was read from it, before changes.
    """

    input: Input
    losses: Losses
    read: Counts = field(default_factory=Counts)

    @property
    def scheme_name(self) -> str | None:
        """The scheme of the labels of its tokens; None if it has none."""
        return None if self.input.scheme is None else str(self.input.scheme)

    def to_dict(self) -> dict[str, Any]:
        """Return the report, JSON-ready."""
        return {
            "file": self.input.name,
            "format": self.input.format.name,
            "recognised": self.input.recognised,
            "scheme": self.scheme_name,
            "read": self.read.to_dict(),
            "losses": self.losses.to_list(),
        }


@dataclass(slots=True)
class Report:
    """The report on a conversion.

    Attributes:
        inputs: one for each input.
        format: name of the format written.
        written: counts by file name; one file, or one for each part of a split.
        losses: what the writer left out or changed.
        segmenter: options of the segmenter, if texts were segmented.
        split: figures about the split; None if there is none.
    """

    inputs: list[InputReport]
    format: str
    written: dict[str, Counts]
    losses: Losses
    segmenter: dict[str, str] | None = None
    split: dict[str, Any] | None = None

    def lines(self) -> Iterator[str]:
        """Yield the report as lines: what was read, what was lost by kind, and what was written."""
        for one in self.inputs:
            scheme = "" if one.scheme_name is None else f", scheme {one.scheme_name}"
            yield f"{one.input.name}: {one.input.format.name} ({one.input.recognised}){scheme}: {one.read}"
            for line in one.losses.lines():
                yield f"{one.input.name}: {line}"
        yield from self.losses.lines()
        if self.segmenter is not None:
            options = ", ".join(f"{name} {value}" for name, value in self.segmenter.items())
            yield f"texts are cut into tokens: {options}, which most spans fit"
        if self.split is not None:
            yield (
                f"{self.split['documents']:,} documents, of which {self.split['near_copies']:,} are near-copies of "
                f"others: {self.split['groups_of_copies']:,} groups of copies are each kept in one part"
            )
        for name, counts in self.written.items():
            yield f"{name}: {self.format}, written: {counts}"

    def to_dict(self) -> dict[str, Any]:
        """Return the report, JSON-ready."""
        return {
            "inputs": [one.to_dict() for one in self.inputs],
            "format": self.format,
            "segmenter": self.segmenter,
            "split": self.split,
            "written": {name: counts.to_dict() for name, counts in self.written.items()},
            "losses": self.losses.to_list(),
        }


def _listed(counts: Counter[str]) -> str:
    most = ", ".join(f"{label} {count:,}" for label, count in counts.most_common(10))
    return f": {most}{', ...' if len(counts) > 10 else ''}" if most else ""
