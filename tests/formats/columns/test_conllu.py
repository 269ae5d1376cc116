import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from present import present

from tagger.errors import DataError, FormatError, UsageError
from tagger.examples import Example
from tagger.formats import AnnotatedText, Losses, ReadingOptions, read_items
from tagger.formats.columns.conllu import read_conllu, restore_conllu
from tagger.formats.columns.records import MAX_SEPARATORS

SAMPLE = """# newdoc id = story 1
# sent_id = 1
# text = didn't go
1-2\tdidn't\t_\t_\t_\t_\t_\t_\t_\tSpaceAfter=No
1\tdid\tdo\tAUX\tVBD\tTense=Past\t3\taux\t_\t_
2\tn't\tnot\tPART\tRB\t_\t3\tadvmod\t_\tNE=O
2.1\tjust\tjust\tADV\tRB\t_\t_\t_\t3:advmod\t_
3\tgo\tgo\tVERB\tVB\t_\t0\troot\t_\tSpaceAfter=No|NE=B-X

# newdoc
1\tNew York\tNew York\tPROPN\tNNP\t_\t0\troot\t_\t_

"""


def records(text, **options):
    return list(read_conllu(io.BytesIO(text.encode()), name="x.conllu", **options))


def test_words_are_the_rows_with_a_plain_id():
    first, second = (record.example for record in records(SAMPLE))
    assert first.tokens == ("did", "n't", "go")
    assert first.labels == ("AUX", "PART", "VERB")
    assert second.tokens == ("New York",)


def test_documents_are_named_by_their_id_or_their_line():
    assert [record.example.document for record in records(SAMPLE)] == ["story 1", "line 10"]
    row = "1\ta" + "\t_" * 8 + "\n\n"
    unnamed_behind_a_number = f"# newdoc id = 2\n{row}# newdoc\n{row}"
    assert [r.example.document for r in records(unnamed_behind_a_number, label_field=None)] == ["2", "line 4"]
    assert records("# newdocument\n1\ta" + "\t_" * 8 + "\n", label_field=None)[0].example.document is None


def test_every_token_knows_its_line():
    first, second = records(SAMPLE)
    assert [first.origin(index) for index in range(3)] == ["x.conllu:5", "x.conllu:6", "x.conllu:8"]
    assert first.example.origin == "x.conllu:5"
    assert second.example.origin == second.origin(0) == "x.conllu:11"


@pytest.mark.parametrize(
    ("field", "labels"),
    [
        ("lemma", ("do", "not", "go")),
        ("xpos", ("VBD", "RB", "VB")),
        ("feats", ("Tense=Past", "_", "_")),
        ("deprel", ("aux", "advmod", "root")),
        (None, None),
    ],
)
def test_labels_of_any_field(field, labels):
    assert records(SAMPLE, label_field=field)[0].example.labels == labels


def test_labels_of_a_key_in_misc():
    row = "1\ta\t_\t_\t_\t_\t_\t_\t_\tGlossed=x|Gloss=B-X\n"
    assert records(row, label_field="misc:Gloss")[0].example.labels == ("B-X",)
    with pytest.raises(FormatError, match=r"^x\.conllu:5: expected a label in misc:NE, found none: '1\\tdid"):
        records(SAMPLE, label_field="misc:NE")


@pytest.mark.parametrize("asked", ["NE", "ner", "NER"])
def test_labels_of_entities_are_read_under_any_of_their_keys(asked):
    for there in ("NE", "ner", "NER"):
        row = f"1\ta\t_\t_\t_\t_\t_\t_\t_\tGloss=x|{there}=B-X\n"
        assert records(row, label_field=f"misc:{asked}")[0].example.labels == ("B-X",)
    with pytest.raises(FormatError, match="expected a label in misc:Ner, found none"):
        records(row, label_field="misc:Ner")


