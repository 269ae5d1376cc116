import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from labelling_oracle import labellings
from present import present
from tiny_models import SENTENCES, changed, tiny_parts, torch_tagger

from tagger import Tagger
from tagger.batching import assemble
from tagger.config import CELLS, CONNECTIONS, DECODERS
from tagger.features import encode_sentences
from tagger.model import BatchTensors
from tagger.model_building import weights_of


def batch_of(parts, sentences, gold=None):
    """A batch of sentences, with gold labels by name."""
    rows, features = encode_sentences(parts.featurizer, sentences)
    ids = None
    if gold is not None:
        ids = [np.array([parts.labels.encode(label) for label in row], dtype=np.int64) for row in gold]
    return BatchTensors.of(assemble(rows, features, ids, wide=parts.featurizer.wide))


def training_batch(parts):
    """SENTENCES with every label legal in every scheme, B- and I- among them where there are spans."""
    first, second = {
        "iob2": ("B-LOC", "I-LOC"), "bioes": ("B-LOC", "E-LOC"), "io": ("I-LOC", "I-LOC"), "none": ("LOC", "PER"),
    }[parts.config.scheme]  # fmt: skip
    outside = "LOC" if parts.config.scheme == "none" else "O"
    gold = [[first, second] + [outside] * (len(sentence) - 2) for sentence in SENTENCES]
    return batch_of(parts, SENTENCES, gold)


# Everything a model is built of


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_and_decoder_trains_saves_loads_and_tags(cell, decoder, tmp_path):
    parts = tiny_parts("bioes", cell=cell, decoder=decoder, singleton_dropout=0.0, dropout=0.0)
    model, batch = parts.model.train(), training_batch(parts)
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.01)
    losses = []
    for _ in range(3):
        optimizer.zero_grad()
        loss = model.loss(batch)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[0] > losses[1] > losses[2] > 0
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters() if p.requires_grad)
    tagger = Tagger(replace(parts, weights=weights_of(model)))
    assert tagger.predict(SENTENCES) != Tagger(parts).predict(SENTENCES)
    tagger.save(tmp_path / "model")
    assert Tagger.load(tmp_path / "model").predict(SENTENCES) == tagger.predict(SENTENCES)


@pytest.mark.parametrize("connections", CONNECTIONS)
@pytest.mark.parametrize("options", [{}, {"bidirectional": False, "learned_initial_state": True}])
def test_every_way_to_stack_layers_survives_saving(connections, options, tmp_path):
    tagger = Tagger(tiny_parts("io", num_layers=3, connections=connections, **options))
    tagger.save(tmp_path / "model")
    assert Tagger.load(tmp_path / "model").predict(SENTENCES) == tagger.predict(SENTENCES)


NOTHING = {
    "word_dim": 0, "char_dim": 0, "char_filters": 0, "casing_dim": 0, "shape_dim": 0, "affix_dim": 0,
    "hash_buckets": 5000,
}  # fmt: skip


@pytest.mark.parametrize(
    "only",
    [
        {"word_dim": 4},
        {"char_dim": 3, "char_filters": 5},
        {"casing_dim": 2},
        {"shape_dim": 3},
        {"affix_dim": 2},
    ],
    ids=lambda only: next(iter(only)),
)
def test_every_feature_can_be_the_only_one(only, tmp_path):
    parts = tiny_parts("iob2", **{**NOTHING, **only})
    loss = parts.model.loss(training_batch(parts))
    loss.backward()
    features = [p for name, p in parts.model.named_parameters() if name.startswith("word_features")]
    assert features
    assert all(present(p.grad).count_nonzero() > 0 for p in features)
    tagger = Tagger(parts)
    tagger.save(tmp_path / "model")
    assert Tagger.load(tmp_path / "model").predict(SENTENCES) == tagger.predict(SENTENCES)


# The loss


def test_loss_is_the_mean_negative_log_probability_of_the_gold_labels():
    parts = tiny_parts("iob2", ("PER",), dropout=0.0, word_dropout=0.0, singleton_dropout=0.0)
    sentences = [("Anna", "met", "Bo"), ("of",)]
    gold = [("B-PER", "O", "B-PER"), ("O",)]
    expected = -sum(
        math.log(next(each.probability for each in labellings(parts, sentence) if each.inner == labels))
        for sentence, labels in zip(sentences, gold, strict=True)
    )
    loss = parts.model.train().loss(batch_of(parts, sentences, gold))
    assert loss.item() == pytest.approx(expected / 2, rel=1e-5)


