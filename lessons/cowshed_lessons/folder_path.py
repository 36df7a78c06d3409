"""Paths that courses name: inside the course folder, whatever a stranger has written."""

from __future__ import annotations

from pathlib import Path, PurePosixPath


def inside(folder: Path, name: str) -> Path | None:
    """The path that `name` (with forward slashes) means in `folder`, None where it would leave it.

    Symbolic links are followed before the answer is given, so that none of them leads out either.
    """
    path = PurePosixPath(name)
    if not name or "\0" in name or "\\" in name or ":" in name or path.is_absolute() or ".." in path.parts:
        return None
    try:
        found = (folder / path).resolve()
        return folder / path if found.is_relative_to(folder.resolve()) else None
    except (OSError, RuntimeError):  # a loop of links
        return None
