"""Runs load_splits on each line of stdin (JSON: [dataset, options]); writes what came of it, a line of JSON each.

In a process of its own, since the libraries read the Hub's address and their folders when they are imported. Nothing
waits in it: the seconds that were to be waited are part of the outcome.
"""

import json
import logging
import sys
import time
from typing import SupportsIndex

PAUSES: list[SupportsIndex | float] = []
time.sleep = PAUSES.append


def outcome(dataset, options):
    from tagger.errors import TaggerError
    from tagger.sources import load_splits

    messages = []
    PAUSES.clear()

    class Noting(logging.Handler):
        def emit(self, record):
            messages.append(record.getMessage())

    handler = Noting()
    logging.getLogger("tagger").addHandler(handler)
    try:
        splits = load_splits(dataset, **options)
    except TaggerError as error:
        return {"error": type(error).__name__, "message": str(error), "log": messages, "pauses": list(PAUSES)}
    finally:
        logging.getLogger("tagger").removeHandler(handler)
    identity = {name: getattr(splits.identity, name) for name in splits.identity.__slots__}
    examples = {role: [[e.tokens, e.labels, e.origin] for e in found] for role, found in splits.items()}
    return {"examples": examples, "identity": identity, "log": messages, "pauses": list(PAUSES)}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(outcome(*json.loads(line))))
