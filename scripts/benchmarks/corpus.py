"""The sentences that the benchmarks train and tag: a file's, or those of the bundled corpus."""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Final

from tagger.examples import Example
from tagger.formats import ReadingOptions, read_gold
from tagger.schemes import LabelScheme
from tagger.text import RuleSegmenter

SAMPLE: Final = Path(__file__).parents[2] / "recipes" / "sample" / "train.conll"


@dataclass(frozen=True)
class Corpus:
    """Labelled sentences, cut in two.

    Attributes:
        name: of the file.
        train: four of five sentences.
        held_out: every fifth.
        scheme: of the labels; NONE for parts of speech.
    """

    name: str
    train: list[Example]
    held_out: list[Example]
    scheme: LabelScheme

    @property
    def words(self) -> list[str]:
        """All held-out tokens, in order."""
        return [token for example in self.held_out for token in example.tokens]


def add_corpus_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "path",
        type=Path,
        nargs="?",
        default=SAMPLE,
        help="CoNLL or CoNLL-U file with labelled sentences (default: the bundled corpus)",
    )
    parser.add_argument(
        "--label-column", metavar="COLUMN", help="column of the labels (default: conll -1, conllu upos)"
    )


def read_corpus(arguments: argparse.Namespace, *, sentences: int | None = None) -> Corpus:
    """Return the sentences of the file, without empty ones.

    Args:
        arguments: as :func:`add_corpus_arguments` has them.
        sentences: how many of them at most.
    """
    examples, scheme = labelled(arguments.path, arguments.label_column, sentences=sentences)
    held_out = examples[4::5]
    train = [example for number, example in enumerate(examples) if number % 5 != 4]
    return Corpus(arguments.path.name, train, held_out, scheme)


def labelled(
    path: Path, label_column: str | None, *, sentences: int | None = None
) -> tuple[list[Example], LabelScheme]:
    """Return the sentences of a file, without empty ones, and the scheme of their labels.

    Args:
        path: of a CoNLL or CoNLL-U file.
        label_column: number or name of the column of the labels; that of the format if None.
        sentences: how many of them at most.
    """
    column: str | int | None = label_column
    if isinstance(column, str) and column.removeprefix("-").isdigit():
        column = int(column)
    gold = read_gold([(path, None)], ReadingOptions(label_column=column), RuleSegmenter)
    return [example for example in gold.examples if example.tokens][:sentences], gold.scheme


def repeated_examples(examples: Sequence[Example], count: int) -> list[Example]:
    """Return ``count`` sentences, over and over where there are fewer."""
    return list(islice(cycle(examples), count))


def repeated(examples: Sequence[Example], count: int) -> list[tuple[str, ...]]:
    """Return the tokens of ``count`` sentences, over and over where there are fewer."""
    return [example.tokens for example in repeated_examples(examples, count)]


def pieces(words: Sequence[str], length: int, count: int) -> list[tuple[str, ...]]:
    """Return sentences of one length, cut from running words."""
    running = cycle(words)
    return [tuple(islice(running, length)) for _ in range(count)]


def endless(examples: Sequence[Example], *, new_words: float, seed: int) -> Iterator[list[str]]:
    """Yield sentences for ever, among whose words are ever new ones.

    Args:
        examples: the sentences that are repeated.
        new_words: share of the words that get an ending which makes them new.
        seed: decides which ones.
    """
    generator = random.Random(seed)
    number = 0
    for example in cycle(examples):
        sentence = list(example.tokens)
        for position, word in enumerate(sentence):
            if generator.random() < new_words:
                number += 1
                sentence[position] = f"{word}{letters(number)}"
        yield sentence


def letters(number: int) -> str:
    """Return a number written in letters."""
    letters = ""
    while number:
        number, digit = divmod(number, 26)
        letters += chr(ord("a") + digit)
    return letters
