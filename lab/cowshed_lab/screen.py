"""The narrow interface to a terminal core: plain data both ways, so that the core can live in a helper process."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Protocol

MINIMUM_COLUMNS = 20
MINIMUM_ROWS = 5


@dataclass(frozen=True, slots=True)
class Style:
    """How a run of cells looks.

    Colours: None is the theme's default; 0 to 255 a palette index; bit 24 set (0x1RRGGBB) means true colour.
    `underline`: 0 none, 1 single, 2 double, 3 curly, 4 dotted, 5 dashed.
    """

    foreground: int | None = None
    background: int | None = None
    bold: bool = False
    faint: bool = False
    italic: bool = False
    underline: int = 0
    inverse: bool = False
    struck: bool = False
    invisible: bool = False
    link: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring cells of one style. `columns` is how many cells the text takes (wide characters take two)."""

    text: str
    columns: int
    style: Style


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the screen or the scrollback. `wrapped` is true where it goes on in the next row."""

    runs: tuple[Run, ...]
    wrapped: bool = False

    @property
    def text(self) -> str:
        """The row's text, trailing blanks removed."""
        return "".join(run.text for run in self.runs).rstrip()


class CursorShape(IntEnum):
    """Shapes a cursor can have (DECSCUSR)."""

    BLOCK = 0
    UNDERLINE = 1
    BAR = 2


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the cursor is: column and row of the screen, counted from 0."""

    column: int = 0
    row: int = 0
    visible: bool = True
    shape: CursorShape = CursorShape.BLOCK


class MouseMode(StrEnum):
    """What the program wants to know of the mouse (xterm private modes 9, 1000, 1002, 1003)."""

    OFF = "off"
    PRESS = "press"
    CLICK = "click"
    DRAG = "drag"
    MOTION = "motion"


@dataclass(frozen=True, slots=True)
class Modes:
    """Modes that change what keys, paste and mouse send."""

    application_cursor: bool = False
    application_keypad: bool = False
    bracketed_paste: bool = False
    alternate_screen: bool = False
    mouse: MouseMode = MouseMode.OFF
    mouse_sgr: bool = False
    focus_events: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """What changed since the frame before.

    `rows` maps a row of the screen (from 0) to its new content; `first_line` is the absolute number of the screen's top
    line, counted from the first line ever printed; `oldest_line` the absolute number of the oldest line still kept.
    """

    number: int
    columns: int
    height: int
    rows: dict[int, Row] = field(default_factory=dict)
    cursor: Cursor = Cursor()
    modes: Modes = Modes()
    first_line: int = 0
    oldest_line: int = 0
    title: str = ""
    bells: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """A place that a search found: absolute line, first column, length in cells."""

    line: int
    column: int
    columns: int


class Screen(Protocol):
    """A terminal core. One screen is fed by one thread or process; it keeps no reference to Qt or asyncio."""

    def feed(self, data: bytes) -> bytes:
        """Take what the program printed (at most 16 KiB a call) and return what the terminal answers to it."""
        ...

    def resize(self, columns: int, rows: int) -> None:
        """Change the size, never below `MINIMUM_COLUMNS` × `MINIMUM_ROWS`."""
        ...

    def frame(self, since: int) -> Frame:
        """Return the rows that changed since the frame of that number; 0 asks for all."""
        ...

    def lines(self, first: int, last: int) -> list[Row]:
        """Return the rows with the absolute numbers `first` to `last` (exclusive) that are still kept."""
        ...

    def search(self, text: str, *, case_sensitive: bool = False, regular_expression: bool = False) -> list[Match]:
        """Find `text` in scrollback and screen, oldest first."""
        ...

    def clear_scrollback(self) -> None:
        """Forget all lines above the screen."""
        ...
