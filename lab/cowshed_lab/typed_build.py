"""Recognises `apptainer build …` among what a learner types into a terminal."""

from __future__ import annotations

import itertools
import re
import shlex
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

PROGRAMS = {"apptainer", "singularity"}

_OPERATORS = ";&|()<>\n"
_WRAPPERS = {
    "sudo",
    "doas",
    "time",
    "nice",
    "nohup",
    "command",
    "exec",
    "env",
    "stdbuf",
    "ionice",
    "srun",
    "strace",
    "!",
}
_WRAPPER_VALUES = {
    "sudo": {"-u", "-g", "-h", "-p", "-C", "-T", "-r", "-t", "-U", "-R", "-D"},
    "nice": {"-n"},
    "ionice": {"-c", "-n"},
    "env": {"-u", "-C", "-S"},
    "stdbuf": {"-i", "-o", "-e"},
    "srun": {"-p", "-n", "-N", "-c", "-t", "-A", "-J", "-w"},
    "time": {"-f", "-o"},
}
_GLOBAL_VALUES = {"-c", "--config"}
_BUILD_VALUES = {
    "-B", "--arch", "--arch-variant", "--authfile", "--bind", "--build-arg", "--build-arg-file", "--docker-host",
    "--library", "--mount", "--pem-path", "--section", "--tmpdir", "--mksquashfs-args",
}  # fmt: skip
"""Options of `apptainer build` 1.4.5 that take the next word as their value."""

_OPERATOR = re.compile(r"&&|\|\||\|&|;;|&>>|&>|>>|<<<|<<|>&|<&|>\||<>|<\(|>\(|[;&|()<>]")
_REDIRECTIONS = {"&>>", "&>", ">>", "<<<", "<<", ">&", "<&", ">|", "<>", ">", "<"}
_APART = {"|", "|&", "&"}
"""Operators beside a command that runs in a process of its own: a `cd` there changes nothing for the others."""

_ADDRESS = re.compile(r"[a-z+-]+://|(docker|docker-archive|docker-daemon|oci|oci-archive|library|oras|shub|instance):")
_ARCHIVES = (".tar", ".tar.gz", ".tgz")
_LAST_WORDS = re.compile(r"^(FATAL:|INFO:\s+Build complete:)")
_STACK = re.compile(r"[-+][0-9]+$")
"""A place in the shell's own list of folders: `pushd +1`."""

_ASSIGNMENT = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*\+?=")
_ESCAPED_NEWLINE = re.compile(r"\\\r?\n")


@dataclass(frozen=True, slots=True)
class BuildCommand:
    """A build as it was typed.

    `recipe` is None where the image is made from something else (`docker://…`, another image). `folder` is what a
    `cd` before it in the same line changed to, None without one. `tells` says whether the line's exit status is the
    build's: after `| tee log`, `; ls`, `|| true` or `&` it is another program's. With `always_begins` false, a status
    other than 0 may be that of a command before: `cd nosuch && apptainer build …`. `folder_known` is false where only
    the shell knows the folder (`cd -`) and a name in the command depends on it.
    """

    image: PurePosixPath
    recipe: PurePosixPath | None
    source: str
    options: tuple[str, ...] = ()
    folder: PurePosixPath | None = None
    tells: bool = field(default=True, compare=False)
    always_begins: bool = field(default=True, compare=False)
    folder_known: bool = True

    def tells_of(self, status: int | None) -> bool:
        """Tell whether this exit status of the line is the build's own."""
        return self.tells and (self.always_begins or status == 0)


@dataclass(slots=True)
class _Simple:
    """A simple command: its words, the operators on both sides of it, and the subshells that it is in, by number."""

    words: list[str]
    before: str
    scope: tuple[int, ...]
    after: str = ""


def read_build_command(command_line: str) -> BuildCommand | None:
    r"""Return the build in a line of shell, None where there is none (or the line is no complete shell).

    Reads what learners type: `cd x && apptainer build …; ls`, `time sudo -E singularity -q build …`,
    `A=b \apptainer build …`, redirections and pipes behind it. The last build counts. Words with variables are taken
    as they stand.
    """
    try:
        commands = _commands(command_line)
    except ValueError:  # a quote is not closed
        return None
    found: BuildCommand | None = None
    lost: set[tuple[int, ...]] = set()  # where only the shell knows the folder
    folders: dict[tuple[int, ...], PurePosixPath | None] = {(): None}  # of the shell and of each subshell
    for number, command in enumerate(commands):
        words, scope = command.words, command.scope
        for outer in range(len(scope)):
            if scope[: outer + 1] not in folders:
                folders[scope[: outer + 1]] = folders[scope[:outer]]
                lost |= {scope[: outer + 1]} if scope[:outer] in lost else set()
        if words[0] in {"cd", "pushd", "popd"}:
            if {command.before, command.after} & _APART:
                continue
            places = [word for word in words[1:] if not (word.startswith("-") and len(word) > 1)]
            step = PurePosixPath(places[0]) if places else PurePosixPath()
            if places == ["-"] or words[0] == "popd" or any(_STACK.match(word) for word in words[1:]):
                lost.add(scope)
                folders[scope] = None
                continue
            if step.is_absolute():
                lost.discard(scope)
            before = folders[scope]
            folders[scope] = before / step if before is not None else step
        elif (build := _build(words, folders[scope])) is not None:
            found = replace(
                build,
                tells=_tells(commands, number),
                always_begins=all(other.before != "&&" for other in commands[: number + 1]),
                folder_known=scope not in lost
                or (build.image.is_absolute() and PurePosixPath(build.source).is_absolute()),
            )
    return found


