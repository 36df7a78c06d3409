"""The bar under a recording: how far it is, where its commands begin, and a way to go elsewhere."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QToolTip, QWidget

from cowshed_gui.phases_bar import seconds_text
from cowshed_gui.theme import APPEARANCE, CORNER, SPACE, current_theme
from cowshed_lab.playback import PlaybackState, marker_near

_PARTS = 100  # of a second that the slider counts
_STEP = 5  # seconds of an arrow key
_LINE = 4
_HANDLE = 7
_CATCH = 5  # pixels within which a click means a command's mark


class SeekBar(QSlider):
    """Shows a `PlaybackState`. `sought` is emitted with the seconds that the person goes to."""

    sought = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._state = PlaybackState()
        self._showing = False
        self.setAccessibleName("Place in the recording")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setSingleStep(_STEP * _PARTS)
        self.setPageStep(4 * _STEP * _PARTS)
        self.setMouseTracking(True)
        self.valueChanged.connect(self._on_value)
        APPEARANCE.changed.connect(self.updateGeometry)

    def show_state(self, state: PlaybackState) -> None:
        """Show how a playback stands."""
        said = (state.command, state.playing, state.duration)
        if said != (self._state.command, self._state.playing, self._state.duration) or not self.accessibleDescription():
            where = f"{seconds_text(state.position)} of {seconds_text(state.duration)}"
            self.setAccessibleDescription(f"{where}, {state.command}" if state.command else where)
        self._state = state
        self._showing = True
        self.setRange(0, round(state.duration * _PARTS))
        if not self.isSliderDown():
            self.setValue(round(state.position * _PARTS))
        self._showing = False
        self.update()

    def _on_value(self, value: int) -> None:
        if not self._showing:
            self.sought.emit(value / _PARTS)

    # Where things are

    def _margin(self) -> int:
        return round(_HANDLE * APPEARANCE.zoom) + 2

    def _x(self, seconds: float) -> float:
        room = self.width() - 2 * self._margin()
        return self._margin() + room * (seconds / self._state.duration if self._state.duration else 0.0)

    def _seconds(self, x: float) -> float:
        room = max(self.width() - 2 * self._margin(), 1)
        return min(max((x - self._margin()) / room, 0.0), 1.0) * self._state.duration

    def _caught(self, x: float) -> float:
        """The seconds under a point; those of a command whose mark is near."""
        seconds = self._seconds(x)
        reach = self._seconds(self._margin() + _CATCH)
        near = marker_near(self._state.markers, seconds, reach)
        return near.time if near is not None else seconds

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to where the pointer is."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self.setValue(round(self._caught(event.position().x()) * _PARTS))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag."""
        if self.isSliderDown():
            self.setValue(round(self._seconds(event.position().x()) * _PARTS))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(False)

    def event(self, event: QEvent) -> bool:
        """Say what is under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            seconds = self._caught(event.pos().x())
            command = PlaybackState(seconds, markers=self._state.markers).command.partition("\n")[0]
            QToolTip.showText(event.globalPos(), f"{seconds_text(seconds)}  {command}".rstrip(), self)
            return True
        return super().event(event)

    # Looks

    def sizeHint(self) -> QSize:
        """Return room for the handle and a little around it."""
        return QSize(200, 2 * self._margin() + SPACE // 2)

    def minimumSizeHint(self) -> QSize:
        """Return the least that is of use."""
        return QSize(100, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the line, what was played of it, the commands' marks, and the handle."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        middle, here = self.height() / 2, self._x(self.value() / _PARTS)
        line = QRectF(self._margin(), middle - _LINE / 2, self.width() - 2 * self._margin(), _LINE)
        painter.setBrush(theme.line)
        painter.drawRoundedRect(line, _LINE / 2, _LINE / 2)
        painter.setBrush(theme.accent)
        painter.drawRoundedRect(
            QRectF(line.left(), line.top(), max(here - line.left(), 0), _LINE), _LINE / 2, _LINE / 2
        )
        for marker in self._state.markers:
            self._paint_mark(
                painter,
                self._x(marker.time),
                middle,
                theme.accent if marker.time <= self._state.position else theme.muted,
            )
        radius = _HANDLE * APPEARANCE.zoom
        painter.setBrush(theme.accent)
        painter.drawEllipse(QRectF(here - radius, middle - radius, 2 * radius, 2 * radius))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(theme.accent)
            painter.drawRoundedRect(QRect(0, 0, self.width() - 1, self.height() - 1), CORNER, CORNER)

    def _paint_mark(self, painter: QPainter, x: float, middle: float, colour: QColor) -> None:
        painter.setBrush(colour)
        painter.drawRect(QRectF(x - 1, middle - _LINE - 2, 2, 2 * _LINE + 4))
