"""An average of models is the CRF of their mean scores, in all that a model answers, and one folder."""

import copy
import itertools
import json
import math
import shutil
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from test_storage import change_config, error_of, forge
from tiny_models import SENTENCES, tiny_parts, tiny_tagger

from tagger import Tagger
from tagger.averages import average_parts
from tagger.cli import main
from tagger.errors import UsageError
from tagger.features.vocabulary import LabelVocabulary
from tagger.inference.runner import AverageRunner, TorchRunner
from tagger.integrations.model_bytes import model_from_bytes, model_to_bytes
from tagger.storage import load_model, store_calibration

SHORT = (("Anna", "met", "Bo"), ("Rome",), ())
DOCUMENT = (("Kent", "is", "in", "England"), ("Kent", "said", "so"), ("the", "Kent", "of", "old"))


def members(scheme="iob2"):
    """Three models that differ in seeds, sizes, features, decoders and the order of their labels."""
    last = tiny_parts(scheme, seed=3, decoder="softmax", lowercase=False, vector_dim=5, vectors="frozen")
    return (
        Tagger(tiny_parts(scheme, seed=1)),
        Tagger(reordered(tiny_parts(scheme, seed=2, hidden_dim=4, cell="gru", wide_features=True))),
        Tagger(last),
    )


def reordered(parts):
    """The same model with its labels in the opposite order."""
    weights = dict(parts.weights)
    for name in (
        "projection.weight",
        "projection.bias",
        "decoder.start_transitions",
        "decoder.end_transitions",
    ):
        weights[name] = weights[name][::-1].copy()
    weights["decoder.transitions"] = weights["decoder.transitions"][::-1, ::-1].copy()
    if "wide.weights.weight" in weights:
        weights["wide.weights.weight"] = weights["wide.weights.weight"][:, ::-1].copy()
    return replace(parts, labels=LabelVocabulary(parts.labels.items[::-1]), weights=weights)


def all_log_probabilities(tagger, sentence):
    """The log-probability of every label sequence that a model holds possible."""
    return {
        prediction.labels: prediction.log_probability
        for prediction in tagger.nbest([sentence], 5 ** len(sentence))[0]
    }


def averaged(tables):
    """The oracle: the geometric mean of probabilities, normalised over all sequences."""
    means = {labels: sum(table[labels] for table in tables) / len(tables) for labels in tables[0]}
    log_z = math.log(math.fsum(map(math.exp, means.values())))
    return {labels: mean - log_z for labels, mean in means.items()}


def test_reordered_labels_change_nothing_but_their_order():
    parts = tiny_parts(seed=2, wide_features=True)
    one, other = Tagger(parts), Tagger(reordered(parts))
    assert one.tag(SENTENCES) == other.tag(SENTENCES)
    assert one.parts.labels.items == other.parts.labels.items[::-1]


@pytest.mark.parametrize("scheme", ["iob2", "bioes", "io"])
def test_probabilities_are_the_normalised_geometric_means_of_those_of_the_members(scheme):
    taggers = members(scheme)
    average = Tagger.average(taggers)
    for sentence in SHORT:
        expected = averaged([all_log_probabilities(tagger, sentence) for tagger in taggers])
        found = all_log_probabilities(average, sentence)
        assert found.keys() == expected.keys()
        for labels, value in expected.items():
            assert found[labels] == pytest.approx(value, abs=2e-5)
        assert tuple(average.tag([sentence])[0]) == max(expected, key=expected.__getitem__)
        marginals = average.marginals([sentence])[0]
        for position, column in itertools.product(range(len(sentence)), range(len(average.labels))):
            label = average.labels[column]
            probability = sum(
                math.exp(value) for labels, value in expected.items() if labels[position] == label
            )
            assert marginals[position, column] == pytest.approx(probability, abs=2e-5)


def test_an_average_of_plain_labels():
    taggers = [tiny_tagger("none", ("A", "B", "C"), seed=seed) for seed in (1, 2)]
    expected = averaged([all_log_probabilities(tagger, SHORT[0]) for tagger in taggers])
    found = all_log_probabilities(Tagger.average(taggers), SHORT[0])
    assert found == pytest.approx(expected, abs=2e-5)


def test_the_order_of_members_does_not_matter_beyond_rounding():
    taggers = members()
    one, other = Tagger.average(taggers), Tagger.average(taggers[::-1])
    assert one.tag(SENTENCES) == other.tag(SENTENCES)
    assert one.labels == other.labels
    for first, second in zip(one.marginals(SENTENCES), other.marginals(SENTENCES), strict=True):
        np.testing.assert_allclose(first, second, atol=2e-6)


