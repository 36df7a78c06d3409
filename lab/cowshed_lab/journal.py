"""The journal: what is being typed, kept beside the recipes so that a crash costs at most a second of it.

One small file per open recipe with unsaved text, in the person's state folder on this computer, whatever target the
recipe lives on. Files are written whole (`file_writing`), so a reader sees the old text or the new, never half of one,
and a write that was asked for earlier never undoes a later one, whichever thread comes first. A file that is still
there when its Cowshed is gone is a crash's leavings, and is offered back.

The state folder may be on NFS: nothing here locks or watches files.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import platform
import threading
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path, PurePosixPath

from cowshed_lessons.file_writing import clear_drafts, write_whole
from cowshed_lessons.running_process import is_running, process_start

_log = logging.getLogger(__name__)

_VERSION = 1


def digest(content: bytes) -> str:
    """A short name for exactly this content, to notice that a file changed underneath."""
    return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """Unsaved text of one recipe.

    Attributes:
        target: name of the target the recipe lives on.
        path: the recipe there.
        text: all of the recipe's text, with plain line feeds.
        base: digest of the file's content when editing began, None where there was no file yet.
        written: when this was written down, in UTC.
        file: the journal's own file.
        left_on_purpose: Cowshed was closed in good order with this unsaved, it did not crash.
    """

    target: str
    path: PurePosixPath
    text: str
    base: str | None
    written: datetime
    file: Path
    left_on_purpose: bool = False

    def is_newer_than(self, saved: bytes | None) -> bool:
        """Whether restoring would bring back something: the text is not what the file holds.

        Args:
            saved: the file's content now, None where there is none.
        """
        return saved is None or _plain(saved) != self.text

    def file_changed_since(self, saved: bytes | None) -> bool:
        """Whether somebody changed the file after the editing began, so that restoring needs a look first."""
        return (None if saved is None else digest(saved)) != self.base


class Journal:
    """The journal of one running Cowshed; any of its threads may write.

    Args:
        folder: where the files are kept; without one, the person's state folder.
    """

    def __init__(self, folder: Path | None = None) -> None:
        if folder is None:
            from platformdirs import user_state_path

            folder = user_state_path("cowshed", appauthor=False) / "journal"
        self.folder = folder
        self._session = uuid.uuid4().hex[:12]
        self._turns = count(1)
        self._turn_done: dict[Path, int] = {}
        self._lock = threading.Lock()

    def turn(self) -> int:
        """A place in the order of changes, for one that a thread makes later: what is asked for after it wins."""
        return next(self._turns)

    def write(
        self,
        target: str,
        path: PurePosixPath,
        text: str,
        *,
        base: str | None,
        leaving: bool = False,
        turn: int | None = None,
    ) -> None:
        """Write the text down. When this returns, it (or a later one) survives kill -9 and a power cut.

        Args:
            target: name of the target.
            path: the recipe there.
            text: all of its text.
            base: digest of the file when editing began, None where there was none.
            leaving: Cowshed is being closed in good order.
            turn: when this was asked for, if not now (see `turn`).

        Raises:
            OSError: the folder cannot be written; the caller tells the person.
        """
        turn = self.turn() if turn is None else turn
        file = self._file(target, path)
        with self._lock:
            if self._turn_done.get(file, 0) > turn:
                return
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            content = {
                "version": _VERSION,
                "target": target,
                "path": str(path),
                "text": text,
                "base": base,
                "leaving": leaving,
                "written": datetime.now(UTC).isoformat(),
                "host": platform.node(),
                "process": os.getpid(),
                "started": process_start(os.getpid()),
            }
            # Recipes may hold a token by mistake: nobody else reads them here. Surrogates stay as \u escapes in JSON.
            write_whole(file, json.dumps(content).encode("ascii"), mode=0o600)
            self._turn_done[file] = turn

    def remove(self, target: str, path: PurePosixPath, *, turn: int | None = None) -> None:
        """Forget the text: it was saved, or given up on purpose. `turn` is as in `write`."""
        turn = self.turn() if turn is None else turn
        file = self._file(target, path)
        with self._lock:
            if self._turn_done.get(file, 0) <= turn:
                file.unlink(missing_ok=True)
                self._turn_done[file] = turn

    def left_over(self) -> list[JournalEntry]:
        """What earlier Cowsheds that are gone left unsaved, the newest text of each recipe, newest first.

        Texts of a Cowshed that is still running on this computer are not left over. An unreadable file is skipped
        and stays where it is. Unfinished drafts of Cowsheds that were killed are cleared away.
        """
        clear_drafts(self.folder)
        newest: dict[tuple[str, PurePosixPath], JournalEntry] = {}
        for file in sorted(self.folder.glob("*.json")) if self.folder.is_dir() else ():
            if file.stem.endswith(self._session):
                continue
            entry = _read(file)
            if entry is None:
                continue
            key = (entry.target, entry.path)
            if key not in newest or newest[key].written < entry.written:
                newest[key] = entry
        return sorted(newest.values(), key=lambda entry: entry.written, reverse=True)

    def discard(self, entry: JournalEntry) -> None:
        """Forget an entry that was left over, and older ones of the same recipe."""
        for file in self.folder.glob(f"{_name(entry.target, entry.path)}-*.json"):
            other = _read(file)
            if other is not None and other.written <= entry.written:
                file.unlink(missing_ok=True)
        entry.file.unlink(missing_ok=True)

    def _file(self, target: str, path: PurePosixPath) -> Path:
        return self.folder / f"{_name(target, path)}-{self._session}.json"


def _name(target: str, path: PurePosixPath) -> str:
    return digest(f"{target}\0{path}".encode(errors="surrogatepass"))[:16]


def _plain(content: bytes) -> str:
    return content.decode("utf-8", errors="replace").replace("\r\n", "\n")


def _read(file: Path) -> JournalEntry | None:
    """Read a journal file of a Cowshed that is gone; None where it still runs or the file cannot be read."""
    try:
        content = json.loads(file.read_text(encoding="ascii"))
        if content["version"] != _VERSION:
            return None  # a later Cowshed wrote it and will know what to do with it
        entry = JournalEntry(
            target=_text(content["target"]),
            path=PurePosixPath(_text(content["path"])),
            text=_text(content["text"]),
            base=None if content["base"] is None else _text(content["base"]),
            written=_utc(datetime.fromisoformat(content["written"])),
            file=file,
            left_on_purpose=bool(content.get("leaving", False)),
        )
        here = content["host"] == platform.node()
        process, started = int(content["process"]), content["started"]
    except FileNotFoundError:
        return None  # saved in the meantime
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        _log.warning("A journal cannot be read and is left alone: %s (%s)", file, error)
        return None
    # On a cluster the same home is on every login node: whether a Cowshed elsewhere still runs cannot be known, and
    # offering its text harms nobody.
    if here and process != os.getpid() and is_running(process) and process_start(process) == started:
        return None
    return entry


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} is no text")
    return value


def _utc(time: datetime) -> datetime:
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
