"""A shell that types what a course's solutions say, seen as the app's terminal sees it: by the shell's own marks."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from time import monotonic

from cowshed_lab.command_marks import CommandMarks, Finished, Started, plain_text
from cowshed_lab.recorder import Recorder
from cowshed_lab.shell_integration import open_shell
from cowshed_lab.target import Target, TargetError, TerminalChannel, TerminalSize
from cowshed_lessons.course import TypedCommand
from cowshed_lessons.evidence import CommandEvidence

START_SECONDS = 60.0
"""How long a shell may take until it waits for a command."""

_SIZE = TerminalSize(160, 48)
_QUIET_SECONDS = 0.4
"""A program that printed what looks like a prompt, then nothing for so long, waits for a line. It has no marks."""

_PROMPT = re.compile(r"[>$#%:?\])] ?$")
_SHELLS_PROMPT = re.compile(r"[>$#] $")
_TAIL = 4096
_KEYS_OF_A_PAUSE = 12


class CourseShell:
    """One integrated shell on a target. Use `open`, and `close` in the end."""

    def __init__(self, channel: TerminalChannel, secret: str, recorder: Recorder | None = None) -> None:
        self._channel = channel
        self._recorder = recorder
        self._marks = CommandMarks(secret)
        self._received: asyncio.Queue[bytes] = asyncio.Queue()
        self._reader = asyncio.create_task(self._read(), name="course shell")
        self._finished: CommandEvidence | None = None
        self._typed = ""
        self._tail = b""
        self._shells_prompt = ""  # of a shell that was started in this one
        self._ended = False

    @classmethod
    async def open(
        cls,
        target: Target,
        folder: PurePosixPath,
        environment: Mapping[str, str],
        *,
        size: TerminalSize = _SIZE,
        recorder: Callable[[str], Recorder] | None = None,
    ) -> CourseShell:
        """Start the person's login shell in a folder.

        Args:
            target: where.
            folder: the working directory.
            environment: what is added to the person's variables.
            size: of the terminal.
            recorder: makes what records the shell, from the secret of its marks; `close` ends the recording.

        Raises:
            TargetError: it cannot be started, or is none that tells which commands ran.
        """
        channel, secret = await open_shell(target, size, folder, environment)
        if secret is None:
            await channel.close()
            raise TargetError(f"The login shell on {target.label} is not bash, so commands that are typed go unseen.")
        shell = cls(channel, secret, recorder(secret) if recorder is not None else None)
        if not await shell._until(lambda: shell._marks.at_prompt, START_SECONDS):
            await shell.close()
            raise TargetError(f"The shell on {target.label} did not come to its first prompt.")
        return shell

    async def run(self, command: TypedCommand, seconds: float, *, pace: float = 0.0) -> CommandEvidence:
        """Type a command and return what came of it; without an exit status where it did not end in time.

        Args:
            command: what to type.
            seconds: how long it may take.
            pace: seconds from key to key, for those who watch.
        """
        self._finished, self._typed, self._tail, self._shells_prompt = None, command.line, b"", ""
        if pace:  # the mark of a prompt comes before the prompt itself
            await self._until(self._has_finished, _KEYS_OF_A_PAUSE * pace)
        for key in command.line if pace else ():
            await self._channel.write(key.encode())
            await self._until(self._has_finished, pace)
        await self._channel.write(b"\r" if pace else f"{command.line}\r".encode())
        limit = monotonic() + seconds
        for line in command.types:
            waits = await self._until(self._has_finished, limit - monotonic(), quiet=True)
            if not waits or self._has_finished():
                break  # it came to no prompt in time, or to its end
            if not self._shells_prompt and _SHELLS_PROMPT.search(self._last_line()):
                self._shells_prompt = self._last_line()
            self._tail = b""
            await self._channel.write(f"{line}\r".encode())
        await self._until(lambda: self._has_finished() and self._marks.at_prompt, limit - monotonic())
        return self._finished or CommandEvidence(command.line, None, plain_text(self._tail), self._marks.folder)

    def _has_finished(self) -> bool:
        return self._finished is not None

    async def close(self) -> None:
        """End the shell and what runs in it. Safe to call twice."""
        self._reader.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reader
        if self._recorder is not None:
            self._recorder.close()
        with contextlib.suppress(TargetError, OSError):
            await self._channel.close()

    async def _read(self) -> None:
        data = b"-"
        while data:
            try:
                data = await self._channel.read()
            except (TargetError, OSError):
                data = b""
            self._received.put_nowait(data)

    async def _until(self, reached: Callable[[], bool], seconds: float, *, quiet: bool = False) -> bool:
        """Take what the shell prints until something is reached, or (`quiet`) a program waits at a prompt."""
        limit = monotonic() + seconds
        while not reached() and not self._ended:
            waits = quiet and self._marks.command_line != "" and self._is_at_a_prompt()
            left = limit - monotonic()
            if left <= 0:
                return False
            try:
                data = await asyncio.wait_for(self._received.get(), min(left, _QUIET_SECONDS) if waits else left)
            except TimeoutError:
                return waits
            self._ended = not data
            self._take(data)
        return reached()

    def _last_line(self) -> str:
        return plain_text(self._tail).rpartition("\n")[2]

    def _is_at_a_prompt(self) -> bool:
        """Whether what was printed last looks like one.

        A shell has one prompt, and it is awaited: what its commands print, such as apt's "0% [Working]", is none, and
        what is typed too early may be read by one of them.
        """
        if self._shells_prompt:
            return self._last_line() == self._shells_prompt
        return _PROMPT.search(self._last_line()) is not None

    def _take(self, data: bytes) -> None:
        for part in self._marks.feed(data):
            if isinstance(part, bytes):
                self._tail = (self._tail + part)[-_TAIL:]
                if self._recorder is not None:
                    self._recorder.output(part)
            elif isinstance(part, Started):
                if part.doubtful:
                    self._marks.correct(self._typed)
                if self._recorder is not None:
                    self._recorder.marker(self._typed)
                self._tail = b""
            elif isinstance(part, Finished):
                self._finished = part.evidence
