"""A recipe as its author sees it: lines, stages, header lines and section lines, finished or not.

The reader (`recipe.py`) says what Apptainer makes of a text. While somebody types, a text is mostly one that Apptainer
rejects; what is where must be known all the same.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from cowshed_lessons.header import SPACE
from cowshed_lessons.linting import Range
from cowshed_lessons.linting.findings import line_starts
from cowshed_lessons.sections import APP_SECTIONS, SECTIONS, SHELL_SECTIONS, section_name
from cowshed_lessons.verdict import Position

_STAGE_START = re.compile(r"bootstrap:", re.IGNORECASE)
_KNOWN = frozenset((*SECTIONS, *APP_SECTIONS))
HELP_SECTIONS = frozenset(("help", "apphelp"))
"""Sections whose body is text that is shown as it is written, comments and all."""


MOST_LETTERS = 300_000
MOST_LINES = 20_000
"""Longer texts are not looked at: no recipe comes near, and whoever opens something else is not to wait for it."""


def is_too_long(text: str) -> bool:
    """Whether a text is longer than any recipe, so that nothing is said of it."""
    return len(text) > MOST_LETTERS or text.count("\n") > MOST_LINES


@dataclass(frozen=True, slots=True)
class Entry:
    """A header line with a colon.

    `line` and `last` (with its continuation lines) count from 1, the columns from 0. `value` is what stands in the
    first line.
    """

    key: str
    written: str
    value: str
    line: int
    last: int
    key_start: int
    colon: int
    value_start: int
    continued: bool

    @property
    def key_range(self) -> Range:
        """Where the key stands."""
        return span(self.line, self.key_start, self.key_start + len(self.written))

    @property
    def value_range(self) -> Range:
        """Where the value stands, as far as it is in the first line."""
        return span(self.line, self.value_start, self.value_start + len(self.value))


@dataclass(frozen=True, slots=True)
class Part:
    """A section. `first` is its section line, `last` the line before the next section or stage (both from 1).

    `name` is in lower case and empty where Apptainer sees none (`% post`, an indented line); `start` is the column
    (from 0) of the `%`, `end` that of the name's end.
    """

    name: str
    app: str
    arguments: str
    first: int
    last: int
    start: int
    end: int

    @property
    def known(self) -> bool:
        """Whether Apptainer has such a section."""
        return self.name in _KNOWN

    @property
    def is_shell(self) -> bool:
        """Whether the body is a shell script."""
        return self.name in SHELL_SECTIONS

    @property
    def is_app(self) -> bool:
        """Whether it belongs to an app."""
        return self.name in APP_SECTIONS


@dataclass(slots=True)
class StageLayout:
    """A stage: its header from line `first` on, then its sections, to line `last`."""

    first: int
    last: int
    entries: list[Entry] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)

    @property
    def header_last(self) -> int:
        """The last line of the header."""
        return self.parts[0].first - 1 if self.parts else self.last

    def value(self, key: str) -> str:
        """A header value as it is written, the last one where there are several; empty where there is none."""
        return next((entry.value for entry in reversed(self.entries) if entry.key == key), "")

    @property
    def base(self) -> str:
        """The agent and where the base comes from, in a few words."""
        return " ".join(word for word in (self.value("bootstrap"), self.value("from")) if word)

    def part_at(self, line: int) -> Part | None:
        """The section that a line belongs to, None in the header."""
        index = bisect_right(self.parts, line, key=lambda part: part.first)
        return self.parts[index - 1] if index else None

    def names(self) -> set[str]:
        """The names of the sections that are there, app sections aside."""
        return {part.name for part in self.parts}


class Layout:
    """What is where in a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = [line.removesuffix("\r") for line in text.split("\n")]
        self.stages: list[StageLayout] = []
        self._read()

    def _read(self) -> None:
        stage = StageLayout(1, len(self.lines))
        self.stages.append(stage)
        fresh = True  # nothing but comments and blank lines yet: they belong to the stage below
        parts: list[tuple[int, str]] = []
        for number, line in enumerate(self.lines, start=1):
            if not fresh and _STAGE_START.match(line):
                self._close(stage, parts, number - 1)
                stage, parts = StageLayout(number, len(self.lines)), []
                self.stages.append(stage)
            bare = line.lstrip(SPACE)
            if bare.startswith("%"):
                parts.append((number, bare if fresh else line))
            fresh = fresh and (not bare or bare.startswith("#"))
        self._close(stage, parts, len(self.lines))

    def _close(self, stage: StageLayout, parts: list[tuple[int, str]], last: int) -> None:
        stage.last = last
        ends = [*(number - 1 for number, _ in parts[1:]), last]
        for (number, line), end in zip(parts, ends, strict=False):
            stage.parts.append(_part(self.lines[number - 1], line, number, end))
        stage.entries.extend(self._entries(stage.first, stage.header_last))

    def _entries(self, first: int, last: int) -> Iterator[Entry]:
        number = first
        while number <= last:
            line = self.lines[number - 1]
            code = line.partition("#")[0]
            before, mark, behind = code.partition(":")
            if not mark:
                number += 1
                continue
            end = number
            text = code.rstrip(SPACE)
            while text.endswith("\\") and end < last:
                end += 1
                text = self.lines[end - 1].partition("#")[0].rstrip(SPACE)
            written, value = before.strip(), behind.strip()
            key_start = len(before) - len(before.lstrip())
            value_start = len(code) - len(behind.lstrip())
            yield Entry(
                written.lower(),
                written,
                value,
                number,
                end,
                key_start,
                len(before),
                value_start,
                value.endswith("\\"),
            )
            number = end + 1

    @cached_property
    def starts(self) -> list[int]:
        """The offset of each line's first character."""
        return line_starts(self.text)

    @cached_property
    def newline(self) -> str:
        """How most lines end."""
        return "\r\n" if self.text.count("\r\n") * 2 > self.text.count("\n") else "\n"

    def line(self, number: int) -> str:
        """A line, counted from 1, without its end."""
        return self.lines[number - 1] if 1 <= number <= len(self.lines) else ""

    def clamp(self, position: Position) -> Position:
        """The nearest place that exists."""
        line = min(max(position.line, 1), len(self.lines))
        return Position(line, min(max(position.column, 1), len(self.lines[line - 1]) + 1))

    def stage_at(self, line: int) -> StageLayout:
        """The stage that a line belongs to."""
        index = bisect_right(self.stages, line, key=lambda stage: stage.first)
        return self.stages[max(0, index - 1)]

    def body(self, part: Part) -> str:
        """The lines below a section line, each with a line feed behind it."""
        return "\n".join((*self.lines[part.first : part.last], ""))

    def written_last(self, first: int, last: int) -> int:
        """The last line from `first` to `last` that is not blank; `first` where all are."""
        while last > first and not self.lines[last - 1].strip():
            last -= 1
        return last


def _part(original: str, line: str, number: int, last: int) -> Part:
    start = len(original) - len(original.lstrip(SPACE))
    if line[:1] != "%":  # indented: its name is empty to Apptainer
        return Part("", "", "", number, last, start, start + 1)
    name = section_name(line)
    words = line.lstrip("%").split(" ", 2)
    arguments = line.lstrip("%").partition(" ")[2]
    app = ""
    if words[0] in APP_SECTIONS:
        app, arguments = words[1] if len(words) > 1 else "", ""
    end = start + len(line) - len(line.lstrip("%")) + len(words[0])
    return Part(name, app, arguments, number, last, start, end)


def span(line: int, start: int, end: int) -> Range:
    """A stretch of one line; the columns count from 0."""
    return Range(Position(line, start + 1), Position(line, end + 1))


@lru_cache(maxsize=16)
def layout_of(text: str) -> Layout:
    """The layout of a text; the last few are kept."""
    return Layout(text)
