"""Figures about a corpus, and findings in them that matter before training.

Read in this order: ``sizes`` (sentences, tokens, lengths), ``labels`` (types, their shares, ambiguity), ``overlap``
(words and entities that train has), ``memory`` (the score of a tagger that only remembers), ``balance`` (rare types,
parts that differ).
"""
