"""Comparison of runs, for ``tagger compare``."""
