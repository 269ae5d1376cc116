"""Comparing two sides with different tokens by their characters.

Read in this order: ``segmented`` (the annotations of one side, by characters), ``reading_segmented`` (reading them from
files), ``uncut_texts`` (the raw text for a model to segment), ``word_alignment`` and ``raw_text`` (tokens, sentences,
words and labels as scored by the CoNLL 2018 shared task).
"""
