import io

import pytest
from formats.annotated_corpus import CORPUS

from tagger.errors import FormatError, UsageError
from tagger.formats import Losses, ReadingOptions, guess_format, read_items

NE = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
POS = "de.tudarmstadt.ukp.dkpro.core.api.lexmorph.type.pos.POS"
SKIP = " To skip and list bad data: skip_bad=True"


def read(text, losses=None, *, labelled=True, **options):
    reading = ReadingOptions(format="webanno", **options)
    losses = Losses(skip_bad=reading.skip_bad) if losses is None else losses
    stream = io.BytesIO(text.encode())
    return list(read_items(stream, reading, losses, name="x.tsv", labelled=labelled))


def spans(text):
    return [(span.ranges, span.label) for span in sorted(text.spans, key=lambda span: span.order())]


def document(rows, *layers):
    head = "".join(f"{layer}\n" for layer in layers or (f"#T_SP={NE}|identifier|value",))
    return f"#FORMAT=WebAnno TSV 3.3\n{head}\n\n{rows}"


def escape_text(text):
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\r", "\\r").replace("\f", "\\f")


def escape_value(value):
    for mark in "\\[]|_;*":
        value = value.replace(mark, "\\" + mark)
    return value


class Export:
    """Writes a document as WebAnno does: one sentence for each case, a blank between two of them."""

    def __init__(self, cases):
        self.text = ""
        self.rows = ""
        self.spans = []
        self.tokens: list[tuple[int, int]] = []
        self.starts = []
        self._number = 0
        for sentence, case in enumerate(cases, start=1):
            # WebAnno has no white space at the borders of a sentence.
            begin, end = case.tokens[0][0], case.tokens[-1][1]
            shift = len(self.text) - begin
            self.rows += "".join(f"#Text={escape_text(line)}\n" for line in case.text[begin:end].split("\n"))
            self.text += case.text[begin:end] + " "
            self.starts.append(len(self.tokens))
            self._sentence(case, sentence, shift)
            self.rows += "\n"
        self.text = self.text[:-1]

    def _sentence(self, case, sentence, shift):
        flat = [(ranges[0], label) for ranges, label in case.spans if len(ranges) == 1]
        numbers = {}
        for span in flat:
            tokens = [token for token in case.tokens if span[0][0] < token[1] and token[0] < span[0][1]]
            stacked = [other for other in flat if other != span and other[0][0] < span[0][1]]
            if len(tokens) > 1 or stacked:
                self._number += 1
                numbers[span] = self._number
        for number, (start, end) in enumerate(case.tokens, start=1):
            units = [
                escape_value(span[1]) + (f"[{numbers[span]}]" if span in numbers else "")
                for span in flat
                if span[0][0] <= start and end <= span[0][1]
            ]
            here = "|".join(units) or "_"
            other = "|".join("*" + unit[unit.rindex("[") :] if "[" in unit else "*" for unit in units) or "_"
            before, token = (self.text + "")[: start + shift], case.text[start:end]
            first = len((before).encode("utf-16-le")) // 2
            after = first + len(token.encode("utf-16-le")) // 2
            self.rows += f"{sentence}-{number}\t{first}-{after}\t{token}\t{other}\t{here}\t\n"
            self.tokens.append((start + shift, end + shift))
        self.spans += [(((start + shift, end + shift),), label) for (start, end), label in flat]


def test_every_span_of_an_exported_document_is_read(tmp_path):
    export = Export(CORPUS)
    path = tmp_path / "all.tsv"
    path.write_bytes(document(export.rows).encode())
    assert guess_format(path) == "webanno"
    losses = Losses()
    (item,) = read(document(export.rows), losses)
    assert item.text == export.text
    assert list(item.tokens) == export.tokens
    assert list(item.sentence_starts) == export.starts
    assert spans(item) == sorted(export.spans, key=lambda span: (span[0][0][0], -span[0][0][1], span[1]))
    assert (item.document, item.origin) == ("x", "x.tsv")
    assert len(losses) == 0


