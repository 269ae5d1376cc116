import io
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from present import present

from tagger.errors import DataError, FormatError, UsageError
from tagger.formats import Losses, ReadingOptions, read_items
from tagger.formats.columns.conll import read_conll
from tagger.formats.columns.conll_writing import format_conll, restore_conll
from tagger.formats.columns.records import MAX_SEPARATORS

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


GOOD = ("EU", "says"), ("it", "is"), ("Oslo",)


@pytest.mark.parametrize(
    ("text", "options", "kept", "problem"),
    [
        ("EU\tO\nsays\n\nit\tO\nis\tO\n\nOslo\tO\n", {}, (1, 2), "2: expected 2 columns, found 1: 'says'"),
        ("EU O\nsays O\n\nit O\nis X O\n\nOslo O\n", {}, (0, 2), "5: expected 2 columns, found 3: 'is X O'"),
        (
            "EU O\nsays O\n\nit O\nis O\n\nOslo\n",
            {},
            (0, 1),
            "7: expected token and label in different columns, not in 0 and -1 (counted from 0), found 1 column: "
            "'Oslo'",
        ),
        (
            "EU\tO\nsays\tO\n\nit\tO\n\tO\n\nOslo\tO",
            {},
            (0, 2),
            "5: expected a token in column 0, found nothing: '\\tO'",
        ),
        (
            "EU\tO\nsays\tO\n\nit\tO\nis\t \n\nOslo\tO",
            {"label_column": 1},
            (0, 2),
            "5: expected a label in column 1, found nothing: 'is\\t '",
        ),
        (
            "word tag\nEU\nsays O\n\nit O\nis O\n\nOslo O",
            {"header": True, "token_column": "word"},
            (1, 2),
            "2: expected 2 columns, found 1: 'EU'",
        ),
        (
            "# a\nEU O\nsays O\n\n# b\nit O\nis\n# c\n\n# d\nOslo O",
            {"comment_prefix": "# "},
            (0, 2),
            "7: expected 2 columns, found 1: 'is'",
        ),
    ],
)
def test_a_bad_row_costs_its_whole_sentence(text, options, kept, problem):
    reading = ReadingOptions(format="conll", **options)
    with pytest.raises(FormatError) as caught:
        list(read_items(io.StringIO(text), reading, Losses(), name="x.conll"))
    assert str(caught.value) == (f"x.conll:{problem}. To skip and list bad data: skip_bad=True")
    losses = Losses(skip_bad=True)
    items = list(read_items(io.StringIO(text), reading, losses, name="x.conll"))
    assert [item.tokens for item in items] == [GOOD[place] for place in kept]
    assert all(item.labels == ("O",) * len(present(item.tokens)) for item in items)
    assert list(losses.lines()) == [
        "sentences that cannot be read, left out as bad: 1",
        f"  x.conll:{problem}",
    ]


def test_what_is_wrong_with_the_file_is_never_skipped():
    for text in ("EU O\n\nit\0 O\n", "EU O\n\nit O\rsays O\n"):
        source = io.BytesIO(text.encode())
        with pytest.raises(FormatError, match="x:3: expected"):
            list(read_items(source, ReadingOptions(format="conll"), Losses(skip_bad=True), name="x"))


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
        ("a b c d\nEU NNP B-NP\n", "x.conll:2: expected 4 columns, found 3: 'EU NNP B-NP'"),
        ("a b\nc d e\nf g\n", "x.conll:2: expected 2 columns, found 3: 'c d e'"),
        (
            "EU NNP O\n\n#\tid\n",
            "x.conll:3: expected 3 columns, found 2: '#\\tid'. "
            "If lines that start with # are comments, name their prefix: comment_prefix='#'",
        ),
        ("EU\tO\nit\tO\tX\n", "x.conll:2: expected 2 columns, found 3: 'it\\tO\\tX'"),
        (
            "EU\tO\t\nit\tO\t\n",
            "x.conll:1: expected a label in column -1, found nothing: 'EU\\tO\\t'. "
            "Count columns from the left with label_column",
        ),
        (
            "EU\t \n",
            "x.conll:1: expected a label in column -1, found nothing: 'EU\\t '. "
            "Count columns from the left with label_column",
        ),
        (
            "EU\tO\rit\tO\r",
            "x.conll:1: expected lines that end in a line feed, found a carriage return in one. "
            "If all lines end in carriage returns, convert them with: tr '\\r' '\\n'",
        ),
        (
            "it\tO\nE\0U\tO\n",
            "x.conll:2: expected text, found a NUL character. If this is UTF-16, convert it with: "
            "iconv -f utf-16le -t utf-8 OLD > NEW",
        ),
        (
            "# a comment\nEU O\n",
            "x.conll:2: expected 3 columns, found 2: 'EU O'. "
            "If lines that start with # are comments, name their prefix: comment_prefix='#'",
        ),
        ("EU O\nNew York B-LOC\n", "x.conll:2: expected 2 columns, found 3: 'New York B-LOC'"),
        ("EU\tO\n\tO\n", "x.conll:2: expected a token in column 0, found nothing: '\\tO'"),
        (
            "EU\tO\nit\t\n",
            "x.conll:2: expected a label in column -1, found nothing: 'it\\t'. "
            "Count columns from the left with label_column",
        ),
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
        "# id 7 of 9",
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
        for column in (1, -1):
            same = [restore_conll(record, replace={column: record.example.labels}) for record in found]
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

    endless: Any = Endless()
    first = next(read_conll(endless, name="endless"))
    assert first.example.tokens == ("EU",)


