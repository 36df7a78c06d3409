"""What is gathered while a script is followed, and how far it is followed at most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from tree_sitter import Node

from .shell import NO_INPUT, Command, Input, WrittenFile
from .shell_words import Source
from .verdict import Position

MOST_COMMANDS = 3_000
_MOST_DEPTH = 80
MOST_STEPS = 40_000
_CHARACTERS_A_STEP = 10
NOTHING: frozenset[int] = frozenset()
"""No command at all."""


class Way(NamedTuple):
    """How a command is reached; see the attributes of `Command`, which are named alike."""

    stdin: Input = NO_INPUT
    condition: str = ""
    after: str = ""
    tolerated: bool = False
    written: str = ""

    def behind(self, operator: str) -> Way:
        """Behind `&&`, `||` or what else stands between two commands."""
        return self._replace(after=operator, condition={"&&": "and", "||": "or"}.get(operator, self.condition))


@dataclass(slots=True)
class Function:
    """A function that the script defines."""

    body: Node
    source: Source
    called: bool = False


class Known[T](dict[str, T]):
    """Things by their names; which names were looked up, and whether any of them was there, is noted."""

    def __init__(self, things: Mapping[str, T] = MappingProxyType({})) -> None:
        super().__init__(things)
        self.asked: set[str] = set()
        self.found = False

    def look_up(self, name: str) -> T | None:
        """The thing of that name."""
        self.asked.add(name)
        thing = super().get(name)
        self.found = self.found or thing is not None
        return thing

    def begin(self) -> None:
        """Note from now on."""
        self.asked.clear()
        self.found = False


@dataclass(slots=True)
class Run:
    """What is gathered while a script is followed. `reachable` is False below an unconditional `exit` or `exec`.

    `written` and `gone_into` are about the statement that is recorded (see `shell_memory`): what it wrote, and whether
    it defined something or ran something that is followed in its turn.
    """

    files: Known[WrittenFile]
    commands: list[Command] = field(default_factory=list)
    functions: Known[Function] = field(default_factory=Known)
    written: list[tuple[str, frozenset[int], str | None, Position, bool]] = field(default_factory=list)
    gone_into: bool = False
    reachable: bool = True
    complete: bool = True
    steps: int = 0
    _depth: int = 0

    @property
    def is_full(self) -> bool:
        """Whether the script is too long to be followed further."""
        return self.steps > MOST_STEPS or len(self.commands) >= MOST_COMMANDS

    def begin_recording(self) -> None:
        """Note from now on what a statement does."""
        self.files.begin()
        self.functions.begin()
        self.written.clear()
        self.gone_into = False

    @property
    def hangs_on_more(self) -> bool:
        """Whether what was recorded hangs on other statements of the script, or they on it."""
        return self.gone_into or self.files.found or self.functions.found

    def count(self, text: str) -> None:
        """Count a text that is parsed among the steps."""
        self.steps += len(text) // _CHARACTERS_A_STEP

    def enter(self) -> bool:
        """Go one level deeper, to a command. False where the script is too deep or too long to be followed further."""
        self.steps += 1
        if self.is_full:
            self.complete = False
            return False
        return self.deeper()

    def deeper(self) -> bool:
        """Go one level deeper, to a command or a part of a word; both take room on Python's stack."""
        if self._depth >= _MOST_DEPTH:
            self.complete = False
            return False
        self._depth += 1
        return True

    def leave(self) -> None:
        """Come back from a level."""
        self._depth -= 1

    def output(self, numbers: frozenset[int]) -> str | None:
        """What these commands print together, or None where that is not certain."""
        parts = [self.commands[number].output for number in sorted(numbers)]
        known = [part for part in parts if part is not None]
        return "".join(known) if len(known) == len(parts) else None

    def pipe(self, numbers: frozenset[int]) -> Input:
        """The standard input of a command that these commands write to."""
        return Input(given=True, commands=numbers, text=self.output(numbers))

    def write(
        self, path: str, commands: frozenset[int], text: str | None, position: Position, *, appends: bool
    ) -> None:
        """Note that commands wrote a file."""
        self.written.append((path, commands, text, position, appends))
        old = self.files.get(path) if appends else None
        if old is not None:
            commands |= old.commands
            text = old.text + text if old.text is not None and text is not None else None
            position = old.position
        self.files[path] = WrittenFile(commands, text, position)
