"""Label schemes against literal examples, full enumeration, seqeval, and each other."""

from __future__ import annotations

from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities

from tagger.errors import DataError, LabelError, UsageError
from tagger.schemes import (
    LabelScheme,
    allowed_transitions,
    convert_labels,
    detect_scheme,
    iob2_label,
    labels_to_spans,
    scheme_labels,
    span_label_mask,
    spans_to_labels,
    split_label,
    violations,
)
from tagger.spans import Span

pytestmark = pytest.mark.usefixtures("on_the_command_line")

SPAN_SCHEMES = [scheme for scheme in LabelScheme if scheme.has_spans]
LOSSLESS = [scheme for scheme in SPAN_SCHEMES if scheme is not LabelScheme.IO]
TYPES = ("LOC", "PER")

# Two touching persons (one of two tokens, one of one), outside, a touching location, outside.
SPANS = [Span(0, 2, "PER"), Span(2, 3, "PER"), Span(4, 7, "LOC"), Span(7, 8, "PER")]
SPELLED = {
    LabelScheme.IOB1: "I-PER I-PER B-PER O I-LOC I-LOC I-LOC I-PER O",
    LabelScheme.IOB2: "B-PER I-PER B-PER O B-LOC I-LOC I-LOC B-PER O",
    LabelScheme.IOE1: "I-PER E-PER I-PER O I-LOC I-LOC I-LOC I-PER O",
    LabelScheme.IOE2: "I-PER E-PER E-PER O I-LOC I-LOC E-LOC E-PER O",
    LabelScheme.BIOES: "B-PER E-PER S-PER O B-LOC I-LOC E-LOC S-PER O",
    LabelScheme.BILOU: "B-PER L-PER U-PER O B-LOC I-LOC L-LOC U-PER O",
    LabelScheme.BMES: "B-PER E-PER S-PER O B-LOC M-LOC E-LOC S-PER O",
    LabelScheme.BMEWO: "B-PER E-PER W-PER O B-LOC M-LOC E-LOC W-PER O",
}
SPELLED_IO = "I-PER I-PER I-PER O I-LOC I-LOC I-LOC I-PER O"


@st.composite
def sentences(draw):
    """A length and spans over it that do not overlap; half of them touch."""
    spans, end = [], 0
    for _ in range(draw(st.integers(0, 5))):
        start = end + draw(st.integers(0, 1))
        end = start + draw(st.integers(1, 3))
        spans.append(Span(start, end, draw(st.sampled_from(["PER", "LOC", "creative-work"]))))
    return end + draw(st.integers(0, 2)), spans


def merged(spans):
    """Join spans of one type that touch: what IO makes of them."""
    result: list[Span] = []
    for span in spans:
        if result and result[-1].end == span.start and result[-1].label == span.label:
            span = Span(result.pop().start, span.end, span.label)
        result.append(span)
    return result


def labelings(scheme, max_length, types=TYPES):
    labels = scheme_labels(types, scheme)
    for length in range(max_length + 1):
        yield from product(labels, repeat=length)


# Names and labels


@pytest.mark.parametrize(
    ("name", "scheme"),
    [
        ("iob2", LabelScheme.IOB2),
        ("BIO", LabelScheme.IOB2),
        ("iob", LabelScheme.IOB1),
        ("IOBES", LabelScheme.BIOES),
        ("biluo", LabelScheme.BILOU),
        ("BMEOW", LabelScheme.BMEWO),
        ("bmeso", LabelScheme.BMES),
        (" None ", LabelScheme.NONE),
        ("pos", LabelScheme.NONE),
        *((scheme.name, scheme) for scheme in LabelScheme),
    ],
)
def test_parse_knows_names_and_aliases_in_any_case(name, scheme):
    assert LabelScheme.parse(name) is scheme


