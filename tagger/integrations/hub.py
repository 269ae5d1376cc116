"""Models on the Hugging Face Hub: download one into the cache of the Hub's library, push one in a single commit.

Tokens, cache and offline mode are the library's: ``HF_TOKEN`` or ``hf auth login``, ``HF_HOME``, ``HF_HUB_OFFLINE``.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tagger.errors import HubError, MissingExtraError, ModelError, UsageError
from tagger.integrations.hub_card import hub_card
from tagger.integrations.hub_refusals import Asked, Token, is_no_answer
from tagger.model_files import CONFIG, FILES, VOCABULARY, WEIGHTS
from tagger.model_parts import ModelParts
from tagger.sources.asking import ask_patiently
from tagger.storage import load_model

if TYPE_CHECKING:
    from tagger.api import Tagger

_SECONDS_TO_ANSWER: Final = 10.0
_NEEDED: Final = (CONFIG, VOCABULARY, WEIGHTS)
_NAMES_SHOWN: Final = 10

_LOG: Final = logging.getLogger(__name__)

T = TypeVar("T")


def download_model(
    name: str,
    *,
    revision: str | None = None,
    token: Token = None,
    cache_folder: str | os.PathLike[str] | None = None,
) -> Path:
    """Return the cache folder of a model on the Hub, downloading the model if it is not there yet.

    If the Hub cannot be reached, the copy in the cache is used, with a warning; in offline mode, without one.

    Args:
        name: name of the repository, ``org/name``; never a folder.
        revision: branch, tag or full commit hash; the main branch if left out.
        token: as for :meth:`tagger.Tagger.from_pretrained`.
        cache_folder: used instead of the library's own.

    Raises:
        HubError: if there is no such model, or no access to it, or neither an answer nor a cached copy.
        MissingExtraError: if huggingface_hub is not installed.
        UsageError: if the name is not that of a repository.
    """
    _check_name(name)
    from huggingface_hub import HfApi, constants, errors, snapshot_download

    asked = Asked(name, revision, token)

    def download(**options: Any) -> Path:
        return Path(
            snapshot_download(
                name,
                revision=revision,
                allow_patterns=sorted(FILES),
                cache_dir=None if cache_folder is None else Path(cache_folder),
                token=token,
                **options,
            )
        )

    def copy(no_answer: Exception) -> Path:
        try:
            return download(local_files_only=True)
        except errors.LocalEntryNotFoundError:
            raise asked.no_answer(no_answer) from no_answer

    if constants.HF_HUB_OFFLINE:
        try:
            return download(local_files_only=True)
        except errors.LocalEntryNotFoundError as error:
            raise HubError(
                f"{asked}: there is no complete copy of it in the cache, and the Hub is switched off (HF_HUB_OFFLINE). "
                "Make the same call once with the Hub switched on"
            ) from error

    def answer() -> Path:
        """Check that the model exists, with a timeout, which the library does not set for its own requests."""
        try:
            info = HfApi(token=token).model_info(name, revision=revision, timeout=_SECONDS_TO_ANSWER)
        except Exception as error:
            if not is_no_answer(error):
                raise
            folder = copy(error)
            _LOG.warning(
                "%s: no answer from the Hub; using the copy that was downloaded before: %s",
                asked,
                folder.name,
            )
            return folder
        _check_files(asked, _file_names(info))
        try:
            return download()
        except Exception as error:
            if not is_no_answer(error):
                raise
            raise HubError(
                f"{asked}: the download was interrupted ({type(error).__name__}: {error}). Downloaded files are kept; "
                "make the same call again"
            ) from error

    return _asked_patiently(asked, answer)


def pull_model(
    name: str,
    *,
    revision: str | None = None,
    token: Token = None,
    cache_folder: str | os.PathLike[str] | None = None,
) -> ModelParts:
    """Return a model from the Hub, checked like a model folder; see :meth:`tagger.Tagger.from_pretrained`.

    Raises:
        ModelError: if it is damaged or has a newer format.
        HubError: as for :func:`download_model`.
        MissingExtraError: as for :func:`download_model`.
        UsageError: as for :func:`download_model`.
    """
    folder = download_model(name, revision=revision, token=token, cache_folder=cache_folder)
    try:
        return load_model(folder)
    except ModelError as error:
        cached = folder.parent.parent
        raise ModelError(
            f"model {name!r} of the Hub: {error} To download it again, delete {cached}"
        ) from error


def push_model(
    tagger: Tagger,
    name: str,
    *,
    private: bool | None = None,
    revision: str | None = None,
    token: Token = None,
    commit_message: str = "Push a tagger model",
    license: str | None = None,
    language: str | Sequence[str] | None = None,
) -> str:
    """Push a model to the Hub in one commit, and return the commit's URL; see :meth:`tagger.Tagger.push_to_hub`.

    Raises:
        HubError: if the Hub refuses or does not answer, or the commit lacks a file.
        MissingExtraError: if huggingface_hub is not installed.
        ModelError: if the model cannot be written.
        UsageError: if the name is not that of a repository, or an option is invalid.
    """
    _check_name(name)
    if not commit_message:
        raise UsageError("commit_message: expected a text, found none")
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, constants

    asked = Asked(name, revision, token, to_write=True)
    if constants.HF_HUB_OFFLINE:
        raise HubError(f"{asked} cannot be written: the Hub is switched off (HF_HUB_OFFLINE)")
    card = hub_card(tagger, name, license=license, language=language)
    api = HfApi(token=token)

    def push() -> str:
        _make(api, asked, private)
        there = api.model_info(name, revision=revision, timeout=_SECONDS_TO_ANSWER)
        names = {path.name for path in folder.iterdir()}
        done = api.create_commit(
            name,
            [
                *(CommitOperationAdd(each, folder / each) for each in sorted(names)),
                *(CommitOperationDelete(each) for each in sorted((FILES - names) & set(_file_names(there)))),
            ],
            commit_message=commit_message,
            revision=revision,
            parent_commit=there.sha,
        )
        _check_whole(api, asked, done.oid, names)
        return str(done.commit_url)

    with TemporaryDirectory() as temporary:
        folder = Path(temporary) / "model"
        tagger.save(folder, card=card)
        return _asked_patiently(asked, push)


def _asked_patiently(asked: Asked, question: Callable[[], T]) -> T:
    def refusal(error: Exception) -> Exception:
        if isinstance(error, HubError):
            return error
        return asked.no_answer(error) if is_no_answer(error) else asked.refusal(error)

    return ask_patiently(question, asked.name, refusal=refusal, still_busy=asked.still_busy)


def _make(api: Any, asked: Asked, private: bool | None) -> None:
    """Create the repository and the branch if they do not exist; refuse one of the wrong visibility."""
    from huggingface_hub import errors

    try:
        info = api.model_info(asked.name, timeout=_SECONDS_TO_ANSWER)
    except errors.GatedRepoError:
        raise
    except errors.RepositoryNotFoundError:
        api.create_repo(asked.name, private=private, exist_ok=True)
    else:
        if private is not None and bool(info.private) != private:
            expected, found = ("private", "public") if private else ("public", "private")
            raise HubError(
                f"{asked}: expected a {expected} repository, found a {found} one; nothing was pushed. Change it in its "
                "settings on the Hub, or leave private out"
            )
    if asked.revision is not None:
        api.create_branch(asked.name, branch=asked.revision, exist_ok=True)


def _check_name(name: str) -> None:
    """Refuse names that cannot be those of a repository, such as the path of a folder."""
    if find_spec("huggingface_hub") is None:
        raise MissingExtraError("huggingface_hub", "The Hub")
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]

    try:
        if not isinstance(name, str):
            raise HFValidationError
        validate_repo_id(name)
    except HFValidationError:
        found = os.fspath(name) if isinstance(name, os.PathLike) else name
        raise UsageError(
            f"expected the name of a model on the Hub, such as 'org/name', found {found!r}. "
            "A folder is read by Tagger.load() and written by save()"
        ) from None


def _file_names(info: Any) -> tuple[str, ...]:
    return tuple(sibling.rfilename for sibling in info.siblings or ())


def _check_files(asked: Asked, names: Sequence[str]) -> None:
    """Refuse a repository that does not hold a model, before downloading anything."""
    missing = [name for name in _NEEDED if name not in names]
    if not missing:
        return
    shown = ", ".join(names[:_NAMES_SHOWN]) + (", ..." if len(names) > _NAMES_SHOWN else "")
    raise HubError(
        f"{asked} is not a tagger model: expected the files {', '.join(_NEEDED)}, found no {missing[0]}. "
        f"There: {shown or 'no files'}"
    )


def _check_whole(api: Any, asked: Asked, commit: str, names: set[str]) -> None:
    """Check that the commit has all files: the Hub drops those listed in the repository's ``.gitignore``."""
    found = _file_names(api.model_info(asked.name, revision=commit, timeout=_SECONDS_TO_ANSWER))
    if missing := sorted(names.difference(found)):
        raise HubError(
            f"{asked}: the commit {commit} lacks {', '.join(missing)}: a .gitignore in the repository may name it. "
            "Remove it there, and push again"
        )
