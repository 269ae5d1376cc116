"""Opens a dataset, wherever it lives, as one ``datasets.Dataset`` per split.

Local data are converted anew each time, in a temporary folder: the cache of the ``datasets`` library does not
see edits of a folder whose README declares its files by patterns. Data of the Hub are cached by commit.
Only Parquet, JSON, CSV and Arrow are opened: other builders may pad, cut, unpickle or guess.
"""

from __future__ import annotations

import glob
import logging
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from tagger.errors import DataError, MissingExtraError, TaggerError, UsageError
from tagger.sources import file_names, hub
from tagger.sources.request import DatasetRequest

_FORMATS: Final = ("parquet", "json", "csv", "arrow")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenedDataset:
    """A dataset that can be read.

    Attributes:
        splits: split name to ``datasets.Dataset``.
        request: what was opened in the end: the id as the Hub spells it, the revision, the configuration.
        commit: the commit on the Hub, or None for local data.
        folder: the folder that holds the data files, or None if only their conversion is at hand.
    """

    splits: Mapping[str, Any]
    request: DatasetRequest
    commit: str | None
    folder: Path | None

    def find_file(self, name: str) -> Path:
        """Return the path of a local file or else of one in the dataset, downloaded if need be.

        Raises:
            DataError: there is no such file.
        """
        for candidate in (Path(name).expanduser(), (self.folder or Path()) / name):
            if candidate.is_file():
                return candidate
        if self.commit is None:
            raise DataError(f"{name}: no such file, neither here nor in {self.folder}")
        return hub.download_file(self.request, self.commit, name)


@contextmanager
def open_dataset(request: DatasetRequest) -> Iterator[OpenedDataset]:
    """Open a dataset for the time of a ``with`` block.

    Raises:
        DataError: it does not exist, cannot be reached, or is of a kind that is not read.
        UsageError: an option has no meaning for this kind of dataset.
        MissingExtraError: the ``datasets`` library is not installed.
    """
    _require_datasets()
    path = Path(request.dataset).expanduser()
    if request.data_files is not None and not all(request.files_by_split().values() or [[]]):
        raise UsageError(f"{request.dataset}: data_files={request.data_files!r} names no file")
    with ExitStack() as stack:
        stack.enter_context(_quiet_unless_terminal())
        scratch_folder = tempfile.TemporaryDirectory(prefix="tagger-", ignore_cleanup_errors=True)
        scratch = Path(stack.enter_context(scratch_folder))
        if path.is_file():
            _refuse_options(request, "a single file", "name", "revision", "data_dir", "data_files")
            yield OpenedDataset(_open_file(path, request, scratch), request, commit=None, folder=path.parent)
        elif path.is_dir():
            _refuse_options(request, "a local folder", "revision")
            yield OpenedDataset(_open_folder(path, request, scratch), request, commit=None, folder=path)
        elif request.dataset.startswith((".", "/", "~")) or file_names.holds_rows(path.name):
            raise DataError(f"{request.dataset}: no such file or folder")
        elif request.dataset in _FORMATS:
            raise UsageError(
                f"{request.dataset!r} is a format, expected the folder or Hub id that data_files are in: "
                f"{replace(request, dataset='.').call()}"
            )
        else:
            yield _open_hub(request, scratch)


def _open_hub(request: DatasetRequest, scratch: Path) -> OpenedDataset:
    found = hub.find_on_hub(replace(request, dataset=request.dataset.removeprefix("hf://datasets/")))
    request = found.request
    if request.data_files is None and request.data_dir is None:
        splits, commit = _open_hub_configuration(found)
        return OpenedDataset(splits, request, commit, folder=None)
    # Chosen files are downloaded and then read as local ones: `datasets` would not find its own conversion of
    # them again in offline mode.
    chosen = [pattern for patterns in request.files_by_split().values() for pattern in patterns]
    below = f"{request.data_dir.strip('/')}/" if request.data_dir else ""
    folder, commit = hub.download(request, [f"{below}{pattern}" for pattern in chosen or ["*"]])
    return OpenedDataset(_open_folder(folder, request, scratch), request, commit, folder)


def _open_hub_configuration(found: hub.HubDataset) -> tuple[Mapping[str, Any], str]:
    import datasets

    request = found.request
    wanted = found.commit or request.revision
    with _explained(request):
        try:
            builder = datasets.load_dataset_builder(request.dataset, name=request.name, revision=wanted)
        except Exception as error:
            if hub.is_offline():
                raise hub.refusal(request, error) from error
            raise
        commit = str(builder.hash)
        # Whatever the Hub refuses, `datasets` falls back to the newest copy in its cache, of any revision.
        if wanted is not None and commit != wanted:
            raise DataError(
                f"dataset {request.dataset!r}: the Hub cannot be read, and the newest copy downloaded before "
                f"is of commit {commit}, not {wanted}. To use it: {replace(request, revision=commit).call()}"
            )
        if builder.name != "cache":
            _check_format(request, builder.name)
            if not found.has_configs:
                _report_files(request, builder, found.file_names or (), root=f"@{commit}/")
        return _build(builder), commit


