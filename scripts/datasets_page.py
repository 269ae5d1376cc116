"""Write docs/datasets.md, the page about known datasets, from the table in tagger/sources/known/.

python scripts/datasets_page.py
"""

from pathlib import Path

from tagger.sources.known.page import page

PAGE = Path(__file__).parents[1] / "docs" / "datasets.md"

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
