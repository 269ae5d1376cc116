"""Tagger from outside: order, independence of the batch, odd input, streams, errors."""

import copy
import itertools
import threading
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from present import present
from same_predictions import assert_same
from tiny_models import SENTENCES, tiny_parts, tiny_tagger

from tagger import Entity, Prediction, Tagger
from tagger.errors import UsageError
from tagger.schemes import LabelScheme

ODD_TOKENS = (
    "", "x" * 10_000, "😀", "👩‍👧", "שלום", "مرحبا", "a\0b", "\x07", "\ud800", "\udfff\ud800", "\u2028", "e\u0301", " ",
    "\t", "\ufeff", "日本", "İ", "\U0010ffff",
)  # fmt: skip


def random_sentences(count, seed=0, longest=40):
    """Sentences of 0 to ``longest`` words, some of them in the training data."""
    generator = np.random.default_rng(seed)
    words = [
        *itertools.chain(*SENTENCES),
        *(f"New{i}word" for i in range(50)),
        "1,000",
        "B2B",
        "EU",
        "x" * 30,
    ]
    return [
        [words[i] for i in generator.integers(0, len(words), generator.integers(0, longest + 1))]
        for _ in range(count)
    ]


@pytest.fixture(scope="module", params=["iob2", "bioes", "io", "none", "wide"])
def tagger(request):
    if request.param == "wide":
        return tiny_tagger("bioes", wide_features=True, wide_min_count=1)
    return tiny_tagger(request.param)


# What is known of a tagger


def test_labels_scheme_and_config_are_told():
    tagger = tiny_tagger("bioes", ("LOC", "PER"))
    assert tagger.labels == ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")
    assert tagger.scheme is LabelScheme.IOB2
    assert tagger.config.scheme == "bioes"
    assert tagger.in_vocabulary("ANNA")
    assert not tagger.in_vocabulary("Berlin")
    pos = tiny_tagger("none", ("NOUN", "VERB"))
    assert (pos.labels, pos.scheme) == (("NOUN", "VERB"), LabelScheme.NONE)


# Every method says the same of the same sentence


def test_all_methods_agree(tagger):
    sentences = random_sentences(30)
    predictions = tagger.predict(sentences)
    assert [list(prediction.labels) for prediction in predictions] == tagger.tag(sentences)
    assert list(tagger.stream(sentences)) == predictions
    assert list(tagger.stream_labels(sentences)) == tagger.tag(sentences)
    for prediction, sentence, marginals, best in zip(
        predictions, sentences, tagger.marginals(sentences), tagger.nbest(sentences, 2), strict=True
    ):
        assert prediction.tokens == tuple(sentence)
        assert best[0].labels == prediction.labels
        assert marginals.shape == (len(sentence), len(tagger.labels))
        columns = [tagger.labels.index(label) for label in prediction.labels]
        chosen = marginals[np.arange(len(sentence)), columns]
        assert prediction.label_probabilities == pytest.approx(chosen.tolist(), abs=1e-12)


def test_labels_and_marginals_do_not_depend_on_the_rest_of_the_batch(tagger):
    sentences = random_sentences(200)
    labels, marginals = tagger.tag(sentences), tagger.marginals(sentences)
    assert tagger.tag(sentences[::-1])[::-1] == labels
    for there, back in zip(marginals, tagger.marginals(sentences[::-1])[::-1], strict=True):
        np.testing.assert_allclose(there, back, rtol=0, atol=1e-6)
    for sentence, row, table in zip(sentences[:60], labels, marginals, strict=False):
        assert tagger.tag([sentence]) == [row]
        np.testing.assert_allclose(tagger.marginals([sentence])[0], table, rtol=0, atol=1e-6)


