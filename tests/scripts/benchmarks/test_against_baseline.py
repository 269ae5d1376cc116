"""The comparison with the baseline commit, this version standing in for it; never how fast anything was."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from present import present

ROOT = Path(__file__).parents[3]

CRFSUITE = '''"""Stands in for CRFsuite: labels every token O."""
from pathlib import Path
from types import SimpleNamespace


class Trainer:
    def __init__(self, verbose):
        self.logparser = SimpleNamespace(iterations=[{"time": "0.1"}])

    def set_params(self, parameters):
        pass

    def append(self, features, labels):
        assert len(features) == len(labels)

    def train(self, path):
        Path(path).write_bytes(b"model")


class Tagger:
    def open(self, path):
        self.open_inmemory(Path(path).read_bytes())

    def open_inmemory(self, model):
        assert model == b"model"

    def tag(self, features):
        return ["O"] * len(features)
'''


@pytest.fixture
def crfsuite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have something installed that is called as CRFsuite is."""
    folder = tmp_path / "packages"
    folder.mkdir()
    (folder / "pycrfsuite.py").write_text(CRFSUITE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "pycrfsuite", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(folder))


@pytest.fixture
def data(tmp_path: Path) -> tuple[Path, Path]:
    """Two small files of labelled sentences."""
    paths = tmp_path / "train.conll", tmp_path / "dev.conll"
    for path, count in zip(paths, (12, 5), strict=True):
        lines = (ROOT / "recipes" / "sample" / path.name).read_text(encoding="utf-8").split("\n\n")
        path.write_text("\n\n".join(lines[:count]) + "\n", encoding="utf-8")
    return paths


