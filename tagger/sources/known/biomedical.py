"""Known datasets of biomedical texts: diseases, chemicals, genes and cells."""

from __future__ import annotations

from typing import Final

from tagger.formats.tables.column_choice import INTEGERS
from tagger.sources.known.english import CARD, NOT_THE_HUB, SCRIPT
from tagger.sources.known.entry import CONVERTED, Copy, KnownDataset, LabelColumn, iob2
from tagger.sources.request import DatasetRequest

_TNER_FILES: Final = {
    "train": "dataset/train.json",
    "validation": "dataset/valid.json",
    "test": "dataset/test.json",
}

BC5CDR: Final = KnownDataset(
    names=("bc5cdr",),
    about="Chemicals and diseases in abstracts of PubMed, cut into sentences by the T-NER project.",
    request=DatasetRequest("tner/bc5cdr", data_files=_TNER_FILES),
    token_column="tokens",
    label_columns=(
        LabelColumn("tags", ("O", "B-Chemical", "B-Disease", "I-Disease", "I-Chemical"), kind=INTEGERS),
    ),
    licence="other",
    label_file="dataset/label.json",
    sources={
        "dataset": "Li et al. 2016; Ushio & Camacho-Collados 2021 (T-NER)",
        "columns, labels, splits": f"a copy of {CARD} in a public repository, and public programs",
        "files": "public programs that read them",
    },
    checked="Labels in their order, against the card and two public programs (a third has I-Chemical before "
    "B-Disease, "
    "which the card contradicts). Not the repository: no access to the Hub. The names are read from the repository's "
    "own list, and compared with this one.",
)

NCBI_DISEASE: Final = KnownDataset(
    names=("ncbi_disease",),
    about="Diseases in abstracts of PubMed.",
    request=DatasetRequest("ncbi/ncbi_disease", name="ncbi_disease", revision=CONVERTED),
    token_column="tokens",
    label_columns=(LabelColumn("ner_tags", iob2("Disease")),),
    licence="unknown",
    sources={
        "dataset": "Doğan et al. 2014",
        "columns, labels, splits": SCRIPT,
        "repository, Parquet branch": "a public program that reads them",
        "licence": CARD,
    },
    checked=f"Columns, labels in their order and splits, against the script. {NOT_THE_HUB}",
)

JNLPBA: Final = KnownDataset(
    names=("jnlpba",),
    about="DNA, RNA, proteins, cell lines and cell types in abstracts of MEDLINE; no test split: what is called "
    "validation is the evaluation set of the shared task.",
    request=DatasetRequest("jnlpba/jnlpba", name="jnlpba", revision=CONVERTED),
    token_column="tokens",
    label_columns=(LabelColumn("ner_tags", iob2("DNA", "RNA", "cell_line", "cell_type", "protein")),),
    licence="unknown",
    splits={"train": "train", "dev": "validation"},
    copies=(Copy(DatasetRequest("tner/bionlp2004", data_files=_TNER_FILES), "dataset/label.json"),),
    sources={
        "dataset": "Collier & Kim 2004",
        "columns, labels, splits": SCRIPT,
        "repository, Parquet branch, copy": "public programs that read them",
        "licence": CARD,
    },
    checked="Columns, labels in their order and splits, against the script. The copy, which has a test split, "
    "numbers its "
    f"labels in another way. {NOT_THE_HUB}",
)

BIOMEDICAL: Final = (BC5CDR, NCBI_DISEASE, JNLPBA)
