"""Documents: which sentences belong together, in parts of bounded size."""

from tagger.documents.numbering import CONSISTENCY, DOCUMENT_TOKENS, DocumentId, PartNumbers, SeenDocuments

__all__ = ["CONSISTENCY", "DOCUMENT_TOKENS", "DocumentId", "PartNumbers", "SeenDocuments"]
