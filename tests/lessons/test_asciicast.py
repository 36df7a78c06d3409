"""Recordings: what is read, what is refused and where, and that what is written is read again."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowshed_lessons import asciicast
from cowshed_lessons.asciicast import (
    Marker,
    RecordedEvent,
    Recording,
    RecordingError,
    RecordingHeader,
    read_recording,
    size_of,
    write_recording,
)

HEADER = b'{"version": 2, "width": 100, "height": 28, "timestamp": 1700000000, "title": "Moo"}\n'


def test_version_2_is_read() -> None:
    recording = read_recording(
        HEADER
        + b'[0.5, "o", "hello \\u001b[1mworld"]\n[1.0, "m", "apptainer build"]\n[1.5, "i", "x"]\n'
        + b'[2, "r", "120x40"]\n[2.5, "z", {"of": "another program"}]\n'
    )
    assert recording.header == RecordingHeader(100, 28, 1700000000, "Moo")
    assert [(event.time, event.code) for event in recording.events] == [(0.5, "o"), (1.0, "m"), (2.0, "r")]
    assert recording.markers == (Marker(1.0, "apptainer build"),)
    assert size_of(recording.events[-1]) == (120, 40)
    assert recording.duration == 2.0
    assert not recording.cut


def test_version_3_counts_from_the_event_before() -> None:
    recording = read_recording(
        b'{"version": 3, "term": {"cols": 90, "rows": 20}}\n# a comment\n[0.5, "o", "a"]\n\n[1.0, "i", "typed"]\n'
        b'[0.25, "o", "b"]\n[0.1, "x", "0"]\n'
    )
    assert (recording.header.columns, recording.header.rows) == (90, 20)
    assert [(event.time, event.data) for event in recording.events] == [(0.5, "a"), (1.75, "b")]


def test_a_last_line_that_was_cut_is_left_out() -> None:
    recording = read_recording(HEADER + b'[0.5, "o", "a"]\n[0.7, "o", "b\xc3')
    assert recording.cut
    assert [event.data for event in recording.events] == ["a"]


def test_a_whole_last_line_needs_no_end() -> None:
    recording = read_recording(HEADER + b'[0.5, "o", "a"]')
    assert not recording.cut
    assert len(recording.events) == 1


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        (b"", 1, "empty"),
        (b"Bootstrap: docker\n", 1, "JSON"),
        (b"[1, 2]\n", 1, "JSON object"),
        (b'{"version": 1, "width": 80, "height": 24}\n', 1, "version 1"),
        (b'{"version": 7}\n', 1, "version"),
        (b'{"version": 2, "width": 80}\n', 1, "height"),
        (b'{"version": 2, "width": 80, "height": 100000}\n', 1, "height"),
        (b'{"version": 2, "width": true, "height": 24}\n', 1, "width"),
        (b'{"version": 3, "term": "xterm"}\n', 1, "width"),
        (b'{"version": 2, "width": 80, "height": 24, "timestamp": "today"}\n', 1, "timestamp"),
        (HEADER + b'[1, "o", "a"]\n[0.5, "o", "b"]\n', 3, "backwards"),
        (HEADER + b'[-1, "o", "a"]\n', 2, "backwards"),
        (HEADER + b'[1, "o"]\n', 2, "a list of"),
        (HEADER + b'["1", "o", "a"]\n', 2, "number of seconds"),
        (HEADER + b'[NaN, "o", "a"]\n', 2, "number of seconds"),
        (HEADER + b'[1e9, "o", "a"]\n', 2, "hours"),
        (HEADER + b'[1, "o", 7]\n', 2, "text"),
        (HEADER + b'[1, "r", "0x9"]\n', 2, "size"),
        (HEADER + b'[1, "r", "big"]\n', 2, "size"),
        (HEADER + b'[1, "o", "\xff"]\n[2, "o", "a"]\n', 2, "UTF-8"),
        (HEADER + b'[1, "o", "a\n[2, "o", "b"]\n', 2, "not JSON"),
        (HEADER + b"[" * 100_000 + b"\n", 2, "not JSON"),
        (b'{"version": 2, "width": 80, "hei', 1, "not JSON"),
    ],
)
def test_what_is_damaged_is_refused_with_its_line(content: bytes, line: int, says: str) -> None:
    with pytest.raises(RecordingError, match=says) as refused:
        read_recording(content)
    assert refused.value.line == line
    assert str(refused.value).startswith(f"Line {line}: ")


def test_everything_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asciicast, "MOST_EVENTS", 3)
    with pytest.raises(RecordingError, match="more than 3 events"):
        read_recording(HEADER + b'[1, "o", "a"]\n' * 4)
    monkeypatch.setattr(asciicast, "LARGEST_EVENT", 100)
    with pytest.raises(RecordingError, match="The line has"):
        read_recording(HEADER + b'[1, "o", "' + b"a" * 100 + b'"]\n[2, "o", ""]\n')
    monkeypatch.setattr(asciicast, "LARGEST_FILE", 50)
    with pytest.raises(RecordingError, match="no recording is that long"):
        read_recording(HEADER)


def test_what_is_written_is_of_version_2() -> None:
    header = RecordingHeader(100, 28, 1700000000, "Moo", {"apptainer": "1.4.5", "stand_in": "yes"})
    lines = write_recording(Recording(header, (RecordedEvent(0.1234567, "o", "käse\x1b[0m"),))).decode().splitlines()
    assert json.loads(lines[0])["version"] == 2
    assert json.loads(lines[0])["cowshed"] == {"apptainer": "1.4.5", "stand_in": "yes"}
    assert json.loads(lines[1]) == [0.123, "o", "käse\x1b[0m"]


def test_half_a_character_is_written_as_a_question_mark() -> None:
    content = write_recording(Recording(RecordingHeader(), (RecordedEvent(0, "o", "a\ud800b"),)))
    assert read_recording(content).events[0].data == "a?b"


@given(
    st.lists(
        st.tuples(
            st.integers(0, 5000),
            st.sampled_from(("o", "m")),
            st.text(st.characters(codec="utf-8"), max_size=20),
        ),
        max_size=20,
    ),
    st.integers(1, 200),
)
def test_what_is_written_is_read_again(steps: list[tuple[int, asciicast.Code, str]], cut: int) -> None:
    now, events = 0, []
    for wait, code, data in steps:
        now += wait
        events.append(RecordedEvent(now / 1000, code, data))
    recording = Recording(RecordingHeader(100, 28, 1, "title", {"step": "a/b"}), tuple(events))
    content = write_recording(recording)
    assert read_recording(content) == recording
    first = content.index(b"\n") + 1
    shorter = read_recording(content[: max(first, len(content) - cut)])  # as a crash leaves it
    assert shorter.events == recording.events[: len(shorter.events)]


def test_long_waits_are_taken_out() -> None:
    events = tuple(RecordedEvent(time, "o", str(time)) for time in (1.0, 11.0, 11.5, 60.0))
    short = Recording(RecordingHeader(), events).without_long_waits(2.0)
    assert [event.time for event in short.events] == [1.0, 3.0, 3.5, 5.5]
    assert [event.data for event in short.events] == [event.data for event in events]
