#!/usr/bin/env bash
# Lightning's CSVLogger: one failed write of a new metric costs all rows before it, and the header.
#
# Expected: where a row cannot be written (disk full, quota, file system gone for
#   a moment), that row is missing, and rows before and after it stay readable.
# Happens: so it is as long as the names logged are the same. A name logged for
#   the first time makes the logger open metrics.csv for writing, which empties
#   it, and write all rows again; the name counts as written before that. If
#   this write fails, the rows so far are gone, and everything logged later is
#   appended without a header: the first row that is left is read as the names
#   of the columns. Nothing says so; the training program that caught the error,
#   or was interrupted there by Ctrl-C, goes on or ends as usual.
# Hurts: learning curves and comparisons of runs made from metrics.csv. Dev
#   scores are logged first at the end of an epoch, after the training loss, so
#   the file is written again then, and again when test scores come.
# Instead: log all names from the first row on (as nan), or keep the rows
#   elsewhere and replace the file in one step.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 pytorch-lightning==2.6.6

"$work/venv/bin/python" - "$work" <<'PY'
import csv
import logging
import resource
import signal
import sys
from importlib.metadata import version
from pathlib import Path

from lightning_fabric.loggers import CSVLogger

logging.disable()
print("pytorch-lightning", version("pytorch-lightning"))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write beyond the limit is then an error, as on a full disk


def limit_files(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def read_after_one_failed_write(row):
    logger = CSVLogger(sys.argv[1], name="-".join(row), version="", flush_logs_every_n_steps=1)
    for step in range(3):
        logger.log_metrics({"train_loss": 3.0 - step}, step)
    limit_files(1)
    try:
        logger.log_metrics(row, 3)
    except OSError as error:
        failed = error
    finally:
        limit_files(resource.RLIM_INFINITY)
    logger.log_metrics({"train_loss": 0.25}, 4)
    logger.finalize("success")
    with (Path(logger.log_dir) / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    print(f"{row} could not be written ({failed.strerror}); read afterwards: {rows}")
    return [row.get("train_loss") for row in rows]


assert read_after_one_failed_write({"train_loss": 0.5}) == ["3.0", "2.0", "1.0", "0.5", "0.25"]
assert read_after_one_failed_write({"dev_f1": 0.5}) == [None]
PY
