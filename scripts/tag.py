#!/usr/bin/env python3
"""Tag text from a clone of the repository; the same program as ``tagger tag``."""

import sys

from tagger.__main__ import main

if __name__ == "__main__":
    sys.argv.insert(1, "tag")
    sys.exit(main())
