"""Tagging a corpus on Ray: the same rows as of one process, whatever dies; a folder whole or not at all."""

import importlib.util
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import pytest
from integrations.cluster_texts import make_texts, save_model
from present import present

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")
ray = pytest.importorskip("ray")

from tagger.errors import DataError, UsageError  # noqa: E402
from tagger.integrations.arrow import output_schema  # noqa: E402
from tagger.integrations.ray import _running, tag_corpus  # noqa: E402
from tagger.integrations.tag_batch import TagBatch  # noqa: E402

SCRIPT = Path(__file__).parents[2] / "scripts" / "tag_corpus.py"

pytestmark = pytest.mark.filterwarnings("ignore")  # those of Ray


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A model, and 1,500 texts without an entity before others."""
    folder = tmp_path_factory.mktemp("corpus")
    tagger = save_model(folder / "model")
    return folder / "model", make_texts(tagger, without=1500, others=600)


@pytest.fixture(scope="module")
def cluster():
    """Ray on two cores, to which this process is connected; gives its address."""
    quiet = {"logging_level": logging.ERROR, "log_to_driver": False, "include_dashboard": False}
    handler = signal.getsignal(signal.SIGTERM)
    ray.init(address="local", num_cpus=2, **quiet)
    signal.signal(signal.SIGTERM, handler)
    yield ray.get_runtime_context().gcs_address
    ray.shutdown()
    signal.signal(signal.SIGTERM, handler)


def read_folder(folder):
    return pyarrow.concat_tables([parquet.read_table(path) for path in sorted(folder.iterdir())])


def main(arguments):
    """The script, in this process."""
    specification = present(importlib.util.spec_from_file_location("tag_corpus", SCRIPT))
    module = importlib.util.module_from_spec(specification)
    present(specification.loader).exec_module(module)
    return module.main([str(argument) for argument in arguments])


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["{tmp}/none", "{tmp}/a.txt", "-o", "{tmp}/out"], 1, "no such folder; expected a model folder"),
        (["{model}", "{tmp}/none.txt", "-o", "{tmp}/out"], 1, "none.txt: no such file or folder"),
        (["{model}", "{tmp}/a.csv", "-o", "{tmp}/out"], 2, "a.csv: expected a name that ends in .parquet"),
        (["{model}", "{tmp}/a.txt", "-o", "{tmp}"], 2, "expected a folder of part-*.parquet, found"),
        (["{model}", "{tmp}/a.txt", "-o", "{tmp}/a.csv"], 2, "a.csv: expected a folder to write, found a file"),
        (["{model}", "{tmp}/a.csv", "-o", "{tmp}/out"], 2, "otherwise name the kind of the files: --input"),
        (["{model}", "{tmp}/a.txt", "-o", "{tmp}/there"], 2, "is kept; pass --overwrite to replace it"),
        (["{model}", "{tmp}/a.txt", "-o", "{tmp}/out", "--token-column", "t"], 2, "lines of text have no column"),
        (["{model}", "{tmp}/a.txt", "-o", "{tmp}/out", "--text-column", "file"], 2, "--text-column: expected another"),
        (["{model}", "{tmp}/a.txt", "-o", "{tmp}/out", "--min-probability", "2"], 2, "expected a number from 0 to 1"),
        (["{model}", "{tmp}/a.txt", "-o", "{tmp}/out", "--address", "127.0.0.1:{port}"], 2,
         "--address: no answer at 127.0.0.1:{port}: Connection refused"),
        (["{model}", "{tmp}/a.txt", "-o", "{tmp}/out", "--address", "ray://127.0.0.1:10001"], 2,
         "--address: expected HOST:PORT of the head of a cluster to which this machine belongs, or auto, found 'ray:"),
        (["{model}", "{tmp}/a.txt", "-o", "{tmp}/out", "--address", ""], 2, "--address: expected HOST:PORT"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_in_a_line_before_ray_starts(
    corpus, tmp_path, arguments, status, message, monkeypatch, capfd
):
    monkeypatch.setattr(ray, "init", None)
    (tmp_path / "a.txt").write_text("Anna\n", encoding="utf-8")
    (tmp_path / "a.csv").touch()
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "part-00000000.parquet").touch()
    names = {"tmp": tmp_path, "model": corpus[0], "port": free_port()}
    assert main([argument.format(**names) for argument in arguments]) == status
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("tag_corpus.py: error: ")
    assert message.format(**names) in err
    assert err.count("\n") == 1
    assert {path.name for path in tmp_path.iterdir()} == {"a.txt", "a.csv", "there"}


@pytest.mark.parametrize("error", [None, ConnectionError])
def test_sigterm_is_handled_as_before_while_ray_runs_and_afterwards(monkeypatch, error):
    def init(**_options):
        signal.signal(signal.SIGTERM, lambda number, frame: None)
        if error is not None:
            raise error

    monkeypatch.setattr(ray, "init", init)
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "shutdown", lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN))
    before = signal.getsignal(signal.SIGTERM)
    with nullcontext() if error is None else pytest.raises(error), _running(None, 1):
        assert signal.getsignal(signal.SIGTERM) == before
    assert signal.getsignal(signal.SIGTERM) == before


def test_sigterm_while_ray_starts_reaches_the_handler_of_the_program(monkeypatch):
    class Stopped(Exception):
        pass

    def stop(number, frame):
        raise Stopped

    def init(**_options):
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(number))  # as Ray does
        signal.raise_signal(signal.SIGTERM)

    shut_down = []
    monkeypatch.setattr(ray, "init", init)
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "shutdown", lambda: shut_down.append(True))
    before = signal.signal(signal.SIGTERM, stop)
    try:
        with pytest.raises(Stopped), _running(None, 1):
            pytest.fail("Ray did not start")
        assert signal.getsignal(signal.SIGTERM) is stop
    finally:
        signal.signal(signal.SIGTERM, before)
    assert shut_down == [True]


@pytest.mark.slow
def test_a_signal_ends_the_ray_that_was_started_and_leaves_nothing(corpus, tmp_path):
    model, texts = corpus
    (tmp_path / "a.txt").write_text("".join(f"{text}\n" for text in texts * 20), encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, SCRIPT, model, tmp_path / "a.txt", "-o", tmp_path / "out", "--probabilities"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    while not list(tmp_path.glob(".out.*/part-*.parquet")) and process.poll() is None:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGTERM)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (143, "")
    assert err == "tag_corpus.py: stopped by SIGTERM\n"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.slow
def test_the_script_tags_all_files_in_order_on_a_cluster_by_its_address(corpus, cluster, tmp_path):
    model, texts = corpus
    (tmp_path / "in" / "sub").mkdir(parents=True)
    (tmp_path / "in" / "a.txt").write_text("".join(f"{text}\n" for text in texts[:1800]), encoding="utf-8")
    (tmp_path / "in" / "sub" / "b.txt").write_text("\n".join(texts[1800:]), encoding="utf-8")
    more_than_cores = ["--actors", "3", "--batch-rows", "100"]
    done = subprocess.run(
        [sys.executable, SCRIPT, model, tmp_path / "in", "-o", tmp_path / "out", "--address", cluster,
         *more_than_cores],
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"2100 rows tagged, in {tmp_path / 'out'}\n"
    files = sorted((tmp_path / "out").iterdir())
    assert len(files) >= 2
    assert [path.name for path in files] == [f"part-{number:08d}.parquet" for number in range(len(files))]
    assert sorted(tmp_path.iterdir()) == [tmp_path / "in", tmp_path / "out"]
    found = read_folder(tmp_path / "out")
    places = [str(tmp_path / "in" / "a.txt")] * 1800 + [str(tmp_path / "in" / "sub" / "b.txt")] * 300
    lines = [*range(1, 1801), *range(1, 301)]
    expected = TagBatch(model)(pyarrow.table({"text": texts, "file": places, "line": lines}))
    assert found.equals(expected)
    assert not any(found["entities"].to_pylist()[:1500])
    assert sum(map(len, found["entities"].to_pylist())) > 200
    assert all(parquet.read_schema(path).equals(expected.schema) for path in files)


@pytest.mark.slow
def test_killed_actors_lose_and_repeat_nothing(corpus, cluster, tmp_path):
    model, texts = corpus

    class Dying(TagBatch):
        """Kills its process at two of the rows, each time that nobody has died there before."""

        def __call__(self, batch):
            for row in {700, 1900} & set(batch["id"].to_pylist()):
                try:
                    (tmp_path / f"died at {row}").touch(exist_ok=False)
                except FileExistsError:
                    continue
                os.kill(os.getpid(), signal.SIGKILL)
            return super().__call__(batch)

    table = pyarrow.table({"id": range(len(texts)), "text": texts})
    parquet.write_table(table, tmp_path / "a.parquet", row_group_size=900)
    assert tag_corpus([tmp_path / "a.parquet"], tmp_path / "out", Dying(model), batch_rows=100) == 2100
    assert {path.name for path in tmp_path.iterdir()} == {"a.parquet", "out", "died at 700", "died at 1900"}
    files = sorted((tmp_path / "out").iterdir())
    assert [path.name for path in files] == [f"part-{number:08d}.parquet" for number in range(5)]
    assert read_folder(tmp_path / "out").equals(TagBatch(model)(table))


@pytest.mark.slow
def test_tokens_of_jsonl_keep_their_other_columns(corpus, cluster, tmp_path):
    (tmp_path / "a.jsonl").write_text(
        '{"words": ["Anna", "met", "Bo"], "n": 1}\n{"words": null}\n{"words": [], "n": 2.5}\n',
        encoding="utf-8",
    )
    tag = TagBatch(corpus[0], token_column="words", prefix="ner_")
    assert tag_corpus([tmp_path / "a.jsonl"], tmp_path / "out", tag, actors=1) == 3
    found = read_folder(tmp_path / "out")
    assert found.column_names == ["words", "n", *output_schema("ner_").names]
    assert found["ner_tokens"].to_pylist() == [["Anna", "met", "Bo"], None, []]
    assert found["n"].to_pylist() == [1.0, None, 2.5]
    with pytest.raises(
        UsageError, match=r"out: already exists, and is kept; pass overwrite=True to replace it"
    ):
        tag_corpus([tmp_path / "a.jsonl"], tmp_path / "out", tag)
    assert tag_corpus([tmp_path / "a.jsonl"], tmp_path / "out", tag, overwrite=True, actors=1) == 3


@pytest.mark.slow
def test_a_bad_line_ends_it_and_leaves_nothing(corpus, cluster, tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "Anna"}\n{"text": 3}\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"/a\.jsonl:2: expected a text in 'text', found '3'$"):
        tag_corpus([tmp_path / "a.jsonl"], tmp_path / "out", TagBatch(corpus[0]), actors=1)
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


@pytest.mark.slow
def test_a_row_that_cannot_be_tagged_ends_it_and_leaves_nothing(corpus, cluster, tmp_path):
    parquet.write_table(pyarrow.table({"words": [["a"], ["b", None]]}), tmp_path / "a.parquet")
    tag = TagBatch(corpus[0], token_column="words")
    with pytest.raises(DataError, match=r"/a\.parquet: row 2: expected tokens as strings in 'words'"):
        tag_corpus([tmp_path / "a.parquet"], tmp_path / "out", tag, actors=1)
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]


@pytest.mark.slow
def test_an_address_is_refused_where_ray_runs_already(corpus, cluster, tmp_path):
    (tmp_path / "a.txt").write_text("Anna\n", encoding="utf-8")
    with pytest.raises(
        UsageError, match=r"address=\.\.\.: this process is connected to Ray already; leave it out"
    ):
        tag_corpus([tmp_path / "a.txt"], tmp_path / "out", TagBatch(corpus[0]), address=cluster)
