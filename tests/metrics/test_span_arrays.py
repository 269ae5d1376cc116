"""Arrays of spans against the reading of one sentence after another, and against seqeval."""

import random
import warnings

import numpy as np
import pytest
from seqeval.metrics.sequence_labeling import get_entities
from seqeval.scheme import BILOU, IOB1, IOB2, IOBES, IOE1, IOE2, Entities

from tagger.errors import LabelError
from tagger.metrics import strict_spans
from tagger.metrics.label_arrays import label_arrays
from tagger.metrics.span_arrays import SpanArrays, same_spans, span_arrays, type_names
from tagger.metrics.strict_spans import strict_span_arrays
from tagger.schemes import LabelScheme, labels_to_spans, scheme_labels
from tagger.schemes.letters import ParsedLabel

SCHEMES = [scheme for scheme in LabelScheme if scheme.has_spans]
OF_SEQEVAL = {
    LabelScheme.IOB1: IOB1,
    LabelScheme.IOB2: IOB2,
    LabelScheme.IOE1: IOE1,
    LabelScheme.IOE2: IOE2,
    LabelScheme.BIOES: IOBES,
    LabelScheme.BILOU: BILOU,
}


def random_sequences(scheme, count=10_000):
    """Sequences most of which break the rules of the scheme, empty ones among them."""
    rng = random.Random(7)
    labels = scheme_labels(["PER", "creative-work", "ORG"], scheme)
    return [[rng.choice(labels) for _ in range(rng.randint(0, 9))] for _ in range(count)]


def as_set(spans, numbers):
    names = type_names(numbers)
    columns = (spans.starts.tolist(), spans.ends.tolist(), spans.types.tolist())
    return {(start, end, names[kind]) for start, end, kind in zip(*columns, strict=True)}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_spans_are_those_of_each_sentence_alone(scheme):
    sequences = random_sequences(scheme, 2000)
    labels = label_arrays(sequences, scheme)
    numbers: dict[str, int] = {}
    found = as_set(span_arrays(labels, scheme, numbers), numbers)
    starts = labels.starts.tolist()
    assert found == {
        (start + span.start, start + span.end, span.label)
        for start, sequence in zip(starts, sequences, strict=True)
        for span in labels_to_spans(sequence, scheme)
    }


@pytest.mark.parametrize("scheme", OF_SEQEVAL)
@pytest.mark.slow
def test_strict_spans_are_those_of_seqeval(scheme):
    sequences = random_sequences(scheme)
    labels = label_arrays(sequences, scheme)
    numbers: dict[str, int] = {}
    found = as_set(strict_span_arrays(labels, scheme, numbers), numbers)
    starts = labels.starts.tolist()
    entities = Entities(sequences, OF_SEQEVAL[scheme]).entities
    expected = {
        (starts[one.sent_id] + one.start, starts[one.sent_id] + one.end, one.tag)
        for of_sentence in entities
        for one in of_sentence
    }
    assert found == expected
    assert len(expected) > 10_000


@pytest.mark.parametrize("scheme", [scheme for scheme in OF_SEQEVAL if scheme is not LabelScheme.BILOU])
def test_spans_are_those_of_seqevals_default_mode(scheme):
    # which does not know the letters of BILOU, and reads U-PER U-PER as one span
    sequences = random_sequences(scheme)
    labels = label_arrays(sequences, scheme)
    numbers: dict[str, int] = {}
    found = as_set(span_arrays(labels, scheme, numbers), numbers)
    starts = labels.starts.tolist()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = {
            (starts[i] + start, starts[i] + last + 1, kind)
            for i, sequence in enumerate(sequences)
            for kind, start, last in get_entities(sequence)
        }
    assert found == expected


@pytest.mark.parametrize(
    ("scheme", "letters"),
    [(LabelScheme.BILOU, "BILU"), (LabelScheme.BMES, "BMES"), (LabelScheme.BMEWO, "BMEW")],
)
def test_schemes_that_only_write_other_letters_have_the_strict_spans_of_bioes(scheme, letters):
    sequences = random_sequences(LabelScheme.BIOES, 500)
    written = str.maketrans("BIES", letters)
    translated = [[label[:1].translate(written) + label[1:] for label in labels] for labels in sequences]
    numbers: dict[str, int] = {}
    others: dict[str, int] = {}
    found = strict_span_arrays(label_arrays(translated, scheme), scheme, numbers)
    expected = strict_span_arrays(label_arrays(sequences, "bioes"), "bioes", others)
    assert as_set(found, numbers) == as_set(expected, others)


def test_what_two_labels_are_to_each_other_is_not_asked_for_each_pair_of_thousands(monkeypatch):
    # which would be minutes for a column of words that is taken for types
    asked = []
    monkeypatch.setattr(ParsedLabel, "joins", lambda *pair: asked.append(pair))

    def never(*pair, **_):
        asked.append(pair)
        return False

    monkeypatch.setattr(strict_spans, "_matches", never)
    labels = label_arrays([[f"{letter}-{kind}" for letter in "BI"] for kind in range(5000)], "iob2")
    found = span_arrays(labels, "iob2", {})
    assert (found.starts.tolist(), found.ends.tolist()) == ([*range(0, 10_000, 2)], [*range(2, 10_002, 2)])
    strict_span_arrays(labels, "iob2", {})
    assert len(asked) <= 3 * 3 * 2 * 3  # letters of both, same type or not, rules


def test_the_same_spans_are_found_by_place_and_type():
    left = SpanArrays(*map(np.array, ([0, 3, 5, 9], [2, 4, 6, 10], [0, 1, 0, 0])))
    right = SpanArrays(*map(np.array, ([0, 3, 5, 7], [2, 4, 7, 9], [0, 0, 0, 0])))
    assert same_spans(left, right).tolist() == [0, -1, -1, -1]
    assert same_spans(left.as_one_type(), right.as_one_type()).tolist() == [0, 1, -1, -1]
    nothing = left.chosen(np.zeros(4, dtype=bool))
    assert (same_spans(left, nothing).tolist(), same_spans(nothing, left).tolist()) == ([-1] * 4, [])


def test_a_label_of_no_scheme_is_named_with_its_place():
    with pytest.raises(LabelError) as caught:
        label_arrays([["O"], ["O", "S-PER"]], "iob2")
    assert str(caught.value) == (
        "sentence 2, token 2: expected O, B-TYPE or I-TYPE as a label in IOB2, found 'S-PER'"
    )


def test_strict_spans_of_legal_ioe1_lack_one_word_spelled_e_as_in_seqeval():
    sequences = [["E-PER", "I-PER", "O"], ["E-PER", "E-PER", "I-PER"]]
    labels = label_arrays(sequences, "ioe1")
    numbers: dict[str, int] = {}
    assert as_set(span_arrays(labels, "ioe1", numbers), numbers) == {
        (0, 1, "PER"), (1, 2, "PER"), (3, 4, "PER"), (4, 5, "PER"), (5, 6, "PER"),
    }  # fmt: skip
    strict = as_set(strict_span_arrays(labels, "ioe1", numbers), numbers)
    assert strict == {(1, 2, "PER"), (4, 5, "PER"), (5, 6, "PER")}
