import json

from tiny_runs import tiny_config

from tagger import Example
from tagger.schemes import LabelScheme
from tagger.training import train
from tagger.training.as_read import composition, shown
from tagger.training.config import DataConfig

IOB2, NONE = LabelScheme.IOB2, LabelScheme.NONE


def test_a_run_shows_how_its_data_were_read_before_it_trains(tmp_path, caplog):
    caplog.set_level("INFO")
    lines = [
        {"text": "It rained.", "label": []},
        {"text": "Anna Smith left Oslo.", "label": [[0, 10, "PER"], [16, 20, "LOC"]]},
        {"text": "Bob sang.", "label": [[0, 3, "PER"]]},
        {"text": "It snowed.", "label": []},
    ]
    path = tmp_path / "all.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    data = DataConfig(train=path, dev_fraction=0)
    train(tiny_config(tmp_path / "run", data=data, epochs=1))
    first = caplog.messages.index(f"{path}: read as doccano")
    shown = [message for message in caplog.messages[first:] if message.startswith(("train: ", "as read"))]
    assert shown == [
        "train: 4 sentences, 14 tokens, 3 spans: PER 2, LOC 1",
        f"as read ({path}:2): [Anna Smith](PER) left [Oslo](LOC) .",
        f"as read ({path}:3): [Bob](PER) sang .",
        f"as read ({path}:1): It rained .",
    ]
    assert caplog.messages.index(shown[-1]) < next(
        place for place, message in enumerate(caplog.messages) if message.startswith("epoch 1/1")
    )


def test_labels_without_spans_are_counted_and_shown_at_each_token():
    examples = [Example(("a", "b"), ("X", "Y")), Example(("c",), ("X",))]
    assert composition(examples, NONE) == "2 sentences, 3 tokens, 2 different labels: X 2, Y 1"
    assert shown(examples[0], NONE) == "a/X b/Y"
    many = [Example(tuple("abcdefghijkl"), tuple(f"L{n}" for n in range(12)))]
    assert composition(many, NONE).endswith("L9 1, 2 others")


def test_long_sentences_are_cut_and_spans_that_are_cut_stay_marked():
    example = Example(("w",) * 40, ("O",) * 29 + ("B-X",) + ("I-X",) * 10)
    assert shown(example, IOB2) == " ".join(["w"] * 29) + " [w](X) …"
    assert composition([Example(("w",), ("O",))], IOB2) == "1 sentence, 1 token, 0 spans: none"