def test_parse_lists_the_names_for_an_unknown_one():
    with pytest.raises(UsageError) as caught:
        LabelScheme.parse("biose")
    assert str(caught.value) == (
        "unknown label scheme 'biose'; known names: iob1, iob2, ioe1, ioe2, bioes, bilou, bmes, bmewo, io, "
        "none, iob, bio1, bio, bio2, iobes, bioul, biluo, bmeso, bmeow, pos"
    )


def test_only_none_has_no_spans():
    assert [scheme for scheme in LabelScheme if not scheme.has_spans] == [LabelScheme.NONE]


@pytest.mark.parametrize(
    ("label", "scheme", "parts"),
    [
        ("O", LabelScheme.IOB2, ("O", "")),
        ("B-PER", LabelScheme.IOB2, ("B", "PER")),
        ("B-creative-work", LabelScheme.IOB2, ("B", "creative-work")),
        ("I--", LabelScheme.IOB2, ("I", "-")),
        ("L-PER", LabelScheme.BILOU, ("L", "PER")),
        ("I-PER", LabelScheme.IO, ("I", "PER")),
        ("PER", LabelScheme.IO, ("I", "PER")),
        ("person-actor", LabelScheme.IO, ("I", "person-actor")),
        ("I-e-commerce", LabelScheme.IO, ("I", "e-commerce")),
        ("O", LabelScheme.IO, ("O", "")),
        ("NOUN", LabelScheme.NONE, ("", "NOUN")),
        ("O", LabelScheme.NONE, ("", "O")),
        ("-LRB-", LabelScheme.NONE, ("", "-LRB-")),
    ],
)
def test_split_label_takes_letter_and_type(label, scheme, parts):
    assert split_label(label, scheme) == parts


@pytest.mark.parametrize(
    "label", ["B", "X-PER", "", "B-", "-PER", "PER", "b-PER", "E-PER", "O-PER", " O", "BI-PER"]
)
def test_split_label_says_what_it_expects(label):
    with pytest.raises(LabelError) as caught:
        split_label(label, LabelScheme.IOB2)
    assert str(caught.value) == f"expected O, B-TYPE or I-TYPE as a label in IOB2, found {label!r}"


@pytest.mark.parametrize("label", ["B-PER", "b-per", "I-", "B", "X", "", "e-commerce"])
def test_io_refuses_bare_types_that_look_like_labels_of_other_schemes(label):
    with pytest.raises(LabelError) as caught:
        split_label(label, LabelScheme.IO)
    assert str(caught.value) == f"expected O, I-TYPE or a bare TYPE as a label in IO, found {label!r}"


def test_none_refuses_the_empty_label_alone():
    with pytest.raises(LabelError, match=r"^expected a label, found an empty string$"):
        split_label("", LabelScheme.NONE)


@pytest.mark.parametrize(
    ("scheme", "labels"),
    [
        (LabelScheme.IOB1, "O B-LOC I-LOC B-PER I-PER"),
        (LabelScheme.IOB2, "O B-LOC I-LOC B-PER I-PER"),
        (LabelScheme.IOE1, "O E-LOC I-LOC E-PER I-PER"),
        (LabelScheme.IOE2, "O E-LOC I-LOC E-PER I-PER"),
        (LabelScheme.BIOES, "O B-LOC I-LOC E-LOC S-LOC B-PER I-PER E-PER S-PER"),
        (LabelScheme.BILOU, "O B-LOC I-LOC L-LOC U-LOC B-PER I-PER L-PER U-PER"),
        (LabelScheme.BMES, "O B-LOC M-LOC E-LOC S-LOC B-PER M-PER E-PER S-PER"),
        (LabelScheme.BMEWO, "O B-LOC M-LOC E-LOC W-LOC B-PER M-PER E-PER W-PER"),
        (LabelScheme.IO, "O I-LOC I-PER"),
        (LabelScheme.NONE, "LOC PER"),
    ],
)
def test_scheme_labels_closes_over_types(scheme, labels):
    assert scheme_labels(iter(["PER", "LOC", "PER"]), scheme) == tuple(labels.split())


