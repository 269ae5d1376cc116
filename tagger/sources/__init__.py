"""Sources of Examples that are no text files: Hugging Face datasets, from the Hub or from disk."""

from tagger.sources.huggingface import DatasetIdentity, Splits, load_splits

__all__ = ["DatasetIdentity", "Splits", "load_splits"]
