"""A calm card over the window that explains something in the recipe: what a word means, what a rule is about."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QFontMetricsF, QKeyEvent
from PySide6.QtWidgets import QFrame, QTextBrowser, QVBoxLayout, QWidget

from cowshed_gui.lesson_text import text_style
from cowshed_gui.theme import APPEARANCE, SPACE, SPACE_SMALL, current_theme, fixed_font, interface_font
from cowshed_lessons.linting import RULES

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

_LETTERS = 62  # a line
_TALLEST = 0.5  # of the window
_RULE = re.compile(r"<code>([a-z0-9-]+)</code>")
_FENCE = re.compile(r'<pre><code(?: class="[^"]*")?>(.*?)</code></pre>', re.DOTALL)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def rich(markdown: str) -> str:
    """Markdown as rich text; HTML in it is shown as it is written."""
    return _FENCE.sub(lambda match: example(match[1]), str(_parser().render(markdown)))


def divider() -> str:
    """A line between two texts of a card, no heavier than the card's own border."""
    return f"<hr style='background-color: {current_theme().line.name()}'>"


def unbroken(html: str) -> str:
    """The same text, in which hyphens are no place to break the name of a rule."""
    return _RULE.sub(lambda match: match[0].replace("-", "\u2011") if match[1] in RULES else match[0], html)


def example(code: str) -> str:
    """Code as rich text: what does not fit into its line goes on further in than it began."""
    letter = QFontMetricsF(fixed_font()).horizontalAdvance(" ") * 0.95
    lines = []
    for line in code.strip("\n").split("\n"):
        indent = round((len(line) - len(line.lstrip()) + 4) * letter)
        lines.append(f"<pre style='margin: 0px 0px 0px {indent}px; text-indent: -{indent}px'>{line or ' '}</pre>")
    return "".join(lines) + "<p style='margin: 0px; font-size: 4pt'>&nbsp;</p>"


def _style() -> str:
    """Code no larger than the words around it, and wrapped where it is long: a card has one size for all."""
    size = APPEARANCE.interface_size()
    return (
        f"{text_style(current_theme())} code {{ font-size: {size * 0.95:.1f}pt; background-color: transparent; }}"
        f" pre {{ font-size: {size * 0.95:.1f}pt; white-space: pre-wrap; margin-top: 0px; margin-bottom: 8px; }}"
    )


def placed(anchor: QRect, width: int, height: int, room: QRect) -> QPoint:
    """Where something belongs: under the anchor, above where there is more room, always inside `room`."""
    below = room.bottom() - anchor.bottom()
    above = anchor.top() - room.top()
    y = anchor.bottom() + 1 if height <= below or below >= above else anchor.top() - height
    x = min(max(anchor.left(), room.left()), max(room.left(), room.right() - width + 1))
    return QPoint(x, min(max(y, room.top()), max(room.top(), room.bottom() - height + 1)))


class Card(QFrame):
    """The card. It lies in the window of `owner`, so no window manager has a say in where it is.

    A card that took the keyboard stays until Escape, or until the keyboard goes elsewhere; another goes with the word
    it is about.
    """

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner.window())
        self._owner = owner
        self.setProperty("look", "popup")
        self.setObjectName("card")
        self.text = QTextBrowser()
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setProperty("look", "prose")
        self.text.setOpenLinks(False)
        self.text.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.text.viewport().setAutoFillBackground(False)
        self.text.document().setDocumentMargin(0)
        self.text.installEventFilter(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE + SPACE_SMALL, SPACE, SPACE, SPACE)
        column.addWidget(self.text)
        self.hide()

    @property
    def keeps_keyboard(self) -> bool:
        """Whether the person is in the card."""
        return self.isVisible() and self.text.hasFocus()

    def fill(self, html: str, *, width: int | None = None) -> None:
        """Put a text in and take the size that it wants, or the width that is given."""
        window = self._window()
        document = self.text.document()
        self.text.setFont(interface_font())
        document.setDefaultFont(interface_font())
        document.setDefaultStyleSheet(_style())
        self.text.setHtml(unbroken(html))
        self.text.setAccessibleName(document.toPlainText())
        letters = round(QFontMetricsF(interface_font()).averageCharWidth() * _LETTERS)
        margins = self.contentsMargins()
        layout = self.layout()
        assert layout is not None
        inside = layout.contentsMargins()
        wide = inside.left() + inside.right() + margins.left() + margins.right() + 2
        high = inside.top() + inside.bottom() + margins.top() + margins.bottom() + 2
        most = min(width or letters + wide, window.width() - 2 * SPACE) - wide
        document.setTextWidth(most)
        least = most if width else min(most, math.ceil(document.idealWidth()) + 2)
        document.setTextWidth(least)
        tall = math.ceil(document.size().height()) + SPACE_SMALL
        tallest = round(window.height() * _TALLEST)
        bar = Qt.ScrollBarPolicy.ScrollBarAsNeeded if tall + high > tallest else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.text.setVerticalScrollBarPolicy(bar)
        if tall + high > tallest:
            least = min(least + round(12 * APPEARANCE.zoom), window.width() - 2 * SPACE - wide)  # the scroll bar
        self.resize(least + wide, min(tall + high, tallest))

    def show_at(self, html: str, anchor: QRect, *, take_keyboard: bool = False) -> None:
        """Show a text at a place of the owner, with the keyboard in it where the person is to read on."""
        self.fill(html)
        window = self._window()
        here = QRect(self._owner.mapTo(window, anchor.topLeft()), anchor.size())
        self.move(placed(here, self.width(), self.height(), window.rect().adjusted(SPACE, SPACE, -SPACE, -SPACE)))
        self.raise_()
        self.show()
        if take_keyboard:
            self.text.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_card(self) -> None:
        """Put it away; the keyboard goes back to the owner."""
        had = self.keeps_keyboard
        self.hide()
        if had:
            self._owner.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape, or the keyboard going elsewhere, closes the card."""
        if watched is self.text:
            if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
                if event.type() == QEvent.Type.ShortcutOverride:
                    event.accept()
                elif event.type() == QEvent.Type.KeyPress:
                    self.close_card()
                return True
            if event.type() == QEvent.Type.FocusOut:
                self.hide()
        return super().eventFilter(watched, event)

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer went away from a card that it had called up."""
        if not self.keeps_keyboard:
            self.hide()
        super().leaveEvent(event)

    def _window(self) -> QWidget:
        """The window that the owner is in by now: it may have been put there after the card was made."""
        window = self._owner.window()
        if self.parentWidget() is not window:
            self.setParent(window)
        return window
