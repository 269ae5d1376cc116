"""Help text and examples of ``tagger tag``: formats, several files, killed runs."""

from __future__ import annotations

from typing import Final

DESCRIPTION: Final = """\
Label the sentences of files or of standard input, in their order and in constant memory.

input formats (--input; by default detected from the content or the name of the file, text on standard input)
  text     running text, which the model's segmenter splits into sentences and tokens
  tokens   one sentence per line, tokens separated by spaces
  conll    one token per line, in columns; a blank line after each sentence
  conllu   CoNLL-U
  jsonl    one object per line, with "tokens" or "text"
  any annotated format that tagger convert reads, such as the export of an annotation tool: its texts are tagged, with
  or without annotations

output formats (--output; by default by the name of the output, or that of the input, and inline or conll for text)
  conll    conll input with the labels in a new last column, otherwise unchanged; other input as columns
  conllu   conllu input with the labels in one field of the words, otherwise unchanged
  jsonl    one object per line, with tokens, labels and, if labels have spans, spans (token indices) and, for text,
           entities (characters). All ends are exclusive. See below.
  inline   the text with its entities marked: [Anna Smith](PER) lives in [Oslo](LOC).
  html     one self-contained page: the texts with entities (or words) in the colour of their label, shaded by
           probability with --probabilities
  pipeline one JSON array per text and line, as from pipeline("token-classification", aggregation_strategy="simple") of
           transformers: entity_group, score, word (as spelled in the text), start, end. Labels without spans are as
           from "none": entity, score, index (of the token in the text, from 1), word, start, end, without O. A file of
           running text is one text; so is a sentence of tokens, which are joined by spaces
  csv      one token per row: sentence_id, document, token, label, probability and, for text, start and end in it (read
           it with pandas.read_csv(FILE, keep_default_na=False), since a token such as NA would be missing otherwise)
  parquet  a table with a row for each text, sentence of running text (with its "offset" in the file; entities count
           from the sentence), or sentence of tokens: file, document, offset, text, tokens, labels, probabilities,
           sentences, spans, entities, always of the same types. With parquet input all its rows and columns, and these
  any annotated format that tagger convert writes, with probabilities if it can hold them. A running text is one text,
  and so is a sentence of tokens. Input from an annotation tool is written back in its format. If the format is a
  folder, -o names a folder

jsonl output
  For jsonl input, the objects with these fields added, replacing fields of the same names; all others keep their
  spelling. A text gets "entities", with offsets in that text, and "sentences" with the rest. With several files, "file"
  is added to objects that have no such field.
  For other input, an object for each sentence with the name of its "file" (<stdin> for standard input). For running
  text also "text", the sentence, and "offset", its start; "offset", and "start" and "end" of "entities", count
  characters (code points, both of \\r\\n) from the beginning of the file, without its byte order mark.

byte order marks
  A byte order mark at the beginning of a file is not part of its text, and is not written.

several files
  A folder stands for the files in it and its subfolders, sorted by bytes, without hidden and temporary ones; a brat
  folder is itself an input.
  conllu output has a comment "# file = NAME" where a file begins. conll and inline cannot show it: the sentences are
  in the order of the files. An error in a file ends the output, with status 1, after the sentences before it (in
  running text up to 262,144 characters earlier); an output file (-o) is then not written at all.
  With -o FOLDER/ each input has its own file, at the same relative path as in the folder or pattern given.

runs that are killed
  Existing outputs are kept, unless you pass --overwrite. A run over several files keeps finished work, in
  FOLDER/.unfinished or beside FILE in .FILE.unfinished; --resume continues it, and the result is the same, byte for
  byte, as without the interruption. Model, inputs and options must be the same, except --workers and --threads.

conllu for other programs
  Labels with spans are written as B-TYPE, I-TYPE and O. spaCy reads them under NE= (the default) if types consist of
  capitals and _ only, stanza under ner= (--label-column misc:ner).

Up to some 130,000 tokens (32 times --batch-tokens) are read ahead, so that sentences of similar length are computed
together: labels are written after that, or when the input ends. A program that sends a sentence and waits for its
labels should call Tagger.tag from Python instead.

If labels have spans, other occurrences of a word in its document count as evidence for its label: sentences are decoded
a second time with it (--document-consistency). A text is one document; other documents begin with -DOCSTART- (conll) or
# newdoc (conllu), or are named by "document" (jsonl). Documents do not extend across files.
"""
EXAMPLES: Final = """\
examples:
  echo 'Anna Smith lives in Oslo.' | tagger tag runs/ner/model
  tagger tag runs/ner/model --output jsonl *.txt
  tagger tag runs/ner/model letter.txt --output jsonl --probabilities -o letter.jsonl
  tagger tag runs/ner/model dev.conll --token-column 0 > tagged.conll
  tagger tag runs/pos/model treebank.conllu --label-column upos -o tagged.conllu
  tagger tag runs/ner/model letter.txt --output label-studio --probabilities -o tasks.json
  tagger tag runs/ner/model letter.txt --probabilities -o letter.html
"""
