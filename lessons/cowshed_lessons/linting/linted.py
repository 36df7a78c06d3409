"""A recipe as the rules see it: its text, stages and scripts as syntax, each read when it is first asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from cowshed_lessons.header import HeaderLine, read_header
from cowshed_lessons.parts import Parts
from cowshed_lessons.recipe import Recipe, Stage
from cowshed_lessons.recipe_scripts import RecipeScripts, scripts_of
from cowshed_lessons.sections import Body, Section, lines_of
from cowshed_lessons.verdict import Position

from .bodies import ShellBody
from .findings import Fix, Range, TextEdit, line_starts, offset_of
from .suppression import Suppressions, read_suppressions

_MOST_SHELL = 200_000
_MOST_HEADER = 20_000
_MOST_SECTIONS = 5_000
_MOST_STAGES = 50
_MOST_APPS = 1_000
_DEBIAN = re.compile(
    r"(^|[/:_.-])(ubuntu|debian|xenial|bionic|focal|jammy|noble|trusty|jessie|stretch|buster|bullseye|bookworm|trixie)"
    r"([:/@_.0-9-]|$)"
)


@dataclass(frozen=True, slots=True)
class HeaderKey:
    """One header line as it was written, duplicates included."""

    key: str
    value: str
    key_range: Range
    value_range: Range


class LintedText:
    """A recipe's text, with the way from its offsets to positions and back."""

    def __init__(self, recipe: Recipe, *, is_plain: bool = True, starts: Sequence[int] = ()) -> None:
        """Look at a recipe.

        Args:
            recipe: The recipe.
            is_plain: Read without build arguments and so the same recipe that the judge reads.
            starts: Where its lines begin, if that is known.
        """
        self.recipe = recipe
        self.text = recipe.text
        self.is_plain = is_plain
        self.starts = starts or line_starts(self.text)
        self._shell_left = _MOST_SHELL

    def take(self, size: int) -> bool:
        """Whether a script of this size may still be read as syntax; so the time for any recipe has a bound."""
        self._shell_left -= size + 200
        return self._shell_left >= 0

    def offset(self, position: Position) -> int:
        """The offset of a position."""
        return offset_of(position, self.starts, len(self.text))

    def position(self, offset: int) -> Position:
        """The position of an offset."""
        from bisect import bisect_right

        line = bisect_right(self.starts, offset)
        return Position(line, offset - self.starts[line - 1] + 1)

    def between(self, start: int, end: int) -> Range:
        """The range between two offsets."""
        return Range(self.position(start), self.position(end))

    def line(self, number: int) -> str:
        """A line's text without its end."""
        if not 1 <= number <= len(self.starts):
            return ""
        end = self.starts[number] - 1 if number < len(self.starts) else len(self.text)
        return self.text[self.starts[number - 1] : end].removesuffix("\r")

    def whole_line(self, number: int) -> Range:
        """What is written in a line, without the blanks around it."""
        text = self.line(number)
        start = len(text) - len(text.lstrip()) + 1
        return Range(Position(number, start), Position(number, max(start, len(text.rstrip()) + 1)))

    def in_line(self, number: int, start: int, end: int) -> Range:
        """A stretch of one line; `start` and `end` count from 0."""
        return Range(Position(number, start + 1), Position(number, end + 1))

    def written(self, range_: Range) -> str:
        """What stands in a range."""
        return self.text[self.offset(range_.start) : self.offset(range_.end)]

    def fix(self, title: str, *edits: tuple[Range, str, str], safe: bool = False) -> tuple[Fix, ...]:
        """A fix, if the recipe really says what it is to replace (a variable filled in may stand there instead).

        Args:
            title: What it does.
            edits: Each the range, what must stand there, and what to put in its place.
            safe: See `Fix`.
        """
        if any(self.written(range_) != expected for range_, expected, _ in edits):
            return ()
        return (Fix(title, tuple(TextEdit(range_, text) for range_, _, text in edits), safe),)

    def first_line_of(self, body: Body) -> tuple[int, str] | None:
        """The first line of a body in which anything is written, with its number in the recipe."""
        at = len(body.text) - len(body.text.lstrip())
        start = body.text.rfind("\n", 0, at) + 1
        line = body.text[start:].partition("\n")[0]
        return (body.position(body.text.count("\n", 0, start), 0).line, line) if line.strip() else None


