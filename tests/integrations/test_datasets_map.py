"""``datasets.map`` with TagBatch: what one process says, in exact types, cached while the model is the same."""

import shutil

import pytest
from integrations.cluster_texts import make_texts, save_model
from tiny_models import tiny_tagger

pyarrow = pytest.importorskip("pyarrow")
datasets = pytest.importorskip("datasets")

from tagger.integrations import TagBatch  # noqa: E402
from tagger.integrations.arrow import output_schema  # noqa: E402


@pytest.fixture
def model(tmp_path):
    return tmp_path / "model", save_model(tmp_path / "model")


@pytest.fixture
def dataset(tmp_path, model):
    """A dataset with cache files, as one that was loaded has them; 1,500 texts without an entity come first."""
    texts = make_texts(model[1], without=1500, others=100)
    datasets.Dataset.from_dict({"id": range(1600), "text": texts}).save_to_disk(tmp_path / "data")
    return datasets.load_from_disk(tmp_path / "data")


def tag_dataset(dataset, model, *, num_proc=None):
    from tagger.integrations import TagBatch

    tag = TagBatch(model)
    table = dataset.with_format("arrow")
    features = datasets.Features.from_arrow_schema(tag.schema(table.data.schema))
    return table.map(tag, batched=True, features=features, num_proc=num_proc).with_format(None)


@pytest.mark.parametrize("num_proc", [None, 2])
@pytest.mark.slow
def test_rows_and_types_are_those_of_one_call(model, dataset, num_proc):
    found = tag_dataset(dataset, model[0], num_proc=num_proc)
    expected = TagBatch(model[0])(pyarrow.table({"id": dataset["id"][:], "text": dataset["text"][:]}))
    table = found.data.table.combine_chunks()
    assert table.cast(expected.schema.remove_metadata()).to_pylist() == expected.to_pylist()
    assert [field.type for field in table.schema][2:] == [field.type for field in output_schema()]
    assert not any(found["entities"][:1500])
    assert any(found["entities"][1500:])


@pytest.mark.slow
def test_it_is_tagged_once_until_the_model_changes(model, dataset):
    folder, _ = model
    first = tag_dataset(dataset, folder)
    again = tag_dataset(dataset, folder)
    assert again._fingerprint == first._fingerprint
    assert again.cache_files == first.cache_files != dataset.cache_files
    shutil.rmtree(folder)
    tiny_tagger(seed=5).save(folder)
    changed = tag_dataset(dataset, folder)
    assert changed._fingerprint != first._fingerprint
    assert changed["labels"][:] != first["labels"][:]


def test_a_stream_is_tagged_as_it_is_read(model, dataset):
    tag = TagBatch(model[0])
    stream = dataset.to_iterable_dataset(num_shards=2).with_format("arrow")
    features = datasets.Features.from_arrow_schema(tag.schema(dataset.data.schema))
    found = list(stream.map(tag, batched=True, batch_size=300, features=features).with_format(None))
    assert found == list(tag_dataset(dataset, model[0]))


def test_plain_rows_are_a_batch_too(model, dataset):
    found = dataset.select(range(1500, 1600)).map(TagBatch(model[0]), batched=True, batch_size=30)
    assert found["entities"][:] == tag_dataset(dataset, model[0])["entities"][1500:]
