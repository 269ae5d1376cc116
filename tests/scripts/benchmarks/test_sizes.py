import json
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from run_folders import write_run
from tiny_models import tiny_tagger


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    for epochs, scores in ((3, (0.5, 0.7)), (5, (0.8,))):
        for seed, score in enumerate(scores):
            folder = write_run(
                tmp_path / "runs" / f"{epochs}_{seed}",
                dev=score,
                seed=seed,
                options={"epochs": epochs},
                metrics={"seconds": 10.0 * epochs + seed, "parameters": 100 * epochs},
            )
            (folder / "model" / "model.safetensors").unlink()
            tiny_tagger("iob2", ("PER",), hidden_dim=epochs).save(folder / "model")
    (tmp_path / "text.conll").write_text("Ann B-PER\nsings O\n\nBo B-PER\n\n")
    return tmp_path


def test_candidates_are_told_by_their_options_with_mean_scores_and_costs(
    script: Callable[[str], ModuleType], runs: Path
) -> None:
    files = [
        "--text",
        str(runs / "text.conll"),
        "--json",
        str(runs / "out.json"),
        "--picture",
        str(runs / "p.html"),
    ]
    script("sizes").main([str(runs / "runs"), *files, "--rounds", "1"])
    ((title, rows),) = json.loads((runs / "out.json").read_text())["tables"].items()
    assert title == "Dev f1 and cost; 2 sentences of text.conll tagged"
    assert [row["candidate"] for row in rows] == ["epochs 3", "epochs 5"]
    assert [row["seeds"] for row in rows] == [2, 1]
    assert [row["dev score, %"] for row in rows] == pytest.approx([60.0, 80.0])
    assert rows[0]["standard deviation, points"] == pytest.approx(200**0.5)
    assert [row["seconds of a run"] for row in rows] == [30.5, 50.0]
    assert [row["parameters"] for row in rows] == [300, 500]
    assert rows[0]["this one's time / the first's"] == 1.0
    picture = (runs / "p.html").read_text()
    assert picture.count('role="img"') == 2
    assert re.findall(r"epochs \d", picture)[:2] == ["epochs 3", "epochs 5"]


def test_a_single_candidate_and_other_data_are_refused(
    script: Callable[[str], ModuleType], runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--text", str(runs / "text.conll")]
    with pytest.raises(SystemExit):
        script("sizes").main([str(runs / "runs" / "5_0"), *arguments])
    assert "expected runs of two sizes or more, found 1 with a dev score" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        script("sizes").main([str(runs / "runs"), "--text", str(runs / "none.conll")])
    assert "none.conll" in capsys.readouterr().err.splitlines()[-1]
    other = {"files": {}, "scheme": "iob2", "train_and_dev_sha256": "y"}
    write_run(runs / "runs" / "other", options={"epochs": 9}, metrics={"data": other})
    with pytest.raises(SystemExit):
        script("sizes").main([str(runs / "runs"), *arguments])
    assert "expected runs with the same training and dev sentences, found others" in capsys.readouterr().err
