"""Files and folders: checked reading, atomic replacement, and locks between processes.

``opening`` opens only regular files of bounded size, without blocking; ``strict_json`` and ``tensor_header`` read them
strictly. ``temporaries`` and ``replacing`` write a temporary sibling and rename it into place; ``locking`` keeps other
processes out. ``packing`` handles gzip and zstd, ``names`` prints file names that are not UTF-8.
"""

from __future__ import annotations

from tagger.files.locking import LOCK_NAME, FolderInUseError, NoLocksError, locked_folder
from tagger.files.names import name_as_text
from tagger.files.opening import OpenFolder, open_file
from tagger.files.replacing import (
    is_special,
    open_binary_for_replacing,
    open_for_replacing,
    previous_folder,
    replace_file,
    replace_folder,
    replace_with_link,
)
from tagger.files.strict_json import parse_json, strict_decoder
from tagger.files.temporaries import is_temporary, remove_orphans, temporary_file, temporary_folder
from tagger.files.tensor_header import StoredTensor, TensorHeader, read_tensor_header

__all__ = [
    "LOCK_NAME",
    "FolderInUseError",
    "NoLocksError",
    "OpenFolder",
    "StoredTensor",
    "TensorHeader",
    "is_special",
    "is_temporary",
    "locked_folder",
    "name_as_text",
    "open_binary_for_replacing",
    "open_file",
    "open_for_replacing",
    "parse_json",
    "previous_folder",
    "read_tensor_header",
    "remove_orphans",
    "replace_file",
    "replace_folder",
    "replace_with_link",
    "strict_decoder",
    "temporary_file",
    "temporary_folder",
]
