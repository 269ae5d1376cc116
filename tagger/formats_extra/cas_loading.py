"""Loading of one CAS with dkpro-cassis: its types and annotations, and the offsets as in the file.

The library converts offsets from UTF-16 units to code points, and silently keeps those that it cannot convert.
Therefore the offsets are read from the file separately, by annotation id.

The library's XML parser expands the entities that a document declares. Therefore documents that declare any are refused
first, as are encodings in which this cannot be checked.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final
from xml.etree import ElementTree

from tagger.errors import FormatError, MissingExtraError
from tagger.formats.json_files.objects import describe
from tagger.formats_extra.cas_files import CasFile

try:
    import cassis
    from cassis.typesystem import TypeNotFoundError
except ModuleNotFoundError as error:
    if error.name != "cassis":
        raise
    raise MissingExtraError("cassis", "The format cas") from error

_ID: Final = "{http://www.omg.org/XMI}id"
_SOFA: Final = "{http:///uima/cas.ecore}Sofa"
_ENCODING: Final = re.compile(r"<\?xml[^>]*encoding\s*=\s*[\"']([^\"']*)[\"']")
_ID_KEY: Final = re.compile(r"\d{1,18}")
_VIEW: Final = "_InitialView"


@dataclass(frozen=True)
class LoadedCas:
    """A CAS.

    Attributes:
        text: the text of its only view.
        view: the view, whose ``select`` finds annotations.
        offsets: begin and end of each annotation as in the file, by its id.
        types: the type system.
    """

    text: str
    view: Any
    offsets: dict[int, tuple[Any, Any]]
    types: Any


class CasLoader:
    """Loads CAS files; caches the last type system, since most files of a project share it."""

    def __init__(self) -> None:
        self._types: tuple[bytes, Any] | None = None

    def load(self, file: CasFile) -> LoadedCas:
        """Load a file.

        Raises:
            DataError: it cannot be read.
            FormatError: it is not a CAS, its types are unknown, or it does not have exactly one text.
        """
        if file.is_json:
            return _load_json(file)
        if file.read_types is None:
            raise FormatError(
                f"{file.name}: expected its type system in TypeSystem.xml beside it, found no such file; export both"
            )
        data = _checked_xml(file.read(), file.name)
        offsets, texts = _raw_xmi(data, file.name)
        _check_views(texts, file.name)
        types = self._type_system(file.read_types(), file.name)
        cas = _called(file.name, lambda: cassis.load_cas_from_xmi(BytesIO(data), typesystem=types))
        return _loaded(cas, next(iter(texts)), offsets)

    def _type_system(self, data: bytes, name: str) -> Any:
        if self._types is None or self._types[0] != data:
            where = f"{name}: its TypeSystem.xml"
            checked = _checked_xml(data, where)
            self._types = data, _called(where, lambda: cassis.load_typesystem(BytesIO(checked)))
        return self._types[1]


def _load_json(file: CasFile) -> LoadedCas:
    data = file.read()
    try:
        text = data.decode("utf-8-sig")
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{file.name}: expected JSON, found something else: {error}") from None
    structures = value.get("%FEATURE_STRUCTURES") if isinstance(value, dict) else None
    if not isinstance(structures, (list, dict)):
        raise FormatError(
            f"{file.name}: expected a JSON object with %TYPES, %FEATURE_STRUCTURES and %VIEWS, as UIMA CAS has"
        )
    if not isinstance(value.get("%TYPES"), dict):
        raise FormatError(
            f"{file.name}: expected the types of its annotations under %TYPES, found none; export the type system with "
            "it"
        )
    offsets: dict[int, tuple[Any, Any]] = {}
    texts: dict[str, str | None] = {}
    for id, structure in _structures(structures):
        if not isinstance(structure, dict):
            raise FormatError(
                f"{file.name}: expected objects under %FEATURE_STRUCTURES, found something else"
            )
        if structure.get("%TYPE") == "uima.cas.Sofa":
            texts[str(structure.get("sofaID"))] = structure.get("sofaString")
        elif type(id) not in (int, str, type(None)):
            raise FormatError(
                f"{file.name}: expected whole numbers or strings as ids of feature structures, found {describe(id)}"
            )
        elif "begin" in structure or "end" in structure:
            offsets[id] = structure.get("begin"), structure.get("end")
    _check_views(texts, file.name)
    if list(texts) != [_VIEW]:
        raise FormatError(
            f"{file.name}: expected a view called {_VIEW}, found {', '.join(texts)}; export it as XMI"
        )
    cas = _called(file.name, lambda: cassis.load_cas_from_json(text))
    return _loaded(cas, _VIEW, offsets)


def _structures(structures: list[Any] | dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    if isinstance(structures, dict):
        for id, structure in structures.items():
            yield int(id) if _ID_KEY.fullmatch(id) else id, structure
    else:
        for structure in structures:
            yield structure.get("%ID") if isinstance(structure, dict) else None, structure


def _checked_xml(data: bytes, name: str) -> bytes:
    """Check that XML is UTF-8 and declares no entities; return it."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{name}: expected XML in UTF-8, found byte 0x{data[error.start]:02x} at offset {error.start}"
        ) from None
    encoding = _ENCODING.match(text)
    if encoding is not None and encoding[1].lower() not in ("utf-8", "utf8", "us-ascii", "ascii"):
        raise FormatError(f"{name}: expected XML in UTF-8, found the encoding {encoding[1]!r}")
    if "\0" in text:
        raise FormatError(f"{name}: expected XML in UTF-8, found a NUL character")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise FormatError(
            f"{name}: expected XML without a document type declaration, found one. UIMA files have none, and "
            "its declarations may be harmful, so the file is not read."
        )
    return data


