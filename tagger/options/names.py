"""Names of options in messages: ``--data.scheme iob1`` in training, ``--scheme iob1`` elsewhere, code in Python."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, Literal

_OF_COMMANDS: Final = {"data.format": "input"}
"""Options with another name in commands that have an output, too."""

Caller = Literal["python", "training", "commands"]
_CALLER: Final[ContextVar[Caller]] = ContextVar("caller", default="python")
_CONFIG_OF: Final = {
    "data": "DataConfig",
    "model": "TaggerConfig",
    "vectors": "VectorsConfig",
    "optimizer": "OptimizerConfig",
    "teacher": "TeacherConfig",
}


def option(name: str, value: object = ..., *, of_training: bool = False) -> str:
    r"""Return the text with which the caller sets an option.

    Args:
        name: dotted, as in ``data.scheme``.
        value: the value to set; unspecified if left out.
        of_training: whether only training has the option, so that it is named as there.

    >>> option("data.scheme", "iob1"), option("resume", True), option("data.segmenter")
    ("DataConfig(scheme='iob1')", 'resume=True', 'DataConfig(segmenter=...)')
    >>> with options_of_command_line():
    ...     option("data.scheme", "iob1"), option("resume", True), option("data.segmenter", {"clitics": "split"})
    ('--data.scheme iob1', '--resume true', '--data.segmenter \'{"clitics": "split"}\'')
    >>> with options_of_command_line("commands"):
    ...     option("data.scheme", "iob1"), option("data.label_column")
    ('--scheme iob1', '--label-column')
    """
    section, _, field = name.rpartition(".")
    if _CALLER.get() != "python":
        is_command = _CALLER.get() == "commands" and not of_training
        written = f"--{_OF_COMMANDS.get(name, field).replace('_', '-')}" if is_command else f"--{name}"
        if value is ... or (value is True and _CALLER.get() == "commands"):
            return written
        return f"{written} {shlex.quote(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))}"
    setting = f"{field}={'...' if value is ... else repr(value)}"
    return f"{_CONFIG_OF[section]}({setting})" if section else setting


def options(values: Mapping[str, object]) -> str:
    """Return the text with which the caller sets several options; in Python, those of a section together.

    >>> options({"data.train": "a", "data.dev": "b", "resume": True})
    "DataConfig(train='a', dev='b') resume=True"
    >>> with options_of_command_line():
    ...     options({"data.train": "a", "data.dev": "b"})
    '--data.train a --data.dev b'
    """
    if _CALLER.get() != "python":
        return " ".join(option(name, value) for name, value in values.items())
    settings: dict[str, list[str]] = {}
    for name, value in values.items():
        section, _, field = name.rpartition(".")
        settings.setdefault(section, []).append(f"{field}={value!r}")
    return " ".join(
        f"{_CONFIG_OF[section]}({', '.join(fields)})" if section else " ".join(fields)
        for section, fields in settings.items()
    )


def is_command_line() -> bool:
    """Return whether the caller writes options on a command line."""
    return _CALLER.get() != "python"


def argument(name: str, value: object = ...) -> str:
    """Return the same text as :func:`option`; in Python, an argument of a function that reads data.

    >>> argument("data.label_column", "ner"), argument("data.header")
    ("label_column='ner'", 'header')
    >>> with options_of_command_line():
    ...     argument("data.label_column", "ner"), argument("data.header")
    ('--data.label_column ner', '--data.header')
    """
    if _CALLER.get() != "python":
        return option(name, value)
    field = name.rpartition(".")[2]
    return field if value is ... else f"{field}={value!r}"


def command() -> str:
    """Return the word for what the caller repeats to train again."""
    return "configuration" if _CALLER.get() == "python" else "command"


@contextmanager
def options_of_command_line(program: Literal["training", "commands"] = "training") -> Iterator[None]:
    """Name options as on a command line in messages within the block.

    Args:
        program: ``training``, whose options have sections, or the ``commands`` that read annotated files, whose options
            have the same names without sections.
    """
    token = _CALLER.set(program)
    try:
        yield
    finally:
        _CALLER.reset(token)
