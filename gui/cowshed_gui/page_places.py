"""Finds a passage on a lesson's page again, and makes the words in it stand out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextBrowser, QTextEdit, QWidget

from cowshed_gui.theme import current_theme
from cowshed_lessons.course_search import matches

type TextView = QTextBrowser | QPlainTextEdit


class PagePlace:
    """A passage in a text of the page.

    Args:
        view: the text.
        begin: its first letter there.
        end: the letter behind its last.
    """

    def __init__(self, view: TextView, begin: int, end: int) -> None:
        self.view = view
        self._begin = begin
        self._end = end

    def top(self, page: QWidget) -> int:
        """Pixels from the page's top, as it is laid out now."""
        cursor = QTextCursor(self.view.document())
        cursor.setPosition(self._begin)
        return self.view.viewport().mapTo(page, self.view.cursorRect(cursor).topLeft()).y()

    def highlight(self, words: Sequence[str]) -> None:
        """Make words stand out in the passage, until the page goes."""
        shown = []
        for begin, end in matches(self.view.toPlainText()[self._begin : self._end], words):
            selection = QTextEdit.ExtraSelection()
            cursor = QTextCursor(self.view.document())
            cursor.setPosition(self._begin + begin)
            cursor.setPosition(self._begin + end, QTextCursor.MoveMode.KeepAnchor)
            look = QTextCharFormat()
            look.setBackground(current_theme().selection)
            look.setForeground(current_theme().ink)
            selection.cursor, selection.format = cursor, look
            shown.append(selection)
        self.view.setExtraSelections(shown)


def find_place(views: Iterable[TextView], passage: str) -> PagePlace | None:
    """Where a passage is; white space of any kind and length in it is the same."""
    pattern = re.compile(r"\s+".join(re.escape(word) for word in passage.split()))
    for view in views:
        if passage and (found := pattern.search(view.toPlainText())):
            return PagePlace(view, *found.span())
    return None
