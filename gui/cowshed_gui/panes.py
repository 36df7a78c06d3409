"""How the panes lie: lesson beside recipe over terminal; one alone; the lesson as a drawer in a narrow window."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QSplitter, QVBoxLayout, QWidget

from cowshed_gui.lesson_text import measure
from cowshed_gui.theme import APPEARANCE, SPACE_PAGE, SPACE_WIDE

NARROW = 1000  # pixels at usual size, below which the lesson becomes a drawer
LESSON, RECIPE, TERMINAL = "lesson", "recipe", "terminal"


class Panes(QWidget):
    """Three panes and the lines between them. `drawer_changed` says whether the lesson is a drawer now."""

    drawer_changed = Signal(bool)
    filled_changed = Signal(str)

    def __init__(self, lesson: QWidget, recipe: QWidget, terminal: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._panes = {LESSON: lesson, RECIPE: recipe, TERMINAL: terminal}
        self._filled = ""
        self.is_drawer = False
        self._wide: list[int] = []  # how lesson and the rest shared the width before the lesson became a drawer
        self._down = QSplitter(Qt.Orientation.Vertical)
        self._across = QSplitter(Qt.Orientation.Horizontal)
        for splitter in (self._down, self._across):
            splitter.setChildrenCollapsible(False)
            splitter.setHandleWidth(1)
            splitter.splitterMoved.connect(self._on_moved)
        self._down.addWidget(recipe)
        self._down.addWidget(terminal)
        self._across.addWidget(lesson)
        self._across.addWidget(self._down)
        self._across.setStretchFactor(0, 0)
        self._across.setStretchFactor(1, 1)
        self._fresh = True  # nobody has moved the lines yet
        lesson.setMinimumWidth(300)
        self._down.setMinimumWidth(320)
        recipe.setMinimumHeight(90)
        terminal.setMinimumHeight(90)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._across)
        self.drawer = QFrame(self)
        self.drawer.setProperty("look", "drawer")
        self.drawer.setAccessibleName("Lesson")
        self._drawer_layout = QVBoxLayout(self.drawer)
        self._drawer_layout.setContentsMargins(0, 0, 1, 0)
        self.drawer.hide()
        self.drawer.installEventFilter(self)
        APPEARANCE.changed.connect(self._fit)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus)

    # --- state that survives ---

    def save(self) -> dict[str, str]:
        """Where the lines are."""
        if self._filled:
            self.fill("")
        kept = {"down": _text(self._down.saveState())}
        if not self.is_drawer:
            kept["across"] = _text(self._across.saveState())
        return kept

    def restore(self, kept: dict[str, str]) -> None:
        """Put the lines where they were."""
        self._fresh = not kept
        if "down" in kept:
            self._down.restoreState(QByteArray.fromBase64(kept["down"].encode()))
        if "across" in kept and not self.is_drawer:
            self._across.restoreState(QByteArray.fromBase64(kept["across"].encode()))
        for splitter in (self._down, self._across):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)

    # --- one pane alone ---

    @property
    def filled(self) -> str:
        """The pane that fills the window; empty where all are there."""
        return self._filled

    def fill(self, name: str) -> None:
        """Let a pane fill the window; an empty name brings all back."""
        self._filled = name
        if self.is_drawer:
            self._fit_drawer()
        for each, pane in self._panes.items():
            if not (each == LESSON and self.is_drawer):
                pane.setVisible(name in ("", each))
        self._down.setVisible(name != LESSON or self.is_drawer)
        if name == LESSON and self.is_drawer:
            self.open_drawer()
            for each in (RECIPE, TERMINAL):
                self._panes[each].setVisible(True)
        self.filled_changed.emit(name)

    def show_pane(self, name: str) -> None:
        """Make sure that a pane can be seen."""
        if self._filled not in ("", name):
            self.fill("")
        if name == LESSON and self.is_drawer:
            self.open_drawer()
        elif self.is_drawer and name != LESSON:
            self.close_drawer()

    def pane_with_focus(self) -> str:
        """The pane that has the keyboard; empty where none has."""
        focus = QApplication.focusWidget()
        for name, pane in self._panes.items():
            if focus is not None and (pane is focus or pane.isAncestorOf(focus)):
                return name
        return ""

    # --- the drawer ---

    def open_drawer(self) -> None:
        """Show the lesson over the other panes."""
        if self.is_drawer:
            self._fit_drawer()
            self.drawer.show()
            self.drawer.raise_()

    def toggle_drawer(self) -> None:
        """Show the lesson over the other panes, or put it away."""
        if self.drawer.isVisible():
            self.close_drawer()
        else:
            self.open_drawer()
            self._panes[LESSON].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_focus(self, _old: QWidget | None, new: QWidget | None) -> None:
        """Whoever clicks beside the drawer is done with it; a pane that opens and takes the focus is not."""
        clicked = QApplication.mouseButtons() != Qt.MouseButton.NoButton
        if clicked and self.is_drawer and self._filled != LESSON and new is not None and self._down.isAncestorOf(new):
            self.close_drawer()

    def close_drawer(self) -> None:
        """Put the lesson away."""
        self.drawer.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape closes the drawer."""
        if (
            watched is self.drawer
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Escape
        ):
            self.close_drawer()
            return True
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Change between pane and drawer where the width asks for it."""
        super().resizeEvent(event)
        self._fit()
        if self._fresh:
            page = measure() + 2 * SPACE_PAGE + SPACE_WIDE  # a full line, what is around it, the scroll bar
            lesson = min(max(round(self.width() * 0.42), 480), page)
            self._across.setSizes([lesson, self.width() - lesson])
            self._down.setSizes([round(self.height() * 0.55), round(self.height() * 0.45)])

    def _on_moved(self) -> None:
        self._fresh = False

    def _fit(self) -> None:
        narrow = self.width() < NARROW * max(APPEARANCE.zoom, 1.0)
        lesson = self._panes[LESSON]
        if narrow and not self.is_drawer:
            self._wide = self._across.sizes()
            self.is_drawer = True
            self._drawer_layout.addWidget(lesson)
            lesson.show()
            self._down.show()
            self.drawer_changed.emit(True)
        elif not narrow and self.is_drawer:
            self.is_drawer = False
            self.drawer.hide()
            self._across.insertWidget(0, lesson)
            lesson.show()
            lesson_width = self._wide[0] if self._wide and self._wide[0] > 0 else round(self.width() * 0.4)
            self._across.setSizes([lesson_width, self.width() - lesson_width])
            self.drawer_changed.emit(False)
        if self.is_drawer:
            self._fit_drawer()

    def _fit_drawer(self) -> None:
        width = (
            self.width() if self._filled == LESSON else min(self.width() - 3 * SPACE_WIDE, round(560 * APPEARANCE.zoom))
        )
        self.drawer.setGeometry(0, 0, width, self.height())


def _text(state: QByteArray) -> str:
    return bytes(state.toBase64().data()).decode("ascii")
