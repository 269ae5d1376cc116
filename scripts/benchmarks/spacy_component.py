"""Compare the component of spaCy with the tagger alone: the same sentences, as Docs that have tokens and as tokens.

.venv/bin/python scripts/benchmarks/spacy_component.py runs/ner/model dev.conll test.conll
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import spacy
from corpus import labelled
from measuring import benchmark_parser, in_turns, machine, positive, report, speed_rows, timed
from spacy.tokens import Doc

from tagger import Tagger
from tagger.inference.answers import stream_answers


def main(arguments: Sequence[str] | None = None) -> None:
    parser = benchmark_parser(__doc__, threads=None)
    parser.add_argument("model", type=Path, help="model folder")
    parser.add_argument("files", type=Path, nargs="+", help="files with sentences")
    parser.add_argument(
        "--repeat", type=positive, default=1, help="how often the sentences are tagged (default: 1)"
    )
    parser.add_argument(
        "--rounds", type=positive, default=5, help="how often each side is measured (default: 5)"
    )
    options = parser.parse_args(arguments)
    sentences = [example.tokens for file in options.files for example in labelled(file, None)[0]]
    sentences *= 1 if options.quick else options.repeat
    tables = {
        f"{len(sentences)} sentences, {'with' if scores else 'without'} probabilities": _rows(
            options.model, sentences, scores=scores, rounds=2 if options.quick else options.rounds
        )
        for scores in (False, True)
    }
    report(tables, machine(1, ["spacy", "numpy"]), options)


def _rows(
    model: Path, sentences: list[tuple[str, ...]], *, scores: bool, rounds: int
) -> list[dict[str, object]]:
    """Return the speed of both sides, each with its own tagger, on Docs of one sentence each."""
    nlp = spacy.blank("en")
    nlp.add_pipe("bilstm_crf_tagger", config={"model": str(model), "spans_key": "sc" if scores else None})
    tagger = Tagger.load(model)
    documents = range(len(sentences))

    def with_spacy() -> float:
        docs = [
            Doc(nlp.vocab, words=tokens, sent_starts=[True] + [False] * (len(tokens) - 1))
            for tokens in sentences
        ]
        return timed(lambda: [*nlp.pipe(docs)])

    return speed_rows(
        in_turns(
            {
                "tag": lambda: timed(lambda: [*stream_answers(tagger, sentences, probabilities=scores)]),
                "tag, each a document": lambda: timed(
                    lambda: [*stream_answers(tagger, sentences, documents, probabilities=scores)]
                ),
                "spaCy": with_spacy,
            },
            rounds=rounds,
        ),
        count=sum(map(len, sentences)),
        unit="tokens",
        reference="spaCy",
        bound="tag",
        threads=dict.fromkeys(("tag", "tag, each a document", "spaCy"), 1),
    )


if __name__ == "__main__":
    main()
