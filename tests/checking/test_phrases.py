import random

import numpy as np
from checking_corpora import corpus_of

from tagger.checking.numbered import NONE
from tagger.checking.phrases import LONGEST, find_phrases


def _occurrences(corpus):
    numbered = corpus.numbered
    everywhere = np.ones(len(numbered.tokens), dtype=np.bool_)
    phrases = find_phrases(numbered, numbered.tokens, np.arange(len(numbered.spans)), everywhere)
    return numbered, phrases


def test_phrases_are_found_where_they_are_no_span() -> None:
    numbered, phrases = _occurrences(
        corpus_of(train="in New/B-LOC York/I-LOC\nNew York New\nYork/B-LOC", test="York City/B-LOC")
    )

    found = [
        (numbered.text(start, end), start)
        for start, end in zip(phrases.starts.tolist(), phrases.ends.tolist(), strict=True)
    ]
    assert sorted(found) == [
        (("City",), 8),
        (("New", "York"), 1),
        (("New", "York"), 3),
        (("York",), 2),
        (("York",), 4),
        (("York",), 6),
        (("York",), 7),
    ]
    assert [numbered.text(*_span(numbered, span)) for span in phrases.firsts] == [
        ("York",), ("City",), ("New", "York"),
    ]  # fmt: skip
    assert phrases.phrase_of.tolist() == [2, 0, 1]


def _span(numbered, span):
    return int(numbered.spans.starts[span]), int(numbered.spans.ends[span])


def test_phrases_do_not_go_across_sentences() -> None:
    _, phrases = _occurrences(corpus_of(train="New/B-LOC York/I-LOC\nNew\nYork"))

    assert phrases.starts.tolist() == [0]


def test_random_phrases_are_where_a_plain_search_finds_them() -> None:
    generator = random.Random(1)
    lines = []
    for _ in range(200):
        words = generator.choices("abc", k=generator.randint(1, 8))
        labels = generator.choices(("O", "O", "B-X", "I-X"), k=len(words))
        lines.append(" ".join(f"{word}/{label}" for word, label in zip(words, labels, strict=True)))
    numbered, phrases = _occurrences(corpus_of(train="\n".join(lines)))

    surfaces = {
        numbered.text(start, end)
        for start, end in zip(numbered.spans.starts.tolist(), numbered.spans.ends.tolist(), strict=True)
    }
    expected = []
    for sentence in range(numbered.num_sentences):
        first, after = numbered.starts[sentence : sentence + 2].tolist()
        expected += [
            (start, end)
            for start in range(first, after)
            for end in range(start + 1, after + 1)
            if numbered.text(start, end) in surfaces
        ]
    assert len(phrases) == len(surfaces)
    assert sorted(zip(phrases.starts.tolist(), phrases.ends.tolist(), strict=True)) == sorted(expected)
    for start, end, phrase in zip(phrases.starts, phrases.ends, phrases.phrases, strict=True):
        assert numbered.text(start, end) == numbered.text(*_span(numbered, phrases.firsts[phrase]))


def test_spans_of_very_many_words_stay_out() -> None:
    words = " ".join(["a/B-X"] + ["a/I-X"] * LONGEST)
    _, phrases = _occurrences(corpus_of(train=f"{words}\na/B-X"))

    assert phrases.phrase_of.tolist() == [NONE, 0]
