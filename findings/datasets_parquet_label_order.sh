#!/usr/bin/env bash
# datasets reads the label numbers of one Parquet file with the names of another.
#
# Expected: a Parquet file written by datasets carries the names of its
#   ClassLabel columns. Files whose names differ, loaded together, are either
#   mapped by name or refused, as concatenate_datasets refuses such a pair.
# Happens: load_dataset("parquet", data_files={train, test}) takes the features
#   of the first file for all of them; the numbers of the others stay as they
#   are and are read with the first file's names. Each file alone is right, the
#   two together are not. The order of the arguments says which split is wrong,
#   unless the cache holds an earlier load in the other order.
# Hurts: splits written by separate runs with the label list collected from the
#   data (order of first appearance): O and B-PER change places in the test
#   split only, and the scores say that the model is bad.
# Instead: write all splits with one sorted or declared label list, use
#   save_to_disk, or read the `huggingface` metadata of each file's schema and
#   compare the names before loading the files together.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check datasets==5.2.0 pyarrow==26.0.1

HF_HOME="$work/cache" HF_HUB_OFFLINE=1 "$work/venv/bin/python" - "$work" <<'PY'
import json
import sys
from importlib.metadata import version

import datasets
import pyarrow.parquet as pq
from datasets import ClassLabel, Dataset, Features, List, Value

print("datasets", version("datasets"), "pyarrow", version("pyarrow"))
datasets.disable_progress_bars()
folder = sys.argv[1]


def write(split, tokens, labels):
    seen = list(dict.fromkeys(labels))
    features = Features({"tokens": List(Value("string")), "labels": List(ClassLabel(names=seen))})
    table = Dataset.from_dict({"tokens": [tokens], "labels": [labels]}, features=features)
    path = f"{folder}/{split}.parquet"
    table.to_parquet(path)
    stored = json.loads(pq.read_schema(path).metadata[b"huggingface"])
    print(split, "stored names", stored["info"]["features"]["labels"]["feature"]["names"])
    return path, table


def names(split):
    feature = split.features["labels"].feature
    return [feature.int2str(i) for i in split[0]["labels"]]


train, train_table = write("train", ["in", "Oslo"], ["O", "B-LOC"])
test, test_table = write("test", ["Oslo", "is", "cold"], ["B-LOC", "O", "O"])

alone = datasets.load_dataset("parquet", data_files={"test": test})["test"]
files = {"train": train, "test": test}
together = datasets.load_dataset("parquet", data_files=files, cache_dir=f"{folder}/one")
files = {"test": test, "train": train}
swapped = datasets.load_dataset("parquet", data_files=files, cache_dir=f"{folder}/two")
again = datasets.load_dataset("parquet", data_files=files, cache_dir=f"{folder}/one")
print("test alone     ", names(alone))
print("test with train", names(together["test"]))
print("train after test", names(swapped["train"]))
assert names(alone) == ["B-LOC", "O", "O"]
assert names(together["train"]) == ["O", "B-LOC"]
assert names(together["test"]) == ["O", "B-LOC", "B-LOC"]
assert names(swapped["test"]) == ["B-LOC", "O", "O"]
assert names(swapped["train"]) == ["B-LOC", "O"]
assert names(again["train"]) == names(together["train"])

try:
    datasets.concatenate_datasets([train_table, test_table])
except ValueError as error:
    print("concatenate_datasets:", str(error)[:60], "...")
else:
    raise AssertionError("concatenate_datasets takes the pair now")
PY
