"""Evaluation of models: how good they are, how certain that is, and where they fail; also for other tools' predictions.

Read in this order: ``comparison`` (two sides as arrays, the basis of everything else), ``results`` (tables of figures,
the common form in which all results are printed, written and drawn). How good: ``scores``; how certain: ``units`` and
``certainty``; two systems: ``against``. Where it fails: ``errors`` and ``slices``. Whether probabilities can be
trusted: ``probabilities``. Predictions of any tool: ``parts`` and ``reading_predictions``; with other tokens:
``characters``. Finally ``evaluation``, which combines all of it, ``marked`` (sentences for readers) and ``page``.
"""
