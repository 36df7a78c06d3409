"""What surely was meant, so that a fix may be made without asking."""

from __future__ import annotations

import re

from cowshed_lessons.sections import APP_SECTIONS, SECTIONS, SHELL_SECTIONS
from cowshed_lessons.shell_syntax import parse
from cowshed_lessons.templating import VARIABLE

from .header_rules import faults
from .linted import Linted

_NAMES = frozenset((*SECTIONS, *APP_SECTIONS))
_TEXT = frozenset(("help", "labels", "apphelp", "applabels"))
_HEAD = re.compile(r"[\s\x00]*%+\s*([A-Za-z]*)")
_HEREDOC = re.compile(r"<<-?[ \t]*\\?(['\"]?)([\w.-]+)\1")


def sections_meant(linted: Linted) -> frozenset[int]:
    """The lines that Apptainer rejects as sections and that surely were meant as such.

    Text of `%help` and `%labels`, of a heredoc or of an open quote may look like a section line: made one, it would
    become code that runs.
    """
    certain: set[int] = set()
    lines = {fault.position.line for fault in faults(linted, "section-indented", "section-trailing", "app-name")}
    for number in sorted(lines):
        row = number - 1
        while row and not linted.line(row).lstrip().startswith("%"):
            row -= 1
        if row == 0:
            certain.add(number)  # below the header
        elif row in certain or (linted.line(row).startswith("%") and row not in lines):
            head = _HEAD.match(linted.line(row))
            above = "\n".join(linted.line(each) for each in range(row + 1, number))
            if head and _ends(head[1].lower(), above):
                certain.add(number)
    return frozenset(certain)


def _ends(section: str, body: str) -> bool:
    """Whether a section may end after a body."""
    if section not in _NAMES or section in _TEXT:
        return False
    if section not in SHELL_SECTIONS:
        return True
    text = VARIABLE.sub(lambda match: "x" * len(match[0]), body)
    if text.rstrip().endswith("\\"):
        return False
    for match in _HEREDOC.finditer(text):
        if not any(line.strip() == match[2] for line in text[match.end() :].split("\n")[1:]):
            return False
    tree = parse((text + "\n").encode("utf-8", "replace"))
    return tree is not None and not tree.root_node.has_error