def with_this_version(script: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the program, which takes this version for the baseline."""
    program = script("against_baseline")

    def extract(commit: str, folder: Path) -> None:
        for name in ("tagger", "recipes"):
            shutil.copytree(ROOT / name, folder / name)

    monkeypatch.setattr(program, "extract", extract)
    return program


def test_the_baseline_is_a_commit(script: Callable[[str], ModuleType]) -> None:
    commit = script("sides").baseline_commit()
    assert len(commit) == 40
    assert int(commit, 16) > 0


def test_package_and_recipes_of_a_commit_are_extracted(
    script: Callable[[str], ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in list(os.environ):
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    repository = tmp_path / "repository"
    for name in ("tagger/a.py", "recipes/b.py", "tests/c.py"):
        (repository / name).parent.mkdir(parents=True, exist_ok=True)
        (repository / name).write_text("first", encoding="utf-8")
    git = ["git", "-C", str(repository), "-c", "user.name=n", "-c", "user.email=e"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "--quiet", "--no-gpg-sign", "-m", "First"], check=True)
    (repository / "tagger/a.py").write_text("changed since", encoding="utf-8")
    folder = tmp_path / "baseline"
    script("sides").extract("HEAD", folder, repository=repository)
    found = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.py"))
    assert found == ["recipes/b.py", "tagger/a.py"]
    assert (folder / "tagger/a.py").read_text(encoding="utf-8") == "first"
    missing = "0" * 40
    with pytest.raises(SystemExit, match=f"^the baseline {missing} is not in {repository}: fatal: "):
        script("sides").extract(missing, folder, repository=repository)


def test_a_package_found_elsewhere_is_an_error(script: Callable[[str], ModuleType], tmp_path: Path) -> None:
    sides = script("sides")
    sides.check_source(ROOT)
    with pytest.raises(RuntimeError, match=f"^expected the package in {tmp_path}, found {ROOT / 'tagger'}$"):
        sides.check_source(tmp_path)


def test_the_first_side_is_put_in_relation_to_every_other_round_by_round(
    script: Callable[[str], ModuleType],
) -> None:
    ours, other = script("comparison").compared("ms", {"new": [1.0, 4.0, 3.0], "old": [2.0, 2.0, 12.0]})
    assert ours == {
        "measured": "ms", "side": "new", "median": 3, "quartiles": [2, 3.5], "first / this": 1,
        "quartiles of that": [1, 1],
    }  # fmt: skip
    assert (other["median"], other["first / this"], other["quartiles of that"]) == (2, 0.5, [0.375, 1.25])


def test_sentences_are_timed_together_or_each_by_itself(script: Callable[[str], ModuleType]) -> None:
    side = script("side")
    now = 0.0

    def work(sentences: list[list[str]]) -> None:
        nonlocal now
        now += len(sentences[0])

    sentences = [["a", "b"], ["c"]]
    assert side.seconds(work, sentences, each=True, clock=lambda: now) == [2, 1]
    assert side.seconds(work, sentences, each=False, clock=lambda: now) == [2]


@pytest.mark.usefixtures("crfsuite")
@pytest.mark.slow
def test_everything_is_measured(
    script: Callable[[str], ModuleType],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    data: tuple[Path, Path],
) -> None:
    program = with_this_version(script, monkeypatch)
    monkeypatch.chdir(tmp_path)
    parts = ["results", "latency", "throughput", "startup", "workers", "memory"]
    options = ["--units", "4", "--models", "models", "--rounds", "1", "--tagged", "7", "--streamed", "6"]
    options += ["--clock", "processor"]
    out = tmp_path / "out.json"
    arguments = [*map(str, data), "--quick", "--json", str(out), *options, "--megabytes", "0.05"]
    monkeypatch.setattr(sys, "argv", ["against_baseline.py", *arguments, "--parts", *parts])
    program.main()
    assert (tmp_path / "models" / "units4" / "model" / "config.json").exists()
    assert (tmp_path / "models" / "model.crfsuite").exists()
    contents = json.loads(out.read_text(encoding="utf-8"))
    assert contents["machine"]["clock"] == "processor"
    results, latency, throughput, workers, starts, memory = contents["tables"].values()
    tokens = sum(bool(line) for line in data[1].read_text(encoding="utf-8").splitlines())
    (row,) = results
    assert (row["tokens"], row["with another label"]) == (tokens, 0)
    assert float(row["largest difference of a probability"]) == 0

    sides = ["tagger", "baseline", "python-crfsuite"]
    kinds = [("tag", 50, 3), ("tag", 95, 3), ("predict", 50, 2), ("predict", 95, 2)]
    assert [(row["measured"], row["side"]) for row in latency] == [
        (f"{task}, one sentence of 20 tokens, p{percent}, ms", side)
        for task, percent, count in kinds
        for side in sides[:count]
    ]
    assert [(row["measured"], row["side"]) for row in throughput] == [
        *(("tag, tokens/s", side) for side in sides),
        *(("predict, tokens/s", side) for side in sides),
        *(("tag, no word met, tokens/s", side) for side in sides),
        *((f"predict, compared with tag, {side}", task) for side in sides[:2] for task in ("predict", "tag")),
    ]
    assert [(row["measured"], row["side"]) for row in workers] == [
        *(("2 workers, tokens/s", side) for side in (*sides[:2], "python-crfsuite, one process")),
        *((f"tokens/s, {side}", number) for side in sides[:2] for number in ("2 workers", "one process")),
    ]
    assert [(row["measured"], row["side"]) for row in starts] == [
        *(("start to first label, s", side) for side in (*sides, "empty program")),
        *(("the same, tagger tag, s", side) for side in sides[:2]),
    ]
    for row in (*latency, *throughput, *workers, *starts):
        assert row["median"] > 0
        assert row["first / this"] > 0
    assert [(row["program"], row["MB read"]) for row in memory] == [("tagger", 0.05), ("baseline", 0.05)]
    assert all(row["MiB resident"] > 0 and row["of that at a tenth"] == 1 for row in memory)


@pytest.mark.slow
def test_whole_trainings_are_measured(
    script: Callable[[str], ModuleType],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    data: tuple[Path, Path],
) -> None:
    program = with_this_version(script, monkeypatch)
    out = tmp_path / "out.json"
    options = ["--quick", "--parts", "training", "--sentences", "6", "--rounds", "1", "--json", str(out)]
    monkeypatch.setattr(sys, "argv", ["against_baseline.py", *map(str, data), *options])
    program.main()
    ((title, rows),) = json.loads(out.read_text(encoding="utf-8"))["tables"].items()
    assert title == "Training on 6 sentences of train.conll, epochs: 1"
    *measured, same = rows
    sides = ["tagger", "tagger, 1 thread", "baseline"]
    measures = ["steps, tokens/s", "command to saved model, s", "the same, processor, s", "peak memory, MiB"]
    assert [(row["measured"], row["side"]) for row in measured] == [
        (measure, side) for measure in (*measures, "dev score, %") for side in sides
    ]
    by_measure = [measured[begin : begin + 3] for begin in range(0, 15, 3)]
    for ours, alone, baseline in by_measure[:4]:
        assert baseline["of the baseline"] == 1
        for row in (ours, alone):
            assert row["of the baseline"] == pytest.approx(row["median"] / baseline["median"])
    # It is the same version with the same seed.
    _, alone, baseline = by_measure[4]
    assert alone["median"] == baseline["median"]
    assert 30 < by_measure[3][2]["median"] < 5000
    assert (same["measured"], same["median"] in (0, 1)) == ("runs of 1 with the same weights", True)


def test_a_training_that_fails_ends_the_comparison(
    script: Callable[[str], ModuleType], tmp_path: Path
) -> None:
    whole_runs = script("whole_runs")
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes" / "train.py").write_text("raise SystemExit(3)", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"train\.py --output .* --epochs 1 .*: ended with status 3$"):
        whole_runs.train(whole_runs.Candidate(tmp_path), ["--epochs", "1"], tmp_path / "run")


def test_threads_are_left_to_this_version_and_one_otherwise(script: Callable[[str], ModuleType]) -> None:
    whole_runs = script("whole_runs")
    found = whole_runs.candidates({"tagger": Path("ours"), "baseline": Path("theirs")})
    assert {name: (each.options, each.is_alone) for name, each in found.items()} == {
        "tagger": ((), False),
        "tagger, 1 thread": (("--threads", "1"), True),
        "baseline": (("--threads", "1"), True),
    }


def test_a_file_is_cut_after_sentences(script: Callable[[str], ModuleType], tmp_path: Path) -> None:
    cut = script("whole_runs").cut
    path = tmp_path / "x.conllu"
    path.write_text("# newdoc\n\n# text = a\na\tX\n\n\nb\tX\nc\tX\n\nd\tX\n", encoding="utf-8")
    assert cut(path, tmp_path / "none", None) == path
    assert cut(path, tmp_path / "two", 2).read_text(encoding="utf-8").endswith("c\tX\n\n")
    assert cut(path, tmp_path / "all", 9).read_bytes() == path.read_bytes()


def test_a_command_is_measured_and_its_status_kept(script: Callable[[str], ModuleType]) -> None:
    program = Path(present(script("whole_runs").__file__)).with_name("one_run.py")
    code = "print('x'); kept = b'x' * (64 << 20); raise SystemExit(7)"
    command = [sys.executable, "-S", str(program), sys.executable, "-c", code]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    assert done.returncode == 7
    taken = json.loads(done.stdout)
    assert 64 * 2**20 < taken["peak"] < 128 * 2**20
    assert taken["processor"] > 0
    assert taken["clock"] > 0
