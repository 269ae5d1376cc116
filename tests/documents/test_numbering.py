"""Which sentences belong together: parts of documents, and documents that come again."""

from __future__ import annotations

from document_oracle import slow_parts
from hypothesis import given
from hypothesis import strategies as st

from tagger.documents import PartNumbers, SeenDocuments

LENGTHS_AND_DOCUMENTS = st.lists(
    st.tuples(st.integers(0, 12), st.sampled_from([None, "a", "a", "a", "b", 1])), max_size=25
)


@given(LENGTHS_AND_DOCUMENTS, st.integers(1, 30))
def test_parts_are_those_of_slow_loops(rows, document_tokens):
    numbers = PartNumbers(document_tokens)
    found = [numbers.of_next(document, length) for length, document in rows]
    sentences = [("w",) * length for length, _ in rows]
    expected: list[int | None] = [None] * len(rows)
    parts = slow_parts(sentences, [document for _, document in rows], document_tokens)
    for number, part in enumerate(parts):
        for i in part:
            expected[i] = number
    assert found == expected


def test_an_endless_document_of_empty_sentences_has_parts_that_end():
    numbers = PartNumbers(3)
    assert [numbers.of_next("a", 0) for _ in range(7)] == [0, 0, 0, 1, 1, 1, 2]


def test_a_sentence_longer_than_a_part_is_one_by_itself():
    numbers = PartNumbers(3)
    assert [numbers.of_next("a", length) for length in (1, 9, 1, 2, 1)] == [0, 1, 2, 2, 3]


def test_a_document_comes_again_after_another_one_or_none():
    for documents, expected in (
        (["a", "a", "b", "b"], [False] * 4),
        (["a", "b", "a", "a"], [False, False, True, False]),
        (["a", None, None, "a"], [False, False, False, True]),
        ([None, None, 1, "1"], [False] * 4),
    ):
        seen = SeenDocuments()
        assert [seen.comes_again(document) for document in documents] == expected


def test_only_so_many_documents_are_remembered():
    seen = SeenDocuments(remembered=2)
    assert not any(seen.comes_again(document) for document in ("a", "b", "c", "d"))
    assert len(seen._ended) == 2
    assert not seen.comes_again("a")
    assert seen.comes_again("d")
