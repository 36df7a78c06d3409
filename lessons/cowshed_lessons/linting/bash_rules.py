"""A rule about scripts that only bash understands and that another shell runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from .bodies import ShellBody
from .findings import Problem, Severity
from .linted import Linted
from .registry import rule
from .script_rules import bodies

_BASE = "Bootstrap: docker\nFrom: ubuntu:22.04\n"

# What dash does with it: "ends" (the script ends there, or is not read at all), "fails" (the command fails), "differs".
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
        yield "ends", "only bash has arrays", node
    for node in body.nodes("herestring"):
        yield "ends", "`<<<` is bash's", node
    for node in body.nodes("process"):
        yield "ends", "`<( … )` is bash's", node
    for node in body.nodes("function"):
        if body.source[node.start_byte : node.start_byte + 9] == b"function ":
            yield "ends", "`function f` is bash's; `f()` works everywhere", node
    for node in body.nodes("expansion"):
        text = body.text_of(node).strip()
        if re.match(r"\$\{\w+(//?[^}]|\^|,|:[ \d])|\$\{!|\$\{\w+\[", text):
            yield "ends", f"`{text[:40]}` is bash's", node
    for node in body.nodes("redirect"):
        if body.source[node.start_byte : node.start_byte + 2] == b"&>":
            yield "differs", "`&>` is bash's; `> file 2>&1` works everywhere", node
    for node in body.nodes("command"):
        start = body.source[node.start_byte : node.start_byte + 9]
        name = start.split(maxsplit=1)[0].decode("utf-8", "replace") if start.split() else ""
        if name in _COMMANDS:
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
        for effect, text, node in _found(body):
            certain = body.has_dash and in_container and not body.is_tolerated(node)
            stops = effect == "ends" or (effect == "fails" and body.ends_at_failure)
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


def _is_asked(body: ShellBody, node: Node) -> bool:
    """Whether a failure is passed over: a condition, or something left of `&&`."""
    before = body.source[max(0, node.start_byte - 8) : node.start_byte].split()
    after = body.source[node.end_byte : node.end_byte + 4].lstrip()
    return (bool(before) and before[-1] in (b"if", b"while", b"until", b"elif", b"!")) or after.startswith(b"&&")
