import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

STAND_IN = """
from pathlib import Path


class Trainer:
    def __init__(self, verbose):
        self.sentences = 0

    def set_params(self, parameters):
        self.parameters = parameters

    def append(self, features, labels):
        assert len(features) == len(labels)
        self.sentences += 1

    def train(self, path):
        assert self.sentences == 2
        Path(path).write_text(f"{self.parameters['c1']} {self.parameters['c2']}")


class Tagger:
    def open(self, path):
        self.is_best = Path(path).read_text() == "0.1 0.1"

    def tag(self, features):
        return ["B-PER" if self.is_best and "w=Ann" in of_token else "O" for of_token in features]
"""


def test_the_coefficients_are_those_with_the_best_dev_score_and_test_is_scored_once(
    script: Callable[[str], ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pycrfsuite.py").write_text(STAND_IN)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "pycrfsuite", raising=False)
    for split in ("train", "dev", "test"):
        (tmp_path / f"{split}.conll").write_text("Ann B-PER\nsings O\n\nBo B-PER\n\n")
    files = [str(tmp_path / f"{split}.conll") for split in ("train", "dev", "test")]
    script("crfsuite_scores").main([*files, "--json", str(tmp_path / "out.json")])
    ((title, rows),) = json.loads((tmp_path / "out.json").read_text())["tables"].items()
    assert title == "CRFsuite on train.conll, 2 sentences"
    assert [row["L1, L2"] for row in rows] == ["0.0, 1.0", "0.0, 0.1", "0.1, 0.1", "0.1, 0.01"]
    assert [row["dev, %"] for row in rows] == pytest.approx([0, 0, 200 / 3, 0])
    assert [row.get("test, %") for row in rows] == [None, None, pytest.approx(200 / 3), None]
    assert all(row["MB"] == pytest.approx(7e-6, abs=1e-6) for row in rows)
