from itertools import pairwise

import pytest
from formats.annotated_corpus import CORPUS

from tagger.conversion.fitting import Fitter
from tagger.errors import UsageError
from tagger.formats import AnnotatedText, CharacterSpan, Format, Holds, Losses
from tagger.text import get_segmenter


def never_called(*_):
    raise AssertionError


def fit(text, /, join_sentences=False, **holds):
    losses = Losses()
    target = Format(name="x", title="X", read=never_called, recognises=never_called, holds=Holds(**holds))
    fitter = Fitter(target, get_segmenter("rules"), join_sentences=join_sentences)
    return fitter.fit(text, losses), losses


def kinds(losses):
    return {loss["kind"]: loss["count"] for loss in losses.to_list()}


def text_of(case, tokens=None, starts=None):
    spans = [
        CharacterSpan(ranges[0][0], ranges[-1][1], label, ranges if len(ranges) > 1 else ())
        for ranges, label in case.spans
    ]
    return AnnotatedText(case.text, tuple(spans), tokens=tokens, sentence_starts=starts, origin="x:1")


def as_spans(text):
    return [(span.ranges, span.label) for span in text.spans]


def flat(spans):
    """What is left of spans where they may not overlap: straight from the rule, character by character."""
    kept = []
    taken: set[int] = set()
    for ranges, label in sorted(spans, key=lambda span: (span[0][0][0], -span[0][-1][1], span[1])):
        characters = set(range(*ranges[0]))
        if len(ranges) == 1 and not taken & characters:
            kept.append((ranges, label))
            taken |= characters
    return kept


def test_what_holds_everything_gets_everything():
    for case in CORPUS:
        fitted, losses = fit(text_of(case), overlaps=True, discontinuous=True)
        assert fitted == text_of(case)
        assert len(losses) == 0


def test_of_overlapping_spans_the_first_and_longest_stays_and_all_others_are_counted():
    lost = 0
    for case in CORPUS:
        fitted, losses = fit(text_of(case))
        assert as_spans(fitted) == flat(case.spans)
        assert len(losses) == len(case.spans) - len(fitted.spans)
        lost += len(losses)
    assert lost > 50


def test_spans_of_fragments_alone_are_left_out_where_only_they_have_no_place():
    for case in CORPUS:
        fitted, losses = fit(text_of(case), overlaps=True)
        assert as_spans(fitted) == [span for span in case.spans if len(span[0]) == 1]
        assert len(losses) == len(case.spans) - len(fitted.spans)


def test_spans_of_known_tokens_stay_as_far_as_they_do_not_overlap():
    for case in CORPUS:
        fitted, _ = fit(text_of(case, case.tokens, (0,)), parts_of_tokens=False)
        assert as_spans(fitted) == flat(case.spans)
        assert fitted.tokens == case.tokens


def test_texts_are_cut_and_spans_cover_whole_tokens_then():
    lost: dict[str, int] = {}
    for case in CORPUS:
        fitted, losses = fit(text_of(case), parts_of_tokens=False)
        starts, ends = ({token[side] for token in fitted.tokens} for side in (0, 1))
        assert all(start in starts and end in ends for ((start, end),), _ in as_spans(fitted))
        assert all(left[1] <= right[0] for left, right in pairwise(fitted.tokens))
        assert len(fitted.spans) + len(losses) == len(case.spans)
        for kind, count in kinds(losses).items():
            lost[kind] = lost.get(kind, 0) + count
    assert set(lost) >= {"spans of several fragments, left out", "spans that cut through a token, left out"}


def test_overlapping_spans_of_tokens_stay_where_there_is_a_place_for_them():
    for case in CORPUS:
        text = text_of(case, case.tokens, (0,))
        fitted, losses = fit(text, parts_of_tokens=False, overlaps=True, discontinuous=True)
        assert as_spans(fitted) == list(case.spans)
        assert len(losses) == 0


ACROSS = AnnotatedText(
    "He saw. Oslo then.",
    (CharacterSpan(3, 12, "X"),),
    tokens=((0, 2), (3, 6), (6, 7), (8, 12), (13, 17), (17, 18)),
    sentence_starts=(0, 3),
    origin="x:1",
)


