"""Spark's ``mapInArrow`` with TagBatch: what one process says. Needs Java; ``scripts/test_spark`` brings pyspark."""

import shutil
import sys

import pytest
from integrations.cluster_texts import make_texts, save_model

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")
pytest.importorskip("pyspark", reason="needs pyspark: run scripts/test_spark")
if shutil.which("java") is None:
    pytest.skip("needs Java", allow_module_level=True)

from tagger.integrations import TagBatch  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")  # those of pyspark


@pytest.fixture(scope="module")
def spark():
    from pyspark.sql import SparkSession

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)  # the workers' too, which are others by default
        builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
        builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.log.level", "OFF")
        session = builder.config("spark.sql.execution.arrow.maxRecordsPerBatch", "150").getOrCreate()
        yield session
        session.stop()


def tag_frame(frame, tag):
    from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

    schema = from_arrow_schema(tag.schema(to_arrow_schema(frame.schema)))
    return frame.mapInArrow(lambda batches: map(tag, batches), schema)


@pytest.mark.parametrize("probabilities", [False, True])
def test_rows_are_those_of_one_process(spark, tmp_path, probabilities):
    tagger = save_model(tmp_path / "model")
    texts = [None, *make_texts(tagger, without=1500, others=300)]
    table = pyarrow.table({"id": pyarrow.array(range(len(texts)), pyarrow.int32()), "text": texts})
    parquet.write_table(table, tmp_path / "texts.parquet")
    tag = TagBatch(tmp_path / "model", probabilities=probabilities)
    frame = spark.read.parquet(str(tmp_path / "texts.parquet")).repartition(4)
    tag_frame(frame, tag).write.parquet(str(tmp_path / "tagged"))
    found = parquet.read_table(tmp_path / "tagged").sort_by("id")
    expected = tag(table)
    assert found.column_names == expected.column_names
    for name in ("id", "text", "tokens", "labels", "sentences"):
        assert found[name].to_pylist() == expected[name].to_pylist()
    assert not any(found["entities"].to_pylist()[1:1501])
    assert sum(len(entities or ()) for entities in found["entities"].to_pylist()) > 100
    for name in ("spans", "entities"):
        for rows in zip(found[name].to_pylist(), expected[name].to_pylist(), strict=True):
            for one, other in zip(*(row or () for row in rows), strict=True):
                chances = one.pop("probability"), other.pop("probability")
                assert one == other
                assert chances[0] == (pytest.approx(chances[1], abs=1e-5) if probabilities else None)


def test_columns_keep_their_names_wherever_the_texts_stand(spark, tmp_path):
    save_model(tmp_path / "model")
    frame = spark.createDataFrame([("Anna met Bo", 2.5, 7)], "body string, share double, n int")
    (row,) = tag_frame(frame, TagBatch(tmp_path / "model", text_column="body", prefix="ner_")).collect()
    assert (row["body"], row["share"], row["n"]) == ("Anna met Bo", 2.5, 7)
    assert row["ner_tokens"] == ["Anna", "met", "Bo"]
    assert row["ner_sentences"][0]["end"] == 3
