"""How rows of a terminal are painted: colours, fonts and glyphs. Knows nothing of sessions or events."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGlyphRun, QPainter, QPainterPath, QPen, QRawFont

from cowshed_gui.terminal_boxes import draw_box, is_box
from cowshed_gui.theme import Theme
from cowshed_lab.screen import Row, Run, Style
from cowshed_lab.screen_text import cells

_DARK = ["#15181B", "#FF7B72", "#63C77F", "#E0B341", "#7FB2FF", "#D2A8FF", "#5CCBD0", "#C8CED4"]
_DARK_BRIGHT = ["#7D8790", "#FFA198", "#8CE0A2", "#F2CF73", "#A9CBFF", "#E2C5FF", "#8BE0E4", "#FFFFFF"]
_LIGHT = ["#1E2329", "#B42318", "#1A7036", "#8A5A00", "#1D5FBF", "#8A3BA0", "#0B6B78", "#C9C5BC"]
_LIGHT_BRIGHT = ["#5A636D", "#C8321F", "#26803F", "#9A6500", "#3A73CC", "#9C4BB3", "#137A88", "#FFFFFF"]

_LEAST_CONTRAST = 3.0
"""Text of the 16 named colours is moved towards ink or page until it stands out this much (WCAG ratio)."""

_LEAST_CONTRAST_ON_COLOUR = 4.5
"""The same on a coloured ground."""

_LEAST_CONTRAST_EXACT = 2.0
"""The same for the other colours, which a program chose exactly: only what could not be seen at all is moved."""

_CACHED_GLYPHS = _CACHED_LOOKS = 4096


def palette_colour(theme: Theme, index: int) -> QColor:
    """Return colour 0 to 255 of xterm's palette; the first 16 are the theme's own."""
    return _palette(theme.is_dark)[index]


@lru_cache(maxsize=2)
def _palette(dark: bool) -> tuple[QColor, ...]:
    named = _DARK + _DARK_BRIGHT if dark else _LIGHT + _LIGHT_BRIGHT
    levels = (0, 95, 135, 175, 215, 255)
    cube = [QColor(red, green, blue) for red in levels for green in levels for blue in levels]
    greys = [QColor(grey, grey, grey) for grey in range(8, 248, 10)]
    return (*(QColor(name) for name in named), *cube, *greys)


@dataclass(frozen=True, slots=True)
class Look:
    """Colours of one style in one theme. `background` is None where the terminal's own shows."""

    foreground: QColor
    background: QColor | None


_looks: dict[tuple[Style, str], Look] = {}


def look_of(style: Style, theme: Theme) -> Look:
    """Return the colours that a style has in a theme."""
    look = _looks.get((style, theme.name))
    if look is None:
        if len(_looks) >= _CACHED_LOOKS:
            _looks.clear()
        look = _looks[style, theme.name] = _look_of(style, theme)
    return look


def _look_of(style: Style, theme: Theme) -> Look:
    foreground = _resolve(style.foreground, theme)
    background = _resolve(style.background, theme)
    if style.inverse:
        foreground, background = background or theme.sunken, foreground or theme.ink
    on = background or theme.sunken
    named = style.foreground is None or style.foreground < 16
    least = _LEAST_CONTRAST_ON_COLOUR if background is not None else _LEAST_CONTRAST
    text = _readable(foreground or theme.ink, on, least if named else _LEAST_CONTRAST_EXACT)
    if style.faint:
        text = _mixed(text, on, 0.4)
    if style.invisible:
        text = on
    return Look(text, background)


def _resolve(colour: int | None, theme: Theme) -> QColor | None:
    if colour is None:
        return None
    if colour < 256:
        return palette_colour(theme, colour)
    return QColor.fromRgb(colour & 0xFFFFFF)


def contrast(first: QColor, second: QColor) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.1, relative luminance)."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: QColor) -> float:
    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)

    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF())


def _readable(text: QColor, on: QColor, least: float) -> QColor:
    if contrast(text, on) >= least:
        return text
    end = QColor("black") if _luminance(on) > 0.18 else QColor("white")
    for step in range(1, 11):
        moved = _mixed(text, end, step / 10)
        if contrast(moved, on) >= least:
            return moved
    return end


def _mixed(first: QColor, second: QColor, share: float) -> QColor:
    return QColor.fromRgbF(
        first.redF() + (second.redF() - first.redF()) * share,
        first.greenF() + (second.greenF() - first.greenF()) * share,
        first.blueF() + (second.blueF() - first.blueF()) * share,
    )


class TerminalFont:
    """A fixed font and its cell. Bold and italic variants keep the cell of the plain one."""

    def __init__(self, font: QFont) -> None:
        self.font = QFont(font)
        self.font.setKerning(False)
        self.font.setStyleStrategy(QFont.StyleStrategy.PreferAntialias)
        metrics = QFontMetricsF(self.font)
        self.width = max(1, round(metrics.horizontalAdvance("M" * 20) / 20))
        self.height = max(1, round(metrics.height() * 1.08))
        self.ascent = round((self.height - metrics.height()) / 2 + metrics.ascent())
        self.underline = min(self.ascent + max(1, round(metrics.underlinePos())), self.height - 2)
        self._fonts: dict[tuple[bool, bool], QFont] = {}
        self._raw: dict[tuple[bool, bool], QRawFont] = {}
        self._glyphs: dict[tuple[str, bool, bool], QGlyphRun | None] = {}
        self._positions = [QPointF(column * self.width, 0) for column in range(1024)]

    def variant(self, bold: bool, italic: bool) -> QFont:
        """Return the font in bold, italic or both."""
        key = (bold, italic)
        if key not in self._fonts:
            font = QFont(self.font)
            font.setBold(bold)
            font.setItalic(italic)
            self._fonts[key] = font
        return self._fonts[key]

    def glyphs(self, text: str, bold: bool, italic: bool) -> QGlyphRun | None:
        """Return the glyphs of narrow characters, one a cell; None where the font itself lacks one of them."""
        key = (text, bold, italic)
        if key in self._glyphs:
            return self._glyphs[key]
        if len(self._glyphs) >= _CACHED_GLYPHS:
            self._glyphs.clear()
        raw = self._raw.get((bold, italic))
        if raw is None:
            raw = self._raw[bold, italic] = QRawFont.fromFont(self.variant(bold, italic))
        run: QGlyphRun | None = None
        indexes = raw.glyphIndexesForString(text) if raw.isValid() else []
        if len(indexes) == len(text) <= len(self._positions) and all(indexes):
            run = QGlyphRun()
            run.setRawFont(raw)
            run.setGlyphIndexes(indexes)
            run.setPositions(self._positions[: len(indexes)])
        self._glyphs[key] = run
        return run


