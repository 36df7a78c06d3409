"""Files written whole: whoever reads one sees the old content or the new, also after a crash or with a full disk.

The new content goes to a draft beside the file, under a name that nobody else uses, is synced and renamed into place.
Home folders on clusters are network file systems, so nothing here relies on locks. Drafts of programs that were killed
are cleared away by the next one that writes in their folder.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import platform
import re
import secrets
import stat
import sys
import time
from functools import lru_cache
from pathlib import Path

from cowshed_lessons.running_process import is_running

OLDEST_DRAFT = 24 * 60 * 60
"""Seconds after which a draft is stale whoever wrote it; whether a program on another computer runs nobody can tell."""

_DRAFT = re.compile(r"\.cowshed-([0-9a-f]{8})-([0-9]{1,9})-[0-9a-f]{16}\.tmp")
_cleared: set[Path] = set()


def write_whole(path: Path, content: bytes, *, mode: int | None = None, keep: Path | None = None) -> None:
    """Write a file: all of it or nothing. When this returns, the content survives a power cut.

    Args:
        path: the file; its folder must be there. A link is followed, so that it stays one: people keep such files in
            another place (dotfiles under version control), and a replaced link would part the two silently.
        content: all that it shall hold.
        mode: its permissions, held from the draft's first byte; without them those (and the group) of the file that
            is replaced, or what a new file gets here.
        keep: where the content that the file has so far is put first, in the same way and as private.

    Raises:
        OSError: nothing could be written (disk full, quota, read-only); the old file still stands.
    """
    path = Path(os.path.realpath(path))
    if path.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    if keep is not None:
        with contextlib.suppress(FileNotFoundError):
            write_whole(keep, path.read_bytes(), mode=mode)
    old = None
    with contextlib.suppress(FileNotFoundError):
        old = path.stat()
    draft = path.with_name(f".cowshed-{_place()}-{os.getpid()}-{secrets.token_hex(8)}.tmp")
    first = 0o666 if mode is None and old is None else 0o600
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(draft, flags, first)
    try:
        with os.fdopen(handle, "wb") as file:
            if mode is not None or old is not None:
                _permit(file.fileno(), mode, old)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)
    if path.parent not in _cleared:  # once is enough: a draft that is stale now was left by an earlier program
        _cleared.add(path.parent)
        clear_drafts(path.parent)


def clear_drafts(folder: Path) -> None:
    """Delete the drafts that killed programs left in a folder: on this computer at once, others after a day."""
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):  # noqa: PTH208  (a folder may hold a hundred thousand names)
            match = _DRAFT.fullmatch(name)
            if match and _is_stale(folder / name, match[1], int(match[2])):
                with contextlib.suppress(OSError):
                    (folder / name).unlink()


def _is_stale(draft: Path, place: str, process: int) -> bool:
    if place == _place() and not is_running(process):
        return True
    try:
        return time.time() - draft.lstat().st_mtime > OLDEST_DRAFT
    except OSError:
        return False


@lru_cache(maxsize=1)
def _place() -> str:
    """Names this computer, since it was switched on, and the process numbers in use here (a container has its own)."""
    facts = [platform.node()]
    with contextlib.suppress(OSError):
        facts += [Path("/proc/sys/kernel/random/boot_id").read_text(), str(Path("/proc/self/ns/pid").readlink())]
    return hashlib.sha256("\0".join(facts).encode("utf-8", "surrogateescape")).hexdigest()[:8]


def _permit(handle: int, mode: int | None, old: os.stat_result | None) -> None:
    """Give an open, empty draft its group and permissions."""
    if sys.platform == "win32":
        return
    if mode is None and old is not None:
        mode = stat.S_IMODE(old.st_mode)
        try:
            if os.fstat(handle).st_gid != old.st_gid:
                os.fchown(handle, -1, old.st_gid)
        except OSError:
            mode &= ~0o070  # what one group was allowed is not for another
    if mode is not None:
        os.fchmod(handle, mode)


def _sync_folder(folder: Path) -> None:
    """Make a rename durable. Some file systems cannot do it; the file itself is safe there already."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
