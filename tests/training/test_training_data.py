"""From configured data to checked examples: what bad data is told, and what good data becomes."""

from __future__ import annotations

import json
import os
import re
import threading
from typing import Any

import pytest
from present import present
from tiny_runs import sentences, write_conll

from tagger.errors import DataError, LabelError, UsageError
from tagger.examples import Example
from tagger.schemes import LabelScheme
from tagger.training import DataConfig, RunConfig, Splits
from tagger.training.command import parse_run_config
from tagger.training.data import prepare
from tagger.training.splits import read_splits

pytestmark = pytest.mark.usefixtures("on_the_command_line")

GOOD = """
Anna B-PER
sings O

in O
Oslo B-LOC
"""


def prepared(splits, *, inner_scheme="auto", seed=1, **options):
    return prepare(splits, DataConfig(**options), inner_scheme=inner_scheme, seed=seed)


def read_and_prepared(config, inner_scheme="auto"):
    return prepare(read_splits(config), config, inner_scheme=inner_scheme, seed=1)


def prepared_files(folder, *, inner_scheme="auto", **options):
    paths: dict[str, Any] = {}
    for name in ("train", "dev", "test"):
        if name in options:
            paths[name] = str(write_conll(folder / f"{name}.conll", options.pop(name)))
    return read_and_prepared(DataConfig(**paths, **options), inner_scheme)


def contents(examples):
    return [(example.tokens, example.labels) for example in examples]


def test_a_csv_file_is_read_by_the_names_of_its_columns(tmp_path):
    path = tmp_path / "train.csv"
    path.write_text("Sentence #,Word,POS,Tag\n1,NA,NNP,B-org\n,said,VBD,O\n2,007,CD,O\n", encoding="utf-8")
    splits = read_splits(DataConfig(train=path, label_column="Tag"))
    assert [(example.tokens, example.labels) for example in splits.train] == [
        (("NA", "said"), ("B-org", "O")),
        (("007",), ("O",)),
    ]


def test_the_scheme_of_a_known_dataset_holds_unless_one_is_given():
    bare = [Example(("Ann", "Lee", "sang"), ("person", "person", "O"))]
    known = Splits(bare, bare, scheme="io")
    assert prepared(known).scheme == LabelScheme.IO
    assert prepared(known).labels.items == ("O", "B-person", "I-person")
    assert prepared(known, scheme="none").scheme == LabelScheme.NONE


def test_no_data_says_what_to_pass():
    with pytest.raises(UsageError, match=re.escape("no data: pass --data.train FILE, or --data.dataset ID")):
        read_splits(DataConfig())


def test_what_looks_misread_is_said_before_training(tmp_path, caplog):
    prepared_files(tmp_path, train="1 Anna B-PER\n2 sings O\n\n1 in O\n2 Oslo B-LOC\n", dev_fraction=0)
    assert (
        f"{tmp_path / 'train.conll'}:1: the tokens are numbers in 2 of 2 sentences of several tokens. "
        "As read: 1/B-PER 2/O. Choose where the words are with --data.token_column, if these are not words"
    ) in caplog.messages


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=re.escape(str(tmp_path / "no.conll"))):
        read_splits(DataConfig(train=str(tmp_path / "no.conll")))


@pytest.mark.parametrize("content", [b"", b"\n\n\n", b"-DOCSTART- O\n\n"])
@pytest.mark.parametrize("split", ["train", "dev", "test"])
def test_a_file_without_sentences_is_an_error_for_any_split_and_named(tmp_path, split, content):
    paths = {"train": write_conll(tmp_path / "train.conll", GOOD), split: tmp_path / "empty.conll"}
    (tmp_path / "empty.conll").write_bytes(content)
    with pytest.raises(DataError, match=r"empty\.conll.*found none"):
        read_and_prepared(DataConfig(**paths))


def test_a_binary_file_is_an_error_with_its_name(tmp_path):
    (tmp_path / "train.conll").write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff\xfe")
    with pytest.raises(DataError, match=r"train\.conll"):
        read_splits(DataConfig(train=str(tmp_path / "train.conll")))


def test_too_few_columns_are_an_error_with_file_and_line(tmp_path):
    with pytest.raises(DataError, match=r"train\.conll:2: expected"):
        prepared_files(tmp_path, train="Anna B-PER\nsings\n", label_column=1)


def test_an_invalid_label_is_an_error_with_file_and_line(tmp_path):
    with pytest.raises(LabelError, match=r"train\.conll:2.*'X-LOC'"):
        prepared_files(tmp_path, train="Anna B-PER\nOslo X-LOC\n", scheme="iob2")


def test_a_break_of_the_scheme_says_where_and_which_option_mends_it(tmp_path):
    with pytest.raises(LabelError) as caught:
        prepared_files(tmp_path, train=GOOD, dev="Anna I-PER\nsings O\nOslo I-LOC\n")
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'dev.conll'}:1: ")
    assert "'I-PER'" in message
    assert "--data.scheme iob1" in message


