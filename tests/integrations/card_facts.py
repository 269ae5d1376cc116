"""The facts in the head of a model card."""

from huggingface_hub import ModelCard, ModelCardData


def facts_of(card: ModelCard) -> ModelCardData:
    """Return the facts, which huggingface_hub does not tell from those of other cards."""
    assert isinstance(card.data, ModelCardData)
    return card.data
