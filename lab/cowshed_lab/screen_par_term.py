"""The second terminal core: par-term-emu-core-rust behind `Screen`, where the faster one has no wheel or keeps dying.

What it lacks is made up for here, on the way in: repeated characters (REP, which Debian's terminfo entry for
xterm-256color promises), underline colours (they leak into other attributes) and colon-separated true colours. It
gives resolved colours only, so default colours and the first 16 of the palette are set to values nobody uses and
recognised again on the way out.
"""

from __future__ import annotations

import re
from typing import Any

from par_term_emu_core_rust import Terminal

from cowshed_lab.screen import (
    MINIMUM_COLUMNS,
    MINIMUM_ROWS,
    Cursor,
    CursorShape,
    Frame,
    Match,
    Modes,
    MouseMode,
    Row,
    Run,
    Style,
)
from cowshed_lab.screen_text import find_matches

_SLICE = 4 * 1024
_FOREGROUND, _BACKGROUND = (253, 1, 7), (3, 251, 9)
_MOUSE_MODES = {
    "x10": MouseMode.PRESS,
    "press": MouseMode.PRESS,
    "normal": MouseMode.CLICK,
    "button": MouseMode.DRAG,
    "any": MouseMode.MOTION,
}
_UNDERLINES = {"None": 0, "Straight": 1, "Double": 2, "Curly": 3, "Dotted": 4, "Dashed": 5}
_REPEAT = re.compile(rb"\x1b\[(\d*)b")
_GRAPHICS = re.compile(rb"\x1b\[([\d;:]*)m")
_UNFINISHED = re.compile(
    rb"(?:\x1b(?:\[[\d;:]{0,64})?|[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})\Z"
)
_SEQUENCE = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]")
_LAST_CHARACTER = re.compile(rb"(?:[\x20-\x7e]|[\xc2-\xf4][\x80-\xbf]{1,3})\Z")
_MOST_REPEATS = 1000


