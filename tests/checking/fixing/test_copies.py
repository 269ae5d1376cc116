"""Repaired copies have none of the findings that are repaired, and all else as it was, byte for byte."""

import gzip

import pytest
from checked_files import read_files

from tagger.checking.catalogue import CHECKS
from tagger.checking.findings import MOST_PLACES
from tagger.checking.fixing.copies import REPAIRED, repair
from tagger.checking.report import check
from tagger.errors import UsageError


def repaired(tmp_path, ignored=(), **files):
    """Return what was repaired, and the folder of the copies."""
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir(exist_ok=True)
    read = read_files(source, **files)
    repairs = repair(read, check(read.corpus), target, ignored=ignored)
    return repairs, target


def changes_of(repairs):
    return [(one.check, int(one.place.rpartition(":")[2]), one.before, one.after) for one in repairs.changes]


def remaining(folder, **names):
    """Return the ids of repaired checks that are still found in the copies."""
    read = read_files(folder, **{name: (folder / name.replace("_", ".")).read_bytes() for name in names})
    return {finding.check for finding in check(read.corpus).findings} & set(REPAIRED)


def test_columns_are_repaired_cell_by_cell(tmp_path):
    first = (
        "In\tx\tO \nO\u0308slo\ty\tB-LOC\n\u00a0it\tz\tI-PER\n\t\nwat\u200bched\tx\tO\na\x07b\tx\tb-per\n\n"
    )
    rest = "a\tB\tB-PER\nb\t\u00a0\tI-PER\n\n" * 30
    repairs, target = repaired(tmp_path, train_conll=first + rest)
    assert (target / "train.conll").read_text() == (
        "In\tx\tO\n\u00d6slo\ty\tB-LOC\nit\tz\tB-PER\n\nwatched\tx\tO\nab\tx\tB-PER\n\n" + rest
    )
    assert changes_of(repairs) == [
        ("trailing-white-space", 1, "' '", "nothing"),
        ("trailing-white-space", 4, r"'\t'", "nothing"),
        ("not-nfc", 2, "'O\u0308slo'", "'\u00d6slo'"),
        ("spaced-token", 3, r"'\xa0it'", "'it'"),
        ("illegal-label", 3, "'I-PER'", "'B-PER'"),
        ("invisible-character", 5, r"'wat\u200bched'", "'watched'"),
        ("control-character", 6, r"'a\x07b'", "'ab'"),
        ("illegal-label", 6, "'b-per'", "'B-PER'"),
    ]
    assert repairs.refused == {}
    assert remaining(target, train_conll=None) == set()


def test_marks_line_ends_and_nul_characters_are_repaired_also_where_they_kept_a_file_from_being_read(
    tmp_path,
):
    content = b"\xef\xbb\xbfIn\tO\r\nOs\0lo\tI-LOC\n\nin\tB-LOC\nit\tI-LOC\n\n"
    repairs, target = repaired(tmp_path, train_conll=content)
    assert (target / "train.conll").read_bytes() == b"In\tO\nOslo\tB-LOC\n\nin\tB-LOC\nit\tI-LOC\n\n"
    assert [change.check for change in repairs.changes] == [
        "byte-order-mark",
        "mixed-line-ends",
        "nul-character",
        "illegal-label",
    ]
    assert remaining(target, train_conll=None) == set()


def test_what_is_ignored_stays(tmp_path):
    content = b"\xef\xbb\xbfIn \tO\nOslo\tI-LOC\t\n\nin\tB-LOC\nit\tI-LOC\n\n"
    repairs, target = repaired(tmp_path, ignored=set(CHECKS), train_conll=content)
    assert ((target / "train.conll").read_bytes(), repairs.changes) == (content, ())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"a O\nb I-PER\n\nc B-PER\nd I-PER\n\n", b"a O\nb B-PER\n\nc B-PER\nd I-PER\n\n"),
        (b"a   O\nb  I-PER\n\nc B-PER\nd I-PER", b"a   O\nb  B-PER\n\nc B-PER\nd I-PER"),
        (b"a\t O\nb\t I-PER\n\nc\tB-PER\nd\tI-PER\n", b"a\t O\nb\tB-PER\n\nc\tB-PER\nd\tI-PER\n"),
        (b"a\t0\nb\tI_PER\n\nc\tB_PER\nd\tI_PER\n", b"a\t0\nb\tB_PER\n\nc\tB_PER\nd\tI_PER\n"),
        (b"a\tO\r\nb\tI-P\r\n\r\nc\tB-P\r\nd\tI-P\r\n", b"a\tO\r\nb\tB-P\r\n\r\nc\tB-P\r\nd\tI-P\r\n"),
    ],
)
def test_all_else_of_a_row_stays_as_it_is(tmp_path, before, after):
    _, target = repaired(tmp_path, train_conll=before)
    assert (target / "train.conll").read_bytes() == after


