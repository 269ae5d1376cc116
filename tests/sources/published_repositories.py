"""Repositories in the shape of the published datasets: columns, types, splits and labels in their published order.

Written out by hand and not taken from the table of known datasets, so that a mistake there shows. The rows are made
up: the one sentence of each split has a token for every label, in the order of the labels' integers.
"""

import json
from typing import Any

from datasets import ClassLabel, Dataset, Features, List, Value

CONVERTED = "refs%2Fconvert%2Fparquet"
THREE = ("train", "validation", "test")


def listed(names):
    return names.split()


PER_ORG_LOC = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"]
PER_ORG_LOC_MISC = [*PER_ORG_LOC, "B-MISC", "I-MISC"]
CHUNKS = listed(
    "O B-ADJP I-ADJP B-ADVP I-ADVP B-CONJP I-CONJP B-INTJ I-INTJ B-LST I-LST B-NP I-NP B-PP I-PP B-PRT "
    "I-PRT B-SBAR I-SBAR B-UCP I-UCP B-VP I-VP"
)
PENN = listed(
    "\" '' # $ ( ) , . : `` CC CD DT EX FW IN JJ JJR JJS LS MD NN NNP NNPS NNS NN|SYM PDT POS PRP PRP$ RB "
    "RBR RBS RP SYM TO UH VB VBD VBG VBN VBP VBZ WDT WP WP$ WRB"
)
COARSE = listed("O art building event location organization other person product")
FINE = listed(
    "O art-broadcastprogram art-film art-music art-other art-painting art-writtenart building-airport "
    "building-hospital building-hotel building-library building-other building-restaurant "
    "building-sportsfacility building-theater event-attack/battle/war/militaryconflict event-disaster "
    "event-election event-other event-protest event-sportsevent location-GPE location-bodiesofwater "
    "location-island location-mountain location-other location-park location-road/railway/highway/transit "
    "organization-company organization-education organization-government/governmentagency "
    "organization-media/newspaper organization-other organization-politicalparty organization-religion "
    "organization-showorganization organization-sportsleague organization-sportsteam other-astronomything "
    "other-award other-biologything other-chemicalthing other-currency other-disease "
    "other-educationaldegree other-god other-language other-law other-livingthing other-medical "
    "person-actor person-artist/author person-athlete person-director person-other person-politician "
    "person-scholar person-soldier product-airplane product-car product-food product-game product-other "
    "product-ship product-software product-train product-weapon"
)
ONTONOTES = listed(
    "O B-PERSON I-PERSON B-NORP I-NORP B-FAC I-FAC B-ORG I-ORG B-GPE I-GPE B-LOC I-LOC B-PRODUCT "
    "I-PRODUCT B-DATE I-DATE B-TIME I-TIME B-PERCENT I-PERCENT B-MONEY I-MONEY B-QUANTITY I-QUANTITY "
    "B-ORDINAL I-ORDINAL B-CARDINAL I-CARDINAL B-EVENT I-EVENT B-WORK_OF_ART I-WORK_OF_ART B-LAW I-LAW "
    "B-LANGUAGE I-LANGUAGE"
)
ONTONOTES_TNER = listed(
    "O B-CARDINAL B-DATE I-DATE B-PERSON I-PERSON B-NORP B-GPE I-GPE B-LAW I-LAW B-ORG I-ORG B-PERCENT "
    "I-PERCENT B-ORDINAL B-MONEY I-MONEY B-WORK_OF_ART I-WORK_OF_ART B-FAC B-TIME I-CARDINAL B-LOC "
    "B-QUANTITY I-QUANTITY I-NORP I-LOC B-PRODUCT I-TIME B-EVENT I-EVENT I-FAC B-LANGUAGE I-PRODUCT "
    "I-ORDINAL I-LANGUAGE"
)
WNUT = listed(
    "O B-corporation I-corporation B-creative-work I-creative-work B-group I-group B-location I-location "
    "B-person I-person B-product I-product"
)
MULTINERD = listed(
    "O B-PER I-PER B-ORG I-ORG B-LOC I-LOC B-ANIM I-ANIM B-BIO I-BIO B-CEL I-CEL B-DIS I-DIS B-EVE I-EVE "
    "B-FOOD I-FOOD B-INST I-INST B-MEDIA I-MEDIA B-MYTH I-MYTH B-PLANT I-PLANT B-TIME I-TIME B-VEHI "
    "I-VEHI"
)
GERMEVAL = listed(
    "O B-LOC I-LOC B-LOCderiv I-LOCderiv B-LOCpart I-LOCpart B-ORG I-ORG B-ORGderiv I-ORGderiv B-ORGpart "
    "I-ORGpart B-OTH I-OTH B-OTHderiv I-OTHderiv B-OTHpart I-OTHpart B-PER I-PER B-PERderiv I-PERderiv "
    "B-PERpart I-PERpart"
)
UPOS = listed("NOUN PUNCT ADP NUM SYM SCONJ ADJ PART DET CCONJ PROPN PRON X _ ADV INTJ VERB AUX")
BC5CDR = listed("O B-Chemical B-Disease I-Disease I-Chemical")
JNLPBA = listed(
    "O B-DNA I-DNA B-RNA I-RNA B-cell_line I-cell_line B-cell_type I-cell_type B-protein I-protein"
)

