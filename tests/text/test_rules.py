import subprocess
import sys
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.errors import UsageError
from tagger.text import RuleSegmenter, sentences, tokenize, windows
from tagger.text.rules import Lines

SURFACE = RuleSegmenter()
PENN = RuleSegmenter(hyphens="keep", clitics="split")
ALL = [
    RuleSegmenter(hyphens=hyphens, clitics=clitics, lines=lines)
    for hyphens in ("split", "keep")
    for clitics in ("keep", "split")
    for lines in ("join", "split")
]


def words(text: str, segmenter: RuleSegmenter = SURFACE) -> list[str]:
    return [token.text for token in tokenize(text, segmenter)]


def cut(text: str, segmenter: RuleSegmenter = SURFACE) -> list[str]:
    """The sentences as the text from the first token's start to the last token's end."""
    return [text[found[0].start : found[-1].end] for found in sentences(text, segmenter)]


def test_gives_ranges_of_characters_per_sentence() -> None:
    assert list(SURFACE("  Hi, Anna.\nYou?")) == [[(2, 4), (4, 5), (6, 10), (10, 11)], [(12, 15), (15, 16)]]


# What every token of a text is, where tokens are written with | between them; a space is a space.
@pytest.mark.parametrize(
    "marked",
    [
        # words and marks
        "Stop|, |thief|!",
        "(|a|) [|b|] {|c|} \"|d|\" '|e|' “|f|” «|g|»",
        "fine|... |what|?! |no|!!! |yes|-- |so|….",
        "well|-|known 15|-|year|-|old",
        "e-mail non-human Anti-American mid-1980s",
        "over|-|the|-|counter",
        "and|/|or b/c w/o w/ 5|%",
        "don't Anna's O'Neill I'd've rock'n'roll",
        "'em '90s 's 'Tis",
        "AT&T R&D AT&T's p&l",
        "==== |*|bold|* ----==",
        "snake_case __|init__",
        # numbers
        "3.14 v1.2.3 1,000,000 12:30 1990s 20th 5|pm 10|km 1st $|5 US$|5 #|1 +44",
        "9/11 12/31/2024 1|/|2 24|/|7",
        "853-3242 212-848-8400 1-800-991-9019 5|-|10 1998|-|2001",
        # addresses and names of files
        "http://www.example.org/a_b?c=d&e=(f). (|https://example.org/|)".replace("(f).", "f|."),
        "www.example.org|, example.com report.final.pdf .doc alt.animals.cat",
        "mail anna.smith+x@mail.example.org|. <|a...@b.com|>",
        "@anna #topic mailto:a@b.org",
        # abbreviations
        "Mr. Brown |, Inc. |, J. R. Ewing |, U.S. |, e.g. this |, 3 p.m. |, Ph.D. |, No. 5 |, Fig. 2 |, no|. |fig|. |x",
        # emoticons and emoji
        ":) :-( ;-P =D <3 :'( ^_^ xD",
        "😀|😀 👍🏽 👨‍👩‍👧|👨‍👩‍👧 🇩🇪|🇫🇷 ❤️ 1️⃣ #️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        # other scripts
        "我|们|走|。 か|漢|カタカナ |ラーメン",
        "สวัสดีครับ ភាសាខ្មែរ नमस्ते दुनिया।".replace("या।", "या|।"),
        "שלום עולם|! مرحبا بالعالم|؟ می‌خواهم",
        "cafe\u0301 \u00e9t\u00e9 co\u00adop",
        # what is no text
        "a|\x00|b \x01|\x01 \ud800|x \u200b|y \ufeff|z",
    ],
)
def test_tokens(marked: str) -> None:
    expected = [word for word in marked.replace("|", " ").split() if word]
    assert words(marked.replace("|", "")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("don't Anna's", ["do", "n't", "Anna", "'s"]),
        ("I'd've couldn’t WE'LL", ["I", "'d", "'ve", "could", "n’t", "WE", "'LL"]),
        ("cannot Gonna dont cant's", ["can", "not", "Gon", "na", "do", "nt", "cant", "'s"]),
        ("AT&T's e-mail's O'Neill", ["AT&T", "'s", "e-mail", "'s", "O'Neill"]),
        ("n't 's", ["n't", "'s"]),
    ],
)
def test_clitics_can_be_split(text: str, expected: list[str]) -> None:
    assert words(text, RuleSegmenter(clitics="split")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("well-known F-16 15-year-old 1.5-mile", ["well-known", "F-16", "15-year-old", "1.5-mile"]),
        ("U.S.-based son-in-law's", ["U.S.-based", "son-in-law's"]),
        ("over-the-counter x- -y a--b", ["over-the-counter", "x", "-", "-", "y", "a", "--", "b"]),
    ],
)
def test_hyphens_can_be_kept(text: str, expected: list[str]) -> None:
    assert words(text, RuleSegmenter(hyphens="keep")) == expected


