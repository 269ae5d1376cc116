"""Small annotators for tests of agreement: sentences written as ``Anna/B-PER lives/O``."""

from tagger.agreement.alignment import align
from tagger.agreement.passages import Passage
from tagger.agreement.reading import Annotator
from tagger.agreement.shared import shared_corpus
from tagger.examples import Example
from tagger.formats import Losses
from tagger.formats.texts.inline import join_tokens


def passage(written, *, origin=None, document=None, extra=()):
    """A sentence of tokens with their labels; underscores in tokens are blanks."""
    pairs = [word.rsplit("/", 1) for word in written.split()]
    tokens = [token.replace("_", " ") for token, _ in pairs]
    text, ranges = join_tokens(tokens)
    example = Example(tuple(tokens), tuple(label for _, label in pairs), document, origin)
    return Passage(example, text, tuple(ranges), tuple(extra), document, document)


def annotator(name, *sentences, has_spans=True):
    """An annotator; sentences are written, or pairs of an id of a document and what is written."""
    passages = []
    for number, sentence in enumerate(sentences, start=1):
        document, written = (None, sentence) if isinstance(sentence, str) else sentence
        passages.append(passage(written, origin=f"{name}.conll:{number}", document=document))
    return Annotator(name, passages, has_spans, 0, Losses())


def corpus(*annotators):
    """What they have in common."""
    has_spans = annotators[0].has_spans
    return shared_corpus([one.name for one in annotators], align(annotators), has_spans=has_spans)
