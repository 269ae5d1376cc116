"""The page of an agreement."""

import re

from agreement_cases import annotator, corpus

from tagger.agreement.agreement import find_agreement

ANN = annotator("ann", "Anna/B-PER met/O Bob/B-PER", "in/O Oslo/B-LOC")
BOB = annotator("bob", "Anna/B-PER met/O Bob/O", "in/O Oslo/B-LOC")


def test_each_conflict_is_shown_as_each_annotator_has_it():
    page = find_agreement(corpus(ANN, BOB)).to_html("two")
    conflicts = page[page.index('id="conflicts"') :]
    assert conflicts.count("ann.conll:1") == 1
    assert "ann.conll:2" not in conflicts  # they agree there
    assert len(re.findall(r"<bdi[^>]*>PER</bdi>|>PER<", conflicts)) == 3  # Anna twice, Bob once


def test_without_a_conflict_there_is_no_such_section():
    assert 'id="conflicts"' not in find_agreement(corpus(ANN, ANN)).to_html("same")


def test_hostile_words_and_names_stay_text():
    odd = annotator("<script>alert(1)</script>", "<u>/B-<q> met/O", "in/O")
    other = annotator("other", "<u>/O met/O", "in/O")
    page = find_agreement(corpus(odd, other)).to_html("<script>")
    assert "<script" not in page
    assert "<u>" not in page
    assert "<q>" not in page


def test_plain_labels_are_shown_where_they_differ():
    first = annotator("a", "x/NOUN y/VERB", has_spans=False)
    second = annotator("b", "x/NOUN y/ADJ", has_spans=False)
    page = find_agreement(corpus(first, second)).to_html("tags")
    conflicts = page[page.index('id="conflicts"') :]
    assert "VERB" in conflicts
    assert "ADJ" in conflicts
    assert "NOUN" not in conflicts


def test_a_page_without_anything_to_compare_can_be_made():
    page = find_agreement(corpus(annotator("a", "x/O"), annotator("b", "x/O"))).to_html("nothing")
    assert "nan" not in page.lower().replace("dominant", "")
