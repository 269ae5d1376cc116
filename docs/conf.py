"""The documentation site: Markdown pages, and the reference from the docstrings. ``scripts/docs`` builds it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

project = "tagger"
copyright = "the authors of tagger"
html_title = "tagger"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "program_output",
    "for_programs",
    "marked_blocks",
    "plain_attributes",
    "formulas",
]
exclude_patterns = ["_extensions", "_build"]
source_suffix = {".md": "markdown"}

myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_fence_as_directive = {"bash", "python"}  # whose marks the extension marked_blocks shows

html_theme = "furo"
html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_js_files = ["scrolling.js"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_show_copyright = False

# Options of two sections may have one name.
suppress_warnings = ["ref.python"]

autodoc_typehints = "description"
autodoc_member_order = "bysource"
autodoc_class_signature = "separated"
napoleon_numpy_docstring = False
napoleon_use_ivar = True
copybutton_prompt_text = r"^\$ "
