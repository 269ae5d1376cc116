"""JSON: the objects of a file, JSON Lines of sentences and texts, and objects written back as they were."""
