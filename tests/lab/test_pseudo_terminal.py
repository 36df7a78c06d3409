from __future__ import annotations

import asyncio
import os
import signal
import sys
import uuid
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from cowshed_lab import pseudo_terminal
from cowshed_lab.pseudo_terminal import PseudoTerminal
from cowshed_lab.target import TargetError, TerminalSize
from lab.processes import until, with_words, zombies

ENVIRONMENT = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "HOME": "/", "LANG": "C.UTF-8"}


async def start(*command: str, folder: Path = Path("/"), size: TerminalSize | None = None) -> PseudoTerminal:
    return await PseudoTerminal.start(command, size=size or TerminalSize(), folder=folder, environment=ENVIRONMENT)


async def rest(terminal: PseudoTerminal) -> bytes:
    output = b""
    while data := await terminal.read():
        output += data
    return output


async def read_until(terminal: PseudoTerminal, words: bytes) -> bytes:
    output = b""
    while words not in output:
        data = await terminal.read()
        assert data, f"the program ended before it printed {words!r}: {output!r}"
        output += data
    return output


def scenario(play: Callable[[], Awaitable[None]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(30):
            await play()

    asyncio.run(limited())
    assert not zombies()


def test_output_and_exit_status() -> None:
    async def play() -> None:
        terminal = await start("sh", "-c", "printf 'a b\\n'; exit 3")
        assert await rest(terminal) == b"a b\r\n"
        assert await terminal.wait() == 3
        await terminal.close()
        await terminal.close()
        assert await terminal.read() == b""

    scenario(play)


def test_arguments_are_never_read_by_a_shell(tmp_path: Path) -> None:
    nasty = ["$(touch made)", "`touch made`", "a b", "'", '"', ";touch made", "-n", "*", "new\nline", "\\"]

    async def play() -> None:
        terminal = await start("printf", "[%s]", *nasty, folder=tmp_path)
        assert (await rest(terminal)).replace(b"\r\n", b"\n").decode() == "".join(f"[{word}]" for word in nasty)
        await terminal.close()

    scenario(play)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_program_says_so() -> None:
    async def play() -> None:
        terminal = await start("no-such-program-here")
        assert b"not found" in await rest(terminal)
        assert await terminal.wait() == 127
        await terminal.close()

    scenario(play)


def test_a_missing_folder_is_a_sentence() -> None:
    async def play() -> None:
        with pytest.raises(TargetError, match="/no/such/folder: No such file"):
            await start("true", folder=Path("/no/such/folder"))

    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    scenario(play)
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_it_is_a_controlling_terminal_with_job_control() -> None:
    async def play() -> None:
        terminal = await start("bash", "--norc", "-i", size=TerminalSize(100, 30))
        await terminal.write(b"PS1='> '; tty; stty size; sleep 1000 & jobs -l; kill %1\n")
        output = await read_until(terminal, b"Running")
        assert b"/dev/pts/" in output
        assert b"30 100" in output
        assert b"no job control" not in output
        await terminal.write(b"exit 7\n")
        await rest(terminal)
        assert await terminal.wait() == 7
        await terminal.close()

    scenario(play)


@pytest.fixture(params=["heeded", "ignored"])
def _interrupts(request: pytest.FixtureRequest) -> Iterator[None]:
    """An app that a script starts in the background ignores SIGINT and SIGQUIT; its terminals must not."""
    numbers = (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP) if request.param == "ignored" else ()
    before = [(number, signal.signal(number, signal.SIG_IGN)) for number in numbers]
    yield
    for number, handler in before:
        signal.signal(number, handler)


@pytest.mark.usefixtures("_interrupts")
def test_typed_interrupt_reaches_the_foreground_program_only() -> None:
    async def play() -> None:
        terminal = await start("bash", "--norc", "-i")
        await terminal.write(b"PS1='next''> '; sh -c 'echo begun; exec sleep 1000'\n")
        await read_until(terminal, b"begun\r\n")
        await terminal.write(b"\x03")
        await read_until(terminal, b"next> ")
        await terminal.write(b"echo status $?\n")
        await read_until(terminal, b"status 130")
        await terminal.close()

    scenario(play)


def test_resize_tells_the_program() -> None:
    async def play() -> None:
        loop = "trap 'stty size; exit 0' WINCH; echo ready; while :; do sleep 0.05; done"
        terminal = await start("sh", "-c", loop)
        await read_until(terminal, b"ready")
        terminal.resize(TerminalSize(132, 50))
        assert b"50 132" in await rest(terminal)
        await terminal.close()
        terminal.resize(TerminalSize(80, 24))

    scenario(play)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_reaches_the_whole_group(number: signal.Signals) -> None:
    async def play() -> None:
        mark = f"10{uuid.uuid4().int % 10**7}"
        terminal = await start("sh", "-c", f"sleep {mark} | cat & echo ready; wait")
        await read_until(terminal, b"ready")
        await until(lambda: with_words("sleep", mark))
        terminal.send_signal(number)
        await rest(terminal)
        # `sh` starts background jobs with SIGINT ignored; the shell itself ends with any of them
        assert await terminal.wait() in {-number, 128 + number}
        terminal.send_signal(number)
        if number != signal.SIGINT:
            await until(lambda: not with_words("sleep", mark))
        for process in with_words("sleep", mark):
            process.kill()
        await terminal.close()

    scenario(play)


def test_close_hangs_up_and_then_kills(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pseudo_terminal, "GRACE", 0.1)

    async def play() -> None:
        polite = await start("sh", "-c", "trap 'exit 9' HUP; echo ready; while :; do sleep 0.05; done")
        stubborn = await start("sh", "-c", "trap '' HUP INT TERM; echo ready; while :; do sleep 0.05; done")
        for terminal in (polite, stubborn):
            await read_until(terminal, b"ready")
            await terminal.close()
            assert terminal.closed
        assert await polite.wait() in {9, -signal.SIGHUP}
        assert await stubborn.wait() == -signal.SIGKILL

    scenario(play)


def test_a_background_job_that_keeps_the_terminal_does_not_keep_the_reader() -> None:
    async def play() -> None:
        mark = f"10{uuid.uuid4().int % 10**7}"
        terminal = await start("sh", "-c", f"trap '' HUP; sleep {mark} & echo gone; exit 4")
        assert await rest(terminal) == b"gone\r\n"
        assert await terminal.wait() == 4
        await terminal.close()
        for process in with_words("sleep", mark):
            process.kill()

    scenario(play)


def test_a_background_flood_ends_with_the_program() -> None:
    async def play() -> None:
        terminal = await start("sh", "-c", "trap '' HUP; yes & sleep 0.2; exit 4")
        await rest(terminal)
        assert await terminal.wait() == 4
        await terminal.close()

    scenario(play)


def test_the_last_words_of_a_fast_program_are_never_lost() -> None:
    async def play() -> None:
        for _ in range(20):
            terminal = await start("sh", "-c", "seq 1 3000; echo end of it")
            assert (await rest(terminal)).endswith(b"\r\n3000\r\nend of it\r\n")
            await terminal.close()

    scenario(play)


def test_typing_more_than_the_kernel_keeps_waits_and_arrives() -> None:
    async def play() -> None:
        size = 300_000
        terminal = await start("sh", "-c", f"stty raw -echo; echo ready; head -c {size} | wc -c")
        await read_until(terminal, b"ready")
        writing = asyncio.ensure_future(terminal.write(b"x" * size))
        assert str(size).encode() in await rest(terminal)
        await writing
        await terminal.write(b"nobody listens")
        await terminal.close()
        await terminal.write(b"nor now")

    scenario(play)


def test_closing_wakes_a_waiting_reader() -> None:
    async def play() -> None:
        terminal = await start("sleep", "1000")
        reading = asyncio.ensure_future(terminal.read())
        await asyncio.sleep(0)
        await terminal.close()
        assert await reading == b""

    scenario(play)


def test_windows_gets_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")

    async def play() -> None:
        with pytest.raises(TargetError, match="over SSH"):
            await start("true")

    asyncio.run(play())


def test_a_computer_without_free_terminals_gets_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left() -> tuple[int, int]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "openpty", none_left)

    async def play() -> None:
        with pytest.raises(TargetError, match="No terminal could be opened"):
            await start("true")

    asyncio.run(play())