def test_a_dev_label_unseen_in_training_is_an_error_that_names_it_and_the_option(tmp_path):
    with pytest.raises(LabelError) as caught:
        prepared_files(tmp_path, train=GOOD, dev="Anna B-PER\n\nnear O\nParis B-EVENT\n")
    assert str(caught.value) == (
        f"label 'B-EVENT' ({tmp_path / 'dev.conll'}:4, dev split) does not occur in the train split; "
        f"known types: LOC, PER. Pass --data.unseen_labels wrong to count such labels as not found."
    )


def test_a_test_label_unseen_in_training_is_an_error_for_plain_labels_too(tmp_path):
    with pytest.raises(
        LabelError, match=r"label 'ADJ' \(.*test\.conll:2, test split\).*known labels: NOUN, VERB"
    ):
        prepared_files(tmp_path, train="dogs NOUN\nbark VERB\n", test="dogs NOUN\nbig ADJ\n", dev_fraction=0)


def test_unseen_labels_may_be_let_through(tmp_path):
    data = prepared_files(tmp_path, train=GOOD, dev="Paris B-EVENT\n", unseen_labels="wrong")
    assert data.dev[0].labels == ("B-EVENT",)
    assert data.labels.items == ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")


def test_a_continuing_label_of_a_known_type_is_no_unseen_label(tmp_path):
    data = prepared_files(tmp_path, train=GOOD, dev="New B-LOC\nYork I-LOC\n")
    assert data.labels.encode("I-LOC") >= 0


@pytest.mark.parametrize(("split", "given"), [("train", ()), ("dev", ("dev",)), ("test", ("test",))])
def test_a_split_of_empty_sentences_alone_is_an_error(split, given):
    splits: dict[str, Any] = {
        "train": [Example(("Anna",), ("B-PER",))],
        split: [Example((), ()), Example((), ())],
    }
    with pytest.raises(DataError, match=f"expected labelled tokens in the {split} split, found none"):
        prepared(Splits(**splits))


def test_unlabelled_examples_are_an_error_that_says_which():
    labelled = Example(("Anna",), ("B-PER",))
    with pytest.raises(DataError) as caught:
        prepared(Splits([labelled], [labelled, Example(("Anna",))]))
    assert str(caught.value) == (
        "sentence 2 of the dev split: expected a labelled sentence in the dev split, found no labels"
    )


def test_wrong_labels_of_examples_made_in_memory_are_named_by_sentence_and_token():
    right, wrong = Example(("Anna",), ("B-PER",)), Example(("in", "Oslo"), ("O", "I-LOC"))
    with pytest.raises(
        LabelError, match=r"^sentence 1 of the test split: label 'I-LOC' at token 2 follows 'O'"
    ):
        prepared(Splits([right], [right], [wrong]))
    with pytest.raises(
        LabelError, match=r"^sentence 2 of the train split: label 'I-LOC' at token 2 follows 'O'"
    ):
        prepared(Splits([right, wrong]))


def test_labels_that_fit_no_scheme_are_named_by_file_and_line(tmp_path):
    with pytest.raises(LabelError) as caught:
        prepared_files(tmp_path, train=GOOD + "\nin O\nRome I-LOC\n", dev_fraction=0)
    assert str(caught.value) == (
        f"{tmp_path / 'train.conll'}:8: label 'I-LOC' at token 2 follows 'O', not allowed in IOB2. "
        "No scheme fits all labels up to here; mend them, or name the scheme that they are meant in: "
        "--data.scheme."
    )
    with pytest.raises(LabelError) as caught:
        prepared_files(tmp_path, train=GOOD + "\nin O\nRome Z-LOC\n", dev_fraction=0)
    assert str(caught.value) == (
        f"{tmp_path / 'train.conll'}:8: label 'Z-LOC' is neither O nor a letter and a type such as B-PER, "
        "but others are; mend it, or pass --data.scheme none to read all labels as they are."
    )


TEXTS = [
    {
        "text": "Anna is in Oslo. It's cold.",
        "spans": [[0, 4, "PER"], {"start": 11, "end": 15, "label": "LOC"}],
    },
    {"text": "A well-known man: Bo.", "spans": [[18, 20, "PER"]]},
]


def write_texts(path, texts=TEXTS):
    path.write_text("".join(json.dumps(text) + "\n" for text in texts), encoding="utf-8")
    return path


