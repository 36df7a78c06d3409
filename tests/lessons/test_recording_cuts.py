"""Shorter recordings: what goes, and that what stays is what was printed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowshed_lessons.asciicast import RecordedEvent, Recording, RecordingHeader, write_recording
from cowshed_lessons.recording_cuts import shortened, together, with_replacements


def recording(*events: tuple[float, str]) -> Recording:
    return Recording(RecordingHeader(100, 28), tuple(RecordedEvent(time, "o", data) for time, data in events))


def data(of: Recording) -> list[str]:
    return [event.data for event in of.events]


def test_output_of_one_moment_becomes_one_event() -> None:
    short = together(recording((0, "a"), (0.04, "b"), (0.06, "c"), (0.2, "d")))
    assert [(event.time, event.data) for event in short.events] == [(0, "ab"), (0.06, "c"), (0.2, "d")]


def test_commands_stay_apart() -> None:
    events = (RecordedEvent(0, "o", "a"), RecordedEvent(0, "m", "ls"), RecordedEvent(0.01, "o", "b"))
    assert together(Recording(RecordingHeader(), events)).events == events


def test_repaints_that_were_over_at_once_are_left_out() -> None:
    bar = "".join(f"\rReading {percent:3}%" for percent in range(101))
    short = together(recording((0, "Begin\r\n"), (0.01, bar), (0.02, "\r\nDone\r\n")))
    assert data(short) == ["Begin\r\n\rReading 100%\r\nDone\r\n"]
    erased = "".join(f"\x1b[1A\x1b[J[{'=' * n}>] {n} %\r\n" for n in range(50))
    short = together(recording((0, "[>] 0 %\r\n"), (0.01, erased)))
    assert data(short) == [f"[>] 0 %\r\n\x1b[1A\x1b[J[{'=' * 49}>] 49 %\r\n"]
    kept = "\rlong text\rab\r\n"  # what is painted over only in part can still be seen
    assert data(together(recording((0, "x"), (0.01, kept)))) == [f"x{kept}"]
    coloured = "\r\x1b[31mred\rabc\r\n"  # colours last
    assert data(together(recording((0, "x"), (0.01, coloured)))) == [f"x{coloured}"]


def test_a_recording_is_made_to_fit() -> None:
    lines = [(n / 5, f"line {n} {'x' * 90}\r\n") for n in range(3000)]
    short = shortened(recording(*lines), 20_000)
    assert len(write_recording(short)) <= 20_000
    assert "line 0 " in short.events[0].data
    assert "line 2999 " in short.events[-1].data
    assert sum("left out here" in event.data for event in short.events) == 1
    few = recording(*lines[:50])
    assert shortened(few, 20_000) == few
    with pytest.raises(ValueError, match="cannot be made smaller"):
        shortened(recording(*lines), 100)


def test_texts_are_replaced_wherever_they_were_cut() -> None:
    short = with_replacements(recording((0, "in /tmp/ab"), (1, "c/"), (2, "d and /tmp/abc/d!")), {"/tmp/abc/d": "~"})
    assert [(event.time, event.data) for event in short.events] == [(0, "in ~"), (2, " and ~!")]
    marked = Recording(RecordingHeader(), (RecordedEvent(0, "m", "ls /tmp/abc/d"),))
    assert with_replacements(marked, {"/tmp/abc/d": "~"}).events[0].data == "ls ~"


@given(st.lists(st.text("abx\r\n", max_size=8), max_size=8))
def test_replacing_is_the_same_as_in_the_whole_text(texts: list[str]) -> None:
    events = recording(*[(number, text) for number, text in enumerate(texts)])
    replaced = with_replacements(events, {"ab": "--", "xx": ""})
    whole = "".join(texts)
    assert "".join(data(replaced)) == re.sub("ab|xx", lambda found: "--" if found.group() == "ab" else "", whole)
