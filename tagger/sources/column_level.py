"""Choice of columns that belong together: in a table of sentences, or of documents with several sentences per row.

Top-level columns are preferred to nested ones. Where columns of several lists qualify, none is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from tagger.errors import DataError, UsageError
from tagger.formats.tables.column_choice import LABEL_KINDS, STRINGS, Columns, choose_columns
from tagger.formats.tables.span_columns import find_document_column, listed
from tagger.options import argument
from tagger.sources.shapes import Column

_TOKENS: Final = {"tokens", "words", "token", "word", "forms", "form"}
ROW: Final = "(row)"
"""The document column for sentences whose document is their row."""


def choose_level(
    columns: Mapping[str, Column],
    *,
    where: str,
    tokens: str | None = None,
    labels: str | None = None,
    document: str | None = None,
) -> Columns:
    """Find the columns of tokens and labels, as ``choose_columns`` does, among those that belong together.

    Args:
        columns: the columns of the table, including nested ones.
        where: the table, for messages.
        tokens: name of the token column, dotted if nested; detected if None.
        labels: name of the label column, dotted if nested; detected if None.
        document: name of the column that identifies the document of a sentence. Where a row holds several sentences,
            the default is a column with a usual name, else the row.

    Raises:
        DataError: no columns qualify, or several do.
        UsageError: a named column does not exist, or is of the wrong kind; or two named columns do not belong together.
    """
    whole_kinds = {name: column.whole_kind for name, column in columns.items()}
    named = [name for name in (tokens, labels) if name is not None and name in columns]
    of_sentences = {columns[name].depth for name in named if columns[name].kind in LABEL_KINDS}
    if len(of_sentences) > 1:
        raise UsageError(
            f"{where}: {argument('data.token_column', tokens)}, {argument('data.label_column', labels)}: expected one "
            f"label per token, found a {' and a '.join(whole_kinds[name] for name in named)}"
        )
    together = set(named) if len(named) == 2 else _together(columns, named, where)
    kinds = {
        name: column.kind if name in together else f"{whole_kinds[name]}, of other lists"
        for name, column in columns.items()
    }
    chosen = choose_columns(
        kinds, where=where, tokens=tokens, labels=labels, document=document, shown=whole_kinds
    )
    if document is None and columns[chosen.tokens].depth > 1:
        document = find_document_column(whole_kinds, None, where) or ROW
    return Columns(chosen.tokens, chosen.labels, document)


def _together(columns: Mapping[str, Column], named: list[str], where: str) -> set[str]:
    """Return the names of the columns among which to look for tokens and labels."""
    plain = {name for name, column in columns.items() if len(column.path) < 2 and column.depth < 2}
    if len(plain) == len(columns):
        return plain
    families = _families(columns)
    if named:
        return families.get(columns[named[0]].family, set(named))
    if _hold_sentences(columns, plain):
        return plain
    found = [family for family in families.values() if _hold_sentences(columns, family)]
    if len(found) > 1:
        choices = [
            argument("data.token_column", name)
            for family in found
            for name in sorted(family)
            if columns[name].kind == STRINGS
            and (len(columns[name].path) == 1 or _has_usual_name(columns[name]))
        ]
        raise DataError(
            f"{where}: several columns could be meant; choose with {' or '.join(choices)}; found: "
            f"{listed({name: column.whole_kind for name, column in columns.items()})}"
        )
    return found[0] if found else plain


def hold_tokens(columns: Mapping[str, Column]) -> bool:
    """Return whether a table certainly has columns of tokens and labels, by type and usual names."""
    families = _families(columns).values()
    return any(_hold_sentences(columns, family, usual=True) for family in families)


def _families(columns: Mapping[str, Column]) -> dict[tuple[str, ...], set[str]]:
    """Return the names of the columns whose lists belong together."""
    families: dict[tuple[str, ...], set[str]] = {}
    for name, column in columns.items():
        if column.depth:
            families.setdefault(column.family, set()).add(name)
    return families


def _hold_sentences(columns: Mapping[str, Column], names: Iterable[str], *, usual: bool = False) -> bool:
    """Return whether some columns include tokens and labels.

    Nested token columns, and all of them with ``usual``, must have a usual name: lists of structs may also hold the
    mentions of a text.
    """
    tokens = [name for name in names if columns[name].kind == STRINGS]
    are_labels = [columns[name].kind in LABEL_KINDS for name in names]
    return sum(are_labels) > 1 and any(
        (len(columns[name].path) == 1 and not usual) or _has_usual_name(columns[name]) for name in tokens
    )


def _has_usual_name(column: Column) -> bool:
    return bool(_TOKENS.intersection(key.lower() for key in column.path))
