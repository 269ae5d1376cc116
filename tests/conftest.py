"""What all tests share."""

import signal

# Where the tests run in the background, a shell may have had Ctrl-C ignored, and every program started from here would
# inherit that; some tests interrupt the programs they start.
signal.signal(signal.SIGINT, signal.default_int_handler)
