"""A terminal with a real bash, and what it reported, for tests on an asyncio loop of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path

from cowshed_lab.local import LocalTarget
from cowshed_lab.screen import Frame, Row
from cowshed_lab.shell_integration import open_shell
from cowshed_lab.target import TerminalSize
from cowshed_lab.terminal import Terminal
from cowshed_lessons.evidence import CommandEvidence

SIZE = TerminalSize(80, 12)


def run[T](work: Coroutine[object, object, T]) -> T:
    return asyncio.run(asyncio.wait_for(work, 120))


class Shell:
    """A terminal and everything it said."""

    def __init__(self) -> None:
        self.terminal: Terminal
        self.rows: dict[int, Row] = {}
        self.frames: list[float] = []
        self.commands: asyncio.Queue[CommandEvidence] = asyncio.Queue()
        self.titles: list[str] = []
        self.bells = 0
        self.status: int | None = None
        self._changed = asyncio.Event()

    def take_frame(self, frame: Frame) -> None:
        self.rows.update(frame.rows)
        self.frames.append(asyncio.get_running_loop().time())
        self._changed.set()

    def take_bell(self) -> None:
        self.bells += 1

    def take_end(self, status: int) -> None:
        self.status = status
        self._changed.set()

    def take_prompt(self, _waiting: bool) -> None:
        self._changed.set()

    @property
    def text(self) -> str:
        return "\n".join(row.text for _, row in sorted(self.rows.items()))

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition holds; looked at again whenever the terminal says anything."""
        async with asyncio.timeout(20):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def run_command(self, line: str) -> CommandEvidence:
        await self.until(lambda: self.terminal.at_prompt)
        await self.terminal.type(line.encode() + b"\r")
        return await asyncio.wait_for(self.commands.get(), 20)


@asynccontextmanager
async def shell(home: Path, *, size: TerminalSize = SIZE) -> AsyncIterator[Shell]:
    """Open an integrated bash in `home` and end it afterwards."""
    target = LocalTarget(home=home)
    channel, secret = await open_shell(target, size)
    it = Shell()
    it.terminal = Terminal(
        channel,
        size,
        secret=secret,
        on_frame=it.take_frame,
        on_command=it.commands.put_nowait,
        on_title=it.titles.append,
        on_bell=it.take_bell,
        on_end=it.take_end,
        on_prompt=it.take_prompt,
    )
    try:
        await it.terminal.start()
        yield it
    finally:
        await it.terminal.close()
        await target.close()
