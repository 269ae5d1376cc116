"""Measure the tokenizer and sentence splitter: F1 on a treebank, speed, and linearity on one endless line.

    python scripts/benchmarks/segmenter.py DEV.conllu [--json] [--megabytes 1 10 100]

The treebank's sentences are put together into the running text that they were cut from: as ``SpaceAfter=No``
has it within a paragraph, with a blank line between paragraphs (``# newpar``), one text per document
(``# newdoc``). Surface tokens are the lines of multiword tokens and of words outside of them; syntactic words
are what they consist of, where the parts of a multiword token put together are the token (others count as
missed). A boundary is the end of a sentence. ``inner`` leaves out those that the blank line or the end of the
document gives away.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tagger.text import RuleSegmenter, Span, windows

HOSTILE = ("a.", "-", "@", "http://", "'", "a-", "1-", "a\x00", ". ", "?'", "😀\u200d")


@dataclass
class Document:
    """A document of a treebank: its text, and where its sentences, tokens and words are."""

    text: str = ""
    sentences: list[list[Span]] = field(default_factory=list)  # surface tokens
    words: list[Span] = field(default_factory=list)
    num_words: int = 0  # those without a range of characters included


def read_documents(lines: Iterable[str]) -> list[Document]:
    """Return the documents of a CoNLL-U file."""
    documents: list[Document] = []
    first_in_paragraph = False
    rows: list[list[str]] = []
    for line in [*lines, "\n"]:
        if line.startswith("# newdoc") or not documents:
            documents.append(Document())
        elif line.startswith("# newpar"):
            first_in_paragraph = True
        if line.strip() and not line.startswith("#"):
            rows.append(line.rstrip("\r\n").split("\t"))
        elif not line.strip() and rows:
            if first_in_paragraph and documents[-1].text:
                documents[-1].text = documents[-1].text.rstrip() + "\n\n"
            add_sentence(documents[-1], rows)
            rows, first_in_paragraph = [], False
    return documents


def add_sentence(document: Document, rows: list[list[str]]) -> None:
    """Append a sentence, given as its rows of ten columns."""
    words = {int(row[0]): row[1] for row in rows if row[0].isdigit()}
    tokens: list[Span] = []
    within = 0  # the last word of the multiword token
    for row in rows:
        if "." in row[0] or (row[0].isdigit() and int(row[0]) <= within):
            continue
        first, _, last = row[0].partition("-")
        within = int(last or first)
        parts = [words[i] for i in range(int(first), within + 1)]
        start = position = len(document.text)
        document.text += row[1]
        tokens.append((start, len(document.text)))
        document.num_words += len(parts)
        if "".join(parts) == row[1]:
            for part in parts:
                document.words.append((position, position + len(part)))
                position += len(part)
        if "SpaceAfter=No" not in row[9].split("|"):
            document.text += " "
    document.sentences.append(tokens)


@dataclass
class Counts:
    """What precision and recall are made of."""

    right: int = 0
    found: int = 0
    gold: int = 0

    def add(
        self, found: set[int] | set[Span], gold: set[int] | set[Span], num_gold: int | None = None
    ) -> None:
        """Count one document."""
        self.right += len(found & gold)
        self.found += len(found)
        self.gold += len(gold) if num_gold is None else num_gold

    @property
    def percent(self) -> dict[str, float]:
        """Precision, recall and F1 in percent."""
        return {
            "precision": round(100 * self.right / max(self.found, 1), 2),
            "recall": round(100 * self.right / max(self.gold, 1), 2),
            "f1": round(200 * self.right / max(self.found + self.gold, 1), 2),
        }


def score(documents: list[Document]) -> dict[str, dict[str, float]]:
    """Return precision, recall and F1 of tokens, words, sentence boundaries and those within paragraphs."""
    surface, syntactic = RuleSegmenter(), RuleSegmenter(clitics="split")
    tokens, words, boundaries, inner = Counts(), Counts(), Counts(), Counts()
    for document in documents:
        text, found = document.text, list(surface(document.text))
        tokens.add(
            {span for sentence in found for span in sentence},
            {span for sentence in document.sentences for span in sentence},
        )
        words.add(
            {span for sentence in syntactic(text) for span in sentence},
            set(document.words),
            document.num_words,
        )
        found_ends = {sentence[-1][1] for sentence in found}
        ends = {sentence[-1][1] for sentence in document.sentences}
        given = {end for end in found_ends | ends if text[end : end + 2] == "\n\n" or not text[end:].strip()}
        boundaries.add(found_ends, ends)
        inner.add(found_ends - given, ends - given)
    return {
        "surface tokens": tokens.percent,
        "syntactic words": words.percent,
        "sentence boundaries": boundaries.percent,
        "inner boundaries": inner.percent,
    }


def speed(text: str, segmenter: RuleSegmenter, *, repeats: int = 5) -> float:
    """Return characters per second of processor time, of the fastest of some runs."""
    seconds = []
    for _ in range(repeats):
        begin = time.process_time()
        for _sentence in segmenter(text):
            pass
        seconds.append(time.process_time() - begin)
    return len(text) / min(seconds)


def one_line(text: str, length: int) -> Iterator[str]:
    """Yield pieces of one line of ``length`` characters, made of ``text`` over and over."""
    line = " ".join(text.split()) + " "
    while length > 0:
        yield line[:length]
        length -= len(line)


def linearity(text: str, megabytes: list[int]) -> Iterator[dict[str, object]]:
    """Yield seconds and the peak memory of this process for lines of some lengths in millions of characters."""
    segmenter = RuleSegmenter()
    for size in sorted(megabytes):
        begin = time.process_time()
        num_tokens = sum(len(sentence.spans) for sentence in windows(one_line(text, size * 10**6), segmenter))
        seconds = time.process_time() - begin
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        yield {
            "million characters": size,
            "tokens": num_tokens,
            "seconds": round(seconds, 2),
            "million characters/s": round(size / seconds, 2),
            "peak memory MB": round(peak / 1e6, 1),
        }


def hostile() -> Iterator[dict[str, object]]:
    """Yield seconds for ten times as much of inputs that are known to break tokenizers."""
    segmenter = RuleSegmenter()
    for unit in HOSTILE:
        seconds = []
        for length in (50_000, 500_000):
            text = unit * (length // len(unit))
            begin = time.process_time()
            for _sentence in segmenter(text):
                pass
            seconds.append(time.process_time() - begin)
        yield {
            "unit": ascii(unit),
            "seconds for 0.05 M": round(seconds[0], 3),
            "seconds for 0.5 M": round(seconds[1], 3),
            "ratio": round(seconds[1] / seconds[0], 1),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0], allow_abbrev=False)
    parser.add_argument("treebank", type=Path, help="a CoNLL-U file with # newdoc and # newpar lines")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")
    parser.add_argument(
        "--megabytes",
        type=int,
        nargs="*",
        default=[1, 10, 100],
        metavar="M",
        help="lengths of lines, in millions",
    )
    arguments = parser.parse_args()
    with arguments.treebank.open(encoding="utf-8", newline="") as lines:
        documents = read_documents(lines)
    half = len(documents) // 2
    text = "\n\n".join(document.text for document in documents)
    scores = {
        "first half": score(documents[:half]),  # the rules were made on it
        "second half": score(documents[half:]),
        "all": score(documents),
    }
    speeds = {
        name: round(speed(text, segmenter) / 1e6, 2)
        for name, segmenter in (("surface", RuleSegmenter()), ("syntactic", RuleSegmenter(clitics="split")))
    }
    lines_of_text, hostile_inputs = list(linearity(text, arguments.megabytes)), list(hostile())
    if arguments.json:
        results = {
            "scores": scores,
            "million characters/s": speeds,
            "one line": lines_of_text,
            "hostile": hostile_inputs,
        }
        print(json.dumps(results))
        return
    for part, values in scores.items():
        for name, value in values.items():
            print(
                f"{part:12} {name:20} " + "  ".join(f"{key} {number:6.2f}" for key, number in value.items())
            )
    print("million characters/s: " + ", ".join(f"{name} {value}" for name, value in speeds.items()))
    for row in [*lines_of_text, *hostile_inputs]:
        print("  ".join(f"{key} {value}" for key, value in row.items()))


if __name__ == "__main__":
    main()
