"""The registry of segmenters, from which a stored model gets the one that it was trained with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from tagger.errors import UsageError
from tagger.text.rules import Lines, RuleSegmenter
from tagger.text.tokens import Segmenter
from tagger.text.whitespace import WhitespaceSegmenter


class NamedSegmenter(Segmenter, Protocol):
    """A segmenter that can be stored with a model: its name, version and options determine its behaviour."""

    @property
    def name(self) -> str:
        """The name under which it is registered."""
        ...

    @property
    def version(self) -> str:
        """Its version, which changes whenever the same options may give different tokens or sentences."""
        ...

    def options(self) -> Mapping[str, str]:
        """Return the options from which the factory makes the same segmenter again."""
        ...


Factory = Callable[[Mapping[str, str]], NamedSegmenter]
"""Makes a segmenter from its options; raises UsageError for unknown options."""


def _rules(options: Mapping[str, str]) -> RuleSegmenter:
    return RuleSegmenter.from_options(options)


def _whitespace(options: Mapping[str, str]) -> WhitespaceSegmenter:
    if options:
        raise UsageError(f"segmenter 'whitespace': expected no options, found {', '.join(sorted(options))}")
    return WhitespaceSegmenter()


_FACTORIES: dict[str, Factory] = {"rules": _rules, "whitespace": _whitespace}


def register_segmenter(name: str, factory: Factory) -> None:
    """Register a plug-in segmenter, so that models can be stored and loaded with it.

    A model folder holds only the name, never code or a module to import: register the plug-in before loading.

    Args:
        name: the name stored in model folders; the ``name`` of the segmenters that the factory makes.
        factory: makes a segmenter from a mapping of options.

    Raises:
        UsageError: the name is taken by another factory.
    """
    if _FACTORIES.setdefault(name, factory) is not factory:
        raise UsageError(f"a segmenter named {name!r} is registered already. Choose another name.")


def get_segmenter(
    name: str = "rules", options: Mapping[str, str] | None = None, *, version: str | None = None
) -> NamedSegmenter:
    """Return the segmenter with a given name and options.

    Args:
        name: ``"rules"``, ``"whitespace"`` or a registered name.
        options: as returned by its ``options()``; defaults if left out.
        version: the required version; any if left out.

    Raises:
        UsageError: the name, an option or the version is unknown.
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
    """Return a segmenter with another value of its option ``lines``.

    Args:
        segmenter: any segmenter.
        lines: whether sentences continue across line ends (``join``) or not (``split``); None to leave it unchanged.

    Raises:
        UsageError: the segmenter has no such option or value.
    """
    if lines is None:
        return segmenter
    return get_segmenter(segmenter.name, {**segmenter.options(), "lines": lines})
