"""The reliability of probabilities, thresholds, and calibration by temperature.

Read in this order: ``reliability`` (curves and calibration errors), ``thresholds`` and ``threshold_tables`` (trading
precision for recall), ``temperature`` (fitting it) and ``calibration`` (whether it helps).
"""
