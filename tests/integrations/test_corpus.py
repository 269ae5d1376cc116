"""A corpus in shares: all rows, once and in order, however it is cut; in types that do not depend on the cut."""

import json
import random

import pytest
from tiny_models import tiny_tagger

from tagger.errors import DataError, UsageError

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

from tagger.integrations.corpus import (  # noqa: E402
    cut_file,
    find_files,
    kind_of_files,
    read_share,
    schema_of,
    tag_share,
)
from tagger.integrations.tag_batch import TagBatch  # noqa: E402


def read_all(files, kind, *, size, batch_rows=7, of_tokens=False):
    options = {"size": size, "column": "text", "of_tokens": of_tokens}
    shares = [share for file in files for share in cut_file(str(file), kind, **options)]
    schema = schema_of(shares)
    tables = [
        table for share in shares for table in read_share(share, schema, batch_rows=batch_rows, column="text")
    ]
    return shares, pyarrow.concat_tables(tables)


@pytest.mark.parametrize("size", [1, 5, 40, 10_000])
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_every_line_is_a_row_with_its_place(tmp_path, size, end):
    lines = ["Anna", "", " in  Rome ", "été 𝒳 \u2028 \x0b|", "", "", "New York"]
    path = tmp_path / "a.txt"
    path.write_bytes(("\ufeff" + (end or "\n").join(lines) + end).encode())
    shares, table = read_all([path], "lines", size=size)
    assert table["text"].to_pylist() == lines
    assert table["line"].to_pylist() == [1, 2, 3, 4, 5, 6, 7]
    assert set(table["file"].to_pylist()) == {str(path)}
    assert (len(shares) == 1) == (size == 10_000 or (size == 40 and end != "\r\n"))
    assert [share.end for share in shares[:-1]] == [share.start for share in shares[1:]]


def test_empty_files_have_no_rows_and_all_columns(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"")
    _, table = read_all([path], "lines", size=10)
    assert (table.num_rows, table.column_names) == (0, ["text", "file", "line"])
    parquet.write_table(
        pyarrow.table({"text": pyarrow.array([], pyarrow.large_string())}), tmp_path / "a.parquet"
    )
    _, table = read_all([tmp_path / "a.parquet"], "parquet", size=10)
    assert (table.num_rows, table.schema.field("text").type) == (0, pyarrow.large_string())


@pytest.mark.parametrize("size", [1, 3, 10, 1000])
def test_rows_of_parquet_come_once_across_row_groups(tmp_path, size):
    table = pyarrow.table(
        {"text": [str(number) for number in range(50)], "n": pyarrow.array(range(50), pyarrow.int16()),
         "tags": [["a"], [], None, ["b", "c"], []] * 10}
    )  # fmt: skip
    parquet.write_table(table, tmp_path / "a.parquet", row_group_size=8)
    parquet.write_table(table.slice(0, 0), tmp_path / "b.parquet")
    parquet.write_table(table.slice(3, 9), tmp_path / "c.parquet", row_group_size=4)
    files = [tmp_path / name for name in ("a.parquet", "b.parquet", "c.parquet")]
    _, found = read_all(files, "parquet", size=size)
    assert found.equals(pyarrow.concat_tables([table, table.slice(3, 9)]))


def test_random_cuts_of_random_parquet_files_keep_all_rows(tmp_path):
    chance = random.Random(3)
    for _ in range(30):
        num_rows = chance.randint(0, 40)
        table = pyarrow.table({"n": pyarrow.array(range(num_rows), pyarrow.int64())})
        parquet.write_table(table, tmp_path / "a.parquet", row_group_size=chance.randint(1, 12))
        _, found = read_all(
            [tmp_path / "a.parquet"], "parquet", size=chance.randint(1, 15), batch_rows=chance.randint(1, 9)
        )
        assert found["n"].to_pylist() == list(range(num_rows))


def test_parquet_files_with_other_columns_are_refused(tmp_path):
    parquet.write_table(pyarrow.table({"text": ["a"]}), tmp_path / "a.parquet")
    parquet.write_table(pyarrow.table({"text": [1]}), tmp_path / "b.parquet")
    with pytest.raises(DataError, match=r"b\.parquet: expected the columns of .*a\.parquet, found others"):
        read_all([tmp_path / "a.parquet", tmp_path / "b.parquet"], "parquet", size=9)