# Call (a short name and the part) -> what its sentences are labelled with, token by token, by role.
WANTED = {
    ("conll2003", None): (PER_ORG_LOC_MISC, ("train", "dev", "test")),
    ("conll++", None): (PER_ORG_LOC_MISC, ("train", "dev", "test")),
    ("conll2000", None): (CHUNKS, ("train", "test")),
    ("conll2002", "es"): (PER_ORG_LOC_MISC, ("train", "dev", "test")),
    ("conll2002", "nl"): (PER_ORG_LOC_MISC, ("train", "dev", "test")),
    ("ontonotes5", None): (ONTONOTES, ("train", "dev", "test")),
    ("ontonotes5_tner", None): (ONTONOTES_TNER, ("train", "dev", "test")),
    ("wnut17", None): (WNUT, ("train", "dev", "test")),
    ("fewnerd", None): (COARSE, ("train", "dev", "test")),
    ("fewnerd", "inter"): (COARSE, ("train", "dev", "test")),
    ("multinerd", "en"): (MULTINERD, ("train", "dev", "test")),
    ("wikineural", "de"): (PER_ORG_LOC_MISC, ("train", "dev", "test")),
    ("wikiann", "sv"): (PER_ORG_LOC, ("train", "dev", "test")),
    ("masakhaner2", "yor"): ([*PER_ORG_LOC, "B-DATE", "I-DATE"], ("train", "dev", "test")),
    ("germeval14", None): (GERMEVAL, ("train", "dev", "test")),
    ("multiconer1", "en"): (["B-CW", "I-CW", "O", "B-GRP"], ("train", "dev", "test")),
    ("multiconer2", "en"): (["B-OtherPER", "I-OtherPER", "O", "B-VisualWork"], ("train", "dev", "test")),
    ("universal_ner", "en_ewt"): (PER_ORG_LOC, ("train", "dev", "test")),
    ("bc5cdr", None): (BC5CDR, ("train", "dev", "test")),
    ("ncbi_disease", None): (["O", "B-Disease", "I-Disease"], ("train", "dev", "test")),
    ("jnlpba", None): (JNLPBA, ("train", "dev")),
    # the multiword rows (_) are no words
    ("universal_dependencies", "en_ewt"): ([tag for tag in UPOS if tag != "_"], ("train", "dev", "test")),
}


