"""Every check of labels finds what is planted, where it is, and not what only resembles it."""

import pytest
from checked_files import found_in, lines_of, read_files, rows
from present import present

LEGAL = "In/O New/B-LOC York/I-LOC it/O rains/O\nAnna/B-PER works/O at/O IBM/B-ORG"
MANY = "\n".join([LEGAL] * 40)


@pytest.mark.parametrize(
    ("sentence", "label", "read_as"),
    [
        ("a/O b/I-PER", "I-PER", "B-PER"),
        ("a/B-PER b/I-LOC", "I-LOC", "B-LOC"),
        ("a/O b/B_PER", "B_PER", "B-PER"),
        ("a/O b/b-per", "b-per", "B-PER"),
        ("a/O b/B-", "B-", "O"),
        ("a/O b/XYZ", "XYZ", "O"),
    ],
)
def test_each_label_that_breaks_its_scheme_is_found_at_its_line(tmp_path, sentence, label, read_as):
    text = rows(f"{sentence}\n{MANY}")
    (finding,) = found_in(tmp_path, "illegal-label", train_conll=text)
    assert lines_of([finding]) == [[2]]
    assert finding.details == {"label": label, "read_as": read_as, "token": "b", "position": 1}
    assert finding.message.endswith(f"; it is read as '{read_as}' (token 'b')")


@pytest.mark.parametrize(
    "text",
    [
        "a/O b/I-PER c/I-PER\nd/I-LOC",  # IOB1
        "a/B-PER b/E-PER c/S-LOC",
        "a/B_PER b/I_PER c/O",
        "a/NOUN b/VERB",
        "a/person b/O",
    ],
)
def test_labels_that_are_legal_in_some_scheme_are_none_of_these(tmp_path, text):
    read = read_files(tmp_path, train_conll=rows(text))
    assert read.corpus.found == ()
    assert found_in(tmp_path, "illegal-label", train_conll=rows(text)) == []


def test_of_schemes_with_the_same_letters_the_one_that_fewest_labels_break_is_meant(tmp_path):
    text = "\n".join(["a/I-PER b/I-PER c/O", "a/O b/I-LOC"] * 30) + "\na/B-PER b/O"
    read = read_files(tmp_path, train_conll=rows(text))
    assert read.corpus.parts[0].scheme == "iob1"
    (finding,) = found_in(tmp_path, "illegal-label", train_conll=rows(text))
    assert finding.details["label"] == "B-PER"


def test_labels_of_which_many_fit_no_scheme_are_unclear(tmp_path):
    text = rows("a/O b/B-PER c/XYZ\nd/O e/ABC")
    (finding,) = found_in(tmp_path, "scheme-unclear", train_conll=text)
    assert lines_of([finding]) == [[3]]
    assert finding.message.startswith("label 'XYZ' is neither O nor a letter and a type")


def test_types_without_letters_are_unclear_where_hardly_any_token_is_outside(tmp_path):
    text = rows("\n".join(["a/NOUN b/VERB"] * 30 + ["a/NOUN b/O"]))
    (finding,) = found_in(tmp_path, "scheme-unclear", train_conll=text)
    assert lines_of([finding]) == [[92]]
    usual = rows("\n".join(["a/person b/O c/O"] * 30))
    assert found_in(tmp_path, "scheme-unclear", train_conll=usual) == []


def test_parts_in_different_schemes_are_found(tmp_path):
    bioes = rows("Anna/S-PER is/O in/O New/B-LOC York/E-LOC")
    (finding,) = found_in(tmp_path, "scheme-differs", train_conll=rows(MANY), test_conll=bioes)
    assert (finding.details["scheme"], finding.details["other"]) == ("bioes", "iob2")
    assert present(finding.part).endswith("test.conll")


def test_a_part_that_fits_the_scheme_of_train_has_it(tmp_path):
    # By itself it would be IOB2.
    read = read_files(tmp_path, train_conll=rows("a/I-PER b/B-PER\nc/I-LOC"), test_conll=rows("a/O b/O"))
    assert [part.scheme for part in read.corpus.parts] == ["iob1", "iob1"]
    assert read.corpus.found == ()


