"""Tests of tagger/cli/program.py: what ends a program becomes one printable line and a status."""

import logging
import os
import warnings

import pytest

from tagger.cli.program import MessageHandler, run_program
from tagger.errors import DataError, UsageError


def ending(error):
    def work():
        raise error

    return work


class Stopped(KeyboardInterrupt):
    status = 143


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (DataError("a\x1b[2J\nb"), 1, r"prog: error: a\x1b[2J\nb"),
        (UsageError("--x: no"), 2, "prog: error: --x: no"),
        (KeyboardInterrupt(), 130, "prog: interrupted"),
        (Stopped("kept; go on"), 143, "prog: kept; go on"),
        (PermissionError(13, "Permission denied", "a\x1bb"), 1, r"prog: error: a\x1bb: Permission denied"),
        (OSError(28, "No space left on device"), 1, "prog: error: No space left on device"),
        (
            MemoryError("Unable to allocate 9 GiB"),
            1,
            "prog: error: out of memory. Compute less at once (smaller batches, shorter sentences, fewer processes), "
            "or give the program more memory.",
        ),
        (
            RuntimeError(
                "[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes."
            ),
            1,
            "prog: error: out of memory. Compute less at once (smaller batches, shorter sentences, fewer processes), "
            "or give the program more memory.",
        ),
        (
            RecursionError("maximum recursion depth exceeded"),
            1,
            "prog: internal error: RecursionError: maximum recursion depth exceeded. This is a fault of the program: "
            "report it with what --debug shows.",
        ),
        (
            KeyError("\x9b"),
            1,
            r"prog: internal error: KeyError: '\x9b'. This is a fault of the program: "
            "report it with what --debug shows.",
        ),
    ],
)
def test_every_end_is_one_line_and_a_status(capfd, error, status, line):
    assert run_program("prog", ending(error), debug=False) == status
    assert capfd.readouterr() == ("", line + "\n")


def test_the_reader_of_the_output_going_away_needs_no_word(capfd):
    assert run_program("prog", ending(BrokenPipeError()), debug=False) == 141
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("code", "status"), [(0, 0), (None, 0), (2, 2), ("text", 2)])
def test_a_parser_may_end_the_work(code, status):
    assert run_program("prog", ending(SystemExit(code)), debug=False) == status


def test_debug_shows_where_and_stays_printable(capfd):
    assert run_program("prog", ending(DataError("a\x1b[2J")), debug=True) == 1
    errors = capfd.readouterr().err
    assert errors.startswith("Traceback (most recent call last):\n")
    assert errors.endswith("\nprog: error: a\\x1b[2J\n")
    assert "\x1b" not in errors


def test_a_long_message_is_cut_in_the_middle(capfd):
    label = "x" * 10_000_000
    assert run_program("prog", ending(DataError(f"a.conll:1: label {label!r}: shorten it")), debug=False) == 1
    errors = capfd.readouterr().err
    assert errors.startswith("prog: error: a.conll:1: label 'xxxx")
    assert "x [... 9,998,038 characters ...] x" in errors
    assert errors.endswith("xxxx': shorten it\n")
    assert len(errors) < 2100


def test_warnings_and_logged_messages_are_printable(capfd):
    logger = logging.getLogger("tagger.test_program")
    handler = MessageHandler()

    def work():
        warnings.simplefilter("always")
        warnings.warn("w\x1b[31m\u202e", stacklevel=1)
        logger.addHandler(handler)
        try:
            raise ValueError("\x07")
        except ValueError:
            logger.warning("%s\nforged", "l\x1b", exc_info=True)
        return 0

    try:
        assert run_program("prog", work, debug=False) == 0
    finally:
        logger.removeHandler(handler)
    errors = capfd.readouterr().err
    assert r"UserWarning: w\x1b[31m\u202e" in errors
    assert "\nl\\x1b\\nforged\nTraceback (most recent call last):\n" in errors
    assert "\nValueError: \\x07\n" in errors
    assert not set(errors) & set("\x1b\x07\u202e")


@pytest.mark.parametrize(("given", "kept"), [(None, "8"), ("1024", "1024")])
def test_few_kernels_of_torch_are_kept_unless_somebody_says_how_many(monkeypatch, given, kept):
    name = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"
    monkeypatch.setenv(name, given or "")  # so that what the program sets is taken back
    if given is None:
        monkeypatch.delenv(name)
    assert run_program("x", lambda: int(os.environ[name]), debug=False) == int(kept)
