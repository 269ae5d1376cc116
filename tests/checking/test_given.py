import pytest

from tagger.checking.given import GivenPart, find_parts
from tagger.errors import UsageError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def make(*names):
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text("a\tO\nb\tO\n")

    return make


def test_files_are_parts_whose_names_tell_what_they_are_for(folder):
    folder("a/train.conll", "eng.testa", "valid.conll", "my_eval.conll", "x.conll", "test/y.conll")
    roles = {
        part.name: part.role
        for part in find_parts(
            ["a/train.conll", "eng.testa", "valid.conll", "my_eval.conll", "x.conll", "test/y.conll"]
        )
    }
    assert roles == {
        "a/train.conll": "train",
        "eng.testa": "dev",
        "valid.conll": "dev",
        "my_eval.conll": "test",
        "x.conll": None,
        "test/y.conll": "test",
    }


def test_names_before_files_name_parts_and_what_they_are_for(folder):
    folder("a.conll", "b.conll", "test.conll")
    assert find_parts(["train=a.conll", "train=b.conll", "gold=test.conll"]) == [
        GivenPart("train", "train", ("a.conll", "b.conll")),
        GivenPart("gold", "test", ("test.conll",)),
    ]


def test_a_path_that_exists_wins_over_a_name(folder):
    folder("k=1.conll", "1.conll")
    assert find_parts(["k=1.conll"]) == [GivenPart("k=1.conll", None, ("k=1.conll",))]


def test_files_of_a_folder_are_grouped_by_what_they_are_for(folder):
    folder("c/train/a.conll", "c/train/b.conll", "c/test.conll", "c/README.md")
    assert find_parts(["c"]) == [
        GivenPart("c/train", "train", ("c/train/a.conll", "c/train/b.conll"), left_out=("c/README.md",)),
        GivenPart("c/test", "test", ("c/test.conll",)),
    ]
    assert find_parts(["dev=c"]) == [
        GivenPart(
            "dev", "dev", ("c/train/a.conll", "c/train/b.conll", "c/test.conll"), left_out=("c/README.md",)
        )
    ]


def test_a_folder_of_one_format_and_a_saved_dataset_are_read_as_a_whole(folder, tmp_path):
    folder("brat/a.txt", "d/dataset_dict.json")
    (tmp_path / "brat/a.ann").write_text("T1\tLOC 0 1\ta\n")
    assert find_parts(["brat", "d"]) == [
        GivenPart("brat", None, ("brat",)),
        GivenPart("d", None, dataset="d"),
    ]


def test_standard_input_and_ids_of_the_hub_are_known(folder):
    folder("a.conll")
    assert find_parts(["test=-", "conll2003", "owner/name"]) == [
        GivenPart("test", "test", ("-",)),
        GivenPart("conll2003", None, dataset="conll2003"),
        GivenPart("owner/name", None, dataset="owner/name"),
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (["trian.conll"], "trian.conll: no such file or folder; did you mean train.conll?"),
        (["no-folder/train.conll"], "no-folder/train.conll: no such file or folder"),
        (["a/missing.conll"], "a/missing.conll: no such file or folder"),
        (["train.conll", "train.conll"], "expected each file once, found one twice: train.conll"),
        (
            ["train.conll", "x=./train.conll"],
            "expected each file once, found one twice: train.conll and ./train.conll",
        ),
        (["-", "test=-"], "expected each file once, found one twice: -"),
        (["=train.conll"], "expected NAME=DATA, found '=train.conll'"),
        (["empty"], "empty: expected files with annotations, found an empty folder"),
    ],
)
def test_what_is_not_there_or_comes_twice_is_told(folder, tmp_path, data, message):
    folder("train.conll", "a/b.conll")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError) as error:
        find_parts(data)
    assert str(error.value) == message
