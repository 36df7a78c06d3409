"""A computer reached over SSH as a target: one connection carries its terminals, commands and files.

asyncssh's own reading of configuration, agents and known hosts is switched off: what to connect to, with which key,
and which host key to expect is given. Nothing is installed on the other side.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import signal
import stat
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import asyncssh

from cowshed_lab.ending import to_its_end
from cowshed_lab.kept_output import KeptOutput
from cowshed_lab.remote_line import remote_line
from cowshed_lab.ssh_file import name_text, write_file
from cowshed_lab.ssh_window import LEAST_WINDOW, terminal_window
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
from cowshed_lab.word_bytes import word_bytes

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 15
KEEPALIVE_SECONDS = 5
KEEPALIVE_COUNT = 3
"""A dead connection is noticed after 15 seconds of silence."""

COMMANDS_AT_ONCE = 4
"""OpenSSH allows ten sessions a connection (MaxSessions); terminals and SFTP need theirs."""

PATIENCE = (3.0, 3.0, 3.0)
"""Seconds that a cancelled command has to end after SIGINT, SIGTERM and SIGKILL."""

HANG_UP_SECONDS = 2.0
"""Seconds that a closed terminal's program has to end after SIGHUP, and after SIGKILL."""

CHUNK = 64 * 1024
TYPED = {signal.SIGINT: b"\x03", signal.SIGQUIT: b"\x1c"}
"""Signals that a terminal sends to its foreground group when their key is typed."""


@dataclass(frozen=True, slots=True)
class SshAddress:
    """Where to connect and whom to expect there.

    `key` is the private key's file, `host_key` the server's public key in OpenSSH's one-line form
    (`ssh-ed25519 AAAA…`); any other key is refused.
    """

    host: str
    port: int
    user: str
    key: Path
    host_key: str


