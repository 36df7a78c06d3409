"""Box-drawing and block characters drawn as geometry, so that they join without gaps whatever the font.

What a box character consists of is read from its Unicode name (U+2500 to U+257F); blocks are U+2580 to U+259F.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

FIRST, LAST = "\u2500", "\u259f"

_WEIGHTS = {"LIGHT": 1, "SINGLE": 1, "HEAVY": 2, "DOUBLE": 3}
_DIRECTIONS = {
    "LEFT": ("left",),
    "RIGHT": ("right",),
    "UP": ("up",),
    "DOWN": ("down",),
    "HORIZONTAL": ("left", "right"),
    "VERTICAL": ("up", "down"),
}
_DASHES = {"DOUBLE DASH": 2, "TRIPLE DASH": 3, "QUADRUPLE DASH": 4}


@dataclass(frozen=True, slots=True)
class _Box:
    """Weights of the four arms: 0 none, 1 light, 2 heavy, 3 double."""

    left: int = 0
    up: int = 0
    right: int = 0
    down: int = 0
    dashes: int = 0
    arc: bool = False
    diagonal: str = ""


def is_box(character: str) -> bool:
    """Tell whether a character is drawn here rather than by a font."""
    return FIRST <= character <= LAST


def draw_box(painter: QPainter, character: str, cell: QRectF, colour: QColor) -> None:
    """Draw one box-drawing or block character into its cell (device-aligned)."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    if character >= "\u2580":
        _draw_block(painter, ord(character), cell, colour)
    else:
        _draw_lines(painter, _box(character), cell, colour)
    painter.restore()


@cache
def _box(character: str) -> _Box:
    name = unicodedata.name(character).removeprefix("BOX DRAWINGS ")
    if "DIAGONAL" in name:
        diagonal = "both" if "CROSS" in name else "rising" if "UPPER RIGHT" in name else "falling"
        return _Box(diagonal=diagonal)
    dashes = 0
    for words, count in _DASHES.items():
        if words in name:
            dashes = count
            name = name.replace(f" {words}", "")
    arms: dict[str, int] = {}
    weight = 1
    for part in name.replace(" ARC", "").split(" AND "):
        words_of_part = part.split()
        weight = next((_WEIGHTS[word] for word in words_of_part if word in _WEIGHTS), weight)
        for word in words_of_part:
            for arm in _DIRECTIONS.get(word, ()):
                arms[arm] = weight
    left, up, right, down = (arms.get(arm, 0) for arm in ("left", "up", "right", "down"))
    return _Box(left, up, right, down, dashes, arc=" ARC" in name)


def _draw_lines(painter: QPainter, box: _Box, cell: QRectF, colour: QColor) -> None:
    thin = max(1, round(cell.width() / 9))
    if box.diagonal or box.arc:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        pen = QPen(colour, thin)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(_diagonals(box.diagonal, cell) if box.diagonal else _arc(box, cell, thin))
        return
    if box.dashes:
        _draw_dashes(painter, box, cell, colour, thin)
        return
    for arm in ("left", "right", "up", "down"):
        weight = getattr(box, arm)
        if weight:
            _draw_arm(painter, box, arm, weight, cell, colour, thin)


def _centre(cell: QRectF, thin: int) -> tuple[int, int]:
    """Left and top of a thin line through the middle."""
    return round(cell.left() + (cell.width() - thin) / 2), round(cell.top() + (cell.height() - thin) / 2)


