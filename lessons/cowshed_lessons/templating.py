"""Filling in `{{ variables }}`, and finding the way back from the filled-in text to the recipe as it was written.

Source of facts: Apptainer 1.4.5, `internal/pkg/build/args`, and builds that were run with it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from .verdict import Position

# Go's `\s` and `\w` are ASCII only, and so are Apptainer's variables.
OPEN_VARIABLE = r"\{\{[\t\n\f\r ]*"
"""How a variable begins, as a regular expression: two brackets and blanks, line ends among them."""

ANY_VARIABLE = OPEN_VARIABLE + r"[0-9A-Za-z_]+[\t\n\f\r ]*\}\}"
"""A variable as Apptainer takes it, as a regular expression without groups."""

VARIABLE = re.compile(OPEN_VARIABLE + r"([0-9A-Za-z_]+)[\t\n\f\r ]*\}\}")
"""A variable; its group is the name."""

# Apptainer takes a `#` before the variable for a comment, even in code such as `x#y`; `#!` and a final `#` are not.
_COMMENT = re.compile(r"#[^!]")

_MOST_TEXT = 8_000_000


def variables_in(line: str) -> Iterator[re.Match[str]]:
    """The variables in one line that Apptainer fills in where all of them have values. Group 1 is the name."""
    searched = 0
    for match in VARIABLE.finditer(line):
        if _COMMENT.search(line, searched, match.start()):
            return
        yield match
        searched = match.end()


class Places:
    """Positions in a recipe: from offsets in a text made from it to lines and columns of the original."""

    def __init__(self, text: str) -> None:
        self._line_starts = list(accumulate((len(line) + 1 for line in text.split("\n")[:-1]), initial=0))
        self._length = len(text)

    def position(self, offset: int) -> Position:
        """Line and column, from 1, of an offset in the original text (offsets past the end count as the end)."""
        offset = max(0, min(offset, self._length))
        line = bisect_right(self._line_starts, offset)
        return Position(line, offset - self._line_starts[line - 1] + 1)

    def lines(self, offsets: Sequence[int], after: int) -> list[int]:
        """The lines (from 1) of offsets, each of which counts from `after`."""
        starts = self._line_starts
        found: list[int] = []
        line = 0
        for offset in offsets:
            at = after + offset
            if line < len(starts) and starts[line] == at:
                line += 1
            else:
                line = bisect_right(starts, max(0, min(at, self._length)))
            found.append(line)
        return found


class Origin:
    """Where each part of one stage's text comes from in the original recipe."""

    def __init__(self, places: Places, segments: Iterable[tuple[int, int, bool]]) -> None:
        """`segments`: start here, start in the original, and whether the text was copied (else it was filled in)."""
        self._places = places
        rows = list(segments)
        self._here = [row[0] for row in rows]
        self._there = [row[1] for row in rows]
        self._copied = [row[2] for row in rows]

    @property
    def is_copied(self) -> bool:
        """Whether all of the text stands in the original as it is here."""
        return len(self._copied) == 1 and self._copied[0]

    def lines(self, offsets: Sequence[int]) -> list[int]:
        """The lines in the original of offsets in a copied text; fast where they are those of lines in a row."""
        return self._places.lines(offsets, self._there[0])

    def position(self, offset: int) -> Position:
        """Line and column in the original of an offset in this text; filled-in text counts as its variable's start."""
        index = max(0, bisect_right(self._here, offset) - 1)
        distance = offset - self._here[index] if self._copied[index] else 0
        return self._places.position(self._there[index] + distance)


@dataclass(frozen=True, slots=True)
class UndefinedVariable:
    """A variable that neither `--build-arg` nor `%arguments` defines, and its offset in the stage's text."""

    name: str
    offset: int
    end: int


@dataclass(frozen=True, slots=True)
class FilledText:
    """A stage's text with its variables filled in. `undefined` ones were left as they are."""

    text: str
    origin: Origin
    undefined: tuple[UndefinedVariable, ...]
    used: frozenset[str]


def _filled_value(value: str, values: Mapping[str, str]) -> str:
    """One level of nesting: `A={{ B }}` is filled in, what B holds is not."""
    for match in VARIABLE.finditer(value):
        inner = values.get(match[1])
        if inner is not None:
            value = value.replace(match[0], inner)
    return value


def fill_in(
    text: str, defaults: Mapping[str, str], build_arguments: Mapping[str, str], places: Places, start: int
) -> FilledText:
    """Fill in the variables of one stage.

    Args:
        text: The stage's text.
        defaults: What the stage's `%arguments` say.
        build_arguments: What `--build-arg` says; it wins.
        places: Lines of the whole recipe.
        start: Where the stage begins in the whole recipe.
    """
    if "{{" not in text:
        return FilledText(text, Origin(places, [(0, start, True)]), (), frozenset())
    values = {**defaults, **build_arguments}
    pieces: list[str] = []
    segments: list[tuple[int, int, bool]] = [(0, start, True)]
    undefined: list[UndefinedVariable] = []
    used: dict[str, str] = {}
    length = done = 0
    line_end = searched = -1
    in_comment = False
    for match in VARIABLE.finditer(text):
        if match.start() > line_end:
            # The line's beginning, but never before the end of the variable filled in last, as in Apptainer.
            newline = text.rfind("\n", done, match.start())
            in_comment, searched = False, done if newline < 0 else newline
        in_comment = in_comment or _COMMENT.search(text, searched, match.start()) is not None
        searched = max(searched, match.start() - 1)
        line_end = text.find("\n", match.start() if in_comment else match.end())
        line_end = len(text) if line_end < 0 else line_end
        if in_comment:
            continue
        value = values.get(match[1])
        if value is None:
            undefined.append(UndefinedVariable(match[1], match.start(), match.end()))
            continue
        if match[1] not in used:
            used[match[1]] = _filled_value(value, values)
        value = used[match[1]]
        if length > _MOST_TEXT:
            break  # no computer has room for what this would become
        kept = text[done : match.start()]
        pieces += (kept, value)
        length += len(kept)
        segments.append((length, start + match.start(), False))
        length += len(value)
        segments.append((length, start + match.end(), True))
        done = searched = match.end()
    pieces.append(text[done:])
    return FilledText("".join(pieces), Origin(places, segments), tuple(undefined), frozenset(used))
