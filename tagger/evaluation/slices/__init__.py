"""Scores of slices of the data: by length, position, capitals, frequency in training, document, or any column.

Read in this order: ``attributes`` (properties of spans and tokens), ``training_statistics`` and
``training_attributes`` (their occurrences in the training data), ``column_reading`` and ``column_values`` (columns of
the files), ``tables``, ``document_scores``.
"""
