import io
import random

import pytest

from tagger.errors import DataError, FormatError, UsageError
from tagger.formats.columns import MAX_SEPARATORS
from tagger.formats.conll import format_conll, read_conll, restore_conll

CONLL2003 = """-DOCSTART- -X- -X- O

EU NNP B-NP B-ORG
rejects VBZ B-VP O

Peter NNP B-NP B-PER
-DOCSTART- -X- -X- O

BRUSSELS NNP B-NP B-LOC
"""


def records(text, **options):
    return list(read_conll(io.BytesIO(text.encode()), name="x.conll", **options))


def sentences(text, **options):
    return [(r.example.tokens, r.example.labels) for r in records(text, **options) if r.example.tokens]


def test_conll2003_with_documents():
    examples = [record.example for record in records(CONLL2003)]
    assert [example.tokens for example in examples] == [("EU", "rejects"), ("Peter",), ("BRUSSELS",)]
    assert [example.labels for example in examples] == [("B-ORG", "O"), ("B-PER",), ("B-LOC",)]
    assert [example.document for example in examples] == ["1", "1", "2"]
    assert [example.origin for example in examples] == ["x.conll:3", "x.conll:6", "x.conll:9"]


def test_any_column_from_either_end():
    assert sentences("1 EU NNP B-ORG\n", token_column=1, label_column=2) == [(("EU",), ("NNP",))]
    assert sentences("1 EU NNP B-ORG\n", token_column=-3, label_column=-1) == [(("EU",), ("B-ORG",))]
    assert sentences("EU\nrejects\n", label_column=None) == [(("EU", "rejects"), None)]


def test_a_line_with_a_tab_is_split_at_tabs_and_any_other_at_spaces():
    assert sentences("New York\tB-LOC\n#1  O\n\u00a0\tO\n") == [
        (("New York", "#1", "\u00a0"), ("B-LOC", "O", "O"))
    ]
    assert sentences("a\u2028b\u00a0c O\n") == [(("a\u2028b\u00a0c",), ("O",))]


def test_lines_of_whitespace_end_a_sentence_once():
    text = "\n\nEU O\n\t\n \n\nrejects O\n\n\n"
    assert sentences(text) == [(("EU",), ("O",)), (("rejects",), ("O",))]


def test_windows_line_ends_and_a_missing_last_one():
    assert sentences("\ufeffEU O\r\n\r\nit O") == [(("EU",), ("O",)), (("it",), ("O",))]


def test_a_hash_is_a_token_unless_a_comment_prefix_is_named():
    assert sentences("#tag O\n") == [(("#tag",), ("O",))]
    commented = "# id 7\n#tag O\n# O\n"
    assert sentences(commented, comment_prefix="# id") == [(("#tag", "#"), ("O", "O"))]
    with pytest.raises(
        FormatError,
        match=r"x\.conll:2: expected 3 columns, found 2: '#tag O'. If lines that start with # are comments",
    ):
        records(commented)
    with pytest.raises(UsageError, match="comment_prefix must not be empty"):
        records(commented, comment_prefix="")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a b c d\n\nEU NNP B-NP\n", "x.conll:3: expected 4 columns, found 3: 'EU NNP B-NP'"),
        (
            "# a comment\nEU O\n",
            "x.conll:2: expected 3 columns, found 2: 'EU O'. "
            "If lines that start with # are comments, name their prefix (comment_prefix)",
        ),
        ("EU O\nNew York B-LOC\n", "x.conll:2: expected 2 columns, found 3: 'New York B-LOC'"),
        ("EU\tO\n\tO\n", "x.conll:2: expected a token in column 0, found nothing: '\\tO'"),
        ("EU\tO\nit\t\n", "x.conll:2: expected a label in column -1, found nothing: 'it\\t'"),
        (
            "\nEU\n",
            "x.conll:2: expected token and label in different columns, not in 0 and -1 (counted from 0), "
            "found 1 column: 'EU'",
        ),
        (f"{'x' * 200} O O\na O\n", "x.conll:2: expected 3 columns, found 2: 'a O'"),
        (f"a O\n{'x' * 200} O O\n", f"x.conll:2: expected 2 columns, found 3: '{'x' * 80}…'"),
    ],
)
def test_odd_rows_are_errors_with_file_and_line(text, message):
    with pytest.raises(FormatError) as caught:
        records(text)
    assert str(caught.value) == message


def test_columns_that_do_not_exist_are_errors():
    with pytest.raises(
        FormatError, match=r"x.conll:1: expected the label in column 3 \(counted from 0\), found 2 col"
    ):
        records("EU O\n", label_column=3)
    with pytest.raises(
        FormatError, match=r"expected the token in column -3 \(counted from 0\), found 2 columns: 'EU O'"
    ):
        records("EU O\n", token_column=-3)


