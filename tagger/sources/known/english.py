"""Known datasets of English: shared tasks on newswire and the web, OntoNotes, Few-NERD."""

from __future__ import annotations

from typing import Final

from tagger.formats.tables.column_choice import INTEGERS
from tagger.sources.known.entry import CONVERTED, Copy, KnownDataset, LabelColumn, Parts, iob2
from tagger.sources.request import DatasetRequest

SCRIPT: Final = "the loading script of October 2022, in the history of github.com/huggingface/datasets"
CARD: Final = "the dataset's card"
NOT_THE_HUB: Final = "The repository as it is today was not looked at, nor what its Parquet branch holds."

_CHUNKS: Final = iob2("ADJP", "ADVP", "CONJP", "INTJ", "LST", "NP", "PP", "PRT", "SBAR", "UCP", "VP")
_NEWSWIRE: Final = iob2("PER", "ORG", "LOC", "MISC")
# As the scripts number them; CoNLL-2000 has no '"', LS and NN|SYM.
_PENN_2000: Final = (
    *("''", "#", "$", "(", ")", ",", ".", ":", "``", "CC", "CD", "DT", "EX", "FW", "IN", "JJ"),
    *("JJR", "JJS", "MD", "NN", "NNP", "NNPS", "NNS", "PDT", "POS", "PRP", "PRP$", "RB", "RBR"),
    *("RBS", "RP", "SYM", "TO", "UH", "VB", "VBD", "VBG", "VBN", "VBP", "VBZ", "WDT", "WP"),
    *("WP$", "WRB"),
)
_PENN_2003: Final = (
    *('"', "''", "#", "$", "(", ")", ",", ".", ":", "``", "CC", "CD", "DT", "EX", "FW", "IN"),
    *("JJ", "JJR", "JJS", "LS", "MD", "NN", "NNP", "NNPS", "NNS", "NN|SYM", "PDT", "POS"),
    *("PRP", "PRP$", "RB", "RBR", "RBS", "RP", "SYM", "TO", "UH", "VB", "VBD", "VBG", "VBN"),
    *("VBP", "VBZ", "WDT", "WP", "WP$", "WRB"),
)
_NEWSWIRE_COLUMNS: Final = (
    LabelColumn("ner_tags", _NEWSWIRE),
    LabelColumn("chunk_tags", _CHUNKS),
    LabelColumn("pos_tags", _PENN_2003, scheme="none"),
)

CONLL2003: Final = KnownDataset(
    names=("conll2003",),
    about="Persons, organisations, locations and other names in Reuters newswire; also chunks and part of speech.",
    request=DatasetRequest("eriktks/conll2003", name="conll2003", revision=CONVERTED),
    token_column="tokens",
    label_columns=_NEWSWIRE_COLUMNS,
    licence="other: Reuters' texts, for research",
    copies=(
        Copy(DatasetRequest("tomaarsen/conll2003", revision="3a0c0677d3177b6122fceed3239dda7a5de6a514")),
        Copy(DatasetRequest("lhoestq/conll2003")),
    ),
    sources={
        "dataset": "Tjong Kim Sang & De Meulder 2003",
        "columns, labels, splits": SCRIPT,
        "licence": CARD,
        "copies": "public programs that read them; the commit of the first is named by one of them",
    },
    checked=f"Columns, labels in their order and splits, against the script. {NOT_THE_HUB}",
)

CONLLPP: Final = KnownDataset(
    names=("conll++", "conllpp"),
    about="CoNLL-2003 with the labels of the test split corrected.",
    request=DatasetRequest("ZihanWangKi/conllpp", name="conllpp", revision=CONVERTED),
    token_column="tokens",
    label_columns=_NEWSWIRE_COLUMNS,
    licence="not stated; the texts are Reuters', for research",
    copies=(Copy(DatasetRequest("tomaarsen/conllpp")),),
    sources={
        "dataset": "Wang et al. 2019 (CrossWeigh)",
        "columns, labels, splits": SCRIPT,
        "repository, copy": "public programs that read them",
    },
    checked=f"Columns, labels in their order and splits, against the script. {NOT_THE_HUB}",
)

