"""Programs that run another program: `sudo`, `env A=b`, `time`, `exec`, `timeout 5m` and their like."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .shell import Word

_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")

# Each wrapper: its options that take a value in the next word, and how many words of its own come before the program.
_WRAPPERS: dict[str, tuple[frozenset[str], int]] = {
    "sudo": (
        frozenset(
            [
                "-u",
                "-g",
                "-h",
                "-p",
                "-C",
                "-r",
                "-t",
                "-T",
                "-U",
                "-D",
                "--user",
                "--group",
                "--host",
                "--prompt",
                "--chdir",
            ]
        ),
        0,
    ),
    "doas": (frozenset(("-u", "-C")), 0),
    "fakeroot": (frozenset(["-l", "-s", "-i", "-b", "--lib", "--faked"]), 0),
    "env": (frozenset(["-u", "-C", "-S", "--unset", "--chdir"]), 0),
    "exec": (frozenset(("-a",)), 0),
    "command": (frozenset(), 0),
    "builtin": (frozenset(), 0),
    "time": (frozenset(["-o", "-f", "--output", "--format"]), 0),
    "nohup": (frozenset(), 0),
    "setsid": (frozenset(), 0),
    "nice": (frozenset(["-n", "--adjustment"]), 0),
    "ionice": (frozenset(["-c", "-n", "-p", "--class", "--classdata"]), 0),
    "chrt": (frozenset(), 1),
    "timeout": (frozenset(["-s", "-k", "--signal", "--kill-after"]), 1),
    "stdbuf": (frozenset(["-i", "-o", "-e", "--input", "--output", "--error"]), 0),
    "unbuffer": (frozenset(), 0),
    "eatmydata": (frozenset(), 0),
    "chronic": (frozenset(), 0),
    "retry": (frozenset(["-t", "-d", "--times", "--delay"]), 0),
    "busybox": (frozenset(), 0),
    "script": (frozenset(), 99),
}


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """The words of the program itself, the wrappers that stood before it, and variables set by `env`."""

    words: tuple[Word, ...]
    wrappers: tuple[str, ...]
    settings: dict[str, str]


def unwrap(words: Sequence[Word]) -> Unwrapped:
    """Take the wrappers off. A wrapper that runs nothing (`exec > log`, `time`) is left as it is."""
    if words[0].text.rpartition("/")[2] not in _WRAPPERS:
        return Unwrapped(tuple(words), (), {})
    rest = list(words)
    wrappers: list[str] = []
    settings: dict[str, str] = {}
    while True:
        name = rest[0].text.rpartition("/")[2]
        known = _WRAPPERS.get(name)
        if known is None:
            break
        valued, own_words = known
        index = 1
        looks_up = False
        while index < len(rest) and rest[index].text.startswith("-") and len(rest[index].text) > 1:
            option = rest[index].text
            index += 1
            if option == "--":
                break
            looks_up = looks_up or (name == "command" and option in ("-v", "-V"))
            index += option in valued
        if looks_up:
            break
        while index < len(rest) and name in ("env", "sudo") and _ASSIGNMENT.match(rest[index].text):
            variable, _, value = rest[index].text.partition("=")
            settings[variable] = value
            index += 1
        index += own_words
        if index >= len(rest):
            break
        wrappers.append(name)
        rest = rest[index:]
    return Unwrapped(tuple(rest), tuple(wrappers), settings)
