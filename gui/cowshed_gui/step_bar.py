"""The bar's left part: lesson ▸ step, and a dot for each step of the lesson."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolTip, QWidget

from cowshed_gui.lesson_text import plain_tip
from cowshed_gui.theme import APPEARANCE, SPACE, SPACE_WIDE, current_theme
from cowshed_lessons.course import Lesson, Step
from cowshed_lessons.progress import Progress, StepState

WORDS = {
    StepState.OPEN: "open",
    StepState.PASSED: "passed",
    StepState.SKIPPED: "skipped",
    StepState.FORCED: "marked as done",
}


class StepDots(QWidget):
    """One dot a step: full for passed, half for skipped or marked, a ring around the current one. Click to go there."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps: tuple[Step, ...] = ()
        self._states: list[StepState] = []
        self._current = 0
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMouseTracking(True)
        APPEARANCE.changed.connect(self.updateGeometry)

    def show_lesson(self, lesson: Lesson, step: Step, progress: Progress) -> None:
        """Show the steps of a lesson."""
        self._steps = lesson.steps
        self._states = [progress.of(each.id).state for each in lesson.steps]
        self._current = lesson.number(step) - 1
        done = sum(state is not StepState.OPEN for state in self._states)
        self.setAccessibleName(f"Steps of {lesson.title}: {done} of {len(self._steps)} done")
        self.setAccessibleDescription("; ".join(self._name(number) for number in range(len(self._steps))))
        self.updateGeometry()
        self.update()

    def _name(self, number: int) -> str:
        return f"{number + 1}. {self._steps[number].title} ({WORDS[self._states[number]]})"

    def _pitch(self) -> int:
        return round(16 * APPEARANCE.zoom)

    def sizeHint(self) -> QSize:
        """Room for all dots."""
        return QSize(self._pitch() * max(len(self._steps), 1) + SPACE, self._pitch() + SPACE)

    def _centre(self, number: int) -> QPointF:
        return QPointF(SPACE / 2 + self._pitch() * (number + 0.5), self.height() / 2)

    def _at(self, place: QPoint) -> int | None:
        number = int((place.x() - SPACE / 2) // self._pitch())
        return number if 0 <= number < len(self._steps) else None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the dots; shape, not only colour, tells their state."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = 3.6 * APPEARANCE.zoom
        for number, state in enumerate(self._states):
            centre = self._centre(number)
            dot = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
            colour = theme.passed if state is StepState.PASSED else theme.muted
            painter.setPen(QPen(colour, 1.5))
            painter.setBrush(colour if state is StepState.PASSED else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(dot)
            if state in (StepState.SKIPPED, StepState.FORCED):
                painter.setBrush(colour)
                painter.drawPie(dot, 90 * 16, 180 * 16)
            if number == self._current:
                painter.setPen(QPen(theme.accent, 1.75))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(centre, radius * 1.85, radius * 1.85)
        if self.hasFocus():
            painter.setPen(QPen(theme.accent, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the step under the pointer."""
        number = self._at(event.position().toPoint())
        if number is not None and event.button() is Qt.MouseButton.LeftButton:
            self.chosen.emit(self._steps[number])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right go to the neighbouring step."""
        move = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if move is None:
            super().keyPressEvent(event)
        elif 0 <= self._current + move < len(self._steps):
            self.chosen.emit(self._steps[self._current + move])

    def event(self, event: QEvent) -> bool:
        """Say which step a dot is."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            number = self._at(event.pos())
            if number is not None:
                QToolTip.showText(event.globalPos(), plain_tip(self._name(number)), self)
            return True
        return super().event(event)


class StepBar(QWidget):
    """Lesson ▸ number and title of the step, and the dots."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lesson = QLabel()
        self._lesson.setTextFormat(Qt.TextFormat.PlainText)
        self._lesson.setProperty("look", "muted")
        self._step = _ElidedLabel()
        self._step.setProperty("look", "strong")
        self._dots = StepDots()
        self._dots.chosen.connect(self.chosen)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(self._lesson)
        layout.addWidget(self._step)
        layout.addSpacing(SPACE_WIDE - SPACE)
        layout.addWidget(self._dots)
        layout.addStretch(1)

    def show_step(self, lesson: Lesson, step: Step, progress: Progress) -> None:
        """Show where the learner is."""
        number = lesson.number(step)
        self._lesson.setText(f"{lesson.title}  ▸")
        self._step.setText(f"{number} of {len(lesson.steps)}: {step.title}")
        self._dots.show_lesson(lesson, step, progress)


class _ElidedLabel(QLabel):
    """A label that gives way: its text ends in … where there is no room, and the whole is in the tooltip."""

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance("8 of 8: ……"), super().minimumSizeHint().height())

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setToolTip(plain_tip(text))
        self.setAccessibleName(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(current_theme().ink)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
