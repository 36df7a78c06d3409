"""Formatting a recipe without changing what it means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from cowshed_lessons.header import known_key
from cowshed_lessons.linting import Range, TextEdit, apply_edits
from cowshed_lessons.recipe import Recipe, read_recipe
from cowshed_lessons.sections import Section, read_arguments, read_files, read_labels
from cowshed_lessons.verdict import Position

from .indentation import STEP, indented
from .layout import HELP_SECTIONS, Layout, Part, StageLayout, is_too_long, layout_of, span

_IGNORED = re.compile(r"#[ \t]*cowshed:.*")
_LISTS = frozenset(("files", "appfiles", "labels", "applabels", "arguments"))


def format_recipe(text: str) -> str:
    """The recipe, well laid out. Means the same to Apptainer and to the shell; formatting it again changes nothing."""
    return apply_edits(text, format_edits(text))


@lru_cache(maxsize=4)
def format_edits(text: str) -> tuple[TextEdit, ...]:
    """The changes that `format_recipe` makes, line by line."""
    if is_too_long(text):
        return ()
    edits = tuple(_Formatter(layout_of(text)).edits())
    if edits and meaning(read_recipe(text)) != meaning(read_recipe(apply_edits(text, edits))):
        return ()
    return edits


def meaning(recipe: Recipe) -> object:
    """All that Apptainer and the shell make of a recipe, its layout aside."""
    stages = [
        (
            {key: entry.value for key, entry in stage.header.items()},
            [(item.name, item.app, item.arguments, _body(item)) for item in stage.sections],
        )
        for stage in recipe.stages
    ]
    return recipe.accepted, [fault.kind for fault in recipe.faults], stages, dict(recipe.arguments)


def _body(section: Section) -> object:
    if section.name in ("labels", "applabels"):
        return list(read_labels(section.body).items())
    if section.name in ("files", "appfiles"):
        return [(pair.source, pair.destination) for pair in read_files(section.body)]
    if section.name == "arguments":
        return read_arguments([section.body])
    if section.is_shell:
        # What is code and what is not was looked at when it was indented.
        lines = [_IGNORED.sub("", line).strip(" \t\r") for line in section.body.text.split("\n")]
        return [line for line in lines if line], section.body.text.startswith("#!")
    return section.body.text


class _Formatter:
    """Finds the changes of one text."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    def edits(self) -> Iterator[TextEdit]:
        if not self.layout.text.strip():
            return
        last_stage = self.layout.stages[-1]
        for stage in self.layout.stages:
            yield from self._header(stage)
            for part in stage.parts:
                yield from self._part(part)
        end = last_stage.parts[-1] if last_stage.parts else None
        yield from self._end(end)

    def _line(self, number: int, new: str) -> Iterator[TextEdit]:
        """Put a line in the place of another, as little of it as differs."""
        old = self.layout.line(number)
        if old == new:
            return
        start = 0
        while start < min(len(old), len(new)) and old[start] == new[start]:
            start += 1
        tail = 0
        while tail < min(len(old), len(new)) - start and old[-1 - tail] == new[-1 - tail]:
            tail += 1
        yield TextEdit(span(number, start, len(old) - tail), new[start : len(new) - tail])

    def _header(self, stage: StageLayout) -> Iterator[TextEdit]:
        last = stage.header_last
        continued = {number for entry in stage.entries for number in range(entry.line + 1, entry.last + 1)}
        entries = {entry.line: entry for entry in stage.entries if not entry.continued}
        boundary: list[TextEdit] = []
        if stage.parts and stage.entries and not self.layout.line(last).rstrip().endswith("\\"):
            boundary += self._boundary(stage.first, last, in_header=True)
        # Lines that go as a whole, or are emptied there: a second change of them would overlap.
        gone = {line for edit in boundary for line in range(edit.range.start.line, edit.range.end.line)}
        gone |= {edit.range.start.line for edit in boundary if edit.range.start.column < edit.range.end.column}
        seen = False
        for number in range(stage.first, last + 1):
            if number in gone:
                continue
            line = self.layout.line(number)
            entry = entries.get(number)
            if number in continued:
                continue
            if entry is None:
                if not line.rstrip().endswith("\\"):
                    yield from self._line(number, line.rstrip(" \t"))
                continue
            key, _, value = (piece.strip(" \t") for piece in line.partition(":"))
            if key != entry.written or not known_key(entry.key) or line.rstrip().endswith("\\"):
                continue
            # A key of this name in the first column would begin another stage.
            if entry.key != "bootstrap" or not seen:
                yield from self._line(number, f"{key}: {value}".rstrip(" "))
            seen = True
        yield from boundary

    def _part(self, part: Part) -> Iterator[TextEdit]:
        if part.name in HELP_SECTIONS or not part.known or part.last <= part.first:
            return
        lines = self.layout.lines[part.first : part.last]
        if any("\r" in line for line in lines):
            return
        lead = (
            self._lead(part.first + 1, part.last) - part.first - 1
        )  # the row where the comments of what follows begin
        body = lines[:lead]
        while body and not body[-1].strip():
            body.pop()
        if part.is_shell:
            new = indented(body)
            if new is None:
                return
        elif part.name in _LISTS:
            new = [" " * STEP + line.strip(" \t") if line.strip(" \t") else "" for line in body]
        else:
            return
        for row, line in enumerate(new):
            yield from self._line(part.first + 1 + row, line)
        if part.last < len(self.layout.lines):
            yield from self._boundary(part.first, part.last, in_header=False)

    def _lead(self, first: int, last: int) -> int:
        """The first line of the comments at the left edge that stand right above line `last + 1`, or that line."""
        number = last
        while number >= first and self.layout.line(number).startswith("#"):
            number -= 1
        above = self.layout.line(number)
        body = self.layout.lines[first - 1 : number]
        if last >= len(self.layout.lines) or number < first:
            return last + 1
        if above.strip() and not any(line[:1] in (" ", "\t") for line in body):
            return last + 1
        return number + 1

    def _boundary(self, first: int, last: int, *, in_header: bool) -> Iterator[TextEdit]:
        """See to one blank line between what ends in line `last` and what follows."""
        lead = last + 1 if in_header and last == first else self._lead(first + 1, last)
        written = lead - 1
        while written > first and not self.layout.line(written).strip():
            written -= 1
        blanks = lead - 1 - written
        above = self.layout.line(written)
        if above.rstrip().endswith("\\") or (blanks == 0 and "cowshed:" in above):
            return
        if blanks == 0:
            yield TextEdit(span(lead, 0, 0), self.layout.newline)
            return
        yield from self._line(written + 1, "")
        if blanks > 1:
            start, end = Position(written + 2, 1), Position(lead, 1)
            yield TextEdit(Range(start, end), "")

    def _end(self, part: Part | None) -> Iterator[TextEdit]:
        lines = self.layout.lines
        last = len(lines)
        exact = part is not None and (part.name in HELP_SECTIONS or not part.known)
        if exact:
            if lines[-1]:
                yield TextEdit(span(last, len(lines[-1]), len(lines[-1])), self.layout.newline)
            return
        written = self.layout.written_last(1, last)
        line = self.layout.line(written)
        if line.rstrip().endswith("\\") or (written == last - 1 and not lines[-1]):
            return
        start, end = Position(written, len(line) + 1), Position(last, len(lines[-1]) + 1)
        yield TextEdit(Range(start, end), self.layout.newline)
