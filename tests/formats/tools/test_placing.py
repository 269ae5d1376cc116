import random
import unicodedata

import pytest
from formats.annotated_corpus import CORPUS
from hypothesis import given
from hypothesis import strategies as st

from tagger.formats.tools.folding import FoldedText, fold_all, fold_spelling, squeeze
from tagger.formats.tools.placing import Mention, Placement, place_mentions
from tagger.formats.tools.similar_words import is_one_slip


def placed(text, *mentions, **options):
    """What the mentions (texts, or texts with labels) are marked at, or why they are not."""
    listed = [
        Mention(*mention) if isinstance(mention, tuple) else Mention(mention, "X") for mention in mentions
    ]
    return [
        placement.reason or [text[start:end] for start, end in placement.ranges]
        for placement in place_mentions(text, listed, **options)
    ]


def ranges(text, *mentions):
    listed = [
        Mention(*mention) if isinstance(mention, tuple) else Mention(mention, "X") for mention in mentions
    ]
    return [placement.ranges for placement in place_mentions(text, listed)]


def how(text, mention):
    (placement,) = place_mentions(text, [Mention(mention, "X")])
    return placement.how or placement.reason


def test_a_mention_is_marked_wherever_it_stands_as_a_word():
    assert ranges("Oslo, Oslofjord and Oslo", "Oslo") == [((0, 4), (20, 24))]


def test_listings_of_the_same_label_share_the_places_and_what_is_listed_more_often_is_surplus():
    assert ranges("Oslo Oslo Oslo", "Oslo", "Oslo") == [((0, 4),), ((5, 9), (10, 14))]
    assert placed("Oslo Oslo", "Oslo", "Oslo", "Oslo") == [["Oslo"], ["Oslo"], "surplus"]


def test_listings_of_different_labels_go_with_the_places_in_order_if_there_are_as_many():
    text = "Washington left Washington"
    mentions = [("Washington", "PER"), ("Washington", "LOC")]
    assert ranges(text, *mentions) == [((0, 10),), ((16, 26),)]
    assert placed(text + ", Washington", *mentions) == ["ambiguous", "ambiguous"]
    assert placed(text, *mentions, is_ordered=False) == ["ambiguous", "ambiguous"]


def test_one_place_has_all_the_labels_that_are_listed_for_it():
    assert placed("in Oslo", ("Oslo", "LOC"), ("Oslo", "GPE"), ("Oslo", "LOC")) == [
        ["Oslo"],
        ["Oslo"],
        "surplus",
    ]


def test_a_mention_is_marked_within_a_longer_one_only_if_it_stands_nowhere_else():
    assert ranges("York and New York", "York", "New York") == [((0, 4),), ((9, 17),)]
    assert ranges("University of Oslo", "Oslo", "University of Oslo") == [((14, 18),), ((0, 18),)]


def test_mentions_may_cross_each_other():
    assert ranges("A and B of C", "A and B", "B of C") == [((0, 7),), ((6, 12),)]


def test_borders_of_words_do_not_matter_in_scripts_without_blanks():
    assert ranges("私は東京に行く", "東京") == [((2, 4),)]


def test_no_character_is_cut():
    assert placed("Jose\u0301 👩\u200d👩\u200d👧", "Jose", "👩") == [["Jose\u0301"], "absent"]
    assert how("Jose\u0301", "Jose") == "letters"
    assert placed("दिल्ली", "दिल्ल") == [["दिल्ली"]]
    assert placed("दिल्ली", "दि") == ["absent"]
    assert placed("o\ufb03ce", "of") == ["absent"]


@pytest.mark.parametrize(
    ("text", "mention", "found", "way"),
    [
        ("in OSLO now", "Oslo", "OSLO", "spelling"),
        ("in New\u00a0\n York.", "New York", "New\u00a0\n York", "spelling"),
        ("“don’t” – he", '"don\'t" - he', "“don’t” – he", "spelling"),
        ("the o\ufb03ce", "office", "o\ufb03ce", "spelling"),
        ("the office", "o\ufb03ce", "office", "spelling"),
        ("bei STRASSE 5", "Straße", "STRASSE", "spelling"),
        ("Zoe\u0308 left", "Zo\u00eb", "Zoe\u0308", "spelling"),
        ("ＡＣＭＥ left", "ACME", "ＡＣＭＥ", "spelling"),
        ("soft\u00adware house", "software", "soft\u00adware", "spelling"),
        ("the US", "us", "US", "spelling"),
        ("the U.S. is", "US", "U.S.", "letters"),
        ("Île de France", "Ile-de-France", "Île de France", "letters"),
        ("Angela Carder", "AngelaCarder", "Angela Carder", "letters"),
        ("met Obama.", "Mr Obama", "Obama", "words"),
        ("Barack Hussein Obama", "Barack Obama", "Barack Hussein Obama", "words"),
        ("from Ankara.", "Anakra", "Ankara", "words"),
        ("3 Air Division", "3 yir Division", "3 Air Division", "words"),
        ("Yahoo! grew", "Yaho!", "Yahoo!", "words"),
        ("like Osloers", "Oslo", "Oslo", "part"),
    ],
)
def test_a_mention_is_found_in_spite_of_what_language_models_change(text, mention, found, way):
    assert placed(text, mention) == [[found]]
    assert how(text, mention) == way