def test_scheme_labels_without_types():
    assert scheme_labels([], LabelScheme.BIOES) == ("O",)
    assert scheme_labels([], LabelScheme.NONE) == ()
    with pytest.raises(LabelError, match=r"^expected types of at least one character, found an empty one$"):
        scheme_labels(["PER", ""], LabelScheme.IOB2)


# Labels and spans


@pytest.mark.parametrize("scheme", LOSSLESS)
def test_literal_example_is_read_and_written(scheme):
    labels = SPELLED[scheme].split()
    assert labels_to_spans(labels, scheme) == SPANS
    assert spans_to_labels(reversed(SPANS), 9, scheme) == labels


def test_io_merges_spans_of_one_type_that_touch():
    assert spans_to_labels(SPANS, 9, LabelScheme.IO) == SPELLED_IO.split()
    assert labels_to_spans(SPELLED_IO.split(), LabelScheme.IO) == merged(SPANS)
    assert labels_to_spans(["person-actor", "person-actor", "person", "O"], LabelScheme.IO) == [
        Span(0, 2, "person-actor"),
        Span(2, 3, "person"),
    ]


@settings(deadline=None)
@given(sentences())
def test_spans_survive_being_written_and_read(sentence):
    length, spans = sentence
    for scheme in LOSSLESS:
        labels = spans_to_labels(spans, length, scheme)
        assert len(labels) == length
        assert labels_to_spans(labels, scheme) == spans
        assert violations(labels, scheme) == []
    assert labels_to_spans(spans_to_labels(spans, length, LabelScheme.IO), LabelScheme.IO) == merged(spans)


@pytest.mark.parametrize("scheme", SPAN_SCHEMES)
@pytest.mark.slow
def test_legal_labels_are_the_ones_written_for_their_spans(scheme):
    # So every legal sequence has one meaning and every meaning one legal sequence.
    for labels in labelings(scheme, 4):
        written = spans_to_labels(labels_to_spans(labels, scheme), len(labels), scheme)
        assert (written == list(labels)) == (violations(labels, scheme) == []), labels


@pytest.mark.parametrize("scheme", [LabelScheme.IOB1, LabelScheme.IOB2, LabelScheme.IOE2, LabelScheme.BIOES])
@settings(max_examples=300, deadline=None)
@given(data=st.data())
@pytest.mark.slow
def test_any_sequence_is_read_as_seqeval_reads_it(scheme, data):
    labels = data.draw(
        st.lists(st.sampled_from(scheme_labels(["PER", "creative-work"], scheme)), max_size=12)
    )
    expected = [Span(start, last + 1, label) for label, start, last in get_entities(labels)]
    assert labels_to_spans(labels, scheme) == expected


@pytest.mark.parametrize(
    ("scheme", "labels", "spans"),
    [
        (LabelScheme.IOB2, "O I-PER I-PER O", [Span(1, 3, "PER")]),
        (LabelScheme.IOB2, "B-PER I-LOC", [Span(0, 1, "PER"), Span(1, 2, "LOC")]),
        (LabelScheme.IOB1, "B-PER I-PER", [Span(0, 2, "PER")]),
        (LabelScheme.IOE2, "I-PER O", [Span(0, 1, "PER")]),
        (LabelScheme.BIOES, "B-PER I-PER O", [Span(0, 2, "PER")]),
        (LabelScheme.BIOES, "B-PER S-PER E-PER", [Span(0, 1, "PER"), Span(1, 2, "PER"), Span(2, 3, "PER")]),
        (
            LabelScheme.BILOU,
            "I-PER L-PER U-LOC I-LOC",
            [Span(0, 2, "PER"), Span(2, 3, "LOC"), Span(3, 4, "LOC")],
        ),
    ],
)
def test_sequences_that_break_the_rules_are_read_leniently(scheme, labels, spans):
    assert labels_to_spans(labels.split(), scheme) == spans