class LintedStage:
    """One stage."""

    def __init__(self, linted: LintedText, stage: Stage, last_line: int) -> None:
        self._linted = linted  # not all of what is linted: that holds the stages, and rings of objects are slow to free
        self.stage = stage
        self.last_line = last_line

    @cached_property
    def scripts(self) -> RecipeScripts:
        """The stage's scripts, followed. Those of the last stage are shared with the judge."""
        recipe = self._linted.recipe
        if self.stage is recipe.last_stage and self._linted.is_plain:
            return scripts_of(recipe.text)
        return RecipeScripts(Recipe(recipe.text, (self.stage,), recipe.faults, recipe.arguments, recipe.version))

    @cached_property
    def header_keys(self) -> tuple[HeaderKey, ...]:
        """The header's lines as they were written."""
        first = self.stage.sections[0].start_line - 1 if self.stage.sections else self.last_line
        start = self._linted.offset(Position(self.stage.start_line, 1))
        end = self._linted.offset(Position(first + 1, 1))
        reading = read_header(
            lines_of(self._linted.text[start : min(end, start + _MOST_HEADER)]), self._linted.recipe.version
        )
        return tuple(self._key(line, start) for line in reading.lines)

    def _key(self, line: HeaderLine, start: int) -> HeaderKey:
        key_start, value_start = start + line.key_offset, start + line.value_offset
        return HeaderKey(
            line.key,
            line.value,
            self._linted.between(key_start, key_start + len(line.key)),
            self._linted.between(value_start, start + line.value_end),
        )

    def value_of(self, key: str) -> str:
        """A header value with variables filled in, empty where there is none."""
        entry = self.stage.header.get(key)
        return entry.value if entry else ""

    def range_of(self, key: str) -> Range:
        """Where a header key's value stands; where it is missing, the line of `Bootstrap`, or the stage's first."""
        entry = self.stage.header.get(key) or self.stage.header.get("bootstrap")
        if entry is None:
            return self._linted.whole_line(self.stage.start_line)
        return Range(Position(entry.line, entry.column), Position(entry.line, entry.end_column))

    @property
    def agent(self) -> str:
        """The value of `Bootstrap`."""
        return self.value_of("bootstrap")

    @cached_property
    def has_dash(self) -> bool:
        """Whether `/bin/sh` of the base surely is dash: Debian, Ubuntu and what is made of them."""
        if self.agent == "debootstrap":
            return True
        return self.agent in ("docker", "library", "shub", "docker-daemon") and bool(
            _DEBIAN.search(self.value_of("from").lower())
        )

    @cached_property
    def shell_bodies(self) -> tuple[ShellBody, ...]:
        """The stage's scripts as they are put together in a build: all `%post` and `%appinstall` are one."""
        found: list[ShellBody] = []
        together = ("post", "appinstall")
        for names in (together, ("environment",), ("runscript",), ("startscript",), ("test",), ("setup",), ("pre",)):
            sections = [section for name in names for section in self.stage.named(name)]
            body = self.stage.body(*names)
            if body is not None and sections:
                found.append(self._shell_body(names[0], tuple(sections), body, self.stage.arguments_of(names[0])))
        apps = self.stage.named("appenv", "apprun", "apptest", "appstart")[:_MOST_APPS]
        found += [self._shell_body(app.name, (app,), app.body, app.arguments) for app in apps]
        return tuple(found)

    def _shell_body(self, name: str, sections: tuple[Section, ...], body: Body, arguments: str) -> ShellBody:
        small = self._linted.take(len(body.text))
        return ShellBody(name, sections, body, arguments, self.has_dash, read=small)

    def shell_body(self, name: str) -> ShellBody | None:
        """One of the stage's scripts."""
        return next((body for body in self.shell_bodies if body.name == name), None)


class Linted(LintedText):
    """A recipe under the linter. Very large ones are looked at only in part: see `take`."""

    @cached_property
    def _shared(self) -> LintedText:
        return LintedText(self.recipe, is_plain=self.is_plain, starts=self.starts)

    @cached_property
    def stages(self) -> tuple[LintedStage, ...]:
        """The stages, as far as they are looked at."""
        stages = self.recipe.stages[:_MOST_STAGES]
        if self.recipe.stages[_MOST_STAGES:]:
            stages = (*stages, self.recipe.stages[-1])
        if not stages:
            return ()
        ends = [stage.start_line - 1 for stage in stages[1:]] + [len(self.starts)]
        return tuple(LintedStage(self._shared, stage, end) for stage, end in zip(stages, ends, strict=True))

    def prepare(self) -> Parts[None]:
        """Follow the longest script, in parts; the rules do not wait for it afterwards."""
        stage = self.last_stage
        body = stage.shell_body("post") if stage is not None else None
        if stage is not None and body is not None and body.is_read:
            yield from stage.scripts.prepare()

    @cached_property
    def _last_lines(self) -> tuple[dict[str, int], dict[str, int]]:
        plain: dict[str, int] = {}
        without_tabs: dict[str, int] = {}
        for number, line in enumerate(self.text.split("\n"), start=1):
            text = line.removesuffix("\r")
            plain[text] = number
            without_tabs[text.lstrip("\t")] = number
        return plain, without_tabs

    def has_line_below(self, number: int, text: str, *, strip_tabs: bool) -> bool:
        """Whether a line below line `number` is nothing but `text`."""
        return self._last_lines[strip_tabs].get(text, 0) > number

    @cached_property
    def suppressions(self) -> Suppressions:
        """The comments that silence rules."""
        return read_suppressions(self.text)

    @property
    def last_stage(self) -> LintedStage | None:
        """The stage that becomes the image."""
        return self.stages[-1] if self.stages else None

    @cached_property
    def sections(self) -> tuple[tuple[LintedStage, Section], ...]:
        """All sections with their stages, of a recipe without measure only the first."""
        found = ((stage, section) for stage in self.stages for section in stage.stage.sections)
        return tuple(islice(found, _MOST_SECTIONS))
