"""The model card of an average of models: its members, and a note that its scores have yet to be measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tagger.integrations.card_text import labels_line, limits_lines, usage_lines
from tagger.text.printable import code_span

if TYPE_CHECKING:
    from tagger.api import Tagger
    from tagger.model_parts import ModelParts


def average_card(tagger: Tagger) -> str:
    """Return the text of the model card, ``README.md``, of an average."""
    members = tagger.parts.members
    return "\n".join(
        [
            f"# An average of {len(members)} tagger models",
            "",
            labels_line(tagger),
            "",
            "Emissions and transition scores are the means of the members', so labels and probabilities are those of "
            "one CRF, exactly. Tagging takes the time and the memory of all members together. Its quality is not "
            "known here: measure it (`tagger evaluate`), and calibrate it on sentences that no member has learned from "
            "(`tagger calibrate`).",
            "",
            "## Members",
            "",
            "| | network | parameters |",
            "|---|---|---|",
            *(
                f"| {number} | {_network(member)} | {member.num_parameters:,} |"
                for number, member in enumerate(members, 1)
            ),
            "",
            *usage_lines(tagger),
            *limits_lines(tagger),
        ]
    )


def _network(member: ModelParts) -> str:
    config = member.config
    return (
        f"{code_span(config.cell)}, {config.num_layers} x {config.hidden_dim} units, {config.decoder}, "
        f"{len(member.featurizer.words):,} words"
    )
