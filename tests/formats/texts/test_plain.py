import io
import re

from tagger.formats.texts.plain import read_plain, read_token_lines


def segment(text):
    """Sentences are lines, tokens what stands between spaces."""
    for line in re.finditer(r"[^\n]+", text):
        yield [
            (line.start() + match.start(), line.start() + match.end())
            for match in re.finditer(r"\S+", line[0])
        ]


def test_running_text_is_cut_and_nothing_of_it_lost():
    text = "\n Anna Smith left.\r\n\n\nAcme stayed. \n"
    found = list(read_plain(io.BytesIO(text.encode()), segment, name="x.txt"))
    assert [record.example.tokens for record in found] == [("Anna", "Smith", "left."), ("Acme", "stayed.")]
    assert [record.example.origin for record in found] == ["x.txt:2", "x.txt:5"]
    assert "".join(record.text for record in found) == text
    for record in found:
        assert tuple(record.text[start:end] for start, end in record.ranges) == record.example.tokens
        assert text[record.offset : record.offset + len(record.text)] == record.text
        assert record.sentences == (record.example,)


def test_whitespace_alone_is_a_record_without_tokens():
    (record,) = read_plain(io.StringIO(" \n \n"), segment)
    assert (record.example.tokens, record.text) == ((), " \n \n")
    assert list(read_plain(io.StringIO(""), segment)) == []


def test_a_long_line_is_read_in_bounded_pieces():
    text = "word " * 300_000
    longest = max(len(record.text) for record in read_plain(io.BytesIO(text.encode()), segment))
    assert longest <= 2**18


def test_a_line_of_tokens_is_a_sentence_and_a_blank_line_an_empty_one():
    text = "\ufeffEU  rejects\tit\u00a0.\r\n\n \t\nAcme"
    found = list(read_token_lines(io.BytesIO(text.encode()), name="x.txt"))
    assert [record.example.tokens for record in found] == [("EU", "rejects", "it\u00a0."), (), (), ("Acme",)]
    assert [record.example.origin for record in found] == ["x.txt:1", "x.txt:2", "x.txt:3", "x.txt:4"]
    assert "".join(record.text for record in found) == text[1:]
    assert found[0].ranges == ((0, 2), (4, 11), (12, 16))
    assert [record.offset for record in found] == [0, 18, 19, 22]
