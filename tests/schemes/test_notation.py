"""Notation: labels written in other ways are read as the spans they mean, and plain labels never are."""

from __future__ import annotations

from itertools import pairwise, product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tagger.errors import LabelError
from tagger.schemes import (
    LabelScheme,
    NoSchemeFits,
    Notation,
    detect_scheme,
    find_notation,
    labels_to_spans,
    outside_like,
    spans_to_labels,
)
from tagger.schemes.notation import _NOTATIONS
from tagger.spans import Span

pytestmark = pytest.mark.usefixtures("on_the_command_line")

SPAN_SCHEMES = [scheme for scheme in LabelScheme if scheme.has_spans]
CANONICAL = ["B-PER", "I-PER", "O", "B-LOC"]


def found(*sentences, scheme=None):
    """What the labels of some sentences are read as, joined, and the scheme they are found to be in."""
    sequences = [sentence.split("|" if "|" in sentence else " ") for sentence in sentences]
    notation = find_notation(sequences, scheme)
    read = [notation.read(labels) for labels in sequences]
    return [" ".join(labels) for labels in read], scheme or detect_scheme(read)


@pytest.mark.parametrize(
    "written",
    [
        "B_PER I_PER O B_LOC",
        "B:PER I:PER O B:LOC",
        "B.PER I.PER O B.LOC",
        "B/PER I/PER O B/LOC",
        "B|PER,I|PER,O,B|LOC",
        "B\u2013PER I\u2013PER O B\u2013LOC",
        "B\u2011PER I\u2011PER O B\u2011LOC",
        "BPER IPER O BLOC",
        "B -PER|I -PER|O|B -LOC",
        "B- PER|I- PER|O|B- LOC",
        "B - PER|I - PER|O|B - LOC",
        "B PER|I PER|O|B LOC",
        "PER-B PER-I O LOC-B",
        "PER_B PER_I O LOC_B",
        "PER/B PER/I O LOC/B",
        "b-PER i-PER o b-LOC",
        "b_PER i_PER 0 b_LOC",
        "B-PER I-PER 0 B-LOC",
        "B-PER I-PER o B-LOC",
        "B-PER I-PER OUT B-LOC",
        "B-PER I-PER Other B-LOC",
        "B-PER I-PER _ B-LOC",
        "B-PER I-PER - B-LOC",
        "(PER* *) * (LOC)",
        "(PER* *) * (LOC*)",
    ],
)
def test_other_notations_are_read_as_iob2(written):
    separator = "," if "," in written else "|" if "|" in written else " "
    labels = written.split(separator)
    notation = find_notation([labels])
    assert notation.read(labels) == tuple(CANONICAL)
    assert detect_scheme([notation.read(labels)]) is LabelScheme.IOB2
    assert not notation.is_usual


def test_types_stay_as_they_are_written():
    assert found("b-per i-per o", "b-creative_work o") == (
        ["B-per I-per O", "B-creative_work O"],
        LabelScheme.IOB2,
    )
    assert found("creative-work-B creative-work-I O") == (
        ["B-creative-work I-creative-work O"],
        LabelScheme.IOB2,
    )


@pytest.mark.parametrize(
    ("written", "scheme"),
    [
        ("B_PER M_PER E_PER S_PER O", LabelScheme.BMES),
        ("B_PER I_PER L_PER U_PER O", LabelScheme.BILOU),
        ("b-per i-per e-per s-per o", LabelScheme.BIOES),
        ("PER-B PER-M PER-E PER-W O", LabelScheme.BMEWO),
        ("I_PER B_PER I_PER O", LabelScheme.IOB1),
        ("I_PER E_PER E_PER O", LabelScheme.IOE2),
    ],
)
def test_any_scheme_may_be_written_so(written, scheme):
    assert found(written)[1] is scheme


@pytest.mark.parametrize(
    "labels", ["B-PER I-PER O", "O O", "B-PER O", "I-PER O B-LOC", "S-PER O", "person O"]
)
def test_the_usual_notation_is_left_alone(labels):
    assert find_notation([labels.split()]).is_usual


def test_brackets_go_on_within_a_sentence_alone():
    assert found("(A0* * *) (V*) *", "(C-A1*)") == (
        ["B-A0 I-A0 I-A0 B-V O", "B-C-A1"],
        LabelScheme.IOB2,
    )


def test_brackets_are_spans_where_each_is_one_token():
    assert found("(PER) *", "* (GPE)") == (["B-PER O", "O B-GPE"], LabelScheme.IOB2)
    assert found("(PER) O")[1] is not LabelScheme.IOB2


