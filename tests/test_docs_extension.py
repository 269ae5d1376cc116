"""docs/_extensions: what Markdown twins and their list hold, formulas, and captions of blocks that are not run."""

import importlib
import io
import json
import logging
import re
from types import SimpleNamespace
from typing import Any

import pytest
from documentation_pages import MARKS, ROOT
from docutils import nodes
from present import present
from sphinx.application import Sphinx
from sphinx.ext.napoleon import GoogleDocstring
from sphinx.util.docutils import docutils_namespace

from tagger import Tagger
from tagger.report.style import picture_style


@pytest.fixture(autouse=True)
def extensions_are_found(monkeypatch):
    """As in docs/conf.py."""
    monkeypatch.syspath_prepend(str(ROOT / "docs" / "_extensions"))


@pytest.fixture
def extension():
    return importlib.import_module("for_programs")


def built(extension, tmp_path, pages, failure=None, root="index"):
    """Write pages, and what the extension makes of them; return the folder."""
    source, out = tmp_path / "source", tmp_path / "out"
    for name, text in pages.items():
        path = source / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (out / "_static").mkdir(parents=True)
    titles = {name: nodes.title("", text.splitlines()[0].removeprefix("# ")) for name, text in pages.items()}
    env = SimpleNamespace(
        found_docs=set(pages), titles=titles, doc2path=lambda name: str(source / f"{name}.md")
    )
    app = SimpleNamespace(
        env=env,
        outdir=str(out),
        builder=SimpleNamespace(name="html"),
        config=SimpleNamespace(root_doc=root),
    )
    extension.write_twins(app, failure)
    return out


def test_every_page_has_a_twin_and_a_line(extension, tmp_path):
    pages = {
        "index": "# Front\n\nWhat it is. More.\n\n```{toctree}\nhow/to\n```\n",
        "how/to": "# How to\n\nDo this: and that. Then rest.\n",
    }
    out = built(extension, tmp_path, pages)
    assert (out / "how/to.md").read_text() == pages["how/to"]
    assert "toctree" not in (out / "index.md").read_text()
    assert (out / "llms.txt").read_text() == (
        "# Front\n\n> What it is.\n\n## Pages\n\n- [How to](how/to.md): Do this: and that.\n"
    )


def test_a_twin_holds_what_the_page_includes_documents_and_prints(extension, tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "other.txt").write_text("Included.\n")
    page = (
        "# Page\n\n```{include} other.txt\n:relative-docs: docs\n```\n\n```{eval-rst}\n"
        ".. autoclass:: tagger.Tagger\n   :members:\n.. autofunction:: tagger.schemes.labels_to_spans\n```\n\n"
        "```{command-help} average\n```\n"
    )
    text = (built(extension, tmp_path, {"index": page}) / "index.md").read_text()
    assert "Included." in text
    assert "### `Tagger(parts" in text
    assert "#### `Tagger.load(" in text
    assert "#### `Tagger.__init__" not in text
    assert present(Tagger.tag.__doc__).splitlines()[0] in text
    assert "### `labels_to_spans(" in text
    assert "usage: tagger average" in text
    assert "{" not in text.replace("{true,false}", "").split("usage: tagger average")[0].split("```")[0]


def test_a_twin_has_signatures_as_they_are_called_and_names_instead_of_roles(extension, tmp_path):
    page = (
        "# Page\n\n```{eval-rst}\n.. autoclass:: tagger.Tagger\n.. autoclass:: tagger.errors.DataError\n```\n"
    )
    text = (built(extension, tmp_path, {"index": page}) / "index.md").read_text()
    assert "### `Tagger(parts: ModelParts, *, device: str = 'cpu', batch_tokens: int = 4096, " in text
    assert "#### `Tagger.load(folder: str | Path, *, device: str = 'cpu', " in text
    assert "#### `Tagger.labels`\n" in text
    assert "### `DataError`\n" in text
    assert "Created by `load` or by `tagger.training.train`." in text
    assert "is a `DataError`." in text
    assert re.findall(r":\w+:`", text) == []


