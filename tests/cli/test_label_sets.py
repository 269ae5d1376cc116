"""What is said of gold labels and predictions that are not of one label set, or not wholly."""

import pytest

GOLD = "Anna\tB-PER\nlives\tO\nOslo\tB-LOC\n"
RENAME = "Rename them with tagger convert --map OLD=NEW, or choose other labels.\n"


@pytest.mark.parametrize("raw", [[], ["--raw"]])
@pytest.mark.parametrize(("first", "second"), [("person", "place"), ("per", "loc")])
def test_predictions_in_another_label_set_are_refused(program, write, first, second, raw):
    gold = write("gold.conll", GOLD)
    tool = write("tool.conll", GOLD.replace("PER", first).replace("LOC", second))
    status, output, errors = program("evaluate", "--predictions", tool, gold, *raw)
    assert (status, output) == (1, "")
    found = ", ".join(sorted([first, second]))
    assert errors == (
        f"tagger: error: expected predictions labelled as the gold labels are (LOC, PER), found only {found}. {RENAME}"
    )


def test_plain_labels_of_another_set_are_refused(program, write):
    gold, tool = write("gold.conll", "a\tNOUN\nb\tVERB\n"), write("tool.conll", "a\tNN\nb\tVBZ\n")
    status, _, errors = program("evaluate", "--predictions", tool, gold)
    assert (status, "found only NN, VBZ" in errors) == (1, True)


def test_one_type_that_is_only_written_in_another_way_is_refused(program, write):
    gold, tool = write("gold.conll", "Anna\tB-PER\n"), write("tool.conll", "Anna\tB-per\n")
    assert program("evaluate", "--predictions", tool, gold)[0] == 1


def test_types_that_gold_labels_lack_are_mentioned(program, write):
    gold, tool = write("gold.conll", GOLD), write("tool.conll", GOLD.replace("lives\tO", "lives\tB-DATE"))
    status, _, errors = program("evaluate", "--predictions", tool, gold)
    assert (status, errors) == (
        0,
        "tagger: note: the gold labels have no DATE; such predictions count as wrong\n",
    )


def test_a_tool_that_found_nothing_right_or_nothing_at_all_is_scored(program, write):
    gold = write("gold.conll", "Anna\tB-PER\n")
    for label in ("B-LOC", "O"):
        tool = write("tool.conll", f"Anna\t{label}\n")
        status, output, _ = program("evaluate", "--predictions", tool, gold)
        assert (status, output.startswith("F1 0.00 %")) == (0, True)


@pytest.mark.parametrize("raw", [[], ["--raw"]])
@pytest.mark.parametrize("label", ["ORG", "per"])
def test_gold_labels_of_which_the_model_knows_none_are_refused(program, ner_model, write, label, raw):
    status, _, errors = program("evaluate", ner_model, write("gold.conll", f"Anna B-{label}\n"), *raw)
    assert status == 1
    assert errors.splitlines()[-1] + "\n" == (
        f"tagger: error: expected gold labels that the model knows (LOC, PER), found only {label}. {RENAME}"
    )
