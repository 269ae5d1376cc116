"""GateCache: what the encoder looks up of words, whichever of them have a row of their own."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import torch
from tiny_models import tiny_tagger

from tagger.gate_cache import GateCache
from tagger.word_cache import WordCache

TEXTS = [
    [("EU", "rejects", "German", "call"), ("to", "boycott")],
    [("call", "to", "arms"), ("EU",)],
    [tuple(f"w{i}" for i in range(50))],
    [("EU", "w49", "to", "w7")],
]
BYTES_OF_A_ROW = 2 * 4 * 4  # of one unit: two directions, four blocks, four bytes


@pytest.fixture
def parts():
    return tiny_tagger().parts


def caches(parts, *, rows, max_words=1000):
    model = parts.model
    words = WordCache(parts.featurizer, model.word_features, max_words=max_words)
    return words, GateCache(model.encoder, max_bytes=rows * BYTES_OF_A_ROW * parts.config.hidden_dim)


def check(words, gates, text, encoder):
    known = words.rows(text)
    rows = np.concatenate(known.rows)
    found, index = gates.look_up(known, rows)
    expected = encoder.gates(known.vectors[torch.from_numpy(rows)])
    compare(found, index, expected)
    return found, index, expected


def compare(found, index, expected):
    for direction, of_direction in enumerate(expected):
        looked_up = found.look_up(direction, torch.from_numpy(index))
        torch.testing.assert_close(looked_up, of_direction, atol=1e-6, rtol=0)


@pytest.mark.parametrize("rows", [0, 1, 3, 1000])
@pytest.mark.parametrize("max_words", [1, 5, 1000])
def test_every_token_has_the_gates_of_its_word(rows, max_words, parts):
    words, gates = caches(parts, rows=rows, max_words=max_words)
    earlier = []
    for text in [*TEXTS, *TEXTS]:
        earlier.append(check(words, gates, text, parts.model.encoder))
    for found, index, expected in earlier:
        compare(found, index, expected)
    assert gates._table.gates.shape[1] == max(rows, 1)


def test_the_gates_of_a_word_are_computed_once(parts, monkeypatch):
    words, gates = caches(parts, rows=1000)
    computed = []
    compute = parts.model.encoder.gates
    check(words, gates, TEXTS[0], parts.model.encoder)
    monkeypatch.setattr(
        parts.model.encoder, "gates", lambda vectors: computed.append(len(vectors)) or compute(vectors)
    )
    known = words.rows(TEXTS[0])
    gates.look_up(known, np.concatenate(known.rows))
    known = words.rows(TEXTS[1])
    gates.look_up(known, np.concatenate(known.rows))
    assert computed == [1]  # "arms"


@pytest.mark.parametrize("changed", ["the encoder", "the word features"])
def test_changed_weights_are_computed_with(changed, parts):
    words, gates = caches(parts, rows=1000)
    check(words, gates, TEXTS[0], parts.model.encoder)
    module = parts.model.encoder if changed == "the encoder" else parts.model.word_features
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.1)
    check(words, gates, TEXTS[0], parts.model.encoder)


def test_the_mode_and_precision_of_a_caller_are_not_those_of_the_next(parts):
    words, gates = caches(parts, rows=1000)
    modes = (torch.inference_mode(), torch.no_grad(), torch.autocast("cpu", torch.bfloat16))
    for text, mode in zip(TEXTS, modes, strict=False):
        known = words.rows(text)
        with mode:
            gates.look_up(known, np.concatenate(known.rows))
    for text in TEXTS:
        check(words, gates, text, parts.model.encoder)


def test_an_interruption_leaves_no_wrong_places(parts):
    words, gates = caches(parts, rows=1000)
    check(words, gates, TEXTS[0], parts.model.encoder)
    places = gates._table.place_of_row

    class Interrupted(np.ndarray):
        def __setitem__(self, *changed):
            super().__setitem__(*changed)
            raise KeyboardInterrupt

    gates._table.place_of_row = places.view(Interrupted)
    known = words.rows(TEXTS[1])
    with pytest.raises(KeyboardInterrupt):
        gates.look_up(known, np.concatenate(known.rows))
    gates._table.place_of_row = places
    for text in [*TEXTS, *TEXTS]:
        check(words, gates, text, parts.model.encoder)


def test_words_of_before_are_computed_without_a_new_table(parts):
    words, gates = caches(parts, rows=1000, max_words=5)
    before = words.rows(TEXTS[0])
    after = words.rows(TEXTS[2])
    after = words.rows(TEXTS[2])
    assert after.numbering > before.numbering
    gates.look_up(after, np.concatenate(after.rows))
    table = gates._table
    rows = np.concatenate(before.rows)
    expected = parts.model.encoder.gates(before.vectors[torch.from_numpy(rows)])
    compare(*gates.look_up(before, rows), expected)
    assert gates._table is table


def test_threads_may_share_it(parts):
    words, gates = caches(parts, rows=20, max_words=30)
    failures = []

    def work(seed):
        generator = np.random.default_rng(seed)
        try:
            for _ in range(60):
                text = [tuple(f"w{i}" for i in generator.integers(200, size=20))]
                check(words, gates, text, parts.model.encoder)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
