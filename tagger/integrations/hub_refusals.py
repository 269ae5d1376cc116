"""Error messages for requests that the Hub refuses or does not answer: which model, why, and what to do about it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tagger.errors import HubError

Token = str | bool | None
"""A token; True or None for the one of HF_TOKEN or ``hf auth login``, False for none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to the Hub, as named in messages.

    Attributes:
        name: name of the repository.
        revision: branch, tag or commit; None for the main branch.
        token: the token as it was passed.
        to_write: whether the request is a push.
    """

    name: str
    revision: str | None = None
    token: Token = None
    to_write: bool = False

    def __str__(self) -> str:
        at = "" if self.revision is None else f" at revision {self.revision!r}"
        return f"model {self.name!r}{at}"

    def refusal(self, error: Exception) -> HubError:
        """Return the error for a request that the Hub or its library refused, with what to do about it."""
        return HubError(f"{self} {self._reason(error)}")

    def still_busy(self, busy: str) -> HubError:
        """Return the error for a Hub that is still busy, given its answer."""
        return HubError(f"{self} cannot be {self._done} now: {busy}")

    def no_answer(self, error: Exception) -> HubError:
        """Return the error for a Hub that cannot be reached, with no copy in the cache either."""
        from huggingface_hub import constants

        advice = "Check the network, and HF_ENDPOINT if it is set"
        if not self.to_write:
            advice += "; there is no complete copy of it in the cache"
        return HubError(
            f"{self} cannot be {self._done}: no answer from the Hub at {constants.ENDPOINT} ({_one_line(error)}). "
            f"{advice}"
        )

    @property
    def _done(self) -> str:
        return "written" if self.to_write else "read"

    def _reason(self, error: Exception) -> str:
        from huggingface_hub import constants, errors

        answer = next((each for each in _causes(error) if isinstance(each, errors.HfHubHTTPError)), error)
        status = answer.response.status_code if isinstance(answer, errors.HfHubHTTPError) else None
        # Order matters: to the library, a gated repository is a kind of missing one.
        if isinstance(answer, errors.GatedRepoError):
            page = f"{constants.ENDPOINT}/{self.name}"
            return f"is gated: accept its terms at {page}, then {self._log_in()}"
        if isinstance(answer, errors.RevisionNotFoundError):
            return "has no such revision: no branch, tag or whole commit of this name. Leave revision out for main"
        if isinstance(answer, errors.RepositoryNotFoundError):
            return f"is not on the Hub, or you may not read it. Check the spelling; if it is private, {self._log_in()}"
        if status == 401:
            if self._token() is None:
                return f"cannot be {self._done} without a token: {self._log_in()}"
            return (
                f"cannot be {self._done}: the Hub does not accept the token of {self._token_place()}. Make one at "
                f"{constants.ENDPOINT}/settings/tokens{'' if self.to_write else ', or go without: token=False'}"
            )
        if status == 403:
            right = f"no right to {'write' if self.to_write else 'read'} it"
            return (
                f"cannot be {self._done}: the token of {self._token_place()} has {right}: {_one_line(answer)}"
            )
        if status == 412 or (status == 409 and self.to_write):
            return "changed on the Hub during the push; nothing was changed. Push again"
        return f"cannot be {self._done}: {_one_line(answer)}"

    def _log_in(self) -> str:
        right = "write" if self.to_write else "read"
        if self._token() is not None:
            return f"use a token that may {right} it: that of {self._token_place()} may not"
        return "log in with `hf auth login`, set HF_TOKEN, or pass token"

    def _token(self) -> str | None:
        from huggingface_hub import get_token

        if isinstance(self.token, str):
            return self.token
        return None if self.token is False else get_token()

    def _token_place(self) -> str:
        if isinstance(self.token, str):
            return "the argument token"
        return "HF_TOKEN" if os.environ.get("HF_TOKEN") else "`hf auth login`"


def is_no_answer(error: Exception) -> bool:
    """Return whether an error of the Hub's library means that there was no answer, rather than a refusal."""
    from huggingface_hub import errors

    if any(isinstance(each, (errors.HfHubHTTPError, errors.HFValidationError)) for each in _causes(error)):
        return False
    # The library passes on the errors of its HTTP library, which differs between versions.
    names = {kind.__name__ for each in _causes(error) for kind in type(each).__mro__}
    return bool(names & {"TransportError", "OfflineModeIsEnabled", "ConnectionError", "TimeoutError"})


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _one_line(error: BaseException) -> str:
    text = re.sub(r"\s+", " ", str(error)).strip()
    return text or type(error).__name__