def test_labels_of_entities_that_disagree_are_an_error_unless_their_key_is_named():
    row = "1\ta\t_\t_\t_\t_\t_\t_\t_\tner=O|NER=B-X|SpaceAfter=No\n"
    with pytest.raises(FormatError) as caught:
        records(row, label_field="misc:NE")
    assert str(caught.value) == "x.conllu:1: expected one label under misc:NE, found 'ner=O, NER=B-X'"
    assert records(row, label_field="misc:NER")[0].example.labels == ("B-X",)
    assert records(row.replace("B-X", "O"), label_field="misc:NE")[0].example.labels == ("O",)
    with pytest.raises(
        FormatError, match=r"^x\.conllu:1: expected one label under misc:A, found 'A=1, A=2'$"
    ):
        records("1\ta\t_\t_\t_\t_\t_\t_\t_\tA=1|A=2\n", label_field="misc:A")


def test_a_missing_label_is_an_error_with_its_line():
    text = SAMPLE.replace("PART", "_")
    with pytest.raises(FormatError, match=r"^x\.conllu:6: expected a label in upos, found none: \"2\\tn't"):
        records(text)
    assert records(text, label_field="xpos")[0].example.labels == ("VBD", "RB", "VB")


def test_a_file_comes_back_whole():
    for text in (SAMPLE, SAMPLE.replace("\n", "\r\n"), SAMPLE.rstrip("\n"), "\n\n" + SAMPLE + "\n# end\n"):
        assert "".join(restore_conllu(record, {}) for record in records(text)) == text
        same = (restore_conllu(r, {"upos": r.example.labels or ()}) for r in records(text))
        assert "".join(same) == text


def test_only_the_field_of_the_words_is_replaced():
    first, _ = records(SAMPLE)
    lines = restore_conllu(first, {"upos": ["A", "B", "C"], "misc:NE": ["1", "2", "3"]}).splitlines()
    assert lines == [
        "# newdoc id = story 1",
        "# sent_id = 1",
        "# text = didn't go",
        "1-2\tdidn't\t_\t_\t_\t_\t_\t_\t_\tSpaceAfter=No",
        "1\tdid\tdo\tA\tVBD\tTense=Past\t3\taux\t_\tNE=1",
        "2\tn't\tnot\tB\tRB\t_\t3\tadvmod\t_\tNE=2",
        "2.1\tjust\tjust\tADV\tRB\t_\t_\t_\t3:advmod\t_",
        "3\tgo\tgo\tC\tVB\t_\t0\troot\t_\tSpaceAfter=No|NE=3",
        "",
    ]


def test_values_that_would_break_the_file_are_refused():
    first, _ = records(SAMPLE)
    with pytest.raises(DataError, match=r"^x\.conllu:6: a column cannot hold 'a\\tb'"):
        restore_conllu(first, {"upos": ["x", "a\tb", "c"]})
    with pytest.raises(DataError, match=r"^x\.conllu:5: MISC cannot hold 'a\|b', which has '\|' in it$"):
        restore_conllu(first, {"misc:NE": ["a|b", "x", "c"]})
    with pytest.raises(DataError, match="a column cannot hold 'a b'"):
        restore_conllu(first, {"misc:NE": ["a b", "x", "c"]})


@pytest.mark.parametrize("field", ["form", "id", "head", "UPOS", "misc", "misc:", "misc:a=b", "ner"])
def test_other_fields_are_refused(field):
    expected = "expected a label field of CoNLL-U (lemma, upos, xpos, feats, deprel, misc:KEY), found "
    with pytest.raises(UsageError) as caught:
        records(SAMPLE, label_field=field)
    assert str(caught.value) == expected + repr(field)
    with pytest.raises(UsageError):
        restore_conllu(records(SAMPLE)[0], {field: ["x"] * 3})