def test_an_empty_stream_gives_nothing():
    assert records("") == []


def test_tokens_know_their_lines():
    (record,) = records("# c\n\nEU O\nit O\n", comment_prefix="#")
    assert [record.origin(0), record.origin(1)] == ["x.conll:3", "x.conll:4"]
    assert record.example.origin == "x.conll:3"


def random_file(generator):
    pieces = [
        "EU O",
        "a\tb",
        "EU  NN",
        " x y ",
        "",
        "\t",
        "  ",
        "-DOCSTART- O",
        "-DOCSTART-\tO",
        "# id",
        "\u2028 O",
    ]
    ends = ["\n", "\r\n"]
    lines = [generator.choice(pieces) + generator.choice(ends) for _ in range(generator.randrange(30))]
    return "".join(lines) + generator.choice(["", "end O"])


def test_restored_files_are_the_files():
    generator = random.Random(0)
    for _ in range(300):
        text = random_file(generator)
        found = records(text, comment_prefix="# id")
        assert "".join(restore_conll(record) for record in found) == text
        same = [restore_conll(r, replace={1: r.example.labels, -2: r.example.tokens}) for r in found]
        assert "".join(same) == text
        again = "".join(restore_conll(record, append=[["X"] * len(record.rows)]) for record in found)
        assert [r.example.tokens for r in records(again, comment_prefix="# id")] == [
            r.example.tokens for r in found
        ]


def test_restoring_replaces_and_appends_columns_and_touches_nothing_else():
    text = "-DOCSTART- -X- O\r\n\r\n EU  NNP B-ORG \r\nit\tPRP\tO\n\n"
    (record,) = records(text)
    assert restore_conll(record, replace={-1: ["B-X", "I-X"]}) == (
        "-DOCSTART- -X- O\r\n\r\n EU  NNP B-X \r\nit\tPRP\tI-X\n\n"
    )
    assert restore_conll(record, append=[["P", "Q"], ["0.5", "1"]]) == (
        "-DOCSTART- -X- O O O\r\n\r\n EU  NNP B-ORG P 0.5 \r\nit\tPRP\tO\tQ\t1\n\n"
    )


def test_a_single_column_gets_its_label_behind_a_tab():
    (record,) = records("-DOCSTART-\n\nEU\nrejects", label_column=None)
    assert restore_conll(record, append=[["B-creative work", "O"]]) == (
        "-DOCSTART-\n\nEU\tB-creative work\nrejects\tO"
    )


def test_values_that_would_break_the_columns_are_refused():
    (record,) = records("EU NNP O\n")
    with pytest.raises(DataError) as caught:
        restore_conll(record, append=[["B-creative work"]])
    assert str(caught.value) == (
        "x.conll:1: a column cannot hold 'B-creative work', which has ' ' in it; write JSON Lines instead"
    )
    with pytest.raises(DataError, match=r"x\.conll:1: a column cannot hold the empty text"):
        restore_conll(record, replace={0: [""]})
    with pytest.raises(DataError, match=r"token 1: a column cannot hold 'a\\tb', which has '\\t' in it"):
        format_conll(["x", "a\tb"], ["O", "O"])


def test_written_sentences_read_back():
    text = format_conll(["New York", "#", "\u2028"], ["B-LOC", "O", "O"], ["1", "2", "3"])
    assert text == "New York\tB-LOC\t1\n#\tO\t2\n\u2028\tO\t3\n\n"
    assert sentences(text, label_column=1) == [(("New York", "#", "\u2028"), ("B-LOC", "O", "O"))]
    assert format_conll([], []) == "\n"


def test_many_blank_lines_come_in_records_of_bounded_size():
    text = "\n" * (3 * MAX_SEPARATORS + 5) + "EU O\n"
    found = records(text)
    assert max(len(record.lines) for record in found) <= MAX_SEPARATORS + 1
    assert "".join(line for record in found for line in record.lines) == text
    assert [record.origin(0) for record in found if record.example.tokens] == [
        f"x.conll:{3 * MAX_SEPARATORS + 6}"
    ]
    assert sum(len(record.sentences) for record in found) == 1


def test_reading_is_lazy():
    class Endless(io.RawIOBase):
        def readline(self, limit=-1):
            self.odd = not getattr(self, "odd", False)
            return b"EU O\n" if self.odd else b"\n"

    first = next(read_conll(Endless(), name="endless"))
    assert first.example.tokens == ("EU",)
