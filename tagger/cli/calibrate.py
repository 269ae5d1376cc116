"""``tagger calibrate``: fit a temperature to annotated files and store it in the model."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tagger.cli.arguments import (
    add_document_arguments,
    add_format_argument,
    add_model_arguments,
    add_reading_arguments,
    load_tagger,
    mention_cores,
    parse_scheme,
    positive_number,
    reading_options,
    reads_documents,
)
from tagger.cli.program import say
from tagger.cli.progress import Progress
from tagger.cli.streams import STANDARD, input_source, output_to
from tagger.errors import UsageError
from tagger.formats import FORMATS, GoldCorpus, read_gold, reads_csv
from tagger.schemes import LabelScheme, listed
from tagger.text.printable import code_span

if TYPE_CHECKING:
    from tagger.api import Tagger
    from tagger.evaluation.probabilities.calibration import Calibration
    from tagger.evaluation.probabilities.temperature import ScoredCorpus

NAME: Final = "calibrate"
SUMMARY: Final = "fit a temperature, so that the probabilities of a model can be trusted"
DESCRIPTION: Final = """\
Fit one number, the temperature, to annotated sentences that the model was not trained on: all its scores are divided by
it, so that predictions with a probability of 80 % are right 8 times out of 10. No label changes (except with --decode
posterior). The temperature is stored in the model, and used whenever the model is; a calibrated model is calibrated
again from its raw scores. The temperature is kept only if it helps on sentences it was not fitted to
(cross-validation); if not, the model stays at, or returns to, temperature 1.

Thresholds stored in the model apply to its old probabilities: another temperature removes them.
"""
EXAMPLES: Final = """\
examples:
  tagger calibrate runs/ner/model dev.conll
  tagger calibrate runs/pos/model dev.conllu --label-column upos --dry-run
"""

_SCHEMES: Final = ("auto", *(scheme.value for scheme in LabelScheme))
_FOLDS: Final = 5
_MOST_FOLDS: Final = 50


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_model_arguments(parser)
    parser.add_argument("gold", metavar="DEV", nargs="+", help="annotated files; - for standard input")
    reading = parser.add_argument_group("reading")
    add_format_argument(reading, ("auto", *FORMATS))
    add_reading_arguments(reading)
    add_document_arguments(reading)
    reading.add_argument(
        "--scheme",
        choices=_SCHEMES,
        default="auto",
        metavar="SCHEME",
        help=f"scheme of the gold labels: {', '.join(_SCHEMES)} (default: auto, detected)",
    )
    fitting = parser.add_argument_group("fitting")
    fitting.add_argument(
        "--folds",
        type=positive_number,
        default=_FOLDS,
        metavar="N",
        help=f"folds of the sentences, each tested at the temperature fitted to the others (default: {_FOLDS})",
    )
    fitting.add_argument(
        "--dry-run", action="store_true", help="only print what would be stored; leave the model unchanged"
    )
    writing = parser.add_argument_group("writing")
    writing.add_argument("--json", action="store_true", help="print the figures as JSON")
    writing.add_argument(
        "-o",
        "--output-file",
        default=STANDARD,
        metavar="FILE",
        help="write the figures to a file (default: standard output)",
    )
    writing.add_argument(
        "--progress",
        action=argparse.BooleanOptionalAction,
        help="show progress on standard error (default: if it is a terminal)",
    )


def run(arguments: argparse.Namespace) -> None:
    """Calibrate the model as specified by the arguments."""
    if not 2 <= arguments.folds <= _MOST_FOLDS:
        raise UsageError(f"--folds: expected 2 to {_MOST_FOLDS}, found {arguments.folds}")

    from tagger.evaluation.probabilities.calibration import calibrate
    from tagger.evaluation.probabilities.temperature import score_corpus

    mention_cores(arguments)
    tagger = load_tagger(arguments)
    gold = _gold(arguments, tagger)
    with Progress(shown=arguments.progress) as progress:
        corpus = score_corpus(
            tagger, gold.examples, gold.scheme, folds=arguments.folds, on_tokens=progress.add
        )
    if corpus.num_left_out:
        say(
            "tagger",
            f"note: {corpus.num_left_out} of {corpus.num_left_out + len(corpus.examples)} sentences are left out: the "
            f"model does not know their labels {listed(corpus.left_out)}",
        )
    found = calibrate(corpus, decode=arguments.decode)
    with output_to(arguments.output_file) as write:
        write(_report(found, as_json=arguments.json) + "\n")
    _store(arguments, tagger, corpus, found)


def _gold(arguments: argparse.Namespace, tagger: Tagger) -> GoldCorpus:
    in_documents = reads_documents(arguments, tagger, has_csv=reads_csv(arguments.input, arguments.gold))
    gold = read_gold(
        [input_source(path) for path in arguments.gold],
        reading_options(arguments, arguments.input),
        lambda: tagger.segmenter,
        scheme=parse_scheme(arguments.scheme, tagger),
        documents=in_documents,
    )
    for line in gold.losses.lines():
        say("tagger", line)
    if not gold.notation.is_usual:
        say("tagger", f"note: {gold.notation}")
    return gold


def _report(found: Calibration, *, as_json: bool) -> str:
    if not as_json:
        return "\n".join(found.table.lines())
    fields: dict[str, Any] = {
        "temperature": found.temperature,
        "fitted": found.fitted,
        "fitted_without_each_fold": list(found.of_folds),
        "helps": found.helps,
        "verdict": found.verdict,
        "figures": found.table.to_dicts(),
    }
    return json.dumps(fields, indent=2, ensure_ascii=False)


def _store(arguments: argparse.Namespace, tagger: Tagger, corpus: ScoredCorpus, found: Calibration) -> None:
    """Store the temperature, unless it is stored already, and report the outcome."""
    from tagger.storage import store_calibration

    parts = tagger.parts
    verdict = (
        f"temperature {found.fitted:g}: {found.verdict}"
        if found.helps
        else f"temperature 1 is kept, {found.fitted:g} does not help: {found.verdict}"
    )
    say("tagger", verdict)
    if found.temperature == parts.temperature:
        say("tagger", f"{arguments.model}: nothing to store, its temperature is {parts.temperature:g}")
        return
    losing = f" Its thresholds ({listed(parts.thresholds)}) " if parts.thresholds else ""
    if arguments.dry_run:
        going = f"{losing}would go: they are of its old probabilities." if losing else ""
        say(
            "tagger",
            f"{arguments.model}: would get temperature {found.temperature:g}; nothing is stored.{going}",
        )
        return
    note = f"Fitted to {len(corpus.examples):,} sentences ({_names(arguments.gold)}): {found.verdict}."
    store_calibration(Path(arguments.model), temperature=found.temperature, note=note, digest=parts.digest)
    going = f"{losing}are gone: they were of its old probabilities. Choose them again." if losing else ""
    say(
        "tagger",
        f"{arguments.model}: temperature {found.temperature:g} is stored (before: {parts.temperature:g}).{going}",
    )


def _names(paths: Sequence[str]) -> str:
    """Return the file names, without folders, for the model card."""
    return ", ".join("standard input" if path == STANDARD else code_span(Path(path).name) for path in paths)
