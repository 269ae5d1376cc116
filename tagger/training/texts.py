"""Pass string options through jsonargparse unchanged, whatever they look like to YAML.

jsonargparse parses the value of an option as YAML, and that of a file again without its quotes: ``#`` and ``~`` become
None if None is allowed, and a file name becomes its lines if a list is. So every string is encoded as a word that YAML
cannot misread before jsonargparse sees it, and decoded afterwards.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import yaml
from jsonargparse import set_dumper, set_loader

from tagger.training.config import RunConfig

PARSER_MODE: Final = "tagger_yaml"
"""Mode of a parser that reads YAML files with their strings wrapped, and prints them unwrapped."""

# Random, so that no user input can be taken for a wrapped string.
_MARK: Final = f"text_{secrets.token_hex(8)}_"
_WRAPPED: Final = re.compile(rf"{_MARK}((?:[0-9a-f]{{2}})*)_")
_ALIKE: Final[dict[type, type]] = {list: tuple}
_NUMBER: Final = re.compile(r"-?[0-9]+", re.ASCII)
_PLAIN: Final = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*", re.ASCII)


def wrap_arguments(arguments: Sequence[str]) -> list[str]:
    """Return a command line with the values of all string options wrapped.

    All values are strings, including those in ``[...]`` and ``{...}``; digits are a number if the option accepts both.
    A word that starts with ``--`` is the next option, unless it is given as ``--option=--value``.
    """
    wrapped: list[str] = []
    hint: Any = None
    for argument in arguments:
        if hint is not None and not argument.startswith("--"):
            wrapped.append(_wrap_argument(argument, hint))
            hint = None
            continue
        option, equals, value = argument.partition("=")
        hint = _hint_of_option(option)
        if hint is not None and equals:
            argument, hint = f"{option}={_wrap_argument(value, hint)}", None
        wrapped.append(argument)
    return wrapped


def unwrap(value: Any) -> Any:
    """Return the values parsed by jsonargparse with their strings unwrapped."""
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if isinstance(value, str):
        return unwrap_message(value)
    if isinstance(value, Mapping):
        return {unwrap(key): unwrap(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(unwrap(item) for item in value)
    return value


def unwrap_message(message: str) -> str:
    """Return a message of jsonargparse with the strings in it unwrapped."""
    return _WRAPPED.sub(lambda match: bytes.fromhex(match[1]).decode("utf-8", "surrogatepass"), message)


def to_yaml(values: Mapping[str, Any]) -> str:
    """Return values as YAML that reads back the same: strings that could be misread are quoted."""
    return yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True)


class _Loader(yaml.SafeLoader):
    """YAML 1.1 in which ``1e-3`` is a number, too, and a date is a string.

    The Python loader, since libyaml rejects the escapes of lone surrogates, which can occur in file names.
    """


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":float"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?([0-9][0-9_]*\.?[0-9_]*([eE][-+]?[0-9]+)|[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*([eE][-+]?[0-9]+)?"
               r"|\.(inf|Inf|INF))$|\.(nan|NaN|NAN)$"),
    list("-+0123456789."),
)  # fmt: skip


def read_yaml(text: str) -> Any:
    """Parse YAML in the way in which option files are read."""
    return yaml.load(text, _Loader)


class _Dumper(yaml.SafeDumper):
    """Quotes every string that YAML might read as something else."""

    def ignore_aliases(self, data: Any) -> bool:
        """Return True: write repeated values out instead of using aliases."""
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    is_plain = _PLAIN.fullmatch(text) and isinstance(read_yaml(text), str)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if is_plain else '"')


_Dumper.add_representer(str, _represent_text)


def _load(text: str) -> Any:
    return _wrap_file(read_yaml(text))


set_loader(PARSER_MODE, _load, exceptions=(yaml.YAMLError,))
set_dumper(PARSER_MODE, lambda values: to_yaml(unwrap(values)))


def _wrap(value: Any) -> Any:
    """Return a value with all strings in it wrapped once."""
    if isinstance(value, str):
        return (
            value if _WRAPPED.fullmatch(value) else f"{_MARK}{value.encode('utf-8', 'surrogatepass').hex()}_"
        )
    if isinstance(value, dict):
        return {_wrap(key): _wrap(item) for key, item in value.items()}
    return [_wrap(item) for item in value] if isinstance(value, list) else value


def _wrap_argument(text: str, hint: Any) -> str:
    """Return the value of an option on the command line, wrapped according to its type annotation."""
    members = union_members(hint)
    if int in members and _NUMBER.fullmatch(text):
        return str(int(text))
    for kind, start in ((list, "["), (dict, "{")):
        takes_it = [
            member for member in members if (get_origin(member) or member) in (kind, _ALIKE.get(kind))
        ]
        if takes_it and text.lstrip().startswith(start):
            try:
                value = yaml.load(text, yaml.BaseLoader)
            except yaml.YAMLError:
                continue
            if isinstance(value, dict) and get_args(takes_it[0])[1:] == (int,):
                value = {key: int(item) if _NUMBER.fullmatch(item) else item for key, item in value.items()}
            if isinstance(value, kind):
                return json.dumps(_wrap(value))
    return str(_wrap(text))


def _wrap_file(value: Any) -> Any:
    """Return the content of a YAML file with the values of its string options wrapped."""
    if not isinstance(value, dict):
        return value
    sections, texts = _names()
    return {
        name: _wrap_file(item)
        if isinstance(item, dict) and name in sections
        else (_wrap(item) if name in texts else item)
        for name, item in value.items()
    }


@cache
def option_hints() -> dict[str, Any]:
    """Return the type annotations of all options, by dotted name."""
    hints = {}
    for name, hint in get_type_hints(RunConfig).items():
        if isinstance(hint, type) and is_dataclass(hint):
            hints.update({f"{name}.{inner}": of_it for inner, of_it in get_type_hints(hint).items()})
        else:
            hints[name] = hint
    return hints


@cache
def _hints() -> dict[str, Any]:
    """Return the type annotations of all string options, by dotted name."""
    return {name: hint for name, hint in option_hints().items() if _has_text(hint)}


@cache
def _names() -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of sections, and of the string options in them."""
    dotted = [name.rpartition(".") for name in _hints()]
    return frozenset(section for section, _, _ in dotted), frozenset(name for _, _, name in dotted)


def union_members(hint: Any) -> tuple[Any, ...]:
    """Return the members of a union; any other annotation as the only member."""
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _has_text(hint: Any) -> bool:
    return hint is str or any(map(_has_text, get_args(hint)))


def _hint_of_option(option: str) -> Any:
    """Return the type annotation of a string option, or None."""
    if not option.startswith("--"):
        return None
    name = option[2:].removesuffix("+")
    if name in _hints():
        return _hints()[name]
    # A key of a mapping: the type of its values.
    of_mapping = union_members(_hints().get(name.rpartition(".")[0]))
    values = [get_args(member)[1] for member in of_mapping if get_origin(member) is dict]
    return values[0] if values and _has_text(values[0]) else None
