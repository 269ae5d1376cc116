"""``tagger evaluate``: how good a model is, or what any tool predicted, and where it fails."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tagger.cli.arguments import (
    add_document_arguments,
    add_format_argument,
    add_model_arguments,
    add_reading_arguments,
    load_tagger,
    parse_column,
    parse_seed,
    positive_number,
)
from tagger.cli.evaluated import Compared, Gold, Opponent, compared, sentences_alone
from tagger.cli.program import say
from tagger.cli.streams import STANDARD, output_to
from tagger.errors import DataError, UsageError
from tagger.evaluation.certainty import DRAWS, SEED
from tagger.evaluation.comparison import Comparison
from tagger.evaluation.evaluation import Drawing, Evaluation, evaluate, segmentation_alone, with_other
from tagger.evaluation.threshold_tables import target_table
from tagger.evaluation.thresholds import Target, parse_target, stored_thresholds, threshold_for
from tagger.evaluation.units import UNITS
from tagger.formats import FORMATS
from tagger.inference.lookahead import BATCH_TOKENS, CACHE_MEGABYTES
from tagger.metrics import require_seqeval, seqeval_report
from tagger.metrics.label_arrays import labels_of_sentences
from tagger.schemes import LabelScheme
from tagger.storage import store_calibration

NAME: Final = "evaluate"
SUMMARY: Final = "say how good a model is, or any tool's predictions, and where they fail"
DESCRIPTION: Final = """\
Label annotated sentences again, or read what any tool predicted of them (--predictions), and compare. For spans:
precision, recall and F1 by type, as conlleval and seqeval count them; F1 under other readings (strict, boundaries
alone, partial overlap); what becomes of each span (too long, too short, split, merged, of a wrong type, missed,
spurious). For plain labels: accuracy, scores by label, confusions. With 95 % intervals. The report goes to standard
output, messages to standard error.

Lines of jsonl that an annotator did not accept ("answer": "reject" or "ignore", as Prodigy writes them) are not scored;
how many is said. Spans are found in documents, where the files have some, as tagger tag does it; how well they are
found in each sentence alone is said too.

conlleval reads labels that break their scheme as what comes nearest, and so do seqeval by default and this command;
gold labels must keep it. seqeval's default mode does not know the letters of BILOU, BMES and BMEWO: it reads two
neighbours of one type as one span, whereas they are read as meant here. Its strict mode counts only what is spelled
exactly as its rules say; in IOE1 these leave out a span that ends in E- unless another of its type follows.
"""
EXAMPLES: Final = """\
examples:
  tagger evaluate runs/ner/model test.conll
  tagger evaluate runs/ner/model test.conll --against runs/other/model
  tagger evaluate runs/pos/model test.conllu --label-column upos --json -o scores.json
  tagger evaluate --predictions tagged.conll test.conll --csv
  tagger evaluate --predictions both.conll both.conll --label-column -2 --predictions-label-column -1
