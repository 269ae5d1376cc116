"""Formats with one token per row: CoNLL columns, CoNLL-U and relatives, read, written, and restored losslessly."""
