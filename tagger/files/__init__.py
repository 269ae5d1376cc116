"""Files and folders that are written beside their place and renamed into it, and locks between processes."""

from __future__ import annotations

from tagger.files.locking import LOCK_NAME, FolderInUseError, NoLocksError, locked_folder
from tagger.files.replacing import open_for_replacing, previous_folder, replace_file, replace_folder
from tagger.files.temporaries import is_temporary, remove_orphans, temporary_file, temporary_folder

__all__ = [
    "LOCK_NAME",
    "FolderInUseError",
    "NoLocksError",
    "is_temporary",
    "locked_folder",
    "open_for_replacing",
    "previous_folder",
    "remove_orphans",
    "replace_file",
    "replace_folder",
    "temporary_file",
    "temporary_folder",
]