def test_blanks_around_a_label_do_not_belong_to_it_and_the_file_comes_back_whole():
    text = "New York\tB-LOC \n EU\t\u00a0B-ORG\nit\tO\n"
    assert sentences(text) == [(("New York", " EU", "it"), ("B-LOC", "B-ORG", "O"))]
    (record,) = records(text)
    assert restore_conll(record) == text


GERMEVAL = (
    "#\thttp://de.wikipedia.org/wiki/Manfred_Korfmann [2009-10-17]\n"
    "1\tAufgrund\tO\tO\n2\tTübingen\tB-LOC\tO\n3\t#\tO\tO\n\n"
    "#\thttp://de.wikipedia.org/wiki/Oslo [2009-10-17]\n"
    "1\tOslo\tB-LOC\tB-ORG\t\n2\tlebt\tO\tO\n"
)


def test_germeval_with_source_lines_inner_labels_and_a_trailing_tab():
    options = {"token_column": 1, "comment_prefix": "#"}
    assert sentences(GERMEVAL, label_column=2, **options) == [
        (("Aufgrund", "Tübingen", "#"), ("O", "B-LOC", "O")),
        (("Oslo", "lebt"), ("B-LOC", "O")),
    ]
    # The last column is that of the inner labels, not the empty cell after it.
    found = records(GERMEVAL, **options)
    assert [record.example.labels for record in found] == [("O", "O", "O"), ("B-ORG", "O")]
    assert "".join(map(restore_conll, found)) == GERMEVAL
    assert restore_conll(found[1], replace={-1: ["X", "Y"]}).endswith("1\tOslo\tB-LOC\tX\t\n2\tlebt\tO\tY\n")
    assert restore_conll(found[1], append=[["P", "Q"]]).endswith(
        "1\tOslo\tB-LOC\tB-ORG\tP\t\n2\tlebt\tO\tO\tQ\n"
    )


HIPE = (
    "TOKEN\tNE-COARSE-LIT\tMISC\n# language = de\n\n# document_id = a\nWien\tB-loc\t_\n# line = 2\n"
    "und\tO\tNoSpaceAfter\n.\tO\tEndOfSentence\n"
)


