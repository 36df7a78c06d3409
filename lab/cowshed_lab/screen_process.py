"""The terminal core in a process of its own, so that native code fed by strangers can die without taking the app along.

One helper process (`screen_core`) for each terminal: see `ScreenProcess`. Messages go both ways over pipes: four
bytes of length, one letter, the content. What the program printed travels as it is; frames and rows as JSON (read
faster than they can be painted, and unlike pickle harmless when the helper went mad). Requests are answered in order.

Measured on 4 busy cores (Python 3.13, Debian 12): a helper is ready in 0.4 to 0.6 s (0.3 s of it pyghostty's import,
while the shell starts too) and takes 21 MB of its own; a line there and its frame back take 3 ms. One process for all
terminals would save those 21 MB a terminal, but one flood would hold up every other terminal and one bad byte would
take all of them down, so each has its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections import deque
from collections.abc import Callable
from typing import Any

from cowshed_lab.screen import Cursor, CursorShape, Frame, Match, Modes, MouseMode, Row, Run, Style
from cowshed_lab.screen_core import HEADER, MICROSECONDS, STYLE_FLAGS, core_names

REPLAYED = 256 * 1024
"""Bytes of output that a new core is fed with after the one before it died."""

DEATHS_BEFORE_CHANGE = 3
"""Deaths of the fast core in one terminal after which the sturdy one takes over."""

_DEATHS_BEFORE_EMPTY = 6  # what is replayed kills every core: start with an empty screen instead
_DEATHS_BEFORE_GIVING_UP = 9
_PIECE = 16 * 1024
_LEAST_ON_THE_WAY, _MOST_ON_THE_WAY = _PIECE, 256 * 1024
_QUEUE_SECONDS = 0.03


class ScreenLostError(Exception):
    """No terminal core stays alive on this computer. Its text is for a person."""


class ScreenProcess:
    """A terminal core in a helper process, restarted when it dies; used on one asyncio loop.

    Args:
        columns: width in cells.
        rows: height in cells.
        on_answer: called with what the terminal answers to the program (never while output is replayed).
        scrollback: lines kept above the screen.
        cores: names of cores to use, the preferred one first; by default all that are installed.
    """

    def __init__(
        self,
        columns: int,
        rows: int,
        on_answer: Callable[[bytes], None],
        *,
        scrollback: int = 10_000,
        cores: tuple[str, ...] | None = None,
    ) -> None:
        self._columns, self._height = columns, rows
        self._on_answer = on_answer
        self._scrollback = scrollback
        self._cores = cores or core_names()
        self.deaths = 0
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._waiting: deque[tuple[asyncio.Future[bytes], int, bool]] = deque()
        self._replayed: deque[bytes] = deque()
        self._replayed_size = 0
        self._on_the_way = 0
        self._room = asyncio.Event()
        self._rate = 4e6  # bytes a second that the core takes, measured as it goes
        self._frame_number = 0
        self._shift = 0
        self._renumbered = False
        self._first_line = 0
        self._starting = asyncio.Lock()
        self._closed = False
        self._styles: dict[tuple[Any, ...], Style] = {}

    @property
    def core(self) -> str:
        """Name of the core in use."""
        sturdy = self.deaths >= DEATHS_BEFORE_CHANGE
        return self._cores[-1] if sturdy else self._cores[0]

    @property
    def process_id(self) -> int | None:
        """The helper's process id, None before the start."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start the helper.

        Raises:
            ScreenLostError: no core is installed or none stays alive.
        """
        await self._alive()

    async def feed(self, data: bytes) -> None:
        """Pass on output; waits while the core is more than 30 ms behind, which is what holds a flood back."""
        for start in range(0, len(data), _PIECE):
            piece = data[start : start + _PIECE]
            await self._alive()
            limit = min(max(self._rate * _QUEUE_SECONDS, _LEAST_ON_THE_WAY), _MOST_ON_THE_WAY)
            while self._on_the_way and self._on_the_way + len(piece) > limit:
                self._room.clear()
                await self._room.wait()
            self._remember(piece)
            await self._alive()
            self._feed_now(piece, answered=True)
            await self._drained()

    async def frame(self) -> Frame:
        """Return what changed since the frame before; everything where the core was started anew."""
        encoded = await self._ask("G", lambda: self._frame_number)
        content = json.loads(encoded)
        self._frame_number = content["n"]
        if self._renumbered:
            # A new core counts from 0: its top line gets the number that the dead one's had.
            self._shift = max(self._first_line - content["f"], 0)
            self._renumbered = False
        frame = self._decode_frame(content)
        self._first_line = frame.first_line
        return frame

    async def lines(self, first: int, last: int) -> list[Row]:
        """Return the kept rows with the absolute numbers `first` to `last` (exclusive)."""
        content = json.loads(await self._ask("L", lambda: [first - self._shift, last - self._shift]))
        styles = [self._style(style) for style in content["s"]]
        return [_decode_row(row, styles) for row in content["r"]]

    async def search(self, text: str, *, case_sensitive: bool = False, regular_expression: bool = False) -> list[Match]:
        """Find `text` in scrollback and screen, oldest first.

        Raises:
            ValueError: `text` is not a regular expression.
        """
        content = json.loads(await self._ask("S", lambda: [text, case_sensitive, regular_expression]))
        if isinstance(content, str):
            raise ValueError(content)
        return [Match(line + self._shift, column, columns) for line, column, columns in content]

    async def resize(self, columns: int, rows: int) -> None:
        """Change the size."""
        self._columns, self._height = columns, rows
        await self._ask("Z", lambda: [columns, rows])

    async def clear_scrollback(self) -> None:
        """Forget all lines above the screen."""
        self._replayed.clear()
        self._replayed_size = 0
        await self._ask("C", lambda: None)

    async def close(self) -> None:
        """End the helper. Safe to call twice."""
        self._closed = True
        process, self._process = self._process, None
        self._fail_waiting()
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
            with contextlib.suppress(OSError):
                await process.stdin.wait_closed()
        try:
            await asyncio.wait_for(process.wait(), 1)
        except (TimeoutError, asyncio.CancelledError):
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if self._reading is not None:
            await asyncio.gather(self._reading, return_exceptions=True)

    # The helper's life

    async def _alive(self) -> asyncio.subprocess.Process:
        """Return the running helper, started anew and fed with the last output where it died."""
        async with self._starting:
            while True:
                if self._closed:
                    raise ScreenLostError("This terminal is closed.")
                process = self._process
                if process is not None and process.returncode is None and not self._reading_over():
                    return process
                if process is not None:
                    self.deaths += 1
                    await process.wait()
                if not self._cores or self.deaths >= _DEATHS_BEFORE_GIVING_UP:
                    raise ScreenLostError(
                        "The terminal's display stopped working and could not be started again. The programs in it go "
                        "on; open another terminal to see what they print."
                    )
                await self._launch()

    def _reading_over(self) -> bool:
        return self._reading is None or self._reading.done()

    async def _launch(self) -> None:
        self._fail_waiting()
        self._on_the_way = 0
        self._room.set()
        self._frame_number = 0
        self._renumbered = self._process is not None
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "cowshed_lab.screen_core",
            self.core,
            str(self._columns),
            str(self._height),
            str(self._scrollback),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        self._reading = asyncio.create_task(self._read(self._process), name="terminal core answers")
        if self.deaths < _DEATHS_BEFORE_EMPTY:
            for piece in self._replay():
                self._feed_now(piece, answered=False)

    def _remember(self, piece: bytes) -> None:
        self._replayed.append(piece)
        self._replayed_size += len(piece)
        while self._replayed_size - len(self._replayed[0]) >= REPLAYED:
            self._replayed_size -= len(self._replayed.popleft())

    def _replay(self) -> list[bytes]:
        """Return the remembered output, begun after a line's end so that no sequence is cut."""
        data = b"".join(self._replayed)
        if len(data) > REPLAYED:
            data = data[-REPLAYED:]
            data = data[data.find(b"\n") + 1 :]
        return [data[start : start + _PIECE] for start in range(0, len(data), _PIECE)]

    # Messages

    def _send(self, letter: str, content: bytes, *, size: int = 0, answered: bool = True) -> asyncio.Future[bytes]:
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        process = self._process
        if process is None or process.stdin is None or process.stdin.is_closing():
            answer.set_exception(_CoreDiedError())
            answer.exception()
            return answer
        self._waiting.append((answer, size, answered))
        process.stdin.write(HEADER.pack(len(content), ord(letter)) + content)
        return answer

    def _feed_now(self, piece: bytes, *, answered: bool) -> None:
        self._on_the_way += len(piece)
        self._send("F", piece, size=len(piece), answered=answered)

    async def _drained(self) -> None:
        process = self._process
        if process is not None and process.stdin is not None:
            with contextlib.suppress(OSError):  # the core died: the next call starts another
                await process.stdin.drain()

    async def _ask(self, letter: str, content: Callable[[], object]) -> bytes:
        while True:
            await self._alive()
            try:
                answer = self._send(letter, json.dumps(content()).encode())
                await self._drained()
                return await answer
            except _CoreDiedError:
                continue

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        stream = process.stdout
        if stream is None:
            return
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            while True:
                length, _letter = HEADER.unpack(await stream.readexactly(HEADER.size))
                content = await stream.readexactly(length)
                answer, size, answered = self._waiting.popleft()
                if size:
                    self._on_the_way -= size
                    self._room.set()
                    (microseconds,) = MICROSECONDS.unpack_from(content)
                    self._rate += (size / max(microseconds * 1e-6, 1e-6) - self._rate) / 8
                    content = content[MICROSECONDS.size :]
                    if content and answered:
                        self._on_answer(content)
                if not answer.done():
                    answer.set_result(content)
        self._fail_waiting()

    def _fail_waiting(self) -> None:
        while self._waiting:
            answer, size, _answered = self._waiting.popleft()
            self._on_the_way -= size
            if not answer.done():
                answer.set_exception(_CoreDiedError())
                answer.exception()  # output that was under way is replayed, nobody asks for its answer
        self._room.set()

    # Decoding

    def _decode_frame(self, content: dict[str, Any]) -> Frame:
        styles = [self._style(style) for style in content["s"]]
        column, row, visible, shape = content["u"]
        cursor_keys, keypad, paste, alternate, mouse, sgr, focus = content["m"]
        return Frame(
            number=content["n"],
            columns=content["c"],
            height=content["h"],
            rows={y: _decode_row(row, styles) for y, row in zip(content["y"], content["r"], strict=True)},
            cursor=Cursor(column, row, visible, CursorShape(shape)),
            modes=Modes(cursor_keys, keypad, paste, alternate, MouseMode(mouse), sgr, focus),
            first_line=content["f"] + self._shift,
            oldest_line=content["o"] + self._shift,
            title=content["t"],
            bells=content["b"],
        )

    def _style(self, encoded: list[Any]) -> Style:
        key = tuple(encoded)
        style = self._styles.get(key)
        if style is None:
            if len(self._styles) > 4096:
                self._styles.clear()
            foreground, background, underline, flags, link = encoded
            style = self._styles[key] = Style(
                foreground=foreground,
                background=background,
                underline=underline,
                link=link,
                **{name: bool(flags & 1 << place) for place, name in enumerate(STYLE_FLAGS)},
            )
        return style


class _CoreDiedError(Exception):
    pass


def _decode_row(encoded: list[Any], styles: list[Style]) -> Row:
    parts = iter(encoded[1:])
    return Row(
        tuple(Run(text, columns, styles[style]) for text, columns, style in zip(parts, parts, parts, strict=True)),
        bool(encoded[0]),
    )
