"""What else is kept of a text, written beside what a format has of it: never in place of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from tagger.formats.annotated import AnnotatedText
from tagger.formats.columns.records import excerpt
from tagger.formats.losses import Losses


def with_fields(
    own: Mapping[str, Any], text: AnnotatedText, losses: Losses, *, taken: Collection[str] = ()
) -> dict[str, Any]:
    """Return an object with the fields of a text after what the format has of it, and count those without a place.

    >>> with_fields({"text": "Oslo"}, AnnotatedText("Oslo", fields={"text": "?", "n": 1}), Losses())
    {'text': 'Oslo', 'n': 1}

    Args:
        own: what the format has of the text, by key.
        text: the text.
        losses: where fields are counted that are not written, unless they say what the object says anyway.
        taken: more keys that mean something where the format is read, whether the object has them or not.
    """
    rest = {key: value for key, value in text.fields.items() if key not in own and key not in taken}
    for key, value in text.fields.items():
        if key not in rest and (key not in own or own[key] != value):
            losses.add(
                f"fields called {key!r}, whose place is taken, left out", text.origin or excerpt(text.text)
            )
    return {**own, **rest}
