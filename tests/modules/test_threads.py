"""A second thread: results in their order, errors after both have ended, no thread left."""

from __future__ import annotations

import threading
import time

import pytest
import torch
from present import present

from tagger.modules import threads
from tagger.modules.threads import both, second_thread


@pytest.fixture(autouse=True)
def no_thread_is_left():
    yield
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("tagger-second")]


def where():
    return threading.current_thread() is threading.main_thread(), torch.get_num_threads()


def test_without_a_second_thread_one_function_is_called_after_the_other():
    called = []
    assert both(lambda: called.append(1), lambda: called.append(2)) == (None, None)
    assert called == [1, 2]
    assert both(where, where)[1][0]


def test_with_one_both_run_at_the_same_time_on_one_openmp_thread_each():
    meeting = threading.Barrier(2, timeout=30)

    def meet():
        meeting.wait()  # neither could pass alone
        return where()

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with second_thread():
            assert both(meet, meet) == ((True, 1), (False, 1))
    finally:
        torch.set_num_threads(before)
    assert both(where, where)[1][0]


@pytest.mark.parametrize("error", [MemoryError, KeyboardInterrupt])
@pytest.mark.parametrize("failing", [0, 1])
def test_an_error_comes_out_when_both_have_ended(error, failing):
    ended, begun = [], threading.Event()

    def fail():
        if failing == 0:
            begun.wait()
        raise error

    def go_on():
        begun.set()
        time.sleep(0.05)
        ended.append(True)

    with second_thread():
        with pytest.raises(error):
            both(*((fail, go_on) if failing == 0 else (go_on, fail)))
        assert ended == [True]
        assert both(lambda: 1, lambda: 2) == (1, 2)


def test_a_thread_that_does_not_get_to_it_is_not_waited_for():
    busy, done = threading.Event(), threading.Event()

    def block():
        busy.set()
        done.wait()

    with second_thread():
        present(threads._THREAD.get()).submit(block)
        busy.wait()
        first, second = both(where, where)
        done.set()
    assert (first[0], second[0]) == (True, True)