def _open_folder(folder: Path, request: DatasetRequest, scratch: Path) -> Mapping[str, Any]:
    import datasets

    if (folder / "state.json").is_file() or (folder / "dataset_dict.json").is_file():
        _refuse_options(request, "a folder written by save_to_disk", "name", "data_dir", "data_files")
        with _explained(request):
            saved = datasets.load_from_disk(str(folder))
        return _by_name(saved) if isinstance(saved, Mapping) else {str(saved.split or "train"): saved}
    root = folder.resolve()
    if glob.has_magic(str(root)):
        raise DataError(f"{root}: `datasets` takes '*', '?' and '[' for patterns; rename the folder")
    with _explained(request):
        builder = datasets.load_dataset_builder(
            str(root),
            name=request.name,
            data_dir=request.data_dir,
            data_files=request.files_by_split() or None,
            cache_dir=str(scratch / "cache"),
        )
        _check_format(request, builder.name)
        if request.data_files is None and not _declares_files(root):
            below = root / (request.data_dir or "")
            names = [path.relative_to(root).as_posix() for path in below.rglob("*") if path.is_file()]
            _report_files(request, builder, names, root=f"{root.as_posix()}/")
        return _build(builder)


def _open_file(path: Path, request: DatasetRequest, scratch: Path) -> Mapping[str, Any]:
    """Open a single file as the train split, whatever its name and its neighbours."""
    if not file_names.holds_rows(path.name):
        raise DataError(
            f"{path}: expected a file that ends in {', '.join(file_names.SUFFIXES)}. CoNLL files are read by "
            "their own reader, not as a dataset"
        )
    alone = scratch / "data"
    alone.mkdir()
    (alone / f"train{path.suffix.lower()}").symlink_to(path.resolve())
    return _open_folder(alone, request, scratch)


def _build(builder: Any) -> dict[str, Any]:
    builder.download_and_prepare()
    return _by_name(builder.as_dataset())


def _by_name(splits: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): split for name, split in splits.items()}


def _check_format(request: DatasetRequest, builder_name: str) -> None:
    if builder_name not in _FORMATS:
        raise DataError(
            f"{request.dataset}: expected {', '.join(_FORMATS)} files, found files of the kind "
            f"{builder_name!r}, which are not read as a dataset. Name the data files with data_files=...; "
            "CoNLL files are read by their own reader"
        )


def _declares_files(folder: Path) -> bool:
    """Return whether the folder's README says which files make up which split."""
    from huggingface_hub import DatasetCard

    readme = folder / "README.md"
    return readme.is_file() and bool(DatasetCard.load(readme).data.get("configs"))


def _report_files(request: DatasetRequest, builder: Any, names: Sequence[str], root: str) -> None:
    """Warn where `datasets` has guessed from the names of files, and may have guessed wrong."""
    files = {
        str(split): [str(file).split(root, 1)[-1] for file in split_files]
        for split, split_files in builder.config.data_files.items()
    }
    for doubt in (*file_names.unread(names, files), *file_names.joined(files)):
        logger.warning("%s: %s. Say what is what: data_files={'train': ..., ...}", request.dataset, doubt)


def _refuse_options(request: DatasetRequest, kind: str, *options: str) -> None:
    for option in options:
        value = getattr(request, option)
        if value is not None:
            raise UsageError(f"{request.dataset} is {kind}: {option}={value!r} has no meaning")


def _require_datasets() -> None:
    try:
        import datasets  # noqa: F401
    except ModuleNotFoundError as error:
        if error.name != "datasets":
            raise
        raise MissingExtraError("datasets", "Reading Hugging Face datasets") from error


@contextmanager
def _explained(request: DatasetRequest) -> Iterator[None]:
    """Turn whatever `datasets` raises over the data into a DataError that names the dataset."""
    try:
        yield
    except TaggerError:
        raise
    except Exception as error:
        raise DataError(
            f"{request.dataset}: cannot be read as a dataset: {_reason(request, error)}"
        ) from error


def _reason(request: DatasetRequest, error: Exception) -> str:
    """Return what went wrong in the library, in one line."""
    text = re.sub(r"\s+", " ", str(error)).strip()
    if text == "An error occurred while generating the dataset" and error.__cause__ is not None:
        text = re.sub(r"\s+", " ", str(error.__cause__)).strip()
    if text.startswith("Config name is missing"):
        return f"{text.partition(' Example of usage')[0]}. Name one: {replace(request, name='...').call()}"
    # A list of all extensions there are, of sounds and films too, follows.
    text = text.partition(" with any supported extension")[0]
    # An iterator that ends too early is how the library tells of files without a row.
    return text or ("no rows" if isinstance(error, StopIteration) else type(error).__name__)


@contextmanager
def _quiet_unless_terminal() -> Iterator[None]:
    """Switch the libraries' progress bars off while nobody watches, and back on behind."""
    import datasets
    import huggingface_hub.utils as hub_utils

    with ExitStack() as stack:
        for library, variable in ((datasets, "HF_DATASETS"), (hub_utils, "HF_HUB")):
            decided = f"{variable}_DISABLE_PROGRESS_BARS" in os.environ
            if not (decided or sys.stderr.isatty() or library.are_progress_bars_disabled()):
                library.disable_progress_bars()
                stack.callback(library.enable_progress_bars)
        yield
