import gzip
import io
import json
import subprocess
import sys
import zipfile
from xml.sax.saxutils import quoteattr

import cassis
import pytest
from formats.annotated_corpus import CORPUS

from tagger.errors import DataError, FormatError, UsageError
from tagger.formats import Losses, ReadingOptions, guess_format, read_items
from tagger.formats_extra import cas_files

NE = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
TOKEN = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Token"
SENTENCE = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Sentence"
POS = "de.tudarmstadt.ukp.dkpro.core.api.lexmorph.type.pos.POS"
SPAN = "webanno.custom.Span"
RELATION = "webanno.custom.Relation"
SKIP = " To skip and list bad data: skip_bad=True"


def read(path, losses=None, *, name="x", labelled=True, **options):
    reading = ReadingOptions(format="cas", **options)
    losses = Losses(skip_bad=reading.skip_bad) if losses is None else losses
    return list(read_items(path, reading, losses, name=name, labelled=labelled))


def spans(text):
    return [(span.ranges, span.label) for span in sorted(text.spans, key=lambda span: span.order())]


def continuous(case):
    return [span for span in case.spans if len(span[0]) == 1]


def make_types():
    types = cassis.TypeSystem()
    for name, features in {
        NE: ("value", "identifier"),
        TOKEN: (),
        SENTENCE: (),
        POS: ("PosValue",),
        SPAN: ("label", "note"),
        "webanno.custom.Chunk": (),
    }.items():
        made = types.create_type(name)
        for feature in features:
            types.create_feature(made, feature, "uima.cas.String")
    person = types.create_type("my.types.Person", NE)
    types.create_feature(person, "gender", "uima.cas.String")
    relation = types.create_type(RELATION)
    types.create_feature(relation, "Governor", SPAN)
    types.create_feature(relation, "Dependent", SPAN)
    return types


TYPES = make_types()


def make(text, annotations, tokens=(), sentences=()):
    """Return a CAS of ``(type, begin, end, features)``, in code points, as its library has them."""
    cas = cassis.Cas(TYPES, sofa_string=text)
    for type, begin, end, features in [
        *annotations,
        *((TOKEN, *token, {}) for token in tokens),
        *((SENTENCE, *sentence, {}) for sentence in sentences),
    ]:
        cas.add(TYPES.get_type(type)(begin=begin, end=end, **features))
    return cas


def of_case(case):
    annotations = [(NE, *ranges[0], {"value": label}) for ranges, label in continuous(case)]
    return make(case.text, annotations, case.tokens, [(0, len(case.text))])


