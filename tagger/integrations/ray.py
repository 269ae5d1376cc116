"""Tagging a corpus on Ray, on one machine or a cluster: actors that each hold the model take share after share.

Ray Data passes the positions of shares to the actors and row counts back. The rows themselves are read and written
where they are tagged, so all machines must see the same files under the same paths. If an actor dies, Ray gives its
share to another one, which writes the same file.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tagger.errors import DataError, MissingExtraError, ModelError, TaggerError, UsageError
from tagger.files.replacing import replace_folder
from tagger.integrations.corpus import (
    LEAST_BYTES,
    LEAST_ROWS,
    MOST_BYTES,
    MOST_ROWS,
    Kind,
    Share,
    cut_file,
    find_files,
    kind_of_files,
    schema_of,
    tag_share,
)
from tagger.integrations.tag_batch import TagBatch
from tagger.options import option
from tagger.text.printable import excerpt

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # no telemetry
os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # avoids a warning
try:
    import pyarrow
    import ray
    import ray.data
    from pyarrow import parquet
except ModuleNotFoundError:
    raise MissingExtraError("ray", "Tagging on Ray") from None

BATCH_ROWS: Final = 1000
_SHARES_OF_ACTOR: Final = 16
_SECONDS_TO_ANSWER: Final = 10
_ERRORS: Final = {kind.__name__: kind for kind in (DataError, ModelError, UsageError, TaggerError)}


def tag_corpus(
    inputs: Sequence[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    tag: TagBatch,
    *,
    kind: Kind | None = None,
    actors: int = 2,
    address: str | None = None,
    batch_rows: int = BATCH_ROWS,
    overwrite: bool = False,
) -> int:
    """Write a folder of Parquet files, ``part-00000000.parquet`` etc., with all rows in order; return their number.

    The columns are those of the input and those of :func:`tagger.integrations.arrow.output_schema`. Lines of text have
    the columns ``text``, ``file`` and ``line`` (from 1). A JSONL column with values of several types holds strings
    unchanged, and everything else as JSON. The folder appears whole or not at all.

    Args:
        inputs: files, and folders of files.
        output: the output folder.
        tag: tags the rows.
        kind: kind of the files; inferred from their names if left out.
        actors: number of tagging processes.
        address: HOST:PORT of the head of a cluster to which this machine belongs, or ``auto``; if left out, Ray is
            started here and shut down afterwards, unless this process is connected already.
        batch_rows: rows read and tagged at once.
        overwrite: whether to replace an existing output folder.

    Raises:
        DataError: if a file cannot be read or a row cannot be tagged; names it.
        UsageError: if an option is invalid.
    """
    target = Path(output).resolve()
    _check_output(target, overwrite=overwrite)
    files = find_files(inputs)
    if any(target == Path(file) or target in Path(file).parents for file in files):
        raise UsageError(f"{output}: expected another folder than that of the input")
    kind = kind or kind_of_files(files)
    if kind == "lines" and tag.of_tokens:
        raise UsageError(f"{option('token_column')}: lines of text have no column of tokens")
    if kind == "lines" and tag.column in ("file", "line"):
        raise UsageError(
            f"{option('text_column')}: expected another name than {tag.column!r}, the column of line positions"
        )
    with _running(address, actors):
        shares = _cut(files, kind, tag, actors=actors)
        schema = schema_of(shares)
        tag.schema(schema)  # checks it
        num_rows = 0

        def write(folder: Path) -> None:
            nonlocal num_rows
            work = {"tag": tag, "schema": schema.serialize().to_pybytes(), "folder": str(folder),
                    "batch_rows": batch_rows}  # fmt: skip
            # As rows of a table, so that shares are passed unchanged, not as NumPy arrays.
            rows = [{"number": number, **share._asdict()} for number, share in enumerate(shares)]
            answers = _run(rows, _Actor, concurrency=actors, fn_constructor_kwargs=work)
            num_rows = sum(answer["num_rows"] for answer in answers)
            _check_complete(folder, len(shares), num_rows)

        replace_folder(target, write)
    return num_rows


def part_name(number: int) -> str:
    """Return the name of a file of answers; names sort in the order of rows."""
    return f"part-{number:08d}.parquet"


class _Actor:
    """Tags shares; made once in each process of the pool."""

    def __init__(self, tag: TagBatch, schema: bytes, folder: str, batch_rows: int) -> None:
        self._tag = tag
        self._schema = pyarrow.ipc.read_schema(pyarrow.py_buffer(schema))
        self._folder = Path(folder)
        self._batch_rows = batch_rows

    def __call__(self, table: pyarrow.Table) -> pyarrow.Table:
        """Return the number of rows and the error of each share."""
        return pyarrow.Table.from_pylist([self._done(dict(row)) for row in table.to_pylist()], _ANSWER)

    def _done(self, row: dict[str, Any]) -> dict[str, Any]:
        path = self._folder / part_name(row.pop("number"))
        try:
            return _answer(
                num_rows=tag_share(Share(**row), self._tag, self._schema, path, batch_rows=self._batch_rows)
            )
        except (TaggerError, OSError) as error:
            return _answer(error=error)


class _Cutter:
    """Cuts files into shares."""

    def __init__(self, **options: Any) -> None:
        self._options = options

    def __call__(self, table: pyarrow.Table) -> pyarrow.Table:
        rows = []
        for row in table.to_pylist():
            try:
                shares = cut_file(row["file"], **self._options)
                rows += [{**_answer(), "number": row["number"], **share._asdict()} for share in shares]
            except TaggerError as error:
                rows.append({**_answer(error=error), "number": row["number"]})
        return pyarrow.Table.from_pylist(rows, _SHARE)


_ANSWER: Final = pyarrow.schema(
    [("num_rows", pyarrow.int64()), ("error", pyarrow.string()), ("error_kind", pyarrow.string())]
)
_SHARE: Final = pyarrow.schema(
    [
        *_ANSWER, ("number", pyarrow.int64()), ("file", pyarrow.string()), ("kind", pyarrow.string()),
        ("start", pyarrow.int64()), ("end", pyarrow.int64()), ("line", pyarrow.int64()), ("schema", pyarrow.binary()),
    ]
)  # fmt: skip


def _answer(*, num_rows: int = 0, error: Exception | None = None) -> dict[str, Any]:
    kinds = [name for name, kind in _ERRORS.items() if isinstance(error, kind)]
    message = None if error is None else str(error)
    return {"num_rows": num_rows, "error": message, "error_kind": kinds[0] if kinds else "TaggerError"}


def _cut(files: Sequence[str], kind: Kind, tag: TagBatch, *, actors: int) -> list[Share]:
    """Return the shares of all files, in order."""
    wanted = actors * _SHARES_OF_ACTOR
    if kind == "parquet":
        total = sum(_num_rows(file) for file in files)
        size = min(max(-(-total // wanted), LEAST_ROWS), MOST_ROWS)
    else:
        total = sum(Path(file).stat().st_size for file in files)
        size = min(max(-(-total // wanted), LEAST_BYTES), MOST_BYTES)
    rows = [{"number": number, "file": file} for number, file in enumerate(files)]
    cutter = _Cutter(kind=kind, size=size, column=tag.column, of_tokens=tag.of_tokens)
    found = sorted(_run(rows, cutter), key=lambda row: (row["number"], row["start"]))
    return [Share(*(row[name] for name in Share._fields)) for row in found]


def _num_rows(file: str) -> int:
    try:
        return int(parquet.read_metadata(file).num_rows)
    except (pyarrow.ArrowException, OSError) as error:
        raise DataError(f"{file}: cannot be read: {error}") from None


def _run(rows: list[dict[str, Any]], work: Any, **options: Any) -> Iterator[dict[str, Any]]:
    """Yield the results of processing rows on Ray, one task per row, in any order; raise the first error."""
    data: Any = ray.data.from_items(rows, override_num_blocks=len(rows))
    data = data.map_batches(work, batch_format="pyarrow", batch_size=None, num_cpus=1, **options)
    for row in data.iter_rows():
        if row["error"] is not None:
            raise _ERRORS[row["error_kind"]](row["error"])
        yield row


def _check_output(target: Path, *, overwrite: bool) -> None:
    if not target.exists():
        return
    if not target.is_dir():
        raise UsageError(f"{target}: expected a folder to write, found a file")
    others = [path.name for path in target.iterdir() if not path.match("part-*.parquet")]
    if others:
        raise UsageError(
            f"{target}: expected a folder of part-*.parquet, found {others[0]!r} in it; it is kept"
        )
    if any(target.iterdir()) and not overwrite:
        raise UsageError(
            f"{target}: already exists, and is kept; pass {option('overwrite', True)} to replace it"
        )


def _check_complete(folder: Path, num_shares: int, num_rows: int) -> None:
    """Check that the files of all shares exist and hold as many rows as the actors have reported."""
    files = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    for path in folder.glob(".part-*"):
        path.unlink()  # left by actors that died
    if files != [part_name(number) for number in range(num_shares)]:
        raise DataError(
            f"{folder}: expected {num_shares} files, found {len(files)}: do all machines see this folder?"
        )
    found = sum(_num_rows(str(folder / file)) for file in files)
    if found != num_rows:
        raise DataError(f"{folder}: expected {num_rows} rows, found {found}")


@contextmanager
def _running(address: str | None, actors: int) -> Iterator[None]:
    """Connect to a cluster or start Ray here, and shut it down afterwards, unless the process is connected already."""
    quiet: Mapping[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
    if ray.is_initialized():
        if address is not None:
            raise UsageError(f"{option('address')}: this process is connected to Ray already; leave it out")
        yield
        return
    loggers = [logging.getLogger(name) for name in ("ray", "ray.data")]
    levels = [logger.level for logger in loggers]
    context = ray.data.DataContext.get_current()
    shown = context.enable_progress_bars, context.print_on_execution_start
    try:
        with _same_sigterm():
            if address is None:
                cores = max(actors, os.cpu_count() or 1)
                ray.init(address="local", num_cpus=cores, include_dashboard=False, **quiet)
            else:
                _check_address(address)
                try:
                    ray.init(address=address, **quiet)
                except (ConnectionError, ValueError, RuntimeError) as error:
                    raise UsageError(f"{option('address')}: {address}: {excerpt(str(error))}") from None
        context.enable_progress_bars, context.print_on_execution_start = False, False
        for logger in loggers:
            logger.setLevel(logging.CRITICAL)
        yield
    finally:
        with _same_sigterm():
            ray.shutdown()
        context.enable_progress_bars, context.print_on_execution_start = shown
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@contextmanager
def _same_sigterm() -> Iterator[None]:
    """Keep the handler of SIGTERM: Ray replaces it at its start, and at its shutdown by the default action.

    A signal that Ray's own handler gets, which exits with the signal's number, is sent again.
    """
    handler = signal.getsignal(signal.SIGTERM)
    is_sent = False
    try:
        yield
    except SystemExit as end:
        is_sent = end.code == signal.SIGTERM
        if not is_sent:
            raise
    finally:
        if handler is not None and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, handler)
    if is_sent:
        signal.raise_signal(signal.SIGTERM)


def _check_address(address: str) -> None:
    """Check that something listens at the address: Ray itself retries for minutes and then exits the process."""
    if address == "auto":
        return
    host, _, port = address.rpartition(":")
    if not host or "/" in host or not port.isascii() or not port.isdigit():
        raise UsageError(
            f"{option('address')}: expected HOST:PORT of the head of a cluster to which this machine belongs, or auto, "
            f"found {address!r}"
        )
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_SECONDS_TO_ANSWER).close()
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"{option('address')}: no answer at {address}: {getattr(error, 'strerror', None) or error}"
        ) from None