def test_labels_without_structure_hold_no_spans():
    assert labels_to_spans(["NOUN", "O"], LabelScheme.NONE) == []
    assert labels_to_spans([], LabelScheme.IOB2) == []


def test_labels_to_spans_names_the_token_of_a_malformed_label():
    with pytest.raises(LabelError) as caught:
        labels_to_spans(["O", "S-PER"], LabelScheme.IOB2)
    assert str(caught.value) == "token 2: expected O, B-TYPE or I-TYPE as a label in IOB2, found 'S-PER'"


@pytest.mark.parametrize(
    "span", [Span(1, 1, "PER"), Span(2, 1, "PER"), Span(-1, 1, "PER"), Span(2, 4, "PER"), Span(0, 1, "")]
)
def test_spans_to_labels_refuses_spans_that_are_none(span):
    with pytest.raises(DataError) as caught:
        spans_to_labels([span], 3, LabelScheme.IOB2)
    assert str(caught.value) == f"expected a span with a type, not empty, within 0 to 3 tokens, found {span}"


def test_spans_to_labels_refuses_overlap():
    with pytest.raises(DataError) as caught:
        spans_to_labels([Span(2, 4, "LOC"), Span(0, 3, "PER")], 4, LabelScheme.IOB2)
    assert str(caught.value) == (
        "expected spans that do not overlap, "
        "found Span(start=0, end=3, label='PER', probability=None) and "
        "Span(start=2, end=4, label='LOC', probability=None)"
    )


def test_spans_to_labels_needs_a_scheme_with_spans():
    with pytest.raises(
        UsageError, match=r"^labels of the scheme none encode no spans; name a scheme such as iob2$"
    ):
        spans_to_labels([], 3, LabelScheme.NONE)


@pytest.mark.parametrize(("source", "target"), list(product(LOSSLESS, LOSSLESS)))
def test_conversion_between_any_two_schemes(source, target):
    assert convert_labels(SPELLED[source].split(), source, target) == SPELLED[target].split()


def test_conversion_mends_and_never_changes_its_input():
    labels = ["I-PER", "I-LOC"]
    assert convert_labels(labels, LabelScheme.IOB2, LabelScheme.IOB2) == ["B-PER", "B-LOC"]
    assert labels == ["I-PER", "I-LOC"]


def test_labels_without_structure_convert_to_themselves_alone():
    assert convert_labels(["NOUN", "O"], LabelScheme.NONE, LabelScheme.NONE) == ["NOUN", "O"]
    with pytest.raises(UsageError) as caught:
        convert_labels(["NOUN"], LabelScheme.NONE, LabelScheme.IOB2)
    assert (
        str(caught.value) == "labels cannot be converted from the scheme none to iob2: none encodes no spans"
    )
    with pytest.raises(UsageError, match="from the scheme iob2 to none"):
        convert_labels(["O"], LabelScheme.IOB2, LabelScheme.NONE)


@pytest.mark.parametrize(
    "scheme",
    [LabelScheme.IOB2, LabelScheme.BIOES, LabelScheme.BILOU, LabelScheme.BMES, LabelScheme.BMEWO],
)
@pytest.mark.slow
def test_iob2_label_agrees_with_the_conversion_of_whole_sequences(scheme):
    for labels in labelings(scheme, 4):
        if not violations(labels, scheme):
            single = [iob2_label(label, scheme) for label in labels]
            assert single == convert_labels(labels, scheme, LabelScheme.IOB2)


def test_iob2_label_refuses_schemes_whose_letters_depend_on_neighbours():
    with pytest.raises(UsageError, match=r"^a single label of the scheme io does not determine one of iob2$"):
        iob2_label("I-PER", LabelScheme.IO)


# Rules


