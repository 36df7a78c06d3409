"""What was found on the target, in a card of the lesson: each fact with its sign, its word and a sentence."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from cowshed_gui.coded_text import coded
from cowshed_gui.theme import APPEARANCE, ICON, SPACE, SPACE_SMALL, icon_pixmap
from cowshed_lessons.evidence import EnvironmentEvidence, Fact

_SIGNS = {
    "ok": ("circle-check", "passed", "fine"),
    "warning": ("warning", "warning", "mind this"),
    "problem": ("fault", "error", "in the way"),
    "unknown": ("question", "muted", "not known"),
}
_TITLES = {
    "apptainer": "Apptainer",
    "build-mode": "How you build",
    "base-images": "Base images",
    "cache": "Cache",
    "fuse": "Mounting images",
    "modules": "Modules",
    "scratch": "Large files",
    "slurm": "Slurm",
    "temporary-space": "Temporary space",
}
_NOWHERE = "Choose a target at the top right; then it is examined here."
_BUSY = "Examining the target…"


class PreflightCard(QFrame):
    """The examination of the target.

    Signals:
        again: it is to be examined once more.
    """

    again = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "question")
        self.setAccessibleName("What this target offers")
        self._found: EnvironmentEvidence | None = None
        self._title = QLabel("What this target offers")
        self._title.setProperty("look", "strong")
        self._title.setWordWrap(True)
        self.again_button = QPushButton("Examine again")
        self.again_button.clicked.connect(self._on_again)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self.again_button)
        self._says = QLabel(_NOWHERE)
        self._says.setWordWrap(True)
        self._says.setProperty("look", "muted")
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(SPACE)
        self._grid.setVerticalSpacing(SPACE)
        self._grid.setColumnStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE + SPACE_SMALL, SPACE, SPACE + SPACE_SMALL, SPACE + SPACE_SMALL)
        layout.setSpacing(SPACE)
        layout.addLayout(head)
        layout.addWidget(self._says)
        layout.addLayout(self._grid)
        APPEARANCE.changed.connect(self._draw)
        self._draw()

    def _on_again(self) -> None:
        self.show_busy()
        self.again.emit()

    def show_busy(self) -> None:
        """Say that the target is being examined."""
        self._says.setText(_BUSY)
        self._says.show()

    def show_found(self, found: EnvironmentEvidence | None) -> None:
        """Show what was found; None where there is no target yet."""
        self._found = found
        self._draw()

    def rows(self) -> list[tuple[str, str]]:
        """Each fact's title and word, for tests and screen readers."""
        found = self._found.facts if self._found is not None else {}
        return [(_TITLES.get(name, name), _SIGNS[fact.state][2]) for name, fact in found.items()]

    def _draw(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        found = self._found
        self._title.setText(f"What {found.target} offers" if found is not None and found.target else "What is here")
        problem = "" if found is None else found.problem
        self._says.setText(_NOWHERE if found is None else f"It could not be examined: {problem}" if problem else "")
        self._says.setVisible(bool(self._says.text()))
        for row, (name, fact) in enumerate(found.facts.items() if found is not None else ()):
            self._add(row, _TITLES.get(name, name), fact)

    def _add(self, row: int, title: str, fact: Fact) -> None:
        name, token, word = _SIGNS[fact.state]
        picture = QLabel()
        picture.setPixmap(icon_pixmap(name, token, round(ICON * APPEARANCE.zoom)))
        detail = fact.detail or fact.value
        text = QLabel(f"<b>{coded(title)}</b><br>{coded(detail)}")
        text.setTextFormat(Qt.TextFormat.RichText)
        text.setWordWrap(True)
        text.setAccessibleName(f"{title}: {word}. {detail}")
        says = QLabel(word)
        says.setProperty("look", "muted")
        self._grid.addWidget(picture, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(text, row, 1)
        self._grid.addWidget(says, row, 2, Qt.AlignmentFlag.AlignTop)