def test_hipe_with_a_header_row_and_comments_between_rows():
    options = {"comment_prefix": "# ", "header": True}
    expected = [(("Wien", "und", "."), ("B-loc", "O", "O"))]
    assert sentences(HIPE, token_column="TOKEN", label_column="NE-COARSE-LIT", **options) == expected
    assert sentences(HIPE, label_column=1, **options) == expected
    (record,) = records(HIPE, label_column=None, **options)
    assert [record.origin(index) for index in range(3)] == ["x.conll:5", "x.conll:7", "x.conll:8"]
    assert restore_conll(record) == HIPE
    assert restore_conll(record, replace={"NE-COARSE-LIT": ["X", "Y", "Z"]}) == (
        HIPE.replace("B-loc", "X").replace("O\tNo", "Y\tNo").replace("O\tEnd", "Z\tEnd")
    )
    assert restore_conll(record, append=[["X", "Y", "Z"], ["1", "0.5", "1"]]) == (
        "TOKEN\tNE-COARSE-LIT\tMISC\tPREDICTED\tPROBABILITY\n# language = de\n\n# document_id = a\n"
        "Wien\tB-loc\t_\tX\t1\n# line = 2\nund\tO\tNoSpaceAfter\tY\t0.5\n.\tO\tEndOfSentence\tZ\t1\n"
    )
    with pytest.raises(
        UsageError, match=r"x\.conll:5: expected one column 'NE' to replace, found 'TOKEN', 'NE-C"
    ):
        restore_conll(record, replace={"NE": ["X", "Y", "Z"]})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "Word\tPOS\tNER\nEU\tNNP\tO\n",
            "x.conll:1: expected one column 'LABEL' for the label, found none in the header row: 'Word', 'POS', 'NER'",
        ),
        (
            "Word LABEL LABEL\nEU NNP O\n",
            "x.conll:1: expected one column 'LABEL' for the label, found several in the header row: "
            "'Word', 'LABEL', 'LABEL'",
        ),
        # R writes one name fewer than there are columns: the names would name the wrong ones.
        ("Word\tLABEL\n1\tEU\tO\n", "x.conll:2: expected 2 columns, found 3: '1\\tEU\\tO'"),
        ("Word\tLABEL\tX\nEU\tO\nit\tO\n", "x.conll:2: expected 3 columns, found 2: 'EU\\tO'"),
    ],
)
def test_a_header_row_that_does_not_fit_is_an_error(text, message):
    with pytest.raises(FormatError) as caught:
        records(text, header=True, label_column="LABEL")
    assert str(caught.value) == message


CONLL2012 = (
    "#begin document (bc/cctv/00/cctv_0000); part 000\n"
    "bc/cctv/00/cctv_0000   0   0    In   IN   (TOP(S*   -   -   -   Speaker#1   *   -\n"
    "bc/cctv/00/cctv_0000   0   1    #    #    *))       -   -   -   Speaker#1   *   (12)\n"
    "\n"
    "bc/cctv/00/cctv_0000   0   0    It    PRP   (TOP(S*   -      -   -   Speaker#1   *   (ARG0*)   *   (12)\n"
    "bc/cctv/00/cctv_0000   0   1    ran   VBD   *))       run    1   1   Speaker#1   *   (V*)      *   -\n"
    "\n"
    "#end document\n"
)


def test_conll2012_whose_sentences_differ_in_their_columns(caplog):
    options = {"token_column": 3, "comment_prefix": "#"}
    assert sentences(CONLL2012, label_column=4, **options) == [
        (("In", "#"), ("IN", "#")),
        (("It", "ran"), ("PRP", "VBD")),
    ]
    assert caplog.messages == []
    found = records(CONLL2012, **options)
    assert [record.example.labels for record in found[:2]] == [("-", "(12)"), ("(12)", "-")]
    assert "".join(map(restore_conll, found)) == CONLL2012
    assert restore_conll(found[1], replace={-1: ["X", "Y"]}).endswith(
        "*   X\n" + CONLL2012.split("\n")[5][:-1] + "Y\n\n"
    )
    (message,) = caplog.messages
    assert message.startswith(
        "x.conll:5: the rows of this sentence have 14 columns, those of the first one (line 2) 12: 'bc/cctv/00/cctv_"
    )
    assert message.endswith(
        "…'. 1 of 2 sentences differ from it, and a column counted from the end is another one there. "
        "If that is not meant, count from 0 (token_column, label_column)"
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("EU\tO\n#\tO\nit\tO\n", 2),  # between rows
        ("EU O\n# O\nit O\n", 2),
        ("EU\tO\n#\tO\n", 2),  # the last row
        ("#\tX\nit\tO\n", 1),  # the first row, by tabs
        ("# O\nit O\n", 1),  # the first row, with a label that occurs
        ("EU O\n\n# O\n", 3),  # a sentence by itself
        ("EU O\n\n# O\n\nit X\n", 3),
    ],
)
def test_a_comment_that_could_be_a_row_is_an_error(text, line):
    with pytest.raises(FormatError) as caught:
        records(text, comment_prefix="#")
    row = text.split("\n")[line - 1]
    assert str(caught.value) == (
        f"x.conll:{line}: starts with '#', so it should be a comment, but it could be a token: it has 2 columns, "
        f"as the rows of its sentence have: {row!r}. "
        "Name more of what comments start with (comment_prefix), or none if no line is one"
    )


def test_a_comment_that_could_be_a_row_of_tokens_alone_is_an_error():
    with pytest.raises(
        FormatError, match=r"x\.conll:1: starts with '#', .*: it has 1 column, as the rows .*: '#tag'"
    ):
        records("#tag\nit\n", label_column=None, comment_prefix="#")


