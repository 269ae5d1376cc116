"""What all tests share."""

import gc
import logging
import signal
from collections import Counter
from contextlib import contextmanager

import pytest

from tagger.options import options_of_command_line

# Where the tests run in the background, a shell may have had Ctrl-C ignored, and every program started from here would
# inherit that; some tests interrupt the programs they start.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes name no test: they may hold the time (gzip does), and processes that share the tests need equal names."""
    return argname if isinstance(val, bytes) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files with slow tests first: processes that share the files then end together."""
    slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
    items.sort(key=lambda item: -slow[item.path])


def pytest_collection_finish(session: pytest.Session) -> None:
    """Leave what the tests have imported out of garbage collections, which would visit all of it again and again."""
    gc.collect()
    gc.freeze()


@contextmanager
def _same_logging():
    loggers = [logging.getLogger(), logging.getLogger("tagger")]
    before = [(logger.level, list(logger.handlers)) for logger in loggers]
    yield
    for logger, (level, handlers) in zip(loggers, before, strict=True):
        logger.setLevel(level)
        logger.handlers[:] = handlers


@pytest.fixture(autouse=True, scope="module")
def same_logging_after_a_file():
    """What a file of tests makes once may set up logging; the next file must not notice."""
    with _same_logging():
        yield


@pytest.fixture(autouse=True)
def same_logging():
    """Programs that tests run in this process set up logging; the next test must not notice."""
    with _same_logging():
        yield


@pytest.fixture
def on_the_command_line():
    """Messages name options as where one trains on the command line."""
    with options_of_command_line():
        yield
