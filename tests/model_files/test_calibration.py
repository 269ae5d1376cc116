"""The section of the model card about a calibration comes, changes and goes; all else is as it was."""

import pytest

from tagger.model_files.calibration import calibrated_card, temperature_paragraph, thresholds_paragraph

CARDS = [
    "# A tagger model\n",
    "# A tagger model",
    "",
    "# A\n\n## Scores\n\n5\n\n## Use\n\n```python\n# code\n```\n",
    "# A\r\n\r\n## Use\r\n\r\nx\r\n",
    "a\u2028b\n\n\n",
]
TEMPERATURE = "Temperature 1.5: sure."
THRESHOLDS = "Thresholds: `PER` 0.5."


@pytest.mark.parametrize("card", CARDS, ids=repr)
def test_a_section_that_goes_leaves_the_text_that_was_there(card):
    both = calibrated_card(card, TEMPERATURE, THRESHOLDS)
    assert both.count("## Calibration") == 1
    assert calibrated_card(both, TEMPERATURE, THRESHOLDS) == both
    assert calibrated_card(both) == both
    alone = calibrated_card(both, thresholds=None)
    assert alone == calibrated_card(card, TEMPERATURE, None)
    assert calibrated_card(alone, thresholds=THRESHOLDS) == both
    assert calibrated_card(card, None, None) == calibrated_card(card) == card
    assert calibrated_card(both, None, None).rstrip("\n") == card.rstrip("\n")


def test_a_section_stands_before_the_use():
    assert calibrated_card(CARDS[3], TEMPERATURE) == (
        "# A\n\n## Scores\n\n5\n\n## Calibration\n\nTemperature 1.5: sure.\n\n## Use\n\n```python\n# code\n```\n"
    )


def test_a_section_stands_at_the_end_of_a_card_without_one_about_the_use():
    assert calibrated_card("# A\n", None, THRESHOLDS) == "# A\n\n## Calibration\n\nThresholds: `PER` 0.5.\n"


def test_paragraphs():
    assert temperature_paragraph(1, "x") is None
    assert thresholds_paragraph({}, "x") is None
    assert temperature_paragraph(1.794, "Fitted to dev.conll.") == (
        "Temperature 1.794: all scores are divided by it before they become probabilities. Fitted to dev.conll."
    )
    assert thresholds_paragraph({"PER": 0.25, "`": 1 / 3}, "") == (
        "Thresholds, below which `tagger tag --thresholds` withholds spans: `PER` 0.25, `` ` `` 0.3333."
    )