def write(path, columns, features):
    """Write one row."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = {name: [value] for name, value in columns.items()}
    Dataset.from_dict(rows, features=Features(features)).to_parquet(path)


def tokens_of(labels):
    return [f"t{place}" for place in range(len(labels))]


def write_classes(folder, splits, labels, **others):
    """Write splits whose labels are class labels: ``{split}/0000.parquet`` as the Hub converts them."""
    wide = max(map(len, labels.values()))
    columns = {"id": "0", "tokens": [f"t{place}" for place in range(wide)], **others}
    features = {"id": Value("string"), "tokens": List(Value("string"))}
    features |= {
        name: List(Value("string")) if isinstance(value, list) else Value("string")
        for name, value in others.items()
    }
    for name, names in labels.items():
        columns[name] = [place if place < len(names) else 0 for place in range(wide)]
        features[name] = List(ClassLabel(names=names))
    for split in splits:
        write(folder / split / "0000.parquet", columns, features)


def write_script(root, repository, configuration, splits, labels, **others):
    """Write a repository that is a script, which is never run, and the Hub's conversion of it."""
    script = root / repository / "main" / f"{repository.split('/')[1]}.py"
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text("raise SystemExit('a script was run')")
    write_classes(root / repository / CONVERTED / configuration, splits, labels, **others)


def write_configuration(root, repository, configuration, splits, labels, **others):
    """Write a configuration of a repository that holds Parquet files, and says so in its README."""
    main = root / repository / "main"
    write_classes(main / configuration, splits, labels, **others)
    declare(main, configuration, {split: f"{configuration}/{split}/0000.parquet" for split in splits})


def declare(main, configuration, files):
    readme = main / "README.md"
    main.mkdir(parents=True, exist_ok=True)
    known = readme.read_text().split("---\n")[1] if readme.exists() else "configs:\n"
    known += f"- config_name: {json.dumps(configuration)}\n  data_files:\n"
    known += "".join(f"  - split: {split}\n    path: {json.dumps(path)}\n" for split, path in files.items())
    readme.write_text(f"---\n{known}---\n")


def write_lines(path, **columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(columns) + "\n")


def write_tner(root, repository, labels, parts=("train", "valid", "test")):
    """Write a repository of T-NER: integers in JSON Lines, and their names in a file."""
    main = root / repository / "main"
    (main / "dataset").mkdir(parents=True)
    (main / f"{repository.split('/')[1]}.py").write_text("raise SystemExit('a script was run')")
    (main / "dataset/label.json").write_text(json.dumps({label: place for place, label in enumerate(labels)}))
    for part in parts:
        write_lines(main / f"dataset/{part}.json", tokens=tokens_of(labels), tags=list(range(len(labels))))


def write_ontonotes(folder):
    """Write documents with sentences within."""
    sentence = {"part_id": 0, "words": tokens_of(ONTONOTES), "named_entities": list(range(len(ONTONOTES)))}
    sentence["pos_tags"] = [0] * len(ONTONOTES)
    features = {
        "document_id": Value("string"),
        "sentences": List(
            {
                "part_id": Value("int32"),
                "words": List(Value("string")),
                "pos_tags": List(ClassLabel(names=["XX", "NN"])),
                "named_entities": List(ClassLabel(names=ONTONOTES)),
            }
        ),
    }
    for split in THREE:
        write(folder / split / "0000.parquet", {"document_id": "a/1", "sentences": [sentence]}, features)