@pytest.mark.parametrize(
    ("scheme", "labels", "messages"),
    [
        (
            LabelScheme.IOB2,
            "O O O O O B-PER I-LOC",
            [(6, "label 'I-LOC' at token 7 follows 'B-PER', not allowed in IOB2.")],
        ),
        (
            LabelScheme.IOB2,
            "I-PER O I-LOC",
            [
                (
                    0,
                    "label 'I-PER' at token 1 starts the sentence, not allowed in IOB2. "
                    "If the data is IOB1, pass --data.scheme iob1.",
                ),
                (
                    2,
                    "label 'I-LOC' at token 3 follows 'O', not allowed in IOB2. "
                    "If the data is IOB1, pass --data.scheme iob1.",
                ),
            ],
        ),
        (
            LabelScheme.IOB2,
            "S-PER I-PER",
            [(0, "token 1: expected O, B-TYPE or I-TYPE as a label in IOB2, found 'S-PER'.")],
        ),
        (
            LabelScheme.IOB2,
            "NOUN",
            [
                (
                    0,
                    "token 1: expected O, B-TYPE or I-TYPE as a label in IOB2, found 'NOUN'. "
                    "If the data is plain labels without spans, pass --data.scheme none.",
                )
            ],
        ),
        (
            LabelScheme.BIOES,
            "O B-PER",
            [
                (
                    1,
                    "label 'B-PER' at token 2 ends the sentence, not allowed in BIOES. "
                    "If the data is IOB2, pass --data.scheme iob2.",
                )
            ],
        ),
        (LabelScheme.NONE, "O I-PER", []),
        (LabelScheme.IO, "I-PER PER O person-actor", []),
    ],
)
def test_violations_say_where_what_and_what_may_help(scheme, labels, messages):
    assert violations(labels.split(), scheme) == messages


def test_an_empty_label_is_a_violation_everywhere():
    for scheme in LabelScheme:
        assert [violation.position for violation in violations(["", ""], scheme)] == [0, 1]
    assert (
        violations([""], LabelScheme.NONE)[0].message == "token 1: expected a label, found an empty string."
    )


@pytest.mark.parametrize("scheme", LabelScheme)
def test_an_empty_sentence_has_no_violations(scheme):
    assert violations([], scheme) == []


@pytest.mark.parametrize("scheme", LabelScheme)
@pytest.mark.slow
def test_allowed_transitions_admit_exactly_the_sequences_without_violations(scheme):
    labels = tuple(reversed(scheme_labels(TYPES, scheme)))
    allowed = allowed_transitions(labels, scheme)
    for length in range(1, 5):
        for ids in product(range(len(labels)), repeat=length):
            admitted = (
                allowed.start[ids[0]]
                and allowed.end[ids[-1]]
                and all(allowed.transitions[left][right] for left, right in pairwise(ids))
            )
            assert admitted == (violations([labels[index] for index in ids], scheme) == [])


def test_allowed_transitions_of_iob2_written_out():
    allowed = allowed_transitions(["O", "B-PER", "I-PER", "I-LOC"], LabelScheme.IOB2)
    assert allowed.transitions == (
        (True, True, False, False),
        (True, True, True, False),
        (True, True, True, False),
        (True, True, False, True),
    )
    assert allowed.start == (True, True, False, False)
    assert allowed.end == (True, True, True, True)


def test_allowed_transitions_of_an_incomplete_list_leave_dead_ends():
    allowed = allowed_transitions(["B-PER", "O"], LabelScheme.BIOES)
    assert allowed.transitions == ((False, False), (True, True))
    assert allowed.start == (True, True)
    assert allowed.end == (False, True)


def test_allowed_transitions_name_the_bad_label():
    with pytest.raises(LabelError) as caught:
        allowed_transitions(["O", "B-PER", "E-PER"], LabelScheme.IOB2)
    assert str(caught.value) == "label 3 of 3: expected O, B-TYPE or I-TYPE as a label in IOB2, found 'E-PER'"


# Masks

MASKED = [scheme for scheme in SPAN_SCHEMES if scheme not in (LabelScheme.IOB1, LabelScheme.IOE1)]