def test_texts_with_character_spans_are_cut_into_sentences_and_labelled(tmp_path):
    config = DataConfig(train=write_texts(tmp_path / "a.jsonl"), dev_fraction=0)
    data = read_and_prepared(config)
    assert contents(data.train) == [
        (("Anna", "is", "in", "Oslo", "."), ("B-PER", "O", "O", "B-LOC", "O")),
        (("It's", "cold", "."), ("O", "O", "O")),
        (("A", "well", "-", "known", "man", ":", "Bo", "."), ("O",) * 6 + ("B-PER", "O")),
    ]
    assert data.segmenter.options() == {"hyphens": "split", "clitics": "keep", "lines": "join"}


def test_sentences_that_end_within_a_span_are_joined_if_that_is_wanted(tmp_path, caplog):
    path = write_conll(tmp_path / "a.conll", "in O\nAnna B-PER\n\nSmith I-PER\nlives O\n\nit O\n")
    with pytest.raises(LabelError) as caught:
        read_and_prepared(DataConfig(train=path, dev_fraction=0))
    assert str(caught.value).startswith(f"{path}:4: label 'I-PER' at token 1 ")
    assert str(caught.value).endswith(
        " There the end of a sentence cuts a span; to join two sentences that a span crosses: "
        "--data.join_sentences true."
    )
    data = read_and_prepared(DataConfig(train=path, dev_fraction=0, join_sentences=True))
    assert contents(data.train) == [
        (("in", "Anna", "Smith", "lives"), ("O", "B-PER", "I-PER", "O")),
        (("it",), ("O",)),
    ]
    assert (
        f"{path}: sentences joined to the one before, which ends within a span: 1; the first: {path}:4"
    ) in caplog.messages


@pytest.mark.parametrize("scheme", ["auto", "iob1"])
def test_texts_with_spans_go_with_labels_of_another_scheme(tmp_path, scheme):
    tokens = write_conll(tmp_path / "a.conll", "Anna I-PER\nBob B-PER\nin O\nOslo I-LOC\n\nOslo I-LOC\n")
    texts = write_texts(tmp_path / "b.jsonl", [{"text": "Bob Anna", "spans": [[0, 3, "PER"], [4, 8, "PER"]]}])
    data = read_and_prepared(DataConfig(train=tokens, dev=texts, scheme=scheme))
    assert contents(data.train) == [
        (("Anna", "Bob", "in", "Oslo"), ("B-PER", "B-PER", "O", "B-LOC")),
        (("Oslo",), ("B-LOC",)),
    ]
    assert contents(data.dev) == [(("Bob", "Anna"), ("B-PER", "B-PER"))]
    assert (data.scheme.value, data.identity["scheme"]) == ("iob2", "iob2")
    data = read_and_prepared(DataConfig(train=texts, dev=tokens, scheme=scheme, unseen_labels="wrong"))
    assert contents(data.dev)[1] == (("Oslo",), ("B-LOC",))


def test_the_model_cuts_text_as_its_training_texts_were_cut_or_as_configured(tmp_path):
    options = {"hyphens": "keep", "clitics": "split"}
    path = write_texts(tmp_path / "a.jsonl", [{"body": "A well-known man isn't Bo.", "entities": []}])
    config = DataConfig(train=path, text_column="body", dev_fraction=0, segmenter=options)
    data = read_and_prepared(config)
    assert contents(data.train)[0][0] == ("A", "well-known", "man", "is", "n't", "Bo", ".")
    assert data.segmenter.options() == {**options, "lines": "join"}
    # Tokens tell their own switches, unless these are configured.
    tokens = write_conll(tmp_path / "a.conll", "well-known O\nOslo B-LOC\nis O\nn't O\n")
    assert read_and_prepared(DataConfig(train=tokens)).segmenter.options()["hyphens"] == "keep"
    configured = DataConfig(train=tokens, segmenter={"hyphens": "split"})
    assert read_and_prepared(configured).segmenter.options()["hyphens"] == "split"


def test_a_span_that_does_not_fit_is_an_error_that_says_what_to_do_or_is_left_out_and_told(tmp_path, caplog):
    texts = [*TEXTS, {"text": "Bob sings.", "spans": [[0, 2, "PER"]]}]
    path = write_texts(tmp_path / "a.jsonl", texts)
    misfit = f"{path}:3: the PER 0-2 'Bo' cuts through the token 'Bob'"
    with pytest.raises(DataError) as caught:
        read_splits(DataConfig(train=path))
    assert str(caught.value) == (
        f"{misfit}. Correct the spans, have texts segmented differently (--data.segmenter), or pass "
        "--data.skip_bad true to go on without them."
    )
    splits = read_splits(DataConfig(train=path, skip_bad=True))
    assert splits.train[-1].labels == ("O", "O", "O")
    kind = "spans that cut through a token, left out as bad"
    assert splits.identity["files"]["train"]["left_out"] == {kind: 1}
    assert caplog.messages == [f"{path}: {kind}: 1", f"{path}:   {misfit}"]


POSSESSIVES = [
    {"text": "Oslo's mayor met Anna's sister.", "spans": [[0, 4, "LOC"], [17, 21, "PER"]]},
    {"text": "The Oslo-based firm.", "spans": [[4, 8, "LOC"]]},
]


