"""Every file read as it says itself: its own class labels, its own text."""

import bz2
import gzip
import json
import lzma
import zipfile

import pyarrow
import pyarrow.parquet
import pytest
from datasets import ClassLabel, Dataset, DatasetDict, Features, List, Value

from tagger.errors import DataError, FormatError, UsageError
from tagger.sources import load_splits

TOKENS = List(Value("string"))
FORWARD, BACKWARD, LONGER = ["O", "B-PER"], ["B-PER", "O"], ["B-LOC", "O", "B-PER"]


def table(names, labels=("B-PER", "O")):
    """Ann left, as labels that are numbered by the names; as strings if there are none."""
    feature = ClassLabel(names=names) if names else Value("string")
    features = Features({"tokens": TOKENS, "ner_tags": List(feature)})
    return Dataset.from_dict({"tokens": [["Ann", "left"]], "ner_tags": [list(labels)]}, features=features)


def write_parquet(path, *arguments):
    path.parent.mkdir(parents=True, exist_ok=True)
    table(*arguments).to_parquet(path)


def write_arrow(path, *arguments):
    data = table(*arguments).data.table
    with pyarrow.OSFile(str(path), "wb") as file, pyarrow.ipc.new_file(file, data.schema) as writer:
        writer.write_table(data)


def write_json(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def labels(splits):
    return {role: [example.labels for example in examples] for role, examples in splits.items()}


# --- class labels ---


@pytest.mark.parametrize(("write", "suffix"), [(write_parquet, ".parquet"), (write_arrow, ".arrow")])
@pytest.mark.parametrize("other", [BACKWARD, LONGER, None], ids=["swapped", "longer", "strings"])
@pytest.mark.parametrize("is_first", [False, True])
def test_labels_go_by_the_names_of_their_own_file(tmp_path, write, suffix, other, is_first):
    lists = (other, FORWARD) if is_first else (FORWARD, other)
    for split, names in zip(("train", "test"), lists, strict=True):
        write(tmp_path / f"{split}{suffix}", names)
    splits = load_splits(str(tmp_path))
    assert labels(splits) == {"train": [("B-PER", "O")], "test": [("B-PER", "O")]}
    files = {"train": f"train{suffix}", "test": f"test{suffix}"}
    assert labels(load_splits(str(tmp_path), data_files=files)) == labels(splits)


def test_shards_of_one_split_go_by_their_own_names(tmp_path):
    for shard, names in enumerate((FORWARD, BACKWARD, LONGER)):
        write_parquet(tmp_path / f"train-0000{shard}-of-00003.parquet", names)
    splits = load_splits(str(tmp_path))
    assert labels(splits) == {"train": [("B-PER", "O")] * 3}
    assert [example.origin for example in splits["train"]] == [f"{tmp_path}[train]:{row}" for row in range(3)]
    assert splits.identity.label_names == ("O", "B-PER", "B-LOC")


def test_saved_datasets_go_by_the_names_of_their_splits(tmp_path):
    DatasetDict(train=table(FORWARD), test=table(BACKWARD)).save_to_disk(tmp_path / "saved")
    assert labels(load_splits(str(tmp_path / "saved"))) == {
        "train": [("B-PER", "O")],
        "test": [("B-PER", "O")],
    }


def test_integers_are_not_read_by_the_names_of_another_file(tmp_path):
    write_parquet(tmp_path / "train.parquet", FORWARD)
    bare = pyarrow.table({"tokens": [["Ann", "left"]], "ner_tags": [[0, 1]]})
    pyarrow.parquet.write_table(bare, tmp_path / "test.parquet")
    with pytest.raises(DataError) as raised:
        load_splits(str(tmp_path))
    assert str(raised.value) == (
        f"{tmp_path}[test]: column 'ner_tags' holds integers without names. Give the names in their order, "
        "as in label_names=['O', 'B-PER']"
    )
    splits = load_splits(str(tmp_path), label_names=["B-PER", "O"])
    assert labels(splits) == {"train": [("B-PER", "O")], "test": [("B-PER", "O")]}


def test_names_for_labels_that_have_names_are_a_usage_error(tmp_path):
    write_parquet(tmp_path / "train.parquet", FORWARD)
    with pytest.raises(UsageError) as raised:
        load_splits(str(tmp_path), label_names=["B-PER", "O"])
    assert str(raised.value) == (
        f"{tmp_path}: label_names has no effect, column 'ner_tags' (list of class labels) has names of its own"
    )


@pytest.mark.parametrize(
    ("metadata", "problem"),
    [
        ("{no json", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ('{"info": {"features": {"tokens": {"_type": "Later"}}}}', "Feature type 'Later' not found"),
    ],
)
def test_column_types_that_cannot_be_read_are_an_error_that_names_the_file(tmp_path, metadata, problem):
    bare = pyarrow.table({"tokens": [["Ann"]], "ner_tags": [["O"]]})
    pyarrow.parquet.write_table(
        bare.replace_schema_metadata({"huggingface": metadata}), tmp_path / "train.parquet"
    )
    with pytest.raises(DataError) as raised:
        load_splits(str(tmp_path))
    where = f"{tmp_path}/train.parquet: the column types in its metadata: cannot be read: "
    assert str(raised.value).startswith(where + problem)


README = """---
dataset_info:
  features:
  - name: tokens
    sequence: string
  - name: ner_tags
    sequence:
      class_label:
        names:
          '0': O
          '1': B-PER
---
"""


def test_names_that_a_readme_declares_are_those_of_bare_integers(tmp_path):
    (tmp_path / "README.md").write_text(README)
    write_json(tmp_path / "train.jsonl", {"tokens": ["Ann", "left"], "ner_tags": [1, 0]})
    assert labels(load_splits(str(tmp_path))) == {"train": [("B-PER", "O")]}


def test_a_readme_that_contradicts_a_file_is_an_error_that_shows_both_lists(tmp_path):
    (tmp_path / "README.md").write_text(README)
    write_parquet(tmp_path / "train.parquet", BACKWARD)
    with pytest.raises(DataError) as raised:
        load_splits(str(tmp_path))
    assert str(raised.value) == (
        f"{tmp_path}[train]: the labels of column 'ner_tags' are [B-PER, O] in {tmp_path}/train.parquet, but "
        "[O, B-PER] in the README of the dataset. To read each file by its own names, name the files with data_files"
    )
    assert labels(load_splits(str(tmp_path), data_files="train.parquet")) == {"train": [("B-PER", "O")]}


# --- text ---


@pytest.mark.parametrize(
    "tokens",
    [
        ["2021-03-01", "2021-03-02"],
        ["2021-03-01T10:00:00", "2021-03-01 10:00:00Z"],
        ["NA", "null"],
        ["None", "nan"],
        ["1.0", "007"],
        ["true", "False"],
        ["1e5", "-0"],
        ["12:30", "1_000"],
        ['{"a": 1}', "[1]"],
    ],
)
@pytest.mark.parametrize("name", ["train.json", "train.jsonl", "train.ndjson"])
def test_json_text_stays_as_it_is_written(tmp_path, tokens, name):
    row = {"tokens": tokens, "ner_tags": ["O", "O"], "doc": tokens[0]}
    write_json(tmp_path / name, row)
    (example,) = load_splits(str(tmp_path), document_column="doc")["train"]
    assert (example.tokens, example.document) == (tuple(tokens), tokens[0])
    (tmp_path / name).write_text(json.dumps([row], indent=1))
    (example,) = load_splits(str(tmp_path / name))["train"]
    assert example.tokens == tuple(tokens)


def test_dates_in_one_split_alone_stay_as_they_are_written(tmp_path):
    write_json(tmp_path / "train.jsonl", {"tokens": ["Ann", "left"], "ner_tags": ["B-PER", "O"]})
    write_json(tmp_path / "test.jsonl", {"tokens": ["2021-03-01"], "ner_tags": ["O"]})
    splits = load_splits(str(tmp_path))
    assert splits["test"][0].tokens == ("2021-03-01",)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ([1, 2], "list of integers"),
        (["Ann", 2], "list of integers and strings"),
        ([1.5], "list of numbers"),
        ([True], "list of truth values"),
        ("Ann left", "string"),
        (None, "nothing"),
    ],
)
def test_json_that_is_no_list_of_strings_is_no_tokens(tmp_path, value, kind):
    write_json(tmp_path / "train.jsonl", {"tokens": value, "ner_tags": ["O", "O"]})
    with pytest.raises(UsageError) as raised:
        load_splits(str(tmp_path), token_column="tokens")
    assert str(raised.value) == (
        f"{tmp_path}[train]: token_column='tokens': expected list of strings, found {kind}"
    )