@pytest.mark.parametrize(
    ("docstring", "shown"),
    [
        (":class:`tagger.Span`", "`tagger.Span`"),
        (":py:class:`~tagger.Span`", "`Span`"),
        (":meth:`call it <tagger.Tagger.tag>`", "`call it`"),
        (":meth:`call\n    it <~tagger.Tagger.tag>`", "`call\nit`"),
        ("``x:y`` and `z`: a", "``x:y`` and `z`: a"),
    ],
)
def test_roles_become_what_the_site_shows(extension, docstring, shown):
    described = type("Described", (), {"__doc__": f"First.\n\n    {docstring}"})
    assert extension._docstring(described) == f"First.\n\n{shown}"


def test_a_twin_has_the_figures_of_a_benchmark_as_tables(extension, tmp_path, monkeypatch):
    program_output = importlib.import_module("program_output")
    entry = json.loads((ROOT / "docs" / "benchmarks" / "train.json").read_text())[0]
    rows = [{"candidate": "a | b", "speed": 1234.5, "kept": 7}, {"candidate": "c", "speed": 0.25}]
    entry |= {"tables": {"Speed": rows, "Memory": [{"MiB": 0.5}]}, "conditions": {"threads": 2}}
    (tmp_path / "sums.json").write_text(json.dumps([entry]))
    monkeypatch.setattr(program_output, "BENCHMARKS", tmp_path)
    page = "# Page\n\nText.\n\n```{benchmark-history} sums\n```\n\nRest.\n"
    text = (built(extension, tmp_path, {"index": page}) / "index.md").read_text()
    run = f"{entry['date'][:16].replace('T', ' ')} {entry['commit'][:7]}"
    assert text.startswith(
        f"# Page\n\nText.\n\n#### Speed\n\n| figure | {run} | last / before |\n| --- | --- | --- |\n"
        "| a \\| b: speed | 1,234 | - |\n| c: speed | 0.25 | - |\n\n"
    )
    assert (
        f"\n\n#### Memory\n\n| figure | {run} | last / before |\n| --- | --- | --- |\n| MiB | 0.5 | - |\n\n"
        in text
    )
    assert text.count("threads 2 · Last with ") == 2
    assert text.endswith(".\n\nRest.\n")


def test_links_of_an_included_file_lead_to_the_same_page_from_the_twin(extension, tmp_path, caplog):
    (tmp_path / "README.md").write_text(
        "[To](source/how/to.md#part), `[Anna](PER)` and [out](https://example.org/a).\n"
    )
    pages = {
        "index": "# Front\n\nText.\n",
        "how/to": "# How to\n\n```{include} ../../README.md\n```\n\n[Front](../index.md), [a](#part), [b](gone.md)\n",
    }
    with caplog.at_level("WARNING", "sphinx"):
        text = (built(extension, tmp_path, pages) / "how/to.md").read_text()
    assert "[To](to.md#part), `[Anna](PER)` and [out](https://example.org/a)." in text
    assert [record.getMessage() for record in caplog.records] == ["how/to.md: nothing at gone.md"]


def test_a_twin_says_where_a_picture_is(extension, tmp_path):
    pages = {"a/index": "# Front\n\nText.\n\n```{raw} html\n:file: picture.html\n```\n"}
    out = built(extension, tmp_path, pages, root="a/index")
    assert (out / "a/index.md").read_text().endswith("\n\n(A picture, [in the HTML page](index.html).)\n")


@pytest.fixture
def site(tmp_path):
    """A function that builds a site of one page and returns its HTML and the warnings."""

    def build(text):
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "index.md").write_text(f"# Front\n\n{text}\n")
        settings: dict[str, Any] = {
            "extensions": ["myst_parser", "formulas", "marked_blocks"],
            "html_math_renderer": "mathml",
            "myst_enable_extensions": ["dollarmath"],
            "myst_fence_as_directive": {"bash", "python"},
        }
        warnings = io.StringIO()
        out, doctrees = (str(tmp_path / name) for name in ("out", "doctrees"))
        with docutils_namespace():
            Sphinx(
                str(tmp_path / "in"), None, out, doctrees, "html", settings, status=None, warning=warnings
            ).build()
        return (tmp_path / "out" / "index.html").read_text(), warnings.getvalue()

    logger = logging.getLogger("sphinx")
    before = logger.propagate, list(logger.handlers)
    yield build
    logger.propagate, logger.handlers[:] = before


def test_formulas_are_mathml_and_need_no_script_from_elsewhere(site):
    html, warnings = site("With $h_t$:\n\n$$h_t = \\tanh(W x_t)$$")
    assert warnings == ""
    assert html.count("<math ") == 2
    assert html.count("<msub>") == 3
    assert '<div class="math"><math ' in html
    assert "<mi>tanh</mi>" in html
    assert "https://" not in html.partition("<body")[0]


