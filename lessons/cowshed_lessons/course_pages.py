"""Cuts a `lesson.md` into the pages of its steps, and takes the boxes that are no part of the page out of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from cowshed_lessons.course import CourseError
from cowshed_lessons.passages import fence_after, passages
from cowshed_lessons.text_lines import lines_of
from cowshed_lessons.toml_table import is_identifier, read_text

_STEP_HEADING = re.compile(r"^# +(.*?)\s*\{#([^}]*)\}\s*$")
_TAKEN_OUT = ("hint", "passed", "instructor")


@dataclass(slots=True)
class StepText:
    """What `lesson.md` says of one step. `line` is the heading's, `first_line` that of the text under it."""

    id: str
    title: str
    line: int
    lines: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    passed: str = ""
    instructor: str = ""
    hint_lines: list[int] = field(default_factory=list)
    passed_line: int = 1
    instructor_line: int = 1

    @property
    def text(self) -> str:
        """The page itself; where a box was taken out, empty lines stand, so that line numbers stay true."""
        return "\n".join(self.lines)


def step_texts(file: Path) -> dict[str, StepText]:
    """The pages of a `lesson.md`, by step id.

    Raises:
        CourseError: At the first fault.
    """
    texts: dict[str, StepText] = {}
    current: StepText | None = None
    fence = ""
    bodies: dict[str, list[str]] = {}
    for number, line in enumerate(lines_of(read_text(file)), 1):
        heading = None if fence else _STEP_HEADING.match(line)
        fence = fence_after(line, fence)
        if heading:
            current = StepText(heading[2], heading[1], number)
            if not current.title or not is_identifier(current.id) or current.id in texts:
                raise CourseError(file, number, 1, "Give each page a title and an id of its own: '# Title {#step-id}'.")
            texts[current.id], bodies[current.id] = current, []
        elif current is not None:
            bodies[current.id].append(line)
        elif line.strip():
            sentence = "Text before the first step's heading belongs to no step; a heading reads '# Title {#step-id}'."
            raise CourseError(file, number, 1, sentence)
    for name, text in texts.items():
        _take_boxes(file, text, bodies[name])
    return texts


def _take_boxes(file: Path, text: StepText, body: list[str]) -> None:
    """Move hints, the passed sentence and the instructor's note out of the page."""
    first_line = text.line + 1
    text.lines = list(body)
    for passage in passages("\n".join(body), first_line=first_line):
        if passage.kind not in _TAKEN_OUT:
            continue
        content = passage.text.strip()
        content_line = passage.line + passage.text[: len(passage.text) - len(passage.text.lstrip())].count("\n")
        if not passage.closed or not content:
            raise CourseError(file, passage.line - 1, 1, f"The box '::: {passage.kind}' is empty or has no end.")
        if (passage.kind == "passed" and text.passed) or (passage.kind == "instructor" and text.instructor):
            raise CourseError(file, passage.line - 1, 1, f"A step has one box '::: {passage.kind}'.")
        if passage.kind == "hint":
            text.hints.append(content)
            text.hint_lines.append(content_line)
        elif passage.kind == "passed":
            text.passed = " ".join(content.split())
            text.passed_line = content_line
        else:
            text.instructor = content
            text.instructor_line = content_line
        start = passage.line - 1 - first_line
        length = passage.text.count("\n") + 3
        text.lines[start : start + length] = [""] * length
    if not text.passed:
        raise CourseError(file, text.line, 1, "This step has no '::: passed' box: one sentence on what was learned.")