@pytest.mark.parametrize("batch_tokens", [1, 7, 100_000])
def test_batch_size_changes_nothing(batch_tokens):
    sentences = random_sentences(50)
    parts = tiny_parts()
    plain = Tagger(parts)
    other = Tagger(parts, batch_tokens=batch_tokens)
    assert other.tag(sentences) == plain.tag(sentences)
    for one, two in zip(other.predict(sentences), plain.predict(sentences), strict=True):
        assert one.log_probability == pytest.approx(two.log_probability, abs=1e-4)


def test_what_was_tagged_before_changes_nothing():
    tagger, fresh = tiny_tagger(), tiny_tagger()
    sentence = [*SENTENCES[1], "x" * 30]
    for other in random_sentences(20):
        tagger.tag([other])
    assert_same(tagger.predict([sentence]), fresh.predict([sentence]))


def test_threads_may_share_a_tagger():
    tagger = Tagger(tiny_tagger("bioes").parts, cache_megabytes=1)
    work = [
        # The caches are emptied all the time: each of these long words takes a tenth of the room for words.
        [
            [*sentence, f"{seed}{i}" + "x" * 33_000]
            for i, sentence in enumerate(random_sentences(12, seed, 12))
        ]
        for seed in range(8)
    ]
    expected = [tiny_tagger("bioes").predict(sentences) for sentences in work]
    found: list[list[Prediction]] = [[] for _ in work]

    def run(i):
        for _ in range(3):
            found[i] = list(tagger.predict(work[i]))

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for predictions, wanted in zip(found, expected, strict=True):
        assert_same(predictions, wanted)


# Odd input


def test_empty_sentences_keep_their_place(tagger):
    sentences = [[], ["Anna"], [], [], ["in", "Rome"], []]
    assert [len(labels) for labels in tagger.tag(sentences)] == [0, 1, 0, 0, 2, 0]
    empty = Prediction((), (), (), (), 0.0)
    assert [prediction == empty for prediction in tagger.predict(sentences)] == [
        True, False, True, True, False, True,
    ]  # fmt: skip
    assert tagger.nbest([[]], 5) == [[empty]]
    assert tagger.marginals([[]])[0].shape == (0, len(tagger.labels))
    assert tagger.tag([[]]) == [[]]


@pytest.mark.parametrize("decode", ["viterbi", "posterior"])
def test_no_sentences_give_nothing(tagger, decode):
    assert tagger.tag([], decode=decode) == []
    assert tagger.predict(iter(()), decode=decode) == []
    assert tagger.marginals([]) == []
    assert tagger.nbest([], 3) == []
    assert list(tagger.stream([], decode=decode)) == []


@pytest.mark.parametrize("decode", ["viterbi", "posterior"])
def test_any_string_is_a_token(tagger, decode):
    sentences = [*([token] for token in ODD_TOKENS), list(ODD_TOKENS)]
    predictions = tagger.predict(sentences, decode=decode)
    assert [prediction.tokens for prediction in predictions] == [tuple(sentence) for sentence in sentences]
    for prediction in predictions:
        assert set(prediction.labels) <= set(tagger.labels)
        assert all(0 < probability <= 1 for probability in prediction.label_probabilities)
        assert prediction.log_probability <= 1e-12


@pytest.mark.slow
def test_sentence_of_twenty_thousand_tokens(tagger):
    sentence = (list(itertools.chain(*SENTENCES)) * 1000)[:20_000]
    first, long, last = tagger.predict([["Anna"], sentence, ["in"]])
    assert len(long.labels) == 20_000
    assert np.isfinite(long.log_probability)
    assert all(0 <= probability <= 1 for probability in long.label_probabilities)
    assert all(0 <= span.probability <= 1 for span in long.spans)
    (marginals,) = tagger.marginals([sentence])
    np.testing.assert_allclose(marginals.sum(axis=1), 1, atol=1e-9)
    assert [first.labels, last.labels] == [tagger.predict([[word]])[0].labels for word in ("Anna", "in")]


