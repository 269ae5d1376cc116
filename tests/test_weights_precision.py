"""Weights stored in half precision: half the file, every number as NumPy rounds it, one line where it cannot be."""

import json

import numpy as np
import pytest
import safetensors.numpy
from test_storage import change_config, error_of, forge
from tiny_models import SENTENCES, changed, tiny_parts, tiny_tagger

from tagger import Tagger
from tagger.errors import ModelError, UsageError
from tagger.model_files import to_half, to_single


def test_every_finite_half_becomes_the_single_that_numpy_makes_of_it():
    halves = np.arange(2**16, dtype=np.uint16).view(np.float16)
    finite = halves[np.isfinite(halves)]
    assert len(finite) == 2**16 - 2 * 2**10
    found, expected = to_single(finite), finite.astype(np.float32)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found.view(np.int32), expected.view(np.int32))  # the sign of zero, too
    assert to_single(finite.reshape(2, 4, -1)).shape == (2, 4, len(finite) // 8)
    assert to_single(np.zeros((0, 3), dtype=np.float16)).shape == (0, 3)


def test_a_half_is_the_nearest_there_is():
    (half,) = to_half({"w": np.array([1 + 2**-11, 1 + 3 * 2**-11, 65519, 1e-9], dtype=np.float32)}).values()
    assert half.dtype == np.float16
    assert half.tolist() == [1, 1 + 2**-9, 65504, 0]


@pytest.mark.parametrize(
    "options", [{}, {"vectors": "tuned", "vector_dim": 3}, {"wide_features": True}], ids=str
)
def test_a_folder_in_half_precision_takes_half_the_space_and_loads_into_single(options, tmp_path):
    original = tiny_tagger("bioes", **options)
    original.save(tmp_path / "single")
    original.save(tmp_path / "half", weights="float16")
    sizes = [(tmp_path / name / "model.safetensors").stat().st_size for name in ("single", "half")]
    headers = [header_size(tmp_path / name / "model.safetensors") for name in ("single", "half")]
    assert sizes[0] - headers[0] == 2 * (sizes[1] - headers[1])
    assert "weights" not in json.loads((tmp_path / "single" / "config.json").read_text())
    assert json.loads((tmp_path / "half" / "config.json").read_text())["weights"] == "float16"
    loaded = Tagger.load(tmp_path / "half")
    for name, array in original.parts.weights.items():
        assert loaded.parts.weights[name].dtype == np.float32
        np.testing.assert_array_equal(loaded.parts.weights[name], array.astype(np.float16).astype(np.float32))
    for found, expected in zip(loaded.marginals(SENTENCES), original.marginals(SENTENCES), strict=True):
        np.testing.assert_allclose(found, expected, atol=0.01)


def header_size(path):
    return 8 + int.from_bytes(path.read_bytes()[:8], "little")


def test_a_model_keeps_its_precision_until_told_otherwise(tmp_path):
    tiny_tagger().save(tmp_path / "half", weights="float16")
    Tagger.load(tmp_path / "half").save(tmp_path / "again")
    for path in (tmp_path / "half").iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()
    Tagger.load(tmp_path / "half").save(tmp_path / "single", weights="float32")
    single = Tagger.load(tmp_path / "single")
    assert (single.parts.stored_as, Tagger.load(tmp_path / "again").parts.stored_as) == ("float32", "float16")
    assert single.predict(SENTENCES) == Tagger.load(tmp_path / "half").predict(SENTENCES)
    single.save(tmp_path / "half")
    assert Tagger.load(tmp_path / "half").parts.stored_as == "float32"


def test_a_weight_too_large_for_half_precision_is_named_and_nothing_written(tmp_path):
    def enlarge(model):
        model.projection.bias[1] = -70_000

    large = Tagger(changed(tiny_parts(), enlarge))
    with pytest.raises(ModelError) as error:
        large.save(tmp_path / "model", weights="float16")
    assert str(error.value) == (
        f"{tmp_path / 'model'}: the model is not written: expected weights up to ±65,504, the largest number of "
        f"float16, found -70,000 in 'projection.bias'. Store them as float32."
    )
    assert list(tmp_path.iterdir()) == []
    large.save(tmp_path / "model")
    assert Tagger.load(tmp_path / "model").parts.weights["projection.bias"][1] == -70_000


def test_another_precision_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError) as error:
        tiny_tagger().save(tmp_path / "model", weights="bfloat16")
    assert str(error.value) == "weights: expected float32 or float16, found 'bfloat16'"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("weights", ["int8", 16, None, ["float16"]])
def test_a_folder_with_weights_of_another_kind_is_refused(weights, tmp_path):
    tiny_tagger().save(tmp_path / "model")
    change_config(tmp_path / "model", weights=weights)
    assert error_of(Tagger.load, tmp_path / "model") == (
        f"{tmp_path / 'model' / 'config.json'}: weights: expected float32 or float16, found {weights!r}"
    )


@pytest.mark.parametrize(("stored", "said"), [("float16", "float32"), ("float32", "float16")])
def test_weights_that_are_not_as_the_configuration_says_are_refused(stored, said, tmp_path):
    tiny_tagger().save(tmp_path / "model", weights=stored)
    change_config(tmp_path / "model", weights=said)
    kinds = {"float32": "F32", "float16": "F16"}
    message = error_of(Tagger.load, tmp_path / "model")
    assert message.startswith(f"{tmp_path / 'model' / 'model.safetensors'}: tensor ")
    assert message.endswith(f": expected the type {kinds[said]}, found {kinds[stored]}")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_halves_that_are_no_numbers_are_refused(value, tmp_path):
    tiny_tagger().save(tmp_path / "model", weights="float16")
    path = tmp_path / "model" / "model.safetensors"
    arrays = safetensors.numpy.load(path.read_bytes())
    arrays["projection.bias"][0] = value
    forge(tmp_path / "model", "model.safetensors", safetensors.numpy.save(arrays))
    assert error_of(Tagger.load, tmp_path / "model") == (
        f"{path}: tensor 'projection.bias': expected finite numbers, found NaN or infinity"
    )


@pytest.mark.parametrize("name", ["thresholds", "temperature", "members"])
def test_a_section_of_a_newer_version_is_named(name, tmp_path):
    tiny_tagger().save(tmp_path / "model")
    change_config(tmp_path / "model", **{name: {"B-PER": 0.7}})
    assert error_of(Tagger.load, tmp_path / "model") == (
        f"{tmp_path / 'model' / 'config.json'}: this model has a section {name!r} that this version does not know. "
        f"Use a newer version."
    )
