"""The terminal core of choice: libghostty-vt through pyghostty, behind `Screen`.

Fastest and most conformant of those measured, but native code that can take its process down: run it in a helper
process (`screen_process`). pyghostty's own Python layer asks for cells one by one; a frame is read here through the C
library's render state, a row of raw cells at a time. The packing of a raw cell is the library's own affair, so each
distinct one is taken apart once by the library and remembered.
"""

from __future__ import annotations

import importlib
from typing import Any

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

_CACHE = 4096
"""Rows remembered in decoded form."""

_SHAPES: dict[int, CursorShape] = {
    _lib.GHOSTTY_RENDER_STATE_CURSOR_VISUAL_STYLE_BAR: CursorShape.BAR,
    _lib.GHOSTTY_RENDER_STATE_CURSOR_VISUAL_STYLE_UNDERLINE: CursorShape.UNDERLINE,
}
_MOUSE_MODES = ((1003, MouseMode.MOTION), (1002, MouseMode.DRAG), (1000, MouseMode.CLICK), (9, MouseMode.PRESS))

type _Segment = tuple[int, str, int, int, int | None, bool]
"""First column, text (empty: ask the library for the cluster), columns, style id, own background, whether a link."""


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
        self._state = self._new("GhosttyRenderState", _lib.ghostty_render_state_new)
        self._iterator = self._new("GhosttyRenderStateRowIterator", _lib.ghostty_render_state_row_iterator_new)
        self._cells = self._new("GhosttyRenderStateRowCells", _lib.ghostty_render_state_row_cells_new)
        self._view: Any = _ffi.new("GhosttyCellsView*")
        self._raw_row: Any = _ffi.new("GhosttyRow*")
        self._flag: Any = _ffi.new("bool*")
        self._style: Any = _ffi.new("GhosttyStyle*")
        self._style.size = _ffi.sizeof("GhosttyStyle")
        self._codepoints: Any = _ffi.new("uint32_t[64]")
        self._count: Any = _ffi.new("uint32_t*")
        self._known_cells: dict[int, tuple[str, int, int, int | None, bool]] = {}
        self._known_segments: dict[bytes, tuple[_Segment, ...]] = {}
        self._known_styles: dict[tuple[bytes, int | None, str], Style] = {}
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
        if self._update():
            for y, row in enumerate(self._read_rows()):
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
                shape=self._cursor_shape(),
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
                self._update()
                part = self._read_rows()[first - place : last - place]
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

    def _new(self, kind: str, make: Any) -> Any:
        place = _ffi.new(f"{kind}*")
        _check(make(_ffi.NULL, place), kind)
        return place

    def _set(self, option: str, value: Any) -> None:
        _check(_lib.ghostty_terminal_set(self._handle, getattr(_lib, f"GHOSTTY_TERMINAL_OPT_{option}"), value), option)

    def _on_bell(self, _terminal: Any, _data: Any) -> None:
        self._bells += 1

    def _scroll(self, tag: int, row: int) -> None:
        viewport = _ffi.new("CowshedScrollViewport*")
        viewport.tag = tag
        viewport.value.first = row
        _scroll_viewport(self._handle, viewport[0])

    def _update(self) -> bool:
        """Bring the render state up to date; false where nothing was drawn since the last time."""
        _check(_lib.ghostty_render_state_update(self._state[0], self._handle), "update")
        dirty = _ffi.new("GhosttyRenderStateDirty*")
        _lib.ghostty_render_state_get(self._state[0], _lib.GHOSTTY_RENDER_STATE_DATA_DIRTY, dirty)
        clean = _ffi.new("GhosttyRenderStateDirty*", _lib.GHOSTTY_RENDER_STATE_DIRTY_FALSE)
        _lib.ghostty_render_state_set(self._state[0], _lib.GHOSTTY_RENDER_STATE_OPTION_DIRTY, clean)
        return bool(dirty[0] != _lib.GHOSTTY_RENDER_STATE_DIRTY_FALSE)

    def _cursor_shape(self) -> CursorShape:
        shape = _ffi.new("GhosttyRenderStateCursorVisualStyle*")
        _lib.ghostty_render_state_get(self._state[0], _lib.GHOSTTY_RENDER_STATE_DATA_CURSOR_VISUAL_STYLE, shape)
        return _SHAPES.get(int(shape[0]), CursorShape.BLOCK)

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

    # Rows

    def _read_rows(self) -> list[Row]:
        _lib.ghostty_render_state_get(self._state[0], _lib.GHOSTTY_RENDER_STATE_DATA_ROW_ITERATOR, self._iterator)
        rows: list[Row] = []
        while _lib.ghostty_render_state_row_iterator_next(self._iterator[0]):
            rows.append(self._read_row(len(rows)))
        return rows

    def _read_row(self, y: int) -> Row:
        iterator = self._iterator[0]
        _lib.ghostty_render_state_row_get(iterator, _lib.GHOSTTY_RENDER_STATE_ROW_DATA_CELLS_RAW, self._view)
        raw = bytes(_ffi.buffer(self._view.ptr, self._view.len * 8))
        segments = self._known_segments.get(raw)
        if segments is None:
            if len(self._known_segments) >= _CACHE:
                self._known_segments.clear()
            segments = self._known_segments[raw] = self._segments(raw)
        _lib.ghostty_render_state_row_get(iterator, _lib.GHOSTTY_RENDER_STATE_ROW_DATA_RAW, self._raw_row)
        _lib.ghostty_row_get(self._raw_row[0], _lib.GHOSTTY_ROW_DATA_WRAP, self._flag)
        wrapped = bool(self._flag[0])
        if len(segments) == 1 and segments[0][1] and not segments[0][3] and not segments[0][5]:
            _x, text, columns, _style, background, _link = segments[0]
            return Row((Run(text, columns, self._plain(background)),), wrapped)
        return Row(self._runs(segments, y), wrapped)

    def _runs(self, segments: tuple[_Segment, ...], y: int) -> tuple[Run, ...]:
        """Give segments their styles; style ids mean something within one row only, so they are asked for each time."""
        runs: list[Run] = []
        styles: dict[int, bytes] = {0: b""}
        loaded = False
        for x, text, columns, style_id, background, is_link in segments:
            if not loaded and (style_id or not text):
                _lib.ghostty_render_state_row_get(
                    self._iterator[0], _lib.GHOSTTY_RENDER_STATE_ROW_DATA_CELLS, self._cells
                )
                loaded = True
            raw = styles.get(style_id)
            if raw is None:
                _lib.ghostty_render_state_row_cells_select(self._cells[0], x)
                _lib.ghostty_render_state_row_cells_get(
                    self._cells[0], _lib.GHOSTTY_RENDER_STATE_ROW_CELLS_DATA_STYLE, self._style
                )
                raw = styles[style_id] = bytes(_ffi.buffer(self._style))
            link = self._link(x, y) if is_link else ""
            style = self._known_styles.get((raw, background, link))
            if style is None:
                if len(self._known_styles) >= _CACHE:
                    self._known_styles.clear()
                style = self._known_styles[raw, background, link] = _style_of(raw, background, link)
            runs.append(Run(text or self._cluster(x), columns, style))
        return tuple(runs)

    def _plain(self, background: int | None) -> Style:
        key = (b"", background, "")
        style = self._known_styles.get(key)
        if style is None:
            style = self._known_styles[key] = Style(background=background)
        return style

    def _segments(self, raw: bytes) -> tuple[_Segment, ...]:
        """Join neighbouring cells of one style and width."""
        values = memoryview(raw).cast("Q").tolist()
        while values and not values[-1]:
            values.pop()
        segments: list[_Segment] = []
        known = self._known_cells
        start = columns = 0
        texts: list[str] = []
        key: tuple[int, int | None, bool, int] | None = None

        def finish() -> None:
            if key is not None and texts:
                segments.append((start, "".join(texts), columns, key[0], key[1], key[2]))

        for x, value in enumerate(values):
            cell = known.get(value)
            if cell is None:
                if len(known) >= 16 * _CACHE:
                    known.clear()
                cell = known[value] = _take_cell_apart(value)
            text, width, style_id, background, is_link = cell
            if not width:  # the second half of a wide character
                continue
            if not text:  # several code points share the cell
                finish()
                key, texts = None, []
                segments.append((x, "", width, style_id, background, is_link))
                continue
            if key != (style_id, background, is_link, width):
                finish()
                key, start, texts, columns = (style_id, background, is_link, width), x, [], 0
            texts.append(text)
            columns += width
        finish()
        return tuple(segments)

    def _cluster(self, x: int) -> str:
        _lib.ghostty_render_state_row_cells_select(self._cells[0], x)
        get, cells = _lib.ghostty_render_state_row_cells_get, self._cells[0]
        get(cells, _lib.GHOSTTY_RENDER_STATE_ROW_CELLS_DATA_GRAPHEMES_LEN, self._count)
        count = int(self._count[0])
        if count > len(self._codepoints):
            self._codepoints = _ffi.new("uint32_t[]", count)
        get(cells, _lib.GHOSTTY_RENDER_STATE_ROW_CELLS_DATA_GRAPHEMES_BUF, self._codepoints)
        return "".join(map(chr, self._codepoints[0:count])) or " "

    def _link(self, x: int, y: int) -> str:
        reference = self._terminal.ref(x, y, "viewport")
        size = _ffi.new("size_t*")
        buffer = _ffi.new("uint8_t[]", 2048)
        if _lib.ghostty_grid_ref_hyperlink_uri(reference, buffer, len(buffer), size) != _lib.GHOSTTY_SUCCESS:
            return ""
        return bytes(_ffi.buffer(buffer, size[0])).decode(errors="replace")