def test_input_is_never_changed(tagger):
    sentences = [["Anna", "met"], [], list(ODD_TOKENS)]
    before = copy.deepcopy(sentences)
    tagger.tag(sentences)
    tagger.predict(sentences)
    tagger.marginals(sentences)
    tagger.nbest(sentences, 2)
    assert sentences == before


def test_sentences_may_be_any_iterables_of_strings(tagger):
    expected = tagger.tag([["Anna", "met"], ["Bo"]])
    assert tagger.tag((("Anna", "met"), ("Bo",))) == expected
    assert tagger.tag(tokens for tokens in (["Anna", "met"], ["Bo"])) == expected
    assert tagger.tag([(token for token in ["Anna", "met"]), iter(["Bo"])]) == expected
    assert tagger.tag(np.array([["Anna", "met"]])) == expected[:1]


def test_a_list_that_its_reader_uses_again_is_read_in_time(tagger):
    def reading():
        sentence: list[str] = []
        for tokens in SENTENCES:
            sentence[:] = tokens
            yield sentence

    assert [prediction.tokens for prediction in tagger.predict(reading())] == list(SENTENCES)
    assert tagger.tag(reading()) == tagger.tag(SENTENCES)


# Streams


def test_stream_reads_ahead_no_more_than_a_lookahead():
    tagger = tiny_tagger(batch_tokens=8)
    read = 0

    def endless():
        nonlocal read
        for read in itertools.count(1):  # noqa: B007
            yield ["Anna", "met", "Bo"]

    stream = tagger.stream(endless())
    assert read == 0
    first = next(stream)
    assert first.tokens == ("Anna", "met", "Bo")
    # 32 batches of 8 tokens; a sentence counts its tokens and one more
    assert read == 32 * 8 // 4
    assert list(itertools.islice(stream, 399)) == [first] * 399
    assert read == 7 * 32 * 8 // 4


def test_stream_of_empty_sentences_is_bounded_too():
    tagger = tiny_tagger(batch_tokens=8)
    counted = itertools.count()
    assert len(list(itertools.islice(tagger.stream([] for _ in counted), 1000))) == 1000
    assert next(counted) <= 1000 + 32 * 8


def test_error_in_the_input_comes_when_it_is_reached():
    tagger = tiny_tagger(batch_tokens=1)

    def failing():
        yield from [["Anna"]] * 40
        raise RuntimeError("the input broke")

    stream = tagger.stream(failing())
    assert len(list(itertools.islice(stream, 32))) == 32
    with pytest.raises(RuntimeError, match="the input broke"):
        list(stream)


# What is refused


METHODS = [
    lambda tagger, sentences: tagger.tag(sentences),
    lambda tagger, sentences: tagger.predict(sentences),
    lambda tagger, sentences: tagger.marginals(sentences),
    lambda tagger, sentences: tagger.nbest(sentences, 2),
    lambda tagger, sentences: list(tagger.stream(sentences)),
    lambda tagger, sentences: list(tagger.stream_labels(sentences)),
]


@pytest.mark.parametrize(
    ("sentences", "message"),
    [
        (
            "Anna met Bo",
            "expected sentences as lists of tokens, found one string; extract(text) reads raw text",
        ),
        (["Anna", "met"], "expected sentence 0 as a list of tokens, found the string 'Anna'"),
        (
            [["Anna"], "met " * 50],
            f"expected sentence 1 as a list of tokens, found the string {'met ' * 10!r}",
        ),
        ([["Anna"], ["met", 5]], "expected tokens of sentence 1 to be strings, found 5"),
        ([["Anna"], [None]], "expected tokens of sentence 1 to be strings, found None"),
        ([b"Anna"], "expected tokens of sentence 0 to be strings, found 65"),
        ([[["Anna"]]], "expected tokens of sentence 0 to be strings, found ['Anna']"),
        ([["Anna"], None], "expected sentence 1 as a list of tokens, found None"),
        ([5], "expected sentence 0 as a list of tokens, found 5"),
        (None, "expected sentences as lists of tokens, found None"),
    ],
)
@pytest.mark.parametrize("method", METHODS)
def test_what_is_no_list_of_sentences_is_a_type_error(method, sentences, message):
    with pytest.raises(TypeError) as error:
        method(tiny_tagger(), sentences)
    assert str(error.value) == message