def test_keeping_hyphens_and_splitting_clitics_go_together() -> None:
    assert words("The 15-year-old's son-in-law's dog isn't well-known", PENN) == (
        ["The", "15-year-old", "'s", "son-in-law", "'s", "dog", "is", "n't", "well-known"]
    )


# Sentences, written with ¦ between them.
@pytest.mark.parametrize(
    "marked",
    [
        "One.¦ Two!¦ Three?¦ Four",
        "He left (early.)¦ “Why?”¦ She asked: 'Who?'¦ \"Me.\"¦ (Then he left.)",
        '"Stop!" he said.',
        "Wait... for it.¦ Wait...¦ There it is.¦\n\n... And on.",
        "i went home.¦ it was late!! so what??¦ nothing".replace("!! ", "!!¦ "),
        "Mr. Brown met Dr. Green on St. James Street.",
        "J. R. Ewing and J.R.Smith of the U.S. Navy.¦ He lives in the U.S.¦ The end.",
        "It is 3 p.m.¦ We leave at 4 p.m. sharp, e.g. now.",
        "Acme Inc. said so.¦ So did Acme Corp.¦ He did not.",
        "Apples, pears, etc.¦ Then more, etc. and so on.",
        "See No. 5.¦ It is 3.5 m.¦ Of 10.",
        "1. Rinse.¦ 2. Dry.",
        "No space.¦Then this.¦It is.¦ Oh?¦yes e.g.this and a.m.then example.com",
        "Thanks :)¦ See you.¦ I like it :) really",
        "Done.¦ -- Posted by me.¦ *** Next.¦ - item",
        "It cost $5.¦ $6 is more.¦ #topic.",
        "Years later . . . and then . . .¦ The end.",
        "我们走。¦他说：“好。”¦真的！¦是",
        "यह है।¦ वह है।",
        "First line\nsame sentence.¦\n\nNext",
        "No mark¦\n\n  more¦ \r\n\t\r\n more¦\u2029more",
        "One\r\ntwo\u2028three\ffour",
    ],
)
def test_sentences(marked: str) -> None:
    assert cut(marked.replace("¦", "")) == [sentence.strip() for sentence in marked.split("¦")]


def test_lines_can_end_sentences() -> None:
    text = "Title\nA line. And more\r\nthe rest\rlast\u2028one"
    assert cut(text) == ["Title\nA line.", "And more\r\nthe rest\rlast\u2028one"]
    split = RuleSegmenter(lines="split")
    assert cut(text, split) == ["Title", "A line.", "And more", "the rest", "last", "one"]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\r\n \x1c\x85\u3000"])
def test_text_without_characters_has_no_sentences(text: str) -> None:
    assert list(SURFACE(text)) == []


@given(
    st.text(max_size=60)
    | st.text("aZé1.!?'’\"()-@:/& \n\r\x00\x1f\ud800漢か👍\u200d\ufe0f🇩\u0301_,;=<*#", max_size=60)
)
@settings(max_examples=1000, deadline=None)
@pytest.mark.slow
def test_every_character_but_whitespace_is_in_exactly_one_token(text: str) -> None:
    for segmenter in ALL:
        position = 0
        for sentence in segmenter(text):
            assert sentence
            for start, end in sentence:
                assert position <= start < end
                assert text[position:start].strip() == ""
                assert not any(character.isspace() for character in text[start:end])
                position = end
        assert text[position:].strip() == ""


STORY = [
    "He left. ", "She never came back, did she? ", "Mr. Brown of the U.S. Navy waited until 3.50 p.m. ", "Then\n",
    "“Why?” asked Anna's friend.\n\n", "Wait... ", "See http://example.org/a?b=c. ", "1. First, e-mail a@b.org! ",
    "no mark\n\n", "Done.Next ", "我们走。", "👨‍👩‍👧 :) ",
]  # fmt: skip