ROW = "\ta\t_\tX\t_\t_\t_\t_\t_\t_\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 a X\n", "expected the 10 columns of CoNLL-U, divided by tabs, found 1: '1 a X'"),
        (f"1{ROW[:-1]}\tz\n", "expected the 10 columns of CoNLL-U, divided by tabs, found 11: "),
        (f"x{ROW}", "expected the word with id 1, or an id such as 3-4 or 8.1, found 'x'"),
        (f"{ROW}", "expected the word with id 1, or an id such as 3-4 or 8.1, found ''"),
        (f"2{ROW}", "expected the word with id 1, or an id such as 3-4 or 8.1, found '2'"),
        ("1\t\t_\tX\t_\t_\t_\t_\t_\t_\n", "expected a word in FORM, found nothing: "),
        ("1\ta\t_\t\t_\t_\t_\t_\t_\t_\n", "expected a label in upos, found none: "),
    ],
)
def test_odd_rows_are_errors_with_file_and_line(text, message):
    with pytest.raises(FormatError) as caught:
        records("\n" + text)
    assert str(caught.value).startswith(f"x.conllu:2: {message}")


def test_a_missing_blank_line_between_sentences_is_found():
    with pytest.raises(FormatError) as caught:
        records(f"1{ROW}2{ROW}1{ROW}")
    assert str(caught.value) == (
        "x.conllu:3: expected the word with id 3, or an id such as 3-4 or 8.1, found '1': "
        "is the blank line before a sentence missing?"
    )
    with pytest.raises(FormatError, match=r"^x\.conllu:2: expected the 10 columns"):
        records(f"1{ROW}# sent_id = 2\n1{ROW}")


def test_many_blank_lines_come_in_records_of_bounded_size():
    text = "\n" * (2 * MAX_SEPARATORS + 5) + f"1{ROW}"
    found = records(text)
    assert max(len(record.lines) for record in found) <= MAX_SEPARATORS + 1
    assert "".join(line for record in found for line in record.lines) == text
    assert sum(len(record.sentences) for record in found) == 1


def test_an_empty_stream_gives_nothing():
    assert records("") == []


def test_blanks_around_a_label_do_not_belong_to_it():
    row = "1\tOslo \tOslo\t PROPN\t_\t_\t_\t_\t_\tNE=B-LOC |X=1\n"
    assert records(row)[0].example.labels == ("PROPN",)
    (record,) = records(row, label_field="misc:NE")
    assert (record.example.tokens, record.example.labels) == (("Oslo ",), ("B-LOC",))
    assert restore_conllu(record, {}) == row
    with pytest.raises(FormatError, match=r"x\.conllu:1: expected a label in upos, found none"):
        records(row.replace(" PROPN", " _"))


def test_carriage_returns_and_nul_characters_within_a_row_are_refused():
    row = "1\ta" + "\t_" * 8 + "\n"
    for mark, name in (("\r", "a carriage return"), ("\0", "a NUL character")):
        with pytest.raises(FormatError, match=rf"x\.conllu:2: expected .*, found {name}"):
            records("# c\n" + row.replace("a", f"a{mark}b"), label_field=None)
    assert restore_conllu(records(row.replace("\n", "\r\n"), label_field=None)[0], {}) == row.replace(
        "\n", "\r\n"
    )


@settings(deadline=None)
@given(
    st.lists(
        st.text(
            st.one_of(st.sampled_from(" \t\n\r\0\u2028\u00a0#_|="), st.characters(exclude_categories=["Cs"]))
        ),
        min_size=3,
        max_size=3,
    ).filter(lambda labels: "_" not in labels),  # which means that there is none
    st.sampled_from(["upos", "feats", "misc:NE"]),
)
def test_whatever_is_put_into_a_field_reads_back_the_same(labels, field):
    record = records(SAMPLE)[0]
    try:
        text = restore_conllu(record, {field: labels})
    except DataError:
        return
    (found,) = records(text, label_field=field)
    assert (found.example.tokens, found.example.labels) == (record.example.tokens, tuple(labels))


# --- as texts ---


