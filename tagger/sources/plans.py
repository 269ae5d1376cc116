"""Which files of a commit on the Hub make up which split; kept, so that it is known without the Hub as well.

The files themselves are in the cache of ``huggingface_hub``. What it holds of a commit may be a part of it, from
which the splits cannot be told.
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
    """What a request stands for.

    Attributes:
        request: what is read in the end: the id as the Hub spells it, the revision, the folder.
        commit: the commit on the Hub.
        files: split to the names of its files in the repository.
        class_names: for columns of integers, the names of the labels as the repository's README declares them.
    """

    request: DatasetRequest
    commit: str
    files: Mapping[str, Sequence[str]]
    class_names: Mapping[str, Sequence[str]]


def remember(request: DatasetRequest, plan: HubPlan) -> None:
    """Keep the plan of a request: for the request as it was made, as it was understood, and for the commit."""
    for asked in (request, plan.request, replace(plan.request, revision=plan.commit)):
        path = _path(asked)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        unfinished.write_text(json.dumps(asdict(plan)), encoding="utf-8")
        unfinished.replace(path)


def recall(request: DatasetRequest) -> HubPlan | None:
    """Return what was kept of a request, or None if it was never made."""
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
