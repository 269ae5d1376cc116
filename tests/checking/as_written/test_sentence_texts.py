import pytest
from checked_files import found_in, lines_of


def conllu(text, *words):
    rows = [f"{id}\t{form}\t_\tX\t_\t_\t_\t_\t_\t{misc}" for id, form, misc in words]
    return "\n".join([f"# text = {text}", *rows, "", ""])


GOOD = [
    ("1-2", "don't", "_"),
    ("1", "do", "_"),
    ("2", "n't", "_"),
    ("3", "go", "SpaceAfter=No"),
    ("4", ".", "_"),
]


def test_tokens_that_are_those_of_the_text_are_not_found(tmp_path):
    assert found_in(tmp_path, "text-differs", train_conllu=conllu("don't go.", *GOOD)) == []
    without_text = conllu("x", *GOOD).split("\n", 1)[1]
    assert found_in(tmp_path, "text-differs", train_conllu=without_text) == []


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("don't stay.", 5, "the token 'go' is not what # text has there: 'stay.'"),
        ("don't go. Now", 6, "# text continues after the last token: 'Now'"),
        ("don't go .", 5, "MISC says that no blank follows 'go', and # text has one"),
    ],
)
def test_the_first_difference_is_found_at_its_line(tmp_path, text, line, message):
    (finding,) = found_in(tmp_path, "text-differs", train_conllu=conllu(text, *GOOD))
    assert (lines_of([finding]), finding.message) == ([[line]], message)


def test_a_blank_that_the_text_lacks_is_found(tmp_path):
    text = conllu("ab", ("1", "a", "_"), ("2", "b", "_"))
    (finding,) = found_in(tmp_path, "text-differs", train_conllu=text)
    assert finding.message == "MISC says that a blank follows 'a', and # text has none"
