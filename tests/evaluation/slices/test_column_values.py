import io
import json

import pytest
from formats.writing import NO_SEGMENTER

from tagger.errors import DataError, FormatError, UsageError
from tagger.evaluation.slices.column_values import column_values
from tagger.examples import Example
from tagger.formats import ReadingOptions, read_gold
from tagger.text import get_segmenter


def values_of(path, column, **options):
    """Read a file as gold, and then the column for each of its tokens."""
    reading = ReadingOptions(**options)
    sources = [(str(path), None)]
    corpus = read_gold(sources, reading, lambda: get_segmenter("rules", {}))
    return column_values(sources, reading, column, corpus.examples)


@pytest.fixture
def write(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


CONLL = "Oslo NNP web B-LOC\nwon VBD news O\n\nAnna NNP web B-PER\n"


def test_columns_of_conll_by_number(write):
    path = write("gold.conll", CONLL)
    assert values_of(path, "1") == ["NNP", "VBD", "NNP"]
    assert values_of(path, "-2") == ["web", "news", "web"]
    with pytest.raises(UsageError) as caught:
        values_of(path, "4")
    assert str(caught.value) == (
        f"{path}:1: expected the number of a column, counted from 0, or its name in the header row, found '4' and 4 "
        "columns"
    )


def test_columns_of_conll_by_name(write):
    path = write("gold.conll", "word tag genre label\n" + CONLL)
    options = {"header": True, "token_column": "word", "label_column": "label"}
    assert values_of(path, "genre", **options) == ["web", "news", "web"]
    assert values_of(path, "1", **options) == ["NNP", "VBD", "NNP"]
    with pytest.raises(UsageError, match=r"found 'tags' and 4 columns \('word', 'tag', 'genre', 'label'\)$"):
        values_of(path, "tags", **options)


def test_an_empty_cell_is_no_value(write):
    path = write("gold.conll", "Oslo\t\tB-LOC\nwon\tx\tO\n")
    assert values_of(path, "1") == [None, "x"]


def test_sentences_that_are_joined_have_the_values_of_all(write):
    path = write("gold.conll", "New a B-LOC\n\nYork b I-LOC\nwon c O\n\nOslo d B-LOC\n")
    assert values_of(path, "1", join_sentences=True) == ["a", "b", "c", "d"]


def test_sentences_that_are_left_out_have_none(write):
    path = write("gold.conll", "Oslo a B-LOC\n\nbad b\nrow\n\nwon c O\n")
    assert values_of(path, "1", format="conll", skip_bad=True) == ["a", "c"]


CONLLU = """\
# newdoc id = d1
# genre = web
# sent_id = 1
1	Cats	cat	NOUN	NNS	Case=Nom|Number=Plur	0	root	_	SpaceAfter=No|Kind=pet

# sent_id = 2
# genre = chat
1-2	don't	_	_	_	_	_	_	_	_
1	do	do	AUX	VBP	Number=Sing	0	root	_	_
2	n't	not	PART	RB	_	1	advmod	_	_

# sent_id = 3
1	sit	sit	VERB	VB	_	0	root	_	_

# newdoc id = d2
# sent_id = 4
1	x	x	X	FW	_	0	root	_	_

"""


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("xpos", ["NNS", "VBP", "RB", "VB", "FW"]),
        ("head", ["0", "0", "1", "0", "0"]),
        ("feats", ["Case=Nom|Number=Plur", "Number=Sing", None, None, None]),
        ("feats:Number", ["Plur", "Sing", None, None, None]),
        ("misc:Kind", ["pet", None, None, None, None]),
        ("sent_id", ["1", "2", "2", "3", "4"]),
        ("genre", ["web", "chat", "chat", "web", None]),  # beside newdoc: of the whole document
        ("newdoc id", ["d1", "d1", "d1", "d1", "d2"]),
    ],
)
def test_fields_and_comments_of_conllu(write, column, values):
    assert values_of(write("gold.conllu", CONLLU), column, label_column="upos") == values


def test_what_no_sentence_has_is_refused(write):
    path = write("gold.conllu", CONLLU)
    for column in ("misc:kind", "gender"):
        with pytest.raises(UsageError) as caught:
            values_of(path, column)
        assert str(caught.value) == f"{path}: expected values of {column!r}, found none"


def lines(*objects):
    return "".join(json.dumps(one) + "\n" for one in objects)


def test_keys_of_sentences_in_json_lines(write):
    path = write(
        "gold.jsonl",
        lines(
            {
                **{"tokens": ["Oslo", "won"], "labels": ["B-LOC", "O"], "tags": ["N", None]},
                **{"genre": "web", "year": 2024, "meta": {"author": {"old": True}}},
            },
            {"tokens": ["Anna"], "labels": ["B-PER"], "tags": [7], "genre": None},
        ),
    )
    assert values_of(path, "tags") == ["N", None, "7"]
    assert values_of(path, "genre") == ["web", "web", None]
    assert values_of(path, "year") == ["2024", "2024", None]
    assert values_of(path, "meta.author.old") == ["true", "true", None]
    with pytest.raises(
        DataError, match=r"gold\.jsonl:1: expected a string or number, or a list of one for each"
    ):
        values_of(path, "meta")


def test_lists_of_other_lengths_and_keys_that_stand_twice_are_refused(write):
    path = write("gold.jsonl", lines({"tokens": ["a", "b"], "labels": ["O", "O"], "tags": ["N"]}))
    with pytest.raises(DataError) as caught:
        values_of(path, "tags")
    assert str(caught.value) == (f"{path}:1: expected a value per token under 'tags', found 1 for 2 tokens")
    path = write("twice.jsonl", '{"tokens": ["a"], "labels": ["O"], "x": 1, "x": 2}\n')
    with pytest.raises(
        FormatError, match=r"twice\.jsonl:1: expected the key 'x' once, found it several times"
    ):
        values_of(path, "x")