"""

_SCHEMES: Final = ("auto", *(scheme.value for scheme in LabelScheme))
# Options and their defaults
_OF_MODELS: Final = {
    "decode": "viterbi",
    "device": "cpu",
    "threads": 1,
    "batch_tokens": BATCH_TOKENS,
    "cache_megabytes": CACHE_MEGABYTES,
    "document_consistency": None,
    "document_tokens": None,
}
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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    computing = add_model_arguments(parser, folder=False)
    computing.add_argument(
        "--by",
        choices=UNITS,
        default="sentence",
        help="what intervals and tests draw: sentences (default), or whole documents, which is right where sentences "
        "of one resemble each other and there are many of them",
    )
    computing.add_argument(
        "--draws", type=positive_number, default=DRAWS, metavar="N", help=f"how often (default: {DRAWS})"
    )
    computing.add_argument(
        "--seed", type=parse_seed, default=SEED, metavar="N", help=f"of the draws (default: {SEED})"
    )
    parser.add_argument(
        "paths",
        metavar="MODEL GOLD",
        nargs="+",
        help="a model folder, and annotated files; - for standard input. With --predictions the files alone",
    )
    parser.add_argument(
        "--predictions",
        action="append",
        metavar="FILE",
        help="what any tool predicted of the same sentences, in any form that is read; again for more files",
    )
    parser.add_argument(
        "--against",
        metavar="OTHER",
        help="another model folder, or a file of predictions: how much the two differ, how sure that is, and where",
    )
    parser.add_argument(
        "--train",
        action="append",
        metavar="FILE",
        help="what the model learned from: brings scores of what is frequent, seen or labelled consistently in it; "
        "again for more files",
    )
    parser.add_argument(
        "--slice",
        action="append",
        metavar="COLUMN",
        help="scores by the values of any column, field or key of the annotated files (such as 1, xpos, misc:Genre, "
        "genre); again for more",
    )
    parser.add_argument(
        "--raw",
        action="store_true",
        help="compare by characters: a model gets the text of the annotated files, and finds tokens and sentences "
        "itself. Predictions that have other tokens always are",
    )
    parser.add_argument(
        "--threshold-for",
        type=_target,
        metavar="TARGET",
        help="the thresholds of the probability of spans, by type, that buy recall=0.9 or precision=0.9 (any share)",
    )
    parser.add_argument(
        "--store",
        action="store_true",
        help="write these thresholds into the model, for tagger tag --thresholds",
    )
    reading = parser.add_argument_group("reading")
    add_format_argument(reading, ("auto", *FORMATS))
    add_reading_arguments(reading)
    add_document_arguments(reading)
    _add_scheme(reading, "--scheme", "gold")
    predictions = parser.add_argument_group("reading predictions (all else is as for the annotated files)")
    predictions.add_argument(
        "--predictions-input",
        choices=("auto", *FORMATS),
        default="auto",
        metavar="FORMAT",
        help="their format (default: auto, told by content or name)",
    )
    for what in ("token", "label"):
        predictions.add_argument(
            f"--predictions-{what}-column",
            type=parse_column,
            metavar="COLUMN",
            help=f"their column of {what}s, as --{what}-column",
        )
    _add_scheme(predictions, "--predictions-scheme", "predicted")
    writing = parser.add_argument_group("writing")
    writing.add_argument("--json", action="store_true", help="print everything as JSON")
    writing.add_argument("--csv", action="store_true", help="print every figure as a row of CSV")
    writing.add_argument(
        "--seqeval", action="store_true", help="print the table of the package seqeval instead"
    )
    writing.add_argument(
        "--html",
        metavar="PAGE",
        help="write a page as well: all figures with pictures, and the errors in their sentences",
    )
    writing.add_argument(
        "-o",
        "--output-file",
        default=STANDARD,
        metavar="FILE",
        help="write to a file (default: standard output)",
    )
    writing.add_argument(
        "--progress",
        action=argparse.BooleanOptionalAction,
        help="show progress on standard error (default: if it is a terminal)",
    )


def _add_scheme(group: argparse._ArgumentGroup, option: str, kind: str) -> None:
    group.add_argument(
        option,
        choices=_SCHEMES,
        default="auto",
        metavar="SCHEME",
        help=f"scheme of the {kind} labels: {', '.join(_SCHEMES)} (default: auto, detected)",
    )


def _target(text: str) -> Target:
    try:
        return parse_target(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def run(arguments: argparse.Namespace) -> None:
    """Evaluate as the arguments say."""
    forms = [name for name in ("seqeval", "csv", "json") if getattr(arguments, name)]
    if len(forms) > 1:
        raise UsageError(f"--{forms[0]} has no effect with --{forms[1]}")
    if arguments.seqeval:
        require_seqeval()
    opponents, paths = _opponents(arguments)
    gold = Gold(arguments, paths, opponents)
    found = compared(gold, opponents, arguments)
    if arguments.seqeval:
        text = _seqeval_report(found[0])
    else:
        evaluation = _evaluation(arguments, gold, opponents, found)
        text = (
            evaluation.to_json()
            if arguments.json
            else evaluation.to_csv()
            if arguments.csv
            else evaluation.report()
        )
        if arguments.html is not None:
            with output_to(arguments.html) as write:
                write(evaluation.to_html(_title(opponents, paths), [one.name for one in opponents]))
    with output_to(arguments.output_file) as write:
        write(text + "\n")
    if arguments.store:
        _store_thresholds(arguments.threshold_for, opponents[0], found[0].comparison)


def _opponents(arguments: argparse.Namespace) -> tuple[list[Opponent], Sequence[str]]:
    """Return whom to compare with the gold labels, one or two, and the paths of the annotated files."""
    paths = arguments.paths
    if arguments.predictions:
        opponents = [Opponent(", ".join(arguments.predictions), None, tuple(arguments.predictions))]
    elif len(paths) < 2:
        raise UsageError(
            f"expected a model and annotated files, found {paths[0]!r} alone. "
            "With --predictions FILE no model is needed."
        )
    else:
        opponents = [Opponent(paths[0], load_tagger(arguments, paths[0]))]
        paths = paths[1:]
    if arguments.against is not None:
        opponents.append(_opponent(arguments.against, arguments))
    _check_effects(arguments, opponents)
    if arguments.store and arguments.threshold_for is None:
        raise UsageError("--store has no effect without --threshold-for")
    if arguments.store and opponents[0].tagger is None:
        raise UsageError("--store has no effect without a model to store thresholds in")
    return opponents, paths


def _opponent(path: str, arguments: argparse.Namespace) -> Opponent:
    """Return a model, where a path is that of a folder with one, or else predictions."""
    is_model = Path(path, "config.json").is_file() or (Path(path).is_dir() and Path(path, "model").is_dir())
    return Opponent(path, load_tagger(arguments, path)) if is_model else Opponent(path, None, (path,))


def _check_effects(arguments: argparse.Namespace, opponents: Sequence[Opponent]) -> None:
    """Refuse options that have no effect without a model, without predictions, or on another report."""
    no_model = all(one.tagger is None for one in opponents)
    no_predictions = all(one.tagger is not None for one in opponents)
    checks: list[tuple[Mapping[str, object], str, bool]] = [
        (_OF_OUR_REPORTS, "with --seqeval", arguments.seqeval),
        (_OF_MODELS, "without a model", no_model),
        (_OF_PREDICTIONS, "without predictions", no_predictions),
    ]
    for usual, when, applies in checks:
        for name, value in usual.items():
            if applies and getattr(arguments, name) != value:
                raise UsageError(f"--{name.replace('_', '-')} has no effect {when}")


def _evaluation(
    arguments: argparse.Namespace, gold: Gold, opponents: Sequence[Opponent], found: Sequence[Compared]
) -> Evaluation:
    drawing = Drawing(by=arguments.by, draws=arguments.draws, seed=arguments.seed)
    first, *others = found
    comparison = first.comparison
    if comparison is None:
        return _of_segmentation(arguments, first)
    evaluation = evaluate(
        comparison,
        drawing=drawing,
        training=None if arguments.train is None else gold.training(arguments.train, comparison),
        columns={name: gold.column(name, comparison.examples) for name in arguments.slice or ()},
        segmentation=first.segmentation,
    )
    tagger = opponents[0].tagger
    if tagger is not None and any(example.document is not None for example in comparison.examples):
        alone = sentences_alone(gold, tagger, arguments)
        evaluation = evaluation.with_more(
            facts={"sentences_alone": alone.to_dict()},
            remarks=[f"F1 with each sentence alone, without document consistency: {100 * alone.value:.2f} %"],
        )
    for opponent, other in zip(opponents[1:], others, strict=True):
        assert other.comparison is not None, "both are compared alike"
        names = (opponents[0].name, opponent.name)
        evaluation = with_other(evaluation, other.comparison, names=names, drawing=drawing)
    if (target := arguments.threshold_for) is not None:
        thresholds = [*threshold_for(comparison, target, by_type=False), *threshold_for(comparison, target)]
        evaluation = evaluation.with_more(target_table(thresholds))
    return evaluation


def _of_segmentation(arguments: argparse.Namespace, found: Compared) -> Evaluation:
    """Return what can be said of plain labels where tokens differ: of tokens, sentences, words and labels alone."""
    for name, value in _OF_OUR_REPORTS.items():
        if getattr(arguments, name) != value:
            option = f"--{name.replace('_', '-')}"
            raise UsageError(f"{option} has no effect on labels without spans where tokens differ")
    return segmentation_alone(found.segmentation)


def _store_thresholds(target: Target, opponent: Opponent, comparison: Comparison | None) -> None:
    """Write the thresholds for a target into the model folder."""
    assert comparison is not None, "spans were compared"
    assert opponent.tagger is not None, "checked before"
    parts = opponent.tagger.parts
    thresholds = stored_thresholds(threshold_for(comparison, target), parts.types)
    if not thresholds:
        raise DataError(f"{target} is reached by no type; nothing is stored")
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
