from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.formats.tools.hypertext import has_markup, without_tags


class Parser(HTMLParser):
    """The standard library's parser, which knows the same rules for what is well-formed."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.text += "\n" * (tag == "br")

    def handle_data(self, data):
        self.text += data


PIECES = [
    *(
        "a",
        " ",
        "\n",
        "Zoë",
        "\N{GRINNING FACE}",
        "&amp;",
        "&lt;b&gt;",
        "&#233;",
        "&#x1F600;",
        "&nbsp;",
        "a < b",
        "&c",
    ),
    *(
        "<p>",
        "</p>",
        "<br>",
        "<br/>",
        "<BR />",
        "<a href=\"x>y\" b='z>'>",
        "</a >",
        "<i class=x>",
        "<p it's>",
    ),
    *("<!-- a > b -->", "<!DOCTYPE html>", "<style>p > a {}</style>", "<script>a < '<b>'</script>"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_the_text_of_html_is_what_another_parser_finds(markup):
    parser = Parser()
    parser.feed(markup)
    parser.close()
    assert without_tags(markup) == parser.text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<head><title>T &amp; <b></title></head>\n<body class='x'>\nOslo</body>", "\nOslo"),
        ("<title>T &amp; <b></title>a", "T & <b>a"),
        ("<pre>\n\na</pre>", "\na"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a <!-- no end", "a "),
        ("a <b no end", "a "),
        ("a <script>b", "a b"),
        ("a <", "a <"),
        ("a <é> b", "a <é> b"),
        ("<![CDATA[a]]>b", "b"),
        ("a</>b<?c?>d", "abd"),
        ("<br" * 3, ""),
    ],
)
def test_text_is_what_a_browser_takes_for_text(markup, text):
    assert without_tags(markup) == text


@pytest.mark.parametrize("text", ["Oslo", "a < b", "a & b", "<3", "x <= y", "AT&T; no", "\n"])
def test_plain_text_has_no_markup(text):
    assert has_markup(text) == (text == "AT&T; no")
    assert has_markup(text + "<p>")
