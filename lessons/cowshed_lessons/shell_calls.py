"""Commands that run other shell text, or that change what later commands see: `sh -c`, `eval`, `.`, `xargs`, `read`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from .shell import UNKNOWN, Input, Variable, Word, WrittenFile
from .shell_run import Run, Way
from .shell_state import Shell
from .shell_words import Place
from .verdict import Position

SHELLS = frozenset(("sh", "bash", "dash", "ash", "ksh", "zsh"))
"""Programs that run shell text."""

_XARGS_VALUED = frozenset(
    ("-n", "-L", "-P", "-s", "-a", "-d", "-E", "-I", "--arg-file", "--delimiter", "--max-args", "--max-procs")
)

_WITH_EFFECTS = frozenset(("exit", "return", "set", "read", "mapfile", "readarray", "tee", "cp", "mv", "install", "ln"))


FileOf = Callable[[str], WrittenFile | None]
"""From a path to the file that the script has written there, if any."""


@dataclass(frozen=True, slots=True)
class Call:
    """Shell text that a command runs. `arguments` is None where this very shell runs it (`eval`, `.`)."""

    text: str
    place: Place
    arguments: tuple[str, ...] | None = None


def call_of(words: Sequence[Word], name: str, stdin: Input, file_of: FileOf) -> Call | None:
    """The shell text that a command runs, None where it runs none, or none that is known."""
    if name == "eval":
        text = " ".join(word.text for word in words[1:])
        return None if UNKNOWN in text else Call(text, _place_in(words[1:] or words))
    if name in (".", "source"):
        call = _file(words[1:], file_of)
        return replace(call, arguments=None) if call else None
    if file_of(words[0].text) is not None:
        return _file(words, file_of)
    return _shell_call(words, name, stdin, file_of) if name in SHELLS or name == "su" else None


def _shell_call(words: Sequence[Word], name: str, stdin: Input, file_of: FileOf) -> Call | None:
    index = 1
    has_command = False
    while index < len(words) and re.match(r"[-+]", words[index].text):
        option = words[index].text
        index += 1
        if not option.startswith("--") and "c" in option[1:]:
            has_command = True
        elif option in ("-o", "+o", "-O", "--rcfile", "--init-file"):
            index += 1
    rest = words[index:]
    if has_command:
        if not rest or not rest[0].known:
            return None
        return Call(rest[0].text, _place_in(rest[:1]), tuple(word.text for word in rest[2:]))
    if rest:
        return _file(rest, file_of)
    if name != "su" and stdin.text:
        return Call(stdin.text, _fixed(words[0].position), ())
    return None


def _file(words: Sequence[Word], file_of: FileOf) -> Call | None:
    """A script that the recipe has written before."""
    file = file_of(words[0].text) if words else None
    if file is None or not file.text:
        return None
    return Call(file.text, _fixed(words[0].position), tuple(word.text for word in words[1:]))


def xargs_command(words: Sequence[Word], stdin: Input, file_of: FileOf) -> tuple[Word, ...]:
    """The command that `xargs` runs, what it reads put behind it."""
    index = 1
    replaced = ""
    from_file = ""
    while index < len(words) and words[index].text.startswith("-"):
        option = words[index].text
        index += 1
        if option in _XARGS_VALUED and index < len(words):
            replaced = words[index].text if option == "-I" else replaced
            from_file = words[index].text if option in ("-a", "--arg-file") else from_file
            index += 1
        elif option.startswith("-I"):
            replaced = option[2:]
    command = tuple(words[index:]) or (replace(words[0], text="echo"),)
    file = file_of(from_file)
    text = (file.text if file else None) if from_file else stdin.text
    texts = [UNKNOWN] if text is None else re.findall(r"[^\s'\"]+", text)
    if replaced:
        joined = " ".join(texts)
        return tuple(replace(word, text=word.text.replace(replaced, joined)) for word in command)
    return (*command, *(Word(item, words[0].span, stdin.commands) for item in texts))


def note_effects(name: str, words: Sequence[Word], wrappers: Sequence[str], way: Way, run: Run, shell: Shell) -> None:
    """Note what the command that was added to the run last changes for the ones after it."""
    if name not in _WITH_EFFECTS and "exec" not in wrappers:
        return
    number = len(run.commands) - 1
    operands = [word for word in words[1:] if not word.text.startswith("-")]
    if name in ("exit", "return") or "exec" in wrappers:
        if way.condition == "" and not way.tolerated:
            run.reachable = False
    elif name == "set":
        for option, value in pairwise([*(word.text for word in words), ""]):
            if option[:1] in ("-", "+") and ("a" in option[1:] or value == "allexport"):
                shell.export_all = option[0] == "-"
    elif name in ("read", "mapfile", "readarray"):
        for word in operands:
            shell.set(word.text, Variable(UNKNOWN, position=word.position, sources=way.stdin.commands))
    elif name == "tee":
        appends = any(word.text in ("-a", "--append") for word in words)
        for word in operands:
            run.write(word.text, frozenset((number,)), way.stdin.text, words[0].position, appends=appends)
    elif name in ("cp", "mv", "install", "ln") and len(words) >= 3:
        file = run.files.look_up(words[-2].text)
        if file is not None:
            run.files[words[-1].text] = file


def _fixed(position: Position) -> Place:
    return lambda _row, _column: position


def _place_in(words: Sequence[Word]) -> Place:
    """Positions in a script that is itself a word: exact where the word was written as it is, in quotes."""
    first = words[0].position
    if len(words) != 1 or words[0].raw[1:-1] != words[0].text:
        return _fixed(first)

    def place(row: int, column: int) -> Position:
        if row == 0:
            return Position(first.line, first.column + 1 + column)
        return Position(first.line + row, column + 1)

    return place
