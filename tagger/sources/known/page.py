"""The documentation page about known datasets, docs/datasets.md, generated from the table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tagger.options import option, options_of_command_line
from tagger.sources.known.entry import KnownDataset
from tagger.sources.known.table import DATASETS
from tagger.text.printable import code_span

_HEAD: Final = """\
# Known datasets

These datasets of the Hugging Face Hub have short names: `{short}`, or
[`load_splits("conll2003")`](reference/integrations.md#datasets). The repository, configuration, revision, columns,
label names and splits are then known; arguments that you pass take precedence. For datasets with several languages,
treebanks or settings, name one: `{part}`.
Another task of the same data is another column: `{task}`. A warning
reports labels that differ from the published ones.

We had no access to the Hub when this table was written: each entry states what was checked, and how. `python
scripts/check_hub.py` compares the table with the Hub: ids, commits, files, columns and label names of every file,
lists of label names, splits and licences. It reports integers that cannot be compared because no list in the repository
names them. It downloads READMEs, lists of names and the ends of Parquet files, and JSON files completely; names as
arguments select datasets, `--all` every language and treebank, and `--read` reads the data as training does. The exit
status is 1 if anything differs or cannot be checked.

This page is generated from `tagger/sources/known/` by `python scripts/datasets_page.py`.
"""


def page() -> str:
    """Return the page, in Markdown."""
    rows = [f"| [{entry.name}](#{_anchor(entry)}) | {entry.about} | {entry.licence} |" for entry in DATASETS]
    table = "\n".join(["| name | what it is | licence |", "|---|---|---|", *rows])
    with options_of_command_line():
        short = option("data.dataset", "conll2003")
        head = _HEAD.format(
            short=short,
            part=f"{option('data.dataset', 'wikiann')} {option('data.dataset_name', 'de')}",
            task=f"{short} {option('data.label_column', 'pos_tags')}",
        )
    return "\n".join([head, table, *("\n".join(["", *_section(entry)]) for entry in DATASETS)]) + "\n"


def _section(entry: KnownDataset) -> Iterator[str]:
    yield f"## {entry.name}"
    yield ""
    others = ", ".join(f"`{name}`" for name in entry.names[1:])
    yield f"{entry.about}{f' Also called {others}.' if others else ''}"
    yield ""
    yield f"- **read as** `{entry.request.call()}`; {_revision(entry)}"
    if entry.parts is not None:
        yield f"- **{{part}}** {_parts(entry)}"
    yield f"- **tokens** `{entry.token_column}`"
    for column in entry.label_columns:
        scheme = "" if column.scheme == "none" else f", {column.scheme.upper()}"
        labels = f": {' '.join(map(code_span, column.labels))}" if column.labels else ", not compared"
        order = "" if column.order_matters or not column.labels else ", in any order"
        yield f"- **labels** `{column.name}` ({column.kind}{scheme}){order}{labels}"
    yield f"- **splits** {', '.join(f'{role} `{split}`' for role, split in entry.splits.items())}"
    if entry.label_file is not None:
        yield f"- **names of labels** are read from `{entry.label_file}` in the repository"
    yield f"- **licence** {entry.licence}"
    if entry.copies:
        yield f"- **copies** {', '.join(f'`{copy.call()}`' for copy in entry.copies)}"
    yield f"- **sources** {'; '.join(f'{fact}: {source}' for fact, source in entry.sources.items())}"
    yield f"- **checked** {entry.checked}"


def _anchor(entry: KnownDataset) -> str:
    return entry.name.replace("+", "")


def _revision(entry: KnownDataset) -> str:
    if entry.request.revision is None:
        return "not pinned to a commit"
    return "the Hub's conversion to Parquet, not pinned to a commit"


def _parts(entry: KnownDataset) -> str:
    parts = entry.parts
    assert parts is not None
    names = ", ".join(
        f"{name} (`{parts.configurations[name]}`)" if name in parts.configurations else name
        for name in parts.names
    )
    default = "" if parts.default is None else f"; {parts.default} if none is named"
    return f"{parts.kind}, {'one of' if parts.complete else 'such as'} {names}{default}"
