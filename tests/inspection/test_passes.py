"""Tests of tagger/inspection/passes.py: from words to emissions, batch by batch."""

import pytest
import torch
from tiny_models import SENTENCES, tiny_tagger

from tagger.errors import UsageError
from tagger.inspection.passes import passes, single_pass


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"num_layers": 2, "connections": "skip"},
        {"decoder": "softmax"},
        {"wide_features": True},
    ],
    ids=str,
)
def test_a_pass_ends_in_the_models_own_emissions(options):
    tagger = tiny_tagger(**options)
    for seen in passes(tagger, SENTENCES):
        with torch.no_grad():
            expected = tagger.parts.model.emissions(seen.batch)
        assert torch.equal(seen.emissions, expected)
        scored = tagger.parts.model.score(seen.encoded, seen.batch.wide)
        assert torch.equal(seen.emissions, scored)


def test_every_sentence_is_in_one_pass_whatever_the_budget():
    sentences = [SENTENCES[i % 3][: 1 + i % 5] for i in range(17)]
    found = [seen.members for seen in passes(tiny_tagger(), sentences, batch_tokens=9)]
    assert len(found) > 3
    assert sorted(member for members in found for member in members) == list(range(17))


def test_an_empty_sentence_and_what_is_none_are_refused():
    with pytest.raises(
        UsageError, match=r"^expected a sentence of at least one token to look into, found an empty"
    ):
        single_pass(tiny_tagger(), [])
    with pytest.raises(
        TypeError, match=r"^expected a sentence as a list of tokens, found the string 'EU rejects'$"
    ):
        single_pass(tiny_tagger(), "EU rejects")
    with pytest.raises(TypeError, match=r"^expected tokens to be strings, found 7$"):
        single_pass(tiny_tagger(), ["EU", 7])  # type: ignore[list-item]
