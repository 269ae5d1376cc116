"""Reader and writer of GLiNER training data: sentences of tokens with labelled token ranges, in a list or JSON Lines.

``{"tokenized_text": ["in", "New", "York"], "ner": [[1, 2, "city"]]}``: ranges count tokens, with inclusive ends. Files
with exclusive ends exist, even in guides; they are detected by an end that equals the number of tokens, which is an
error even if bad data are skipped.

Ranges may overlap, and one may have several labels, of which GLiNER 0.2.29 trains with the last. There is no text: the
tokens are joined by blanks. An object without ``ner`` is not annotated. Texts are written sentence by sentence, since
GLiNER truncates long ones; sentences that a span crosses are joined.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from tagger.errors import FormatError
from tagger.formats.alignment import join_crossed
from tagger.formats.annotated import AnnotatedText, CharacterSpan, Range
from tagger.formats.columns.records import excerpt
from tagger.formats.format import Format, Holds, ReadingContext, WritingContext
from tagger.formats.head import Head
from tagger.formats.json_files.beside import with_fields
from tagger.formats.json_files.items import read_json_items
from tagger.formats.json_files.objects import describe, format_json, list_keys
from tagger.formats.lines import Source
from tagger.formats.losses import Losses
from tagger.formats.sentences import cut
from tagger.formats.texts.inline import join_tokens

_TOKENS: Final = "tokenized_text"
_RANGES: Final = "ner"


def _read(source: Source, context: ReadingContext) -> Iterator[AnnotatedText]:
    losses = context.losses
    for where, fields in read_json_items(source, losses, name=context.name):
        try:
            tokens = _tokens(fields, where)
        except FormatError as error:
            losses.bad("items without tokens", str(error))
            continue
        text, ranges = join_tokens(tokens)
        spans = None
        if context.labelled:
            values = fields.get(_RANGES)
            if values is None:
                losses.add("items that nobody annotated, left out", where)
                continue
            if not isinstance(values, list):
                losses.bad(
                    "items whose ranges cannot be read",
                    f"{where}: expected a list under {_RANGES!r}, found {describe(values)}",
                )
                continue
            spans = tuple(_spans(values, ranges, where, losses))
        rest = {key: value for key, value in fields.items() if key not in (_TOKENS, _RANGES)}
        starts = (0,) if ranges else ()
        yield AnnotatedText(text, spans, tuple(ranges), starts, origin=where, fields=rest)


def _tokens(fields: Mapping[str, Any], where: str) -> list[str]:
    tokens = fields.get(_TOKENS)
    if not isinstance(tokens, list):
        raise FormatError(f"{where}: expected a list of tokens under {_TOKENS!r}, found {list_keys(fields)}")
    for number, token in enumerate(tokens):
        if not isinstance(token, str) or not token.strip():
            raise FormatError(
                f"{where}: expected strings of more than white space as tokens, found {describe(token)} as token "
                f"{number}"
            )
    return tokens


def _spans(
    values: Sequence[Any], tokens: Sequence[Range], where: str, losses: Losses
) -> Iterator[CharacterSpan]:
    for value in values:
        is_range = isinstance(value, list) and len(value) == 3
        if not is_range or any(type(number) is not int for number in value[:2]):
            losses.bad(
                "ranges that cannot be read",
                f"{where}: expected ranges [first, last, label], found {describe(value)}",
            )
            continue
        first, last, label = value
        if not isinstance(label, str) or not label.strip():
            losses.bad("ranges without a label", f"{where}: expected a label, found {describe(value)}")
        elif 0 <= first < last == len(tokens):
            # Never skipped: all other ranges of the file would be read one token too long.
            raise FormatError(
                f"{where}: expected 0 <= first <= last < {len(tokens)}, the number of tokens, found {describe(value)}. "
                f"Ends are inclusive in this format, and those of the file seem to be exclusive: subtract 1 from all. "
                f"If this range alone is wrong, correct or remove it"
            )
        elif not 0 <= first <= last < len(tokens):
            losses.bad(
                "ranges outside of their tokens",
                f"{where}: expected 0 <= first <= last < {len(tokens)}, the number of tokens, found {describe(value)}",
            )
        else:
            yield CharacterSpan(tokens[first][0], tokens[last][1], label.strip())


def _write(texts: Iterable[AnnotatedText], context: WritingContext) -> Iterator[str]:
    for text in texts:
        spans = sorted(text.spans or (), key=CharacterSpan.order)
        sentences = join_crossed(cut(text, context.segmenter), spans)
        if not sentences:
            context.losses.add("texts without a token, left out", text.origin or excerpt(text.text))
        fitting = deque(_fitting(text, spans, sentences, context.losses))
        rest = with_fields({}, text, context.losses, taken=(_TOKENS, _RANGES)) if sentences else {}
        for sentence in sentences:
            firsts = {start: number for number, (start, _) in enumerate(sentence)}
            lasts = {end: number for number, (_, end) in enumerate(sentence)}
            ranges = []
            while fitting and fitting[0].start in firsts:
                start, end, label, *_ = fitting.popleft()
                ranges.append([firsts[start], lasts[end], label])
            tokens = [text.text[start:end] for start, end in sentence]
            yield format_json({_TOKENS: tokens, _RANGES: ranges, **rest})


def _fitting(
    text: AnnotatedText,
    spans: Sequence[CharacterSpan],
    sentences: Sequence[Sequence[Range]],
    losses: Losses,
) -> list[CharacterSpan]:
    """Return the spans that begin and end at tokens, counting the others."""
    starts = {start for sentence in sentences for start, _ in sentence}
    ends = {end for sentence in sentences for _, end in sentence}
    fitting = []
    for span in spans:
        if span.start in starts and span.end in ends:
            fitting.append(span)
        else:
            found = excerpt(text.text[span.start : span.end])
            losses.add(
                "spans that begin or end within a token, left out",
                f"{text.origin or 'text'}: the {span.label} {found}",
            )
    return fitting


def _recognises(head: Head) -> bool:
    return head.has(_TOKENS)


GLINER: Final = Format(
    name="gliner",
    title="GLiNER",
    read=_read,
    recognises=_recognises,
    write=_write,
    holds=Holds(overlaps=True, parts_of_tokens=False, text=False, across_sentences=True, fields=True),
)
