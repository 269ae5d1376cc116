"""Known datasets of other languages, most of them in a part for each language or treebank."""

from __future__ import annotations

from typing import Final

from tagger.formats.tables.column_choice import INTEGERS, STRINGS
from tagger.sources.known.english import CARD, NOT_THE_HUB, SCRIPT
from tagger.sources.known.entry import CONVERTED, Copy, KnownDataset, LabelColumn, Parts, iob2
from tagger.sources.request import DatasetRequest

_PROGRAMS: Final = "public programs that read it"

CONLL2002: Final = KnownDataset(
    names=("conll2002",),
    about="Persons, organisations, locations and other names in Spanish and Dutch newspapers; also part of speech.",
    request=DatasetRequest("eriktks/conll2002", name="{part}", revision=CONVERTED),
    token_column="tokens",
    label_columns=(
        LabelColumn("ner_tags", iob2("PER", "ORG", "LOC", "MISC")),
        LabelColumn("pos_tags", scheme="none"),
    ),
    licence="unknown",
    parts=Parts("language", ("es", "nl")),
    sources={
        "dataset": "Tjong Kim Sang 2002",
        "columns, labels, splits, parts": f"{SCRIPT}, and {CARD} of that time",
        "licence": CARD,
    },
    checked="Columns, labels in their order, parts and splits, against script and card. Part-of-speech tags differ "
    "from "
    f"part to part and are not compared. {NOT_THE_HUB}",
)

GERMEVAL14: Final = KnownDataset(
    names=("germeval14", "germeval2014"),
    about="Entities of four types, their derivations and parts, in German; outer ones (ner_tags) and those inside "
    "(nested_ner_tags).",
    request=DatasetRequest("GermanEval/germeval_14", name="germeval_14", revision=CONVERTED),
    token_column="tokens",
    label_columns=tuple(
        LabelColumn(
            name,
            iob2(*(kind + form for kind in ("LOC", "ORG", "OTH", "PER") for form in ("", "deriv", "part"))),
        )
        for name in ("ner_tags", "nested_ner_tags")
    ),
    licence="CC BY 4.0",
    copies=(Copy(DatasetRequest("gwlms/germeval2014")),),
    sources={
        "dataset": "Benikova et al. 2014",
        "columns, labels, splits": SCRIPT,
        "repository, copy, licence": "public programs that read them",
    },
    checked=f"Columns, labels in their order and splits, against the script; not the columns of the copy. "
    f"{NOT_THE_HUB}",
)

WIKIANN: Final = KnownDataset(
    names=("wikiann", "panx"),
    about="Persons, organisations and locations in Wikipedia in 176 languages, annotated automatically.",
    request=DatasetRequest("unimelb-nlp/wikiann", name="{part}"),
    token_column="tokens",
    label_columns=(LabelColumn("ner_tags", iob2("PER", "ORG", "LOC")),),
    licence="not stated",
    parts=Parts(
        "language",
        (
            *("ace", "af", "als", "am", "an", "ang", "ar", "arc", "arz", "as", "ast", "ay", "az", "ba"),
            *("bar", "be", "bg", "bh", "bn", "bo", "br", "bs", "ca", "cdo", "ce", "ceb", "ckb", "co"),
            *("crh", "cs", "csb", "cv", "cy", "da", "de", "diq", "dv", "el", "en", "eo", "es", "et"),
            *("eu", "ext", "fa", "fi", "fo", "fr", "frr", "fur", "fy", "ga", "gan", "gd", "gl", "gn"),
            *("gu", "hak", "he", "hi", "hr", "hsb", "hu", "hy", "ia", "id", "ig", "ilo", "io", "is"),
            *("it", "ja", "jbo", "jv", "ka", "kk", "km", "kn", "ko", "ksh", "ku", "ky", "la", "lb"),
            *("li", "lij", "lmo", "ln", "lt", "lv", "mg", "mhr", "mi", "min", "mk", "ml", "mn", "mr"),
            *("ms", "mt", "mwl", "my", "mzn", "nap", "nds", "ne", "nl", "nn", "no", "nov", "oc", "or"),
            *("os", "other-bat-smg", "other-be-x-old", "other-cbk-zam", "other-eml", "other-fiu-vro"),
            *("other-map-bms", "other-simple", "other-zh-classical", "other-zh-min-nan"),
            *("other-zh-yue", "pa", "pdc", "pl", "pms", "pnb", "ps", "pt", "qu", "rm", "ro", "ru"),
            *("rw", "sa", "sah", "scn", "sco", "sd", "sh", "si", "sk", "sl", "so", "sq", "sr", "su"),
            *("sv", "sw", "szl", "ta", "te", "tg", "th", "tk", "tl", "tr", "tt", "ug", "uk", "ur"),
            *("uz", "vec", "vep", "vi", "vls", "vo", "wa", "war", "wuu", "xmf", "yi", "yo", "zea"),
            "zh",
        ),
    ),
    sources={
        "dataset": "Pan et al. 2017; splits of Rahimi et al. 2019",
        "columns, labels, splits, languages": SCRIPT,
    },
    checked=f"Columns, labels in their order, languages and splits, against the script. {NOT_THE_HUB}",
)

