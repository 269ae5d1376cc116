"""Tagging a corpus on Ray: the same rows as of one process, whatever dies; a folder whole or not at all."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from integrations.cluster_texts import make_texts, save_model

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")
pytest.importorskip("ray")

from tagger.integrations.arrow import output_schema  # noqa: E402
from tagger.integrations.tag_batch import TagBatch  # noqa: E402

SCRIPT = Path(__file__).parents[2] / "scripts" / "tag_corpus.py"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A model, and 1,500 texts without an entity before others."""
    folder = tmp_path_factory.mktemp("corpus")
    tagger = save_model(folder / "model")
    return folder / "model", make_texts(tagger, without=1500, others=600)


def run(*arguments, **options):
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, check=False, **options)


def test_rows_of_all_files_are_those_of_one_process_in_order(corpus, tmp_path):
    model, texts = corpus
    (tmp_path / "in" / "sub").mkdir(parents=True)
    (tmp_path / "in" / "a.txt").write_text("".join(f"{text}\n" for text in texts[:1800]), encoding="utf-8")
    (tmp_path / "in" / "sub" / "b.txt").write_text("\n".join(texts[1800:]), encoding="utf-8")
    done = run(model, tmp_path / "in", "-o", tmp_path / "out", "--batch-rows", 100)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"2100 rows tagged, in {tmp_path / 'out'}\n"
    files = sorted((tmp_path / "out").iterdir())
    assert len(files) >= 2
    assert [path.name for path in files] == [f"part-{number:08d}.parquet" for number in range(len(files))]
    assert sorted(tmp_path.iterdir()) == [tmp_path / "in", tmp_path / "out"]
    found = pyarrow.concat_tables([parquet.read_table(path) for path in files])
    expected = TagBatch(model)(
        pyarrow.table(
            {
                "text": texts,
                "file": [str(tmp_path / "in" / "a.txt")] * 1800
                + [str(tmp_path / "in" / "sub" / "b.txt")] * 300,
                "line": [*range(1, 1801), *range(1, 301)],
            }
        )
    )
    assert found.equals(expected)
    assert not any(found["entities"].to_pylist()[:1500])
    assert sum(map(len, found["entities"].to_pylist())) > 200
    for path in files:
        assert parquet.read_schema(path).equals(expected.schema)
    again = run(model, tmp_path / "in", "-o", tmp_path / "out")
    assert again.returncode == 2
    assert again.stderr == (
        f"tag_corpus.py: error: {tmp_path / 'out'}: is there already, and is kept; pass --overwrite to replace it\n"
    )


