"""Figures about a corpus, and what in them is worth knowing before one trains.

Read in this order: ``sizes`` (sentences, tokens, lengths), ``labels`` (types, their shares, ambiguity), ``overlap``
(words and entities that train has), ``memory`` (what a tagger would score that only remembers), ``balance`` (rare
types, parts that differ).
"""
