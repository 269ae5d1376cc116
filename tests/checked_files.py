"""Files checked as the command does it: written to a folder, read, and what is found in them."""

from __future__ import annotations

from pathlib import Path

from tagger.checking.findings import Finding
from tagger.checking.given import find_parts
from tagger.checking.reading import ReadCorpus, read_corpus
from tagger.checking.report import check
from tagger.formats import ReadingOptions
from tagger.schemes import LabelScheme


def read_files(folder: Path, scheme: str | None = None, **files: str | bytes) -> ReadCorpus:
    """Return files as they are read; ``train_conll="..."`` is the file ``train.conll``."""
    names = []
    for name, content in files.items():
        path = folder / name.replace("_", ".")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        names.append(str(path))
    return read_corpus(
        find_parts(names), ReadingOptions(), None if scheme is None else LabelScheme.parse(scheme)
    )


def found_in(folder: Path, check_id: str, scheme: str | None = None, **files: str | bytes) -> list[Finding]:
    """Return the findings of one check in files."""
    report = check(read_files(folder, scheme, **files).corpus)
    return [finding for finding in report.findings if finding.check == check_id]


def lines_of(findings: list[Finding]) -> list[list[int]]:
    """Return the lines of each finding."""
    return [[int(place.rpartition(":")[2]) for place in finding.places] for finding in findings]


def rows(text: str) -> str:
    """Return sentences, a line each, as rows: ``Oslo/B-LOC is/O`` becomes two."""
    sentences = [
        [cell.rpartition("/")[::2] for cell in line.split(" ")] for line in text.strip("\n").split("\n")
    ]
    return "".join(
        "".join(f"{token}\t{label}\n" for token, label in sentence) + "\n" for sentence in sentences
    )
