"""Document consistency: the numbers of slow loops, whatever else is computed at the same time."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import numpy as np
import pytest
from document_oracle import slow_additions, slow_parts
from hypothesis import given
from hypothesis import strategies as st
from labelling_oracle import labellings
from tiny_models import tiny_parts

from tagger import Tagger
from tagger.errors import UsageError
from tagger.inference.consistency import repeated_words, word_key
from tagger.inference.lookahead import Lookahead
from tagger.schemes import LabelScheme, labels_to_spans

SENTENCES = [
    ("Rome", "in"),
    ("in", "EU", "!"),
    (),
    ("rome", "EU", "Route66"),
    ("EU", "in", "EU"),
    ("ROME", "route77"),
    ("Rome", "1996", "1997"),
    ("Anna",),
    ("Rome",),
    ("EU", "rejects"),
]
DOCUMENTS = ["a", "a", "a", "a", "a", "a", "b", "b", None, None]
MODELS = [
    {"scheme": "iob2"},
    {"scheme": "iob2", "types": ("PER",), "decoder": "softmax"},
    {"scheme": "bioes", "types": ("PER",)},
    {"scheme": "io", "wide_features": True},
]
WORDS = ["Rome", "rome", "EU", "in", "Anna", "1996", "!"]
ROWS = st.lists(
    st.tuples(st.lists(st.sampled_from(WORDS), max_size=6), st.sampled_from([None, "a", "a", "a", "b"])),
    max_size=20,
)
PARTS = tiny_parts("iob2")
TAGGER = Tagger(PARTS)


def in_order(rows):
    """Sentences and documents, those of a document side by side."""
    rows = sorted(rows, key=lambda row: row[1] or "")
    return [words for words, _ in rows], [document for _, document in rows]


def close(found, expected, *, atol=1e-6):
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=atol)


# The numbers of an enumeration


@pytest.mark.parametrize("options", MODELS, ids=str)
@pytest.mark.parametrize("settings", [{}, {"document_consistency": 2.5, "document_tokens": 8}], ids=str)
def test_answers_are_those_of_an_enumeration_with_evidence_of_slow_loops(options, settings):
    parts = tiny_parts(**options)
    tagger = Tagger(parts, **settings)
    slow = {"weight": settings.get("document_consistency", 0.6)}
    if "document_tokens" in settings:
        slow["document_tokens"] = settings["document_tokens"]
    added = slow_additions(parts, SENTENCES, DOCUMENTS, **slow)
    marginals = tagger.marginals(SENTENCES, documents=DOCUMENTS)
    labels = tagger.tag(SENTENCES, documents=DOCUMENTS)
    best = tagger.nbest(SENTENCES, 3, documents=DOCUMENTS)
    predictions = tagger.predict(SENTENCES, documents=DOCUMENTS)
    for i, sentence in enumerate(SENTENCES):
        if not sentence:
            continue
        found = labellings(parts, sentence, added[i])
        for t in range(len(sentence)):
            for k, label in enumerate(tagger.labels):
                exact = sum(each.probability for each in found if each.reported[t] == label)
                assert marginals[i][t, k] == pytest.approx(exact, abs=1e-5)
        assert tuple(labels[i]) == predictions[i].labels == found[0].reported
        for prediction, expected in zip(best[i], found, strict=False):
            assert prediction.log_probability == pytest.approx(math.log(expected.probability), abs=1e-4)
        for span in predictions[i].spans:
            place = (span.start, span.end, span.label)
            exact = sum(each.probability for each in found if place in each.spans)
            assert span.probability == pytest.approx(exact, abs=1e-5)
    changed = [
        not np.allclose(one, other) for one, other in zip(marginals, tagger.marginals(SENTENCES), strict=True)
    ]
    assert changed[:2] == [True, True]
    assert changed[6:] == [False] * 4


def test_evidence_is_that_of_temperature_1_and_probabilities_those_at_the_temperature():
    calibrated = Tagger(replace(PARTS, temperature=2.0))
    assert calibrated.tag(SENTENCES, documents=DOCUMENTS) == TAGGER.tag(SENTENCES, documents=DOCUMENTS)
    added = slow_additions(PARTS, SENTENCES, DOCUMENTS)
    predictions = calibrated.predict(SENTENCES, documents=DOCUMENTS)
    for sentence, prediction, additions in zip(SENTENCES, predictions, added, strict=True):
        if sentence:
            roots = [math.sqrt(each.probability) for each in labellings(PARTS, sentence, additions)]
            expected = math.log(roots[0] / sum(roots))
            assert prediction.log_probability == pytest.approx(expected, abs=1e-4)


def test_torch_gets_the_same_evidence():
    from tagger.inference.runner import TorchRunner

    tagger = Tagger(PARTS)
    expected = tagger.marginals(SENTENCES, documents=DOCUMENTS)
    tagger._runner = TorchRunner(PARTS, PARTS.decoder, device="cpu")  # type: ignore[misc]
    close(tagger.marginals(SENTENCES, documents=DOCUMENTS), expected, atol=1e-5)


# Which words take part


@given(ROWS, st.integers(1, 30))
def test_repeated_words_are_those_of_slow_loops(rows, document_tokens):
    sentences, documents = in_order(rows)
    numbers: list[int | None] = [None] * len(sentences)
    expected: dict[tuple[int, str], list[int]] = {}
    for number, part in enumerate(slow_parts(sentences, documents, document_tokens)):
        for i in part:
            numbers[i] = number
            for t, word in enumerate(sentences[i]):
                if word[0].isalpha():
                    place = sum(map(len, sentences[:i])) + t
                    expected.setdefault((number, word.lower()), []).append(place)
    groups = [places for places in expected.values() if 2 <= len(places) <= 12]
    found = repeated_words(Lookahead(list(map(tuple, sentences)), numbers))
    if not groups:
        assert found is None
        return
    assert found is not None
    rows_of_tokens = found.rows.tolist()
    assert sorted(row for row in rows_of_tokens if row >= 0) == list(range(sum(map(len, groups))))
    assert found.counts.tolist() == sorted(len(places) for places in groups for _ in places)
    for places in groups:
        rows_of_word = sorted(rows_of_tokens[place] for place in places)
        assert rows_of_word == list(range(rows_of_word[0], rows_of_word[0] + len(places)))
        assert set(found.counts[rows_of_word].tolist()) == {len(places)}


def test_a_word_has_one_key_however_it_is_written_if_it_has_a_letter():
    assert word_key("ROME") == word_key("Rome") == "rome"
    assert word_key("Route66") == word_key("ROUTE12") == "route00"
    assert word_key("\u041c\u043e\u0441\u043a\u0432\u0430") == "\u043c\u043e\u0441\u043a\u0432\u0430"
    assert [word_key(word) for word in ("", "1996", "!", "-1,000.0")] == [""] * 4


@pytest.mark.parametrize(("count", "takes_part"), [(1, False), (2, True), (12, True), (13, False)])
def test_a_word_takes_part_that_stands_2_to_12_times_in_a_document(count, takes_part):
    # Other words before it: what Rome is differs.
    written = [(str(i), "in", "Rome") if i % 2 else ("Rome", str(i)) for i in range(count)]
    sentences = [tuple(word for word in sentence if word != "in") for sentence in written]
    alone = TAGGER.marginals(sentences)
    together = TAGGER.marginals(sentences, documents=["a"] * count)
    assert (
        any(not np.array_equal(one, other) for one, other in zip(alone, together, strict=True)) is takes_part
    )


# What changes nothing


@given(ROWS)
@pytest.mark.slow
def test_without_weight_nothing_changes_and_documents_may_come_in_any_order(rows):
    sentences, documents = [words for words, _ in rows], [document for _, document in rows]
    without = Tagger(PARTS, document_consistency=0)
    assert not without.reads_documents
    assert without.predict(sentences, documents=documents) == without.predict(sentences)


@given(ROWS)
@pytest.mark.slow
def test_sentences_without_a_document_get_the_same_bits_beside_documents(rows):
    sentences, documents = in_order(rows)
    expected = TAGGER.predict(sentences)
    found = TAGGER.predict(sentences, documents=documents)
    for one, other, document in zip(found, expected, documents, strict=True):
        if document is None:
            assert one == other


def test_documents_without_a_repeated_word_get_the_same_bits():
    sentences = [("Anna", "met", "Bo"), ("in", "Rome", "1996", "!"), ("EU", "1996", "!")]
    assert TAGGER.predict(sentences, documents=["a"] * 3) == TAGGER.predict(sentences)
    assert TAGGER.predict([["Rome"], ["Rome"]], documents=["a", "b"]) == TAGGER.predict([["Rome"], ["Rome"]])


def test_plain_labels_have_no_documents():
    tagger = Tagger(tiny_parts("none", ("NOUN", "VERB")))
    assert not tagger.reads_documents
    assert tagger.predict([["Rome"], ["Rome", "in"]], documents=["a"] * 2) == tagger.predict(
        [["Rome"], ["Rome", "in"]]
    )


# What it does not depend on


@pytest.mark.parametrize("options", [{"batch_tokens": 1}, {"batch_tokens": 7, "threads": 3}], ids=str)
@pytest.mark.slow
def test_answers_depend_on_the_document_alone(options):
    random.seed(4)
    documents = [
        [tuple(random.choices(WORDS, k=random.randrange(9))) for _ in range(random.randrange(1, 9))]
        for _ in range(30)
    ]
    sentences = [sentence for document in documents for sentence in document]
    ids = [i for i, document in enumerate(documents) for _ in document]
    together = Tagger(PARTS, **options)
    marginals = together.marginals(sentences, documents=ids)
    labels = together.tag(sentences, documents=ids)
    by_document = [TAGGER.marginals(document, documents=["x"] * len(document)) for document in documents]
    close(marginals, [found for each in by_document for found in each], atol=1e-6)
    assert labels == [
        row for document in documents for row in TAGGER.tag(document, documents=["x"] * len(document))
    ]
    backwards = documents[::-1]
    ids = [i for i, document in enumerate(backwards) for _ in document]
    found = together.marginals([sentence for document in backwards for sentence in document], documents=ids)
    close(found, [one for each in by_document[::-1] for one in each], atol=1e-6)


@given(ROWS)
@pytest.mark.slow
def test_probabilities_sum_to_one_and_all_labels_are_legal(rows):
    sentences, documents = in_order(rows)
    tagger = Tagger(PARTS, document_consistency=20.0)
    for marginals, labels in zip(
        tagger.marginals(sentences, documents=documents),
        tagger.tag(sentences, documents=documents),
        strict=True,
    ):
        assert (marginals >= 0).all()
        np.testing.assert_allclose(marginals.sum(axis=1), 1, atol=1e-9)
        labels_to_spans(labels, LabelScheme.IOB2)  # raises for labels that are not legal


def test_a_long_document_has_evidence_of_its_parts():
    sentences = [("Rome", "in"), ("in", "EU", "!"), ("rome", "EU"), ("EU", "in")]
    tagger = Tagger(PARTS, document_tokens=5)
    found = tagger.marginals(sentences, documents=["a"] * 4)
    close(found, TAGGER.marginals(sentences, documents=["a", "a", "b", "b"]))
    whole = TAGGER.marginals(sentences, documents=["a"] * 4)
    assert not np.allclose(found[0], whole[0])


def test_streams_and_extract_have_the_same_documents():
    text = "Rome in EU.\n\nEU in rome!"
    sentences = [["Rome", "in", "EU", "."], ["EU", "in", "rome", "!"]]
    predictions = TAGGER.predict(sentences, documents=["a", "a"])
    assert list(TAGGER.stream(sentences, documents=["a", "a"])) == predictions
    assert list(TAGGER.stream_labels(sentences, documents=["a", "a"])) == [
        list(each.labels) for each in predictions
    ]
    expected = [(span.label, span.probability) for each in predictions for span in each.spans]
    assert [(entity.label, entity.probability) for entity in TAGGER.extract(text)] == expected
    assert expected != [
        (span.label, span.probability) for each in TAGGER.predict(sentences) for span in each.spans
    ]


@pytest.mark.parametrize(
    "weight", [-0.1, math.nan, math.inf, 1_000_001, 1e39, "1", None, True, -(10**400)], ids=range(9)
)
def test_a_weight_that_is_none_is_refused(weight):
    with pytest.raises(UsageError) as error:
        Tagger(PARTS, document_consistency=weight)
    expected = f"document_consistency: expected a number from 0 to 1,000,000, found {weight!r}"
    assert str(error.value) == expected


@pytest.mark.parametrize("weight", [0, 1, np.float32(2.5), np.int64(3)])
def test_a_weight_may_be_a_whole_number_or_one_of_numpy(weight):
    found = Tagger(PARTS, document_consistency=weight).marginals(SENTENCES, documents=DOCUMENTS)
    plain = Tagger(PARTS, document_consistency=float(weight)).marginals(SENTENCES, documents=DOCUMENTS)
    for one, other in zip(found, plain, strict=True):
        assert np.array_equal(one, other)


def test_the_largest_weight_gives_probabilities():
    tagger = Tagger(PARTS, document_consistency=1_000_000)
    for marginals in tagger.marginals(SENTENCES, documents=DOCUMENTS):
        np.testing.assert_allclose(marginals.sum(axis=1), 1, atol=1e-6)


def test_a_part_without_tokens_is_refused():
    with pytest.raises(UsageError, match="document_tokens: expected a whole number of 1 or more, found 0"):
        Tagger(PARTS, document_tokens=0)
