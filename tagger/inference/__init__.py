"""From sentences to labels and probabilities: batches, what is kept of words, and what the scores say."""
