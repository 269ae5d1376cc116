"""``python -m tagger``: the program ``tagger``, where its command is not on the path."""

from __future__ import annotations

import sys

from tagger.cli import main

if __name__ == "__main__":
    sys.exit(main())
