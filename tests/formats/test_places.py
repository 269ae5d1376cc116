import gzip

import pytest

import tagger.formats.places
from tagger.formats import ReadingOptions, read_examples
from tagger.formats.places import Places, token_origin

CONLL = "# a comment\n\nIn\tO\n# another\nOslo\tB-LOC\n\nEnd\tO\n.\tO\n"
CONLLU = (
    "# text = can't\n1-2\tcan't"
    + "\t_" * 8
    + "\n1\tca\t_\tAUX"
    + "\t_" * 6
    + "\n2\tn't\t_\tPART"
    + "\t_" * 6
    + "\n\n"
)


def written(tmp_path, name, text, **options):
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path, list(read_examples(path, ReadingOptions(**options)))


@pytest.mark.parametrize("name", ["a.conll", "a.conll.gz"])
def test_places_are_those_of_single_questions_comments_and_all(tmp_path, name):
    path, examples = written(tmp_path, name, CONLL, comment_prefix="# ")
    places = Places()
    found = [places.of(example, index) for example in examples for index in range(2)]
    assert found == [f"{path}:{line}" for line in (3, 5, 7, 8)]
    assert found == [token_origin(example, index) for example in examples for index in range(2)]


def test_a_byte_order_mark_is_no_token_of_the_first_line(tmp_path):
    path, (example,) = written(tmp_path, "a.conll", "\ufeffIn O\nOslo B-LOC\n")
    assert [Places().of(example, index) for index in range(2)] == [f"{path}:1", f"{path}:2"]


def test_words_of_conllu_are_the_rows_with_plain_ids(tmp_path):
    path, (example,) = written(tmp_path, "a.conllu", CONLLU)
    assert [Places().of(example, index) for index in range(2)] == [f"{path}:3", f"{path}:4"]


def test_a_line_of_json_is_a_whole_sentence(tmp_path):
    path, examples = written(tmp_path, "a.jsonl", '{"tokens": ["a", "b"], "labels": ["O", "O"]}\n' * 2)
    assert Places().of(examples[1], 1) == f"{path}:2"


def test_a_name_may_stand_for_another_file(tmp_path):
    path, (first, _) = written(tmp_path, "a.conll", CONLL, comment_prefix="# ")
    places = Places()
    places.add("<stdin>", path, "conll")
    example = type(first)(first.tokens, first.labels, None, "<stdin>:3")
    assert places.of(example, 1) == "<stdin>:5"


def test_where_the_file_is_gone_the_place_is_that_of_the_sentence(tmp_path):
    path, (first, _) = written(tmp_path, "a.conll", CONLL, comment_prefix="# ")
    path.unlink()
    assert Places().of(first, 1) == f"{path}:3"


def test_without_an_origin_the_number_of_the_token_is_said():
    from tagger.examples import Example

    assert Places().of(Example(("a", "b")), 1) == "token 1"


def test_places_in_a_long_sentence_are_those_of_single_questions(tmp_path):
    rows = "".join(f"{'# a comment' if n % 7 == 3 else f'w{n}{chr(9)}O'}\n" for n in range(1500))
    path, (example, after) = written(tmp_path, "a.conll", f"{rows}\nend\tO\n.\tO\n", comment_prefix="# ")
    places = Places()
    found = [places.of(example, index) for index in (1, 1200, 3, 700)]
    assert found == [token_origin(example, index) for index in (1, 1200, 3, 700)]
    assert places.of(after, 1) == f"{path}:1503"


def test_the_rows_of_a_long_sentence_are_looked_at_once(tmp_path, monkeypatch):
    looked_at = []
    real = tagger.formats.places.split_cells

    def noted(row):
        looked_at.append(row)
        return real(row)

    monkeypatch.setattr(tagger.formats.places, "split_cells", noted)
    path, (example,) = written(tmp_path, "a.conll", "".join(f"w{n}\tO\n" for n in range(1000)))
    places = Places()
    assert [places.of(example, index) for index in range(1, 1000)] == [f"{path}:{n}" for n in range(2, 1001)]
    assert len(looked_at) == 1000
