"""A target: a place where Apptainer runs. This computer, the practice cluster, a cluster over SSH differ only here."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Protocol, runtime_checkable

LARGEST_READ = 16_000_000
"""Bytes. What is read from targets are recipes; a larger file is an image or an archive, named by mistake."""

NO_FILE = "{path} is not a file that can be read: it is a folder, a pipe or a device. Name a recipe."
TOO_LARGE = "{path} is larger than any recipe, so it was not read. Is it an image, perhaps?"


class TargetError(Exception):
    """Something on the target could not be done. Its text is for a person: what happened, what it means, what to do.

    `environment` is true where the learner cannot be at fault (lost connection, no space, refused login).
    """

    def __init__(self, sentence: str, *, environment: bool = True) -> None:
        super().__init__(sentence)
        self.environment = environment


@dataclass(frozen=True, slots=True)
class CommandOutcome:
    """What came of a command that ran without a terminal. `exit_status` is negative for a signal."""

    command: tuple[str, ...]
    exit_status: int
    output: bytes
    errors: bytes

    @property
    def text(self) -> str:
        """Standard output and standard error as text, undecodable bytes replaced."""
        return (self.output + self.errors).decode(errors="replace")

    def sentence(self) -> str:
        """Say what happened in one sentence."""
        name = self.command[0] if self.command else "the command"
        if self.exit_status == 0:
            return f"{name} finished."
        if self.exit_status < 0:
            return f"{name} was stopped by signal {-self.exit_status}."
        return f"{name} ended with exit status {self.exit_status}."


@dataclass(frozen=True, slots=True)
class FolderEntry:
    """One name in a folder. `size` in bytes, `changed` in seconds since 1970."""

    name: str
    is_folder: bool
    size: int
    changed: float


@dataclass(frozen=True, slots=True)
class TerminalSize:
    """Size of a terminal in character cells."""

    columns: int = 80
    rows: int = 24


class TerminalChannel(Protocol):
    """A program in a pseudo-terminal on a target."""

    async def read(self) -> bytes:
        """Return what the program printed next (at most 64 KiB), `b""` once it has ended and all was read."""
        ...

    async def write(self, data: bytes) -> None:
        """Type `data` into the terminal."""
        ...

    def resize(self, size: TerminalSize) -> None:
        """Tell the program its new size."""
        ...

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to the terminal's whole process group (best effort over SSH)."""
        ...

    async def wait(self) -> int:
        """Wait for the program's end and return its exit status (negative for a signal)."""
        ...

    async def close(self) -> None:
        """End the program, SIGHUP then SIGKILL, and free the terminal. Safe to call twice."""
        ...


@runtime_checkable
class Losable(Protocol):
    """A target behind a connection that can break."""

    async def lost(self) -> None:
        """Return once the connection broke or was closed. Nothing brings it back: open the target anew."""
        ...


class Target(Protocol):
    """A place where Apptainer runs.

    Paths are POSIX paths on the target; a relative one is taken from the learner's home folder there.
    All methods raise `TargetError` where the target, not the learner, is at fault.
    """

    name: str
    label: str

    async def run(
        self,
        command: Sequence[str],
        *,
        stdin: bytes = b"",
        folder: PurePosixPath | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> CommandOutcome:
        """Run `command` (an argument list, never a shell string) without a terminal and wait for its end.

        A cancelled call ends the command: SIGINT, then SIGTERM, then SIGKILL.
        """
        ...

    async def open_terminal(
        self,
        command: Sequence[str] | None = None,
        *,
        size: TerminalSize | None = None,
        folder: PurePosixPath | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> TerminalChannel:
        """Start `command`, or the learner's own login shell with shell integration, in a pseudo-terminal."""
        ...

    async def read(self, path: PurePosixPath) -> bytes:
        """Return a file's content. Raises FileNotFoundError where there is none.

        Only ordinary files of at most `LARGEST_READ` bytes are read; others raise `TargetError`.
        """
        ...

    async def write(self, path: PurePosixPath, content: bytes) -> None:
        """Write a file whole: temporary file, fsync, rename; missing folders are made; permissions kept."""
        ...

    async def list(self, folder: PurePosixPath) -> list[FolderEntry]:
        """Return the folder's entries, folders first, sorted by name. Raises FileNotFoundError where there is none."""
        ...

    async def close(self) -> None:
        """Close the connection and everything opened through it. Safe to call twice."""
        ...
