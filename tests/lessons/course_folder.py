"""A copy of the tiny course to break."""

from __future__ import annotations

import shutil
from pathlib import Path

TINY = Path(__file__).parent / "courses" / "tiny"


def tiny_copy(folder: Path) -> Path:
    return Path(shutil.copytree(TINY, folder / "tiny"))


def change(file: Path, old: str, new: str) -> int:
    """Replace the one place where `old` stands; the line it stands on."""
    text = file.read_bytes().decode()
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    file.write_bytes(text.replace(old, new).encode())
    return text[: text.index(old)].count("\n") + 1
