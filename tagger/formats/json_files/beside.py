"""Writing of the other fields of a text beside those of the format, never in place of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from tagger.formats.annotated import AnnotatedText
from tagger.formats.columns.records import excerpt
from tagger.formats.losses import Losses


def with_fields(
    own: Mapping[str, Any], text: AnnotatedText, losses: Losses, *, taken: Collection[str] = ()
) -> dict[str, Any]:
    """Return an object with the fields of a text after those of the format, counting fields without a place.

    >>> with_fields({"text": "Oslo"}, AnnotatedText("Oslo", fields={"text": "?", "n": 1}), Losses())
    {'text': 'Oslo', 'n': 1}

    Args:
        own: the format's own keys and values.
        text: the text.
        losses: counts fields that are not written, unless the object has the same value.
        taken: more keys that have a meaning in the format, in the object or not.
    """
    rest = {key: value for key, value in text.fields.items() if key not in own and key not in taken}
    for key, value in text.fields.items():
        if key not in rest and (key not in own or own[key] != value):
            losses.add(
                f"fields called {key!r}, whose place is taken, left out", text.origin or excerpt(text.text)
            )
    return {**own, **rest}
