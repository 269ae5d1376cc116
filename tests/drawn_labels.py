"""Gold labels drawn from a model at a temperature, which fitting is to find again."""

import random

from labelling_oracle import labellings

from tagger.examples import Example

WORDS = ["The", "EU", "rejects", "German", "Anna", "met", "Rome", "in", "1996", "McCoy-7"]


def drawn(parts, temperature, count, seed=0, length=3):
    """Sentences with gold labels drawn from a model at a temperature, and the enumeration of each."""
    generator = random.Random(seed)
    examples, enumerations = [], []
    for _ in range(count):
        tokens = tuple(generator.choices(WORDS, k=length))
        found = labellings(parts, tokens)
        weights = [each.probability ** (1 / temperature) for each in found]
        (gold,) = generator.choices(found, weights)
        examples.append(Example(tokens, gold.reported))
        enumerations.append((found, gold))
    return examples, enumerations