def row(id, form, label="_", misc="_"):
    return f"{id}\t{form}\t_\t{label}\t_\t_\t_\t_\t_\t{misc}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (row(1, "a", "X", "SpaceAfter=No") + row(2, ".", "X"), "a."),
        (row(1, "a", "X", "SpacesAfter=\\s\\t\\n|A=b") + row(2, "b", "X", "SpacesAfter=\\n"), "a \t\nb"),
        ("# text = a  b \n" + row(1, "a", "X") + row(2, "b", "X"), "a  b "),
        (
            "# text = ab c\n" + row("1-2", "ab") + row(1, "a", "X") + row(2, "b", "X") + row(3, "c", "X"),
            "ab c",
        ),
        ("# text = other\n" + row(1, "a", "X") + row(2, "b", "X"), "a b"),
        (row(1, "a", "X") + row("1.1", "b") + row(2, "c", "X", "SpaceAfter=No"), "a c"),
        ("# text = du\n" + row("1-2", "du") + row(1, "de", "X") + row(2, "le", "X"), None),
        (row("1-2", "ab") + row(1, "a", "X") + row(2, "b", "X"), None),
    ],
)
def test_words_are_pieces_of_a_text_where_that_is_known(text, expected):
    [item] = read_items(io.StringIO(text + "\n"), ReadingOptions(format="conllu"), Losses())
    if expected is None:
        assert isinstance(item, Example)
    else:
        assert isinstance(item, AnnotatedText)
        assert item.text == expected
        words = [line.split("\t")[1] for line in text.splitlines() if line[0].isdigit() and line[1] == "\t"]
        assert [item.text[start:end] for start, end in present(item.tokens)] == words
    assert set(present(item.labels)) == {"X"}


def test_entities_are_read_where_the_first_word_has_some_and_no_part_of_speech():
    text = row(1, "Oslo", misc="ner=B-LOC") + row(2, "is", misc="NE=O") + "\n"
    options = ReadingOptions(format="conllu")
    [item] = read_items(io.StringIO(text), options, Losses())
    assert item.labels == ("B-LOC", "O")
    with pytest.raises(FormatError) as caught:
        list(read_items(io.StringIO(row(1, "a")), options, Losses(), name="x"))
    assert str(caught.value).startswith("x:1: expected a label in upos, found none")
    [item] = read_items(io.StringIO(text), options, Losses(), labelled=False)
    assert item.labels is None


_ENTITY = row(1, "Oslo", misc="NE=B-LOC") + row(2, "is", misc="SpaceAfter=No") + row(3, ".")
ENTITIES_ALONE = f"{_ENTITY}\n{row(1, 'Yes', 'X')}\n"


@pytest.mark.parametrize("key", ["NE", "ner", "name"])
def test_words_beside_those_of_entities_are_o_and_counted_where_these_alone_have_labels(key):
    text = ENTITIES_ALONE.replace("NE=", f"{key}=")
    losses = Losses()
    options = ReadingOptions(format="conllu", label_column=f"misc:{key}")
    items = list(read_items(io.StringIO(text), options, losses, name="x.conllu"))
    assert [item.labels for item in items] == [("B-LOC", "O", "O"), ("O",)]
    assert list(losses.lines()) == [f"words without misc:{key}, read as O: 3; the first: x.conllu:2"]


def test_entities_alone_are_read_without_an_option_where_the_first_word_is_of_one():
    items = read_items(io.StringIO(ENTITIES_ALONE), ReadingOptions(format="conllu"), Losses())
    assert [item.labels for item in items] == [("B-LOC", "O", "O"), ("O",)]


def test_what_a_file_has_beside_entities_alone_is_not_counted_when_it_is_converted():
    losses = Losses()
    options = ReadingOptions(format="conllu", label_column="misc:NE")
    list(read_items(io.StringIO(ENTITIES_ALONE), options, losses, name="x.conllu", whole=True))
    assert losses.counts() == {"words without misc:NE, read as O": 3, "cells of the column UPOS, not read": 1}


