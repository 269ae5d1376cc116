"""Defects of many kinds, each planted in a copy of the bundled corpus: found by its check, where it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tagger.checking.catalogue import CHECKS
from tagger.checking.findings import Finding
from tagger.checking.given import find_parts
from tagger.checking.reading import read_corpus
from tagger.checking.report import check
from tagger.formats import ReadingOptions

SAMPLE = Path(__file__).parents[2] / "recipes" / "sample"
FILES = ("train.conll", "dev.conll", "test.conll")
FIRST = "The European Union opened talks with Norway on fishing rights in Brussels on Tuesday ."


@dataclass(frozen=True)
class Planted:
    """A defect.

    Attributes:
        check: the id that finds it.
        file: where it is planted.
        plant: changes the text of the file.
        place: ``file:line`` where it is found; None where it concerns the file as a whole.
        others: checks of warnings or errors that find it as well.
        options: how the files are read.
    """

    check: str
    file: str
    plant: Callable[[str], str]
    place: str | None
    others: frozenset[str] = field(default_factory=frozenset)
    options: ReadingOptions = field(default_factory=ReadingOptions)

    def __str__(self) -> str:
        return self.check


def _token(old: str, new: str) -> Callable[[str], str]:
    """Return what changes one row; there must be exactly one such row in the first sentences."""

    def plant(text: str) -> str:
        assert f"\n{old}\n" in text
        return text.replace(f"\n{old}\n", f"\n{new}\n", 1)

    return plant


def _added(*sentences: str) -> Callable[[str], str]:
    """Return what adds sentences at the end, words and labels with a slash between."""

    def plant(text: str) -> str:
        for sentence in sentences:
            cells = [cell.rpartition("/")[::2] if "/" in cell else (cell, "O") for cell in sentence.split()]
            text += "\n" + "".join(f"{word}\tX\t{label}\n" for word, label in cells)
        return text

    return plant


def _line(file: str, row: str) -> str:
    """Return where a row stands first."""
    rows = (SAMPLE / file).read_text(encoding="utf-8").split("\n")
    return f"{file}:{rows.index(row) + 1}"


def _after(file: str, line: int) -> str:
    """Return a place in what is added at the end: 1 is the first added row."""
    return f"{file}:{(SAMPLE / file).read_text(encoding='utf-8').count(chr(10)) + 1 + line}"


def _rest(rows: int) -> str:
    """Return the rows of the first sentence of train after its first one."""
    lines = (SAMPLE / "train.conll").read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(lines[1 : rows + 1])


_TAGS = ReadingOptions(label_column=1)
_OPENED = "opened\tVERB\tO"
_AT = _line("train.conll", _OPENED)
_FIRST = FIRST.replace("European Union", "European/B-ORG Union/I-ORG").replace("Norway", "Norway/B-LOC")
_FIRST = _FIRST.replace("Brussels", "Brussels/B-LOC")

DEFECTS = [
    Planted("illegal-label", "train.conll", _token(_OPENED, "opened\tVERB\tI-MISC"), _AT),
    Planted("control-character", "train.conll", _token(_OPENED, "op\x07ened\tVERB\tO"), _AT),
    Planted("invisible-character", "train.conll", _token(_OPENED, "op\u200bened\tVERB\tO"), _AT),
    Planted("replacement-character", "train.conll", _token(_OPENED, "op\ufffdened\tVERB\tO"), _AT),
    Planted("private-use-character", "train.conll", _token(_OPENED, "op\ue000ened\tVERB\tO"), _AT),
    Planted("mojibake", "train.conll", _token(_OPENED, "opÃ©ned\tVERB\tO"), _AT),
    Planted("not-nfc", "train.conll", _token(_OPENED, "ope\u0301ned\tVERB\tO"), _AT),
    Planted("html-entity", "train.conll", _token(_OPENED, "&amp;\tVERB\tO"), _AT),
    Planted("html-tag", "train.conll", _token(_OPENED, "<br>\tVERB\tO"), _AT),
    Planted("mixed-scripts", "train.conll", _token(_OPENED, "\u043epened\tVERB\tO"), _AT),
    Planted("monstrous-word", "train.conll", _token(_OPENED, f"{'opened' * 40}\tVERB\tO"), _AT),
    Planted(
        "monstrous-sentence", "dev.conll", _added("Well , " + "he said that " * 400), _after("dev.conll", 1)
    ),
    Planted(
        "monstrous-span",
        "train.conll",
        _added("by Ann/B-PER " + "of/I-PER the/I-PER hill/I-PER " * 12 + "."),
        _after("train.conll", 2),
    ),
    Planted(
        "unbalanced-span",
        "train.conll",
        _added("They met Ann/B-PER (/I-PER Lee/I-PER ) there ."),
        _after("train.conll", 3),
    ),
    Planted("trailing-white-space", "train.conll", _token(_OPENED, f"{_OPENED} "), _AT),
    Planted("mixed-line-ends", "train.conll", _token(_OPENED, f"{_OPENED}\r"), None),
    Planted("byte-order-mark", "train.conll", lambda text: "\ufeff" + text, "train.conll:1"),
    Planted("nul-character", "train.conll", _token(_OPENED, "op\x00ened\tVERB\tO"), _AT),
    Planted(
        "labels-missing-in-train",
        "dev.conll",
        _added("They saw the Derby/B-EVENT there ."),
        _after("dev.conll", 4),
    ),
    Planted(
        "similar-labels", "train.conll", _added("They saw Ann/B-Per there ."), _after("train.conll", 3)
    ),
    Planted("rare-label", "train.conll", _added("They saw the Derby/B-EVENT ."), _after("train.conll", 4)),
    Planted("imbalance", "train.conll", _added("They saw the Derby/B-EVENT ."), None),
    Planted("label-shift", "dev.conll", lambda text: text.replace("-PER", "-ORG"), None,
            frozenset({"conflicting-phrase"})),
    Planted("leaked-sentence", "test.conll", _added(_FIRST), _after("test.conll", 1)),
    Planted(
        "near-copy", "test.conll", _added(_FIRST.replace("The", "the").replace("Tuesday", "tuesday")),
        _after("test.conll", 1),
    ),
    Planted("duplicate-sentence", "train.conll", _added(_FIRST), _after("train.conll", 1)),
    Planted(
        "conflicting-sentence",
        "train.conll",
        _added(_FIRST.replace("Norway/B-LOC", "Norway")),
        _after("train.conll", 7),
        frozenset({"conflicting-phrase"}),
    ),
    Planted(
        "conflicting-phrase",
        "train.conll",
        _added(
            "A ferry leaves Port/B-LOC Meridian/I-LOC at noon .",
            "Nobody in Port/B-LOC Meridian/I-LOC knew him .",
            "We reached Port Meridian before dark .",
            "Rain fell on Port/B-LOC Meridian/I-LOC again .",
        ),
        _after("train.conll", 20),
    ),
    Planted("rare-tag", "train.conll", _token("the\tDET\tO", "the\tNOUN\tO"),
            _line("train.conll", "the\tDET\tO"), options=_TAGS),
    Planted(
        "conflicting-tag",
        "test.conll",
        lambda text: f"{text}\nAn\tDET\tO\n{_rest(13)}".replace("opened\tVERB", "opened\tNOUN"),
        _after("test.conll", 4),
        options=_TAGS,
    ),
]  # fmt: skip


def _found(options: ReadingOptions) -> list[Finding]:
    read = read_corpus(find_parts(FILES), options)
    return list(check(read.corpus).findings)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for file in FILES:
        (tmp_path / file).write_bytes((SAMPLE / file).read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("options", [ReadingOptions(), _TAGS], ids=["entities", "parts of speech"])
def test_nothing_is_wrong_with_the_bundled_corpus(options: ReadingOptions) -> None:
    grave = [finding for finding in _found(options) if CHECKS[finding.check].severity != "note"]

    assert grave == []


@pytest.mark.parametrize("planted", DEFECTS, ids=str)
def test_a_planted_defect_is_found_where_it_is(folder: Path, planted: Planted) -> None:
    before = _found(planted.options)
    path = folder / planted.file
    text = planted.plant(path.read_bytes().decode("utf-8"))
    path.write_bytes(text.encode("utf-8"))

    after = _found(planted.options)

    said = {(finding.check, finding.message) for finding in before}
    new = [finding for finding in after if (finding.check, finding.message) not in said]
    mine = [finding for finding in new if finding.check == planted.check]
    assert mine, [(finding.check, finding.places, finding.message) for finding in new]
    if planted.place is not None:
        assert planted.place in [place for finding in mine for place in finding.places]
    grave = {finding.check for finding in new if CHECKS[finding.check].severity != "note"}
    assert grave - {planted.check} <= planted.others


def test_a_document_in_two_parts_is_found(folder: Path) -> None:
    start = "-DOCSTART-\tX\tO\n\n"
    for file in FILES:
        path = folder / file
        text = start + path.read_text(encoding="utf-8")
        path.write_text(text + (f"\n{start}{_rest(14)}" if file == "test.conll" else ""), encoding="utf-8")

    grave = [finding for finding in _found(ReadingOptions()) if CHECKS[finding.check].severity != "note"]
    assert {finding.check for finding in grave} == {"shared-document"}
    assert grave[0].places == (_after("test.conll", 5), "train.conll:3")


def test_bytes_that_are_no_utf_8_are_found_at_their_line(folder: Path) -> None:
    path = folder / "dev.conll"
    path.write_bytes(path.read_bytes() + "\nCafé\tX\tO\n".encode("latin-1"))

    grave = [finding for finding in _found(ReadingOptions()) if CHECKS[finding.check].severity != "note"]
    assert {finding.check for finding in grave} == {"not-utf-8"}
    assert grave[0].places[0] == _after("dev.conll", 1)


def test_at_least_twenty_kinds_are_planted() -> None:
    assert len({planted.check for planted in DEFECTS}) == len(DEFECTS) >= 20
