"""Copies and conflicts: the same sentence or phrase again, in the same part or in another, with the same labels or not.

Read in this order: ``sentences`` (which are long enough to matter, how many are the same), ``duplicates``, ``near``
and ``leaks`` (copies in another part), ``documents``, ``readings`` (how a sentence is labelled),
``conflicting_sentences``, ``conflicting_phrases``, ``conflicting_tags``.
"""
