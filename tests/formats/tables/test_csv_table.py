"""CSV files: a token a row, or a sentence a row with lists in its cells."""

import io
from itertools import combinations_with_replacement, product
from typing import Any

import pytest
from formats.reading_by_options import read_examples

from tagger.errors import DataError, FormatError, UsageError
from tagger.formats import Losses, ReadingOptions, read_items
from tagger.formats.places import token_origin
from tagger.formats.registry import guess_format

# The columns and the empty cells of the Kaggle set "Annotated Corpus for Named Entity Recognition".
KAGGLE = (
    "Sentence #,Word,POS,Tag\n"
    "Sentence: 1,Thousands,NNS,O\n"
    ",of,IN,O\n"
    ",London,NNP,B-geo\n"
    ',",",",",O\n'
    "Sentence: 2,NA,NNP,B-org\n"
    ',"said ""null""",VBD,O\n'
    ',"""",``,O\n'
    "Sentence: 3,1.0,CD,O\n"
)
KAGGLE_TOKENS = [("Thousands", "of", "London", ","), ("NA", 'said "null"', '"'), ("1.0",)]
KAGGLE_LABELS = [("O", "O", "B-geo", "O"), ("B-org", "O", "O"), ("O",)]


def read(text, **options):
    return list(read_examples(io.StringIO(text, newline=""), format="csv", name="x.csv", **options))


SKIP = ". To skip and list bad data: skip_bad=True"


def pairs(text, **options):
    return [(example.tokens, example.labels) for example in read(text, **options)]


def refusal(text, kind=FormatError, **options):
    with pytest.raises(kind) as caught:
        read(text, **options)
    return str(caught.value)


# --- a token a row ---


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_empty_cells_of_the_sentence_column_repeat_the_one_above(ending):
    examples = read(KAGGLE.replace("\n", ending), label_column="Tag")
    assert [example.tokens for example in examples] == KAGGLE_TOKENS
    assert [example.labels for example in examples] == KAGGLE_LABELS
    assert [example.origin for example in examples] == ["x.csv:2", "x.csv:6", "x.csv:9"]


def test_a_sentence_id_on_every_row():
    text = "sentence_id,words,labels\n0,EU,B-ORG\n0,rejects,O\n1,Oslo,B-LOC\n"
    assert pairs(text) == [(("EU", "rejects"), ("B-ORG", "O")), (("Oslo",), ("B-LOC",))]


@pytest.mark.parametrize("blank", ["", ",", '"",""', " , "])
def test_a_blank_row_between_sentences(blank):
    text = f"word,tag\nEU,B-ORG\nrejects,O\n{blank}\nOslo,B-LOC\n"
    assert pairs(text) == [(("EU", "rejects"), ("B-ORG", "O")), (("Oslo",), ("B-LOC",))]


@pytest.mark.parametrize("name", ["Sentence #", "sentence", "Sentence_ID", "sent_id", "sentence_idx"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_usual_names_of_the_sentence_column_and_every_delimiter(name, delimiter):
    text = f"{name},word,tag\n1,EU,B-ORG\n2,Oslo,B-LOC\n".replace(",", delimiter)
    assert pairs(text) == [(("EU",), ("B-ORG",)), (("Oslo",), ("B-LOC",))]


def test_the_delimiter_is_that_of_the_header_and_others_are_tokens():
    assert pairs("word;tag\n,;O\n;;\n") == [((",",), ("O",))]
    assert pairs("word,tag\n;,O\n,\n") == [((";",), ("O",))]


@pytest.mark.parametrize(
    "token", ["NA", "null", "None", "nan", "1.0", "007", "true", "2021-03-01", "1e5", "#"]
)
def test_tokens_stay_as_they_are_written(token):
    assert pairs(f"word,tag\n{token},O\n\n") == [((token,), ("O",))]


def test_documents_end_sentences_and_are_filled_down_too():
    text = "doc,sentence,word,tag\na,1,EU,O\n,,said,O\n,2,Oslo,O\nb,2,Bonn,O\n"
    examples = read(text, document_column="doc")
    assert [(e.tokens, e.document) for e in examples] == [
        (("EU", "said"), "a"),
        (("Oslo",), "a"),
        (("Bonn",), "b"),
    ]


GERMAN = "Satz;Token;Etikett\n1;EU;B-ORG\n;sagt;O\n2;Oslo;B-LOC\n"


def test_a_column_of_sentence_ids_is_named():
    named = {"sentence_column": "Satz", "label_column": "Etikett"}
    assert pairs(GERMAN, **named) == [(("EU", "sagt"), ("B-ORG", "O")), (("Oslo",), ("B-LOC",))]
    # It is no column of labels, so that the only one left is.
    assert pairs(GERMAN, sentence_column="Satz") == pairs(GERMAN, **named)
    # Of several with usual names, one is chosen.
    text = "sent_id,sentence_id,word,tag\n1,1,EU,O\n1,2,it,O\n2,3,is,O\n"
    assert [tokens for tokens, _ in pairs(text, sentence_column="sent_id")] == [
        ("EU", "it"),
        ("is",),
    ]
    assert len(pairs(text, sentence_column="sentence_id")) == 3


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (
            GERMAN,
            {"sentence_column": "Saetze"},
            "sentence_column='Saetze': no such column; found: 'Satz', 'Token', 'Etikett'",
        ),
        (
            GERMAN,
            {"sentence_column": "Satz", "label_column": "Satz"},
            "label_column='Satz': expected a list of class labels, integers or strings, found sentence ids",
        ),
        (
            "id,tokens,tags\n1,\"['a', 'b']\",\"['O', 'O']\"\n",
            {"sentence_column": "id"},
            "sentence_column='id': has no effect where a row is a sentence, as the labels in column 'tags' say",
        ),
        (
            "id,text,spans\n1,a b,[]\n",
            {"sentence_column": "id"},
            "sentence_column='id': has no effect where a row is a sentence, as the labels in column 'spans' say",
        ),
    ],
)
def test_a_column_of_sentence_ids_that_cannot_be_one_is_refused(text, options, message):
    assert refusal(text, UsageError, **options).startswith(f"x.csv: {message}")