def test_texts_of_json_lines_give_their_value_to_all_their_sentences(write):
    path = write(
        "gold.jsonl",
        lines(
            {"text": "Oslo won. Anna lost.", "spans": [[0, 4, "LOC"]], "genre": "web"},
            {"text": "Bye.", "spans": [], "genre": "chat"},
        ),
    )
    assert values_of(path, "genre") == ["web"] * 6 + ["chat"] * 2


def test_csv_with_a_token_a_row(write):
    path = write(
        "gold.csv",
        "sentence_id,word,label,genre\n1,Oslo,B-LOC,web\n1,won,O,\n2,Anna,B-PER,chat\n\n3,a,O,b\n",
    )
    assert values_of(path, "genre") == ["web", None, "chat", "b"]
    with pytest.raises(UsageError) as caught:
        values_of(path, "genres")
    assert str(caught.value) == (
        f"{path}: 'genres': no such column; found: 'sentence_id', 'word', 'label', 'genre'"
    )


def test_csv_with_a_sentence_a_row(write):
    path = write(
        "gold.csv",
        "tokens,labels,genre,other\n"
        "\"['Oslo', 'won']\",\"['B-LOC', 'O']\",the web,\"['N', 'V']\"\n"
        "\"['Anna']\",\"['B-PER']\",chat,\"['N']\"\n",
    )
    assert values_of(path, "genre") == ["the web", "the web", "chat"]
    assert values_of(path, "other") == ["N", "V", "N"]


def test_csv_with_cells_of_tokens_divided_at_blanks(write):
    text = "tokens,labels,genre,other\nOslo won,B-LOC O,web,N V\nAnna,B-PER,the web,N\n"
    path = write("gold.csv", text)
    assert values_of(path, "genre") == ["web", "web", "the web"]
    assert values_of(path, "other") == ["N", "V", "N"]


def test_csv_of_texts(write):
    path = write("gold.csv", "text,spans,genre\nOslo won.,\"[[0, 4, 'LOC']]\",the big web\n")
    assert values_of(path, "genre") == ["the big web"] * 3


def test_parquet(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = tmp_path / "gold.parquet"
    table = pyarrow.table(
        {
            "tokens": [["Oslo", "won"], ["Anna"]],
            "labels": [["B-LOC", "O"], ["B-PER"]],
            "tags": [["N", "V"], ["N"]],
            "genre": ["web", None],
            "meta": [{"year": 2020}, {"year": 2021}],
            "kind": [1, 0],
        }
    )
    features = {"info": {"features": {"kind": {"_type": "ClassLabel", "names": ["news", "blog"]}}}}
    parquet.write_table(table.replace_schema_metadata({"huggingface": json.dumps(features)}), path)
    assert values_of(path, "tags", label_column="labels") == ["N", "V", "N"]
    assert values_of(path, "genre", label_column="labels") == ["web", "web", None]
    assert values_of(path, "meta.year", label_column="labels") == ["2020", "2020", "2021"]
    assert values_of(path, "kind", label_column="labels") == ["blog", "blog", "news"]
    with pytest.raises(UsageError, match="'genres': no such column; found: "):
        values_of(path, "genres", label_column="labels")


def test_columns_of_other_formats_are_read_as_labels(write):
    path = write(
        "gold.tsv",
        "#\thttp://example.org [2009-10-17]\n1\tOslo\tB-LOC\tB-PER\n2\tFC\tI-LOC\tO\n",
    )
    assert values_of(path, "inner", format="germeval") == ["B-PER", "O"]


def test_fields_of_annotation_tools(write):
    text = lines({"id": 1, "text": "Oslo won.", "label": [[0, 4, "LOC"]], "Comments": [], "genre": "web"})
    assert values_of(write("gold.jsonl", text), "genre", format="doccano") == ["web"] * 3


def test_a_file_that_changes_is_noticed(write):
    path = write("gold.conll", CONLL)
    options = ReadingOptions()
    examples = read_gold([(str(path), None)], options, lambda: NO_SEGMENTER).examples
    write("gold.conll", CONLL.replace("won", "lost"))
    with pytest.raises(DataError) as caught:
        column_values([(str(path), None)], options, "1", examples)
    assert str(caught.value) == (
        f"{path}:1: expected the tokens of the gold sentence beside the column '1', found 'lost' for 'won' as token 2"
    )
    write("gold.conll", "\n" + CONLL)
    with pytest.raises(DataError) as caught:
        column_values([(str(path), None)], options, "1", examples)
    assert str(caught.value) == (
        f"{path}:1: expected the sentence again when the column '1' is read, found none in {path}. Has the file "
        "changed?"
    )


def test_a_stream_cannot_be_read_twice():
    with pytest.raises(UsageError) as caught:
        column_values([(io.BytesIO(), "stdin")], ReadingOptions(format="conll"), "1", [Example(())])
    assert str(caught.value) == (
        "stdin: the column '1' is read apart, and a stream can be read once; pass a file"
    )


def test_several_files(write):
    paths = [write("a.conll", CONLL), write("b.conll", CONLL.replace("web", "chat"))]
    sources = [(str(path), None) for path in paths]
    examples = read_gold(sources, ReadingOptions(), lambda: NO_SEGMENTER).examples
    assert column_values(sources, ReadingOptions(), "2", examples) == [
        *("web", "news", "web"),
        *("chat", "news", "chat"),
    ]