def write_all(root):
    """Write every repository of the table."""
    newswire = {"pos_tags": PENN, "chunk_tags": CHUNKS, "ner_tags": PER_ORG_LOC_MISC}
    write_script(root, "eriktks/conll2003", "conll2003", THREE, newswire)
    write_script(root, "ZihanWangKi/conllpp", "conllpp", THREE, newswire)
    penn_2000 = [tag for tag in PENN if tag not in ('"', "LS", "NN|SYM")]
    chunks = {"pos_tags": penn_2000, "chunk_tags": CHUNKS}
    write_script(root, "eriktks/conll2000", "conll2000", ("train", "test"), chunks)
    for language, tags in (("es", ["AO", "AQ"]), ("nl", ["Adj", "Adv"])):
        labels = {"pos_tags": tags, "ner_tags": PER_ORG_LOC_MISC}
        write_script(root, "eriktks/conll2002", language, THREE, labels)
    write_script(root, "leondz/wnut_17", "wnut_17", THREE, {"ner_tags": WNUT})
    labels = {"ner_tags": GERMEVAL, "nested_ner_tags": GERMEVAL}
    write_script(root, "GermanEval/germeval_14", "germeval_14", THREE, labels, source="made up")
    write_script(
        root, "masakhane/masakhaner2", "yor", THREE, {"ner_tags": [*PER_ORG_LOC, "B-DATE", "I-DATE"]}
    )
    write_script(
        root, "masakhane/masakhaner2", "bam", THREE, {"ner_tags": [*PER_ORG_LOC, "B-DATE", "I-DATE"]}
    )
    disease = {"ner_tags": ["O", "B-Disease", "I-Disease"]}
    write_script(root, "ncbi/ncbi_disease", "ncbi_disease", THREE, disease)
    write_script(root, "jnlpba/jnlpba", "jnlpba", THREE[:2], {"ner_tags": JNLPBA})

    script = root / "ontonotes/conll2012_ontonotesv5/main/conll2012_ontonotesv5.py"
    script.parent.mkdir(parents=True)
    script.write_text("raise SystemExit('a script was run')")
    write_ontonotes(root / "ontonotes/conll2012_ontonotesv5" / CONVERTED / "english_v12")
    write_ontonotes(root / "ontonotes/conll2012_ontonotesv5" / CONVERTED / "arabic_v4")
    write_tner(root, "tner/ontonotes5", ONTONOTES_TNER, ("train00", "train01", "valid", "test"))
    write_tner(root, "tner/bc5cdr", BC5CDR)

    for setting in ("supervised", "inter"):
        labels = {"ner_tags": COARSE, "fine_ner_tags": FINE}
        write_configuration(root, "DFKI-SLT/few-nerd", setting, THREE, labels)
    for language in ("ace", "sv"):
        others: dict[str, Any] = {"langs": ["sv"], "spans": ["PER: t1"]}
        write_configuration(root, "unimelb-nlp/wikiann", language, THREE, {"ner_tags": PER_ORG_LOC}, **others)
    for treebank in ("ceb_gja", "en_ewt"):
        others = {"text": "t0 t1", "annotator": ["a"]}
        labels = {"ner_tags": PER_ORG_LOC}
        write_configuration(root, "universalner/universal_ner", treebank, THREE, labels, **others)
    for treebank in ("ar_padt", "en_ewt"):
        others = {"text": "t0 t1", "xpos": ["NN"] * len(UPOS), "head": ["1"] * len(UPOS)}
        write_configuration(root, "commul/universal_dependencies", treebank, THREE, {"upos": UPOS}, **others)

    for split, folder in (("train", "train"), ("val", "val"), ("test", "test")):
        for language in ("de", "en"):
            path = root / f"Babelscape/multinerd/main/{folder}/{split}_{language}.jsonl"
            codes = list(range(len(MULTINERD)))
            write_lines(path, tokens=tokens_of(MULTINERD), ner_tags=codes, lang=language)
    wikineural = root / "Babelscape/wikineural/main"
    files = {
        f"{split}_{lang}": f"data/{split}_{lang}.parquet"
        for split in ("train", "val", "test")
        for lang in ("de", "en")
    }
    declare(wikineural, "default", files)
    features = {"tokens": List(Value("string")), "ner_tags": List(Value("int64")), "lang": Value("string")}
    for path in files.values():
        codes = list(range(len(PER_ORG_LOC_MISC)))
        write(wikineural / path, {"tokens": tokens_of(codes), "ner_tags": codes, "lang": "de"}, features)

    features = {"id": Value("string"), "tokens": List(Value("string")), "ner_tags": List(Value("string"))}
    for version, labels in ((1, WANTED["multiconer1", "en"][0]), (2, WANTED["multiconer2", "en"][0])):
        main = root / f"MultiCoNER/multiconer_v{version}/main"
        for language in ("Bangla (BN)", "English (EN)"):
            files = {split: f"{language.split()[0]}/{split}.parquet" for split in THREE}
            declare(main, language, files)
            for path in files.values():
                write(main / path, {"id": "0", "tokens": tokens_of(labels), "ner_tags": labels}, features)
