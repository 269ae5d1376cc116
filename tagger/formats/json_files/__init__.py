"""JSON: the objects of a file, JSON Lines of sentences and texts, and lossless rewriting of objects."""
