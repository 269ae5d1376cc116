"""DatasetRequest: the dataset to read, and the call that reads it, as text for messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from tagger.options import is_command_line, options

DataFiles = str | Sequence[str] | Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class DatasetRequest:
    """The arguments of ``load_splits`` that determine which data to read.

    Attributes:
        dataset: a Hub id, or the path of a local folder or file.
        name: the configuration (subset) of the dataset.
        revision: branch, tag or commit on the Hub.
        data_dir: the only folder inside the dataset to read.
        data_files: files (or glob patterns) inside the dataset, by split; a bare list is the train split.
    """

    dataset: str
    name: str | None = None
    revision: str | None = None
    data_dir: str | None = None
    data_files: DataFiles | None = None

    def call(self, label_names: str | None = None) -> str:
        """Return the call that makes this request, or the command-line options.

        Args:
            label_names: the file of label names to include, if any.

        >>> DatasetRequest("owner/data", name="en").call()
        "load_splits('owner/data', name='en')"
        >>> from tagger.options import options_of_command_line
        >>> with options_of_command_line():
        ...     DatasetRequest("owner/data", name="en").call("label.json")
        '--data.dataset owner/data --data.dataset_name en --data.label_names label.json'
        """
        if not is_command_line():
            call = self.in_python()
            return call if label_names is None else f"{call[:-1]}, label_names={label_names!r})"
        given = {
            "data.dataset": self.dataset,
            "data.dataset_name": self.name,
            "data.revision": self.revision,
            "data.data_dir": self.data_dir,
            "data.data_files": self.data_files,
            "data.label_names": label_names,
        }
        return options({name: value for name, value in given.items() if value is not None})

    def in_python(self) -> str:
        """Return the Python call that makes this request."""
        others = [
            f"{field.name}={getattr(self, field.name)!r}"
            for field in fields(self)[1:]
            if getattr(self, field.name) is not None
        ]
        return f"load_splits({', '.join([repr(self.dataset), *others])})"

    def address(self) -> str | None:
        """Return the first of the data_files that is a URL, ``hf://...`` or ``https://...``, or None."""
        patterns = (pattern for patterns in self.files_by_split().values() for pattern in patterns)
        return next((pattern for pattern in patterns if "://" in pattern), None)

    def files_by_split(self) -> dict[str, list[str]]:
        """Return data_files normalised to split name -> patterns.

        >>> DatasetRequest("data", data_files="a.json").files_by_split()
        {'train': ['a.json']}
        """
        files = self.data_files
        if files is None:
            return {}
        by_split = files if isinstance(files, Mapping) else {"train": files}
        return {
            split: [patterns] if isinstance(patterns, str) else list(patterns)
            for split, patterns in by_split.items()
        }
