"""A token a row: CoNLL columns, CoNLL-U and their relatives, read, written, and written back as they were."""