def test_two_columns_of_one_name_are_refused(tmp_path):
    parquet.write_table(pyarrow.table([["a"], [1], [2]], names=["text", "x", "x"]), tmp_path / "a.parquet")
    with pytest.raises(DataError, match=r"a\.parquet: expected each column once, found several called 'x'"):
        read_all([tmp_path / "a.parquet"], "parquet", size=9)


def test_files_that_number_their_labels_differently_are_refused(tmp_path):
    for file, names in (("a", ["O", "B-PER"]), ("b", ["B-PER", "O"]), ("c", ["O", "B-PER"])):
        features = json.dumps({"info": {"features": {"tag": {"names": names, "_type": "ClassLabel"}}}})
        table = pyarrow.table({"text": [file], "tag": [1]}).replace_schema_metadata({"huggingface": features})
        parquet.write_table(table, tmp_path / f"{file}.parquet")
    _, found = read_all([tmp_path / "a.parquet", tmp_path / "c.parquet"], "parquet", size=9)
    assert found["tag"].to_pylist() == [1, 1]
    with pytest.raises(DataError, match=r"b\.parquet: expected the features of .*a\.parquet in its metadata"):
        read_all([tmp_path / "a.parquet", tmp_path / "b.parquet"], "parquet", size=9)


@pytest.mark.parametrize("size", [1, 10_000])
def test_types_of_jsonl_are_those_of_all_rows_and_mixed_ones_json(tmp_path, size):
    rows = [
        {"text": "a", "n": 1, "mixed": "x", "tags": [], "when": "2024-01-01"},
        {"text": None, "n": 2.5, "mixed": 3, "tags": ["b"], "late": True},
        {"text": "c", "mixed": {"k": ["é"]}, "big": 2**70},
    ]
    path = tmp_path / "a.jsonl"
    path.write_text("\n\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    _, table = read_all([path], "jsonl", size=size)
    assert table.to_pydict() == {
        "text": ["a", None, "c"],
        "n": [1.0, 2.5, None],
        "mixed": ["x", "3", '{"k": ["é"]}'],
        "tags": [[], ["b"], None],
        "when": ["2024-01-01", None, None],
        "late": [None, True, None],
        "big": [None, None, str(2**70)],
    }
    assert table.schema.field("when").type == pyarrow.string()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{", "a.jsonl:3: "),
        (b"[1]", "a.jsonl:3: expected a JSON object, found "),
        (b'{"text": "\xff"}', "a.jsonl:3: expected UTF-8, found the byte 0xff"),
        (b'{"text": "a\\ud800"}', "a.jsonl:3: .*surrogate"),
        (b'{"text": 3}', "a.jsonl:3: expected a text in 'text', found '3'"),
        (
            b'{"id": 1, "Text": "a"}',
            "a.jsonl:3: expected a key 'text', found 'id, Text'; null if there is none",
        ),
        (b"{}", "a.jsonl:3: expected a key 'text', found none; null if there is none"),
        (b'{"a": 1, "a": 2}', "a.jsonl:3: expected every key once, found several of 'a'"),
    ],
)
@pytest.mark.parametrize("size", [1, 1000])
def test_bad_lines_of_jsonl_are_named(tmp_path, line, message, size):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "a"}\n\n' + line + b"\n")
    with pytest.raises(DataError, match=message):
        read_all([path], "jsonl", size=size)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "b"}', "a.jsonl:3: expected tokens, a list of strings, in 'text', found '\"b\"'"),
        ('{"text": ["a", 3]}', "a.jsonl:3: expected tokens, a list of strings, in 'text', found '.*3"),
        ('{"text": ["a", null]}', "a.jsonl:3: expected tokens, a list of strings, in 'text', found '.*null"),
    ],
)
@pytest.mark.parametrize("size", [1, 1000])
def test_lines_whose_tokens_are_none_are_named(tmp_path, line, message, size):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": ["a"]}\n{"text": null}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_all([path], "jsonl", size=size, of_tokens=True)