@pytest.mark.parametrize(
    ("text", "mention"),
    [
        ("he gave us hope", "US"),
        ("he told us", "U.S."),
        ("Obama left", "Michelle Obama"),
        ("a party", "art"),
        ("in 1984 and 1985", "1986"),
        ("North Korea", "South Korea"),
        ("no name", "Oslo"),
        ("Oslo", " "),
        ("", "Oslo"),
    ],
)
def test_better_no_place_than_a_wrong_one(text, mention):
    assert placed(text, mention) == ["absent"]


def test_what_is_as_like_to_two_different_texts_is_ambiguous():
    assert placed("Maria and Marie", "Marix") == ["ambiguous"]
    assert placed("Maria and Maria", "Marix") == [["Maria", "Maria"]]


def test_a_mention_with_an_error_takes_the_places_in_its_own_case():
    assert placed("Reading is reading", "Rearding") == [["Reading"]]


def test_a_longer_mention_with_an_error_comes_before_a_shorter_one_within_it():
    text = "Legislative Assembly of Ontario"
    assert placed(text, "Ontario", "Legslative Assembly of Ontario") == [["Ontario"], [text]]


def test_all_continuous_spans_of_the_corpus_are_found():
    """Found from the strings alone; where a string stands several times, its own place is among those marked."""
    for case in CORPUS:
        spans = [(span[0], label) for span, label in case.spans if len(span) == 1]
        placements = place_mentions(
            case.text, [Mention(case.text[slice(*range)], label) for range, label in spans]
        )
        for (range, _), placement in zip(spans, placements, strict=True):
            assert placement.how in ("exact", "part"), (case.text, range)
            assert range in placement.ranges
            assert {case.text[slice(*found)] for found in placement.ranges} == {case.text[slice(*range)]}


@given(st.text(alphabet="aB \u0301é'’-–Ǆﬁ\n.한\u1112\u1161\u11ab", max_size=40), st.data())
def test_every_part_of_a_text_is_found_at_its_place_if_only_spelling_is_folded(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    folded = fold_all(text[start:end], fold_spelling)
    folds = FoldedText(text, fold_spelling)
    for first, after in folds.find(folded) if folded else ():
        assert fold_all(text[first:after], fold_spelling) == folded


def test_folding_by_cluster_is_what_unicode_does_with_the_whole():
    for case in CORPUS:
        whole = " ".join(unicodedata.normalize("NFKC", case.text).casefold().split())
        mine = fold_all(case.text, fold_spelling)
        table = str.maketrans("“”‘’–", "\"\"''-", "\u200d\ufe0f")
        assert mine == whole.translate(table)


def test_squeezing_keeps_vowels_that_are_marks():
    assert fold_all("दिल्ली É, x-1", squeeze) == unicodedata.normalize("NFC", "दिल्लीex1")


@given(st.text(alphabet="abc", max_size=5), st.text(alphabet="abc", max_size=5))
def test_one_slip_is_one_edit_or_one_exchange(word, other):
    changed = set()
    for place in range(len(word) + 1):
        before, after = word[:place], word[place:]
        changed |= {before + letter + after for letter in "abc"}
        changed |= {before + letter + after[1:] for letter in "abc" if after} | {before + after[1:]}
        if len(after) > 1:
            changed.add(before + after[1] + after[0] + after[2:])
    assert is_one_slip(word, other) == (other in changed and other != word)


@pytest.mark.parametrize("kind", ["prose", "one word", "marks", "no blanks", "ligatures"])
@pytest.mark.slow
def test_long_texts_and_many_mentions_take_a_few_seconds_at_most(kind):
    rng = random.Random(5)
    vocabulary = ["".join(rng.choices("abcdefghij", k=rng.randint(2, 9))) for _ in range(3000)]
    text = {
        "prose": " ".join(rng.choices(vocabulary, k=16_000)),
        "one word": "oslo " * 20_000,
        "marks": "a" + "\u0301" * 100_000,
        "no blanks": "oslo" * 25_000,
        "ligatures": "ﬁ" * 100_000,
    }[kind]
    mentions = [
        Mention(" ".join(rng.choices(vocabulary, k=rng.randint(1, 6))) + "x", "X") for _ in range(300)
    ]
    mentions += [Mention("oslo " * number + "ozlo", "X") for number in range(100)]
    mentions += [Mention("i" + "ﬁ" * number + "f", "X") for number in range(100)]
    placements = place_mentions(text, mentions)
    assert len(placements) == 500


WORDS = st.lists(
    st.sampled_from(["Oslo", "oslo", "Osla", "slo", "New", "York", "U.S.", "-", "é", "1"]), max_size=6
)


@given(WORDS, st.lists(st.tuples(WORDS, st.sampled_from("XY")), max_size=4), st.booleans())
def test_whatever_is_listed_places_are_in_the_text_and_disjoint(text, listed, is_ordered):
    text = " ".join(text)
    mentions = [Mention(" ".join(words), label) for words, label in listed]
    placements = place_mentions(text, mentions, is_ordered=is_ordered)
    assert len(placements) == len(mentions)
    for mention, placement in zip(mentions, placements, strict=True):
        assert bool(placement.ranges) == (placement.reason is None) == (placement.how is not None)
        ends = [0, *(place for range in placement.ranges for place in range), len(text)]
        assert ends == sorted(ends)
        for start, end in placement.ranges:
            assert start < end
            if placement.how == "exact":
                assert text[start:end] == mention.text
        if f" {mention.text} " in f" {text} " and mention.text:
            assert placement.how == "exact" or placement.reason in ("ambiguous", "surplus")


def test_what_is_too_frequent_to_be_a_name_is_ambiguous():
    assert place_mentions("oslo " * 2000, [Mention("oslo", "X")]) == [Placement(reason="ambiguous")]
