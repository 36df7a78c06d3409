"""A rule about scripts that only bash understands and that another shell runs."""

from __future__ import annotations

import re
import sys
from bisect import bisect_left
from collections.abc import Iterator

from tree_sitter import Node

from .bodies import ShellBody
from .findings import Problem, Severity
from .linted import Linted
from .registry import rule
from .script_rules import bodies

_BASE = "Bootstrap: docker\nFrom: ubuntu:22.04\n"

_MOST_DEPTH = 40
_TURNS = (b"set", b"exit", b"return", b"exec")
_BRANCHES = frozenset(
    (
        "if_statement",
        "case_statement",
        "while_statement",
        "for_statement",
        "c_style_for_statement",
        "function_definition",
    )
)

# What dash does with it: "unread" (it cannot read the command that holds this, and ends), "ends" (the script ends where
# this is run), "fails" (the command fails), "differs".
_COMMANDS = {
    "source": ("fails", "`source` is bash's name for `.`"),
    "shopt": ("fails", "`shopt` is a command of bash"),
    "pushd": ("fails", "`pushd` is a command of bash"),
    "popd": ("fails", "`popd` is a command of bash"),
    "let": ("fails", "`let` is a command of bash"),
}


def _words(body: ShellBody, node: Node) -> list[str]:
    return body.text_of(node).split(maxsplit=8)


def _found(body: ShellBody) -> Iterator[tuple[str, str, Node]]:
    for node in body.nodes("test"):
        if body.source[node.start_byte : node.start_byte + 2] == b"[[":
            yield "fails", "`[[ … ]]` is bash's; `[ … ]` works everywhere", node
        elif re.search(r"\s==\s", body.text_of(node)) and body.source[node.start_byte : node.start_byte + 1] == b"[":
            yield "differs", "in `[ … ]` a plain shell compares with `=`, not `==`", node
    for node in body.nodes("array"):
        yield "unread", "only bash has arrays", node
    for node in body.nodes("herestring"):
        yield "unread", "`<<<` is bash's", node
    for node in body.nodes("process"):
        yield "unread", "`<( … )` is bash's", node
    for node in body.nodes("function"):
        if body.source[node.start_byte : node.start_byte + 9] == b"function ":
            yield "unread", "`function f` is bash's; `f()` works everywhere", node
    for node in body.nodes("expansion"):
        text = body.text_of(node).strip()
        if re.match(r"\$\{\w+(//?[^}]|\^|,|:[ \d])|\$\{!|\$\{\w+\[", text):
            yield "ends", f"`{text[:40]}` is bash's", node
    for node in body.nodes("redirect"):
        if body.source[node.start_byte : node.start_byte + 2] == b"&>":
            yield "differs", "`&>` is bash's; `> file 2>&1` works everywhere", node
    functions = _functions(body)
    for node in body.nodes("command"):
        start = body.source[node.start_byte : node.start_byte + 9]
        name = start.split(maxsplit=1)[0].decode("utf-8", "replace") if start.split() else ""
        if name in _COMMANDS and name not in functions:
            yield (*_COMMANDS[name], node)
        elif name == "set" and "pipefail" in _words(body, node)[1:3]:
            yield "ends", "`set -o pipefail` ends the shells of Debian 12 and Ubuntu 22.04", node


@rule(
    "shell-bashism",
    Severity.ERROR,
    "Something that only bash understands",
    why="`/bin/sh` runs the scripts. In Debian and Ubuntu that is dash, in Alpine busybox: they know no "
    "`source`, `[[`, arrays or `<<<`, and the build ends there or quietly does something else. Say it in plain "
    "shell, or let bash run the script: `%post -c /bin/bash -e`, or `#!/bin/bash` as the first line of "
    "`%runscript`.",
    wrong=_BASE + "%post\n    source /etc/os-release\n",
    right=_BASE + "%post\n    . /etc/os-release\n",
    source="seen in real builds; ShellCheck SC3046, SC3010, SC3030, SC3040; singularity#2656",
)
def _shell_bashism(linted: Linted) -> Iterator[Problem]:
    for body in bodies(linted):
        if body.shell not in ("sh", "dash", "ash") or body.open_heredoc is not None:
            continue
        in_container = body.name not in ("setup", "pre")
        course = _Course(body)
        for effect, text, node in _found(body):
            certain = body.has_dash and in_container and not body.is_tolerated(node)
            stops = effect in ("unread", "ends") or (effect == "fails" and body.ends_at_failure)
            stops = stops and course.comes_to(node, effect)
            error = certain and stops and not _is_asked(body, node)
            place = body.range_of(node)
            if effect == "fails" and node.type == "command":
                word = _words(body, node)[0]
                row, column = node.start_point
                start = len(body.source[node.start_byte - column : node.start_byte].decode("utf-8", "replace"))
                place = body.place(row, start, start + len(word))
            fixes = (
                linted.fix("Write `.` in place of `source`", (place, "source", "."))
                if text.startswith("`source`")
                else ()
            )
            severity = None if error else Severity.WARNING
            yield Problem(f"{text[0].upper()}{text[1:]}, but `/bin/sh` runs this.", place, fixes, severity)


def _functions(body: ShellBody) -> frozenset[str]:
    """The names of the functions that a script defines."""
    names = (node.child_by_field_name("name") for node in body.nodes("function"))
    return frozenset(body.text_of(name) for name in names if name is not None)


class _Course:
    """How far a script surely comes, and where it ends at a failure."""

    def __init__(self, body: ShellBody) -> None:
        self._end = sys.maxsize
        self._switches: list[tuple[int, bool]] = [(-1, True)]
        for node in body.nodes("command"):
            if not body.source.startswith(_TURNS, node.start_byte):
                continue
            words = _words(body, node)
            always = not _is_in(node, _BRANCHES)
            if words[0] == "set" and len(words) > 1:
                given = " ".join(words[1:])
                if re.search(r"(^|\s)\+(\w*e|o errexit)", given):
                    self._switches.append((node.start_byte, False))
                elif always and re.search(r"(^|\s)-(\w*e|o errexit)", given):
                    self._switches.append((node.start_byte, True))
            elif (words[0] in ("exit", "return") and always) or (words[0] == "exec" and len(words) > 1):
                self._end = min(self._end, node.start_byte)

    def comes_to(self, node: Node, effect: str) -> bool:
        """Whether what stands at a node surely takes its effect."""
        if node.start_byte > self._end:
            return False
        if effect == "unread":
            return True  # a plain shell reads a whole command, branches and all, before it runs any of it
        if _is_in(node, _BRANCHES):
            return False
        before = bisect_left(self._switches, (node.start_byte, False)) - 1
        return effect == "ends" or self._switches[before][1]


def _is_in(node: Node, kinds: frozenset[str]) -> bool:
    parent = node.parent
    for _ in range(_MOST_DEPTH):
        if parent is None:
            return False
        first = parent.child(0) if parent.type == "list" else None
        if parent.type in kinds or (first is not None and first.end_byte < node.start_byte):
            return True
        parent = parent.parent
    return True  # too deep to know


def _is_asked(body: ShellBody, node: Node) -> bool:
    """Whether a failure is passed over: a condition, or something left of `&&`."""
    before = body.source[max(0, node.start_byte - 8) : node.start_byte].split()
    after = body.source[node.end_byte : node.end_byte + 4].lstrip()
    return (bool(before) and before[-1] in (b"if", b"while", b"until", b"elif", b"!")) or after.startswith(b"&&")
