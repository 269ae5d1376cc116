#!/usr/bin/env bash
# The conllu package cuts a MISC value at its second equals sign.
#
# Expected: MISC is free text of `Name=Value` items; only the first `=` parts
#   the name from the value. Reading and writing back a file changes nothing.
# Happens: conllu.parse keeps what stands between the first and the second `=`
#   and drops the rest, without an error; serialize() writes the shortened
#   value. pyconll and udapi keep the whole value of the same line.
# Hurts: entity links and references in MISC, which are often addresses with a
#   query: every link of a corpus ends up at the same truncated page, and two
#   different entities compare equal.
# Instead: give conllu a field parser of one's own for `misc` that splits each
#   item once (shown below), or escape `=` inside values.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check conllu==6.0.0 pyconll==3.3.1 udapi==0.5.2

"$work/venv/bin/python" - <<'PY'
from importlib.metadata import version

import conllu
import pyconll
from udapi.core.document import Document

for name in ("conllu", "pyconll", "udapi"):
    print(name, version(name))

link = "https://example.org/w?title=Oslo&id=7"
row = ["1", "Oslo", "Oslo", "PROPN", "_", "_", "0", "root", "_", f"NE=B-LOC|Link={link}"]
text = "# sent_id = s1\n# text = Oslo\n" + "\t".join(row) + "\n\n"

token = conllu.parse(text)[0][0]
print("conllu ", token["misc"])
assert token["misc"] == {"NE": "B-LOC", "Link": "https://example.org/w?title"}

written = next(x for x in conllu.parse(text)[0].serialize().split("\n") if x.startswith("1\t"))
print("written", written.split("\t")[-1])
assert written.endswith("\tNE=B-LOC|Link=https://example.org/w?title")

token = pyconll.load_from_string(text)[0][0]
print("pyconll", token.misc["Link"])
assert token.misc["Link"] == {link}

document = Document()
document.from_conllu_string(text)
node = document.bundles[0].get_tree().descendants[0]
print("udapi  ", node.misc["Link"])
assert node.misc["Link"] == link


def misc_items(line, i):
    items = [item.partition("=") for item in line[i].split("|")]
    return {name: value if sign else None for name, sign, value in items}


token = conllu.parse(text, field_parsers={"misc": misc_items})[0][0]
print("own parser", token["misc"])
assert token["misc"]["Link"] == link
PY
