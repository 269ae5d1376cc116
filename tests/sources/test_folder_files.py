import pytest

from tagger.sources.folder_files import is_saved_dataset, read_as_a_whole, role_of, walk, without_descriptions


@pytest.fixture
def folder(tmp_path):
    for name in ("a/train.conll", "b/README.md", "b/.hidden", "b/dev.conll"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("a\tO\n")
    return tmp_path


def test_a_folder_holds_what_is_below_it_but_for_hidden_files_and_descriptions(folder):
    files = sorted(walk(folder))
    assert [path.name for path in files] == ["train.conll", "README.md", "dev.conll"]
    kept, others = without_descriptions(files)
    assert ([path.name for path in kept], [path.name for path in others]) == (
        ["train.conll", "dev.conll"],
        ["README.md"],
    )
    assert without_descriptions(others) == (others, [])


def test_the_name_of_a_file_tells_its_split_or_that_of_a_folder_within(folder):
    assert [role_of(path, folder) for path in sorted(walk(folder))] == ["train", None, "dev"]
    assert role_of(folder / "train/x.conll", folder) == "train"
    assert role_of(folder / "train/x.conll", folder / "train") is None
    assert role_of(folder / "train-test.conll", folder) is None


def test_folders_of_tools_are_read_as_a_whole(folder, tmp_path):
    assert read_as_a_whole(folder, sorted(walk(folder)), "auto") is None
    assert read_as_a_whole(folder, [], "brat") == "brat"
    assert not is_saved_dataset(folder)
    (folder / "state.json").write_text("{}")
    assert is_saved_dataset(folder)
