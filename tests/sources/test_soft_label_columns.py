"""Probabilities of labels, and labels that are not known, in datasets and data frames: of the train split alone."""

import pandas as pd
import pytest
from datasets import Dataset

from tagger.errors import DataError
from tagger.training import DataConfig
from tagger.training.given import read_given

ROWS = [
    {"tokens": ["EU", "met", "Bo"], "labels": ["B-ORG", "O", "B-PER"], "soft_labels": None},
    {
        "tokens": ["EU", "Bo"],
        "labels": None,
        "soft_labels": [{"B-ORG": 0.9, "O": 0.1}, {"B-PER": 0.5, "O": 0.5}],
    },
    {
        "tokens": ["EU", "Bo"],
        "labels": ["B-ORG", "O"],
        "soft_labels": [{"B-ORG": 0.9, "O": 0.1}, {"B-PER": 0.5, "O": 0.5}],
    },
    {"tokens": ["EU", "Bo"], "labels": ["B-ORG", None], "soft_labels": None},
]


@pytest.mark.parametrize("make", [Dataset.from_list, pd.DataFrame])
def test_rows_have_labels_or_probabilities_or_both(make):
    examples = read_given(make(ROWS), DataConfig()).train
    assert [example.labels for example in examples] == [("B-ORG", "O", "B-PER"), None, ("B-ORG", "O"), None]
    soft = ({"B-ORG": 0.9, "O": 0.1}, {"B-PER": 0.5, "O": 0.5})
    assert [example.soft_labels for example in examples] == [None, soft, soft, ({"B-ORG": 1.0}, None)]


def test_labels_that_are_integers_may_be_unknown():
    rows = [{"tokens": ["EU", "Bo"], "labels": [1, None]}, {"tokens": ["a"], "labels": [0]}]
    examples = read_given(Dataset.from_list(rows), DataConfig(label_names=["O", "B-ORG"])).train
    assert examples[0].soft_labels == ({"B-ORG": 1.0}, None)
    assert examples[1].labels == ("O",)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (1, r"splits\[validation\]:0: column 'labels' is null"),
        (3, r"splits\[validation\]:0: token 1 in column 'labels': expected a label, found None"),
    ],
)
def test_what_is_scored_needs_labels(row, reason):
    train = Dataset.from_list(ROWS)
    splits = {"train": train, "validation": Dataset.from_list([ROWS[row]], features=train.features)}
    with pytest.raises(DataError, match=reason):
        read_given(splits, DataConfig())


@pytest.mark.parametrize(
    ("soft", "reason"),
    [
        (
            [{"O": 0.9}],
            r"splits\[train\]:0: expected probabilities of labels for each token, found 2 tokens and 1",
        ),
        (
            [{"O": 0.9}, {"O": 1.0}],
            r"splits\[train\]:0: soft_labels of token 1 of 2: .* that add up to 1, found 0.9",
        ),
        (
            [{"O": 1.5}, {"O": 1.0}],
            r"splits\[train\]:0: soft_labels of token 1 of 2: expected a probability of 'O'",
        ),
    ],
)
def test_probabilities_that_are_none_are_refused(soft, reason):
    rows = [{"tokens": ["EU", "Bo"], "labels": ["O", "O"], "soft_labels": soft}]
    with pytest.raises(DataError, match=reason):
        read_given(Dataset.from_list(rows), DataConfig())
