"""Check the values of a configuration, from files or Python callers, against its type annotations."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from tagger.errors import UsageError

_NAMES: Final[dict[Any, str]] = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "a name",
    Path: "a path",
    NoneType: "None",
}


def check_fields(config: Any, section: str = "") -> None:
    """Raise an error for a configuration with a value of the wrong type.

    Args:
        config: a dataclass.
        section: prefix of the names of its fields, as in ``data.``.

    Raises:
        UsageError: names the field, what is expected and what was found.
    """
    hints = get_type_hints(type(config))
    for field in fields(config):
        check_value(section + field.name, getattr(config, field.name), hints[field.name])


def check_value(name: str, value: object, hint: Any) -> None:
    """Raise an error for a value of the wrong type.

    Raises:
        UsageError: names the field, what is expected and what was found.
    """
    if _fits(value, hint):
        return
    advice = ""
    if is_dataclass(hint) and isinstance(hint, type) and isinstance(value, dict):
        arguments = ", ".join(f"{key}={item!r}" for key, item in value.items())
        advice = f". Write {name}={hint.__name__}({arguments})"
    raise UsageError(f"{name}: expected {_describe(hint)}, found {value!r}{advice}")


def _fits(value: object, hint: Any) -> bool:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return any(_fits(value, member) for member in arguments)
    if origin in (list, tuple):
        return isinstance(value, origin) and all(_fits(item, arguments[0]) for item in value)
    if origin is dict:
        return isinstance(value, dict) and all(
            _fits(key, arguments[0]) and _fits(item, arguments[1]) for key, item in value.items()
        )
    if isinstance(value, bool):
        return hint is bool
    return isinstance(value, (int, float) if hint is float else hint)


def _describe(hint: Any) -> str:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        *others, last = map(_describe, arguments)
        return f"{', '.join(others)} or {last}"
    if origin in (list, tuple):
        return f"a list of {_several(arguments[0])}"
    if origin is dict:
        return f"a dictionary of names to {_several(arguments[1])}"
    return (
        _NAMES[hint] if hint in _NAMES else f"{'an' if hint.__name__[0] in 'AEIOU' else 'a'} {hint.__name__}"
    )


def _several(hint: Any) -> str:
    if get_origin(hint) is None:
        return {str: "names", int: "whole numbers"}[hint]
    return f"({_describe(hint)})"
