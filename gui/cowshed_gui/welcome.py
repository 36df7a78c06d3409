"""The first page: what this is, where builds will run, and one button to begin."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from cowshed_gui.target_selector import PracticeControl
from cowshed_gui.target_session import PRACTICE, PracticeState, TargetSession, TargetState
from cowshed_gui.theme import APPEARANCE, SPACE, SPACE_PAGE, SPACE_SMALL, SPACE_WIDE, icon_pixmap

_WHAT = (
    "Learn to build Apptainer containers by building them. The lesson tells what to do and why; beside it you write "
    "the recipe and use a real terminal. Cowshed looks at what really happened, in the recipe, the build and the "
    "image, and says what is still missing."
)
_NO_TARGET = (
    "There is no place to build yet. Install Apptainer on this computer (on Debian and Ubuntu: sudo apt install "
    "apptainer), or use a Linux computer where the practice cluster can run. You can read the lessons and write "
    "recipes without it; the recipe is judged all the same."
)

READ_AND_WRITE = "Only read and write recipes here"
_ONLY_RECIPES = (
    "Lessons, recipes, their checks, recordings and a terminal work all the same; nothing is downloaded. "
    "You can choose a place to build later."
)


class Welcome(QWidget):
    """The page. `begin` carries the chosen target's name, empty where there is none."""

    begin = Signal(str)
    back = Signal()

    def __init__(self, targets: TargetSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("welcome")
        self.setAccessibleName("Welcome")
        self._targets = targets
        self._names: tuple[str, ...] = ()
        self._choices: dict[str, QRadioButton] = {}
        self._reasons: list[QLabel] = []
        self._group = QButtonGroup(self)
        self._cow = QLabel()
        title = QLabel("Welcome to Cowshed")
        title.setProperty("look", "hero")
        what = QLabel(_WHAT)
        what.setWordWrap(True)
        what.setProperty("look", "lead")
        where = QLabel("Where shall builds run?")
        where.setProperty("look", "heading")
        self._looking = QLabel("Looking at this computer…")
        self._looking.setProperty("look", "muted")
        self._looking.setWordWrap(True)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(SPACE + SPACE_SMALL)
        self.practice = PracticeControl(targets, primary=True)
        self.start_button = QPushButton("Begin the lesson")
        self.start_button.setProperty("look", "primary")
        self.start_button.clicked.connect(self._on_start)
        buttons = QHBoxLayout()
        self.back_button = QPushButton("Back to the lesson")
        self.back_button.setToolTip("Esc")
        self.back_button.clicked.connect(self.back)
        self.back_button.hide()
        buttons.addWidget(self.start_button)
        buttons.addWidget(self.back_button)
        buttons.addStretch(1)
        page = QWidget()
        page.setMaximumWidth(680)
        column = QVBoxLayout(page)
        column.setContentsMargins(SPACE_PAGE, SPACE_PAGE, SPACE_PAGE, SPACE_PAGE)
        column.setSpacing(SPACE_WIDE)
        column.addSpacing(3 * SPACE_PAGE)  # fixed: what comes and goes below moves nothing above it
        column.addWidget(self._cow)
        column.addWidget(title)
        column.addWidget(what)
        column.addSpacing(SPACE)
        column.addWidget(where)
        column.addWidget(self._looking)
        column.addLayout(self._rows)
        column.addWidget(self.practice)
        column.addLayout(buttons)
        column.addStretch(2)
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(page, 20)
        row.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(holder)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        targets.changed.connect(self._draw)
        APPEARANCE.changed.connect(self._draw)
        self._draw()

    def chosen(self) -> str:
        """The name of the target chosen: the default where nothing can build, as recipes are written there too."""
        return next((name for name, choice in self._choices.items() if choice.isChecked()), self._targets.default)

    def offer_back(self) -> None:
        """Somebody has begun already and looks at the page again: let them go back."""
        self.back_button.show()
        self.back_button.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back to the lesson, where there is one to go back to."""
        if event.key() == Qt.Key.Key_Escape and not self.back_button.isHidden():
            self.back.emit()
        else:
            super().keyPressEvent(event)

    def choose(self, name: str) -> None:
        """Choose a target."""
        if name in self._choices:
            self._choices[name].setChecked(True)
            self._draw()

    def _on_start(self) -> None:
        self.begin.emit(self.chosen())

    def _draw(self) -> None:
        targets = self._targets
        self._cow.setPixmap(icon_pixmap("cow", "accent", round(56 * APPEARANCE.zoom)))
        names = tuple(entry.name for entry in targets.entries)
        if names != self._names:
            self._names = names
            self._make_rows()
        nothing = bool(targets.entries) and not targets.usable
        self._looking.setVisible(nothing or not targets.entries)  # each choice gives its own reason
        indent = round(16 * APPEARANCE.zoom) + 2 + 2 + 2 + SPACE  # the ring, its line, border and padding, the gap
        for reason in self._reasons:
            reason.setContentsMargins(indent, 0, 0, 0)
        self._looking.setText(_NO_TARGET if nothing else (targets.reason or "Looking at this computer…"))
        needs_start = self.chosen() == PRACTICE and targets.practice is not PracticeState.RUNNING
        self.practice.setVisible(needs_start)
        self.start_button.setVisible(not needs_start)
        self.start_button.setEnabled(bool(targets.entries or targets.reason))
        self.start_button.setText("Read without building" if nothing else "Begin the lesson")
        if targets.state is TargetState.OPENING:
            self.start_button.setText("Connecting…")
            self.start_button.setEnabled(False)

    def _make_rows(self) -> None:
        for entry in self._targets.entries:
            only_recipes = entry.writable and not entry.available
            choice = QRadioButton(READ_AND_WRITE if only_recipes else entry.label)
            choice.setEnabled(entry.available or entry.writable)
            choice.setChecked(choice.isEnabled() and entry.name == self._targets.default)
            choice.toggled.connect(self._draw)
            said = f"{entry.reason} {_ONLY_RECIPES}" if only_recipes else entry.reason
            choice.setAccessibleDescription(said)
            self._group.addButton(choice)
            self._choices[entry.name] = choice
            reason = QLabel(said)
            reason.setProperty("look", "muted")
            reason.setWordWrap(True)
            reason.setAlignment(Qt.AlignmentFlag.AlignTop)
            self._reasons.append(reason)
            pair = QVBoxLayout()
            pair.setSpacing(SPACE_SMALL)
            pair.addWidget(choice)
            pair.addWidget(reason)
            self._rows.addLayout(pair)
