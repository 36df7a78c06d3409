"""A build: `apptainer build` in a terminal of a target, watched for its log, its phases and its end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from cowshed_lab.build_folder import BuildFolder, choose_build_folder
from cowshed_lab.build_log import BuildLog, Phase
from cowshed_lab.target import Target, TargetError, TerminalChannel, TerminalSize
from cowshed_lab.typed_build import BuildCommand, read_build_command
from cowshed_lessons.evidence import BuildEvidence

__all__ = ["Build", "BuildCommand", "Phase", "read_build_command"]

logger = logging.getLogger(__name__)

PATIENCE = ((signal.SIGINT, 1.0), (signal.SIGINT, 4.0), (signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0))
"""Signals that cancel a build, and the seconds each has to work. A build that is only starting may miss the first."""

HURRY = ((signal.SIGINT, 0.5), (signal.SIGTERM, 1.0), (signal.SIGKILL, 1.5))
"""The same where the terminal is closed: whoever quits waits for no more than this."""


class Build:
    """One build on a target.

    Args:
        target: where to build.
        recipe: the recipe there, relative to `folder` or absolute.
        image: the image to be made, likewise.
        folder: the build's working directory on the target, relative to the home folder or absolute.
        options: options of `apptainer build`.
        on_phase: called, in the loop's thread, with a phase when it begins, learns its bytes, or ends.

    `start` gives the terminal's channel; whoever reads it to its end moves the build's log, phases and `finished` on.
    """

    def __init__(
        self,
        target: Target,
        recipe: PurePosixPath,
        image: PurePosixPath,
        *,
        folder: PurePosixPath,
        options: Sequence[str] = ("--force",),
        on_phase: Callable[[Phase], None] | None = None,
    ) -> None:
        self.target = target
        self.recipe = recipe
        self.image = image
        self.folder = folder
        self.command: tuple[str, ...] = ("apptainer", "build", *options, _plain_word(image), _plain_word(recipe))
        self.log = BuildLog(on_phase=on_phase)
        self._channel: TerminalChannel | None = None
        self._temporary: BuildFolder | None = None
        self._recipe_text: str | None = None
        self._cancelled = False
        self._starting = asyncio.Lock()
        self._preparing: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None
        self._settling: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()
        self._evidence: asyncio.Future[BuildEvidence] | None = None

    @property
    def phases(self) -> list[Phase]:
        """The phases so far, oldest first; commands of `%post` follow their phase."""
        return self.log.phases

    async def start(self, size: TerminalSize | None = None) -> TerminalChannel:
        """Start the build and return its terminal's channel; read that to its end.

        Raises:
            TargetError: the target cannot be reached, or has no such folder.
        """
        async with self._starting:
            if self._evidence is not None:
                raise RuntimeError("this build was started already")
            self._preparing = asyncio.ensure_future(self._prepare())
            try:
                await self._preparing
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if not self._cancelled or (task is not None and task.cancelling()):
                    raise
                self._evidence = asyncio.get_running_loop().create_future()
                self._conclude(None, None)
                return _NoChannel()
            finally:
                self._preparing = None
            logger.info("build begins on target %s", self.target.name)
            command, environment = self.command, None
            if self._temporary is not None:
                command, environment = self._temporary.command(command), self._temporary.environment
            opening = asyncio.ensure_future(
                self.target.open_terminal(command, size=size, folder=self.folder, environment=environment)
            )
            try:
                self._channel = await asyncio.shield(opening)
                self._evidence = asyncio.get_running_loop().create_future()
            except asyncio.CancelledError:  # a program whose start is torn off would be ended by nobody
                self._channel = await opening
                self._evidence = asyncio.get_running_loop().create_future()
                self._hurry.set()
                await self._end()
                raise
        return _WatchedChannel(self._channel, self)

    async def _prepare(self) -> None:
        self._temporary = await choose_build_folder(self.target)
        with contextlib.suppress(FileNotFoundError):  # Apptainer says that itself, and better
            self._recipe_text = (await self.target.read(self.folder / self.recipe)).decode(errors="replace")

    async def run(
        self, size: TerminalSize | None = None, on_output: Callable[[bytes], None] | None = None
    ) -> BuildEvidence:
        """Start the build, read it to its end and return what came of it. A cancelled call cancels the build."""
        channel = await self.start(size)
        try:
            while data := await channel.read():
                if on_output is not None:
                    on_output(data)
            return await self.finished()
        except asyncio.CancelledError:
            await asyncio.shield(self.cancel())
            raise
        except TargetError:
            return await self.finished()
        finally:
            await channel.close()

    def resize(self, size: TerminalSize) -> None:
        """Tell the running build its terminal's new size."""
        if self._channel is not None:
            self._channel.resize(size)

    async def finished(self) -> BuildEvidence:
        """Return what came of the build once its terminal was read to the end."""
        if self._evidence is None:
            raise RuntimeError("this build was not started")
        return await asyncio.shield(self._evidence)

    async def cancel(self) -> None:
        """End the build for good: SIGINT, then SIGTERM, then SIGKILL, each given time, and wait for its end.

        One that is just being started never runs. One that has ended by itself keeps its result.
        """
        await self._cancel()

    async def close(self) -> None:
        """End the build as `cancel` does, in a hurry: SIGKILL follows within two seconds."""
        self._hurry.set()
        await self._cancel()

    async def _cancel(self) -> None:
        if self._preparing is not None:
            self._cancelled = True
            self._preparing.cancel()
        async with self._starting:
            if self._channel is None or self._evidence is None or self._evidence.done():
                return
        if self._ending is None:
            self._ending = asyncio.ensure_future(self._end())
        try:
            await asyncio.shield(self._ending)
        except asyncio.CancelledError:
            self._hurry.set()
            await self._ending
            raise

    async def _end(self) -> None:
        channel = self._channel
        assert channel is not None
        waiting = asyncio.ensure_future(channel.wait())
        await asyncio.wait([waiting], timeout=0.01)
        if self._settling is not None or waiting.done():  # it has ended by itself, and that is its result
            with contextlib.suppress(TargetError):
                await waiting
            await self._settle()
            return
        self._cancelled = True
        reading = asyncio.ensure_future(self._drain())
        hurrying = asyncio.ensure_future(self._hurry.wait())
        try:
            for number, seconds in () if self._hurry.is_set() else PATIENCE:
                channel.send_signal(number)
                await asyncio.wait([waiting, hurrying], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
                if waiting.done() or hurrying.done():
                    break
            for number, seconds in HURRY if self._hurry.is_set() else ():
                if waiting.done():
                    break
                channel.send_signal(number)
                await asyncio.wait([waiting], timeout=seconds)
        finally:
            hurrying.cancel()
            await channel.close()
            reading.cancel()
            with contextlib.suppress(TargetError, asyncio.CancelledError):
                await waiting
            with contextlib.suppress(TargetError, asyncio.CancelledError):
                await reading
            await self._settle()

    async def _drain(self) -> None:
        """Read what a build still prints while it ends, where its reader has gone away."""
        if self._channel is not None:
            while data := await self._channel.read():
                self.log.feed(data)

    def _take(self, data: bytes) -> None:
        self.log.feed(data)

    async def _settle(self, lost: TargetError | None = None) -> None:
        """Make the evidence, once, whoever asks for it and however often."""
        if self._settling is None:
            self._settling = asyncio.ensure_future(self._settle_once(lost))
        await asyncio.shield(self._settling)

    async def _settle_once(self, lost: TargetError | None) -> None:
        if self._channel is None:
            return
        status: int | None = None
        size: int | None = None
        if lost is None:
            try:
                status = await self._channel.wait()
                if status == 0:
                    size = await self._image_size()
            except TargetError as error:
                lost = error
        if self._temporary is not None and lost is None:
            await self._temporary.remove()
        if lost is not None:
            self.log.feed(f"\r\ncowshed: {lost}\r\n".encode())
        self._conclude(status, size)

    def _conclude(self, status: int | None, size: int | None) -> None:
        self.log.end(size)
        logger.info("build ended on target %s, status %s", self.target.name, status)
        if self._evidence is not None and not self._evidence.done():
            self._evidence.set_result(
                BuildEvidence(
                    image=str(self.image),
                    exit_status=None if self._cancelled else status,
                    log=self.log.text(),
                    recipe=self._recipe_text,
                    recipe_name=self.recipe.name,
                    cancelled=self._cancelled,
                )
            )

    async def _image_size(self) -> int | None:
        image = self.folder / self.image
        with contextlib.suppress(FileNotFoundError, TargetError):
            for entry in await self.target.list(image.parent):
                if entry.name == image.name and not entry.is_folder:
                    return entry.size
        return None


class _WatchedChannel:
    """The build's terminal: everything that is read through it is also the build's log."""

    def __init__(self, channel: TerminalChannel, build: Build) -> None:
        self._channel = channel
        self._build = build

    async def read(self) -> bytes:
        """Return what the build printed next; at its end the evidence is made."""
        try:
            data = await self._channel.read()
        except TargetError as lost:
            await self._build._settle(lost)
            raise
        if data:
            self._build._take(data)
        elif not self._build._cancelled:
            await self._build._settle()
        return data

    async def write(self, data: bytes) -> None:
        """Type `data`."""
        await self._channel.write(data)

    def resize(self, size: TerminalSize) -> None:
        """Tell the build its new size."""
        self._channel.resize(size)

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to the build."""
        self._channel.send_signal(number)

    async def wait(self) -> int:
        """Wait for the build's end and return its exit status."""
        return await self._channel.wait()

    async def close(self) -> None:
        """End the build where it still runs, and free its terminal."""
        await self._build.close()
        await self._channel.close()


class _NoChannel:
    """The terminal of a build that was cancelled before it ran: nothing is read from it."""

    async def read(self) -> bytes:
        return b""

    async def write(self, data: bytes) -> None:
        pass

    def resize(self, size: TerminalSize) -> None:
        pass

    def send_signal(self, number: signal.Signals) -> None:
        pass

    async def wait(self) -> int:
        return -signal.SIGINT

    async def close(self) -> None:
        pass


def _plain_word(path: PurePosixPath) -> str:
    """Return a path that Apptainer takes for neither an option nor a transport (`docker:…`)."""
    return str(path) if path.is_absolute() else f"./{path}" if _suspicious(str(path)) else str(path)


def _suspicious(word: str) -> bool:
    return word.startswith("-") or ":" in word
