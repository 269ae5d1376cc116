#!/usr/bin/env python3
"""Tag a corpus of Parquet, JSONL or text files on Ray, on this machine or a cluster, into a folder of Parquet files."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from pathlib import Path

from tagger.cli.arguments import parallel_number, positive_number
from tagger.cli.program import run_program
from tagger.options import options_of_command_line
from tagger.stopping import run

DESCRIPTION = """\
Tag a corpus on Ray, into a folder of Parquet files. In files of text each line is a text, also an empty one. The folder
appears when all is done, or not at all; its files, in the order of their names, hold the rows in the order of the input
files and their lines. On a cluster all machines must see model, input and output under the same paths, and have tagger
installed. An actor that dies is replaced, and its share done again.
"""
EXAMPLES = """\
examples:
  python scripts/tag_corpus.py runs/ner/model corpus/ -o tagged --actors 8
  python scripts/tag_corpus.py runs/ner/model /shared/*.parquet -o /shared/tagged --actors 64 --address auto
  python scripts/tag_corpus.py runs/ner/model tweets.jsonl -o tagged --text-column body --prefix ner_
"""


def main(argv: list[str] | None = None) -> int:
    """Parse the arguments and tag; return the exit status."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    with options_of_command_line("commands"):
        return run_program("tag_corpus.py", lambda: _tag(arguments), debug=arguments.debug)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("model", metavar="MODEL", help="a model folder, such as runs/ner/model")
    parser.add_argument(
        "inputs", metavar="INPUT", nargs="+", help="files to tag, and folders of them (all within)"
    )
    parser.add_argument("-o", "--out", metavar="FOLDER", required=True, help="folder to write")
    parser.add_argument(
        "--overwrite", action="store_true", help="replace the folder if it is there (default: keep it)"
    )
    parser.add_argument(
        "--input",
        choices=("parquet", "jsonl", "lines"),
        help="what the files are (default: by their extension, .parquet, .jsonl or .txt)",
    )
    columns = parser.add_mutually_exclusive_group()
    columns.add_argument("--text-column", metavar="NAME", help="column of the texts (default: text)")
    columns.add_argument(
        "--token-column", metavar="NAME", help="column of tokens (lists of strings), instead of texts"
    )
    parser.add_argument(
        "--prefix", default="", help="stands before the names of the new columns (default: nothing)"
    )
    parser.add_argument(
        "--probabilities", action="store_true", help="give probabilities of labels and entities"
    )
    parser.add_argument(
        "--min-probability",
        type=float,
        metavar="P",
        help="leave out entities that are less probable (default: none)",
    )
    parser.add_argument(
        "--decode", choices=("viterbi", "posterior"), default="viterbi", help="as tagger tag has it"
    )
    parser.add_argument("--device", default="cpu", help="cpu (the default), cuda, ...")
    parser.add_argument(
        "--actors",
        type=parallel_number,
        default=2,
        metavar="N",
        help="processes that tag, a core each (default: 2)",
    )
    parser.add_argument(
        "--address",
        metavar="HOST:PORT",
        help="of the head of the Ray cluster to which this machine belongs, or auto (default: start Ray here)",
    )
    parser.add_argument(
        "--batch-rows",
        type=positive_number,
        default=1000,
        metavar="N",
        help="rows tagged at once (default: 1000)",
    )
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return parser


def _tag(arguments: argparse.Namespace) -> int:
    from tagger.integrations.ray import tag_corpus
    from tagger.integrations.tag_batch import TagBatch

    tag = TagBatch(
        arguments.model,
        text_column=arguments.text_column,
        token_column=arguments.token_column,
        prefix=arguments.prefix,
        probabilities=arguments.probabilities,
        thresholds=arguments.min_probability,
        decode=arguments.decode,
        device=arguments.device,
    )
    with nullcontext() if arguments.debug else _only_our_words():
        num_rows = tag_corpus(
            arguments.inputs,
            arguments.out,
            tag,
            kind=arguments.input,
            actors=arguments.actors,
            address=arguments.address,
            batch_rows=arguments.batch_rows,
            overwrite=arguments.overwrite,
        )
    print(f"{num_rows} rows tagged, in {arguments.out}")
    return 0


@contextmanager
def _only_our_words() -> Iterator[None]:
    """Keep from people what Ray writes and no setting silences: its log files have it.

    Its code in C++ writes to standard error; what becomes of workers at an interrupt it prints to standard output.
    """
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        with Path(os.devnull).open("w", encoding="utf-8") as no_output, redirect_stdout(no_output):
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


if __name__ == "__main__":
    sys.exit(run("tag_corpus.py", lambda: main))