# --- a sentence a row ---


@pytest.mark.parametrize(
    ("tokens", "labels"),
    [
        ("['EU', 'rejects']", "['B-ORG', 'O']"),
        ('["EU", "rejects"]', '["B-ORG", "O"]'),
        ("['EU' 'rejects']", "['B-ORG' 'O']"),
        ("['EU'\n 'rejects']", "['B-ORG'\n 'O']"),
        ("('EU', 'rejects')", "('B-ORG', 'O')"),
        ("array(['EU', 'rejects'], dtype=object)", "array(['B-ORG', 'O'], dtype=object)"),
        ("EU rejects", "B-ORG O"),
        ("EU rejects", "['B-ORG', 'O']"),
    ],
    ids=["python", "json", "numpy", "numpy lines", "tuple", "array", "spaces", "mixed"],
)
def test_lists_in_cells(tokens, labels):
    quoted = ",".join('"' + cell.replace('"', '""') + '"' for cell in (tokens, labels))
    assert pairs(f"id,tokens,ner_tags\n1,{quoted}\n") == [(("EU", "rejects"), ("B-ORG", "O"))]


def test_items_of_lists_keep_commas_quotes_and_spaces():
    text = "tokens,tags\n" + "\"[',', \"\"it's\"\", 'a b', '\\\\', 'x\\'y\"\"']\",\"O O O O O\"\n"
    assert pairs(text) == [((",", "it's", "a b", "\\", "x'y\""), ("O",) * 5)]


def test_a_sentence_of_one_token_among_others():
    assert pairs("text,labels\nOslo,B-LOC\nEU rejects,B-ORG O\n") == [
        (("Oslo",), ("B-LOC",)),
        (("EU", "rejects"), ("B-ORG", "O")),
    ]


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("['O' ... 'O']", "the list was cut when it was written, '...' stands for the rest of it"),
        ("['O', 'O' 'O']", "some of the items have a comma between them and some have none"),
        ("[O, B-ORG]", "expected strings in quotes, or integers, found 'O'"),
        ("['O', 007]", "expected strings in quotes, or integers, found '007'"),
        ("['O', None]", "expected strings in quotes, or integers, found 'None'"),
        ("['O', 'B-OR", "the list has no end"),
    ],
)
def test_lists_that_cannot_be_read_for_certain_are_errors(cell, problem):
    text = refusal(f"tokens;tags\n['a', 'b'];['O', 'O']\n['a', 'b'];{cell}\n")
    assert text.startswith("x.csv:3: column 'tags': expected a list of strings, found ")
    assert text.endswith(problem + SKIP)


def test_labels_that_are_integers_are_an_error_that_says_how_to_name_them():
    assert refusal("tokens,ner_tags\n\"['EU', 'said']\",\"[3, 0]\"\n") == (
        "x.csv:2: column 'ner_tags': expected labels, found integers. Give their names in the order of the integers, "
        "as in label_names=['O', 'B-PER', 'I-PER'], or a JSON file of them" + SKIP
    )


