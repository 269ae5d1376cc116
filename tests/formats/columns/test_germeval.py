import io

import pytest
from formats.labelled_corpus import SENTENCES

from tagger.errors import FormatError, UsageError
from tagger.formats import Losses, ReadingOptions, guess_format, read_items


def read(text, losses=None, labelled=True, **options):
    reading = ReadingOptions(format="germeval", **options)
    losses = Losses(skip_bad=reading.skip_bad) if losses is None else losses
    return list(read_items(io.BytesIO(text.encode()), reading, losses, name="x.tsv", labelled=labelled))


def export(sentences):
    """An inner label B-X on the first token of each sentence; once the surplus tab of the real files."""
    parts = []
    for place, sentence in enumerate(sentences):
        parts.append(f"#\thttp://de.wikipedia.org/wiki/{place} [2009-10-17]\n")
        for number, (token, label) in enumerate(zip(sentence.tokens, sentence.labels, strict=True), start=1):
            surplus = "\t" if place == 1 else ""
            parts.append(f"{number}\t{token}\t{label}\t{'B-X' if number == 1 else 'O'}{surplus}\n")
        parts.append("\n")
    return "".join(parts)


def test_tokens_and_outer_labels_are_read_and_inner_ones_counted(tmp_path):
    path = tmp_path / "all.txt"
    path.write_text(export(SENTENCES), newline="")
    assert guess_format(path) == "germeval"
    losses = Losses()
    examples = read(export(SENTENCES), losses)
    assert [example.tokens for example in examples] == [sentence.tokens for sentence in SENTENCES]
    assert [example.labels for example in examples] == [sentence.labels for sentence in SENTENCES]
    assert losses.to_list()[0]["count"] == losses.count("inner entities, not read") == len(SENTENCES)
    assert examples[0].origin == "x.tsv:2"


def test_inner_labels_are_read_if_that_is_said():
    losses = Losses()
    examples = read(export(SENTENCES), losses, label_column="inner")
    assert [example.labels for example in examples] == [
        ("B-X", *["O"] * (len(sentence.tokens) - 1)) for sentence in SENTENCES
    ]
    spans = sum(len(sentence.spans) for sentence in SENTENCES)
    assert losses.count("outer entities, not read") == spans


def test_tokens_alone_are_read_to_be_tagged():
    losses = Losses()
    examples = read(export(SENTENCES), losses, labelled=False)
    assert [(example.tokens, example.labels) for example in examples] == [
        (sentence.tokens, None) for sentence in SENTENCES
    ]
    assert len(losses) == 0


SKIP = " To skip and list bad data: skip_bad=True"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            "1\tOslo\tB-LOC\n",
            "x.tsv:2: expected number, token, outer and inner label, divided by tabs, found 3 columns: "
            "'1\\tOslo\\tB-LOC'.",
        ),
        ("1\t\tO\tO\n", "x.tsv:2: expected a token, found nothing: '1\\t\\tO\\tO'."),
        ("1\tOslo\t \tO\n", "x.tsv:2: expected an outer label, found nothing: '1\\tOslo\\t \\tO'."),
        ("1\tOslo\tO\t\n", "x.tsv:2: expected an inner label, found nothing: '1\\tOslo\\tO\\t'."),
        ("1\tA\tO\tO\n3\tB\tO\tO\n", "x.tsv:3: expected the number 2, found '3': is a line missing?"),
    ],
)
def test_what_is_wrong_is_an_error_that_can_be_skipped(rows, message):
    text = f"#\thttp://x [2009-10-17]\n{rows}\n1\tOslo\tB-LOC\tO\n"
    with pytest.raises(FormatError) as caught:
        read(text)
    assert str(caught.value) == message + SKIP
    losses = Losses(skip_bad=True)
    assert [example.tokens for example in read(text, losses)] == [("Oslo",)]
    assert losses.count("sentences that cannot be read, left out as bad") == 1


def test_another_layer_is_refused():
    with pytest.raises(UsageError) as caught:
        read("", label_column="middle")
    assert str(caught.value) == "x.tsv: label_column='middle': expected one of 'outer', 'inner'"
