"""In-memory data as tables or Examples: datasets, streams of them, data frames, Arrow tables.

Types of other libraries are recognised by name, without importing the libraries.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from tagger.errors import UsageError
from tagger.examples import Example
from tagger.formats.reading_options import ReadingOptions
from tagger.sources.frames import frame_table
from tagger.sources.huggingface import assign_roles
from tagger.sources.streams import StreamTable, counted
from tagger.sources.tables import arrow_table, saved_table
from tagger.sources.values_table import Table

EXPECTED: Final = (
    "a list of Examples, a Dataset or IterableDataset of the library datasets, a pandas DataFrame, a pyarrow Table, or "
    "Splits or a dictionary of them by split"
)
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Given:
    """The data of a split.

    Attributes:
        split: what messages call it.
        examples: its sentences, if given as Examples.
        table: the table that holds them otherwise.
        identity: a description that identifies the data, JSON-ready.
    """

    split: str
    examples: Sequence[Example] | None
    table: Table | None
    identity: Mapping[str, Any]


def by_role(given: Any, chosen: Mapping[str, str] | None) -> dict[str, tuple[str, Any]]:
    """Return role (train, dev, test) -> the name of a split and its data.

    Args:
        given: a mapping of splits, such as a ``DatasetDict``, or the train split alone.
        chosen: role to the name of a split, where the names are not the usual ones.

    Raises:
        DataError: no split has a usual name, or several have names of the same role.
        UsageError: ``chosen`` is invalid or has no effect, or ``given`` is a dictionary of columns.
    """
    if isinstance(given, Mapping):
        if chosen is None and given and all(_is_column(value) for value in given.values()):
            raise _columns_given("splits", given)
        by_name = {str(name): value for name, value in given.items()}
        return {
            role: (name, by_name[name])
            for role, name in assign_roles(list(by_name), chosen, where="splits").items()
        }
    if chosen is not None:
        raise UsageError(
            "data.splits: has no effect on a single split; it says which is which in a dictionary of splits"
        )
    return {"train": ("train", given)}


def open_given(value: Any, split: str, options: ReadingOptions) -> Given:
    """Return the data of a split.

    Args:
        value: the data.
        split: what messages call it.
        options: the reading options.

    Raises:
        DataError: it cannot be read, or it is an iterator that does not end.
        UsageError: it is not of a supported type.
    """
    where = f"splits[{split}]"
    if _is_a(value, "datasets", "Dataset"):
        identity = {"type": "datasets.Dataset", "rows": len(value), "fingerprint": value._fingerprint}
        return Given(split, None, saved_table(value, where), identity)
    if _is_a(value, "datasets", "IterableDataset"):
        return Given(split, None, StreamTable(where, value), {"type": "datasets.IterableDataset"})
    if _is_a(value, "pandas", "DataFrame"):
        identity = {"type": "pandas.DataFrame", "rows": len(value)}
        return Given(split, None, frame_table(value, where, options), identity)
    if _is_a(value, "pyarrow", "Table"):
        table = arrow_table(where, value.schema, value.select)
        return Given(split, None, table, {"type": "pyarrow.Table", "rows": value.num_rows})
    examples = _examples(value, where)
    return Given(split, examples, None, {"type": "Examples", "sentences": len(examples)})


def _examples(value: Any, where: str) -> Sequence[Example]:
    if isinstance(value, Mapping):
        raise _columns_given(where, value)
    if isinstance(value, Iterator):
        value = list(counted(value, where, lambda item: len(getattr(item, "tokens", ()))))
    elif not _is_sequence(value):
        raise UsageError(f"{where}: expected {EXPECTED}, found {_described(value)}")
    elif not isinstance(value, Sequence):
        value = [value[place] for place in range(len(value))]
    if any(isinstance(item, Mapping) for item in islice(value, 1)):
        raise UsageError(
            f"{where}: expected {EXPECTED}, found a {type(value).__name__} of dictionaries. Make it a Dataset: "
            "datasets.Dataset.from_list(...)"
        )
    return value  # type: ignore[no-any-return]  # items that are not Examples are refused later


def _is_sequence(value: Any) -> bool:
    library = type(value).__module__.partition(".")[0]
    if isinstance(value, str | bytes) or library in ("pandas", "polars"):
        return False
    return hasattr(value, "__getitem__") and hasattr(value, "__len__")


def _is_a(value: object, library: str, name: str) -> bool:
    return any(
        kind.__name__ == name and kind.__module__.partition(".")[0] == library for kind in type(value).__mro__
    )


def _is_column(value: object) -> bool:
    """Return whether a value is a list of something other than Examples, as in a dictionary of columns."""
    return isinstance(value, list | tuple) and not any(
        isinstance(item, Example | Mapping) for item in islice(value, 1)
    )


def _columns_given(where: str, given: Mapping[Any, Any]) -> UsageError:
    names = ", ".join(map(str, islice(given, _SHOWN)))
    return UsageError(
        f"{where}: expected {EXPECTED}, found a dictionary of columns ({names}). Make it a Dataset: "
        "datasets.Dataset.from_dict(...)"
    )


def _described(value: object) -> str:
    kind = type(value)
    name = (
        kind.__name__
        if kind.__module__ == "builtins"
        else f"{kind.__module__.partition('.')[0]}.{kind.__name__}"
    )
    if isinstance(value, str):
        return f"{value!r}. Names of files and datasets go to data.train or data.dataset"
    if kind.__module__.startswith("polars"):
        return f"{name}. Pass the result of its method to_arrow()"
    return name
