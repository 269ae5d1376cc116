"""Parts of documents by a slow loop."""

from __future__ import annotations


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
