"""Parts of documents, and what other occurrences of a word in them add to emissions, by slow loops."""

from __future__ import annotations

import math
from collections import defaultdict

from labelling_oracle import labellings


def slow_parts(sentences, documents, document_tokens):
    """Lists of numbers of sentences of a document that belong together."""
    parts: list[list[int]] = []
    last = None
    for i, (sentence, document) in enumerate(zip(sentences, documents, strict=True)):
        fits = (
            document is not None
            and document == last
            and sum(len(sentences[k]) for k in parts[-1]) + len(sentence) <= document_tokens
            and len(parts[-1]) < document_tokens
        )
        if fits:
            parts[-1].append(i)
        elif document is not None:
            parts.append([i])
        last = document
    return parts


def slow_additions(parts, sentences, documents, *, weight=0.6, document_tokens=2048):
    """What is added to the emissions of every sentence, ``[T][L]`` each, from an enumeration of labellings."""
    labels = parts.labels.items
    types = sorted({kind(label) for label in labels})
    added = [[[0.0] * len(labels) for _ in sentence] for sentence in sentences]
    for part in slow_parts(sentences, documents, document_tokens):
        places = defaultdict(list)
        for i in part:
            for t, word in enumerate(sentences[i]):
                if any(mark.isalpha() for mark in word):
                    places["".join("0" if mark in "123456789" else mark for mark in word.lower())].append(
                        (i, t)
                    )
        for occurrences in places.values():
            n = len(occurrences)
            if not 2 <= n <= 12:
                continue
            of_types = {
                place: type_probabilities(parts, sentences[place[0]], place[1], types)
                for place in occurrences
            }
            for i, t in occurrences:
                others = [of_types[place] for place in occurrences if place != (i, t)]
                sure = [max(each.values()) ** 4 for each in others]
                for k, label in enumerate(labels):
                    name = kind(label)
                    q = sum(w * each[name] for w, each in zip(sure, others, strict=True)) / sum(sure)
                    p = of_types[i, t][name]
                    added[i][t][k] = weight * min(1, (n - 1) / 2) * math.log((q + 0.05) / (p + 0.05))
    return added


def type_probabilities(parts, sentence, t, types):
    """The probability of each type at a token."""
    found = dict.fromkeys(types, 0.0)
    for each in labellings(parts, sentence):
        found[kind(each.inner[t])] += each.probability
    return found


def kind(label):
    """The type of a label, O for O."""
    return label.partition("-")[2] or "O"
