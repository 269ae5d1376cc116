"""The model card: description, training data, scores, limits and usage of a model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from tagger.api import Tagger
from tagger.integrations.card_text import labels_line, limits_lines, usage_lines
from tagger.text.counted import counted
from tagger.text.printable import code_span, printable
from tagger.training.card_metadata import card_head
from tagger.training.config import RunConfig

_POOR: Final = 0.5
"""The card warns of labels with a lower F1."""


def model_card(
    config: RunConfig,
    metrics: dict[str, Any],
    model: Tagger,
    *,
    examples: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """Return the text of a model folder's README.md, beginning with metadata for the Hub.

    Args:
        config: the run.
        metrics: the content of metrics.json.
        model: the model.
        examples: phrases of the training data by label; none are shown if left out.
    """
    versions = ", ".join(f"{name} {number}" for name, number in metrics["versions"].items())
    lines = [
        card_head(metrics),
        "# A tagger model",
        "",
        labels_line(model),
        "",
        *_training_set(metrics["training_set"], examples or {}),
        "## Scores",
        "",
        "| split | sentences | score | value | 95 % interval |",
        "|---|---|---|---|---|",
    ]
    for split in ("dev", "test"):
        if split in metrics:
            scores = metrics[split]
            lines.append(
                f"| {split} | {scores['num_sentences']:,} | {metrics['metric']} | {100 * scores['value']:.2f} % | "
                f"{_interval(scores)} |"
            )
            if alone := scores.get("sentences_alone"):
                lines.append(
                    f"| {split}, each sentence alone | {alone['num_sentences']:,} | {metrics['metric']} | "
                    f"{100 * alone['value']:.2f} % | |"
                )
    lines += [
        "",
        _how_the_weights_were_chosen(config, metrics),
        "",
        "## Data",
        "",
        "```json",
        *_json_lines(metrics["data"]),
        "```",
        "",
        "## Architecture",
        "",
        "```json",
        *_json_lines(model.config.to_dict()),
        "```",
        "",
        _size(metrics, model),
        "",
        "## Training",
        "",
        "```json",
        *_json_lines(_settings(config)),
        "```",
        "",
        f"{metrics['epochs_trained']} epochs in {metrics['seconds']:.0f} s, with {versions}.{_how_it_went_on(metrics)}",
        "",
        *limits_lines(model, known=_known_limits(metrics)),
        *usage_lines(model),
    ]  # fmt: skip
    return "\n".join(lines)


def _training_set(figures: Mapping[str, Any], examples: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the section about the training set: the frequency of each label, with examples."""
    kind = "spans" if "spans" in figures else "labels"
    documents = f" of {counted(figures['documents'], 'document')}" if "documents" in figures else ""
    lines = [
        "## Training set",
        "",
        f"{counted(figures['sentences'], 'sentence')}{documents}, {counted(figures['tokens'], 'token')}, "
        f"{counted(figures['different_words'], 'different word')}.",
        "",
    ]
    if not figures[kind]:
        return lines
    head = "| label | number | most frequent in the training data |" if examples else "| label | number |"
    lines += [head, "|---|---|---|" if examples else "|---|---|"]
    for label, number in figures[kind].items():
        shown = ", ".join(map(_cell, examples.get(label, ())))
        lines.append(f"| {_cell(label)} | {number:,} |{f' {shown} |' if examples else ''}")
    return [*lines, ""]


def _cell(text: str) -> str:
    """Return a text as code in a table cell, with bars escaped, which end a cell even within code."""
    return code_span(text).replace("|", "\\|")


def _interval(scores: Mapping[str, Any]) -> str:
    found = scores["interval"]
    return f"{100 * found['low']:.2f} to {100 * found['high']:.2f} % (bootstrap over {found['over']}s)"


def _known_limits(metrics: Mapping[str, Any]) -> list[str]:
    """Return the known weaknesses of the model: labels with a low F1."""
    scores: Mapping[str, Any] = next((metrics[split] for split in ("test", "dev") if split in metrics), {})
    found = scores.get("types") or scores.get("labels") or {}
    poor = [label for label, own in found.items() if own["gold"] and own["f1"] < _POOR]
    if not poor:
        return []
    split = "test" if "test" in metrics else "dev"
    return [f"On the {split} split, F1 is below {100 * _POOR:g} % for {', '.join(map(code_span, poor))}."]


def _size(metrics: dict[str, Any], model: Tagger) -> str:
    """Return the number of parameters, and how many of them and of the folder's bytes wide features take."""
    is_half = model.parts.stored_as == "float16"
    text = f"{metrics['parameters']:,} parameters{' in half precision' * is_half}."
    index = model.parts.featurizer.wide
    if index is None:
        return text
    weights = model.parts.weights["wide.weights.weight"]
    size = index.keys.nbytes + weights.nbytes // (1 + is_half)
    return (
        f"{text} {weights.size:,} of them belong to {len(index.keys):,} wide features: {size / 1e6:.1f} MB."
    )


def _how_the_weights_were_chosen(config: RunConfig, metrics: dict[str, Any]) -> str:
    parts = [f"One run with seed {config.seed}"]
    if metrics["best_epoch"]:
        epochs = f"epoch {metrics['best_epoch']} of {metrics['epochs_trained']}"
        parts.append(f"The dev split chose the weights ({epochs}), so its score flatters")
        if (bias := metrics.get("span_bias")) and bias["used"]:
            without, with_it = (f"{100 * value:.2f} %" for value in bias["dev_f1"])
            parts.append(
                f"The span bias (`span_bias`): labels that begin spans have {bias['fitted']:+.2f} on their scores, "
                f"fitted to the dev split, where F1, each sentence by itself, is {with_it} with it and {without} "
                "without"
            )
    else:
        why = "The dev split was used for training too" if config.data.merge_dev else "Without a dev split"
        parts.append(f"{why}: the weights are those of the last epoch")
    if metrics["sentences"]["test"]:
        parts.append(
            "The test split was scored once" if "test" in metrics else "The test split was not scored"
        )
    else:
        parts.append("There was no test split")
    return ". ".join(parts) + "."


def _how_it_went_on(metrics: dict[str, Any]) -> str:
    """Return a sentence about a run resumed with more epochs; empty for any other run."""
    first, *others = metrics.get("epochs_planned", (None,))
    if not others:
        return ""
    return f" Begun as a run of {first} epochs, and gone on with as one of {', then of '.join(map(str, others))}."


def _settings(config: RunConfig) -> dict[str, Any]:
    """Return the options that weights and scores depend on, other than data and architecture."""
    names = (
        *("epochs", "patience", "batch_size", "batch_tokens", "pool", "precision"),
        *("decode", "document_consistency"),
    )
    return {**asdict(config.optimizer), **{name: getattr(config, name) for name in names}}


def _json_lines(value: Any) -> list[str]:
    """Return the lines of a value as JSON, with unprintable lines escaped to ASCII."""
    readable, ascii_only = (
        json.dumps(value, indent=2, ensure_ascii=ascii).split("\n") for ascii in (False, True)
    )
    return [
        line if printable(line) == line else escaped
        for line, escaped in zip(readable, ascii_only, strict=True)
    ]
