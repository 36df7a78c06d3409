"""Search over all lessons, in a list over the window as the palette is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QListWidgetItem, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from cowshed_gui.command_palette import Choice, CommandPalette
from cowshed_gui.theme import SPACE, SPACE_SMALL, current_theme
from cowshed_lessons.course_search import CourseIndex, Hit

_HIT = Qt.ItemDataRole.UserRole + 1
_PROMPT = "Which words, in any lesson?"


class _Hits(QStyledItemDelegate):
    """Draws where a hit is, and under it some words around the match, which stands out by weight."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Room for one line or two."""
        hit: Hit = index.data(_HIT)
        lines = 2 if hit.excerpt else 1
        return QSize(200, lines * option.fontMetrics.lineSpacing() + 2 * SPACE)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        hit: Hit = index.data(_HIT)
        theme, metrics = current_theme(), option.fontMetrics
        where = option.rect.adjusted(SPACE, SPACE, -SPACE, -SPACE)
        line = metrics.lineSpacing()
        painter.save()
        painter.setClipRect(where)
        painter.setPen(theme.ink)
        painter.setFont(option.font)
        title = metrics.elidedText(hit.title, Qt.TextElideMode.ElideRight, where.width())
        painter.drawText(QRect(where.left(), where.top(), where.width(), line), Qt.AlignmentFlag.AlignVCenter, title)
        strong = QFont(option.font)
        strong.setWeight(QFont.Weight.DemiBold)
        left = where.left()
        for begin, end, marked in _pieces(hit):
            font = strong if marked else option.font
            painter.setFont(font)
            painter.setPen(theme.ink if marked else theme.muted)
            piece = hit.excerpt[begin:end]
            room = QRect(left, where.top() + line, max(where.right() - left, 0), line)
            width = QFontMetrics(font).horizontalAdvance(piece)
            if width > room.width():
                piece = QFontMetrics(font).elidedText(piece, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, piece)
            left += width
            if left >= where.right():
                break
        painter.restore()


def _pieces(hit: Hit) -> list[tuple[int, int, bool]]:
    """An excerpt in pieces: begin, end, and whether it is a match."""
    pieces, place = [], 0
    for begin, end in hit.marks:
        pieces += [(place, begin, False), (begin, end, True)]
        place = end
    pieces.append((place, len(hit.excerpt), False))
    return [piece for piece in pieces if piece[0] < piece[1]]


class CourseSearchBox(CommandPalette):
    """A field and the hits under it; Enter goes to the one that is chosen.

    Args:
        window: which it lies over.
        chosen: is told the hit.
    """

    def __init__(self, window: QWidget, chosen: Callable[[Hit], object]) -> None:
        super().__init__(window)
        self._index: CourseIndex | None = None
        self._chosen = chosen
        self.setAccessibleName("Search all lessons")
        self._field.setAccessibleName(_PROMPT)
        self._list.setAccessibleName("What was found")
        self._list.setItemDelegate(_Hits(self._list))
        self._reading = QTimer(self, interval=0)
        self._reading.timeout.connect(self._read_on)

    def search(self, index: CourseIndex) -> None:
        """Open with nothing typed. The course is read bit by bit while the window goes on."""
        self._index = index
        self.open((), _PROMPT)
        window = self.parentWidget()
        assert window is not None
        em = self.fontMetrics().height()
        width, height = min(44 * em, window.width() - 4 * SPACE), min(28 * em, window.height() - 12 * SPACE)
        self.resize(QSize(width, height))
        self.move(window.mapToGlobal(window.rect().topLeft()).x() + (window.width() - width) // 2, self.y())
        if not index.whole:
            self._reading.start()

    def hits(self) -> list[Hit]:
        """What is offered now, best first."""
        return [self._list.item(row).data(_HIT) for row in range(self._list.count())]

    def _read_on(self) -> None:
        assert self._index is not None
        if not self._index.read_on():
            self._reading.stop()
            self._filter(self._field.text())

    def _filter(self, wanted: str) -> None:
        self._list.clear()
        found = self._index.search(wanted) if self._index is not None else ()
        for hit in found:
            item = QListWidgetItem()
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{hit.title}. {hit.excerpt}")
            item.setData(Qt.ItemDataRole.UserRole, Choice(hit.title, partial(self._chosen, hit)))
            item.setData(_HIT, hit)
            self._list.addItem(item)
        self._say_nothing(wanted)
        self._list.setVisible(bool(found))
        self._list.setCurrentRow(0)

    def _say_nothing(self, wanted: str) -> None:
        """What stands in place of hits."""
        reading = self._index is not None and not self._index.whole
        says = "Reading the lessons…" if reading else "No lesson has all of these words."
        if not wanted.strip():
            says = "Titles, texts, questions and the glossary are searched."
        self._nothing.setText(says)
        self._nothing.setVisible(self._list.count() == 0)
        self._nothing.setContentsMargins(SPACE, SPACE_SMALL, SPACE, SPACE_SMALL)
