"""Small exports of annotation tools, one file for each that docs/annotation_tools.md names, made by hand."""

import json

TYPES = """<?xml version="1.0" encoding="UTF-8"?>
<typeSystemDescription xmlns="http://uima.apache.org/resourceSpecifier"><types><typeDescription>
<name>de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity</name>
<supertypeName>uima.tcas.Annotation</supertypeName><features><featureDescription>
<name>value</name><rangeTypeName>uima.cas.String</rangeTypeName></featureDescription></features>
</typeDescription></types></typeSystemDescription>
"""
XMI = """<?xml version="1.0" encoding="UTF-8"?>
<xmi:XMI xmlns:xmi="http://www.omg.org/XMI" xmlns:cas="http:///uima/cas.ecore"
 xmlns:ner="http:///de/tudarmstadt/ukp/dkpro/core/api/ner/type.ecore" xmi:version="2.0">
<cas:NULL xmi:id="0"/>
<ner:NamedEntity xmi:id="2" sofa="1" begin="0" end="4" value="LOC"/>
<cas:Sofa xmi:id="1" sofaNum="1" sofaID="_InitialView" mimeType="text" sofaString="Oslo is cold."/>
<cas:View sofa="1" members="2"/>
</xmi:XMI>
"""
WEBANNO = """#FORMAT=WebAnno TSV 3.3
#T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|identifier|value


#Text=Oslo is cold
1-1\t0-4\tOslo\t*\tLOC\t
1-2\t5-7\tis\t_\t_\t
1-3\t8-12\tcold\t_\t_\t
"""
HIPE = (
    "TOKEN\tNE-COARSE-LIT\tNE-COARSE-METO\tNE-FINE-LIT\tMISC\n"
    "# hipe2022:document_id = d1\n"
    "Oslo\tB-loc\tO\tB-loc.adm.town\tNoSpaceAfter\n"
    ".\tO\tO\tO\tEndOfSentence\n"
)
GERMEVAL = "#\thttp://de.wikipedia.org/wiki/Oslo [2009-10-17]\n1\tOslo\tB-LOC\tO\n2\t.\tO\tO\n"
ONTONOTES = (
    "#begin document (bc/x/00/x_0000); part 000\n"
    "bc/x/00/x_0000 0 0 Oslo NNP (TOP(S* - - - - (GPE) -\n"
    "bc/x/00/x_0000 0 1 . . *)) - - - - * -\n\n"
    "#end document\n"
)
CONLLUP = "# global.columns = ID FORM UPOS NE\n1\tOslo\tPROPN\tB-LOC\n2\tis\tAUX\tO\n\n"


def json_lines(*objects):
    return "".join(json.dumps(value) + "\n" for value in objects)


def write_exports(folder):
    """Write all files; those of tools that are written, too, come from the bundled corpus."""
    from datasets import Dataset

    from tagger.conversion import ConversionOptions, convert

    corpus = folder / "recipes" / "sample" / "train.conll"
    for name, format in (
        ("export.jsonl", "doccano"),
        ("project.json", "label-studio"),
        ("annotations.jsonl", "prodigy"),
        ("brat", "brat"),
        ("corpus.spacy", "docbin"),
    ):
        convert([(corpus, None)], folder / name, ConversionOptions(format=format))
    tokens, ranges = ["Oslo", "is", "cold"], [[0, 4, "LOC"]]
    texts = {
        "new.txt": "Marie Curie was born in Warsaw.\n",
        "project-min.json": json.dumps(
            [
                {
                    "id": 1,
                    "text": "Oslo is cold",
                    "annotation_id": 7,
                    "lead_time": 4.2,
                    "annotator": 1,
                    "label": [{"start": 0, "end": 4, "text": "Oslo", "labels": ["LOC"]}],
                },
                {"id": 2, "text": "Nobody was here", "annotation_id": None, "lead_time": None},
            ]
        ),
        "project.conll": "-DOCSTART- -X- O\ncold -X- _ O\nOslo. -X- _ B-LOC\n\n",
        "document.xmi": XMI,
        "TypeSystem.xml": TYPES,
        "document.tsv": WEBANNO,
        "training-v2.json": json.dumps(
            [
                {
                    "id": 0,
                    "paragraphs": [
                        {
                            "raw": "Oslo is cold",
                            "sentences": [
                                {
                                    "tokens": [
                                        {"id": n, "orth": word, "ner": "U-LOC" if n == 0 else "O"}
                                        for n, word in enumerate(tokens)
                                    ]
                                }
                            ],
                        }
                    ],
                }
            ]
        ),
        "sheet.csv": "sentence_id,token,tag\n1,Oslo,B-LOC\n,is,O\n,cold,O\n",
        "texts.csv": "text,spans\nOslo is cold,\"[(0, 4, 'LOC')]\"\n",
        "numbers.jsonl": json_lines({"tokens": tokens, "ner_tags": [3, 0, 0]}),
        "hipe.tsv": HIPE,
        "germeval.tsv": GERMEVAL,
        "ontonotes.v4_gold_conll": ONTONOTES,
        "parsed.conllup": CONLLUP,
        "answers.jsonl": json_lines(
            {
                "text": "Oslo is cold",
                "entities": [{"text": "oslo", "label": "LOC"}, {"text": "Paris", "label": "LOC"}],
            }
        ),
        "tags.txt": "<LOC>Oslo</LOC> is cold\n",
        "gliner.json": json.dumps([{"tokenized_text": tokens, "ner": [[0, 0, "LOC"]]}]),
        "pii.jsonl": json_lines(
            {
                "source_text": "Oslo is cold",
                "privacy_mask": [{"value": "Oslo", "start": 0, "end": 4, "label": "CITY"}],
            }
        ),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    Dataset.from_dict(
        {"text": ["Oslo is cold"], "spans": [[{"start": s, "end": e, "label": t} for s, e, t in ranges]]}
    ).to_parquet(str(folder / "table.parquet"))
