"""What ``tagger tag --help`` says of formats, several files and killed runs, and its examples."""

from __future__ import annotations

from typing import Final

DESCRIPTION: Final = """\
Label the sentences of files or of standard input, in their order and in constant memory.

input formats (--input; by default told by the content or the name of the file, text on standard input)
  text     running text, which the model's segmenter cuts into sentences and tokens
  tokens   a sentence a line, tokens divided by spaces
  conll    a token a line, in columns; a blank line after each sentence
  conllu   CoNLL-U
  jsonl    an object a line, with "tokens" or "text"
  any annotated format that tagger convert reads, such as the export of an annotation tool: its texts are tagged,
  whoever annotated them, or nobody yet

output formats (--output; by default told by the name of the output, or that of the input, for text inline or conll)
  conll    conll input with the labels in a new last column, all else as it was; other input as columns
  conllu   conllu input with the labels in one field of the words, all else as it was
  jsonl    an object a line, with tokens, labels and, if labels have spans, spans (numbers of tokens, from 0) and, for
           text, entities (characters). All ends are exclusive. See below.
  inline   the text with its entities marked: [Anna Smith](PER) lives in [Oslo](LOC).
  html     one page that needs nothing else: the texts as they are, entities (or words) in the colour of their label,
           with --probabilities in shades of it
  pipeline a JSON array a line, as pipeline("token-classification", aggregation_strategy="simple") of transformers gives
           a list for each text: entity_group, score, word (as it stands in the text), start, end. Labels without spans
           are as "none" gives them: entity, score, index (of the token in the text, from 1), word, start, end, without
           those of O. A file of running text is one text, and so is a sentence of tokens, with a blank between them
  csv      a token a row: sentence_id, document, token, label, probability and, of a text, start and end in it (to read
           it with pandas: read_csv(FILE, keep_default_na=False), lest a token such as NA be taken for none)
  parquet  a table, each text a row, or sentence (of running text with its "offset" in the file, which entities do not
           count), or sentence of tokens: file, document, offset, text, tokens, labels, probabilities, sentences, spans,
           entities, of the same types whatever is found. Of parquet input all rows and columns, and these beside them
  any annotated format that tagger convert writes, with the probabilities where it has a place for them. A running text
  is one text, and so is a sentence of tokens. What comes from an annotation tool goes back in its format. -o names a
  folder where the format is one

jsonl output
  of jsonl input, the objects with these fields added, in place of fields of the same names; all others stay as they
  were spelled. A text gets "entities", which count its own characters, and "sentences" with the rest. Of several files,
  "file" is added to objects that have no such field.
  Of other input, an object for each sentence with the name of its "file" (<stdin> for standard input). Of running text
  also "text", the sentence, and "offset", where it begins; that, and "start" and "end" of "entities", count characters
  (code points, with each of \\r\\n) from the beginning of the file, without its byte order mark.

byte order marks
  One at the beginning of a file is no part of its text, and is not written.

several files
  A folder stands for the files in it and its folders, in the order of their bytes, without hidden and temporary ones;
  one of brat is an input itself.
  conllu output has a comment "# file = NAME" where one begins. conll and inline have no place for it: the sentences
  stand in the order of the files. An error in one ends the output, with status 1, after the sentences before it (in
  running text up to 262,144 characters earlier); an output file (-o) is then not written at all.
  With -o FOLDER/ each file becomes one, below FOLDER as it lies below the folder or pattern that was given.

runs that are killed
  What is there is kept, unless you pass --overwrite. A run over several files keeps what is finished, in
  FOLDER/.unfinished or beside FILE in .FILE.unfinished; --resume goes on with it, and ends with the same bytes as if
  nothing had happened. It must be the same model, inputs and options, but for --workers and --threads.

conllu for other programs
  Labels with spans are written as B-TYPE, I-TYPE and O. spaCy reads them under NE= (the default) if types are capitals
  and _ only, stanza under ner= (--label-column misc:ner).

Up to some 130,000 tokens (32 times --batch-tokens) are read ahead, so that sentences of similar length are computed
together: answers come after that, or when the input ends. A program that writes a sentence and waits for its labels
before it goes on calls Tagger.tag from Python instead.

Where labels have spans, other occurrences of a word in its document are evidence of what it is: sentences are decoded a
second time with it (--document-consistency). A text is one document; other documents begin with -DOCSTART- (conll) or
# newdoc (conllu), or are named by "document" (jsonl). No document goes on in the next file.
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
