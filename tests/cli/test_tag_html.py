"""``tagger tag --output html``: one page that shows the texts as they are, obeys nothing in them, and streams."""

import io
import json
import re
from typing import Any

import pytest
from html_texts import PageReader

from tagger import Tagger
from tagger.cli.page_outputs import page_pieces
from tagger.formats import read_plain
from tagger.prediction import Answer
from tagger.spans import Span
from tagger.text import get_segmenter

TEXT = "  Anna Smith lives in Oslo.\r\n\r\nIt\trained.  Bob went to Paris\n"
MARKS = [(2, 12, "PER"), (22, 26, "LOC"), (43, 46, "PER"), (55, 60, "LOC")]


def page(done):
    status, output, errors = done
    assert (status, errors) == (0, "")
    return PageReader(output)


def test_a_running_text_is_shown_as_it_is_with_its_entities(program, ner_model, write):
    read = page(program("tag", ner_model, write("a.txt", TEXT), "--output", "html"))
    (block,) = read.blocks
    assert block.text == TEXT
    assert [mark[:3] for mark in block.marks] == MARKS
    assert [mark[3] for mark in block.marks] == ["PER", "LOC", "PER", "LOC"]
    assert "4 entities: 2 LOC, 2 PER" in read.words


def test_probabilities_are_shades_and_in_tooltips(program, ner_model, write):
    path = write("a.txt", TEXT)
    read = page(program("tag", ner_model, path, "--output", "html", "--probabilities"))
    tagger = Tagger.load(ner_model)
    for entity, mark in zip(tagger.extract(TEXT), read.blocks[0].marks, strict=True):
        assert mark == (entity.start, entity.end, entity.label, f"{entity.label} {entity.probability:.4f}")
    marks = [attributes["class"] for tag, attributes in read.elements if tag == "mark"]
    assert all(re.fullmatch(r"en( e[01])?( p[0-4])?", name) for name in marks)
    assert all(re.search(r" p[0-4]$", name) for name in marks[: len(MARKS)])


@pytest.mark.parametrize(
    ("name", "text", "texts"),
    [
        ("a.conll", "Anna O\nSmith O\n\n\nBob O\n", ["Anna Smith", "Bob"]),
        ("a.jsonl", '{"text": "Anna\\n sings."}\n{"tokens": ["Bob"]}\n', ["Anna\n sings.", "Bob"]),
        ("a.jsonl", '{"text": "In Oslo", "label": [[3, 7, "X"]]}\n', ["In Oslo"]),
    ],
)
def test_other_inputs_are_a_block_for_each_text_or_sentence(program, ner_model, write, name, text, texts):
    read = page(program("tag", ner_model, write(name, text), "--output", "html"))
    assert [block.text for block in read.blocks] == texts
    assert all(block.marks for block in read.blocks)


def test_each_file_is_a_section_also_an_empty_one_and_one_that_comes_twice(program, ner_model, write):
    paths = [write("a.txt", "Anna"), write("b.txt", ""), write("c.txt", "In Oslo"), write("d.txt", "")]
    paths = [str(path) for path in paths]
    paths.insert(1, paths[0])
    read = page(program("tag", ner_model, *paths, "--output", "html"))
    assert read.sections == paths
    assert [(block.section, block.text.strip()) for block in read.blocks] == [
        (paths[0], "Anna"),
        (paths[0], "Anna"),
        (paths[3], "In Oslo"),
    ]


def test_labels_without_spans_mark_every_word(program, pos_model):
    read = page(program("tag", pos_model, "--output", "html", stdin="She went to Paris\n"))
    assert [mark[2:] for mark in read.blocks[0].marks] == [
        ("PRON", "PRON"), ("VERB", "VERB"), ("ADP", "ADP"), ("PROPN", "PROPN"),
    ]  # fmt: skip
    assert "4 words: 1 ADP, 1 PRON, 1 PROPN, 1 VERB" in read.words


def test_hostile_texts_and_names_are_inert(program, ner_model, tmp_path):
    text = "</div></style><script>alert(1)</script><img src=x onerror=alert(1)> \x1b[2J\u202e Anna &amp; \0 \ufeff"
    path = tmp_path / "<img src=x>&.jsonl"
    path.write_text(json.dumps({"text": text}))
    read = page(program("tag", ner_model, path, "--output", "html"))
    assert read.blocks[0].text == text
    assert read.sections == [str(path)]
    assert {tag for tag, _ in read.elements} == {
        *("html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "section", "div"),
        *("ul", "li", "mark", "i"),
    }
    names = {name for _, attributes in read.elements for name in attributes}
    assert not any(name.startswith("on") or name in ("src", "href") for name in names)


def test_a_text_from_right_to_left_flows_so(program, ner_model):
    _, output, _ = program("tag", ner_model, "--output", "html", stdin="שלום Anna\n")
    assert '<div class="entity-text" dir="auto" lang="">' in output
    assert "unicode-bidi: plaintext" in output


def test_the_name_of_the_output_tells_the_format(program, ner_model, tmp_path):
    for name in ("a.html", "a.HTM"):
        done = program("tag", ner_model, "-o", tmp_path / name, stdin="Anna\n")
        assert done == (0, "", "")
        assert PageReader((tmp_path / name).read_text()).blocks[0].text == "Anna\n"


def test_the_page_has_light_and_dark_colours_and_fits_any_width(program, ner_model):
    _, output, _ = program("tag", ner_model, "--output", "html", stdin="Anna\n")
    assert "@media (prefers-color-scheme: dark)" in output
    assert 'content="width=device-width, initial-scale=1"' in output
    assert "default-src &#x27;none&#x27;" in output
    assert "overflow-wrap: anywhere" in output


def test_pieces_are_given_out_while_the_text_is_read():
    taken = 0

    def answered():
        nonlocal taken
        for record in read_plain(io.BytesIO(b"Anna sings. " * 10_000), get_segmenter(), name="x"):
            taken += 1
            yield record, [Answer(("B-PER", "O", "O"), (Span(0, 1, "PER"),))]

    options: dict[str, Any] = {
        "labels": ["PER"],
        "has_spans": True,
        "has_probabilities": False,
        "inputs": ["x"],
    }
    pieces = page_pieces(answered(), **options)
    for _ in range(20):
        assert len(next(pieces)) < 20_000
    assert taken < 20


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--label-column", "x"], "--label-column has no effect on html output of text input"),
        (["--output-offsets", "byte"], "--output-offsets has no effect on html output of text input"),
        (["--nbest", "2"], "--nbest has no effect on html output; pass --output jsonl"),
    ],
)
def test_options_without_effect_are_refused(program, ner_model, arguments, message):
    assert program("tag", ner_model, "--output", "html", *arguments) == (2, "", f"tagger: error: {message}\n")


def test_a_full_disk_is_said_and_nothing_is_lost(program, ner_model, tmp_path):
    status, _, errors = program("tag", ner_model, "--output", "html", "-o", "/dev/full", stdin="Anna\n")
    assert (status, errors) == (1, "tagger: error: /dev/full: cannot be written: No space left on device\n")


def test_the_file_that_is_there_stays_if_an_input_is_bad(program, ner_model, write, tmp_path):
    output = write("old.html", "old")
    status, _, errors = program(
        "tag", ner_model, write("a.jsonl", '{"text": "Anna"}\n{'), "--overwrite", "-o", output
    )
    assert status == 1
    assert "a.jsonl:2" in errors
    assert output.read_text() == "old"
