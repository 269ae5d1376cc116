"""Destinations of ``tagger tag``: standard output, a file, or a folder with a file for each input.

Files appear complete or not at all. With several files, finished work is kept (see ``unfinished``) and a later run can
resume it.
"""

from __future__ import annotations

import argparse
import logging
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from errno import EXDEV
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tagger import __version__
from tagger.cli.inputs import Placed
from tagger.cli.program import say
from tagger.cli.streams import encodable
from tagger.cli.tag_writers import Writer
from tagger.cli.unfinished import UnfinishedRun
from tagger.errors import DataError, UsageError
from tagger.files import is_special, replace_file
from tagger.files.packing import PackedWriter, packing_of
from tagger.prediction import Answer

if TYPE_CHECKING:
    from tagger.api import Tagger
    from tagger.workers import WorkerPool

Found: TypeAlias = Iterable[tuple[Placed, Sequence[Answer]]]

_LOG: Final = logging.getLogger(__name__)
_NO_MATTER: Final = frozenset(
    {
        *("model", "inputs", "output_file", "workers", "worker_timeout", "threads", "progress"),
        *("overwrite", "resume", "debug", "command"),
    }
)
"""Arguments that predictions do not depend on."""


class Whole:
    """One output, which appears when all is done.

    Args:
        path: of the file or folder, or ``-``.
        inputs: the paths of the inputs.
    """

    joins: Final = True

    def __init__(self, path: str, inputs: Sequence[str]) -> None:
        self._path = path
        self._inputs = inputs

    def begin(self, tagger: Tagger | WorkerPool) -> int:
        """Return the number of the input to begin with, 0."""
        return 0

    def write(self, answered: Found, writer: Writer) -> None:
        """Write all answers."""
        writer.write(((placed.record, found) for placed, found in answered), self._path, self._inputs)


class _Resumable:
    """A destination at which a killed run can be resumed.

    Args:
        run: the state of the run.
        arguments: of the command.
        num_inputs: the number of inputs.
    """

    def __init__(self, run: UnfinishedRun, arguments: argparse.Namespace, num_inputs: int) -> None:
        self._run = run
        self._arguments = arguments
        self._num_inputs = num_inputs

    def begin(self, tagger: Tagger | WorkerPool) -> int:
        """Return the index of the first unfinished input.

        Raises:
            UsageError: the unfinished run had other arguments, or an input has changed since.
        """
        answers = _what_answers_depend_on(tagger, self._arguments)
        if self._run.is_there() and self._arguments.resume:
            self._run.go_on(answers)
            self._check()
            say("tagger", f"continues after {self._run.num_finished:,} of {self._num_inputs:,} files")
        else:
            self._run.begin(answers)
        return self._run.num_finished

    def _check(self) -> None:
        """Raise an error if a finished output is missing."""

    def _put(self, written: Path, output: Path) -> None:
        """Move a finished file into place, with the permissions of the one it replaces."""
        target = output.resolve()
        if target.exists():
            written.chmod(target.stat().st_mode & 0o7777)
        try:
            written.replace(target)
        except OSError as error:
            if error.errno != EXDEV:  # an output folder may be a link to another disk
                raise
            with written.open("rb") as source:
                replace_file(target, lambda file: shutil.copyfileobj(source, file))
            written.unlink()


class Joined(_Resumable):
    """One file for several inputs; finished parts are kept aside until all are done.

    Args:
        path: of the file.
        run: the state of the run.
        arguments: of the command.
        num_inputs: the number of inputs.
    """

    joins: Final = True

    def __init__(self, path: str, run: UnfinishedRun, arguments: argparse.Namespace, num_inputs: int) -> None:
        super().__init__(run, arguments, num_inputs)
        self._path = path

    def write(self, answered: Found, writer: Writer) -> None:
        """Write all remaining answers, and move the file into place.

        Raises:
            DataError: it cannot be written.
        """
        assert writer.render is not None, "checked by destination"
        try:
            if self._run.num_finished < self._num_inputs or self._run.output.exists():
                self._add(answered, writer.render)
                self._put(self._run.output, Path(self._path))
        except OSError as error:
            raise DataError(f"{self._path}: cannot be written: {error.strerror or error}") from None
        self._run.remove()

    def _add(self, answered: Found, render: Callable[..., str]) -> None:
        with self._run.output.open("r+b") as stream:
            stream.truncate(self._run.num_bytes)
            stream.seek(0, os.SEEK_END)
            packed = PackedWriter(stream, packing_of(self._path))
            write = encodable(lambda text: packed.write(text.encode("utf-8")), self._path)

            def finish(num_finished: int) -> None:
                packed.end_part()
                stream.flush()
                os.fsync(stream.fileno())
                self._run.finish(num_finished, stream.tell())

            for placed, found in answered:
                write(render(placed.record, found))
                if placed.ends_unit:
                    finish(placed.file + 1)
            packed.close()
            finish(self._num_inputs)


