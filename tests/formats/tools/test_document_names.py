from hypothesis import given
from hypothesis import strategies as st

from tagger.formats.tools import document_names
from tagger.formats.tools.document_names import DocumentNames


def test_ids_that_are_good_paths_are_names():
    names = DocumentNames()
    assert [names.name(id) for id in ("a", "b/c", "Zoë")] == ["a", "b/c", "Zoë"]


def test_names_that_are_one_to_some_systems_have_numbers_in_their_order():
    names = DocumentNames()
    ids = ["a", "A", "a-2", "a", "a-2", "e\u0301", "\u00e9", "A"]
    assert [names.name(id) for id in ids] == [
        "a",
        "A-2",
        "a-2-2",
        "a-3",
        "a-2-3",
        "e\u0301",
        "\u00e9-2",
        "A-4",
    ]


@given(st.lists(st.sampled_from(["a", "A", "a-2", "a-3", "a-2-2", "A-02", "é", "e\u0301"]), max_size=30))
def test_each_name_has_the_first_number_that_is_free(ids):
    names = DocumentNames()
    given = set()
    for id in ids:
        number, expected = 1, id
        while document_names._key(expected) in given:
            number += 1
            expected = f"{id}-{number}"
        given.add(document_names._key(expected))
        assert names.name(id) == expected


def test_the_work_for_a_name_does_not_grow_with_the_number_of_names(monkeypatch):
    calls = []
    key = document_names._key

    def noted(name):
        calls.append(name)
        return key(name)

    monkeypatch.setattr(document_names, "_key", noted)
    names = DocumentNames()
    found = [names.name("x" * 150 + str(number)) for number in range(2_000)]
    assert found[-1] == "x" * 150 + "-2000"
    assert len(set(found)) == 2_000
    assert len(calls) < 20_000