def test_a_folder_is_read_file_by_file(tmp_path):
    for name in ("b/anna.tsv", "a/anna.tsv"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(document("#Text=EU\n1-1\t0-2\tEU\t*\tORG\t\n"))
    items = list(read_items(tmp_path, ReadingOptions(format="webanno"), Losses(), name="x"))
    assert [(item.document, item.origin) for item in items] == [
        ("a/anna", "x/a/anna.tsv"),
        ("b/anna", "x/b/anna.tsv"),
    ]


def test_documents_of_one_folder_have_labels_of_one_layer(tmp_path):
    (tmp_path / "a.tsv").write_text(document("#Text=EU\n1-1\t0-2\tEU\t*\tORG\t\n"))
    (tmp_path / "b.tsv").write_text(
        document("#Text=EU\n1-1\t0-2\tEU\tORG\t\n", "#T_SP=webanno.custom.Span|label")
    )
    with pytest.raises(UsageError) as caught:
        list(read_items(tmp_path, ReadingOptions(format="webanno"), Losses(), name="x"))
    assert str(caught.value) == (
        "x/b.tsv: expected labels of one layer in all files, found Span.label after NamedEntity.value in x/a.tsv. "
        "Choose one: label_column='Span.label'"
    )


def test_parts_of_tokens_and_spans_that_begin_or_end_within_tokens_are_read():
    rows = (
        "#Text=Hansestadt Bremen-Nord\n"
        "1-1\t0-10\tHansestadt\tREGION[1]\t\n"
        "1-1.1\t5-10\tstadt\tTOWN[2]\t\n"
        "1-1.2\t7-7\t\tPOINT\t\n"
        "1-2\t11-22\tBremen-Nord\tREGION[1]\t\n"
        "1-2.1\t11-17\tBremen\tTOWN[2]|LOC[3]|GPE[4]\t\n"
        "1-2.2\t16-22\tn-Nord\tODD\t\n"
        "1-2.3\t22-22\t\tPOINT[5]|END[6]\t\n"
    )
    losses = Losses()
    (item,) = read(document(rows, "#T_SP=webanno.custom.Span|value"), losses)
    assert spans(item) == [
        (((0, 22),), "REGION"),
        (((5, 17),), "TOWN"),
        (((11, 17),), "GPE"),
        (((11, 17),), "LOC"),
        (((16, 22),), "ODD"),
    ]
    assert list(losses.lines()) == ["annotations of no characters, left out: 3; the first: x.tsv:8: POINT"]


def test_a_span_goes_on_in_the_next_sentence():
    rows = "#Text=New\n1-1\t0-3\tNew\t*[1]\tLOC[1]\t\n\n#Text=York\n2-1\t4-8\tYork\t*[1]\tLOC[1]\t\n"
    (item,) = read(document(rows))
    assert (item.text, spans(item), item.sentence_starts) == ("New York", [(((0, 8),), "LOC")], (0, 1))


def test_escaped_characters_and_lines_of_a_sentence_are_read():
    rows = (
        "#Sentence.id=s1\n#Text=a\\\\b\\tc\\r\n#Text=d\n1-1\t0-3\ta\\b\t*\tA\\_B\\|\\[1\\]\\;\\*\\->\\\\\t\n"
        "1-2\t4-5\tc\t_\t_\t\n1-3\t7-8\td\t_\t\\_\t\n"
    )
    (item,) = read(document(rows))
    assert item.text == "a\\b\tc\r\nd"
    assert spans(item) == [(((0, 3),), "A_B|[1];*->\\"), (((7, 8),), "_")]


def test_without_the_text_of_a_sentence_blanks_fill_the_gaps():
    (item,) = read(document("1-1\t2-4\tEU\t*\tORG\n1-2\t6-7\t.\t_\t_\n2-1\t7-8\tA\t_\t_\n"))
    assert (item.text, item.tokens, item.sentence_starts) == ("  EU  .A", ((2, 4), (6, 7), (7, 8)), (0, 2))


def test_white_space_before_the_first_token_belongs_to_the_sentence():
    (item,) = read(document("#Text= EU.\n1-1\t1-3\tEU\t*\tORG\n1-2\t3-4\t.\t_\t_\n"))
    assert (item.text, spans(item)) == (" EU.", [(((1, 3),), "ORG")])


def test_offsets_in_code_points_are_found_by_the_tokens_or_said():
    rows = "#Text=😀 Oslo\n1-1\t0-1\t😀\t_\t_\n1-2\t2-6\tOslo\t*\tLOC\n"
    for options in ({}, {"offsets": "codepoint"}):
        (item,) = read(document(rows), **options)
        assert spans(item) == [(((2, 6),), "LOC")]


def test_what_is_not_read_is_counted():
    rows = (
        "#Text=He saw her .\n"
        "1-1\t0-2\tHe\tPRP\tQ1[1]\tPER[1]\tp;q\t1-2;1-3\tcoref->1-1\tpr[1]\tSUBJ\t1-2\t\n"
        "1-2\t3-6\tsaw\tVBD\t*[1]|*[2]\tPER[1]|*[2]\t_\t*\t_\t_\t_\t_\t\n"
        "1-3\t7-10\ther\tPRP\t_\t_\t_\t_\t*->1-2\tpr[1]\tOBJ\t1-2\t\n"
        "1-4\t11-12\t.\t.\t_\t_\t_\t_\t_\t_\t_\t_\t\n"
    )
    layers = (
        f"#T_SP={POS}|PosValue",
        f"#T_SP={NE}|identifier|value",
        "#T_SP=webanno.custom.Host|ROLE_webanno.custom.Host:links_webanno.custom.Link|webanno.custom.Span",
        "#T_CH=webanno.custom.Coref|referenceRelation|referenceType",
        f"#T_RL=webanno.custom.Dependency|DependencyType|BT_{POS}",
    )
    losses = Losses()
    (item,) = read(document(rows, *layers), losses)
    assert spans(item) == [(((0, 6),), "PER")]
    assert list(losses.lines()) == [
        "annotations without a value of NamedEntity.value, left out: 1; the first: x.tsv:11",
        "annotations of the span layer POS, not read: 4; the first: x.tsv:10",
        "values of NamedEntity.identifier, not read: 1; the first: x.tsv:10",
        "links of Host, not read: 2; the first: x.tsv:10",
        "annotations of the chain layer Coref, not read: 2; the first: x.tsv:10",
        "annotations of the relation layer Dependency, not read: 2; the first: x.tsv:10",
    ]


TWO = (f"#T_SP={POS}|PosValue", "#T_SP=webanno.custom.Span|label|note", "#T_SP=webanno.custom.Chunk|")
ROW = "#Text=EU\n1-1\t0-2\tEU\tNNP\tORG\tsure\t*\t\n"


@pytest.mark.parametrize(
    ("column", "label"),
    [
        ("Span.label", "ORG"),
        ("webanno.custom.Span.note", "sure"),
        ("custom.Span.note", "sure"),
        ("custom.Chunk", "Chunk"),
        ("Chunk", "Chunk"),
        ("webanno.custom.Chunk", "Chunk"),
        ("POS", "NNP"),
        ("POS.PosValue", "NNP"),
    ],
)
def test_a_layer_is_chosen_by_its_name(column, label):
    (item,) = read(document(ROW, *TWO), label_column=column)
    assert spans(item) == [(((0, 2),), label)]


def test_the_only_layer_beside_those_of_tokens_needs_no_choice():
    (item,) = read(
        document("#Text=EU\n1-1\t0-2\tEU\tNNP\tORG\t\n", TWO[0], "#T_SP=webanno.custom.Span|label")
    )
    assert spans(item) == [(((0, 2),), "ORG")]


def test_layers_of_one_short_name_are_told_by_more_of_it():
    layers = (
        "#T_SP=webanno.custom.Span|label",
        "#T_SP=webanno.other.Span|label",
        "#T_SP=webanno.custom.Chunk|",
    )
    text = document("#Text=EU\n1-1\t0-2\tEU\tORG\tGPE\t*\t\n", *layers)
    assert spans(read(text, label_column="other.Span")[0]) == [(((0, 2),), "GPE")]
    with pytest.raises(UsageError) as caught:
        read(text, label_column="Span.label")
    assert str(caught.value) == (
        "x.tsv: expected one layer of spans, found webanno.custom.Span.label, webanno.other.Span.label. Choose one: "
        "label_column='webanno.custom.Span.label'"
    )
    for wrong in ("ustom.Span", "webanno.Span", "Span.", ""):
        with pytest.raises(UsageError) as caught:
            read(text, label_column=wrong)
        assert str(caught.value) == (
            f"x.tsv: expected a layer of spans called {wrong!r}, as label_column says, found "
            "webanno.custom.Span.label, webanno.other.Span.label, Chunk"
        )


def test_several_layers_and_an_unknown_one_are_errors_that_list_them():
    with pytest.raises(UsageError) as caught:
        read(document(ROW, *TWO))
    assert str(caught.value) == (
        "x.tsv: expected one layer of spans, found Span.label, Span.note, Chunk. Choose one: "
        "label_column='Span.label'"
    )
    with pytest.raises(UsageError) as caught:
        read(document(ROW, *TWO), label_column="Spam")
    assert str(caught.value) == (
        "x.tsv: expected a layer of spans called 'Spam', as label_column says, found POS.PosValue, Span.label, "
        "Span.note, Chunk"
    )


def test_a_document_of_which_nothing_is_annotated_is_left_out_unless_it_is_to_be_tagged():
    text = "#FORMAT=WebAnno TSV 3.3\n\n\n#Text=EU\n1-1\t0-2\tEU\t\n"
    losses = Losses()
    assert read(text, losses) == []
    assert list(losses.lines()) == ["documents without a layer of spans, left out: 1; the first: x.tsv"]
    (item,) = read(text, labelled=False)
    assert (item.text, item.spans, item.tokens) == ("EU", None, ((0, 2),))


def test_without_labels_no_layer_is_looked_at():
    (item,) = read(document(ROW, *TWO), labelled=False)
    assert (item.text, item.spans, item.tokens, item.sentence_starts) == ("EU", None, ((0, 2),), (0,))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            "#Text=EU\n1-1\t0-2\tEU\tORG\n",
            "x.tsv:6: expected a row of 5 columns, as the head of the file says, that begins like "
            "'1-1<tab>0-4<tab>Oslo', found 4: '1-1\\t0-2\\tEU\\tORG'.",
        ),
        (
            "#Text=EU\n1-1\t0\tEU\t_\t_\n",
            "x.tsv:6: expected a row of 5 columns, as the head of the file says, that begins like "
            "'1-1<tab>0-4<tab>Oslo', found 5: '1-1\\t0\\tEU\\t_\\t_'.",
        ),
        (
            "#Text=EU\n1-1\t0-3\tEU\t_\t_\n",
            "x.tsv:6: expected 'EU' at 0-3 of the text, counted in UTF-16 units, found nothing.",
        ),
        (
            "#Text=EU rejects\n1-1\t0-2\tEU\t_\t_\n1-2\t4-11\trejects\t_\t_\n",
            "x.tsv:7: expected 'rejects' at 4-11 of the text, counted in UTF-16 units, found nothing.",
        ),
        (
            "#Text=EU rejects\n1-1\t0-2\tEU\t_\t_\n1-2\t4-10\trejects\t_\t_\n",
            "x.tsv:7: expected 'rejects' at 4-10 of the text, counted in UTF-16 units, found 'ejects'.",
        ),
        (
            "#Text=EU\n1-1\t0-2\tEU\t_\t_\n\n#Text=EU\n2-1\t0-2\tEU\t_\t_\n",
            "x.tsv:8: expected a sentence that begins where the one before ends, at 2, or soon after, found 0, "
            "counted in UTF-16 units.",
        ),
        (
            "#Text=EU\n1-1\t999999999999-1000000000001\tEU\t_\t_\n",
            "x.tsv:5: expected a sentence that begins where the one before ends, at 0, or soon after, found "
            "999999999999, counted in UTF-16 units.",
        ),
        (
            f"1-1\t0-{'9' * 5_000}\tEU\t_\t_\n",
            "x.tsv:5: expected a row of 5 columns, as the head of the file says, that begins like "
            f"'1-1<tab>0-4<tab>Oslo', found 5: '1-1\\t0-{'9' * 74}…'.",
        ),
        ("#Text=EU\n\n", "x.tsv:5: expected the tokens of a sentence after its text, found none."),
        (
            "#Text=EU\n1-1\t0-2\tEU\t_\t_\n1-2\t1-2\tU\t_\t_\n",
            "x.tsv:7: expected a token after the one before, found 1-2.",
        ),
        (
            "1-1.1\t0-1\tE\t_\t_\n",
            "x.tsv:5: expected a token before its parts, found '1-1.1\\t0-1\\tE\\t_\\t_'.",
        ),
    ],
)
def test_a_text_that_cannot_be_put_together_is_an_error_that_can_be_skipped(rows, message):
    with pytest.raises(FormatError) as caught:
        read(document(rows))
    assert str(caught.value) == message + SKIP
    losses = Losses(skip_bad=True)
    assert read(document(rows), losses) == []
    assert losses.count("documents whose text cannot be put together, left out as bad") == 1


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (
            "LOC[1]",
            "PER[1]",
            "x.tsv:7: expected rows one after another with one value for the annotation [1], which begins at x.tsv:6 "
            "with 'LOC', found 'PER'.",
        ),
        (
            "LOC",
            "A]B",
            "x.tsv:7: expected a value of NamedEntity.value with its brackets escaped, as in 'LOC[1]', found 'A]B'.",
        ),
    ],
)
def test_a_damaged_annotation_is_an_error_that_can_be_skipped(first, second, message):
    rows = f"#Text=New York\n1-1\t0-3\tNew\t*\t{first}\n1-2\t4-8\tYork\t*\t{second}\n"
    with pytest.raises(FormatError) as caught:
        read(document(rows))
    assert str(caught.value) == message + SKIP
    losses = Losses(skip_bad=True)
    (item,) = read(document(rows), losses)
    assert spans(item) == [(((0, 3),), "LOC")]
    assert [line for line in losses.lines() if "left out as bad" in line] != []


