"""Document context by slow loops: parts, blocks and emissions, one sentence and one word at a time."""

from __future__ import annotations

import torch

from tagger.features import encode_sentences
from tagger.modules.word_features import FeatureTensors


def slow_parts(sentences, documents, document_tokens):
    """Lists of numbers of sentences that are read together."""
    parts = []
    for i, (sentence, document) in enumerate(zip(sentences, documents, strict=True)):
        last = parts[-1] if parts else []
        together = (
            last
            and document is not None
            and documents[last[0]] == document
            and sum(len(sentences[k]) for k in last) + len(sentence) <= document_tokens
            and len(last) < document_tokens
        )
        if together:
            last.append(i)
        else:
            parts.append([i])
    return parts


def slow_blocks(sentences, part, block_tokens):
    """Lists of numbers of sentences of a part that the encoder reads as one."""
    blocks = []
    for i in part:
        if blocks and sum(len(sentences[k]) for k in blocks[-1]) + len(sentences[i]) <= block_tokens:
            blocks[-1].append(i)
        else:
            blocks.append([i])
    return blocks


def same_word(word, config):
    """What two words have in common that are the same to a model."""
    word = word.lower() if config.lowercase else word
    return "".join("0" if config.fold_digits and c in "0123456789" else c for c in word)


def slow_emissions(parts, sentences, documents):
    """The emissions of every sentence, ``[T, L]``."""
    config, model = parts.config, parts.model.eval()
    result = [None] * len(sentences)
    with torch.no_grad():
        for part in slow_parts(sentences, documents, config.document_tokens):
            hidden = {}
            for block in slow_blocks(sentences, part, config.block_tokens):
                places = [(i, t) for i in block for t in range(len(sentences[i]))]
                if not places:
                    continue
                inputs = torch.stack([_vector(parts, sentences[i][t]) for i, t in places])[None]
                encoded = model.encoder(inputs, torch.tensor([len(places)]))[0]
                hidden.update(zip(places, encoded, strict=True))
            for i in part:
                rows = [_row(parts, sentences, hidden, i, t) for t in range(len(sentences[i]))]
                emissions = torch.stack(rows) if rows else torch.zeros(0, len(parts.labels))
                if model.wide is not None and rows:
                    emissions = emissions + _wide(parts, sentences[i])
                result[i] = emissions
    return result


def _row(parts, sentences, hidden, i, t):
    word = same_word(sentences[i][t], parts.config)
    others = [
        state
        for (k, u), state in hidden.items()
        if (k, u) != (i, t) and same_word(sentences[k][u], parts.config) == word
    ]
    own = parts.model.projection(hidden[i, t])
    if not others:
        return own
    return own + parts.model.document_context.projection(sum(others) / len(others))


def _vector(parts, word):
    _, features = encode_sentences(parts.featurizer, [(word,)])
    return parts.model.word_features(FeatureTensors.of(features))[0]


def _wide(parts, sentence):
    (rows,), features = encode_sentences(parts.featurizer, [sentence])
    index = parts.featurizer.wide.rows(features.wide, rows, torch.tensor([len(sentence)]).numpy())
    return parts.model.wide(torch.from_numpy(index))[0]
