"""Label schemes: how token labels encode spans (IOB2, BIOES, ...), or that they encode none (POS).

=========  ==================  ===========================================================================
scheme     ``[x x] [x] o``     rule
=========  ==================  ===========================================================================
IOB1       I-X I-X B-X O       B- only where a span follows another of its type without a gap
IOB2       B-X I-X B-X O       B- starts every span
IOE1       I-X E-X I-X O       E- only where a span is followed by another of its type without a gap
IOE2       I-X E-X E-X O       E- ends every span
BIOES      B-X E-X S-X O       B- starts, I- continues, E- ends a span of several tokens, S- is one token
BILOU      B-X L-X U-X O       BIOES with other letters: L- for E-, U- for S-
BMES       B-X E-X S-X O       BIOES with another letter: M- for I-
BMEWO      B-X E-X W-X O       BIOES with other letters: M- for I-, W- for S-
IO         I-X I-X I-X O       adjacent spans of one type cannot be told apart: they become one span
NONE       any                 plain labels, such as parts of speech
=========  ==================  ===========================================================================

Read in this order: ``letters`` (the table from which everything else follows), ``conversion`` (labels <->
spans), ``notation`` (labels written in other ways, such as ``B_PER``), ``checking`` (detection, violations),
``constraints`` (tables and masks for a CRF).
"""

from __future__ import annotations

from tagger.schemes.checking import Violation, detect_scheme, violations
from tagger.schemes.constraints import TransitionConstraints, allowed_transitions, span_label_mask
from tagger.schemes.conversion import convert_labels, iob2_label, labels_to_spans, spans_to_labels
from tagger.schemes.letters import LabelScheme, listed, scheme_labels, shown, split_label
from tagger.schemes.notation import NoSchemeFits, Notation, find_notation, outside_like

__all__ = [
    "LabelScheme",
    "NoSchemeFits",
    "Notation",
    "TransitionConstraints",
    "Violation",
    "allowed_transitions",
    "convert_labels",
    "detect_scheme",
    "find_notation",
    "iob2_label",
    "labels_to_spans",
    "listed",
    "outside_like",
    "scheme_labels",
    "shown",
    "span_label_mask",
    "spans_to_labels",
    "split_label",
    "violations",
]
