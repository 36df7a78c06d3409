"""A terminal: a program on a target, the core that draws what it prints, and the commands that ran in it.

Bytes flow channel → command marks → core; frames flow back at most 60 times a second, and only when something changed.
While the core is behind, the channel is not read, so the program waits instead of memory growing; what is typed takes
another way and is never held up.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from cowshed_lab.build_times import BuildTimes, TypedBuildTimes
from cowshed_lab.command_marks import CommandMarks, Finished, Mark, Prompt, Started
from cowshed_lab.recorder import Recorder
from cowshed_lab.screen import MINIMUM_COLUMNS, MINIMUM_ROWS, Frame, Match, Modes, Row
from cowshed_lab.screen_process import ScreenLostError, ScreenProcess
from cowshed_lab.target import TargetError, TerminalChannel, TerminalSize
from cowshed_lessons.evidence import CommandEvidence

_log = logging.getLogger(__name__)

FRAME_SECONDS = 1 / 60
"""Least time between two frames."""

CONNECTION_LOST = 255
"""Exit status of a terminal whose connection broke (the one that `ssh` gives)."""

_PASTE_BEGIN, _PASTE_END = b"\x1b[200~", b"\x1b[201~"
_PASTE_MARKS = re.compile(r"(?:\x1b\[|\x9b)20[01]~")
_ROWS_OF_A_COMMAND = 40
_TYPED_KEPT = 16 * 1024
_LINE_KEYS = b"\x05\x15"  # Ctrl+E, Ctrl+U: clear the line before a clicked command
_JOINING = frozenset(";&|(`\"'{!=-/.")


class Terminal:
    """A running terminal; all of it belongs to one asyncio loop, on which the callbacks are called too.

    Args:
        channel: the program.
        size: in cells.
        secret: what the shell's marks carry, None for a program that sends none.
        on_frame: gets what changed on the screen. Called at most every `FRAME_SECONDS`.
        on_command: gets every command that finished in an integrated shell.
        on_title: gets the title that the program set.
        on_bell: called once for each frame in which the bell rang.
        on_end: gets the program's exit status after the last frame; `CONNECTION_LOST` where the connection broke.
        on_prompt: gets true when an integrated shell waits for a command and false when it starts one.
    """

    def __init__(
        self,
        channel: TerminalChannel,
        size: TerminalSize,
        *,
        secret: str | None = None,
        on_frame: Callable[[Frame], None],
        on_command: Callable[[CommandEvidence], None] | None = None,
        on_title: Callable[[str], None] | None = None,
        on_bell: Callable[[], None] | None = None,
        on_end: Callable[[int], None] | None = None,
        on_prompt: Callable[[bool], None] | None = None,
    ) -> None:
        self._channel = channel
        self._size = _allowed(size)
        self._on_frame = on_frame
        self._on_command = on_command
        self._on_title = on_title
        self._on_bell = on_bell
        self._on_end = on_end
        self._on_prompt = on_prompt
        self._secret = secret
        self._marks = CommandMarks(secret)
        self._recorder: Recorder | None = None
        self.screen = ScreenProcess(self._size.columns, self._size.rows, self._answer)
        self._typed: asyncio.Queue[bytes] = asyncio.Queue()
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._drawing = asyncio.Lock()
        self._modes = Modes()
        self._title = ""
        self._bells = 0
        self._since_prompt = b""
        self._build_times = TypedBuildTimes()
        self.last_build: BuildTimes | None = None  # of the command that finished last, where it was a build
        self._core_lost = False
        self._closed = False
        self.integrated = secret is not None

    @property
    def at_prompt(self) -> bool:
        """Whether an integrated shell waits for a command."""
        return self._marks.at_prompt

    @property
    def command_line(self) -> str:
        """The command that an integrated shell is running, empty at a prompt."""
        return self._marks.command_line

    @property
    def folder(self) -> str:
        """The shell's working directory, empty where it is not known."""
        return self._marks.folder

    async def start(self) -> None:
        """Start the core, then take what the program prints.

        Raises:
            ScreenLostError: no terminal core works on this computer.
        """
        await self.screen.start()
        for work, name in ((self._read(), "reader"), (self._draw(), "frames"), (self._write(), "writer")):
            self._tasks.append(asyncio.create_task(work, name=f"terminal {name}"))

    async def type(self, data: bytes) -> None:
        """Send what the person typed. Returns at once; keys keep their order."""
        self._since_prompt = (self._since_prompt + data)[-_TYPED_KEPT:]
        self._typed.put_nowait(data)

    async def paste(self, text: str) -> None:
        """Paste text as the program wants it, without anything in it that could end the paste early."""
        self._since_prompt = (self._since_prompt + text.encode(errors="replace"))[-_TYPED_KEPT:]
        self._typed.put_nowait(pasted(text, bracketed=self._modes.bracketed_paste))

    def resize(self, size: TerminalSize) -> None:
        """Change the size of core and program."""
        size = _allowed(size)
        if size == self._size or self._closed:
            return
        self._size = size
        if self._recorder is not None:
            self._recorder.resize(size)
        with contextlib.suppress(TargetError, OSError):
            self._channel.resize(size)
        self._tasks.append(asyncio.create_task(self._resize(size), name="terminal resize"))

    async def lines(self, first: int, last: int) -> list[Row]:
        """Return the kept rows with the absolute numbers `first` to `last` (exclusive)."""
        return await self.screen.lines(first, last)

    async def search(self, text: str, *, case_sensitive: bool = False, regular_expression: bool = False) -> list[Match]:
        """Find `text` in scrollback and screen, oldest first. Raises ValueError for a pattern that cannot be read."""
        return await self.screen.search(text, case_sensitive=case_sensitive, regular_expression=regular_expression)

    async def clear_scrollback(self) -> None:
        """Forget all lines above the screen."""
        await self.screen.clear_scrollback()
        self._changed.set()

    async def record(self, path: Path, title: str = "") -> Recorder:
        """Record what is shown from now on into a new file; it begins with the line that the cursor is in.

        Raises:
            OSError: the file cannot be made.
        """
        await self.stop_recording()
        recorder = Recorder(path, self._size, secret=self._secret, title=title)
        frame = await self._draw_now()
        if frame is not None:
            here = frame.first_line + frame.cursor.row
            with contextlib.suppress(ScreenLostError):
                rows = await self.lines(here, here + 1)
                before = "".join(row.text for row in rows).ljust(frame.cursor.column)
                recorder.output(before[: frame.cursor.column].encode())
        if self.command_line:
            recorder.marker(self.command_line)
        self._recorder = recorder
        return recorder

    async def stop_recording(self) -> None:
        """Write the end of the recording, if there is one."""
        recorder, self._recorder = self._recorder, None
        if recorder is not None:
            recorder.close()

    async def close(self) -> None:
        """End program and core. Safe to call twice."""
        self._closed = True
        await self.stop_recording()
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            if task is not asyncio.current_task():
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with contextlib.suppress(TargetError, OSError):
            await self._channel.close()
        await self.screen.close()

    # From the program

    async def _read(self) -> None:
        status = CONNECTION_LOST
        try:
            while data := await self._channel.read():
                for part in self._marks.feed(data):
                    if isinstance(part, bytes):
                        self._build_times.feed(part)
                        await self._show(part)
                    else:
                        await self._take_mark(part)
            await self._show(self._marks.rest())
            status = await self._channel.wait()
        except (TargetError, OSError) as error:
            _log.info("A terminal's connection is lost: %s", error)
        await self._draw_now()
        if self._on_end is not None:
            self._on_end(status)

    async def _show(self, data: bytes) -> None:
        if data and self._recorder is not None:
            self._recorder.output(data)
        if not data or self._core_lost:
            return
        try:
            await self.screen.feed(data)
        except ScreenLostError as error:
            self._lose_core(error)
        self._changed.set()

    async def _take_mark(self, mark: Mark) -> None:
        match mark:
            case Prompt():
                self._since_prompt = b""
                self._build_times.end()  # of a command whose end was not told
                self._tell_prompt(True)
            case Started():
                if mark.doubtful:
                    self._marks.correct(await self._command_on_screen(mark.command_line))
                if self._recorder is not None:
                    self._recorder.marker(self._marks.command_line)
                self._build_times.begin(self.command_line)
                self._tell_prompt(False)
            case Finished():
                self.last_build = self._build_times.end()
                if self._on_command is not None:
                    self._on_command(mark.evidence)

    def _tell_prompt(self, waiting: bool) -> None:
        if self._on_prompt is not None:
            self._on_prompt(waiting)

    async def _command_on_screen(self, guess: str) -> str:
        """Return `guess` where it was typed or the line above the cursor ends with it, else "": not known."""
        typed = self._since_prompt.translate(None, _LINE_KEYS).decode(errors="replace")
        if typed.split() == guess.split():
            return guess
        frame = await self._draw_now()
        if frame is None or not guess:
            return ""
        cursor = frame.first_line + frame.cursor.row
        text = ""
        for row in await self.lines(cursor - _ROWS_OF_A_COMMAND, cursor):
            text += row.text if row.wrapped else row.text + "\n"
        wanted = " ".join(guess.strip().rpartition("\n")[2].split())  # a tab is blanks on the screen
        line = " ".join(text.rstrip().rpartition("\n")[2].split())
        if not wanted or not line.endswith(wanted):
            return ""
        before = line[: -len(wanted)].rstrip()
        return guess if not before or not (before[-1].isalnum() or before[-1] in _JOINING) else ""

    async def _draw(self) -> None:
        drawn = 0.0
        while True:
            await self._changed.wait()
            early = drawn + FRAME_SECONDS - monotonic()
            if early > 0:
                await asyncio.sleep(early)
            await self._draw_now()
            drawn = monotonic()

    async def _draw_now(self) -> Frame | None:
        """Ask the core for what changed and pass it on."""
        async with self._drawing:
            self._changed.clear()
            if self._core_lost:
                return None
            try:
                frame = await self.screen.frame()
            except ScreenLostError as error:
                self._lose_core(error)
                return None
            self._modes = frame.modes
            self._on_frame(frame)
            if frame.title != self._title:
                self._title = frame.title
                if self._on_title is not None:
                    self._on_title(frame.title)
            if frame.bells != self._bells:
                rang = frame.bells > self._bells  # a new core counts from 0
                self._bells = frame.bells
                if rang and self._on_bell is not None:
                    self._on_bell()
            return frame

    def _lose_core(self, error: ScreenLostError) -> None:
        if not self._core_lost and not self._closed:
            _log.error("%s", error)
        self._core_lost = True

    # To the program

    def _answer(self, data: bytes) -> None:
        self._typed.put_nowait(data)

    async def _write(self) -> None:
        try:
            while True:
                await self._channel.write(await self._typed.get())
        except (TargetError, OSError) as error:
            _log.info("What is typed no longer reaches the terminal: %s", error)

    async def _resize(self, size: TerminalSize) -> None:
        with contextlib.suppress(ScreenLostError):
            await self.screen.resize(size.columns, size.rows)
        self._changed.set()
        task = asyncio.current_task()
        if task in self._tasks:
            self._tasks.remove(task)


def pasted(text: str, *, bracketed: bool) -> bytes:
    """Return what a terminal sends for pasted text: lines end with CR, marks that would end the paste are taken out."""
    while _PASTE_MARKS.search(text):  # taking one out may join another
        text = _PASTE_MARKS.sub("", text)
    data = text.replace("\r\n", "\r").replace("\n", "\r").encode(errors="replace")
    return _PASTE_BEGIN + data + _PASTE_END if bracketed else data


def _allowed(size: TerminalSize) -> TerminalSize:
    return TerminalSize(max(size.columns, MINIMUM_COLUMNS), max(size.rows, MINIMUM_ROWS))