@pytest.mark.parametrize("later", ["O", "PER", "B-", "b-per", "x"])
def test_a_word_without_a_label_is_an_error_beside_labels_of_other_words(later):
    options = ReadingOptions(format="conllu", label_column="misc:NE")
    labelled = row(1, "He", misc=f"NE={later}") + "\n"
    for losses in (Losses(), Losses(skip_bad=True)):
        with pytest.raises(DataError) as caught:
            list(read_items(io.StringIO(ENTITIES_ALONE + labelled), options, losses, name="x.conllu"))
        assert str(caught.value) == (
            "x.conllu:2: expected a label in misc:NE, found none. It would be read as O if all others were of "
            f"entities, such as B-PER, but there is {later!r} (x.conllu:7). Give all words a label, or only those of "
            "entities."
        )
    with pytest.raises(FormatError, match=r"^x\.conllu:4: expected a label in misc:NE, found none: '2\\tis"):
        list(read_items(io.StringIO(labelled + ENTITIES_ALONE), options, Losses(), name="x.conllu"))
    losses = Losses(skip_bad=True)
    items = list(read_items(io.StringIO(labelled + ENTITIES_ALONE), options, losses, name="x.conllu"))
    assert [item.labels for item in items] == [(later,)]
    assert losses.counts() == {"sentences that cannot be read, left out as bad": 2}


def test_a_file_without_a_label_under_the_key_is_an_error():
    options = ReadingOptions(format="conllu", label_column="misc:Entity")
    with pytest.raises(DataError) as caught:
        list(read_items(io.StringIO(ENTITIES_ALONE), options, Losses(skip_bad=True), name="x.conllu"))
    assert str(caught.value) == (
        "x.conllu:1: expected a label in misc:Entity, found none, nor one of an entity, such as B-PER, in the whole "
        "file. Are the labels in another field?"
    )


def words(item):
    if isinstance(item, Example):
        return item.tokens
    return tuple(item.text[start:end] for start, end in item.tokens)


def word(number, form, label="X"):
    return f"{number}\t{form}\t_\t{label}\t_\t_\t_\t_\t_\t_\n"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (
            "1\tit\t_\tX\n",
            "4: expected the 10 columns of CoNLL-U, divided by tabs, found 4: '1\\tit\\t_\\tX'.",
        ),
        (word(1, ""), "4: expected a word in FORM, found nothing: '1\\t\\t_\\tX\\t_\\t_\\t_\\t_\\t_\\t_'."),
        (
            word(1, "it", "_"),
            "4: expected a label in upos, found none: '1\\tit\\t_\\t_\\t_\\t_\\t_\\t_\\t_\\t_'.",
        ),
        (
            word(2, "it"),
            "4: expected the word with id 1, or an id such as 3-4 or 8.1, found '2': is the blank line before a "
            "sentence missing?",
        ),
    ],
)
def test_a_bad_row_costs_its_whole_sentence(row, problem):
    text = f"{word(1, 'EU')}{word(2, 'says')}\n{row}{word(2, 'is')}# newdoc\n\n# newdoc id = d\n{word(1, 'Oslo')}"
    reading = ReadingOptions(format="conllu")
    with pytest.raises(FormatError) as caught:
        list(read_items(io.StringIO(text), reading, Losses(), name="x.conllu"))
    assert str(caught.value) == (f"x.conllu:{problem} To skip and list bad data: skip_bad=True")
    losses = Losses(skip_bad=True)
    items = list(read_items(io.StringIO(text), reading, losses, name="x.conllu"))
    assert [(words(item), item.document) for item in items] == [(("EU", "says"), None), (("Oslo",), "d")]
    assert list(losses.lines()) == [
        "sentences that cannot be read, left out as bad: 1",
        f"  x.conllu:{problem.removesuffix('.')}",
    ]
    last = f"{word(1, 'EU')}\n{row}"
    assert len(list(read_items(io.StringIO(last), reading, Losses(skip_bad=True)))) == 1
