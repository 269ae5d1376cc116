import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sources.hub_processes import UNSET
from sources.loopback_hub import serve

import tagger
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


def test_options_of_datasets_without_a_dataset_are_refused(tmp_path):
    (tmp_path / "a.conll").write_text("a\tO\n")
    given = find_parts([str(tmp_path / "a.conll")])
    with pytest.raises(
        UsageError, match="dataset_name has no effect: expected the id of a dataset, found none"
    ):
        read_corpus(given, ReadingOptions(), dataset_name="de")
    with pytest.raises(UsageError, match="revision has no effect"):
        read_corpus(given, ReadingOptions(), revision="v1")


@pytest.mark.slow
def test_a_configuration_and_a_revision_of_a_dataset_on_the_hub_are_checked(tmp_path):
    for revision in ("main", "v1"):
        for name in ("en", "de"):
            folder = tmp_path / f"hub/org/several/{revision}/{name}"
            folder.mkdir(parents=True)
            token = "x\u200by" if (name, revision) == ("de", "v1") else "&amp;"
            row = {"tokens": [f"{name}-{revision}", token], "ner_tags": ["O", "B-PER"]}
            (folder / "train.jsonl").write_text(json.dumps(row) + "\n")
        listed = "".join(
            f"- config_name: {name}\n  data_files:\n  - split: train\n    path: {name}/train.jsonl\n"
            for name in ("en", "de")
        )
        (tmp_path / f"hub/org/several/{revision}/README.md").write_text(f"---\nconfigs:\n{listed}---\n")
    clean = {name: value for name, value in os.environ.items() if name not in UNSET}
    with serve(tmp_path / "hub") as (_, address):
        settings = {"HF_ENDPOINT": address, "HF_HOME": str(tmp_path), "HF_HUB_DISABLE_XET": "1"}
        settings |= {"HF_HUB_DISABLE_TELEMETRY": "1", "HF_UPDATE_DOWNLOAD_COUNTS": "0"}
        settings["PYTHONPATH"] = str(Path(tagger.__file__).parents[1])

        def checked(*arguments):
            done = subprocess.run(
                [sys.executable, "-m", "tagger", "check", "org/several", "--json", *arguments],
                env={**clean, **settings},
                cwd=tmp_path,
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
            assert done.returncode == 1, done.stderr
            return json.loads(done.stdout)["findings"]

        (several, *_) = checked()
        assert several["check"] == "unreadable"
        assert "--dataset-name" in several["message"]
        (invisible,) = [
            one
            for one in checked("--dataset-name", "de", "--revision", "v1")
            if one["check"] == "invisible-character"
        ]
        assert invisible["part"] == "org/several[train]"