@pytest.mark.parametrize("sentences", [[], [["Anna"]]])
def test_unknown_way_to_decode_is_refused_at_once(sentences):
    tagger = tiny_tagger()
    for method in (tagger.tag, tagger.predict, tagger.stream, tagger.stream_labels):
        with pytest.raises(UsageError) as error:
            method(sentences, decode="greedy")  # type: ignore[arg-type]
        assert str(error.value) == "decode: expected one of viterbi, posterior, found 'greedy'"


NOT_POSITIVE_INTEGERS = [0, -1, 1.5, 2.0, "2", True, np.True_, None, np.float32(2), [1]]


@pytest.mark.parametrize("number", NOT_POSITIVE_INTEGERS, ids=repr)
def test_the_number_of_sequences_must_be_a_whole_positive_one(number):
    with pytest.raises(UsageError) as error:
        tiny_tagger().nbest([], number)
    assert str(error.value) == f"n: expected a whole number of 1 or more, found {number!r}"


@pytest.mark.parametrize("number", NOT_POSITIVE_INTEGERS, ids=repr)
@pytest.mark.parametrize("name", ["batch_tokens", "cache_megabytes", "threads", "document_tokens"])
def test_budgets_must_be_whole_positive_numbers(name, number):
    with pytest.raises(UsageError) as error:
        Tagger(tiny_parts(), **{name: number})
    assert str(error.value) == f"{name}: expected a whole number of 1 or more, found {number!r}"


def test_numbers_may_be_those_of_numpy():
    names = ("batch_tokens", "cache_megabytes", "threads", "document_tokens")
    numbers: dict[str, Any] = dict.fromkeys(names, np.int64(2))
    tagger = Tagger(tiny_parts(), **numbers)
    assert tagger.tag([["Anna"], ["Anna"]]) == tiny_tagger().tag([["Anna"], ["Anna"]])
    assert tagger.nbest([["Anna"]], np.uint8(2)) == tiny_tagger().nbest([["Anna"]], 2)  # type: ignore[arg-type]


@pytest.mark.parametrize("options", [{"threads": 2}, {"cache_megabytes": 65}])
def test_options_of_the_cpu_have_no_effect_on_other_devices(options):
    (name,) = options
    with pytest.raises(UsageError) as error:
        Tagger(tiny_parts(), device="cuda", **options)
    assert str(error.value) == f"{name}: has no effect on the device 'cuda'"


def test_their_usual_values_are_fine_on_other_devices():
    # The second name of the CPU is a device on which PyTorch computes.
    tagger = Tagger(tiny_parts(), device="cpu:0", batch_tokens=1, cache_megabytes=64, threads=1)
    assert tagger.tag([["Anna", "met"]]) == tiny_tagger().tag([["Anna", "met"]])


@pytest.mark.parametrize("device", ["gpu", "xpu:99", "", "meta"])
def test_device_that_cannot_be_used_is_a_usage_error(device, tmp_path):
    tiny_tagger().save(tmp_path / "model")
    with pytest.raises(UsageError) as error:
        Tagger.load(tmp_path / "model", device=device)
    if device in ("gpu", ""):
        assert str(error.value) == (
            f"device: expected 'cpu', or a device of PyTorch such as 'cuda', 'cuda:1', 'mps' or 'xpu', found {device!r}"
        )
    else:
        assert str(error.value).startswith(f"device: {device!r} cannot be used here: ")


