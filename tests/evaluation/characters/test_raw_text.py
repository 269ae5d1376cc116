import io
import json
import random

import numpy as np
import pytest
from present import present
from tiny_models import tiny_tagger

from tagger.errors import DataError, FormatError
from tagger.evaluation.characters import word_alignment
from tagger.evaluation.characters.raw_text import compare_raw, tag_raw
from tagger.evaluation.characters.reading_segmented import read_segmented, segmented_predictions
from tagger.evaluation.characters.segmented import SegmentedSide
from tagger.evaluation.reading_predictions import read_predictions
from tagger.formats import Losses, ReadingOptions
from tagger.schemes import LabelScheme
from tagger.text.rules import RuleSegmenter


def gold_side(text: str, format: str = "conllu", losses: Losses | None = None, **options) -> SegmentedSide:
    documents = options.pop("documents", False)
    return read_segmented(
        [(io.StringIO(text), "gold")],
        ReadingOptions(format=format, **options),
        RuleSegmenter,
        Losses(skip_bad=options.get("skip_bad", False)) if losses is None else losses,
        documents=documents,
    )


def predicted_side(text: str, format: str = "conllu", scheme: LabelScheme | None = None, **options):
    read = read_predictions(
        io.StringIO(text),
        ReadingOptions(format=format, **options),
        RuleSegmenter,
        scheme=scheme,
        name="predicted",
    )
    return segmented_predictions(read, "predicted")


def conllu(*sentences: str) -> str:
    """Return sentences as CoNLL-U, a row being an id, a form and UPOS with blanks between them."""
    rows = []
    for sentence in sentences:
        for row in sentence.split("\n"):
            id, *form, upos = row.split(" ")
            rows.append("\t".join([id, " ".join(form), "_", upos, *"_" * 6]))
        rows.append("")
    return "\n".join(rows) + "\n"


GOLD = conllu(
    "1 Vámonos VERB\n2 al ADP", "1-2 del _\n1 de ADP\n2 el DET\n3 mar NOUN\n3.1 x _\n4 1 000 NUM\n5 . PUNCT"
)
SYSTEM = conllu(
    "1-2 Vámonos _\n1 vamos VERB\n2 nos PRON",
    "1-2 al _\n1 a ADP\n2 el DET\n3-4 del _\n3 De ADP\n4 el PRON\n5 mar NOUN\n6 1\xa0000. NUM",
)


def test_scores_are_those_of_the_shared_task():
    (table,), comparison = compare_raw(gold_side(GOLD), predicted_side(SYSTEM))
    assert comparison is None
    # The counts are those of udeval 0.2.9 (udtools) on the same two files.
    assert [(row[0], *row[5:]) for row in table.rows] == [
        ("tokens", 6, 5, 4, None),
        ("sentences", 2, 2, 0, None),
        ("words", 7, 8, 3, None),
        ("labels", 7, 8, 2, 3),
    ]
    assert table.rows[3][1:5] == (2 / 8, 2 / 7, 4 / 15, 2 / 3)


def test_another_tokenizer_and_splitter_is_scored():
    gold = "Anna B-PER\nSmith I-PER\nleft O\n. O\n\nOslo B-LOC\n\n"
    system = "Anna B-PER\nSmith I-PER\nleft. O\nOs B-LOC\nlo I-LOC\n\n"
    (table,), comparison = compare_raw(gold_side(gold, "conll"), predicted_side(system, "conll"))
    assert comparison is not None
    assert [(row[0], *row[5:8]) for row in table.rows] == [
        ("tokens", 5, 5, 2),
        ("sentences", 2, 1, 0),
        ("words", 5, 5, 2),
    ]
    assert (comparison.types, comparison.same_tokens) == (("PER", "LOC"), False)
    assert comparison.found().tolist() == [0, 1]
    assert comparison.gold.spans.starts.tolist() == [0, 14]
    assert comparison.gold.spans.ends.tolist() == [9, 18]
    assert comparison.sentence_starts.tolist() == [0, 14, 18]
    assert comparison.token_starts.tolist() == [0, 4, 9, 13, 14]
    first, last = comparison.tokens_of(comparison.predicted.spans)
    assert (first.tolist(), last.tolist()) == ([0, 4], [2, 5])


def test_spans_by_characters_are_those_of_sets_of_offsets():
    rng = random.Random(4)
    for _ in range(100):
        characters = "".join(rng.choice("abc") for _ in range(30))
        sides, sets = [], []
        for side in range(2):
            rows, spans, place = [], set(), 0
            while place < len(characters):
                length = rng.choice([1, 1, 2, 3])
                kind = rng.choice("OXXY")
                rows.append(f"{characters[place : place + length]} {kind if kind == 'O' else 'B-' + kind}")
                if kind != "O":
                    spans.add((place, min(place + length, len(characters)), kind))
                place += length
                if rng.random() < 0.2:
                    rows.append("")
            text = "\n".join(rows) + "\n\n"
            sides.append(
                gold_side(text, "conll") if side == 0 else predicted_side(text, "conll", LabelScheme.IOB2)
            )
            sets.append(spans)
        if not all(sets):
            continue
        _, comparison = compare_raw(*sides)
        assert comparison is not None
        assert np.count_nonzero(comparison.found() >= 0) == len(sets[0] & sets[1])
        assert (len(comparison.gold.spans), len(comparison.predicted.spans)) == tuple(map(len, sets))


