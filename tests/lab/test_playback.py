"""A recording played through the real terminal and its real core."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from cowshed_lab import playback as playback_module
from cowshed_lab.playback import Playback, PlaybackState, marker_near, wants_its_size
from cowshed_lab.screen import Frame, Row
from cowshed_lab.target import TerminalSize
from cowshed_lab.terminal import Terminal
from cowshed_lessons.asciicast import Marker, RecordedEvent, Recording, RecordingHeader
from lab.terminal_in_a_loop import run

RECORDING = Recording(
    RecordingHeader(60, 10),
    (
        RecordedEvent(0.0, "o", "$ one\r\n"),
        RecordedEvent(0.05, "m", "one"),
        RecordedEvent(0.1, "o", "first\r\n\x1b]133;A;someone\x07$ two\r\n"),
        RecordedEvent(0.15, "m", "two"),
        RecordedEvent(30.0, "o", "second\r\n"),
        RecordedEvent(30.1, "o", "$ "),
    ),
)


class Played:
    def __init__(self, recording: Recording) -> None:
        self.rows: dict[int, Row] = {}
        self.columns = 0
        self.sizes: list[TerminalSize] = []
        self.states: list[PlaybackState] = []
        self._changed = asyncio.Event()
        self.playback = Playback(recording, on_change=self._take_state, on_size=self._take_size)
        self.terminal = Terminal(self.playback, TerminalSize(60, 10), on_frame=self._take_frame)

    def _take_state(self, state: PlaybackState) -> None:
        self.states.append(state)
        self._changed.set()

    def _take_size(self, size: TerminalSize) -> None:
        self.sizes.append(size)
        self.terminal.resize(size)

    def _take_frame(self, frame: Frame) -> None:
        self.rows.update(frame.rows)
        self.columns = frame.columns
        self._changed.set()

    @property
    def text(self) -> str:
        return "\n".join(row.text for _, row in sorted(self.rows.items())).strip("\n")

    @property
    def state(self) -> PlaybackState:
        return self.playback.state

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def played(recording: Recording = RECORDING) -> AsyncIterator[Played]:
    it = Played(recording)
    await it.terminal.start()
    try:
        yield it
    finally:
        await it.terminal.close()


def test_it_plays_to_the_end_without_the_long_wait() -> None:
    async def work() -> None:
        async with played() as it:
            assert not it.state.playing
            assert it.state.duration == pytest.approx(2.25)
            it.playback.seek(0.0)
            await it.until(lambda: it.text == "$ one")  # the core has started
            it.playback.play()
            await it.until(lambda: it.text == "$ one\nfirst\n$ two")
            await it.until(lambda: it.state.over and "second" in it.text)
            assert not it.state.playing
            positions = [state.position for state in it.states]
            assert positions == sorted(positions)
            assert len(positions) > 10, "it tells where it is while nothing is printed"
            it.playback.play()  # again from the beginning
            await it.until(lambda: it.text == "$ one")

    run(work())


def test_seeking_shows_what_was_there() -> None:
    async def work() -> None:
        async with played() as it:
            it.playback.seek(99.0)
            await it.until(lambda: it.text == "$ one\nfirst\n$ two\nsecond\n$")
            it.playback.seek(0.06)
            await it.until(lambda: it.text == "$ one")
            assert it.state.command == "one"
            it.playback.seek(0.12)
            await it.until(lambda: it.text == "$ one\nfirst\n$ two")
            for place in (99.0, 0.0, 99.0, 0.12, 99.0, 0.06):  # faster than the terminal reads
                it.playback.seek(place)
            await it.until(lambda: it.text == "$ one")

    run(work())


def test_commands_are_steps() -> None:
    async def work() -> None:
        async with played() as it:
            steps = []
            for _ in range(4):
                it.playback.next_command()
                steps.append((round(it.state.position, 2), it.state.command))
            assert steps == [(0.05, "one"), (0.15, "two"), (2.25, "two"), (2.25, "two")]
            await it.until(lambda: "second" in it.text)
            it.playback.previous_command()
            await it.until(lambda: it.text == "$ one\nfirst\n$ two")
            it.playback.previous_command()
            await it.until(lambda: it.text == "$ one")
            it.playback.previous_command()
            assert it.state.position == 0.0

    run(work())


def test_long_waits_can_be_had_and_the_picture_stays() -> None:
    async def work() -> None:
        async with played() as it:
            it.playback.seek(1.15)  # one second into the wait
            it.playback.skip_waits(False)
            assert it.state.duration == 30.1
            assert it.state.position == pytest.approx(1.15)
            it.playback.seek(20.0)
            it.playback.skip_waits(True)
            assert it.state.position == pytest.approx(2.15)
            await it.until(lambda: it.text == "$ one\nfirst\n$ two")
            it.playback.skip_waits(False)
            assert it.state.position == pytest.approx(2.15)

    run(work())


def test_pause_holds_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(playback_module, "monotonic", lambda: now[0])

    async def work() -> None:
        async with played() as it:
            it.playback.play()
            now[0] += 0.12
            it.playback.pause()
            now[0] += 1000
            assert it.state.position == pytest.approx(0.12)
            assert not it.state.playing
            it.playback.toggle()
            now[0] += 0.01
            assert it.state.position == pytest.approx(0.13)
            it.playback.set_speed(2.0)
            now[0] += 0.01
            assert it.state.position == pytest.approx(0.15)
            it.playback.set_speed(100)
            assert it.state.speed == 4.0
            it.playback.restart()
            assert (it.state.position, it.state.playing) == (0.0, True)

    run(work())


def test_the_terminal_takes_the_sizes_of_the_recording() -> None:
    recording = Recording(
        RecordingHeader(60, 10),
        (RecordedEvent(0, "o", "x" * 50), RecordedEvent(1, "r", "30x10"), RecordedEvent(2, "o", "\r\n" + "y" * 40)),
    )

    async def work() -> None:
        async with played(recording) as it:
            it.playback.seek(2)
            await it.until(lambda: it.columns == 30 and "y" * 10 + "\n" in it.text + "\n")
            assert "y" * 30 + "\n" + "y" * 10 in it.text
            it.playback.seek(0)
            await it.until(lambda: it.columns == 60)
            assert it.sizes == [TerminalSize(60, 10), TerminalSize(30, 10), TerminalSize(60, 10)]

    run(work())


def test_with_a_grain_output_comes_in_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    events = tuple(RecordedEvent(n / 100, "o", f"\r{n}") for n in range(60))
    chunks: list[bytes] = []

    async def work() -> None:
        playback = Playback(
            Recording(RecordingHeader(), events),
            on_change=lambda _: None,
            on_size=lambda _: None,
            grain=0.25,
        )
        playback.play()
        while len(b"".join(chunks).split()) < 60:
            chunks.append(await playback.read())
        await playback.close()
        assert await playback.read() == b""

    run(work())
    assert 2 <= len(chunks) <= 4


def test_which_recordings_want_their_size() -> None:
    def of(data: str) -> Recording:
        return Recording(RecordingHeader(), (RecordedEvent(0, "o", data),))

    for whole in ("\x1b[?1049h", "\x1b[5;1H", "\x1b[1;27r", "\x1b[12d"):
        assert wants_its_size(of(f"a{whole}b"))
    for plain in ("\x1b[1A\x1b[J", "\x1b[H", "\x1b[1;32m", "\x1b[K", "\x1b[?25l"):
        assert not wants_its_size(of(f"a{plain}b"))


def test_the_nearest_marker() -> None:
    markers = (Marker(1, "a"), Marker(5, "b"))
    assert marker_near(markers, 1.4, 0.5) == markers[0]
    assert marker_near(markers, 4.6, 0.5) == markers[1]
    assert marker_near(markers, 3, 0.5) is None
    assert marker_near((), 3, 0.5) is None


def test_an_empty_recording_has_an_end() -> None:
    async def work() -> None:
        async with played(Recording(RecordingHeader())) as it:
            it.playback.play()
            await it.until(lambda: not it.state.playing and it.state.over)

    run(work())


def test_marks_of_other_terminals_do_not_reach_the_core() -> None:
    async def work() -> bytes:
        playback = Playback(RECORDING, on_change=lambda _: None, on_size=lambda _: None)
        playback.seek(0.12)
        return await playback.read()

    assert run(work()) == b"$ one\r\nfirst\r\n$ two\r\n"
