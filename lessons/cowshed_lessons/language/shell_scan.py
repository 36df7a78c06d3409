"""A shell script as words, comments and here-documents, read so that half of one makes sense, too.

tree-sitter reads finished scripts (`shell.py`); of one that is being typed it makes one large error. This scanner
knows less, but it always says where the cursor is: in which command, behind which words, or in a comment, a string or a
here-document.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from cowshed_lessons.templating import ANY_VARIABLE

_TOKEN = re.compile(
    r"""
    (?:[^\S\n]|\\\n)*+  # blanks of any kind, continuation lines among them: what follows is then never left over
    (?:
      (?P<comment>\#[^\n]*)
    | (?P<word>(?:
          [\w./:=,+@%~^*?!\[\]-]++
        | """
    + ANY_VARIABLE
    + r"""
        | \$\(\([^\n]{0,120}?\)\)
        | \$\{[^}\n]*\}?
        | \\(?:.|\Z)
        | '[^']*(?:'|\Z)
        | "(?:[^"\\]++|\\.)*+(?:"|\Z|\\\Z)
        | [^\s;&|()<>'"\\`]
      )++)
    | (?P<newline>\n)
    | (?P<heredoc><<(?!<)-?[ \t]*(?:'[^'\n]+'|"[^"\n]+"|\\?[\w.+-]+))
    | (?P<redirect>(?:<<<|>>|<&|>&|&>|[<>]\|?))
    | (?P<operator>&&|\|\||;;&?|[;&|()`])
    | \Z
    )
    """,
    re.VERBOSE | re.DOTALL,
)
_HEREDOC = re.compile(r"<<(-?)[ \t]*(['\"\\]?)(.*?)['\"]?$")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)\+?=")
# Words after which another command begins, not an argument.
_LEADING = frozenset(
    ("if", "then", "elif", "else", "while", "until", "do", "{", "!", "time", "sudo", "exec", "command", "env", "nohup")
)


class Where(Enum):
    """What a place in a script is part of."""

    CODE = "code"
    COMMENT = "comment"
    STRING = "string"
    HEREDOC = "here-document"


@dataclass(frozen=True, slots=True)
class ShellWord:
    """A word as it is written, and where it begins (an offset in the script)."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """The offset behind it."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Heredoc:
    """A here-document: the rows (from 0) of its operator and of its end, which is the last row where none is there."""

    row: int
    end_row: int
    closed: bool


@dataclass(frozen=True, slots=True)
class ShellScan:
    """A script in pieces.

    Attributes:
        commands: Each command's words, settings such as `A=b` before it included.
        comments: Start and end of each comment.
        heredocs: The here-documents, each with start and end of its body.
        bodies: Start and end of the bodies of the here-documents.
        assigned: Names of variables, with the offset at which each is set.
    """

    commands: tuple[tuple[ShellWord, ...], ...]
    comments: tuple[tuple[int, int], ...]
    heredocs: tuple[Heredoc, ...]
    bodies: tuple[tuple[int, int], ...]
    assigned: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Cursor:
    """What is to be written at a place: the words of the command before it, and the word that has been begun.

    `words` lack settings and leading words such as `if` and `sudo`; `begun` is what stands left of the place in its
    own word, `start` the offset at which that begins.
    """

    where: Where
    words: tuple[str, ...] = ()
    begun: str = ""
    start: int = 0
    after_redirect: bool = False


def _bodies(text: str, start: int, waiting: list[tuple[str, bool, int]]) -> Iterator[tuple[int, int, int, bool]]:
    """Skip the bodies of here-documents from `start` on: row of the operator, start, end, and whether it was closed."""
    at = start
    for end, strips_tabs, row in waiting:
        body = at
        closed = False
        while at < len(text):
            stop = text.find("\n", at)
            stop = len(text) if stop < 0 else stop
            line = text[at:stop]
            at = min(stop + 1, len(text))
            if (line.lstrip("\t") if strips_tabs else line) == end:
                closed = True
                break
        yield row, body, at, closed


class _Mark(NamedTuple):
    """The end of a line behind which a script is read the same whatever was before: no command or heredoc is open.

    `row` is the number of the row at offset `row_at`; the rest is how much had been found.
    """

    at: int
    row: int
    row_at: int
    commands: int
    comments: int
    heredocs: int
    assigned: int


class _Tape(NamedTuple):
    text: str
    scan: ShellScan
    marks: list[_Mark]


_TAPES: list[_Tape] = []
_MOST_TAPES = 3


@lru_cache(maxsize=8)
def scan(text: str) -> ShellScan:
    """Read a script. Lines must end in line feeds alone.

    One that begins as one that was read before is read on from the place where they part: that is what typing makes.
    """
    tape = _scan(text, *_beginning(text))
    if len(text) > _SHORT:
        _TAPES[:] = [tape, *_TAPES[: _MOST_TAPES - 1]]
    return tape.scan


_SHORT = 500
_NOTHING = _Tape("", ShellScan((), (), (), (), ()), [])
_START = _Mark(0, 0, 0, 0, 0, 0, 0)


def _beginning(text: str) -> tuple[_Tape, int]:
    """The script that begins like this one for the longest, and how many of its marks are this one's, too."""
    best, most = _NOTHING, 0
    for tape in _TAPES:
        same = common_start(tape.text, text)
        if same > most:
            best, most = tape, same
    return best, bisect_right(best.marks, most, key=lambda mark: mark.at)


def common_start(one: str, other: str) -> int:
    """How many characters at the beginning of two texts are the same."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _scan(text: str, old: _Tape, number: int) -> _Tape:
    marks = old.marks[:number]
    mark = marks[-1] if marks else _START
    commands = list(old.scan.commands[: mark.commands])
    comments = list(old.scan.comments[: mark.comments])
    heredocs = list(old.scan.heredocs[: mark.heredocs])
    bodies = list(old.scan.bodies[: mark.heredocs])
    assigned = list(old.scan.assigned[: mark.assigned])
    words: list[ShellWord] = []
    waiting: list[tuple[str, bool, int]] = []
    at, row, row_at = mark.at, mark.row, mark.row_at
    skip = False  # the next word is the file of a redirect
    match = _TOKEN.match
    while at < len(text):
        found = match(text, at)
        if found is None:
            at += 1
            continue
        kind = found.lastgroup
        if kind is None:
            break
        begin = found.start(kind)
        at = found.end()
        if kind == "word":
            if not skip:
                piece = found[kind]
                words.append(ShellWord(piece, begin))
                name = _ASSIGNMENT.match(piece)
                if name:
                    assigned.append((name[1], begin))
                elif len(words) == 2 and words[0].text in ("for", "read"):
                    assigned.append((piece, begin))
            skip = False
        elif kind == "comment":
            comments.append((begin, at))
        elif kind == "heredoc":
            parts = _HEREDOC.match(found[kind])
            assert parts is not None, "the token has this form"
            row, row_at = row + text.count("\n", row_at, begin), begin
            waiting.append((parts[3], bool(parts[1]), row))
        elif kind == "redirect":
            skip = True
        else:
            if words:
                commands.append(tuple(words))
                words = []
            skip = False
        if kind != "newline":
            continue
        if waiting:
            row, row_at = row + text.count("\n", row_at, at), at
            for opened, start, end, closed in _bodies(text, at, waiting):
                row, row_at = row + text.count("\n", start, end), end
                last = row - 1 if text[end - 1 : end] == "\n" else row
                heredocs.append(Heredoc(opened, max(opened, last), closed))
                bodies.append((start, end))
                at = end
            waiting = []
            if not heredocs[-1].closed or at == len(text):
                continue  # what is written below may still be part of it
        marks.append(_Mark(at, row, row_at, len(commands), len(comments), len(heredocs), len(assigned)))
    if words:
        commands.append(tuple(words))
    return _Tape(
        text, ShellScan(tuple(commands), tuple(comments), tuple(heredocs), tuple(bodies), tuple(assigned)), marks
    )


def plain_words(words: tuple[ShellWord, ...]) -> tuple[ShellWord, ...]:
    """A command's words without settings and leading words."""
    index = 0
    while index < len(words) and (words[index].text in _LEADING or _ASSIGNMENT.match(words[index].text)):
        index += 1
    return words[index:]


def cursor_at(text: str, offset: int) -> Cursor:
    """Where a place is. What stands behind it does not count."""
    before = text[:offset]
    found = scan(before)
    if any(start <= offset <= end for start, end in found.comments[-1:]):
        return Cursor(Where.COMMENT)
    if found.bodies and found.bodies[-1][1] >= offset and not found.heredocs[-1].closed:
        return Cursor(Where.HEREDOC)
    start = _word_start(before, offset)
    begun = before[start:]
    if begun.startswith(("'", '"')) or begun.count("'") % 2 or begun.count('"') % 2:
        return Cursor(Where.STRING, (), begun, start)
    last = found.commands[-1] if found.commands else ()
    open_ended = bool(last) and not _ends_command(before[last[-1].end :])
    words = plain_words(last) if open_ended else ()
    earlier = tuple(word.text for word in words if word.end <= start)
    gap = before[:start].rstrip(" \t")
    return Cursor(Where.CODE, earlier, begun, start, after_redirect=gap.endswith((">", "<")))


def _word_start(before: str, offset: int) -> int:
    """Where the word begins that ends at the end of the text."""
    found = scan(before)
    if found.commands and found.commands[-1] and found.commands[-1][-1].end == offset:
        return found.commands[-1][-1].start
    at = offset
    while at and before[at - 1] not in " \t\n\r;&|()<>`":
        at -= 1
    return at


def _ends_command(between: str) -> bool:
    """Whether a command's end stands in what follows its last word."""
    return bool(re.search(r"[;&|()`]|(?<!\\)\n", between))