def test_a_row_that_differs_in_kind_is_named(tmp_path):
    rows = [{"tokens": ["Ann"], "ner_tags": ["O"]}, {"tokens": [7], "ner_tags": ["O"]}]
    write_json(tmp_path / "train.jsonl", *rows)
    with pytest.raises(UsageError, match=r"found list of strings, in row 1 list of integers"):
        load_splits(str(tmp_path), token_column="tokens")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('{"tokens": ["a"], "tokens": ["b"]}', "the key 'tokens' comes twice"),
        ('{"tokens": ["\\ud800"], "tags": ["O"]}', "surrogates not allowed"),
        ("[1, 2]", "item 0: expected a JSON object, found '1'"),
        ("7", "train.json:1: expected a JSON object, found '7'"),
        ("[" * 100_000, "recursion"),
    ],
)
def test_json_that_would_lose_something_is_an_error(tmp_path, content, problem):
    (tmp_path / "train.json").write_text(content)
    with pytest.raises(FormatError, match=problem):
        load_splits(str(tmp_path))


# --- CSV ---

KAGGLE = "Sentence #,Word,POS,Tag\nSentence: 1,NA,NNP,B-org\n,said,VBD,O\nSentence: 2,1.0,CD,O\n"


@pytest.mark.parametrize(
    ("name", "delimiter"), [("train.csv", ","), ("train.csv", ";"), ("train.tsv", "\t"), ("train.csv", "\t")]
)
def test_csv_files_of_a_folder_and_alone(tmp_path, name, delimiter):
    (tmp_path / name).write_text(KAGGLE.replace(",", delimiter))
    for dataset in (tmp_path, tmp_path / name):
        splits = load_splits(str(dataset), label_column="Tag")
        assert [(example.tokens, example.labels) for example in splits["train"]] == [
            (("NA", "said"), ("B-org", "O")),
            (("1.0",), ("O",)),
        ]
        assert (splits.identity.token_column, splits.identity.label_column) == ("Word", "Tag")


