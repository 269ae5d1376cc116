"""Tests of tagger/inspection/context.py: held against loops over shortened sentences."""

import numpy as np
import pytest
from present import present
from tiny_models import SENTENCES, tiny_tagger

from tagger.errors import UsageError
from tagger.inspection import context_agreement, context_use

WORDS = SENTENCES[1]


def edited(words, t, width):
    """The words within the distance, one by one, and where the word itself then is."""
    kept = [i for i in range(len(words)) if width is None or abs(i - t) <= width]
    return [words[i] for i in kept], kept.index(t)


@pytest.mark.parametrize("scheme", ["iob2", "bioes", "none"])
def test_context_use_equals_a_slow_loop_over_shortened_sentences(scheme):
    tagger = tiny_tagger(scheme)
    widths = (0, 1, 3, None)
    use = context_use(tagger, WORDS, widths=widths)
    whole = tagger.predict([WORDS])[0]
    assert (use.tokens, use.widths, use.final_labels) == (WORDS, widths, whole.labels)
    changed = 0
    for row, width in enumerate(widths):
        for t in range(len(WORDS)):
            window, place = edited(WORDS, t, width)
            predicted = tagger.predict([window])[0]
            marginals = tagger.marginals([window])[0][place]
            assert use.labels[row][t] == predicted.labels[place]
            assert use.probabilities[row, t] == pytest.approx(predicted.label_probabilities[place], abs=1e-6)
            expected = marginals[tagger.labels.index(whole.labels[t])]
            assert use.final_probabilities[row, t] == pytest.approx(expected, abs=1e-6)
            changed += use.labels[row][t] != whole.labels[t]
    assert changed > 0
    assert use.labels[-1] == use.final_labels


def test_context_use_of_some_words_is_that_part_of_the_whole():
    tagger = tiny_tagger()
    use = context_use(tagger, WORDS)
    some = context_use(tagger, WORDS, positions=[7, 2])
    assert some.tokens == ("not", "Bo")
    assert some.final_labels == (use.final_labels[7], use.final_labels[2])
    assert some.labels == tuple((row[7], row[2]) for row in use.labels)
    np.testing.assert_allclose(some.probabilities, use.probabilities[:, [7, 2]], atol=1e-6)
    np.testing.assert_allclose(some.final_probabilities, use.final_probabilities[:, [7, 2]], atol=1e-6)


@pytest.mark.parametrize("scheme", ["iob2", "none"])
def test_agreement_equals_a_slow_loop_over_the_corpus(scheme):
    tagger = tiny_tagger(scheme, seed=1)
    widths = (0, 2, None)
    agreement = context_agreement(tagger, [*SENTENCES, ()], widths=widths)
    same = []
    for words in SENTENCES:
        whole = tagger.tag([words])[0]
        for t in range(len(words)):
            read = [edited(words, t, width) for width in widths]
            labels = [tagger.tag([window])[0][place] for window, place in read]
            same.append(([label == whole[t] for label in labels], scheme == "iob2" and whole[t] != "O"))
    np.testing.assert_allclose(agreement.all_words, np.mean([row for row, _ in same], axis=0))
    assert agreement.all_words[0] < agreement.all_words[-1] == 1
    in_span = [row for row, is_in in same if is_in]
    assert (agreement.num_words, agreement.num_span_words) == (25, len(in_span))
    if in_span:
        np.testing.assert_allclose(present(agreement.span_words), np.mean(in_span, axis=0))
    else:
        assert agreement.span_words is None


def test_one_word_is_always_its_own_context():
    use = context_use(tiny_tagger(), ["EU"])
    assert set(use.labels) == {use.final_labels}
    assert use.probabilities.shape == (7, 1)
    assert np.ptp(use.probabilities) == 0


def test_bad_questions_are_refused():
    tagger = tiny_tagger()
    with pytest.raises(UsageError, match="found an empty one"):
        context_use(tagger, [])
    with pytest.raises(UsageError, match=r"^widths: expected 0 or more, or None for all words, found -1$"):
        context_use(tagger, WORDS, widths=[-1])
    with pytest.raises(UsageError, match=r"^widths: expected 0 or more, or None for all words, found -2$"):
        context_agreement(tagger, [WORDS], widths=[0, -2])
    with pytest.raises(UsageError, match=r"^expected a corpus of at least one word, found none$"):
        context_agreement(tagger, [[], []])
