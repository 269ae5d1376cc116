"""Segmentation of text into sentences of tokens, with exact character offsets.

Read in this order: ``tokens`` (Token, and the protocols of segmenters), ``rules`` (the rule-based segmenter, mainly for
English; its expressions are in ``patterns``, its words in ``lexicon``), ``whitespace``, ``windows`` (any segmenter on
text of any length), ``segment`` (the convenience functions), ``registry`` (segmenters by name).
"""

from tagger.text.registry import NamedSegmenter, get_segmenter, register_segmenter, with_lines
from tagger.text.rules import Lines, RuleSegmenter
from tagger.text.segment import combine, sentences, tokenize
from tagger.text.tokens import Segmenter, Span, Splitter, Token, Tokenizer
from tagger.text.whitespace import WhitespaceSegmenter
from tagger.text.windows import WINDOW_SIZE, Sentence, windows

__all__ = [
    "WINDOW_SIZE",
    "Lines",
    "NamedSegmenter",
    "RuleSegmenter",
    "Segmenter",
    "Sentence",
    "Span",
    "Splitter",
    "Token",
    "Tokenizer",
    "WhitespaceSegmenter",
    "combine",
    "get_segmenter",
    "register_segmenter",
    "sentences",
    "tokenize",
    "windows",
    "with_lines",
]
