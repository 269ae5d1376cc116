"""A program that replaces a model again and again, each time interrupted at the next thing done to the file system.

Usage: interrupted_saves.py FOLDER. Interrupts by killing the process, then by an error of a full disk. Prints one JSON
line for each point of interruption: the error, which model is loaded afterwards, and what stands in the folder.
"""

import errno
import json
import os
import sys
from pathlib import Path

import torch
from tiny_models import SENTENCES, tiny_tagger

from tagger import Tagger, TaggerError

EVENTS = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.scandir", "os.listdir"}


class Interruption:
    """Kills the process, or raises OSError once, at the n-th event from now on."""

    def __init__(self):
        self.left = None
        self.kills = False
        # It has no audit event of its own. What it does is left out: hundreds of times it takes long on a busy disk.
        os.fsync = lambda fd: self.met("os.fsync")
        sys.addaudithook(self.met)

    def met(self, event, arguments=()):
        if self.left is None or event not in EVENTS | {"os.fsync"}:
            return
        self.left -= 1
        if self.left == 0:
            self.left = None
            if self.kills:
                os._exit(9)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def save(model, folder, interruption, point):
    """Save with an interruption; returns whether it was in time to interrupt anything, and the error's text."""
    if interruption.kills:
        child = os.fork()
        if child == 0:
            interruption.left = point
            model.save(folder)
            os._exit(0)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0, None
    error, interruption.left = None, point
    try:
        model.save(folder)
    except TaggerError as caught:
        error = str(caught)
    interrupted, interruption.left = interruption.left is None, None
    return interrupted, error


def main(root):
    torch.set_num_threads(1)
    old, new = tiny_tagger(seed=1), tiny_tagger(seed=2)
    names = {repr(old.predict(SENTENCES)): "old", repr(new.predict(SENTENCES)): "new"}
    interruption = Interruption()
    for interruption.kills in (True, False):
        point, interrupted = 0, True
        while interrupted:
            point += 1
            folder = root / f"{point}-{interruption.kills}" / "model"
            old.save(folder)
            interrupted, error = save(new, folder, interruption, point)
            found = names[repr(Tagger.load(folder).predict(SENTENCES))]
            left = sorted(path.name for path in folder.parent.iterdir())
            new.save(folder)  # what was left does not hinder the next save
            again = names[repr(Tagger.load(folder).predict(SENTENCES))]
            line = {"kills": interruption.kills, "interrupted": interrupted, "error": error, "found": found}
            print(json.dumps({**line, "left": left, "again": again}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
