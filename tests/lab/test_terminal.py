"""A whole terminal: real bash, the real core in its process."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from pathlib import Path

import psutil
import pytest

from cowshed_lab import shell_integration
from cowshed_lab.screen import Frame
from cowshed_lab.target import TargetError, TerminalSize
from cowshed_lab.terminal import CONNECTION_LOST, Terminal, pasted
from lab.terminal_in_a_loop import SIZE, run, shell


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(shell_integration, "_FIND_SHELL", 'printf "%s" /bin/bash')
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".bash_profile").write_text("PS1='me> '\n")
    return tmp_path


def test_typed_echo_appears_on_the_screen(home: Path) -> None:
    async def work() -> None:
        async with shell(home) as it:
            await it.run_command("echo moo-$((20 + 3))")
            await it.until(lambda: re.search(r"^moo-23$", it.text, re.MULTILINE) is not None)

    run(work())


def test_title_bell_and_end(home: Path) -> None:
    async def work() -> None:
        async with shell(home) as it:
            await it.run_command(r"printf '\e]2;a cow\a\a'")
            await it.until(lambda: it.titles == ["a cow"] and it.bells == 1)
            await it.terminal.type(b"exit 4\r")
            await it.until(lambda: it.status is not None)
            assert it.status == 4

    run(work())


def test_a_killed_core_leaves_the_shell_alive(home: Path) -> None:
    async def work() -> None:
        async with shell(home) as it:
            await it.run_command("kept=alive; echo before")
            await it.until(lambda: "\nbefore" in it.text)
            number = it.terminal.screen.process_id
            assert number is not None
            os.kill(number, signal.SIGKILL)
            assert (await it.run_command("echo still-$kept")).output == "still-alive\n"
            await it.until(lambda: "\nstill-alive" in it.text)
            assert it.terminal.screen.process_id != number
            assert "before" in it.text

    run(work())


@pytest.mark.parametrize("flood", ["yes", "seq 1 999999999", "cat /dev/zero | tr '\\0' 'x'"])
def test_a_flood_stays_interruptible(home: Path, flood: str) -> None:
    async def work() -> float:
        async with shell(home) as it:
            await it.until(lambda: it.terminal.at_prompt)
            await it.terminal.type(flood.encode() + b"\r")
            drawn = len(it.frames)
            await it.until(lambda: len(it.frames) > drawn + 30)
            began = asyncio.get_running_loop().time()
            await it.terminal.type(b"\x03")
            evidence = await asyncio.wait_for(it.commands.get(), 20)
            took = asyncio.get_running_loop().time() - began
            assert evidence.exit_status == 130
            between = [later - earlier for earlier, later in zip(it.frames, it.frames[1:], strict=False)]
            assert len(it.frames) / (it.frames[-1] - it.frames[0]) < 70, "more than 60 frames a second"
            assert between
            return took

    assert run(work()) < 2, "what waits to be shown is bounded by time: 0.1 s on a quiet computer"


def test_a_flood_does_not_fill_memory(home: Path) -> None:
    async def work() -> None:
        async with shell(home) as it:
            await it.run_command("seq 1 200000")
            number = it.terminal.screen.process_id
            assert number is not None
            before = psutil.Process().memory_info().rss + psutil.Process(number).memory_info().rss
            await it.run_command("seq 1 3000000")
            after = psutil.Process().memory_info().rss + psutil.Process(number).memory_info().rss
            assert after - before < 20e6

    run(work())


def test_the_program_learns_its_size_and_the_core_too(home: Path) -> None:
    async def work() -> None:
        async with shell(home) as it:
            await it.until(lambda: it.terminal.at_prompt)
            it.terminal.resize(TerminalSize(100, 30))
            assert (await it.run_command("stty size")).output == "30 100\n"
            it.terminal.resize(TerminalSize(5, 2))
            assert (await it.run_command("stty size")).output == "5 20\n"

    run(work())


def test_scrollback_and_search(home: Path) -> None:
    async def work() -> None:
        async with shell(home) as it:
            await it.run_command("seq -f 'line %g' 1 500")
            found = await it.terminal.search("line 77")
            assert len(found) == 1
            assert (await it.terminal.lines(found[0].line, found[0].line + 1))[0].text == "line 77"
            await it.terminal.clear_scrollback()
            assert await it.terminal.search("line 77") == []

    run(work())


def test_a_bracketed_paste_does_not_run_by_itself(home: Path) -> None:
    async def work() -> None:
        async with shell(home) as it:
            await it.run_command("echo ready")
            await it.until(lambda: it.terminal.at_prompt)
            await it.until(lambda: it.terminal._modes.bracketed_paste)
            await it.terminal.paste("echo one\necho two\x1b[201~\necho three")
            await it.until(lambda: "echo three" in it.text)
            assert it.commands.empty()
            await it.terminal.type(b"\r")
            evidence = await it.commands.get()
            assert evidence.output == "one\ntwo\nthree\n"
            assert evidence.command_line == "echo one\necho two\necho three"

    run(work())


@pytest.mark.parametrize(
    ("text", "bracketed", "sent"),
    [
        ("a\nb\r\nc", False, b"a\rb\rc"),
        ("a\nb", True, b"\x1b[200~a\rb\x1b[201~"),
        ("x\x1b[201~y", True, b"\x1b[200~xy\x1b[201~"),
        ("x\x1b[20\x1b[201~1~y", True, b"\x1b[200~xy\x1b[201~"),
        ("x\x9b201~y", True, b"\x1b[200~xy\x1b[201~"),
    ],
)
def test_what_a_paste_sends(text: str, bracketed: bool, sent: bytes) -> None:
    assert pasted(text, bracketed=bracketed) == sent


class LosingChannel:
    """A channel whose connection breaks after its first words."""

    def __init__(self) -> None:
        self.closed = False
        self._said = False

    async def read(self) -> bytes:
        if self._said:
            raise TargetError("The connection is lost.")
        self._said = True
        return b"last words"

    async def write(self, data: bytes) -> None:
        raise TargetError("The connection is lost.")

    def resize(self, size: TerminalSize) -> None:
        raise TargetError("The connection is lost.")

    def send_signal(self, number: signal.Signals) -> None:
        pass

    async def wait(self) -> int:
        return 0

    async def close(self) -> None:
        self.closed = True


def test_a_lost_connection_keeps_the_text_and_says_so() -> None:
    async def work() -> None:
        frames: list[Frame] = []
        ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        channel = LosingChannel()
        terminal = Terminal(channel, SIZE, on_frame=frames.append, on_end=ended.set_result)
        await terminal.start()
        await terminal.type(b"anything")
        assert await asyncio.wait_for(ended, 10) == CONNECTION_LOST
        assert any(row.text == "last words" for frame in frames for row in frame.rows.values())
        await terminal.close()
        await terminal.close()
        assert channel.closed

    run(work())