class Apart(_Resumable):
    """A folder with a file for each input.

    Args:
        inputs: the paths of the inputs.
        outputs: the paths of the outputs.
        run: the state of the run.
        arguments: of the command.
    """

    joins: Final = False

    def __init__(
        self,
        inputs: Sequence[str],
        outputs: Sequence[Path],
        run: UnfinishedRun,
        arguments: argparse.Namespace,
    ) -> None:
        super().__init__(run, arguments, len(inputs))
        self._inputs = inputs
        self._outputs = outputs

    def _check(self) -> None:
        for output in self._outputs[: self._run.num_finished]:
            if not output.exists():
                raise UsageError(
                    f"{output}: the unfinished run cannot be continued: it had written this file, and it is not there. "
                    "Begin from scratch: --overwrite"
                )

    def write(self, answered: Found, writer: Writer) -> None:
        """Write a file for each unfinished input.

        Raises:
            DataError: one cannot be written.
        """
        pairs = iter(answered)
        pair = next(pairs, None)
        for number in range(self._run.num_finished, len(self._inputs)):
            if pair is None or pair[0].file != number:  # it is empty
                self._write_one(number, (), writer)
                continue
            of_file = _OfFile(pair, pairs)
            self._write_one(number, of_file, writer)
            for _ in of_file:
                pass  # records that the writer did not use
            if of_file.last.ends_unit:
                self._finish(number + 1)
            pair = next(pairs, None)
        self._finish(len(self._inputs))
        self._run.remove()

    def _write_one(self, number: int, pairs: Found, writer: Writer) -> None:
        output = self._outputs[number]
        if number == 0:
            self._finish(0)  # before there is an output, so that a run killed soon after can be resumed
        # In another folder first: creating a temporary file lists its folder, which may hold very many outputs.
        written = output if is_special(output) else self._run.writing / output.name
        records = ((placed.record, found) for placed, found in pairs)
        try:
            writer.write(records, str(written), [self._inputs[number]])
            if written != output:
                self._put_in_folder(written, output)
        except BaseException:
            if number == 0 and not output.exists():
                self._run.remove()
            raise

    def _put_in_folder(self, written: Path, output: Path) -> None:
        try:
            output.parent.mkdir(parents=True, exist_ok=True)
            self._put(written, output)
        except OSError as error:
            raise DataError(f"{output}: cannot be written: {error.strerror or error}") from None

    def _finish(self, number: int) -> None:
        try:
            self._run.finish(number, 0)
        except OSError as error:
            raise DataError(f"{self._run.folder}: cannot be written: {error.strerror or error}") from None


class _OfFile(Iterator[tuple[Placed, Sequence[Answer]]]):
    """The records of one input; nothing is read after the last of them.

    Args:
        first: the first record.
        others: the records after it, followed by those of other inputs.
    """

    def __init__(
        self, first: tuple[Placed, Sequence[Answer]], others: Iterator[tuple[Placed, Sequence[Answer]]]
    ) -> None:
        self._first: tuple[Placed, Sequence[Answer]] | None = first
        self._others = others
        self._is_done = False
        self.last = first[0]

    def __next__(self) -> tuple[Placed, Sequence[Answer]]:
        if self._is_done:
            raise StopIteration
        pair, self._first = self._first or next(self._others), None
        self.last = pair[0]
        self._is_done = self.last.is_last
        return pair


def _what_answers_depend_on(tagger: Tagger | WorkerPool, arguments: argparse.Namespace) -> dict[str, Any]:
    options = {
        name: value
        for name, value in vars(arguments).items()
        if name not in _NO_MATTER and isinstance(value, (bool, int, float, str, type(None)))
    }
    return {"tagger": __version__, "model": tagger.digest, "options": options}
