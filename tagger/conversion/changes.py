"""TypeChanges: rename, keep or drop types of spans, and count each change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tagger.errors import DataError, UsageError
from tagger.formats import AnnotatedText, CharacterSpan, Losses
from tagger.options import argument
from tagger.schemes import listed


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeChanges:
    """Changes of types; renaming comes first.

    Attributes:
        renamed: new names by old ones, of types of spans, or of labels that are not spans.
        kept: the only types of spans to keep, by their new names; all if empty.
        dropped: types of spans to drop, by their new names.
    """

    renamed: Mapping[str, str] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kept and self.dropped:
            raise UsageError(
                f"expected types to keep or types to drop, found both {argument('keep')} and {argument('drop')}"
            )

    def __bool__(self) -> bool:
        return bool(self.renamed or self.kept or self.dropped)


class TypeEditor:
    """Changes the types of texts.

    Args:
        changes: the changes.
    """

    def __init__(self, changes: TypeChanges) -> None:
        self._changes = changes
        self._found: Counter[str] = Counter()
        self._left: Counter[str] = Counter()
        """The types that occurred, before and after renaming."""

    def edit(self, text: AnnotatedText, losses: Losses) -> AnnotatedText:
        """Return the text with its types changed.

        Args:
            text: the text.
            losses: counts the changes.

        Raises:
            DataError: labels of tokens that are not spans are to be kept or dropped.
        """
        if not self._changes:
            return text
        if text.labels is not None:
            return replace(text, labels=self._labels(text.labels, text.origin, losses))
        return replace(text, spans=tuple(self._spans(text, losses)))

    def check(self) -> None:
        """Raise an error for changes of types that did not occur; to be called after the last text.

        Raises:
            UsageError: names them, and the types that occurred.
        """
        changes = self._changes
        named = {"map": changes.renamed, "keep": changes.kept, "drop": changes.dropped}
        for name, types in named.items():
            there = self._found if name == "map" else self._left
            if missing := [type for type in types if type not in there]:
                raise UsageError(
                    f"{argument(name)}: expected types that occur, found {listed(missing)}; there are "
                    f"{listed(there) or 'none'}"
                )

    def _labels(self, labels: tuple[str, ...], origin: str | None, losses: Losses) -> tuple[str, ...]:
        if self._changes.kept or self._changes.dropped:
            raise DataError(
                f"{origin or 'text'}: expected spans, types of which can be kept and dropped, found labels of tokens "
                f"({listed(sorted(set(labels))[:5])}). Rename them, or name the scheme in which they spell spans."
            )
        self._found.update(labels)
        renamed = self._changes.renamed
        for label, count in Counter(label for label in labels if label in renamed).items():
            losses.add(
                f"labels {label}, renamed to {renamed[label]}", f"{origin or 'text'}: {label}", times=count
            )
        return tuple([renamed.get(label, label) for label in labels])

    def _spans(self, text: AnnotatedText, losses: Losses) -> list[CharacterSpan]:
        changes = self._changes
        spans: list[CharacterSpan] = []
        known = set[tuple[object, str]]()
        for span in text.spans or ():
            where = f"{text.origin or 'text'}: the {span.label} {span.start}-{span.end}"
            self._found[span.label] += 1
            if span.label in changes.renamed:
                label = changes.renamed[span.label]
                losses.add(f"spans of the type {span.label}, renamed to {label}", where)
                span = span._replace(label=label)
            self._left[span.label] += 1
            if span.label in changes.dropped or (changes.kept and span.label not in changes.kept):
                losses.add(f"spans of the type {span.label}, dropped", where)
            elif changes.renamed and (span.ranges, span.label) in known:
                losses.add("spans that renaming made equal to another one, left out", where)
            else:
                known.add((span.ranges, span.label))
                spans.append(span)
        return spans