def test_rows_of_an_annotation_with_a_token_between_them_are_refused():
    rows = "#Text=a b c\n1-1\t0-1\ta\t*\tX[1]\n1-2\t2-3\tb\t_\t_\n1-3\t4-5\tc\t*\tX[1]\n"
    with pytest.raises(FormatError, match=r"x.tsv:8: expected rows one after another with one value"):
        read(document(rows))


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("EU\tORG\n", "x.tsv:1: expected '#FORMAT=WebAnno TSV 3.3', found 'EU\\tORG'"),
        (
            "#FORMAT=WebAnno TSV 3.1\n",
            "x.tsv:1: expected version 3.2 or 3.3 of WebAnno TSV, found 3.1. Export it in the newer form, or as "
            "UIMA CAS.",
        ),
        (
            "#FORMAT=WebAnno TSV 3.3\n1-1\t0-2\tEU\n",
            "x.tsv:2: expected layers (#T_SP=, #T_CH=, #T_RL=) and an empty line after them, found '1-1\\t0-2\\tEU'",
        ),
    ],
)
def test_a_head_that_is_none_is_refused(head, message):
    with pytest.raises(FormatError) as caught:
        read(head)
    assert str(caught.value) == message


@pytest.mark.parametrize("cell", ["LOC[1]|_", "_|LOC[1]", "LOC[1]|_[2]"])
def test_an_underscore_beside_a_value_is_no_annotation(cell):
    rows = f"#Text=New York\n1-1\t0-3\tNew\t_\t{cell}\n1-2\t4-8\tYork\t_\tLOC[1]\n"
    losses = Losses()
    (item,) = read(document(rows), losses)
    assert spans(item) == [(((0, 8),), "LOC")]
    kinds = ["annotations without a value of NamedEntity.value, left out: 1; the first: x.tsv:6"]
    assert list(losses.lines()) == (kinds if "[2]" in cell else [])
    (escaped,) = read(document(rows.replace("_[2]", "\\_[2]").replace("|_", "|\\_").replace("_|", "\\_|")))
    assert (((0, 3),), "_") in spans(escaped)
