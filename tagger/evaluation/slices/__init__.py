"""Scores of parts of the data: by length, place, capitals, what training data has of a word, documents, any column.

Read in this order: ``attributes`` (what spans and tokens are told apart by), ``training_statistics`` and
``training_attributes`` (what training data has of them), ``column_reading`` and ``column_values`` (columns of the
files), ``tables``, ``document_scores``.
"""
