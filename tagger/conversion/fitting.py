"""Fitter: flatten or leave out what the target format cannot represent, and count it."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

from tagger.errors import UsageError
from tagger.formats import (
    FORMATS,
    AnnotatedText,
    CharacterSpan,
    Format,
    Losses,
    Misaligned,
    align,
    cut,
)
from tagger.formats.alignment import CROSSING, join_crossed
from tagger.formats.annotated import Range
from tagger.formats.sentences import is_tokens_alone
from tagger.options import argument, option
from tagger.schemes import listed
from tagger.text.tokens import Segmenter


class Fitter:
    """Fits texts to a format.

    Args:
        target: the format.
        segmenter: for texts whose tokens are unknown, if the format consists of tokens.
        join_sentences: whether, in such a format, to join two sentences if a span crosses their boundary.

    Attributes:
        cuts: whether a text was segmented.
    """

    def __init__(self, target: Format, segmenter: Segmenter, *, join_sentences: bool = False) -> None:
        self._target = target
        self._segmenter = segmenter
        self._joins = join_sentences
        self.cuts = False

    def fit(self, text: AnnotatedText, losses: Losses) -> AnnotatedText:
        """Return the text in a form that the format can represent.

        If the format consists of tokens, the text then has tokens, and no span cuts through one.

        Args:
            text: the text, with spans, or with labels that are not spans.
            losses: counts what is left out.

        Raises:
            UsageError: the text has spans, or labels that are not spans, and the format cannot represent them.
        """
        holds, where = self._target.holds, text.origin or "text"
        self._refuse(text)
        if not holds.discontinuous:
            text = self._without_fragments(text, losses)
        if not holds.parts_of_tokens:
            text = self._on_tokens(text, losses)
        if not holds.overlaps:
            text = self._without_overlaps(text, losses)
        if not holds.probabilities:
            text = self._without_probabilities(text, losses)
        elif not holds.labels and text.probabilities is not None:
            losses.add("probabilities of labels, of which only those of spans are written", where)
            text = replace(text, probabilities=None)
        self._count_tokens(text, losses)
        if not holds.documents and text.document is not None:
            losses.add("texts whose document's id is not written", f"{where}: {text.document}")
        fields = [name for name, value in text.fields.items() if value not in (None, "", [], {})]
        if not holds.fields and fields:
            losses.add("texts with more beside them, which is not written", f"{where}: {listed(fields)}")
        return text

    def _count_tokens(self, text: AnnotatedText, losses: Losses) -> None:
        """Count a text that loses its tokens, or the white space between them."""
        holds, where = self._target.holds, text.origin or "text"
        if text.tokens is None:
            return
        is_alone = is_tokens_alone(text)
        if not holds.text:
            if not is_alone:
                losses.add("texts of which tokens are kept, and white space is not", where)
        elif holds.parts_of_tokens and not holds.tokens and text.labels is None:
            if not is_alone:
                losses.add("texts whose tokens are not written", where)
            elif not holds.sentences_of_tokens:
                losses.add("sentences whose tokens are not written", where)

    def _refuse(self, text: AnnotatedText) -> None:
        holds = self._target.holds
        if text.labels is not None and not holds.labels:
            others = [name for name, format in FORMATS.items() if format.holds.labels and can_write(format)]
            labels = listed(sorted(set(text.labels))[:5])
            raise UsageError(
                f"{text.origin or 'text'}: expected spans, since {self._target.title} has no place for a label of each "
                f"token, found labels that spell none ({labels}). Write another format ({', '.join(others)}), or, if "
                f"they are spans, name their scheme: {option('data.scheme')}"
            )
        if text.spans and not holds.spans:
            raise UsageError(
                f"{text.origin or 'text'}: expected a label for each token, since {self._target.title} has no place "
                f"for spans, found spans. Write another format"
            )

    def _without_fragments(self, text: AnnotatedText, losses: Losses) -> AnnotatedText:
        if not any(span.fragments for span in text.spans or ()):
            return text
        kept = []
        for span in text.spans or ():
            if span.fragments:
                reason = f"has {len(span.fragments)} fragments"
                losses.add("spans of several fragments, left out", _described(text, span, reason))
            else:
                kept.append(span)
        return replace(text, spans=tuple(kept))

    def _on_tokens(self, text: AnnotatedText, losses: Losses) -> AnnotatedText:
        """Return the text with tokens and sentences, without spans that do not fit them."""
        spans = text.spans or ()
        if text.tokens is not None and len(text.sentence_starts or ()) == 1 and not spans:
            return text
        self.cuts = self.cuts or text.tokens is None
        sentences = cut(text, self._segmenter)
        if self._joins and spans:
            joined = tuple(join_crossed(sentences, [span for span in spans if not span.fragments]))
            if len(joined) < len(sentences):
                losses.add(
                    "sentences joined to the one before, since a span continues in them",
                    text.origin or "text",
                    times=len(sentences) - len(joined),
                )
            sentences = joined
        starts, place = [], 0
        for sentence in sentences:
            starts.append(place)
            place += len(sentence)
        kept = text.spans and self._expressible(text, sentences, losses)
        return replace(
            text,
            spans=kept,
            tokens=tuple(chain.from_iterable(sentences)),
            sentence_starts=tuple(starts),
        )

    def _expressible(
        self, text: AnnotatedText, sentences: tuple[tuple[Range, ...], ...], losses: Losses
    ) -> tuple[CharacterSpan, ...]:
        holds, origin = self._target.holds, text.origin or "text"
        if holds.across_sentences:
            sentences = (tuple(token for sentence in sentences for token in sentence),)
        spans = text.spans or ()
        misfits: list[Misaligned] = []
        if holds.overlaps:  # then each span, and each fragment, is aligned separately
            for span in spans:
                pieces = [span._replace(start=start, end=end, fragments=()) for start, end in span.ranges]
                wrong = [align(text.text, sentences, [piece], origin=origin)[1] for piece in pieces]
                misfits += [found[0]._replace(span=span) for found in wrong if found][:1]
        else:
            flat = [span for span in spans if not span.fragments]
            _, misfits = align(text.text, sentences, flat, origin=origin)
        left_out = {id(misfit.span) for misfit in misfits}
        for misfit in misfits:
            advice = ""
            if misfit.kind == CROSSING:
                advice = f" ({argument('data.join_sentences', True)} makes one of the sentences)"
            losses.add(f"{misfit.kind}, left out{advice}", str(misfit))
        kept = tuple(span for span in spans if id(span) not in left_out)
        for span in kept:
            if text.text[span.start].isspace() or text.text[span.end - 1].isspace():
                losses.add(
                    "spans with white space at their ends, which is cut off",
                    _described(text, span, "begins or ends with white space"),
                )
        return kept

    def _without_overlaps(self, text: AnnotatedText, losses: Losses) -> AnnotatedText:
        """Return the text without spans that overlap an earlier one, or a longer one with the same start."""
        if len(text.spans or ()) < 2:
            return text
        kept: list[CharacterSpan] = []
        free = 0
        for span in sorted(text.spans or (), key=CharacterSpan.order):
            if span.start < free:
                losses.add(
                    "spans that overlap another one, left out",
                    _described(text, span, "overlaps the span before it"),
                )
            else:
                kept.append(span)
                free = span.end
        return text if len(kept) == len(text.spans or ()) else replace(text, spans=tuple(kept))

    def _without_probabilities(self, text: AnnotatedText, losses: Losses) -> AnnotatedText:
        count = sum(span.probability is not None for span in text.spans or ())
        count += sum(value is not None for value in text.probabilities or ())
        if not count:
            return text
        losses.add("probabilities, not written", text.origin or "text", times=count)
        spans = text.spans and tuple(span._replace(probability=None) for span in text.spans)
        return replace(text, spans=spans, probabilities=None)


def can_write(format: Format) -> bool:
    """Return whether a format can be written."""
    return format.write is not None or format.save is not None


def _described(text: AnnotatedText, span: CharacterSpan, reason: str) -> str:
    return str(Misaligned(span, text.text[span.start : span.end], reason, "", text.origin or "text"))
