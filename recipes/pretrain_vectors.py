"""Train word vectors on your own text, for ``tagger train --vectors.path``.

    python recipes/pretrain_vectors.py news.txt.gz forum.txt --output vectors/mine.npy
    python recipes/pretrain_vectors.py train.conll --dim 50 --min-count 1 --epochs 20 --output vectors/small.npy
    tagger train --config ... --vectors.path vectors/mine.npy --model.vectors tuned --model.vector_dim 100

Running text is split into sentences and words by tagger's rules; files of tokens (CoNLL, CoNLL-U, JSON lines, one
sentence per line) are used as they are, ignoring their labels. The vectors are word2vec's (Mikolov et al. 2013,
skip-gram with negative sampling), trained by gensim, which the extra ``vectors`` installs. They are written as a NumPy
matrix, ``NAME.npy``, with its words in ``NAME.words.txt``. With one thread, the same seed always gives the same
vectors.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tagger import stopping
from tagger.cli.inputs import KINDS, Reading, kind_of, read_inputs
from tagger.cli.program import MessageHandler, run_program
from tagger.errors import DataError, MissingExtraError, UsageError
from tagger.files import temporary_folder
from tagger.text import get_segmenter
from tagger.vectors import fold_digits, write_numpy

_PROGRAM: Final = "recipes/pretrain_vectors.py"
_LOG = logging.getLogger("tagger")


@dataclass(frozen=True)
class Corpus:
    """Sentences on disk, which can be iterated over repeatedly.

    Attributes:
        path: a file with a JSON list of words in every line.
        num_sentences: number of sentences.
        num_words: total number of words.
    """

    path: Path
    num_sentences: int
    num_words: int

    def __iter__(self) -> Iterator[list[str]]:
        with self.path.open(encoding="ascii") as file:
            yield from map(json.loads, file)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    return run_program(_PROGRAM, lambda: _main(given), debug="--debug" in given)


def _main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    logging.basicConfig(handlers=[MessageHandler()], level=logging.WARNING)
    _LOG.setLevel(logging.INFO)
    try:
        _run(options)
    except KeyboardInterrupt as error:
        error.args = ("interrupted; nothing was written",)
        raise
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="recipes/pretrain_vectors.py",
        description="Train word vectors on your own text.",
        allow_abbrev=False,
    )
    parser.add_argument("text", nargs="+", help="files of text or tokens, gzip or not")
    parser.add_argument("--output", type=Path, required=True, help="the matrix to write: NAME.npy")
    parser.add_argument("--input", choices=KINDS, default="auto", help="format of the files; auto: detected")
    parser.add_argument("--dim", type=int, default=100, help="dimension of the vectors (%(default)s)")
    parser.add_argument("--window", type=int, default=5, help="words predicted on either side (%(default)s)")
    parser.add_argument("--min-count", type=int, default=3, help="leave out rarer words (%(default)s)")
    parser.add_argument("--epochs", type=int, default=5, help="passes over the text (%(default)s)")
    parser.add_argument("--negative", type=int, default=5, help="negative samples per word (%(default)s)")
    parser.add_argument("--lowercase", action="store_true", help="lowercase words: better on little text")
    parser.add_argument("--fold-digits", action="store_true", help="replace the digits 1 to 9 by 0")
    parser.add_argument(
        "--threads", type=int, default=1, help="more than one makes runs non-deterministic (%(default)s)"
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="random seed of initial vectors and samples (%(default)s)"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace existing vectors")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return parser


def _run(options: argparse.Namespace) -> None:
    for name in ("dim", "window", "min_count", "epochs", "negative", "threads"):
        if getattr(options, name) < 1:
            raise UsageError(
                f"--{name.replace('_', '-')}: expected 1 or more, found {getattr(options, name)}"
            )
    if options.output.suffix != ".npy":
        raise UsageError(f"--output: expected a name that ends in .npy, found {options.output}")
    if options.output.exists() and not options.overwrite:
        raise UsageError(
            f"--output: {options.output} is there already; choose another name, or pass --overwrite"
        )
    word2vec = _word2vec()
    kind = kind_of(options.text) if options.input == "auto" else options.input
    options.output.parent.mkdir(parents=True, exist_ok=True)
    with temporary_folder(options.output) as folder:
        sentences = _sentences(options.text, kind, lowercase=options.lowercase, folded=options.fold_digits)
        corpus = write_corpus(sentences, folder / "sentences")
        _LOG.info("%s sentences, %s words", f"{corpus.num_sentences:,}", f"{corpus.num_words:,}")
        started = time.perf_counter()
        words, vectors = _train(word2vec, corpus, options)
    write_numpy(options.output, words, vectors)
    _LOG.info(
        "%s vectors of %d values in %.0f s, saved to %s (%.1f MB)",
        f"{len(words):,}", options.dim, time.perf_counter() - started, options.output,
        options.output.stat().st_size / 1e6,
    )  # fmt: skip


def _word2vec() -> Any:
    """Return gensim's Word2Vec class; called before anything is read, in case gensim is missing."""
    try:
        return import_module("gensim.models").Word2Vec
    except ImportError as error:
        raise MissingExtraError("gensim", "Training vectors") from error


def _sentences(paths: Sequence[str], kind: str, *, lowercase: bool, folded: bool) -> Iterator[list[str]]:
    """Yield the normalised words of every non-empty sentence."""
    for placed in read_inputs(paths, Reading(kind), get_segmenter("rules"), documents=False):
        for example in placed.record.sentences:
            words = list(example.tokens)
            for word in words:
                if not word or "\n" in word or "\r" in word:
                    raise DataError(f"{example.origin}: expected words that fit on a line, found {word!r}")
            if lowercase:
                words = [word.lower() for word in words]
            if folded:
                words = [fold_digits(word) for word in words]
            if words:
                yield words


def write_corpus(sentences: Iterable[list[str]], path: Path) -> Corpus:
    """Write sentences to a file, so that memory does not grow with the text."""
    num_sentences = num_words = 0
    with path.open("w", encoding="ascii") as file:
        for words in sentences:
            file.write(json.dumps(words) + "\n")
            num_sentences += 1
            num_words += len(words)
    return Corpus(path, num_sentences, num_words)


def _train(
    word2vec: Any, corpus: Corpus, options: argparse.Namespace
) -> tuple[list[str], NDArray[np.float32]]:
    """Return the words, most frequent first, and their vectors.

    Raises:
        DataError: if no word is frequent enough.
    """
    model = word2vec(
        vector_size=options.dim,
        window=options.window,
        min_count=options.min_count,
        negative=options.negative,
        sg=1,
        workers=options.threads,
        seed=options.seed,
    )
    model.build_vocab(corpus)
    if not len(model.wv):
        raise DataError(
            f"expected words that occur {options.min_count} times, found none among {corpus.num_words:,}; "
            f"pass more text, or a smaller --min-count"
        )
    _LOG.info("%s words occur %d times or more", f"{len(model.wv):,}", options.min_count)
    model.train(corpus, total_examples=corpus.num_sentences, epochs=options.epochs)
    return list(model.wv.index_to_key), np.asarray(model.wv.vectors, dtype=np.float32)


if __name__ == "__main__":
    sys.exit(stopping.run(_PROGRAM, lambda: main))
