"""The work of ``tagger evaluate``; imported, together with NumPy, only when it runs."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

from tagger.cli.arguments import load_tagger, mention_cores
from tagger.cli.evaluated import Compared, Gold, compared
from tagger.cli.evaluated_models import Opponent, is_model_folder, sentences_alone
from tagger.cli.program import say
from tagger.cli.report_arguments import MODEL_OPTIONS, refuse_one_place, refuse_without_effect
from tagger.cli.streams import output_to
from tagger.errors import DataError, UsageError
from tagger.evaluation.comparison import Comparison
from tagger.evaluation.drawing import DRAWS, SEED, Drawing
from tagger.evaluation.evaluation import Evaluation, evaluate, segmentation_alone, with_other
from tagger.evaluation.probabilities.threshold_tables import target_table
from tagger.evaluation.probabilities.thresholds import Target, parse_target, stored_thresholds, threshold_for
from tagger.evaluation.slices.attributes import surfaces_of
from tagger.evaluation.slices.training_statistics import training_statistics
from tagger.formats import GoldCorpus
from tagger.metrics import require_seqeval, seqeval_report
from tagger.metrics.label_arrays import labels_of_sentences
from tagger.schemes import listed
from tagger.storage import store_calibration

# Options and their defaults
_OF_MODELS: Final = {**MODEL_OPTIONS, "thresholds": False}
_OF_PREDICTIONS: Final = {
    "predictions_input": "auto",
    "predictions_token_column": None,
    "predictions_label_column": None,
    "predictions_scheme": "auto",
}
_OF_OUR_REPORTS: Final = {
    "by": "sentence",
    "draws": DRAWS,
    "seed": SEED,
    "against": None,
    "train": None,
    "threshold_for": None,
    "slice": None,
    "html": None,
}


def run_evaluation(arguments: argparse.Namespace) -> None:
    """Evaluate as specified by the arguments."""
    forms = [name for name in ("seqeval", "csv", "json") if getattr(arguments, name)]
    if len(forms) > 1:
        raise UsageError(f"--{forms[0]} has no effect with --{forms[1]}")
    if arguments.seqeval:
        require_seqeval()
    target = None if arguments.threshold_for is None else _target(arguments.threshold_for)
    refuse_one_place(arguments)
    opponents, paths = _opponents(arguments)
    gold = Gold(arguments, paths, opponents)
    with ExitStack() as outputs:
        # Opened first, so that unwritable outputs are reported before the work.
        write = outputs.enter_context(output_to(arguments.output_file))
        write_page = None if arguments.html is None else outputs.enter_context(output_to(arguments.html))
        training = None if arguments.train is None else gold.training(arguments.train)
        columns = {name: gold.column(name) for name in arguments.slice or ()}
        found = compared(gold, opponents, arguments)
        if arguments.seqeval:
            write(_seqeval_report(found[0]) + "\n")
        else:
            evaluation = _evaluation(arguments, gold, opponents, found, training, columns, target)
            if write_page is not None:
                write_page(evaluation.to_html(_title(opponents, paths), [one.name for one in opponents]))
            write(_in_form(evaluation, arguments) + "\n")
    if arguments.store and target is not None:
        _store_thresholds(target, opponents[0], found[0].comparison)


def _in_form(evaluation: Evaluation, arguments: argparse.Namespace) -> str:
    if arguments.json:
        return evaluation.to_json()
    return evaluation.to_csv() if arguments.csv else evaluation.report()


def _target(text: str) -> Target:
    try:
        return parse_target(text)
    except UsageError as error:
        raise UsageError(f"--threshold-for: {error}") from None


def _opponents(arguments: argparse.Namespace) -> tuple[list[Opponent], Sequence[str]]:
    """Return the one or two opponents of the gold labels, and the paths of the annotated files."""
    paths = arguments.paths
    if arguments.predictions:
        opponents = [Opponent(", ".join(arguments.predictions), None, tuple(arguments.predictions))]
    elif len(paths) < 2:
        raise UsageError(
            f"expected a model and annotated files, found only {paths[0]!r}. "
            "With --predictions FILE no model is needed."
        )
    else:
        opponents = [Opponent(paths[0], load_tagger(arguments, paths[0]))]
        paths = paths[1:]
    if arguments.against is not None:
        opponents.append(_opponent(arguments.against, arguments))
    _check_effects(arguments, opponents)
    mention_cores(arguments)
    if arguments.thresholds and arguments.threshold_for is not None:
        raise UsageError("--threshold-for has no effect with --thresholds; choose thresholds among all spans")
    if arguments.store and arguments.threshold_for is None:
        raise UsageError("--store has no effect without --threshold-for")
    if arguments.store and opponents[0].tagger is None:
        raise UsageError("--store has no effect without a model to store thresholds in")
    return opponents, paths


def _opponent(path: str, arguments: argparse.Namespace) -> Opponent:
    """Return the model if the path is a model folder, otherwise predictions."""
    if is_model_folder(path):
        return Opponent(path, load_tagger(arguments, path))
    return Opponent(path, None, (path,))


def _check_effects(arguments: argparse.Namespace, opponents: Sequence[Opponent]) -> None:
    """Raise an error for options without effect: without a model, without predictions, or with ``--seqeval``."""
    no_model = all(one.tagger is None for one in opponents)
    no_predictions = all(one.tagger is not None for one in opponents)
    checks: list[tuple[Mapping[str, object], str, bool]] = [
        (_OF_OUR_REPORTS, "with --seqeval", arguments.seqeval),
        (_OF_MODELS, "without a model", no_model),
        (_OF_PREDICTIONS, "without predictions", no_predictions),
    ]
    for usual, when, applies in checks:
        if applies:
            refuse_without_effect(arguments, usual, when)


def _evaluation(
    arguments: argparse.Namespace,
    gold: Gold,
    opponents: Sequence[Opponent],
    found: Sequence[Compared],
    training: GoldCorpus | None,
    columns: Mapping[str, Sequence[str | None]],
    target: Target | None,
) -> Evaluation:
    drawing = Drawing(by=arguments.by, draws=arguments.draws, seed=arguments.seed)
    first, *others = found
    comparison = first.comparison
    if comparison is None:
        return _of_segmentation(arguments, first)
    evaluation = evaluate(
        comparison,
        drawing=drawing,
        training=None
        if training is None
        else training_statistics(training.examples, training.scheme, surfaces_of(comparison)),
        columns=columns,
        segmentation=first.segmentation,
    )
    tagger = opponents[0].tagger
    in_documents = any(example.document is not None for example in comparison.examples)
    if tagger is not None and tagger.reads_documents and in_documents and comparison.same_tokens:
        alone = sentences_alone(gold.corpus, tagger, arguments)
        evaluation = evaluation.with_more(
            facts={"sentences_alone": alone.to_dict()},
            remarks=[f"F1 with each sentence alone, without document consistency: {100 * alone.value:.2f} %"],
        )
    for opponent, other in zip(opponents[1:], others, strict=True):
        assert other.comparison is not None, "both are compared alike"
        names = (opponents[0].name, opponent.name)
        evaluation = with_other(evaluation, other.comparison, names=names, drawing=drawing)
        evaluation = evaluation.with_more(
            *(
                replace(table, name=f"{table.name}_of_second", title=f"{table.title}: {opponent.name}")
                for table in other.segmentation
            )
        )
    if target is not None:
        thresholds = [*threshold_for(comparison, target, by_type=False), *threshold_for(comparison, target)]
        evaluation = evaluation.with_more(target_table(thresholds))
    return evaluation


def _of_segmentation(arguments: argparse.Namespace, found: Compared) -> Evaluation:
    """Return the evaluation of plain labels if tokens differ: only of tokens, sentences, words and labels."""
    refuse_without_effect(arguments, _OF_OUR_REPORTS, "on labels without spans where tokens differ")
    return segmentation_alone(found.segmentation)


def _store_thresholds(target: Target, opponent: Opponent, comparison: Comparison | None) -> None:
    """Store the thresholds for a target in the model folder."""
    assert comparison is not None, "spans were compared"
    assert opponent.tagger is not None, "checked before"
    parts = opponent.tagger.parts
    thresholds = stored_thresholds(threshold_for(comparison, target), parts.types)
    if not thresholds:
        raise DataError(f"{target} is reached by no type; nothing is stored")
    if without := set(parts.types).difference(thresholds):
        say(
            "tagger",
            f"note: {listed(without)}: {target} is not reached, or not known; no threshold is stored, so that none of "
            "these spans is withheld",
        )
    note = f"Thresholds for {target}, chosen on {comparison.num_sentences:,} sentences."
    store_calibration(Path(opponent.name), thresholds=thresholds, note=note, digest=parts.digest)
    shown = ", ".join(f"{kind} {value:.4f}" for kind, value in thresholds.items())
    say("tagger", f"{opponent.name}: thresholds stored: {shown}")


def _title(opponents: Sequence[Opponent], paths: Sequence[str]) -> str:
    return f"{' against '.join(one.name for one in opponents)} on {', '.join(paths)}"


def _seqeval_report(found: Compared) -> str:
    comparison = found.comparison
    if comparison is None or not comparison.has_spans or not comparison.same_tokens:
        raise UsageError("--seqeval has no effect on labels without spans, or where tokens differ")
    gold, predicted = comparison.gold, comparison.predicted
    return seqeval_report(
        labels_of_sentences(gold.labels),
        labels_of_sentences(predicted.labels),
        gold_scheme=gold.scheme,
        predicted_scheme=predicted.scheme,
    )
