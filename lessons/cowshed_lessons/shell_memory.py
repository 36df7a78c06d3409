"""What a statement of a script came to the last time, so that it is not followed anew where it only stands elsewhere.

A statement is remembered by its text. What it came to hangs on little else: on the variables, functions and files that
it asked for, which are remembered with it. Where those are the same it comes to the same commands, with other numbers
and on other lines. Statements that change variables, define or call something, or run a file that the recipe wrote are
not remembered: there are few of them, and what they come to hangs on more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .shell import Command, Input, Span, Variable, Word
from .shell_run import MOST_COMMANDS, MOST_STEPS, NOTHING, Run
from .shell_state import Shell
from .shell_words import NodeSpan, Source
from .verdict import Position

MOST_BYTES = 4_000
"""A longer statement is not remembered."""

MOST_REMEMBERED = 3_000
"""So many statements are remembered, and as many of those that were not met for the longest time."""


class Stretch(NamedTuple):
    """Where something stands, as rows from its statement's first and columns in bytes; and what is written there."""

    text: str
    row: int
    column: int
    end_row: int
    end_column: int


class MovedSpan:
    """The span of something in a statement that is known from elsewhere."""

    __slots__ = ("_row", "_source", "_stretch")

    def __init__(self, source: Source, row: int, stretch: Stretch) -> None:
        self._source = source
        self._row = row
        self._stretch = stretch

    @property
    def text(self) -> str:
        """What was written."""
        return self._stretch.text

    @property
    def start(self) -> Position:
        """Where it begins in the recipe."""
        return self._source.position((self._row + self._stretch.row, self._stretch.column))

    @property
    def end(self) -> Position:
        """Where it ends in the recipe."""
        return self._source.position((self._row + self._stretch.end_row, self._stretch.end_column))


class _Written(NamedTuple):
    path: str
    commands: frozenset[int]
    text: str | None
    row: int
    column: int
    appends: bool


class _Command(NamedTuple):
    """A command as it was the last time, without its place; what it reads and its words count from the statement."""

    last: Command
    stdin: Input
    stretch: Stretch
    words: tuple[tuple[str, Stretch, frozenset[int]], ...]


class Remembered(NamedTuple):
    """What a statement came to; numbers of commands count from its first.

    Attributes:
        variables: The variables that it asked for, with what they held (None for nothing).
        arrays: The same for arrays.
        functions: The names that would have been functions, had they been defined.
        files: The files that it would have read, had the recipe written them.
        commands: Its commands.
        written: The files that it writes.
        output: Those of its commands that print.
        reachable: Whether what stands below it is reached.
        steps: How many steps it took.
    """

    variables: tuple[tuple[str, str | None], ...]
    arrays: tuple[tuple[str, tuple[str, ...] | None], ...]
    functions: frozenset[str]
    files: frozenset[str]
    commands: tuple[_Command, ...]
    written: tuple[_Written, ...]
    output: frozenset[int]
    reachable: bool
    steps: int

    def holds(self, run: Run, shell: Shell) -> bool:
        """Whether it comes to the same now."""
        for name, text in self.variables:
            variable = shell.variable(name)
            if (None if variable is None else variable.text) != text or (variable is not None and variable.sources):
                return False
        for name, items in self.arrays:
            if shell.array(name) != items:
                return False
        return (
            run.functions.keys().isdisjoint(self.functions)
            and run.files.keys().isdisjoint(self.files)
            and run.steps + self.steps <= MOST_STEPS
            and len(run.commands) + len(self.commands) < MOST_COMMANDS
        )

    def come_to(self, run: Run, shell: Shell, source: Source, row: int) -> frozenset[int]:
        """Let a run come to it, at a row of a text."""
        base = len(run.commands)
        variables = shell.variables
        for number, (last, stdin, stretch, words) in enumerate(self.commands, start=base):
            if stdin.commands:
                stdin = stdin._replace(commands=_moved(stdin.commands, base))
            moved = tuple([Word(text, MovedSpan(source, row, at), _moved(by, base)) for text, at, by in words])
            run.commands.append(
                Command(
                    number, moved, last.wrappers, last.settings, stdin, last.output, last.written, last.condition,
                    last.after, last.tolerated, last.reachable, MovedSpan(source, row, stretch), variables,
                )
            )  # fmt: skip
        for path, commands, text, below, column, appends in self.written:
            position = source.position((row + below, column))
            run.write(path, _moved(commands, base), text, position, appends=appends)
        run.reachable = self.reachable
        run.steps += self.steps
        return _moved(self.output, base)