def test_the_text_of_conllu_and_its_multiword_tokens_are_repaired_with_the_words(tmp_path):
    row = "{}\t{}\t_\tX\t_\t_\t_\t_\t_\t_\n"
    text = "# id = o\u0308 \n# text = do\u200bn't O\u0308l\n" + "".join(
        row.format(*cells) for cells in [("1-2", "do\u200bn't"), (1, "do\u200b"), (2, "n't"), (3, "O\u0308l")]
    )
    _, target = repaired(tmp_path, train_conllu=text + "\n")
    assert (target / "train.conllu").read_text() == text.replace("\u200b", "").replace(
        "O\u0308", "\u00d6"
    ) + "\n"
    assert remaining(target, train_conllu=None) == set()


def test_labels_of_conllu_are_repaired_where_they_stand(tmp_path):
    row = "{}\t{}\t_\t_\t_\t_\t_\t_\t_\tA=B|ner={}\n"
    text = row.format(1, "in", "O") + row.format(2, "Oslo", "I-LOC") + "\n" + row.format(1, "a", "B-LOC")
    text += row.format(2, "b", "I-LOC") + "\n"
    repairs, target = repaired(tmp_path, train_conllu=text)
    assert (target / "train.conllu").read_text() == text.replace("ner=I-LOC", "ner=B-LOC", 1)
    assert changes_of(repairs) == [("illegal-label", 2, "'I-LOC'", "'B-LOC'")]


def test_json_lines_are_repaired_value_by_value(tmp_path):
    text = (
        '{"id":1e999,  "tokens":["a\\u200b", "\\u00e9"],"labels" : ["O","I-PER"] , "more": ["a", "b"]}\n'
        '{"tokens": ["Zo\u0065\u0308"], "labels": ["B-PER"]}\n{"tokens": ["a", "b"], "labels": ["B-PER", "I-PER"]}\n'
    )
    repairs, target = repaired(tmp_path, train_jsonl=text)
    assert (target / "train.jsonl").read_text() == text.replace("a\\u200b", "a").replace(
        '"O","I-PER"', '"O","B-PER"'
    ).replace("Zo\u0065\u0308", "Zo\u00eb")
    assert [change[:2] for change in changes_of(repairs)] == [
        ("invisible-character", 1),
        ("illegal-label", 1),
        ("not-nfc", 2),
    ]
    assert remaining(target, train_jsonl=None) == set()


def test_packed_files_stay_packed(tmp_path):
    _, target = repaired(tmp_path, train_conll_gz=gzip.compress(b"a\tO \nb\tB-PER\n\n"))
    assert gzip.decompress((target / "train.conll.gz").read_bytes()) == b"a\tO\nb\tB-PER\n\n"


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (
            {"train_csv": "sentence,token,label\n1,a,O\n1,b,I-PER\n2,a,B-PER\n2,b,I-PER\n"},
            "files of the format csv are not repaired: illegal-label (1)",
        ),
        (
            {"train_conll": b"\x89PNG\r\n" + bytes(range(256)) * 4},
            "expected text, found what looks like a binary file",
        ),
        (
            {"train_conll": "a\t(P*\nb\t*)\nc\t*\n\nd\t*)\n\n"},
            "illegal-label: labels are written '(TYPE*', '*' and '*)', which is not repaired",
        ),
        (
            {
                "train_jsonl": '{"text": "a\\u00adb in Oslo", "spans": [{"start": 7, "end": 11, "label": "L"}]}\n'
            },
            "expected a list of strings, found none with these tokens or labels",
        ),
    ],
)
def test_what_cannot_be_repaired_is_said_and_not_half_repaired(tmp_path, files, reason):
    repairs, target = repaired(tmp_path, **files)
    (found,) = repairs.refused.values()
    assert found.endswith(reason)
    assert not target.exists()


def test_files_without_anything_to_repair_are_copied_whatever_their_form(tmp_path):
    text = "sentence,token,label\n1,a,O\n1,b,B-PER\n"
    repairs, target = repaired(tmp_path, train_csv=text)
    assert ((target / "train.csv").read_text(), repairs.changes, repairs.refused) == (text, (), {})


def test_no_file_that_is_read_is_written_over(tmp_path):
    read = read_files(tmp_path, train_conll="a\tI-PER\n\nb\tB-PER\n\n")
    with pytest.raises(UsageError, match="would be written over a file that is checked"):
        repair(read, check(read.corpus), tmp_path)
    (tmp_path / "copies").mkdir()
    (tmp_path / "copies/train.conll").symlink_to(tmp_path / "train.conll")
    with pytest.raises(UsageError, match="would be written over"):
        repair(read, check(read.corpus), tmp_path / "copies")


def test_more_changes_than_a_finding_has_places_are_all_listed(tmp_path):
    repairs, _ = repaired(tmp_path, train_conll="a\tO \n" * (MOST_PLACES + 5))
    assert len(repairs.changes) == MOST_PLACES + 5


def test_every_check_that_says_so_is_repaired():
    assert set(REPAIRED) == {check.id for check in CHECKS.values() if check.fixable}
