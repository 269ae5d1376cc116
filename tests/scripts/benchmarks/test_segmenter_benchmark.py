import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

PATH = Path(__file__).parents[3] / "scripts" / "benchmarks" / "segmenter.py"

TREEBANK = """\
# newdoc id = a
# newpar id = a-1
# text = Don't.
1-2\tDon't\t_\t_\t_\t_\t_\t_\t_\tSpaceAfter=No
1\tDo\t_\t_\t_\t_\t_\t_\t_\t_
2\tn't\t_\t_\t_\t_\t_\t_\t_\t_
3\t.\t_\t_\t_\t_\t_\t_\t_\t_

# text = Go on,
1\tGo\t_\t_\t_\t_\t_\t_\t_\t_
1.1\tsilently\t_\t_\t_\t_\t_\t_\t_\t_
2\ton\t_\t_\t_\t_\t_\t_\t_\tX=Y|SpaceAfter=No
3\t,\t_\t_\t_\t_\t_\t_\t_\t_

# newpar id = a-2
1-2\tau\t_\t_\t_\t_\t_\t_\t_\t_
1\tà\t_\t_\t_\t_\t_\t_\t_\t_
2\tle\t_\t_\t_\t_\t_\t_\t_\t_

# newdoc id = b
1\tYes\t_\t_\t_\t_\t_\t_\t_\t_
"""


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    specification = importlib.util.spec_from_file_location("segmenter_benchmark", PATH)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module  # dataclasses look their module up
    specification.loader.exec_module(module)
    return module


def test_puts_the_running_text_of_a_treebank_together(benchmark: ModuleType) -> None:
    first, second = benchmark.read_documents(TREEBANK.splitlines(keepends=True))
    assert first.text == "Don't. Go on,\n\nau "
    assert first.sentences == [[(0, 5), (5, 6)], [(7, 9), (10, 12), (12, 13)], [(15, 17)]]
    assert first.words == [(0, 2), (2, 5), (5, 6), (7, 9), (10, 12), (12, 13)]
    assert first.num_words == 8
    assert (second.text, second.sentences) == ("Yes ", [[(0, 3)]])


def test_scores_what_the_rules_find(benchmark: ModuleType) -> None:
    scores = benchmark.score(benchmark.read_documents(TREEBANK.splitlines(keepends=True)))
    perfect = {"precision": 100.0, "recall": 100.0, "f1": 100.0}
    assert scores["surface tokens"] == perfect
    # "à le" is not in the text: "au" is found instead.
    assert scores["syntactic words"] == {"precision": 87.5, "recall": 77.78, "f1": 82.35}
    assert scores["sentence boundaries"] == perfect
    assert scores["inner boundaries"] == perfect