@pytest.mark.parametrize(
    ("row", "names"),
    [
        ("\"['EU', 'rejects']\",\"['B-ORG', 'O']\"", None),
        ("\"['EU' 'rejects']\",[1 0]", ["O", "B-ORG"]),
        ('"[""EU"", ""rejects""]","[1, 0]"', {"O": 0, "B-ORG": 1}),
        ("EU rejects,1 0", ["O", "B-ORG"]),
    ],
)
def test_lists_in_csv_cells_and_names_for_integers(tmp_path, row, names):
    (tmp_path / "train.csv").write_text(f"tokens,ner_tags\n{row}\n")
    splits = load_splits(str(tmp_path), label_names=names)
    assert [(example.tokens, example.labels) for example in splits["train"]] == [
        (("EU", "rejects"), ("B-ORG", "O"))
    ]


def test_integers_in_csv_cells_without_names(tmp_path):
    (tmp_path / "label.json").write_text('["O", "B-ORG"]')
    (tmp_path / "train.csv").write_text("tokens,ner_tags\n\"['EU']\",[1]\n")
    with pytest.raises(DataError) as raised:
        load_splits(str(tmp_path))
    assert str(raised.value) == (
        f"{tmp_path}[train]:0: column 'ner_tags' holds integers without names. Give the names in their order, "
        "as in label_names=['O', 'B-PER'], or label_names='label.json'"
    )
    assert labels(load_splits(str(tmp_path), label_names="label.json")) == {"train": [("B-ORG",)]}


def test_csv_and_json_files_of_one_dataset(tmp_path):
    (tmp_path / "a.csv").write_text("sentence,word,tag\n1,EU,B-ORG\n")
    write_json(tmp_path / "b.jsonl", {"word": ["EU"], "tag": ["B-ORG"]})
    splits = load_splits(str(tmp_path), data_files={"train": ["a.csv", "b.jsonl"], "test": "b.jsonl"})
    assert labels(splits) == {"train": [("B-ORG",), ("B-ORG",)], "test": [("B-ORG",)]}


# --- white space ---


@pytest.mark.parametrize("kind", ["strings", "class labels", "json"])
def test_labels_are_stripped_and_tokens_kept_and_counted(tmp_path, caplog, kind):
    rows = {"tokens": [["Oslo ", " in", "x"]], "ner_tags": [["B-LOC ", "\u00a0O", "O"]]}
    if kind == "json":
        write_json(tmp_path / "train.jsonl", {name: values[0] for name, values in rows.items()})
    else:
        names = ClassLabel(names=["B-LOC ", "\u00a0O", "O"]) if kind == "class labels" else Value("string")
        features = Features({"tokens": TOKENS, "ner_tags": List(names)})
        Dataset.from_dict(rows, features=features).to_parquet(tmp_path / "train.parquet")
    splits = load_splits(str(tmp_path))
    (example,) = splits["train"]
    assert (example.tokens, example.labels) == (("Oslo ", " in", "x"), ("B-LOC", "O", "O"))
    assert splits.identity.label_names == (("B-LOC", "O") if kind == "class labels" else ())
    assert caplog.messages == [
        f"{tmp_path}[train]: tokens with blanks around them, which are kept as they are: 2, the first "
        f"'Oslo ', token 1 of the sentence at {tmp_path}[train]:0"
    ]


