"""Pipelines with the component that are saved and loaded, and spaCy's own commands on them."""

import json
import shutil
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import pytest
import spacy
from integrations.spacy_pipelines import TEXTS, UPOS, doc_of, entities, model_folder, pipeline, same
from spacy.cli import app
from spacy.tokens import Doc, DocBin
from spacy.util import load_config
from tiny_models import SENTENCES, tiny_tagger
from typer.main import get_command

from tagger import Tagger
from tagger.errors import ModelError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def model(tmp_path):
    return model_folder(tmp_path / "model")


def answers(nlp):
    return [same(doc) for doc in nlp.pipe(TEXTS)]


def spacy_command(*arguments):
    """Run a command of spaCy in this process: each start of one would take seconds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some of spaCy's commands warn of themselves
        get_command(app)(list(map(str, arguments)), standalone_mode=False)


@pytest.mark.slow
def test_a_saved_pipeline_brings_the_model_along(model, tmp_path):
    nlp = pipeline(model, spans_key="sc", thresholds={"LOC": 0.4}, overwrite=True)
    expected = answers(nlp)
    nlp.to_disk(tmp_path / "saved")
    shutil.rmtree(model)
    loaded = spacy.load(tmp_path / "saved")
    assert answers(loaded) == expected
    assert any(spans for _, _, spans in expected)
    assert loaded.pipe_labels == {"bilstm_crf_tagger": ["LOC", "PER"]}
    assert loaded.config["components"] == nlp.config["components"]
    assert json.loads((tmp_path / "saved" / "meta.json").read_text())["labels"] == {
        "bilstm_crf_tagger": ["LOC", "PER"]
    }


@pytest.mark.slow
def test_a_model_at_the_old_path_is_not_the_one_that_is_loaded(model, tmp_path):
    nlp = pipeline(model)
    expected = answers(nlp)
    nlp.to_disk(tmp_path / "saved")
    shutil.rmtree(model)
    model_folder(model, seed=12)
    assert answers(pipeline(model)) != expected
    assert answers(spacy.load(tmp_path / "saved")) == expected
    (tmp_path / "model" / "vocabulary.json").write_text("broken")
    assert answers(spacy.load(tmp_path / "saved")) == expected


def test_what_is_saved_is_a_model_folder(model, tmp_path):
    pipeline(model).to_disk(tmp_path / "saved")
    folder = tmp_path / "saved" / "bilstm_crf_tagger"
    assert {path.name for path in folder.iterdir()} == {path.name for path in Path(model).iterdir()}
    assert Tagger.load(folder).tag(SENTENCES) == Tagger.load(model).tag(SENTENCES)


@pytest.mark.slow
def test_saved_again_and_again(model, tmp_path):
    nlp = pipeline(model)
    expected = answers(nlp)
    for _ in range(2):
        nlp.to_disk(tmp_path / "saved")
        nlp = spacy.load(tmp_path / "saved")
    assert answers(nlp) == expected


def test_a_folder_with_something_else_in_it_is_not_replaced(model, tmp_path):
    (tmp_path / "saved" / "bilstm_crf_tagger").mkdir(parents=True)
    (tmp_path / "saved" / "bilstm_crf_tagger" / "mine").touch()
    with pytest.raises(ModelError, match="holds 'mine', which is no part of a model"):
        pipeline(model).to_disk(tmp_path / "saved")


@pytest.mark.slow
def test_options_can_be_changed_when_it_is_loaded(model, tmp_path):
    pipeline(model).to_disk(tmp_path / "saved")
    nlp = spacy.load(tmp_path / "saved", config={"components.bilstm_crf_tagger.spans_key": "mine"})
    assert list(nlp(TEXTS[0]).spans) == ["mine"]
    assert not spacy.load(tmp_path / "saved", disable=["bilstm_crf_tagger"])(TEXTS[0]).ents
    assert spacy.load(tmp_path / "saved", exclude=["bilstm_crf_tagger"]).pipe_names == []


@pytest.mark.slow
def test_a_saved_model_that_is_damaged_is_refused(model, tmp_path):
    pipeline(model).to_disk(tmp_path / "saved")
    path = tmp_path / "saved" / "bilstm_crf_tagger" / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")
    with pytest.raises(ModelError, match=r"model\.safetensors: the file is damaged"):
        spacy.load(tmp_path / "saved")


@pytest.mark.slow
def test_a_pipeline_as_bytes(model):
    nlp = pipeline(model)
    expected, data = answers(nlp), nlp.to_bytes()
    shutil.rmtree(model)
    again = pipeline("").from_bytes(data)
    assert answers(again) == expected
    assert again.pipe_labels == {"bilstm_crf_tagger": ["LOC", "PER"]}


@pytest.mark.parametrize("data", [b"", b"\x80\x04K\x01.", b"{}\n"])
def test_bytes_that_are_no_model_are_refused(model, data):
    component = pipeline(model).get_pipe("bilstm_crf_tagger")
    with pytest.raises(ModelError, match="expected the bytes of a model, found others"):
        component.from_bytes(data)
    assert component.labels == ("LOC", "PER")


@pytest.mark.slow
def test_a_configuration_names_the_component(model, tmp_path):
    path = tmp_path / "part.cfg"
    path.write_text(
        '[nlp]\nlang = "en"\npipeline = ["bilstm_crf_tagger"]\n[components]\n'
        f'[components.bilstm_crf_tagger]\nfactory = "bilstm_crf_tagger"\nmodel = {json.dumps(model)}\n'
        "[components.bilstm_crf_tagger.thresholds]\nPER = 0.5\n"
    )
    spacy_command("init", "fill-config", path, tmp_path / "config.cfg")
    config = load_config(tmp_path / "config.cfg")
    filled = config["components"]["bilstm_crf_tagger"]
    assert (filled["spans_key"], filled["threads"], filled["thresholds"]) == (None, 1, {"PER": 0.5})
    nlp = spacy.util.load_model_from_config(config, auto_fill=True)
    assert answers(nlp) == answers(pipeline(model, thresholds={"PER": 0.5}))


@pytest.mark.slow
def test_another_process_loads_it_without_our_sources(model, tmp_path):
    nlp = pipeline(model)
    nlp.to_disk(tmp_path / "saved")
    shutil.rmtree(model)
    site = tmp_path / "site"
    wheel(tmp_path / "wheels", site)
    program = (
        "import json, sys, spacy, tagger; nlp = spacy.load(sys.argv[1]); docs = nlp.pipe(json.load(sys.stdin)); "
        "json.dump([tagger.__file__, [[(s.start, s.end, s.label_) for s in doc.ents] for doc in docs]], sys.stdout)"
    )
    # -S and the environment's packages by hand: no .pth of the environment, which would lead to our sources.
    code = f"import sys; sys.path[:0] = {[str(site), *third_party()]!r}\n{program}"
    done = subprocess.run(
        [sys.executable, "-S", "-P", "-c", code, str(tmp_path / "saved")],
        input=json.dumps(TEXTS), capture_output=True, text=True, cwd=tmp_path, env={"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    where, found = json.loads(done.stdout)
    assert Path(where).is_relative_to(site)
    assert [[tuple(span) for span in spans] for spans in found] == [entities(nlp(text)) for text in TEXTS]


def third_party():
    return [path for path in sys.path if path.endswith("site-packages")]


def wheel(folder, site):
    """Build the package's wheel from a copy of what belongs to it, and unpack it."""
    source = folder / "source"
    source.mkdir(parents=True)
    shutil.copytree(ROOT / "tagger", source / "tagger", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    program = "import sys, setuptools.build_meta as build; build.build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", program, str(folder)], cwd=source, check=True, capture_output=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as archive:
        archive.extractall(site)


