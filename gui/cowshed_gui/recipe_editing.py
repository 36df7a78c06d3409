"""How text of a recipe is edited: indentation, comments, brackets, where a snippet belongs. Text only, no widgets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

INDENT = "    "

_SECTION = re.compile(r"\s*%+(\S*)")
_HEADER_KEY = re.compile(r"([A-Za-z][A-Za-z0-9]*)\s*:(?!//)")
_OPENS = re.compile(r"(?:\b(?:then|do|else)|\{|\()\s*(?:#.*)?$")
_PAIRS = {"(": ")", "[": "]", "{": "}"}
_CLOSERS = {closer: opener for opener, closer in _PAIRS.items()}
_REACH = 20_000  # letters that are searched for the other bracket; more would be felt while typing


@dataclass(frozen=True, slots=True)
class Insertion:
    """Lines to put in before a line (counted from 0), or in place of that line where it is blank."""

    line: int
    lines: tuple[str, ...]
    in_place: bool = False


def leading_blank(line: str) -> str:
    """The blanks a line begins with."""
    return line[: len(line) - len(line.lstrip())]


def indentation_after(line: str, before: str = "") -> str:
    """The blanks that a new line after `line` begins with; `before` is the line above it."""
    blank = leading_blank(line)
    text = line.strip()
    if text.startswith("%"):
        return INDENT
    if text.endswith("\\"):
        return blank if before.rstrip().endswith("\\") else blank + INDENT
    if before.rstrip().endswith("\\") and text:
        # the command ends here: back to where it began is right more often than not
        return blank.removesuffix(INDENT) if len(blank) > len(leading_blank(before)) else blank
    if _OPENS.search(text) and not text.startswith("#"):
        return blank + INDENT
    return blank


def toggle_comments(lines: Sequence[str]) -> list[str]:
    """Comment lines out, or in again where all of them are comments. Blank lines stay as they are."""
    full = [line for line in lines if line.strip()]
    if full and all(line.lstrip().startswith("#") for line in full):
        return [re.sub(r"^(\s*)# ?", r"\1", line) for line in lines]
    depth = min((len(leading_blank(line)) for line in full), default=0)
    return [f"{line[:depth]}# {line[depth:]}" if line.strip() else line for line in lines]


def unindent(line: str) -> str:
    """Take one step of indentation off."""
    return re.sub(r"^(?: {1,4}|\t)", "", line)


def matching_bracket(text: str, position: int) -> tuple[int, int] | None:
    """The bracket at the cursor and its partner: the one after `position`, else the one before it."""
    for here in (position, position - 1):
        if not 0 <= here < len(text):
            continue
        letter = text[here]
        if letter in _PAIRS:
            found = _scan(text, range(here, min(len(text), here + _REACH)), letter, _PAIRS[letter])
        elif letter in _CLOSERS:
            found = _scan(text, range(here, max(-1, here - _REACH), -1), letter, _CLOSERS[letter])
        else:
            continue
        if found is not None:
            return here, found
    return None


def _scan(text: str, places: range, same: str, other: str) -> int | None:
    depth = 0
    for place in places:
        if text[place] == same:
            depth += 1
        elif text[place] == other:
            depth -= 1
            if depth == 0:
                return place
    return None


def place_snippet(text: str, cursor_line: int, snippet: str) -> Insertion:
    """Where a snippet of the lesson belongs.

    Header lines go to the end of the header. A section joins the section of its name, or comes after the section
    the cursor is in. Other lines are commands: after the cursor's line if it is in a section, else to the end of
    `%post`, which is made where there is none.

    Args:
        text: the recipe.
        cursor_line: the line the cursor is in, from 0.
        snippet: the snippet, with any indentation.
    """
    lines = text.split("\n")
    new = _dedented(snippet)
    starts = [number for number, line in enumerate(lines) if _SECTION.match(line)]
    section = _SECTION.match(new[0]) if new else None
    if section:
        return _place_section(lines, starts, cursor_line, new)
    if new and all(_HEADER_KEY.match(line) or line.startswith("#") for line in new):
        end = starts[0] if starts else len(lines)
        last = _last_full(lines, 0, end)
        if last < 0 and end > 0:
            return Insertion(0, tuple(new), in_place=True)
        return Insertion(last + 1, tuple(new))
    body = tuple(INDENT + line if line else line for line in new)
    inside = [start for start in starts if start < cursor_line]
    if inside and cursor_line not in starts:
        if not lines[cursor_line].strip():
            return Insertion(cursor_line, body, in_place=True)
        while lines[cursor_line].rstrip().endswith("\\") and cursor_line + 1 < len(lines):
            cursor_line += 1
        return Insertion(cursor_line + 1, body)
    at = (
        cursor_line
        if cursor_line in starts
        else next((start for start in starts if _name(lines[start]) == "post"), None)
    )
    if at is None:
        return _append(lines, _last_full(lines, 0, len(lines)), ("%post", *body))
    return Insertion(_last_full(lines, at, _end(lines, starts, at)) + 1, body)


def _place_section(lines: list[str], starts: list[int], cursor_line: int, new: list[str]) -> Insertion:
    same = next((start for start in starts if lines[start].split() == new[0].split()), None)
    if same is not None:
        return Insertion(_last_full(lines, same, _end(lines, starts, same)) + 1, tuple(new[1:]))
    at = max((start for start in starts if start <= cursor_line), default=None)
    end = len(lines) if at is None or at == starts[-1] else _end(lines, starts, at)
    last = _last_full(lines, 0, end)
    if end == len(lines):
        return _append(lines, last, tuple(new))
    return Insertion(last + 1, ("", *new))


def _append(lines: list[str], last: int, new: tuple[str, ...]) -> Insertion:
    """Put lines after the last full one, with a blank line between, using blank lines that are there."""
    if last < 0:
        return Insertion(0, new, in_place=True)
    if last + 1 < len(lines) and last + 2 < len(lines):
        return Insertion(last + 2, new, in_place=True)
    return Insertion(last + 1, ("", *new))


def _dedented(snippet: str) -> list[str]:
    lines = [line.rstrip() for line in snippet.strip("\n").split("\n")]
    depth = min((len(leading_blank(line)) for line in lines if line), default=0)
    return [line[depth:] for line in lines]


def _name(line: str) -> str:
    match = _SECTION.match(line)
    return match[1].lower() if match else ""


def _end(lines: list[str], starts: list[int], start: int) -> int:
    return next((other for other in starts if other > start), len(lines))


def _last_full(lines: list[str], first: int, end: int) -> int:
    """The last line with text in it, -1 for none. Comments right above the next section belong to that one."""
    last = end - 1
    while last >= first and not lines[last].strip():
        last -= 1
    return last if last >= first else -1
