"""Where the answers of ``tagger tag`` go: standard output, a file, or a folder with a file for each input.

Files appear whole or not at all. Over several files, what is finished is kept (see ``unfinished``) and a later run can
go on with it.
"""

from __future__ import annotations

import argparse
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tagger import __version__
from tagger.cli.found_files import FoundFile
from tagger.cli.inputs import Placed
from tagger.cli.output_choice import is_joined, output_kind, output_name
from tagger.cli.program import say
from tagger.cli.streams import STANDARD, encodable
from tagger.cli.tag_writers import Writer
from tagger.cli.unfinished import UnfinishedRun
from tagger.errors import DataError, UsageError
from tagger.files import FolderInUseError, NoLocksError, locked_folder, remove_orphans
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
"""Arguments that the answers do not depend on."""


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
    """What a killed run can be gone on with.

    Args:
        run: what is done so far.
        arguments: of the command.
    """

    def __init__(self, run: UnfinishedRun, arguments: argparse.Namespace, num_inputs: int) -> None:
        self._run = run
        self._arguments = arguments
        self._num_inputs = num_inputs

    def begin(self, tagger: Tagger | WorkerPool) -> int:
        """Return the number of the input to begin with: the first one that is not finished.

        Raises:
            UsageError: the unfinished run was another one, or an input has changed since.
        """
        answers = _what_answers_depend_on(tagger, self._arguments)
        if self._run.is_there() and self._arguments.resume:
            self._run.go_on(answers)
            say("tagger", f"goes on after {self._run.num_finished:,} of {self._num_inputs:,} files")
        else:
            self._run.begin(answers)
        return self._run.num_finished


class Joined(_Resumable):
    """One file of several inputs; what is finished of it is kept aside until all is.

    Args:
        path: of the file.
        run: what is done so far.
        arguments: of the command.
        num_inputs: how many there are.
    """

    joins: Final = True

    def __init__(self, path: str, run: UnfinishedRun, arguments: argparse.Namespace, num_inputs: int) -> None:
        super().__init__(run, arguments, num_inputs)
        self._path = path

    def write(self, answered: Found, writer: Writer) -> None:
        """Write all answers that are not there yet, and put the file in place.

        Raises:
            DataError: it cannot be written.
        """
        assert writer.render is not None, "checked by destination"
        target = Path(self._path).resolve()
        try:
            if self._run.num_finished < self._num_inputs or self._run.output.exists():
                self._add(answered, writer.render)
                if target.exists():
                    self._run.output.chmod(target.stat().st_mode & 0o7777)
                self._run.output.replace(target)
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
        outputs: those of the outputs.
        run: what is done so far.
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

    def begin(self, tagger: Tagger | WorkerPool) -> int:
        """Return the number of the input to begin with, as for one file."""
        first = super().begin(tagger)
        for output in self._outputs[:first]:
            if not output.exists():
                raise UsageError(
                    f"{output}: the unfinished run cannot go on: it had written this file, and it is not there. "
                    "Begin from scratch: --overwrite"
                )
        return first

    def write(self, answered: Found, writer: Writer) -> None:
        """Write a file for each input that is not finished.

        Raises:
            DataError: one cannot be written.
        """
        pairs = iter(answered)
        pair = next(pairs, None)
        for number in range(self._run.num_finished, len(self._inputs)):
            if pair is None or pair[0].file != number:  # there is nothing in it
                self._write_one(number, (), writer)
                continue
            of_file = _OfFile(pair, pairs)
            self._write_one(number, of_file, writer)
            for _ in of_file:
                pass  # what the writer has no use for
            if of_file.last.ends_unit:
                self._finish(number + 1)
            pair = next(pairs, None)
        self._finish(len(self._inputs))
        self._run.remove()

    def _write_one(self, number: int, pairs: Found, writer: Writer) -> None:
        output = self._outputs[number]
        try:
            output.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataError(f"{output}: cannot be written: {error.strerror or error}") from None
        records = ((placed.record, found) for placed, found in pairs)
        writer.write(records, str(output), [self._inputs[number]])

    def _finish(self, number: int) -> None:
        try:
            self._run.finish(number, 0)
        except OSError as error:
            raise DataError(f"{self._run.folder}: cannot be written: {error.strerror or error}") from None


