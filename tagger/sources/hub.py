"""The Hub's side of reading a dataset: what an id stands for today, its files, its commit, its refusals.

Dataset scripts are never run. For a repository that is one, the Hub keeps its own conversion of the data to
Parquet on the branch ``refs/convert/parquet``, one folder per configuration; that is read in its place, and a
warning says so. This relies on no list of repositories: a script repository is known by the script in it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from tagger.errors import DataError
from tagger.sources import file_names
from tagger.sources.request import DatasetRequest

CONVERTED: Final = "refs/convert/parquet"

# Ids that older code and papers use, and where the same dataset lives now. The Hub redirects most of them,
# but only while it is reachable.
NEW_IDS: Final = {
    "conll2000": "eriktks/conll2000",
    "conll2002": "eriktks/conll2002",
    "conll2003": "eriktks/conll2003",
    "ncbi_disease": "ncbi/ncbi_disease",
    "universal_dependencies": "universal-dependencies/universal_dependencies",
    "wikiann": "unimelb-nlp/wikiann",
    "wnut_17": "leondz/wnut_17",
}

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


def is_offline() -> bool:
    """Return whether the user has switched the Hub off (HF_HUB_OFFLINE or HF_DATASETS_OFFLINE)."""
    from datasets import config

    return bool(config.HF_HUB_OFFLINE)


def under_its_new_id(request: DatasetRequest) -> DatasetRequest:
    """Return the request with the id that an old one stands for."""
    return _under_id(request, NEW_IDS.get(request.dataset, request.dataset))


def find_on_hub(request: DatasetRequest) -> HubDataset:
    """Find out what the id stands for: renamed, converted, at which commit.

    One or two requests. Asked directly since the ``datasets`` library would retry an unreachable Hub for half a
    minute, and read any cached revision when the Hub refuses the one asked for.

    Raises:
        DataError: no such repository or revision, no access, no answer, or a script without a conversion.
    """
    info = _repository_info(request)
    request = _under_id(request, info.id)
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

    try:
        folder = snapshot_download(
            request.dataset, repo_type="dataset", revision=commit, allow_patterns=list(patterns)
        )
    except Exception as error:
        raise refusal(request, error) from error
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

    found: Exception | None = None
    for revision in _revisions(request, commit):
        try:
            return Path(hf_hub_download(request.dataset, file_name, repo_type="dataset", revision=revision))
        except errors.EntryNotFoundError as error:
            found = error
        except Exception as error:
            raise refusal(request, error) from error
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
    """Return the Hub's ``DatasetInfo`` of the revision, in a single request without retries."""
    from huggingface_hub import HfApi

    try:
        return HfApi().dataset_info(request.dataset, revision=request.revision, timeout=_SECONDS_TO_ANSWER)
    except Exception as error:
        raise refusal(request, error) from error


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


def refusal(request: DatasetRequest, error: Exception) -> DataError:
    """Return the error that says what the Hub (or its library, offline) refused, and what to do about it."""
    from huggingface_hub import constants, errors

    where = f"dataset {request.dataset!r}"
    if request.revision is not None:
        where += f" at revision {request.revision!r}"
    page = f"{constants.ENDPOINT}/datasets/{request.dataset}"
    # Order matters: a gated repository is a kind of missing one for the library.
    if isinstance(error, errors.GatedRepoError):
        message = f"is gated: accept its terms at {page}, then log in with `hf auth login` (or set HF_TOKEN)"
    elif isinstance(error, errors.RevisionNotFoundError):
        message = "has no such revision"
    elif isinstance(error, errors.RepositoryNotFoundError):
        message = (
            "is neither a local file or folder nor a dataset on the Hub that you may read. Check the "
            "spelling; for a private one, log in with `hf auth login` (or set HF_TOKEN)"
        )
    elif isinstance(error, errors.HFValidationError):
        message = "is neither a local file or folder nor a possible Hub id (owner/name)"
    elif is_offline():
        message = (
            "was not downloaded before, and the Hub is switched off (HF_HUB_OFFLINE): run the same call once "
            f"with the Hub switched on: {request.call()}"
        )
    elif isinstance(error, errors.EntryNotFoundError):
        message = f"has no such file: {_one_line(error)}"
    elif isinstance(error, errors.HfHubHTTPError):
        message = f"cannot be read now, the Hub answers: {_one_line(error)}"
    else:
        message = (
            f"cannot be read: no answer from the Hub at {constants.ENDPOINT} ({_one_line(error)}). Check the "
            "network; to use what was downloaded before, set HF_HUB_OFFLINE=1"
        )
    return DataError(f"{where} {message}")


def _one_line(error: Exception) -> str:
    text = re.sub(r"\s+", " ", str(error)).strip()
    return text or type(error).__name__
