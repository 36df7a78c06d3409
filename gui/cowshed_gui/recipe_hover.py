"""What a word of the recipe means: a card when the pointer rests on it, or with Shift+F1 for the word at the cursor.

A fault's own words come first, then what the language knows of the word.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRect
from PySide6.QtGui import QCursor, QMouseEvent, QTextCursor
from shiboken6 import isValid

from cowshed_gui.recipe_card import Card, divider, example, rich
from cowshed_gui.recipe_text import position_of, units
from cowshed_gui.theme import APPEARANCE
from cowshed_lessons.language import Hover, hover
from cowshed_lessons.linting import RULES, Range

if TYPE_CHECKING:
    from cowshed_gui.recipe_editor import RecipeEditor

_NEAR = 6  # pixels beside a word that are still the word
NOTHING = "There is nothing to say about this word. Sections, header keys and well-known commands are explained."


class RecipeHover(QObject):
    """Shows and hides the card of an editor."""

    def __init__(self, editor: RecipeEditor) -> None:
        super().__init__(editor)
        self._editor = editor
        self._anchor = QRect()
        self.card = Card(editor.viewport())
        editor.viewport().setMouseTracking(True)
        editor.viewport().installEventFilter(self)
        editor.edited.connect(self.card.hide)
        editor.verticalScrollBar().valueChanged.connect(self.card.hide)
        editor.zoomed.connect(self.card.close_card)
        APPEARANCE.changed.connect(self.card.close_card)

    def show_at(self, position: QPoint) -> bool:
        """Show what is to say about a place of the viewport; x = 0 means the whole line. False for nothing."""
        faults = self._editor.hover_text(position)
        cursor = self._editor.cursorForPosition(position)
        line = self._editor.cursorRect(cursor)
        found = None
        # right of a line's end `cursorForPosition` gives the line's last letter: that is not where the pointer is
        if position.x() > 0 and line.top() <= position.y() <= line.bottom() and position.x() <= line.left() + 12:
            found = hover(self._editor.text(), position_of(cursor))
        self._anchor = self._place(found.range) if found else line
        if position.x() <= 0:
            self._anchor.setLeft(0)
        return self._show(faults, found)

    def show_word(self) -> None:
        """Explain the word at the cursor, and say so where there is nothing to say. The keyboard goes into the card."""
        editor = self._editor
        cursor = editor.textCursor()
        faults = editor.hover_text(editor.cursorRect().center())
        found = hover(editor.text(), position_of(cursor))
        self._anchor = self._place(found.range) if found else editor.cursorRect()
        if not self._show(faults, found, take_keyboard=True):
            self.card.show_at(rich(NOTHING), self._anchor, take_keyboard=True)

    def say(self, sentence: str) -> None:
        """Say something at the cursor."""
        self._anchor = self._editor.cursorRect()
        self.card.show_at(rich(sentence), self._anchor)

    def explain_rule(self, rule: str) -> None:
        """Say what a rule of the linter is about, with a wrong and a right recipe."""
        editor = self._editor
        editor.ensureCursorVisible()
        self._anchor = editor.cursorRect()
        self.card.show_at(rule_text(rule), self._anchor, take_keyboard=True)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Put the card away when the pointer goes elsewhere."""
        if not isValid(self._editor):
            return False  # the last events of an editor that is being deleted
        if self.card.isVisible() and not self.card.keeps_keyboard:
            if event.type() == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
                if not self._anchor.adjusted(-_NEAR, -_NEAR, _NEAR, _NEAR).contains(event.position().toPoint()):
                    self.card.hide()
            elif event.type() == QEvent.Type.Leave:
                if not self.card.rect().contains(self.card.mapFromGlobal(QCursor.pos())):
                    self.card.hide()
            elif event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.Wheel):
                self.card.hide()
        return super().eventFilter(watched, event)

    def _show(self, faults: str, found: Hover | None, *, take_keyboard: bool = False) -> bool:
        texts = [text for text in (faults, rich(found.markdown) if found else "") if text]
        if not texts:
            self.card.hide()
            return False
        self.card.show_at(divider().join(texts), self._anchor, take_keyboard=take_keyboard)
        return True

    def _place(self, words: Range) -> QRect:
        """Where words are in the viewport: the part of them in their first line."""
        document = self._editor.document()
        block = document.findBlockByNumber(words.start.line - 1)
        cursor = QTextCursor(block)
        cursor.setPosition(block.position() + units(block.text()[: words.start.column - 1]))
        start = self._editor.cursorRect(cursor)
        last = words.end.column - 1 if words.end.line == words.start.line else len(block.text())
        cursor.setPosition(block.position() + units(block.text()[:last]))
        return start.united(self._editor.cursorRect(cursor))


def rule_text(rule: str) -> str:
    """The explanation of a rule as rich text."""
    known = RULES.get(rule)
    if known is None:
        number = html.escape(rule)
        return (
            f"<p><b>{number}</b>, a rule of ShellCheck</p><p>ShellCheck reads the scripts of the recipe and knows what "
            f"shells do with them. Its page on this rule is https://www.shellcheck.net/wiki/{number}</p>"
        )
    return (
        f"<p><b>{html.escape(known.title)}</b><br>"
        f"<code>{html.escape(known.id)}</code> · {known.severity.label}</p>"
        f"{rich(known.why)}<p>Better not:</p>{example(html.escape(known.wrong.strip()))}"
        f"<p>But:</p>{example(html.escape(known.right.strip()))}<p>Source: {html.escape(known.source)}</p>"
    )
