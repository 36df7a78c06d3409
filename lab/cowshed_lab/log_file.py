"""The log that a person is pointed to when something unforeseen happened. It holds no secrets and no recipe text."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

import platformdirs

SIZE = 1_000_000
"""Bytes after which a new log is begun; two old ones are kept."""

FORMAT = "%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s"


def log_path() -> Path:
    """Return where the log is kept, whether or not it was written yet."""
    return Path(platformdirs.user_log_dir("cowshed", appauthor=False)) / "cowshed.log"


def set_up_log(level: int = logging.INFO) -> Path:
    """Send log records of this process to the log file and return its path.

    The file is opened with the first record. A folder that cannot be written (a full quota, say) leaves the program
    without a log, never without its work. asyncssh's own records stop at warnings: its finer ones name users and keys.
    """
    path = log_path()
    root = logging.getLogger()
    logging.getLogger("asyncssh").setLevel(logging.WARNING)
    logging.raiseExceptions = False  # a log that cannot be written must not write tracebacks to the terminal instead
    if any(
        isinstance(handler, RotatingFileHandler) and Path(handler.baseFilename) == path for handler in root.handlers
    ):
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = RotatingFileHandler(
            path, maxBytes=SIZE, backupCount=2, encoding="utf-8", delay=True, errors="backslashreplace"
        )
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter(FORMAT))
    root.addHandler(handler)
    root.setLevel(level)
    return path
