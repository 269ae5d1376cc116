"""What notebooks show of predictions and entities, and the data frames that these become."""

import copy
import re
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pandas
import pyarrow
import pytest
from present import present
from tiny_models import SENTENCES, tiny_tagger

from tagger import Entity, Prediction, Span
from tagger.errors import MissingExtraError, UsageError
from tagger.integrations.arrow import output_schema
from tagger.integrations.notebook import CHARACTERS
from tagger.integrations.notebook import SENTENCES as MOST_SENTENCES
from tagger.prediction import Entities, Predictions

STRING = pandas.StringDtype("python")
SPAN_COLUMNS = {
    "sentence": "int64", "start": "int64", "end": "int64", "text": STRING, "label": STRING, "probability": "float64",
}  # fmt: skip
TOKEN_COLUMNS = {
    "sentence": "int64", "token": "int64", "text": STRING, "label": STRING, "probability": "float64",
}  # fmt: skip
ENTITY_COLUMNS = {
    "text": STRING, "label": STRING, "start": "int64", "end": "int64", "probability": "float64",
}  # fmt: skip


class Reader(HTMLParser):
    """Elements, what each mark holds and says of itself, and the text outside of the style."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.marks, self.text = [], [], ""
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.elements.append(tag)
        self.open.append(tag)
        if tag == "mark":
            self.marks.append([dict(attributes)["title"], ""])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" in self.open:
            return
        self.text += data
        if "mark" in self.open:
            self.marks[-1][1] += data


def prediction(*tokens, spans=(), labels=None):
    labels = labels or ["O"] * len(tokens)
    return Prediction(tokens, tuple(labels), tuple(spans), (0.5,) * len(tokens), -1.0)


def of_oslo():
    return prediction(
        "Anna", "left", "New", "Oslo", spans=[Span(0, 1, "PER", 0.987), Span(2, 4, "LOC", 0.25)],
        labels=["B-PER", "O", "B-LOC", "I-LOC"],
    )  # fmt: skip


def test_a_tagger_returns_lists_that_notebooks_show():
    tagger = tiny_tagger()
    predictions, entities = tagger.predict(SENTENCES), tagger.extract("Anna met Bo in New York.")
    assert predictions == list(tagger.stream(SENTENCES))
    assert isinstance(predictions, list)
    assert Reader(predictions._repr_html_()).text == "".join(" ".join(tokens) for tokens in SENTENCES)
    assert Reader(entities._repr_html_()).text == "Anna met Bo in New York."
    marked = [[f"{each.label} {round(each.probability, 4)}", each.text] for each in entities]
    assert Reader(entities._repr_html_()).marks == marked != []


def test_spans_are_marked_with_label_and_probability():
    found = Reader(Predictions([of_oslo(), prediction("nothing")])._repr_html_())
    assert found.marks == [["PER 0.9870", "Anna"], ["LOC 0.2500", "New Oslo"]]
    assert found.text == "Anna left New Oslonothing"
    assert Reader(of_oslo()._repr_html_()).marks == found.marks


def test_without_spans_every_token_is_marked():
    found = Reader(prediction("It", "rains", "", labels=["PRON", "VERB", "X"])._repr_html_())
    assert found.marks == [["PRON 0.5000", "It"], ["VERB 0.5000", "rains"]]


def test_types_have_the_same_colour_in_all_sentences():
    html = Predictions([prediction("a", spans=[Span(0, 1, "B", 0.9)]), of_oslo()])._repr_html_()
    assert re.findall(r'<mark class="en (e\d)', html) == ["e0", "e2", "e1"]


HOSTILE = "</style><script>alert(1)</script> <img src=x onerror=alert(1)> \u202e\x00 & \" ' `"


@pytest.mark.parametrize("name", ["text", "label"])
def test_hostile_text_and_labels_are_inert(name):
    text, label = (HOSTILE, "PER") if name == "text" else ("Anna", HOSTILE)
    for html in (
        Entities([Entity(0, len(text), text, label, 0.5)], text=text)._repr_html_(),
        prediction(text, spans=[Span(0, 1, label, 0.5)], labels=[f"B-{label}"])._repr_html_(),
    ):
        found = Reader(html)
        assert set(found.elements) <= {"div", "style", "mark", "i"}
        assert len(found.marks) == 1
        assert html.count("</style>") == 1
        if name == "text":
            assert found.text == HOSTILE.replace("\u202e", r"\u202e").replace("\x00", r"\x00")


def test_the_style_touches_nothing_outside_of_the_fragment():
    html = of_oslo()._repr_html_()
    style = present(re.search(r"<style>(.*?)</style>", html, re.DOTALL))[1].strip()
    assert style.startswith(".tagger-output {")
    depth = 0
    for number, char in enumerate(style):
        depth += {"{": 1, "}": -1}.get(char, 0)
        assert depth > 0 or number < len(".tagger-output ") or number == len(style) - 1
    assert depth == 0
    assert html.startswith('<div class="tagger-output">')
    assert html.endswith("</div>")


def test_what_is_not_shown_is_told():
    many = Predictions([of_oslo()] * (MOST_SENTENCES + 1201))
    html = many._repr_html_()
    assert html.count("New Oslo") == MOST_SENTENCES
    assert html.endswith('<p class="more">… 1,201 more sentences, not shown</p></div>')
    assert "not shown" not in many[:MOST_SENTENCES]._repr_html_()
    assert many[: MOST_SENTENCES + 1]._repr_html_().count("… 1 more sentence, not shown") == 1


def test_of_a_long_text_the_beginning_is_shown_and_no_entity_is_cut():
    text = "x" * (CHARACTERS - 2) + "Oslo " + "Rome"
    entities = [Entity(0, 1, "x", "A", 0.5)]
    entities += [Entity(CHARACTERS - 2, CHARACTERS + 2, "Oslo", "B", 0.5)]
    entities += [Entity(CHARACTERS + 3, CHARACTERS + 7, "Rome", "B", 0.5)]
    found = Reader(Entities(entities, text=text)._repr_html_())
    assert found.marks == [["A 0.5000", "x"]]
    assert found.text == "x" * (CHARACTERS - 2) + "… 9 more characters and 2 more entities, not shown"
    long = prediction("y" * CHARACTERS, "z", "Oslo", spans=[Span(2, 3, "LOC", 0.5)])
    found = Reader(Predictions([long, long])._repr_html_())
    assert found.text == "y" * CHARACTERS + "… 1 more sentence and 7 more characters, not shown"


@pytest.mark.parametrize("values", [Predictions(), Entities(text="")], ids=["predictions", "entities"])
def test_nothing_is_shown_as_nothing(values):
    found = Reader(values._repr_html_())
    assert (found.text, found.marks) == ("", [])


def test_predictions_become_a_row_for_each_span():
    frame = Predictions([of_oslo(), prediction("no", "one"), of_oslo()]).to_dataframe()
    assert dict(frame.dtypes) == SPAN_COLUMNS
    assert frame.values.tolist() == [
        [0, 0, 1, "Anna", "PER", 0.987],
        [0, 2, 4, "New Oslo", "LOC", 0.25],
        [2, 0, 1, "Anna", "PER", 0.987],
        [2, 2, 4, "New Oslo", "LOC", 0.25],
    ]


def test_or_a_row_for_each_token():
    frame = Predictions([of_oslo(), prediction(), prediction("no")]).to_dataframe(of="tokens")
    assert dict(frame.dtypes) == TOKEN_COLUMNS
    assert frame.values.tolist() == [
        [0, 0, "Anna", "B-PER", 0.5],
        [0, 1, "left", "O", 0.5],
        [0, 2, "New", "B-LOC", 0.5],
        [0, 3, "Oslo", "I-LOC", 0.5],
        [2, 0, "no", "O", 0.5],
    ]


def test_labels_without_spans_become_tokens():
    predictions = tiny_tagger("none", ["NOUN", "VERB"]).predict(SENTENCES)
    frame = predictions.to_dataframe()
    assert frame["text"].tolist() == [token for tokens in SENTENCES for token in tokens]
    assert frame["label"].tolist() == [label for each in predictions for label in each.labels]
    with pytest.raises(UsageError, match="of: this model's labels have no spans; use of='tokens'"):
        predictions[:1].to_dataframe(of="spans")
    with pytest.raises(UsageError, match="of: expected 'spans' or 'tokens', found 'words'"):
        predictions.to_dataframe(of="words")


def test_entities_become_rows_with_places_in_the_text():
    text = "Anna met Bo in New York."
    entities = tiny_tagger().extract(text)
    frame = entities.to_dataframe()
    assert dict(frame.dtypes) == ENTITY_COLUMNS
    assert len(frame) == len(entities) > 0
    assert all(text[row.start : row.end] == row.text for row in frame.itertuples())
    assert [
        Entity(row.start, row.end, row.text, row.label, row.probability) for row in frame.itertuples()
    ] == entities


def test_frames_without_rows_have_the_same_types():
    assert dict(Predictions().to_dataframe().dtypes) == SPAN_COLUMNS
    assert dict(Predictions([prediction("a")]).to_dataframe().dtypes) == SPAN_COLUMNS
    assert dict(Predictions().to_dataframe(of="tokens").dtypes) == TOKEN_COLUMNS
    assert dict(Entities(text="a").to_dataframe().dtypes) == ENTITY_COLUMNS


@pytest.mark.parametrize("rows", [0, 1])
def test_types_are_those_of_tables_of_answers(rows):
    frame = Entities([Entity(0, 4, "Oslo", "LOC", 0.5)] * rows, text="Oslo").to_dataframe()
    expected = output_schema().field("entities").type.value_type
    found = pyarrow.Table.from_pandas(frame, preserve_index=False).schema
    assert {name: found.field(name).type for name in found.names} == {
        expected.field(number).name: expected.field(number).type for number in range(expected.num_fields)
    }


def test_any_text_fits_into_a_frame():
    frame = Entities([Entity(0, 1, "\ud800", "LOC", 0.5)], text="\ud800").to_dataframe()
    assert frame["text"].tolist() == ["\ud800"]


def test_the_lists_are_lists():
    predictions, entities = (
        Predictions([of_oslo()], has_spans=False),
        Entities([Entity(0, 1, "a", "X", 0.5)], text="ab"),
    )
    for values, extra in ((predictions, "has_spans"), (entities, "text")):
        assert values == list(values)
        for same in (copy.copy(values), copy.deepcopy(values), values[:]):
            assert type(same) is type(values)
            assert same == values
            assert getattr(same, extra) == getattr(values, extra)
        assert values[0] is values[-1]
        assert values[1:] == []
        assert np.array(values, dtype=object).shape == (1,)


def test_pandas_is_asked_for_when_there_is_none(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtraError, match=r"A data frame needs the package 'pandas'"):
        Predictions().to_dataframe()


def test_html_needs_neither_pandas_nor_pyarrow():
    program = (
        "import sys\nfrom tagger.prediction import Entities\nEntities(text='a')._repr_html_()\n"
        "print({'pandas', 'pyarrow', 'torch'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
