"""What the simplest commands print: only what is certain, so that `echo y | …` and `$(echo a b)` can be followed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .shell import Word

_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\"}
_ESCAPED = re.compile(r"\\([nt\\])")
_ECHO_OPTION = re.compile(r"-[neE]+")
_SILENT = frozenset((":", "true", "false", "sleep", "mkdir", "rm", "cp", "mv", "ln", "chmod", "cd", "test", "["))
_KNOWN = frozenset(("echo", "printf", "yes", "cat", "tee"))


def _with_escapes(text: str) -> str:
    return _ESCAPED.sub(lambda match: _ESCAPES[match[1]], text) if "\\" in text else text


def _echo(words: Sequence[str]) -> str:
    newline = True
    while words and _ECHO_OPTION.fullmatch(words[0]):
        newline = newline and "n" not in words[0]
        words = words[1:]
    # dash's echo understands escapes, bash's does not; where the judge looks at the text both mean the same.
    return _with_escapes(" ".join(words)) + ("\n" if newline else "")


def _printf(words: Sequence[str]) -> str | None:
    if words and words[0] == "--":
        words = words[1:]
    if not words:
        return None
    pattern, values = words[0], list(words[1:])
    places = len(re.findall(r"%[sbdq]", pattern.replace("%%", "")))
    if re.search(r"%(?![sbdq])", pattern.replace("%%", "")):
        return None
    rounds = max(1, -(-len(values) // places)) if places else 1
    if rounds > 1_000:
        return None
    rest = iter(values)
    text = re.sub(r"%([sbdq%])", lambda match: "%" if match[1] == "%" else next(rest, ""), pattern * rounds)
    return _with_escapes(text)


def certain_output(program: str, words: Sequence[Word], stdin: str | None) -> str | None:
    """What a command prints, or None where that is not certain.

    Args:
        program: Its name, without folders.
        words: The program and its arguments.
        stdin: What it reads, None where that is not known.
    """
    if program in _SILENT:
        return ""
    if program not in _KNOWN or not all(word.known for word in words):
        return None
    arguments = [word.text for word in words[1:]]
    match program:
        case "echo":
            return _echo(arguments)
        case "printf":
            return _printf(arguments)
        case "yes":
            return (" ".join(arguments) or "y") + "\n"
        case "cat" if not arguments or arguments == ["-"]:
            return stdin
        case "tee":
            return stdin
    return None
