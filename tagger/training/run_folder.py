"""RunFolder: the folder of a run, with checkpoints, logs, model, recipe.yaml, curves.html and metrics.json."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import yaml

from tagger.errors import TaggerError, UsageError
from tagger.files import (
    LOCK_NAME,
    FolderInUseError,
    NoLocksError,
    is_temporary,
    locked_folder,
    previous_folder,
    remove_orphans,
    replace_file,
)
from tagger.model_files import check_replaceable
from tagger.options import command, option
from tagger.runs.experiment import NOT_PART_OF_THE_EXPERIMENT, flat, without_retired
from tagger.training.config import RunConfig
from tagger.training.texts import to_yaml

_LOG = logging.getLogger(__name__)

_MAY_BE_RAISED: Final = ("epochs", "patience")
"""Options that may be raised when a run is resumed."""


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
        self._is_open = False

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the folder against other runs for the block, and remove half-written files of killed runs.

        The folder is created if necessary, and removed again if it stays empty.

        Raises:
            UsageError: if another process is using it; names the process.
            TaggerError: if the folder cannot be created.
        """
        self._refuse_file()
        with ExitStack() as stack:
            try:
                stack.enter_context(locked_folder(self.path))
            except FolderInUseError as error:
                raise UsageError(
                    f"output: {self.path} is in use by another run (process {error.process}). "
                    f"Wait until it has ended, or choose another folder."
                ) from None
            except NoLocksError:
                _LOG.warning(
                    "%s: the file system has no locks: nothing keeps a second run out of this folder, and half-written "
                    "files of killed runs (.NAME.partial) stay until you remove them",
                    self.path,
                )
            except OSError as error:
                raise TaggerError(
                    f"{self.path}: the run's folder cannot be written: {error.strerror or error}"
                ) from error
            for folder in (self.path, self.checkpoints, self.logs):
                remove_orphans(folder)
            yield

    def check(self, config: RunConfig) -> None:
        """Raise an error if there is a run already, unless it is to be resumed or overwritten.

        Raises:
            UsageError: if there is a run and neither ``resume`` nor ``overwrite`` is set, there is nothing to resume,
                or the run to resume was configured differently; names what to pass.
            ModelError: if something other than a model is in the place of the model.
            TaggerError: if the folder cannot be read.
        """
        try:
            self._refuse_file()
            self._check(config)
            check_replaceable(self.model)
        except OSError as error:
            raise TaggerError(f"{self.path}: cannot be read: {error.strerror or error}") from error

    def _refuse_file(self) -> None:
        if self.path.exists() and not self.path.is_dir():
            raise UsageError(f"output: {self.path} is a file; choose a folder")

    def how_to_go_on(self, config: RunConfig) -> str:
        """Return when ``config`` was interrupted and how to continue, as the end of a sentence."""
        same = f"the same {command()}"
        if not self._is_open:
            return f" before training began. Train again with {same}"
        if self.metrics.exists():
            return f" when the run was finished; its model is in {self.model}"
        if self.last_checkpoint.exists():
            return f"; {self.last_checkpoint} is kept. Go on with {same}{self._with('resume', config)}"
        return (
            f" before the first epoch's end; nothing to resume. "
            f"Train again with {same}{self._with(self._to_start(), config)}"
        )

    def _to_start(self) -> str | None:
        """Return the option that starts a run here from its first epoch; None if none is needed."""
        return "overwrite" if self._holds_model() else None

    def _with(self, name: str | None, config: RunConfig) -> str:
        """Return how to change ``resume`` and ``overwrite`` so that the named one, or neither, is set."""
        is_set = [other for other in ("resume", "overwrite") if getattr(config, other)]
        if name in is_set or (name is None and "overwrite" in is_set):
            return ""
        wanted = None if name is None else option(name, True)
        if not is_set:
            return "" if wanted is None else f" and {wanted}"
        given = option(is_set[0], True)
        return f", without {given}" if wanted is None else f", with {wanted} instead of {given}"

    def _check(self, config: RunConfig) -> None:
        strangers = self._strangers()
        if config.resume:
            self._check_resumable(config)
        elif config.overwrite and not self.recipe.exists() and strangers:
            raise UsageError(
                f"output: {self.path} holds files but no run (no {self.recipe.name}); choose another folder"
            )
        elif config.overwrite:
            return
        elif self.metrics.exists():
            raise UsageError(
                f"output: {self.path} holds a finished run. "
                f"Choose another folder, or pass {option('overwrite', True)}."
            )
        elif self.last_checkpoint.exists():
            raise UsageError(
                f"output: {self.path} holds an unfinished run. Pass {option('resume', True)} to go on with it, "
                f"or {option('overwrite', True)} to train from scratch."
            )
        elif self._holds_model():
            raise UsageError(
                f"output: {self.path} holds the model of an earlier run. Choose another folder, or pass "
                f"{option('overwrite', True)} to replace it."
            )
        elif strangers:
            raise UsageError(f"output: {self.path} exists and is not empty; choose another folder")

    def open(self, config: RunConfig) -> None:
        """Create the folders and write the recipe; a run to overwrite loses all its files except the model."""
        self._is_open = True
        try:
            self.metrics.unlink(missing_ok=True)  # the run is not, or no longer, finished
            if not config.resume:
                self.last_checkpoint.unlink(missing_ok=True)  # first: it marks a run that can be resumed
                for folder in (self.checkpoints, self.logs):
                    if folder.exists():
                        shutil.rmtree(folder)
                self.curves.unlink(missing_ok=True)
            self.path.mkdir(parents=True, exist_ok=True)
            # Before the folders: the recipe marks them as belonging to a run.
            self._replace(self.recipe, to_yaml(_experiment(config)))
            for folder in (self.checkpoints, self.logs):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TaggerError(
                f"{self.path}: the run's folder cannot be written: {error.strerror or error}"
            ) from error

    def write_curves(self, page: str) -> None:
        """Write curves.html, again after each epoch."""
        self._write(self.curves, page)

    def write_metrics(self, metrics: dict[str, Any]) -> None:
        """Write metrics.json, the mark of a finished run."""
        self._write(self.metrics, json.dumps(metrics, indent=2) + "\n")

    def _write(self, path: Path, text: str) -> None:
        try:
            self._replace(path, text)
        except OSError as error:
            raise TaggerError(f"{path}: cannot be written: {error.strerror or error}") from error

    @staticmethod
    def _replace(path: Path, text: str) -> None:
        replace_file(path, lambda file: file.write(text.encode("utf-8")))

    def _holds_model(self) -> bool:
        return self.model.exists() or previous_folder(self.model).exists()

    def _strangers(self) -> list[Path]:
        """Return the files that do not belong to a run, finished or interrupted at any point."""
        own = {self.checkpoints, self.logs, self.model, self.recipe, self.curves, self.metrics}
        own |= {self.path / LOCK_NAME, previous_folder(self.model)}
        if not self.recipe.exists():  # the recipe is the first file of a run
            own = {self.path / LOCK_NAME}
        if not self.path.exists():
            return []
        return [path for path in self.path.iterdir() if path not in own and not is_temporary(path.name)]

    def _check_resumable(self, config: RunConfig) -> None:
        is_finished = self.metrics.exists()
        if not self.last_checkpoint.exists():
            if is_finished:
                raise UsageError(
                    f"resume: the run in {self.path} is finished, and its checkpoints are gone. A new run can go on "
                    f"from its model: {option('init', str(self.model))}"
                )
            raise UsageError(
                f"resume: no checkpoint in {self.checkpoints}. "
                f"Train with the same {command()}{self._with(self._to_start(), config)}"
            )
        recipe = self._read_recipe()
        changed = _changed(recipe, _experiment(config))
        changed += [
            name
            for name in _MAY_BE_RAISED
            if recipe.get(name) != getattr(config, name) and not self._is_raised(config, recipe, name)
        ]
        if changed:
            raise UsageError(
                f"resume: {changed[0]} differs from the {'' if is_finished else 'interrupted '}run's {self.recipe}. "
                f"Resume with the same configuration, or train from scratch in another folder."
            )
        if is_finished:
            self._check_goes_on(config, recipe)

    def _check_goes_on(self, config: RunConfig, recipe: dict[str, Any]) -> None:
        """Raise an error for a finished run unless the configuration extends it.

        Raises:
            UsageError: names the option to raise.
        """
        metrics = self.read_metrics()
        trained, patience = int(metrics.get("epochs_trained", 0)), recipe.get("patience")
        # Older metrics do not state what ended a run; it may have been its patience.
        ended_by = metrics.get("ended_by", "patience" if patience else "epochs")
        missing = []
        if ended_by == "patience" and not self._is_raised(config, recipe, "patience"):
            missing.append(f"a higher {option('patience')} than {patience} (0: no limit)")
        if config.epochs <= trained:
            missing.append(f"more {option('epochs')} than {trained}")
        if missing:
            end = (
                f"its patience ended after {trained} of {recipe.get('epochs')} epochs"
                if ended_by == "patience"
                else f"its {trained} epochs are done"
            )
            raise UsageError(
                f"resume: the run in {self.path} is finished: {end}. To go on, pass {' and '.join(missing)}; or "
                f"take its model for a new run: {option('init', str(self.model))}"
            )

    @staticmethod
    def _is_raised(config: RunConfig, recipe: dict[str, Any], name: str) -> bool:
        """Return whether an option is higher than in the run to resume; a patience of 0 is the highest."""
        old, new = recipe.get(name), getattr(config, name)
        if not isinstance(old, int):
            return False
        return new > old or (name == "patience" and new == 0 < old)

    def read_metrics(self) -> dict[str, Any]:
        """Return the content of metrics.json of a finished run.

        Raises:
            TaggerError: if it cannot be read.
        """
        try:
            metrics = json.loads(self.metrics.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise TaggerError(f"{self.metrics}: expected the metrics of a run: {error}") from error
        if not isinstance(metrics, dict):
            raise TaggerError(f"{self.metrics}: expected the metrics of a run, found something else")
        return metrics

    def _read_recipe(self) -> dict[str, Any]:
        try:
            recipe = yaml.safe_load(self.recipe.read_text(encoding="utf-8"))
        except (OSError, ValueError, yaml.YAMLError) as error:
            raise TaggerError(f"{self.recipe}: cannot be read: {error}") from error
        if not isinstance(recipe, dict):
            raise TaggerError(f"{self.recipe}: expected a mapping of options, found something else")
        return recipe


def _experiment(config: RunConfig) -> dict[str, Any]:
    """Return the configuration as JSON-like values, without ``resume`` and ``overwrite``."""
    values: dict[str, Any] = json.loads(json.dumps(asdict(config)))
    return {name: value for name, value in values.items() if name not in ("resume", "overwrite")}


def _changed(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Return the dotted names of the options that differ and affect results."""
    before, after = without_retired(flat(old)), flat(new)
    names = sorted({*before, *after}.difference(NOT_PART_OF_THE_EXPERIMENT, _MAY_BE_RAISED))
    return [name for name in names if before.get(name) != after.get(name)]
