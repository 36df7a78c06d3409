"""The sections of a stage: where they begin, their names and bodies, and what `%files`, `%labels`, `%arguments` list.

Source of facts: Apptainer 1.4.5, `pkg/build/types/parser`, and builds that were run with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice, pairwise

from .header import SPACE, Line, lower
from .templating import ANY_VARIABLE, Origin
from .verdict import Position

SECTIONS = (
    "help",
    "setup",
    "files",
    "labels",
    "environment",
    "pre",
    "post",
    "runscript",
    "test",
    "startscript",
    "arguments",
)
"""Section names, as Apptainer compares them: in lower case."""

APP_SECTIONS = (
    "appinstall",
    "applabels",
    "appfiles",
    "appenv",
    "apptest",
    "apphelp",
    "apprun",
    "appstart",
)
"""Sections that belong to a named app."""

SHELL_SECTIONS = frozenset(("setup", "environment", "pre", "post", "runscript", "test", "startscript")) | frozenset(
    ("appinstall", "appenv", "apptest", "apprun", "appstart")
)
"""Sections whose body is a shell script."""

_MOST_BYTES = 65_536
_LONGEST_CHARACTER = 4  # bytes
_SECTION_LINE = re.compile(f"^[{re.escape(SPACE.replace(chr(10), ''))}]*%", re.MULTILINE)
_UNDECODED = re.compile("[\udc80-\udcff]")
# Words of a `%files` line: a quoted one, one that holds a template variable, or a run without blanks and quotes.
_FILE_WORD = re.compile(
    rf"""(?:[^\t\n\f\r "']*{ANY_VARIABLE}[^\t\n\f\r {{}}"']*)+"""
    r"""|[^\t\n\f\r "']+|"[^"]*"|'[^']*"""
)


@dataclass(frozen=True, slots=True)
class Body:
    """Text from a recipe whose lines know where they were written.

    `offsets` holds, for each line, its offset in the text that `origin` leads back from.
    """

    text: str
    offsets: tuple[int, ...]
    origin: Origin

    def position(self, row: int, column: int) -> Position:
        """Where in the recipe row `row`, column `column` of this text (both from 0) was written."""
        row = max(0, min(row, len(self.offsets) - 1))
        return self.origin.position(self.offsets[row] + column) if self.offsets else Position(1, 1)


@dataclass(frozen=True, slots=True)
class Section:
    """One section as it was written.

    Attributes:
        name: In lower case, without `%`; of an app section only the first word, in the case it was written in.
        app: The app's name, empty for other sections.
        arguments: What follows the name (`-c /bin/bash`, `from build`), as Apptainer keeps it.
        body: The lines below the section line.
        start_line: The section line, counted from 1.
        end_line: The body's last line.
        position: Where the `%` stands.
    """

    name: str
    app: str
    arguments: str
    body: Body
    start_line: int
    end_line: int
    position: Position

    @property
    def is_shell(self) -> bool:
        """Whether the body is a shell script."""
        return self.name in SHELL_SECTIONS


@dataclass(frozen=True, slots=True)
class FilePair:
    """A line of `%files`: what is copied, and where to (empty: the same path)."""

    source: str
    destination: str
    position: Position


@dataclass(frozen=True, slots=True)
class Token:
    """What lies between two section lines: the header, or a section with its line first.

    `text` is as it stands in the stage, line ends and all, `offset` where it begins there.
    """

    text: str
    offset: int
    is_section: bool

    @property
    def first(self) -> Line:
        """Its first line."""
        return Line(self.text.partition("\n")[0].removesuffix("\r"), self.offset)

    @property
    def lines(self) -> list[Line]:
        """All of its lines."""
        return lines_of(self.text, self.offset)


def lines_of(text: str, offset: int = 0) -> list[Line]:
    """Cut a text into lines as Apptainer does: at line feeds, one carriage return before them dropped.

    `offset` is where the text begins in a larger one.
    """
    parts = text.split("\n")
    lines = list(map(Line, _without_returns(parts, text), _offsets(parts, offset)))
    if lines and not lines[-1].text:
        del lines[-1]  # the end of the last line is not another line
    return lines


def _without_returns(parts: list[str], text: str) -> list[str]:
    return [part.removesuffix("\r") for part in parts] if "\r" in text else parts


def _offsets(parts: list[str], offset: int) -> Iterator[int]:
    """Where each part begins in the text that was split into them, and where another one would."""
    return accumulate((len(part) + 1 for part in parts), initial=offset)


def is_section_line(text: str) -> bool:
    """Whether Apptainer takes a line for the beginning of a section: its first visible character is `%`."""
    return text.lstrip(SPACE).startswith("%")


def _size(text: str) -> int:
    if text.isascii():
        return len(text)
    # Bytes that are not UTF-8 are read as lone surrogates: one byte each, not three.
    return len(text.encode("utf-8", "surrogatepass")) - 2 * len(_UNDECODED.findall(text))


def tokens_of(text: str) -> tuple[list[Token], Line | None]:
    """Cut a stage into header and sections.

    Returns them, and the first line of the first one that is too long for Apptainer's reader (it reads at most
    65,536 bytes for a section and the section line after it, one less where the file ends first).
    """
    if not text.removesuffix("\r"):
        return [], None
    starts = [match.start() for match in _SECTION_LINE.finditer(text)]
    has_header = not starts or starts[0] > 0
    ends_with_newline = text.endswith("\n")
    tokens: list[Token] = []
    too_long: Line | None = None
    for start, end in pairwise([*([0] if has_header else []), *starts, len(text)]):
        token = Token(text[start:end], start, is_section=bool(tokens) or not has_header)
        tokens.append(token)
        if too_long is None and _is_too_long(text, start, end, ends_with_newline=ends_with_newline):
            too_long = token.first
    return tokens, too_long


def _is_too_long(text: str, start: int, end: int, *, ends_with_newline: bool) -> bool:
    """Whether a token and the section line after it are more than Apptainer's reader takes."""
    if end == len(text):
        return _size(text[start:end]) > _MOST_BYTES - 1
    line_end = text.find("\n", end) + 1
    is_last = line_end in (0, len(text)) or (text.startswith("\r", line_end) and line_end + 1 == len(text))
    line_end = len(text) if is_last else line_end
    if (line_end - start) * _LONGEST_CHARACTER < _MOST_BYTES:
        return False
    return _size(text[start:line_end]) > (_MOST_BYTES - 1 if is_last and not ends_with_newline else _MOST_BYTES)


def section_name(line: str) -> str:
    """The name in a section line: percent signs off, up to the first space, in lower case."""
    return lower(line.lstrip("%").split(" ", 1)[0])


@dataclass(frozen=True, slots=True)
class SectionReading:
    """A section, the key Apptainer files it under, and why it cannot be used ("" if it can)."""

    section: Section
    key: str
    fault: str
    text: str


def read_section(token: Token, origin: Origin, *, is_first: bool) -> SectionReading:
    """Read one section.

    The first thing in a stage is trimmed by Apptainer before it looks at it, so that a blank before its `%` does no
    harm there.
    """
    first_line, newline, below = token.text.partition("\n")
    first_line = first_line.removesuffix("\r")
    head = first_line
    parts = below.split("\n") if newline else []
    rest = _without_returns(parts, below)
    if rest and not rest[-1]:
        rest = rest[:-1]
    if is_first:
        head = head.lstrip(SPACE)
        written = len(rest)
        while written and not rest[written - 1].strip(SPACE):
            written -= 1
        rest = rest[:written]
        if not rest:
            head = head.rstrip(SPACE)
    body_text = "\n".join([*rest, ""])
    if is_first and rest:
        body_text = body_text.rstrip(SPACE)
    begin = token.offset + len(token.text) - len(below)
    offsets = tuple(islice(_offsets(parts, begin), len(rest))) if rest else ()
    bare = head.lstrip("%")
    first_word, _, arguments = bare.partition(" ")
    name = lower(first_word)
    fault = ""
    app = ""
    key = name
    if is_first and not rest:
        fault = "no body"
    if name in APP_SECTIONS:
        words = bare.split(" ", 2)
        name = first_word
        if len(words) < 2:
            fault = fault or "no app"
        else:
            app = words[1]
            key = f"{name} {app}"
    at = origin.position(token.offset + len(first_line) - len(first_line.lstrip(SPACE)))
    last = origin.position(offsets[-1]).line if offsets else at.line
    body = Body(body_text, offsets, origin)
    return SectionReading(Section(name, app, arguments, body, at.line, last, at), key, fault, head)


def _listed(body: Body) -> Iterator[tuple[str, Position]]:
    """The lines of a list-like section, trimmed, without blank and comment lines."""
    for row, line in enumerate(body.text.split("\n")):
        text = line.strip(SPACE)
        if text and not text.startswith("#"):
            yield text, body.position(row, len(line) - len(line.lstrip(SPACE)))


def read_files(body: Body) -> Iterator[FilePair]:
    """The pairs of a `%files` body. Words after the second are ignored, as by Apptainer."""
    for text, position in _listed(body):
        words = [match[0] for match in islice(_FILE_WORD.finditer(text), 2)]
        source = words[0].strip('"') if words else ""
        destination = words[1].strip('"') if len(words) > 1 else ""
        yield FilePair(source, destination, position)


def read_labels(body: Body) -> dict[str, str]:
    """The labels of a `%labels` body: the key up to the first space, the rest is the value, quotes and all."""
    labels = {}
    for text, _ in _listed(body):
        key, _, value = text.partition(" ")
        labels[key.strip(SPACE)] = value.strip(SPACE)
    return labels


def read_arguments(bodies: Sequence[Body]) -> dict[str, str]:
    """The defaults of all `%arguments` bodies of a stage. Lines without `=` or without a name are skipped."""
    values = {}
    for body in bodies:
        for text, _ in _listed(body):
            name, equals, value = text.partition("=")
            if equals and name.strip(SPACE):
                values[name.strip(SPACE)] = value.strip(SPACE)
    return values