def _take_cell_apart(value: int) -> tuple[str, int, int, int | None, bool]:
    """Return a raw cell's text, columns, style id, own background and whether it is part of a link."""

    def get(kind: str, key: str) -> Any:
        out = _ffi.new(f"{kind}*")
        _check(_lib.ghostty_cell_get(value, getattr(_lib, f"GHOSTTY_CELL_DATA_{key}"), out), key)
        return out[0]

    tag = get("GhosttyCellContentTag", "CONTENT_TAG")
    wide = get("GhosttyCellWide", "WIDE")
    width = {_lib.GHOSTTY_CELL_WIDE_WIDE: 2, _lib.GHOSTTY_CELL_WIDE_SPACER_TAIL: 0}.get(wide, 1)
    background: int | None = None
    text = " "
    if tag == _lib.GHOSTTY_CELL_CONTENT_BG_COLOR_PALETTE:
        background = int(get("GhosttyColorPaletteIndex", "COLOR_PALETTE"))
    elif tag == _lib.GHOSTTY_CELL_CONTENT_BG_COLOR_RGB:
        background = _true_colour(get("GhosttyColorRgb", "COLOR_RGB"))
    elif tag == _lib.GHOSTTY_CELL_CONTENT_CODEPOINT_GRAPHEME:
        text = ""
    else:
        codepoint = int(get("uint32_t", "CODEPOINT"))
        text = chr(codepoint) if codepoint and not 0xD800 <= codepoint <= 0xDFFF else " "
    style_id = int(get("uint16_t", "STYLE_ID")) if get("bool", "HAS_STYLING") else 0
    return text, width, style_id, background, bool(get("bool", "HAS_HYPERLINK"))


def _true_colour(rgb: Any) -> int:
    return 0x1000000 | int(rgb.r) << 16 | int(rgb.g) << 8 | int(rgb.b)


def _style_of(raw: bytes, background: int | None, link: str) -> Style:
    if not raw:
        return Style(background=background, link=link)
    style = _ffi.from_buffer("GhosttyStyle*", raw)

    def colour(value: Any) -> int | None:
        if value.tag == _lib.GHOSTTY_STYLE_COLOR_PALETTE:
            return int(value.value.palette)
        return _true_colour(value.value.rgb) if value.tag == _lib.GHOSTTY_STYLE_COLOR_RGB else None

    return Style(
        foreground=colour(style.fg_color),
        background=colour(style.bg_color) if background is None else background,
        bold=bool(style.bold),
        faint=bool(style.faint),
        italic=bool(style.italic),
        underline=int(style.underline),
        inverse=bool(style.inverse),
        struck=bool(style.strikethrough),
        invisible=bool(style.invisible),
        link=link,
    )