@pytest.mark.parametrize("decoder", DECODERS)
def test_unconstrained_training_normalises_over_illegal_sequences_too(decoder):
    options = {"dropout": 0.0, "singleton_dropout": 0.0, "decoder": decoder}
    free = tiny_parts("iob2", ("PER",), constrained_training=False, **options)
    bound = tiny_parts("iob2", ("PER",), **options)
    sentence, gold = ("Anna", "met", "Bo"), ("B-PER", "I-PER", "O")
    # all 27 sequences are legal without a scheme: the same weights read as plain labels
    every = tiny_parts("none", ("B-PER", "I-PER", "O"), **options)
    order = [free.labels.encode(label) for label in every.labels.items]

    def take_over(model):
        model.load_state_dict(free.model.state_dict())
        model.projection.weight.copy_(free.model.projection.weight[order])
        model.projection.bias.copy_(free.model.projection.bias[order])
        model.decoder.transitions.copy_(free.model.decoder.transitions[order][:, order])
        model.decoder.start_transitions.copy_(free.model.decoder.start_transitions[order])
        model.decoder.end_transitions.copy_(free.model.decoder.end_transitions[order])

    found = labellings(changed(every, take_over), sentence)
    assert len(found) == 27
    probability = next(each.probability for each in found if each.inner == gold)
    loss = free.model.loss(batch_of(free, [sentence], [gold])).item()
    assert loss == pytest.approx(-math.log(probability), rel=1e-5)
    assert loss > bound.model.loss(batch_of(bound, [sentence], [gold])).item()


def test_unconstrained_training_leaves_decoding_and_probabilities_constrained():
    free = Tagger(tiny_parts("bioes", constrained_training=False))
    bound = Tagger(tiny_parts("bioes"))
    assert free.predict(SENTENCES) == bound.predict(SENTENCES)
    assert free.nbest(SENTENCES, 4) == bound.nbest(SENTENCES, 4)


def test_loss_without_labels_says_so():
    parts = tiny_parts()
    with pytest.raises(ValueError, match=r"^expected a batch with labels, found one without$"):
        parts.model.loss(batch_of(parts, SENTENCES))


# Dropout, and what padding may not do


@pytest.mark.parametrize(
    "options",
    [
        {"dropout": 0.5},
        {"word_dropout": 0.5},
        {"char_dropout": 0.5},
        {"singleton_dropout": 1.0},
        {"recurrent_dropout": 0.5},
        {"wide_features": True, "wide_dropout": 0.5},
        {"wide_features": True, "wide_path_dropout": 0.9},
    ],
    ids=lambda options: list(options)[-1],
)
def test_every_dropout_acts_in_training_and_not_in_tagging(options):
    none: dict[str, Any] = {"dropout": 0.0, "word_dropout": 0.0, "singleton_dropout": 0.0}
    if "wide_features" in options:
        none |= {"wide_features": True, "wide_dropout": 0.0, "wide_path_dropout": 0.0}
    parts = tiny_parts("iob2", **{**none, **options})
    still = tiny_parts("iob2", **none)
    batch = batch_of(parts, SENTENCES)
    assert torch.equal(parts.model.eval().emissions(batch), still.model.eval().emissions(batch))
    assert not torch.equal(parts.model.train().emissions(batch), still.model.train().emissions(batch))
    assert torch.equal(still.model.train().emissions(batch), still.model.eval().emissions(batch))


def test_dropout_that_a_batch_shares_leaves_the_same_inputs_to_all_sentences():
    parts = tiny_parts("iob2", dropout=0.5, word_dropout=0.0, singleton_dropout=0.0)
    model, batch = parts.model, batch_of(parts, SENTENCES)
    model.shares_dropout = True
    whole, none = model.eval()._inputs(batch)
    assert none is None
    inputs, columns = model.train()._inputs(batch)
    assert columns is not None
    assert len(columns) == round(whole.shape[2] / 2)
    torch.testing.assert_close(inputs, whole[:, :, columns] * (whole.shape[2] / len(columns)))


def test_word_dropout_zeroes_whole_tokens_with_the_given_probability():
    parts = tiny_parts("iob2", word_dropout=0.25)
    torch.manual_seed(0)
    dropped = parts.model.train()._drop_words(torch.ones(100, 40, 7))
    assert ((dropped == 0).all(dim=2) | (dropped == 1).all(dim=2)).all()
    assert (dropped[:, :, 0] == 0).float().mean().item() == pytest.approx(0.25, abs=0.03)


NO_DROPOUT: dict[str, Any] = {"dropout": 0.0, "word_dropout": 0.0, "singleton_dropout": 0.0}


