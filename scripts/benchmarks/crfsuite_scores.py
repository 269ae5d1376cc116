"""Score CRFsuite with hand-crafted features: regularisation chosen on dev, the test split scored once.

    pip install -e '.[bench]'
    python scripts/benchmarks/crfsuite_scores.py en_ewt-ud-train.conllu en_ewt-ud-dev.conllu en_ewt-ud-test.conllu

The features are those of the other benchmarks (``crf_features.py``): words, shapes and affixes in a window of two.
Training is by L-BFGS, up to 100 iterations, for each pair of an L1 and an L2 coefficient.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pycrfsuite
from corpus import labelled
from crf_features import crf_features
from measuring import benchmark_parser, machine, report
from peer import iob2

from tagger.examples import Example
from tagger.metrics import score
from tagger.schemes import LabelScheme

COEFFICIENTS: Final = ((0.0, 1.0), (0.0, 0.1), (0.1, 0.1), (0.1, 0.01))
"""L1 and L2."""


def trained(
    features: Sequence[Any], labels: Sequence[Any], coefficients: tuple[float, float], path: Path
) -> Any:
    """Return CRFsuite's tagger after training, whose model is in a file."""
    trainer = pycrfsuite.Trainer(verbose=False)
    c1, c2 = coefficients
    trainer.set_params({"c1": c1, "c2": c2, "max_iterations": 100})
    for of_sentence, its_labels in zip(features, labels, strict=True):
        trainer.append(of_sentence, its_labels)
    trainer.train(str(path))
    tagger = pycrfsuite.Tagger()
    tagger.open(str(path))
    return tagger


def scored(tagger: Any, examples: Sequence[Example], scheme: LabelScheme) -> float:
    """Return F1 of spans, or accuracy of labels, in percent."""
    return 100 * score(examples, [tagger.tag(crf_features(each.tokens)) for each in examples], scheme).value


def main(arguments: Sequence[str] | None = None) -> None:
    parser = benchmark_parser(__doc__, threads=None)  # CRFsuite has one
    for split in ("train", "dev", "test"):
        parser.add_argument(split, type=Path, metavar=split.upper())
    parser.add_argument(
        "--label-column", metavar="COLUMN", help="column of the labels (default: conll -1, conllu upos)"
    )
    options = parser.parse_args(arguments)
    train, scheme = labelled(options.train, options.label_column, sentences=200 if options.quick else None)
    dev, test = (labelled(path, options.label_column)[0] for path in (options.dev, options.test))
    features = [crf_features(each.tokens) for each in train]
    labels = [iob2(each, scheme) for each in train]
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        taggers = {}
        for number, coefficients in enumerate(COEFFICIENTS):
            path = Path(folder, str(number))
            taggers[coefficients] = trained(features, labels, coefficients, path)
            rows.append(
                {
                    "L1, L2": ", ".join(map(str, coefficients)),
                    "dev, %": scored(taggers[coefficients], dev, scheme),
                    "MB": path.stat().st_size / 1e6,
                }
            )
        best = max(range(len(rows)), key=lambda number: rows[number]["dev, %"])
        rows[best]["test, %"] = scored(taggers[COEFFICIENTS[best]], test, scheme)
    title = f"CRFsuite on {options.train.name}, {len(train):,} sentences"
    report({title: rows}, machine(1, ["python-crfsuite"]), options)


if __name__ == "__main__":
    main()