WIKINEURAL: Final = KnownDataset(
    names=("wikineural",),
    about="Persons, organisations, locations and other names in Wikipedia in nine languages, annotated "
    "automatically.",
    request=DatasetRequest("Babelscape/wikineural"),
    token_column="tokens",
    label_columns=(LabelColumn("ner_tags", iob2("PER", "ORG", "LOC", "MISC"), kind=INTEGERS),),
    licence="CC BY-NC-SA 4.0",
    splits={"train": "train_{part}", "dev": "val_{part}", "test": "test_{part}"},
    parts=Parts("language", ("de", "en", "es", "fr", "it", "nl", "pl", "pt", "ru")),
    sources={
        "dataset": "Tedeschi et al. 2021",
        "labels, splits": _PROGRAMS,
        "languages, licence": "the authors' repository, github.com/Babelscape/wikineural",
    },
    checked="Labels in their order and the names of splits, against three public programs; licence and languages, "
    "against the authors' repository. Not whether the column holds integers, nor the repository on the Hub.",
)

MULTINERD: Final = KnownDataset(
    names=("multinerd",),
    about="Entities of 15 types in Wikipedia and Wikinews in ten languages, annotated automatically.",
    request=DatasetRequest(
        "Babelscape/multinerd",
        data_files={
            "train": "train/train_{part}.jsonl",
            "validation": "val/val_{part}.jsonl",
            "test": "test/test_{part}.jsonl",
        },
    ),
    token_column="tokens",
    label_columns=(
        LabelColumn(
            "ner_tags",
            iob2(
                *("PER", "ORG", "LOC", "ANIM", "BIO", "CEL", "DIS", "EVE", "FOOD", "INST", "MEDIA", "MYTH"),
                *("PLANT", "TIME", "VEHI"),
            ),
            kind=INTEGERS,
        ),
    ),
    licence="CC BY-NC-SA 4.0",
    parts=Parts("language", ("de", "en", "es", "fr", "it", "nl", "pl", "pt", "ru", "zh")),
    sources={
        "dataset": "Tedeschi & Navigli 2022",
        "columns, files, labels": _PROGRAMS,
        "types, languages, licence": "the authors' repository, github.com/Babelscape/multinerd",
    },
    checked="Labels in their order, against nine public programs (a tenth has LOC before ORG and PLANT before MYTH, "
    "the "
    "order of another dataset); the names of files, against three. Not the repository on the Hub.",
)

MASAKHANER2: Final = KnownDataset(
    names=("masakhaner2",),
    about="Persons, organisations, locations and dates in the news in twenty African languages.",
    request=DatasetRequest("masakhane/masakhaner2", name="{part}", revision=CONVERTED),
    token_column="tokens",
    label_columns=(LabelColumn("ner_tags", iob2("PER", "ORG", "LOC", "DATE")),),
    licence="AFL 3.0",
    parts=Parts(
        "language",
        (
            *(
                "bam",
                "bbj",
                "ewe",
                "fon",
                "hau",
                "ibo",
                "kin",
                "lug",
                "luo",
                "mos",
                "nya",
                "pcm",
                "sna",
                "swa",
            ),
            *("tsn", "twi", "wol", "xho", "yor", "zul"),
        ),
    ),
    sources={
        "dataset": "Adelani et al. 2022",
        "columns, labels, splits, licence": f"a stored copy of {CARD}",
        "languages": "the codes on that card, as far as the copy goes; the others from memory",
    },
    checked=f"Columns, labels in their order, splits and licence, against a copy of the card. {NOT_THE_HUB}",
)

_MULTICONER_LANGUAGES: Final = {
    **{
        "bn": "Bangla (BN)",
        "de": "German (DE)",
        "en": "English (EN)",
        "es": "Spanish (ES)",
        "fa": "Farsi (FA)",
    },
    **{"hi": "Hindi (HI)", "zh": "Chinese (ZH)"},
}
_MULTICONER_ONE: Final = {"ko": "Korean (KO)", "nl": "Dutch (NL)", "ru": "Russian (RU)", "tr": "Turkish (TR)"}
_MULTICONER_TWO: Final = {
    **{"fr": "French (FR)", "it": "Italian (IT)", "pt": "Portuguese (PT)", "sv": "Swedish (SV)"},
    "uk": "Ukrainian (UK)",
}

