"""Recordings of terminals: reads asciicast versions 2 and 3, writes version 2.

Formats: https://docs.asciinema.org/manual/asciicast/v2/ and …/v3/. One JSON object in the first line, then one event a
line: ``[time, code, data]``. Version 2 counts seconds from the beginning, version 3 from the event before. Recordings
may come from strangers, so everything in them has a limit; what is malformed is refused with its line. Only a last line
that was not written to its end, as a crash leaves it, is left out without a complaint.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

LARGEST_FILE = 32 * 1024 * 1024
"""Bytes of a recording that is read."""

LARGEST_EVENT = 4 * 1024 * 1024
"""Bytes of one line."""

MOST_EVENTS = 500_000
LONGEST = 24 * 3600.0
"""Seconds."""

MOST_CELLS = 1000
"""Columns or rows."""

_LONGEST_NAME = 1000

type Code = Literal["o", "m", "r"]
"""Output, a marker, another size (as in "100x28"). What was typed, and codes of other programs, are left out."""

_CODES: Mapping[str, Code] = {"o": "o", "m": "m", "r": "r"}


class RecordingError(Exception):
    """A file that is no recording, or a damaged one. Its text is for a person; `line` counts from 1."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(f"Line {line}: {sentence}")
        self.line = line
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """Something that happened `time` seconds after the beginning."""

    time: float
    code: Code
    data: str


