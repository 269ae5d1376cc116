"""Outputs of conversion: their format, what may be replaced, and files that appear complete or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from tagger.conversion.fitting import can_write
from tagger.conversion.inputs import Input
from tagger.errors import DataError, UsageError
from tagger.files import open_for_replacing, replace_file, replace_folder
from tagger.files.packing import PackedWriter, packing_of, without_packing
from tagger.files.temporaries import temporary_folder
from tagger.formats import FORMATS, AnnotatedText, Format, WritingContext, format_by_name
from tagger.options import argument

LINES: Final = ("doccano", "prodigy", "spacy-json", "privacy-mask")
"""The formats with one JSON object per line that have no name ending of their own."""

_FOLDERS: Final = ("brat",)
"""The formats whose output is a folder."""


def find_target(output: str | os.PathLike[str] | None, name: str, *, named_by: str = "output") -> Format:
    """Return the format to write.

    Args:
        output: a path, whose ending may determine the format; None for a stream or a folder of parts.
        name: of the format; ``auto``: by the path.
        named_by: the option for the name of the format.

    Raises:
        UsageError: the path does not determine the format, it does not exist, or it cannot be written.
    """
    written = {name: format for name, format in FORMATS.items() if can_write(format)}
    if name == "auto":
        found = None if output is None else format_by_name(output)
        if found is None:
            where = "the output" if output is None else os.fspath(output)
            raise UsageError(
                f"{where}: expected a name that shows the format; name one with {argument(named_by)}: "
                f"{', '.join(written)}"
            )
        name = found
    if name not in written:
        raise UsageError(
            f"{argument(named_by)}: expected a format that is written ({', '.join(written)}), found {name}"
        )
    return written[name]


def check_place(output: Path, target: Format, *, parts: Iterable[str] | None, overwrite: bool) -> None:
    """Raise an error if other content would be replaced.

    A file may be replaced by a file, and a folder that contains only the parts of a split by such parts. If the format
    is a folder, its writer decides whether it may be replaced.

    Args:
        output: where to write.
        target: the format.
        parts: the names of the parts of a split, if there is one.
        overwrite: whether everything may be replaced.

    Raises:
        DataError: names the content.
        UsageError: its name has the ending of a compressed file, which the format does not support.
    """
    refuse_packed(output, target)
    if not output.is_dir():
        if parts is not None and output.exists():
            raise DataError(f"{output}: expected a folder for the parts, found a file")
        return
    if parts is None:
        if target.save is None:
            raise DataError(f"{output}: expected the name of a file to write, found a directory")
        return
    own = {part_name(part, target) for part in parts or ()}
    others = sorted(entry.name for entry in output.iterdir() if entry.name not in own)
    if others and not overwrite:
        raise DataError(
            f"{output}: expected an empty folder, or none, found {', '.join(others[:3])}"
            f"{' and others' if len(others) > 3 else ''}. Name another folder, or have it replaced with all in it: "
            f"{argument('overwrite', True)}"
        )


def check_inputs_stay(output: Path, target: Format, inputs: Iterable[Input], *, overwrite: bool) -> None:
    """Raise an error if an input would be replaced by another format, which may not represent all of it.

    Args:
        output: where to write.
        target: the format.
        inputs: the inputs.
        overwrite: whether inputs may be replaced.

    Raises:
        UsageError: it is an input of another format, and may not be replaced; or ``overwrite`` has no effect, since it
            is a file that is not an input.
    """
    replaced = [one for one in inputs if output.exists() and one.path.exists() and output.samefile(one.path)]
    if not overwrite:
        for one in replaced:
            if one.format.name != target.name:
                raise UsageError(
                    f"{output}: expected an output that is no input, or one of the same format, found an input in "
                    f"{one.format.title}, which {target.title} would replace. Name another file, or have it replaced: "
                    f"{argument('overwrite', True)}"
                )
    elif output.is_file() and not replaced:
        raise UsageError(
            f"{argument('overwrite')} has no effect on {output}: a file that is no input is replaced anyway"
        )


def refuse_packed(output: Path, target: Format) -> None:
    """Raise an error for a name that ends in ``.gz`` or ``.zst`` if the format is not text, which alone is compressed.

    Raises:
        UsageError: it is such a name.
    """
    if target.write is None and packing_of(output) is not None:
        plain = without_packing(output)
        raise UsageError(
            f"{output}: expected a name without {str(output)[len(plain) :]}, since {target.title} is no text that is "
            f"packed. Leave it out: {plain}"
        )


def part_name(part: str, target: Format) -> str:
    """Return the name of the file, or folder, of a part."""
    if target.name in _FOLDERS:
        return part
    if target.suffixes:
        return part + target.suffixes[0]
    return part + (".jsonl" if target.name in LINES else ".json")


def write_texts(
    target: Format,
    texts: Iterable[AnnotatedText],
    output: Path,
    context: WritingContext,
    *,
    overwrite: bool = False,
) -> None:
    """Write texts to a file or folder, which appears complete or not at all; compressed by its ending.

    Args:
        target: the format.
        texts: fitted to the format.
        output: the file or folder.
        context: how to write them.
        overwrite: whether to replace a folder whatever it contains.

    Raises:
        DataError: it cannot be written.
    """
    if target.write is not None:
        write_pieces(target.write(texts, context), output)
        return
    assert target.save is not None
    with _errors_of(output):
        if overwrite and output.is_dir():
            _replace_folder(target.save, texts, output, context)
        else:
            target.save(texts, output, context)


def write_pieces(pieces: Iterable[str], output: Path) -> None:
    """Write pieces of text to a file, which appears complete or not at all; compressed by its ending.

    Raises:
        DataError: it cannot be written.
    """
    with _errors_of(output):
        if packing_of(output) is not None:
            _write_packed(pieces, output)
        else:
            with open_for_replacing(output) as stream:
                stream.writelines(pieces)


@contextmanager
def _errors_of(output: Path) -> Iterator[None]:
    """Turn write errors into ones that name the file."""
    try:
        yield
    except UnicodeEncodeError as error:
        around = error.object[max(error.start - 20, 0) : error.end + 20]
        raise DataError(
            f"{output}: cannot be written: the surrogate {error.object[error.start]!r} in {around!r} has no place in "
            "UTF-8 text. Correct it in the input."
        ) from None
    except OSError as error:
        raise DataError(f"{output}: cannot be written: {error.strerror or error}") from None


def _replace_folder(
    save: Callable[[Iterable[AnnotatedText], Path, WritingContext], None],
    texts: Iterable[AnnotatedText],
    output: Path,
    context: WritingContext,
) -> None:
    """Write to a temporary folder, since the writer would reject the existing content, and move it into place."""
    output = output.resolve()
    with temporary_folder(output) as temporary:
        written = temporary / "written"
        save(texts, written, context)

        def fill(folder: Path) -> None:
            for entry in sorted(written.iterdir()):
                entry.rename(folder / entry.name)

        replace_folder(output, fill)


def _write_packed(pieces: Iterable[str], output: Path) -> None:
    """Write pieces of text to a compressed file; the bytes do not depend on time or place."""

    def write(file: IO[bytes]) -> None:
        writer = PackedWriter(file, packing_of(output))
        for piece in pieces:
            writer.write(piece.encode("utf-8"))
        writer.close()

    replace_file(output, write)
