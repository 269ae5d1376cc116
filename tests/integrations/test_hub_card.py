"""The card of a model on the Hub, where the model has none of its own, or one that somebody wrote."""

from dataclasses import replace

import pytest
from huggingface_hub import ModelCard
from integrations.card_facts import facts_of
from present import present
from tiny_models import tiny_parts, tiny_tagger

from tagger import Tagger
from tagger.errors import ModelError
from tagger.integrations.hub_card import hub_card


@pytest.mark.parametrize("card", [None, b"# A tagger model\n", b"\n"])
def test_a_model_without_a_card_gets_one_that_invents_nothing(card):
    parts = tiny_parts()
    found = ModelCard(hub_card(Tagger(replace(parts, card=card)), "org/name"))
    assert "Labels (iob2): `O`, `B-LOC`, `I-LOC`, `B-PER`, `I-PER`" in found.text
    parameters = sum(array.size for array in parts.weights.values())
    assert (
        f"{parameters:,} parameters; {len(parts.featurizer.words)} words in the vocabulary. What it was trained on, "
        "and how good it is, are not known here: it was saved without a card." in found.text
    )
    assert "## Limits" in found.text
    assert 'Tagger.from_pretrained("org/name")' in found.text
    assert "extract(" in found.text
    assert facts_of(found).eval_results is None


def test_a_model_of_plain_labels_is_not_said_to_find_entities():
    text = hub_card(tiny_tagger("none", ["NOUN", "VERB"]), "org/name")
    assert "extract(" not in text
    assert "It gives one label to each token" in text


def test_temperature_and_thresholds_are_told_if_the_card_does_not():
    parts = replace(
        tiny_parts(), temperature=1.5, thresholds={"PER": 0.75}, card=b"# Mine\n\nText.\n\n## Use\n"
    )
    text = ModelCard(hub_card(Tagger(parts), "org/name")).text
    assert "Temperature 1.5: all scores are divided by it" in text
    assert "`PER` 0.75." in text
    told = replace(parts, card=text.encode())
    assert ModelCard(hub_card(Tagger(told), "org/name")).text == text


def test_what_somebody_wrote_into_the_card_stays():
    own = b"---\nlicense: mit\ntags:\n- news\nmine: 3\n---\n# Mine\n\nText.\n"
    parts = replace(tiny_parts(), card=own)
    card = ModelCard(hub_card(Tagger(parts), "org/name", language="en"))
    assert card.data.to_dict() == {
        "license": "mit",
        "tags": ["news", "tagger", "token-classification"],
        "mine": 3,
        "language": "en",
        "library_name": "tagger",
        "pipeline_tag": "token-classification",
    }
    assert card.text == "# Mine\n\nText.\n"


@pytest.mark.parametrize("head", ["a: [", "- a", "model-index: 3"])
def test_metadata_that_cannot_be_read_are_told(head):
    parts = replace(tiny_parts(), card=f"---\n{head}\n---\n# Mine\n\nText.\n".encode())
    with pytest.raises(
        ModelError, match=r"README.md: the metadata at its head cannot be read: .*save\(FOLDER, card="
    ):
        hub_card(Tagger(parts), "org/name")


def card_of_two(first, second):
    results = [
        f"  - task: {{type: t}}\n    dataset: {{type: other, {dataset}}}\n    metrics: [{{type: f1, value: 0.5}}]\n"
        for dataset in (first, second)
    ]
    head = f"---\nmodel-index:\n- name: mine\n  results:\n{''.join(results)}---\n"
    return Tagger(replace(tiny_parts(), card=f"{head}# Mine\n\nText.\n".encode()))


def test_scores_on_two_data_sets_do_not_become_scores_on_one():
    with pytest.raises(
        ModelError,
        match=r"model-index: the data sets 'A' and 'B' have the same type, config, split and revision",
    ):
        hub_card(card_of_two("name: A", "name: B"), "org/name")
    apart = ModelCard(hub_card(card_of_two("name: A, split: test", "name: B, split: dev"), "org/name"))
    assert [each.dataset_name for each in present(facts_of(apart).eval_results)] == ["A", "B"]
