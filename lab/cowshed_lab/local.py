"""This computer as a target."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import secrets
import signal
import stat
import sys
from asyncio.subprocess import PIPE, Process, SubprocessStreamProtocol
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from cowshed_lab.ending import to_its_end
from cowshed_lab.kept_output import KeptOutput
from cowshed_lab.pseudo_terminal import PseudoTerminal
from cowshed_lab.target import (
    LARGEST_READ,
    NO_FILE,
    TOO_LARGE,
    CommandOutcome,
    FolderEntry,
    TargetError,
    TerminalChannel,
    TerminalSize,
)
from cowshed_lab.temporary_name import TEMPORARY, is_stale
from cowshed_lab.word_bytes import check_words

NOT_FOUND = 127
NOT_EXECUTABLE = 126
"""Exit statuses that a shell gives where a program is missing or may not be run; SSH targets give the same."""

PATIENCE = (3.0, 3.0)
"""Seconds that a cancelled command has to end after SIGINT and after SIGTERM, before SIGKILL."""

LAST_WORDS_SECONDS = 2.0
"""Seconds that the output of a command is read after its end: something that it left behind may hold the pipes."""

LET_GO_SECONDS = 1.0
"""Seconds that a killed command's last output is waited for."""

PIPE_LIMIT = 64 * 1024
"""Bytes of output that wait unread before a command is made to wait."""