@given(st.lists(st.sampled_from(STORY), max_size=60), st.integers(1000, 1100), st.sampled_from(ALL))
@settings(max_examples=60, deadline=None)
def test_windows_give_what_the_whole_gives(parts: list[str], size: int, segmenter: RuleSegmenter) -> None:
    text = "\n\n".join("".join(parts[i : i + 6]) for i in range(0, len(parts), 6))
    whole = list(segmenter(text))
    assert [list(sentence.spans) for sentence in windows(text, segmenter, size) if sentence.spans] == whole


@pytest.mark.parametrize("unit", ["a.", "-", "@", "http://", "'"])
def test_a_million_hostile_characters_are_cut(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    end = 0
    for sentence in SURFACE(text):
        assert sentence[0][0] == end
        end = sentence[-1][1]
    assert end == len(text)


@pytest.mark.parametrize(
    "unit",
    [
        "a", "a-", "a'", "a@", "1-", "1/", "1:", "A&", "www.a", "x.com.", "a_", ". ", ". . ", "?'", "(", "#a", ":",
        ";o",
        "\u0301", "a\u0301", "😀\u200d", "🇩", "漢", "ー", "\n ", "\r", "\u2028", "a\x00", "\ud800", "etc. ", "U.S.",
        "n't", "I'm", "'s", "x's", "a+b", "12345-", "a@b.", "。」", "P.", "e-", "a.b-", "xD", "½",
    ],
)  # fmt: skip
def test_hostile_units_end_in_linear_time(unit: str) -> None:
    # A quadratic rule would take minutes here, not a fraction of a second.
    text = unit * (60_000 // len(unit)) + "!"
    for segmenter in (SURFACE, PENN):
        assert sum(len(sentence) for sentence in segmenter(text)) >= 1


def test_options_make_the_same_segmenter_again() -> None:
    for segmenter in ALL:
        assert repr(RuleSegmenter.from_options(segmenter.options())) == repr(segmenter)
    assert PENN.options() == {"hyphens": "keep", "clitics": "split", "lines": "join"}
    assert RuleSegmenter.from_options({}).options() == SURFACE.options()


def test_unknown_options_and_values_are_errors() -> None:
    with pytest.raises(UsageError) as caught:
        RuleSegmenter.from_options({"hyphen": "keep"})
    assert str(caught.value) == "segmenter 'rules': unknown option hyphen; known: hyphens, clitics, lines"
    with pytest.raises(UsageError) as caught:
        RuleSegmenter(hyphens="drop")  # type: ignore[arg-type]
    assert str(caught.value) == "segmenter 'rules': expected hyphens to be 'split' or 'keep', found 'drop'"


@pytest.mark.parametrize(
    ("tokens", "hyphens", "clitics"),
    [
        ([["He", "do", "n't", "like", "well", "-", "known", "e-mail"]], "split", "split"),
        ([["He", "do", "n't", "like", "well-known", "things"]], "keep", "split"),
        ([["He", "doesn't", "like"], ["well-known", "things"]], "keep", "keep"),
        ([["-", "a", "5", "-", "6", "e-mail", "a", "-"]], "split", "keep"),
        ([], "split", "keep"),
    ],
)
def test_fit_chooses_switches_from_tokens(tokens: list[list[str]], hyphens: str, clitics: str) -> None:
    options = RuleSegmenter.fit(tokens, lines="split").options()
    assert options == {"hyphens": hyphens, "clitics": clitics, "lines": "split"}


def test_fit_recovers_the_switches_that_made_the_tokens() -> None:
    text = "The well-known 15-year-old doesn't like Anna's far-fetched ideas. They're half-baked, isn't it?"
    for segmenter in ALL:
        tokens = [[token.text for token in sentence] for sentence in sentences(text, segmenter)]
        lines = cast(Lines, segmenter.options()["lines"])
        fitted = RuleSegmenter.fit(tokens, lines=lines)
        assert fitted.options() == segmenter.options()


def test_needs_neither_torch_nor_numpy() -> None:
    code = "import sys, tagger.text; print({'torch', 'numpy'} & sys.modules.keys())"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "set()\n"
    )
