"""Two sides with other tokens, compared by their characters.

Read in this order: ``segmented`` (what one side says of the characters of a text), ``reading_segmented`` (from files),
``uncut_texts`` (the text that a model is to cut), ``word_alignment`` and ``raw_text`` (tokens, sentences, words and
labels as the CoNLL 2018 shared task scores them).
"""
