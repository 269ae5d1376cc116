"""Conflicts as tasks, and the majority as annotations."""

from agreement_cases import annotator, corpus
from present import present

from tagger.agreement.conflicts import conflict_tasks, majority_tasks, num_without_majority
from tagger.formats import CharacterSpan
from tagger.formats.tasks import Reading

ANN = annotator("ann", "Anna/B-PER met/O Bob/B-PER", "in/O Oslo/B-LOC")
BOB = annotator("bob", "Anna/B-PER met/O Bob/O", "in/O Oslo/B-LOC")


def test_only_conflicts_become_tasks_and_what_all_agree_on_is_kept():
    (task,) = conflict_tasks(corpus(ANN, BOB), as_spans=True)
    assert (task.text, task.tokens, task.origin) == ("Anna met Bob", ((0, 4), (5, 8), (9, 12)), "ann.conll:1")
    anna, bob = CharacterSpan(0, 4, "PER"), CharacterSpan(9, 12, "PER")
    assert task.readings == (
        Reading(name="agreed", spans=(anna,), is_annotation=True),
        Reading(name="ann", spans=(anna, bob)),
        Reading(name="bob", spans=(anna,)),
    )
    assert task.fields == {"conflicts": 1}


def test_who_does_not_have_a_sentence_has_no_reading_of_it():
    (task,) = conflict_tasks(corpus(ANN, BOB, annotator("cy", "in/O Oslo/B-LOC")), as_spans=True)
    assert [reading.name for reading in task.readings] == ["agreed", "ann", "bob"]
    assert task.fields == {"conflicts": 1, "missing": "cy"}


def test_an_annotator_called_agreed_keeps_the_name():
    named = annotator("agreed", "Anna/O met/O Bob/O", "in/O Oslo/B-LOC")
    (task,) = conflict_tasks(corpus(ANN, named), as_spans=True)
    assert [reading.name for reading in task.readings] == ["agreed_", "ann", "agreed"]


def test_plain_labels_are_spans_of_a_token_or_labels():
    first = annotator("a", "x/N y/V", has_spans=False)
    second = annotator("b", "x/N y/N", has_spans=False)
    (task,) = conflict_tasks(corpus(first, second), as_spans=True)
    assert task.readings[0] == Reading(name="agreed", spans=(CharacterSpan(0, 1, "N"),), is_annotation=True)
    assert task.fields == {"conflicts": 1}
    (task,) = conflict_tasks(corpus(first, second), as_spans=False)
    assert task.readings == (
        Reading(name="a", labels=("N", "V"), is_annotation=True),
        Reading(name="b", labels=("N", "N")),
    )
    assert task.fields == {"conflicts": 1}


def test_ids_of_documents_go_with_the_task():
    first, second = annotator("a", ("7", "x/O")), annotator("b", ("7", "x/B-X"))
    (task,) = conflict_tasks(corpus(first, second), as_spans=True)
    assert task.document == "7"


def test_the_majority_is_of_whole_spans():
    three = corpus(ANN, BOB, annotator("cy", "Anna/B-PER met/I-PER Bob/B-PER", "in/O Oslo/B-LOC"))
    tasks = list(majority_tasks(three))
    spans = [[(span.start, span.end) for span in present(task.readings[0].spans)] for task in tasks]
    assert spans == [[(0, 4), (9, 12)], [(3, 7)]]
    assert num_without_majority(three) == 1


def test_sentences_with_a_label_without_majority_are_left_out():
    first = annotator("a", "x/N y/V", "z/N", has_spans=False)
    second = annotator("b", "x/N y/N", "z/N", has_spans=False)
    found = corpus(first, second)
    assert [task.text for task in majority_tasks(found)] == ["z"]
    assert num_without_majority(found) == 1
