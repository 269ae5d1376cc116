"""The rows of a table of results, by the names of its columns: values that tests know the types of."""

from typing import Any

from tagger.evaluation.results import ResultTable


def rows_of(table: ResultTable) -> list[dict[str, Any]]:
    """Return a row as a dictionary each."""
    return table.to_dicts()