def test_files_of_one_part_in_different_schemes_are_found(tmp_path):
    from tagger.checking.given import find_parts
    from tagger.checking.reading import read_corpus
    from tagger.formats import ReadingOptions

    (tmp_path / "a.conll").write_text(rows("Anna/B-PER Berg/I-PER is/O"))
    (tmp_path / "b.conll").write_text(rows("Anna/S-PER is/O in/O New/B-LOC York/E-LOC"))
    parts = find_parts([f"train={tmp_path / 'a.conll'}", f"train={tmp_path / 'b.conll'}"])
    checks = [finding.check for finding in read_corpus(parts, ReadingOptions()).corpus.found]
    assert checks == ["scheme-differs"]


@pytest.mark.parametrize("other", ["loc", "Loc", "L0C"])
def test_types_that_are_spelled_in_two_ways_are_found(tmp_path, other):
    text = rows(f"a/O b/O c/B-{other}\n{MANY}")
    (finding,) = found_in(tmp_path, "similar-labels", train_conll=text)
    assert finding.details["types"] == {"LOC": 40, other: 1}
    assert lines_of([finding]) == [[3]]


@pytest.mark.parametrize("other", ["LOCATION", "LOC$", "GPE"])
def test_types_of_other_names_are_not(tmp_path, other):
    assert found_in(tmp_path, "similar-labels", train_conll=rows(f"a/B-{other}\n{MANY}")) == []


def test_types_that_train_lacks_are_found_in_the_others(tmp_path):
    (finding,) = found_in(
        tmp_path, "labels-missing-in-train", train_conll=rows(MANY), dev_conll=rows("a/O b/B-MISC\nc/B-LOC")
    )
    assert finding.details == {"type": "MISC"}
    assert lines_of([finding]) == [[2]]


def test_types_that_only_train_has_are_not(tmp_path):
    files = {"train_conll": rows(MANY), "dev_conll": rows("a/O c/B-LOC")}
    assert found_in(tmp_path, "labels-missing-in-train", **files) == []


def test_rare_types_are_found(tmp_path):
    text = "\n".join(["a/B-FEW"] * 4 + ["a/B-ENOUGH"] * 5 + [MANY])
    (finding,) = found_in(tmp_path, "rare-label", train_conll=rows(text))
    assert finding.details == {"type": "FEW", "count": 4}


@pytest.mark.parametrize(
    ("sentence", "mark"),
    [
        ("the/O (/B-LOC Oslo/I-LOC )/O", "("),
        ("a/O Oslo/B-LOC )/I-LOC", ")"),
        ('a/O "/B-LOC Oslo/I-LOC "/O', '"'),
    ],
)
def test_half_a_pair_of_brackets_or_quotes_is_found(tmp_path, sentence, mark):
    (finding,) = found_in(tmp_path, "unbalanced-span", train_conll=rows(f"{sentence}\n{MANY}"))
    assert finding.details["mark"] == mark
    assert lines_of([finding]) == [[2]]


@pytest.mark.parametrize(
    "sentence",
    [
        "a/O Oslo/B-LOC (/I-LOC N/I-LOC )/I-LOC",
        "a/O (/O Oslo/B-LOC )/O",
        'a/O TV/B-LOC 12/I-LOC "/I-LOC',
        ":)/B-LOC",
    ],
)
def test_whole_pairs_are_not(tmp_path, sentence):
    assert found_in(tmp_path, "unbalanced-span", train_conll=rows(f"{sentence}\n{MANY}")) == []