def test_brackets_without_their_partners_stay_as_they_are():
    notation = find_notation([["(PER*", "*)", "*"]])
    assert notation.brackets
    for labels, read in [
        ("(PER* *", "(PER* I-PER"),
        ("* *)", "O *)"),
        ("(PER* (LOC*) *)", "B-PER (LOC*) I-PER"),
    ]:
        assert notation.read(labels.split()) == tuple(read.split())


@pytest.mark.parametrize(
    ("sentences", "message"),
    [
        (
            ["O", "O B_PER"],
            "sentence 2, token 2: label 'B_PER' may be the letter and the type of a span, or a plain label: no span of "
            "several tokens decides it. Pass --data.scheme iob2 (or bioes, ...) to read spans, io for bare types, none "
            "for plain labels.",
        ),
        (
            ["B_PER I_PER O", "MISC"],
            "sentence 2, token 1: label 'MISC' does not fit the others, which are a letter and a type such as "
            "'B_PER'; mend it. If the labels are not meant to be spans, pass --data.scheme none.",
        ),
        (
            ["B-PER I-PER X [SEP]"],
            "sentence 1, token 3: label 'X' does not fit the others, which are a letter and a type such as "
            "'B-PER'; mend it. If the labels are not meant to be spans, pass --data.scheme none.",
        ),
        (
            ["(S(NP* *) *)"],
            "sentence 1, token 1: label '(S(NP*' nests spans or is no bracket; expected one span at a token.",
        ),
    ],
)
def test_a_doubt_is_an_error_that_says_where_and_names_the_option(sentences, message):
    with pytest.raises(NoSchemeFits) as caught:
        found(*sentences)
    assert str(caught.value) == message


@pytest.mark.parametrize("labels", ["B I O", "b i o", "B I 0"])
def test_letters_without_a_type_are_refused_in_any_notation(labels):
    with pytest.raises(LabelError, match=r"^sentence 1, token 1: label 'B' has no type\. Write B-TYPE for B"):
        found(labels)


def test_labels_that_are_legal_in_no_scheme_are_refused_in_any_notation():
    with pytest.raises(LabelError, match=r"label 'I-LOC' at token 3 follows 'I-PER', not allowed in IOB2"):
        found("B_PER I_PER I_LOC O")


@pytest.mark.parametrize(
    ("labels", "scheme", "read"),
    [
        ("B_PER O", LabelScheme.IOB2, "B-PER O"),
        ("S_PER O", LabelScheme.BIOES, "S-PER O"),
        ("vitamin-B O", LabelScheme.IO, "vitamin-B O"),
        ("vitamin-B O", LabelScheme.IOB2, "B-vitamin O"),
        ("I_PER O", LabelScheme.IO, "I-PER O"),
        ("PER 0 0", LabelScheme.IO, "PER O O"),
        ("PER 0 none", LabelScheme.IO, "PER 0 none"),
        ("B_PER I_PER 0", LabelScheme.NONE, "B_PER I_PER 0"),
        ("(PER* *)", LabelScheme.NONE, "(PER* *)"),
        ("(PER* *)", LabelScheme.IOB2, "B-PER I-PER"),
    ],
)
def test_a_scheme_that_is_named_settles_it(labels, scheme, read):
    assert found(labels, scheme=scheme) == ([read], scheme)


def test_labels_that_may_stand_for_o():
    assert outside_like(["O", "o", "0", "OTHER", "PER", "_", "B-PER", "o"]) == ["0", "OTHER", "_", "o"]


@pytest.mark.parametrize(
    ("notation", "text"),
    [
        (Notation("_"), "labels are written 'B_TYPE' and 'O', and read as 'B-TYPE' and 'O'"),
        (
            Notation("-", letter_last=True, lower=True, outside="0"),
            "labels are written 'TYPE-b' and '0', and read as 'B-TYPE' and 'O'",
        ),
        (
            Notation(brackets=True),
            "labels are written '(TYPE*', '*' and '*)', and read as 'B-TYPE', 'O' and 'I-TYPE'",
        ),
    ],
)
def test_messages_say_what_is_written_and_what_is_read(notation, text):
    assert str(notation) == text


# Properties


def written(label, notation):
    """A label of the usual notation, in another: independent of how it is read."""
    if label == "O":
        return notation.outside
    letter, type_ = label[0], label[2:]
    letter = letter.lower() if notation.lower else letter
    return notation.separator.join((type_, letter) if notation.letter_last else (letter, type_))


