"""The Hub's side of reading a dataset: what an id stands for today, its files, its commit, its refusals.

Dataset scripts are never run. For a repository that is one, the Hub keeps its own conversion of the data to
Parquet on the branch ``refs/convert/parquet``, one folder per configuration; that is read in its place, and a
warning says so. This relies on no list of repositories: a script repository is known by the script in it.
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
        request: what to read of it; its dataset is the repository's id, its revision the one to record.
        commit: the revision's commit, 40 hexadecimal digits.
        file_names: all files of the commit.
        has_configs: whether the repository says itself which files make up which configuration and split.
    """

    request: DatasetRequest
    commit: str
    file_names: tuple[str, ...]
    has_configs: bool


def find_on_hub(request: DatasetRequest) -> HubDataset:
    """Find out what the id stands for: renamed, converted, at which commit.

    One or two requests. Asked directly since the ``datasets`` library would retry an unreachable Hub for half a
    minute, and read any cached revision when the Hub refuses the one asked for.

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
    """Download the files of a commit that match; return the folder that holds them.

    In offline mode, the folder of an earlier download.
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
    """Download one file of a repository, or find it where an earlier download put it.

    Args:
        request: names the repository.
        commit: the commit.
        file_name: the file's name in the repository.
        instead: which files could be meant, for the message if there is none of this name.
    """
    from huggingface_hub import errors, hf_hub_download

    found: BaseException | None = None
    for revision in _revisions(request, commit):
        fetch = partial(hf_hub_download, request.dataset, file_name, repo_type="dataset", revision=revision)
        try:
            return Path(ask(request, fetch))
        except DataError as error:
            # Where the library cannot reach the Hub, it says that it has no copy of the file.
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
    """Return the names of all files that ``download_file`` finds; none in offline mode."""
    if is_offline():
        return []
    infos = [
        _repository_info(replace(request, revision=revision)) for revision in _revisions(request, commit)
    ]
    return [name for info in infos for name in _file_names(info)]


def _revisions(request: DatasetRequest, commit: str) -> list[str]:
    # What is no table, such as a list of label names, is left on the main branch by the conversion.
    return [commit, "main"] if request.revision == CONVERTED else [commit]


def _under_id(request: DatasetRequest, new_id: str) -> DatasetRequest:
    if new_id == request.dataset:
        return request
    logger.warning("%s is now %s on the Hub", request.dataset, new_id)
    return replace(request, dataset=new_id)


def _repository_info(request: DatasetRequest) -> Any:
    """Return the Hub's ``DatasetInfo`` of the revision, in a single request, again where the Hub is busy."""
    from huggingface_hub import HfApi

    return ask(
        request,
        lambda: HfApi().dataset_info(request.dataset, revision=request.revision, timeout=_SECONDS_TO_ANSWER),
    )


def _check_access(request: DatasetRequest, info: Any) -> None:
    """Refuse a gated repository whose files the user may not read; everybody sees that there are files."""
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
    """Turn the configuration's name into its folder, of those on the converted branch.

    Left alone, ``datasets`` would not find the name there, and without one read all folders as one dataset.
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
