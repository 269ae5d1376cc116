"""A tagger in NumPy gives the answers of one in PyTorch, and the same whatever else it is asked at once."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from random_models import OPTIONS, disturbed_parts, random_sentences
from tiny_models import torch_tagger

from tagger import Tagger
from tagger.config import CELLS
from tagger.network.arrays import HAS_AVX512

SENTENCES = random_sentences([0, 1, 300, 2, 5, 0, 40, 3, 1, 17, 150, 8, 8, 25, 4, 61, 12, 33])
SCHEMES = ("iob2", "bioes", "io", "none")
MODELS = [
    {"scheme": SCHEMES[number % len(SCHEMES)], "wide_features": number % 3 == 0, **options}
    for number, options in enumerate(OPTIONS)
]
every_model = pytest.mark.parametrize("number", range(len(MODELS)), ids=lambda number: str(MODELS[number]))


@cache
def parts_of(number):
    return disturbed_parts(**MODELS[number])


def distance(found, expected):
    """The largest difference of two probabilities."""
    return max(np.abs(one - other).max(initial=0) for one, other in zip(found, expected, strict=True))


@cache
def rounding(number):
    """How far the probabilities are from those of the same model in double precision."""
    exact = torch_tagger(replace(parts_of(number)))
    exact.parts.model.double()
    return distance(Tagger(parts_of(number)).marginals(SENTENCES), exact.marginals(SENTENCES))


@every_model
@pytest.mark.slow
def test_labels_and_probabilities_are_those_of_pytorch(number):
    parts = parts_of(number)
    found, expected = Tagger(parts), torch_tagger(parts)
    for decode in ("viterbi", "posterior"):
        assert found.tag(SENTENCES, decode=decode) == expected.tag(SENTENCES, decode=decode)
    assert distance(found.marginals(SENTENCES), expected.marginals(SENTENCES)) < 1e-5
    assert rounding(number) < 1e-5
    for one, other in zip(found.predict(SENTENCES), expected.predict(SENTENCES), strict=True):
        assert one.labels == other.labels
        assert [span.probability for span in one.spans] == pytest.approx(
            [span.probability for span in other.spans], rel=0, abs=1e-5
        )
        assert one.log_probability == pytest.approx(other.log_probability, rel=1e-5, abs=1e-4)


@every_model
@pytest.mark.slow
def test_a_sentence_alone_among_others_or_in_another_order_has_the_same_answer(number):
    """To 1e-6; or, where a model magnifies the last bits of its products, to a few times what they cost it."""
    parts = parts_of(number)
    tagger, narrow = Tagger(parts), Tagger(parts, batch_tokens=64)
    allowed = max(1e-6, 4 * rounding(number))
    labels, marginals = tagger.tag(SENTENCES), tagger.marginals(SENTENCES)
    for other in (tagger, narrow):
        assert other.tag(SENTENCES[::-1])[::-1] == labels
        assert distance(other.marginals(SENTENCES[::-1])[::-1], marginals) < allowed
    assert [tagger.tag([sentence])[0] for sentence in SENTENCES] == labels
    assert distance([tagger.marginals([sentence])[0] for sentence in SENTENCES], marginals) < allowed


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.slow
def test_so_it_is_with_two_thousand_tokens(cell):
    parts = disturbed_parts(scheme="iob2", cell=cell)
    sentences = random_sentences([2000, 7, 0, 1999])
    found, expected = Tagger(parts), torch_tagger(parts)
    labels, marginals = found.tag(sentences), found.marginals(sentences)
    assert labels == expected.tag(sentences)
    assert distance(marginals, expected.marginals(sentences)) < 1e-5
    assert [found.tag([sentence])[0] for sentence in sentences] == labels


@pytest.mark.slow
def test_so_it_is_on_processors_without_avx512():
    """There NumPy computes other functions, and OpenBLAS's sums depend on the place of a row. Every cell once."""
    environment = {**os.environ, "OPENBLAS_CORETYPE": "Haswell", "OMP_NUM_THREADS": "1"}
    if HAS_AVX512:
        environment["NPY_DISABLE_CPU_FEATURES"] = " ".join(
            name
            for name in np.show_config(mode="dicts")["SIMD Extensions"]["found"]
            if name == "X86_V4" or name.startswith("AVX512")
        )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "bidirectional", __file__],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_so_it_is_with_what_is_computed_where_there_is_avx512():
    """There other formulas serve, and other rows are multiplied at once; they are right on any processor."""
    program = (
        "import sys, numpy, pytest\n"
        "numpy.show_config = lambda mode: {'SIMD Extensions': {'baseline': [], 'found': ['X86_V4']}}\n"
        "from tagger.network.arrays import HAS_AVX512\n"
        "assert HAS_AVX512\n"
        "sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider', '-k', 'bidirectional', sys.argv[1]]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, __file__], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout or "[100%]" in done.stdout


def test_a_temperature_is_that_of_both():
    parts = replace(parts_of(0), temperature=2.5)
    found = torch_tagger(parts).marginals(SENTENCES)
    assert distance(Tagger(parts).marginals(SENTENCES), found) < 1e-5
    assert distance(Tagger(parts_of(0)).marginals(SENTENCES), found) > 1e-3
