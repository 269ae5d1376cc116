"""Tests of tagger/report/marked_text.py: which words are shown, and what stands beneath them."""

import itertools
import xml.etree.ElementTree as ET

from tagger.report import Mark, marked_text

WORDS = [f"w{t}" for t in range(100)]


def parsed(text):
    return ET.fromstring(text)


def plain(text):
    return "".join(parsed(text).itertext())


def beneath(text):
    """For each word with something beneath or in bold: the word, and class and text of all beneath it."""
    return [
        (span[0].text, [(strip.get("class"), strip.text) for strip in span[1:]])
        for span in parsed(text).iter("span")
        if span.get("class") == "w"
    ]


def test_a_label_stands_under_its_first_word_and_a_line_under_all():
    marks = [Mark(0, 1, 3, "PER"), Mark(1, 2, 3, "LOC", "wrong")]
    made = marked_text(["a", "b", "c", "d"], marks, chosen=(2, 3))
    assert beneath(made) == [("b", [("l0 on", "PER")]), ("c", [("l0", None), ("l1 wrong", "LOC")])]
    assert [bold.text for bold in parsed(made).iter("b")] == ["c"]
    assert parsed(made).get("class") == "marked lines2"
    assert plain(made) == "a bPER cLOC d"


def test_chosen_words_are_in_bold_without_marks_too():
    made = marked_text(["a", "b"], [], chosen=(1, 2))
    assert beneath(made) == [("b", [])]
    assert parsed(made).get("class") == "marked lines0"


def test_long_texts_are_cut_around_the_chosen_words_and_the_rest_is_counted():
    made = plain(marked_text(WORDS, [], chosen=(50, 51), context=2))
    assert made == "… 48 words … w48 w49 w50 w51 w52 … 47 words …"


def test_no_gap_is_of_five_words_or_fewer():
    assert plain(marked_text(WORDS[:13], [], chosen=(6, 7), context=1)) == " ".join(WORDS[:13])
    assert plain(marked_text(WORDS[:15], [], chosen=(7, 8), context=1)) == "… 6 words … w6 w7 w8 … 6 words …"


def test_the_middle_of_many_chosen_words_is_left_out():
    made = marked_text(WORDS, [Mark(0, 10, 90, "X")], chosen=(10, 90), context=2)
    assert plain(made) == "… 8 words … w8 w9 w10X w11 … 76 words … w88…X w89 w90 w91 … 8 words …"
    assert (
        plain(marked_text(WORDS[:20], [], chosen=(0, 9), context=2)) == " ".join(WORDS[:11]) + " … 9 words …"
    )


def test_every_word_is_shown_once_or_counted():
    for start in range(0, 100, 7):
        for end in range(start + 1, 101, 9):
            pieces = plain(marked_text(WORDS, [], chosen=(start, end), context=3)).split(" ")
            shown = [piece for piece in pieces if piece.startswith("w") and piece[1:].isdigit()]
            counted = sum(
                int(number) for number, word in itertools.pairwise(pieces) if word in ("word", "words")
            )
            assert len(shown) == len(set(shown))
            assert len(shown) + counted == 100
            assert f"w{start}" in shown
            assert f"w{end - 1}" in shown


def test_a_mark_that_begins_before_what_is_shown_says_so():
    made = marked_text(WORDS, [Mark(0, 0, 60, "PER")], chosen=(59, 60), context=1)
    assert beneath(made)[0] == ("w58", [("l0 on", "…PER")])


def test_hostile_words_and_labels_are_shown_and_do_nothing():
    words = ["<script>", "\u202e", "x" * 1000, "", "a\nb"]
    made = marked_text(words, [Mark(0, 0, 2, "</i><img>" * 9)], chosen=(0, 1))
    tree = parsed(made)
    assert {child.tag for child in tree.iter()} == {"p", "span", "b", "i"}
    assert tree.get("dir") == "auto"
    text = "".join(tree.itertext())
    assert "\\u202e" in text
    assert "x" * 39 + "…" in text
    assert "(empty) a\\nb" in text


def test_no_words_at_all():
    assert plain(marked_text([], [], chosen=(0, 0))) == ""
