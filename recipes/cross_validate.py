"""Cross-validate a recipe: train once per fold on all other folds, and score the predictions for that fold.

    python recipes/cross_validate.py --config recipes/configs/wnut17_ner.yaml --folds 5 --data.root FOLDER
    python recipes/cross_validate.py --config X.yaml [--folds K] [--by document|sentence] [--any.option value ...]

All options of ``tagger train`` are accepted. Train and dev are pooled and divided into folds at random (``--seed``);
the test split is not used. The best epoch is chosen on a share of the training folds (``data.dev_fraction``; with 0 it
is the last one), never on the held-out fold.

The runs are in ``OUTPUT_folds/DIGEST/fold_N``: OUTPUT is the configuration's ``output``, and DIGEST stands for all
options that results depend on. The same command continues after an interruption, and ends with the same files, byte for
byte: ``scores.json``, and ``predictions.jsonl`` with the predictions for every sentence by a model that was not trained
on it. Read next: ``folds.py`` (assignment of sentences to folds), ``fold_runs.py`` (training), ``out_of_fold.py`` (the
lines of that file), ``repeated_runs.py`` (how finished runs are kept).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Final

from tagger import stopping
from tagger.cli.program import run_program, say
from tagger.cli.streams import STANDARD, output_to
from tagger.errors import MissingExtraError
from tagger.options import options_of_command_line
from tagger.runs.seed_statistics import summarize
from tagger.schemes import listed

try:
    from fold_runs import CrossValidation, add_options, configuration
    from out_of_fold import Answer, unseen_labels
    from repeated_runs import Metrics, differ, percent, table, write_text

    from tagger.training.command import log_to_stderr
    from tagger.training.run_folder import RunFolder
except MissingExtraError as error:
    sys.exit(f"recipes/cross_validate.py: error: {error}")

_PROGRAM: Final = "recipes/cross_validate.py"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    return run_program(_PROGRAM, lambda: _run(given), debug="--debug" in given)


def _run(arguments: Sequence[str]) -> int:
    options, others = _parser().parse_known_args(arguments)
    run = configuration(options, others, program=_PROGRAM)
    log_to_stderr()
    try:
        with options_of_command_line():
            validation = CrossValidation.read(run, count=options.folds, by=options.by)
            with RunFolder(validation.folder).locked():
                text = _validate(validation)
    except KeyboardInterrupt as error:
        error.args = ("stopped; the same command continues from here",)
        raise
    with output_to(STANDARD) as write:
        write(text + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_PROGRAM,
        description="Train a recipe once for each fold of train and dev, and score it on the held-out fold.",
        epilog="All other options are those of tagger train.",
        allow_abbrev=False,
    )
    add_options(parser)
    return parser


def _validate(validation: CrossValidation) -> str:
    """Train and score every fold, write the results, and return the report."""
    validation.check_folder()
    about = validation.about()
    for line in about:
        say(_PROGRAM, line)
    numbers, results, found = range(1, validation.folds.count + 1), [], {}
    for fold in numbers:
        results.append(validation.result(fold))
        of_fold = validation.answers(fold)
        found.update(of_fold)
        value = validation.scores(of_fold).value
        say(_PROGRAM, f"fold {fold} of {len(numbers)}: {validation.data.metric} {100 * value:.2f} %")
    validation.check_same(results)
    notes = _notes(validation, results, found)
    predictions = validation.write_predictions(found)
    report = _report(validation, results, found, [*about, *notes])
    return f"{report}\npredictions: {predictions}"


def _notes(validation: CrossValidation, results: Sequence[Metrics], found: Mapping[int, Answer]) -> list[str]:
    """Return notes needed to interpret the scores."""
    lines = []
    unseen = unseen_labels((validation.gold[number], answer) for number, answer in found.items())
    if unseen:
        lines.append(
            "tokens with labels that the model of their fold never saw, so that they count as not found: "
            f"{len(unseen):,} ({listed(sorted(set(unseen)))})"
        )
    if differ([metrics["versions"] for metrics in results]):
        lines.append("the folds differ in their versions of tagger, torch or Python: see metrics.json")
    return lines


def _report(
    validation: CrossValidation,
    results: Sequence[Metrics],
    found: Mapping[int, Answer],
    notes: Sequence[str],
) -> str:
    """Return the tables, and write their content as JSON."""
    folds, metric = validation.folds, validation.data.metric
    entries = []
    for fold, metrics in enumerate(results, start=1):
        of_fold = {number: found[number] for number in folds.members(fold)}
        value = validation.scores(of_fold)
        epochs = {name: metrics[name] for name in ("best_epoch", "epochs_trained")}
        entries.append({"fold": fold, "value": value.value, **epochs, **value.to_dict()})
    summary = summarize([entry["value"] for entry in entries])
    together = validation.scores(found)
    record = {
        "metric": metric,
        "by": folds.by,
        "seed": validation.run.seed,
        "units": folds.units,
        "near_copies": folds.near_copies,
        "folds": entries,
        **asdict(summary),
        "together": {"value": together.value, **together.to_dict()},
    }
    path = validation.folder / "scores.json"
    write_text(path, json.dumps(record, indent=2) + "\n")
    rows = [["fold", "sentences", "tokens", metric]]
    rows += [
        [str(each["fold"]), f"{each['num_sentences']:,}", f"{each['num_tokens']:,}", percent(each["value"])]
        for each in entries
    ]
    rows += [
        ["mean", "", "", percent(summary.mean)],
        ["standard deviation", "", "", percent(summary.deviation)],
    ]
    for bound, name in enumerate(("95 % from", "95 % to")):
        rows.append([name, "", "", percent(summary.interval[bound] if summary.interval else None)])
    return "\n".join(
        [
            *(f"{note[0].upper()}{note[1:]}." for note in notes),
            "",
            f"{metric}, %",
            "",
            *table(rows),
            "",
            "The interval is Student's and rough: models of different folds are trained on largely the same sentences.",
            "",
            "All folds together:",
            "",
            together.report(),
            "",
            f"results: {path}",
        ]
    )


if __name__ == "__main__":
    sys.exit(stopping.run(_PROGRAM, lambda: main))
