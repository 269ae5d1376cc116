"""From short names to calls: what the user says wins over the table."""

import logging

import pytest

from tagger.errors import UsageError
from tagger.options.names import options_of_command_line
from tagger.sources.known import resolve
from tagger.sources.request import DatasetRequest

CONVERTED = "refs/convert/parquet"


def resolved(dataset, *, token_column=None, label_column=None, splits=None, **options):
    return resolve(
        DatasetRequest(dataset, **options),
        token_column=token_column,
        label_column=label_column,
        splits=splits,
    )


def test_a_short_name_is_filled_in(caplog):
    with caplog.at_level(logging.INFO, "tagger"):
        found = resolved("conll2003")
    assert found.request == DatasetRequest("eriktks/conll2003", name="conll2003", revision=CONVERTED)
    assert (found.token_column, found.label_column, found.splits) == ("tokens", "ner_tags", None)
    assert caplog.messages == [
        "conll2003 is read as load_splits('eriktks/conll2003', name='conll2003', revision='refs/convert/parquet'), "
        "tokens from column 'tokens', labels from column 'ner_tags'; licence: other: Reuters' texts, for research"
    ]


def test_what_the_user_says_wins():
    found = resolved(
        "conll2003",
        name="other",
        revision="v1",
        token_column="words",
        label_column="pos_tags",
        splits={"train": "a"},
    )
    assert found.request == DatasetRequest("eriktks/conll2003", name="other", revision="v1")
    assert (found.token_column, found.label_column, found.splits) == ("words", "pos_tags", {"train": "a"})


@pytest.mark.parametrize("files", [{"data_files": "a.parquet"}, {"data_dir": "folder"}])
def test_files_that_the_user_names_are_read_of_the_main_branch(files):
    found = resolved("conll2003", **files)
    assert found.request == DatasetRequest("eriktks/conll2003", **files)
    assert found.label_column == "ner_tags"
    assert resolved("multinerd", **files).request == DatasetRequest("Babelscape/multinerd", **files)


@pytest.mark.parametrize(
    ("dataset", "name", "request_of_part", "splits"),
    [
        ("wikiann", "de", DatasetRequest("unimelb-nlp/wikiann", name="de"), None),
        ("conll2002", "nl", DatasetRequest("eriktks/conll2002", name="nl", revision=CONVERTED), None),
        (
            "universal_dependencies",
            "en_ewt",
            DatasetRequest("commul/universal_dependencies", name="en_ewt"),
            None,
        ),
        (
            "universal_dependencies",
            "xx_new",
            DatasetRequest("commul/universal_dependencies", name="xx_new"),
            None,
        ),
        ("multiconer2", "en", DatasetRequest("MultiCoNER/multiconer_v2", name="English (EN)"), None),
        ("multiconer2", "EN", DatasetRequest("MultiCoNER/multiconer_v2", name="English (EN)"), None),
        (
            "multiconer2",
            "English (EN)",
            DatasetRequest("MultiCoNER/multiconer_v2", name="English (EN)"),
            None,
        ),
        ("fewnerd", None, DatasetRequest("DFKI-SLT/few-nerd", name="supervised"), None),
        ("fewnerd", "inter", DatasetRequest("DFKI-SLT/few-nerd", name="inter"), None),
        (
            "wikineural",
            "pl",
            DatasetRequest("Babelscape/wikineural"),
            {"train": "train_pl", "dev": "val_pl", "test": "test_pl"},
        ),
        (
            "multinerd",
            "zh",
            DatasetRequest(
                "Babelscape/multinerd",
                data_files={
                    "train": ["train/train_zh.jsonl"],
                    "validation": ["val/val_zh.jsonl"],
                    "test": ["test/test_zh.jsonl"],
                },
            ),
            None,
        ),
    ],
)
def test_a_part_is_named_as_the_user_says_it(dataset, name, request_of_part, splits):
    found = resolved(dataset, name=name)
    assert found.request == request_of_part
    assert found.splits == splits


def test_a_part_that_is_not_named_is_an_error_that_lists_them():
    with pytest.raises(UsageError) as raised:
        resolved("masakhaner2", revision="main")
    assert str(raised.value) == (
        "masakhaner2: expected a language, found none. Name one, as in name='bam'; there are: bam, bbj, ewe, fon, hau, "
        "ibo, kin, lug, luo, mos, nya, pcm, sna, swa, tsn, twi, wol, xho, yor, zul"
    )
    with options_of_command_line(), pytest.raises(UsageError) as raised:
        resolved("conll2002")
    assert str(raised.value) == (
        "conll2002: expected a language, found none. Name one, as in --data.dataset_name es; there are: es, nl"
    )


@pytest.mark.parametrize(
    ("dataset", "name", "message"),
    [
        ("wikineural", "xx", "no such language; there are: de, en, es, fr, it, nl, pl, pt, ru"),
        ("wikiann", "dee", "no such language; did you mean de? there are: ace, af,"),
        ("bc5cdr", "x", "has no effect, it is read as a whole. Leave it out"),
        ("conll2003", "x", "has no effect, it is read as a whole. Leave it out"),
    ],
)
def test_a_part_that_is_not_there_is_an_error_before_anything_is_downloaded(dataset, name, message):
    with pytest.raises(UsageError) as raised:
        resolved(dataset, name=name)
    assert str(raised.value).startswith(f"{dataset}: name={name!r}: {message}")
    with options_of_command_line(), pytest.raises(UsageError) as raised:
        resolved(dataset, name=name)
    assert str(raised.value).startswith(f"{dataset}: --data.dataset_name {name}: {message}")


def test_another_revision_may_have_other_parts():
    assert resolved("wikiann", name="xx", revision="new").request.name == "xx"
    with pytest.raises(UsageError, match="has no effect"):
        resolved("bc5cdr", name="x", revision="new")


def test_a_local_folder_of_that_name_wins(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "conll2003").mkdir()
    found = resolved("conll2003")
    assert (found.request, found.known, found.label_column) == (DatasetRequest("conll2003"), None, None)


def test_an_id_is_left_as_it_is():
    found = resolved("eriktks/conll2003", name="conll2003")
    assert found.request == DatasetRequest("eriktks/conll2003", name="conll2003")
    assert (found.token_column, found.label_column, found.splits) == (None, None, None)


def test_integers_are_named_in_the_dataset_itself_and_not_in_copies():
    names = resolved("multinerd", name="en").names_of_integers("ner_tags")
    assert (names[0], names[1], names[23], names[30]) == ("O", "B-PER", "B-MYTH", "I-VEHI")
    assert resolved("multinerd", name="en").names_of_integers("lang") is None
    assert resolved("hf://datasets/Babelscape/multinerd").names_of_integers("ner_tags") == names
    assert resolved("flaitenberger/wnut_17").names_of_integers("ner_tags") is None
    # a set of tags without an order
    assert resolved("ud", name="en_ewt").names_of_integers("upos") is None


def test_bare_types_are_of_scheme_io():
    assert resolved("fewnerd").scheme("fine_ner_tags") == "io"
    assert resolved("DFKI-SLT/few-nerd").scheme("ner_tags") == "io"
    assert resolved("conll2003").scheme("ner_tags") == "auto"
    assert resolved("someone/data").scheme("ner_tags") == "auto"
