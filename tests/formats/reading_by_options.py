"""Reading with options as keyword arguments, as tests like it."""

from tagger.formats import ReadingOptions
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
