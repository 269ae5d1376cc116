"""What train() tells a Python program: its epochs, unless logging is set up, and then nothing beside it."""

from __future__ import annotations

import logging
from contextlib import contextmanager

import pytest

from tagger.training.reporting import reported

LOGGER = logging.getLogger("tagger.training.train")


@contextmanager
def no_handlers():
    """Logging as a program has it that never heard of it; pytest has handlers of its own on the root."""
    root, package = logging.getLogger(), logging.getLogger("tagger")
    before = root.handlers, package.handlers, package.level
    root.handlers, package.handlers = [], []
    package.setLevel(logging.NOTSET)
    try:
        yield package
    finally:
        root.handlers, package.handlers = before[:2]
        package.setLevel(before[2])


def test_messages_are_shown_where_logging_is_not_set_up(capsys):
    with no_handlers() as package:
        with reported(is_main_process=True):
            LOGGER.info("epoch 1/3")
            LOGGER.debug("hidden")
        assert capsys.readouterr() == ("", "epoch 1/3\n")
        assert (package.handlers, package.level) == ([], logging.NOTSET)
        LOGGER.info("after")
    assert capsys.readouterr() == ("", "")


def test_other_processes_show_warnings_alone(capsys):
    with no_handlers(), reported(is_main_process=False):
        LOGGER.info("epoch 1/3")
        LOGGER.warning("odd")
    assert capsys.readouterr().err == "odd\n"


def test_a_level_that_was_set_is_kept(capsys):
    with no_handlers() as package:
        package.setLevel(logging.ERROR)
        with reported(is_main_process=True):
            LOGGER.warning("odd")
        assert capsys.readouterr().err == ""
        assert package.level == logging.ERROR


@pytest.mark.parametrize("name", ["", "tagger"])
def test_handlers_of_the_program_are_all_there_is(capsys, name):
    with no_handlers():
        logger = logging.getLogger(name or None)
        logger.addHandler(logging.NullHandler())
        with reported(is_main_process=True):
            LOGGER.warning("odd")
        assert capsys.readouterr() == ("", "")
        assert len(logger.handlers) == 1