def test_texts_are_cut_as_the_spans_of_the_training_texts_want_it(tmp_path, caplog):
    caplog.set_level("INFO")
    path = write_texts(tmp_path / "a.jsonl", POSSESSIVES)
    data = read_and_prepared(DataConfig(train=path, dev=path, dev_fraction=0.1))
    assert contents(data.train)[0] == (
        ("Oslo", "'s", "mayor", "met", "Anna", "'s", "sister", "."),
        ("B-LOC", "O", "O", "O", "B-PER", "O", "O", "O"),
    )
    assert contents(data.train)[1][0] == ("The", "Oslo", "-", "based", "firm", ".")
    assert contents(data.dev) == contents(data.train)
    assert data.segmenter.options() == {"hyphens": "split", "clitics": "split", "lines": "join"}
    assert caplog.messages[1] == (
        f"{path}: texts are cut with hyphens: split, clitics: split, as their spans fit best: 0 do not "
        "(--data.segmenter sets it)"
    )
    # The whole of a hyphened word is a name in most texts, a part of one in the last.
    texts = [
        {"text": "Coca-Cola's", "spans": [[0, 4, "X"], [4, 5, "X"], [5, 9, "X"]]},
        {"text": "x", "spans": []},
    ]
    path = write_texts(tmp_path / "b.jsonl", texts)
    data = read_and_prepared(DataConfig(train=path, dev_fraction=0))
    assert contents(data.train)[0] == (("Coca", "-", "Cola", "'s"), ("B-X", "B-X", "B-X", "O"))


def test_spans_that_no_variant_or_not_the_configured_one_fits_are_counted_with_the_value_that_helps(tmp_path):
    texts = [*POSSESSIVES, {"text": "Bob's", "spans": [[0, 2, "PER"]]}]
    path = write_texts(tmp_path / "a.jsonl", texts)
    with pytest.raises(DataError) as caught:
        read_splits(DataConfig(train=path))
    assert str(caught.value) == (
        f"{path}:3: the PER 0-2 'Bo' cuts through the token 'Bob'. Correct the spans, have texts segmented differently "
        "(--data.segmenter), or pass --data.skip_bad true to go on without them."
    )
    assert (
        present(read_splits(DataConfig(train=path, skip_bad=True)).segmenter).options()["clitics"] == "split"
    )
    with pytest.raises(DataError) as caught:
        read_splits(DataConfig(train=path, segmenter={"hyphens": "keep"}))
    assert str(caught.value) == (
        f"{path}:1: the LOC 0-4 'Oslo' cuts through the token \"Oslo's\"; 3 other spans do not fit either. "
        'With --data.segmenter \'{"hyphens": "split", "clitics": "split"}\' all but 1 of them fit. '
        "Correct the spans, have texts segmented differently (--data.segmenter), or pass --data.skip_bad true to go on "
        "without them."
    )
    # The dev texts are cut as the training texts are.
    plain = write_texts(tmp_path / "b.jsonl", [{"text": "Anna sings.", "spans": [[0, 4, "PER"]]}])
    with pytest.raises(
        DataError,
        match=r"""With --data\.segmenter '\{"hyphens": "split", "clitics": "split"\}' they all fit""",
    ):
        read_splits(DataConfig(train=plain, dev=write_texts(tmp_path / "c.jsonl", POSSESSIVES)))
    options = parse_run_config(
        [
            "--output",
            "runs/a",
            "--data.train",
            str(path),
            "--data.segmenter",
            "{hyphens: split, clitics: split}",
        ]
    )
    assert options.data.segmenter == {"hyphens": "split", "clitics": "split"}


def test_texts_from_a_pipe_are_read_once(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("\n".join(map(json.dumps, POSSESSIVES)),))
    writer.start()
    with pytest.raises(
        DataError, match=r"Oslo's\"; 1 other span does not fit either\. Correct the spans, have"
    ):
        read_splits(DataConfig(train=pipe, format="jsonl"))
    writer.join()


def test_lines_that_an_annotator_rejected_are_not_learned_from(tmp_path, caplog):
    path = write_texts(
        tmp_path / "a.jsonl", [{**POSSESSIVES[0], "answer": "accept"}, {**POSSESSIVES[1], "answer": "reject"}]
    )
    splits = read_splits(DataConfig(train=path))
    assert len(splits.train) == splits.identity["files"]["train"]["sentences"] == 1
    assert caplog.messages == [f"{path}: lines with the answer 'reject', left out: 1; the first: {path}:2"]


