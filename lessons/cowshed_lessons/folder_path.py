"""Paths that courses name: inside the course folder, whatever a stranger has written."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

LONGEST_NAME = 255
"""Bytes; what file systems take for one part of a path."""


def inside(folder: Path, name: str) -> Path | None:
    """The path that `name` (with forward slashes) means in `folder`, None where it would leave it.

    Symbolic links are followed before the answer is given, so that none of them leads out either.
    """
    path = PurePosixPath(name)
    if not name or any(sign in name for sign in "\0\\:") or path.is_absolute() or ".." in path.parts:
        return None
    if any(len(part.encode("utf-8", "replace")) > LONGEST_NAME for part in path.parts):
        return None
    # realpath, because Path.resolve raises for a loop of links in some Python versions
    found, whole = os.path.realpath(folder / path), os.path.realpath(folder)
    return folder / path if found == whole or found.startswith(whole.rstrip(os.sep) + os.sep) else None
