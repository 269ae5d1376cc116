"""The files of a model folder, checked before use; without torch."""

from __future__ import annotations

from tagger.model_files.calibration import (
    calibrated_card,
    calibration_section,
    is_temperature,
    is_threshold,
    parse_calibration,
    temperature_paragraph,
    thresholds_paragraph,
)
from tagger.model_files.config import with_own_checksum
from tagger.model_files.folder import ModelFiles, read_model_files
from tagger.model_files.half_precision import to_half, to_single
from tagger.model_files.names import (
    CARD,
    CONFIG,
    FILES,
    FORMAT,
    FORMAT_OF_ONE,
    MOST_BYTES,
    MOST_MEMBERS,
    PRECISIONS,
    VECTORS,
    VOCABULARY,
    WEIGHTS,
    WIDE,
    of_member,
)
from tagger.model_files.retired import without_retired_options
from tagger.model_files.vocabulary import StoredVocabulary, parse_vocabulary
from tagger.model_files.writing import check_replaceable, check_weights, contiguous, write_file

__all__ = [
    "CARD",
    "CONFIG",
    "FILES",
    "FORMAT",
    "FORMAT_OF_ONE",
    "MOST_BYTES",
    "MOST_MEMBERS",
    "PRECISIONS",
    "VECTORS",
    "VOCABULARY",
    "WEIGHTS",
    "WIDE",
    "ModelFiles",
    "StoredVocabulary",
    "calibrated_card",
    "calibration_section",
    "check_replaceable",
    "check_weights",
    "contiguous",
    "is_temperature",
    "is_threshold",
    "of_member",
    "parse_calibration",
    "parse_vocabulary",
    "read_model_files",
    "temperature_paragraph",
    "thresholds_paragraph",
    "to_half",
    "to_single",
    "with_own_checksum",
    "without_retired_options",
    "write_file",
]