def _moved(numbers: frozenset[int], by: int) -> frozenset[int]:
    return frozenset([number + by for number in numbers]) if numbers else NOTHING


class Key(NamedTuple):
    """What a statement is remembered by: how it is written, and how it is reached."""

    text: bytes
    kind: str
    column: int
    after: str
    bash: bool
    reachable: bool


class Memory:
    """Statements that were followed. The oldest are forgotten."""

    def __init__(self) -> None:
        self._fresh: dict[Key, Remembered] = {}
        self._older: dict[Key, Remembered] = {}

    def clear(self) -> None:
        """Forget everything."""
        self._fresh.clear()
        self._older.clear()

    def __len__(self) -> int:
        return len(self._fresh) + len(self._older)

    def find(self, key: Key) -> Remembered | None:
        """What a statement came to, None where it is not known."""
        found = self._fresh.get(key)
        if found is None and (found := self._older.get(key)) is not None:
            self.keep(key, found)
        return found

    def keep(self, key: Key, what: Remembered) -> None:
        """Remember a statement."""
        if len(self._fresh) >= MOST_REMEMBERED:
            self._older, self._fresh = self._fresh, {}
        self._fresh[key] = what


class _HangsOnMoreError(Exception):
    """What a statement comes to hangs on more than can be remembered."""


class Recording:
    """Notes what a statement asks for while it is followed. It begins when this is made."""

    def __init__(self, run: Run, shell: Shell) -> None:
        self._run = run
        self._shell = shell
        self._before = shell.copy()
        self._first = len(run.commands)
        self._steps = run.steps
        run.begin_recording()
        shell.asked.clear()

    def end(self, source: Source, row: int, last_row: int, output: frozenset[int]) -> Remembered | None:
        """What the statement came to, None where that hangs on too much.

        Args:
            source: The text in which it stands.
            row: Its first row.
            last_row: Its last one.
            output: Those of its commands that print.
        """
        run, shell = self._run, self._shell
        if run.hangs_on_more or not run.complete or not shell.is_still(self._before):
            return None
        asked = [(name, shell.variable(name), shell.array(name)) for name in sorted(shell.asked)]
        if any(variable is not None and variable.sources for _, variable, _ in asked):
            return None
        place = _Place(source, row, last_row, self._first)
        try:
            return Remembered(
                tuple((name, None if variable is None else variable.text) for name, variable, _ in asked),
                tuple((name, items) for name, _, items in asked),
                frozenset(run.functions.asked),
                frozenset(run.files.asked),
                tuple(place.command(each, shell.variables) for each in run.commands[self._first :]),
                tuple(place.written(*each) for each in run.written),
                place.numbers(output),
                run.reachable,
                run.steps - self._steps,
            )
        except _HangsOnMoreError:
            return None


class _Place:
    """Where a statement stands; everything in it is told as seen from there."""

    def __init__(self, source: Source, row: int, last_row: int, first: int) -> None:
        self._source = source
        self._row = row
        self._last_row = last_row
        self._first = first

    def numbers(self, numbers: frozenset[int]) -> frozenset[int]:
        if numbers and min(numbers) < self._first:
            raise _HangsOnMoreError
        return _moved(numbers, -self._first)

    def stretch(self, span: Span) -> Stretch:
        if not isinstance(span, NodeSpan) or span.source is not self._source:
            raise _HangsOnMoreError
        start, end = span.first.start_point, span.last.end_point
        return Stretch(span.text, start.row - self._row, start.column, end.row - self._row, end.column)

    def command(self, command: Command, variables: Mapping[str, Variable]) -> _Command:
        if command.variables is not variables:
            raise _HangsOnMoreError
        words = tuple((word.text, self.stretch(word.span), self.numbers(word.sources)) for word in command.words)
        stdin = command.stdin._replace(commands=self.numbers(command.stdin.commands))
        return _Command(command, stdin, self.stretch(command.span), words)

    def written(
        self, path: str, commands: frozenset[int], text: str | None, position: Position, appends: bool
    ) -> _Written:
        for row in range(self._row, self._last_row + 1):
            first = self._source.position((row, 0))
            column = self._source.bytes_of(row, position.column - first.column)
            if self._source.position((row, column)) == position:
                return _Written(path, self.numbers(commands), text, row - self._row, column, appends)
        raise _HangsOnMoreError
