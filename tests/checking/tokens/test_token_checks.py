"""Every check of tokens and sentences finds what is planted, where it is, and not what only resembles it."""

import pytest
from checked_files import found_in, lines_of, rows

FILLER = "In/O Oslo/B-LOC it/O rains/O"


def planted(token):
    """Return a file with a token in its second line."""
    return rows(f"In/O {token}/O Oslo/B-LOC\n{FILLER}")


@pytest.mark.parametrize(
    ("check", "token", "message"),
    [
        ("control-character", "be\x07ll", r"'be\x07ll' has the control character U+0007"),
        ("control-character", "\x9bfoo", r"'\x9bfoo' has the control character U+009B"),
        (
            "invisible-character",
            "wat\u200bched",
            r"'wat\u200bched' has the invisible character U+200B ZERO WIDTH SPACE",
        ),
        (
            "invisible-character",
            "basic\u00adally",
            r"'basic\xadally' has the invisible character U+00AD SOFT HYPHEN",
        ),
        (
            "invisible-character",
            "\u202eabc",
            r"'\u202eabc' has the invisible character U+202E RIGHT-TO-LEFT OVERRIDE",
        ),
        (
            "replacement-character",
            "caf\ufffd",
            "'caf\ufffd' has U+FFFD, which stands for what could not be decoded",
        ),
        ("private-use-character", "a\ue000", r"'a\ue000' has the private-use character U+E000"),
        ("mojibake", "cafÃ©", "'cafÃ©' looks like UTF-8 that was read in another encoding: is 'café' meant?"),
        ("mojibake", "donâ€™t…", "'donâ€™t…' contains what looks like UTF-8 read as cp1252"),
        ("html-entity", "&amp;", "'&amp;' is escaped as in HTML: is '&' meant?"),
        ("html-entity", "AT&#38;T", "'AT&#38;T' is escaped as in HTML: is 'AT&T' meant?"),
        ("html-tag", "<br>", "'<br>' is HTML markup"),
        ("not-nfc", "cafe\u0301", r"'cafe\u0301' is 'caf\xe9' in NFC"),
        ("spaced-token", "\u00a0Oslo", r"'\xa0Oslo' has white space at its start"),
        ("space-in-token", "10\u00a0000", r"'10\xa0000' has white space in it: U+00A0 NO-BREAK SPACE"),
        ("empty-token", "\u200b", r"'\u200b' shows nothing: U+200B ZERO WIDTH SPACE"),
        ("empty-token", "\u00a0", r"'\xa0' shows nothing: U+00A0 NO-BREAK SPACE"),
        (
            "mixed-scripts",
            "P\u0430ris",
            "'P\u0430ris' has U+0430 CYRILLIC SMALL LETTER A among Latin letters, which looks the same as one of these",
        ),
        (
            "mixed-scripts",
            "\u043cocква".replace("o", "o"),
            "'\u043cocква' has U+006F LATIN SMALL LETTER O, U+0063 LATIN SMALL LETTER C among Cyrillic letters, which "
            "looks the same as one of these",
        ),
        ("monstrous-word", "ab1" * 40 + "xyz", "a word of 123 characters"),
        ("monstrous-word", "=" * 1001, "a word of 1,001 characters"),
    ],
)
def test_a_token_is_found_at_its_line(tmp_path, check, token, message):
    (finding,) = found_in(tmp_path, check, train_conll=planted(token))
    assert finding.message.startswith(message)
    assert lines_of([finding]) == [[2]]
    assert finding.details == {"token": token}


