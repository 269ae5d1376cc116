"""The bundled sample corpus keeps the format, the labels and the numbers that its README promises."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[1] / "recipes" / "sample"
SPLITS = ("train", "dev", "test")
SIZES = {"train": (290, 310), "dev": (58, 62), "test": (58, 62)}
TYPES = ("PER", "ORG", "LOC", "MISC")
UPOS = set(
    re.findall(r"\w+", "ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X")
)

Row = list[str]


def text(split: str) -> str:
    return (SAMPLE / f"{split}.conll").read_bytes().decode("utf-8")


def sentences(split: str) -> list[list[Row]]:
    blocks = text(split).removesuffix("\n").split("\n\n")
    return [[line.split("\t") for line in block.split("\n")] for block in blocks]


@pytest.mark.parametrize("split", SPLITS)
def test_every_row_has_three_filled_columns(split: str) -> None:
    rows = [row for sentence in sentences(split) for row in sentence]
    assert [row for row in rows if len(row) != 3 or not all(row)] == []


@pytest.mark.parametrize("split", SPLITS)
def test_files_end_in_one_line_feed_and_hold_only_printable_characters(split: str) -> None:
    content = text(split)
    assert content.endswith("\n")
    assert not content.endswith("\n\n")
    assert "\n\n\n" not in content
    words = re.split("[\t\n]", content)
    assert [word for word in words if not word.isprintable() or " " in word] == []


@pytest.mark.parametrize("split", SPLITS)
def test_every_tag_is_one_of_the_universal_parts_of_speech(split: str) -> None:
    assert {row[1] for sentence in sentences(split) for row in sentence} <= UPOS


def test_the_training_split_shows_every_part_of_speech_and_entity_label() -> None:
    rows = [row for sentence in sentences("train") for row in sentence]
    assert {row[1] for row in rows} == UPOS
    assert {row[2] for row in rows} == {"O"} | {f"{prefix}-{name}" for prefix in "BI" for name in TYPES}


@pytest.mark.parametrize("split", SPLITS)
def test_labels_are_valid_iob2(split: str) -> None:
    allowed_first = {"O"} | {f"B-{name}" for name in TYPES}
    for sentence in sentences(split):
        previous = "O"
        for _, _, label in sentence:
            continues = label[2:] in TYPES and label == f"I-{previous[2:]}"
            assert label in allowed_first or continues, f"{label} after {previous} in {sentence}"
            previous = label


def test_no_sentence_occurs_twice_in_any_spelling_of_case() -> None:
    seen = [" ".join(row[0] for row in sentence).lower() for split in SPLITS for sentence in sentences(split)]
    assert sorted(seen) == sorted(set(seen))


@pytest.mark.parametrize("split", SPLITS)
def test_sizes_and_lengths_are_as_stated(split: str) -> None:
    lengths = [len(sentence) for sentence in sentences(split)]
    low, high = SIZES[split]
    assert low <= len(lengths) <= high
    assert min(lengths) >= 2
    assert max(lengths) <= 40


@pytest.mark.parametrize("split", SPLITS)
def test_the_table_in_the_readme_was_counted_from_the_files(split: str) -> None:
    corpus = sentences(split)
    labels = [row[2] for sentence in corpus for row in sentence]
    entities = [labels.count(f"B-{name}") for name in TYPES]
    row = [split, len(corpus), len(labels), *entities, sum(entities)]
    assert f"| {' | '.join(map(str, row))} |" in (SAMPLE / "README.md").read_text(encoding="utf-8")
