"""Copies and conflicts: repeated sentences or phrases, in the same part or another, with the same labels or others.

Read in this order: ``sentences`` (which are long enough to matter, how many are identical), ``duplicates``, ``near``
and ``leaks`` (copies in another part), ``documents``, ``readings`` (how a sentence is labelled),
``conflicting_sentences``, ``conflicting_phrases``, ``conflicting_tags``.
"""