@dataclass(frozen=True, slots=True)
class RecordingHeader:
    """What the first line says.

    Attributes:
        columns: Width of the terminal in cells.
        rows: Its height.
        timestamp: When it was begun, in seconds of Unix time.
        title: What it shows.
        notes: What Cowshed adds under its own key: `apptainer` (the version), `stand_in` ("yes" where base images were
            stand-ins), `step`, `place` and `by`.
    """

    columns: int = 80
    rows: int = 24
    timestamp: int | None = None
    title: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Marker:
    """A place that one can go to; in our own recordings a command that begins."""

    time: float
    label: str


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording, its events in order. `cut` where its last line was not written to the end."""

    header: RecordingHeader
    events: tuple[RecordedEvent, ...] = ()
    cut: bool = False

    @property
    def duration(self) -> float:
        """Seconds until the last event."""
        return self.events[-1].time if self.events else 0.0

    @property
    def markers(self) -> tuple[Marker, ...]:
        """The markers in order."""
        return tuple(Marker(event.time, event.data) for event in self.events if event.code == "m")

    def without_long_waits(self, longest: float) -> Recording:
        """The same with no more than `longest` seconds between two events."""
        events, before, now = [], 0.0, 0.0
        for event in self.events:
            now += min(event.time - before, longest)
            before = event.time
            events.append(replace(event, time=now))
        return replace(self, events=tuple(events))


def read_recording(content: bytes) -> Recording:
    """Read an asciicast of version 2 or 3.

    Raises:
        RecordingError: It is none, or damaged, or larger than any terminal session is.
    """
    if len(content) > LARGEST_FILE:
        raise RecordingError(1, f"The file has more than {LARGEST_FILE // 2**20} MiB; no recording is that long.")
    lines = content.split(b"\n")
    unfinished = lines.pop()  # empty where the last line was written to its end
    if unfinished:
        lines.append(unfinished)
    if not lines:
        raise RecordingError(1, "The file is empty.")
    version, header = _header(_object(lines[0]))
    events: list[RecordedEvent] = []
    time, cut = 0.0, False
    for number, line in enumerate(lines[1:], 2):
        last_and_unfinished = bool(unfinished) and number == len(lines)
        try:
            found = _event(number, line, time, relative=version == 3)
        except RecordingError:
            if not last_and_unfinished:
                raise
            cut = True
            break
        if found is not None:
            time, code, data = found
            if code in _CODES:
                events.append(RecordedEvent(time, _CODES[code], data))
        if len(events) > MOST_EVENTS:
            raise RecordingError(number, f"There are more than {MOST_EVENTS} events; no recording has so many.")
    return Recording(header, tuple(events), cut)


def write_recording(recording: Recording) -> bytes:
    """The recording as an asciicast of version 2."""
    return b"".join(recording_lines(recording))


def recording_lines(recording: Recording) -> Iterator[bytes]:
    """The lines of `write_recording` one by one."""
    yield header_line(recording.header)
    for event in recording.events:
        yield event_line(event)


def header_line(header: RecordingHeader) -> bytes:
    """The first line of a file of version 2."""
    content: dict[str, Any] = {"version": 2, "width": header.columns, "height": header.rows}
    if header.timestamp is not None:
        content["timestamp"] = header.timestamp
    if header.title:
        content["title"] = header.title
    content["env"] = {"TERM": "xterm-256color"}
    if header.notes:
        content["cowshed"] = dict(header.notes)
    return _line(content)


def event_line(event: RecordedEvent) -> bytes:
    """A further line of a file of version 2."""
    return _line([round(event.time, 3), event.code, event.data])


def size_of(event: RecordedEvent) -> tuple[int, int]:
    """Columns and rows that a resize says."""
    columns, _, rows = event.data.partition("x")
    return int(columns), int(rows)


def _line(content: object) -> bytes:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace") + b"\n"  # half a character (a lone surrogate) becomes a question mark


def _object(line: bytes) -> dict[str, Any]:
    content = _json(1, line)
    if not isinstance(content, dict):
        raise RecordingError(1, "This is no recording of a terminal: an asciicast begins with a JSON object.")
    return content


def _json(number: int, line: bytes) -> object:
    if len(line) > LARGEST_EVENT:
        raise RecordingError(number, f"The line has more than {LARGEST_EVENT // 2**20} MiB.")
    try:
        return json.loads(line.decode())
    except UnicodeDecodeError:
        raise RecordingError(number, "This is not text in UTF-8, which an asciicast has to be.") from None
    except (ValueError, RecursionError):
        raise RecordingError(number, "This is not JSON, or only a part of it.") from None


def _header(content: dict[str, Any]) -> tuple[int, RecordingHeader]:
    version = content.get("version")
    if version == 2:
        columns, rows = content.get("width"), content.get("height")
    elif version == 3:
        term = content.get("term")
        columns, rows = (term.get("cols"), term.get("rows")) if isinstance(term, dict) else (None, None)
    elif version == 1:
        raise RecordingError(1, "This is an asciicast of version 1. `asciinema convert` makes one of version 2 of it.")
    else:
        raise RecordingError(1, "This is no asciicast of version 2 or 3: its 'version' is another, or missing.")
    timestamp, title, notes = content.get("timestamp"), content.get("title"), content.get("cowshed")
    if timestamp is not None and not (_is_number(timestamp) and 0 <= timestamp < 2**40):
        raise RecordingError(1, "The 'timestamp' is no number of seconds.")
    return version, RecordingHeader(
        _cells(columns, "width"),
        _cells(rows, "height"),
        None if timestamp is None else int(timestamp),
        title[:_LONGEST_NAME] if isinstance(title, str) else "",
        _notes(notes) if isinstance(notes, dict) else {},
    )


def _notes(found: dict[str, Any]) -> dict[str, str]:
    return {key: value[:_LONGEST_NAME] for key, value in list(found.items())[:32] if isinstance(value, str)}


def _cells(value: object, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_CELLS:
        raise RecordingError(1, f"The terminal's {name} is missing, or not between 1 and {MOST_CELLS}.")
    return value


def _event(number: int, line: bytes, before: float, *, relative: bool) -> tuple[float, str, str] | None:
    """A line's event with its time from the beginning; None for an empty line or a comment."""
    if not line.strip() or (relative and line.startswith(b"#")):
        return None
    content = _json(number, line)
    if not isinstance(content, list) or len(content) != 3:
        raise RecordingError(number, "An event is a list of a time, a code and its data.")
    time, code, data = content
    if not _is_number(time) or not isinstance(code, str):
        raise RecordingError(number, "An event begins with a number of seconds and the letter of its code.")
    now = before + time if relative else float(time)
    if now < before or now < 0:
        raise RecordingError(number, "Time runs backwards here.")
    if now > LONGEST:
        raise RecordingError(number, f"This is more than {LONGEST / 3600:.0f} hours after the beginning.")
    if code in _CODES and not isinstance(data, str):
        raise RecordingError(number, "What an event says must be text.")
    if code == "r" and not _is_size(data):
        raise RecordingError(number, f"A new size reads as in 100x28, each between 1 and {MOST_CELLS}.")
    return now, code, data if isinstance(data, str) else ""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_size(data: str) -> bool:
    columns, _, rows = data.partition("x")
    return all(
        part.isascii() and part.isdigit() and len(part) < 5 and 1 <= int(part) <= MOST_CELLS for part in (columns, rows)
    )
