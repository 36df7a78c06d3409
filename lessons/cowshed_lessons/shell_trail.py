"""What was known before each statement of a script, so that a script that differs a little is not followed anew.

While somebody types, two scripts that are followed one after the other differ in one place. What stands above it comes
to the same commands; so does what stands below, if the shell knows the same there as it did the last time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tree_sitter import Node

from .sections import Body
from .shell import Command, WrittenFile
from .shell_run import MOST_STEPS, Function, Known, Run
from .shell_state import Shell
from .shell_words import Source
from .verdict import Position

MOST_STATEMENTS = 6_000
MOST_FILES = 100
MOST_SOURCES = 12
"""So many earlier texts may a trail hold on to; each comes with its syntax tree."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of the script itself (not one inside another), by its place in the text."""

    start: int
    end: int
    column: int
    row: int
    last_row: int
    kind: str
    sound: bool

    @classmethod
    def of(cls, node: Node) -> Statement:
        """The statement that a syntax node is."""
        row, column = node.start_point
        return cls(node.start_byte, node.end_byte, column, row, node.end_point[0], node.type, not node.has_error)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a shell knows between two statements, and what was gathered so far."""

    shell: Shell
    files: dict[str, WrittenFile]
    functions: dict[str, tuple[Source, Node, bool]]
    reachable: bool
    commands: int

    @classmethod
    def of(cls, run: Run, shell: Shell, last: Snapshot | None = None) -> Snapshot:
        """What is known now; what is still as in the snapshot before is shared with it."""
        functions = {name: (item.source, item.body, item.called) for name, item in run.functions.items()}
        files: dict[str, WrittenFile] = run.files
        if last is not None:
            functions = last.functions if last.functions == functions else functions
            files = last.files if last.files == files else files
        files = dict(files) if files is run.files else files
        return cls(shell.copy(), files, functions, run.reachable, len(run.commands))

    def comes_to_the_same(self, run: Run, shell: Shell) -> bool:
        """Whether what is known now is the same."""
        return (
            self.commands == len(run.commands)
            and self.reachable == run.reachable
            and self.shell.knows_the_same(shell)
            and self.files == run.files
            and self.functions == {name: (item.source, item.body, item.called) for name, item in run.functions.items()}
        )

    def restore(self, run: Run, shell: Shell) -> None:
        """Know this again."""
        shell.become(self.shell)
        run.files = Known(self.files)
        run.functions = Known(
            {name: Function(body, source, called) for name, (source, body, called) in self.functions.items()}
        )
        run.reachable = self.reachable


@dataclass(frozen=True, slots=True)
class Trail:
    """A script that was followed to its end, or as far as a script is followed (`Run.is_full`).

    Attributes:
        source: Its text.
        lines: For each row of it the line of the recipe.
        statements: What it consists of; the rest is about those that were followed, the first ones of these.
        before: What was known before each statement, and at the end.
        outputs: Which commands of each statement print to the script's output.
        steps: How many steps each statement took (see `Run`).
        commands: All of its commands.
        sources: The text in which each statement was followed: this one or an earlier one.
        complete: Whether all that was followed was followed to its end.
    """

    source: Source
    lines: Sequence[int]
    statements: Sequence[Statement]
    before: Sequence[Snapshot]
    outputs: Sequence[frozenset[int]]
    steps: Sequence[int]
    commands: Sequence[Command]
    sources: Sequence[Source]
    complete: bool = True

    def same_above(self, source: Source, lines: Sequence[int], statements: Sequence[Statement]) -> int:
        """How many statements of another script, from the first, are those of this one."""
        same = _common(self.source.bytes, source.bytes)
        rows = next((row for row, (a, b) in enumerate(zip(self.lines, lines, strict=False)) if a != b), len(lines))
        number = 0
        for old, new in zip(self.statements[: self.end], statements, strict=False):
            if old != new or not new.sound or new.end > same or new.last_row >= rows:
                break
            number += 1
        return number

    def same_below(self, source: Source, lines: Sequence[int], statements: Sequence[Statement]) -> int:
        """How many statements of another script, from the last, are those of this one and stand on the same lines."""
        if len(lines) != len(self.lines):
            return 0
        shift = len(source.bytes) - len(self.source.bytes)
        same = len(source.bytes) - _common(self.source.bytes[::-1], source.bytes[::-1])
        rows = next((row for row in range(len(lines) - 1, -1, -1) if lines[row] != self.lines[row]), -1)
        number = 0
        for old, new in zip(reversed(self.statements), reversed(statements), strict=False):
            line_start = source.bytes.rfind(b"\n", 0, new.start) + 1  # the columns of what stands there count from it
            moved = (old.start + shift, old.end + shift, old.row, old.last_row, old.kind, old.sound)
            here = (new.start, new.end, new.row, new.last_row, new.kind, new.sound)
            if moved != here or not new.sound or line_start <= same or new.row <= rows:
                break
            number += 1
        return number

    @property
    def end(self) -> int:
        """How many statements were followed."""
        return len(self.outputs)

    def fits(self, number: int, run: Run, shell: Shell) -> bool:
        """Whether what is known now is what was known before a statement, and there are steps enough for the rest."""
        if not number < self.end:
            return False
        return self.before[number].comes_to_the_same(run, shell) and run.steps + sum(self.steps[number:]) <= MOST_STEPS

    def restore(self, number: int, run: Run, shell: Shell, since: int = 0) -> None:
        """Know what was known before a statement; the ones before `since` are known already."""
        if number:
            self.before[number].restore(run, shell)
            first, last = self.before[since].commands, self.before[number].commands
            run.commands = [*run.commands[:first], *self.commands[first:last]]
            run.steps += sum(self.steps[since:number])
            run.complete = run.complete and (self.complete or number < self.end)


NO_TRAIL = Trail(Source(b"", lambda _row, _column: Position(1, 1)), (), (), (), (), (), (), ())
"""Of a script that was not followed yet."""


def _common(one: bytes, other: bytes) -> int:
    """How many bytes at the beginning of two texts are the same."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def lines_of(body: Body) -> list[int] | None:
    """For each row of a script the line of the recipe; None where variables were filled into its stage."""
    if not body.origin.is_copied:
        return None
    return body.origin.lines(body.offsets)