def _raw_xmi(data: bytes, name: str) -> tuple[dict[int, tuple[Any, Any]], dict[str, str | None]]:
    """Return the offsets of annotations by id, and the text of each view."""
    offsets: dict[int, tuple[Any, Any]] = {}
    texts: dict[str, str | None] = {}
    try:
        for _, element in ElementTree.iterparse(BytesIO(data)):
            attributes = element.attrib
            if element.tag == _SOFA:
                texts[attributes.get("sofaID", "")] = attributes.get("sofaString")
            elif "begin" in attributes or "end" in attributes:
                # A missing offset is 0, as everywhere in UIMA.
                offsets[int(attributes[_ID])] = int(attributes.get("begin", 0)), int(attributes.get("end", 0))
            element.clear()
    except (ElementTree.ParseError, KeyError, ValueError) as error:
        raise FormatError(f"{name}: expected XMI of UIMA, found a malformed file: {error}") from None
    return offsets, texts


def _check_views(texts: dict[str, str | None], name: str) -> None:
    if len(texts) != 1:
        raise FormatError(
            f"{name}: expected one view, found {', '.join(texts) or 'none'}; export one of them alone"
        )
    ((view, text),) = texts.items()
    if not isinstance(text, str):
        raise FormatError(f"{name}: expected a text in the view {view}, found none")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise FormatError(
            f"{name}: expected text, found half a surrogate pair at offset {error.start} of it"
        ) from None


def _called(name: str, load: Any) -> Any:
    """Call the library with its errors translated and its warnings silenced, since offsets are checked elsewhere."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return load()
    except TypeNotFoundError as error:
        raise FormatError(
            f"{name}: expected types that its type system declares, found another one: {error}. Export the type system "
            "again with the file."
        ) from None
    except Exception as error:  # the library checks little and may raise anything
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise FormatError(
            f"{name}: expected UIMA CAS, found a file that cassis cannot read: {reason}"
        ) from None


def _loaded(cas: Any, view: str, offsets: dict[int, tuple[Any, Any]]) -> LoadedCas:
    found = cas.get_view(view)
    return LoadedCas(found.sofa_string, found, offsets, found.typesystem)