def _offsets(weight: int, thin: int) -> tuple[tuple[int, int], ...]:
    """Where the lines of a weight lie across their direction, from the thin line's edge: offset and thickness."""
    if weight == 3:
        return (-thin, thin), (thin, thin)
    if weight == 2:
        grown = max(1, thin // 2)
        return ((-grown, thin + 2 * grown),)
    return ((0, thin),)


def _draw_arm(painter: QPainter, box: _Box, arm: str, weight: int, cell: QRectF, colour: QColor, thin: int) -> None:
    horizontal = arm in {"left", "right"}
    before, after = (box.up, box.down) if horizontal else (box.left, box.right)
    opposite = {"left": box.right, "right": box.left, "up": box.down, "down": box.up}[arm]
    x, y = _centre(cell, thin)
    middle, across = (x, y) if horizontal else (y, x)
    far = {"left": cell.left(), "right": cell.right(), "up": cell.top(), "down": cell.bottom()}[arm]
    outward = 1 if arm in {"right", "down"} else -1
    for offset, thickness in _offsets(weight, thin):
        inner = _inner_end(offset, weight, before, after, opposite, thin)
        # `inner` counts outwards from the crossing line's own far edge; negative goes through to its other side
        near = middle + thin + inner if outward > 0 else middle - inner
        start, end = (near, far) if outward > 0 else (far, near)
        if horizontal:
            painter.fillRect(QRectF(start, across + offset, end - start, thickness), colour)
        else:
            painter.fillRect(QRectF(across + offset, start, thickness, end - start), colour)


def _inner_end(offset: int, weight: int, before: int, after: int, opposite: int, thin: int) -> int:
    """How far from the crossing line an arm's line stops; negative where it reaches into or across it."""
    reach = {0: 0, 1: 0, 2: max(1, thin // 2), 3: thin}
    through = -thin  # to the middle line's near edge: fills the crossing cell's centre
    if weight == 3:
        facing, away = (before, after) if offset < 0 else (after, before)
        if facing:
            return thin if facing == 3 else 0
        if away and not opposite:
            return -thin - reach[away]
        return through
    crossing = max(before, after)
    if crossing == 3:
        if before and after and not opposite:
            return thin
        return -2 * thin if not opposite else through
    return through - (reach[crossing] if not opposite or weight >= crossing else 0)


def _draw_dashes(painter: QPainter, box: _Box, cell: QRectF, colour: QColor, thin: int) -> None:
    horizontal = box.left > 0
    x, y = _centre(cell, thin)
    offset, thickness = _offsets(box.left or box.up, thin)[0]
    length = cell.width() if horizontal else cell.height()
    step = length / box.dashes
    gap = max(1.0, step / 4)
    for number in range(box.dashes):
        start = round(number * step + gap / 2)
        size = max(1, round(step - gap))
        if horizontal:
            painter.fillRect(QRectF(cell.left() + start, y + offset, size, thickness), colour)
        else:
            painter.fillRect(QRectF(x + offset, cell.top() + start, thickness, size), colour)


def _arc(box: _Box, cell: QRectF, thin: int) -> QPainterPath:
    x, y = _centre(cell, thin)
    centre = QPointF(x + thin / 2, y + thin / 2)
    radius = min(cell.width(), cell.height()) / 2
    sideways = 1 if box.right else -1
    upright = 1 if box.down else -1
    path = QPointF(cell.right() if box.right else cell.left(), centre.y())
    line = QPainterPath(path)
    line.lineTo(centre.x() + sideways * radius, centre.y())
    line.quadTo(centre, QPointF(centre.x(), centre.y() + upright * radius))
    line.lineTo(centre.x(), cell.bottom() if box.down else cell.top())
    return line


def _diagonals(which: str, cell: QRectF) -> QPainterPath:
    path = QPainterPath()
    if which in {"rising", "both"}:
        path.moveTo(cell.bottomLeft())
        path.lineTo(cell.topRight())
    if which in {"falling", "both"}:
        path.moveTo(cell.topLeft())
        path.lineTo(cell.bottomRight())
    return path


_QUADRANTS = {0x96: 4, 0x97: 8, 0x98: 1, 0x99: 13, 0x9A: 9, 0x9B: 7, 0x9C: 11, 0x9D: 2, 0x9E: 6, 0x9F: 14}
"""Bits of U+2596 to U+259F: 1 upper left, 2 upper right, 4 lower left, 8 lower right."""


def _draw_block(painter: QPainter, code: int, cell: QRectF, colour: QColor) -> None:
    low = code & 0xFF
    left, top, width, height = cell.left(), cell.top(), cell.width(), cell.height()
    if low == 0x80:
        painter.fillRect(QRectF(left, top, width, round(height / 2)), colour)
    elif low <= 0x88:
        part = round(height * (low - 0x80) / 8)
        painter.fillRect(QRectF(left, top + height - part, width, part), colour)
    elif low <= 0x8F:
        painter.fillRect(QRectF(left, top, round(width * (0x90 - low) / 8), height), colour)
    elif low == 0x90:
        half = round(width / 2)
        painter.fillRect(QRectF(left + half, top, width - half, height), colour)
    elif low <= 0x93:
        shade = QColor(colour)
        shade.setAlphaF(colour.alphaF() * (low - 0x90) / 4)
        painter.fillRect(cell, shade)
    elif low == 0x94:
        painter.fillRect(QRectF(left, top, width, max(1, round(height / 8))), colour)
    elif low == 0x95:
        part = max(1, round(width / 8))
        painter.fillRect(QRectF(left + width - part, top, part, height), colour)
    else:
        half_x, half_y = round(width / 2), round(height / 2)
        bits = _QUADRANTS[low]
        for bit, place in (
            (1, QRectF(left, top, half_x, half_y)),
            (2, QRectF(left + half_x, top, width - half_x, half_y)),
            (4, QRectF(left, top + half_y, half_x, height - half_y)),
            (8, QRectF(left + half_x, top + half_y, width - half_x, height - half_y)),
        ):
            if bits & bit:
                painter.fillRect(place, colour)
