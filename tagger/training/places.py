"""Find where the value of an option was given: on the command line, or in a line of a YAML file.

Messages about a value begin with its place. If there are several, the last one takes effect, so it comes first here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_origin

import yaml

from tagger.training.texts import option_hints, read_yaml, union_members

ALONE: Final = ("--debug", "--help", "-h", "--print_config")
"""Options that take no value."""
_NUMBER: Final = re.compile(r"-[0-9.]")


@dataclass(frozen=True, slots=True)
class Place:
    """A place where an option is given.

    Attributes:
        where: as shown in messages: ``--epochs``, or ``run.yaml:3: epochs``.
        written: the value as written there; empty for a list or mapping in a file.
    """

    where: str
    written: str

    def holds(self, value: str) -> bool:
        """Return whether the value here is the one shown in a message, as ``1e3`` is 1000.0."""
        return value in (self.written, str(parsed(self.written)))


def pairs(arguments: Sequence[str]) -> Iterator[tuple[str | None, str | None]]:
    """Yield each option with its value, or None; and each value without an option, with None as its option."""
    left = list(reversed(arguments))
    while left:
        argument = left.pop()
        if not argument.startswith("-") or argument == "-":
            yield None, argument
            continue
        option, equals, value = argument.partition("=")
        if equals:
            yield option, value
        elif option not in ALONE and left and _is_value(left[-1], option.lstrip("-")):
            yield option, left.pop()
        else:
            yield option, None


def hint_of(name: str) -> Any:
    """Return the type annotation of an option, or of the one that ``NAME+`` or ``NAME.KEY`` adds to, or None."""
    name = name.removesuffix("+")
    return option_hints().get(name) or option_hints().get(name.rpartition(".")[0])


def places(name: str, arguments: Sequence[str]) -> Iterator[Place]:
    """Yield the places where an option is given, the effective one first.

    Args:
        name: dotted, as in ``data.scheme``.
        arguments: of the command line.
    """
    for option, value in reversed(list(pairs(arguments))):
        if option is None or value is None:
            continue
        own = option.lstrip("-").removesuffix("+")
        if own == name or own.startswith(f"{name}."):
            yield Place(option.removesuffix("+"), value)
        elif own == "config" and Path(value).is_file():
            yield from _in_file(Path(value), name, "")
        elif own == "config" or name.startswith(f"{own}."):
            section = "" if own == "config" else f"{own}."
            if is_file_name(value):
                yield from _in_file(Path(value), name, section)
            else:
                yield from (
                    Place(f"{option}: {name}", _scalar(node)) for _, node in _found(value, name, section)
                )


def parsed(text: str) -> Any:
    """Return the value of YAML text; None if it is invalid."""
    try:
        return read_yaml(text)
    except (yaml.YAMLError, ValueError):
        return None


def is_file_name(value: str) -> bool:
    """Return whether the value of a section is the name of a YAML file with its options."""
    return Path(value).suffix.lower() in (".yaml", ".yml")


def _in_file(path: Path, name: str, section: str) -> Iterator[Place]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return
    for key, value in _found(text, name, section):
        if key.value != name and is_file_name(_scalar(value)) and name.startswith(f"{key.value}."):
            yield from _in_file(path.parent / value.value, name, f"{key.value}.")
        else:
            yield Place(f"{path}:{key.start_mark.line + 1}: {name}", _scalar(value))


def _found(text: str, name: str, section: str) -> list[tuple[yaml.Node, yaml.Node]]:
    """Return key and value of an option in YAML; or of its section, if that is not a mapping."""
    try:
        node = yaml.compose(text, yaml.SafeLoader)
    except yaml.YAMLError:
        return []
    found: list[tuple[yaml.Node, yaml.Node]] = []
    entries = [
        (section, *entry) for entry in getattr(node, "value", ()) if isinstance(node, yaml.MappingNode)
    ]
    while entries:
        before, key, value = entries.pop()
        if not isinstance(key, yaml.ScalarNode):
            continue
        dotted = f"{before}{key.value}"
        if dotted != name and name.startswith(f"{dotted}.") and isinstance(value, yaml.MappingNode):
            entries += [(f"{dotted}.", *entry) for entry in value.value]
        elif dotted == name or name.startswith(f"{dotted}."):
            found.append((key, value))
    return found


def _scalar(node: yaml.Node) -> str:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""


def _is_value(argument: str, name: str) -> bool:
    """Return whether the argument after an option is its value, which may begin with a hyphen or a minus sign."""
    takes_text = any(
        member is str or get_origin(member) is not None for member in union_members(hint_of(name) or str)
    )
    return not argument.startswith("-" * (1 + takes_text)) or _NUMBER.match(argument) is not None
