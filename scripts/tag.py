#!/usr/bin/env python3
"""Tag text from a clone of the repository; the same program as ``tagger tag``."""

import sys

from tagger.cli import main

if __name__ == "__main__":
    sys.exit(main(["tag", *sys.argv[1:]]))
