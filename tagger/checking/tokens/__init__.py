"""Oddities of tokens and sentences, regardless of their labels."""