MULTICONER1: Final = KnownDataset(
    names=("multiconer1", "multiconer"),
    about="Complex entities of six types in sentences, questions and queries in eleven languages (SemEval 2022).",
    request=DatasetRequest("MultiCoNER/multiconer_v1", name="{part}"),
    token_column="tokens",
    label_columns=(
        LabelColumn(
            "ner_tags", iob2("PER", "LOC", "CORP", "GRP", "PROD", "CW"), kind=STRINGS, order_matters=False
        ),
    ),
    licence="CC BY 4.0",
    parts=Parts(
        "language",
        tuple(sorted({**_MULTICONER_LANGUAGES, **_MULTICONER_ONE})),
        {**_MULTICONER_LANGUAGES, **_MULTICONER_ONE},
        complete=False,
    ),
    sources={
        "dataset": "Malmasi et al. 2022",
        "types": "the paper",
        "repository": "a public program, by which it is gated",
        "columns, splits, configurations, licence": "those of version 2",
    },
    checked="Nothing but that public programs name the repository. A gated one: accept its terms, and log in.",
)

MULTICONER2: Final = KnownDataset(
    names=("multiconer2",),
    about="Complex entities of 33 fine types in twelve languages, with noise in part of the test split (SemEval "
    "2023).",
    request=DatasetRequest("MultiCoNER/multiconer_v2", name="{part}"),
    token_column="tokens",
    label_columns=(LabelColumn("ner_tags", kind=STRINGS),),
    licence="CC BY 4.0",
    parts=Parts(
        "language",
        tuple(sorted({**_MULTICONER_LANGUAGES, **_MULTICONER_TWO})),
        {**_MULTICONER_LANGUAGES, **_MULTICONER_TWO},
        complete=False,
    ),
    sources={
        "dataset": "Fetahu et al. 2023",
        "columns, splits, configurations": _PROGRAMS,
        "languages, licence": CARD,
    },
    checked="Columns, splits and two configurations, against public programs. Labels are not compared: programs "
    "spell "
    f"some types in two ways (PublicCorp, PublicCORP). {NOT_THE_HUB}",
)

UNIVERSAL_NER: Final = KnownDataset(
    names=("universalner", "uner"),
    about="Persons, organisations and locations in treebanks of Universal Dependencies.",
    request=DatasetRequest("universalner/universal_ner", name="{part}"),
    token_column="tokens",
    label_columns=(LabelColumn("ner_tags", iob2("PER", "ORG", "LOC")),),
    licence="CC BY-SA 4.0",
    parts=Parts(
        "treebank",
        (
            *("ceb_gja", "da_ddt", "de_pud", "en_ewt", "en_pud", "hr_set", "pt_bosque", "pt_pud", "ru_pud"),
            *("sk_snk", "sr_set", "sv_pud", "sv_talbanken", "tl_trg", "tl_ugnayan", "zh_gsd", "zh_gsdsimp"),
            "zh_pud",
        ),
    ),
    sources={
        "dataset": "Mayhew et al. 2024",
        "columns, labels, splits, licence": f"a stored copy of {CARD}",
        "treebanks": "the paper; five of them on the card",
    },
    checked="Columns, labels in their order and licence, against a copy of the card. Some treebanks have a test "
    "split "
    f"alone. {NOT_THE_HUB}",
)

UNIVERSAL_DEPENDENCIES: Final = KnownDataset(
    names=("universal_dependencies", "ud"),
    about="Universal (upos) and language-specific part of speech (xpos) in treebanks of Universal Dependencies.",
    request=DatasetRequest("commul/universal_dependencies", name="{part}"),
    token_column="tokens",
    label_columns=(
        LabelColumn(
            "upos",
            (
                *(
                    "NOUN",
                    "PUNCT",
                    "ADP",
                    "NUM",
                    "SYM",
                    "SCONJ",
                    "ADJ",
                    "PART",
                    "DET",
                    "CCONJ",
                    "PROPN",
                    "PRON",
                ),
                *("X", "_", "ADV", "INTJ", "VERB", "AUX"),
            ),
            scheme="none",
            order_matters=False,
        ),
        LabelColumn("xpos", scheme="none", kind=STRINGS),
    ),
    licence="each treebank's own",
    parts=Parts(
        "treebank",
        (
            *("ar_padt", "cs_pdt", "de_gsd", "de_hdt", "en_ewt", "en_gum", "es_ancora", "fi_tdt", "fr_gsd"),
            *("hi_hdtb", "it_isdt", "ja_gsd", "ko_kaist", "nl_alpino", "pl_pdb", "pt_bosque", "ru_syntagrus"),
            *("sv_talbanken", "tr_imst", "zh_gsd"),
        ),
        complete=False,
    ),
    copies=(
        Copy(
            DatasetRequest("universal-dependencies/universal_dependencies", name="{part}", revision=CONVERTED)
        ),
    ),
    sources={
        "dataset": "de Marneffe et al. 2021",
        "columns, labels": f"{SCRIPT}, of an older release",
        "repository": "public programs that read it, by which it holds Parquet files",
    },
    checked="Columns and tags, against the script of an older release; not the order of tags. Not every treebank "
    "has all "
    f"splits. {NOT_THE_HUB}",
)

LANGUAGES: Final = (
    *(CONLL2002, GERMEVAL14, WIKIANN, WIKINEURAL, MULTINERD, MASAKHANER2, MULTICONER1, MULTICONER2),
    *(UNIVERSAL_NER, UNIVERSAL_DEPENDENCIES),
)
