"""Make the pictures of docs/how_it_works from a model of each cell, trained on the bundled corpus.

    python docs/pictures/make.py [FOLDER]      # of the runs, runs/cells if left out; trains those that are not there

The fragments of HTML beside this file are drawn by ``tagger.report``, as those of ``tagger inspect`` are. Each page has
a module here with its name. The numbers that the pages quote are printed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import batching
import crf
import documents
import encoder
import lstm
import network

from tagger import Tagger
from tagger.modules.recurrent.cells import CELLS
from tagger.report import Markup, element
from tagger.training.command import main as train

HERE: Final = Path(__file__).parent


def main(folder: str = "runs/cells") -> None:
    """Train what is missing, and draw."""
    taggers = {cell: _trained(cell, Path(folder, cell)) for cell in CELLS}
    tagger = taggers["lstm"]
    for pictures in (
        lstm.pictures(taggers),
        crf.pictures(tagger),
        encoder.pictures(tagger),
        batching.pictures(),
        network.pictures(),
        documents.pictures(tagger),
    ):
        for name, picture in pictures.items():
            _write(name, picture)
    for page in (lstm, crf, encoder, documents):
        print(f"\n{page.__name__}.md")
        page.print_numbers(tagger)
    for measured in (batching, network):
        print(f"\n{measured.__name__}.md")
        measured.print_numbers()


def _trained(cell: str, run: Path) -> Tagger:
    """Return the tagger with a cell; train it if it is not there."""
    if not (run / "model").exists():
        options = ["--config", "recipes/configs/sample_ner.yaml", "--model.cell", cell, "--output", str(run)]
        if train([*options, "--seed", "1", "--overwrite", "true"]) != 0:
            sys.exit(1)
    return Tagger.load(run / "model")


def _write(name: str, picture: Markup) -> None:
    path = HERE / f"{name}.html"
    path.write_text(element("div", picture, class_="tagger-report") + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
