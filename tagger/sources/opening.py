"""Opening of a dataset, on the Hub or on disk, as the tables of each split.

The ``datasets`` library determines the files of each split, from their names and the README; the files are then read by
``tagger.sources.tables``. Only Parquet, JSON, CSV and Arrow are opened; other formats are refused.
"""

from __future__ import annotations

import glob
import logging
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from tagger.errors import DataError, UsageError
from tagger.formats.tables.column_choice import CLASSES
from tagger.options import argument
from tagger.sources import file_names, hub, plans
from tagger.sources.asking import is_offline, refusal
from tagger.sources.library import explained, quiet_unless_terminal, require_datasets, unpacked
from tagger.sources.request import DatasetRequest
from tagger.sources.shapes import columns_in, shape_of_feature
from tagger.sources.tables import open_table, saved_table
from tagger.sources.values_table import Table

Files = Mapping[str, Sequence[str]]
ClassNames = Mapping[str, Sequence[str]]

_FORMATS: Final = ("parquet", "json", "csv", "arrow")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenedDataset:
    """A dataset that can be read.

    Attributes:
        splits: split name to its tables, one for each file.
        request: what was finally opened: the id as spelled by the Hub, the revision, the configuration.
        commit: the commit on the Hub, or None for local data.
        folder: the folder that holds the data files.
        class_names: column to the names of its labels, as declared in the dataset's README.
    """

    splits: Mapping[str, Sequence[Table]]
    request: DatasetRequest
    commit: str | None
    folder: Path
    class_names: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def find_file(self, name: str) -> Path:
        """Return the path of a local file or else of one in the dataset, downloaded if necessary.

        Raises:
            DataError: there is no such file.
        """
        for candidate in (Path(name).expanduser(), self.folder / name):
            if candidate.is_file():
                return candidate
        others = [found for found in self.files_of_names() if found != name]
        instead = (
            f". Is it {' or '.join(argument('data.label_names', found) for found in others)}?"
            if others
            else ""
        )
        if self.commit is None:
            raise DataError(f"{name}: no such file, neither here nor in {self.folder}{instead}")
        return hub.download_file(self.request, self.commit, name, instead=instead)

    def files_of_names(self) -> list[str]:
        """Return the files in the dataset that hold label names, judged by their file names."""
        if self.commit is not None:
            names = hub.list_files(self.request, self.commit)
        else:
            names = [path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*.json")]
        return sorted(name for name in names if file_names.holds_label_names(name))


@contextmanager
def open_dataset(request: DatasetRequest) -> Iterator[OpenedDataset]:
    """Open a dataset for the duration of a ``with`` block.

    Raises:
        DataError: it does not exist, cannot be reached, or is of an unsupported format.
        UsageError: an option is invalid or has no effect on this kind of dataset.
        MissingExtraError: the ``datasets`` library is not installed.
    """
    require_datasets()
    path = Path(request.dataset).expanduser()
    if request.data_files is not None and not all(request.files_by_split().values() or [[]]):
        raise UsageError(f"{request.dataset}: data_files={request.data_files!r} names no file")
    _refuse_address(request)
    if request.name is not None and (request.data_dir is not None or request.data_files is not None):
        raise UsageError(
            f"{request.dataset}: name={request.name!r} has no effect with data_dir or data_files, which determine "
            "what is read"
        )
    with ExitStack() as stack:
        stack.enter_context(quiet_unless_terminal())
        scratch_folder = tempfile.TemporaryDirectory(prefix="tagger-", ignore_cleanup_errors=True)
        scratch = Path(stack.enter_context(scratch_folder))
        if path.is_file():
            _refuse_options(request, "a single file", "name", "revision", "data_dir", "data_files")
            yield _open_file(path, request, scratch)
        elif path.is_dir():
            _refuse_options(request, "a local folder", "revision")
            yield _open_folder(path, request, scratch)
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
    asked = replace(request, dataset=request.dataset.removeprefix("hf://datasets/"))
    if is_offline():
        plan = plans.recall(asked)
        if plan is None:
            raise refusal(asked, FileNotFoundError())
    else:
        plan = _plan(hub.find_on_hub(asked), scratch)
        plans.remember(asked, plan)
    request = plan.request
    names = [name for files in plan.files.values() for name in files]
    folder = hub.download(request, plan.commit, [glob.escape(name) for name in names])
    if missing := [name for name in names if not (folder / name).is_file()]:
        raise refusal(request, FileNotFoundError(missing[0]))
    splits = _open_tables(folder, plan.files, plan.class_names, scratch)
    return OpenedDataset(splits, request, plan.commit, folder, plan.class_names)


def _plan(found: hub.HubDataset, scratch: Path) -> plans.HubPlan:
    """Determine the files of each split of a repository."""
    request, commit = found.request, found.commit
    if request.data_files is None and request.data_dir is None:
        files, class_names = files_of_configuration(found)
        return plans.HubPlan(request, commit, files, class_names)
    # Chosen files are downloaded and then assigned to splits as local ones.
    chosen = [pattern for patterns in request.files_by_split().values() for pattern in patterns]
    below = f"{request.data_dir.strip('/')}/" if request.data_dir else ""
    folder = hub.download(request, commit, [f"{below}{pattern}" for pattern in chosen or ["*"]])
    files, _ = _files_of_folder(folder, request, scratch)
    return plans.HubPlan(request, commit, files, {})


def files_of_configuration(found: hub.HubDataset) -> tuple[Files, ClassNames]:
    """Return the files of each split of a repository, and the label names declared in its README.

    Only the README is downloaded.
    """
    import datasets

    request = found.request
    with explained(request):
        builder = datasets.load_dataset_builder(request.dataset, name=request.name, revision=found.commit)
        # If the Hub refuses, `datasets` falls back to the newest copy in its cache, of any revision.
        if builder.name == "cache" or str(builder.hash) != found.commit:
            raise refusal(request, ConnectionError(f"commit {found.commit} cannot be read"))
        _check_format(request, builder.name)
        root = f"@{found.commit}/"
        if not found.has_configs:
            _report_files(request, builder, found.file_names, root=root)
        return _files_of(builder, root), _declared_names(builder)


def _open_folder(folder: Path, request: DatasetRequest, scratch: Path) -> OpenedDataset:
    import datasets

    if (folder / "state.json").is_file() or (folder / "dataset_dict.json").is_file():
        _refuse_options(request, "a folder written by save_to_disk", "name", "data_dir", "data_files")
        with explained(request):
            saved = datasets.load_from_disk(str(folder))
        by_name = dict(saved) if isinstance(saved, Mapping) else {str(saved.split or "train"): saved}
        splits = {str(name): [saved_table(split, f"{folder}[{name}]")] for name, split in by_name.items()}
        return OpenedDataset(splits, request, None, folder)
    files, class_names = _files_of_folder(folder, request, scratch)
    return OpenedDataset(
        _open_tables(folder, files, class_names, scratch), request, None, folder, class_names
    )


def _files_of_folder(folder: Path, request: DatasetRequest, scratch: Path) -> tuple[Files, ClassNames]:
    """Return the files of each split of a local folder, by their names in it."""
    import datasets

    if request.data_files is not None:
        return file_names.chosen(folder / (request.data_dir or ""), request, folder), {}
    root = folder.resolve()
    if glob.has_magic(str(root)):
        raise DataError(f"{root}: `datasets` takes '*', '?' and '[' for patterns; rename the folder")
    with explained(request):
        builder = datasets.load_dataset_builder(
            str(root), name=request.name, data_dir=request.data_dir, cache_dir=str(scratch / "cache")
        )
        _check_format(request, builder.name)
        base = f"{root.as_posix()}/"
        if not _declares_files(root):
            below = root / (request.data_dir or "")
            names = [path.relative_to(root).as_posix() for path in below.rglob("*") if path.is_file()]
            _report_files(request, builder, names, root=base)
        return _files_of(builder, base), {} if request.data_dir else _declared_names(builder)


def _open_file(path: Path, request: DatasetRequest, scratch: Path) -> OpenedDataset:
    """Open a single file as the train split, regardless of its name."""
    if not file_names.holds_rows(path.name):
        raise DataError(
            f"{path}: expected a file that ends in {', '.join(file_names.SUFFIXES)}. CoNLL files are read by "
            "their own reader, not as a dataset"
        )
    splits = _open_tables(path.parent, {"train": [path.name]}, {}, scratch)
    return OpenedDataset(splits, request, None, path.parent)


def _open_tables(
    folder: Path, files: Files, class_names: ClassNames, scratch: Path
) -> dict[str, list[Table]]:
    return {
        split: [
            open_table(path, name, class_names)
            for file in files[split]
            for path, name in unpacked(folder / file, scratch / "unpacked")
        ]
        for split in files
    }


def _files_of(builder: Any, root: str) -> dict[str, list[str]]:
    """Return split -> files, by their names in the dataset."""
    data_files = builder.config.data_files
    return {
        str(split): [str(file).split(root, 1)[-1] for file in found] for split, found in data_files.items()
    }


def _declared_names(builder: Any) -> dict[str, tuple[str, ...]]:
    """Return the label names of each column declared in the dataset's README."""
    features = builder.info.features or {}
    columns = columns_in({top: shape_of_feature(feature) for top, feature in features.items()})
    return {name: column.names for name, column in columns.items() if column.kind == CLASSES}


def _check_format(request: DatasetRequest, builder_name: str) -> None:
    if builder_name not in _FORMATS:
        raise DataError(
            f"{request.dataset}: expected {', '.join(_FORMATS)} files, found files of the kind "
            f"{builder_name!r}, which are not read as a dataset. Name the data files with "
            f"{argument('data.data_files')}; CoNLL files are read by their own reader"
        )


def _declares_files(folder: Path) -> bool:
    """Return whether the folder's README declares the files of each split."""
    from huggingface_hub import DatasetCard

    readme = folder / "README.md"
    return readme.is_file() and bool(DatasetCard.load(readme).data.get("configs"))


def _report_files(request: DatasetRequest, builder: Any, names: Sequence[str], root: str) -> None:
    """Warn where ``datasets`` may have guessed wrong from file names."""
    example = argument("data.data_files", {"train": "..."})
    files = _files_of(builder, root)
    for doubt in (*file_names.unread(names, files), *file_names.joined(files)):
        logger.warning("%s: %s. Name the files of each split, as in %s", request.dataset, doubt, example)


def _refuse_options(request: DatasetRequest, kind: str, *options: str) -> None:
    for option in options:
        value = getattr(request, option)
        if value is not None:
            raise UsageError(f"{request.dataset} is {kind}: {option}={value!r} has no effect")


def _refuse_address(request: DatasetRequest) -> None:
    """Refuse data files given as a URL, advising the call that reads them where possible."""
    address = request.address()
    if address is None:
        return
    path = re.match(r"hf://datasets/([^/@]+/[^/@]+)(?:@([^/]+))?/", address)
    advice = "download it, and name the file"
    if path is not None:
        files = {
            split: [pattern.removeprefix(path[0]) for pattern in patterns]
            for split, patterns in request.files_by_split().items()
        }
        there = DatasetRequest(path[1], revision=path[2], data_files=files)
        advice = there.call() if there.address() is None else advice
    raise UsageError(
        f"data_files are names of files inside the dataset, found the address {address!r}: {advice}"
    )
