#!/usr/bin/env bash
# OpenVINO ignores the lengths of an ONNX LSTM's sequences when the batch size is left open.
#
# Expected: the `sequence_lens` input of an LSTM works whatever the declared
#   shape: rows end where they are said to, the backward direction starts at
#   the last real step, and what stands in the padding has no effect.
# Happens: with fixed sizes OpenVINO agrees with ONNX Runtime. Give the batch
#   or the time dimension a name, as exporters do for models that take sentences
#   of any length, and every row is computed over the full width: the
#   backward states of shorter rows start in the padding, so the states of real
#   words change with the padding. Nothing is raised or logged.
# Hurts: BiLSTM taggers served in batches. The longest sentence of a batch is
#   right, a test with one sentence passes, and the others lose accuracy by how
#   much they were padded.
# Instead: run one sentence (or sentences of one length) at a time, reshape the
#   model to fixed sizes before compiling, or use ONNX Runtime; test a short
#   sentence beside a long one against itself alone.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check \
    openvino==2026.4.0 onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6

"$work/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
import onnx
import onnxruntime
import openvino
from onnx import TensorProto, helper, numpy_helper

for name in ("openvino", "onnxruntime", "onnx", "numpy"):
    print(name, version(name))

rng = np.random.default_rng(7)
inputs, units, steps, rows = 3, 4, 6, 2
shapes = {"W": (2, 4 * units, inputs), "R": (2, 4 * units, units), "B": (2, 8 * units)}
weights = [numpy_helper.from_array(rng.normal(size=s).astype(np.float32), n) for n, s in shapes.items()]
x = rng.normal(size=(steps, rows, inputs)).astype(np.float32)
lengths = np.array([6, 2], dtype=np.int32)
other_padding = x.copy()
other_padding[2:, 1] += 1.0


def model(time, batch):
    lstm = helper.make_node("LSTM", ["x", *shapes, "lens"], ["y"], hidden_size=units, direction="bidirectional")
    graph = helper.make_graph(
        [lstm],
        "tagger",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, [time, batch, inputs]),
            helper.make_tensor_value_info("lens", TensorProto.INT32, [batch]),
        ],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [time, 2, batch, units])],
        weights,
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(made, full_check=True)
    return made.SerializeToString()


def run_ort(data, values):
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": values, "lens": lengths})[0]


def run_ov(data, values):
    core = openvino.Core()
    hint = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = core.compile_model(core.read_model(data, b""), "CPU", hint)
    return compiled({"x": values, "lens": lengths})[0]


for title, time, batch in [
    ("fixed sizes", steps, rows),
    ("open batch", steps, "batch"),
    ("open time", "time", rows),
    ("open both", "time", "batch"),
]:
    data = model(time, batch)
    reference, ours = run_ort(data, x), run_ov(data, x)
    assert np.abs(run_ort(data, other_padding) - reference).max() < 1e-6
    long_row = np.abs(ours[:, :, 0] - reference[:, :, 0]).max()
    short_row = np.abs(ours[:2, :, 1] - reference[:2, :, 1]).max()
    by_padding = np.abs(run_ov(data, other_padding)[:2, :, 1] - ours[:2, :, 1]).max()
    print(f"{title:12} long row {long_row:.4f}  real words of the short row {short_row:.4f}  padding {by_padding:.4f}")
    assert long_row < 1e-3
    if title == "fixed sizes":
        assert short_row < 1e-3 and by_padding < 1e-3
    else:
        assert short_row > 0.01 and by_padding > 0.01
PY
