"""A folder of an image as rectangles, each as large as what it holds; one is chosen, keys walk from one to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QBrush,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cowshed_gui.phases_bar import size_text
from cowshed_gui.recipe_text import mixed
from cowshed_gui.theme import APPEARANCE, SPACE, SPACE_SMALL, Theme, current_theme, interface_font
from cowshed_lessons.image_differences import place_of
from cowshed_lessons.image_files import Box, EntryKind, Node, Part, parts, squarify

MOST_BOXES = 60
"""Parts of the folder that get a rectangle; the others are one together."""

MOST_WITHIN = (24, 12)
"""The same for what is shown within each, and within those."""

_NEARLY_ALL = 0.8
_ROOM_WITHIN = (72.0, 56.0)  # least width and height of a rectangle that shows what is in it


def bytes_text(size: int) -> str:
    """A size as people say it: bytes, kB or MB (thousand and million bytes)."""
    if size >= 1_000_000:
        return size_text(size)
    return f"{size / 1000:.0f} kB" if size >= 1000 else f"{size} bytes"


def share_text(size: int, whole: int) -> str:
    """A share in per cent, at least told as under one; a dash for nothing."""
    if not size:
        return "–"
    share = 100 * size / whole if whole else 0.0
    return f"{share:.0f} %" if share >= 1 else "under 1 %"


@dataclass(frozen=True, slots=True)
class _Cell:
    part: Part
    place: QRectF
    path: str  # of what it shows, from the image's root
    within: tuple[_Cell, ...] = ()
    word: str = ""  # what lies there, where that is known


class TreemapView(QWidget):
    """The rectangles of one folder.

    Signals:
        chosen: number of the part (of `parts`) that is chosen now.
        opened: name of a folder that the person goes into.
        left: the person goes back to the folder above.
    """

    chosen = Signal(int)
    opened = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder = Node("", EntryKind.FOLDER)
        self._path = ""
        self._cells: list[_Cell] = []
        self._laid_for = QSize()
        self.parts: Sequence[Part] = ()
        self.current = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 160)
        self._describe()
        APPEARANCE.changed.connect(self._forget)

    def show_folder(self, folder: Node, path: str, current: str = "") -> None:
        """Show a folder of an image, at this path; `current` names what is chosen in it, else the largest is."""
        self._folder, self._path = folder, path
        self.parts = parts(folder, MOST_BOXES)
        names = [part.name for part in self.parts]
        self.current = names.index(current) if current in names else 0
        self._forget()
        self._describe()

    def choose(self, number: int) -> None:
        """Choose a part."""
        if 0 <= number < len(self.parts) and number != self.current:
            self.current = number
            self._describe()
            self.update()
            self.chosen.emit(number)

    def sentence(self, number: int) -> str:
        """A part in words."""
        if not 0 <= number < len(self.parts):
            return "An empty folder"
        part = self.parts[number]
        word = _word(self._folder.children.get(part.name), self._below(part))
        return f"{_sentence(part, word, self._folder.size)}; {number + 1} of {len(self.parts)}"

    def place(self, number: int) -> QRectF:
        """Where a part is painted."""
        self._lay_out()
        return self._cells[number].place

    # Qt

    def sizeHint(self) -> QSize:
        """Room to see something."""
        return QSize(640, 400)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out anew."""
        super().resizeEvent(event)
        self._forget()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint every rectangle that can be seen."""
        self._lay_out()
        theme = current_theme()
        painter = QPainter(self)
        if not self._cells:
            painter.setPen(theme.muted)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "This folder is empty.")
            return
        strong = interface_font()
        strong.setWeight(QFont.Weight.DemiBold)
        fonts = (strong, interface_font(0.9))
        whole = self._folder.size or 1
        for cell in self._cells:
            self._paint_cell(painter, theme, cell, fonts, cell.part.size / whole)
        if self.current < len(self._cells):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.accent if self.hasFocus() else theme.muted, 2 + self.hasFocus()))
            painter.drawRect(self._cells[self.current].place.adjusted(1, 1, -1, -1))

    def _paint_cell(
        self, painter: QPainter, theme: Theme, cell: _Cell, fonts: tuple[QFont, QFont], share: float
    ) -> None:
        place = cell.place.adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(theme.line, 1))
        painter.setBrush(mixed(theme.surface, theme.accent, 0.04 + 0.14 * min(share * 2, 1.0)))
        if place.width() < 3 or place.height() < 3:
            painter.drawRect(place)
            return
        painter.drawRect(place)
        if not cell.part.name:
            painter.fillRect(place, QBrush(theme.line, Qt.BrushStyle.BDiagPattern))
        _caption(painter, place, fonts, cell, theme)
        for inner in cell.within:
            self._paint_cell(painter, theme, inner, (fonts[1], fonts[1]), share * inner.part.size / cell.part.size)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows walk, Return goes in, Backspace and Alt+Up go out, Home and End choose the largest and the last."""
        key = event.key()
        if key in _STEPS and not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self._walk(*_STEPS[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._open(self.current)
        elif key == Qt.Key.Key_Backspace or key == Qt.Key.Key_Up:  # with Alt
            self.left.emit()
        elif key == Qt.Key.Key_Home:
            self.choose(0)
        elif key == Qt.Key.Key_End:
            self.choose(len(self.parts) - 1)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose what is under the pointer."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.choose(self._at(event.position()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go into the folder under the pointer."""
        self._open(self._at(event.position()))

    def event(self, event: QEvent) -> bool:
        """Say what is under the pointer where it rests."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            text = self.hover_text(QPointF(event.pos()))
            if text:
                QToolTip.showText(event.globalPos(), text, self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def hover_text(self, point: QPointF) -> str:
        """What is under a point, in words; what lies within a folder is told by itself."""
        number = self._at(point)
        if number < 0:
            return ""
        shown = self._cells[number]
        while inner := next((each for each in shown.within if each.place.contains(point)), None):
            shown = inner
        above = "" if not shown.path else f"/{shown.path}\n"
        return above + _sentence(shown.part, shown.word, self._folder.size)

    # its own

    def _forget(self) -> None:
        self._laid_for = QSize()
        self.update()

    def _lay_out(self) -> None:
        if self._laid_for == self.size():
            return
        self._laid_for = self.size()
        head = QFontMetricsF(interface_font()).height() + SPACE
        sizes = [part.size for part in self.parts]
        boxes = squarify(sizes if any(sizes) else [1] * len(sizes), Box(0, 0, self.width(), self.height()))
        self._cells = [self._cell(part, box, head) for part, box in zip(self.parts, boxes, strict=True)]

    def _cell(self, part: Part, box: Box, head: float) -> _Cell:
        path = self._below(part)
        folder = self._folder.children.get(part.name)
        within = _within(folder, path, box, head, MOST_WITHIN)
        return _Cell(part, QRectF(box.x, box.y, box.width, box.height), path, within, _word(folder, path))

    def _below(self, part: Part) -> str:
        return f"{self._path}/{part.name}".strip("/") if part.name else ""

    def _at(self, point: QPointF) -> int:
        self._lay_out()
        return next((number for number, cell in enumerate(self._cells) if cell.place.contains(point)), -1)

    def _open(self, number: int) -> None:
        if 0 <= number < len(self.parts):
            self.choose(number)
            part = self.parts[number]
            if part.name and part.kind is EntryKind.FOLDER:
                self.opened.emit(part.name)

    def _walk(self, across: int, down: int) -> None:
        """Choose the nearest rectangle on that side."""
        self._lay_out()
        if not self._cells:
            return
        here = self._cells[self.current].place
        best: tuple[float, int] | None = None
        for number, cell in enumerate(self._cells):
            there = cell.place
            if across:
                ahead = there.left() - here.right() if across > 0 else here.left() - there.right()
                beside = max(there.top() - here.bottom(), here.top() - there.bottom(), 0)
                middle = abs(there.center().y() - here.center().y())
            else:
                ahead = there.top() - here.bottom() if down > 0 else here.top() - there.bottom()
                beside = max(there.left() - here.right(), here.left() - there.right(), 0)
                middle = abs(there.center().x() - here.center().x())
            if number != self.current and ahead > -1.0:
                far = ahead + 4 * beside + 0.01 * middle
                if best is None or far < best[0]:
                    best = (far, number)
        if best is not None:
            self.choose(best[1])

    def _describe(self) -> None:
        where = f"/{self._path}" if self._path else "the whole image"
        self.setAccessibleName(f"Files by size in {where}: {self.sentence(self.current)}")
        self.setAccessibleDescription("Arrow keys walk, Return opens a folder, Backspace goes back.")
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.NameChanged))


_STEPS: dict[int, tuple[int, int]] = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


def _within(folder: Node | None, path: str, box: Box, head: float, most: Sequence[int]) -> tuple[_Cell, ...]:
    """What is shown within a rectangle, below its caption, where there is room for it."""
    if folder is None or not folder.size or not most or box.width < _ROOM_WITHIN[0] or box.height < _ROOM_WITHIN[1]:
        return ()
    gap = SPACE_SMALL
    room = Box(box.x + gap, box.y + head, box.width - 2 * gap, box.height - head - gap)
    if room.height <= gap:
        return ()
    inner = parts(folder, most[0])
    made = []
    for each, at in zip(inner, squarify([each.size for each in inner], room), strict=True):
        if at.width > 2 and at.height > 2:
            place, below = QRectF(at.x, at.y, at.width, at.height), f"{path}/{each.name}"
            node = folder.children.get(each.name)
            made.append(_Cell(each, place, below, _within(node, below, at, head, most[1:]), _word(node, below)))
    return tuple(made)


def _word(node: Node | None, path: str) -> str:
    """What lies there; where that is not known, what nearly all of it is: the lists in /var/lib/apt."""
    while node is not None:
        known = place_of(path)
        if known is not None or not node.children:
            return known.word if known else ""
        largest = max(node.children.values(), key=lambda child: child.size)
        if largest.size < _NEARLY_ALL * node.size:
            return ""
        node, path = largest, f"{path}/{largest.name}"
    return ""


def _sentence(part: Part, word: str, whole: int) -> str:
    files = "" if part.kind is not EntryKind.FOLDER else f", {part.files:,} file{'s' * (part.files != 1)}"
    what = f" ({word})" if word else ""
    return f"{part.title}{what}: {bytes_text(part.size)}, {share_text(part.size, whole)}{files}"


def _caption(painter: QPainter, place: QRectF, fonts: tuple[QFont, QFont], cell: _Cell, theme: Theme) -> None:
    """Name, what it is, and size, as far as there is room."""
    strong, small = QFontMetricsF(fonts[0]), QFontMetricsF(fonts[1])
    room = place.adjusted(SPACE - 2, 2, -SPACE + 2, -2)
    if room.width() < 24 or room.height() < strong.height():
        return
    size = bytes_text(cell.part.size)
    title = cell.part.title
    wide = room.width() - small.horizontalAdvance(size) - SPACE
    beside = wide > strong.horizontalAdvance(title)
    painter.setFont(fonts[0])
    painter.setPen(theme.ink)
    name = strong.elidedText(title, Qt.TextElideMode.ElideRight, wide if beside else room.width())
    line = QRectF(room.left(), room.top(), room.width(), strong.height() + 2)
    painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
    painter.setFont(fonts[1])
    painter.setPen(theme.muted)
    used = strong.horizontalAdvance(name) + SPACE
    if beside:
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, size)
        between = room.width() - used - small.horizontalAdvance(size) - SPACE
        if cell.word and between > small.horizontalAdvance(cell.word):
            middle = QRectF(line.left() + used, line.top(), between, line.height())
            painter.drawText(middle, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, cell.word)
    elif (
        not cell.within
        and room.height() > strong.height() + small.height() + 4
        and room.width() >= small.horizontalAdvance(size)
    ):
        below = QRectF(room.left(), line.bottom(), room.width(), small.height())
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, size)
