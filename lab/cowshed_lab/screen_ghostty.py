"""The terminal core of choice: libghostty-vt through pyghostty, behind `Screen`.

Fastest and most conformant of those measured, but native code that can take its process down: run it in a helper
process (`screen_process`). pyghostty's own Python layer asks for cells one by one; `screen_ghostty_rows` reads whole
rows.
"""

from __future__ import annotations

import importlib
from typing import Any

from cowshed_lab.screen import (
    MINIMUM_COLUMNS,
    MINIMUM_ROWS,
    Cursor,
    Frame,
    Match,
    Modes,
    MouseMode,
    Row,
)
from cowshed_lab.screen_ghostty_rows import RowReader
from cowshed_lab.screen_text import find_matches

# pyghostty carries no types; all that is known of it here is `Any`.
_binding: Any = importlib.import_module("pyghostty._ffi")
_terminal_class: Any = importlib.import_module("pyghostty.core").Terminal
_ffi, _lib, _check = _binding.ffi, _binding.lib, _binding.check

_ffi.cdef(
    """
    typedef struct { uint64_t first; uint64_t second; } CowshedPair;
    typedef struct { GhosttyTerminalScrollViewportTag tag; CowshedPair value; } CowshedScrollViewport;
    """
)
# Unions cannot be passed by value through cffi; a struct of the same layout can (pyghostty does the same for points).
_scroll_viewport: Any = _binding.union_fn(
    "ghostty_terminal_scroll_viewport", "void(*)(GhosttyTerminal, CowshedScrollViewport)"
)
_track: Any = _binding.union_fn(
    "ghostty_terminal_grid_ref_track", "GhosttyResult(*)(GhosttyTerminal, GhosttyPointS, GhosttyTrackedGridRef*)"
)
_track_again: Any = _binding.union_fn(
    "ghostty_tracked_grid_ref_set", "GhosttyResult(*)(GhosttyTrackedGridRef, GhosttyTerminal, GhosttyPointS)"
)

_SLICE = 8 * 1024
"""Bytes fed at once: so few that a slice cannot push a whole scrollback out, which would lose count of the lines."""

_MOST_MEMORY = 256 * 1024 * 1024
"""Bytes of scrollback beyond which lines are dropped whatever their number."""

_MOUSE_MODES = ((1003, MouseMode.MOTION), (1002, MouseMode.DRAG), (1000, MouseMode.CLICK), (9, MouseMode.PRESS))


