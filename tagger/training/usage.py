"""What is wrong with the options of a run, on the command line or in YAML files: said with what may have been meant.

jsonargparse, which reads them afterwards, names neither the file of a wrong key nor an option like the one typed.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Final, get_origin

import yaml

from tagger.errors import UsageError
from tagger.options.field_types import check_value
from tagger.training.texts import option_hints, read_yaml, union_members

_ALONE: Final = ("--debug", "--help", "-h", "--print_config")
"""Options that take no value."""
_BESIDE: Final = ("config", "debug")
"""Options of the program that are none of the run."""
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
"""What other programs call some options."""
_NUMBER: Final = re.compile(r"-[0-9.]")
_KEY: Final = re.compile(r'(?:Parser key|Key) "([\w.]+)"')
_FOUND: Final = re.compile(r".*(?:Got value|Given value): (.*)", re.DOTALL)
_NESTED: Final = re.compile(r"NestedArg\(key='(.*)', val='(.*)'\)", re.DOTALL)
_LIKE: Final = 0.7


def check_arguments(arguments: Sequence[str]) -> None:
    """Refuse options that do not exist, or lack their value; also in YAML files, which must be there.

    Args:
        arguments: of the command line.

    Raises:
        UsageError: names the first of them and what may have been meant, and of a file its name and line.
    """
    if {"--help", "-h"} & set(arguments):
        return
    before: str | None = None
    for option, value in _pairs(arguments):
        if option is None:
            raise UsageError(_stray(value or "", before))
        name = option.lstrip("-")
        if option in _ALONE:
            continue
        if name != "config" and not (option.startswith("--") and _exists(name)):
            raise UsageError(_unknown(name, option, "--"))
        if value is None:
            raise UsageError(_without_value(name, option))
        if name == "config":
            _check_file(value)
        elif name in _sections():
            _check_section(value, option, "--")
        before = option


def explained(message: str, arguments: Sequence[str]) -> str:
    """Return what jsonargparse says of a value as one plain sentence: which option, expected, found.

    Args:
        message: its own, with texts as they were meant.
        arguments: of the command line.
    """
    if "required" in message and "output" in message:
        return "--output: expected a folder for the results of the run, found none. Pass --output runs/mine"
    key, found = _KEY.search(message), _FOUND.search(message)
    if key is None or found is None or key[1] not in option_hints():
        return message
    name, value, nested = key[1], found[1], _NESTED.fullmatch(found[1])
    hint = option_hints()[name]
    try:
        check_value(_place(name, value, arguments), {nested[1]: nested[2]} if nested else value, hint)
    except UsageError as error:
        is_list = {get_origin(member) for member in union_members(hint)} <= {list, tuple}
        return f"{error}. Write a list: [{value}]" if is_list and not value.startswith("[") else str(error)
    return message


def _pairs(arguments: Sequence[str]) -> Iterator[tuple[str | None, str | None]]:
    """Yield each option with its value, None where there is none; and values without an option, with None as that."""
    left = list(reversed(arguments))
    while left:
        argument = left.pop()
        if not argument.startswith("-") or argument == "-":
            yield None, argument
            continue
        option, equals, value = argument.partition("=")
        if equals:
            yield option, value
        elif option not in _ALONE and left and _is_value(left[-1], option.lstrip("-")):
            yield option, left.pop()
        else:
            yield option, None


def _is_value(argument: str, name: str) -> bool:
    """Return whether an argument after an option is its value: texts may begin with one hyphen, numbers be negative."""
    takes_text = any(
        member is str or get_origin(member) is not None for member in union_members(_hint(name) or str)
    )
    return not argument.startswith("-" * (1 + takes_text)) or _NUMBER.match(argument) is not None


def _hint(name: str) -> Any:
    name = name.removesuffix("+")
    return option_hints().get(name) or option_hints().get(name.rpartition(".")[0])


@cache
def _sections() -> frozenset[str]:
    return frozenset(name.partition(".")[0] for name in option_hints() if "." in name)


def _exists(name: str) -> bool:
    """Return whether there is an option or section of a name; ``NAME+`` adds to a list, ``NAME.KEY`` to a mapping."""
    own = name.removesuffix("+")
    if own in option_hints():
        return own == name or any(get_origin(member) is list for member in union_members(option_hints()[own]))
    of_mapping = union_members(option_hints().get(name.rpartition(".")[0]))
    return name in _sections() or any(get_origin(member) is dict for member in of_mapping)


def _unknown(name: str, written: str, dashes: str) -> str:
    meant = [f"{dashes}{other}" for other in _meant(name)]
    return f"no option {written}{f'; did you mean {_either(meant)}?' if meant else ''}"


def _meant(name: str) -> list[str]:
    """Return the options that may have been meant, those that are most like it."""
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
    """Return what is wrong with a value that belongs to no option, and what it may have been meant for."""
    shown = shlex.quote(value)
    if before and before[2:].removesuffix("+") in _OF_FILES:
        return (
            f"{before} takes one value, found another one after it: {value}. For several files write a list, "
            f"{before} '[a.conll, {value}]', or a pattern in quotes, {before} 'corpus/*.conll'"
        )
    if Path(value).suffix.lower() in (".yaml", ".yml"):
        return f"expected an option, found {value}. Options in a YAML file: --config {shown}"
    return f"expected an option, found {value}. To train on a file, pass --data.train {shown}"


def _without_value(name: str, option: str) -> str:
    kinds = union_members(_hint(name))
    if bool in kinds:
        return f"{option}: expected true or false after it, found nothing. Write {option} true"
    return f"{option}: expected a value after it, found nothing"


def _check_file(text: str) -> None:
    """Refuse a file with options that cannot be read, or has some that do not exist."""
    path = Path(text)
    if not path.exists():
        if isinstance(_parsed(text), dict):  # the options themselves
            _check_text(text, "--config")
            return
        names = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        close = get_close_matches(path.name, names, 1, _LIKE)
        meant = f"; did you mean {path.parent / close[0]}?" if close else ""
        raise UsageError(f"--config {text}: expected a YAML file, found none of this name{meant}")
    if path.is_dir():
        recipe = path / "recipe.yaml"
        advice = f". To repeat the run in it, pass --config {recipe}" if recipe.is_file() else ""
        raise UsageError(f"--config {text}: expected a YAML file, found a folder{advice}")
    if not path.is_file():  # a pipe can be read only once
        return
    try:
        content = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{text}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{text}: expected a YAML file, found no text in UTF-8") from None
    _check_text(content, text)


def _check_text(content: str, name: str) -> None:
    try:
        node = yaml.compose(content, yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise UsageError(f"{name}{_line(error)}: expected YAML, found {_problem(error)}") from None
    if not isinstance(node, yaml.MappingNode):
        raise UsageError(f"{name}: expected options, such as 'epochs: 3', found none")
    _check_keys(node, name, "")


def _check_keys(node: yaml.MappingNode, path: str, section: str) -> None:
    for key, value in node.value:
        written = f"{section}{getattr(key, 'value', '')}"
        where = f"{path}:{key.start_mark.line + 1}"
        if written == "<<" or (not section and written in _BESIDE):
            continue
        if not _exists(written):
            raise UsageError(f"{where}: {_unknown(written, written, '')}")
        if written in _sections():
            if isinstance(value, yaml.MappingNode):
                _check_keys(value, path, f"{written}.")
            else:
                _check_section(str(value.value), f"{where}: {written}", "")


def _check_section(value: str, where: str, dashes: str) -> None:
    """Refuse a section that is neither a mapping nor a file of one, such as the name of a file with data."""
    if isinstance(_parsed(value), dict) or Path(value).suffix.lower() in (".yaml", ".yml"):
        return
    name = where.rpartition(" ")[2].lstrip("-")
    meant = f". Did you mean {dashes}data.train?" if name == "data" else ""
    raise UsageError(
        f"{where}: expected options, as {name}: {{NAME: VALUE}} in YAML, found {value or 'none'}{meant}"
    )


def _parsed(text: str) -> Any:
    try:
        return read_yaml(text)
    except yaml.YAMLError:
        return None


def _line(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return "" if mark is None else f":{mark.line + 1}"


def _problem(error: yaml.YAMLError) -> str:
    context, problem = getattr(error, "context", None), getattr(error, "problem", None)
    return ": ".join(part for part in (context, problem) if part) or " ".join(str(error).split())


def _place(name: str, value: str, arguments: Sequence[str]) -> str:
    """Return where a value was given: as an option, or in which file."""
    for option, given in _pairs(arguments):
        if option is None or given is None:
            continue
        if option.lstrip("-").removesuffix("+") == name or option[2:].startswith(f"{name}."):
            return option.removesuffix("+")
        if option == "--config" and Path(given).is_file() and str(_value_in(Path(given), name)) == value:
            return f"{given}: {name}"
    return name


def _value_in(path: Path, name: str) -> Any:
    value = _parsed(path.read_text(encoding="utf-8"))
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value
