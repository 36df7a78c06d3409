"""How far lines of a recipe's scripts stand in, while they are typed. Text only, no widgets.

Only what was typed tells: a script that is being written is no script yet, so nothing here parses it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cowshed_gui.recipe_editing import INDENT, indentation_after, leading_blank

_HEREDOC = re.compile(r"(?<!<)<<(-?)\s*(?:'([^'\s]+)'|\"([^\"\s]+)\"|\\?([A-Za-z_]\w*))")
_CLOSER = re.compile(r"(fi|done|esac|else|elif|\}|\))(?=$|[\s;&|)<>#])")
_OPENERS = {
    "fi": re.compile(r"if\b"),
    "else": re.compile(r"if\b"),
    "elif": re.compile(r"if\b"),
    "done": re.compile(r"(?:for|while|until|select)\b"),
    "esac": re.compile(r"case\b"),
    "}": re.compile(r".*\{\s*(?:#.*)?$"),
    ")": re.compile(r".*\(\s*(?:#.*)?$"),
}
_ENDS = {"fi": "fi", "else": "fi", "elif": "fi"}
_CASE = re.compile(r"case\b.*\bin\s*(?:#.*)?$")
_PATTERN = re.compile(r"\(?[^()\s][^()]*\)\s*(?:#.*)?$")


@dataclass(frozen=True, slots=True)
class Heredoc:
    """A here-document that is open: its end word, whether tabs may precede that, the line (from 0) it begins in."""

    word: str
    tabs: bool
    line: int

    def ends_with(self, line: str) -> bool:
        """Whether the shell takes a line for its end."""
        return (line.lstrip("\t") if self.tabs else line) == self.word


def read(lines: Sequence[str]) -> tuple[list[str], Heredoc | None]:
    """The lines that are no part of a here-document's text, and the here-document that is open after all of them."""
    outside: list[str] = []
    waiting: list[Heredoc] = []
    for number, line in enumerate(lines):
        if waiting:
            if waiting[0].ends_with(line):
                waiting.pop(0)
            continue
        outside.append(line)
        if not line.lstrip().startswith("#"):
            found = _HEREDOC.finditer(line)
            waiting += [Heredoc(each[2] or each[3] or each[4], bool(each[1]), number) for each in found]
    return outside, waiting[0] if waiting else None


def completed(lines: Sequence[str]) -> str:
    """The last of these lines of a section as it belongs, now that it is written to its end.

    Words that end or part a block go back to where it began; the end word of a here-document to where the shell
    looks for it.
    """
    *before, line = lines
    text = line.strip()
    _, heredoc = read(before)
    if heredoc is not None:
        return text if text == heredoc.word and not heredoc.ends_with(line) else line
    closer = _CLOSER.match(text)
    if closer is None:
        return line
    began = _opener(before, closer[1])
    if began is None or len(leading_blank(began)) >= len(leading_blank(line)):
        return line
    return leading_blank(began) + line.lstrip()


def indentation(lines: Sequence[str]) -> str:
    """The blanks that the line after these of a section begins with."""
    line = lines[-1] if lines else ""
    _, heredoc = read(lines)
    if heredoc is not None:
        return leading_blank(line) if heredoc.line < len(lines) - 1 else ""  # its lines stand as they are meant
    _, ended = read(lines[:-1])
    if ended is not None:
        return leading_blank(lines[ended.line])
    text = line.strip()
    blank = leading_blank(line)
    if _CASE.match(text):
        return blank + INDENT
    if text.startswith(";;") or text.endswith(";;") or _PATTERN.match(text):
        case = _opener(lines[:-1], "esac")
        if case is not None and _PATTERN.match(text) and not text.endswith(";;"):
            return blank + INDENT
        if case is not None:
            return leading_blank(case) + INDENT
    return indentation_after(line, lines[-2] if len(lines) > 1 else "")


def _opener(lines: Sequence[str], closer: str) -> str | None:
    """The line that begins the block that a word ends; what stands in here-documents does not count."""
    begins, ends = _OPENERS[closer], _ENDS.get(closer, closer)
    depth = 0
    for line in reversed(read(lines)[0]):
        text = line.strip()
        ending = _CLOSER.match(text)
        if ending is not None and ending[1] == ends:
            depth += 1
        elif begins.match(text) and not _ends_itself(text, ends):
            if depth == 0:
                return line
            depth -= 1
    return None


def _ends_itself(text: str, closer: str) -> bool:
    """Whether a block is begun and ended in one line."""
    return re.search(rf"[\s;]{re.escape(closer)}(?:$|[\s;&|)<>])", text) is not None
