import io

from tagger.evaluation.characters.uncut_texts import UncutText, uncut_texts
from tagger.evaluation.parts import Part, read_parts
from tagger.formats import Losses, ReadingOptions
from tagger.text.rules import RuleSegmenter


def texts(*files: tuple[str, str]) -> list[UncutText]:
    """Return the texts of files, each a format and what is in it."""
    parts: list[Part] = []
    for number, (format, text) in enumerate(files, start=1):
        options = ReadingOptions(format=format)
        stream = io.StringIO(text)
        parts += read_parts(stream, options, Losses(), RuleSegmenter, name=f"{number}", file=number)
    return uncut_texts(parts)


def row(number: int, form: str, misc: str = "_") -> str:
    return "\t".join([str(number), form, "_", "X", *"_" * 5, misc]) + "\n"


def test_sentences_of_a_document_are_one_text():
    conllu = (
        f"# newdoc id = a\n{row(1, 'Oh', 'SpaceAfter=No')}{row(2, '.')}\n{row(1, 'No')}\n"
        f"# newdoc id = b\n# text = Go  on\n{row(1, 'Go')}{row(2, 'on')}\n"
    )
    assert texts(("conllu", conllu)) == [
        UncutText("Oh. No", "a", True, "1:2"),
        UncutText("Go  on", "b", True, "1:9"),
    ]


def test_sentences_of_tokens_have_a_blank_between_them():
    conll = "a X\nb X\n\nc X\n\n-DOCSTART- X\n\nd X\n\n"
    assert texts(("conll", conll)) == [
        UncutText("a b c", None, False, "1:1"),
        UncutText("d", "1", False, "1:8"),
    ]


def test_files_are_texts_of_their_own():
    conll = "a X\n\n"
    found = texts(("conll", conll), ("conll", conll))
    assert [text.origin for text in found] == ["1:1", "2:1"]


def test_texts_stay_as_they_are():
    lines = '{"text": "A  b.\\n", "spans": []}\n{"text": "C", "spans": [], "document": "c"}\n'
    assert texts(("jsonl", lines)) == [
        UncutText("A  b.\n", "1:1", True, "1:1"),
        UncutText("C", "c", True, "1:2"),
    ]