def test_types_of_both_sides_are_numbered_alike_and_probabilities_kept():
    gold = "Bo B-PER\nat O\nYork B-LOC\n\n"
    fields = {
        "text": "Bo atYork",
        "spans": [
            {"start": 0, "end": 2, "label": "ORG", "probability": 0.25},
            {"start": 5, "end": 9, "label": "LOC"},
        ],
    }
    _, comparison = compare_raw(gold_side(gold, "conll"), predicted_side(json.dumps(fields), "jsonl"))
    assert comparison is not None
    assert comparison.types == ("PER", "LOC", "ORG")
    assert comparison.predicted.spans.types.tolist() == [2, 1]
    assert comparison.found().tolist() == [-1, 1]
    np.testing.assert_array_equal(comparison.predicted.span_probabilities, [0.25, np.nan])


def test_spans_of_texts_need_not_fit_any_tokens():
    fields = {"text": "New York-based firm", "spans": [[0, 8, "LOC"], [9, 14, "X"], [14, 19, "Y"]]}
    gold = gold_side(json.dumps(fields), "jsonl")
    assert gold.spans.starts.tolist() == [0, 8, 13]
    assert gold.spans.ends.tolist() == [7, 13, 17]
    (table,), comparison = compare_raw(
        gold, predicted_side("New B-LOC\nYork I-LOC\n-based O\nfirm O\n\n", "conll")
    )
    assert table.rows == ()
    assert table.notes == ("gold: its texts have no tokens of their own to compare.",)
    assert comparison is not None
    assert comparison.found().tolist() == [0, -1, -1]


def test_tokens_that_the_model_cut_are_not_scored_as_those_of_the_predictions():
    gold = gold_side("Bo B-PER\nat O\nYork B-LOC\n\n", "conll")
    fields = {"text": "Bo at York", "spans": [[0, 2, "PER"]]}
    (table,), _ = compare_raw(gold, predicted_side(json.dumps(fields), "jsonl"))
    assert table.rows == ()
    assert table.notes == ("predicted: its texts have no tokens of their own to compare.",)


def test_white_space_of_any_kind_is_no_character():
    gold = gold_side("a\u2028b X\nc\u00a0d Y\n\n", "conll", label_column=-1)
    system = predicted_side("a X\nb X\ncd Y\n\n", "conll")
    (table,), _ = compare_raw(gold, system)
    assert gold.characters == "abcd"
    assert table.rows[0][5:8] == (2, 3, 1)


def test_other_text_is_shown_on_both_sides():
    gold = gold_side("The X\ncat X\n\nsat X\non X\n( X\n\n", "conll")
    system = predicted_side("The X\ncat X\nsat X\non X\n\n-LRB- X\n\n", "conll")
    with pytest.raises(DataError) as caught:
        compare_raw(gold, system)
    assert str(caught.value) == (
        "expected the same text on both sides but for white space, found other characters after 'Thecatsaton': "
        "gold:4: '('; predicted:6: '-LRB-'. Sides are compared by characters: each must have every token as it stands "
        "in the text, with no sentence left out."
    )


def test_another_unicode_normalization_is_named():
    with pytest.raises(DataError, match=r"They are the same once normalized; convert both to Unicode NFC\.$"):
        compare_raw(gold_side("caf\u00e9 X\n\n", "conll"), predicted_side("cafe\u0301 X\n\n", "conll"))


def test_predictions_of_fewer_sentences_are_refused():
    with pytest.raises(DataError, match=r"after 'ab': gold:4: 'c'; predicted:1: the end of the text\."):
        compare_raw(gold_side("a X\nb X\n\nc X\n\n", "conll"), predicted_side("a X\nb X\n\n", "conll"))
    with pytest.raises(DataError, match=r"at the beginning: gold:1: 'ab'; predicted:1: 'b'\."):
        compare_raw(gold_side("ab X\n\n", "conll"), predicted_side("b X\n\n", "conll"))


def test_no_gold_is_refused():
    with pytest.raises(DataError, match=r"^gold: expected at least one sentence, found none$"):
        gold_side("\n\n")
    with pytest.raises(DataError, match=r"^gold: expected a text to compare, found none$"):
        compare_raw(
            gold_side('{"tokens": [], "labels": []}\n{"tokens": ["\\u2028"], "labels": ["X"]}', "jsonl"),
            predicted_side("a X\n\n", "conll"),
        )


def test_spans_and_plain_labels_are_not_compared():
    with pytest.raises(DataError, match=r"^predicted: expected spans, as gold has, found plain labels$"):
        compare_raw(gold_side("a B-X\nb O\n\n", "conll"), predicted_side("ab NOUN\n\n", "conll"))


OVERLAPPING = json.dumps({"text": "New York", "spans": [[0, 8, "LOC"], [4, 8, "X"]]})


