"""Examples from Hugging Face datasets, on the Hub or on disk."""

from tagger.sources.huggingface import DatasetIdentity, Splits, load_splits

__all__ = ["DatasetIdentity", "Splits", "load_splits"]
