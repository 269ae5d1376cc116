"""Tagging long streams: the time of a token by their length, one endless sentence, memory along the way."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import cycle, islice
from pathlib import Path

from corpus import Corpus, endless, pieces
from measuring import Row, in_turns, memory, quartiles, ratio, timed

from tagger import Example, Tagger

_MARKS = (1, 2, 5, 10, 25, 50, 100, 200, 500, 1000, 2000, 5000)
_NEW_WORDS = 0.05


def scaling(tagger: Tagger, corpus: Corpus, *, sizes: Sequence[int]) -> list[Row]:
    """Return the time of a token for streams of so many sentences, the short ones measured more often."""
    rows: list[Row] = []
    first = None
    for size in sizes:
        times = [
            _seconds_per_token(tagger, islice(cycle(corpus.held_out), size))
            for _ in range(max(1, min(15, 100_000 // size)))
        ]
        fast, middle, slow = quartiles(times)
        first = first or middle
        rows.append(
            {
                "sentences": size,
                "µs per token": 1e6 * middle,
                "quartiles": [1e6 * fast, 1e6 * slow],
                "of the first": middle / first,
            }
        )
    return rows


def long_sentence(tagger: Tagger, corpus: Corpus, *, num_tokens: int, rounds: int) -> list[Row]:
    """Return the speed on one endless sentence, and on as many tokens in sentences."""
    whole = pieces(corpus.words, num_tokens, 1)
    sentences: list[tuple[str, ...]] = []
    for sentence in cycle(corpus.held_out):
        sentences.append(sentence.tokens)
        if sum(map(len, sentences)) >= num_tokens:
            break
    seconds = in_turns(
        {
            "sentences": lambda: timed(lambda: tagger.tag(sentences)),
            "one": lambda: timed(lambda: tagger.tag(whole)),
        },
        rounds=rounds,
    )
    batched = sum(map(len, sentences))
    scaled = [passed * num_tokens / batched for passed in seconds["sentences"]]
    return [
        {
            "tokens": num_tokens,
            "tokens per second": num_tokens / quartiles(seconds["one"])[1],
            "in sentences": num_tokens / quartiles(scaled)[1],
            "share": ratio(scaled, seconds["one"]),
        }
    ]


def tag_command(model: Path, *, threads: int = 1, device: str = "cpu") -> list[str]:
    """Return the command that tags the sentences, one a line, that come in on standard input."""
    program = "import sys; from tagger.cli import main; sys.exit(main(sys.argv[1:]))"
    # -P: the package is the installed one, or that of PYTHONPATH, and not one in the current folder.
    command = [sys.executable, "-P", "-c", program, "tag", str(model), "--input", "tokens", "--no-progress"]
    return [*command, "--device", device, *(["--threads", str(threads)] if device == "cpu" else [])]


def stream_memory(
    command: Sequence[str], environment: Mapping[str, str], corpus: Corpus, *, megabytes: float, name: str
) -> list[Row]:
    """Return the resident memory of a command along a stream of sentences, a twentieth of whose words are new.

    A long stream takes hours: what is known so far is said on standard error.

    Args:
        command: reads sentences, one a line, tokens divided by spaces.
        environment: its variables.
        corpus: whose held-out sentences are repeated.
        megabytes: length of the stream.
        name: of the command, for the rows.
    """
    marks = [*(mark for mark in _MARKS if mark < megabytes), megabytes]
    rows: list[dict[str, object]] = []
    at_marks: list[int] = []
    begin = time.perf_counter()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=environment
    ) as process:
        assert process.stdin is not None
        fed = highest = 0
        for block in _blocks(corpus):
            process.stdin.write(block)
            fed += len(block)
            resident = memory("VmRSS", process.pid)
            highest = max(highest, resident)
            if fed >= marks[len(rows)] * 10**6:
                at_marks.append(resident)
                tenth = next(
                    (one for mark, one in zip(marks, at_marks, strict=False) if mark >= megabytes / 10), None
                )
                rows.append(
                    {
                        "program": name,
                        "MB read": marks[len(rows)],
                        "MiB resident": resident / 2**20,
                        "MiB at most, since the last row": highest / 2**20,
                        "of that at a tenth": None if tenth is None else resident / tenth,
                        "seconds": time.perf_counter() - begin,
                    }
                )
                print(
                    f"{name}: {marks[len(rows) - 1]:g} MB read: {resident / 2**20:,.0f} MiB resident, at most "
                    f"{highest / 2**20:,.0f}, after {time.perf_counter() - begin:,.0f} s",
                    file=sys.stderr,
                    flush=True,
                )
                highest = 0
                if len(rows) == len(marks):
                    break
        process.stdin.close()
        if process.wait() != 0:
            raise RuntimeError(f"{name} ended with status {process.returncode}")
    return [*rows]


def _seconds_per_token(tagger: Tagger, examples: Iterable[Example]) -> float:
    """Return the time of a token in one pass over a stream, whose labels are not kept."""
    begin = time.perf_counter()
    num_tokens = sum(map(len, tagger.stream_labels(example.tokens for example in examples)))
    return (time.perf_counter() - begin) / num_tokens


def _blocks(corpus: Corpus) -> Iterator[bytes]:
    """Yield an endless text, some ten thousand characters at a time."""
    lines: list[str] = []
    size = 0
    for sentence in endless(corpus.held_out, new_words=_NEW_WORDS, seed=1):
        lines.append(" ".join(sentence))
        size += len(lines[-1])
        if size > 20_000:
            yield ("\n".join(lines) + "\n").encode("utf-8", "replace")
            lines, size = [], 0