def test_a_span_across_sentences_is_left_out_or_makes_one_of_them_or_stays():
    fitted, losses = fit(ACROSS, parts_of_tokens=False)
    assert fitted.spans == ()
    assert list(losses.lines()) == [
        "spans that cross the end of a sentence, left out (join_sentences=True makes one of the sentences): 1; the "
        "first: x:1: the X 3-12 'saw. Oslo' crosses the end of a sentence"
    ]
    fitted, losses = fit(ACROSS, join_sentences=True, parts_of_tokens=False)
    assert (fitted.spans, fitted.sentence_starts) == (ACROSS.spans, (0,))
    assert kinds(losses) == {"sentences joined to the one before, since a span continues in them": 1}
    fitted, losses = fit(ACROSS, parts_of_tokens=False, across_sentences=True)
    assert (fitted.spans, fitted.sentence_starts) == (ACROSS.spans, (0, 3))
    assert len(losses) == 0


def test_probabilities_white_space_documents_and_fields_are_counted():
    text = AnnotatedText(
        "Oslo  then",
        (CharacterSpan(0, 4, "LOC", probability=0.5), CharacterSpan(6, 10, "X")),
        document="d1",
        origin="x:1",
        fields={"author": "me", "id": 3},
    )
    fitted, losses = fit(text, parts_of_tokens=False, text=False)
    assert fitted.spans == (CharacterSpan(0, 4, "LOC"), CharacterSpan(6, 10, "X"))
    assert list(losses.lines()) == [
        "probabilities, not written: 1; the first: x:1",
        "texts of which tokens are kept, and white space is not: 1; the first: x:1",
        "texts whose document's id is not written: 1; the first: x:1: d1",
        "texts with more beside them, which is not written: 1; the first: x:1: author, id",
    ]


def test_tokens_beside_a_text_are_counted_where_they_have_no_place():
    text = AnnotatedText("Oslo.", (), tokens=((0, 4), (4, 5)), sentence_starts=(0,), origin="x:1")
    assert list(fit(text)[1].lines()) == ["texts whose tokens are not written: 1; the first: x:1"]
    sentence = AnnotatedText("in Oslo", (), tokens=((0, 2), (3, 7)), sentence_starts=(0,), origin="x:1")
    assert list(fit(sentence)[1].lines()) == ["sentences whose tokens are not written: 1; the first: x:1"]
    assert len(fit(sentence, sentences_of_tokens=True)[1]) == 0
    assert len(fit(text, tokens=True)[1]) == 0
    assert len(fit(text, parts_of_tokens=False)[1]) == 0


def test_tokens_with_blanks_between_them_lose_no_white_space():
    text = AnnotatedText("in Oslo", (), tokens=((0, 2), (3, 7)), sentence_starts=(0,))
    fitted, losses = fit(text, parts_of_tokens=False, text=False)
    assert fitted == text
    assert len(losses) == 0


def test_labels_that_are_no_spans_need_a_place():
    text = AnnotatedText("it rained", tokens=((0, 2), (3, 9)), labels=("PRON", "VERB"), origin="x.conll:1")
    assert fit(text, labels=True)[0] == text
    with pytest.raises(UsageError) as caught:
        fit(text)
    message = str(caught.value)
    assert message.startswith(
        "x.conll:1: expected spans, since X has no place for a label of each token, found labels that spell none "
        "(PRON, VERB). Write another format ("
    )
    assert "jsonl" in message
    assert message.endswith("), or, if they are spans, name their scheme: DataConfig(scheme=...)")


def test_spans_need_a_place():
    with pytest.raises(
        UsageError, match="x:1: expected a label for each token, since X has no place for spans"
    ):
        fit(AnnotatedText("Oslo", (CharacterSpan(0, 4, "LOC"),), origin="x:1"), spans=False, labels=True)


def test_probabilities_of_labels_beside_those_of_spans_are_counted_where_labels_have_no_place():
    text = AnnotatedText(
        "in Oslo",
        (CharacterSpan(3, 7, "LOC", probability=0.5),),
        tokens=((0, 2), (3, 7)),
        sentence_starts=(0,),
        probabilities=(1.0, 0.5),
        origin="x:1",
    )
    fitted, losses = fit(text, probabilities=True, tokens=True)
    assert (fitted.spans, fitted.probabilities) == (text.spans, None)
    assert list(losses.lines()) == [
        "probabilities of labels, of which only those of spans are written: 1; the first: x:1"
    ]
    assert fit(text, probabilities=True, tokens=True, labels=True)[0] == text
    assert list(fit(text, tokens=True)[1].lines()) == ["probabilities, not written: 3; the first: x:1"]
