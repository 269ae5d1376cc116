"""How far probabilities can be trusted, which thresholds to use, and the temperature that mends them.

Read in this order: ``reliability`` (curves and calibration errors), ``thresholds`` and ``threshold_tables`` (which one
buys which precision and recall), ``temperature`` (fitting it) and ``calibration`` (whether it helps).
"""
