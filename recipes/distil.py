"""Distil an average of models into a single one, and measure the gain over training on labels only.

    python recipes/distil.py --config recipes/configs/wnut17_ner.yaml --teachers 1 2 3 --seeds 4 5 6 --data.root FOLDER
    python recipes/distil.py --config C.yaml --student SMALL.yaml --text raw.txt --teachers 1 2 --seeds 3

A model is trained with each seed of ``--teachers``; their average is the teacher (``teacher.models``). A student is
trained with each seed of ``--seeds``, with the options of ``--student`` overriding those of ``--config``; ``--text``
adds unlabelled sentences for the teacher to label. For each student a control is trained with the same seed, size and
number of steps, on the gold labels only. All options of ``tagger train`` are accepted and apply to all of them. The
test split is not scored.

The runs are in ``OUTPUT_distilled/DIGEST``: OUTPUT is the configuration's ``output``, and DIGEST stands for all options
that results depend on. The same command continues after an interruption. ``teacher`` there is the average,
``scores.json`` the printed results.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from tagger import stopping
from tagger.cli.program import run_program, say
from tagger.cli.streams import STANDARD, output_to
from tagger.errors import MissingExtraError, UsageError
from tagger.options import options_of_command_line
from tagger.runs.seed_statistics import paired_test, summarize

try:
    from repeated_runs import (
        Metrics,
        digest,
        finished,
        percent,
        read_configuration,
        table,
        whatever_the_seed,
        write_text,
    )

    from tagger import Tagger
    from tagger.training import RunConfig, TeacherConfig
    from tagger.training.command import log_to_stderr
    from tagger.training.data import prepare
    from tagger.training.evaluation import run_metrics
    from tagger.training.run_folder import RunFolder
    from tagger.training.splits import read_splits
except MissingExtraError as error:
    sys.exit(f"recipes/distil.py: error: {error}")

_PROGRAM: Final = "recipes/distil.py"


@dataclass(frozen=True)
class Distillation:
    """The runs of an experiment and their folder.

    Attributes:
        teacher: options of the teachers, for any seed.
        student: options of the students, for any seed, without a teacher.
        teachers: seeds of the teachers.
        seeds: seeds of the students.
        text: files of unlabelled sentences.
        folder: of all runs.
    """

    teacher: RunConfig
    student: RunConfig
    teachers: tuple[int, ...]
    seeds: tuple[int, ...]
    text: tuple[str, ...]
    folder: Path

    @property
    def average(self) -> Path:
        """The folder of the average of the teachers."""
        return self.folder / "teacher"

    def teachers_metrics(self) -> list[Metrics]:
        """Return the metrics of each teacher, after training missing ones."""
        found = []
        for seed in self.teachers:
            run = replace(self.teacher, output=str(self.folder / f"teacher_{seed}"), seed=seed)
            found.append(_said("teacher", seed, finished(run)))
        return found

    def average_score(self) -> float:
        """Save the average of the teachers and return its dev score."""
        models = [Tagger.load(self.folder / f"teacher_{seed}" / "model") for seed in self.teachers]
        tagger = models[0] if len(models) == 1 else Tagger.average(models)
        tagger.save(self.average)
        run = self.teacher
        data = prepare(
            read_splits(run.data),
            run.data,
            inner_scheme=run.model.scheme,
            seed=run.seed,
            document_consistency=run.document_consistency,
        )
        value: float = run_metrics(run, tagger, data)["dev"]["value"]
        return value

    def student_metrics(self, seed: int) -> Metrics:
        """Return the metrics of the student with a seed, after training it if it is missing."""
        teacher = replace(self.student.teacher, models=str(self.average), text=list(self.text) or None)
        run = replace(self.student, teacher=teacher, output=str(self.folder / f"student_{seed}"), seed=seed)
        return _said("student", seed, finished(run))

    def control_metrics(self, seed: int, student: Metrics) -> Metrics:
        """Return the metrics of a student's control: as many steps, so more epochs if the student had text."""
        sentences = student["sentences"]
        times = 1 + sentences.get("without_labels", 0) / sentences["train"]
        run = replace(
            self.student,
            teacher=TeacherConfig(),
            epochs=round(self.student.epochs * times),
            output=str(self.folder / f"control_{seed}"),
            seed=seed,
        )
        return _said("control", seed, finished(run))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    return run_program(_PROGRAM, lambda: _run(given), debug="--debug" in given)


def _run(arguments: Sequence[str]) -> int:
    options, others = _parser().parse_known_args(arguments)
    try:
        distillation = _plan(options, others)
        log_to_stderr()
        with options_of_command_line(), RunFolder(distillation.folder).locked():
            text = _distil(distillation)
    except KeyboardInterrupt as error:
        error.args = ("stopped; the same command continues from here",)
        raise
    with output_to(STANDARD) as write:
        write(text + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_PROGRAM,
        description="Distil an average of models into students; compare these with the same models without a teacher.",
        epilog="All other options are those of tagger train and count for teachers, students and controls.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--config", action="append", default=[], metavar="YAML", help="options; several: the last one counts")
    add(
        "--student",
        action="append",
        default=[],
        metavar="YAML",
        help="further options of students and controls",
    )
    add(
        "--text",
        nargs="+",
        default=[],
        metavar="FILE",
        help="unlabelled sentences for the teacher to label",
    )
    add("--teachers", nargs="+", type=int, required=True, metavar="N", help="seeds of the teachers")
    add("--seeds", nargs="+", type=int, required=True, metavar="N", help="seeds of students and controls")
    add("--debug", action="store_true", help="show the traceback of an error")
    return parser


