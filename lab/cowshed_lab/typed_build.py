"""Recognises `apptainer build …` among what a learner types into a terminal."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
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

_ASSIGNMENT = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*\+?=")
_ESCAPED_NEWLINE = re.compile(r"\\\r?\n")


@dataclass(frozen=True, slots=True)
class BuildCommand:
    """A build as it was typed.

    `recipe` is None where the image is made from something else (`docker://…`, another image). `folder` is what a
    `cd` before it in the same line changed to, None without one.
    """

    image: PurePosixPath
    recipe: PurePosixPath | None
    source: str
    options: tuple[str, ...] = ()
    folder: PurePosixPath | None = None


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
    folder: PurePosixPath | None = None
    for words in commands:
        if words[0] in {"cd", "pushd"}:
            places = [word for word in words[1:] if not (word.startswith("-") and len(word) > 1)]
            step = PurePosixPath(places[0]) if places else PurePosixPath()
            folder = folder / step if folder is not None else step
        elif (build := _build(words, folder)) is not None:
            found = build
    return found


def _commands(line: str) -> list[list[str]]:
    """Return the words of each simple command; redirections and their files are left out."""
    lexer = shlex.shlex(_ESCAPED_NEWLINE.sub(" ", line).replace("\n", ";"), posix=True, punctuation_chars=_OPERATORS)
    lexer.whitespace_split = True
    lexer.commenters = ""
    commands: list[list[str]] = [[]]
    skip = False
    for word in lexer:
        if word and set(word) <= set(_OPERATORS):
            skip = False
            if set(word) & set("<>"):
                skip = not word.endswith("(")
                if commands[-1] and commands[-1][-1].isdigit():
                    commands[-1].pop()  # the 2 of `2>&1`
            else:
                commands.append([])
        elif skip:
            skip = False
        elif word.startswith("#"):
            break
        else:
            commands[-1].append(word)
    return [words for words in commands if words]


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
    is_file = "://" not in source and not source.endswith((".sif", ".img", ".simg", "/"))
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