@pytest.mark.parametrize("formula", ["_x", "a & b", "\\limits"])
def test_a_formula_on_which_docutils_fails_is_warned_of(site, formula):
    html, warnings = site(f"With ${formula}$")
    assert "index.md:3: WARNING: " in re.sub(r"\x1b\[[0-9;]*m", "", warnings)
    assert formula.replace("&", "&amp;") in html


def test_a_formula_with_an_unknown_command_is_warned_of(site):
    html, warnings = site("With $\\nothing<x$")
    assert "index.md:3: WARNING: Unknown LaTeX command" in re.sub(r"\x1b\[[0-9;]*m", "", warnings)
    assert "\\nothing&lt;x" in html


@pytest.mark.parametrize("mark", MARKS)
def test_a_block_that_the_tests_do_not_run_says_so_above_it(site, mark):
    html, warnings = site(f"```bash {mark}\n\n:echo: a <b\n```")
    assert warnings == ""
    caption, _, block = html.partition("</div>")
    said = re.findall(r'<span class="caption-text">(.+?)</span>', caption)
    assert len(said) == 1
    assert "the tests" in said[0]
    assert 'class="highlight-bash' in block
    assert ":echo:" in re.sub(r"<[^>]*>", "", block)


def test_a_block_without_a_mark_has_no_caption(site):
    html, warnings = site("```python\nprint(1)\n```\n\n```text gpu\nprint(1)\n```")
    assert warnings == ""
    assert html.count('<div class="highlight-') == 2
    assert "caption" not in html.partition("<body")[2]


def test_words_before_a_colon_are_no_type_of_an_attribute():
    plain_attributes = importlib.import_module("plain_attributes")
    for what in ("property", "attribute"):
        lines = ["The scheme: IOB2, or NONE.", "", "More: text."]
        plain_attributes.begin_with_a_comment(None, what, "scheme", None, None, lines)
        shown = GoogleDocstring(lines, what=what, name="scheme").lines()
        assert shown == ["..", "", "The scheme: IOB2, or NONE.", "", "More: text."]


def test_an_unknown_mark_is_an_error(site):
    assert set(importlib.import_module("marked_blocks").CAPTIONS) == set(MARKS)
    _, warnings = site("```bash gpus\necho\n```")
    assert "expected a mark among gpu, network, cluster, data, long, found 'gpus'" in warnings


def test_nothing_is_written_after_a_failure(extension, tmp_path):
    out = built(extension, tmp_path, {"index": "# Front\n\nText.\n"}, failure=ValueError())
    assert not (out / "llms.txt").exists()


def test_a_command_that_is_not_there_is_an_error(extension):
    with pytest.raises((ValueError, SystemExit)):
        extension.help_of("no-such-command")


def test_links_in_code_and_to_elsewhere_are_not_those_of_a_page(extension):
    text = "[a](x.md) `[b](y)` ``[c](`z)``\n````md\n```\n[d](z)\n```\n````\n[e](HTTP://e.org) [f](//f.org) [g](#g)"
    assert extension._links(text) == ["x.md"]


def test_the_style_of_pictures_is_written_with_the_site(extension, tmp_path):
    output = importlib.import_module("program_output")
    (tmp_path / "_static").mkdir()
    app = SimpleNamespace(outdir=tmp_path, builder=SimpleNamespace(name="html"))
    output._write_style(app, ValueError())
    assert not list((tmp_path / "_static").iterdir())
    output._write_style(app, None)
    assert ".tagger-report" in (tmp_path / "_static" / "report.css").read_text(encoding="utf-8")


def test_the_style_of_pictures_is_confined_to_them():
    style = picture_style(around=".pictures", light="[data-theme='light']", dark="[data-theme='dark']")
    assert style.count("{") == style.count("}")
    depth = 0
    for line in style.splitlines():
        if depth == 0 and "{" in line:
            assert ".pictures" in line
        depth += line.count("{") - line.count("}")
    assert "path.s0" in style


def test_pictures_wider_than_the_page_scroll_and_tables_have_their_style():
    style = picture_style(around=".pictures", light="[data-theme='light']", dark="[data-theme='dark']")
    assert ".scroll { overflow-x: auto" in style
    assert "table { border-collapse: collapse" in style
    assert ".hidden { position: absolute" in style
