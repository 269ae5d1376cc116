#!/usr/bin/env bash
# The `conll` loader of datasets, with its own CoNLL-U columns, shifts rows whose word holds a blank.
#
# Expected: load_dataset("conll", ...) with the ten CoNLL-U column names that
#   the loader's documentation lists reads CoNLL-U: fields are parted by tabs,
#   and a FORM or LEMMA may hold a blank ("20 000" in French and others). A row
#   without ten fields is an error.
# Happens: by default rows are split at any white space, then cut or padded to
#   the number of columns. "20 000" becomes the word "20" with the lemma "000",
#   every later field moves by one or two, and the last ones, the entity label
#   among them, are dropped. In the same way a row whose label is missing gets
#   the label "", and with two column names for a file of four columns the part
#   of speech is loaded under the name of the entity label.
# Hurts: all lists keep the same length, so no check of lengths finds it; a
#   label set built from the data gains "" or words such as "nummod".
# Instead: pass delimiter="\t" for CoNLL-U, give one name for every column of
#   the file, and compare the label set with the one that is documented.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check datasets==5.2.0 pyarrow==26.0.1

HF_HOME="$work/cache" HF_HUB_OFFLINE=1 "$work/venv/bin/python" - "$work" <<'PY'
import sys
from importlib.metadata import version
from pathlib import Path

import datasets

print("datasets", version("datasets"), "pyarrow", version("pyarrow"))
datasets.disable_progress_bars()
folder = Path(sys.argv[1])


def load(text, **options):
    path = folder / "data.txt"
    path.write_text(text)
    table = datasets.load_dataset("conll", data_files=str(path), split="train", **options)
    return {name: table[0][name] for name in table.column_names}


names = ["id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc"]
rows = [
    ["1", "environ", "environ", "ADV", "_", "_", "2", "advmod", "_", "_"],
    ["2", "20 000", "20 000", "NUM", "_", "_", "3", "nummod", "_", "NE=B-MONEY"],
    ["3", "euros", "euro", "NOUN", "_", "_", "0", "root", "_", "NE=I-MONEY"],
]
text = "# sent_id = 1\n" + "".join("\t".join(row) + "\n" for row in rows) + "\n"

by_default = load(text, column_names=names, comment_prefix="#")
by_tabs = load(text, column_names=names, comment_prefix="#", delimiter="\t")
for title, sentence in (("default", by_default), ("tabs", by_tabs)):
    print(title, {name: sentence[name] for name in ("form", "lemma", "upos", "misc")})
assert by_tabs["form"] == ["environ", "20 000", "euros"]
assert by_tabs["misc"] == ["_", "NE=B-MONEY", "NE=I-MONEY"]
assert by_default["form"] == ["environ", "20", "euros"]
assert by_default["lemma"] == ["environ", "000", "euro"]
assert by_default["upos"] == ["ADV", "20", "NOUN"]
assert by_default["misc"] == ["_", "nummod", "NE=I-MONEY"]

newswire = "Ann NNP B-NP B-PER\nleft VBD B-VP\n\n"
padded = load(newswire, column_names=["tokens", "pos", "chunks", "ner"])
cut = load(newswire, column_names=["tokens", "ner"])
print("label missing", padded["ner"], "two names for four columns", cut["ner"])
assert padded["ner"] == ["B-PER", ""]
assert cut["ner"] == ["NNP", "VBD"]
PY