def test_files_of_folders_come_by_name_without_hidden_ones(tmp_path):
    for name in ("b.txt", "a/z.txt", "a/_SUCCESS", ".c.txt", "_temporary/d.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert find_files([tmp_path, tmp_path / "b.txt"]) == [
        str(tmp_path / name) for name in ("a/z.txt", "b.txt", "b.txt")
    ]
    with pytest.raises(DataError, match="none: no such file or folder"):
        find_files([tmp_path / "none"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="empty: expected a folder with files, found none"):
        find_files([tmp_path / "empty"])


def test_kinds_are_told_by_names():
    assert kind_of_files(["a.txt", "b.TXT"]) == "lines"
    assert kind_of_files(["a.ndjson", "b.jsonl"]) == "jsonl"
    assert kind_of_files(["a.parquet"]) == "parquet"
    with pytest.raises(UsageError, match=r"a\.csv: expected a name that ends in \.parquet, .*kind="):
        kind_of_files(["a.csv"])
    with pytest.raises(UsageError, match=r"expected files of one kind, found a\.txt and b\.jsonl"):
        kind_of_files(["a.txt", "b.jsonl"])


def test_packed_lines_and_files_that_are_no_parquet_are_refused(tmp_path):
    (tmp_path / "a.txt.gz").write_bytes(b"x")
    with pytest.raises(
        DataError, match=r"a\.txt\.gz: expected an uncompressed file, found a compressed one; decompress it"
    ):
        cut_file(str(tmp_path / "a.txt.gz"), "lines", size=9, column="text")
    (tmp_path / "a.parquet").write_bytes(b"x" * 100)
    with pytest.raises(DataError, match=r"a\.parquet: cannot be read: "):
        cut_file(str(tmp_path / "a.parquet"), "parquet", size=9, column="text")


def test_a_file_that_changes_meanwhile_is_refused(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"a\nb\nc\n")
    (share,) = cut_file(str(path), "lines", size=99, column="text")
    path.write_bytes(b"a\n")
    with pytest.raises(DataError, match=r"a\.txt: has changed meanwhile"):
        list(read_share(share, schema_of([share]), batch_rows=2, column="text"))


def test_a_share_becomes_a_file_or_nothing(tmp_path):
    tiny_tagger().save(tmp_path / "model")
    tag = TagBatch(tmp_path / "model")
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "Anna met Bo"}\n{"text": "Rome"}\n', encoding="utf-8")
    shares = cut_file(str(path), "jsonl", size=1, column="text")
    schema = schema_of(shares)
    out = tmp_path / "out"
    out.mkdir()
    assert tag_share(shares[0], tag, schema, out / "0.parquet", batch_rows=9) == 1
    assert parquet.read_table(out / "0.parquet").equals(tag(pyarrow.table({"text": ["Anna met Bo"]})))
    path.write_text('{"text": "Anna met Bo"}\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"a\.jsonl: has changed meanwhile"):
        tag_share(shares[1], tag, schema, out / "1.parquet", batch_rows=9)
    assert [file.name for file in out.iterdir()] == ["0.parquet"]


def test_a_row_of_parquet_that_cannot_be_tagged_is_named_by_its_number_in_the_file(tmp_path):
    tiny_tagger().save(tmp_path / "model")
    tag = TagBatch(tmp_path / "model", token_column="words")
    table = pyarrow.table({"words": [["a"]] * 10 + [["a", None]] + [["b"]] * 9})
    parquet.write_table(table, tmp_path / "a.parquet", row_group_size=3)
    shares = cut_file(str(tmp_path / "a.parquet"), "parquet", size=7, column="words", of_tokens=True)
    (tmp_path / "out").mkdir()
    with pytest.raises(DataError, match=r"a\.parquet: row 11: expected tokens as strings in 'words'"):
        tag_share(shares[1], tag, schema_of(shares), tmp_path / "out" / "1.parquet", batch_rows=2)
    assert list((tmp_path / "out").iterdir()) == []


def test_pages_of_parquet_that_cannot_be_read_are_of_a_file(tmp_path):
    tiny_tagger().save(tmp_path / "model")
    path = tmp_path / "a.parquet"
    parquet.write_table(
        pyarrow.table({"text": ["Anna"] * 1000}), path, compression="zstd", use_dictionary=False
    )
    shares = cut_file(str(path), "parquet", size=1000, column="text")
    content = bytearray(path.read_bytes())
    content[4:60] = bytes(56)
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"(?s)a\.parquet: cannot be read: .*page header failed"):
        tag_share(shares[0], TagBatch(tmp_path / "model"), schema_of(shares), tmp_path / "o", batch_rows=99)
