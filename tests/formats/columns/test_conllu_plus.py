import io

import pytest
from formats.labelled_corpus import SENTENCES

from tagger.errors import FormatError, UsageError
from tagger.examples import Example
from tagger.formats import Losses, ReadingOptions, guess_format, read_items


def read(text, losses=None, labelled=True, **options):
    reading = ReadingOptions(format="conllu-plus", **options)
    losses = Losses(skip_bad=reading.skip_bad) if losses is None else losses
    return list(read_items(io.BytesIO(text.encode()), reading, losses, name="x.conllup", labelled=labelled))


def export(sentences, header="ID FORM UPOS MISC NE"):
    parts = [f"# global.columns = {header}\n"]
    for place, sentence in enumerate(sentences):
        if place % 5 == 0:
            parts.append(f"# newdoc id = d {place}\n")
        for number, (token, label, space) in enumerate(
            zip(sentence.tokens, sentence.labels, sentence.spaces, strict=True), start=1
        ):
            cells = {
                "ID": str(number),
                "FORM": token,
                "UPOS": "X",
                "MISC": "_" if space else "SpaceAfter=No",
                "NE": label,
            }
            parts.append("\t".join(cells[name] for name in header.split()) + "\n")
        parts.append("\n")
    return "".join(parts)


def test_texts_tokens_labels_and_documents_are_read(tmp_path):
    path = tmp_path / "all.txt"
    path.write_text(export(SENTENCES), newline="")
    assert guess_format(path) == "conllu-plus"
    items = read(export(SENTENCES))
    assert [item.text for item in items] == [
        "".join(
            token + (" " if space else "")
            for token, space in zip(sentence.tokens, sentence.spaces, strict=True)
        )
        for sentence in SENTENCES
    ]
    assert [tuple(item.text[start:end] for start, end in item.tokens) for item in items] == [
        sentence.tokens for sentence in SENTENCES
    ]
    assert [item.labels for item in items] == [sentence.labels for sentence in SENTENCES]
    assert [item.document for item in items] == [f"d {place // 5 * 5}" for place in range(len(SENTENCES))]
    assert items[0].origin == "x.conllup:3"


def test_the_columns_of_conllu_itself_are_conllu(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(
        "# global.columns = ID FORM LEMMA UPOS XPOS FEATS HEAD DEPREL DEPS MISC\n"
        "1\tOslo\t_\tPROPN\t_\t_\t_\t_\t_\t_\n\n"
    )
    assert guess_format(path) == "conllu"


@pytest.mark.parametrize("header", ["FORM NE", "NE FORM", "ID FORM NE"])
def test_without_misc_words_alone_are_known(header):
    assert read(export(SENTENCES, header)) == [
        Example(sentence.tokens, sentence.labels, f"d {place // 5 * 5}", item.origin)
        for place, (sentence, item) in enumerate(zip(SENTENCES, read(export(SENTENCES, header)), strict=True))
    ]


def test_words_of_a_column_for_misc_need_no_ids():
    items = read(export(SENTENCES, "FORM MISC NE"))
    assert [item.text for item in items] == [item.text for item in read(export(SENTENCES))]


def sentence(*rows, header="ID FORM NE"):
    return f"# global.columns = {header}\n" + "".join(row.replace(" ", "\t") + "\n" for row in rows) + "\n"


def test_multiword_tokens_and_empty_nodes_are_no_words():
    text = sentence("1-2 du _", "1 de O", "2 le O", "2.1 E _", "3 Mans B-LOC")
    [example] = read(text)
    assert (example.tokens, example.labels) == (("de", "le", "Mans"), ("O", "O", "B-LOC"))
    assert example.origin == "x.conllup:3"


def test_the_comment_that_holds_the_text_places_the_words():
    text = sentence("1-2 cannot _", "1 can O", "2 not O", "3 go O").replace(
        "1-2", "# text = cannot  go\n1-2", 1
    )
    [item] = read(text)
    assert (item.text, item.tokens) == ("cannot  go", ((0, 3), (3, 6), (8, 10)))


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("ID FORM UPOS XPOS NER", "NER"),
        ("ID FORM LEMMA UPOS XPOS FEATS HEAD DEPREL DEPS MISC", "UPOS"),
        ("ID FORM my:types", "my:types"),
    ],
)
def test_the_usual_column_is_read(header, chosen):
    names = header.split()
    cells = ["1", "Oslo", *("B-X" if name == chosen else "other" for name in names[2:])]
    [item] = read(sentence(" ".join(cells), header=header))
    assert item.labels == ("B-X",)


