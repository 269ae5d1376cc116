"""Check for reading options that had no effect because of the content of a file, rather than its format.

JSON Lines, CSV and Parquet hold either sentences of tokens or texts; options for the one have no effect on the other.
"""

from __future__ import annotations

from collections.abc import Iterator

from tagger.errors import UsageError
from tagger.examples import Example
from tagger.formats.annotated import AnnotatedText, Item
from tagger.formats.reading_options import INTEGER_FORMATS, ReadingOptions
from tagger.formats.tables.label_names import read_label_names
from tagger.options import argument
from tagger.schemes import shown

_OF_TEXTS = ("offsets", "text_column")
_OF_TOKENS = ("token_column",)


def with_effects_checked(
    items: Iterator[Item], options: ReadingOptions, format: str, name: str
) -> Iterator[Item]:
    """Iterate over the items of a reader, and refuse options that had no effect on them.

    Args:
        items: what the reader yields.
        options: the reading options.
        format: the name of the format.
        name: what messages call the source.

    Raises:
        UsageError: an option had no effect; raised at a label that shows it, or after the last item.
    """
    given = [option for option in (*_OF_TEXTS, *_OF_TOKENS) if getattr(options, option) is not None]
    if format not in INTEGER_FORMATS or not (given or options.label_names):
        return items
    return _checked(items, options, given, name)


def _checked(items: Iterator[Item], options: ReadingOptions, given: list[str], name: str) -> Iterator[Item]:
    names = {label.strip() for label in (read_label_names(options.label_names) or {}).values()}
    has_texts = has_tokens = False
    for item in items:
        has_texts = has_texts or isinstance(item, AnnotatedText)
        has_tokens = has_tokens or isinstance(item, Example) or item.tokens is not None
        other = next((label for label in _labels(item) if label not in names), None) if names else None
        if other is not None:
            raise UsageError(
                f"{item.origin or name}: {argument('data.label_names')}: expected labels that are integers, found "
                f"{shown(other)}, which is none of the names"
            )
        yield item
    for option in given:
        if option in _OF_TEXTS and has_tokens and not has_texts:
            raise UsageError(
                f"{argument(f'data.{option}')} has no effect on {name}: it holds tokens, and no texts"
            )
        if option in _OF_TOKENS and has_texts and not has_tokens:
            raise UsageError(
                f"{argument(f'data.{option}')} has no effect on {name}: it holds texts, and no tokens"
            )


def _labels(item: Item) -> Iterator[str]:
    yield from item.labels or ()
    if not isinstance(item, Example):
        yield from (span.label for span in item.spans or ())
