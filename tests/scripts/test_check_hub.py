"""scripts/check_hub.py, against a Hub on the loopback interface; and the page about known datasets."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from sources.hub_processes import UNSET
from sources.loopback_hub import Fault, serve
from sources.published_repositories import write_all, write_classes, write_script

from tagger.sources.known.page import page

ROOT = Path(__file__).parents[2]


def check(home, address, *arguments):
    clean = {name: value for name, value in os.environ.items() if name not in UNSET}
    settings = {"HF_ENDPOINT": address, "HF_HOME": str(home), "HF_HUB_DISABLE_XET": "1"}
    settings |= {"HF_HUB_DISABLE_TELEMETRY": "1", "HF_UPDATE_DOWNLOAD_COUNTS": "0", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "check_hub.py"), *arguments],
        env={**clean, **settings},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    root = tmp_path_factory.mktemp("hub")
    write_all(root)
    # the Dutch part has LOC before ORG, and no split for validation
    shutil.rmtree(root / "eriktks/conll2002/refs%2Fconvert%2Fparquet/nl")
    swapped = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG", "B-MISC", "I-MISC"]
    write_script(root, "eriktks/conll2002", "nl", ("train", "test"), {"pos_tags": ["N"], "ner_tags": swapped})
    with serve(root) as (_, address):
        yield address


@pytest.mark.slow
def test_the_table_fits_repositories_in_the_published_shape(hub, tmp_path):
    done = check(tmp_path, hub, "--read")
    assert done.stdout.endswith("20 looked at, 0 differ\n"), done.stdout
    assert done.returncode == 0
    assert re.search(r"load_splits\('eriktks/conll2003', .*\) at commit [0-9a-f]{40}\n", done.stdout)
    assert "  columns: id (string); tokens (list of strings); " in done.stdout
    assert (
        "  labels of ner_tags: O, B-PER, I-PER, B-ORG, I-ORG, B-LOC, I-LOC, B-MISC, I-MISC\n" in done.stdout
    )
    assert "train 1 rows (conll2003/train/0000.parquet); " in done.stdout
    assert "  read: train 1, dev 1, test 1 sentences, 9 names of labels\n" in done.stdout


@pytest.mark.slow
def test_what_differs_is_told_of(hub, tmp_path):
    done = check(tmp_path, hub, "conll2002", "--all")
    assert done.returncode == 1
    assert done.stdout.endswith("2 looked at, 1 differ\n")
    assert re.findall("  DIFFERS: (.*)\n", done.stdout) == [
        "expected a split validation, found test, train",
        "column ner_tags: expected the labels in the order O, B-PER, I-PER, B-ORG, I-ORG, B-LOC, I-LOC, B-MISC, "
        "I-MISC, found O, B-PER, I-PER, B-LOC, I-LOC, B-ORG, I-ORG, B-MISC, I-MISC",
    ]


@pytest.mark.slow
def test_integers_are_compared_with_the_list_of_their_names_and_every_split_is(tmp_path):
    root = tmp_path / "hub"
    write_all(root)
    (root / "tner/bc5cdr/main/dataset/label.json").write_text(
        '{"O": 0, "B-Disease": 1, "B-Chemical": 2, "I-Disease": 3, "I-Chemical": 4}'
    )
    swapped = ["O", "B-LOC", "I-LOC", "B-ORG", "I-ORG", "B-PER", "I-PER"]
    folder = root / "unimelb-nlp/wikiann/main/ace"
    write_classes(folder, ("validation",), {"ner_tags": swapped}, langs=["ace"], spans=["PER: t1"])
    with serve(root) as (_, address):
        done = check(tmp_path, address, "bc5cdr", "wikiann", "multinerd")
    assert re.findall("  DIFFERS: (.*)\n", done.stdout) == [
        "column tags, in dataset/label.json: expected the labels in the order O, B-Chemical, B-Disease, I-Disease, "
        "I-Chemical, found O, B-Disease, B-Chemical, I-Disease, I-Chemical",
        "column ner_tags: expected the labels in the order O, B-PER, I-PER, B-ORG, I-ORG, B-LOC, I-LOC, found O, "
        "B-LOC, I-LOC, B-ORG, I-ORG, B-PER, I-PER",
    ]
    assert "  labels of ner_tags: integers without names, not compared\n" in done.stdout
    assert done.stdout.endswith("3 looked at, 2 differ\n")


@pytest.mark.parametrize(
    "request_line", [r"conll2003/train/0000\.parquet", "^GET /api/datasets/eriktks/conll2003"]
)
@pytest.mark.slow
def test_what_the_hub_refuses_is_told_and_the_rest_is_looked_at(tmp_path, request_line):
    root = tmp_path / "hub"
    write_all(root)
    with serve(root) as (hub, address):
        hub.faults.append(Fault(request_line, times=1000, status=403))
        done = check(tmp_path, address, "conll2003", "bc5cdr")
    assert len(re.findall("  DIFFERS: .*403.*\n", done.stdout)) == 1
    assert done.stdout.endswith("2 looked at, 1 differ\n")


@pytest.mark.slow
def test_a_file_that_is_no_parquet_is_told(tmp_path):
    root = tmp_path / "hub"
    write_all(root)
    (root / "eriktks/conll2003/refs%2Fconvert%2Fparquet/conll2003/train/0000.parquet").write_bytes(b"x" * 100)
    with serve(root) as (_, address):
        done = check(tmp_path, address, "conll2003", "bc5cdr")
    assert re.search(r"  DIFFERS: conll2003/train/0000\.parquet: cannot be read: Parquet", done.stdout)
    assert done.stdout.endswith("2 looked at, 1 differ\n")


@pytest.mark.slow
def test_without_the_hub_it_says_so_in_one_line(tmp_path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
        done = check(tmp_path, address)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(rf"no answer from the Hub at {address} \(.*\): nothing was compared\n", done.stderr)


def test_an_unknown_name_is_a_usage_error(tmp_path):
    done = check(tmp_path, "http://127.0.0.1:9", "conll203")
    assert done.returncode == 2
    assert "'conll203' is no known dataset; names like it: conll2003" in done.stderr


def test_the_page_is_what_the_table_gives():
    written = (ROOT / "docs" / "datasets.md").read_text(encoding="utf-8")
    assert written == page(), "run python scripts/datasets_page.py"