@pytest.mark.parametrize("header", ["ID FORM NE NER", "ID FORM UPOS my:types", "ID FORM XPOS DEPREL"])
def test_columns_that_could_be_meant_are_listed(header):
    names = header.split()[2:]
    with pytest.raises(UsageError) as caught:
        read(sentence("1 Oslo a b", header=header))
    assert str(caught.value) == (
        f"x.conllup:1: several columns of labels could be meant, or none: {names[0]!r}, {names[1]!r}. Choose one with "
        f"label_column={names[0]!r}"
    )
    [example] = read(sentence("1 Oslo a b", header=header), label_column=names[1])
    assert example.labels == ("b",)


def test_columns_are_not_chosen_where_labels_are_not_wanted():
    [example] = read(sentence("1 Oslo a b", header="ID FORM NE NER"), labelled=False)
    assert (example.tokens, example.labels) == (("Oslo",), None)


def test_sentences_nobody_annotated_are_left_out_and_counted_but_tagged():
    text = sentence("1 Oslo _", "2 is _") + "1\tRome\t*\n"
    losses = Losses()
    assert [(example.tokens, example.labels) for example in read(text, losses)] == [(("Rome",), ("*",))]
    assert losses.to_list() == [
        {"kind": "sentences without annotations in NE, left out", "count": 1, "places": ["x.conllup:2"]}
    ]
    assert [example.tokens for example in read(text, labelled=False)] == [("Oslo", "is"), ("Rome",)]


def test_an_underscore_may_stand_for_o_beside_entities_but_not_for_a_part_of_speech():
    assert read(sentence("1 Oslo B-LOC", "2 is _"))[0].labels == ("B-LOC", "_")
    with pytest.raises(FormatError) as caught:
        read(sentence("1 Oslo PROPN", "2 is _", header="ID FORM UPOS"))
    assert str(caught.value) == (
        "x.conllup:3: expected a label in column 'UPOS', as other words of the sentence have, found '_'. "
        "To skip and list bad data: skip_bad=True"
    )


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            ["1 take 1:VID", "2 part 1"],
            "x.conllup:2: expected a label in column 'NE', found '1:VID': numbered expressions, which may share words, "
            "are no labels of tokens.",
        ),
        (
            ["1 take 1;2:LVC.full"],
            "x.conllup:2: expected a label in column 'NE', found '1;2:LVC.full': numbered ",
        ),
        (
            ["1 Oslo"],
            "x.conllup:2: expected 3 columns, as '# global.columns' names them, divided by tabs, found 2: '1\\tOslo'.",
        ),
        (
            ["2 Oslo O"],
            "x.conllup:2: expected the word with id 1, or an id such as 3-4 or 8.1, found '2': is the blank line "
            "before a sentence missing?",
        ),
        (["1  O"], "x.conllup:2: expected a word in FORM, found nothing: '1\\t\\tO'."),
        (["1-2 du _"], "x.conllup:2: expected a word, found none in the sentence."),
    ],
)
def test_what_is_wrong_is_an_error_that_can_be_skipped(rows, message):
    text = sentence(*rows) + "1\tRome\tO\n"
    with pytest.raises(FormatError) as caught:
        read(text)
    assert str(caught.value).startswith(message)
    assert str(caught.value).endswith(" To skip and list bad data: skip_bad=True")
    losses = Losses(skip_bad=True)
    assert [example.tokens for example in read(text, losses)] == [("Rome",)]
    assert losses.count("sentences that cannot be read, left out as bad") == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "1\tOslo\tO\n",
            "x.conllup:1: expected the names of the columns before the first sentence, as in "
            "'# global.columns = ID FORM UPOS NE', found none",
        ),
        (
            "# global.columns = ID WORD NE\n",
            "x.conllup:1: expected different columns, FORM among them, found 'ID', 'WORD', 'NE'",
        ),
    ],
)
def test_a_file_without_the_columns_is_refused(text, message):
    with pytest.raises(FormatError) as caught:
        read(text)
    assert str(caught.value) == message