UNTOLD = (
    "cowshed: Other commands in the same line kept this build's end from being seen. "
    "Build with a line that ends with the build itself."
)
"""What stands behind the log of a build whose end is not known."""


def result_of(log: str) -> int | None:
    """Return the exit status of the last build in a plain log, as Apptainer 1.4.5 tells it there; None where untold."""
    said = [words[1] for line in log.splitlines() if (words := _LAST_WORDS.match(line))]
    return None if not said else 255 if said[-1] == "FATAL:" else 0


def _tells(commands: list[_Simple], number: int) -> bool:
    """Tell whether a command is the last of its line and its exit status becomes the line's."""
    command = commands[number]
    keywords = {"!", "if", "then", "do", "else", "while", "until", "{"}
    return (
        number == len(commands) - 1
        and not command.after
        and all(other.after in {"&&", ";", ""} for other in commands[:number])
        and not keywords & set(command.words[:2])
        and not any(other.words[0] in keywords for other in commands)
    )


def _commands(line: str) -> list[_Simple]:
    """Return each simple command; redirections and their files are left out."""
    lexer = shlex.shlex(_ESCAPED_NEWLINE.sub(" ", line).replace("\n", ";"), posix=True, punctuation_chars=_OPERATORS)
    lexer.whitespace_split = True
    lexer.commenters = ""
    commands = [_Simple([], "", ())]
    scope: tuple[int, ...] = ()
    subshells = itertools.count(1)
    skip = False
    for word in lexer:
        if word and set(word) <= set(_OPERATORS):
            for operator in _OPERATOR.findall(word):
                skip = False
                words = commands[-1].words
                if operator in _REDIRECTIONS:
                    skip = True
                    if words and words[-1].isdigit():
                        words.pop()  # the 2 of `2>&1`
                    continue
                if operator.endswith("("):
                    scope = (*scope, next(subshells))
                elif operator == ")":
                    scope = scope[:-1]
                if words:
                    commands[-1].after = "" if operator == ")" else operator
                    commands.append(_Simple([], commands[-1].after, scope))
                else:
                    commands[-1].scope = scope
                    _join(commands, operator)
        elif skip:
            skip = False
        elif word.startswith("#"):
            break
        else:
            commands[-1].words.append(word)
    found = [command for command in commands if command.words]
    if found and found[-1].after == ";":
        found[-1].after = ""
    return found


def _join(commands: list[_Simple], operator: str) -> None:
    """Take an operator that follows another one: after `)` it speaks of the whole subshell."""
    if operator not in {"(", ")", "<(", ">("}:
        commands[-1].before = operator
        if len(commands) > 1 and not (commands[-2].after and operator == ";"):
            commands[-2].after = operator


def _build(words: list[str], folder: PurePosixPath | None) -> BuildCommand | None:
    rest = _without_wrappers(words)
    if not rest or PurePosixPath(rest[0].removeprefix("\\")).name not in PROGRAMS:
        return None
    _, operands = _split(rest[1:], _GLOBAL_VALUES, until_operand=True)
    if not operands or operands[0] != "build":
        return None
    options, operands = _split(operands[1:], _BUILD_VALUES)
    if len(operands) < 2:
        return None
    image, source = operands[0], operands[1]
    is_file = not _ADDRESS.match(source) and not source.endswith((".sif", ".img", ".simg", "/", *_ARCHIVES))
    return BuildCommand(
        PurePosixPath(image), PurePosixPath(source) if is_file else None, source, tuple(options), folder
    )


def _without_wrappers(words: list[str]) -> list[str]:
    rest = list(words)
    while rest:
        word = rest[0].removeprefix("\\")
        if _ASSIGNMENT.match(word) or word in {"{", "then", "do", "else", "if", "while", "until"}:
            rest.pop(0)
        elif PurePosixPath(word).name in _WRAPPERS:
            name = PurePosixPath(rest.pop(0).removeprefix("\\")).name
            while rest and rest[0].startswith("-") and rest[0] != "-":
                option = rest.pop(0)
                if option in _WRAPPER_VALUES.get(name, ()) and rest:
                    rest.pop(0)
                if option == "--":
                    break
        else:
            break
    return rest


def _split(words: list[str], with_value: set[str], *, until_operand: bool = False) -> tuple[list[str], list[str]]:
    """Return options (with their values) and operands, which Apptainer takes in any order."""
    options: list[str] = []
    operands: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--":
            return options, [*operands, *rest]
        if word.startswith("-") and len(word) > 1:
            options.append(word)
            if word in with_value and rest:
                options.append(rest.pop(0))
        else:
            operands.append(word)
            if until_operand:
                return options, [*operands, *rest]
    return options, operands