def test_gradients_do_not_depend_on_padding():
    parts = tiny_parts("iob2", **NO_DROPOUT)
    short, long = ("Anna", "met"), SENTENCES[1]
    gold = [("B-PER", "O"), ("O",) * len(long)]

    def gradients(batches):
        parts.model.zero_grad()
        for batch in batches:
            (parts.model.loss(batch) * len(batch.lengths)).backward()
        return [present(p.grad).clone() for p in parts.model.parameters()]

    together = gradients([batch_of(parts, [short, long], gold)])
    apart = gradients([batch_of(parts, [short], gold[:1]), batch_of(parts, [long], gold[1:])])
    for one, other in zip(together, apart, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_trains(cell):
    parts = tiny_parts("bioes", cell=cell, wide_features=True)
    model, batch = parts.model.train(), training_batch(parts)
    loss = model.loss(batch)
    loss.backward()
    assert loss.isfinite()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters() if p.requires_grad)


# Types and devices


def test_wide_features_must_be_those_of_the_model():
    plain, wide = tiny_parts(), tiny_parts(wide_features=True)
    rows, features = encode_sentences(wide.featurizer, SENTENCES)
    with pytest.raises(ValueError, match="expected some wide features, as the model has, found none"):
        wide.model.emissions(BatchTensors.of(assemble(rows, features)))
    with pytest.raises(ValueError, match="expected no wide features, as the model has, found some"):
        plain.model.emissions(BatchTensors.of(assemble(rows, features, wide=wide.featurizer.wide)))


def test_wide_features_add_to_what_the_encoder_says():
    parts = tiny_parts(wide_features=True)
    batch = batch_of(parts, SENTENCES)
    model = parts.model.eval()
    with torch.no_grad():
        vectors = model.word_features(batch.features)
        encoded = model.encoder(vectors[batch.word_index], batch.lengths)
        expected = model.projection(encoded) + present(model.wide)(present(batch.wide))
        torch.testing.assert_close(model.emissions(batch), expected)


def test_double_precision_trains_and_tags():
    parts = tiny_parts("bioes", dropout=0.0, word_dropout=0.0, singleton_dropout=0.0)
    single = Tagger(parts).marginals(SENTENCES)
    parts.model.double()
    batch = training_batch(parts)
    assert parts.model.emissions(batch).dtype == torch.float64
    loss = parts.model.loss(batch)
    loss.backward()
    assert loss.dtype == torch.float64
    for one, other in zip(single, torch_tagger(parts).marginals(SENTENCES), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_autocast_is_for_the_products_of_the_encoder_alone():
    parts = tiny_parts("bioes", char_filters=5)
    model, batch = parts.model.eval(), training_batch(parts)
    exact = model(batch)
    with torch.autocast("cpu", torch.bfloat16):
        rounded = model(batch)
    assert torch.equal(rounded.inputs, exact.inputs)
    assert rounded.encoded.dtype == torch.bfloat16
    assert rounded.emissions.dtype == torch.float32
    assert torch.equal(rounded.emissions, model.score(rounded.encoded.float(), None))
    assert not torch.equal(rounded.encoded.float(), exact.encoded)


def test_gradients_under_autocast_are_those_without_it_nearly_and_in_single_precision():
    parts = tiny_parts("bioes", char_filters=5, dropout=0.5, char_dropout=0.3, wide_features=True)
    model, batch = parts.model.train(), training_batch(parts)
    gradients = []
    for enabled in (False, True):
        torch.manual_seed(4)
        model.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled, cache_enabled=False):
            loss = model.loss(batch)
        loss.backward()
        gradients.append({name: parameter.grad for name, parameter in model.named_parameters()})
    for name, expected in gradients[0].items():
        assert present(gradients[1][name]).dtype == torch.float32
        torch.testing.assert_close(gradients[1][name], expected, atol=0.05, rtol=0.1)


def test_batch_shares_the_memory_of_its_arrays():
    parts = tiny_parts()
    rows, features = encode_sentences(parts.featurizer, SENTENCES)
    batch = assemble(rows, features)
    tensors = BatchTensors.of(batch)
    assert tensors.word_index.data_ptr() == batch.word_index.ctypes.data
    assert tensors.features.characters.data_ptr() == batch.features.characters.ctypes.data
    assert tensors.labels is None
    assert tensors.mask.dtype == torch.bool


def test_batches_without_tokens_have_emissions():
    parts = tiny_parts()
    for sentences in ([], [()], [(), ()]):
        assert parts.model.emissions(batch_of(parts, sentences)).shape == (len(sentences), 0, 5)
