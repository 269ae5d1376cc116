"""Models with document context: the numbers of slow loops, whatever else is computed at the same time."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from document_oracle import slow_emissions
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_models import tiny_parts, tiny_tagger

from tagger import Tagger
from tagger.batching import batches_of_parts, collate
from tagger.config import CELLS
from tagger.document_layout import part_numbers
from tagger.errors import DataError
from tagger.features import encode_sentences
from tagger.model import BatchTensors
from tagger.sentence_windows import windows_by_sentences
from tagger.storage import load_model

SMALL = {"document_context": True, "block_tokens": 9, "document_tokens": 25, "dropout": 0.0}
PARTS = tiny_parts("iob2", **SMALL)
WITH_ALL = tiny_parts("bioes", wide_features=True, num_layers=2, fold_digits=False, **SMALL)

DOCUMENTS = st.lists(
    st.tuples(
        st.lists(
            st.sampled_from(["EU", "eu", "Rome", "new1", "NEW1", "new2", "in", "."]), min_size=0, max_size=12
        ),
        st.booleans(),  # whether the sentence goes on with the document of the one before
    ),
    min_size=1,
    max_size=12,
)


def ids_of(rows):
    """Documents of one sentence are alone in another way: None."""
    numbers = np.cumsum([not goes_on for _, goes_on in rows]).tolist()
    return [None if numbers.count(number) == 1 else number for number in numbers]


def emissions_of(parts, sentences, documents, *, max_tokens):
    config = parts.config
    rows, features = encode_sentences(parts.featurizer, sentences)
    lengths = np.array([len(sentence) for sentence in sentences])
    numbers = part_numbers(lengths, documents, document_tokens=config.document_tokens)
    result = [None] * len(sentences)
    order = batches_of_parts(lengths, numbers, block_tokens=config.block_tokens, max_tokens=max_tokens)
    assert sorted(i for members in order for i in members) == list(range(len(sentences)))
    for members in order:
        arrays = collate(
            [rows[i] for i in members], features, wide=parts.featurizer.wide,
            parts=numbers[members], block_tokens=config.block_tokens,
        )  # fmt: skip
        with torch.no_grad():
            emissions = parts.model.eval().emissions(BatchTensors.of(arrays))
        for b, i in enumerate(members):
            result[i] = emissions[b, : len(sentences[i])]
    return result


@pytest.mark.parametrize("parts", [PARTS, WITH_ALL], ids=["small", "with all"])
@settings(max_examples=25, deadline=None)
@given(rows=DOCUMENTS, max_tokens=st.integers(1, 80))
def test_emissions_are_those_of_slow_loops_in_batches_of_any_size(parts, rows, max_tokens):
    sentences, documents = [tuple(words) for words, _ in rows], ids_of(rows)
    found = emissions_of(parts, sentences, documents, max_tokens=max_tokens)
    for ours, theirs in zip(found, slow_emissions(parts, sentences, documents), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-5)


@settings(max_examples=15, deadline=None)
@given(rows=DOCUMENTS, others=DOCUMENTS, batch_tokens=st.integers(1, 200))
def test_a_prediction_depends_on_its_own_document_alone(rows, others, batch_tokens):
    tagger = Tagger(PARTS, batch_tokens=batch_tokens)
    sentences, documents = [words for words, _ in rows], ids_of(rows)
    around = [words for words, _ in others]
    alone = Tagger(PARTS).marginals(sentences, documents=documents)
    before, own, behind = (
        [None if document is None else f"{name} {document}" for document in ids]
        for name, ids in (("before", ids_of(others)), ("own", documents), ("behind", ids_of(others)))
    )
    together = tagger.marginals([*around, *sentences, *around], documents=[*before, *own, *behind])
    for ours, theirs in zip(alone, together[len(around) : len(around) + len(sentences)], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5)


def test_documents_and_other_sentences_of_them_change_the_numbers():
    tagger = Tagger(PARTS)
    sentences = [["Rome", "in"], ["in", "EU", "."], ["Rome", "new1"]]
    alone = tagger.marginals(sentences)
    one = tagger.marginals(sentences, documents=["a"] * 3)
    two = tagger.marginals(sentences, documents=["a", "a", "b"])
    assert all(np.abs(ours - theirs).max() > 1e-3 for ours, theirs in zip(alone, one, strict=True))
    np.testing.assert_allclose(two[2], alone[2], atol=1e-6)
    assert np.abs(two[0] - one[0]).max() > 1e-4


def test_words_are_the_same_as_the_model_normalises_them_and_unknown_ones_are_told_apart():
    def changes(parts, word, other):
        sentences = [[word, *[f"filler{k}" for k in range(8)]], [other]]  # a block each
        tagger = Tagger(parts)
        found = tagger.marginals(sentences, documents=["a", "a"])[1]
        return bool(np.abs(found - tagger.marginals(sentences)[1]).max() > 1e-5)

    cased = tiny_parts("iob2", lowercase=False, **SMALL)
    for word, other, same, same_cased in (
        ("Rome", "Rome", True, True),
        ("ROME", "Rome", True, False),
        ("unseen", "unseen", True, True),
        ("unseen", "unknown", False, False),
        ("1996", "2014", True, True),
        ("\ud800x", "\ud800x", True, True),
    ):
        assert changes(PARTS, word, other) is same
        assert changes(cased, word, other) is same_cased


def test_a_long_document_is_read_in_parts():
    tagger = Tagger(PARTS)
    sentences = [["Rome", "in", "new1", ".", "x"]] * 12
    whole = tagger.marginals(sentences, documents=["a"] * 12)
    cut = tagger.marginals(sentences, documents=[f"part {i // 5}" for i in range(12)])
    np.testing.assert_allclose(np.concatenate(whole), np.concatenate(cut), atol=1e-6)


def test_spans_and_sequences_never_cross_the_end_of_a_sentence():
    tagger = Tagger(PARTS)
    sentences = [["Rome", "New"], [], ["York", "Bo"], ["."]]
    predictions = tagger.predict(sentences, documents=["a"] * 4)
    best = tagger.nbest(sentences, 3, documents=["a"] * 4)
    assert [list(found.tokens) for found in predictions] == sentences
    assert [one[0].labels for one in best] == [found.labels for found in predictions]
    for found in predictions:
        assert not found.labels or not found.labels[0].startswith("I-")
        assert all(span.end <= len(found.tokens) for span in found.spans)


@pytest.mark.parametrize("cell", CELLS)
def test_every_weight_learns_and_the_saved_model_gives_the_same_numbers(cell, tmp_path):
    parts = tiny_parts("iob2", cell=cell, document_context=True, document_dropout=0.0, dropout=0.0)
    sentences = [("Rome", "in", "EU"), ("EU", "New", "York"), ("in",)]
    rows, features = encode_sentences(parts.featurizer, sentences)
    labels = [np.array([1, 0, 0]), np.array([0, 1, 2]), np.array([0])]
    arrays = collate(rows, features, labels, parts=np.zeros(3, dtype=np.int64), block_tokens=4)
    parts.model.train().loss(BatchTensors.of(arrays)).backward()
    weight = parts.model.document_context.projection.weight
    assert weight.grad.abs().sum() > 0
    assert all(p.grad is not None and p.grad.isfinite().all() for p in parts.model.parameters())
    tagger = Tagger(parts)
    tagger.save(tmp_path / "model")
    ids = [1, 1, 1]
    again = Tagger.load(tmp_path / "model")
    assert again.config.document_context
    assert again.predict(sentences, documents=ids) == tagger.predict(sentences, documents=ids)


def test_the_gradient_reaches_the_other_occurrences_of_a_word():
    parts = tiny_parts("iob2", document_context=True, document_dropout=0.0, dropout=0.0, word_dropout=0.0)
    rows, features = encode_sentences(parts.featurizer, [("Rome", "in"), ("Rome",)])
    numbers = np.zeros(2, dtype=np.int64)
    batch = BatchTensors.of(collate(rows, features, parts=numbers, block_tokens=2))
    kept = []
    parts.model.encoder.register_forward_hook(lambda module, inputs, output: kept.append(output))
    emissions = parts.model.train().emissions(batch)
    (gradient,) = torch.autograd.grad(emissions[1, 0].sum(), kept[0])
    assert gradient[0, 0].abs().sum() > 0  # Rome in the first sentence, a block of its own
    assert gradient[0, 1].abs().sum() == 0


def test_document_dropout_takes_the_other_occurrences_from_a_share_of_the_tokens():
    parts = tiny_parts("iob2", document_context=True, document_dropout=0.25, dropout=0.0)
    context = parts.model.document_context
    rows, features = encode_sentences(parts.featurizer, [("Rome",)] * 4000)
    numbers = np.zeros(4000, dtype=np.int64)
    batch = BatchTensors.of(collate(rows, features, parts=numbers, block_tokens=1))
    torch.manual_seed(0)
    encoded = torch.randn(4000, 1, parts.model.encoder.output_dim)
    added = context.train()(encoded, batch.documents)
    whole = context.eval()(encoded, batch.documents)
    dropped = (added == 0).all(dim=2)
    assert 0.22 < dropped.float().mean() < 0.28
    torch.testing.assert_close(added[~dropped], whole[~dropped])


def test_means_of_many_are_exact_in_half_precision():
    parts = tiny_parts("iob2", document_context=True)
    count = 3000
    rows, features = encode_sentences(parts.featurizer, [("Rome",)] * count)
    batch = BatchTensors.of(collate(rows, features, parts=np.zeros(count, dtype=np.int64), block_tokens=9))
    scores = torch.ones(count, 5, dtype=torch.bfloat16)
    found = parts.model.document_context._means_elsewhere(scores, batch.documents)
    assert found.dtype == torch.bfloat16
    assert (found == 1).all()


def test_a_model_without_document_context_reads_each_sentence_alone_whatever_its_document():
    tagger = tiny_tagger("iob2")
    sentences = [["Rome", "in"], ["in", "EU", "."], ["Rome"]]
    documents = ["a", "b", "a"]
    assert tagger.predict(sentences, documents=documents) == tagger.predict(sentences)
    with pytest.raises(DataError, match="expected as many documents as sentences"):
        tagger.tag(sentences, documents=documents[:2])


def test_batches_and_a_model_must_agree_on_documents():
    sentences = [("Rome", "in")]
    rows, features = encode_sentences(PARTS.featurizer, sentences)
    without = BatchTensors.of(collate(rows, features))
    with pytest.raises(
        ValueError, match="expected documents, as the model has a document context, found none"
    ):
        PARTS.model.emissions(without)
    plain = tiny_parts("iob2")
    rows, features = encode_sentences(plain.featurizer, sentences)
    with_them = BatchTensors.of(collate(rows, features, parts=np.zeros(1, dtype=np.int64), block_tokens=3))
    with pytest.raises(ValueError, match="expected no documents, as the model has no document context"):
        plain.model.emissions(with_them)


def test_an_old_model_folder_without_these_options_still_loads(tmp_path):
    import json

    tagger = tiny_tagger("iob2")
    tagger.save(tmp_path / "model")
    path = tmp_path / "model" / "config.json"
    config = json.loads(path.read_text())
    for name in ("document_context", "document_dropout", "block_tokens", "document_tokens"):
        del config["architecture"][name]
    del config["sha256"]["config.json"]  # nor this checksum
    config["format"] = 1
    path.write_text(json.dumps(config))
    assert not load_model(tmp_path / "model").config.document_context


# What callers give


def test_documents_that_come_again_or_are_too_few_or_too_many_are_refused():
    tagger = Tagger(PARTS)
    sentences = [["a"], ["b"], ["c"]]
    for documents, message in (
        (["x", "y", "x"], "documents: 'x' comes again at sentence 2, after another one; expected the sentences of a "
         "document side by side. Bring them together, or give documents that come again another id."),
        (["x", None, "x"], "documents: 'x' comes again at sentence 2"),
        (["x"], "expected as many documents as sentences, found 1 documents and more sentences"),
        (["x"] * 4, "expected as many documents as sentences, found 3 sentences and more documents"),
    ):  # fmt: skip
        with pytest.raises(DataError) as error:
            tagger.tag(sentences, documents=documents)
        assert str(error.value).startswith(message)
    for documents, message in (
        ("xyz", "expected a document for each sentence, found one string: 'xyz'"),
        (5, "expected documents as a list with an id or None for each sentence, found 5"),
        (
            ["x", 1.5, "x"],
            "expected the document of sentence 1 as a string, a whole number or None, found 1.5",
        ),
    ):
        with pytest.raises(TypeError) as error:
            tagger.tag(sentences, documents=documents)
        assert str(error.value) == message


def test_windows_never_cut_a_part_and_are_handed_on_as_soon_as_can_be():
    given_out = []

    def sentences():
        for i in range(9):
            given_out.append(i)
            yield ["w"]

    windows = windows_by_sentences(
        sentences(), ["a", "a", "a", None, None, "b", "c", "c", "c"], size=2, document_tokens=10
    )
    assert next(windows).parts == [0, 0, 0]
    assert given_out == [0, 1, 2, 3]  # it has to be seen that document a is over
    assert next(windows).parts == [1, 2]
    assert given_out == [0, 1, 2, 3, 4]
    assert [window.parts for window in windows] == [[3, 4, 4, 4]]


def test_one_endless_document_is_read_a_window_at_a_time():
    import itertools

    read = itertools.count()
    tagger = Tagger(PARTS, batch_tokens=4)
    stream = tagger.stream_labels(
        (["Rome", "in"] for _ in iter(lambda: next(read), None)), documents=itertools.repeat("a")
    )
    assert [len(next(stream)) for _ in range(300)] == [2] * 300
    # 64 batches of 4 tokens, of which a sentence of two takes three, and up to one more part of 25.
    assert next(read) < 300 + 64 * 4 // 3 + 25
