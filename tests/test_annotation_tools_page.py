"""docs/annotation_tools.md: every command is run, in order, on exports of the names that it gives."""

import json
import re

import pytest
from documentation_pages import bash_blocks, folder_with_recipes, read_page, run_blocks
from present import present
from tool_exports import write_exports

from tagger.formats import FORMATS

PAGE = read_page("annotation_tools.md")

# What must hold after a block: files that it writes, and something that must be in them.
WRITTEN = {
    "look.txt": "](PER)",
    "tasks.json": '"predictions"',
    "project_tasks.json": '"predictions"',
    "predicted.jsonl": '"label"',
    "train.conll": "\tB-",
    "from_min.jsonl": '"LOC"',
    "from_conll.jsonl": '"cold", "Oslo", "."',
    "to_correct.jsonl": '"score"',
    "all.jsonl": '"spans"',
    "report.json": '"written"',
    "tagged_brat/annotation.conf": "[entities]",
    "from_xmi.jsonl": '"label": "LOC"',
    "from_tsv.conll": "Oslo\tB-LOC",
    "from_spacy.jsonl": '"B-ORG"',
    "for_spacy.spacy": None,
    "from_v2.conll": "Oslo\tB-LOC",
    "from_sheet.conll": "Oslo\tB-LOC",
    "from_texts.conll": "Oslo\tB-LOC",
    "from_parquet.conll": "Oslo\tB-LOC",
    "from_numbers.conll": "Oslo\tB-LOC",
    "to_share.parquet": None,
    "from_hipe.jsonl": "loc.adm.town",
    "from_germeval.conll": "Oslo\tB-LOC",
    "from_ontonotes.conll": "Oslo\tB-GPE",
    "from_plus.conllu": "NE=B-LOC",
    "from_answers.jsonl": '"label": "LOC"',
    "answers.json": "Paris",
    "from_tags.conll": "Oslo\tB-LOC",
    "from_gliner.conll": "Oslo\tB-LOC",
    "for_gliner.json": '"tokenized_text"',
    "from_pii.conll": "Oslo\tB-CITY",
    "parts/train.jsonl": '"label"',
    "parts/dev.jsonl": '"label"',
    "renamed/dev.conll": "\tB-PERSON",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = folder_with_recipes(tmp_path_factory.mktemp("page"))
    write_exports(folder)
    return folder


@pytest.mark.slow
def test_every_command_of_the_page_does_what_it_says(folder):
    for line, block, _ in run_blocks(PAGE, folder):
        for name, content in WRITTEN.items():
            if re.search(rf"(?<![\w/.-]){re.escape(name.split('/')[0])}(?![\w.-])", block):
                path = folder / name
                assert path.stat().st_size > 0, f"line {line}: {name}"
                assert content is None or content in path.read_text(encoding="utf-8"), f"line {line}: {name}"
    report = json.loads((folder / "report.json").read_text())
    assert report["written"]["all.jsonl"]["texts"] == 300


def test_every_file_that_the_page_writes_is_looked_at():
    commands = re.findall(
        r"^(?:tagger|python) .*$", "".join(block for _, block in bash_blocks(PAGE)), re.MULTILINE
    )
    outputs = {
        present(re.search(r"-o (\S+)|convert \S+ (\S+)", command))[0].split()[-1]
        for command in commands
        if "convert" in command or " -o " in command
    } - {"-"}
    assert outputs <= {name.split("/")[0] for name in WRITTEN}


def test_every_format_has_its_place_on_the_page():
    words = {
        "label-studio-min": "JSON-MIN",
        "label-studio-conll": "CONLL2003",
        "docbin": ".spacy",
        "cas": "CAS",
    }
    words |= {"spacy-json": "to_json", "conllu": "conllu", "jsonl": "jsonl", "conllu-plus": "CoNLL-U Plus"}
    words |= {
        "germeval": "GermEval",
        "conll2012": "CoNLL-2012",
        "hipe": "HIPE",
        "privacy-mask": "privacy_mask",
    }
    words |= {"mentions": "list of mentions", "inline-tags": "Inline tags", "label-studio": "Label Studio"}
    words |= {
        "webanno": "WebAnno TSV",
        "parquet": "Parquet",
        "csv": "CSV",
        "gliner": "GLiNER",
        "prodigy": "Prodigy",
    }
    assert [name for name in FORMATS if words.get(name, name) not in PAGE] == []
