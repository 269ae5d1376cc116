"""Segmenters by name: how a stored model finds the one that it was trained with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from tagger.errors import UsageError
from tagger.text.rules import Lines, RuleSegmenter
from tagger.text.tokens import Segmenter
from tagger.text.whitespace import WhitespaceSegmenter


class NamedSegmenter(Segmenter, Protocol):
    """A segmenter that a model can name: its name, version and options say all that it does."""

    @property
    def name(self) -> str:
        """The name it is registered by."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever the same options may give other tokens or sentences than before."""
        ...

    def options(self) -> Mapping[str, str]:
        """What the factory needs to make the same segmenter again."""
        ...


Factory = Callable[[Mapping[str, str]], NamedSegmenter]
"""Makes a segmenter from its options, and raises UsageError for options that it does not know."""


def _rules(options: Mapping[str, str]) -> RuleSegmenter:
    return RuleSegmenter.from_options(options)


def _whitespace(options: Mapping[str, str]) -> WhitespaceSegmenter:
    if options:
        raise UsageError(f"segmenter 'whitespace': expected no options, found {', '.join(sorted(options))}")
    return WhitespaceSegmenter()


_FACTORIES: dict[str, Factory] = {"rules": _rules, "whitespace": _whitespace}


def register_segmenter(name: str, factory: Factory) -> None:
    """Make a plug-in known by name, so that models can be stored and loaded with it.

    A model folder holds the name, never code or a module to import: who loads it registers the plug-in first.

    Args:
        name: what the model folder will call it; the ``name`` of the segmenters that the factory makes.
        factory: makes a segmenter from a mapping of options.

    Raises:
        UsageError: if the name is taken by another factory.
    """
    if _FACTORIES.setdefault(name, factory) is not factory:
        raise UsageError(f"a segmenter named {name!r} is registered already. Choose another name.")


def get_segmenter(
    name: str = "rules", options: Mapping[str, str] | None = None, *, version: str | None = None
) -> NamedSegmenter:
    """Return the segmenter of that name with these options.

    Args:
        name: ``"rules"``, ``"whitespace"`` or what was registered.
        options: as its ``options()`` gave them; none for the defaults.
        version: the version wanted; any if left out.

    Raises:
        UsageError: if the name, an option or the version is unknown.
    """
    factory = _FACTORIES.get(name)
    if factory is None:
        known = ", ".join(sorted(_FACTORIES))
        raise UsageError(
            f"unknown segmenter {name!r}; known: {known}. "
            "Register a plug-in with tagger.text.register_segmenter first."
        )
    segmenter = factory(options or {})
    if version is not None and version != segmenter.version:
        raise UsageError(
            f"segmenter {name!r}: expected version {version}, found version {segmenter.version}. "
            "It may cut text differently. Use the package that the model was made with, or train it again."
        )
    return segmenter


def with_lines(segmenter: NamedSegmenter, lines: Lines | None) -> NamedSegmenter:
    """Return the segmenter as it is with another value of its option ``lines``.

    Args:
        segmenter: any.
        lines: whether sentences go on over the end of a line (``join``) or not (``split``); None for what it does.

    Raises:
        UsageError: it has no such option, or not this value.
    """
    if lines is None:
        return segmenter
    return get_segmenter(segmenter.name, {**segmenter.options(), "lines": lines})