def test_comments_that_cannot_be_rows_are_skipped_wherever_they_stand():
    for text, prefix in (
        ("EU O\n# foo\nit O\n", "#"),
        ("EU O\n# foo\nit O\n", "# "),
        ("# id=1\tx\nEU\tO\nit\tO\n", "# id="),
    ):
        assert sentences(text, comment_prefix=prefix) == [(("EU", "it"), ("O", "O"))]
    for text, prefix in (("###\nEU\nit\n", "###"), ("#id1\nEU\nit\n", "#id")):
        (record,) = records(text, label_column=None, comment_prefix=prefix)
        assert record.example.tokens == ("EU", "it")
    multiconer = (
        "# id 5239 domain=en\nEU _ _ B-ORG\n# newline\nit _ _ O\n\n# id 5240 domain=en\nEU _ _ O\n# end\n"
    )
    assert sentences(multiconer, comment_prefix="#") == [(("EU", "it"), ("B-ORG", "O")), (("EU",), ("O",))]
    assert "".join(map(restore_conll, records(multiconer, comment_prefix="#"))) == multiconer
    assert sentences("EU\tO\n# two words\nit\tO\n", comment_prefix="#") == [(("EU", "it"), ("O", "O"))]


def test_a_document_start_is_the_first_column_and_nothing_else():
    text = "-DOCSTART- x\tO\n-DOCSTART-x\tO\nx\t-DOCSTART-\n"
    assert sentences(text) == [(("-DOCSTART- x", "-DOCSTART-x", "x"), ("O", "O", "-DOCSTART-"))]


def test_a_token_that_would_start_a_document_is_refused():
    message = "token 1: a first column cannot hold '-DOCSTART-', which would start a document; write JSON Lines instead"
    for token in ("-DOCSTART-", "-DOCSTART- "):
        with pytest.raises(DataError) as caught:
            format_conll(["x", token], ["O", "O"])
        assert str(caught.value) == message
    (record,) = records("O EU\n", token_column=1, label_column=0)
    with pytest.raises(DataError, match=r"x\.conll:1: a first column cannot hold '-DOCSTART-'"):
        restore_conll(record, replace={0: ["-DOCSTART-"]})


def test_a_single_column_with_leading_spaces_keeps_its_token():
    (record,) = records("  EU\n", label_column=None)
    assert restore_conll(record, append=[["O"]]) == "  EU O\n"


ANY_TEXT = st.text(
    st.one_of(st.sampled_from(" \t\n\r\0\u2028\u00a0\x0b#-_|="), st.characters(exclude_categories=["Cs"])),
    max_size=6,
) | st.sampled_from(["-DOCSTART-", "-DOCSTART- ", "#", " "])


@settings(deadline=None)
@given(st.lists(st.tuples(ANY_TEXT, ANY_TEXT), min_size=1, max_size=4))
def test_whatever_is_written_reads_back_the_same(pairs):
    tokens, labels = (tuple(column) for column in zip(*pairs, strict=True))
    try:
        text = format_conll(tokens, labels)
    except DataError:
        return
    # A byte order mark at the start of a file is not read: the sentence is not the first here.
    (_, found) = sentences("x\tO\n\n" + text)
    assert found == (tokens, labels)


@settings(deadline=None)
@given(st.lists(ANY_TEXT, min_size=1, max_size=4))
def test_tokens_written_without_labels_read_back_the_same(tokens):
    try:
        text = format_conll(tokens)
    except DataError:
        return
    (_, found) = sentences("x\n\n" + text, label_column=None)
    assert found == (tuple(tokens), None)


@settings(deadline=None)
@given(
    st.lists(ANY_TEXT, min_size=3, max_size=3),
    st.sampled_from(["a b\nc  d \n  e f", "a\tb\nc\td\t\ne\tf", "a\nb\n  c"]),
    st.booleans(),
)
def test_whatever_is_put_into_lines_reads_back_the_same(labels, text, replaces):
    (_, record) = records(f"x y\n\n{text}\n", label_column=None)
    by_number = replaces and record.num_columns > 1
    try:
        written = restore_conll(record, **({"replace": {1: labels}} if by_number else {"append": [labels]}))
    except DataError:
        return
    (_, found) = sentences("x y\n\n" + written)
    assert found == (record.example.tokens, tuple(labels))
