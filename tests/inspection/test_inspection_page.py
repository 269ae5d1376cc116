"""Tests of tagger/inspection/page.py and its sections: what a page shows, for whom, and what it must not hold."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from present import present
from tiny_models import SENTENCES, tiny_tagger

from tagger import Example
from tagger.errors import UsageError
from tagger.inspection import (
    VIEWS,
    AbsentViewError,
    Corpus,
    UnitName,
    context_use,
    crf_view,
    gate_trace,
    inspection_page,
    occlude,
    unit_steps,
)
from tagger.inspection.sections.sampling import sample
from tagger.modules.recurrent.cells import CELLS
from tagger.report.heat_map import shades
from tagger.schemes import LabelScheme

CORPUS = Corpus(
    [
        Example(tokens, tuple("B-LOC" if word[0].isupper() else "O" for word in tokens))
        for tokens in SENTENCES
    ],
    LabelScheme.IOB2,
)


def make_page(tagger=None, sentences=SENTENCES, **options):
    return inspection_page(tagger or tiny_tagger(), sentences, model_name="a model", **options)


def parsed(page):
    """The page as XML: what is not well-formed, or not escaped, cannot be read."""
    return ET.fromstring(page.removeprefix("<!doctype html>\n"))


def titles(page):
    return [section.get("id") for section in parsed(page).iter("section")]


def text_of(page):
    return " ".join("".join(parsed(page).find("body").itertext()).split())


@pytest.fixture(scope="module")
def whole_page():
    return make_page(corpus=CORPUS)


def test_a_page_has_every_view_and_an_explanation_for_every_picture(whole_page):
    assert titles(whole_page) == list(VIEWS)
    for figure in parsed(whole_page).iter("div"):
        if figure.get("class") == "figure":
            assert len(figure) == 2, "".join(figure.itertext())
            assert figure[1].get("class") == "words"
            assert len("".join(figure[1].itertext())) > 40
    assert len([*parsed(whole_page).iter("svg")]) > 15


def test_a_page_needs_nothing_else(whole_page):
    assert not re.search(
        r"<script|https?:|@import|url\(|\bsrc=|\bon\w+=|javascript:|<link|<iframe", whole_page
    )
    assert all(link.get("href").startswith("#") for link in parsed(whole_page).iter("a"))
    assert len(whole_page.encode()) < 2_000_000


def test_tables_show_the_numbers_of_the_views():
    tagger = tiny_tagger(seed=3)
    page = make_page(tagger, SENTENCES[:1], views=["crf", "context", "occlusion"])
    view = crf_view(tagger, SENTENCES[0])
    tables = {"".join(table.find("caption").itertext()): table for table in parsed(page).iter("table")}

    rows = tables["Emission scores, by word and label"].findall("tbody/tr")
    assert [[cell.text for cell in row[1:]] for row in rows] == [
        [f"{v:.1f}" for v in row] for row in view.emissions
    ]
    framed = [[cell.get("class").endswith("chosen") for cell in row[1:]].index(True) for row in rows]
    assert [view.labels[label] for label in framed] == list(view.best.labels)

    rows = tables["Label and probability of each word within ±k words"].findall("tbody/tr")
    use = context_use(tagger, SENTENCES[0])
    assert [[cell.text.split()[0] for cell in row[1:]] for row in rows] == np.array(use.labels).T.tolist()
    underlined = [["changed" in cell.get("class") for cell in row[1:]] for row in rows]
    expected = [[labels[t] != final for labels in use.labels] for t, final in enumerate(use.final_labels)]
    assert underlined == expected
    assert any(map(any, underlined))

    changes = occlude(tagger, SENTENCES[0]).changes
    np.fill_diagonal(changes, 0)
    p, t = np.unravel_index(np.abs(changes).argmax(), changes.shape)
    first = tables["The strongest effects of replacing a word on the labels of others"].find("tbody/tr")
    assert [cell.text for cell in first[:2]] == [SENTENCES[0][p], SENTENCES[0][t]]


def test_forbidden_transitions_and_no_others_are_crossed_out():
    tagger = tiny_tagger()
    view = crf_view(tagger, ["EU"])
    page = make_page(tagger, [["EU"]], views=["crf"])
    crosses = [path for path in parsed(page).iter("path") if path.get("class") == "cross"]
    tables = (view.allowed_transitions, view.allowed_start, view.allowed_end)
    assert len(crosses) == sum(int((~table).sum()) for table in tables) > 0


def test_a_gate_map_has_the_shades_of_its_gate():
    tagger = tiny_tagger(bidirectional=False, cell="gru")  # six units, all of them drawn
    page = make_page(tagger, SENTENCES[:1], views=["gates"])
    values = gate_trace(tagger, SENTENCES[0]).layers[0]["forward"]["update"]
    order = np.argsort(values.mean(axis=0), kind="stable")
    expected = shades(values[:, order], "share")
    (picture,) = [
        svg for svg in parsed(page).iter("svg") if (svg.findtext("title") or "").startswith("update gate")
    ]
    drawn = {path.get("class"): path.get("d") for path in picture.iter("path")}
    for name in np.unique(expected.astype(str)):
        cells = sum(float(length) / 10 for length in re.findall(r"h(\d+)v", drawn[name]))
        assert cells == (expected == name).sum()


@pytest.mark.parametrize("cell", list(CELLS))
def test_every_cell_has_a_page(cell):
    cells_per_block = 1 if cell in ("rnn", "gru") else 3
    page = make_page(tiny_tagger(cell=cell, num_layers=3, cells_per_block=cells_per_block), SENTENCES[:2])
    assert titles(page) == [view for view in VIEWS if view != "units"]
    text = text_of(page)
    assert "the view units needs an annotated corpus; pass --corpus FILE" in text
    assert ("What the hidden states do" in text) == (cell == "rnn")
    assert ("What is left of a memory" in text) == (cell not in ("rnn", "lstm_no_forget"))
    assert "The first and the last of 3 layers are shown." in text
    assert ("The unit is in a memory block: units " in text) == (cells_per_block > 1)
    assert ("Units form memory blocks of 3, which share their gates" in text) == (cells_per_block > 1)
    assert ("Each gate, and the candidate, multiplies it by weights of its own" in text) == (cell != "rnn")
    assert ("each gate with a sum, and the candidate, have their own" in text) == (
        cell not in ("rnn", "lstm_layer_norm")
    )
    assert ("The forget gate has no weights: it is 1 minus the input gate." in text) == (
        cell == "lstm_coupled"
    )
    assert ("whose state changes most" in text) == (cell in ("rnn", "gru"))


@pytest.mark.parametrize("scheme", ["bioes", "io", "none"])
@pytest.mark.parametrize("decoder", ["crf", "softmax"])
def test_every_scheme_and_decoder_has_a_page(scheme, decoder):
    page = make_page(tiny_tagger(scheme, decoder=decoder), views=None)
    assert "crf" in titles(page)
    assert ("This model's decoder is softmax: all transition scores are zero" in text_of(page)) == (
        decoder == "softmax"
    )


def test_what_wide_features_add_is_shown_where_a_model_has_them():
    tagger = tiny_tagger(wide_features=True)
    page = make_page(tagger, SENTENCES[:1], views=["crf"])
    view = crf_view(tagger, SENTENCES[0])
    tables = {"".join(table.find("caption").itertext()): table for table in parsed(page).iter("table")}
    rows = tables["What wide features add to the emissions, by word and label"].findall("tbody/tr")
    assert [[cell.text for cell in row[1:]] for row in rows] == [
        [f"{v:+.1f}" for v in row] for row in view.emissions - view.from_encoder
    ]
    sum_of_both = "the encoder's scores plus those of wide features, in the next table"
    assert sum_of_both in text_of(page)
    assert "wide features" not in text_of(make_page(tiny_tagger(wide_features=False), views=["crf"]))


@pytest.mark.parametrize(
    ("options", "means"),
    [
        (
            {"wide_features": True},
            "the recurrent layers, wide features (up to two words away) and transition scores",
        ),
        ({"wide_features": False}, "the recurrent layers and transition scores"),
        (
            {"wide_features": False, "decoder": "softmax"},
            "the recurrent layers and the rules of the scheme, if it has any",
        ),
    ],
)
def test_what_context_adds_is_by_all_parts_that_see_other_words(options, means):
    text = text_of(make_page(tiny_tagger(**options), views=["context"], corpus=CORPUS))
    assert f"How far the lines rise is what context adds, through {means}." in text


def test_the_unit_that_was_asked_for_is_shown_with_its_numbers():
    tagger = tiny_tagger()
    page = make_page(tagger, SENTENCES[:1], views=["steps"], unit="backward:2")
    steps = unit_steps(tagger, SENTENCES[0], UnitName(0, "backward", 2))
    table = [*parsed(page).iter("table")][-1]
    assert [cell.text for cell in table.find("thead/tr")][1:4] == ["f keeps", "i writes", "g would write"]
    shown = [[cell.text for cell in row[1:]] for row in table.findall("tbody/tr")]
    assert [row[0] for row in shown] == [f"{value:.2f}" for value in present(steps.keep)]
    assert [row[-1] for row in shown] == [f"{value:+.2f}" for value in steps.hidden]
    opened = [details for details in parsed(page).iter("details") if details.get("open")]
    assert [details.findtext("summary") for details in opened] == [
        f"“{SENTENCES[0][steps.changes.argmax()]}”, word {steps.changes.argmax() + 1}"
    ]
    assert "read from the last row up" in text_of(page)


def test_trained_models_are_drawn_side_by_side():
    others = {"b": tiny_tagger(cell="gru"), "c": tiny_tagger(cell="rnn", bidirectional=False)}
    page = make_page(views=["gradients"], others=others)
    text = text_of(page)
    assert "Trained models side by side" in text
    for name in ("lstm (this model)", "gru (b)", "rnn (c)"):
        assert name in text
    assert "Trained models side by side" not in text_of(make_page(views=["gradients"]))
    with pytest.raises(UsageError, match=r"^others: have no effect without the view gradients$"):
        make_page(views=["gates"], others=others)
    with pytest.raises(UsageError, match=r"^others: expected at most 6 models, found 7$"):
        make_page(others={str(i): tiny_tagger() for i in range(7)})


def test_a_unit_without_the_view_that_shows_it_is_refused():
    with pytest.raises(UsageError, match=r"^unit: has no effect without the view steps$"):
        make_page(views=["gates"], unit="forward:0")
    with pytest.raises(UsageError, match=r"^unit forward:6: expected a number from 0 to 5"):
        make_page(unit="forward:6")


def test_an_absent_view_that_was_asked_for_is_an_error():
    with pytest.raises(
        AbsentViewError, match=r"^the view units needs an annotated corpus; pass --corpus FILE$"
    ):
        make_page(views=["units"])


def test_only_the_views_asked_for_are_shown_in_the_order_of_the_page():
    assert titles(make_page(views=["gradients", "crf"])) == ["crf", "gradients"]
    with pytest.raises(
        UsageError,
        match=r"^view 'gate': expected one of crf, context, occlusion, gates, steps, gradients, units$",
    ):
        make_page(views=["gate"])


@pytest.mark.parametrize("sentences", [[], [[]], [(), ()]])
def test_a_text_without_words_is_refused(sentences):
    with pytest.raises(UsageError, match=r"^expected a text of at least one word to look into, found none$"):
        make_page(sentences=sentences)


def test_the_sentence_is_chosen_among_those_with_words():
    sentences = [[], *SENTENCES]
    assert "The pictures are of sentence 2 of 3" in text_of(
        make_page(sentences=sentences, chosen=1, views=["crf"])
    )
    rows = [row[0].text for row in parsed(make_page(sentences=sentences, chosen=1, views=["crf"])).iter("tr")]
    assert "Anna" in rows
    assert "EU" not in rows
    with pytest.raises(UsageError, match=r"^sentence: expected 1 to 3, the number of sentences, found 4$"):
        make_page(sentences=sentences, chosen=3)


def test_hostile_words_are_shown_and_do_nothing():
    words = [
        "</svg><script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "&lt;", "\x00\x1b[2J", "\ud800",
        "\u202eabc", "\u2028", "x" * 100_000, "", " ", "עברית", "🎉👨‍👩‍👧", "]]>", "--><!--",
    ]  # fmt: skip
    page = inspection_page(tiny_tagger(), [words], model_name="<b>\n" + "m" * 1000)
    page.encode("utf-8")
    tree = parsed(page)
    assert not [*tree.iter("script"), *tree.iter("img"), *tree.iter("b")]
    heads = [row[0].text for row in tree.iter("tr")]
    assert {
        "</svg><script>a…",
        "\"'><img src=x o…",
        "&lt;",
        "\\x00\\x1b[2J",
        "\\ud800",
        "x" * 15 + "…",
        "(empty)",
    } <= set(heads)
    assert len(page) < 500_000


def test_one_word_is_enough():
    assert titles(make_page(sentences=[["EU"]])) == [
        "crf",
        "context",
        "occlusion",
        "gates",
        "steps",
        "gradients",
    ]


@pytest.mark.slow
def test_a_text_of_5000_words_is_summarised_with_notes():
    words = [SENTENCES[1][i % 10] for i in range(5000)]
    page = make_page(sentences=[words], corpus=CORPUS)
    text = text_of(page)
    assert "5,000 words in 1 sentence." in text
    assert "The text is long: its first 400 words are shown. Spans found in all of it: " in text
    assert (
        "The sentence has 5,000 words. Pictures show words 1 to 40; the model has read all of them." in text
    )
    assert "The sentence is long: only its first 10 words are replaced." in text
    assert len(page.encode()) < 2_000_000


@pytest.mark.slow
def test_the_largest_page_stays_below_two_megabytes():
    tagger = tiny_tagger("bioes", types=[f"T{i:02}" for i in range(30)], hidden_dim=40, num_layers=3)
    words = [f"{word}{i}" for i in range(40) for word in SENTENCES[1]]
    page = make_page(tagger, [words], corpus=CORPUS)
    assert titles(page) == list(VIEWS)
    assert "20 of the 121 labels are shown" in text_of(page)
    assert "24 of the 40 units of each layer and direction are drawn." in text_of(page)
    assert len(page.encode()) < 2_000_000


def test_a_sample_is_whole_sentences_from_all_over_the_corpus():
    examples = [Example((str(i),) * 10) for i in range(100)]
    chosen, note = sample(examples, 250)
    assert chosen == examples[::4]
    assert note == "Corpus: 25 of 100 sentences, spread evenly: 250 of 1,000 words."
    assert sample(examples, 1000) == (examples, "Corpus: 100 sentences, 1,000 words.")


@pytest.mark.slow
def test_a_labelling_too_improbable_for_a_float_is_shown_as_a_power_of_ten():
    tagger = tiny_tagger()
    words = ["EU"] * 9000
    view = crf_view(tagger, words)
    assert view.best.probability == 0
    assert view.best.log_probability < -750
    expected = f"The best labelling has probability 10^{view.best.log_probability / np.log(10):.0f}, the runner-up 10^-"
    assert expected in text_of(make_page(tagger, [words], views=["crf"]))


def test_many_properties_are_cut_to_the_most_frequent():
    types = [f"T{i:02}" for i in range(25)]
    examples = [Example(("a", "b"), (f"B-{kind}", "O")) for kind in types]
    page = make_page(tiny_tagger(types=types), corpus=Corpus(examples, LabelScheme.IOB2), views=["units"])
    assert "The 20 most frequent of 27 properties are shown." in text_of(page)
