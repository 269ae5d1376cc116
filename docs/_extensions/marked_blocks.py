"""Blocks of code that the tests do not run: what a mark after the language, as in ``bash gpu``, shows on the page."""

from __future__ import annotations

from typing import ClassVar, Final

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.directives.code import CodeBlock

CAPTIONS: Final = {
    "gpu": "Needs a GPU; not run by the tests.",
    "network": "Needs the network; the tests run it with a stand-in at most.",
    "cluster": "Needs a cluster; not run by the tests.",
    "data": "Needs a corpus that is not bundled; not run by the tests.",
    "long": "Takes minutes; not run by the tests.",
}
"""Mark to what is said above the block. The tests of pages read the marks, too (tests/documentation_pages.py)."""


class MarkedBlock(CodeBlock):
    """A block of the language that is the name of the directive, with a caption if its argument is a mark."""

    option_spec: ClassVar = {}  # or a first line that begins with a colon would be one

    def run(self) -> list[nodes.Node]:
        """Return the block."""
        if self.arguments:
            if self.arguments[0] not in CAPTIONS:
                raise self.error(f"expected a mark among {', '.join(CAPTIONS)}, found {self.arguments[0]!r}")
            self.options["caption"] = CAPTIONS[self.arguments[0]]
        self.arguments = [self.name]
        return super().run()


def setup(app: Sphinx) -> dict[str, bool]:
    """Add a directive for each language of ``myst_fence_as_directive``."""
    for language in app.config.myst_fence_as_directive:
        app.add_directive(language, MarkedBlock)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
