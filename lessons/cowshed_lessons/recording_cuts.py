"""Makes recordings shorter without making them untrue: what nobody could have seen goes, and the middle of long output.

A progress bar paints itself many times a second, which is most of a recording and nothing to look at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

from cowshed_lessons.asciicast import RecordedEvent, Recording, write_recording

TOGETHER = 0.05
"""Seconds of output that become one event."""

_COARSER = (TOGETHER, 0.1, 0.2, 0.5)
_LINES_KEPT = (400, 200, 100, 50)


def with_replacements(recording: Recording, texts: Mapping[str, str]) -> Recording:
    """The recording with texts replaced, also where one was printed in two parts; then the later part is empty."""
    if not texts or not recording.events:
        return recording
    events = list(recording.events)
    pattern = re.compile("|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True)))
    places = [place for place, event in enumerate(events) if event.code == "o"]
    whole = "".join(events[place].data for place in places)
    starts, position = [], 0
    for place in places:
        starts.append(position)
        position += len(events[place].data)
    parts = ["" for _ in places]
    taken = 0

    def hand_out(text: str, begin: int) -> None:
        """Give original text back to the events that it came from."""
        for number, (start, end) in enumerate(pairwise([*starts, len(whole)])):
            low, high = max(start, begin), min(end, begin + len(text))
            if low < high:
                parts[number] += text[low - begin : high - begin]

    for found in pattern.finditer(whole):
        hand_out(whole[taken : found.start()], taken)
        number = max(n for n, start in enumerate(starts) if start <= found.start())
        parts[number] += texts[found.group()]
        taken = found.end()
    hand_out(whole[taken:], taken)
    for place, part in zip(places, parts, strict=True):
        events[place] = replace(events[place], data=part)
    marked = [
        replace(event, data=pattern.sub(lambda found: texts[found.group()], event.data)) if event.code == "m" else event
        for event in events
    ]
    return replace(recording, events=tuple(event for event in marked if event.data or event.code != "o"))


def together(recording: Recording, seconds: float = TOGETHER) -> Recording:
    """The recording with output of the same moment in one event, and repaints that were over at once left out."""
    events: list[RecordedEvent] = []
    for event in recording.events:
        last = events[-1] if events else None
        if last is not None and last.code == event.code == "o" and event.time - last.time <= seconds:
            events[-1] = replace(last, data=_without_repaints(last.data + event.data))
        else:
            events.append(event)
    return replace(recording, events=tuple(events))


def shortened(recording: Recording, largest: int) -> Recording:
    """The recording in at most `largest` bytes: ever coarser, then with the middle of long outputs left out.

    Raises:
        ValueError: It cannot be made so small.
    """
    for seconds in _COARSER:
        short = together(recording, seconds)
        if len(write_recording(short)) <= largest:
            return short
    for lines in _LINES_KEPT:
        fewer = _without_middles(short, lines)
        if len(write_recording(fewer)) <= largest:
            return fewer
    raise ValueError(f"This recording cannot be made smaller than {largest} bytes.")


_ERASED_LINE = re.compile(r"(?<=\x1b\[1A\x1b\[J)[^\n\r\x1b]*\r\n\x1b\[1A\x1b\[J")
"""A line of a progress bar between two erasures, as Apptainer paints it."""


def _without_repaints(text: str) -> str:
    """Leave out what is painted over at once: lines that are erased, and text under later text of the same length."""
    text = _ERASED_LINE.sub("", text)
    parts = re.split(r"\r(?!\n)", text)
    kept = parts[:1]
    for part, after in pairwise([*parts[1:], None]):
        hidden = (
            after is not None
            and "\n" not in (part or "")
            and "\x1b" not in (part or "")
            and len(after.partition("\n")[0].partition("\x1b")[0]) >= len(part or "")
        )
        if part is not None and not hidden:
            kept.append(part)
    return "\r".join(kept)


def _without_middles(recording: Recording, most: int) -> Recording:
    """Leave the middle of every command's output out where it has more than `most` lines."""
    events: list[RecordedEvent] = []
    output: list[RecordedEvent] = []

    def settle() -> None:
        lines = sum(event.data.count("\n") for event in output)
        left_out = lines - most
        if left_out <= 0:
            events.extend(output)
        else:
            seen, told = 0, False
            for event in output:
                before, seen = seen, seen + event.data.count("\n")
                if before < most // 2 or seen >= lines - most // 2:
                    events.append(event)
                elif not told:
                    told = True
                    events.append(replace(event, data=f"\x1b[0m\r\n[… some {left_out} lines are left out here …]\r\n"))
        output.clear()

    for event in recording.events:
        if event.code == "o":
            output.append(event)
        else:
            settle()
            events.append(event)
    settle()
    return replace(recording, events=tuple(events))