def _plan(options: argparse.Namespace, others: list[str]) -> Distillation:
    """Return the experiment specified by the options."""
    for name in ("teachers", "seeds"):
        seeds: list[int] = getattr(options, name)
        if any(not 0 <= seed < 2**32 for seed in seeds) or len(set(seeds)) < len(seeds):
            raise UsageError(
                f"--{name}: expected each seed once, 0 or more, less than 2**32, found {_listed(seeds)}"
            )
    if both := sorted(set(options.teachers) & set(options.seeds)):
        raise UsageError(
            f"--seeds: expected other seeds than those of --teachers, found {_listed(both)} in both: a student would "
            "start with the initial weights of its teacher"
        )
    files = [argument for file in options.config for argument in ("--config", file)]
    own = [argument for file in options.student for argument in ("--config", file)]
    teacher = read_configuration([*files, *others], program=_PROGRAM)
    student = read_configuration([*files, *own, *others], program=_PROGRAM)
    for run in (teacher, student):
        if run.seed != RunConfig.seed:
            raise UsageError("seed: has no effect here, since --teachers and --seeds specify the seeds")
        if run.teacher.models is not None:
            raise UsageError("teacher.models: has no effect here: the average of --teachers is the teacher")
        if run.data.merge_dev:
            raise UsageError("data.merge_dev: leaves no dev split to score")
        if run.patience:
            raise UsageError("patience: not supported here: students and controls must have the same steps")
    if teacher.data != student.data:
        raise UsageError("--student: expected options of the same data as --config has")
    splits = read_splits(replace(teacher.data, test=None))
    if not splits.dev:
        raise UsageError(
            "data.dev: expected a dev split; without one each seed sets its own aside, which a teacher has learned from"
        )
    if any(example.soft_labels is not None for example in splits.train):
        raise UsageError(
            "data.train: expected sentences with labels, from which controls can learn, found soft ones"
        )
    teacher = replace(teacher, teacher=TeacherConfig())
    everything = {
        "teacher": whatever_the_seed(teacher),
        "student": whatever_the_seed(student),
        "teachers": options.teachers,
        "text": [_sha256(Path(path)) for path in options.text],
    }
    folder = Path(f"{Path(teacher.output)}_distilled") / digest(everything)
    return Distillation(
        teacher, student, tuple(options.teachers), tuple(options.seeds), tuple(options.text), folder
    )


def _distil(distillation: Distillation) -> str:
    """Train everything, write scores.json, and return the report."""
    teachers = distillation.teachers_metrics()
    average = distillation.average_score()
    say(_PROGRAM, f"what teaches: dev {teachers[0]['metric']} {100 * average:.2f} %")
    students, controls = [], []
    for seed in distillation.seeds:
        students.append(distillation.student_metrics(seed))
        controls.append(distillation.control_metrics(seed, students[-1]))
    scores = {
        name: [metrics["dev"]["value"] for metrics in of_name]
        for name, of_name in (("teachers", teachers), ("students", students), ("controls", controls))
    }
    test = paired_test(scores["controls"], scores["students"])
    record: dict[str, Any] = {
        "metric": teachers[0]["metric"],
        "split": "dev",
        "seeds": {"teachers": list(distillation.teachers), "students": list(distillation.seeds)},
        "scores": {**scores, "what_teaches": average},
        "students_against_controls": {
            **asdict(test),
            # JSON has no infinity.
            "t": test.t if test.t is not None and math.isfinite(test.t) else None,
        },
    }
    path = distillation.folder / "scores.json"
    write_text(path, json.dumps(record, indent=2) + "\n")
    rows = [["", "runs", "mean", "standard deviation"]]
    for name, values in (
        ("teachers", scores["teachers"]),
        ("what teaches", [average]),
        *list(scores.items())[1:],
    ):
        summary = summarize(values)
        rows.append([name, str(len(values)), percent(summary.mean), percent(summary.deviation)])
    gain = test.differences
    rows.append(["students - controls", str(len(students)), percent(gain.mean), percent(gain.deviation)])
    sure = "" if test.t is None else f" (paired t-test: p = {test.t_p:.3f})"
    return "\n".join([f"dev {record['metric']}, %{sure}", "", *table(rows), "", f"results: {path}"])


def _said(what: str, seed: int, metrics: Metrics) -> Metrics:
    """Print the score of a run, and return its metrics."""
    say(_PROGRAM, f"{what}, seed {seed}: dev {metrics['metric']} {100 * metrics['dev']['value']:.2f} %")
    return metrics


def _sha256(path: Path) -> str:
    """Return the digest of a file.

    Raises:
        UsageError: if there is no such file.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UsageError(f"--text: {path}: {error.strerror or error}") from None


def _listed(seeds: Sequence[int]) -> str:
    return " ".join(map(str, seeds))


if __name__ == "__main__":
    sys.exit(stopping.run(_PROGRAM, lambda: main))
