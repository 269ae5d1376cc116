from dataclasses import replace

from checking_corpora import part_of

from tagger.checking.copies.documents import find
from tagger.checking.corpus import Corpus

LONG = "the quick brown fox jumps over the lazy dog near the old river bank"


def test_documents_with_the_same_name_in_two_parts_are_found() -> None:
    corpus = Corpus(
        (
            part_of("train", "a b\nc d", document="news-7"),
            part_of("train_2", "a b\nc d", document="news-8"),
            part_of("test", "e f\ng h", document="news-7"),
            part_of("test_2", "e f", document="news-9"),
        )
    )

    assert list(find(corpus)) == []  # all ids of a part are also in the other: they are but numbers


def test_a_few_of_many_ids_are_names() -> None:
    train, test = (
        Corpus(tuple(part_of(name, "a b", document=document) for document in documents)).parts
        for name, documents in (("train", ("news-1", "news-2")), ("test", ("news-2", "news-3")))
    )
    merged = [_joined(name, parts) for name, parts in (("train", train), ("test", test))]

    [finding] = find(Corpus(tuple(merged)))
    assert finding.check == "shared-document"
    assert finding.part == "test"
    assert finding.message == (
        "document news-2 of test (1 sentence): parts of it are in train, document news-2"
    )


def test_numbers_are_no_names() -> None:
    train = _joined("train", [part_of("train", "a b", document=one) for one in ("1", "2", "3")])
    test = _joined("test", [part_of("test", "c d", document=one) for one in ("3", "4", "5")])

    assert list(find(Corpus((train, test)))) == []


def test_documents_that_say_nearly_the_same_are_found_whatever_their_ids() -> None:
    train = part_of("train", f"{LONG}\nanother sentence is here for all to see", document="1")
    test = part_of("test", f"well , {LONG}\nsome short end", document="5")

    [finding] = find(Corpus((train, test)))
    assert finding.places == ("test:1", "train:1")
    assert finding.details["shared_phrases"] >= 0.6


def test_sentences_of_no_document_are_no_document() -> None:
    assert list(find(Corpus((part_of("train", LONG), part_of("test", LONG))))) == []


def _joined(name, parts):
    examples = [example for part in parts for example in part.examples]
    return replace(parts[0], name=name, examples=examples, labels=[one.labels or () for one in examples])
