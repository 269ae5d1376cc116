"""The regular expressions of RuleSegmenter, for tokens and for ends of sentences.

Two invariants hold. Every repetition followed by something required is bounded, so that matching takes linear time.
And the last alternative matches any character that is not whitespace.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final

import regex

from tagger.text import lexicon


def _cased(words: Iterable[str]) -> frozenset[str]:
    """Return the words in lower case, capitalised and in upper case (case folding in the engine is slow)."""
    return frozenset(form for word in words for form in (word, word.capitalize(), word.upper()))


def _any_of(words: Iterable[str]) -> str:
    """Return an expression for any of the words, as a prefix tree, so that most other words fail at one character.

    >>> _any_of(["can", "cannot", "dont"])
    '(?:can(?:not)?|dont)'
    """
    after: dict[str, list[str]] = {}
    for word in sorted(words):
        after.setdefault(word[:1], []).append(word[1:])
    optional = "?" if after.pop("", None) else ""
    branches = [first + _any_of(rest) for first, rest in after.items()]
    if len(branches) > 1 or (branches and optional):
        return f"(?:{'|'.join(branches)}){optional}"
    return "".join(branches)


# Group names: matches that need more than adding a token.
STOP: Final = "stop"  # a mark that may end a sentence
DOTTED: Final = "dotted"  # an abbreviation whose full stop may also end a sentence
JOINED: Final = "joined"  # a word that may be two
BREAK: Final = "break"  # not a token: the end of a paragraph or line
# "closer" is a quotation mark or bracket that may end a sentence; "mark" exists for its backreference.

# Parts of the expressions, which are in verbose mode: spaces are ignored.
# Same as str.isspace: the \s of this engine lacks four control characters.
_SPACE: Final = r"\s\x1c-\x1f"
# Scripts without spaces between words: a Han character is one token, as is a run of either kana.
_UNSPACED: Final = r"\p{Han}\p{Hiragana}\p{Katakana}ー"
_W: Final = rf"[\w\p{{N}}\u00ad\u200c\u200d--[{_UNSPACED}]]"
_L: Final = rf"[\p{{L}}--[{_UNSPACED}]]"
_A: Final = "['’`]"  # apostrophes
# Characters that attach to the one before: combining marks, variation selectors, joiners, skin tones, tags.
_MARKS: Final = r"[\p{M}\u200d\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*+"
_HYPHEN: Final = "[-‐‑]"
_TAIL: Final = rf"(?: {_A} {_W}++ )"  # starting at an apostrophe
_CLOSER: Final = r"""["'”’»›)\]}」』）》】]"""
_OPENER: Final = r"""["'“‘’«‹(\[{「『（《【¿¡*]"""
_LINE_END: Final = r"(?>\r\n|[\n\r\u2028])"
_BLANK_LINE: Final = rf"{_LINE_END}[^\S\n\r\u2028]*+{_LINE_END}"

_ACRONYM: Final = rf"{_L} (?: \. {_L} ){{1,16}}+ (?! {_W} ) \.?+"
_DECIMAL: Final = r"\d++ (?: [.,:] \d++ )*+"

# Alternatives grouped by first character: a letter, a digit, or another.
_LETTER_FIRST: Final = rf"""
    (?: https?:// | ftp:// | mailto: | www\. )
    (?: [^{_SPACE}<>"”.,:;!?'’)\]}}]++ | [.,:;!?'’)\]}}]{{1,16}}+ (?= [^{_SPACE}<>"”.,:;!?'’)\]}}] ) )++
  | (?= [A-Za-z]{{1,8}}+ \. )
    (?: \L<titles> \.
      | (?P<stop> etc \. )
      | (?P<dotted> \L<abbreviations> \. )
      | \L<numbered> \. (?= [ ]? \d )
    )
  | (?P<dotted> {_ACRONYM} )
  | [A-Z] \. (?= [ ]? [A-Z] ) (?! [ ]? \L<starters> \b )
  | {_L} [\w\-]{{0,63}}+ (?: \. {_L} [\w\-]{{1,63}}+ ){{2,8}}+ (?! [\w@] )
  | [A-Z]{{1,4}}+ & [A-Z]{{1,3}}+ (?! {_W} | {_A} ) | [a-z]&[a-z] (?! {_W} )
  | [bwl]/[co] (?! \w ) | w/ | [A-Z]{{1,2}}\$
  | [xX]D++ (?! \w ) | [vV] \d++ (?: \. \d++ )++
"""
_NUMBER: Final = rf"""
    (?: \d - )? \d{{1,3}} (?: - \d{{3}} )? - \d{{4}} (?! {_W} )
  | \d{{5}} - \d{{4}} (?! {_W} )
  | \d{{1,4}} / \d{{1,2}} / \d{{2,4}} (?! {_W} )
  | (?: 0?\d | 1[0-2] ) / [0-3]\d (?! {_W} )
  | {_DECIMAL} (?: (?= \L<units> (?! {_W} ) ) | {_W}*+ (?: {_A} s \b )? )
"""
_MAIL: Final = r"\w [\w.+\-]{0,63}+ @ [\w\-]{1,63}+ (?: \. [\w\-]{1,63}+ )*+"
_FILE: Final = rf"(?: \w [\w\-]{{0,63}}+ \. ){{1,8}} \L<endings> (?! {_W} )"
_OTHER: Final = rf"""
    (?P<stop> [.!?…‼⁇⁈⁉؟۔।։።。！？]++ )
  | (?P<closer> (?: '++ | ’++ | {_CLOSER} ) {_MARKS} )
  | [\-=*_~<>|+\#]{{2,}}+
  | \p{{Regional_Indicator}}{{2}}
  | \p{{Extended_Pictographic}} {_MARKS} (?: (?<= \u200d ) \p{{Extended_Pictographic}} {_MARKS} )*+
  | (?P<mark> [^\w\p{{C}}{_SPACE}()\[\]{{}}"] ) (?P=mark)++
  | \p{{Han}} {_MARKS}
  | [\p{{Hiragana}}ー]++ | [\p{{Katakana}}ー]++
  | [^{_SPACE}] {_MARKS}
"""
_MARK_FIRST: Final = rf"""
    (?P<stop> [:;=] [\-o^']?+ (?: [()\[\]|*]++ | [DPpOoSs/\\3] (?! [\w/] ) ) | <3+ (?! \w ) | \^[_.]?\^ )
  | \( [:;]
  | [@\#] {_L} {_W}*+
  | (?<! \w ) \. \L<endings> (?! {_W} )
  | [+] \d{{1,3}} (?! \d )
  | (?<! \w ) \. \d++
  | {_A} (?: \d\d s?+ | em | n | [Tt]is | [Tt]was | s | d | m | ll | re | ve ) (?! {_W} )
"""

CLITIC: Final = regex.compile(rf"(?i)(?:n{_A}t|{_A}(?:s|m|d|re|ve|ll))\Z")
HYPHENED: Final = regex.compile(
    rf"(?!\L<prefixes>-){_L}++-{_L}++", regex.VERSION1, prefixes=_cased(lexicon.PREFIXES)
)
BULLET: Final = regex.compile(r"[\-=*_~>#<]{2}|\[\.|[\-*>~•] ?\w|\p{Sc}\d|[#@]\w")
STARTER: Final = regex.compile(r"\L<starters>\b", starters=lexicon.STARTERS)
AFTER_STOP: Final = regex.compile(rf"({_CLOSER}{{0,8}}+)([{_SPACE}]*+){_OPENER}{{0,8}}+", regex.VERSION1)


@cache
def token_pattern(*, keep_hyphens: bool, split_clitics: bool, split_lines: bool) -> regex.Pattern[str]:
    """Return a pattern that matches the tokens, and ``BREAK`` where a sentence ends between two."""
    sentence_break = rf"{_LINE_END} | \u2029" if split_lines else rf"{_BLANK_LINE} | \u2029"
    plain = r"[A-Za-z]++ (?= [ ,\r\n] )"  # fast path for most words
    word = rf"{_L} {_W}*+"
    if keep_hyphens:
        compound = rf"{word} (?: & {word} )?+ (?: (?: {_HYPHEN} | {_A} ) {_W}++ )++"
        acronym = rf"{_ACRONYM} (?: {_HYPHEN} {_W}++ )++"
        tail = "" if split_clitics else rf"{_TAIL}*+"
        number = rf"{_DECIMAL} {_W}*+ (?: {_HYPHEN} {_W}++ )++ {tail} | {_NUMBER}"
    else:
        prefixed = rf"\L<prefixes> {_HYPHEN} {_W}++ (?! {_HYPHEN} {_W} ) {_TAIL}*+"
        compound = rf"{prefixed} | {word} (?: & {word} )?+ {_TAIL}++"
        acronym, number = "(?!)", _NUMBER
    if split_clitics:
        joined = rf"{_any_of(_cased(lexicon.JOINED))} (?! {_W} | {_A} )"
        plain = rf"(?! {joined} ) {plain}"
        compound = rf"(?P<joined> {joined} | {compound} )"
    pattern = rf"""
        {plain}
      | (?P<break> {sentence_break} )
      | (?= {_L} ) (?: {acronym} | {_LETTER_FIRST} | {_MAIL} | {_FILE} | {compound} | {word} )
      | (?= \d ) (?: {_MAIL} | {_FILE} | {number} )
      | (?! [{_SPACE}] ) (?: {_MARK_FIRST} | {_OTHER} )
    """
    return regex.compile(
        pattern,
        regex.VERSION1 | regex.VERBOSE,
        titles=lexicon.TITLES,
        abbreviations=lexicon.ABBREVIATIONS,
        numbered=lexicon.NUMBERED,
        starters=lexicon.STARTERS,
        units=lexicon.UNITS,
        prefixes=_cased(lexicon.PREFIXES),
        endings=_cased(lexicon.DOMAINS | lexicon.FILES),
        ignore_unused=True,
    )
