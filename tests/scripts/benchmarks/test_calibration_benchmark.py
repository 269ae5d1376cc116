import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from drawn_labels import drawn
from present import present
from tiny_models import tiny_parts

from tagger import Tagger
from tagger.evaluation.probabilities.temperature import score_corpus
from tagger.examples import Example
from tagger.schemes import LabelScheme


def lines(examples: list[Example]) -> str:
    return "".join(
        "".join(f"{token} {label}\n" for token, label in zip(each.tokens, present(each.labels), strict=True))
        + "\n"
        for each in examples
    )


@pytest.mark.slow
def test_errors_on_the_test_file_fall_at_the_temperature_of_the_dev_file(
    script: Callable[[str], ModuleType], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = tiny_parts("iob2", ("PER",))
    for name, seed in (("dev", 0), ("test", 1)):
        (tmp_path / f"{name}.conll").write_text(lines(drawn(parts, 3.0, 150, seed=seed)[0]))
    Tagger(replace(parts, temperature=2.0)).save(tmp_path / "model")
    files = ["--dev", str(tmp_path / "dev.conll"), "--test", str(tmp_path / "test.conll")]
    script("calibration").main([str(tmp_path / "model"), *files, "--json", str(tmp_path / "out.json")])
    ((title, rows),) = json.loads((tmp_path / "out.json").read_text())["tables"].items()
    assert title == "Calibration error on test.conll, temperature fitted to dev.conll"
    assert title in capsys.readouterr().out
    before, sequences, labels = rows
    assert [row["likelihood of"] for row in rows] == ["none", "sequences", "labels"]
    assert (before["temperature"], before["kept"], sequences["kept"]) == (1.0, "", "yes")
    assert sequences["temperature"] == pytest.approx(3, rel=0.3)
    for row in (sequences, labels):
        assert row["ECE of tokens"] < before["ECE of tokens"] / 2
        assert row["ECE of spans"] < before["ECE of spans"] / 2


def test_few_sentences_are_enough_for_a_quick_look(
    script: Callable[[str], ModuleType], tmp_path: Path
) -> None:
    parts = tiny_parts("iob2", ("PER",))
    examples, _ = drawn(parts, 1.0, 20)
    (tmp_path / "gold.conll").write_text(lines(examples))
    Tagger(parts).save(tmp_path / "model")
    benchmark: Any = script("calibration")
    benchmark._QUICK_SENTENCES = 4
    asked: list[int] = []

    def noted(*given: Any) -> object:
        asked.append(len(given[1]))
        return score_corpus(*given)

    benchmark.score_corpus = noted
    gold = str(tmp_path / "gold.conll")
    benchmark.main(["--quick", str(tmp_path / "model"), "--dev", gold, "--test", gold])
    benchmark.main([str(tmp_path / "model"), "--dev", gold, "--test", gold])
    assert asked == [4, 4, 20, 20]


def test_the_likelihood_of_labels_is_that_of_their_marginals(script: Callable[[str], ModuleType]) -> None:
    parts = tiny_parts("iob2", ("PER",))
    examples, _ = drawn(parts, 2.0, 30)
    benchmark = script("calibration")
    found = benchmark.label_temperature(score_corpus(Tagger(parts), examples, LabelScheme.IOB2))

    def likelihood(temperature: float) -> float:
        tagger = Tagger(replace(parts, temperature=temperature))
        product = 1.0
        for example, marginals in zip(
            examples, tagger.marginals([each.tokens for each in examples]), strict=True
        ):
            for row, label in zip(marginals, example.labels, strict=True):
                product *= row[tagger.labels.index(label)]
        return product

    assert likelihood(found) >= max(likelihood(found * 1.05), likelihood(found / 1.05))