@st.composite
def corpora(draw):
    """Sentences with spans, the first of which has one of three tokens."""
    corpus = [(4, [Span(0, 3, "PER")])]
    for _ in range(draw(st.integers(0, 3))):
        spans, end = [], 0
        for _ in range(draw(st.integers(0, 4))):
            start = end + draw(st.integers(0, 1))
            end = start + draw(st.integers(1, 3))
            spans.append(Span(start, end, draw(st.sampled_from(["PER", "LOC", "creative-work", "B", "e_1"]))))
        corpus.append((end + draw(st.integers(0, 2)), spans))
    return corpus


@pytest.mark.parametrize("scheme", SPAN_SCHEMES)
@settings(deadline=None, max_examples=60)
@example(  # B-E is a letter and a type either way round; the others tell which is meant
    corpus=[(4, [Span(0, 3, "PER")]), (1, [Span(0, 1, "B")])],
    notation=Notation(separator="-", letter_last=True),
    outside="O",
)
@example(  # no span has two letters
    corpus=[(4, [Span(0, 3, "PER")]), (2, [Span(0, 1, "PER"), Span(1, 2, "PER")])],
    notation=Notation(separator=""),
    outside="O",
)
@given(
    corpus=corpora(),
    notation=st.sampled_from(_NOTATIONS),
    outside=st.sampled_from(["O", "o", "0", "OUT", "other", "_", "-", "None"]),
)
def test_spans_in_any_scheme_and_notation_are_read_as_they_are_meant(scheme, corpus, notation, outside):
    # Bare types of IO such as B_PER would be another meaning; letters alone, I_PER, tell of no span.
    notation = Notation(
        notation.separator, letter_last=notation.letter_last, lower=notation.lower, outside=outside
    )
    usual = [spans_to_labels(spans, length, scheme) for length, spans in corpus]
    sequences = [[written(label, notation) for label in labels] for labels in usual]
    known = scheme if len({label[0] for labels in usual for label in labels} - {"O"}) < 2 else None
    try:
        reading = find_notation(sequences, known)
    except NoSchemeFits:
        if scheme not in (LabelScheme.IOB1, LabelScheme.IOE1):  # which may have no two letters in one span
            raise
        reading = find_notation(sequences, scheme)
    tells = any(
        left[0] != right[0]
        for (_, spans), labels in zip(corpus, usual, strict=True)
        for span in spans
        for left, right in pairwise(labels[span.start : span.end])
    )
    if not tells and not notation.separator:
        # IPER and EPER may be plain labels, as IN and EX are: then the scheme has to be named.
        assert scheme in (LabelScheme.IOB1, LabelScheme.IOE1) or known is not None
        reading = find_notation(sequences, scheme)
    read = [reading.read(labels) for labels in sequences]
    assert [list(labels) for labels in read] == usual
    for labels, expected in zip(read, usual, strict=True):
        assert labels_to_spans(labels, scheme) == labels_to_spans(expected, scheme)


TAG_SETS = {
    "UPOS": "ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X _",
    "PTB": "CC CD DT EX FW IN JJ JJR JJS LS MD NN NNS NNP NNPS PDT POS PRP PRP$ RB RBR RBS RP SYM TO UH VB VBD VBG "
    "VBN VBP VBZ WDT WP WP$ WRB # $ . , : `` '' ( ) -LRB- -RRB- -NONE- HYPH NFP ADD AFX GW XX *",
    "PTB bracketed": "-LRB- -RRB- -LCB- -RCB- ( ) * - --",
    "STTS": "ADJA ADJD ADV APPR APPRART APPO APZR ART CARD FM ITJ KOUI KOUS KON KOKOM NN NE PDS PDAT PIS PIAT PIDAT "
    "PPER PPOSS PPOSAT PRELS PRELAT PRF PWS PWAT PWAV PAV PTKZU PTKNEG PTKVZ PTKANT PTKA TRUNC VVFIN VVIMP VVINF "
    "VVIZU VVPP VAFIN VAIMP VAINF VAPP VMFIN VMINF VMPP XY $, $. $(",
    "CLAWS7": "APPGE AT AT1 BCL CC CCB CS CSA CSN CST CSW DA DA1 DB DD DD1 DDQ EX FO FU FW GE IF II IO IW JJ JJR JK "
    "MC MC1 MCGE MD MF ND1 NN NN1 NN2 NP NPM1 PN PN1 PPGE RA REX RG RL RR RT TO UH VB0 VBDZ VD0 VH0 VM VV0 XX ZZ1 "
    "II21 II22 ! ( ) , - . ... : ; ?",
    "CLAWS5 with underscores": "PUNCT_x B_NN1 NN1_B S_AT0 AT0 CJC_CJS PUN_PUL VVB_NN1 I_x x_I PRP_AVP DT0_O",
    "ICE": "ADJ(ge) ADV(ge) ART(def) AUX(pass,past) CONJUNC(coord) N(com,sing) N(prop,plu) PRON(pers,sing) "
    "PREP(ge) V(montr,pres) V(intr,infin) PUNC(per) PUNC(com) PUNC(oquo) REACT UNTAG FRM PRTCL(to)",
    "Twitter": "N O S ^ Z L M V A R ! D P & T X Y # @ ~ U E $ , G",
    "Brown": "( ) * , -- . : ABL ABN AP AT BE BED CC CD CS DO DT EX HV IN JJ MD NN NN-HL NN-TL NP-TL WDT WPS *-HL",
    "SUC": "NN.UTR.SIN.IND.NOM VB.PRS.AKT PM.NOM MAD MID PAD S.x B.x x.I",
    "chunks of Twitter": "b i l u m e s w B-x",
}


