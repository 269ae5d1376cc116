"""``tagger check`` as it is called: what it prints, writes and returns."""

import io
import json
import sys

import pytest
from checked_files import rows

from tagger.checking.catalogue import CHECKS
from tagger.cli import main

GOOD = rows("\n".join(["In/O New/B-LOC York/I-LOC it/O rains/O"] * 6))
BAD = rows("a/O &amp;/I-PER") + GOOD


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.conll").write_text(BAD)
    (tmp_path / "good.conll").write_text(GOOD)
    return tmp_path


def printed(capfd, *arguments):
    """Return the status, standard output and standard error of a call."""
    status = main(["check", *arguments])
    captured = capfd.readouterr()
    return status, captured.out, captured.err


def test_findings_are_lines_that_editors_understand_the_gravest_first(folder, capfd):
    status, out, err = printed(capfd, "train.conll", "--only", "illegal-label,html-entity")
    assert (status, err) == (1, "")
    assert out.startswith(
        "train.conll (train): 7 sentences, 32 tokens; IOB2 (their letters are B, I, and of the schemes with these "
        "letters the fewest labels break this one)\n\n"
        "labels that break the rules of their scheme (illegal-label): 1\n"
        "train.conll:2: error[illegal-label]: label 'I-PER' between 'O' and the end of it is not allowed in IOB2; "
        "it is read as 'B-PER' (token '&amp;')\n"
        "  Correct them; --fix changes them to what conlleval reads them as.\n\n"
        "characters escaped as in HTML, such as &amp; (html-entity): 1\n"
        "train.conll:2: warning[html-entity]: '&amp;' is escaped as in HTML: is '&' meant?\n"
    )
    assert out.endswith("\n1 error, 1 warning, 0 notes\n")


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ([], 1),
        (["--fail-on", "error"], 1),
        (["--fail-on", "never"], 0),
        (["--ignore", "illegal-label"], 1),
        (["--ignore", "illegal-label,html-entity"], 0),
        (["--ignore", "illegal-label", "--fail-on", "error"], 0),
        (["--ignore", "illegal-label", "--ignore", "html-entity", "--fail-on", "note"], 1),
        (["--only", "rare-label"], 0),
    ],
)
def test_the_exit_status_says_whether_something_grave_enough_was_found(folder, capfd, arguments, status):
    assert printed(capfd, "train.conll", *arguments)[0] == status


def test_without_findings_that_is_said(folder, capfd):
    status, out, _ = printed(capfd, "train=good.conll", "--only", "illegal-label")
    assert (status, out.splitlines()[-1]) == (0, "nothing found")


def test_the_first_five_findings_of_a_check_are_shown_or_all_of_them(folder, capfd):
    (folder / "many.conll").write_text(rows("\n".join(["a/O b/I-PER"] * 8 + ["a/B-PER b/I-PER"] * 9)))
    out = printed(capfd, "many.conll", "--only", "illegal-label")[1]
    assert (out.count("error[illegal-label]"), "  and 3 more (--all shows them)\n" in out) == (5, True)
    assert (
        printed(capfd, "many.conll", "--only", "illegal-label", "--all")[1].count("error[illegal-label]") == 8
    )


def test_json_has_everything_under_stable_keys(folder, capfd):
    status, out, _ = printed(capfd, "train.conll", "test=good.conll", "--json")
    found = json.loads(out)
    assert (status, found["version"]) == (1, 1)
    assert list(found) == ["version", "parts", "summary", "findings", "remarks", "statistics"]
    assert found["parts"][1] == {
        "name": "test",
        "role": "test",
        "files": ["good.conll"],
        "sentences": 6,
        "tokens": 30,
        "scheme": "iob2",
        "notation": "labels are written 'B-TYPE' and 'O', and read as 'B-TYPE' and 'O'",
        "why": "as in the other parts",
    }
    assert found["findings"][0] == {
        "check": "illegal-label",
        "severity": "error",
        "part": "train.conll",
        "places": ["train.conll:2"],
        "message": "label 'I-PER' between 'O' and the end of it is not allowed in IOB2; it is read as 'B-PER' "
        "(token '&amp;')",
        "count": 1,
        "details": {"label": "I-PER", "read_as": "B-PER", "token": "&amp;", "position": 1},
    }
    assert found["summary"]["error"] == 1
    assert found["summary"]["checks"]["html-entity"] == 1


