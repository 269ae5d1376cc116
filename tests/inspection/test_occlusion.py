"""Tests of tagger/inspection/occlusion.py: held against loops over edited sentences."""

import numpy as np
import pytest
from tiny_models import SENTENCES, tiny_tagger

from tagger.errors import UsageError
from tagger.inspection import occlude, unknown_word

WORDS = SENTENCES[1]


@pytest.mark.parametrize("scheme", ["iob2", "io", "none"])
@pytest.mark.parametrize("replacement", [None, "the"])
def test_occlusion_equals_a_slow_loop_over_edited_sentences(scheme, replacement):
    tagger = tiny_tagger(scheme)
    found = occlude(tagger, WORDS, replacement=replacement)
    labels = tagger.tag([WORDS])[0]
    stand_in = replacement or "\ufffd"
    assert (found.tokens, found.labels, found.replacement) == (WORDS, tuple(labels), stand_in)
    assert found.positions == tuple(range(len(WORDS)))
    before = tagger.marginals([WORDS])[0]
    num_changed = 0
    for p in range(len(WORDS)):
        edited = [stand_in if i == p else word for i, word in enumerate(WORDS)]
        assert list(found.changed_labels[p]) == tagger.tag([edited])[0]
        num_changed += list(found.changed_labels[p]) != labels
        after = tagger.marginals([edited])[0]
        for t in range(len(WORDS)):
            label = tagger.labels.index(labels[t])
            assert found.changed_probabilities[p, t] == pytest.approx(after[t, label], abs=1e-6)
            assert found.changes[p, t] == pytest.approx(after[t, label] - before[t, label], abs=1e-6)
    assert num_changed > 0


def test_some_words_alone_can_be_replaced():
    tagger = tiny_tagger()
    whole, some = occlude(tagger, WORDS), occlude(tagger, WORDS, positions=[4])
    assert (some.positions, some.changed_labels) == ((4,), (whole.changed_labels[4],))
    np.testing.assert_allclose(some.changes, whole.changes[4:5], atol=1e-6)


def test_a_long_sentence_is_read_a_few_words_at_a_time_with_the_same_result(monkeypatch):
    tagger = tiny_tagger()
    whole = occlude(tagger, WORDS)
    monkeypatch.setattr("tagger.inspection.occlusion._WORDS_AT_ONCE", 3 * len(WORDS))
    parts = occlude(tagger, WORDS)
    assert parts.changed_labels == whole.changed_labels
    np.testing.assert_allclose(parts.changes, whole.changes, atol=1e-6)


def test_a_replacement_that_changes_nothing_has_no_effect():
    # The sentence is read alone and in a batch, so the last bits may differ.
    changes = occlude(tiny_tagger(), ["of", "of"], replacement="of").changes
    assert changes == pytest.approx(np.zeros((2, 2)), rel=0, abs=1e-6)


def test_the_usual_replacement_is_a_word_the_model_does_not_know(monkeypatch):
    tagger = tiny_tagger()
    assert unknown_word(tagger) == "\ufffd"
    monkeypatch.setattr(tagger, "in_vocabulary", lambda word: len(word) < 3)
    assert unknown_word(tagger) == "\ufffd\ufffd\ufffd"


def test_an_empty_sentence_is_refused():
    with pytest.raises(UsageError, match="found an empty one"):
        occlude(tiny_tagger(), [])