@pytest.mark.parametrize(
    ("check", "token"),
    [
        ("control-character", "\u200b"),  # invisible, but no control character
        ("invisible-character", "\U0001f469\u200d\U0001f680"),  # a joiner within an emoji
        (
            "invisible-character",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        ),  # and within a Persian word
        ("invisible-character", "\u2764\ufe0f"),
        ("invisible-character", "\u200b"),  # shows nothing: a check of its own
        ("private-use-character", "\U0001fae0"),
        ("mojibake", "SÃO"),
        ("mojibake", "naïve"),
        ("mojibake", "Ångström"),
        ("html-entity", "AT&T;"),
        ("html-entity", "&"),
        ("html-tag", "<3"),
        ("html-tag", "<user>"),
        ("not-nfc", "café"),
        ("not-nfc", "ﬁ"),
        ("spaced-token", "Oslo"),
        ("space-in-token", "10,000"),
        ("empty-token", "."),
        ("mixed-scripts", "Москва"),
        ("mixed-scripts", "αβ-globulin"),
        ("mixed-scripts", "μm"),
        ("mixed-scripts", "Яandex"),
        ("monstrous-word", "https://example.org/" + "ab1" * 40),
        ("monstrous-word", "=" * 300),
        (
            "monstrous-word",
            "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
        ),
    ],
)
def test_a_token_that_only_resembles_one_is_not_found(tmp_path, check, token):
    assert found_in(tmp_path, check, train_conll=planted(token)) == []


def test_one_finding_stands_for_all_occurrences_of_a_token(tmp_path):
    text = rows("\n".join(["a/O &amp;/O"] * 25))
    (finding,) = found_in(tmp_path, "html-entity", train_conll=text)
    assert finding.count == 25
    assert lines_of([finding]) == [[2 + 3 * number for number in range(20)]]


def test_entities_that_are_cut_into_tokens_are_found(tmp_path):
    text = rows("a/O &/O gt/O ;/O\nthe/O amp/O is/O loud/O ;/O\n&lt/O ;/O")
    first, second = sorted(found_in(tmp_path, "html-entity", train_conll=text), key=lambda one: one.message)
    assert lines_of([first, second]) == [[3], [12]]
    assert second.message == "'&lt;', split into tokens, is escaped as in HTML: is '<' meant?"


def test_a_word_in_two_normal_forms_is_said_to_be_two_words(tmp_path):
    text = rows("cafe\u0301/O\ncafé/O\ncafé/O")
    (finding,) = found_in(tmp_path, "not-nfc", train_conll=text)
    assert finding.message == r"'cafe\u0301' is 'caf\xe9' in NFC, which also occurs, 2 times: two words"


def test_sentences_of_more_than_a_thousand_tokens_are_found(tmp_path):
    text = rows("\n".join([" ".join(["a/O"] * 1001), " ".join(["b/O"] * 1000), FILLER]))
    (finding,) = found_in(tmp_path, "monstrous-sentence", train_conll=text)
    assert lines_of([finding]) == [[1]]


def test_a_sentence_is_long_beside_others(tmp_path):
    long = " ".join(["a/O"] * 201)
    (finding,) = found_in(tmp_path, "long-sentence", train_conll=rows("\n".join([FILLER] * 200 + [long])))
    assert lines_of([finding]) == [[1001]]
    usual = " ".join(["a/O"] * 60)
    assert found_in(tmp_path, "long-sentence", train_conll=rows("\n".join([usual] * 200 + [long]))) == []


def test_sentences_without_tokens_are_found(tmp_path):
    text = '{"tokens": ["a"], "labels": ["O"]}\n{"tokens": [], "labels": []}\n'
    (finding,) = found_in(tmp_path, "empty-sentence", train_jsonl=text)
    assert lines_of([finding]) == [[2]]


def test_sentences_that_end_inside_are_found_where_hardly_any_other_does(tmp_path):
    joined = "the/O plumber/O is/O here/O ./O Where/O is/O the/O key/O"
    initial = "it/O was/O Mr/O ./O Smith/O who/O came/O here/O"
    text = "\n".join([f"{FILLER} {number}/O ./O" for number in range(300)] + [joined, initial])
    (finding,) = found_in(tmp_path, "joined-sentences", train_conll=rows(text))
    assert finding.places[0].endswith(f":{300 * 7 + 5}")
    many = "\n".join([f"{FILLER} {number}/O ./O" for number in range(300)] + [joined] * 10)
    assert found_in(tmp_path, "joined-sentences", train_conll=rows(many)) == []
