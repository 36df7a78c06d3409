"""A build as bars: each phase and each command beside its name, where it ran and how long; or two builds compared."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFocusEvent,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cowshed_gui.phases_bar import seconds_text
from cowshed_gui.theme import APPEARANCE, SPACE, SPACE_SMALL, SPACE_WIDE, current_theme, fixed_font, interface_font
from cowshed_gui.treemap_view import bytes_text
from cowshed_lessons.build_history import BuildPart, BuildRecord, compare_builds, share


def duration(seconds: float) -> str:
    """A duration as people say it: 4.2 s, 34 s, 02:05."""
    if seconds >= 99.5:
        return seconds_text(seconds)
    return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One line: its name, its bars (beginning and length as fractions; None for none), the text beside them."""

    title: str
    is_command: bool
    bars: tuple[tuple[float, float] | None, ...]
    text: str
    spoken: str


def rows_of(record: BuildRecord) -> tuple[TimelineRow, ...]:
    """The lines of one build."""
    places = share(record.parts, record.seconds)
    made = []
    for part, place in zip(record.parts, places, strict=True):
        text = _figures(part)
        kind = "command" if part.command else "phase"
        made.append(TimelineRow(part.title, bool(part.command), (place,), text, f"{kind} {part.title}: {text}"))
    return tuple(made)


def rows_of_two(left: BuildRecord, right: BuildRecord) -> tuple[TimelineRow, ...]:
    """The lines of two builds, the one's bar above the other's, all on one scale."""
    changes = compare_builds(left, right)
    longest = max((part.seconds for record in (left, right) for part in record.parts), default=0.0) or 1.0
    made = []
    for change in changes:
        bars = tuple((0.0, part.seconds / longest) if part else None for part in (change.left, change.right))
        one, two = (duration(part.seconds) if part else "–" for part in (change.left, change.right))
        text = f"{one} → {two}"
        if change.left and change.right and abs(change.seconds) >= 0.05:
            word = "longer" if change.seconds > 0 else "shorter"
            text += f"   {duration(abs(change.seconds))} {word}"
        elif not change.right:
            text += "   only in the first"
        elif not change.left:
            text += "   only in the second"
        made.append(TimelineRow(change.title, change.is_command, bars, text, f"{change.title}: {text}"))
    return tuple(made)


def _figures(part: BuildPart) -> str:
    size = "" if part.bytes is None else f"   {bytes_text(part.bytes)}"
    return duration(part.seconds) + size


class TimelineView(QWidget):
    """The lines. Up and Down choose one; `chosen` tells its number."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[TimelineRow, ...] = ()
        self.current = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        APPEARANCE.changed.connect(self._on_appearance)
        self._describe()

    def show_rows(self, rows: tuple[TimelineRow, ...]) -> None:
        """Show these lines."""
        self.rows, self.current = rows, 0
        self._on_appearance()
        self._describe()

    def choose(self, number: int) -> None:
        """Choose a line."""
        if self.rows and number != self.current:
            self.current = min(max(number, 0), len(self.rows) - 1)
            self._describe()
            self.update()
            self.chosen.emit(self.current)

    def row_top(self, number: int) -> int:
        """Where a line begins."""
        return number * self.row_height

    @property
    def row_height(self) -> int:
        """The height of a line."""
        return ceil(QFontMetricsF(interface_font()).height()) + SPACE + SPACE_SMALL

    def sizeHint(self) -> QSize:
        """Room for all lines."""
        return QSize(560, max(len(self.rows), 2) * self.row_height)

    def minimumSizeHint(self) -> QSize:
        """All lines have their height: what holds this scrolls."""
        return QSize(360, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the lines that can be seen."""
        theme = current_theme()
        painter = QPainter(self)
        plain, code = interface_font(), fixed_font(0.92)
        painter.setFont(plain)
        if not self.rows:
            painter.setPen(theme.muted)
            place = QRectF(self.rect()).adjusted(SPACE, 0, -SPACE, 0)
            painter.drawText(place, "The log of this build tells of no phases: it ended before its first one.")
            return
        metrics = painter.fontMetrics()
        names = self.width() * 0.36
        figures = max(metrics.horizontalAdvance(row.text) for row in self.rows) + SPACE_WIDE
        room = max(self.width() - names - figures - SPACE_WIDE, 40.0)
        height = self.row_height
        first, last = event.rect().top() // height, event.rect().bottom() // height
        for number in range(first, min(last + 1, len(self.rows))):
            row = self.rows[number]
            line = QRectF(0, number * height, self.width(), height)
            if number == self.current:
                painter.fillRect(line, theme.selection if self.hasFocus() else theme.hover)
            painter.setFont(code if row.is_command else plain)
            painter.setPen(theme.ink)
            indent = SPACE_WIDE + SPACE if row.is_command else SPACE
            place = QRectF(indent, line.top(), names - indent - SPACE, height)
            name = painter.fontMetrics().elidedText(
                row.title.split("\n")[0], Qt.TextElideMode.ElideRight, int(place.width())
            )
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
            end = self._paint_bars(painter, row, QRectF(names, line.top(), room, height))
            painter.setFont(plain)
            painter.setPen(theme.muted if row.is_command else theme.ink)
            words = QRectF(end + SPACE, line.top(), self.width() - end - SPACE, height)
            painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, row.text)

    def _paint_bars(self, painter: QPainter, row: TimelineRow, place: QRectF) -> float:
        """Paint a line's bars and return where the last of them ends."""
        theme = current_theme()
        count = len(row.bars)
        thick = place.height() * (0.4 if count == 1 else 0.24)
        end = place.left()
        for number, bar in enumerate(row.bars):
            if bar is None:
                continue
            centre = place.center().y() + (number - (count - 1) / 2) * (thick + 3)
            left, length = place.left() + bar[0] * place.width(), max(bar[1] * place.width(), 2.0)
            shape = QRectF(left, centre - thick / 2, length, thick)
            if number == 0:
                painter.fillRect(shape, theme.muted if row.is_command and count == 1 else theme.accent)
            else:
                painter.setPen(QPen(theme.info, 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(shape.adjusted(0.5, 0.5, -0.5, -0.5))
            end = max(end, shape.right())
        return end

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up, Down, Home, End."""
        moves = {
            Qt.Key.Key_Up: self.current - 1,
            Qt.Key.Key_Down: self.current + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: len(self.rows) - 1,
        }
        number = next((to for key, to in moves.items() if key == event.key()), None)
        if number is None:
            super().keyPressEvent(event)
        else:
            self.choose(min(max(number, 0), max(len(self.rows) - 1, 0)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the line under the pointer."""
        number = int(event.position().y()) // self.row_height
        if number < len(self.rows):
            self.choose(number)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show which line is chosen."""
        super().focusInEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        """Say the whole line where the pointer rests."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            number = event.pos().y() // self.row_height
            if number < len(self.rows):
                QToolTip.showText(event.globalPos(), self.rows[number].spoken, self)
            return True
        return super().event(event)

    def _on_appearance(self) -> None:
        self.updateGeometry()
        self.update()

    def _describe(self) -> None:
        said = self.rows[self.current].spoken if self.rows else "no phases"
        count = f"; {self.current + 1} of {len(self.rows)}" if self.rows else ""
        self.setAccessibleName(f"Timeline: {said}{count}")
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.NameChanged))
