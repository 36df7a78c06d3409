"""Rows of a libghostty-vt terminal, read through the C library's render state.

A row of raw cells is fetched at a time. The packing of a raw cell is the library's own affair, so each distinct one is
taken apart once by the library and remembered.
"""

from __future__ import annotations

import importlib
from typing import Any

from cowshed_lab.screen import CursorShape, Row, Run, Style

# pyghostty carries no types; all that is known of it here is `Any`.
_binding: Any = importlib.import_module("pyghostty._ffi")
_ffi, _lib, _check = _binding.ffi, _binding.lib, _binding.check

_CACHE = 4096
"""Rows remembered in decoded form."""

_SHAPES: dict[int, CursorShape] = {
    _lib.GHOSTTY_RENDER_STATE_CURSOR_VISUAL_STYLE_BAR: CursorShape.BAR,
    _lib.GHOSTTY_RENDER_STATE_CURSOR_VISUAL_STYLE_UNDERLINE: CursorShape.UNDERLINE,
}

type _Segment = tuple[int, str, int, int, int | None, bool]
"""First column, text (empty: ask the library for the cluster), columns, style id, own background, whether a link."""


class RowReader:
    """Reads what a `pyghostty.core.Terminal` shows; it shows the screen, or the scrollback after a scroll."""

    def __init__(self, terminal: Any) -> None:
        self._terminal = terminal
        self._handle: Any = terminal._t[0]
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

    def update(self) -> bool:
        """Bring the render state up to date; false where nothing was drawn since the last time."""
        _check(_lib.ghostty_render_state_update(self._state[0], self._handle), "update")
        dirty = _ffi.new("GhosttyRenderStateDirty*")
        _lib.ghostty_render_state_get(self._state[0], _lib.GHOSTTY_RENDER_STATE_DATA_DIRTY, dirty)
        clean = _ffi.new("GhosttyRenderStateDirty*", _lib.GHOSTTY_RENDER_STATE_DIRTY_FALSE)
        _lib.ghostty_render_state_set(self._state[0], _lib.GHOSTTY_RENDER_STATE_OPTION_DIRTY, clean)
        return bool(dirty[0] != _lib.GHOSTTY_RENDER_STATE_DIRTY_FALSE)

    def rows(self) -> list[Row]:
        """Return the rows as of the last update, from the top."""
        _lib.ghostty_render_state_get(self._state[0], _lib.GHOSTTY_RENDER_STATE_DATA_ROW_ITERATOR, self._iterator)
        found: list[Row] = []
        while _lib.ghostty_render_state_row_iterator_next(self._iterator[0]):
            found.append(self._read_row(len(found)))
        return found

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

    def cursor_shape(self) -> CursorShape:
        """Return how the cursor is to be drawn."""
        shape = _ffi.new("GhosttyRenderStateCursorVisualStyle*")
        _lib.ghostty_render_state_get(self._state[0], _lib.GHOSTTY_RENDER_STATE_DATA_CURSOR_VISUAL_STYLE, shape)
        return _SHAPES.get(int(shape[0]), CursorShape.BLOCK)

    def _new(self, kind: str, make: Any) -> Any:
        place = _ffi.new(f"{kind}*")
        _check(make(_ffi.NULL, place), kind)
        return place


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