@pytest.mark.parametrize("name", TAG_SETS)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_tags_of_parts_of_speech_are_never_read_as_spans(name, data):
    tags = TAG_SETS[name].split()
    sequences = data.draw(st.lists(st.lists(st.sampled_from(tags), max_size=12), min_size=1, max_size=6))
    sequences.append(tags)
    notation = find_notation(sequences)
    assert notation.is_usual
    assert [list(notation.read(labels)) for labels in sequences] == sequences
    try:
        assert not detect_scheme(sequences).has_spans
    except NoSchemeFits:
        pytest.fail(f"{name} is refused")


@pytest.mark.parametrize(
    "label", ["B-\udc80", "B-\x1b[31m", "B-PER LOC", "B-\u202e", "B-" + "x" * 100_000, "B-\0"]
)
def test_odd_characters_in_types_are_kept(label):
    assert find_notation([[label, "O"]]).read([label, "O"]) == (label, "O")
    assert labels_to_spans([label], LabelScheme.IOB2) == [Span(0, 1, label[2:])]


@pytest.mark.parametrize("label", ["B-", "B- ", "B- PER", "B-PER ", "B-PER\n", "B-\u00a0", "B-\u3000PER"])
def test_a_type_is_not_empty_nor_begins_or_ends_with_white_space(label):
    with pytest.raises(LabelError) as caught:
        labels_to_spans([label], LabelScheme.IOB2)
    assert str(caught.value) == f"token 1: expected O, B-TYPE or I-TYPE as a label in IOB2, found {label!r}"


def test_messages_show_the_ends_of_a_long_label():
    with pytest.raises(LabelError) as caught:
        labels_to_spans(["X" * 100_000], LabelScheme.IOB2)
    x = "X" * 39
    assert str(caught.value) == (
        f"token 1: expected O, B-TYPE or I-TYPE as a label in IOB2, found '{x}...{x}'"
    )


def test_labels_that_are_no_strings_are_named():
    for call in (find_notation, detect_scheme):
        with pytest.raises(LabelError) as caught:
            call([["O"], ["O", 1]])  # type: ignore[list-item]
        assert str(caught.value) == (
            "sentence 2, token 2: label 1 is not a string; expected labels as strings."
        )
    with pytest.raises(
        LabelError, match=r"^token 2: expected O, B-TYPE or I-TYPE as a label in IOB2, found None$"
    ):
        labels_to_spans(["O", None], "iob2")  # type: ignore[list-item]


def test_thousands_of_labels_are_read_in_passing():
    # As from a column of ids; asked for each pair of them, this would take minutes.
    sequences = [[f"S{i}_{j}" for j in range(10)] for i in range(500)]
    assert find_notation(sequences).is_usual
    assert detect_scheme(sequences) is LabelScheme.NONE
    types = [f"B_{i}" for i in range(3000)]
    labels = [label for type_ in types for label in (type_, type_.replace("B", "I", 1))]
    assert find_notation([labels, ["O"]]) == Notation("_")


def test_letters_and_types_of_every_notation_are_found_again():
    for notation, letter, type_ in product(_NOTATIONS, "BIESLUMW", ["PER", "a-b", "B", "x_I"]):
        assert notation.parts(written(f"{letter}-{type_}", notation)) == (letter, type_)