# --- spaCy's commands ---


@pytest.fixture
def saved(model, tmp_path):
    pipeline(model).to_disk(tmp_path / "saved")
    shutil.rmtree(model)
    return tmp_path / "saved"


@pytest.mark.slow
def test_spacy_evaluate(saved, tmp_path):
    nlp = spacy.load(saved)
    gold = [nlp(doc_of(nlp.vocab, [sentence])) for sentence in SENTENCES]
    total = sum(len(doc.ents) for doc in gold)
    gold[0].ents = gold[0].ents[1:]
    DocBin(docs=gold).to_disk(tmp_path / "gold.spacy")
    spacy_command("evaluate", saved, tmp_path / "gold.spacy", "--output", tmp_path / "scores.json")
    scores = json.loads((tmp_path / "scores.json").read_text())
    assert scores["ents_r"] == 1.0
    assert scores["ents_p"] == pytest.approx((total - 1) / total)
    assert set(scores["ents_per_type"]) == {"LOC", "PER"}


def test_spacy_evaluate_of_parts_of_speech(tmp_path):
    nlp = pipeline(model_folder(tmp_path / "upos", "none", UPOS))
    nlp.to_disk(tmp_path / "saved")
    docs = [nlp(doc_of(nlp.vocab, [sentence])) for sentence in SENTENCES]
    DocBin(docs=docs, attrs=["POS"]).to_disk(tmp_path / "gold.spacy")
    spacy_command(
        "evaluate", tmp_path / "saved", tmp_path / "gold.spacy", "--output", tmp_path / "scores.json"
    )
    assert json.loads((tmp_path / "scores.json").read_text())["pos_acc"] == 1.0


