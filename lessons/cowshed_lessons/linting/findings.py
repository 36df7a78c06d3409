"""What a linter says: findings, where they are, and how they may be mended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import accumulate

from cowshed_lessons.verdict import Position


class Severity(IntEnum):
    """How much a finding matters; the larger, the more.

    ERROR: the build fails, or does something else than what is written. WARNING: it often goes wrong, or elsewhere.
    INFO: worth knowing. STYLE: kind to those who use the image.
    """

    STYLE = 1
    INFO = 2
    WARNING = 3
    ERROR = 4

    @property
    def label(self) -> str:
        """The name in small letters, as the command line takes and prints it."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Range:
    """A stretch of a recipe; `end` is exclusive. Lines and columns count from 1, columns in characters."""

    start: Position
    end: Position


@dataclass(frozen=True, slots=True)
class TextEdit:
    """Put `text` in the place of what stands in `range`."""

    range: Range
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A way to mend a finding: `title` says in the imperative what it does.

    A `safe` one keeps what the author meant and may be made without asking; others are offered.
    """

    title: str
    edits: tuple[TextEdit, ...]
    safe: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """What a rule's function yields. `severity` is given where it differs from the rule's own."""

    message: str
    range: Range
    fixes: tuple[Fix, ...] = ()
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class LintFinding:
    """One thing that a rule found."""

    rule: str
    severity: Severity
    message: str
    range: Range
    fixes: tuple[Fix, ...] = ()


def order(finding: LintFinding) -> tuple[int, int, int, str]:
    """The key by which findings are sorted: by their places, the gravest first."""
    start = finding.range.start
    return start.line, start.column, -finding.severity, finding.rule


def line_starts(text: str) -> list[int]:
    """The offset of each line's first character. Lines end at line feeds only."""
    return list(accumulate((len(line) + 1 for line in text.split("\n")[:-1]), initial=0))


def offset_of(position: Position, starts: Sequence[int], length: int) -> int:
    """The offset of a position; one past the end of the text counts as its end."""
    if position.line > len(starts):
        return length
    return min(length, starts[position.line - 1] + position.column - 1)