def put(cas, path):
    """Write a CAS as its suffix says, with its type system beside it where that is needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".json":
        cas.to_json(path)
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(f"{path.stem}.xmi", cas.to_xmi())
            archive.writestr("TypeSystem.xml", TYPES.to_xml())
    else:
        cas.to_xmi(path)
        TYPES.to_xml(path.with_name("TypeSystem.xml"))
    return path


@pytest.mark.parametrize("suffix", [".xmi", ".json", ".zip"])
@pytest.mark.slow
def test_every_span_and_token_of_a_folder_is_read(tmp_path, suffix):
    for number, case in enumerate(CORPUS):
        put(of_case(case), tmp_path / f"{number % 2}" / f"{number:03}{suffix}")
    losses = Losses()
    texts = read(tmp_path, losses)
    numbers = [*range(0, len(CORPUS), 2), *range(1, len(CORPUS), 2)]
    cases = [CORPUS[number] for number in numbers if continuous(CORPUS[number])]
    assert [item.text for item in texts] == [case.text for case in cases]
    assert [spans(item) for item in texts] == [continuous(case) for case in cases]
    assert [item.tokens for item in texts] == [case.tokens for case in cases]
    assert {item.sentence_starts for item in texts} == {(0,)}
    assert (texts[0].document, texts[0].origin) == (
        "0/000",
        f"x/0/000{suffix}" + ("/000.xmi" if suffix == ".zip" else ""),
    )
    assert losses.count("documents in which nothing is annotated, left out") == len(CORPUS) - len(cases)
    assert len(losses) == len(CORPUS) - len(cases)


@pytest.mark.parametrize("name", ["a.xmi", "a.json", "a.zip", "a"])
def test_a_file_is_recognised_by_its_content(tmp_path, name):
    cas = make("😀 Oslo", [(NE, 2, 6, {"value": "LOC"})])
    path = put(cas, tmp_path / name)
    assert guess_format(path) == "cas"
    (item,) = read(path, name=str(path))
    assert (item.text, spans(item), item.tokens) == ("😀 Oslo", [(((2, 6),), "LOC")], None)
    assert item.document == "a"
    path.rename(tmp_path / "b.txt")
    assert guess_format(tmp_path / "b.txt") == "cas"


def pack(path):
    """Put a gzip file in place of a file."""
    packed = path.with_name(path.name + ".gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    return packed


@pytest.mark.parametrize("name", ["a.xmi", "a.json", "a.zip", "deep/er/a.json"])
def test_a_folder_is_recognised_by_what_its_files_hold(tmp_path, name):
    for other, text in (
        ("b.json", '{"text": "Oslo"}'),
        ("c.json", ""),
        ("d.zip", "no archive"),
        ("e.txt", "Oslo"),
    ):
        (tmp_path / other).write_text(text)
    (tmp_path / "f.json.gz").write_bytes(b"\x1f\x8b and no more")
    with pytest.raises(FormatError) as caught:
        guess_format(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: expected annotations, found a folder of other files: b.json, c.json, d.zip. Pass the files to "
        "read"
    )
    put(make("Zoë", PER), tmp_path / name)
    assert guess_format(tmp_path) == "cas"


def test_an_archive_of_json_is_recognised(tmp_path):
    file = put(make("Zoë", PER), tmp_path / "a.json")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.write(file, "a.json")
    file.unlink()
    assert guess_format(tmp_path / "b.zip") == guess_format(tmp_path) == "cas"
    assert [spans(item) for item in read(tmp_path / "b.zip")] == [[(((0, 3),), "PER")]]


@pytest.mark.parametrize("suffix", [".xmi", ".json"])
def test_packed_files_are_read(tmp_path, suffix, monkeypatch):
    path = pack(put(make("Zoë", PER), tmp_path / f"a{suffix}"))
    if suffix == ".xmi":
        pack(tmp_path / "TypeSystem.xml")
    for place in (path, tmp_path):
        assert guess_format(place) == "cas"
        (item,) = read(place)
        assert (item.document, spans(item)) == ("a", [(((0, 3),), "PER")])
    monkeypatch.setattr(cas_files, "MOST_BYTES", 2**10)
    path.write_bytes(gzip.compress(b"<" + b" " * 2**10))
    with pytest.raises(DataError, match=rf"a{suffix}\.gz: expected at most 0 MiB, found more"):
        read(path)
    path.write_bytes(gzip.compress(b"<")[:-9])
    with pytest.raises(
        DataError, match=rf"a{suffix}\.gz: cannot be unpacked: Compressed file ended before the end"
    ):
        read(path)


def by_hand(text, elements, views=("_InitialView",)):
    """Return XMI as UIMA writes it; elements are ``(tag, attributes)``."""
    lines = "".join(
        f'<{tag} xmi:id="{number}" sofa="1" {attributes}/>\n'
        for number, (tag, attributes) in enumerate(elements, start=10)
    )
    members = " ".join(str(number) for number in range(10, 10 + len(elements)))
    sofas = "".join(
        f'<cas:Sofa xmi:id="{number}" sofaNum="{number}" sofaID="{view}" sofaString={quoteattr(text)}/>\n'
        f'<cas:View sofa="{number}" members="{members if number == 1 else ""}"/>\n'
        for number, view in enumerate(views, start=1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<xmi:XMI xmlns:xmi="http://www.omg.org/XMI" '
        'xmlns:cas="http:///uima/cas.ecore" xmlns:custom="http:///webanno/custom.ecore" '
        'xmlns:ner="http:///de/tudarmstadt/ukp/dkpro/core/api/ner/type.ecore" '
        'xmlns:seg="http:///de/tudarmstadt/ukp/dkpro/core/api/segmentation/type.ecore" xmi:version="2.0">\n'
        f'<cas:NULL xmi:id="0"/>\n{lines}{sofas}</xmi:XMI>\n'
    )


def put_by_hand(tmp_path, xmi):
    (tmp_path / "a.xmi").write_bytes(xmi.encode())
    TYPES.to_xml(tmp_path / "TypeSystem.xml")
    return tmp_path / "a.xmi"


def test_xmi_written_by_hand_is_read_with_offsets_in_utf16_units(tmp_path):
    path = put_by_hand(
        tmp_path,
        by_hand(
            "😀 Oslo\r\n𝄞 Rome",
            [
                ("ner:NamedEntity", 'begin="3" end="7" value="LOC"'),
                ("ner:NamedEntity", 'begin="12" end="16" value="LOC"'),
                ("seg:Token", 'end="2"'),
                ("seg:Token", 'begin="3" end="7"'),
                ("seg:Token", 'begin="9" end="11"'),
                ("seg:Token", 'begin="12" end="16"'),
                ("seg:Sentence", 'begin="0" end="7"'),
                ("seg:Sentence", 'begin="9" end="16"'),
            ],
        ),
    )
    (item,) = read(path)
    assert item.text == "😀 Oslo\r\n𝄞 Rome"
    assert spans(item) == [(((2, 6),), "LOC"), (((10, 14),), "LOC")]
    assert item.tokens == ((0, 1), (2, 6), (8, 9), (10, 14))
    assert item.sentence_starts == (0, 2)


def test_json_written_by_hand_is_read_with_offsets_in_utf16_units(tmp_path):
    label = {"%NAME": "label", "%RANGE": "uima.cas.String"}
    span = {"%NAME": SPAN, "%SUPER_TYPE": "uima.tcas.Annotation", "label": label}
    sofa = {
        "%ID": 1,
        "%TYPE": "uima.cas.Sofa",
        "sofaNum": 1,
        "sofaID": "_InitialView",
        "sofaString": "😀 Oslo",
    }
    found = {"%ID": 2, "%TYPE": SPAN, "@sofa": 1, "begin": 3, "end": 7, "label": "LOC"}
    views = {"_InitialView": {"%SOFA": 1, "%MEMBERS": [2]}}
    (tmp_path / "a.json").write_text(
        json.dumps({"%TYPES": {SPAN: span}, "%FEATURE_STRUCTURES": [sofa, found], "%VIEWS": views})
    )
    (item,) = read(tmp_path / "a.json")
    assert spans(item) == [(((2, 6),), "LOC")]


@pytest.mark.parametrize("suffix", [".xmi", ".json"])
@pytest.mark.parametrize(
    ("place", "found"),
    [((1, 7), "1-7"), ((3, 99), "3-99"), ((7, 3), "7-3"), ((-1, 3), "-1-3")],
)
def test_offsets_within_a_character_or_outside_the_text_are_errors_that_can_be_skipped(
    tmp_path, suffix, place, found
):
    """The library warns and keeps them: 1, within the first character, then looks like the second one."""
    elements = [("ner:NamedEntity", f'begin="{place[0]}" end="{place[1]}" value="LOC"')]
    path = put_by_hand(
        tmp_path, by_hand("😀 Oslo", [*elements, ("ner:NamedEntity", 'begin="3" end="7" value="X"')])
    )
    if suffix == ".json":
        cas = json.loads(
            make("😀 Oslo", [(NE, 0, 1, {"value": "LOC"}), (NE, 2, 6, {"value": "X"})]).to_json()
        )
        for structure in cas["%FEATURE_STRUCTURES"]:
            if structure.get("value") == "LOC":
                structure["begin"], structure["end"] = place
                structure["%ID"] = 10
        cas["%VIEWS"]["_InitialView"]["%MEMBERS"] = [
            structure["%ID"] for structure in cas["%FEATURE_STRUCTURES"] if "begin" in structure
        ]
        path = tmp_path / "a.json"
        path.write_text(json.dumps(cas))
    with pytest.raises(FormatError) as caught:
        read(path)
    assert str(caught.value) == (
        f"x: annotation 10: expected 0 <= start < end <= 7 for the LOC, counted in UTF-16 units, found {found}. If the "
        "offsets count something else, say so: offsets." + SKIP
    )
    (item,) = read(path, Losses(skip_bad=True))
    assert spans(item) == [(((2, 6),), "X")]


def test_unset_labels_and_what_is_not_read_are_counted(tmp_path):
    cas = make(
        "Zoë in Oslo",
        [
            (NE, 0, 3, {"value": "PER"}),
            (NE, 7, 11, {}),
            (NE, 4, 4, {"value": "X"}),
            (POS, 0, 3, {"PosValue": "NNP"}),
            (SPAN, 0, 3, {"label": "other"}),
        ],
        [(0, 3), (4, 6), (7, 11)],
    )
    span = cas.select(SPAN)[0]
    cas.add(TYPES.get_type(RELATION)(begin=0, end=3, Governor=span, Dependent=span))
    losses = Losses()
    (item,) = read(put(cas, tmp_path / "a.json"), losses)
    assert spans(item) == [(((0, 3),), "PER")]
    assert item.sentence_starts is None
    assert list(losses.lines()) == [
        "annotations of no characters, left out: 1; the first: x: annotation 4: X",
        "annotations without a value of NamedEntity.value, left out: 1; the first: x: annotation 3",
        "annotations of the layer POS, not read: 1; the first: x",
        "relations and chains of the layer Relation, not read: 1; the first: x",
        "annotations of the layer Span, not read: 1; the first: x",
    ]


def test_special_kinds_of_the_usual_type_are_read_as_it(tmp_path):
    cas = make("Zoë in Oslo", [("my.types.Person", 0, 3, {"value": "PER"}), (NE, 7, 11, {"value": "LOC"})])
    (item,) = read(put(cas, tmp_path / "a.xmi"))
    assert spans(item) == [(((0, 3),), "PER"), (((7, 11),), "LOC")]


TWO = [
    (SPAN, 0, 3, {"label": "PER", "note": "sure"}),
    (SPAN, 4, 6, {"label": "X"}),
    ("webanno.custom.Chunk", 0, 6, {}),
    (POS, 0, 3, {"PosValue": "NNP"}),
]


@pytest.mark.parametrize(
    ("column", "found"),
    [
        ("Span", [(((0, 3),), "PER"), (((4, 6),), "X")]),
        (f"{SPAN}.label", [(((0, 3),), "PER"), (((4, 6),), "X")]),
        ("Span.note", [(((0, 3),), "sure")]),
        ("custom.Span.note", [(((0, 3),), "sure")]),
        ("custom.Chunk", [(((0, 6),), "Chunk")]),
        ("Chunk", [(((0, 6),), "Chunk")]),
        ("POS.PosValue", [(((0, 3),), "NNP")]),
        ("NamedEntity", []),
    ],
)
def test_a_layer_is_chosen_by_its_name(tmp_path, column, found):
    (item,) = read(put(make("Zoë in Oslo", TWO), tmp_path / "a.json"), label_column=column)
    assert spans(item) == found


def test_the_only_layer_with_labels_needs_no_choice(tmp_path):
    (item,) = read(
        put(make("Zoë in Oslo", [(SPAN, 0, 3, {"label": "PER"}), (SPAN, 4, 6, {})]), tmp_path / "a.json")
    )
    assert spans(item) == [(((0, 3),), "PER")]


def test_several_layers_and_unknown_ones_are_errors_that_list_them(tmp_path):
    path = put(make("Zoë in Oslo", TWO), tmp_path / "a.json")
    with pytest.raises(UsageError) as caught:
        read(path)
    assert str(caught.value) == (
        "x: expected one layer of labels, found Chunk (1), Span.label (2), Span.note (1). Choose one: "
        "label_column='Chunk'"
    )
    with pytest.raises(UsageError) as caught:
        read(path, label_column="Spam.label")
    assert str(caught.value) == (
        "x: expected a layer called 'Spam.label', as label_column says, found Chunk (1), Span.label (2), Span.note (1)"
    )


def test_documents_of_one_folder_have_labels_of_one_layer(tmp_path):
    put(make("Zoë", [(NE, 0, 3, {"value": "PER"})]), tmp_path / "a.json")
    put(make("Zoë", [(SPAN, 0, 3, {"label": "PER"})]), tmp_path / "b.json")
    with pytest.raises(UsageError) as caught:
        read(tmp_path)
    assert str(caught.value) == (
        "x/b.json: expected labels of one layer in all files, found Span.label after NamedEntity.value in x/a.json. "
        f"Choose one: label_column='{SPAN}.label'"
    )


def test_without_labels_every_text_is_read_with_its_tokens(tmp_path):
    put(make("open", [], [(0, 4)]), tmp_path / "a.json")
    put(make("Zoë in Oslo", TWO, [(0, 3)]), tmp_path / "b.json")
    losses = Losses()
    assert [(item.text, item.spans, item.tokens) for item in read(tmp_path, losses, labelled=False)] == [
        ("open", None, ((0, 4),)),
        ("Zoë in Oslo", None, ((0, 3),)),
    ]
    assert len(losses) == 0
    assert [item.text for item in read(tmp_path, losses, label_column="Span")] == ["open", "Zoë in Oslo"]


def project(path, **versions):
    """Write a project as INCEpTION exports it: an archive for each annotator."""
    folder = path.parent / "unpacked"
    for annotator, annotations in versions.items():
        place = "curation" if annotator == "CURATION_USER" else "annotation"
        put(make("Zoë in Oslo", annotations), folder / place / "doc.txt" / f"{annotator}.zip")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("exportedproject.json", "{}")
        for file in sorted(folder.rglob("*.zip")):
            archive.write(file, file.relative_to(folder).as_posix())
    return path


PER = [(NE, 0, 3, {"value": "PER"})]
LOC = [(NE, 7, 11, {"value": "LOC"})]


def test_annotators_of_a_project_who_agree_are_read_once(tmp_path):
    path = project(tmp_path / "p.zip", INITIAL_CAS=[], anna=PER, ben=PER)
    assert guess_format(path) == "cas"
    losses = Losses()
    (item,) = read(path, losses)
    assert (item.document, spans(item)) == ("doc.txt", [(((0, 3),), "PER")])
    assert list(losses.lines()) == [
        "documents as they were before annotation, left out: 1; the first: "
        "x/annotation/doc.txt/INITIAL_CAS.zip/INITIAL_CAS.xmi",
        "annotations equal to another annotator's, read once: 1; the first: "
        "x/annotation/doc.txt/anna.zip/anna.xmi",
    ]


def test_annotators_of_a_project_who_differ_are_to_be_chosen_from(tmp_path):
    path = project(tmp_path / "p.zip", anna=PER, ben=PER + LOC, CURATION_USER=LOC)
    with pytest.raises(FormatError) as caught:
        read(path)
    assert str(caught.value) == (
        "x/annotation/doc.txt/anna.zip/anna.xmi: expected one annotation of a text, found different ones of anna and "
        "ben. Choose one (anna, ben, CURATION_USER): annotator='anna'." + SKIP
    )
    for annotator, found in (("anna", PER), ("CURATION_USER", LOC)):
        (item,) = read(path, annotator=annotator)
        assert [span.label for span in item.spans] == [features["value"] for *_, features in found]
    with pytest.raises(
        FormatError, match="x: expected annotations of 'carl', found those of anna, ben, CURATION_USER"
    ):
        read(path, annotator="carl")
    assert [item.text for item in read(path, labelled=False)] == ["Zoë in Oslo"]


@pytest.mark.parametrize("suffix", [".xmi", ".json", ".zip"])
def test_an_annotator_is_not_there_where_no_file_names_one(tmp_path, suffix):
    path = put(make("Zoë", PER), tmp_path / "a" / f"b{suffix}")
    for place in (path, path.parent):
        with pytest.raises(FormatError) as caught:
            read(place, annotator="nobody")
        assert str(caught.value) == (
            "x: expected annotations of 'nobody', found those of an unnamed annotator"
        )
        assert len(read(place)) == len(read(place, labelled=False, annotator="nobody")) == 1


def test_files_without_an_annotator_are_counted_where_one_is_chosen(tmp_path):
    put(make("Zoë", PER), tmp_path / "annotation" / "doc.txt" / "anna.xmi")
    put(make("Zoë", PER), tmp_path / "b.xmi")
    losses = Losses()
    assert [item.document for item in read(tmp_path, losses, annotator="anna")] == ["doc.txt"]
    assert list(losses.lines()) == ["annotations of others than anna, left out: 1; the first: x/b.xmi"]


def test_a_type_system_further_up_in_the_folder_is_found(tmp_path):
    put(make("Zoë", PER), tmp_path / "a" / "b.xmi")
    (tmp_path / "a" / "TypeSystem.xml").rename(tmp_path / "TypeSystem.xml")
    assert [item.document for item in read(tmp_path)] == ["a/b"]


def replaced(path, *pairs):
    text = path.read_text()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    return path


DECLARES = '<!DOCTYPE x [<!ENTITY harmless "PER">]>\n<xmi:XMI'
NOT_READ = (
    "expected XML without a document type declaration, found one. UIMA files have none, and its declarations may "
    "be harmful, so the file is not read."
)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([("<xmi:XMI", DECLARES), ('value="PER"', 'value="&harmless;"')], f"x: {NOT_READ}"),
        ([('encoding="UTF-8"', 'encoding="UTF-7"')], "x: expected XML in UTF-8, found the encoding 'UTF-7'."),
        (
            [("</xmi:XMI>", "")],
            "x: expected XMI of UIMA, found a malformed file: no element found: line 8, column 0.",
        ),
        (
            [("ner:NamedEntity", "custom:Spam")],
            "x: expected types that its type system declares, found another one: Type with name [webanno.custom.Spam] "
            "not found!. Export the type system again with the file.",
        ),
        (
            [('value="PER"', 'worth="PER"')],
            "x: expected UIMA CAS, found a file that cassis cannot read: TypeError: "
            f"{NE.replace('.', '_')}.__init__() got an unexpected keyword argument 'worth'.",
        ),
        ([('sofaString="Zoë"', "")], "x: expected a text in the view _InitialView, found none."),
    ],
)
def test_xmi_that_cannot_be_read_is_an_error_that_can_be_skipped(tmp_path, pairs, message):
    path = put_by_hand(tmp_path, by_hand("Zoë", [("ner:NamedEntity", 'begin="0" end="3" value="PER"')]))
    assert [span.label for span in read(path)[0].spans] == ["PER"]
    replaced(path, *pairs)
    with pytest.raises(FormatError) as caught:
        read(path)
    assert str(caught.value) == message + SKIP
    losses = Losses(skip_bad=True)
    assert read(path, losses) == []
    assert losses.count("documents that cannot be read, left out as bad") == 1


def test_entities_are_refused_in_every_encoding_and_in_the_type_system(tmp_path):
    path = put_by_hand(tmp_path, by_hand("Zoë", [("ner:NamedEntity", 'begin="0" end="3" value="PER"')]))
    replaced(tmp_path / "TypeSystem.xml", ("<typeSystemDescription", "<!DOCTYPE x>\n<typeSystemDescription"))
    with pytest.raises(FormatError) as caught:
        read(path)
    assert str(caught.value) == f"x: its TypeSystem.xml: {NOT_READ}" + SKIP
    text = path.read_text().replace("<xmi:XMI", DECLARES).replace("UTF-8", "UTF-16")
    path.write_bytes(text.encode("utf-16"))
    with pytest.raises(FormatError, match="x: expected XML in UTF-8, found byte 0xff at offset 0"):
        read(path)
    path.write_bytes(text.replace("Zoë", "Zoe").encode("utf-16-le"))
    with pytest.raises(FormatError, match="x: expected XML in UTF-8, found a NUL character"):
        read(path)


def test_a_file_without_its_type_system_is_an_error(tmp_path):
    path = put(make("Zoë", PER), tmp_path / "a.xmi")
    (tmp_path / "TypeSystem.xml").unlink()
    with pytest.raises(FormatError) as caught:
        read(path)
    assert str(caught.value) == (
        "x: expected its type system in TypeSystem.xml beside it, found no such file; export both." + SKIP
    )


def test_several_views_are_an_error(tmp_path):
    xmi = put_by_hand(tmp_path, by_hand("Zoë", [], views=("_InitialView", "other")))
    cas = make("Zoë", PER)
    cas.create_view("other").sofa_string = "Zoe"
    cas.to_json(tmp_path / "a.json")
    for path in (xmi, tmp_path / "a.json"):
        with pytest.raises(FormatError) as caught:
            read(path)
        assert str(caught.value) == (
            "x: expected one view, found _InitialView, other; export one of them alone." + SKIP
        )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda cas: cas.pop("%TYPES"),
            "x: expected the types of its annotations under %TYPES, found none; export the type system with it.",
        ),
        (
            lambda cas: cas.pop("%FEATURE_STRUCTURES"),
            "x: expected a JSON object with %TYPES, %FEATURE_STRUCTURES and %VIEWS, as UIMA CAS has.",
        ),
        (
            lambda cas: cas["%TYPES"].pop(NE),
            f"x: expected UIMA CAS, found a file that cassis cannot read: KeyError: '{NE}'.",
        ),
        (
            lambda cas: cas["%FEATURE_STRUCTURES"][0].update(sofaString="\ud83d Zoë"),
            "x: expected text, found half a surrogate pair at offset 0 of it.",
        ),
        (
            lambda cas: cas["%FEATURE_STRUCTURES"][0].update(sofaID="other"),
            "x: expected a view called _InitialView, found other; export it as XMI.",
        ),
        (
            lambda cas: cas["%FEATURE_STRUCTURES"][1].update({"%ID": [1]}),
            "x: expected whole numbers or strings as ids of feature structures, found the list [1].",
        ),
        (
            lambda cas: cas.update({"%FEATURE_STRUCTURES": {"9" * 5_000: cas["%FEATURE_STRUCTURES"][1]}}),
            "x: expected one view, found none; export one of them alone.",
        ),
    ],
)
def test_json_that_cannot_be_read_is_an_error_that_can_be_skipped(tmp_path, change, message):
    path = put(make("Zoë", PER), tmp_path / "a.json")
    cas = json.loads(path.read_text())
    change(cas)
    path.write_text(json.dumps(cas))
    with pytest.raises(FormatError) as caught:
        read(path)
    assert str(caught.value) == message + SKIP
    assert read(path, Losses(skip_bad=True)) == []


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        (
            [(0, 3), (2, 6)],
            "expected a Token after the one before, found one that begins at 2, before that one's end, 3, in code "
            "points.",
        ),
        ([(0, 99)], "annotation 11: expected 0 <= begin <= end <= 6 for the Token, found 0-99."),
    ],
)
def test_tokens_that_are_no_ranges_are_errors_and_the_text_is_read_without_them(tmp_path, tokens, message):
    elements = [("seg:Token", f'begin="{begin}" end="{end}"') for begin, end in tokens]
    path = put_by_hand(
        tmp_path, by_hand("Zoë in", [("ner:NamedEntity", 'begin="0" end="3" value="PER"'), *elements])
    )
    with pytest.raises(FormatError) as caught:
        read(path)
    assert str(caught.value) == f"x: {message}" + SKIP
    (item,) = read(path, Losses(skip_bad=True))
    assert (item.tokens, item.sentence_starts, len(item.spans)) == (None, None, 1)


@pytest.mark.slow
def test_archives_are_read_in_memory_and_within_bounds(tmp_path, monkeypatch):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../outside.xmi", make("Zoë", PER).to_xmi())
        archive.writestr("TypeSystem.xml", TYPES.to_xml())
        archive.writestr("__MACOSX/._a.xmi", "of the system")
    before = sorted(tmp_path.parent.rglob("*"))
    with pytest.raises(DataError, match=r"x: expected files of UIMA CAS \(.xmi, .json\) in it, found none"):
        read(path)
    assert sorted(tmp_path.parent.rglob("*")) == before
    path = put(make("Zoë", PER), tmp_path / "b.zip")
    assert len(read(path)) == 1
    monkeypatch.setattr(cas_files, "MOST_BYTES", 2**20)
    path = put(make("Zoë" + " " * 2**20, PER), tmp_path / "b.zip")
    with pytest.raises(DataError, match=r"x/b\.xmi: expected at most 1 MiB, found more"):
        read(path)
    data = b""
    for _ in range(5):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("more.zip", data)
        data = packed.getvalue()
    (tmp_path / "c.zip").write_bytes(data)
    with pytest.raises(DataError, match="expected at most 3 archives within one another, found more"):
        read(tmp_path / "c.zip")
    (tmp_path / "d.zip").write_bytes(b"PK\3\4 and no more")
    with pytest.raises(DataError, match="x: cannot be read as a zip archive: File is not a zip file"):
        read(tmp_path / "d.zip")


def test_what_is_not_there_or_no_file_is_refused(tmp_path):
    with pytest.raises(DataError, match="x: expected a file or folder, found none of this name"):
        read(tmp_path / "a.xmi")
    with pytest.raises(DataError, match="x: expected files of UIMA CAS"):
        read(tmp_path)
    with pytest.raises(
        UsageError, match="UIMA CAS is read from a file, a folder or an archive; expected its path"
    ):
        read(io.BytesIO(b"<xmi"))


def test_the_library_is_asked_for_on_first_use_only(tmp_path):
    put(make("Zoë", PER), tmp_path / "a.xmi")
    program = (
        "import sys\nsys.modules['cassis'] = None\nfrom tagger.errors import MissingExtraError\n"
        "from tagger.formats import *\nimport pathlib\npath = pathlib.Path('a.xmi')\n"
        "assert guess_format(path) == 'cas'\n"
        "try:\n    list(read_items(path, ReadingOptions(format='cas'), Losses()))\n"
        "except MissingExtraError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path)
    assert done.stderr == ""
    assert done.stdout == (
        "The format cas needs the package 'cassis'. Install it with: pip install 'FOLDER[cas]', FOLDER being the "
        "clone of tagger\n"
    )
