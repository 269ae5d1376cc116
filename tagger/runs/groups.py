"""Groups of runs that differ only in their seed, or their held-out fold; and the differences between groups."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tagger.errors import UsageError
from tagger.runs.experiment import decisive, flat, worth_telling
from tagger.runs.reading import Run

SPLITS: Final = ("dev", "test")

# Seed-dependent parts of a description of a share of train, as written by learning_curve.py
_OF_THE_SEED: Final = re.compile(r"\bwith seed \d+| \(\d+\)")
_SET_ASIDE: Final = "of the training sentences"


@dataclass(frozen=True)
class Group:
    """Runs with the same options and data.

    Attributes:
        name: one or several letters.
        runs: finished and unfinished ones.
    """

    name: str
    runs: tuple[Run, ...]

    @property
    def finished(self) -> list[Run]:
        """The finished runs."""
        return [run for run in self.runs if run.state == "finished"]

    def scores(self, split: str) -> list[float]:
        """Return the scores on dev or test, of the runs that have one."""
        return [score for run in self.finished if (score := run.score(split)) is not None]

    def by_pair(self, split: str) -> dict[Pairing, float] | None:
        """Return the scores by seed and held-out fold; None if two runs have the same."""
        scored = [(pairing(run), score) for run in self.finished if (score := run.score(split)) is not None]
        return dict(scored) if len(dict(scored)) == len(scored) else None


Pairing = tuple[int, str]
"""Seed and held-out fold."""


def pairing(run: Run) -> Pairing:
    """Return what pairs a run with its counterpart in another group."""
    return run.seed, str(run.data.get("held_out", ""))


def grouped(runs: Sequence[Run]) -> list[Group]:
    """Return the groups, in the order of their first runs, without damaged runs.

    The data of an unfinished run are unknown: it is added to the group with its options if there is only one;
    otherwise, as with shares of a learning curve, it forms a group with other unfinished runs.
    """
    groups: dict[str, list[Run]] = {}
    for run in runs:
        if run.state == "finished":
            groups.setdefault(_key(run), []).append(run)
    unfinished: dict[str, list[Run]] = {}
    for run in runs:
        if run.state == "unfinished":
            key = _key_of_options(run)
            same = [name for name in groups if name.startswith(key)]
            unfinished.setdefault(same[0] if len(same) == 1 else key, []).append(run)
    for key, own in unfinished.items():
        groups.setdefault(key, []).extend(own)
    order = {id(run): place for place, run in enumerate(runs)}
    members = [sorted(own, key=lambda run: order[id(run)]) for own in groups.values()]
    members.sort(key=lambda own: order[id(own[0])])
    return [Group(_letters(place), tuple(own)) for place, own in enumerate(members)]


def _key(run: Run) -> str:
    data = {
        name: _OF_THE_SEED.sub("", value) if name == "train" and isinstance(value, str) else value
        for name, value in flat(run.data).items()
        if name != "train_and_dev_sha256" and not _goes_with_the_seed(name, value)
    }
    return _key_of_options(run) + json.dumps(data, sort_keys=True, default=str)


def _key_of_options(run: Run) -> str:
    return json.dumps(decisive(run.options), sort_keys=True, default=str) + "\n"


def _goes_with_the_seed(name: str, value: Any) -> bool:
    return name == "held_out" or name == "started_from.dev" or (name == "dev" and _SET_ASIDE in str(value))


def _letters(place: int) -> str:
    """Return A to Z, then AA and so on.

    >>> _letters(0), _letters(25), _letters(26), _letters(27)
    ('A', 'Z', 'AA', 'AB')
    """
    name = ""
    while place >= 0:
        name = chr(ord("A") + place % 26) + name
        place = place // 26 - 1
    return name


def option_differences(groups: Sequence[Group]) -> list[tuple[str, ...]]:
    """Return the options that differ between groups: name, and the value in each as JSON; empty if unknown."""
    return _differences([worth_telling(group.runs[0].options) for group in groups], "")


def data_differences(groups: Sequence[Group]) -> list[tuple[str, ...]]:
    """Return the differences in data and versions between groups, in the same form."""
    return _differences([_said_of_data(group) for group in groups], "unknown")


def _said_of_data(group: Group) -> dict[str, Any]:
    if not group.finished:
        return {}
    metrics = group.finished[0].metrics or {}
    said = {name: value for name, value in flat(metrics["data"]).items() if name != "train_and_dev_sha256"}
    said |= {f"{split} sentences": count for split, count in metrics["sentences"].items()}
    said |= {f"version of {name}": value for name, value in flat(metrics.get("versions") or {}).items()}
    return {name: value[:12] if name.endswith("sha256") else value for name, value in said.items()}


def _differences(of_groups: Sequence[Mapping[str, Any]], absent: str) -> list[tuple[str, ...]]:
    names = list(dict.fromkeys(name for values in of_groups for name in values))
    rows = []
    for name in names:
        shown = [_shown(values[name]) if name in values else absent for values in of_groups]
        if len(set(shown)) > 1:
            rows.append((name, *shown))
    return rows


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def comparable_splits(groups: Sequence[Group]) -> tuple[list[str], list[str]]:
    """Return which of dev and test can be compared, with notes.

    Raises:
        UsageError: runs have different tasks, or neither split is the same in all groups.
    """
    runs = [run for group in groups for run in group.finished]
    if not runs:
        return [], []
    first = runs[0]
    for run in runs[1:]:
        _check_same_task(first, run)
    splits, notes, problems = [], [], []
    for split in SPLITS:
        scored = [run for run in runs if run.score(split) is not None]
        if not scored:
            continue
        odd = _other_gold(groups, split)
        if odd is None:
            splits.append(split)
            notes += _notes_on(groups, split)
        else:
            problems.append(
                f"{split} is {_told(odd[0], split)} for {odd[0].name}, {_told(odd[1], split)} for {odd[1].name}"
            )
    if problems and not splits:
        raise UsageError(
            f"scores of other data cannot be compared: {'; '.join(problems)}. Compare runs with the same dev or test "
            "split"
        )
    return splits, [*(f"not compared: {problem}" for problem in problems), *notes]


def _check_same_task(first: Run, run: Run) -> None:
    """Raise an error for two runs with different metrics, or without common labels.

    Raises:
        UsageError: names both, and the difference.
    """
    metrics = [(each.metrics or {})["metric"] for each in (first, run)]
    kinds = {"f1": "spans", "accuracy": "labels of tokens"}
    if metrics[0] != metrics[1]:
        shown = [
            f"{each.name} finds {kinds.get(metric, 'others')} ({metric})"
            for each, metric in zip((first, run), metrics, strict=True)
        ]
        raise UsageError(f"runs of different tasks cannot be compared: {', '.join(shown)}")
    labels = [set(_gold(each)) for each in (first, run)]
    if all(labels) and not labels[0] & labels[1]:
        shown = [f"{each.name} has {_listed(own)}" for each, own in zip((first, run), labels, strict=True)]
        raise UsageError(f"runs with other labels cannot be compared: {', '.join(shown)}")


def _gold(run: Run, split: str | None = None) -> dict[str, int]:
    """Return the gold count of each label or type in a split; by default the first one scored."""
    metrics = run.metrics or {}
    scores = metrics.get(split or next((each for each in SPLITS if each in metrics), "dev")) or {}
    found = scores.get("types") or scores.get("labels") or {}
    return {name: own["gold"] for name, own in found.items() if isinstance(own, Mapping) and own.get("gold")}


def _content(run: Run, split: str) -> tuple[Any, ...]:
    """Return what identifies the gold labels of a split, however they were read."""
    scores = (run.metrics or {}).get(split) or {}
    return scores.get("num_sentences"), scores.get("num_tokens"), tuple(sorted(_gold(run, split).items()))


def _other_gold(groups: Sequence[Group], split: str) -> tuple[Run, Run] | None:
    """Return two runs of different groups that were scored on different sentences; None if there are none.

    If each seed or fold has its own dev split, set aside from train, those with the same seed and fold are compared.
    """
    scored = [[run for run in group.finished if run.score(split) is not None] for group in groups]
    scored = [runs for runs in scored if runs]
    varies = any(_content(run, split) != _content(runs[0], split) for runs in scored for run in runs)
    for runs in scored[1:]:
        for run in runs:
            others: list[Run] = [one for one in scored[0] if not varies or pairing(one) == pairing(run)]
            for other in others:
                if _content(other, split) != _content(run, split):
                    return other, run
    return None


def _notes_on(groups: Sequence[Group], split: str) -> list[str]:
    notes = []
    for group in groups:
        runs = [run for run in group.finished if run.score(split) is not None]
        if len({_content(run, split) for run in runs}) > 1:
            notes.append(
                f"{group.name}: each run has a {split} split of its own, set aside from train; their spread is also "
                "that of these"
            )
    every = [run for group in groups for run in group.finished if run.score(split) is not None]
    files = {json.dumps(run.data.get("files", {}).get(split), sort_keys=True) for run in every}
    sums = {_sha256(run, split) for run in every}
    if not notes and len(files) > 1 and len(sums) > 1:
        notes.append(
            f"{split}: read from files of other content, with as many sentences, tokens and labels of each kind: taken "
            "for the same"
        )
    return notes


def _sha256(run: Run, split: str) -> str:
    return json.dumps(_pluck(run.data.get("files", {}).get(split), "sha256"), sort_keys=True)


def _pluck(value: Any, name: str) -> Any:
    """Return the value under a name, or a list of such values in nested mappings or lists."""
    if isinstance(value, Mapping):
        return value.get(
            name, [_pluck(own, name) for own in value.values() if isinstance(own, (Mapping, list))]
        )
    return [_pluck(own, name) for own in value] if isinstance(value, list) else None


def _told(run: Run, split: str) -> str:
    sentences, tokens, labels = _content(run, split)
    named = _listed([name for name, _ in labels])
    return (
        f"{sentences:,} sentences, {tokens:,} tokens ({named})"
        if isinstance(sentences, int) and isinstance(tokens, int)
        else "unknown"
    )


def _listed(names: Sequence[str] | set[str]) -> str:
    """Return the first names, and the number of others."""
    order = sorted(names)
    more = len(order) - 6
    return ", ".join(order[:6]) + (f" and {more} more" if more > 0 else "")
