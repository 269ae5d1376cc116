import random
import re

from tagger.formats.alignment import align, join_crossed
from tagger.formats.annotated import CharacterSpan

TEXT = "Anna Smith left. U.S.-based Acme stayed."
#       0123456789012345678901234567890123456789
SENTENCES = [[(0, 4), (5, 10), (11, 15), (15, 16)], [(17, 27), (28, 32), (33, 39), (39, 40)]]


def aligned(*spans):
    return align(TEXT, SENTENCES, [CharacterSpan(*span) for span in spans], origin="x.jsonl:3")


def test_spans_of_whole_tokens_become_iob2():
    labels, misfits = aligned((28, 32, "ORG"), (0, 10, "PER"))
    assert labels == [["B-PER", "I-PER", "O", "O"], ["O", "B-ORG", "O", "O"]]
    assert misfits == []


def test_whitespace_at_the_ends_of_a_span_does_not_matter():
    labels, misfits = aligned((4, 11, "PER"), (27, 33, "ORG"))
    assert labels == [["O", "B-PER", "O", "O"], ["O", "B-ORG", "O", "O"]]
    assert misfits == []


def test_neighbouring_spans_stay_apart():
    labels, _ = aligned((0, 4, "PER"), (5, 10, "PER"))
    assert labels[0] == ["B-PER", "B-PER", "O", "O"]


def test_what_does_not_fit_is_reported_with_its_reason():
    labels, misfits = aligned((17, 21, "LOC"), (1, 10, "PER"), (4, 5, "X"), (11, 20, "X"), (15, 27, "Y"))
    assert labels == [["O"] * 4, ["O"] * 4]
    assert [(misfit.text, misfit.reason) for misfit in misfits] == [
        ("nna Smith", "cuts through the token 'Anna'"),
        (" ", "covers no token"),
        ("left. U.S", "cuts through the token 'U.S.-based'"),
        (". U.S.-based", "crosses the end of a sentence"),
        ("U.S.", "cuts through the token 'U.S.-based'"),
    ]
    assert misfits[0].span == CharacterSpan(1, 10, "PER")
    assert {misfit.origin for misfit in misfits} == {"x.jsonl:3"}


def test_of_overlapping_spans_the_first_and_longest_fits():
    labels, misfits = aligned((5, 15, "B"), (0, 4, "C"), (0, 10, "A"))
    assert labels[0] == ["B-A", "I-A", "O", "O"]
    assert [(misfit.span.label, misfit.reason) for misfit in misfits] == [
        ("C", "overlaps the span before it"),
        ("B", "overlaps the span before it"),
    ]


def test_a_text_without_tokens():
    assert align("  ", [], [CharacterSpan(0, 2, "X")], origin="x")[1][0].reason == "covers no token"
    assert align("", [], [], origin="x") == ([], [])


def test_random_spans_agree_with_a_search_over_characters():
    generator = random.Random(1)
    for _ in range(300):
        text = "".join(generator.choice("ab  ") for _ in range(generator.randrange(1, 25)))
        tokens = [match.span() for match in re.finditer(r"\S+", text)]
        cut = generator.randrange(len(tokens) + 1)
        sentences = [tokens[:cut], tokens[cut:]]
        start = generator.randrange(len(text))
        end = generator.randrange(start + 1, len(text) + 1)
        labels, misfits = align(text, sentences, [CharacterSpan(start, end, "X")], origin="x")
        # The oracle: which tokens have all of their characters in the span, and which only some.
        shares = [
            sum(start <= place < end for place in range(*token)) / (token[1] - token[0]) for token in tokens
        ]
        inside = [number for number, share in enumerate(shares) if share == 1]
        fits = (
            bool(inside)
            and all(share in (0, 1) for share in shares)
            and (inside[-1] < cut or inside[0] >= cut)
        )
        assert bool(misfits) != fits
        flat = [label for sentence in labels for label in sentence]
        expected = ["O"] * len(tokens)
        for number in inside if fits else []:
            expected[number] = "B-X" if number == inside[0] else "I-X"
        assert flat == expected


def test_every_misfit_has_a_kind_for_counting():
    _, misfits = aligned(
        (17, 21, "LOC"), (1, 10, "PER"), (4, 5, "X"), (0, 4, "Z"), (11, 20, "X"), (15, 27, "Y"), (0, 3, "Q")
    )
    fragments = CharacterSpan(0, 10, "D", ((0, 4), (5, 10)))
    misfits += align(TEXT, SENTENCES, [fragments], origin="x")[1]
    assert {misfit.kind for misfit in misfits} >= {
        "spans that cut through a token",
        "spans that cover no token",
        "spans of several fragments",
    }


def test_sentences_are_joined_where_a_span_crosses_their_border():
    sentences = [((0, 2),), ((3, 5), (5, 6)), (), ((7, 9),), ((10, 12),)]
    spans = [CharacterSpan(0, 5, "X"), CharacterSpan(9, 12, "Y")]
    assert join_crossed(sentences, spans) == [((0, 2), (3, 5), (5, 6)), ((7, 9),), ((10, 12),)]
    assert join_crossed(sentences, [CharacterSpan(5, 12, "X")]) == [
        ((0, 2),),
        ((3, 5), (5, 6), (7, 9), (10, 12)),
    ]
    assert join_crossed(sentences, []) == [s for s in sentences if s]