def test_killed_actors_lose_and_repeat_nothing(corpus, tmp_path):
    model, texts = corpus
    table = pyarrow.table({"id": range(8 * len(texts)), "text": texts * 8})
    parquet.write_table(table, tmp_path / "a.parquet", row_group_size=3000)
    process = subprocess.Popen(
        [sys.executable, SCRIPT, model, tmp_path / "a.parquet", "-o", tmp_path / "out", "--probabilities"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    killed = []
    ended = threading.Event()

    def kill_actors():
        """Kill an actor as soon as there are files of finished shares, and another one after more of them."""
        while len(killed) < 2 and not ended.is_set():
            finished = len(list(tmp_path.glob(".out.*/part-*.parquet")))
            actors = actors_of(process.pid)
            if finished > 3 * len(killed) and actors:
                killed.append(actors[0])
                os.kill(actors[0], signal.SIGKILL)
            time.sleep(0.02)

    killer = threading.Thread(target=kill_actors)
    killer.start()
    _, err = process.communicate(timeout=300)
    ended.set()
    killer.join()
    assert process.returncode == 0, err
    assert len(killed) == 2
    files = sorted((tmp_path / "out").iterdir())
    found = pyarrow.concat_tables([parquet.read_table(path) for path in files])
    assert found.select(["id", "text"]).equals(table)
    expected = TagBatch(model)(table)
    for name in ("tokens", "labels", "sentences"):
        assert found[name].equals(expected[name])


def actors_of(driver):
    """Processes that tag for a driver, in the order of their numbers."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            line = (entry / "cmdline").read_bytes().decode()
            if line.startswith("ray::MapWorker(MapBatches(_Actor))") and driver in ancestors(int(entry.name)):
                found.append(int(entry.name))
        except (OSError, ValueError):
            continue
    return sorted(found)


def ancestors(process):
    while process > 1:
        process = int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
        yield process


def test_tokens_of_jsonl_keep_their_other_columns(corpus, tmp_path):
    model, _ = corpus
    (tmp_path / "a.jsonl").write_text(
        '{"words": ["Anna", "met", "Bo"], "n": 1}\n{"words": null}\n{"words": [], "n": 2.5}\n',
        encoding="utf-8",
    )
    done = run(
        model, tmp_path / "a.jsonl", "-o", tmp_path / "out", "--token-column", "words", "--prefix", "ner_"
    )
    assert (done.returncode, done.stderr) == (0, "")
    found = parquet.read_table(tmp_path / "out")
    assert found.column_names == ["words", "n", *output_schema("ner_").names]
    assert found["ner_tokens"].to_pylist() == [["Anna", "met", "Bo"], None, []]
    assert found["n"].to_pylist() == [1.0, None, 2.5]


def test_a_bad_line_ends_it_and_leaves_nothing(corpus, tmp_path):
    model, _ = corpus
    (tmp_path / "a.jsonl").write_text('{"text": "Anna"}\n{"text": 3}\n', encoding="utf-8")
    done = run(model, tmp_path / "a.jsonl", "-o", tmp_path / "out")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"tag_corpus.py: error: {tmp_path / 'a.jsonl'}:2: expected a text in 'text', found '3'\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["{tmp}/none", "{tmp}/a.txt", "-o", "{tmp}/out"], 1, "no such folder; expected a model folder"),
        (["{model}", "{tmp}/none.txt", "-o", "{tmp}/out"], 1, "none.txt: no such file or folder"),
        (["{model}", "{tmp}/a.csv", "-o", "{tmp}/out"], 2, "a.csv: expected a name that ends in .parquet"),
        (["{model}", "{tmp}/a.txt", "-o", "{tmp}"], 2, "expected a folder of part-*.parquet, found"),
        (["{model}", "{tmp}/a.txt", "-o", "{tmp}/a.csv"], 2, "a.csv: expected a folder to write, found a file"),
        (["{model}", "{tmp}/a.txt", "-o", "{tmp}/out", "--token-column", "t"], 2, "lines of text have no column"),
        (["{model}", "{tmp}/a.txt", "-o", "{tmp}/out", "--min-probability", "2"], 2, "expected a number from 0 to 1"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_in_a_line_before_ray_starts(
    corpus, tmp_path, arguments, status, message
):
    (tmp_path / "a.txt").write_text("Anna\n", encoding="utf-8")
    (tmp_path / "a.csv").touch()
    arguments = [argument.format(tmp=tmp_path, model=corpus[0]) for argument in arguments]
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (status, "")
    assert message in done.stderr
    assert done.stderr.startswith("tag_corpus.py: error: ")
    assert done.stderr.count("\n") == 1
    assert {path.name for path in tmp_path.iterdir()} == {"a.txt", "a.csv"}


def test_an_interrupt_ends_it_and_leaves_nothing(corpus, tmp_path):
    model, texts = corpus
    (tmp_path / "a.txt").write_text("".join(f"{text}\n" for text in texts * 20), encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, SCRIPT, model, tmp_path / "a.txt", "-o", tmp_path / "out", "--probabilities"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    while not list(tmp_path.glob(".out.*/part-*.parquet")) and process.poll() is None:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (130, "")
    assert err == "tag_corpus.py: interrupted\n"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
