"""The practice cluster's folder on this computer: where its parts lie, what is recorded, who may change it now."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
from collections.abc import AsyncIterator, Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

import platformdirs

from cowshed_lab.practice.fault import PracticeError
from cowshed_lab.practice.ownership import check, claim
from cowshed_lessons.file_writing import write_whole

# Raised when the root folder's content changes in a way that an old one must be made anew.
SYSTEM_VERSION = 2
# Bytes that the first start needs, with room for a few images.
_SPACE = 2_000_000_000


class Work(StrEnum):
    """What somebody does with the cluster while they hold its lock."""

    START = "start"
    ADD = "add"
    STOP = "stop"
    RESET = "reset"


def default_home() -> Path:
    """Return the cluster's folder: $COWSHED_PRACTICE_HOME or `practice` in Cowshed's data folder."""
    if chosen := os.environ.get("COWSHED_PRACTICE_HOME"):
        return Path(chosen).expanduser().absolute()
    return Path(platformdirs.user_data_dir("cowshed")) / "practice"


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a JSON file whole, readable by its owner only."""
    write_whole(path, json.dumps(content, indent=1).encode("ascii"), mode=0o600)


def read_json(path: Path) -> dict[str, Any]:
    """Return a JSON file's object; an empty one where the file is missing or damaged."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


class PracticeFolder:
    """Names every file and folder below the cluster's home. Nothing of the cluster lies anywhere else.

    A part is complete when it has its final name: it is made under a `.building` name and renamed.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.system = home / "system"  # root folder and stamp, as one unit
        self.root = self.system / "root"
        self.stamp = self.system / "stamp.json"
        self.images = home / "images"  # base images made here, one folder each
        self.downloads = home / "downloads"  # packages, kept so that nothing is fetched twice
        self.registry = home / "registry"  # the registry's storage
        self.learner = home / "home" / "learner"  # the learner's home folder
        self.keys = home / "keys"
        self.client_key = self.keys / "learner_ed25519"
        self.host_key = self.keys / "host_ed25519"
        self.known_hosts = self.keys / "known_hosts"
        self.settings = home / "settings.json"  # ports, registry login, mode, Docker Hub's state at the last start
        self.run = home / "run"  # what the running cluster was started with
        self.init_record = self.run / "init"
        self.boot_log = self.run / "boot.log"
        self.lock_file = home / "lock"

    def make(self) -> None:
        """Create the folders that are always there."""
        claim(self.home)
        # The root folder has programs that run as root for whoever starts them: nobody else may come by.
        self.home.chmod(0o700)
        for folder in (self.images, self.downloads, self.registry, self.learner, self.keys, self.run):
            folder.mkdir(parents=True, exist_ok=True)
        self.keys.chmod(0o700)
        self.run.chmod(0o700)

    def check(self) -> None:
        """Raise PracticeError where the folder lies on a disk that the cluster cannot live on."""
        advice = "Choose a folder on another disk with COWSHED_PRACTICE_HOME."
        disk = os.statvfs(self.home)
        if disk.f_flag & (os.ST_NOSUID | os.ST_NOEXEC):
            raise PracticeError(
                f"The disk of {self.home} is mounted so that programs there cannot run as they must "
                f"(nosuid or noexec). {advice}"
            )
        free = disk.f_bavail * disk.f_frsize
        if not self.system_stamp() and free < _SPACE:
            raise PracticeError(
                f"The practice cluster needs {_SPACE / 1e9:.1f} GB in {self.home}, where {free / 1e9:.1f} GB are free. "
                f"Make room. Or: {advice}"
            )

    def system_stamp(self) -> dict[str, Any]:
        """Return what is recorded about a complete root folder; empty where there is none that this version can use."""
        stamp = read_json(self.stamp)
        return stamp if stamp.get("system_version") == SYSTEM_VERSION else {}

    @contextlib.asynccontextmanager
    async def lock(self, on_wait: Callable[[], None] = lambda: None, *, work: Work | None = None) -> AsyncIterator[int]:
        """Hold the cluster's lock and yield its file descriptor. `work` is what others are told meanwhile.

        Children that inherit the descriptor hold the lock too: what a killed start left running keeps others out
        until it has ended. `on_wait` is called once if somebody else holds it.
        """
        check(self.home)
        self.home.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        told = False
        try:
            while True:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if not told:
                        told = True
                        on_wait()
                    # The kernel offers no lock to await; the holder is another start or stop, so this is rare.
                    await asyncio.sleep(0.1)
            with contextlib.suppress(OSError):  # on a full disk nobody is told
                os.ftruncate(descriptor, 0)
                os.write(descriptor, (work or "").encode())
            yield descriptor
        finally:
            os.close(descriptor)

    def work_under_way(self) -> Work | None:
        """Return what somebody does with the cluster at this moment, None where nobody holds its lock.

        Nothing is made, and no lock is waited for.
        """
        try:
            with self.lock_file.open(encoding="ascii", errors="replace") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    content = file.read()
                    return Work(content) if content in set(Work) else Work.START
        except OSError:
            return None
        return None