def test_device_may_be_a_torch_device():
    on_device = Tagger(tiny_parts(), device=torch.device("cpu"))  # type: ignore[arg-type]
    assert on_device.tag([["Anna"]]) == tiny_tagger().tag([["Anna"]])


# Raw text


TEXT = "Anna met Bo in New York.  Not in Rome!\r\nThe EU rejects it: שלום 😀 \u2028 Route66…"


def test_extract_gives_the_predicted_spans_with_exact_offsets():
    tagger = tiny_tagger("bioes", seed=4)
    entities = tagger.extract(TEXT)
    assert len(entities) > 2
    offsets = [list(sentence) for sentence in tagger.segmenter(TEXT)]
    expected = []
    tokens = [[TEXT[start:end] for start, end in sentence] for sentence in offsets]
    predictions = tagger.predict(tokens, documents=["text"] * len(tokens))
    for sentence, prediction in zip(offsets, predictions, strict=True):
        for span in prediction.spans:
            start, end = sentence[span.start][0], sentence[span.end - 1][1]
            expected.append(Entity(start, end, TEXT[start:end], span.label, present(span.probability)))
    assert entities == expected
    assert entities == sorted(entities)
    assert all(left.end <= right.start for left, right in itertools.pairwise(entities))


def test_extract_decodes_as_it_is_told():
    taggers = [tiny_tagger("iob2", seed=seed) for seed in range(10)]
    found = [tagger.extract(TEXT, decode="posterior") for tagger in taggers]
    assert found != [tagger.extract(TEXT) for tagger in taggers]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\0", "\ud800", "\u2028"])
def test_extract_of_odd_text(text):
    for entity in tiny_tagger().extract(text):
        assert text[entity.start : entity.end] == entity.text


@pytest.mark.parametrize(("lines", "options"), [("join", {}), ("split", {"lines": "split"})])
def test_extract_reads_on_over_the_end_of_a_line_or_not(lines, options):
    text = "Anna met Bo\nin New\nYork the EU\nthe of\nRome"
    parts = tiny_parts("bioes", seed=4)
    made_so = Tagger(replace(parts, segmenter={"name": "rules", "version": "1", "options": options}))
    assert made_so.extract(text)
    other = Tagger(replace(parts, segmenter={**parts.segmenter, "options": {"lines": "split"}}))
    for tagger in (Tagger(parts), other):
        assert tagger.extract(text, lines=lines) == made_so.extract(text)
    assert Tagger(parts).extract(text, lines="join") != Tagger(parts).extract(text, lines="split")


def test_extract_refuses_other_lines():
    with pytest.raises(UsageError, match="expected lines to be 'join' or 'split', found 'both'"):
        tiny_tagger().extract("Anna", lines="both")  # type: ignore[arg-type]


def test_extract_needs_spans():
    with pytest.raises(UsageError) as error:
        tiny_tagger("none").extract("Anna")
    assert str(error.value) == "extract: this model's labels have no spans; use tag() or predict() on tokens"


@pytest.mark.parametrize(("text", "kind"), [(["Anna"], "list"), (None, "NoneType"), (b"Anna", "bytes")])
def test_extract_needs_one_string(text, kind):
    with pytest.raises(TypeError) as error:
        tiny_tagger().extract(text)
    assert str(error.value) == f"expected text as one string, found {kind}; tag() reads tokens"


def test_unknown_segmenter_stops_raw_text_alone():
    parts = tiny_parts()
    for segmenter, message in [
        ({"name": "mine", "version": "1", "options": {}}, "unknown segmenter 'mine'"),
        ({"name": "rules", "version": "0", "options": {}}, "segmenter 'rules': expected version 0"),
    ]:
        tagger = Tagger(replace(parts, segmenter=segmenter))
        assert tagger.tag([["Anna"]]) == tiny_tagger().tag([["Anna"]])
        with pytest.raises(UsageError) as error:
            tagger.extract("Anna")
        assert str(error.value).startswith(message)
