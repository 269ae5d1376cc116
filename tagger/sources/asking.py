"""Requests to the Hub: retries while it is busy, and error messages with advice when it refuses."""

from __future__ import annotations

import itertools
import logging
import os
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeVar

from tagger.errors import DataError
from tagger.sources.known import close_names, find_by_id
from tagger.sources.request import DatasetRequest

ATTEMPTS: Final = 4
MOST_SECONDS: Final = 60.0
"""The most total waiting time before giving up."""

_BUSY: Final = (429, 500, 502, 503, 504)

Answer = TypeVar("Answer")

logger = logging.getLogger(__name__)


def is_offline() -> bool:
    """Return whether the user has switched the Hub off (HF_HUB_OFFLINE or HF_DATASETS_OFFLINE)."""
    from datasets import config

    return bool(config.HF_HUB_OFFLINE)


def ask(request: DatasetRequest, question: Callable[[], Answer]) -> Answer:
    """Send a request to the Hub; if it is busy, retry after the time that it specifies.

    A Hub that cannot be reached at all is not asked again.

    Args:
        request: the dataset, for messages.
        question: sends the request; raises the errors of ``huggingface_hub``.

    Raises:
        DataError: the Hub refuses, does not answer, or is still busy.
    """
    return ask_patiently(
        question,
        request.dataset,
        refusal=lambda error: refusal(request, error),
        still_busy=lambda busy: DataError(f"{_named(request)} cannot be read now: {busy}"),
    )


def ask_patiently(
    question: Callable[[], Answer],
    name: str,
    *,
    refusal: Callable[[Exception], Exception],
    still_busy: Callable[[str], Exception],
) -> Answer:
    """Send a request to the Hub; if it is busy, retry after the time that it specifies.

    Args:
        question: sends the request; raises the errors of ``huggingface_hub``.
        name: the repository, for messages.
        refusal: converts the error of a refused request to the error to raise.
        still_busy: returns the error to raise if the Hub stays busy, from its answer in words.
    """
    waited = 0.0
    for attempt in itertools.count(1):
        try:
            return question()
        except Exception as error:
            response = _busy_response(error)
            if response is None:
                raise refusal(error) from error
            pause = _pause(response.headers, otherwise=2.0 ** (attempt - 1))
            if attempt == ATTEMPTS or waited + pause > MOST_SECONDS:
                raise still_busy(_how_busy(response.status_code, attempt, pause)) from error
            logger.warning("%s: the Hub answers %s; retrying in %g s", name, response.status_code, pause)
            time.sleep(pause)
            waited += pause
    raise AssertionError


def refusal(request: DatasetRequest, error: Exception) -> DataError:
    """Return the error for a request that the Hub (or its library, offline) refused, with advice."""
    from huggingface_hub import constants, errors

    # Order matters: the library's error for a gated repository is a subclass of that for a missing one.
    if isinstance(error, errors.GatedRepoError):
        page = f"{constants.ENDPOINT}/datasets/{request.dataset}"
        message = f"is gated: accept its terms at {page}, then {_log_in()}{other_ways(request)}"
    elif isinstance(error, errors.RevisionNotFoundError):
        message = f"has no such revision{other_ways(request)}"
    elif isinstance(error, errors.RepositoryNotFoundError):
        message = (
            "is neither a local file or folder nor a dataset on the Hub that you may read. Check the "
            f"spelling; for a private one, {_log_in()}{other_ways(request)}"
        )
    elif isinstance(error, errors.HFValidationError):
        message = "is neither a local file or folder nor a possible Hub id (owner/name)"
    elif is_offline():
        message = (
            "was not downloaded before, and the Hub is switched off (HF_HUB_OFFLINE): run the same call once "
            f"with the Hub switched on: {request.call()}"
        )
    elif isinstance(error, errors.EntryNotFoundError) and not isinstance(
        error, errors.LocalEntryNotFoundError
    ):
        message = f"has no such file: {_one_line(error)}{other_ways(request)}"
    elif isinstance(error, errors.HfHubHTTPError):
        message = _answer(error)
    else:
        message = (
            f"cannot be read: no answer from the Hub at {constants.ENDPOINT} ({_one_line(error)}). Check the "
            "network; to use what was downloaded before, set HF_HUB_OFFLINE=1"
        )
    return DataError(f"{_named(request)} {message}")


def other_ways(request: DatasetRequest) -> str:
    """Return advice on alternatives: known datasets with similar names, or copies of a known one."""
    dataset = find_by_id(request.dataset)
    if dataset is None:
        close = [] if "/" in request.dataset else close_names(request.dataset)
        return f". Known datasets with a name like it: {', '.join(close)}" if close else ""
    part = request.name or request.data_dir
    copies = [copy.call(part) for copy in dataset.copies if copy.request.dataset != request.dataset]
    return f". Copies that hold data files: {', '.join(copies)}" if copies else ""


def _named(request: DatasetRequest) -> str:
    at = "" if request.revision is None else f" at revision {request.revision!r}"
    return f"dataset {request.dataset!r}{at}"


def _busy_response(error: BaseException | None) -> Any:
    """Return the response of a busy Hub from an error or its causes, or None."""
    from huggingface_hub.errors import HfHubHTTPError

    while error is not None:
        if isinstance(error, HfHubHTTPError) and error.response.status_code in _BUSY:
            return error.response
        error = error.__cause__
    return None


def _pause(headers: Any, *, otherwise: float) -> float:
    """Return the seconds that the Hub asks to wait, from ``Retry-After`` or ``RateLimit``."""
    after = headers.get("Retry-After", "").strip()
    if after.isdecimal():
        return float(after)
    if after:
        try:
            return max(0.0, (parsedate_to_datetime(after) - datetime.now(UTC)).total_seconds())
        except (TypeError, ValueError):
            return otherwise
    # RateLimit: "api";r=0;t=55 (draft-ietf-httpapi-ratelimit-headers): seconds until requests are granted again.
    limit = re.search(r"\bt=(\d+)", headers.get("RateLimit", "")) if headers.get("RateLimit") else None
    return otherwise if limit is None else float(limit[1])


def _how_busy(status: int, attempts: int, pause: float) -> str:
    times = "once" if attempts == 1 else f"{attempts} times"
    reason, more = "server error", ""
    if status == 429:
        reason, more = "too many requests", "; logged-in users (`hf auth login`) may send more requests"
    answer = f"the Hub answers {status} ({reason}) and asks to wait {pause:g} s more"
    return f"asked {times}, {answer}. Try again later{more}"


def _answer(error: Any) -> str:
    """Describe an HTTP error without a class of its own, including a refused token."""
    from huggingface_hub import constants

    if error.response.status_code == 401:
        return (
            f"cannot be read: the Hub does not accept the token of {_token_place()}. Make one at "
            f"{constants.ENDPOINT}/settings/tokens, or go without"
        )
    if error.response.status_code == 403 and _has_token():
        return f"cannot be read: the token of {_token_place()} has no right to it: {_one_line(error)}"
    return f"cannot be read now, the Hub answers: {_one_line(error)}"


def _log_in() -> str:
    if _has_token():
        return f"use a token that may read it: that of {_token_place()} may not"
    return "log in with `hf auth login` (or set HF_TOKEN)"


def _has_token() -> bool:
    from huggingface_hub import get_token

    return get_token() is not None


def _token_place() -> str:
    return "HF_TOKEN" if os.environ.get("HF_TOKEN") else "`hf auth login`"


def _one_line(error: Exception) -> str:
    text = re.sub(r"\s+", " ", str(error)).strip()
    return text or type(error).__name__
