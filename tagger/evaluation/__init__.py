"""How good a model is, how sure one can be of it, and where it fails: for ours and for any tool's predictions.

Read in this order: ``comparison`` (two sides as columns of numbers, which everything else counts), ``results`` (tables
of figures, the one form in which all that is found is printed, written and drawn). How good: ``scores``; how sure:
``units`` and ``certainty``; two systems: ``against``. Where it fails: ``errors`` and ``slices``. Whether probabilities
can be trusted: ``probabilities``. What any tool predicted: ``parts`` and ``reading_predictions``; with other tokens:
``characters``. At last ``evaluation``, which puts all of it together, ``marked`` (sentences for people) and ``page``.
"""