def test_comments_of_conll_files_are_skipped_where_their_prefix_is_named(tmp_path):
    data = prepared_files(tmp_path, train="# Oslo\n" + GOOD.lstrip(), comment_prefix="# ", dev_fraction=0)
    assert data.train[0].tokens == ("Anna", "sings")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"text_column": "body"}, "text_column has no effect on the format conll"),
        ({"offsets": "byte"}, "offsets has no effect on the format conll"),
    ],
)
def test_options_of_texts_have_no_place_with_columns(tmp_path, options, message):
    with pytest.raises(UsageError, match=message):
        prepared_files(tmp_path, train=GOOD, **options)


def test_a_pipe_is_read_once_and_has_no_digest(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("Anna B-PER\n",))
    writer.start()
    splits = read_splits(DataConfig(train=pipe, format="conll"))
    writer.join()
    assert splits.identity == {"files": {"train": {"file": "pipe", "sha256": None, "sentences": 1}}}


def test_empty_sentences_leave_the_train_split_and_stay_in_the_others():
    empty = Example((), ())
    full = Example(("Anna",), ("B-PER",))
    data = prepared(Splits([empty, full, empty], [empty, full], [full, empty]))
    assert contents(data.train) == contents([full])
    assert contents(data.dev) == contents([empty, full])
    assert contents(data.test) == contents([full, empty])


IOB1 = [Example(("in", "Oslo", "Anna", "Berg", "Bo"), ("O", "I-LOC", "I-PER", "I-PER", "B-PER"))]


@pytest.mark.parametrize(
    ("inner", "labels", "all_labels"),
    [
        ("auto", ("O", "B-LOC", "B-PER", "I-PER", "B-PER"), 5),
        ("bioes", ("O", "S-LOC", "B-PER", "E-PER", "S-PER"), 9),
    ],
)
def test_labels_are_learned_in_the_inner_scheme_and_scored_as_they_were(inner, labels, all_labels):
    data = prepared(Splits(IOB1, IOB1), inner_scheme=inner, scheme="iob1")
    assert data.train[0].labels == labels
    assert len(data.labels) == all_labels
    assert contents(data.dev) == contents(IOB1)
    assert (data.scheme, data.predicted_scheme, data.metric) == (LabelScheme.IOB1, LabelScheme.IOB2, "f1")


def test_the_scheme_is_found_from_the_train_split():
    assert prepared(Splits(IOB1, IOB1)).scheme is LabelScheme.IOB1


def test_spans_may_be_learned_as_plain_labels():
    data = prepared(Splits(IOB1, IOB1), inner_scheme="none", scheme="iob1")
    assert data.train[0].labels == IOB1[0].labels
    assert (data.predicted_scheme, data.metric) == (LabelScheme.IOB1, "f1")


def test_plain_labels_have_no_spans_to_learn():
    with pytest.raises(UsageError, match=r"model\.scheme: bioes needs labels with spans, found plain labels"):
        prepared(Splits([Example(("dogs",), ("NOUN",))]), inner_scheme="bioes")


def test_the_label_o_may_be_a_part_of_speech():
    data = prepared(Splits([Example(("oh", "dogs"), ("O", "NOUN"))] * 2), scheme="none")
    assert data.labels.items == ("NOUN", "O")
    assert data.metric == "accuracy"


def test_a_dev_split_is_set_aside_by_the_seed_and_nothing_is_lost():
    train = sentences("train", 50)
    one, again, other = (prepared(Splits(train), seed=seed) for seed in (1, 1, 2))
    assert len(one.dev) == 5
    assert one.dev == again.dev != other.dev

    def by_origin(example):
        return present(example.origin)

    assert sorted((*one.train, *one.dev), key=by_origin) == sorted(train, key=by_origin)
    assert [e for e in train if e in one.dev] == list(one.dev)
    assert one.identity["dev"] == "5 of the training sentences, set aside by seed 1"


def test_what_is_set_aside_never_takes_the_last_of_a_type_from_the_train_split():
    train = [Example(("a",), (f"B-{kind}",)) for kind in "AABCDEFGHIJ"]
    for seed in range(5):
        data = prepared(Splits(train), seed=seed, dev_fraction=0.5)
        assert [example.labels for example in data.dev] == [("B-A",)]
        assert len(data.train) == 10


@pytest.mark.parametrize(("count", "fraction"), [(1, 0.5), (20, 0)])
def test_no_dev_split_from_one_sentence_or_where_none_is_wanted(count, fraction):
    data = prepared(Splits(sentences("train", count)), dev_fraction=fraction)
    assert (len(data.train), data.dev) == (count, ())


def test_a_share_to_set_aside_is_an_error_where_there_is_a_dev_split():
    with pytest.raises(
        UsageError, match=r"data\.dev_fraction: has no effect, since the data has a dev split"
    ):
        prepared(Splits(IOB1, IOB1), dev_fraction=0.2)


def numbered(count):
    return [Example((f"w{i}",), ("O" if i else "B-LOC",), origin=f"{i}") for i in range(count)]


