"""RuleSegmenter: rule-based tokens and sentences, in one pass of one regular expression."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal, cast, get_args

from tagger.errors import UsageError
from tagger.text import lexicon
from tagger.text.patterns import (
    AFTER_STOP,
    BREAK,
    BULLET,
    CLITIC,
    DOTTED,
    HYPHENED,
    JOINED,
    STARTER,
    STOP,
    token_pattern,
)
from tagger.text.tokens import Span

Hyphens = Literal["split", "keep"]
Clitics = Literal["keep", "split"]
Lines = Literal["join", "split"]

_CHOICES: Final = {"hyphens": get_args(Hyphens), "clitics": get_args(Clitics), "lines": get_args(Lines)}
_HYPHENS: Final = frozenset("-‐‑")


class RuleSegmenter:
    """Rule-based segmenter, designed for English and usable for other languages with spaces between words.

    Every character that is not whitespace belongs to exactly one token. Punctuation marks are tokens of their own; a
    run of one mark is one token (``...``, ``!!!``, ``--``), as are numbers, URLs, e-mail addresses, acronyms, common
    abbreviations, emoticons and emoji sequences. A Han character is one token, as is a run of Thai or Khmer. A blank
    line always ends a sentence.

    Args:
        hyphens: ``"split"`` cuts ``well-known`` into three tokens (as in the English Web Treebank, which
            keeps prefixes: ``e-mail``), ``"keep"`` leaves it whole (as in the Penn Treebank and CoNLL 2003).
        clitics: ``"keep"`` leaves ``don't`` and ``Anna's`` whole, ``"split"`` cuts them into ``do n't`` and
            ``Anna 's``.
        lines: ``"join"`` continues sentences across line ends, for text with hard line breaks; ``"split"`` ends a
            sentence at each, for files with one sentence, title or message per line.

    Raises:
        UsageError: an option has another value.
    """

    name: Final = "rules"
    version: Final = "1"  # changes with any rule or word list: stored models require theirs

    def __init__(
        self, *, hyphens: Hyphens = "split", clitics: Clitics = "keep", lines: Lines = "join"
    ) -> None:
        self._options = {"hyphens": hyphens, "clitics": clitics, "lines": lines}
        for option, value in self._options.items():
            if value not in _CHOICES[option]:
                known = " or ".join(map(repr, _CHOICES[option]))
                raise UsageError(f"segmenter 'rules': expected {option} to be {known}, found {value!r}")
        self._tokens = token_pattern(
            keep_hyphens=hyphens == "keep", split_clitics=clitics == "split", split_lines=lines == "split"
        )

    @classmethod
    def from_options(cls, options: Mapping[str, str]) -> RuleSegmenter:
        """Return a segmenter with options as returned by ``options()``; those left out have their defaults.

        Raises:
            UsageError: an option or its value is unknown.
        """
        unknown = sorted(options.keys() - _CHOICES.keys())
        if unknown:
            raise UsageError(
                f"segmenter 'rules': unknown option {', '.join(unknown)}; known: {', '.join(_CHOICES)}"
            )
        return cls(**cast(dict[str, Any], options))

    @classmethod
    def fit(cls, token_lists: Iterable[Sequence[str]], *, lines: Lines = "join") -> RuleSegmenter:
        """Return the segmenter whose options agree best with given tokens, such as those of a training set.

        A hyphen token between two words is evidence for splitting, one within a word for keeping (except after a prefix
        that is never split off); similarly ``n't`` or ``'s`` as a token, and at the end of a word. Without evidence, or
        on a tie, an option has its default.

        Args:
            token_lists: the tokens of each sentence.
            lines: passed on, as tokens contain no evidence about lines.
        """
        hyphens = clitics = 0  # evidence for splitting minus that for keeping
        counts: Counter[str] = Counter()
        for tokens in token_lists:
            counts.update(tokens)
            if not _HYPHENS.isdisjoint(tokens):
                hyphens += sum(
                    token in _HYPHENS and left.isalpha() and right.isalpha()
                    for left, token, right in zip(tokens, tokens[1:], tokens[2:], strict=False)
                )
        for token, count in counts.items():
            if token not in _HYPHENS and HYPHENED.fullmatch(token):
                hyphens -= count
            match = CLITIC.search(token)
            if match:
                clitics += count if match.start() == 0 else -count
        return cls(
            hyphens="keep" if hyphens < 0 else "split",
            clitics="split" if clitics > 0 else "keep",
            lines=lines,
        )

    def __repr__(self) -> str:
        switches = ", ".join(f"{option}={value!r}" for option, value in self._options.items())
        return f"RuleSegmenter({switches})"

    def options(self) -> dict[str, str]:
        """Return the options, for storing: ``get_segmenter(s.name, s.options())`` is equivalent to ``s``."""
        return dict(self._options)

    def __call__(self, text: str) -> Iterator[list[Span]]:
        """Yield the sentences of ``text``, each as the character ranges of its tokens."""
        never = len(text) + 1
        sentence_end = never  # the end of this sentence, once known
        sentence: list[Span] = []
        for match in self._tokens.finditer(text):
            kind = match.lastgroup
            if kind is None:
                sentence.append(match.span())
                continue
            if kind == JOINED:
                sentence.extend(_split(text, match.span()))
                continue
            if kind != BREAK:
                sentence.append(match.span())
                if kind == STOP:
                    sentence_end = _end_after_stop(text, sentence, never)
                elif kind == DOTTED:
                    sentence_end = _end_after_abbreviation(text, sentence, never)
                if match.end() < sentence_end:
                    continue
            if sentence:
                yield sentence
            sentence_end, sentence = never, []
        if sentence:
            yield sentence


def _end_after_stop(text: str, sentence: list[Span], never: int) -> int:
    """Return the end of a sentence whose last token is a full stop or the like; ``never`` if it goes on."""
    first_start, first_end = sentence[0]
    start, end = sentence[-1]
    if len(sentence) == 1 or (
        len(sentence) == 2 and first_end - first_start <= 3 and text[first_start:first_end].isdigit()
    ):
        return never  # "..." at the beginning, or the number of a list item
    mark = text[start:end]
    match = AFTER_STOP.match(text, end)
    closers, space = match.groups()
    following = text[match.end() : match.end() + 2]
    if mark[-1] in "。！？":
        ends = True
    elif not space:
        # "fine.Then": a missing space. Without one, a closing quote or bracket is as likely an opening one.
        ends = not closers and following[:1].isalpha() and (mark[-1] in "?!" or following.istitle())
    elif following[:1].islower():
        # Text without capitals still ends sentences, but may go on after "...", ":)" and a quotation mark.
        ends = not closers and (mark[-1] in "?!" or mark == "." != text[start - 2 : start - 1])
    else:
        ends = following[:1].isalnum() or BULLET.match(text, match.end(2)) is not None
    return match.end(1) if ends else never


def _end_after_abbreviation(text: str, sentence: list[Span], never: int) -> int:
    """Return the end of a sentence whose last token is an abbreviation; ``never`` if it goes on."""
    match = AFTER_STOP.match(text, sentence[-1][1])
    return match.end(1) if match[2] and STARTER.match(text, match.end()) else never


def _split(text: str, span: Span) -> list[Span]:
    """Return the parts of a word with clitics, or the whole word if it has none."""
    start, end = span
    cut = lexicon.JOINED.get(text[start:end].lower())
    if cut:
        return [(start, start + cut), (start + cut, end)]
    parts: list[Span] = []  # last to first; a clitic has at most three characters
    while match := CLITIC.search(text, max(start + 1, end - 3), end):
        parts.append((match.start(), end))
        end = match.start()
    return [(start, end), *reversed(parts)]
