"""What train() tells a Python program: its epochs, unless logging is set up, and then nothing beside it."""

from __future__ import annotations

import logging

import pytest

from tagger.training.reporting import reported

LOGGER = logging.getLogger("tagger.training.train")


@pytest.fixture
def no_handlers():
    """Logging as a program has it that never heard of it; pytest has handlers of its own on the root."""
    root, package = logging.getLogger(), logging.getLogger("tagger")
    before = root.handlers, package.handlers, package.level
    root.handlers, package.handlers = [], []
    package.setLevel(logging.NOTSET)
    yield package
    root.handlers, package.handlers = before[:2]
    package.setLevel(before[2])


def test_messages_are_shown_where_logging_is_not_set_up(no_handlers, capsys):
    with reported(is_main_process=True):
        LOGGER.info("epoch 1/3")
        LOGGER.debug("hidden")
    assert capsys.readouterr() == ("", "epoch 1/3\n")
    assert (no_handlers.handlers, no_handlers.level) == ([], logging.NOTSET)
    LOGGER.info("after")
    assert capsys.readouterr() == ("", "")


def test_other_processes_show_warnings_alone(no_handlers, capsys):
    with reported(is_main_process=False):
        LOGGER.info("epoch 1/3")
        LOGGER.warning("odd")
    assert capsys.readouterr().err == "odd\n"


def test_a_level_that_was_set_is_kept(no_handlers, capsys):
    no_handlers.setLevel(logging.ERROR)
    with reported(is_main_process=True):
        LOGGER.warning("odd")
    assert capsys.readouterr().err == ""
    assert no_handlers.level == logging.ERROR


@pytest.mark.parametrize("name", ["", "tagger"])
def test_handlers_of_the_program_are_all_there_is(no_handlers, capsys, name):
    logger = logging.getLogger(name or None)
    logger.addHandler(logging.NullHandler())
    with reported(is_main_process=True):
        LOGGER.warning("odd")
    assert capsys.readouterr() == ("", "")
    assert len(logger.handlers) == 1
