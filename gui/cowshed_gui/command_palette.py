"""The palette: type a few letters of anything one can do, press Enter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QIcon, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from cowshed_gui.theme import APPEARANCE, ICON, SPACE, SPACE_WIDE, current_theme


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the palette: what it says, its key, and what happens."""

    title: str
    does: Callable[[], object]
    detail: str = ""
    icon: QIcon | None = None
    enabled: bool = True
    current: bool = False  # chosen when the palette opens


def rank(wanted: str, title: str) -> int | None:
    """How well a title answers what was typed, lower is better; None where it does not.

    Every word typed must begin a word of the title, or be inside it, or its letters must occur in their order.
    """
    words, text = wanted.lower().split(), title.lower()
    if not words:
        return 0
    starts = text.split()
    if all(any(start.startswith(word) for start in starts) for word in words):
        return 0 if text.startswith(words[0]) else 1
    if all(word in text for word in words):
        return 2
    letters = iter(text)
    return 3 if all(letter in letters for letter in "".join(words)) else None


class _Lines(QStyledItemDelegate):
    """Draws a choice's key or state at the right end of its line."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        choice: Choice = index.data(Qt.ItemDataRole.UserRole)
        painter.setPen(current_theme().muted)
        where = option.rect.adjusted(0, 0, -SPACE_WIDE, 0)
        painter.drawText(where, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, choice.detail)


class CommandPalette(QFrame):
    """A list over the window that filters as one types. Escape or a click elsewhere closes it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, Qt.WindowType.Popup)
        self.setProperty("look", "popup")
        self.setAccessibleName("Find anything to do")
        self._choices: list[Choice] = []
        self._field = QLineEdit()
        self._field.setPlaceholderText("What do you want to do?")
        self._field.setAccessibleName("What do you want to do?")
        self._list = QListWidget()
        self._list.setAccessibleName("What can be done")
        self._list.setItemDelegate(_Lines(self._list))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._nothing = QLabel("Nothing is called like that.")
        self._nothing.setProperty("look", "muted")
        self._nothing.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        layout.setSpacing(SPACE)
        for widget in (self._field, self._nothing, self._list):
            layout.addWidget(widget)
        layout.setStretchFactor(self._list, 1)
        self._field.textChanged.connect(self._filter)
        self._field.installEventFilter(self)
        self._list.itemActivated.connect(self._take)
        self._list.itemClicked.connect(self._take)

    def open(self, choices: Sequence[Choice], prompt: str = "What do you want to do?") -> None:
        """Show the palette with these choices over the middle of its window."""
        self._choices = list(choices)
        self._field.setPlaceholderText(prompt)
        self._field.clear()
        self._filter("")
        chosen = next((number for number, choice in enumerate(self._choices) if choice.current), 0)
        self._list.setCurrentRow(chosen)
        size = round(ICON * APPEARANCE.zoom)
        self._list.setIconSize(QSize(size, size))
        window = self.parentWidget()
        assert window is not None
        em = self.fontMetrics().height()
        width = min(36 * em, window.width() - 4 * SPACE)
        lines = max(self._list.sizeHintForRow(0), em) * (len(self._choices) + 1) + 8 * SPACE
        height = min(26 * em, window.height() - 12 * SPACE, lines)
        self.resize(QSize(width, height))
        corner = window.mapToGlobal(window.rect().topLeft())
        self.move(corner.x() + (window.width() - width) // 2, corner.y() + 7 * SPACE)
        self.show()
        self._field.setFocus()

    def titles(self) -> list[str]:
        """What is offered now, best first."""
        return [self._list.item(row).data(Qt.ItemDataRole.UserRole).title for row in range(self._list.count())]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows and Enter in the field work on the list."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and watched is self._field:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
            key = Qt.Key(event.key())
            if key in step and self._list.count():
                row = min(max(self._list.currentRow() + step[key], 0), self._list.count() - 1)
                self._list.setCurrentRow(row)
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                if item := self._list.currentItem():
                    self._take(item)
                return True
        return super().eventFilter(watched, event)

    def _filter(self, wanted: str) -> None:
        ranked = [(rank(wanted, choice.title), number) for number, choice in enumerate(self._choices)]
        self._list.clear()
        for _, number in sorted((score, number) for score, number in ranked if score is not None):
            choice = self._choices[number]
            item = QListWidgetItem(choice.title)
            if choice.icon is not None:
                item.setIcon(choice.icon)
            item.setData(Qt.ItemDataRole.UserRole, choice)
            if not choice.enabled:
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
            self._list.addItem(item)
        self._nothing.setVisible(self._list.count() == 0)
        self._list.setVisible(self._list.count() > 0)
        self._list.setCurrentRow(0)

    def _take(self, item: QListWidgetItem) -> None:
        choice: Choice = item.data(Qt.ItemDataRole.UserRole)
        if choice.enabled:
            self.hide()
            choice.does()