def test_spacy_apply(saved, tmp_path):
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "one.txt").write_text(TEXTS[0])
    spacy_command("apply", saved, tmp_path / "texts", tmp_path / "out.spacy")
    nlp = spacy.load(saved)
    docs = list(DocBin().from_disk(tmp_path / "out.spacy").get_docs(nlp.vocab))
    assert [same(doc) for doc in docs] == [same(nlp(TEXTS[0]))]


@pytest.mark.slow
def test_spacy_benchmark_speed(saved, tmp_path, capsys):
    nlp = spacy.blank("en")
    DocBin(docs=[Doc(nlp.vocab, words=sentence) for sentence in SENTENCES]).to_disk(tmp_path / "docs.spacy")
    spacy_command("benchmark", "speed", saved, tmp_path / "docs.spacy", "--batches", 30)
    assert "words/s" in capsys.readouterr().out


def test_spacy_package(saved, tmp_path):
    (tmp_path / "out").mkdir()
    spacy_command(
        "package", saved, tmp_path / "out", "--name", "found", "--version", "1.2.3", "--build", "none"
    )
    folder = tmp_path / "out" / "en_found-1.2.3"
    requirements = json.loads((folder / "meta.json").read_text())["requirements"]
    assert any(requirement.startswith("tagger>=") for requirement in requirements)
    names = {path.name for path in (folder / "en_found" / "en_found-1.2.3" / "bilstm_crf_tagger").iterdir()}
    assert {"config.json", "model.safetensors", "vocabulary.json"} <= names


@pytest.mark.slow
def test_an_average_is_a_model_of_a_pipeline_too(tmp_path):
    average = Tagger.average([tiny_tagger(seed=seed) for seed in (1, 2)])
    average.save(tmp_path / "average")
    nlp = spacy.blank("en")
    nlp.add_pipe("bilstm_crf_tagger", config={"model": str(tmp_path / "average")})
    nlp.to_disk(tmp_path / "nlp")
    sentence = list(SENTENCES[1])
    for each in (nlp, spacy.load(tmp_path / "nlp")):
        doc = each(Doc(each.vocab, sentence))
        expected = average.predict([sentence], documents=["a"])[0].spans  # as the component reads a Doc
        assert [(entity.start, entity.end, entity.label_) for entity in doc.ents] == [
            (span.start, span.end, span.label) for span in expected
        ]
