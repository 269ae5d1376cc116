"""Train a tagger: ``python recipes/train.py --config recipes/configs/sample_ner.yaml [--any.option value ...]``."""

from __future__ import annotations

import signal
import sys

from tagger.errors import MissingExtraError

try:
    from tagger.training.command import main
except MissingExtraError as error:
    sys.exit(f"recipes/train.py: error: {error}")

if __name__ == "__main__":
    status = main()
    # A second Ctrl-C while Python shuts down would only add tracebacks.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(status)
