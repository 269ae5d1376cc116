"""The table of known datasets: found by names and ids, and whole."""

import pytest
from present import present

from tagger.sources.known import DATASETS, close_names, find, find_by_id


def labels_of(name, column):
    """The labels of a column of a dataset."""
    return present(present(find(name)).column(column)).labels


@pytest.mark.parametrize(
    ("name", "hub_id"),
    [
        ("conll2003", "eriktks/conll2003"),
        ("CoNLL-2003", "eriktks/conll2003"),
        ("conll++", "ZihanWangKi/conllpp"),
        ("conllpp", "ZihanWangKi/conllpp"),
        ("conll2000", "eriktks/conll2000"),
        ("conll2002", "eriktks/conll2002"),
        ("ontonotes5", "ontonotes/conll2012_ontonotesv5"),
        ("ontonotes5_tner", "tner/ontonotes5"),
        ("wnut_17", "leondz/wnut_17"),
        ("few-nerd", "DFKI-SLT/few-nerd"),
        ("multinerd", "Babelscape/multinerd"),
        ("wikineural", "Babelscape/wikineural"),
        ("wikiann", "unimelb-nlp/wikiann"),
        ("masakhaner2", "masakhane/masakhaner2"),
        ("germeval_14", "GermanEval/germeval_14"),
        ("multiconer1", "MultiCoNER/multiconer_v1"),
        ("multiconer2", "MultiCoNER/multiconer_v2"),
        ("universal_ner", "universalner/universal_ner"),
        ("bc5cdr", "tner/bc5cdr"),
        ("ncbi_disease", "ncbi/ncbi_disease"),
        ("jnlpba", "jnlpba/jnlpba"),
        ("universal_dependencies", "commul/universal_dependencies"),
    ],
)
def test_a_short_name_stands_for_a_repository(name, hub_id):
    assert present(find(name)).request.dataset == hub_id
    assert find_by_id(hub_id) is find(name)


def test_ids_of_repositories_are_no_short_names():
    assert find("eriktks/conll2003") is None
    assert find("imdb") is None


def test_copies_are_known_by_their_ids_in_any_case():
    assert present(find_by_id("Tomaarsen/CoNLL2003")).name == "conll2003"
    assert find_by_id("someone/conll2003") is None


def test_a_misspelt_name_is_close_to_some_known_ones():
    assert close_names("conl2003")[0] == "conll2003"
    assert close_names("multi-nerd2")[0] == "multinerd"
    assert close_names("squad") == []


def test_no_two_datasets_share_a_name():
    names = [name for dataset in DATASETS for name in dataset.names]
    assert len(set(names)) == len(names)
    assert all(find(name) is dataset for dataset in DATASETS for name in dataset.names)


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)
def test_every_dataset_says_where_its_facts_are_from_and_what_was_checked(dataset):
    assert dataset.about.endswith(".")
    assert dataset.checked.endswith(".")
    assert dataset.licence
    assert "dataset" in dataset.sources


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)
def test_parts_stand_in_the_call_or_the_splits_and_nowhere_else(dataset):
    template = f"{dataset.request}{dataset.splits}"
    assert ("{part}" in template) == (dataset.parts is not None)
    if dataset.parts is not None:
        assert min(map(len, dataset.parts.names)) >= 2
        assert len(set(dataset.parts.names)) == len(dataset.parts.names)
        assert set(dataset.parts.configurations) <= set(dataset.parts.names)
        assert dataset.parts.default in (None, *dataset.parts.names)
        filled = f"{dataset.request_for('xx')}{dataset.splits_for('xx')}{[copy.call('xx') for copy in dataset.copies]}"
        assert "{part}" not in filled


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)
def test_labels_are_in_their_scheme(dataset):
    for column in dataset.label_columns:
        if column.scheme == "iob2" and column.labels:
            types = {label[2:] for label in column.labels if label.startswith("B-")}
            assert set(column.labels) - {f"I-{kind}" for kind in types} == {
                "O",
                *(f"B-{kind}" for kind in types),
            }
        elif column.scheme == "io":
            assert column.labels[0] == "O"
            assert not [label for label in column.labels if label[:2] in ("B-", "I-")]


def test_the_order_of_labels_by_their_integers():
    # as the published lists have them, written out again
    assert labels_of("wnut17", "ner_tags")[3:5] == ("B-creative-work", "I-creative-work")
    assert labels_of("bc5cdr", "tags") == ("O", "B-Chemical", "B-Disease", "I-Disease", "I-Chemical")
    fine = labels_of("fewnerd", "fine_ner_tags")
    assert (len(fine), fine[7], fine[50], fine[51], fine[66]) == (
        *(67, "building-airport", "person-actor"),
        *("person-artist/author", "product-weapon"),
    )
    chunks = labels_of("conll2003", "chunk_tags")
    assert (len(chunks), chunks[1], chunks[11], chunks[22]) == (23, "B-ADJP", "B-NP", "I-VP")
    tags = labels_of("conll2003", "pos_tags")
    assert (len(tags), tags[0], tags[19], tags[46]) == (47, '"', "LS", "WRB")
    tags = labels_of("conll2000", "pos_tags")
    assert (len(tags), tags[0], tags[18], tags[43]) == (44, "''", "MD", "WRB")
