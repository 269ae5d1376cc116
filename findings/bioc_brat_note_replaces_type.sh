#!/usr/bin/env bash
# brat2bioc replaces the type of every entity that an annotator commented on.
#
# Expected: an entity of brat with a note (AnnotatorNotes, what brat's own
#   "Notes" box writes) becomes a BioC annotation of the same type, the note
#   beside it under a key of its own.
# Happens: the note is written over the entity: its infon "type" is
#   "AnnotatorNotes" afterwards, the type it had is nowhere in the file. An
#   entity without a note keeps its type. The exit status is 0 and nothing is
#   said. `bioc.brat.load` itself reads both the type and the note rightly.
# Hurts: whoever trains or scores on the BioC file: there is one more type,
#   AnnotatorNotes, made of the entities of all other types that were
#   discussed, which are the difficult ones.
# Instead: delete the lines that begin with # from the .ann files before
#   converting, and count the types on both sides.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check \
    bioc==2.1 lxml==6.1.3 intervaltree==3.2.1 jsonlines==4.0.0 tqdm==4.70.1 docopt==0.6.2 \
    attrs==26.1.0 sortedcontainers==2.4.0

cat > "$work/convert.py" <<'PY'
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from bioc import biocxml, brat

print("bioc", version("bioc"))
folder = Path(sys.argv[1])
entities = "T1\tPER 0 3\tZoë\nT2\tLOC 9 13\tOslo\nT3\tLOC 17 23\tBergen\n"
note = "#1\tAnnotatorNotes T2\tthe city, or the fjord?\n"


def convert(name, ann):
    source = folder / name
    source.mkdir()
    (source / "a.txt").write_text("Zoë left Oslo or Bergen.", encoding="utf-8")
    (source / "a.ann").write_text(ann, encoding="utf-8")
    read = {entity.id: entity.type for document in brat.scandir(str(source)) for entity in document.entities}
    assert read == {"T1": "PER", "T2": "LOC", "T3": "LOC"}, read
    target = folder / f"{name}.xml"
    command = [str(Path(sys.executable).with_name("brat2bioc")), "-d", str(source), "-o", str(target)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    with target.open(encoding="utf-8") as file:
        (document,) = biocxml.load(file).documents
    found = {annotation.id: annotation.infons["type"] for annotation in document.annotations or []}
    found |= {annotation.id: annotation.infons["type"] for p in document.passages for annotation in p.annotations}
    print(f"{name}: {found}")
    return found, target.read_text(encoding="utf-8")


found, _ = convert("without_note", entities)
assert found == {"T1": "PER", "T2": "LOC", "T3": "LOC"}, found
found, text = convert("with_note", entities + note)
assert found == {"T1": "PER", "T2": "AnnotatorNotes", "T3": "LOC"}, found
assert text.count("LOC") == 1, text
PY
"$work/venv/bin/python" "$work/convert.py" "$work"