@pytest.mark.parametrize(
    ("count", "fraction", "left"),
    [
        (8, 0.25, [0, 4]),
        (10, 0.4, [0, 2, 5, 7]),
        (3, 0.9, [0, 1, 2]),  # 2.7 sentences: 3
        (5, 0.01, [0]),
        (4, 1.0, [0, 1, 2, 3]),
    ],
)
def test_a_share_of_the_training_sentences_is_evenly_spaced_and_in_their_order(count, fraction, left):
    train = numbered(count)
    data = prepared(Splits(train, train), train_fraction=fraction)
    assert [int(example.origin) for example in data.train] == left
    assert len(data.dev) == count


def test_a_share_of_the_training_sentences_is_told_and_the_whole_is_not_worth_a_word(caplog):
    caplog.set_level("INFO")
    train = numbered(8)
    whole = prepared(Splits(train, train), scheme="iob2")
    assert "train" not in whole.identity
    assert caplog.messages == []
    part = prepared(Splits(train, train), scheme="iob2", train_fraction=0.5)
    assert part.identity["train"] == "4 of 8 training sentences, evenly spaced"
    assert caplog.messages == ["learning from 4 of 8 training sentences, evenly spaced"]
    assert part.fingerprint() != whole.fingerprint()


def test_a_share_of_the_training_sentences_is_taken_from_what_the_dev_split_left():
    train = sentences("train", 50)
    whole, part = (prepared(Splits(train), train_fraction=f) for f in (1.0, 0.5))
    assert part.dev == whole.dev
    assert part.train == tuple(whole.train[i * 45 // 22] for i in range(22))


def test_a_type_that_is_not_in_the_share_is_an_unseen_one():
    train = [Example(("a",), (label,)) for label in ("B-PER", "B-LOC")]
    with pytest.raises(LabelError, match=r"label 'B-LOC' .* known types: PER\."):
        prepared(Splits(train, train), train_fraction=0.5)
    data = prepared(Splits(train, train), train_fraction=0.5, unseen_labels="wrong")
    assert data.labels.items == ("O", "B-PER", "I-PER")


def test_the_fingerprint_changes_with_train_and_dev_alone():
    train, dev = sentences("train", 4), sentences("dev", 2)
    first = prepared(Splits(train, dev)).fingerprint()
    assert prepared(Splits(train, dev, dev)).fingerprint() == first
    assert prepared(Splits(train[::-1], dev)).fingerprint() != first
    assert prepared(Splits(train, dev[::-1])).fingerprint() != first


def test_files_are_identified_by_name_digest_and_size(tmp_path):
    data = prepared_files(tmp_path, train=GOOD, dev_fraction=0)
    assert data.identity == {
        "files": {
            "train": {
                "file": "train.conll",
                "sha256": "143d4bae2f1c00839146e52308ada685fe33e40a2e69cbce0b0960c5a550ef01",
                "sentences": 2,
            }
        },
        "scheme": "iob2",
    }


def test_datasets_have_no_numbered_columns():
    with pytest.raises(
        UsageError, match=r"data\.label_column: a dataset's columns have names, found the number 2"
    ):
        read_splits(DataConfig(dataset="no/such", label_column=2))


# Notations


OTHER_TRAIN = "Anna {b} \nSmith {i} \nsings {o}\n\nin {o}\nOslo {c}\n".replace(" \n", "\n")


@pytest.mark.parametrize(
    ("labels", "notation"),
    [
        (
            {"b": "B_PER", "i": "I_PER", "o": "O", "c": "B_LOC"},
            "'B_TYPE' and 'O', and read as 'B-TYPE' and 'O'",
        ),
        (
            {"b": "B-PER", "i": "I-PER", "o": "0", "c": "B-LOC"},
            "'B-TYPE' and '0', and read as 'B-TYPE' and 'O'",
        ),
        (
            {"b": "b-PER", "i": "i-PER", "o": "o", "c": "b-LOC"},
            "'b-TYPE' and 'o', and read as 'B-TYPE' and 'O'",
        ),
        (
            {"b": "PER-B", "i": "PER-I", "o": "O", "c": "LOC-B"},
            "'TYPE-B' and 'O', and read as 'B-TYPE' and 'O'",
        ),
        (
            {"b": "(PER*", "i": "*)", "o": "*", "c": "(LOC*)"},
            "'(TYPE*', '*' and '*)', and read as 'B-TYPE', 'O' and 'I-TYPE'",
        ),
    ],
)
def test_labels_written_in_other_ways_are_read_alike_in_all_splits(tmp_path, caplog, labels, notation):
    caplog.set_level("INFO", logger="tagger")
    text = OTHER_TRAIN.format(**labels)
    # Alone, the dev split would leave it in doubt whether B_LOC is a span.
    dev = "Oslo {c}\nis {o}\n".format(**labels)
    data = prepared_files(tmp_path, train=text, dev=dev, test=text)
    assert data.scheme is LabelScheme.IOB2
    assert data.labels.items == ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")
    for split in (data.train, data.test):
        assert [example.labels for example in split] == [("B-PER", "I-PER", "O"), ("O", "B-LOC")]
    assert [example.labels for example in data.dev] == [("B-LOC", "O")]
    assert [text for text in caplog.messages if ": read as " not in text and " copy " not in text][:2] == [
        "label scheme of the data: iob2 (found; --data.scheme sets it)",
        f"labels are written {notation} (--data.scheme none leaves them as they are)",
    ]


def test_the_scheme_none_leaves_labels_as_they_are_written(tmp_path, caplog):
    caplog.set_level("INFO", logger="tagger")
    text = "Anna B_PER\nSmith I_PER\nsings 0\n"
    data = prepared_files(tmp_path, train=text, dev=text, scheme="none")
    assert data.labels.items == ("0", "B_PER", "I_PER")
    assert data.dev[0].labels == ("B_PER", "I_PER", "0")
    assert [text for text in caplog.messages if ": read as " not in text and " copy " not in text] == []


def test_a_split_written_in_another_way_than_the_train_split_is_an_error_with_its_line(tmp_path):
    train = "Anna B_PER\nSmith I_PER\nsings 0\n"
    with pytest.raises(LabelError) as caught:
        prepared_files(tmp_path, train=train, dev="Anna B:PER\nSmith I:PER\nsings 0\n")
    assert str(caught.value) == (
        f"{tmp_path / 'dev.conll'}:1: token 1: expected O, B-TYPE or I-TYPE as a label in IOB2, found 'B:PER'. "
        "Labels here are written 'B:TYPE' and 'O'; write all of the data alike."
    )


def test_an_illegal_label_is_shown_as_it_is_written(tmp_path):
    with pytest.raises(LabelError) as caught:
        prepared_files(tmp_path, train="Anna B_PER\nSmith I_PER\nsings 0\n", dev="x 0\nOslo I_PER\n")
    assert str(caught.value) == (
        f"{tmp_path / 'dev.conll'}:2: label 'I-PER' at token 2 follows 'O', not allowed in IOB2. "
        "If the data is IOB1, pass --data.scheme iob1. It is written 'I_PER'. "
        "The train split is IOB2; all splits must be written alike."
    )
    with pytest.raises(LabelError) as caught:
        prepared_files(tmp_path, train="Anna B_PER\nSmith I_PER\nin I_LOC\n")
    assert str(caught.value) == (
        f"{tmp_path / 'train.conll'}:3: label 'I-LOC' at token 3 follows 'I-PER', not allowed in IOB2. "
        "No scheme fits all labels up to here; mend them, or name the scheme that they are meant in: "
        "--data.scheme. It is written 'I_LOC'."
    )


def test_a_bracket_that_does_not_close_is_an_error_with_its_line(tmp_path):
    with pytest.raises(LabelError) as caught:
        prepared_files(tmp_path, train="Anna (PER*\nSmith *)\nin *\n\nOslo (LOC*\nx *\n")
    assert str(caught.value) == (
        f"{tmp_path / 'train.conll'}:5: label '(LOC*' at token 1 is a bracket without its partner; every "
        "bracket must close in its sentence, before the next one opens."
    )


def test_labels_that_leave_a_doubt_are_refused_with_their_line(tmp_path):
    with pytest.raises(LabelError) as caught:
        prepared_files(tmp_path, train="x O\nOslo B_LOC\n")
    assert str(caught.value) == (
        f"{tmp_path / 'train.conll'}:2: label 'B_LOC' may be the letter and the type of a span, or a plain label: no "
        "span of several tokens decides it. Pass --data.scheme iob2 (or bioes, ...) to read spans, io for bare types, "
        "none for plain labels."
    )
    assert prepared_files(
        tmp_path, train="x O\nOslo B_LOC\n", scheme="iob2", dev_fraction=0
    ).labels.items == (
        "O",
        "B-LOC",
        "I-LOC",
    )


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        (
            "Oslo LOC\nis 0\nwet 0\n",
            "label '0', with O more than half of all, is read as a plain label. If it means O, pass --data.scheme io "
            "for bare types such as PER, or the scheme of the labels; if not, --data.scheme none",
        ),
        (
            "Oslo LOC\nis O\nwet 0\n",
            "label '0', with O more than half of all, is read as a type of spans. If it means O, pass --data.scheme io "
            "for bare types such as PER, or the scheme of the labels; if not, --data.scheme io",
        ),
        ("Oslo PROPN\nis VERB\nwet _\n", None),
    ],
)
def test_a_frequent_label_that_may_stand_for_o_is_mentioned(tmp_path, caplog, text, warning):
    prepared_files(tmp_path, train=text, dev=text)
    assert [text for text in caplog.messages if " copy " not in text] == ([warning] if warning else [])