def test_a_sentence_has_the_same_answer_whatever_else_is_in_the_batch():
    average = Tagger.average(members())
    together = average.predict([*SENTENCES, *SHORT])
    for sentence, prediction in zip([*SENTENCES, *SHORT], together, strict=True):
        alone = average.predict([sentence])[0]
        assert alone.labels == prediction.labels
        assert alone.label_probabilities == pytest.approx(prediction.label_probabilities, abs=2e-6)


def test_members_run_in_torch_say_what_they_say_in_numpy():
    average = Tagger.average(members())
    parts = average.parts
    runners = [TorchRunner(member, member.decoder, device="cpu") for member in parts.members]
    in_torch = Tagger(parts)
    orders = [parts.order_of(member) for member in parts.members]
    in_torch._runner = AverageRunner(runners, orders, parts.decoder)  # type: ignore[misc]
    assert in_torch.tag(SENTENCES) == average.tag(SENTENCES)
    for first, second in zip(in_torch.marginals(SENTENCES), average.marginals(SENTENCES), strict=True):
        np.testing.assert_allclose(first, second, atol=1e-5)


def test_documents_count_for_an_average_as_for_a_model():
    average = Tagger.average(members())
    documents = [0] * len(DOCUMENT)
    assert average.reads_documents
    alone, together = average.marginals(DOCUMENT), average.marginals(DOCUMENT, documents=documents)
    assert any(not np.allclose(one, other, atol=1e-3) for one, other in zip(alone, together, strict=True))


def test_options_are_those_of_the_first():
    first = tiny_tagger(seed=1, batch_tokens=77)
    average = Tagger.average([first, tiny_tagger(seed=2, batch_tokens=99)])
    assert average._options == first._options
    assert "average of 2 models" in repr(average)
    assert average.config == first.config


def test_a_word_that_any_member_has_learned_is_known():
    one, other = tiny_tagger(seed=1, lowercase=False), tiny_tagger(seed=2)
    assert not one.in_vocabulary("ROUTE66")
    assert other.in_vocabulary("ROUTE66")
    average = Tagger.average([one, other])
    assert average.in_vocabulary("ROUTE66")
    assert not average.in_vocabulary("ROUTE67x")


# One folder


def test_a_folder_gives_the_same_answers(tmp_path):
    average = Tagger.average(members())
    average.save(tmp_path / "model")
    loaded = Tagger.load(tmp_path / "model")
    assert loaded.predict(SENTENCES) == average.predict(SENTENCES)
    assert loaded.parts.num_parameters == sum(tagger.parts.num_parameters for tagger in members())
    copied = copy.deepcopy(loaded)
    assert copied.predict(SENTENCES) == average.predict(SENTENCES)
    from_bytes = Tagger(model_from_bytes(model_to_bytes(loaded.parts)))
    assert from_bytes.predict(SENTENCES) == average.predict(SENTENCES)
    loaded.save(tmp_path / "again")
    for path in (tmp_path / "model").iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()
    assert "# An average of 3 tagger models" in (tmp_path / "again" / "README.md").read_text()


def test_files_that_are_the_same_are_stored_and_held_once(tmp_path):
    options: dict[str, Any] = {"vector_dim": 5, "vectors": "frozen", "wide_features": True}
    Tagger.average([tiny_tagger(seed=seed, **options) for seed in (1, 2, 3)]).save(tmp_path / "model")
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == [
        "README.md", "config.json", "model-2.safetensors", "model-3.safetensors", "model.safetensors",
        "vectors.safetensors", "vocabulary.json", "wide.safetensors",
    ]  # fmt: skip
    parts = load_model(tmp_path / "model")
    assert len({id(member.featurizer) for member in parts.members}) == 1


def test_a_single_model_takes_the_place_of_an_average(tmp_path):
    Tagger.average(members()).save(tmp_path / "model")
    assert (tmp_path / "model" / "vocabulary-2.json").exists()
    tiny_tagger().save(tmp_path / "model")
    assert len(list((tmp_path / "model").iterdir())) == 4
    assert json.loads((tmp_path / "model" / "config.json").read_text())["format"] == 2
    Tagger.average(members()).save(tmp_path / "model")
    assert json.loads((tmp_path / "model" / "config.json").read_text())["format"] == 3


