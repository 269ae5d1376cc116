import numpy as np
from checking_corpora import corpus_of

from tagger.checking.corpus import Corpus, Part
from tagger.checking.numbered import NONE
from tagger.examples import Example
from tagger.schemes import LabelScheme


def test_parts_follow_one_another() -> None:
    numbered = corpus_of(
        train="a New/B-LOC York/I-LOC\nb", test="New/B-LOC York/I-LOC\nc/B-PER d/B-PER"
    ).numbered

    assert numbered.words == ["a", "New", "York", "b", "c", "d"]
    assert numbered.tokens.tolist() == [0, 1, 2, 3, 1, 2, 4, 5]
    assert numbered.starts.tolist() == [0, 3, 4, 6, 8]
    assert numbered.part_starts.tolist() == [0, 2, 4]
    assert numbered.part_of.tolist() == [0, 0, 1, 1]
    assert numbered.spans.starts.tolist() == [1, 4, 6, 7]
    assert numbered.spans.ends.tolist() == [3, 6, 7, 8]
    assert [numbered.types[number] for number in numbered.spans.types] == ["LOC", "LOC", "PER", "PER"]
    assert numbered.span_of.tolist() == [NONE, 0, 0, NONE, 1, 1, 2, 3]
    assert numbered.spans_in(3) == [(0, 1, "PER"), (1, 2, "PER")]
    assert numbered.sentences(1) == range(2, 4)
    assert numbered.tokens_of(1) == slice(4, 8)
    assert numbered.text(1, 3) == ("New", "York")
    assert numbered.place(3) == "test:2"
    assert numbered.place_of(6) == "test:2"


def test_the_first_of_the_same_sentences_stands_for_all() -> None:
    numbered = corpus_of(train="a b\nc\na b", test="c\na").numbered

    assert numbered.same_sentence.tolist() == [0, 1, 0, 1, 4]


def test_sentences_without_labels_have_none() -> None:
    labelled = Example(("New", "York"), ("B-LOC", "I-LOC"))
    examples = [Example(("a",)), labelled]
    part = Part("train", "train", examples, LabelScheme.IOB2, labels=[(), labelled.labels or ()])
    numbered = Corpus((part,)).numbered

    assert numbered.labels[0] == NONE
    assert [numbered.label_names[number] for number in numbered.labels[1:]] == ["B-LOC", "I-LOC"]
    assert (numbered.spans.starts.tolist(), numbered.spans.ends.tolist()) == ([1], [3])
    assert numbered.is_spanned.tolist() == [False, True, True]


def test_plain_labels_spell_no_spans() -> None:
    numbered = corpus_of(train="the/DET cat/NOUN", scheme="none").numbered

    assert len(numbered.spans) == 0
    assert numbered.is_tagged.all()
    assert not numbered.is_spanned.any()


def test_nothing_is_a_corpus_too() -> None:
    for corpus in (Corpus(()), corpus_of(train=""), Corpus((Part("x", None, [Example(())]),))):
        numbered = corpus.numbered
        assert len(numbered.tokens) == 0
        assert numbered.span_of.tolist() == []
        assert numbered.same_sentence.tolist() == list(range(numbered.num_sentences))
        assert numbered.is_spanned.dtype == np.bool_