def test_many_labels_are_mentioned_and_too_many_refused(caplog):
    def of(count):
        labels = tuple(f"N{i}" for i in range(count))
        return Splits([Example(labels, labels)], [Example(labels, labels)])

    assert len(prepared(of(1_000)).labels) == 1_000
    assert caplog.messages == []
    assert len(prepared(of(1_001)).labels) == 1_001
    expected = (
        "distinct labels in the train split (N0, N1, N10, N100, ...): time and memory grow with their square. If they "
        "are no labels, name the column of the labels with --data.label_column"
    )
    assert caplog.messages == [f"1001 {expected}"]
    with pytest.raises(DataError) as caught:
        prepared(of(10_001))
    assert str(caught.value) == f"10001 {expected}; expected 5000 at most."


def test_what_is_no_example_is_named():
    with pytest.raises(DataError) as caught:
        prepared(Splits([Example(("a",), ("X",)), (["a"], ["X"])]))
    assert str(caught.value) == (
        "sentence 2 of the train split: expected an Example, found the tuple (['a'], ['X'])"
    )


# --- learning from the dev split, too ---


def test_a_dev_split_that_is_learned_from_stands_after_train_and_leaves_none(tmp_path, caplog):
    caplog.set_level("INFO")
    data = prepared_files(
        tmp_path, train=GOOD, dev="in O\nRome B-EVENT\n", test="Rome B-EVENT\n", merge_dev=True
    )
    assert contents(data.train) == [
        (("Anna", "sings"), ("B-PER", "O")),
        (("in", "Oslo"), ("O", "B-LOC")),
        (("in", "Rome"), ("O", "B-EVENT")),
    ]
    assert (data.dev, len(data.test)) == ((), 1)
    assert "B-EVENT" in data.labels.items
    said = "2 sentences of the train split and all 1 of the dev split"
    assert data.identity["train"] == said
    assert data.identity["files"]["dev"]["sentences"] == 1
    assert "dev" not in data.identity
    assert (
        f"learning from {said}: none is left to choose the best weights by, so those of the last epoch count"
    ) in caplog.messages