def test_half_precision_is_that_of_all_members(tmp_path):
    Tagger.average(members()).save(tmp_path / "half", weights="float16")
    parts = load_model(tmp_path / "half")
    assert [member.stored_as for member in parts.members] == ["float16"] * 3
    mixed = Tagger.average([Tagger(parts.members[0]), members()[0]])
    mixed.save(tmp_path / "mixed")
    assert [member.stored_as for member in load_model(tmp_path / "mixed").members] == ["float16", "float32"]


def test_a_calibration_is_kept_beside_the_members(tmp_path):
    average = Tagger.average(members())
    average.save(tmp_path / "model")
    store_calibration(tmp_path / "model", temperature=2.0, thresholds={"PER": 0.5}, note="Fitted.")
    loaded = Tagger.load(tmp_path / "model")
    assert (loaded.parts.temperature, loaded.thresholds) == (2.0, {"PER": 0.5})
    assert loaded.tag(SENTENCES) == average.tag(SENTENCES)
    assert "Fitted." in (tmp_path / "model" / "README.md").read_text()


@pytest.fixture
def folder(tmp_path):
    """The folder of an average."""
    Tagger.average(members()).save(tmp_path / "model")
    return tmp_path / "model"


@pytest.mark.parametrize(
    "name", ["model-2.safetensors", "vocabulary-3.json", "vectors-3.safetensors", "wide-2.safetensors"]
)
def test_a_damaged_or_missing_file_of_any_member_is_named(folder, name):
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert f"{folder / name}: the file is damaged or was changed" in error_of(load_model, folder)
    (folder / name).unlink()
    assert f"{folder / name}: cannot be read: No such file" in error_of(load_model, folder)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda others: "two", "others: expected a list of models, found 'two'"),
        (lambda others: others * 8, "others: expected a list of fewer than 16 models, found 16 of them"),
        (lambda others: [7, others[1]], "others: model 2: expected an object, found 7"),
        (lambda others: [{**others[0], "weight": 2}, others[1]], "others: model 2: found 'weight', which"),
        (lambda others: [{"files": others[0]["files"]}], "others: model 2: expected a field 'architecture'"),
        (
            lambda others: [{**others[0], "weights": "int8"}, others[1]],
            "weights: expected float32 or float16",
        ),
        (lambda others: [{**others[0], "files": []}, others[1]], "expected a field 'files' with an object"),
        (
            lambda others: [
                {**others[0], "files": {**others[0]["files"], "model.safetensors": "/etc/passwd"}}
            ],
            "found '/etc/passwd' for 'model.safetensors'",
        ),
        (
            lambda others: [{**others[0], "files": {**others[0]["files"], "model.safetensors": ["x"]}}],
            "found ['x'] for 'model.safetensors'",
        ),
        (
            lambda others: [{**others[0], "files": {"model.safetensors": "model-2.safetensors"}}],
            "others: files: expected model.safetensors, vocabulary.json, wide.safetensors, found model.safetensors",
        ),
        (lambda others: others[:1], "the configured architecture has no use for"),
    ],
)
def test_forged_members_are_refused(folder, change, reason):
    others = json.loads((folder / "config.json").read_text())["others"]
    change_config(folder, others=change(others))
    assert reason in error_of(load_model, folder)


def test_members_with_other_labels_are_refused_when_they_are_read(folder):
    vocabulary = json.loads((folder / "vocabulary-2.json").read_text())
    vocabulary["labels"] = [label.replace("PER", "ORG") for label in vocabulary["labels"]]
    forge(folder, "vocabulary-2.json", json.dumps(vocabulary).encode())
    assert error_of(load_model, folder) == f"{folder}: model 2 of the average has other labels than the first"


def test_format_2_knows_no_members(folder):
    change_config(folder, format=2)
    assert "this model has a section 'others' that this version does not know" in error_of(load_model, folder)


# What cannot be averaged


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        (
            lambda: tiny_parts(types=("LOC", "ORG"), seed=2),
            "the same labels in all models, found in model 2 also ",
        ),
        (lambda: tiny_parts("bioes", seed=2), "the same labels in all models, found in model 2 also "),
        (
            lambda: replace(tiny_parts(seed=2), segmenter={"name": "rules", "version": "2", "options": {}}),
            "the same segmenter in all models, found {'name': 'rules', 'version': '2', 'options': {}} in model 2",
        ),
        (
            lambda: average_parts([tiny_parts(seed=2), tiny_parts(seed=3)]),
            "model 2 is an average itself, of 2",
        ),
    ],
)
def test_models_that_do_not_go_together_are_refused(second, reason):
    with pytest.raises(UsageError) as error:
        average_parts([tiny_parts(), second()])
    assert reason in str(error.value)