def test_overlapping_spans_are_refused_or_left_out_and_counted():
    with pytest.raises(
        DataError, match=r"^gold:1: expected spans without a character in common, found the X 'York'"
    ):
        gold_side(OVERLAPPING, "jsonl")
    losses = Losses(skip_bad=True)
    kept = gold_side(OVERLAPPING, "jsonl", losses, skip_bad=True)
    assert (kept.spans.starts.tolist(), kept.spans.ends.tolist()) == ([0], [7])
    assert losses.count("spans that overlap another one, left out as bad") == 1


def test_spans_of_several_fragments_are_refused_or_left_out_and_counted():
    span = {"start": 0, "end": 8, "label": "LOC", "fragments": [[0, 3], [7, 8]]}
    text = json.dumps({"text": "New York", "spans": [span]})
    with pytest.raises(DataError, match=r"has 2 fragments\. Leave it out, or pass"):
        gold_side(text, "jsonl")
    losses = Losses(skip_bad=True)
    assert len(gold_side(text, "jsonl", losses, skip_bad=True).spans) == 0
    assert losses.count("spans of several fragments, left out as bad") == 1


def test_two_spans_in_one_multiword_token_are_refused():
    rows = "1-2 del _\n1 de B-X\n2 el B-Y"
    with pytest.raises(DataError, match=r"two of them cannot be in one multiword token\.$"):
        gold_side(conllu(rows))


def test_a_multiword_token_that_is_not_before_its_words_is_refused():
    with pytest.raises(FormatError, match=r"^gold:2: expected a multiword token"):
        gold_side(conllu("1 a X\n1-2 ab _\n2 b X"))


def test_too_many_words_in_multiword_tokens_are_refused_with_their_line(monkeypatch):
    monkeypatch.setattr(word_alignment, "LONGEST_REGION", 2)
    gold = gold_side(conllu("1 a X", "1-3 bcd _\n1 b X\n2 c X\n3 d X"))
    with pytest.raises(DataError, match=r"^gold:4: expected multiword tokens of at most 2 words"):
        compare_raw(gold, predicted_side(conllu("1 abcd X")))


def test_what_looks_misread_is_told(caplog):
    gold_side("".join(f"word{number} label{number}\n\n" for number in range(600)), "conll")
    assert any("different labels" in message for message in caplog.messages)


def test_sentences_joined_where_a_span_goes_on_keep_their_words():
    gold = gold_side("New B-LOC\n\nYork I-LOC\nwon O\n\n", "conll", join_sentences=True)
    assert (gold.spans.starts.tolist(), gold.spans.ends.tolist()) == ([0], [7])
    assert (len(gold.sentences), len(gold.words)) == (1, 3)


@pytest.mark.parametrize("scheme", ["iob2", "none"])
def test_a_model_is_scored_on_raw_text(scheme):
    tagger = tiny_tagger(scheme=scheme)
    rows = (
        "# newdoc id = a\n# text = Anna Smith left. Oslo\n1 Anna\n2 Smith\n3 left SpaceAfter=No\n4 .\n5 Oslo\n\n"
        "# newdoc id = b\n1-2 cannot SpaceAfter=No\n1 can\n2 not\n3 .\n\n"
    )
    label = "O" if scheme == "iob2" else "NOUN"
    lines = []
    for line in rows.split("\n"):
        id, _, rest = line.partition(" ")
        form, _, misc = rest.partition(" ")
        is_row = line and not line.startswith("#")
        lines.append("\t".join([id, form, "_", label, *"_" * 5, misc or "_"]) if is_row else line)
    gold = gold_side("\n".join(lines) + "\n", documents=True)
    system = tag_raw(tagger, gold)
    assert [example.tokens for example in system.examples] == [
        ("Anna", "Smith", "left", "."),
        ("Oslo",),
        ("cannot", "."),
    ]
    assert [example.document for example in system.examples] == ["0 a", "0 a", "1 b"]
    documents = ["0", "0", "1"]
    expected = tagger.predict([example.tokens for example in system.examples], documents=documents)
    assert [example.labels for example in system.examples] == [one.labels for one in expected]
    np.testing.assert_allclose(
        present(system.label_probabilities), [value for one in expected for value in one.label_probabilities]
    )
    if scheme == "none":
        (table,), _ = compare_raw(gold, system)
        assert [row[5:8] for row in table.rows[:3]] == [(7, 7, 7), (2, 3, 1), (8, 7, 6)]
        assert table.notes == ()


def test_a_text_of_tokens_alone_has_a_blank_between_them_which_is_said():
    gold = gold_side("Anna X\nleft X\n. X\n\nOh X\n! X\n\n", "conll")
    system = tag_raw(tiny_tagger(scheme="none"), gold)
    assert [example.tokens for example in system.examples] == [("Anna", "left", "."), ("Oh", "!")]
    (table,), _ = compare_raw(gold, system)
    assert table.notes == (
        "The gold file does not preserve the white space of its text: the model read it with one space between two "
        "tokens, and between two sentences.",
    )
