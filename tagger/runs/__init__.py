"""Runs side by side: what ``tagger compare`` says."""