class LocalTarget:
    """This computer. Relative paths are taken from the person's home folder, as on every target."""

    def __init__(self, name: str = "local", label: str = "This computer", *, home: Path | None = None) -> None:
        self.name = name
        self.label = label
        self._home = home or Path.home()
        self._terminals: list[PseudoTerminal] = []

    async def run(
        self,
        command: Sequence[str],
        *,
        stdin: bytes = b"",
        folder: PurePosixPath | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> CommandOutcome:
        """Run `command` and wait for its end; a cancelled call ends the command and all that it started."""
        command = tuple(command)
        place = self._path(folder)
        _check(command, environment)
        try:
            running = await _begin(command, place, {**os.environ, **(environment or {})})
        except OSError as error:
            if not place.is_dir():
                raise TargetError(_no_folder(place)) from error
            status = NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE
            return CommandOutcome(command, status, b"", f"{command[0]}: {error.strerror}\n".encode())
        output, errors = KeptOutput(), KeptOutput()
        talking = asyncio.ensure_future(_talk(running, stdin, output, errors))
        try:
            await asyncio.shield(talking)
        except asyncio.CancelledError:
            await to_its_end(_end(running))  # it is still listened to: a full pipe would keep it from ending
            talking.cancel()
            raise
        assert running.process.returncode is not None
        return CommandOutcome(command, running.process.returncode, output.content(), errors.content())

    async def open_terminal(
        self,
        command: Sequence[str] | None = None,
        *,
        size: TerminalSize | None = None,
        folder: PurePosixPath | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> TerminalChannel:
        """Start `command`, or the person's login shell, in a pseudo-terminal."""
        place = self._path(folder)
        _check(command or (), environment)
        if not place.is_dir():
            raise TargetError(_no_folder(place))
        own = {name: value for name, value in os.environ.items() if name not in {"LINES", "COLUMNS"}}
        terminal = await PseudoTerminal.start(
            tuple(command) if command else (own.get("SHELL") or "/bin/sh", "-l"),
            size=size or TerminalSize(),
            folder=place,
            environment={**own, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(environment or {})},
        )
        self._terminals = [other for other in self._terminals if not other.closed]
        self._terminals.append(terminal)
        return terminal

    async def read(self, path: PurePosixPath) -> bytes:
        """Return a file's content. Raises FileNotFoundError where there is none."""
        return await asyncio.to_thread(_read, self._path(path))

    async def write(self, path: PurePosixPath, content: bytes) -> None:
        """Write a file whole. A link is followed, so that it stays a link."""
        await asyncio.to_thread(_write, self._path(path), content)

    async def list(self, folder: PurePosixPath) -> list[FolderEntry]:
        """Return the folder's entries, folders first. Raises FileNotFoundError where there is none."""
        return await asyncio.to_thread(_list, self._path(folder))

    async def close(self) -> None:
        """End every terminal that was opened here."""
        terminals, self._terminals = self._terminals, []
        await asyncio.gather(*(terminal.close() for terminal in terminals))

    def _path(self, path: PurePosixPath | None) -> Path:
        if path is None:
            return self._home
        check_words([str(path)], os.fsencode)
        return self._home / path


def _check(command: Sequence[str], environment: Mapping[str, str] | None) -> None:
    """Raise TargetError where a program cannot be given these words; lone surrogates stand for bytes here too."""
    check_words((*command, *(environment or {}), *(environment or {}).values()), os.fsencode)


@dataclass(frozen=True, slots=True)
class _Running:
    """A command that was started: its process, and the transport, which can let go of its pipes."""

    process: Process
    transport: asyncio.SubprocessTransport
    ended: asyncio.Event


class _Protocol(SubprocessStreamProtocol):
    """Also tells when the process itself has ended, whoever holds its pipes then."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(limit=PIPE_LIMIT, loop=loop)
        self.ended = asyncio.Event()

    def process_exited(self) -> None:
        super().process_exited()
        self.ended.set()


async def _start(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> _Running:
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.subprocess_exec(
        lambda: _Protocol(loop),
        *command,
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        cwd=folder,
        env=environment,
        start_new_session=True,
    )
    return _Running(Process(transport, protocol, loop), transport, protocol.ended)


async def _begin(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> _Running:
    """Start a command in a group of its own. One that is cancelled meanwhile is ended with all of its group."""
    starting = asyncio.ensure_future(_start(command, folder, environment))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        with contextlib.suppress(OSError):
            await to_its_end(_end_of(starting))
        raise


async def _end_of(starting: asyncio.Future[_Running]) -> None:
    await _end(await starting)


async def _talk(running: _Running, stdin: bytes, output: KeptOutput, errors: KeptOutput) -> None:
    """Give a command its input, keep what it prints, and wait for its end.

    A child that it leaves behind may hold the pipes for hours; it is not waited for.
    """
    conversation = asyncio.ensure_future(_converse(running.process, stdin, output, errors))
    ended = asyncio.ensure_future(running.ended.wait())
    try:
        await asyncio.wait([conversation, ended], return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            await asyncio.wait([conversation], timeout=LAST_WORDS_SECONDS)
        if conversation.done():
            await conversation
            await ended
        else:
            running.transport.close()
    finally:
        conversation.cancel()
        ended.cancel()


async def _converse(process: Process, stdin: bytes, output: KeptOutput, errors: KeptOutput) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    reading = asyncio.gather(output.collect(process.stdout), errors.collect(process.stderr))
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it has ended already, without reading anything
        process.stdin.write(stdin)
        await process.stdin.drain()
    process.stdin.close()
    await reading


async def _end(running: _Running) -> None:
    """End a process group: SIGINT, then SIGTERM, then SIGKILL, and reap its leader."""
    process = running.process
    waiting = asyncio.ensure_future(process.wait())
    for number, seconds in ((signal.SIGINT, PATIENCE[0]), (signal.SIGTERM, PATIENCE[1])):
        _signal(process, number)
        done, _ = await asyncio.wait([waiting], timeout=seconds)
        if done:
            break
    if sys.platform != "win32":
        _signal(process, signal.SIGKILL)  # also what the leader left behind in its group
    await asyncio.wait([waiting], timeout=LET_GO_SECONDS)
    running.transport.close()  # something that left the group may hold the pipes for ever
    await waiting


def _signal(process: Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.terminate()
        else:
            os.killpg(process.pid, number)


def _no_folder(folder: Path) -> str:
    return f"The folder {folder} is not there. Open another folder, or make this one."


def _read(path: Path) -> bytes:
    try:
        # A named pipe would be waited for until somebody writes into it.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise TargetError(NO_FILE.format(path=path))
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                content = file.read(LARGEST_READ + 1)
        finally:
            os.close(descriptor)
        if len(content) > LARGEST_READ:
            raise TargetError(TOO_LARGE.format(path=path))
        return content
    except NotADirectoryError as error:  # SFTP does not tell the two apart either
        raise FileNotFoundError(error.errno, error.strerror, str(path)) from error
    except FileNotFoundError:
        raise
    except OSError as error:
        raise TargetError(f"{path} could not be read: {error.strerror}.") from error


def _write(path: Path, content: bytes) -> None:
    path = Path(os.path.realpath(path))  # a link's own target is what gets replaced
    temporary = path.with_name(f"{TEMPORARY}{secrets.token_hex(8)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else None
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        if path.is_symlink():
            raise OSError(errno.ELOOP, "its links lead in a circle")
        try:
            # Nobody else may read it on its way: a recipe may be private, and may name things that are.
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666 if mode is None else 0o600)
            with os.fdopen(descriptor, "wb") as file:
                if mode is not None:
                    temporary.chmod(mode)
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _remove_stale(path.parent)
        _sync_folder(path.parent)
    except OSError as error:
        raise TargetError(
            f"{path} could not be saved: {error.strerror}. The old content is untouched; "
            "check the free space, your quota and the permissions of the folder."
        ) from error


def _remove_stale(folder: Path) -> None:
    """Remove what killed writers left in a folder."""
    with contextlib.suppress(OSError):
        for left in folder.glob(f"{TEMPORARY}*.tmp"):
            with contextlib.suppress(OSError):
                if is_stale(left.name, left.lstat().st_mtime):
                    left.unlink()


def _sync_folder(folder: Path) -> None:
    """Make a rename durable. Some file systems cannot do it; the file itself is safe there already."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _list(folder: Path) -> list[FolderEntry]:
    entries = []
    try:
        for child in folder.iterdir():
            try:
                facts = child.stat()
            except OSError:  # a link to nowhere, or a file that has just gone
                try:
                    facts = child.lstat()
                except OSError:
                    continue
            entries.append(FolderEntry(child.name, stat.S_ISDIR(facts.st_mode), facts.st_size, facts.st_mtime))
    except NotADirectoryError as error:
        raise FileNotFoundError(error.errno, error.strerror, str(folder)) from error
    except FileNotFoundError:
        raise
    except OSError as error:
        raise TargetError(f"The folder {folder} could not be read: {error.strerror}.") from error
    return sorted(entries, key=lambda entry: (not entry.is_folder, entry.name))