def test_too_few_too_many_and_the_same_twice_are_refused():
    parts = tiny_parts()
    for count in (0, 1, 17):
        with pytest.raises(UsageError, match=f"expected 2 to 16 models, found {count}"):
            average_parts([tiny_parts(seed=seed) for seed in range(count)])
    with pytest.raises(UsageError, match="model 1 and model 3 are the same model"):
        average_parts([parts, tiny_parts(seed=2), parts])
    with pytest.raises(UsageError, match="model 1 and model 2 are the same model"):
        average_parts([parts, replace(parts, temperature=2.0)])
    with pytest.raises(UsageError, match="expected taggers, found the str number 1"):
        Tagger.average("ab")  # type: ignore[arg-type]


def test_what_belongs_to_one_network_says_so():
    parts = average_parts([tiny_parts(seed=1), tiny_parts(seed=2)])
    with pytest.raises(UsageError, match="an average of 2, and its networks can be looked into one by one"):
        parts.model  # noqa: B018
    assert parts.members[0].model is parts.members[0].model


def test_members_are_models_by_themselves(folder):
    store_calibration(folder, temperature=2.0)
    parts = load_model(folder)
    for member, tagger in zip(parts.members, members(), strict=True):
        assert (member.others, member.digest, member.temperature, member.card) == ((), None, 1.0, None)
        assert Tagger(member).predict(SENTENCES) == tagger.predict(SENTENCES)
    again = average_parts(parts.members)
    assert Tagger(again).tag(SENTENCES) == Tagger(parts).tag(SENTENCES)


# The program


def save_two(tmp_path, **options):
    """Two models on disk, by name."""
    for name, seed in (("a", 1), ("b", 2)):
        tiny_tagger(seed=seed, **options).save(tmp_path / name)
    return [str(tmp_path / "a"), str(tmp_path / "b")]


def test_the_program_writes_an_average_and_says_what_it_costs(tmp_path, capsys):
    paths = save_two(tmp_path)
    assert main(["average", *paths, "-o", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"tagger: {tmp_path / 'out'}: an average of 2, ")
    expected = Tagger.average(map(Tagger.load, paths))
    assert Tagger.load(tmp_path / "out").predict(SENTENCES) == expected.predict(SENTENCES)


def test_the_program_says_what_it_does_not_take_over(tmp_path, capsys):
    paths = save_two(tmp_path)
    store_calibration(tmp_path / "b", temperature=2.0, thresholds={"PER": 0.5})
    assert main(["average", *paths, "-o", str(tmp_path / "out")]) == 0
    assert f"note: {paths[1]}: not taken over: temperature and thresholds" in capsys.readouterr().err
    assert Tagger.load(tmp_path / "out").parts.temperature == 1


def test_the_program_writes_over_no_member_and_no_strange_folder(tmp_path, capsys):
    paths = save_two(tmp_path)
    assert main(["average", *paths, "-o", paths[1]]) == 2
    assert f"--output-folder: {paths[1]} is one of the members" in capsys.readouterr().err
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "notes.txt").write_text("mine")
    assert main(["average", *paths, "-o", str(tmp_path / "own")]) == 1
    assert "holds 'notes.txt', which is no part of a model" in capsys.readouterr().err
    shutil.copytree(paths[0], tmp_path / "copy")
    assert main(["average", paths[0], str(tmp_path / "copy"), "-o", str(tmp_path / "out")]) == 2
    assert "are the same model" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert main(["average", *paths]) == 2
    assert "--output-folder: expected a folder for the average" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["inspect", "tag", "evaluate", "calibrate"])
def test_commands_read_an_average_or_say_why_not(command, tmp_path, capsys):
    paths = save_two(tmp_path)
    main(["average", *paths, "-o", str(tmp_path / "out")])
    gold = tmp_path / "gold.conll"
    gold.write_text("Anna B-PER\nmet O\nBo B-PER\n\nRome B-LOC\n\n" * 20)
    capsys.readouterr()
    status = main([command, str(tmp_path / "out"), "Anna met Bo" if command == "inspect" else str(gold)])
    errors = capsys.readouterr().err
    if command == "inspect":
        assert status == 2
        assert "this model is an average of 2" in errors
    else:
        assert status == 0, errors
