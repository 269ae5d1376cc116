"""Check the options of a run, on the command line and in YAML files, with suggestions for wrong ones.

jsonargparse, which parses them afterwards, names neither the file of a wrong key nor a similar option.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache, reduce
from operator import or_
from pathlib import Path
from types import NoneType
from typing import Final, get_origin

import yaml

from tagger.errors import UsageError
from tagger.options import option as written_option
from tagger.options import options_of_command_line
from tagger.options.field_types import check_value
from tagger.runs.experiment import RETIRED
from tagger.training.places import ALONE, hint_of, is_file_name, pairs, parsed, places
from tagger.training.texts import option_hints, union_members

_BESIDE: Final = ("config", "debug")
"""Options of the program that do not belong to the run."""
_OF_FILES: Final = ("data.train", "data.dev", "data.test", "replay")
_ALSO_CALLED: Final = {
    "lr": "optimizer.learning_rate",
    "gpu": "accelerator",
    "device": "accelerator",
    "gpus": "devices",
    **dict.fromkeys(("out", "out_dir", "output_dir", "output_folder"), "output"),
    **dict.fromkeys(("eval", "valid", "val", "validation"), "data.dev"),
    **dict.fromkeys(("file", "input"), "data.train"),
    "embeddings": "vectors.path",
}
"""Names of some options in other programs."""
_KEY: Final = re.compile(r'(?:Parser key|Key) "([\w.]+)"')
_FOUND: Final = re.compile(r".*(?:Got value|Given value): (.*)", re.DOTALL)
_NESTED: Final = re.compile(r"NestedArg\(key='(.*)', val='(.*)'\)", re.DOTALL)
_LIKE: Final = 0.7


def check_arguments(arguments: Sequence[str]) -> None:
    """Raise an error for options that do not exist or lack a value, also in YAML files, which must exist.

    Args:
        arguments: of the command line.

    Raises:
        UsageError: names the first of them with a suggestion and, in a file, its name and line.
    """
    if {"--help", "-h"} & set(arguments):
        return
    before: str | None = None
    for option, value in pairs(arguments):
        if option is None:
            raise UsageError(_stray(value or "", before))
        name = option.lstrip("-")
        if option in ALONE:
            continue
        if name != "config" and not (option.startswith("--") and _exists(name)):
            raise UsageError(_unknown(name, option, "--"))
        if value is None:
            raise UsageError(_without_value(name, option))
        if name == "config":
            _check_file(value, "--config", "")
        elif name in _sections():
            _check_section(value, option, name, Path())
        elif value.lstrip().startswith("{"):
            _check_mapping(value, option, name)
        before = option


def explained(message: str, arguments: Sequence[str]) -> str:
    """Return jsonargparse's message about a value as one plain sentence: option, expected, found.

    Args:
        message: of jsonargparse, with its strings unwrapped.
        arguments: of the command line.
    """
    if "required" in message and "output" in message:
        return "--output: expected a folder for the results of the run, found none. Pass --output runs/mine"
    key, found = _KEY.search(message), _FOUND.search(message)
    if key is None or found is None or key[1] not in option_hints():
        return message
    name, value, nested = key[1], found[1], _NESTED.fullmatch(found[1])
    hint = option_hints()[name]
    given = list(places(name, arguments))
    place = next((place for place in given if place.holds(value)), None)
    where = place.where if place else given[0].where if given else name
    value = place.written if place else value
    some = reduce(or_, (member for member in union_members(hint) if member is not NoneType))
    try:
        check_value(where, {nested[1]: nested[2]} if nested else value, some)
    except UsageError as error:
        is_list = {get_origin(member) for member in union_members(some)} <= {list, tuple}
        return f"{error}. Write a list: [{value}]" if is_list and not value.startswith("[") else str(error)
    return message


def placed(message: str, arguments: Sequence[str]) -> str:
    """Return a message that begins with names of options, with the places where they were given instead.

    Args:
        message: of a configuration, as in ``model.hidden_dim: expected 1 or more, found -3``.
        arguments: of the command line.
    """
    names, colon, rest = message.partition(": ")
    if not colon or any(name not in option_hints() for name in names.split(" and ")):
        return message
    given = [next((place.where for place in places(name, arguments)), name) for name in names.split(" and ")]
    return f"{' and '.join(given)}: {rest}"


@cache
def _sections() -> frozenset[str]:
    return frozenset(name.partition(".")[0] for name in option_hints() if "." in name)


def _exists(name: str) -> bool:
    """Return whether an option or section exists; ``NAME+`` adds to a list, ``NAME.KEY`` to a mapping."""
    own = name.removesuffix("+")
    if own in option_hints():
        return own == name or any(get_origin(member) is list for member in union_members(option_hints()[own]))
    of_mapping = union_members(option_hints().get(name.rpartition(".")[0]))
    return name in _sections() or any(get_origin(member) is dict for member in of_mapping)


def _unknown(name: str, written: str, dashes: str) -> str:
    if name in RETIRED:
        return f"no option {written} any more: it gained nothing; delete it"
    meant = [f"{dashes}{other}" for other in _meant(name)]
    return f"no option {written}{f'; did you mean {_either(meant)}?' if meant else ''}"


def _meant(name: str) -> list[str]:
    """Return the options that may have been meant, by similarity."""
    typed = name.removesuffix("+").replace("-", "_").lower()
    names = [*option_hints(), "config"]
    own, last = typed.removeprefix("no_"), typed.rpartition(".")[2]
    if own in names:
        return [own]
    if last in _ALSO_CALLED:
        return [_ALSO_CALLED[last]]
    if same := [other for other in names if other.rpartition(".")[2] == last]:
        return same
    ends: dict[str, list[str]] = {}
    for other in names:
        ends.setdefault(other.rpartition(".")[2], []).append(other)
    close = get_close_matches(typed, names, 1, _LIKE)
    return close or [other for end in get_close_matches(last, list(ends), 1, _LIKE) for other in ends[end]]


def _either(names: Sequence[str]) -> str:
    return " or ".join([*([", ".join(names[:-1])] if names[1:] else []), names[-1]])


def _stray(value: str, before: str | None) -> str:
    """Return the message for a value that belongs to no option, with a suggestion."""
    shown = shlex.quote(value)
    if before and before[2:].removesuffix("+") in _OF_FILES:
        return (
            f"{before} takes one value, found another one after it: {value}. For several files write a list, "
            f"{before} '[a.conll, {value}]', or a pattern in quotes, {before} 'corpus/*.conll'"
        )
    if Path(value).suffix.lower() in (".yaml", ".yml"):
        return f"expected an option, found {value}. Options in a YAML file: --config {shown}"
    with options_of_command_line():
        return f"expected an option, found {value}. To train on a file, pass {written_option('data.train', value)}"


def _without_value(name: str, option: str) -> str:
    kinds = union_members(hint_of(name))
    if bool in kinds:
        return f"{option}: expected true or false after it, found nothing. Write {option} true"
    return f"{option}: expected a value after it, found nothing"


def _check_file(text: str, where: str, section: str, folder: Path = Path()) -> None:
    """Raise an error for an unreadable file of options, or one with options that do not exist.

    Args:
        text: the name of the file, or options in YAML.
        where: the place where it is named, for messages.
        section: of the options in it, as in ``data.``; empty for all.
        folder: that the name is relative to.
    """
    path = folder / text
    if not path.exists():
        if isinstance(parsed(text), dict):
            _check_text(text, where, section)
            return
        names = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        close = get_close_matches(path.name, names, 1, _LIKE)
        meant = f"; did you mean {path.parent / close[0]}?" if close else ""
        raise UsageError(f"{where} {text}: expected a YAML file, found none of this name{meant}")
    if path.is_dir():
        recipe = path / "recipe.yaml"
        advice = f". To repeat the run in it, pass --config {recipe}" if recipe.is_file() else ""
        raise UsageError(f"{where} {text}: expected a YAML file, found a folder{advice}")
    if not path.is_file():  # a pipe can be read only once
        return
    try:
        content = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: expected a YAML file, found no text in UTF-8") from None
    _check_text(content, str(path), section, path.parent)


def _check_text(content: str, name: str, section: str, folder: Path = Path()) -> None:
    node = _composed(content, name)
    if not isinstance(node, yaml.MappingNode):
        example = "NAME: VALUE" if section else "epochs: 3"
        raise UsageError(f"{name}: expected options, such as '{example}', found none")
    _check_keys(node, _Yaml(name, True, folder, {}), section)


def _composed(content: str, name: str) -> yaml.Node | None:
    try:
        return yaml.compose(content, yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise UsageError(f"{name}{_line(error)}: expected YAML, found {_problem(error)}") from None


@dataclass(frozen=True, slots=True)
class _Yaml:
    """YAML being checked.

    Attributes:
        name: of the file, or the option that it is the value of.
        has_lines: whether to name lines.
        folder: that names of files in it are relative to.
        seen: the keys so far, by dotted name.
    """

    name: str
    has_lines: bool
    folder: Path
    seen: dict[str, yaml.Node]

    def where(self, node: yaml.Node) -> str:
        return f"{self.name}:{node.start_mark.line + 1}" if self.has_lines else self.name


def _check_keys(node: yaml.MappingNode, text: _Yaml, section: str) -> None:
    for key, value in node.value:
        where = text.where(key)
        if not isinstance(key, yaml.ScalarNode):
            raise UsageError(f"{where}: expected the name of an option, found {_kind(key)}")
        written = f"{section}{key.value}"
        if key.value == "<<":
            continue
        _refuse_second(written, key, text)
        if not section and written in _BESIDE:
            continue
        if not _exists(written):
            raise UsageError(f"{where}: {_unknown(written, written, '')}")
        if written not in _sections():
            _refuse_second_keys(value, text, written)
        elif isinstance(value, yaml.MappingNode):
            _check_keys(value, text, f"{written}.")
        elif isinstance(value, yaml.ScalarNode):
            _check_section(value.value, f"{where}: {written}", written, text.folder)
        else:
            raise UsageError(f"{where}: {written}: {_no_section(written, _kind(value))}")


def _refuse_second(written: str, key: yaml.Node, text: _Yaml) -> None:
    """Raise an error for a repeated key, since one of its values would be lost."""
    line = key.start_mark.line + 1
    first = text.seen.setdefault(written, key)
    if first is not key:
        before = first.start_mark.line + 1
        there = (
            f"{written} twice" if before == line or not text.has_lines else f"{written} also in line {before}"
        )
        raise UsageError(f"{text.where(key)}: expected each option once, found {there}. Keep one of them")


def _refuse_second_keys(node: yaml.Node | None, text: _Yaml, written: str) -> None:
    """Raise an error for a repeated key in a mapping in the value of an option."""
    left: list[yaml.Node | None] = [node]
    done: set[int] = set()
    while left:
        node = left.pop()
        if id(node) in done or not isinstance(node, yaml.CollectionNode):
            continue
        done.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            left += node.value
            continue
        inner = replace(text, seen={})
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value != "<<":
                _refuse_second(f"{written}.{key.value}", key, inner)
            left.append(value)


def _check_mapping(value: str, option: str, name: str) -> None:
    """Raise an error for a repeated key in a mapping on the command line; other errors are reported later."""
    if not any(get_origin(member) is dict for member in union_members(hint_of(name))):
        return
    with suppress(yaml.YAMLError):
        _refuse_second_keys(yaml.compose(value, yaml.BaseLoader), _Yaml(option, False, Path(), {}), name)


def _check_section(value: str, where: str, name: str, folder: Path) -> None:
    """Raise an error for a section that is neither a mapping nor a file of one, such as the name of a data file."""
    if is_file_name(value):
        _check_file(value, where, f"{name}.", folder)
    elif isinstance(node := _mapping(value), yaml.MappingNode):
        _check_keys(node, _Yaml(where, False, folder, {}), f"{name}.")
    else:
        raise UsageError(f"{where}: {_no_section(name, value, '--' if where.startswith('--') else '')}")


def _mapping(value: str) -> yaml.Node | None:
    try:
        return yaml.compose(value, yaml.SafeLoader)
    except yaml.YAMLError:
        return None


def _no_section(name: str, found: str, dashes: str = "") -> str:
    meant = f". Did you mean {dashes}data.train?" if name == "data" else ""
    return f"expected options, as {name}: {{NAME: VALUE}} in YAML, found {found or 'none'}{meant}"


def _kind(node: yaml.Node) -> str:
    return "a list" if isinstance(node, yaml.SequenceNode) else "a mapping"


def _line(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return "" if mark is None else f":{mark.line + 1}"


def _problem(error: yaml.YAMLError) -> str:
    context, problem = getattr(error, "context", None), getattr(error, "problem", None)
    return ": ".join(part for part in (context, problem) if part) or " ".join(str(error).split())
