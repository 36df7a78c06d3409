"""Where builds run: the button in the bar, and the panel under it with every target, its state and its reason."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from cowshed_gui.target_session import PRACTICE, PracticeState, TargetSession, TargetState
from cowshed_gui.theme import APPEARANCE, ICON, SPACE, SPACE_SMALL, SPACE_WIDE, icon, icon_pixmap

if TYPE_CHECKING:
    from cowshed_lab.practice.progress import Progress
    from cowshed_lab.targets import TargetEntry


_DOWNLOAD = 160_000_000  # bytes that the first start fetches, about
_BEFORE = "The first start takes about 1 to 3 minutes and downloads about 160 MB."


class PracticeControl(QWidget):
    """Start, progress, stop and state of the practice cluster, all in words."""

    def __init__(self, targets: TargetSession, *, primary: bool = False) -> None:
        super().__init__()
        self._targets = targets
        self._primary = primary
        self._began = 0.0
        self.start_button = QPushButton("Start the practice cluster")
        self.start_button.clicked.connect(targets.start_practice)
        if primary:
            self.start_button.setProperty("look", "primary")
        self.stop_button = QPushButton("Stop it")
        self.stop_button.clicked.connect(targets.stop_practice)
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.clicked.connect(targets.cancel_practice)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._bar.setRange(0, 1000)
        self._bar.setAccessibleName("Start of the practice cluster")
        self._says = QLabel()
        self._says.setProperty("look", "small")
        self._says.setWordWrap(True)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE)
        for button in (self.start_button, self.stop_button, self.cancel_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(self._bar)
        layout.addWidget(self._says)
        layout.addLayout(buttons)
        targets.changed.connect(self._draw)
        targets.practice_progress.connect(self._on_progress)
        self._draw()

    def says(self) -> str:
        """What is written under the bar."""
        return self._says.text()

    def _draw(self) -> None:
        state = self._targets.practice
        starting = state is PracticeState.STARTING
        stopped = state in (PracticeState.STOPPED, PracticeState.UNKNOWN)
        if starting and self.start_button.hasFocus():
            self._bar.setFocus()  # else the keyboard goes to Cancel, and the next Enter with it
        if starting and not self._began:
            self._began = time.monotonic()
            self._bar.setValue(0)
            self._say("Beginning")
        elif not starting:
            self._began = 0.0
            self._say("Stopping" if state is PracticeState.STOPPING else _BEFORE if stopped else "")
        self._bar.setVisible(starting)
        self.cancel_button.setVisible(starting)
        self.start_button.setVisible(stopped)
        self.stop_button.setVisible(state is PracticeState.RUNNING and not self._primary)

    def _on_progress(self, progress: Progress) -> None:
        seconds = round(time.monotonic() - self._began)
        words = [progress.phase, f"{seconds // 60}:{seconds % 60:02d} elapsed"]
        if progress.downloaded:
            words.append(f"{progress.downloaded / 1e6:.0f} of about {max(_DOWNLOAD, progress.downloaded) / 1e6:.0f} MB")
        self._say("  ·  ".join(words))
        self._bar.setRange(0, 0 if progress.fraction is None else 1000)
        if progress.fraction is not None:
            self._bar.setValue(round(progress.fraction * 1000))

    def _say(self, words: str) -> None:
        self._says.setText(words)
        self._says.setVisible(bool(words))


class TargetRow(QFrame):
    """One target: its name, its state in words, why it can or can't be used, and what can be done with it."""

    chosen = Signal(str)

    def __init__(self, entry: TargetEntry, targets: TargetSession) -> None:
        super().__init__()
        self._entry = entry
        self._targets = targets
        self.setProperty("look", "panel")
        self._picture = QLabel()
        name = QLabel(entry.label)
        name.setProperty("look", "strong")
        self._state = QLabel()
        self._state.setProperty("look", "small")
        self.button = QPushButton("Use")
        self.button.setAccessibleName(f"Use {entry.label}")
        self.button.clicked.connect(lambda: self.chosen.emit(entry.name))
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(self._picture)
        head.addWidget(name)
        head.addWidget(self._state)
        head.addStretch(1)
        head.addWidget(self.button)
        reason = QLabel(entry.reason)
        reason.setWordWrap(True)
        reason.setProperty("look", "muted")
        reason.setVisible(bool(entry.reason))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE + SPACE_SMALL, SPACE, SPACE + SPACE_SMALL, SPACE + SPACE_SMALL)
        layout.setSpacing(SPACE_SMALL)
        layout.addLayout(head)
        layout.addWidget(reason)
        if entry.name == PRACTICE and entry.available:
            layout.addSpacing(SPACE_SMALL)
            layout.addWidget(PracticeControl(targets))
        self.draw()

    def draw(self) -> None:
        """Show the state as it is now."""
        entry, targets = self._entry, self._targets
        size = round(ICON * APPEARANCE.zoom)
        picture = "computer" if entry.name == "local" else "target"
        self._picture.setPixmap(icon_pixmap(picture, "ink" if entry.available else "muted", size))
        in_use = entry.name == targets.name and targets.state is not TargetState.NONE
        word = str(targets.state) if in_use else ""
        if entry.name == PRACTICE and targets.practice in (PracticeState.STARTING, PracticeState.STOPPING):
            word = str(targets.practice)
        elif in_use and targets.state is TargetState.OPEN:
            word = "in use" if entry.available else "in use, for recipes only"
        elif entry.name == PRACTICE and not in_use and entry.available:
            word = str(targets.practice)
        elif not entry.available:
            word = "recipes only" if entry.writable else "not available"
        self._state.setText(word)
        ready = entry.name != PRACTICE or targets.practice is PracticeState.RUNNING
        lost = in_use and targets.is_lost
        verb = "Reconnect" if lost else "Use"
        self.button.setText(verb)
        self.button.setAccessibleName(f"{verb} {entry.label}" if verb == "Use" else f"Reconnect to {entry.label}")
        usable = entry.available or entry.writable
        self.button.setVisible(usable and ready and not (in_use and targets.state is TargetState.OPEN))
        self.button.setEnabled(targets.state is not TargetState.OPENING)


