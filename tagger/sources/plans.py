"""Cache of the files of each split of a commit on the Hub, for reading offline.

The files themselves are in the cache of ``huggingface_hub``, which may hold only part of a commit, from which the
splits cannot be determined.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from tagger.sources.request import DatasetRequest


@dataclass(frozen=True, slots=True)
class HubPlan:
    """The resolution of a request.

    Attributes:
        request: what is finally read: the id as spelled by the Hub, the revision, the folder.
        commit: the commit on the Hub.
        files: split to the names of its files in the repository.
        class_names: for integer columns, the label names declared in the repository's README.
    """

    request: DatasetRequest
    commit: str
    files: Mapping[str, Sequence[str]]
    class_names: Mapping[str, Sequence[str]]


def remember(request: DatasetRequest, plan: HubPlan) -> None:
    """Store the plan of a request: for the request as made, as resolved, and at the commit."""
    for asked in (request, plan.request, replace(plan.request, revision=plan.commit)):
        path = _path(asked)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        unfinished.write_text(json.dumps(asdict(plan)), encoding="utf-8")
        unfinished.replace(path)


def recall(request: DatasetRequest) -> HubPlan | None:
    """Return the stored plan of a request, or None."""
    path = _path(request)
    if not path.is_file():
        return None
    fields = json.loads(path.read_text(encoding="utf-8"))
    return HubPlan(**{**fields, "request": DatasetRequest(**fields["request"])})


def _path(request: DatasetRequest) -> Path:
    from datasets import config

    call = replace(request, data_files=request.files_by_split() or None).in_python()
    name = hashlib.sha256(call.encode()).hexdigest()[:40]
    return Path(config.HF_DATASETS_CACHE) / "tagger" / f"{name}.json"
