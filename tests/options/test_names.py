"""Messages name options as the caller writes them, and no message of the library speaks of flags itself."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import tagger
from tagger.options import command, option, options_of_command_line

PACKAGE = Path(tagger.__file__).parent
OF_TRAINING = re.compile(r"--(data|model|vectors|optimizer)\.|--(resume|overwrite|batch_size|epochs)\b")


@pytest.mark.parametrize(
    ("arguments", "in_python", "on_the_line"),
    [
        (("resume", True), "resume=True", "--resume true"),
        (("data.scheme", "iob1"), "DataConfig(scheme='iob1')", "--data.scheme iob1"),
        (("optimizer.learning_rate",), "OptimizerConfig(learning_rate=...)", "--optimizer.learning_rate"),
        (("model.cell", "gru"), "TaggerConfig(cell='gru')", "--model.cell gru"),
        (("vectors.limit", 5), "VectorsConfig(limit=5)", "--vectors.limit 5"),
    ],
)
def test_an_option_is_named_as_the_caller_writes_it(arguments, in_python, on_the_line):
    assert option(*arguments) == in_python
    with options_of_command_line():
        assert option(*arguments) == on_the_line
    assert option(*arguments) == in_python


def test_what_is_given_again_is_a_configuration_or_a_command():
    assert command() == "configuration"
    with options_of_command_line():
        assert command() == "command"


@pytest.mark.slow
def test_no_message_of_the_library_names_a_flag_of_training():
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.parent.name == "cli" or path.name == "options.py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documentation = {
            id(statement.value) for statement in ast.walk(tree) if isinstance(statement, ast.Expr)
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
                continue
            if id(node) not in documentation and OF_TRAINING.search(node.value):
                found.append(f"{path.relative_to(PACKAGE)}:{node.lineno}: {node.value!r}")
    assert found == []  # write tagger.options.option("data.scheme", ...) instead