class TargetPanel(QFrame):
    """All targets, one row each."""

    chosen = Signal(str)

    def __init__(self, targets: TargetSession, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("look", "popup")
        self.setAccessibleName("Where builds run")
        self._targets = targets
        self._names: tuple[str, ...] = ()
        self._rows: list[TargetRow] = []
        self._under: QWidget | None = None
        title = QLabel("Where builds run")
        title.setProperty("look", "heading")
        self._reason = QLabel()
        self._reason.setWordWrap(True)
        self._reason.setProperty("look", "muted")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(SPACE_WIDE, SPACE_WIDE, SPACE_WIDE, SPACE_WIDE)
        self._layout.setSpacing(SPACE + SPACE_SMALL)
        self._layout.addWidget(title)
        self._layout.addWidget(self._reason)
        targets.changed.connect(self._draw)
        targets.practice_progress.connect(lambda _: QTimer.singleShot(0, self, self._fit))  # once it has its words
        APPEARANCE.changed.connect(self._draw)
        self._draw()

    def rows(self) -> list[TargetRow]:
        """The rows, in the order shown."""
        return self._rows

    def open_under(self, widget: QWidget) -> None:
        """Show the panel under a widget, its right side at the widget's."""
        self._targets.look()
        self._under = widget
        self._fit()
        self.show()
        self._fit()
        for row in self._rows:
            if row.button.isVisible():
                row.button.setFocus()
                break

    def _draw(self) -> None:
        names = tuple(entry.name for entry in self._targets.entries)
        if names != self._names:
            self._names = names
            for row in self._rows:
                row.hide()
                row.deleteLater()
            self._rows = [TargetRow(entry, self._targets) for entry in self._targets.entries]
            for row in self._rows:
                row.chosen.connect(self._on_chosen)
                self._layout.addWidget(row)
        for row in self._rows:
            row.draw()
        self._reason.setText(self._targets.reason or "Looking for places to build…")
        self._reason.setVisible(not self._rows)  # the rows give their own reasons
        self._fit()

    def _fit(self) -> None:
        """Take the height that the rows need, and stay under the button."""
        width = min(30 * self.fontMetrics().height(), 640)
        for row in self._rows:
            if (within := row.layout()) is not None:
                within.invalidate()
                within.activate()
        self._layout.invalidate()
        self._layout.activate()
        self.setFixedWidth(width)
        self.resize(width, self._layout.totalHeightForWidth(width))
        if self._under is not None:
            corner = self._under.mapToGlobal(QPoint(self._under.width(), self._under.height() + SPACE_SMALL))
            self.move(corner.x() - width, corner.y())

    def _on_chosen(self, name: str) -> None:
        self.hide()
        self.chosen.emit(name)


class TargetSelector(QPushButton):
    """The button in the bar: the target in use and its state, in words. It opens the panel."""

    def __init__(self, targets: TargetSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._targets = targets
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.panel = TargetPanel(targets, self)
        self.panel.chosen.connect(targets.use)
        self.clicked.connect(lambda: self.panel.open_under(self))
        targets.changed.connect(self._draw)
        APPEARANCE.changed.connect(self._draw)
        self._draw()

    def _draw(self) -> None:
        targets = self._targets
        size = round(ICON * APPEARANCE.zoom)
        if targets.practice is PracticeState.STARTING:
            text = "Practice cluster: starting"
        elif targets.state is TargetState.NONE:
            text = "Choose a target"
        elif targets.state is TargetState.OPEN:
            text = targets.label()
        else:
            text = f"{targets.label()}: {targets.state}"
        warns = targets.state in (TargetState.FAILED, TargetState.LOST)
        token = "passed" if targets.state is TargetState.OPEN else "warning" if warns else "muted"
        self.setText(f"{text}  ▾")
        self.setIcon(icon("warning" if warns else "target", token))
        self.setIconSize(QSize(size, size))
        self.setAccessibleName(f"Where builds run: {text}")
        self.setToolTip(f"Where builds run: {text} (Ctrl+T)")
