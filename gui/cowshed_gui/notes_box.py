"""The learner's notes on a step, at the end of its page."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from cowshed_gui.theme import APPEARANCE, ICON, SPACE, SPACE_SMALL, icon

_FEWEST, _MOST = 4, 16  # lines
_PROMPT = "What you want to remember of this step. It is kept as you write, and nobody else reads it."


class _Field(QPlainTextEdit):
    """As high as its text, within limits; beyond, it scrolls."""

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setPlaceholderText(_PROMPT)
        self.setTabChangesFocus(True)
        self.setAccessibleName("Your notes on this step")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(SPACE)
        self.textChanged.connect(self.fit)
        APPEARANCE.changed.connect(self.fit)

    def fit(self) -> None:
        """Take the height that the text needs."""
        lines = round(self.document().size().height())  # a plain document counts lines, not pixels
        line = self.fontMetrics().lineSpacing()
        self.setFixedHeight(min(max(lines, _FEWEST), _MOST) * line + 2 * SPACE + SPACE_SMALL)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A new width may make more lines."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit()


class NotesBox(QWidget):
    """A line that unfolds to a field. `changed` is said for each change that the learner makes."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.fold_button = QPushButton()
        self.fold_button.setProperty("look", "fold")
        self.fold_button.clicked.connect(lambda: self.unfold(unfolded=not self.unfolded))
        self.field = _Field()
        self.field.textChanged.connect(self._on_text)
        self._frame = QFrame()
        self._frame.setProperty("look", "panel")
        inside = QVBoxLayout(self._frame)
        inside.setContentsMargins(2, 2, 2, 2)
        inside.addWidget(self.field)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, SPACE, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(self.fold_button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self._frame)
        self._quiet = False
        APPEARANCE.changed.connect(self._draw)
        self.unfold(unfolded=False)

    @property
    def unfolded(self) -> bool:
        """Whether the field is there."""
        return not self._frame.isHidden()

    def unfold(self, *, unfolded: bool) -> None:
        """Show the field, or fold it away; what is in it stays."""
        self._frame.setVisible(unfolded)
        self._draw()

    def text(self) -> str:
        """The notes."""
        return self.field.toPlainText()

    def show_notes(self, notes: str) -> None:
        """Show notes as they are kept. The cursor stays where it is, counted from the end."""
        if notes == self.text():
            return
        from_end = len(self.text()) - self.field.textCursor().position()
        self._quiet = True
        self.field.setPlainText(notes)
        self._quiet = False
        cursor = self.field.textCursor()
        cursor.setPosition(max(len(self.text()) - from_end, 0))
        self.field.setTextCursor(cursor)
        self._draw()

    def focus_field(self, place: int | None = None) -> None:
        """Put the keyboard into the field: at the end of the notes, or at a place in them."""
        self.unfold(unfolded=True)
        cursor = self.field.textCursor()
        length = len(self.text())
        cursor.setPosition(length if place is None else min(place, length))
        self.field.setTextCursor(cursor)
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_text(self) -> None:
        if not self._quiet:
            self.changed.emit()

    def _draw(self) -> None:
        size = round(ICON * APPEARANCE.zoom)
        self.fold_button.setText("Your notes")
        self.fold_button.setIcon(icon("chevron-down" if self.unfolded else "chevron-right", "muted"))
        self.fold_button.setIconSize(QSize(size, size))
        self.fold_button.setAccessibleName(f"Your notes, {'shown' if self.unfolded else 'folded'}")
        self.fold_button.setToolTip("Fold your notes away" if self.unfolded else "Write notes on this step")
