"""The core in its helper process: frames, death and rebirth, held-back floods."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Coroutine

import psutil
import pytest

from cowshed_lab.screen import Frame, Style
from cowshed_lab.screen_core import core_names
from cowshed_lab.screen_process import REPLAYED, ScreenLostError, ScreenProcess


def run[T](work: Coroutine[object, object, T]) -> T:
    return asyncio.run(asyncio.wait_for(work, 60))


def ignore(_answer: bytes) -> None:
    pass


def kill(screen: ScreenProcess) -> None:
    assert screen.process_id is not None
    os.kill(screen.process_id, signal.SIGKILL)


def text_of(frame: Frame) -> list[str]:
    return [row.text for _, row in sorted(frame.rows.items()) if row.text]


@pytest.mark.parametrize("core", core_names())
def test_rows_come_back_whole(core: str) -> None:
    async def work() -> None:
        screen = ScreenProcess(40, 6, ignore, cores=(core,))
        await screen.feed(b"\x1b[1;4:3;38;2;1;2;3mmoo\x1b[m plain\r\n" + "漢字".encode() + b"\x1b]2;cow\x07\x07")
        frame = await screen.frame()
        first = frame.rows[0].runs[0]
        assert (first.text, first.columns) == ("moo", 3)
        assert first.style == Style(foreground=0x1010203, bold=True, underline=3)
        assert frame.rows[1].runs[0].columns == 4
        assert (frame.title, frame.bells, frame.cursor.column, frame.cursor.row) == ("cow", 1, 4, 1)
        await screen.feed(b"\r\nmore")
        assert text_of(await screen.frame()) == ["more"]
        assert [row.text for row in await screen.lines(0, 2)] == ["moo plain", "漢字"]
        assert (await screen.search("more"))[0].line == 2
        with pytest.raises(ValueError, match="cannot be read"):
            await screen.search("[", regular_expression=True)
        await screen.resize(60, 8)
        assert (await screen.frame()).columns == 60
        await screen.close()

    run(work())


def test_answers_reach_the_program() -> None:
    async def work() -> list[bytes]:
        answers: list[bytes] = []
        screen = ScreenProcess(40, 6, answers.append)
        await screen.feed(b"ab\x1b[6n")
        await screen.frame()
        await screen.close()
        return answers

    assert run(work()) == [b"\x1b[1;3R"]


def test_a_killed_core_comes_back_with_its_screen() -> None:
    async def work() -> None:
        answers: list[bytes] = []
        screen = ScreenProcess(40, 6, answers.append)
        await screen.feed(b"".join(b"line %d\r\n" % number for number in range(200)) + b"\x1b[6n")
        before = await screen.frame()
        assert len(answers) == 1
        kill(screen)
        after = await screen.frame()
        assert text_of(after) == text_of(before)
        assert (after.first_line, after.cursor) == (before.first_line, before.cursor)
        assert screen.deaths == 1
        assert len(answers) == 1, "replayed output must not be answered again"
        await screen.feed(b"and on")
        assert text_of(await screen.frame()) == ["and on"]
        await screen.close()

    run(work())


def test_line_numbers_go_on_after_a_death() -> None:
    async def work() -> None:
        screen = ScreenProcess(40, 6, ignore)
        line = b"%0300d\r\n"
        for start in range(0, 4000, 100):
            await screen.feed(b"".join(line % number for number in range(start, start + 100)))
        before = await screen.frame()
        assert 2 * REPLAYED < 4000 * 302
        kill(screen)
        after = await screen.frame()
        assert after.first_line == before.first_line
        assert after.oldest_line > 0
        rows = await screen.lines(after.first_line, after.first_line + 6)
        assert [row.text for row in rows] == [row.text for _, row in sorted(before.rows.items())]
        await screen.close()

    run(work())


def test_after_three_deaths_the_sturdy_core_takes_over() -> None:
    async def work() -> None:
        screen = ScreenProcess(40, 6, ignore)
        await screen.feed(b"moo")
        for _ in range(3):
            assert screen.core == "ghostty"
            kill(screen)
            assert text_of(await screen.frame()) == ["moo"]
        assert screen.core == "par-term"
        await screen.close()

    run(work())


def test_giving_up_says_so() -> None:
    async def work() -> None:
        screen = ScreenProcess(40, 6, ignore)
        await screen.start()
        screen.deaths = 8
        kill(screen)
        with pytest.raises(ScreenLostError, match="programs in it go on"):
            await screen.frame()
        await screen.close()

    run(work())


def test_no_helper_is_left() -> None:
    async def work() -> int:
        screen = ScreenProcess(40, 6, ignore)
        await screen.start()
        number = screen.process_id
        assert number is not None
        await screen.close()
        await screen.close()
        return number

    assert not psutil.pid_exists(run(work()))


def test_a_flood_waits_for_the_core() -> None:
    """What is under way never exceeds its limit, so a program that prints without end cannot fill memory."""

    async def work() -> None:
        screen = ScreenProcess(80, 24, ignore)
        most = 0
        for _ in range(200):
            await screen.feed(b"y\r\n" * 5000)
            most = max(most, screen._on_the_way)
        assert 0 < most <= 256 * 1024
        assert (await screen.frame()).first_line == 200 * 5000 - 23
        await screen.close()

    run(work())
