"""Pushes models to a Hub and reads them from it: each line of stdin is a call, what came of it a line of stdout.

In a process of its own, since the Hub's library reads its address and its folders when it is imported.
"""

import json
import logging
import sys
import time
from typing import SupportsIndex

PAUSES: list[SupportsIndex | float] = []
sleep = time.sleep
time.sleep = PAUSES.append

SENTENCES = [["Anna", "met", "Bo", "in", "New", "York", ",", "not", "in", "Rome"], ["the", "EU", "!"], []]


def done(call, arguments, options):
    from tagger import Tagger
    from tagger.errors import TaggerError

    messages = []
    PAUSES.clear()

    class Noting(logging.Handler):
        def emit(self, record):
            messages.append(record.getMessage())

    handler = Noting()
    logging.getLogger("tagger").addHandler(handler)
    started = time.monotonic()
    try:
        if call == "push":
            folder, name = arguments
            return {"commit": Tagger.load(folder).push_to_hub(name, **options), "log": messages}
        tagger = Tagger.from_pretrained(*arguments, **options)
        predictions = tagger.predict(SENTENCES)
        return {
            "digest": tagger.parts.digest,
            "labels": [each.labels for each in predictions],
            "log_probabilities": [each.log_probability for each in predictions],
            "log": messages,
        }
    except TaggerError as error:
        return {"error": type(error).__name__, "message": str(error), "log": messages, "pauses": list(PAUSES)}
    finally:
        logging.getLogger("tagger").removeHandler(handler)
        print(f"{call} {arguments}: {time.monotonic() - started:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(done(*json.loads(line))), flush=True)