def test_differing_numbers_of_tokens_and_labels():
    assert refusal("text,labels\nEU rejects it,B-ORG O\n") == (
        "x.csv:2: expected one label per token, found 3 tokens in column 'text' and 2 labels in column 'labels'"
        + SKIP
    )


# --- columns ---


def test_columns_that_could_be_meant_are_listed():
    assert refusal(KAGGLE, DataError) == (
        "x.csv: several columns could be meant; choose with label_column='POS' or label_column='Tag'"
    )
    assert refusal("a,b,c\n1,2,3\n", DataError) == (
        "x.csv: several columns could be meant; choose with token_column='a' or token_column='b' or token_column='c'"
    )
    assert refusal(KAGGLE, UsageError, label_column="NER") == (
        "x.csv: label_column='NER': no such column; found: Sentence # (sentence ids), Word (text), "
        "POS (text), Tag (text)"
    )


def test_columns_are_named_not_numbered():
    assert refusal(KAGGLE, UsageError, label_column=3) == (
        "label_column: expected a name, found 3; columns have numbers in the format conll only"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "",
            "x.csv:1: expected a header row that names the columns, divided by commas, semicolons or tabs, found ''",
        ),
        (
            "a b\n",
            "x.csv:1: expected a header row that names the columns, divided by commas, semicolons or tabs, "
            "found 'a b'",
        ),
        ("word,tag,tag\n", "x.csv:1: expected different names of columns, found 'tag' twice"),
        (
            "word,tag\nEU,B-ORG,x\n",
            "x.csv:2: expected 2 cells as in the header row, found 3: 'EU,B-ORG,x'" + SKIP,
        ),
        ("word,tag\nEU\n", "x.csv:2: expected 2 cells as in the header row, found 1: 'EU'" + SKIP),
        ("word,tag\nEU,\n", "x.csv:2: expected something in column 'tag', found '': 'EU,'" + SKIP),
        ("word,tag\n ,O\n", "x.csv:2: expected something in column 'word', found ' ': ' ,O'" + SKIP),
        (
            "sentence,word,tag\n,EU,O\n",
            "x.csv:2: expected the id of a sentence in column 'sentence', found nothing and no row above to take it "
            "from" + SKIP,
        ),
        (
            "sentence,word,tag\n1,a,O\n2,b,O\n1,c,O\n",
            "x.csv:4: sentence '1' comes again, after other sentences; expected its rows side by side. If the ids "
            "begin again in each document, name the column of documents with document_column; otherwise sort the rows, "
            "or give each sentence an id of its own",
        ),
        (
            "word,tag\nEU,B-ORG\nrejects,O\n",
            "x.csv: the ends of sentences are not marked. Leave a row between them blank, or name the column of their "
            "ids with sentence_column, or call it 'sentence_id' in the header row",
        ),
        (
            "Sentence #,Word,Tag\n1,New York,B geo\n,is,O\n",
            "x.csv:2: column 'Tag': expected one label for the token 'New York', found 'B geo'" + SKIP,
        ),
        (
            "sent_id,sentence_id,word,tag\n1,1,EU,O\n",
            "x.csv:1: expected one column of sentence ids, found 'sent_id', 'sentence_id'. Choose with "
            "sentence_column='sent_id', or call the others something else in the header row",
        ),
    ],
)
def test_what_is_no_table_of_sentences_names_file_and_line(text, message):
    assert refusal(text) == message


BAD = "rows that cannot be read, with their whole sentences, left out as bad"
IDS = "s,word,tag\n1,EU,B-ORG\n1,said,O\n2,Oslo,B-LOC\n2,is,O\n3,it,O\n"
BLANKS = "word,tag\nEU,B-ORG\nsaid,O\n\nOslo,B-LOC\nis,O\n\nit,O\n"
FILLED = "s,word,tag\n1,EU,B-ORG\n,said,O\n2,Oslo,B-LOC\n,is,O\n3,it,O\n"
SENTENCES = ("EU", "said"), ("Oslo", "is"), ("it",)