class _OfFile(Iterator[tuple[Placed, Sequence[Answer]]]):
    """The records of one input, of which nothing beyond the last one is asked for.

    Args:
        first: the first of them.
        others: those after it, and then those of other inputs.
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


Destination: TypeAlias = Whole | Joined | Apart


@contextmanager
def destination(
    source: str, files: Sequence[FoundFile], arguments: argparse.Namespace
) -> Iterator[Destination | None]:
    """Give where the answers go, kept from other runs in the block; None if all is there already.

    Args:
        source: the kind of the inputs.
        files: the inputs.
        arguments: of the command.

    Raises:
        DataError: the place cannot be written.
        UsageError: something is there that may not be replaced, or an unfinished run; or options make no sense.
    """
    path = arguments.output_file
    inputs = [file.path for file in files]
    if arguments.resume and arguments.overwrite:
        raise UsageError("--resume goes on with what is there, --overwrite replaces it; pass one of the two")
    if path == STANDARD:
        for name in ("resume", "overwrite"):
            if getattr(arguments, name):
                raise UsageError(f"--{name} has no effect on standard output; name a file or folder with -o")
        yield Whole(path, inputs)
        return
    kind = output_kind(source, arguments.output)
    is_apart = kind != "brat" and (path.endswith(os.sep) or Path(path).is_dir())
    if is_apart:
        outputs = _outputs(files, kind, path)
    else:
        outputs = [Path(path)]
        if not is_joined(kind) or len(files) == 1 or STANDARD in inputs or _is_special(Path(path)):
            if arguments.resume and len(files) > 1 and STANDARD in inputs:
                raise UsageError("--resume: standard input cannot be read once more; name files")
            if arguments.resume and len(files) > 1 and not is_joined(kind):
                raise UsageError(
                    f"--resume: {kind} output of several files is not made piece by piece; have a file for each: "
                    f"-o FOLDER{os.sep}"
                )
            if not _may_write(outputs, None, arguments):
                yield None
                return
            yield Whole(path, inputs)
            return
    target = Path(path).resolve()
    folder = target / ".unfinished" if is_apart else target.with_name(f".{target.name}.unfinished")
    run = UnfinishedRun(folder, inputs)
    with _locked(folder, path):
        if not _may_write(outputs, run, arguments):
            yield None
            return
        try:
            yield (
                Apart(inputs, outputs, run, arguments)
                if is_apart
                else Joined(path, run, arguments, len(files))
            )
        except BaseException:
            if not run.is_there():
                run.remove()
            elif 0 < run.num_finished < len(files):
                say(
                    "tagger",
                    f"{run.num_finished:,} of {len(files):,} files are finished; the same command with --resume goes "
                    "on",
                )
            raise
    with suppress(OSError):
        folder.rmdir()


def _may_write(outputs: Sequence[Path], run: UnfinishedRun | None, arguments: argparse.Namespace) -> bool:
    """Return whether there is something to do, or refuse to touch what is there."""
    path = arguments.output_file
    if run is not None and run.is_there():
        if not arguments.resume and not arguments.overwrite:
            raise UsageError(
                f"{path}: an unfinished run is there, in {run.folder}. Go on with it: --resume; or begin from "
                "scratch: --overwrite"
            )
        return True
    if arguments.overwrite:
        return True
    there = [output for output in outputs if _is_filled(output)]
    if not there:
        return True
    if arguments.resume and len(there) == len(outputs):
        say("tagger", f"{path}: all is there already, and no run is unfinished; --overwrite tags once more")
        return False
    others = f" and {len(there) - 1:,} more" if len(there) > 1 else ""
    raise UsageError(
        f"{there[0]}{others}: there already, and kept. Name another output, or have it replaced: --overwrite"
    )


def _is_filled(path: Path) -> bool:
    """Return whether there is something that would be lost."""
    return not _is_special(path) and (any(path.iterdir()) if path.is_dir() else path.exists())


def _is_special(path: Path) -> bool:
    """Return whether a path is of a device or pipe."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _outputs(files: Sequence[FoundFile], kind: str, path: str) -> list[Path]:
    """Return the path of the output of each input in a folder.

    Raises:
        UsageError: two would be one, or one the folder of another.
    """
    folder = Path(path)
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{path}: expected a folder for the outputs, found a file. Name another")
    outputs = [folder / output_name(file.place, kind) for file in files]
    input_of: dict[Path, str] = {}
    for file, output in zip(files, outputs, strict=True):
        if output in input_of:
            raise UsageError(
                f"{input_of[output]} and {file.path} would both become {output}. Tag them separately; or pass their "
                "folder, or a pattern in quotes, so that they keep their own folders"
            )
        input_of[output] = file.path
    for output in outputs:
        for parent in output.parents:
            if parent in input_of:
                raise UsageError(
                    f"{input_of[parent]} would become {parent}, which is the folder of {output}. Tag them separately"
                )
    return outputs


@contextmanager
def _locked(folder: Path, path: str) -> Iterator[None]:
    """Keep other runs out of a place."""
    with ExitStack() as stack:
        try:
            stack.enter_context(locked_folder(folder))
        except FolderInUseError as error:
            raise UsageError(
                f"{path}: another run (process {error.process}) is writing there. Wait until it has ended, or name "
                "another output"
            ) from None
        except NoLocksError:
            _LOG.warning(
                "%s: the file system has no locks: nothing keeps a second run from writing there", path
            )
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataError(f"{path}: cannot be written: {error.strerror or error}") from None
        remove_orphans(folder)
        yield


def _what_answers_depend_on(tagger: Tagger | WorkerPool, arguments: argparse.Namespace) -> dict[str, Any]:
    options = {
        name: value
        for name, value in vars(arguments).items()
        if name not in _NO_MATTER and isinstance(value, (bool, int, float, str, type(None)))
    }
    return {"tagger": __version__, "model": tagger.digest, "options": options}
