"""Inspecting a tagger: its CRF scores, gates, units and gradients.

Every view is a function from a Tagger and words to a frozen dataclass of plain arrays; :func:`inspection_page` draws
all of them on one HTML page.

Read in this order: ``passes`` (from words to tensors), ``crf``, ``context`` and ``occlusion`` (the influence of the
surrounding words), ``equations``, ``gates``, ``steps`` and ``memory`` (inside the recurrence), ``properties``,
``ranking``, ``ablation`` and ``units`` (what single units detect), ``gradients``; ``sections`` and ``page`` draw them.
Needs the extra ``torch``.
"""

from __future__ import annotations

from importlib.util import find_spec

from tagger.errors import MissingExtraError

if find_spec("torch") is None:
    raise MissingExtraError("torch", "Looking inside a model")

from tagger.inspection.ablation import Ablation, ablated_scores
from tagger.inspection.absence import AbsentViewError
from tagger.inspection.context import ContextAgreement, ContextUse, context_agreement, context_use
from tagger.inspection.crf import CrfView, LabelPath, crf_view
from tagger.inspection.equations import equations, symbols
from tagger.inspection.gates import GateTrace, gate_trace
from tagger.inspection.gradients import (
    GradientFlow,
    GradientReport,
    flow_of_cells,
    flow_of_layer,
    gradient_flow,
)
from tagger.inspection.memory import GateStatistics, Saturation, gate_statistics, memory_length
from tagger.inspection.occlusion import Occlusion, occlude, unknown_word
from tagger.inspection.page import VIEWS, inspection_page
from tagger.inspection.sections.subject import Corpus
from tagger.inspection.steps import Preactivation, UnitSteps, unit_steps
from tagger.inspection.unit_names import UnitName
from tagger.inspection.units import UnitRanking, UnitReport, unit_report

__all__ = [
    "VIEWS",
    "Ablation",
    "AbsentViewError",
    "ContextAgreement",
    "ContextUse",
    "Corpus",
    "CrfView",
    "GateStatistics",
    "GateTrace",
    "GradientFlow",
    "GradientReport",
    "LabelPath",
    "Occlusion",
    "Preactivation",
    "Saturation",
    "UnitName",
    "UnitRanking",
    "UnitReport",
    "UnitSteps",
    "ablated_scores",
    "context_agreement",
    "context_use",
    "crf_view",
    "equations",
    "flow_of_cells",
    "flow_of_layer",
    "gate_statistics",
    "gate_trace",
    "gradient_flow",
    "inspection_page",
    "memory_length",
    "occlude",
    "symbols",
    "unit_report",
    "unit_steps",
    "unknown_word",
]
