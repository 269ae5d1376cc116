import pytest

from tagger.checking.given import find_parts
from tagger.checking.reading import read_corpus
from tagger.checking.report import check
from tagger.errors import UsageError
from tagger.formats import ReadingOptions

datasets = pytest.importorskip("datasets")


@pytest.fixture
def saved(tmp_path):
    good = {"tokens": [["In", "Oslo"], ["New", "York"]], "ner_tags": [["O", "B-LOC"], ["B-LOC", "I-LOC"]]}
    bad = {"tokens": [["In", "Rome"]], "ner_tags": [["O", "I-LOC"]]}
    bad = {name: [*rows, *good[name] * 10] for name, rows in bad.items()}
    splits = {"train": datasets.Dataset.from_dict(good), "validation": datasets.Dataset.from_dict(bad)}
    datasets.DatasetDict(splits).save_to_disk(str(tmp_path / "saved"))
    return str(tmp_path / "saved")


def test_the_splits_of_a_dataset_are_parts(saved):
    corpus = read_corpus(find_parts([f"wnut={saved}"]), ReadingOptions()).corpus
    assert [(part.name, part.role, len(part.examples), part.files) for part in corpus.parts] == [
        ("wnut[train]", "train", 2, ()),
        ("wnut[dev]", "dev", 21, ()),
    ]
    (finding,) = [one for one in check(corpus).findings if one.check == "illegal-label"]
    assert finding.places == (f"{saved}[validation]:0",)


def test_what_cannot_be_read_is_a_finding(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved/state.json").write_text("{")
    read = read_corpus(find_parts([str(tmp_path / "saved")]), ReadingOptions())
    assert [finding.check for finding in read.corpus.found] == ["unreadable"]
    assert read.corpus.parts == ()


def test_options_that_mean_nothing_for_a_dataset_are_refused(saved):
    with pytest.raises(UsageError, match="comment_prefix has no effect on a dataset"):
        read_corpus(find_parts([saved]), ReadingOptions(comment_prefix="#"))
    with pytest.raises(UsageError, match="the columns of a dataset have names, found the number 1"):
        read_corpus(find_parts([saved]), ReadingOptions(token_column=1))
