"""What a shell script does: its commands in the order in which they run, with their words as the program sees them.

A script is read with tree-sitter's bash grammar and then followed, not run: quotes are taken off, literal variables
filled in, functions, loops over literal words, `sh -c '…'`, `xargs` and scripts that were written a few lines earlier
gone into, `sudo`, `env` and their like peeled off. What cannot be known is marked as unknown, never guessed: the judge
then leaves the proof to the build.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple, Protocol

from .parts import Parts, finish
from .sections import Body
from .templating import Origin, Places
from .verdict import Position

UNKNOWN = "\ufdd0"
"""Stands in a word for text that cannot be known from the recipe."""

_START = Position(1, 1)

OLD_VALUE = "\ufdd1"
"""Stands for the value that a variable had before the script began (`$PATH` in `%environment`)."""


class Span(Protocol):
    """What was written and where. It is looked up when somebody asks: of most words nobody does."""

    @property
    def text(self) -> str:
        """What was written."""
        ...

    @property
    def start(self) -> Position:
        """Where it begins in the recipe."""
        ...

    @property
    def end(self) -> Position:
        """Where it ends in the recipe."""
        ...


@dataclass(frozen=True, slots=True)
class Word:
    """A word as the program sees it: quotes off, variables filled in.

    `span` is where it was written. `sources` are the numbers of the commands whose output became part of it.
    """

    text: str
    span: Span
    sources: frozenset[int] = frozenset()

    @property
    def known(self) -> bool:
        """Whether all of its text is known."""
        return UNKNOWN not in self.text

    @property
    def raw(self) -> str:
        """What was written, quotes and all."""
        return self.span.text

    @property
    def position(self) -> Position:
        """Where it begins in the recipe."""
        return self.span.start

    @property
    def end(self) -> Position:
        """Where it ends in the recipe."""
        return self.span.end


class Input(NamedTuple):
    """Where a command's standard input comes from.

    Nothing is known (or said) of it if all fields are empty: then it is the script's own. `text` is what can be read
    there, None where that is unknown; `commands` the numbers of the commands that write into it; `given` tells whether
    the recipe connects it at all.
    """

    given: bool = False
    commands: frozenset[int] = frozenset()
    text: str | None = None
    path: str = ""


NO_INPUT = Input()


@dataclass(frozen=True, slots=True)
class Command:
    """One command that runs.

    Attributes:
        number: Its place in `Script.commands`.
        words: The program and its arguments, wrappers such as `sudo` and `env A=b` taken off.
        wrappers: The names of those wrappers.
        settings: The variables set for this command alone.
        stdin: Where its standard input comes from.
        output: What it prints, where that is certain (`echo`, `printf`, `cat` of a heredoc), else None.
        written: The file that its output goes to, "" for none.
        condition: "" where it always runs, "and" or "or" after `&&` or `||`, "branch" in if, case or a loop.
        after: What stands between it and the command before it in the same list: "|", "&&", "||", ";" or "".
        tolerated: The script goes on if it fails (left of `||`, the condition of an `if`, `!`).
        reachable: False below an unconditional `exit` or `exec`.
        span: Where it was written.
        variables: The shell's variables when it runs.
    """

    number: int
    words: tuple[Word, ...]
    wrappers: tuple[str, ...]
    settings: Mapping[str, str]
    stdin: Input
    output: str | None
    written: str
    condition: str
    after: str
    tolerated: bool
    reachable: bool
    span: Span
    variables: Mapping[str, Variable]

    @property
    def position(self) -> Position:
        """Where it begins in the recipe."""
        return self.span.start

    @property
    def end(self) -> Position:
        """Where it ends in the recipe."""
        return self.span.end

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that it is given: exported ones, and those set for it alone."""
        return {**{name: value.text for name, value in self.variables.items() if value.exported}, **self.settings}

    @property
    def program(self) -> str:
        """The program's name without folders; empty where it is unknown."""
        text = self.words[0].text if self.words else ""
        return "" if UNKNOWN in text else text.rpartition("/")[2]

    @property
    def arguments(self) -> tuple[Word, ...]:
        """The words after the program."""
        return self.words[1:]


@dataclass(frozen=True, slots=True)
class Variable:
    """A shell variable at the end of a script. `position` is where it was set last."""

    text: str
    exported: bool = False
    position: Position = _START
    sources: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that a script writes: the commands whose output it holds, and its text where that is certain."""

    commands: frozenset[int]
    text: str | None
    position: Position


@dataclass(frozen=True, slots=True)
class Script:
    """A shell script, followed from its first command to its last.

    `output` are the numbers of the commands that print to the script's own output. `uncalled` names functions that are
    defined and never called, with the commands inside them. `complete` is False where the script was too large or too
    deep to be followed to its end.
    """

    commands: tuple[Command, ...] = ()
    variables: Mapping[str, Variable] = MappingProxyType({})
    files: Mapping[str, WrittenFile] = MappingProxyType({})
    output: frozenset[int] = frozenset()
    uncalled: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    complete: bool = True

    def inputs(self, command: Command) -> frozenset[int]:
        """The numbers of the commands whose output a command reads: by pipe, in its words, or from a file."""
        numbers = set(command.stdin.commands)
        for word in command.words:
            numbers |= word.sources
            if word.text in self.files:
                numbers |= self.files[word.text].commands
        if command.stdin.path in self.files:
            numbers |= self.files[command.stdin.path].commands
        return frozenset(numbers - {command.number})

    def origins(self, command: Command) -> frozenset[int]:
        """The numbers of all commands whose output reaches a command, near and far."""
        seen: set[int] = set()
        waiting = list(self.inputs(command))
        while waiting:
            number = waiting.pop()
            if number not in seen:
                seen.add(number)
                waiting.extend(self.inputs(self.commands[number]))
        return frozenset(seen)


def body_of(text: str) -> Body:
    """A stand-alone script (a command line, say) as a body whose positions are its own lines and columns."""
    offsets = [0, *(match.end() for match in re.finditer("\n", text))]
    return Body(text, tuple(offsets), Origin(Places(text), [(0, 0, True)]))


def read_script(
    body: Body,
    *,
    variables: Mapping[str, str] = MappingProxyType({}),
    files: Mapping[str, WrittenFile] = MappingProxyType({}),
    bash: bool = False,
) -> Script:
    """Follow a shell script.

    Args:
        body: The script.
        variables: Exported variables that exist before it begins; a value may be `OLD_VALUE`.
        files: Files that exist before it begins and may be run by it.
        bash: Whether bash runs it (which knows `{a,b}`), not the base's `sh`.
    """
    return finish(read_script_in_parts(body, variables=variables, files=files, bash=bash))


def read_script_in_parts(
    body: Body,
    *,
    variables: Mapping[str, str] = MappingProxyType({}),
    files: Mapping[str, WrittenFile] = MappingProxyType({}),
    bash: bool = False,
) -> Parts[Script]:
    """The same as `read_script`, in parts of a few milliseconds; the longest is the parsing."""
    from .shell_walk import walk  # the grammar is loaded only when a script is read

    return walk(body, variables, files, bash=bash)
