"""Cards of a lesson: a command that runs with a click, a snippet for the editor, a remark, a picture, a hint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from cowshed_gui.card_button import CardButton
from cowshed_gui.lesson_text import ProseView, plain_tip
from cowshed_gui.theme import APPEARANCE, ICON, SPACE, SPACE_SMALL, fixed_font, icon, icon_pixmap

if TYPE_CHECKING:
    from cowshed_lessons.markup import Callout, Command, Figure, Snippet

_CAPTIONS = {"recipe": "For the recipe", "output": "What it prints", "shell": "Shell", "text": "Text"}


class CodeView(QPlainTextEdit):
    """Code as high as it needs to be; long lines scroll sideways, the page scrolls up and down."""

    def __init__(self, text: str, *, wrap: bool = False) -> None:
        super().__init__(text)
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("look", "code")
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth if wrap else QPlainTextEdit.LineWrapMode.NoWrap)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.viewport().setAutoFillBackground(False)
        self.document().setDocumentMargin(0)
        self.setAccessibleName(text)
        APPEARANCE.changed.connect(self._draw)
        self._draw()

    def _draw(self) -> None:
        self.setFont(fixed_font())
        self._fit()

    def _fit(self) -> None:
        self.document().documentLayout().documentSize()
        lines = 0
        block = self.document().firstBlock()
        while block.isValid():
            self.blockBoundingRect(block)  # lays the block out at this width
            lines += max(block.layout().lineCount(), 1)
            block = block.next()
        bar = self.horizontalScrollBar()
        room = bar.sizeHint().height() if bar.maximum() > 0 else 0
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + room + 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A new width may make a new height."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Sideways stays here; up and down is the page's."""
        if abs(event.angleDelta().x()) > abs(event.angleDelta().y()):
            super().wheelEvent(event)
        else:
            event.ignore()


class _Card(QFrame):
    """A frame with a caption and buttons over some code."""

    def __init__(self, caption: str, text: str, *, wrap: bool, prompt: bool = False) -> None:
        super().__init__()
        self.setProperty("look", "card")
        self._copied = text
        label = QLabel(caption)
        label.setProperty("look", "small")
        self.copy_button = CardButton("copy", "Copy")
        self.copy_button.clicked.connect(self._on_copy)
        self.head = QHBoxLayout()
        self.head.setSpacing(SPACE_SMALL)
        self.head.addWidget(label)
        self.head.addStretch(1)
        self.head.addWidget(self.copy_button)
        self.code = CodeView(text, wrap=wrap)
        body = QHBoxLayout()
        body.setSpacing(SPACE)
        body.addWidget(self.code, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE + SPACE_SMALL, SPACE_SMALL, SPACE_SMALL, SPACE + 2)
        layout.setSpacing(0)
        layout.addLayout(self.head)
        layout.addLayout(body)

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._copied)
        self.copy_button.change("check", "Copied", "passed")


class CommandCard(_Card):
    """A command of the lesson. `run` carries its line: it runs in the terminal, where the learner sees it."""

    run = Signal(str)

    def __init__(self, block: Command) -> None:
        super().__init__("Command", block.command, wrap=True)
        self.setAccessibleName(f"Command: {block.command}")
        self.run_button = CardButton("play", f"Run in the terminal: {block.command}", "accent")
        self.run_button.setToolTip("Run in the terminal")
        self.run_button.clicked.connect(lambda: self.run.emit(block.command))
        self.head.insertWidget(2, self.run_button)


class SnippetCard(_Card):
    """Text to copy, and to insert into the recipe where it belongs there. `insert` carries it."""

    insert = Signal(str)

    def __init__(self, block: Snippet) -> None:
        super().__init__(
            _CAPTIONS.get(block.language, "Text"), block.text.rstrip("\n"), wrap=block.language == "output"
        )
        self.setAccessibleName(f"{_CAPTIONS.get(block.language, 'Text')}: {block.text}")
        if block.insertable:
            self.insert_button = CardButton("insert", "Insert into the recipe", "accent")
            self.insert_button.clicked.connect(lambda: self.insert.emit(block.text))
            self.head.insertWidget(2, self.insert_button)