def legal_paths(labels, scheme, length):
    """All sequences of label ids that the transition tables admit."""
    allowed = allowed_transitions(labels, scheme)
    paths: list[tuple[int, ...]] = [(index,) for index in range(len(labels)) if allowed.start[index]]
    for _ in range(length - 1):
        paths = [
            (*path, index)
            for path in paths
            for index in range(len(labels))
            if allowed.transitions[path[-1]][index]
        ]
    return [path for path in paths if allowed.end[path[-1]]]


@pytest.mark.parametrize("length", range(1, 6))
@pytest.mark.parametrize("scheme", MASKED)
def test_span_mask_leaves_exactly_the_legal_labelings_that_hold_the_span(scheme, length):
    labels = scheme_labels(TYPES, scheme)
    paths = legal_paths(labels, scheme, length)
    spans = [set(labels_to_spans([labels[index] for index in path], scheme)) for path in paths]
    for start in range(length):
        for end in range(start + 1, length + 1):
            span = Span(start, end, "PER", probability=0.5)
            mask = span_label_mask(span, length, labels, scheme)
            remaining = [all(mask[token][index] for token, index in enumerate(path)) for path in paths]
            assert remaining == [Span(start, end, "PER") in found for found in spans]
            assert any(remaining)


def test_span_mask_of_iob2_written_out():
    labels = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
    assert span_label_mask(Span(1, 3, "PER"), 5, labels, LabelScheme.IOB2) == (
        (True, True, True, True, True),
        (False, True, False, False, False),
        (False, False, True, False, False),
        (True, True, False, True, True),
        (True, True, True, True, True),
    )


def test_span_mask_reads_bare_types_of_io():
    assert span_label_mask(Span(0, 1, "PER"), 2, ("PER", "O"), LabelScheme.IO) == (
        (True, False),
        (False, True),
    )


def test_span_mask_of_a_type_without_labels_leaves_nothing():
    assert span_label_mask(Span(0, 1, "ORG"), 1, ("O", "B-PER"), LabelScheme.IOB2) == ((False, False),)


def test_span_mask_refuses_what_it_cannot_express():
    for scheme in (LabelScheme.IOB1, LabelScheme.IOE1, LabelScheme.NONE):
        with pytest.raises(UsageError) as caught:
            span_label_mask(Span(0, 1, "PER"), 1, ("O", "I-PER"), scheme)
        assert str(caught.value) == (
            f"no mask of labels pins down a span in the scheme {scheme}; use iob2, bioes, ioe2 or io"
        )
    with pytest.raises(DataError) as error:
        span_label_mask(Span(1, 3, "PER"), 2, ("O", "B-PER"), LabelScheme.IOB2)
    assert str(error.value) == (
        "expected a span within 0 to 2 tokens, not empty, "
        "found Span(start=1, end=3, label='PER', probability=None)"
    )


# Detection


@pytest.mark.parametrize("scheme", LOSSLESS)
def test_detection_finds_the_scheme_of_the_literal_example(scheme):
    assert detect_scheme([[], SPELLED[scheme].split(), ["O"]]) is scheme


@pytest.mark.parametrize(
    ("sentences", "scheme"),
    [
        # CoNLL-2003 as published: B- only between two entities of one type.
        (["I-ORG O I-MISC O O O I-MISC O O", "I-PER I-PER", "I-MISC B-MISC O"], LabelScheme.IOB1),
        (["I-ORG O I-MISC O", "I-PER I-PER"], LabelScheme.IOB1),
        (["O O", "O"], LabelScheme.IOB2),
        (["B-PER O B-LOC"], LabelScheme.IOB2),
        (["B-PER E-PER O"], LabelScheme.BIOES),
        (["S-PER O"], LabelScheme.BIOES),
        (["U-PER O"], LabelScheme.BILOU),
        (["W-PER O"], LabelScheme.BMEWO),
        (["B-PER M-PER E-PER O S-PER"], LabelScheme.BMES),
        (["B-PER M-PER E-PER O"], LabelScheme.BMES),
        (["E-PER I-PER"], LabelScheme.IOE1),
        (["E-PER O"], LabelScheme.IOE2),
        (["O person-actor person-actor", "art-other O"], LabelScheme.IO),
        (["DET NOUN VERB PUNCT"], LabelScheme.NONE),
        (["DT NN -LRB- , `` I-X"], LabelScheme.NONE),
        # Tags of Twitter: O is a pronoun, S a possessive.
        (["N O V ^ , S"], LabelScheme.NONE),
        (["X X"], LabelScheme.NONE),
    ],
)
def test_detection_of_other_data(sentences, scheme):
    assert detect_scheme(sentence.split() for sentence in sentences) is scheme


