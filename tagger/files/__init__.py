"""Files of unknown origin: opened without waiting, regular ones of bounded size alone, and read strictly."""

from __future__ import annotations

from tagger.files.opening import OpenFolder, open_file
from tagger.files.strict_json import parse_json
from tagger.files.tensor_header import StoredTensor, TensorHeader, read_tensor_header

__all__ = ["OpenFolder", "StoredTensor", "TensorHeader", "open_file", "parse_json", "read_tensor_header"]
