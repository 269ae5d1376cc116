"""From sentences to labels and probabilities: batching, caches of word features, and decoding."""
