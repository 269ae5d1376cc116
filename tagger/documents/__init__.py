"""Documents: their division into parts of bounded size, and the weight of document consistency."""

from tagger.documents.consistency import CONSISTENCY, WEIGHTS, checked_weight, is_weight
from tagger.documents.numbering import DOCUMENT_TOKENS, DocumentId, PartNumbers, SeenDocuments

__all__ = [
    "CONSISTENCY",
    "DOCUMENT_TOKENS",
    "WEIGHTS",
    "DocumentId",
    "PartNumbers",
    "SeenDocuments",
    "checked_weight",
    "is_weight",
]
