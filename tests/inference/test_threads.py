"""Batches computed side by side: the same answers in the same order, and an end whenever it is asked for."""

from __future__ import annotations

import itertools
import signal
import threading
import time

import numpy as np
import pytest
from tiny_models import SENTENCES, tiny_parts

from tagger import Tagger
from tagger.batching import batches_by_length
from tagger.inference.scores import BatchScores

MANY = [sentence[: 1 + i % 9] for i in range(40) for sentence in SENTENCES]


def pair():
    """The same model with one thread and with three; some 40 batches in ``MANY``."""
    parts = tiny_parts("bioes", wide_features=True)
    return (Tagger(parts, batch_tokens=16, threads=number) for number in (1, 3))


def threads_at_work():
    return [thread for thread in threading.enumerate() if thread.name.startswith("tagger-batches")]


def threads_left():
    """Those that do not end. One that Ctrl-C keeps its pool from noting ends by itself, a little later."""
    for thread in threads_at_work():
        thread.join(60)
    return threads_at_work()


def test_answers_are_those_of_one_thread_in_the_order_of_the_input():
    one, three = pair()
    assert three.tag(MANY) == one.tag(MANY)
    assert three.tag(MANY, decode="posterior") == one.tag(MANY, decode="posterior")
    for found, expected in zip(three.marginals(MANY), one.marginals(MANY), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-6)
    for found, best in zip(three.nbest(MANY, 2), one.nbest(MANY, 2), strict=True):
        assert [each.labels for each in found] == [each.labels for each in best]
    for found, best in zip(three.stream(iter(MANY)), one.stream(iter(MANY)), strict=True):
        assert (found.tokens, found.labels) == (best.tokens, best.labels)
    assert not threads_left()


def counted(monkeypatch, act):
    """Do something in the first batch and wait in all others; return the list of the batches that were begun."""
    begun: list[None] = []
    labels, lock = BatchScores.labels, threading.Lock()

    def slow(scores, decode):
        with lock:
            begun.append(None)
            is_first = len(begun) == 1
        if is_first:
            act()
        time.sleep(0.05)
        return labels(scores, decode)

    monkeypatch.setattr(BatchScores, "labels", slow)
    return begun


def test_an_error_in_one_batch_is_raised_and_the_rest_left(monkeypatch):
    _, three = pair()

    def fail():
        raise ValueError("as you wish")

    begun = counted(monkeypatch, fail)
    with pytest.raises(ValueError, match=r"^as you wish$"):
        three.tag(MANY)
    assert len(begun) < num_batches()
    assert not threads_left()


def test_ctrl_c_leaves_the_batches_that_wait(monkeypatch):
    _, three = pair()
    begun = counted(monkeypatch, lambda: signal.raise_signal(signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        three.tag(MANY)
    assert len(begun) < num_batches()
    assert not threads_left()
    monkeypatch.undo()
    assert three.tag(SENTENCES) == next(pair()).tag(SENTENCES)


def num_batches():
    """How many batches ``MANY`` makes, as one lookahead."""
    lengths = np.array([len(sentence) for sentence in MANY])
    count = len(batches_by_length(lengths, max_tokens=16))
    assert count > 30
    return count


def test_a_stream_that_is_left_leaves_no_thread():
    one, three = pair()
    stream = three.stream_labels(itertools.cycle(MANY))
    first = [next(stream) for _ in range(3)]
    assert first == one.tag(MANY[:3])
    assert threads_at_work()
    stream.close()
    assert not threads_left()