class GhosttyScreen:
    """A `Screen` on libghostty-vt. `scrollback` is the number of lines kept, rounded up to the library's pages."""

    def __init__(self, columns: int, rows: int, scrollback: int = 10_000) -> None:
        self._columns = max(columns, MINIMUM_COLUMNS)
        self._height = max(rows, MINIMUM_ROWS)
        self._terminal: Any = _terminal_class(self._columns, self._height, scrollback=scrollback)
        self._handle: Any = self._terminal._t[0]
        self._replies: list[bytes] = []
        self._terminal.on_reply(self._replies.append)
        self._bells = 0
        self._bell_callback: Any = _ffi.callback("GhosttyTerminalBellFn", self._on_bell)
        self._set("BELL", self._bell_callback)
        self._set("KITTY_IMAGE_STORAGE_LIMIT", _ffi.new("uint64_t*", 0))  # pictures are not drawn, so not kept either
        # Lines are what is limited; the library's own limit of bytes would keep some 700 of 120 columns.
        self._set("SCROLLBACK_MAX_BYTES", _ffi.new("size_t*", _MOST_MEMORY))
        self._reader = RowReader(self._terminal)
        self._number = 0
        self._rows: list[Row | None] = [None] * self._height
        self._changed: list[int] = [0] * self._height
        self._oldest = 0
        self._alternate_line = 0
        self._anchor: Any = None
        self._anchored: tuple[int, int] | None = None

    def feed(self, data: bytes) -> bytes:
        """Take output and return the terminal's answers to it."""
        for start in range(0, len(data), _SLICE):
            piece = data[start : start + _SLICE]
            self._drop_anchor()
            try:
                self._terminal.feed(piece)
            finally:
                self._count_lost_lines(piece.count(b"\n"))
        answer = b"".join(self._replies)
        self._replies.clear()
        return answer

    def resize(self, columns: int, rows: int) -> None:
        """Change the size; lines are wrapped anew."""
        self._columns, self._height = max(columns, MINIMUM_COLUMNS), max(rows, MINIMUM_ROWS)
        self._terminal.resize(self._columns, self._height)
        self._anchored = None  # wrapping anew renumbers the lines above the screen; counting starts again from there
        self._rows = [None] * self._height
        self._changed = [0] * self._height

    def frame(self, since: int) -> Frame:
        """Return what changed since frame `since`."""
        self._number += 1
        if self._reader.update():
            for y, row in enumerate(self._reader.rows()):
                if y < self._height and row is not self._rows[y] and row != self._rows[y]:
                    self._rows[y] = row
                    self._changed[y] = self._number
        rows = {y: row for y, row in enumerate(self._rows) if row is not None and self._changed[y] > since}
        first, oldest = self._lines_above()
        return Frame(
            number=self._number,
            columns=self._columns,
            height=self._height,
            rows=rows,
            cursor=Cursor(
                column=self._terminal.get("cursor_x"),
                row=self._terminal.get("cursor_y"),
                visible=bool(self._terminal.get("cursor_visible", "bool")),
                shape=self._reader.cursor_shape(),
            ),
            modes=self._modes(),
            first_line=first,
            oldest_line=oldest,
            title=self._title(),
            bells=self._bells,
        )

    def lines(self, first: int, last: int) -> list[Row]:
        """Return the kept rows numbered `first` to `last` (exclusive)."""
        top, oldest = self._lines_above()
        first, last = max(first, oldest), min(last, top + self._height)
        found: list[Row] = []
        try:
            while first < last:
                place = min(first, top)
                self._scroll(_lib.GHOSTTY_SCROLL_VIEWPORT_ROW, place - oldest)
                self._reader.update()
                part = self._reader.rows()[first - place : last - place]
                if not part:
                    break
                found.extend(part)
                first += len(part)
        finally:
            self._scroll(_lib.GHOSTTY_SCROLL_VIEWPORT_BOTTOM, 0)
        return found

    def search(self, text: str, *, case_sensitive: bool = False, regular_expression: bool = False) -> list[Match]:
        """Find `text` in scrollback and screen, oldest first."""
        top, oldest = self._lines_above()
        rows = enumerate(self.lines(oldest, top + self._height), oldest)
        return find_matches(rows, text, case_sensitive=case_sensitive, regular_expression=regular_expression)

    def clear_scrollback(self) -> None:
        """Forget all lines above the screen."""
        self.feed(b"\x1b[3J")

    # The C library

    def _set(self, option: str, value: Any) -> None:
        _check(_lib.ghostty_terminal_set(self._handle, getattr(_lib, f"GHOSTTY_TERMINAL_OPT_{option}"), value), option)

    def _on_bell(self, _terminal: Any, _data: Any) -> None:
        self._bells += 1

    def _scroll(self, tag: int, row: int) -> None:
        viewport = _ffi.new("CowshedScrollViewport*")
        viewport.tag = tag
        viewport.value.first = row
        _scroll_viewport(self._handle, viewport[0])

    def _modes(self) -> Modes:
        mode = self._terminal.mode
        return Modes(
            application_cursor=mode(1),
            application_keypad=mode(66),
            bracketed_paste=mode(2004),
            alternate_screen=self._alternate(),
            mouse=next((kind for number, kind in _MOUSE_MODES if mode(number)), MouseMode.OFF),
            mouse_sgr=mode(1006),
            focus_events=mode(1004),
        )

    def _title(self) -> str:
        title = self._terminal.get("title", "GhosttyString")
        return bytes(_ffi.buffer(title.ptr, title.len)).decode(errors="replace") if title.len else ""

    # Line numbers: the library only knows how many lines it keeps, not how many it has dropped

    def _alternate(self) -> bool:
        screen = self._terminal.get("active_screen", "GhosttyTerminalScreen")
        return bool(screen == _lib.GHOSTTY_TERMINAL_SCREEN_ALTERNATE)

    def _history(self) -> int:
        return int(self._terminal.get("scrollback_rows", "size_t"))

    def _lines_above(self) -> tuple[int, int]:
        """Return the numbers of the screen's top line and of the oldest line; no scrollback on the other screen."""
        if self._alternate():
            return self._alternate_line, self._alternate_line
        self._alternate_line = self._oldest + self._history()
        return self._alternate_line, self._oldest

    def _drop_anchor(self) -> None:
        """Remember the newest line above the screen: how far it has moved up tells how many lines were dropped."""
        if self._anchored is not None or self._alternate():
            return
        history = self._history()
        if not history:
            return
        point = _ffi.new("GhosttyPointS*")
        point.tag = _lib.GHOSTTY_POINT_TAG_SCREEN
        point.value.y = history - 1
        if self._anchor is None:
            self._anchor = _ffi.new("GhosttyTrackedGridRef*")
            _check(_track(self._handle, point[0], self._anchor), "track")
        else:
            _check(_track_again(self._anchor[0], self._handle, point[0]), "track again")
        self._anchored = (history - 1, history)

    def _count_lost_lines(self, line_feeds: int) -> None:
        if self._anchored is None or self._alternate():
            return
        before, history = self._anchored
        self._anchored = None
        place = _ffi.new("GhosttyPointCoordinate*")
        result = _lib.ghostty_tracked_grid_ref_point(self._anchor[0], _lib.GHOSTTY_POINT_TAG_SCREEN, place)
        if result == _lib.GHOSTTY_SUCCESS and _lib.ghostty_tracked_grid_ref_has_value(self._anchor[0]):
            self._oldest += max(before - place.y, 0)
        else:
            self._oldest += max(history, history + line_feeds - self._history())