CONLL2000: Final = KnownDataset(
    names=("conll2000",),
    about="Chunks (noun phrases, verb phrases, ...) and part of speech in the Wall Street Journal; no dev split.",
    request=DatasetRequest("eriktks/conll2000", name="conll2000", revision=CONVERTED),
    token_column="tokens",
    label_columns=(
        LabelColumn("chunk_tags", _CHUNKS),
        LabelColumn("pos_tags", _PENN_2000, scheme="none"),
    ),
    licence="not stated",
    splits={"train": "train", "test": "test"},
    sources={
        "dataset": "Tjong Kim Sang & Buchholz 2000",
        "columns, labels, splits": SCRIPT,
    },
    checked=f"Columns, labels in their order and splits, against the script. {NOT_THE_HUB}",
)

WNUT17: Final = KnownDataset(
    names=("wnut17", "wnut2017"),
    about="Novel and emerging entities of six types in tweets and comments.",
    request=DatasetRequest("leondz/wnut_17", name="wnut_17", revision=CONVERTED),
    token_column="tokens",
    label_columns=(
        LabelColumn(
            "ner_tags", iob2("corporation", "creative-work", "group", "location", "person", "product")
        ),
    ),
    licence="CC BY 4.0",
    copies=(Copy(DatasetRequest("flaitenberger/wnut_17")),),
    sources={
        "dataset": "Derczynski et al. 2017",
        "columns, labels, splits": f"{SCRIPT}, and a stored copy of {CARD}",
        "licence": CARD,
        "copy": "a public program that reads it",
    },
    checked=f"Columns, labels in their order and splits, against the script and the card. {NOT_THE_HUB}",
)

_ONTONOTES_TYPES: Final = (
    *(
        "PERSON",
        "NORP",
        "FAC",
        "ORG",
        "GPE",
        "LOC",
        "PRODUCT",
        "DATE",
        "TIME",
        "PERCENT",
        "MONEY",
        "QUANTITY",
    ),
    *("ORDINAL", "CARDINAL", "EVENT", "WORK_OF_ART", "LAW", "LANGUAGE"),
)

ONTONOTES: Final = KnownDataset(
    names=("ontonotes5", "ontonotes", "conll2012"),
    about="Entities of 18 types, part of speech and more in texts of many genres; a row is a document.",
    request=DatasetRequest("ontonotes/conll2012_ontonotesv5", name="{part}", revision=CONVERTED),
    token_column="sentences.words",
    label_columns=(
        LabelColumn("sentences.named_entities", iob2(*_ONTONOTES_TYPES)),
        LabelColumn("sentences.pos_tags", scheme="none"),
    ),
    licence="CC BY-NC-ND 4.0 on the card; the texts are the LDC's (LDC2013T19)",
    parts=Parts(
        "language and version",
        ("english_v12", "english_v4", "chinese_v4", "arabic_v4"),
        default="english_v12",
    ),
    sources={
        "dataset": "Pradhan et al. 2013",
        "columns, labels, splits, parts": SCRIPT,
        "licence": CARD,
    },
    checked="Columns, labels in their order, parts and splits, against the script. Part-of-speech tags differ from "
    f"part to part and are not compared. {NOT_THE_HUB}",
)

