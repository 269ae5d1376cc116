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
from sources.loopback_hub import serve
from sources.published_repositories import write_all, write_script

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


def test_what_differs_is_told_of(hub, tmp_path):
    done = check(tmp_path, hub, "conll2002", "--all")
    assert done.returncode == 1
    assert done.stdout.endswith("2 looked at, 1 differ\n")
    assert re.findall("  DIFFERS: (.*)\n", done.stdout) == [
        "expected a split validation, found test, train",
        "column ner_tags: expected the labels in the order O, B-PER, I-PER, B-ORG, I-ORG, B-LOC, I-LOC, B-MISC, "
        "I-MISC, found O, B-PER, I-PER, B-LOC, I-LOC, B-ORG, I-ORG, B-MISC, I-MISC",
    ]


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