class SshTarget:
    """A computer over SSH. `connect` first; after a lost connection make a new one."""

    def __init__(self, name: str, label: str, address: SshAddress) -> None:
        self.name = name
        self.label = label
        self.address = address
        self._connection: asyncssh.SSHClientConnection | None = None
        self._files: asyncssh.SFTPClient | None = None
        self._opening_files = asyncio.Lock()
        self._window = 0
        self._commands = asyncio.Semaphore(COMMANDS_AT_ONCE)

    async def connect(self) -> None:
        """Connect and log in.

        Raises:
            TargetError: no answer, another host key than the given one, or a refused login.
        """
        address = self.address
        try:
            host_key = asyncssh.import_public_key(address.host_key)
            self._connection = await asyncssh.connect(
                address.host,
                address.port,
                username=address.user,
                client_keys=[str(address.key)],
                known_hosts=([host_key], [], []),
                config=None,
                agent_path=None,
                gss_host=None,
                preferred_auth="publickey",
                connect_timeout=CONNECT_SECONDS,
                login_timeout=CONNECT_SECONDS,
                keepalive_interval=KEEPALIVE_SECONDS,
                keepalive_count_max=KEEPALIVE_COUNT,
            )
        except asyncssh.HostKeyNotVerifiable as error:
            raise TargetError(
                f"{self.label} answered with another host key than the one that is known. The connection was not "
                "made: either the server was set up anew, or something else answers in its place."
            ) from error
        except asyncssh.PermissionDenied as error:
            raise TargetError(
                f"{self.label} refused the login of {address.user}. Check that the key {address.key} is allowed there."
            ) from error
        except (asyncssh.KeyImportError, FileNotFoundError, PermissionError) as error:
            raise TargetError(
                f"The key for {self.label} could not be read ({address.key}). Without it there is no way to log in."
            ) from error
        except (OSError, asyncssh.Error, TimeoutError) as error:
            raise TargetError(
                f"{self.label} does not answer at {address.host}, port {address.port} ({_reason(error)}). "
                "Check that it is running and that this computer can reach it."
            ) from error
        logger.info("connected to target %s", self.name)

    @property
    def connected(self) -> bool:
        """True while the connection holds, as far as is known."""
        return self._connection is not None and not self._connection.is_closed()

    async def lost(self) -> None:
        """Return once the connection broke or was closed; a silent one counts as broken after 15 seconds."""
        connection = self._connection
        if connection is not None:
            await connection.wait_closed()

    async def run(
        self,
        command: Sequence[str],
        *,
        stdin: bytes = b"",
        folder: PurePosixPath | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> CommandOutcome:
        """Run `command` there and wait for its end; a cancelled call ends the remote command."""
        command = tuple(command)
        async with self._commands, self._errors():
            process = await self._live().create_process(remote_line(command, folder, environment), encoding=None)
            output, errors = KeptOutput(), KeptOutput()
            talking = asyncio.ensure_future(_talk(process, stdin, output, errors))
            try:
                await asyncio.shield(talking)
            except asyncio.CancelledError:
                await to_its_end(_end(process))  # it is still listened to: a full window would keep it from ending
                talking.cancel()
                raise
            finally:
                process.close()
        return CommandOutcome(command, self._status(process), output.content(), errors.content())

    async def open_terminal(
        self,
        command: Sequence[str] | None = None,
        *,
        size: TerminalSize | None = None,
        folder: PurePosixPath | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> TerminalChannel:
        """Start `command`, or the person's login shell, in a terminal there."""
        size = size or TerminalSize()
        window = await self._terminal_window()
        line: str | None
        if command:
            line = remote_line(command, folder, {"COLORTERM": "truecolor", **(environment or {})})
        elif environment or (folder is not None and folder.parts):
            line = remote_line(None, folder, environment)
        else:
            line = None
        async with self._errors():
            process = await self._live().create_process(
                line,
                term_type="xterm-256color",
                term_size=(size.columns, size.rows),
                encoding=None,
                window=window,
            )
        return SshTerminal(self, process)

    async def read(self, path: PurePosixPath) -> bytes:
        """Return a file's content. Raises FileNotFoundError where there is none."""
        async with self._errors(path):
            files = await self._sftp()
            facts = await files.stat(str(path))  # opening a named pipe would wait, over there, for a writer
            if not stat.S_ISREG(facts.permissions or 0):
                raise TargetError(NO_FILE.format(path=path))
            async with files.open(str(path), "rb") as file:
                content = _bytes(await file.read(LARGEST_READ + 1))
        if len(content) > LARGEST_READ:
            raise TargetError(TOO_LARGE.format(path=path))
        return content

    async def write(self, path: PurePosixPath, content: bytes) -> None:
        """Write a file whole. A link is followed, so that it stays a link."""
        async with self._errors(path):
            await write_file(await self._sftp(), path, content)

    async def list(self, folder: PurePosixPath) -> list[FolderEntry]:
        """Return the folder's entries, folders first. Raises FileNotFoundError where there is none."""
        entries = []
        async with self._errors(folder):
            files = await self._sftp()
            for found in await files.readdir(str(folder)):
                name = name_text(found.filename)
                if name in {".", ".."}:
                    continue
                facts = found.attrs
                if stat.S_ISLNK(facts.permissions or 0):
                    with contextlib.suppress(asyncssh.SFTPError):  # a link to nowhere stands for itself
                        facts = await files.stat(str(folder / name))
                is_folder = stat.S_ISDIR(facts.permissions or 0)
                entries.append(FolderEntry(name, is_folder, facts.size or 0, float(facts.mtime or 0)))
        return sorted(entries, key=lambda entry: (not entry.is_folder, entry.name))

    async def close(self) -> None:
        """Close the connection, and with it every terminal and command."""
        connection, self._connection, self._files = self._connection, None, None
        if connection is not None:
            connection.close()
            await connection.wait_closed()

    async def _terminal_window(self) -> int:
        if not self._window:
            try:
                async with self._errors():
                    self._window = await terminal_window(await self._sftp())
            except TargetError:  # no file server; if it is the connection that is gone, the terminal will say so
                self._window = LEAST_WINDOW
            logger.info("a terminal on %s gets a window of %d bytes", self.name, self._window)
        return self._window

    def _live(self) -> asyncssh.SSHClientConnection:
        if self._connection is None or self._connection.is_closed():
            raise TargetError(f"There is no connection to {self.label}. Connect again; files there are as they were.")
        return self._connection

    async def _sftp(self) -> asyncssh.SFTPClient:
        connection = self._live()
        async with self._opening_files:
            if self._files is None:
                self._files = await connection.start_sftp_client(path_errors="surrogateescape")
            return self._files

    def _status(self, process: asyncssh.SSHClientProcess[bytes]) -> int:
        status = process.returncode
        if status is None:
            raise TargetError(self._lost())
        return status

    def _lost(self) -> str:
        return (
            f"The connection to {self.label} was lost. What ran there without a terminal of its own has ended; "
            "files there are as they were. Connect again."
        )

    @contextlib.asynccontextmanager
    async def _errors(self, path: PurePosixPath | None = None) -> AsyncIterator[None]:
        """Turn what asyncssh raises into sentences; refuse a path that cannot be sent before it sees it."""
        word_bytes(str(path))
        try:
            yield
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath) as error:
            raise FileNotFoundError(errno.ENOENT, f"not there on {self.label}", str(path)) from error
        except (asyncssh.SFTPNoConnection, asyncssh.SFTPConnectionLost) as error:
            self._files = None
            raise TargetError(self._lost()) from error
        except asyncssh.SFTPPermissionDenied as error:
            raise TargetError(f"{path} on {self.label} may not be read or written by you ({error.reason}).") from error
        except asyncssh.SFTPError as error:
            raise TargetError(
                f"{path} on {self.label}: the server said “{error.reason}”. Check the free space and your quota there, "
                "and whether the path is what it should be."
            ) from error
        except asyncssh.ChannelOpenError as error:
            if not self.connected:
                raise TargetError(self._lost()) from error
            raise TargetError(
                f"{self.label} allows no more terminals or commands at once on one connection. Close a terminal there."
            ) from error
        except (asyncssh.Error, OSError) as error:
            raise TargetError(self._lost()) from error


class SshTerminal:
    """A program in a terminal on the other side: a `TerminalChannel`."""

    def __init__(self, target: SshTarget, process: asyncssh.SSHClientProcess[bytes]) -> None:
        self._target = target
        self._process = process
        self._closing = False

    async def read(self) -> bytes:
        """Return what the program printed next, `b""` once it has ended and all was read."""
        async with self._target._errors():
            data = await self._process.stdout.read(CHUNK)
        if not data and not self._closing and not self._target.connected:
            self._target._status(self._process)  # an end without a status is a lost connection
        return data

    async def write(self, data: bytes) -> None:
        """Type `data`. What is typed at a program that has ended goes nowhere, as in any terminal."""
        with contextlib.suppress(OSError, asyncssh.Error):
            self._process.stdin.write(data)
            await self._process.stdin.drain()

    def resize(self, size: TerminalSize) -> None:
        """Tell the program its new size."""
        with contextlib.suppress(OSError, asyncssh.Error):
            self._process.change_terminal_size(size.columns, size.rows)

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal: what has a key is typed, which reaches the foreground group; others go to the program."""
        with contextlib.suppress(OSError, asyncssh.Error):
            if number in TYPED:
                self._process.stdin.write(TYPED[number])
            else:
                self._process.send_signal(_name(number))

    async def wait(self) -> int:
        """Wait for the program's end and return its exit status, negative for a signal."""
        async with self._target._errors():
            await self._process.wait_closed()
        return self._target._status(self._process)

    async def close(self) -> None:
        """Hang up, kill what does not end within two seconds, and free the channel."""
        self._closing = True
        process = self._process
        closed = asyncio.ensure_future(process.wait_closed())
        for number in (signal.SIGHUP, signal.SIGKILL):
            if closed.done():
                break
            self.send_signal(number)
            await asyncio.wait([closed], timeout=HANG_UP_SECONDS)
        process.close()
        await closed


async def _talk(
    process: asyncssh.SSHClientProcess[bytes], stdin: bytes, output: KeptOutput, errors: KeptOutput
) -> None:
    """Give a remote command its input, keep what it prints, and wait for its end."""
    with contextlib.suppress(BrokenPipeError):  # it has ended already, without reading anything
        process.stdin.write(stdin)
        process.stdin.write_eof()
    await asyncio.gather(output.collect(process.stdout), errors.collect(process.stderr))
    await process.wait_closed()


async def _end(process: asyncssh.SSHClientProcess[bytes]) -> None:
    """End a remote command: SIGINT, then SIGTERM, then SIGKILL, each sent to its process group by the server."""
    closed = asyncio.ensure_future(process.wait_closed())
    for number, seconds in zip((signal.SIGINT, signal.SIGTERM, signal.SIGKILL), PATIENCE, strict=True):
        with contextlib.suppress(OSError, asyncssh.Error):
            process.send_signal(_name(number))
        done, _ = await asyncio.wait([closed], timeout=seconds)
        if done:
            return
    process.close()
    await closed


def _bytes(data: str | bytes | None) -> bytes:
    return data.encode() if isinstance(data, str) else data or b""


def _reason(error: Exception) -> str:
    """Return the short reason in an exception, for a person."""
    if isinstance(error, TimeoutError):
        return f"no answer within {CONNECT_SECONDS} seconds"
    if isinstance(error, asyncssh.Error):
        return error.reason
    return getattr(error, "strerror", None) or str(error)


def _name(number: signal.Signals) -> str:
    """Return a signal's name as SSH writes it (RFC 4254, section 6.10)."""
    return number.name.removeprefix("SIG")
