"""Choose the destination of ``tagger tag``; existing outputs are kept unless --overwrite or --resume is given."""

from __future__ import annotations

import argparse
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final, TypeAlias

from tagger.cli.destinations import Apart, Joined, Whole
from tagger.cli.found_files import FoundFile
from tagger.cli.output_choice import is_joined, output_kind, output_name
from tagger.cli.program import say
from tagger.cli.streams import STANDARD
from tagger.cli.unfinished import UnfinishedRun
from tagger.errors import DataError, UsageError
from tagger.files import FolderInUseError, NoLocksError, is_special, locked_folder, remove_orphans

_LOG: Final = logging.getLogger(__name__)

Destination: TypeAlias = Whole | Joined | Apart


@contextmanager
def destination(
    source: str, files: Sequence[FoundFile], arguments: argparse.Namespace
) -> Iterator[Destination | None]:
    """Return a context manager for the destination, locked against other runs; None if all outputs exist already.

    Args:
        source: the kind of the inputs.
        files: the inputs.
        arguments: of the command.

    Raises:
        DataError: the destination cannot be written.
        UsageError: an output or an unfinished run exists that may not be replaced, or options are invalid.
    """
    path = arguments.output_file
    inputs = [file.path for file in files]
    if arguments.resume and arguments.overwrite:
        raise UsageError("--resume continues an unfinished run, --overwrite replaces it; pass one of the two")
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
        if not is_joined(kind) or len(files) == 1 or STANDARD in inputs or is_special(Path(path)):
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
        except BaseException as error:
            if not run.is_there():
                run.remove()
            elif not isinstance(error, UsageError):
                say(
                    "tagger",
                    f"{run.num_finished:,} of {len(files):,} files are finished; the same command with --resume goes "
                    "on",
                )
            raise
    with suppress(OSError):
        folder.rmdir()


def _may_write(outputs: Sequence[Path], run: UnfinishedRun | None, arguments: argparse.Namespace) -> bool:
    """Return whether there is something to do; raise an error if existing outputs may not be replaced."""
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
    """Return whether a path has content that would be lost."""
    return not is_special(path) and (any(path.iterdir()) if path.is_dir() else path.exists())


def _outputs(files: Sequence[FoundFile], kind: str, path: str) -> list[Path]:
    """Return the path of the output of each input in a folder.

    Raises:
        UsageError: two outputs would have the same path, or one would be the folder of another.
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
    """Lock a destination against other runs."""
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
