"""What inner labels are reported as, written down by hand."""

import numpy as np
import pytest

from tagger.inference.reported_labels import ReportedLabels
from tagger.schemes import LabelScheme

BIOES = ("O", "B-P", "I-P", "E-P", "S-P", "B-L", "I-L", "E-L", "S-L")
IO = ("O", "I-L", "I-P")


def report(reported_labels, inner_labels, sentences):
    """Reported names of sentences of inner names, padded with -1."""
    width = max(map(len, sentences))
    ids = np.full((len(sentences), width), -1)
    for row, sentence in zip(ids, sentences, strict=True):
        row[: len(sentence)] = [inner_labels.index(label) for label in sentence]
    return reported_labels.names(
        reported_labels.report(ids), np.array([len(sentence) for sentence in sentences])
    )


@pytest.mark.parametrize(
    ("labels", "scheme", "reported"),
    [
        (("O", "B-P", "I-P"), LabelScheme.IOB2, ("O", "B-P", "I-P")),
        # any order inside; always the same outside
        (("I-P", "O", "B-P"), LabelScheme.IOB2, ("O", "B-P", "I-P")),
        (BIOES, LabelScheme.BIOES, ("O", "B-L", "I-L", "B-P", "I-P")),
        (IO, LabelScheme.IO, ("O", "B-L", "I-L", "B-P", "I-P")),
        (("VERB", "NOUN"), LabelScheme.NONE, ("VERB", "NOUN")),
        # labels without spans that look like labels with
        (("B-P", "O"), LabelScheme.NONE, ("B-P", "O")),
        (("O",), LabelScheme.IOB2, ("O",)),
    ],
)
def test_reported_labels_are_iob2_or_the_plain_labels(labels, scheme, reported):
    reported_labels = ReportedLabels(labels, scheme)
    assert reported_labels.labels == reported
    expected = LabelScheme.NONE if scheme is LabelScheme.NONE else LabelScheme.IOB2
    assert reported_labels.scheme is expected


def test_iob2_is_reported_as_it_is_and_padding_left_out():
    labels = ("O", "B-P", "I-P")
    sentences = [["B-P", "I-P", "O"], ["O"], []]
    assert report(ReportedLabels(labels, LabelScheme.IOB2), labels, sentences) == sentences


def test_bioes_is_reported_as_iob2():
    found = report(
        ReportedLabels(BIOES, LabelScheme.BIOES), BIOES,
        [["S-P", "S-P", "B-L", "E-L", "O"], ["B-P", "I-P", "E-P"]],
    )  # fmt: skip
    assert found == [["B-P", "B-P", "B-L", "I-L", "O"], ["B-P", "I-P", "I-P"]]


def test_io_begins_a_span_where_the_label_changes():
    found = report(
        ReportedLabels(IO, LabelScheme.IO), IO, [["I-P", "I-P", "I-L", "O", "I-L"], ["O", "I-P"], ["I-L"]]
    )
    assert found == [["B-P", "I-P", "B-L", "O", "B-L"], ["O", "B-P"], ["B-L"]]


def test_bare_types_of_io_are_reported_with_letters():
    labels = ("O", "person", "art-film")
    found = report(
        ReportedLabels(labels, LabelScheme.IO), labels, [["person", "person", "art-film", "art-film"]]
    )
    assert found == [["B-person", "I-person", "B-art-film", "I-art-film"]]


def test_marginals_of_bioes_are_summed_up():
    nodes = np.array([[[0.1, 0.2, 0.05, 0.05, 0.3, 0.1, 0.1, 0.05, 0.05]]])
    marginals = ReportedLabels(BIOES, LabelScheme.BIOES).marginals(nodes)
    # O; B-L = B-L + S-L; I-L = I-L + E-L; the same of P
    np.testing.assert_allclose(marginals, [[[0.1, 0.15, 0.15, 0.5, 0.1]]])


def test_marginals_of_io_are_split_by_whether_the_label_before_is_the_same():
    nodes = np.array([[[0.5, 0.2, 0.3], [0.1, 0.3, 0.6]]])
    repeated = np.array([[[0.0, 0.0, 0.0], [0.05, 0.1, 0.25]]])
    marginals = ReportedLabels(IO, LabelScheme.IO).marginals(nodes, repeated)
    # O, B-L, I-L, B-P, I-P
    np.testing.assert_allclose(marginals, [[[0.5, 0.2, 0.0, 0.3, 0.0], [0.1, 0.2, 0.1, 0.35, 0.25]]])


def test_marginals_of_reordered_iob2_follow_the_reported_order():
    reported_labels = ReportedLabels(("I-P", "O", "B-P"), LabelScheme.IOB2)
    np.testing.assert_allclose(reported_labels.marginals(np.array([[[0.2, 0.5, 0.3]]])), [[[0.5, 0.3, 0.2]]])


def test_a_span_continues_with_its_own_inside_label_alone():
    def continuing(labels, scheme):
        table = ReportedLabels(labels, scheme).continues
        return {(labels[i], labels[j]) for i, j in np.argwhere(table)}

    iob2 = ("O", "B-P", "I-P", "B-L", "I-L")
    assert continuing(iob2, LabelScheme.IOB2) == {
        ("B-P", "I-P"), ("I-P", "I-P"), ("B-L", "I-L"), ("I-L", "I-L"),
    }  # fmt: skip
    assert continuing(IO, LabelScheme.IO) == {("I-P", "I-P"), ("I-L", "I-L")}
    bioes = continuing(BIOES, LabelScheme.BIOES)
    assert {pair for pair in bioes if pair[0] in ("B-P", "I-P")} == {
        ("B-P", "I-P"), ("B-P", "E-P"), ("I-P", "I-P"), ("I-P", "E-P"),
    }  # fmt: skip
    assert not any(right in ("B-P", "S-P", "O") for _, right in bioes)
    assert continuing(("A", "B"), LabelScheme.NONE) == set()