class ParTermScreen:
    """A `Screen` on par-term. `scrollback` is the number of lines kept.

    Once the scrollback is full the core does not tell how many lines it drops: absolute line numbers are then counted
    from the line feeds, so they can drift by the wrapped lines among those dropped.
    """

    def __init__(self, columns: int, rows: int, scrollback: int = 10_000) -> None:
        self._columns = max(columns, MINIMUM_COLUMNS)
        self._height = max(rows, MINIMUM_ROWS)
        self._limit = scrollback
        self._terminal: Any = Terminal(self._columns, self._height, scrollback)
        self._terminal.set_bold_brightening(False)
        self._terminal.set_allow_clipboard_write(False)
        self._terminal.set_default_fg(*_FOREGROUND)
        self._terminal.set_default_bg(*_BACKGROUND)
        self._palette: dict[tuple[int, int, int], int] = {}
        for index in range(16):
            self._terminal.set_ansi_palette_color(index, 251, 3, index)
            self._palette[251, 3, index] = index
        self._learn_palette()
        self._waiting = b""
        self._last_character = b""
        self._bells = 0
        self._number = 0
        self._generation = -1
        self._rows: list[Row | None] = [None] * self._height
        self._changed = [0] * self._height
        self._oldest = 0
        self._forgotten = 0
        self._alternate_line = 0
        self._styles: dict[tuple[Any, ...], Style] = {}

    def feed(self, data: bytes) -> bytes:
        """Take output and return the terminal's answers to it. A panic in the core loses at most this call's output."""
        data = self._waiting + data
        unfinished = _UNFINISHED.search(data)
        self._waiting = data[unfinished.start() :] if unfinished else b""
        data = self._translate(data[: len(data) - len(self._waiting)])
        answers: list[bytes] = []
        for start in range(0, len(data), _SLICE):
            piece = data[start : start + _SLICE]
            before = self._history()
            self._terminal.process(piece)
            if not self._alternate():
                after = self._history()
                if after >= self._limit:
                    self._oldest += max(before + piece.count(b"\n") - after, 0)
                elif after < before:
                    self._oldest += before  # cleared
            answers.append(bytes(self._terminal.drain_responses()))
        self._bells += len(self._terminal.drain_bell_events())
        return b"".join(answers)

    def resize(self, columns: int, rows: int) -> None:
        """Change the size; this core wraps neither screen nor scrollback anew."""
        self._columns, self._height = max(columns, MINIMUM_COLUMNS), max(rows, MINIMUM_ROWS)
        self._terminal.resize(self._columns, self._height)
        self._rows = [None] * self._height
        self._changed = [0] * self._height
        self._generation = -1

    def frame(self, since: int) -> Frame:
        """Return what changed since frame `since`."""
        self._number += 1
        dirty = range(self._height) if self._generation < 0 else self._terminal.dirty_rows_since(self._generation)
        self._generation = self._terminal.damage_generation()
        for y in dirty:
            if 0 <= y < self._height:
                row = self._row(self._terminal.get_line_cells(y), self._terminal.is_line_wrapped(y), y)
                if row != self._rows[y]:
                    self._rows[y] = row
                    self._changed[y] = self._number
        first, oldest = self._lines_above()
        column, line = self._terminal.cursor_position()
        return Frame(
            number=self._number,
            columns=self._columns,
            height=self._height,
            rows={y: row for y, row in enumerate(self._rows) if row is not None and self._changed[y] > since},
            cursor=Cursor(
                column=min(column, self._columns - 1),
                row=min(line, self._height - 1),
                visible=self._terminal.cursor_visible(),
                shape=self._shape(),
            ),
            modes=self._modes(),
            first_line=first,
            oldest_line=oldest,
            title=self._terminal.title(),
            bells=self._bells,
        )

    def lines(self, first: int, last: int) -> list[Row]:
        """Return the kept rows numbered `first` to `last` (exclusive)."""
        top, oldest = self._lines_above()
        found: list[Row] = []
        for line in range(max(first, oldest), min(last, top + self._height)):
            if line < top:
                cells = self._terminal.scrollback_line(line - self._oldest) or []
                found.append(self._row(cells, self._wrapped_above(line - self._oldest, cells), None))
            else:
                y = line - top
                found.append(self._row(self._terminal.get_line_cells(y), self._terminal.is_line_wrapped(y), y))
        return found

    def search(self, text: str, *, case_sensitive: bool = False, regular_expression: bool = False) -> list[Match]:
        """Find `text` in scrollback and screen, oldest first."""
        top, oldest = self._lines_above()
        rows = enumerate(self.lines(oldest, top + self._height), oldest)
        return find_matches(rows, text, case_sensitive=case_sensitive, regular_expression=regular_expression)

    def clear_scrollback(self) -> None:
        """Forget all lines above the screen. Hidden, not dropped: this core's own way would empty the screen too."""
        self._forgotten, _ = self._lines_above()

    def _learn_palette(self) -> None:
        """Ask the core for its colours 16 to 255: most differ from xterm's, but each is its own."""
        for start in range(16, 256, self._columns):
            indexes = range(start, min(start + self._columns, 256))
            self._terminal.process(b"\x1b[H" + b"".join(b"\x1b[38;5;%dmx" % index for index in indexes))
            for index, cell in zip(indexes, self._terminal.get_line_cells(0), strict=False):
                self._palette.setdefault(tuple(cell[1]), index)
        self._terminal.process(b"\x1b[m\x1b[H\x1b[2J\x1b[3J")

    # What goes in

    def _translate(self, data: bytes) -> bytes:
        if b"\x1b[" in data:
            if b":" in data or b"58" in data:
                data = _GRAPHICS.sub(_plain_graphics, data)
            if _REPEAT.search(data):
                data = self._repeat(data)
        self._note_last_character(data)
        return data

    def _note_last_character(self, data: bytes) -> None:
        """Remember the character that a REP would repeat; sequences before it do not matter, controls end it."""
        printed = _SEQUENCE.sub(b"", data[-256:])
        if printed:
            found = _LAST_CHARACTER.search(printed)
            self._last_character = found.group() if found else b""

    def _repeat(self, data: bytes) -> bytes:
        parts: list[bytes] = []
        end = 0
        for found in _REPEAT.finditer(data):
            before = data[end : found.start()]
            parts.append(before)
            end = found.end()
            self._note_last_character(before)
            parts.append(self._last_character * min(int(found.group(1) or b"1") or 1, _MOST_REPEATS))
        parts.append(data[end:])
        return b"".join(parts)

    # What comes out

    def _alternate(self) -> bool:
        return bool(self._terminal.is_alt_screen_active())

    def _history(self) -> int:
        return int(self._terminal.scrollback_len())

    def _lines_above(self) -> tuple[int, int]:
        if self._alternate():
            return self._alternate_line, self._alternate_line
        self._alternate_line = self._oldest + self._history()
        return self._alternate_line, max(self._oldest, min(self._forgotten, self._alternate_line))

    def _shape(self) -> CursorShape:
        name = str(self._terminal.cursor_style())
        if "Underline" in name:
            return CursorShape.UNDERLINE
        return CursorShape.BAR if "Bar" in name else CursorShape.BLOCK

    def _modes(self) -> Modes:
        return Modes(
            application_cursor=self._terminal.application_cursor(),
            application_keypad=self._terminal.application_keypad(),
            bracketed_paste=self._terminal.bracketed_paste(),
            alternate_screen=self._alternate(),
            mouse=_MOUSE_MODES.get(str(self._terminal.mouse_mode()).lower(), MouseMode.OFF),
            mouse_sgr="Sgr" in str(self._terminal.mouse_encoding()),
            focus_events=self._terminal.focus_tracking(),
        )

    def _wrapped_above(self, index: int, cells: list[Any]) -> bool:
        """Guess whether a line above the screen goes on: the core does not tell; a full line nearly always does."""
        return index + 1 < self._history() and bool(cells) and cells[-1][0] != " "

    def _row(self, cells: list[Any], wrapped: bool, y: int | None) -> Row:
        runs: list[Run] = []
        texts: list[str] = []
        columns = 0
        key: tuple[Style, int] | None = None

        def finish() -> None:
            if key is not None and texts:
                runs.append(Run("".join(texts), columns, key[0]))

        for x, (text, foreground, background, attributes) in enumerate(cells):
            if attributes.wide_char_spacer:
                continue
            width = 2 if attributes.wide_char else 1
            link = ""
            if attributes.hyperlink_id is not None and y is not None:
                link = self._terminal.get_hyperlink(x, y) or ""
            style = self._style(foreground, background, attributes, link)
            if len(text) > 1:
                finish()
                key, texts = None, []
                runs.append(Run(text, width, style))
                continue
            if key != (style, width):
                finish()
                key, texts, columns = (style, width), [], 0
            texts.append(text if text and text != "\0" else " ")
            columns += width
        finish()
        while runs and runs[-1].style == Style() and not (trimmed := runs[-1].text.rstrip(" ")):
            runs.pop()
        if runs and runs[-1].style == Style() and len(runs[-1].text) == runs[-1].columns:
            trimmed = runs[-1].text.rstrip(" ")
            runs[-1] = Run(trimmed, len(trimmed), runs[-1].style)
        return Row(tuple(runs), wrapped)

    def _style(self, foreground: Any, background: Any, attributes: Any, link: str) -> Style:
        key = (
            foreground,
            background,
            attributes.bold,
            attributes.dim,
            attributes.italic,
            attributes.underline,
            str(attributes.underline_style),
            attributes.reverse,
            attributes.strikethrough,
            attributes.hidden,
            link,
        )
        style = self._styles.get(key)
        if style is None:
            if len(self._styles) > 4096:
                self._styles.clear()
            kind = _UNDERLINES.get(key[6].rpartition(".")[2], 1)
            style = self._styles[key] = Style(
                foreground=None if tuple(foreground) == _FOREGROUND else self._colour(foreground),
                background=None if tuple(background) == _BACKGROUND else self._colour(background),
                bold=attributes.bold,
                faint=attributes.dim,
                italic=attributes.italic,
                underline=(kind or 1) if attributes.underline else 0,
                inverse=attributes.reverse,
                struck=attributes.strikethrough,
                invisible=attributes.hidden,
                link=link,
            )
        return style

    def _colour(self, rgb: Any) -> int:
        red, green, blue = rgb
        return self._palette.get((red, green, blue), 0x1000000 | int(red) << 16 | int(green) << 8 | int(blue))


def _plain_graphics(found: re.Match[bytes]) -> bytes:
    """Rewrite one SGR sequence: true colours with semicolons, underline colours left out."""
    given = found.group(1).split(b";")
    kept: list[bytes] = []
    position = 0
    while position < len(given):
        parameter = given[position]
        parts = parameter.split(b":")
        position += 1
        if parts[0] in (b"38", b"48") and len(parts) > 2:
            numbers = [part for part in parts[2:] if part]
            kept.extend([parts[0], parts[1], *numbers[-3:]])
        elif parameter == b"58":
            position += 4 if given[position : position + 1] == [b"2"] else 2
        elif parts[0] == b"58":
            continue
        elif parameter in (b"38", b"48"):
            length = 4 if given[position : position + 1] == [b"2"] else 2
            kept.extend([parameter, *given[position : position + length]])
            position += length
        else:
            kept.append(parameter)
    return b"\x1b[" + b";".join(kept) + b"m" if kept else b""
