"""A program in a pseudo-terminal of this computer, driven by asyncio.

The program is started through `/bin/sh`, which opens the terminal by name as the leader of a new session and so makes
it the controlling terminal, then becomes the program. That way nothing of ours runs between fork and exec, which
would be unsafe beside other threads (https://docs.python.org/3/library/subprocess.html, `preexec_fn`).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cowshed_lab.target import TargetError, TerminalSize

CHUNK = 64 * 1024
"""Most bytes that one read returns."""

GRACE = 2.0
"""Seconds that a program has to end after SIGHUP before it is killed."""

AFTER_END = 256 * 1024
"""Bytes still read once the program has ended: more than the kernel keeps, and an end to a background job's flood."""

_BECOME = 'exec <>"$0" && exec "$@"'
_TERMINAL_SIGNALS = ("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGTSTP", "SIGTTIN", "SIGTTOU")
_HEED = (
    "import os, signal, sys\n"
    f"for name in {_TERMINAL_SIGNALS}: signal.signal(getattr(signal, name), signal.SIG_DFL)\n"
    "os.execv(sys.argv[1], sys.argv[1:])"
)
_UNSUPPORTED = (
    "Cowshed cannot open a terminal on this computer yet: Windows has no pseudo-terminals of the kind it needs. "
    "Choose a cluster over SSH as the target; its terminal works from here."
)


class PseudoTerminal:
    """A running program and its pseudo-terminal: a `TerminalChannel`. Made by `PseudoTerminal.start`."""

    def __init__(self, process: Process, descriptor: int) -> None:
        self._process = process
        self._descriptor = descriptor
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.ensure_future(process.wait())
        self._writing = asyncio.Lock()
        self._freed: asyncio.Future[None] = self._loop.create_future()
        self._left_after_end = AFTER_END

    @classmethod
    async def start(
        cls,
        command: Sequence[str],
        *,
        size: TerminalSize,
        folder: Path,
        environment: Mapping[str, str],
    ) -> PseudoTerminal:
        """Start `command` in a new pseudo-terminal and session.

        Args:
            command: the program and its arguments; one that does not exist prints so and ends with status 127.
            size: in character cells.
            folder: the working directory.
            environment: all of the program's environment.

        Raises:
            TargetError: the folder cannot be entered, no terminal is left, or this computer has none (Windows).
        """
        if sys.platform == "win32":
            raise TargetError(_UNSUPPORTED)
        import termios

        try:
            descriptor, program_side = os.openpty()
        except OSError as error:
            raise TargetError(
                f"No terminal could be opened: {error.strerror}. This computer has none left; close a few others."
            ) from error
        try:
            termios.tcsetwinsize(descriptor, (size.rows, size.columns))
            os.set_blocking(descriptor, False)
            process = await asyncio.create_subprocess_exec(
                *_heeding(),
                "/bin/sh",
                "-c",
                _BECOME,
                os.ttyname(program_side),
                *command,
                stdin=program_side,
                stdout=program_side,
                stderr=program_side,
                cwd=folder,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            os.close(descriptor)
            raise TargetError(f"No program could be started in {folder}: {error.strerror}.") from error
        except BaseException:
            os.close(descriptor)
            raise
        finally:
            os.close(program_side)
        return cls(process, descriptor)

    async def read(self) -> bytes:
        """Return what the program printed next, `b""` once it has ended and all was read."""
        while not self.closed and self._left_after_end > 0:
            await asyncio.sleep(0)  # a flood must not keep the loop from everything else
            ended = self._ended.done()  # asked before the read: what is printed before the end must not be missed
            try:
                data = os.read(self._descriptor, CHUNK)
            except BlockingIOError:
                if ended:  # something in the background still holds the terminal, but the program itself is gone
                    return b""
                await self._until_ready(self._loop.add_reader, self._loop.remove_reader)
            except OSError:  # EIO: nothing holds the terminal any more (Linux)
                return b""
            else:
                if ended:
                    self._left_after_end -= len(data)
                return data  # b"" is the same on macOS
        return b""

    async def write(self, data: bytes) -> None:
        """Type `data`. What is typed at a program that has ended goes nowhere, as in any terminal."""
        async with self._writing:
            left = memoryview(data)
            while left and not self.closed and not self._ended.done():
                try:
                    left = left[os.write(self._descriptor, left) :]
                except BlockingIOError:
                    await self._until_ready(self._loop.add_writer, self._loop.remove_writer)
                except OSError:
                    return

    def resize(self, size: TerminalSize) -> None:
        """Tell the program its new size; the kernel sends SIGWINCH to the foreground group."""
        if sys.platform == "win32" or self.closed:
            return
        import termios

        with contextlib.suppress(OSError, termios.error):
            termios.tcsetwinsize(self._descriptor, (size.rows, size.columns))

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to the foreground group; one that ends things also to the program's own group."""
        if sys.platform == "win32":
            return
        for group in self._groups(number in {signal.SIGHUP, signal.SIGTERM, signal.SIGKILL, signal.SIGCONT}):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, number)

    async def wait(self) -> int:
        """Wait for the program's end and return its exit status, negative for a signal."""
        return await asyncio.shield(self._ended)

    async def close(self) -> None:
        """Hang up, kill what does not end within two seconds, and free the terminal."""
        if self.closed:
            return
        try:
            if not self._ended.done():
                self.send_signal(signal.SIGHUP)
                self.send_signal(signal.SIGCONT)  # a stopped program cannot act on a hang-up
                await asyncio.wait([self._ended], timeout=GRACE)
        finally:
            if not self._ended.done():
                self.send_signal(signal.SIGKILL)
            self._free()
        await asyncio.shield(self._ended)

    @property
    def closed(self) -> bool:
        """True once the terminal was freed."""
        return self._freed.done()

    def _free(self) -> None:
        if not self.closed:
            self._freed.set_result(None)
            self._loop.remove_reader(self._descriptor)
            self._loop.remove_writer(self._descriptor)
            os.close(self._descriptor)

    def _groups(self, with_own: bool) -> set[int]:
        groups = set()
        if not self.closed:
            with contextlib.suppress(OSError):
                groups.add(os.tcgetpgrp(self._descriptor))
        if not self._ended.done() and (with_own or not groups):
            groups.add(self._process.pid)
        return {group for group in groups if group > 1}

    async def _until_ready(
        self, watch: Callable[[int, Callable[[], None]], None], unwatch: Callable[[int], bool]
    ) -> None:
        """Wait until the terminal is ready, the program has ended, or the terminal was closed."""
        ready: asyncio.Future[None] = self._loop.create_future()
        watch(self._descriptor, lambda: None if ready.done() else ready.set_result(None))
        try:
            events: list[asyncio.Future[Any]] = [ready, self._ended, self._freed]
            await asyncio.wait(events, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not self.closed:
                unwatch(self._descriptor)


def _heeding() -> list[str]:
    """Return the words that make a command heed the signals of a terminal where this process ignores any of them.

    An app that a script started in the background, or with nohup, ignores SIGINT, SIGQUIT or SIGHUP; what it starts
    inherits that, and no shell can undo it (POSIX, `trap`): Ctrl+C would do nothing in its terminals.
    """
    if any(signal.getsignal(getattr(signal, name)) is signal.SIG_IGN for name in _TERMINAL_SIGNALS):
        return [sys.executable, "-I", "-S", "-c", _HEED]
    return []
