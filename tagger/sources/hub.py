"""Datasets on the Hub: resolving an id to a commit and its files, and downloading them.

Dataset scripts are never run. For a script repository, the Hub keeps its own conversion of the data to Parquet on the
branch ``refs/convert/parquet``, one folder per configuration; that is read instead, with a warning. A script repository
is recognised by the script in it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from tagger.errors import DataError
from tagger.sources import file_names
from tagger.sources.asking import ask, is_offline, other_ways, refusal
from tagger.sources.known import CONVERTED
from tagger.sources.request import DatasetRequest

_SECONDS_TO_ANSWER: Final = 10.0
_CONFIGS_SHOWN: Final = 20

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HubDataset:
    """A dataset repository at one commit.

    Attributes:
        request: what to read; its dataset is the repository's id, its revision the one to record.
        commit: the revision's commit, 40 hexadecimal digits.
        file_names: all files of the commit.
        has_configs: whether the repository declares the files of each configuration and split.
    """

    request: DatasetRequest
    commit: str
    file_names: tuple[str, ...]
    has_configs: bool


def find_on_hub(request: DatasetRequest) -> HubDataset:
    """Resolve the id of a dataset: its current name, its Parquet conversion if needed, and its commit.

    Takes one or two requests, made directly since the ``datasets`` library would retry an unreachable Hub for half a
    minute, and read any cached revision if the Hub refuses the requested one.

    Raises:
        DataError: no such repository or revision, no access, no answer, or a script without a conversion.
    """
    info = _repository_info(request)
    request = _under_id(request, info.id)
    if info.gated:
        _check_access(request, info)
    script = f"{info.id.split('/')[-1]}.py"
    if script in _file_names(info) and request.data_files is None and request.data_dir is None:
        request, info = _conversion_of_script(request, script, _file_names(info))
    elif request.revision == CONVERTED:
        request = _choose_converted_folder(request, folders=_folders(info))
    if any(name.startswith(f"{request.data_dir}/partial-") for name in _file_names(info)):
        logger.warning("%s: the Hub has converted only the first part of %s", info.id, request.data_dir)
    has_configs = info.card_data is not None and bool(info.card_data.get("configs"))
    return HubDataset(request, commit=info.sha, file_names=_file_names(info), has_configs=has_configs)


def download(request: DatasetRequest, commit: str, patterns: Sequence[str]) -> Path:
    """Download the matching files of a commit; return their folder.

    In offline mode, return the folder of an earlier download.
    """
    from huggingface_hub import snapshot_download

    folder = ask(
        request,
        lambda: snapshot_download(
            request.dataset, repo_type="dataset", revision=commit, allow_patterns=list(patterns)
        ),
    )
    return Path(folder)


def download_file(request: DatasetRequest, commit: str, file_name: str, *, instead: str = "") -> Path:
    """Download one file of a repository, or find it in the cache.

    Args:
        request: names the repository.
        commit: the commit.
        file_name: the file's name in the repository.
        instead: alternatives, for the message if there is no file of this name.
    """
    from huggingface_hub import errors, hf_hub_download

    found: BaseException | None = None
    for revision in _revisions(request, commit):
        fetch = partial(hf_hub_download, request.dataset, file_name, repo_type="dataset", revision=revision)
        try:
            return Path(ask(request, fetch))
        except DataError as error:
            # If the Hub is unreachable, the library raises an error about a missing local file.
            is_missing = isinstance(error.__cause__, errors.EntryNotFoundError)
            if not is_missing or (
                isinstance(error.__cause__, errors.LocalEntryNotFoundError) and not is_offline()
            ):
                raise
            found = error.__cause__
    if is_offline():
        raise refusal(request, FileNotFoundError()) from found
    raise DataError(f"dataset {request.dataset!r} has no file {file_name!r}{instead}") from found


def list_files(request: DatasetRequest, commit: str) -> list[str]:
    """Return the names of all files that ``download_file`` finds; empty in offline mode."""
    if is_offline():
        return []
    infos = [
        _repository_info(replace(request, revision=revision)) for revision in _revisions(request, commit)
    ]
    return [name for info in infos for name in _file_names(info)]


def _revisions(request: DatasetRequest, commit: str) -> list[str]:
    # The conversion leaves files that are not tables, such as lists of label names, on the main branch.
    return [commit, "main"] if request.revision == CONVERTED else [commit]


def _under_id(request: DatasetRequest, new_id: str) -> DatasetRequest:
    if new_id == request.dataset:
        return request
    logger.warning("%s is now %s on the Hub", request.dataset, new_id)
    return replace(request, dataset=new_id)


def _repository_info(request: DatasetRequest) -> Any:
    """Return the Hub's ``DatasetInfo`` of the revision, with a single request, retried while the Hub is busy."""
    from huggingface_hub import HfApi

    return ask(
        request,
        lambda: HfApi().dataset_info(request.dataset, revision=request.revision, timeout=_SECONDS_TO_ANSWER),
    )


