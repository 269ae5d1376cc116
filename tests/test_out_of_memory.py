"""A sentence too long for the memory: an error that says which one and what to do, for labels and probabilities."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_models import tiny_tagger

from tagger.errors import TaggerError
from tagger.inference.scores import BatchScores

TORCH = RuntimeError(
    "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate "
    "68719476736 bytes. Error code 12 (Cannot allocate memory)"
)
NUMPY = MemoryError("Unable to allocate 64.0 GiB for an array with shape (8589934592,) and data type float64")


@pytest.mark.parametrize("error", [TORCH, NUMPY])
def test_the_sentences_that_took_the_memory_are_named(monkeypatch, error):
    def fail(self, decode, thresholds=None):
        raise error

    monkeypatch.setattr(BatchScores, "predictions", fail)
    tagger = tiny_tagger()
    with pytest.raises(TaggerError) as caught:
        tagger.predict([["Anna", "met", "Bo", "in", "New", "York"] * 500])
    assert str(caught.value) == (
        "out of memory with the sentence that begins 'Anna met Bo in New' and has 3,000 tokens. Divide it, or ask "
        "only for labels, which take less than probabilities, or give the program more memory."
    )
    assert caught.value.__cause__ is error
    with pytest.raises(TaggerError) as caught:
        tagger.predict([["Anna"], ["Bo", "met"], ["Oslo"]])
    assert str(caught.value) == (
        "out of memory with 3 sentences of up to 2 tokens, one of which begins 'Bo met'. Compute less at once "
        "(batch_tokens, or --batch-tokens), or give the program more memory."
    )


def test_another_error_of_torch_stays_what_it_is(monkeypatch):
    def fail(self, decode, thresholds=None):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    monkeypatch.setattr(BatchScores, "predictions", fail)
    with pytest.raises(RuntimeError, match=r"^mat1 and mat2 shapes cannot be multiplied$"):
        tiny_tagger().predict([["Anna"]])


# The limit is set when all is loaded, so that what fails is the sentence.
LIMITED = """\
import resource, sys
from tagger.cli import main
from tagger.api import Tagger
load = Tagger.load

def limited(*arguments, **options):
    tagger = load(*arguments, **options)
    list(tagger.stream([["Anna"]]))
    used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 64 * 2**20,) * 2)
    return tagger

Tagger.load = limited
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory in use is read from /proc")
def test_a_sentence_of_200_000_tokens_under_a_real_limit(tmp_path):
    tiny_tagger(hidden_dim=100).save(tmp_path / "model")
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, "tag", str(tmp_path / "model"), "--input", "tokens", "--output", "jsonl",
         "--probabilities"],
        input="Anna met Bo " * 66_666 + "in Oslo\n", capture_output=True, text=True, timeout=300,
        env={**os.environ, "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"},
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert done.stderr == (
        "tagger: error: out of memory with the sentence that begins 'Anna met Bo Anna met' and has 200,000 tokens. "
        "Divide it, or ask only for labels, which take less than probabilities, or give the program more memory.\n"
    )
