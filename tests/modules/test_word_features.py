import pytest
import torch
from present import present

from tagger.features.vocabulary import UNK_ID
from tagger.modules.char_cnn import CharCNN
from tagger.modules.word_features import FeatureTensors, WordFeatures
from tagger.modules.word_vectors import PretrainedVectors

COUNTS = [0, 0, 5, 1, 1]  # padding, unknown, a word seen five times, two seen once
FEATURES = FeatureTensors(
    words=torch.tensor([2, 3, 4, 1]),
    characters=torch.tensor([[2, 3], [2, 0], [3, 3], [0, 0]]),
    casings=torch.tensor([0, 1, 7, 2]),
    shapes=torch.tensor([0, 4, 4, 9]),
    affixes=torch.tensor([[0, 10], [9, 19], [3, 10], [3, 11]]),
    vectors=torch.tensor([[1.0, -2.0], [0.0, 0.0], [3.0, 0.5], [0.25, 0.0]]),
)
PARTS = {"word_dim": 3, "casing_dim": 2, "shape_dim": 4, "num_affixes": 2, "affix_dim": 5}


def build(*, chars=True, singleton_dropout=0.0, **parts):
    torch.manual_seed(0)
    return WordFeatures(
        COUNTS,
        singleton_dropout=singleton_dropout,
        char_cnn=CharCNN(4, 3, 6, 3) if chars else None,
        shape_buckets=10,
        affix_buckets=10,
        **{**PARTS, **parts},
    )


def test_parts_stand_side_by_side():
    features = build()
    vectors = features(FEATURES)
    assert vectors.shape == (4, features.output_dim) == (4, 3 + 6 + 2 + 4 + 2 * 5)
    word, chars, casing, shape, first, second = vectors.split([3, 6, 2, 4, 5, 5], dim=1)
    assert torch.equal(word, present(features.word_embedding).weight[FEATURES.words])
    assert torch.equal(chars, features.char_cnn(FEATURES.characters))
    assert torch.equal(casing, features.casing_embedding.weight[FEATURES.casings])
    assert torch.equal(shape, features.shape_embedding.weight[FEATURES.shapes])
    assert torch.equal(first, features.affix_embedding.weight[FEATURES.affixes[:, 0]])
    assert torch.equal(second, features.affix_embedding.weight[FEATURES.affixes[:, 1]])


@pytest.mark.parametrize(
    ("left_out", "width"),
    [
        ({"word_dim": 0}, 22),
        ({"chars": False}, 19),
        ({"casing_dim": 0}, 23),
        ({"shape_dim": 0}, 21),
        ({"affix_dim": 0}, 15),
        ({"num_affixes": 0}, 15),
    ],
)
def test_every_part_can_be_left_out(left_out, width):
    features = build(**left_out)
    assert features(FEATURES).shape == (4, width)
    assert features.output_dim == width


def test_pretrained_vectors_stand_behind_the_word_embedding():
    part = PretrainedVectors(2, num_tuned=len(COUNTS))
    features = build(vectors=part)
    assert features.output_dim == 27
    vectors = features(FEATURES)
    assert torch.equal(vectors[:, 3:5], FEATURES.vectors)
    assert torch.equal(vectors[:, [*range(3), *range(5, 27)]], build()(FEATURES))


def test_a_singleton_read_as_unknown_is_so_by_its_tuned_vector_too():
    part = PretrainedVectors(2, num_tuned=len(COUNTS))
    torch.nn.init.ones_(present(part.changes).weight)
    with torch.no_grad():
        present(part.changes).weight[UNK_ID] = 0
    for word_dim in (0, 3):
        features = build(singleton_dropout=1.0, word_dim=word_dim, vectors=part)
        in_training = features(FEATURES)[:, word_dim : word_dim + 2]
        features.eval()
        outside = features(FEATURES)[:, word_dim : word_dim + 2]
        assert torch.equal(outside, FEATURES.vectors + torch.tensor([1.0, 1.0, 1.0, 0.0])[:, None])
        assert torch.equal(in_training, FEATURES.vectors + torch.tensor([1.0, 0.0, 0.0, 0.0])[:, None])


def test_singletons_are_read_as_unknown_in_training_with_the_given_probability():
    features = build(chars=False, singleton_dropout=0.3, casing_dim=0, shape_dim=0, num_affixes=0)
    often, once, unknown = (present(features.word_embedding).weight[i] for i in (2, 3, UNK_ID))
    many = FEATURES._replace(words=torch.tensor([2, 3] * 2000))
    vectors = features(many).view(2000, 2, 3)
    assert (vectors[:, 0] == often).all()
    replaced = (vectors[:, 1] == unknown).all(dim=1)
    kept = (vectors[:, 1] == once).all(dim=1)
    assert (replaced ^ kept).all()
    assert replaced.float().mean().item() == pytest.approx(0.3, abs=0.05)


def test_singletons_are_kept_outside_of_training():
    features = build(singleton_dropout=1.0)
    in_training = features(FEATURES)
    features.eval()
    outside = features(FEATURES)
    assert torch.equal(outside[:, :3], present(features.word_embedding).weight[FEATURES.words])
    assert torch.equal(in_training[1, :3], present(features.word_embedding).weight[UNK_ID])
    assert torch.equal(in_training[0], outside[0])


def test_only_words_that_occur_once_have_a_rate():
    assert build(singleton_dropout=0.25).unknown_rates.tolist() == [0, 0, 0, 0.25, 0.25]


def test_rows_have_a_length_of_about_one():
    torch.manual_seed(0)
    features = WordFeatures(
        [1] * 2000, word_dim=50, singleton_dropout=0, char_cnn=None, casing_dim=0, shape_dim=0,
        shape_buckets=1, num_affixes=0, affix_dim=0, affix_buckets=1,
    )  # fmt: skip
    lengths = present(features.word_embedding).weight.square().sum(dim=1)
    assert lengths.mean().item() == pytest.approx(1, abs=0.02)
    assert present(features.word_embedding).weight.abs().max() <= (3 / 50) ** 0.5


def test_counts_are_no_part_of_the_saved_weights():
    assert not any("rates" in name for name in build().state_dict())


def test_no_words_give_no_vectors():
    none = FeatureTensors(*(tensor[:0] for tensor in FEATURES))
    assert build()(none).shape == (0, 25)
