"""A terminal as the window knows it: runs on the lab thread, reports by Qt signals.

Frames are merged while the window is busy, so that however much a program prints, at most one is waiting.
"""

from __future__ import annotations

import errno
import logging
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot

from cowshed_gui.background import LAB
from cowshed_lab.screen import Frame, Modes
from cowshed_lab.screen_process import ScreenLostError
from cowshed_lab.target import TargetError, TerminalChannel, TerminalSize

if TYPE_CHECKING:
    from cowshed_lab.recorder import Recorder
    from cowshed_lab.terminal import Terminal

_log = logging.getLogger(__name__)

type Opener = Callable[[TerminalSize], Awaitable[tuple[TerminalChannel, str | None]]]


class TerminalSession(QObject):
    """One running program in a terminal.

    Args:
        opener: starts the program in a terminal of a size and returns its channel and the secret of its marks.
        parent: the usual Qt parent.
    """

    framed = Signal(object)
    """A `Frame` to show."""
    lines_read = Signal(int, object)
    """First line's absolute number and a list of `Row`."""
    command_started = Signal(str, str)
    """A command line as it begins, and the folder that the shell is in."""
    command_finished = Signal(object)
    """A `CommandEvidence`."""
    build_timed = Signal(object, object)
    """The `CommandEvidence` of a build that was typed, and its `BuildTimes`."""
    prompted = Signal(bool)
    titled = Signal(str)
    rang = Signal()
    started = Signal()
    failed = Signal(str)
    """The program could not be started: a sentence for the person."""
    ended = Signal(int)

    _posted = Signal(str, object)

    def __init__(self, opener: Opener, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._opener = opener
        self._terminal: Terminal | None = None
        self._size = TerminalSize()
        self._lock = threading.Lock()
        self._waiting: Frame | None = None
        self._starting: Future[None] | None = None
        self._early: list[bytes] = []
        self.modes = Modes()
        self.at_prompt = False
        self.integrated = False
        self.running = False
        self.folder = ""
        self.command_line = ""
        self._posted.connect(self._on_posted, Qt.ConnectionType.QueuedConnection)

    @property
    def core_process_id(self) -> int | None:
        """Process id of the terminal core, for tests and the doctor."""
        return self._terminal.screen.process_id if self._terminal is not None else None

    def start(self, size: TerminalSize) -> None:
        """Start the program; `started` or `failed` follows."""
        self._size = size
        self._starting = LAB.submit(self._start(size))

    def type(self, data: bytes) -> None:
        """Send keys; those typed before the program runs wait for it."""
        if data:
            LAB.call(self._type, data)

    def paste(self, text: str) -> None:
        """Paste text."""
        LAB.call(self._paste, text)

    def resize(self, size: TerminalSize) -> None:
        """Change the size."""
        if size != self._size:
            self._size = size
            LAB.call(self._resize, size)

    def read_lines(self, first: int, last: int) -> None:
        """Ask for lines by absolute number; `lines_read` follows."""
        if self._terminal is not None and LAB.running:
            LAB.submit(self._lines(self._terminal, first, last))

    def clear_scrollback(self) -> None:
        """Forget the lines above the screen."""
        if self._terminal is not None and LAB.running:
            LAB.submit(self._terminal.clear_scrollback())

    async def record(self, path: Path, title: str) -> Recorder:
        """Record what is shown into a new file; for the lab thread.

        Raises:
            OSError: the file cannot be made, or there is nothing to record yet.
        """
        if self._terminal is None:
            raise OSError(errno.EAGAIN, "the terminal is not open")
        return await self._terminal.record(path, title)

    async def stop_recording(self) -> None:
        """End the recording; for the lab thread."""
        if self._terminal is not None:
            await self._terminal.stop_recording()

    def close(self) -> Future[None] | None:
        """End the program and everything that belongs to it."""
        if not LAB.running:
            return None
        return LAB.submit(self._close(), finish=True)

    # On the lab thread

    async def _start(self, size: TerminalSize) -> None:
        from cowshed_lab.terminal import Terminal

        try:
            channel, secret = await self._opener(size)
        except TargetError as error:
            self._post("failed", str(error))
            return
        terminal = Terminal(
            channel,
            size,
            secret=secret,
            on_frame=self._take_frame,
            on_command=lambda evidence: self._post("command", (evidence, terminal.folder, terminal.last_build)),
            on_title=lambda title: self._post("title", title),
            on_bell=lambda: self._post("bell", None),
            on_end=lambda status: self._post("end", status),
            on_prompt=lambda waiting: self._post("prompt", (waiting, terminal.folder, terminal.command_line)),
        )
        try:
            await terminal.start()
        except ScreenLostError as error:
            await terminal.close()
            self._post("failed", str(error))
            return
        except BaseException:
            await terminal.close()
            raise
        self._terminal = terminal
        self._post("started", secret is not None)
        if self._size != size:
            terminal.resize(self._size)
        for data in self._early:
            await terminal.type(data)
        self._early.clear()

    def _type(self, data: bytes) -> None:
        if self._terminal is None:
            self._early.append(data)
        else:
            LAB.submit(self._terminal.type(data))

    def _paste(self, text: str) -> None:
        if self._terminal is not None:
            LAB.submit(self._terminal.paste(text))

    def _resize(self, size: TerminalSize) -> None:
        if self._terminal is not None:
            self._terminal.resize(size)

    async def _lines(self, terminal: Terminal, first: int, last: int) -> None:
        try:
            self._post("lines", (first, await terminal.lines(first, last)))
        except ScreenLostError as error:
            _log.info("%s", error)

    async def _close(self) -> None:
        if self._starting is not None and not self._starting.done():
            self._starting.cancel()
        terminal, self._terminal = self._terminal, None
        if terminal is not None:
            await terminal.close()

    def _take_frame(self, frame: Frame) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, frame
            if waiting is not None:
                same = waiting.height == frame.height and waiting.columns == frame.columns
                if same:
                    self._waiting = replace(frame, rows={**waiting.rows, **frame.rows})
                return  # one is on its way already
        self._post("frame", None)

    def _post(self, what: str, value: object) -> None:
        try:
            self._posted.emit(what, value)
        except RuntimeError:  # the window has gone
            _log.debug("Nobody is left to hear of a terminal's %s.", what)

    # In the window

    @Slot(str, object)
    def _on_posted(self, what: str, value: object) -> None:
        if what == "frame":
            with self._lock:
                frame, self._waiting = self._waiting, None
            if frame is not None:
                self.modes = frame.modes
                self.framed.emit(frame)
        elif what == "lines" and isinstance(value, tuple):
            self.lines_read.emit(*value)
        elif what == "command" and isinstance(value, tuple):
            evidence, self.folder, times = value
            self.command_finished.emit(evidence)
            if times is not None:
                self.build_timed.emit(evidence, times)
        elif what == "prompt" and isinstance(value, tuple):
            self.at_prompt, self.folder, self.command_line = value
            self.prompted.emit(self.at_prompt)
            if not self.at_prompt and self.command_line:
                self.command_started.emit(self.command_line, self.folder)
        elif what == "title":
            self.titled.emit(value)
        elif what == "bell":
            self.rang.emit()
        elif what == "started":
            self.running, self.integrated = True, bool(value)
            self.started.emit()
        elif what == "failed":
            self.failed.emit(value)
        elif what == "end":
            self.running = self.at_prompt = False
            self.ended.emit(value)