@pytest.mark.parametrize(
    ("text", "row", "damaged", "kept"),
    [
        # An empty label or token, two labels: the id is there.
        (IDS, "2,Oslo,B-LOC", "2,Oslo,", (0, 2)),
        (IDS, "2,is,O", "2,,O", (0, 2)),
        (IDS, "2,is,O", "2,is,O O", (0, 2)),
        (IDS, "1,EU,B-ORG", "1,EU,", (1, 2)),
        (IDS, "3,it,O", "3,it,", (0, 1)),
        (FILLED, "2,Oslo,B-LOC", "2,Oslo,", (0, 2)),
        (FILLED, ",is,O", ",is,", (0, 2)),
        (FILLED, "1,EU,B-ORG", ",EU,B-ORG", (1, 2)),
        (BLANKS, "Oslo,B-LOC", "Oslo,", (0, 2)),
        (BLANKS, "is,O", "is, ", (0, 2)),
        (BLANKS, "EU,B-ORG", ",B-ORG", (1, 2)),
        # Too few cells, or too many, within a sentence.
        (IDS, "1,said,O", "1,said", (1, 2)),
        (IDS, "2,is,O", "2,is,O,O", (0, 2)),
        (FILLED, ",is,O", ",is", (0, 2)),
        (BLANKS, "Oslo,B-LOC", "Oslo", (0, 2)),
        (BLANKS, "is,O", "is,O,x", (0, 2)),
        (BLANKS, "it,O", "it", (0, 1)),
        (BLANKS, "EU,B-ORG", "EU", (1, 2)),
        # Such a row with a new id may be a row of the sentence before, all the cells of which are shifted.
        (IDS, "2,Oslo,B-LOC", "2,Oslo", (2,)),
        (FILLED, "2,Oslo,B-LOC", "2,Oslo", (2,)),
        (IDS, "1,said,O", "said,O", (2,)),
        (FILLED, ",said,O", "said,O", (2,)),
        (FILLED, "1,EU,B-ORG", "1,EU", (1, 2)),
        (IDS, "1,EU,B-ORG", "1,EU", (1, 2)),
        (IDS, "3,it,O", "3,it", (0,)),
    ],
)
def test_a_bad_row_costs_its_whole_sentence(text, row, damaged, kept):
    assert text.count(f"\n{row}\n") == 1
    options: dict[str, Any] = {"sentence_column": "s"} if text.startswith("s,") else {}
    assert [tokens for tokens, _ in pairs(text, **options)] == list(SENTENCES)
    text = text.replace(f"\n{row}\n", f"\n{damaged}\n")
    assert refusal(text, **options).endswith(SKIP)
    losses = Losses(skip_bad=True)
    examples = read(text, losses=losses, **options)
    assert [example.tokens for example in examples] == [SENTENCES[place] for place in kept]
    assert all(len(example.labels) == len(example.tokens) for example in examples)
    assert losses.count(BAD) == len(losses) == 1


def damages(row):
    """Every way to spoil a row: without its first or last cell, with one more, without token or label."""
    *before, token, label = row.split(",")
    cells = [[*before, token, label][1:], [*before, token], [*before, token, label, "x"]]
    return [",".join(damaged) for damaged in [*cells, [*before, "", label], [*before, token, ""]]]


@pytest.mark.parametrize("text", [IDS, FILLED, BLANKS])
def test_no_sentence_is_read_without_its_bad_rows(text):
    options: dict[str, Any] = {"sentence_column": "s"} if text.startswith("s,") else {}
    header, *rows = text.splitlines()
    places = [place for place, row in enumerate(rows) if row]
    for first, second in combinations_with_replacement(places, 2):
        for one, other in product(damages(rows[first]), damages(rows[second])):
            spoilt = [*rows]
            spoilt[first], spoilt[second] = one, other
            losses = Losses(skip_bad=True)
            source = io.StringIO("\n".join([header, *spoilt, ""]))
            kept = [
                item.tokens for item in read_items(source, ReadingOptions(format="csv", **options), losses)
            ]
            assert kept == [sentence for sentence in SENTENCES if sentence in kept], spoilt
            assert losses.count(BAD) >= 1


@pytest.mark.parametrize("labels", [("O", "B-LOC", "O"), ("", "", ""), ("O", "", "?")])
@pytest.mark.parametrize(
    "form",
    [
        "s,word,tag\n1,EU,{}\n1,New York,{}\n2,is,{}\n",
        "tokens,tags\n\"['EU', 'New York']\",\"['{}', '{}']\"\n\"['is']\",['{}']\n",
        "tokens,tags\n\"['EU', 'New York']\",['{}']\n\"['is']\",\"['{}', '{}']\"\n",
    ],
)
def test_labels_that_are_not_wanted_are_not_looked_at(labels, form):
    options = ReadingOptions(format="csv", sentence_column="s" if form[0] == "s" else None)
    items = read_items(io.StringIO(form.format(*labels)), options, Losses(), labelled=False)
    assert [(item.tokens, item.labels) for item in items] == [(("EU", "New York"), None), (("is",), None)]