def paint_row(
    painter: QPainter,
    row: Row,
    font: TerminalFont,
    theme: Theme,
    top: int,
    *,
    selected: tuple[int, int] | None = None,
) -> None:
    """Paint one row at height `top`, from the left edge of the painter.

    Args:
        painter: where to paint; its ground is painted already.
        row: what to paint.
        font: the cell's size and glyphs.
        theme: colours.
        top: upper edge in pixels.
        selected: first and last (exclusive) selected column.
    """
    column = 0
    for run in row.runs:
        look = look_of(run.style, theme)
        if look.background is not None:
            painter.fillRect(column * font.width, top, run.columns * font.width, font.height, look.background)
        column += run.columns
    if selected is not None and selected[1] > selected[0]:
        first, last = selected
        painter.fillRect(first * font.width, top, (last - first) * font.width, font.height, theme.selection)
    column = 0
    for run in row.runs:
        look = look_of(run.style, theme)
        style = run.style
        if not style.invisible and (not run.text.isspace() or style.underline or style.struck):
            colour = look.foreground
            if selected is not None and selected[0] <= column < selected[1]:
                colour = _readable(colour, theme.selection, _LEAST_CONTRAST)
            paint_text(painter, run, font, column, top, colour)
        column += run.columns


def paint_text(painter: QPainter, run: Run, font: TerminalFont, column: int, top: int, colour: QColor) -> None:
    """Paint a run's characters and its lines, not its ground."""
    style = run.style
    painter.setPen(colour)
    plain = run.text.isascii() and len(run.text) == run.columns
    glyphs = font.glyphs(run.text, style.bold, style.italic) if plain else None
    if glyphs is not None:
        painter.drawGlyphRun(QPointF(column * font.width, top + font.ascent), glyphs)
    else:
        _paint_cells(painter, run, font, column, top, colour)
    if style.underline or style.struck or style.link:
        _paint_lines(painter, run, font, column, top, colour)


def _paint_cells(painter: QPainter, run: Run, font: TerminalFont, column: int, top: int, colour: QColor) -> None:
    style = run.style
    for text, columns in cells(run):
        place = QRectF(column * font.width, top, columns * font.width, font.height)
        if is_box(text):
            draw_box(painter, text, place, colour)
        elif not text.isspace():
            glyphs = font.glyphs(text, style.bold, style.italic) if columns == 1 and len(text) == 1 else None
            if glyphs is not None:
                painter.drawGlyphRun(QPointF(place.left(), top + font.ascent), glyphs)
            else:
                _paint_cluster(painter, text, font.variant(style.bold, style.italic), place, font.ascent)
        column += columns


def _paint_cluster(painter: QPainter, text: str, font: QFont, place: QRectF, ascent: int) -> None:
    """Paint characters that need another font or that share a cell, made narrower where they would not fit."""
    width = QFontMetricsF(font).horizontalAdvance(text)
    painter.save()
    painter.setFont(font)
    squeeze = place.width() / width if width > place.width() * 1.02 else 1.0
    painter.translate(place.left() + max(0.0, (place.width() - width * squeeze) / 2), place.top() + ascent)
    if squeeze < 1:
        painter.scale(squeeze, 1)
    painter.drawText(QPointF(0, 0), text)
    painter.restore()


def _paint_lines(painter: QPainter, run: Run, font: TerminalFont, column: int, top: int, colour: QColor) -> None:
    left, right = column * font.width, (column + run.columns) * font.width
    thick = max(1, round(font.height / 18))
    y = top + font.underline
    kind = run.style.underline
    if run.style.struck:
        painter.fillRect(left, top + round(font.ascent * 0.66), right - left, thick, colour)
    if kind == 0 and run.style.link:
        kind = 4
    if kind == 1:
        painter.fillRect(left, y, right - left, thick, colour)
    elif kind == 2:
        painter.fillRect(left, y - thick, right - left, thick, colour)
        painter.fillRect(left, y + thick, right - left, thick, colour)
    elif kind == 3:
        _paint_wave(painter, left, right, y, font.width, QPen(colour, thick))
    elif kind:
        pen = QPen(colour, thick, Qt.PenStyle.DotLine if kind == 4 else Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawLine(left, y, right, y)


def _paint_wave(painter: QPainter, left: int, right: int, y: int, width: int, pen: QPen) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    path = QPainterPath(QPointF(left, y))
    half = width / 2
    x, up = float(left), True
    while x < right:
        path.quadTo(x + half / 2, y - 2 if up else y + 2, x + half, y)
        x, up = x + half, not up
    painter.drawPath(path)
    painter.restore()
