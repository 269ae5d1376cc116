"""How messages name an option of training: ``--data.scheme iob1`` on the command line, as code in Python."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

_ON_COMMAND_LINE: Final[ContextVar[bool]] = ContextVar("on_command_line", default=False)
_CONFIG_OF: Final = {
    "data": "DataConfig",
    "model": "TaggerConfig",
    "vectors": "VectorsConfig",
    "optimizer": "OptimizerConfig",
}


def option(name: str, value: object = ...) -> str:
    """Return what the caller writes to set an option.

    Args:
        name: dotted, as in ``data.scheme``.
        value: what to set it to; no value in particular if left out.

    >>> option("data.scheme", "iob1"), option("resume", True), option("data.segmenter")
    ("DataConfig(scheme='iob1')", 'resume=True', 'DataConfig(segmenter=...)')
    >>> with options_of_command_line():
    ...     option("data.scheme", "iob1"), option("resume", True), option("data.segmenter")
    ('--data.scheme iob1', '--resume true', '--data.segmenter')
    """
    if _ON_COMMAND_LINE.get():
        text = "" if value is ... else str(value).lower() if isinstance(value, bool) else str(value)
        return f"--{name} {text}".rstrip()
    section, _, field = name.rpartition(".")
    setting = f"{field}={'...' if value is ... else repr(value)}"
    return f"{_CONFIG_OF[section]}({setting})" if section else setting


def command() -> str:
    """Return what the caller repeats to train again."""
    return "command" if _ON_COMMAND_LINE.get() else "configuration"


@contextmanager
def options_of_command_line() -> Iterator[None]:
    """Have messages of the block name options as the command line does."""
    token = _ON_COMMAND_LINE.set(True)
    try:
        yield
    finally:
        _ON_COMMAND_LINE.reset(token)
