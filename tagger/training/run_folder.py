"""RunFolder: where a run keeps its checkpoints, logs, model, recipe.yaml, curves.html and metrics.json."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from tagger.errors import TaggerError, UsageError
from tagger.storage import check_replaceable
from tagger.training.config import NOT_PART_OF_THE_EXPERIMENT, RunConfig


class RunFolder:
    """The files of a run.

    Args:
        path: the folder.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.checkpoints = self.path / "checkpoints"
        self.logs = self.path / "logs"
        self.model = self.path / "model"
        self.recipe = self.path / "recipe.yaml"
        self.curves = self.path / "curves.html"
        self.metrics = self.path / "metrics.json"
        self.last_checkpoint = self.checkpoints / "last.ckpt"
        self.best_checkpoint = self.checkpoints / "best.ckpt"

    def check(self, config: RunConfig) -> None:
        """Refuse to touch a run that is there already, unless asked to.

        Raises:
            UsageError: if there is a run and neither ``resume`` nor ``overwrite`` is set, there is nothing to resume,
                or the run to resume was configured differently; names what to pass.
            ModelError: if something that is no model stands where the model is to go.
            TaggerError: if the folder cannot be looked into.
        """
        try:
            self._check(config)
            check_replaceable(self.model)
        except OSError as error:
            raise TaggerError(f"{self.path}: cannot be read: {error.strerror or error}") from error

    def _check(self, config: RunConfig) -> None:
        if config.resume:
            self._check_resumable(config)
        elif self.path.exists() and not self.path.is_dir():
            raise UsageError(f"output: {self.path} is a file; choose a folder")
        elif config.overwrite:
            if self.path.exists() and any(self.path.iterdir()) and not self.recipe.exists():
                raise UsageError(
                    f"output: {self.path} holds files but no run (no {self.recipe.name}); choose another folder"
                )
        elif self.metrics.exists():
            raise UsageError(
                f"output: {self.path} holds a finished run. Choose another folder, or pass --overwrite true."
            )
        elif self.last_checkpoint.exists():
            raise UsageError(
                f"output: {self.path} holds an unfinished run. Pass --resume true to go on with it, "
                f"or --overwrite true to train again."
            )
        elif self.path.exists() and self._strangers():
            raise UsageError(f"output: {self.path} exists and is not empty; choose another folder")

    def open(self, config: RunConfig) -> None:
        """Make the folder and write the recipe; a run to overwrite loses all its files but the model."""
        try:
            if not config.resume:
                for folder in (self.checkpoints, self.logs):
                    if folder.exists():
                        shutil.rmtree(folder)
                for file in (self.curves, self.metrics):
                    file.unlink(missing_ok=True)
            for folder in (self.checkpoints, self.logs):
                folder.mkdir(parents=True, exist_ok=True)
            _write(self.recipe, yaml.safe_dump(_experiment(config), sort_keys=False, allow_unicode=True))
        except OSError as error:
            raise TaggerError(
                f"{self.path}: the run's folder cannot be written: {error.strerror or error}"
            ) from error

    def write_curves(self, page: str) -> None:
        """Write curves.html, after each epoch anew."""
        self._write(self.curves, page)

    def write_metrics(self, metrics: dict[str, Any]) -> None:
        """Write metrics.json, the mark of a finished run."""
        self._write(self.metrics, json.dumps(metrics, indent=2) + "\n")

    def _write(self, path: Path, text: str) -> None:
        try:
            _write(path, text)
        except OSError as error:
            raise TaggerError(f"{path}: cannot be written: {error.strerror or error}") from error

    def _strangers(self) -> list[Path]:
        """Return what does not belong to a run that was cut short before its first checkpoint."""
        own = {self.checkpoints, self.logs, self.recipe, self.curves}
        return [path for path in self.path.iterdir() if path not in own]

    def _check_resumable(self, config: RunConfig) -> None:
        if self.metrics.exists():
            raise UsageError(f"resume: the run in {self.path} is finished")
        if not self.last_checkpoint.exists():
            raise UsageError(f"resume: no checkpoint in {self.checkpoints}; train without --resume")
        changed = _changed(self._read_recipe(), _experiment(config))
        if changed:
            raise UsageError(
                f"resume: {changed[0]} differs from the interrupted run's {self.recipe}. "
                f"Resume with the same configuration, or train from scratch in another folder."
            )

    def _read_recipe(self) -> dict[str, Any]:
        try:
            recipe = yaml.safe_load(self.recipe.read_text(encoding="utf-8"))
        except (OSError, ValueError, yaml.YAMLError) as error:
            raise TaggerError(f"{self.recipe}: cannot be read: {error}") from error
        if not isinstance(recipe, dict):
            raise TaggerError(f"{self.recipe}: expected a mapping of options, found something else")
        return recipe


def is_main_process() -> bool:
    """Return whether this process is the one that writes the run's files (not a further device's)."""
    return int(os.environ.get("LOCAL_RANK", "0")) == 0


def _experiment(config: RunConfig) -> dict[str, Any]:
    """Return the configuration as JSON-like values, without what says how to treat an earlier run."""
    values: dict[str, Any] = json.loads(json.dumps(asdict(config)))
    return {name: value for name, value in values.items() if name not in ("resume", "overwrite")}


def _changed(old: dict[str, Any], new: dict[str, Any], prefix: str = "") -> list[str]:
    """Return the dotted names of the options that differ and on which the numbers depend."""
    names = []
    for key in sorted(set(old) | set(new)):
        dotted = prefix + key
        if dotted in NOT_PART_OF_THE_EXPERIMENT:
            continue
        a, b = old.get(key), new.get(key)
        if isinstance(a, dict) and isinstance(b, dict):
            names += _changed(a, b, f"{dotted}.")
        elif a != b:
            names.append(dotted)
    return names


def _write(path: Path, text: str) -> None:
    """Write a small file in one step."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
