import math

import pytest
from labelling_oracle import labellings
from tiny_models import tiny_parts

from tagger import Example, Tagger
from tagger.errors import DataError
from tagger.label_errors import find_suspects, ranked
from tagger.label_errors.suspects import score

TOKENS = ("Anna", "met", "New", "York")
GOLD = ("B-PER", "O", "B-LOC", "I-LOC")


def mass(found, suspect, spans):
    """The probability that the tokens in dispute have just these spans, and none crosses their edges."""
    wanted = {(span.start, span.end, span.label) for span in spans}
    return sum(
        each.probability
        for each in found
        if {(a, b, kind) for a, b, kind in each.spans if a < suspect.end and suspect.start < b} == wanted
    )


@pytest.mark.parametrize("scheme", ["iob2", "bioes", "io"])
def test_both_readings_have_the_mass_of_the_sequences_that_read_so(scheme):
    parts = tiny_parts(scheme, ("LOC", "PER"), seed=4)
    suspects = find_suspects(Tagger(parts), [Example(TOKENS, GOLD)])
    found = labellings(parts, TOKENS)
    assert suspects
    for suspect in suspects:
        assert suspect.gold_probability == pytest.approx(mass(found, suspect, suspect.gold), abs=1e-8)
        assert suspect.other_probability == pytest.approx(mass(found, suspect, suspect.other), abs=1e-8)


def test_suspects_share_no_token_and_come_by_their_scores():
    sentences = [Example(TOKENS[:length], GOLD[:length]) for length in (4, 1, 2, 3)]
    suspects = find_suspects(Tagger(tiny_parts("bioes", seed=2)), sentences)
    assert [suspect.score for suspect in suspects] == sorted((each.score for each in suspects), reverse=True)
    places = [(each.sentence, place) for each in suspects for place in range(each.start, each.end)]
    assert len(places) == len(set(places))
    assert {suspect.sentence for suspect in suspects} == {0, 1, 2, 3}


def test_what_the_model_is_sure_of_against_the_data_comes_first():
    """Gold labels that are the least probable of all, in one sentence of many whose labels are the most probable."""
    parts = tiny_parts("iob2", seed=7)
    best = labellings(parts, TOKENS)[0].reported
    worst = next(each for each in reversed(labellings(parts, TOKENS)) if len(each.spans) == 1).reported
    examples = [Example(TOKENS, best)] * 5 + [Example(TOKENS, worst)] + [Example(TOKENS, best)] * 5
    assert find_suspects(Tagger(parts), examples)[0].sentence == 5


def test_sentences_are_called_by_their_numbers():
    examples = [Example(TOKENS, GOLD), Example((), ())]
    suspects = find_suspects(Tagger(tiny_parts("iob2")), examples, numbers=[17, 4])
    assert {suspect.sentence for suspect in suspects} == {17}


def test_a_type_that_the_model_does_not_know_has_no_probability():
    parts = tiny_parts("iob2", ("PER",), seed=1)
    suspects = find_suspects(Tagger(parts), [Example(TOKENS[:1], ("B-LOC",))])
    assert suspects[0].gold_probability == 0
    assert math.isfinite(suspects[0].score)


def test_tags_are_compared_with_the_most_probable_other_one():
    tagger = Tagger(tiny_parts("none", ("NOUN", "O", "VERB"), seed=3))
    gold = ("NOUN", "VERB", "O", "UNKNOWN")
    suspects = sorted(find_suspects(tagger, [Example(TOKENS, gold)]), key=lambda each: each.start)
    [rows] = tagger.marginals([TOKENS])
    for place, (suspect, row) in enumerate(zip(suspects, rows, strict=True)):
        chances = dict(zip(tagger.labels, row.tolist(), strict=True))
        own = chances.pop(gold[place], 0.0)
        assert suspect.kind == "tag"
        assert (suspect.start, suspect.end) == (place, place + 1)
        assert suspect.gold[0].label == gold[place]
        assert suspect.gold_probability == pytest.approx(own, abs=1e-6)
        assert suspect.other[0].label == max(chances, key=chances.__getitem__)
        assert suspect.other_probability == pytest.approx(max(chances.values()), abs=1e-6)


def test_the_score_is_the_margin_less_two_nats_for_each_slip():
    assert score(math.log(0.01), math.log(0.5), 1) == pytest.approx(math.log(50) - 2)


def test_what_is_less_probable_than_one_in_ten_thousand_is_all_the_same():
    assert score(-math.inf, 0.0, 2) == score(math.log(1e-4), 0.0, 2) == score(math.log(1e-9), 0.0, 2)


def test_suspects_of_several_folds_are_one_ranking():
    tagger = Tagger(tiny_parts("iob2", seed=2))
    both = [Example(TOKENS, GOLD), Example(TOKENS[2:], GOLD[2:])]
    folds = [find_suspects(tagger, both[:1], numbers=[0]), find_suspects(tagger, both[1:], numbers=[1])]
    assert ranked([*folds[1], *folds[0]]) == find_suspects(tagger, both)


def test_a_sentence_without_labels_is_refused():
    with pytest.raises(DataError, match=r"a\.conll:7: expected gold labels, found none"):
        find_suspects(Tagger(tiny_parts("iob2")), [Example(TOKENS, origin="a.conll:7")])
