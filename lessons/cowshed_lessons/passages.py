"""Cuts a lesson text at its ``:::`` boxes, without reading the Markdown in them.

Apart from `markup`, so that judging a recipe on the command line loads no Markdown library.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cowshed_lessons.text_lines import lines_of


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of lines outside (`kind` empty) or inside a ``:::`` container; `line` is where its text begins."""

    kind: str
    text: str
    line: int
    closed: bool = True


_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})(.*)$")
_CONTAINER = re.compile(r"^:::[ \t]*([A-Za-z-]*)[ \t]*$")


def fence_after(line: str, fence: str) -> str:
    """The code fence that is open after a line, where `fence` (empty for none) was open before it."""
    match = _FENCE.match(line)
    if not match:
        return fence
    marks, rest = match.groups()
    if not fence:
        return "" if marks[0] == "`" and "`" in rest else marks
    closes = marks[0] == fence[0] and len(marks) >= len(fence) and not rest.strip()
    return "" if closes else fence


def passages(text: str, *, first_line: int = 1) -> Iterator[Passage]:
    """The text cut at its ``:::`` lines, those inside code fences aside; stretches without any text are left out."""
    kind, start, fence = "", first_line, ""
    lines: list[str] = []

    def passage(*, closed: bool) -> Iterator[Passage]:
        if kind or any(line.strip() for line in lines):
            yield Passage(kind, "\n".join(lines), start, closed)

    for number, line in enumerate(lines_of(text), first_line):
        match = None if fence else _CONTAINER.match(line)
        if match and bool(kind) != bool(match[1]):
            yield from passage(closed=True)
            kind, start, lines = match[1], number + 1, []
        else:
            fence = fence_after(line, fence)
            lines.append(line)
    yield from passage(closed=not kind)
