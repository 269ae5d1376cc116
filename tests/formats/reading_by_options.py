"""Reading with options as keyword arguments, as tests like it."""

import io
import json

from tagger.examples import Example
from tagger.formats import AnnotatedText, CharacterSpan, Losses, ReadingOptions, read_items
from tagger.formats import read_examples as read


def read_examples(source, *, name=None, segmenter=None, on_misaligned=None, losses=None, **options):
    cut = None if segmenter is None else lambda: segmenter
    return read(
        source,
        ReadingOptions(**options),
        name=name,
        segmenter=cut,
        on_misaligned=on_misaligned,
        losses=losses,
    )


def read_as(format, name, data, losses=None, *, labelled=True, **options):
    """What a file of a format holds: of text, bytes or anything that JSON can hold."""
    if not isinstance(data, bytes):
        data = (data if isinstance(data, str) else json.dumps(data)).encode()
    reading = ReadingOptions(format=format, **options)
    losses = Losses(skip_bad=reading.skip_bad) if losses is None else losses
    return list(read_items(io.BytesIO(data), reading, losses, name=name, labelled=labelled))


def spans_of(text):
    """The ranges and labels of the spans of a text, in their order."""
    return [(span.ranges, span.label) for span in sorted(text.spans, key=CharacterSpan.order)]


def continuous(case):
    """The spans of a case that have one range."""
    return [span for span in case.spans if len(span[0]) == 1]


def as_text(item: AnnotatedText | Example) -> AnnotatedText:
    """What was read, which must be a text."""
    assert isinstance(item, AnnotatedText)
    return item