@pytest.mark.parametrize("token", ["", " ", "\t"])
def test_a_token_of_nothing_but_white_space_is_an_error(tmp_path, token):
    write_json(tmp_path / "train.jsonl", {"tokens": ["Ann", token], "ner_tags": ["O", "O"]})
    with pytest.raises(FormatError) as raised:
        load_splits(str(tmp_path))
    assert str(raised.value) == f"{tmp_path}[train]:0: token 1 is {token!r}, expected more than white space"


def test_a_label_of_nothing_but_white_space_is_an_error(tmp_path):
    write_json(tmp_path / "train.jsonl", {"tokens": ["Ann"], "ner_tags": [" "]})
    with pytest.raises(DataError, match=r"token 0 in column 'ner_tags': expected a label, found ' '"):
        load_splits(str(tmp_path))


# --- files ---


ROW = json.dumps({"tokens": ["Ann"], "ner_tags": ["O"]}).encode()


@pytest.mark.parametrize(
    ("suffix", "pack"), [(".gz", gzip.compress), (".xz", lzma.compress), (".bz2", bz2.compress)]
)
def test_packed_files_are_read(tmp_path, suffix, pack):
    (tmp_path / f"train.jsonl{suffix}").write_bytes(pack(ROW))
    assert labels(load_splits(str(tmp_path))) == {"train": [("O",)]}
    assert labels(load_splits(str(tmp_path), data_files=f"train.jsonl{suffix}")) == {"train": [("O",)]}


def test_archives_are_read_member_by_member(tmp_path):
    with zipfile.ZipFile(tmp_path / "train.zip", "w") as archive:
        archive.writestr("b.jsonl", ROW)
        archive.writestr("a/c.csv", "sentence,tokens,ner_tags\n1,2021-03-01,B-DATE\n")
        archive.writestr("README.txt", "no rows")
    splits = load_splits(str(tmp_path), data_files="train.zip")
    assert [(example.tokens, example.labels) for example in splits["train"]] == [
        (("2021-03-01",), ("B-DATE",)),
        (("Ann",), ("O",)),
    ]


def test_a_damaged_packed_file_is_an_error_that_names_it(tmp_path):
    (tmp_path / "train.jsonl.gz").write_bytes(gzip.compress(ROW)[:-9])
    with pytest.raises(DataError, match=r"train\.jsonl\.gz: cannot be unpacked: "):
        load_splits(str(tmp_path))
    (tmp_path / "train.jsonl.gz").write_bytes(ROW)
    with pytest.raises(
        DataError, match=r"train\.jsonl\.gz: cannot be unpacked: its content does not match its name"
    ):
        load_splits(str(tmp_path))


def test_a_file_of_another_kind_is_an_error_that_lists_those_that_are_read(tmp_path):
    (tmp_path / "train.conll").write_text("Ann O\n")
    with pytest.raises(
        DataError, match=r"train\.conll: expected a file that ends in \.parquet, \.arrow, \.json"
    ):
        load_splits(str(tmp_path), data_files="train.conll")


@pytest.mark.parametrize("dataset", ["json", "."])
def test_an_address_among_the_data_files_is_an_error_that_prints_the_working_call(dataset):
    files = {
        "train": "hf://datasets/tner/wnut2017/dataset/train.json",
        "dev": "hf://datasets/tner/wnut2017/dev.json",
    }
    with pytest.raises(UsageError) as raised:
        load_splits(dataset, data_files=files)
    assert str(raised.value) == (
        "data_files are names of files inside the dataset, found the address "
        "'hf://datasets/tner/wnut2017/dataset/train.json': load_splits('tner/wnut2017', "
        "data_files={'train': ['dataset/train.json'], 'dev': ['dev.json']})"
    )
    with pytest.raises(UsageError, match=r"found the address 'https://x\.org/a\.json': download it"):
        load_splits(dataset, data_files="https://x.org/a.json")


def test_names_of_labels_that_are_misspelt_are_pointed_out(tmp_path):
    write_json(tmp_path / "train.jsonl", {"tokens": ["Ann"], "ner_tags": [0]})
    (tmp_path / "meta").mkdir()
    (tmp_path / "meta" / "label.json").write_text('["O"]')
    with pytest.raises(DataError) as raised:
        load_splits(str(tmp_path), label_names="label.json")
    assert str(raised.value) == (
        f"label.json: no such file, neither here nor in {tmp_path}. Is it label_names='meta/label.json'?"
    )