def test_punctuation_at_the_end_of_a_span_is_found_where_hardly_any_other_has_some(tmp_path):
    text = "\n".join(
        ["Oslo/B-LOC"] * 200 + ["in/O Rome/B-LOC ,/I-LOC so/O", "St/B-LOC ./I-LOC", "Yahoo/B-LOC !/I-LOC"]
    )
    (finding,) = found_in(tmp_path, "odd-boundary", train_conll=rows(text))
    assert lines_of([finding]) == [[402]]
    assert finding.message == "the LOC 'Rome ,' ends with ','; 1 of 203 end with punctuation"
    usual = "\n".join(["Oslo/B-LOC"] * 190 + ["Rome/B-LOC ,/I-LOC"] * 10)
    assert found_in(tmp_path, "odd-boundary", train_conll=rows(usual)) == []


def test_spans_far_longer_than_others_are_found(tmp_path):
    long = "a/B-LOC " + " ".join(["b/I-LOC"] * 20)
    (finding,) = found_in(
        tmp_path, "monstrous-span", train_conll=rows("\n".join([*["x/O y/B-LOC"] * 200, long + " z/O"]))
    )
    assert lines_of([finding]) == [[601]]
    assert found_in(tmp_path, "monstrous-span", train_conll=rows("\n".join([long + " z/O"] * 30))) == []


def test_sentences_of_one_label_are_found(tmp_path):
    whole, part = "a/B-LOC " + " ".join(["b/I-LOC"] * 7), "a/O " + " ".join(["b/O"] * 8)
    (finding,) = found_in(tmp_path, "one-label-sentence", train_conll=rows(f"{part}\n{whole}\nc/B-LOC"))
    assert lines_of([finding]) == [[11]]
    tags = rows(" ".join(["a/NOUN"] * 8) + "\n" + " ".join(["a/NOUN"] * 7 + ["b/VERB"]))
    assert lines_of(found_in(tmp_path, "one-label-sentence", train_conll=tags)) == [[1]]


def test_documents_that_nobody_has_annotated_are_found(tmp_path):
    sentence = "Oslo/B-LOC is/O the/O town/O"
    document = rows("\n".join([sentence] * 30))
    empty = rows("\n".join(["Oslo/O is/O the/O town/O"] * 30))
    start = "-DOCSTART-\tO\n\n"
    text = "".join(start + each for each in [document] * 8 + [empty])
    (finding,) = found_in(tmp_path, "unannotated-document", train_conll=text)
    assert finding.details["document"] == "9"
    short = start + rows("Oslo/O is/O the/O town/O")
    assert (
        found_in(
            tmp_path, "unannotated-document", train_conll="".join(start + document for _ in range(8)) + short
        )
        == []
    )


def test_many_sentences_in_a_row_without_a_span_are_found(tmp_path):
    annotated, empty = ["Oslo/B-LOC", "a/O"], ["a/O b/O"]
    (finding,) = found_in(
        tmp_path, "unannotated-stretch", train_conll=rows("\n".join(annotated * 150 + empty * 120))
    )
    assert finding.details["sentences"] == 121
    assert (
        found_in(tmp_path, "unannotated-stretch", train_conll=rows("\n".join(annotated * 150 + empty * 20)))
        == []
    )


def test_a_part_with_few_labels_that_break_the_scheme_of_train_is_in_it_all_the_same(tmp_path):
    dev = "\n".join(["a/O b/O", "New/B-LOC York/I-LOC"] * 20 + ["a/O b/I-LOC"])
    (finding,) = found_in(tmp_path, "illegal-label", train_conll=rows(MANY), dev_conll=rows(dev))
    assert present(finding.part).endswith("dev.conll")
    assert found_in(tmp_path, "scheme-differs", train_conll=rows(MANY), dev_conll=rows(dev)) == []


def test_spans_beside_plain_labels_differ_from_them(tmp_path):
    tags = rows("\n".join(["a/NOUN b/VERB"] * 40))
    (finding,) = found_in(tmp_path, "scheme-differs", train_conll=tags, dev_conll=rows(LEGAL))
    assert (finding.details["scheme"], finding.details["other"]) == ("iob2", "none")
    more_tags = rows("c/ADP b/VERB")
    assert found_in(tmp_path, "scheme-differs", train_conll=tags, dev_conll=more_tags) == []
