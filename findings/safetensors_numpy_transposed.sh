#!/usr/bin/env bash
# safetensors.numpy writes a transposed array's values in the wrong places.
#
# Expected: save() stores what the array holds, or refuses a memory layout that
#   it cannot store, as safetensors' torch functions do.
# Happens: the raw memory is written under the shape of the view. The file is
#   valid and has the right shape and type, but the numbers sit in other cells,
#   for a transposed matrix as for one in Fortran order or with swapped axes.
# Hurts: exporting recurrent or CRF weights from one convention to another
#   (`weight.T` between [outputs, inputs] and [inputs, outputs]): the model
#   loads without a word and tags at random.
# Instead: save np.ascontiguousarray(x), and compare after loading once.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check safetensors==0.8.0 numpy==2.4.6

"$work/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
from safetensors.numpy import load, save

print("safetensors", version("safetensors"), "numpy", version("numpy"))

transitions = np.arange(6, dtype=np.float32).reshape(2, 3)
views = {
    "contiguous": transitions,
    "transposed": transitions.T,
    "fortran": np.asfortranarray(transitions),
    "swapped axes": np.arange(8, dtype=np.float32).reshape(2, 2, 2).swapaxes(0, 1),
}
kept = {}
for name, array in views.items():
    back = load(save({"w": array}))["w"]
    assert back.shape == array.shape and back.dtype == array.dtype
    kept[name] = bool(np.array_equal(back, array))
    print(f"{name:12} {array.tolist()} -> {back.tolist()}")
    repaired = load(save({"w": np.ascontiguousarray(array)}))["w"]
    assert np.array_equal(repaired, array)

print(kept)
assert kept == {"contiguous": True, "transposed": False, "fortran": False, "swapped axes": False}
PY
