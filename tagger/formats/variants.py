"""Choice of the segmenter variant that suits the spans of annotated texts: hyphens and clitics split or kept.

Whether annotators mark ``Oslo`` in ``Oslo's`` and in ``Oslo-based`` shows in their spans.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

from tagger.formats.annotated import Item
from tagger.formats.sentences import count_misfits
from tagger.text import NamedSegmenter, get_segmenter


def best_variant(segmenter: NamedSegmenter, items: Iterable[Item]) -> tuple[NamedSegmenter, int]:
    """Return the variant of a segmenter that most spans fit, and how many do not; the segmenter itself on a tie.

    Args:
        segmenter: the segmenter.
        items: what a reader yields.
    """
    own = segmenter.options()
    variants = [
        get_segmenter(segmenter.name, {**own, "hyphens": hyphens, "clitics": clitics})
        for clitics, hyphens in product(("keep", "split"), ("split", "keep"))
    ]
    variants.sort(key=lambda variant: variant.options() != own)  # its own first, to win ties
    counts = count_misfits(items, variants)
    best = min(range(len(variants)), key=counts.__getitem__)
    return variants[best], counts[best]


def switches(segmenter: NamedSegmenter) -> dict[str, str]:
    """Return the options of a segmenter that :func:`best_variant` chooses."""
    options = segmenter.options()
    return {name: options[name] for name in ("hyphens", "clitics")}
