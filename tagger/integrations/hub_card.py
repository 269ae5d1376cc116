"""The model card for the Hub: the model's own card, with metadata as the Hub's library reads and writes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from tagger.errors import ModelError, UsageError
from tagger.integrations.card_text import labels_line, limits_lines, usage_lines, with_hub_usage
from tagger.model_files import CARD, calibrated_card, temperature_paragraph, thresholds_paragraph

if TYPE_CHECKING:
    from tagger.api import Tagger

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
_METADATA: Final = re.compile(r"\s*---[\r\n]")
_TAGS: Final = ("tagger", "token-classification")


def hub_card(
    tagger: Tagger,
    name: str,
    *,
    license: str | None = None,
    language: str | Sequence[str] | None = None,
) -> str:
    """Return the card of a model for the Hub.

    The text is that of the model's card, which the training run wrote, with its scores as ``model-index``. For a model
    without one, it describes the model and states that nothing else is known.

    Args:
        tagger: the model.
        name: name of the repository.
        license: the model's licence, as the Hub abbreviates it; taken from the card if left out.
        language: ISO 639 code of the language of its texts, or several; taken from the card if left out.

    Raises:
        ModelError: if the metadata of the model's card cannot be read, or the Hub's library would change them.
        UsageError: if the licence or a language is not a valid name.
    """
    from huggingface_hub import ModelCard

    languages = [language] if isinstance(language, str) else language and list(language)
    for option, values in (
        ("license", [license] if license is not None else []),
        ("language", languages or []),
    ):
        for value in values:
            if not isinstance(value, str) or not _NAME.fullmatch(value):
                raise UsageError(
                    f"{option}: expected a short name, such as {_EXAMPLES[option]}, found {value!r}"
                )
    stored = tagger.parts.card
    text = "" if stored is None else stored.decode("utf-8", "replace")
    if not _has_content(text):
        text = _described(tagger)
    if not _METADATA.match(text):
        text = "---\nlibrary_name: tagger\n---\n\n" + text.lstrip("\n")
    try:
        card = ModelCard(text)
    except Exception as error:  # from YAML, or one of several kinds from the library
        raise ModelError(
            f"{CARD}: the metadata at its head cannot be read: {' '.join(str(error).split())}. "
            "Save the model with another card: save(FOLDER, card=...)"
        ) from error
    _check_results(card.data)
    card.text = _with_calibration(tagger, with_hub_usage(card.text, name))
    _complete(card.data, name, license=license, languages=languages)
    return str(card.content)


_EXAMPLES: Final = {"license": "'mit' or 'cc-by-4.0'", "language": "'en'"}


def _check_results(data: Any) -> None:
    """Refuse scores on data sets that the library would merge under the name of the first."""
    names: dict[Any, str] = {}
    for result in data.eval_results or ():
        name = names.setdefault(result.unique_identifier, result.dataset_name)
        if name != result.dataset_name:
            raise ModelError(
                f"{CARD}: model-index: the data sets {name!r} and {result.dataset_name!r} have the same type, config, "
                "split and revision, and would become one on the Hub. Give each another one of these, and save the "
                "model with that card: save(FOLDER, card=...)"
            )


def _complete(data: Any, name: str, *, license: str | None, languages: Sequence[str] | None) -> None:
    """Set the metadata fields that the Hub expects; the others are kept."""
    data.library_name = "tagger"
    data.pipeline_tag = "token-classification"
    data.tags = [*(data.tags or []), *(tag for tag in _TAGS if tag not in (data.tags or []))]
    if license is not None:
        data.license = license
    if languages:
        data.language = languages[0] if len(languages) == 1 else list(languages)
    if data.eval_results:
        data.model_name = name.split("/")[-1]


def _has_content(text: str) -> bool:
    """Return whether a card has more than the heading with which a model without a card is saved."""
    return any(line.strip() and not line.startswith("# ") for line in text.split("\n"))


def _described(tagger: Tagger) -> str:
    """Return the card text for a model about which nothing else is known."""
    words = len(tagger.parts.featurizer.words)
    return "\n".join(
        [
            "# A tagger model",
            "",
            labels_line(tagger),
            "",
            f"{tagger.parts.num_parameters:,} parameters; {words:,} words in the vocabulary. What it was trained on, "
            "and how good it is, are not known here: it was saved without a card.",
            "",
            *limits_lines(tagger),
            *usage_lines(tagger),
        ]
    )


def _with_calibration(tagger: Tagger, text: str) -> str:
    """Return the text with the stored temperature and thresholds, if it does not mention them."""
    if "## Calibration" in text.split("\n"):
        return text
    parts = tagger.parts
    temperature = temperature_paragraph(parts.temperature, "")
    thresholds = thresholds_paragraph(parts.thresholds, "")
    return calibrated_card(text, temperature, thresholds) if temperature or thresholds else text
