"""Tables of answers are read back by their columns; what is wrong in them is said or counted."""

import pytest
from present import present

from tagger.errors import DataError, FormatError
from tagger.formats import AnnotatedText, Losses, ReadingContext, ReadingOptions
from tagger.prediction import Answer
from tagger.spans import Span

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

TEXT = "Anna sings.  In\nOslo."
RANGES = [[(0, 4), (5, 10), (10, 11)], [(13, 15), (16, 20), (20, 21)]]


def rows_of(text=TEXT, *, has_spans=True, probabilities=True):
    from tagger.integrations.arrow import answer_row

    tokens = [[TEXT[start:end] for start, end in sentence] for sentence in RANGES]
    labels = [("B-PER", "O", "O"), ("O", "B-LOC", "O")] if has_spans else [("N", "V", "P"), ("A", "N", "P")]
    spans = [(Span(0, 1, "PER", 0.5),), (Span(1, 2, "LOC", 0.25),)] if has_spans else [(), ()]
    answers = [
        Answer(of_sentence, found, (0.5, 0.75, 1.0) if probabilities else None)
        for of_sentence, found in zip(labels, spans, strict=True)
    ]
    return {
        "text": text,
        **answer_row(tokens, answers, text=text, ranges=RANGES, has_spans=has_spans,
                     with_probabilities=probabilities),
    }  # fmt: skip


@pytest.fixture
def read(tmp_path):
    """Reads rows back from a file."""

    def run(*rows, more=None, labelled=True, predicted=False, losses=None, **options):
        from tagger.formats_extra.parquet import read_parquet
        from tagger.integrations.arrow import output_schema

        fields = [("text", pyarrow.string()), *output_schema(), *(more or [])]
        path = tmp_path / "x.parquet"
        parquet.write_table(pyarrow.Table.from_pylist(list(rows), schema=pyarrow.schema(fields)), path)
        context = ReadingContext(
            "x", ReadingOptions(format="parquet", **options), Losses() if losses is None else losses,
            labelled=labelled, predicted=predicted,
        )  # fmt: skip
        return list(read_parquet(path, context))

    return run


def test_a_text_comes_back_with_entities_tokens_and_sentences(read):
    (text,) = read(rows_of())
    assert isinstance(text, AnnotatedText)
    assert (text.text, text.tokens, text.sentence_starts) == (TEXT, (*RANGES[0], *RANGES[1]), (0, 3))
    assert [tuple(span) for span in present(text.spans)] == [
        (0, 4, "PER", (), 0.5),
        (16, 20, "LOC", (), 0.25),
    ]
    assert text.probabilities == (0.5, 0.75, 1.0, 0.5, 0.75, 1.0)


def test_a_text_comes_back_with_labels_that_have_no_spans(read):
    (text,) = read(rows_of(has_spans=False, probabilities=False))
    assert (text.text, text.labels, text.spans) == (TEXT, ("N", "V", "P", "A", "N", "P"), None)
    assert text.tokens == (*RANGES[0], *RANGES[1])


def test_sentences_of_tokens_come_back_with_their_probabilities(read):
    first, second = read(rows_of(text=None))
    assert [first.text, second.text] == ["Anna sings .", "In Oslo ."]
    assert [tuple(span) for span in second.spans] == [(3, 7, "LOC", (), 0.25)]
    assert second.probabilities == (0.5, 0.75, 1.0)


def test_texts_alone_come_back_to_be_tagged(read):
    first, *rest = read(rows_of(), rows_of(text=None), labelled=False)
    assert (first.text, first.spans, first.tokens) == (TEXT, None, None)
    assert [(sentence.tokens, sentence.labels) for sentence in rest] == [
        (("Anna", "sings", "."), None),
        (("In", "Oslo", "."), None),
    ]


def test_rows_without_an_answer_are_counted(read):
    losses = Losses()
    assert len(read({"text": None}, rows_of(), {"text": "no answer"}, losses=losses)) == 1
    assert losses.counts() == {"rows without an answer, left out": 2}


def test_other_labels_in_the_table_are_not_taken_for_answers_nor_answers_for_them(read):
    gold = [("ner_tags", pyarrow.list_(pyarrow.string()))]
    row = {**rows_of(text=None), "ner_tags": ["O"] * 6}
    with pytest.raises(DataError, match="choose with label_column='ner_tags' or label_column='labels'"):
        read(row, more=gold)
    assert [item.labels for item in read(row, more=gold, label_column="ner_tags")] == [("O",) * 6]
    assert len(read(row, more=gold, predicted=True)) == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": ["O"]}, "expected a label for each of the 6 tokens, found others"),
        (
            {"sentences": [{"start": 0, "end": 3}]},
            r"expected sentences that are all of the 6 tokens, found \[\(0, 3\)\]",
        ),
        (
            {"entities": [{"start": 0, "end": 99, "text": "x", "label": "X", "probability": None}]},
            "expected 0 <= start < end <= 21 for the X, counted in code points, found 0-99",
        ),
    ],
)
def test_what_is_wrong_is_refused_or_left_out(read, change, message):
    with pytest.raises(FormatError, match=f"x: row 2: {message}"):
        read(rows_of(), {**rows_of(), **change})
    losses = Losses(skip_bad=True)
    kept = read(rows_of(), {**rows_of(), **change}, losses=losses)
    assert kept[0] == read(rows_of())[0]
    assert len(losses) == 1


def test_a_text_that_is_not_that_of_the_tokens_is_cut_again(read):
    (text,) = read({**rows_of(), "tokens": ["other"] * 6})
    assert (text.tokens, len(text.spans)) == (None, 2)