def test_each_bad_row_is_listed():
    losses = Losses(skip_bad=True)
    read(IDS.replace("EU,B-ORG", "EU,").replace("said,O", "said"), losses=losses, sentence_column="s")
    assert list(losses.lines()) == [
        f"{BAD}: 2",
        "  x.csv:2: expected something in column 'tag', found '': '1,EU,'",
        "  x.csv:3: expected 3 cells as in the header row, found 2: '1,said'",
    ]


def test_a_bad_row_may_begin_a_document():
    text = "doc,word,tag\na,EU,O\n,said,O\nb,Oslo\n,is,O\nb,it,O\nc,so,O\n"
    losses = Losses(skip_bad=True)
    examples = read(text, losses=losses, document_column="doc")
    assert [example.tokens for example in examples] == [("so",)]
    assert losses.count(BAD) == 1


def test_bad_rows_that_are_sentences_are_skipped():
    text = "tokens;tags\na b;O O\nc d;O\ne f\n['g', 'h'];['O', 1]\n['i', ''];['O', 'O']\nj k;O O\n"
    losses = Losses(skip_bad=True)
    assert [example.tokens for example in read(text, losses=losses)] == [("a", "b"), ("j", "k")]
    assert [line.partition(": ")[0] for line in losses.lines()] == [
        BAD,
        *(f"  x.csv:{line}" for line in (3, 4, 5, 6)),
    ]


@pytest.mark.parametrize("text", ['s,word,tag\n1,",O\n1,EU,O\n', 's,word,tag\n1,x,O,",\n2,y,O,"\n'])
def test_a_quote_left_open_is_never_skipped(text):
    losses = Losses(skip_bad=True)
    with pytest.raises(FormatError):
        read(text, losses=losses, sentence_column="s")
    assert len(losses) == 0


def test_a_quote_left_open_swallows_no_row():
    advice = 'A quote that is a token is written as four quotes: """"'
    # Between two bare quotes, whole rows would become one cell, and vanish where the column is not read.
    assert refusal('word,tag,lemma\nx,O,",\ny,O,"\n') == (
        "x.csv:2: column 'lemma': expected a cell on one line, found one on 2: ',\\ny,O,'. " + advice
    )
    assert refusal('word,tag\n",O\nEU,O\n') == (
        f"x.csv:2: expected a row of CSV: unexpected end of data (line 3). {advice}"
    )
    assert refusal('word,tag\n"a"b,O\n') == (
        f"x.csv:2: expected a row of CSV: ',' expected after '\"' (line 2). {advice}"
    )


def test_labels_are_stripped_and_tokens_kept_and_counted(caplog):
    assert pairs("word,tag\n EU,B-ORG \nOslo , I-LOC\n\n") == [((" EU", "Oslo "), ("B-ORG", "I-LOC"))]
    assert caplog.messages == [
        "x.csv: tokens with blanks around them, which are kept as they are: 2, the first "
        "' EU', token 1 of the sentence at x.csv:2"
    ]


def test_a_file_is_known_by_its_name_and_its_tokens_are_found_again(tmp_path):
    path = tmp_path / "ner.csv"
    path.write_text(KAGGLE, encoding="utf-8")
    assert guess_format(path) == "csv"
    _, second, _ = read_examples(path, label_column="Tag")
    assert [token_origin(second, index) for index in range(3)] == [f"{path}:{line}" for line in (6, 7, 8)]
    path.write_text("text,labels\nEU rejects,B-ORG O\n", encoding="utf-8")
    (example,) = read_examples(path)
    assert [token_origin(example, index) for index in range(2)] == [f"{path}:2"] * 2


def test_a_file_without_sentences_is_an_error():
    assert refusal("word,tag\n", DataError) == "x.csv: expected at least one sentence, found none"


@pytest.mark.parametrize("column", ["doc_id", "Document"])
def test_ids_of_sentences_may_begin_again_in_each_document(column):
    text = f"{column},sentence_id,word,tag\nd1,1,EU,B-ORG\nd1,2,it,O\nd2,1,Oslo,B-LOC\nd3,1,is,O\n"
    assert pairs(text) == [
        (("EU",), ("B-ORG",)),
        (("it",), ("O",)),
        (("Oslo",), ("B-LOC",)),
        (("is",), ("O",)),
    ]
