import io

import pytest

from tagger.errors import FormatError
from tagger.formats.columns.conllu import read_conllu
from tagger.formats.columns.conllu_surface import join_surfaces, read_surface, surface_tokens


def records(*sentences: str):
    """Return the records of sentences whose rows have an id, a form and MISC."""
    text = ""
    for sentence in sentences:
        for line in sentence.split("\n"):
            id, _, rest = line.partition(" ")
            form, _, misc = rest.partition(" ")
            text += line if line.startswith("#") else "\t".join([id, form, *"_" * 7, misc or "_"])
            text += "\n"
        text += "\n"
    found = read_conllu(io.StringIO(text), name="dev.conllu", label_field=None)
    return [record for record in found if record.rows]


def test_a_multiword_token_is_one_and_an_empty_node_none():
    (record,) = records("1 Va _\n2-3 au SpaceAfter=No\n2 à\n3 le\n3.1 x\n4 .")
    assert [token[:4] for token in surface_tokens(record)] == [
        ("Va", 0, 1, False),
        ("au", 1, 3, True),
        (".", 3, 4, False),
    ]
    assert (read_surface(record).text, read_surface(record).is_told) == ("Va au.", True)


def test_a_multiword_token_may_have_one_word_and_begin_the_sentence():
    (record,) = records("1-1 a\n1 A\n2-3 b\n2 B\n3 C")
    assert [token[:4] for token in surface_tokens(record)] == [("a", 0, 1, True), ("b", 1, 3, True)]


def test_the_text_is_that_of_the_comment_where_it_has_the_tokens():
    surface = read_surface(records("# text = Va  au lit\n1 Va\n2-3 au\n2 à\n3 le\n4 lit")[0])
    assert (surface.text, surface.is_told) == ("Va  au lit", True)
    other = read_surface(records("# text = Va dormir\n1 Va\n2-3 au\n2 à\n3 le\n4 lit")[0])
    assert (other.text, other.is_told) == ("Va au lit", False)
    assert not read_surface(records("1 Va\n2 lit")[0]).is_told


def test_sentences_are_joined_with_the_blanks_that_the_file_says():
    found = records(
        "# newdoc\n1 A\n2 . SpacesAfter=\\n",
        "1 B SpaceAfter=No",
        "1 C",
        "# newpar id = 2\n1 D",
        "1 E",
    )
    assert join_surfaces([read_surface(record) for record in found]) == "A .\nBC\n\nD E"


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ("1 a\n2 b\n1-2 ab", 3),  # after its words
        ("1-3 ab\n1 a\n2 b", 1),  # a word that is not there
        ("1-2 ab\n1 a\n2-3 bc\n2 b\n3 c", 3),  # a word of two tokens
        ("2-1 ab\n1 a\n2 b", 1),
        ("1 a\n3-3 ab\n2 b\n3 c", 2),  # not directly before
    ],
)
def test_a_multiword_token_that_is_not_before_its_words_is_refused(rows, line):
    (record,) = records(rows)
    with pytest.raises(
        FormatError, match=rf"^dev\.conllu:{line}: expected a multiword token with a form and an id"
    ):
        surface_tokens(record)
