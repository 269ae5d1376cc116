import importlib.util
import random
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tagger.formats.tools.placing import Mention, Placement

PATH = Path(__file__).parents[3] / "scripts" / "benchmarks" / "place_mentions.py"

CORPUS = """\
Zoë\tB-PER
of\tO
New\tB-LOC
South\tI-LOC
Wales\tI-LOC

Zoë\tB-PER
and\tO
ACME\tB-ORG

nothing\tO

"""


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    sys.path.insert(0, str(PATH.parent))
    try:
        specification = importlib.util.spec_from_file_location("place_mentions_benchmark", PATH)
        assert specification is not None
        assert specification.loader is not None
        module = importlib.util.module_from_spec(specification)
        sys.modules[specification.name] = module
        specification.loader.exec_module(module)
    finally:
        sys.path.remove(str(PATH.parent))
    return module


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "corpus.conll"
    path.write_text(CORPUS * 20)
    return path


def test_gold_is_all_places_of_a_text_with_a_label(benchmark, corpus):
    (first, *_) = benchmark.texts(corpus, None, random.Random(1))
    for mention, places in first.gold.items():
        assert {first.text[slice(*place)] for place in places} == {mention.text}
    assert len(first.gold[Mention("Zoë", "PER")]) == first.text.count("Zoë")


@pytest.mark.parametrize(
    ("kind", "mention", "expected"),
    [
        ("missing word within", "New South Wales", {"New Wales"}),
        ("missing word within", "New York", {None}),
        ("missing word at an end", "New South Wales", {"South Wales", "New South"}),
        ("no blanks and marks", "O'Neill & Co.", {"ONeillCo"}),
        ("changed case", "Oslo", {"oslo", "OSLO", "Oslo"}),
        ("typing error", "abc", {None}),
    ],
)
def test_errors_are_those_of_their_kind(benchmark, kind, mention, expected):
    rng = random.Random(1)
    assert {benchmark.CHANGES[kind](mention, rng) for _ in range(100)} == expected


def test_what_is_marked_is_judged(benchmark):
    gold = frozenset({(0, 3), (5, 8)})
    assert benchmark.judged(Placement(((0, 3), (5, 8)), "exact"), gold) == "right"
    assert benchmark.judged(Placement(((0, 3),), "exact"), gold) == "wrong"
    assert benchmark.judged(Placement(reason="absent"), gold) == "unplaced"
    assert benchmark.judged(Placement(reason="absent"), frozenset()) == "right"
    assert benchmark.judged(Placement(((0, 3),), "exact"), frozenset()) == "wrong"


def test_the_table_has_every_kind_and_the_same_seed_the_same_numbers(benchmark, corpus, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["place_mentions.py", str(corpus), "--outputs", "36", "--seeds", "2"])
    benchmark.main()
    table = capsys.readouterr().out
    assert all(kind in table for kind in benchmark.KINDS)
    run = benchmark.outcomes(corpus, None, outputs=36, seed=1)
    assert run == benchmark.outcomes(corpus, None, outputs=36, seed=1)
    assert all(counts["outputs"] == 3 for counts in run.values())
    assert run["unchanged"] == {"right": 3, "outputs": 3, "harmed": 0}
