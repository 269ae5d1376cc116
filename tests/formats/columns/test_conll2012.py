import io

import pytest
from formats.labelled_corpus import SENTENCES

from tagger.errors import FormatError
from tagger.formats import Losses, ReadingOptions, guess_format, read_items


def read(text, losses=None, labelled=True, **options):
    reading = ReadingOptions(format="conll2012", **options)
    losses = Losses(skip_bad=reading.skip_bad) if losses is None else losses
    return list(read_items(io.BytesIO(text.encode()), reading, losses, name="x.conll", labelled=labelled))


def bracketed(labels):
    for label, after in zip(labels, [*labels[1:], "O"], strict=True):
        begin = f"({label[2:]}" if label.startswith("B-") else ""
        end = ")" if label != "O" and not after.startswith("I-") else ""
        yield f"{begin}{'' if begin and end else '*'}{end}"


def row(number, word, name, predicates=(), document="bc/cctv/00/cctv_0000"):
    cells = [
        document,
        "0",
        str(number),
        word,
        "NN",
        "(S*)",
        "-",
        "-",
        "-",
        "Speaker#1",
        name,
        *predicates,
        "(3)",
    ]
    return "   ".join(cells) + "\n"


def export(sentences):
    """Parts of ten sentences, the sentences with 0 to 2 predicates."""
    parts = []
    for place, sentence in enumerate(sentences):
        if place % 10 == 0:
            parts.append(f"#begin document (bc/cctv/00/cctv_0000); part {place // 10:03}\n")
        for number, (token, name) in enumerate(zip(sentence.tokens, bracketed(sentence.labels), strict=True)):
            parts.append(row(number, token, name, ["*"] * (place % 3)))
        parts.append("\n")
        if place % 10 == 9 or place == len(sentences) - 1:
            parts.append("#end document\n")
    return "".join(parts)


def test_tokens_entities_and_documents_are_read(tmp_path):
    path = tmp_path / "all.v4_gold_conll"
    path.write_text(export(SENTENCES), newline="")
    assert guess_format(path) == "conll2012"
    examples = read(export(SENTENCES))
    assert [example.tokens for example in examples] == [sentence.tokens for sentence in SENTENCES]
    assert [example.labels for example in examples] == [sentence.labels for sentence in SENTENCES]
    assert [example.document for example in examples] == [
        f"bc/cctv/00/cctv_0000 part {place // 10:03}" for place in range(len(SENTENCES))
    ]


def test_a_document_may_have_no_parts():
    text = export(SENTENCES[:2]).replace("; part 000", ";")
    assert [example.document for example in read(text)] == ["bc/cctv/00/cctv_0000"] * 2


def test_parts_of_speech_are_read_if_that_is_said():
    assert [set(example.labels) for example in read(export(SENTENCES[:3]), label_column="pos")] == [
        {"NN"}
    ] * 3


def test_tokens_alone_are_read_to_be_tagged():
    examples = read(export(SENTENCES), labelled=False)
    assert [(example.tokens, example.labels) for example in examples] == [
        (sentence.tokens, None) for sentence in SENTENCES
    ]


def test_sentences_without_annotations_are_left_out_and_counted():
    losses = Losses()
    text = row(0, "Oslo", "-") + "\n" + row(0, "Rome", "(GPE)")
    assert [example.labels for example in read(text, losses)] == [("B-GPE",)]
    assert losses.to_list() == [
        {"kind": "sentences without annotations, left out", "count": 1, "places": ["x.conll:1"]}
    ]
    assert [example.tokens for example in read(text, labelled=False)] == [("Oslo",), ("Rome",)]


def test_of_entities_in_entities_the_outer_one_is_read_if_the_others_are_skipped():
    text = row(0, "Oslo", "(ORG(GPE)") + row(1, "University", "*)") + row(2, "here", "*")
    with pytest.raises(FormatError) as caught:
        read(text)
    assert str(caught.value) == (
        "x.conll:1: expected no entity within the ORG, found the GPE: '(ORG(GPE)'. "
        "To skip and list bad data: skip_bad=True"
    )
    losses = Losses(skip_bad=True)
    assert read(text, losses)[0].labels == ("B-ORG", "I-ORG", "O")
    assert losses.count("entities within entities, left out as bad") == 1


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            row(0, "Oslo", "(GPE"),
            "x.conll:1: expected brackets such as '(PERSON*', '*' or '*)' in column 10 (counted ",
        ),
        (
            row(0, "Oslo", "GPE"),
            "x.conll:1: expected brackets such as '(PERSON*', '*' or '*)' in column 10 (counted ",
        ),
        (row(0, "Oslo", "*)"), "x.conll:1: expected an entity that ends here, found none: '*)'. "),
        (
            row(0, "a", "*") + row(1, "Oslo", "(GPE*"),
            "x.conll:2: expected the end of the GPE in its sentence, found none: '(GPE*'. ",
        ),
        (
            "bc/x 0 0 Oslo NNP * - -\n",
            "x.conll:1: expected 12 columns or more, found 8: 'bc/x 0 0 Oslo NNP * - -'. ",
        ),
        (
            row(0, "a", "*") + row(1, "b", "*", ["*"]),
            "x.conll:2: expected 12 columns as in the rows above, found 13: ",
        ),
        (
            row(0, "[WORD]", "*"),
            "x.conll:1: expected words, found '[WORD]' in place of each: fill in the words from OntoNotes first "
            "(skeleton2conll). ",
        ),
    ],
)
def test_what_is_wrong_is_an_error_that_can_be_skipped(rows, message):
    with pytest.raises(FormatError) as caught:
        read(rows)
    assert str(caught.value).startswith(message)
    assert str(caught.value).endswith("To skip and list bad data: skip_bad=True")
    losses = Losses(skip_bad=True)
    assert [example.tokens for example in read(rows + "\n" + row(0, "Rome", "*"), losses)] == [("Rome",)]
    assert losses.count("sentences that cannot be read, left out as bad") == 1


def test_a_document_that_cannot_be_told_is_an_error():
    with pytest.raises(FormatError) as caught:
        read("#begin document bc/x\n")
    assert str(caught.value) == (
        "x.conll:1: expected '#begin document (ID); part NUMBER', found '#begin document bc/x'"
    )