class CalloutCard(QFrame):
    """A remark: note, tip or warning, said with a word and not by colour alone."""

    link = Signal(str)

    def __init__(self, block: Callout) -> None:
        super().__init__()
        self.setProperty("look", f"callout-{block.kind}")
        name, token, word = {
            "note": ("info", "info", "Note"),
            "tip": ("hint", "accent", "Tip"),
            "warning": ("warning", "warning", "Mind"),
        }[block.kind]
        self._icon = (name, token)
        self._picture = QLabel()
        title = QLabel(word)
        title.setProperty("look", "strong")
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(self._picture)
        head.addWidget(title)
        head.addStretch(1)
        prose = ProseView(block.html, scale=1.08)
        prose.link.connect(self.link)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE + SPACE_SMALL, SPACE, SPACE, SPACE_SMALL)
        layout.setSpacing(SPACE_SMALL)
        layout.addLayout(head)
        layout.addWidget(prose)
        APPEARANCE.changed.connect(self._draw)
        self._draw()

    def _draw(self) -> None:
        self._picture.setPixmap(icon_pixmap(*self._icon, round(ICON * APPEARANCE.zoom)))


class FigureCard(QFrame):
    """A picture of the course, never larger than it is and never wider than the page, with its caption."""

    def __init__(self, block: Figure) -> None:
        super().__init__()
        self._pixmap = QPixmap(str(block.path))
        self._picture = QLabel()
        self._picture.setAccessibleName(block.alternative)
        self._picture.setToolTip(plain_tip(block.alternative))
        self._picture.setMinimumWidth(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, SPACE)
        layout.setSpacing(SPACE_SMALL)
        layout.addWidget(self._picture)
        if block.caption:
            caption = QLabel(block.caption)
            caption.setTextFormat(Qt.TextFormat.PlainText)
            caption.setProperty("look", "muted")
            caption.setWordWrap(True)
            layout.addWidget(caption)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Scale the picture down to the page's width."""
        super().resizeEvent(event)
        width = min(self.width(), self._pixmap.width())
        if width > 0 and not self._pixmap.isNull():
            self._picture.setPixmap(self._pixmap.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation))


class HintList(QWidget):
    """Hints that unfold one level after another. `unfolded` carries how many are open."""

    unfolded = Signal(int)
    link = Signal(str)
    run = Signal(str)
    insert = Signal(str)

    def __init__(self, hints: tuple[tuple[QWidget, ...], ...], opened: int) -> None:
        super().__init__()
        self._hints = hints
        self._opened = 0
        self._cards: list[QFrame] = []
        self._button = QPushButton()
        self._button.setProperty("look", "link")
        self._button.clicked.connect(self.unfold)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(SPACE)
        row = QHBoxLayout()
        row.addWidget(self._button)
        row.addStretch(1)
        self._layout.addLayout(row)
        APPEARANCE.changed.connect(self._draw)
        for _ in range(min(opened, len(hints))):
            self._open()
        self._draw()

    @property
    def opened(self) -> int:
        """How many hints are open."""
        return self._opened

    def unfold(self) -> bool:
        """Open the next hint; False where all are open."""
        if self._opened >= len(self._hints):
            return False
        self._open()
        self._draw()
        self.unfolded.emit(self._opened)
        return True

    def _open(self) -> None:
        card = QFrame()
        card.setProperty("look", "callout-tip")
        caption = QLabel(f"Hint {self._opened + 1}")
        caption.setProperty("look", "strong")
        layout = QVBoxLayout(card)
        layout.setContentsMargins(SPACE + SPACE_SMALL, SPACE, SPACE, SPACE)
        layout.setSpacing(SPACE_SMALL)
        layout.addWidget(caption)
        for widget in self._hints[self._opened]:
            layout.addWidget(widget)
        self._layout.insertWidget(self._opened, card)
        self._cards.append(card)
        self._opened += 1

    def _draw(self) -> None:
        left = len(self._hints) - self._opened
        size = round(ICON * APPEARANCE.zoom)
        self._button.setIcon(icon("hint", "accent"))
        self._button.setIconSize(QSize(size, size))
        self._button.setText(f"Hint {self._opened + 1} of {len(self._hints)}" if left else "")
        self._button.setAccessibleName(f"Show hint {self._opened + 1} of {len(self._hints)}" if left else "")
        self._button.setVisible(left > 0)
        self.setVisible(bool(self._hints))