ONTONOTES_TNER: Final = KnownDataset(
    names=("ontonotes5_tner",),
    about="The entities of OntoNotes 5 in English, one sentence per row, as prepared by the T-NER project.",
    request=DatasetRequest(
        "tner/ontonotes5",
        data_files={
            "train": "dataset/train*.json",
            "validation": "dataset/valid*.json",
            "test": "dataset/test*.json",
        },
    ),
    token_column="tokens",
    label_columns=(
        LabelColumn(
            "tags",
            (
                *("O", "B-CARDINAL", "B-DATE", "I-DATE", "B-PERSON", "I-PERSON", "B-NORP", "B-GPE", "I-GPE"),
                *("B-LAW", "I-LAW", "B-ORG", "I-ORG", "B-PERCENT", "I-PERCENT", "B-ORDINAL", "B-MONEY"),
                *("I-MONEY", "B-WORK_OF_ART", "I-WORK_OF_ART", "B-FAC", "B-TIME", "I-CARDINAL", "B-LOC"),
                *("B-QUANTITY", "I-QUANTITY", "I-NORP", "I-LOC", "B-PRODUCT", "I-TIME", "B-EVENT"),
                *("I-EVENT", "I-FAC", "B-LANGUAGE", "I-PRODUCT", "I-ORDINAL", "I-LANGUAGE"),
            ),
            kind=INTEGERS,
        ),
    ),
    licence="other: the texts are the LDC's (LDC2013T19)",
    label_file="dataset/label.json",
    sources={
        "dataset": "Pradhan et al. 2013; Ushio & Camacho-Collados 2021 (T-NER)",
        "labels": "a public program that holds a copy of the list",
        "files": "the pattern of T-NER's other repositories",
    },
    checked="Labels in their order, against a public program. Not the names of the files, nor the repository: no "
    "access "
    "to the Hub. The names are read from the repository's own list, and compared with this one.",
)

FEW_NERD: Final = KnownDataset(
    names=("fewnerd",),
    about="Entities of 8 coarse (ner_tags) and 66 fine types (fine_ner_tags) in Wikipedia; labels are bare types.",
    request=DatasetRequest("DFKI-SLT/few-nerd", name="{part}"),
    token_column="tokens",
    label_columns=(
        LabelColumn(
            "ner_tags",
            ("O", "art", "building", "event", "location", "organization", "other", "person", "product"),
            scheme="io",
        ),
        LabelColumn(
            "fine_ner_tags",
            (
                *("O", "art-broadcastprogram", "art-film", "art-music", "art-other", "art-painting"),
                *("art-writtenart", "building-airport", "building-hospital", "building-hotel"),
                *("building-library", "building-other", "building-restaurant", "building-sportsfacility"),
                *("building-theater", "event-attack/battle/war/militaryconflict", "event-disaster"),
                *("event-election", "event-other", "event-protest", "event-sportsevent", "location-GPE"),
                *("location-bodiesofwater", "location-island", "location-mountain", "location-other"),
                *("location-park", "location-road/railway/highway/transit", "organization-company"),
                *("organization-education", "organization-government/governmentagency"),
                *("organization-media/newspaper", "organization-other", "organization-politicalparty"),
                *("organization-religion", "organization-showorganization", "organization-sportsleague"),
                *("organization-sportsteam", "other-astronomything", "other-award", "other-biologything"),
                *("other-chemicalthing", "other-currency", "other-disease", "other-educationaldegree"),
                *("other-god", "other-language", "other-law", "other-livingthing", "other-medical"),
                *("person-actor", "person-artist/author", "person-athlete", "person-director"),
                *("person-other", "person-politician", "person-scholar", "person-soldier"),
                *("product-airplane", "product-car", "product-food", "product-game", "product-other"),
                *("product-ship", "product-software", "product-train", "product-weapon"),
            ),
            scheme="io",
        ),
    ),
    licence="CC BY-SA 4.0",
    parts=Parts("setting", ("supervised", "inter", "intra"), default="supervised"),
    sources={
        "dataset": "Ding et al. 2021",
        "columns, labels, splits, parts": "a copy of its loading script in a public repository",
        "licence": CARD,
    },
    checked="Columns, labels in their order and splits, against a copy of the script; the coarse labels and two "
    "numbers "
    f"of fine ones against the example on the card. {NOT_THE_HUB}",
)

ENGLISH: Final = (CONLL2003, CONLLPP, CONLL2000, ONTONOTES, ONTONOTES_TNER, WNUT17, FEW_NERD)