def _check_access(request: DatasetRequest, info: Any) -> None:
    """Check access to the files of a gated repository, whose list of files is public."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    for name in _file_names(info)[:1]:
        address = hf_hub_url(info.id, name, repo_type="dataset", revision=info.sha)
        ask(request, partial(get_hf_file_metadata, address, timeout=_SECONDS_TO_ANSWER))


def _conversion_of_script(
    request: DatasetRequest, script: str, names: Sequence[str]
) -> tuple[DatasetRequest, Any]:
    """Return the request for the Hub's own conversion of a script repository, and its ``DatasetInfo``.

    Args:
        request: a request for the repository.
        script: the name of the script in it.
        names: all files of the repository.
    """
    from huggingface_hub.errors import RevisionNotFoundError

    converted = replace(request, revision=CONVERTED)
    try:
        info = _repository_info(converted)
    except DataError as error:
        if not isinstance(error.__cause__, RevisionNotFoundError):
            raise
        readable = [name for name in names if file_names.holds_rows(name)]
        advice = ""
        if readable:
            call = replace(request, name=None, data_files={"train": readable[0]}).call()
            advice = f", or name data files of this one, as in {call}"
        raise DataError(
            f"{request.dataset} is a dataset script ({script}), scripts are never run, and the Hub has no "
            f"conversion of it to Parquet. Look for a copy of the dataset that holds data files{advice}"
            f"{other_ways(request)}"
        ) from error
    if request.revision not in (None, "main"):
        folders = _folders(info)
        name = request.name if request.name in folders else next(iter(folders), None)
        raise DataError(
            f"{request.dataset}: revision {request.revision!r} is a dataset script ({script}), and scripts are "
            f"never run. Try the Hub's own conversion of its main branch: {replace(converted, name=name).call()}"
        )
    converted = _choose_converted_folder(converted, folders=_folders(info))
    logger.warning(
        "%s is a dataset script (%s), and scripts are never run; reading the Hub's Parquet conversion of it: %s",
        request.dataset,
        script,
        converted.call(),
    )
    return converted, info


def _choose_converted_folder(request: DatasetRequest, *, folders: Sequence[str]) -> DatasetRequest:
    """Replace the configuration's name by its folder on the converted branch.

    Otherwise ``datasets`` would not find the name there, and without a name would read all folders as one dataset.
    """
    if request.data_dir is not None or request.data_files is not None:
        return request
    name = request.name
    if name is None and len(folders) == 1:
        name = folders[0]
    if name not in folders:
        hidden = len(folders) - _CONFIGS_SHOWN
        found = ", ".join(folders[:_CONFIGS_SHOWN]) + (f" and {hidden} more" if hidden > 0 else "")
        wanted = "a configuration" if name is None else f"the configuration {name!r}"
        raise DataError(
            f"{request.dataset} at {CONVERTED}: expected {wanted}, found: {found or 'none'}. "
            f"Name one: {replace(request, name=folders[0] if folders else '...').call()}"
        )
    return replace(request, name=None, data_dir=name)


def _file_names(info: Any) -> tuple[str, ...]:
    return tuple(sibling.rfilename for sibling in info.siblings or ())


def _folders(info: Any) -> list[str]:
    return sorted({name.split("/")[0] for name in _file_names(info) if "/" in name})
