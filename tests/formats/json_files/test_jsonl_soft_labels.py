"""Probabilities of labels, and unknown labels, in JSON Lines: read by who learns from them, and no one else."""

import json
import logging

import pytest
from formats.writing import NO_SEGMENTER

from tagger.cli import main
from tagger.errors import DataError, FormatError, UsageError
from tagger.formats import Losses, ReadingOptions, read_examples, read_file
from tagger.formats.reading import read_items

SOFT = [{"B-ORG": 0.9, "O": 0.1}, {"O": 1}]


def write(folder, *lines):
    path = folder / "train.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def read(path, **options):
    return list(read_examples(path, ReadingOptions(**options), taught=True))


def test_sentences_have_labels_or_probabilities_or_both(tmp_path):
    tokens = ["EU", "rejects"]
    path = write(
        tmp_path,
        {"tokens": tokens, "labels": ["B-ORG", "O"]},
        {"tokens": tokens, "soft_labels": SOFT},
        {"tokens": tokens, "labels": ["B-ORG", "O"], "soft_labels": SOFT},
        {"tokens": tokens, "labels": None, "soft_labels": SOFT},
        {"tokens": tokens, "labels": ["B-ORG", None]},
        {"tokens": tokens, "labels": [None, None]},
        {"tokens": tokens, "labels": ["O", "O"], "soft_labels": None},
    )
    found = read(path)
    soft = ({"B-ORG": 0.9, "O": 0.1}, {"O": 1.0})
    known = ("B-ORG", "O")
    assert [example.labels for example in found] == [known, None, known, None, None, None, ("O", "O")]
    assert [example.soft_labels for example in found] == [
        None, soft, soft, soft, ({"B-ORG": 1.0}, None), (None, None), None,
    ]  # fmt: skip


def test_labels_under_another_key_and_integers_may_be_unknown(tmp_path):
    path = write(tmp_path, {"tokens": ["a", "b"], "ner_tags": [1, None]})
    assert read(path, format="jsonl", label_names=["O", "B-ORG"])[0].soft_labels == ({"B-ORG": 1.0}, None)
    path = write(tmp_path, {"tokens": ["a", "b"], "mine": ["X", None]})
    assert read(path, format="jsonl", label_column="mine")[0].soft_labels == ({"X": 1.0}, None)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (
            {"soft_labels": [{"O": 0.5}, {"O": 1}]},
            "soft_labels of token 1 of 2: expected probabilities that add up to 1",
        ),
        (
            {"soft_labels": [{"O": 1}]},
            "expected probabilities of labels for each token, found 2 tokens and 1 sets",
        ),
        (
            {"soft_labels": [{}, {"O": 1}]},
            "soft_labels of token 1 of 2: expected probabilities by label, found the dict {}",
        ),
        (
            {"soft_labels": [0.5, {"O": 1}]},
            "soft_labels of token 1 of 2: expected probabilities by label, found the float",
        ),
        (
            {"soft_labels": [{"O": "1"}, {"O": 1}]},
            "soft_labels of token 1 of 2: expected a probability of 'O', found the",
        ),
        (
            {"soft_labels": [{"O": True}, {"O": 1}]},
            "soft_labels of token 1 of 2: expected a probability of 'O', found the",
        ),
        (
            {"soft_labels": [{"O": -0.1, "X": 1.1}, {"O": 1}]},
            "expected a probability of 'O', found the float -0.1",
        ),
        ({"soft_labels": {"O": 1}}, "expected a list under 'soft_labels', found"),
        (
            {"soft_labels": SOFT, "labels": [None, "O"]},
            "expected 'soft_labels' or labels that are null under 'labels'",
        ),
        (
            {"soft_labels": SOFT, "labels": ["O"]},
            "expected one label per token, found 2 under 'tokens' and 1",
        ),
        ({"labels": [None, 7.5]}, "expected a list of strings under 'labels'"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path, fields, reason):
    path = write(tmp_path, {"tokens": ["a"], "labels": ["O"]}, {"tokens": ["a", "b"], **fields})
    with pytest.raises((DataError, FormatError)) as error:
        read(path)
    assert str(error.value).startswith(f"{path}:2: ")
    assert reason in str(error.value)


def test_a_label_that_comes_twice_is_refused(tmp_path):
    path = tmp_path / "train.jsonl"
    path.write_text('{"tokens": ["a"], "soft_labels": [{"O": 0.5, "O": 0.5}]}\n')
    with pytest.raises(
        FormatError, match="expected each label once under 'soft_labels', found 'O' several times"
    ):
        read(path)


def test_who_does_not_learn_from_them_takes_them_for_what_they_are(tmp_path, capsys, caplog):
    path = write(tmp_path, {"tokens": ["a", "b"], "labels": ["B-ORG", None]})
    with pytest.raises(FormatError, match="expected a list of strings under 'labels', found null at place 1"):
        list(read_examples(path))
    path = write(tmp_path, {"tokens": ["a", "b"], "labels": ["B-ORG", "O"], "soft_labels": SOFT})
    assert [example.soft_labels for example in read_examples(path)] == [None]
    losses = Losses()
    list(read_items(path, ReadingOptions(), losses, whole=True))
    assert "values under 'soft_labels' beside tokens, not read" in str(losses.counts())
    with caplog.at_level(logging.WARNING):
        assert main(["check", str(path)]) in (0, 1)
    capsys.readouterr()


def test_labels_under_any_usual_key_stand_beside_soft_labels(tmp_path):
    tokens = ["EU", "rejects"]
    path = write(tmp_path, {"tokens": tokens, "ner_tags": ["B-ORG", "O"], "soft_labels": SOFT})
    assert read(path)[0].labels == ("B-ORG", "O")
    path = write(
        tmp_path,
        {"tokens": tokens, "labels": ["B-ORG", "O"]},
        {"tokens": tokens, "ner_tags": ["B-ORG", "O"], "soft_labels": SOFT},
    )
    with pytest.raises(FormatError, match=r":2: expected labels under 'labels', as before, found 'ner_tags'"):
        read(path)


def test_texts_have_none(tmp_path):
    path = write(tmp_path, {"text": "EU rejects", "spans": [], "soft_labels": SOFT})
    with pytest.raises(
        FormatError, match=r":1: expected 'soft_labels' beside tokens, found it beside a text"
    ):
        read(path)


def test_what_is_wrong_can_be_skipped(tmp_path):
    path = write(
        tmp_path,
        {"tokens": ["a"], "labels": ["O"]},
        {"tokens": ["a"], "soft_labels": [{"O": 0.5}]},
        {"tokens": ["a", "b"], "soft_labels": [{"O": 1}]},
    )
    assert len(read(path, skip_bad=True)) == 1


def test_sentences_with_soft_labels_are_not_joined(tmp_path):
    path = write(tmp_path, {"tokens": ["a"], "labels": ["O"]}, {"tokens": ["a"], "soft_labels": [{"O": 1}]})
    with pytest.raises(
        UsageError, match="sentences with soft or unknown labels cannot be joined; found some in"
    ):
        read_file(
            path,
            ReadingOptions(join_sentences=True),
            lambda: NO_SEGMENTER,
            lambda _: None,
            Losses(),
            taught=True,
        )
