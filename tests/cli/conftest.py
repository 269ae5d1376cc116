"""Tiny models, trained within a second: named entities, and parts of speech."""

import numpy as np
import pytest
import torch
from tiny_models import changed, tiny_config, untrained_parts

from tagger.api import Tagger
from tagger.batching import assemble
from tagger.features import encode_sentences
from tagger.model import BatchTensors

NER = [
    ("Anna Smith lives in Oslo .", "B-PER I-PER O O B-LOC O"),
    ("Bob Smith lives in Paris .", "B-PER I-PER O O B-LOC O"),
    ("In Oslo , Anna met Bob .", "O B-LOC O B-PER O B-PER O"),
    ("She went to Paris today", "O O O B-LOC O"),
    ("it rained", "O O"),
]
POS = [
    ("Anna Smith lives in Oslo .", "PROPN PROPN VERB ADP PROPN PUNCT"),
    ("She went to Paris today", "PRON VERB ADP PROPN NOUN"),
    ("it rained", "PRON VERB"),
]


def train(sentences, types, scheme):
    tokens = [words.split() for words, _ in sentences]
    torch.manual_seed(0)
    config = tiny_config(
        scheme, word_dim=16, char_dim=0, char_filters=0, casing_dim=10, affix_dim=0, affixes=(), hash_buckets=5000,
        hidden_dim=16, dropout=0.0, word_dropout=0.0, singleton_dropout=0.0,
    )  # fmt: skip
    parts = untrained_parts(config, types, tokens)
    rows, features = encode_sentences(parts.featurizer, tokens)
    ids = [np.array([parts.labels.encode(label) for label in row.split()]) for _, row in sentences]
    batch = BatchTensors.of(assemble(rows, features, ids))

    def learn(model):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
        with torch.enable_grad():
            for _ in range(40):
                optimizer.zero_grad()
                model.loss(batch).backward()
                optimizer.step()

    return Tagger(changed(parts, learn))


@pytest.fixture(scope="session")
def ner_model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ner") / "model"
    train(NER, ["LOC", "PER"], "iob2").save(folder)
    return str(folder)


@pytest.fixture(scope="session")
def pos_model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pos") / "model"
    train(POS, ["ADP", "NOUN", "PRON", "PROPN", "PUNCT", "VERB"], "none").save(folder)
    return str(folder)


@pytest.fixture(scope="session")
def plain_model(tmp_path_factory):
    """Entities learned as plain labels."""
    folder = tmp_path_factory.mktemp("plain") / "model"
    train(NER, ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"], "none").save(folder)
    return str(folder)


@pytest.fixture(autouse=True)
def many_cores(monkeypatch):
    """Let no note depend on the machine: there are more cores than any test asks for."""
    monkeypatch.setattr("tagger.cli.arguments.usable_cores", lambda: 8)


@pytest.fixture
def program(monkeypatch, capfdbinary):
    """Run the program in this process; returns its status, standard output and standard error."""
    import io
    import sys

    from tagger.cli import main

    def run(*arguments, stdin=""):
        given = io.TextIOWrapper(io.BytesIO(stdin.encode() if isinstance(stdin, str) else stdin))
        monkeypatch.setattr(sys, "stdin", given)
        status = main([str(argument) for argument in arguments])
        sys.stdout.flush()
        output, errors = capfdbinary.readouterr()
        return status, output.decode(), errors.decode()

    return run


@pytest.fixture
def write(tmp_path):
    """Writes a text as a file, its line ends as they are; returns the path."""

    def written(name, text):
        path = tmp_path / name
        path.write_bytes(text.encode())
        return path

    return written
