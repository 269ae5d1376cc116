"""Writers of annotated texts as CoNLL columns, CoNLL-U and CSV: one token per row, spans as IOB2 labels."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Final

from tagger.errors import DataError
from tagger.formats.annotated import AnnotatedText
from tagger.formats.columns.conll_writing import format_conll
from tagger.formats.columns.conllu_text import escape_spaces
from tagger.formats.columns.records import check_cells, excerpt
from tagger.formats.columns.row_sentences import RowSentence, row_sentences
from tagger.formats.format import WritingContext
from tagger.formats.losses import Losses
from tagger.formats.sentences import is_tokens_alone
from tagger.formats.white_space import refuse_blank_tokens

_DIGITS: Final = 6
_MISSING: Final = "_"


def write_conll(texts: Iterable[AnnotatedText], context: WritingContext) -> Iterator[str]:
    """Yield each sentence as rows of token and label; ``-DOCSTART-`` rows begin documents.

    Args:
        texts: the texts.
        context: how to write them.

    Raises:
        DataError: a row cannot hold a token or label.
    """
    losses = context.losses
    num_documents = 0
    for sentence in row_sentences(texts, context):
        if sentence.starts_document:
            num_documents += 1
            document = sentence.text.document
            if document is not None and document != str(num_documents):
                losses.add("ids of documents, not kept but as numbers", sentence.text.origin or document)
            yield "-DOCSTART-\tO\n\n"
        yield _tried(lambda each: format_conll(each.tokens, each.labels), sentence, losses)


def write_conllu(texts: Iterable[AnnotatedText], context: WritingContext) -> Iterator[str]:
    """Yield each sentence in the ten columns of CoNLL-U, with its original text.

    Entities are ``NE=`` in MISC, other labels are UPOS; probabilities are ``Prob=`` in MISC.

    Args:
        texts: the texts.
        context: how to write them.

    Raises:
        DataError: a row cannot hold a token or label.
    """
    for number, sentence in enumerate(row_sentences(texts, context), start=1):
        if sentence.starts_document:
            document = _on_one_line(sentence, context.losses)
            yield f"# newdoc id = {document}\n" if document else "# newdoc\n"
        rows = _tried(lambda each: _conllu_rows(each, context.losses), sentence, context.losses)
        if rows:
            yield f"# sent_id = {number}\n{rows}"


def write_csv(texts: Iterable[AnnotatedText], context: WritingContext) -> Iterator[str]:
    """Yield a header row and a row for each token, with the columns sentence_id, document, token and label.

    A column of probabilities is added if a model made the annotations, or the first sentence has some; the columns
    ``start`` and ``end`` of the token in its text if a model annotated a text that is not just its tokens joined by
    blanks.

    Args:
        texts: the texts.
        context: how to write them.

    Raises:
        DataError: a row cannot hold a token or label.
    """
    losses = context.losses
    names = ["sentence_id", "document", "token", "label"]
    has_header = False
    document = ""
    for number, sentence in enumerate(row_sentences(texts, context), start=1):
        if not has_header:
            has_header = True
            if context.model is not None or sentence.probabilities is not None:
                names.append("probability")
            if context.model is not None and not is_tokens_alone(sentence.text):
                names += ["start", "end"]
            yield _csv_rows([names])
        if sentence.starts_document:
            document = _on_one_line(sentence, losses) or f"sentence {number}"
        if sentence.probabilities is not None and "probability" not in names:
            losses.add(
                "probabilities of sentences, not kept, as the first has none",
                sentence.text.origin or str(number),
            )
        render = partial(_csv_sentence, start=(str(number), document), names=names)
        yield _tried(render, sentence, losses)
    if not has_header:
        yield _csv_rows([names])


def _tried(render: Callable[[RowSentence], str], sentence: RowSentence, losses: Losses) -> str:
    """Render a sentence; return the empty text for one that the format cannot hold, if bad data are skipped."""
    try:
        return render(sentence)
    except DataError as error:
        losses.bad("sentences that rows cannot hold", f"{sentence.text.origin or 'a sentence'}: {error}")
        return ""


def _on_one_line(sentence: RowSentence, losses: Losses) -> str:
    """Return the id of the document with its white space folded; the empty text if there is none."""
    document = sentence.text.document or ""
    folded = " ".join(document.split())
    if folded != document:
        losses.add(
            "ids of documents, of which white space is folded", f"{sentence.text.origin}: {document!r}"
        )
    return folded


def _conllu_rows(sentence: RowSentence, losses: Losses) -> str:
    tokens, labels, probabilities = sentence.tokens, sentence.labels, sentence.probabilities
    is_tag = sentence.text.labels is not None
    check_cells(tokens, _token_number, spaces_allowed=True, tokens=True)
    check_cells(labels, _token_number, spaces_allowed=not is_tag)
    odd = next((label for label in set(labels) if label == _MISSING or (not is_tag and "|" in label)), None)
    if odd is not None:
        raise DataError(
            f"{_token_number(list(labels).index(odd))}: CoNLL-U cannot hold the label {excerpt(odd)}; write JSON Lines "
            "instead"
        )
    text, gaps = _spaced(sentence)
    notes = ["" if is_tag else f"|NE={label}" for label in labels]
    for place, probability in enumerate(probabilities or ()):
        if probability is not None:
            notes[place] += f"|Prob={_decimal(probability)}"
    for place, gap in gaps.items():
        notes[place] += _gap_note(gap, sentence, losses)
    tags = labels if is_tag else [_MISSING] * len(tokens)
    rows = [
        f"{number}\t{token}\t_\t{tag}\t_\t_\t_\t_\t_\t{note[1:] or _MISSING}\n"
        for number, (token, tag, note) in enumerate(zip(tokens, tags, notes, strict=True), start=1)
    ]
    return f"# text = {text}\n{''.join(rows)}\n"


def _gap_note(gap: str, sentence: RowSentence, losses: Losses) -> str:
    """Return the MISC note for anything other than a single blank after a token."""
    if gap == "":
        return "|SpaceAfter=No"
    if gap.isspace():
        return f"|SpacesAfter={escape_spaces(gap)}"
    losses.add("characters between tokens, not kept", f"{sentence.text.origin}: {excerpt(gap.strip())}")
    return ""


def _spaced(sentence: RowSentence) -> tuple[str, dict[int, str]]:
    """Return the tokens joined by their blanks, and the gaps after tokens that are not a single blank."""
    text, ranges, tokens = sentence.text.text, sentence.ranges, sentence.tokens
    end = after = ranges[-1][1]
    while after < len(text) and text[after].isspace():
        after += 1
    gaps: dict[int, str] = {}
    spaced = " ".join(tokens)
    if text[ranges[0][0] : end] != spaced:  # equal if only tokens were read
        for place, ((_, before), (start, _)) in enumerate(pairwise(ranges)):
            if text[before:start] != " ":
                gaps[place] = text[before:start]
        pieces = [token + (gaps.get(place, " ") and " ") for place, token in enumerate(tokens[:-1])]
        spaced = "".join([*pieces, tokens[-1]])
    if text[end:after] != " " and end < len(text):
        gaps[len(tokens) - 1] = text[end:after]
    return spaced, gaps


def _csv_sentence(sentence: RowSentence, start: tuple[str, str], names: Collection[str]) -> str:
    tokens, labels, probabilities = sentence.tokens, sentence.labels, sentence.probabilities
    refuse_blank_tokens(tokens, "sentence " + start[0])
    for place, cell in enumerate((*tokens, *labels)):
        is_label = place >= len(tokens)
        if "\n" in cell or (is_label and len(cell.split()) != 1):
            raise DataError(
                f"{_token_number(place % len(tokens))}: CSV cannot hold {excerpt(cell)}, which has white space in it; "
                "write JSON Lines instead"
            )
    columns: list[Sequence[str]] = [tokens, labels]
    if "probability" in names:
        known = probabilities or [None] * len(tokens)
        columns.append(["" if value is None else _decimal(value) for value in known])
    if "start" in names:
        columns += [[str(range[side]) for range in sentence.ranges] for side in (0, 1)]
    return _csv_rows([(*start, *row) for row in zip(*columns, strict=True)])


def _csv_rows(rows: Iterable[Sequence[str]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    return written.getvalue()


def _decimal(probability: float | None) -> str:
    return f"{probability:.{_DIGITS}f}"


def _token_number(index: int) -> str:
    return f"token {index}"
