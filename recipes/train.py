"""Train a tagger: ``python recipes/train.py --config recipes/configs/sample_ner.yaml [--any.option value ...]``."""

from __future__ import annotations

import sys

from tagger.training.command import main

if __name__ == "__main__":
    sys.exit(main())
