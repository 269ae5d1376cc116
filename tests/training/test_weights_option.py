"""Training into a folder with weights in half precision: what is scored is what is stored."""

import json

import numpy as np
import pytest
from tiny_models import SENTENCES

from tagger import Example, Tagger, TaggerConfig
from tagger.errors import UsageError
from tagger.training import RunConfig, Splits, train

EXAMPLES = [
    Example(("Oslo", "is", "cold"), ("B-LOC", "O", "O")),
    Example(("I", "like", "Rome"), ("O", "O", "B-LOC")),
]


def run(tmp_path, **options):
    model = TaggerConfig(word_dim=8, char_dim=4, char_filters=4, affix_dim=2, hash_buckets=20, hidden_dim=8)
    config = RunConfig(output=tmp_path / "run", epochs=1, model=model, progress=False, **options)
    return train(config, splits=Splits(train=EXAMPLES, dev=EXAMPLES))


@pytest.mark.slow
def test_a_run_stores_its_weights_in_half_precision_and_scores_those(tmp_path):
    trained = run(tmp_path, weights="float16")
    loaded = Tagger.load(tmp_path / "run" / "model")
    for name, array in trained.parts.weights.items():
        np.testing.assert_array_equal(array, array.astype(np.float16).astype(np.float32))
        np.testing.assert_array_equal(array, loaded.parts.weights[name])
    for found, expected in zip(loaded.marginals(SENTENCES), trained.marginals(SENTENCES), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-6)
    config = json.loads((tmp_path / "run" / "model" / "config.json").read_text())
    assert config["weights"] == "float16"
    assert " parameters in half precision. " in (tmp_path / "run" / "model" / "README.md").read_text()
    assert "\nweights: float16\n" in (tmp_path / "run" / "recipe.yaml").read_text()


def test_another_precision_of_weights_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError) as error:
        run(tmp_path, weights="half")
    assert str(error.value) == "weights: expected one of float32, float16, found half"
