import html
import re
from dataclasses import replace

from checking_corpora import corpus_of, part_of

from tagger.checking.corpus import Corpus
from tagger.checking.findings import Finding
from tagger.checking.page import browser, to_html
from tagger.checking.report import Report, check

USUAL = "\n".join(["in New/B-LOC York/I-LOC now"] * 5)
EVIL = '<script>alert("1")<b>'


def _text(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", page))


def test_both_readings_stand_in_their_sentences() -> None:
    corpus = corpus_of(train=f"{USUAL}\nto New/B-ORG York/I-ORG")

    page = to_html(check(corpus), corpus)
    article = next(
        one for one in re.findall(r"<article.*?</article>", page) if "conflicting" in page and "ORG" in one
    )
    assert "train:6" in article
    assert "train:1" in article
    first, second = article.split("marked lines1")[1:]
    assert re.findall(r'<i class="[^"]*">(\w*)</i>', first) == ["ORG", ""]
    assert re.findall(r'<i class="[^"]*">(\w*)</i>', second) == ["LOC", ""]
    assert "wrong" in first
    assert "right" in second


def test_each_severity_check_and_part_can_be_chosen() -> None:
    corpus = corpus_of(train=f"{USUAL}\nto New/B-ORG York/I-ORG\na b c d e\na b c d e", test="a b c d e")

    page = to_html(check(corpus), corpus)
    for legend in ("Severity", "Check", "Part"):
        assert f"<legend>{legend}</legend>" in page
    assert re.search(r"\.filtered:has\(#check\d:checked\) \.item:not\(\.check\d\)", page)
    assert "<script" not in page


def test_figures_have_pictures_and_tables() -> None:
    corpus = corpus_of(train="in Rome/B-LOC by Ann/B-PER", test="in Rome/B-LOC")

    page = to_html(check(corpus), corpus)
    text = _text(page)
    for title in ("Parts", "Spans by type", "Entities that train has", "What memory alone would score"):
        assert title in text
    assert page.count("<svg") > 5
    assert "The figures" in text


def test_hostile_texts_are_inert() -> None:
    evil = part_of("train", f"{EVIL}/B-{EVIL} x/B-{EVIL}\n" * 2 + f"{EVIL} y", document=EVIL)
    evil = replace(evil, name=EVIL, files=(f"{EVIL}.conll",))
    other = part_of("test", f"{EVIL}/B-{EVIL} and x/B-PER of it all")
    corpus = Corpus((evil, other, part_of("dev", "and x of it all here now")))

    finding = Finding("leaked-sentence", EVIL, (EVIL,), EVIL)
    page = to_html(
        replace(check(corpus), findings=(finding, *check(corpus).findings), remarks=(EVIL,)), corpus
    )
    assert "<script" not in page
    assert EVIL in _text(page)


def test_of_very_many_findings_the_first_ones_of_each_check_are_shown(monkeypatch) -> None:
    monkeypatch.setattr(browser, "MAX_FINDINGS", 4)
    findings = [Finding("duplicate-sentence", f"copy {number}") for number in range(100)]
    findings.insert(0, Finding("leaked-sentence", "leak"))

    page = to_html(Report(tuple(findings)), corpus_of(train="a"))
    text = _text(page)
    assert "4 of 101 findings are shown, the first ones of each check." in text
    assert "leak" in text
    assert "copy 2" in text
    assert "copy 3" not in text
    assert "3 of 100" in text


def test_findings_that_are_too_long_for_the_page_are_left_out(monkeypatch) -> None:
    monkeypatch.setattr(browser, "MAX_BYTES", 1000)
    findings = tuple(Finding("duplicate-sentence", f"{number} " * 100) for number in range(10))

    assert "of 10 findings are shown" in _text(to_html(Report(findings), corpus_of(train="a")))


def test_a_clean_corpus_and_none_at_all_have_a_page() -> None:
    assert "Nothing was found." in _text(to_html(Report(()), corpus_of(train="a")))
    assert "Check of nothing" in to_html(Report(()), Corpus(()))


def test_remarks_are_shown() -> None:
    assert "There is one part only" in _text(to_html(check(corpus_of(train="a")), corpus_of(train="a")))