def test_fix_writes_copies_and_lists_every_change(folder, capfd):
    out = printed(capfd, "train.conll", "good.conll", "--only", "illegal-label", "--fix", "repaired")[1]
    assert "repaired: 1 change in copies of 2 files\n" in out
    assert "train.conll:2: changed[illegal-label]: 'I-PER' -> 'B-PER'\n" in out
    assert (folder / "repaired/train.conll").read_text() == BAD.replace("\tI-PER", "\tB-PER")
    assert (folder / "repaired/good.conll").read_text() == GOOD
    assert (folder / "train.conll").read_text() == BAD
    found = json.loads(printed(capfd, "train.conll", "--fix", "again", "--json")[1])
    assert found["changes"] == [
        {"check": "illegal-label", "place": "train.conll:2", "before": "'I-PER'", "after": "'B-PER'"}
    ]
    assert (found["written"], found["not_repaired"]) == ({"train.conll": "again/train.conll"}, {})
    assert printed(capfd, "repaired", "--only", "illegal-label")[0] == 0


def test_all_checks_are_listed(folder, capfd):
    status, out, _ = printed(capfd, "--list")
    assert status == 0
    assert "illegal-label (error, --fix): labels that break the rules of their scheme\n" in out
    assert out.count("\n") == 2 * len(CHECKS)
    listed = json.loads(printed(capfd, "--list", "--json")[1])
    assert [one["check"] for one in listed] == list(CHECKS)


def test_a_page_and_a_report_are_written_to_files(folder, capfd):
    status, out, _ = printed(capfd, "train.conll", "--html", "page.html", "-o", "report.txt")
    assert (status, out) == (1, "")
    assert "error[illegal-label]" in (folder / "report.txt").read_text()
    page = (folder / "page.html").read_text()
    assert "&amp;amp;" in page
    assert "<script" not in page


def test_standard_input_is_checked_as_the_format_that_is_named_or_told(folder, capfd, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BAD.encode())))
    out = printed(capfd, "train=-", "--input", "conll", "--only", "illegal-label")[1]
    assert "\n<stdin>:2: error[illegal-label]" in out


def test_files_that_cannot_be_read_are_findings_and_others_are_checked(folder, capfd):
    (folder / "dev.conll").write_bytes(b"\x00\x01\x02" * 100)
    status, out, _ = printed(capfd, "dev.conll", "train.conll", "--only", "unreadable,html-entity")
    assert status == 1
    assert "dev.conll: error[unreadable]: expected text, found what looks like a binary file\n" in out
    assert "train.conll:2: warning[html-entity]" in out


def test_hostile_text_reaches_the_terminal_as_escapes(folder, capfd):
    (folder / "x.conll").write_text("\x1b[31m\u202eabc\tO\nb\tI-\x1b]0;x\n\n" + GOOD)
    out = printed(capfd, "x.conll", "--all")[1]
    assert "\x1b" not in out
    assert "\u202e" not in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "expected DATA to check, found none. --list names the checks"),
        (["missing.conll"], "missing.conll: no such file or folder"),
        (
            ["train.conll", "--ignore", "ilegal-label"],
            "--ignore: there is no check 'ilegal-label'; did you mean illegal-label?",
        ),
        (["train.conll", "--only", "x"], "--only: there is no check 'x'; --list names all of them"),
        (["train.conll", "--only", "rare-label", "--ignore", "rare-label"], "found rare-label in both"),
        (["train.conll", "--all", "--json"], "--all has no effect with --json"),
        (["--list", "train.conll"], "DATA has no effect with --list"),
        (["--list", "--fix", "x"], "--fix has no effect with --list"),
        (["train.conll", "--annotator", "me"], "--annotator has no effect on the format conll"),
        (
            ["train.conll", "--fix", "."],
            "--fix .: the copy of train.conll would be written over a file that is checked",
        ),
        (["train.conll", "--fix", "x", "--join-sentences"], "--fix has no effect with --join-sentences"),
        (["train.conll", "-o", "train.conll"], "train.conll: expected a file to write that is not checked"),
        (["train.conll", "--html", "-"], "expected two places for page and report, found - for both"),
    ],
)
def test_wrong_usage_is_told_and_has_the_status_2(folder, capfd, arguments, message):
    status, out, err = printed(capfd, *arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert (folder / "train.conll").read_text() == BAD
