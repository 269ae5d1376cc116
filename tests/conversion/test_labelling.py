import random

import pytest
from present import present

from tagger.conversion.labelling import LabelChecker, find_labelling, labelled, witnesses
from tagger.errors import LabelError
from tagger.examples import Example
from tagger.formats import AnnotatedText, gold_scheme
from tagger.formats.joining import join_cut_sentences
from tagger.schemes import LabelScheme, Notation, convert_labels


def example(labels, document=None, origin=None):
    labels = tuple(labels.split())
    return Example(tuple(f"w{number}" for number, _ in enumerate(labels)), labels, document, origin)


def some_labels(random, scheme, number=200):
    rows = []
    for _ in range(number):
        row: list[str] = []
        while len(row) < random.randint(1, 9):
            kind, length = random.choice(("PER", "LOC", None)), random.randint(1, 3)
            row += [f"{'I' if place else 'B'}-{kind}" for place in range(length)] if kind else ["O"]
        rows.append(convert_labels(row, "iob2", scheme))
    return rows


@pytest.mark.parametrize("scheme", [scheme for scheme in LabelScheme if scheme is not LabelScheme.NONE])
def test_a_few_sentences_tell_the_scheme_that_all_tell(scheme):
    examples = [example(" ".join(row)) for row in some_labels(random.Random(1), scheme)]
    kept = witnesses(examples)
    assert len(kept) < len(examples) / 3
    assert find_labelling(lambda: examples).scheme == gold_scheme(examples)[0]


def test_the_notation_is_found_too():
    examples = [example("b_per i_per o"), example("o b_loc")]
    found = find_labelling(lambda: examples)
    assert (found.scheme, found.notation.lower, found.notation.separator) == (LabelScheme.IOB2, True, "_")


def test_labels_that_fit_no_scheme_are_an_error_with_file_and_line(tmp_path):
    path = tmp_path / "x.conll"
    path.write_text("a B-PER\nb O\n\nc O\nd I-PER\n")
    examples = [
        example("B-PER O", origin=f"{path}:1"),
        Example(("c", "d"), ("O", "I-PER"), None, f"{path}:4"),
    ]
    with pytest.raises(LabelError) as caught:
        find_labelling(lambda: examples)
    assert str(caught.value) == (
        f"{path}:5: label 'I-PER' at token 2 follows 'O', not allowed in IOB2. "
        "No scheme fits all labels up to here; mend them, or name the scheme that they are meant in: "
        "DataConfig(scheme=...)."
    )


def test_a_sentence_whose_labels_break_the_scheme_is_found_after_legal_ones():
    checker = LabelChecker(find_labelling(lambda: [], LabelScheme.IOB2))
    checker.check(example("B-PER I-PER O"))
    with pytest.raises(LabelError) as caught:
        checker.check(example("O I-PER", origin="x.json: item 3"))
    assert str(caught.value) == (
        "x.json: item 3: label 'I-PER' at token 2 follows 'O', not allowed in IOB2. "
        "If the data is IOB1, pass DataConfig(scheme='iob1')."
    )
    checker.check(example("B-PER I-PER O"))


def test_brackets_are_checked_beyond_neighbours():
    checker = LabelChecker(find_labelling(lambda: [example("(PER* *) *")]))
    checker.check(example("(PER* *) *"))
    with pytest.raises(LabelError, match="bracket without its partner"):
        checker.check(example("(PER* * *"))


def test_each_sentence_of_a_labelled_text_is_judged_by_itself():
    text = AnnotatedText(
        "a b c", tokens=((0, 1), (2, 3), (4, 5)), sentence_starts=(0, 1), labels=("B-X", "B-X", "I-X")
    )
    assert [(part.tokens, part.labels) for part in labelled([text])] == [
        (("a",), ("B-X",)),
        (("b", "c"), ("B-X", "I-X")),
    ]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["O B-X", "I-X O"], ["O B-X I-X O"]),
        (["B-X I-X", "I-X", "I-X O"], ["B-X I-X I-X I-X O"]),
        (["B-X", "E-X"], ["B-X E-X"]),
        (["S-X", "E-X"], ["S-X", "E-X"]),
        (["O B-X", "I-Y O"], ["O B-X", "I-Y O"]),
        (["O", "I-X"], ["O", "I-X"]),
    ],
)
def test_a_sentence_that_goes_on_with_a_span_is_joined(rows, expected):
    joined: list[AnnotatedText | Example] = []
    found = join_cut_sentences(map(example, rows), Notation(), joined.append)
    assert [" ".join(present(item.labels)) for item in found] == expected
    assert len(joined) == len(rows) - len(expected)


def test_sentences_of_different_documents_are_not_joined():
    parts = [example("B-X", document="1"), example("I-X", document="2")]
    assert len(list(join_cut_sentences(parts, Notation(), print))) == 2


def test_sentences_are_joined_only_where_labels_break_their_scheme_otherwise():
    iob1 = [example("I-X O I-X"), example("I-X O")]
    assert not find_labelling(lambda: iob1, join=True).joins
    assert not find_labelling(lambda: iob1, LabelScheme.IOB1, join=True).joins
    cut = [example("B-X O B-X"), example("I-X O")]
    found = find_labelling(lambda: cut, join=True)
    assert (found.scheme, found.joins) == (LabelScheme.IOB2, True)
    broken = [example("b_x o b_x"), example("i_x o i_x"), example("b_x i_x")]
    with pytest.raises(LabelError):
        find_labelling(lambda: broken, join=True)


def test_sentences_whose_text_is_known_are_joined_with_a_blank_between():
    parts = [
        AnnotatedText("in Oslo", tokens=((0, 2), (3, 7)), sentence_starts=(0,), labels=("O", "B-X")),
        AnnotatedText("Town.", tokens=((0, 4), (4, 5)), sentence_starts=(0,), labels=("I-X", "O")),
    ]
    (joined,) = join_cut_sentences(parts, Notation(), lambda _: None)
    assert isinstance(joined, AnnotatedText)
    assert joined.text == "in Oslo Town."
    assert [joined.text[start:end] for start, end in present(joined.tokens)] == ["in", "Oslo", "Town", "."]
    assert (joined.sentence_starts, joined.labels) == ((0,), ("O", "B-X", "I-X", "O"))
