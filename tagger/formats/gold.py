"""Gold labels of examples: the scheme they are in, and errors with file and line for those that break it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tagger.errors import LabelError
from tagger.examples import Example
from tagger.formats.reading import token_origin
from tagger.schemes import LabelScheme, NoSchemeFits, detect_scheme, violations


def gold_scheme(examples: Sequence[Example]) -> LabelScheme:
    """Return the scheme in which all gold labels are legal.

    Raises:
        LabelError: if there is none; names file and line of the label that rules out the last one.
    """
    try:
        return detect_scheme(example.labels or () for example in examples)
    except NoSchemeFits as error:
        example = examples[error.sequence]
        if example.origin is None:
            raise
        raise LabelError(f"{token_origin(example, error.position)}: {error.reason}") from None


def check_labels(examples: Iterable[Example], scheme: LabelScheme) -> None:
    """Refuse gold labels that break a scheme.

    Raises:
        LabelError: for the first such label; names file and line.
    """
    for number, example in enumerate(examples, start=1):
        for violation in violations(example.labels or (), scheme):
            where = (
                f"sentence {number}" if example.origin is None else token_origin(example, violation.position)
            )
            raise LabelError(f"{where}: {violation.message}")