@pytest.mark.parametrize("scheme", LOSSLESS)
@settings(deadline=None)
@given(data=st.data())
@pytest.mark.slow
def test_detection_names_a_scheme_that_means_the_same_spans(scheme, data):
    corpus = data.draw(
        st.lists(sentences(), min_size=1, max_size=4).filter(lambda c: any(length for length, _ in c))
    )
    label_lists = [spans_to_labels(spans, length, scheme) for length, spans in corpus]
    found = detect_scheme(iter(label_lists))
    for labels, (_, spans) in zip(label_lists, corpus, strict=True):
        assert violations(labels, found) == []
        assert labels_to_spans(labels, found) == spans


@pytest.mark.parametrize(
    ("sentences", "message"),
    [
        (
            ["B-PER O", "O I-LOC O"],
            "sentence 2: label 'I-LOC' at token 2 follows 'O', not allowed in IOB2. "
            "No scheme fits all labels up to here; mend them, or name the scheme that they are meant in: "
            "--data.scheme.",
        ),
        (
            ["O B-PER E-PER", "O B-PER"],
            "sentence 2: label 'B-PER' at token 2 ends the sentence, not allowed in BIOES. "
            "No scheme fits all labels up to here; mend them, or name the scheme that they are meant in: "
            "--data.scheme.",
        ),
        (
            ["B-PER L-PER O M-PER"],
            "sentence 1: token 4: expected O, B-TYPE, I-TYPE, L-TYPE or U-TYPE as a label in BILOU, "
            "found 'M-PER'. "
            "No scheme fits all labels up to here; mend them, or name the scheme that they are meant in: "
            "--data.scheme.",
        ),
        (
            ["B-PER O", "O LOC"],
            "sentence 2, token 2: label 'LOC' is neither O nor a letter and a type such as B-PER, "
            "but others are; mend it, or pass --data.scheme none to read all labels as they are.",
        ),
        (
            ["O B", "I O"],
            "sentence 1, token 2: label 'B' has no type. Write B-TYPE for B, and so on; "
            "or, if the labels are not meant to be spans, pass --data.scheme none.",
        ),
        (["O", "O "], "sentence 2, token 2: expected a label, found an empty string"),
        ([], "expected labels from which to detect the scheme, found none"),
    ],
)
def test_detection_says_where_nothing_fits(sentences, message):
    with pytest.raises(LabelError) as caught:
        detect_scheme(sentence.split(" ") for sentence in sentences)
    assert str(caught.value) == message


def test_detection_sees_an_outside_label_between_labels_whose_ends_it_knows():
    with pytest.raises(LabelError, match="'PER' is neither O nor a letter and a type"):
        detect_scheme([["B-X"], ["B-X", "O", "B-X"], ["PER"]])
    assert detect_scheme([[], ["O"]]) is LabelScheme.IOB2
    assert detect_scheme([["B-X"], ["B-X", "B-X"], ["PER"]]) is LabelScheme.NONE


def test_labels_without_spans_may_follow_one_another_in_any_order():
    assert allowed_transitions(["VERB", "NOUN"], "none") == (((True, True),) * 2, (True, True), (True, True))