def test_the_scheme_is_judged_over_all_that_is_learned_from():
    # Alone, the train split would be IOB2; the dev split makes IOB1 of it.
    train = [Example(("Anna", "sings"), ("O", "O")), Example(("Oslo",), ("B-LOC",))]
    dev = [Example(("Anna", "Bo"), ("I-PER", "B-PER"))]
    with pytest.raises(LabelError):
        prepared(Splits(train, dev))
    iob1 = [Example(("Oslo",), ("I-LOC",)), Example(("Rome",), ("I-LOC",))]
    data = prepared(Splits(iob1, dev), merge_dev=True)
    assert data.scheme is LabelScheme.IOB1
    assert data.train[-1].labels == ("B-PER", "B-PER")


def test_a_share_is_taken_of_both_splits_together_and_both_are_said():
    train, dev = sentences("train", 6), sentences("dev", 2)
    data = prepared(Splits(train, dev), merge_dev=True, train_fraction=0.5, unseen_labels="wrong")
    assert [example.tokens for example in data.train] == [example.tokens for example in (*train, *dev)[::2]]
    assert data.identity["train"] == (
        "6 sentences of the train split and all 2 of the dev split; 4 of 8 training sentences, evenly spaced"
    )


def test_documents_of_the_same_id_in_both_splits_stay_apart():
    train = [Example(("Anna",), ("B-PER",), document="1"), Example(("Oslo",), ("B-LOC",), document="2")]
    dev = [Example(("Bo",), ("B-PER",), document="2"), Example(("Rome",), ("B-LOC",))]
    data = prepared(Splits(train, dev), merge_dev=True)
    assert [example.document for example in data.train] == ["1", "2", "2 (dev)", None]


def test_learning_from_dev_needs_a_dev_split_and_nothing_that_needs_one_left(tmp_path):
    with pytest.raises(UsageError) as caught:
        prepared_files(tmp_path, train=GOOD, merge_dev=True)
    assert str(caught.value) == (
        "data.merge_dev: expected a dev split to learn from as well, found none in the data"
    )
    with pytest.raises(UsageError, match=r"^data.dev_fraction: has no effect with data.merge_dev"):
        DataConfig(merge_dev=True, dev_fraction=0.2)
    with pytest.raises(UsageError, match=r"^patience: has no effect with data.merge_dev"):
        RunConfig("x", DataConfig(merge_dev=True), patience=2)


def test_a_wrong_dev_label_is_still_told_by_file_and_line(tmp_path):
    with pytest.raises(LabelError, match=r"dev\.conll:2: label 'I-LOC'"):
        prepared_files(tmp_path, train=GOOD, dev="in O\nOslo I-LOC\n", scheme="iob2", merge_dev=True)
