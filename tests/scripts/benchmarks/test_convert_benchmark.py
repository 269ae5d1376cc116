"""The comparison of conversions, on a few sentences; never how fast anything was."""

import sys

import pytest


def test_a_corpus_is_repeated_up_to_so_many_tokens(script, tmp_path):
    corpus, path = tmp_path / "x.conll", tmp_path / "big.conll"
    corpus.write_text("-DOCSTART- O\n\nOslo B-LOC\n. O\n")
    assert script("convert").repeated(corpus, path, 5) == 6
    assert path.read_text() == "-DOCSTART- O\n\nOslo B-LOC\n. O\n\n" * 3


def test_a_command_is_measured_and_its_failure_shown(script, tmp_path):
    convert = script("convert")
    source = tmp_path / "in.conll"
    source.write_text("Oslo B-LOC\n. O\n")
    cost = convert.run(convert.own_command(source, tmp_path / "out.jsonl", "jsonl"))
    assert (tmp_path / "out.jsonl").exists()
    assert min(cost) > 0
    with pytest.raises(SystemExit, match="no such thing"):
        convert.run([sys.executable, "-c", "raise SystemExit('no such thing')"])


@pytest.mark.slow
def test_memory_has_a_row_for_each_size(script, tmp_path):
    corpus = tmp_path / "x.conll"
    corpus.write_text("Oslo B-LOC\n. O\n")
    rows = script("convert").memory(corpus, tmp_path, sizes=[2, 20])
    assert [row["tokens"] for row in rows] == [2, 20]
    assert all(row["to jsonl, MiB"] > 1 for row in rows)
