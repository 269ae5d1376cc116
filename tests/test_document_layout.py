"""Where the tokens of a batch stand in blocks, and which words stand elsewhere too: compared with slow loops."""

from __future__ import annotations

import numpy as np
from document_oracle import slow_blocks, slow_parts
from hypothesis import given
from hypothesis import strategies as st

from tagger.document_layout import block_numbers, lay_out, part_numbers

SENTENCES = st.lists(
    st.tuples(st.lists(st.sampled_from("uvwxyz"), max_size=9), st.sampled_from([None, "a", "a", "b"])),
    min_size=1,
    max_size=12,
)


def arrays(rows, document_tokens):
    sentences, documents = [words for words, _ in rows], [document for _, document in rows]
    lengths = np.array([len(words) for words in sentences])
    return sentences, documents, lengths, part_numbers(lengths, documents, document_tokens=document_tokens)


@given(SENTENCES, st.integers(1, 20), st.integers(1, 12))
def test_blocks_are_those_of_slow_loops(rows, document_tokens, block_tokens):
    sentences, documents, lengths, parts = arrays(rows, document_tokens)
    expected = [
        block
        for part in slow_parts(sentences, documents, document_tokens)
        for block in slow_blocks(sentences, part, block_tokens)
    ]
    found = block_numbers(lengths, parts, block_tokens=block_tokens).tolist()
    assert found == [number for number, block in enumerate(expected) for _ in block]


@given(SENTENCES, st.integers(1, 20), st.integers(1, 12))
def test_every_token_has_its_place_in_the_blocks(rows, document_tokens, block_tokens):
    sentences, documents, lengths, parts = arrays(rows, document_tokens)
    words = np.array([100 + k for k in range(lengths.sum())])
    forms = np.array([ord(word) for sentence in sentences for word in sentence], dtype=np.int64)
    layout = lay_out(words, forms, lengths, parts, block_tokens=block_tokens)
    blocks = [
        block
        for part in slow_parts(sentences, documents, document_tokens)
        for block in slow_blocks(sentences, part, block_tokens)
    ]
    assert layout.lengths.tolist() == [sum(len(sentences[i]) for i in block) for block in blocks]
    assert layout.word_index.shape == (len(blocks), layout.lengths.max())
    # From the place of each token in its sentence to its place in a block, and back to the word.
    back = layout.word_index.ravel()[layout.positions] if words.size else layout.positions
    for sentence, row, start in zip(sentences, back, np.cumsum(lengths) - lengths, strict=True):
        assert row[: len(sentence)].tolist() == words[start : start + len(sentence)].tolist()


@given(SENTENCES, st.integers(1, 20))
def test_repeated_words_are_those_that_stand_twice_in_a_part(rows, document_tokens):
    sentences, documents, lengths, parts = arrays(rows, document_tokens)
    forms = np.array([ord(word) for sentence in sentences for word in sentence], dtype=np.int64)
    layout = lay_out(forms, forms, lengths, parts, block_tokens=8)
    width = max(lengths)
    expected = {}
    for part in slow_parts(sentences, documents, document_tokens):
        for i in part:
            for t, word in enumerate(sentences[i]):
                expected.setdefault((part[0], word), []).append(i * width + t)
    groups = [places for places in expected.values() if len(places) > 1]
    found = [layout.repeated[layout.groups == g].tolist() for g in range(len(layout.counts))]
    assert sorted(found) == sorted(groups)
    assert layout.counts.tolist() == [len(places) for places in found]
    assert len(layout.groups) == len(layout.repeated)
