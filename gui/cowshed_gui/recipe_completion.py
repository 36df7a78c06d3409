"""Completion in the recipe editor: a list under the word that is being written, its explanation beside it.

The list never gets in the way. It comes by itself while a word is typed that it can finish, and with Ctrl+Space
anywhere; once open, each letter narrows it. In a list that came by itself nothing is chosen yet: Enter makes a new
line as ever; Tab takes the first entry, and Down or Up choose, after which Enter takes what is chosen. In a list that
was asked for, the first entry is chosen at once. Escape closes it until another word is begun. The keyboard stays in
the text all the time; what is chosen is announced to screen readers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent, QTextCursor
from shiboken6 import isValid

from cowshed_gui.recipe_editing import leading_blank
from cowshed_gui.recipe_offers import Offers
from cowshed_gui.recipe_text import position_of, units
from cowshed_gui.typing_pause import TypingPause
from cowshed_lessons.language import Completion, CompletionKind, complete

if TYPE_CHECKING:
    from cowshed_gui.recipe_editor import RecipeEditor

_MOVES = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
_ENTERS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_HELD = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
_PAUSE = 200  # milliseconds without a key, in a long recipe
_SOON = 2  # letters of a word after which the list comes by itself


def fitting(found: Sequence[Completion], text: str) -> list[Completion]:
    """Those that begin with what is written, then those that hold it; each in the order in which it was found."""
    wanted = text.lower()
    first = [each for each in found if each.label.lower().startswith(wanted)]
    others = [each for each in found if wanted in each.label.lower() and each not in first]
    return first + (others if len(wanted) > 1 else [])


class RecipeCompletion(QObject):
    """Offers completions in an editor.

    Attributes:
        packages: Names of packages that are wanted here; they are offered first.

    Signals:
        opened_or_closed: the list came or went.
    """

    opened_or_closed = Signal()

    def __init__(self, editor: RecipeEditor) -> None:
        super().__init__(editor)
        self._editor = editor
        self.packages: tuple[str, ...] = ()
        self.offers = Offers(editor.viewport())
        self.offers.taken.connect(self._take)
        self.offers.moved.connect(self._announce)
        self._typed = False  # the change that is about to come is a key's
        self._asked = False  # the list was asked for
        self._dismissed: tuple[int, int] | None = None  # line and column of the word whose list was closed
        editor.installEventFilter(self)
        editor.viewport().installEventFilter(self)
        self._pause = TypingPause(self._update, self, pause=_PAUSE)
        editor.edited.connect(self._on_edited)
        editor.verticalScrollBar().valueChanged.connect(self._place)

    @property
    def is_open(self) -> bool:
        """Whether the list is there."""
        return self.offers.isVisible()

    def ask(self) -> None:
        """Open the list for the word at the cursor, whatever is written of it."""
        self._dismissed = None
        self._asked = True
        self._update()

    def close(self) -> None:
        """Close the list."""
        self._asked = False
        if self.offers.has_offers:
            self.offers.put_away()
            self.opened_or_closed.emit()

    # --- when it opens and closes -------------------------------------------------------------------------------------

    def _on_edited(self) -> None:
        typed, self._typed = self._typed, False
        if typed or self.is_open:
            self._pause.changed(self._editor.blockCount())

    def _update(self) -> None:
        editor = self._editor
        cursor = editor.textCursor()
        if editor.isReadOnly() or cursor.hasSelection():
            self.close()
            return
        place = position_of(cursor)
        found = complete(editor.text(), place, packages=self.packages)
        if not found:
            self.close()
            return
        start = found[0].replaces.start
        line = cursor.block().text()
        written = line[start.column - 1 : place.column - 1] if line.isascii() else _between(cursor, start.column)
        word = (start.line, start.column)
        if self._dismissed != word:
            self._dismissed = None
        fits = fitting(found, written)
        done = bool(fits) and fits[0].insert.strip() == written and (len(fits) == 1 or not self._asked)
        soon = _comes_by_itself(fits, written, line) or (self.is_open and bool(written))  # an open list narrows
        if not fits or done or not (self._asked or (soon and self._dismissed is None)):
            self.close()
            return
        was_open = self.is_open
        self.offers.show_offers(fits, written, chosen=self._asked)
        self._place()
        if not was_open:
            self.opened_or_closed.emit()
        self._announce()

    def _place(self) -> None:
        if not self.offers.has_offers:
            return
        editor, current = self._editor, self.offers.current()
        if current is None:
            return
        cursor = editor.textCursor()
        start = current.replaces.start
        block = editor.document().findBlockByNumber(start.line - 1)
        cursor.setPosition(block.position() + units(block.text()[: start.column - 1]))
        place = editor.cursorRect(cursor)
        if not editor.viewport().rect().intersects(place):
            self.close()
            return
        window = editor.window()
        anchor = QRect(editor.viewport().mapTo(window, place.topLeft()), place.size())
        self.offers.place(window, anchor)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the open list, and everything that closes it."""
        if not isValid(self._editor):
            return False  # the last events of an editor that is being deleted
        kind = event.type()
        if watched is self._editor.viewport():
            if kind == QEvent.Type.MouseButtonPress:
                self.close()
        elif kind == QEvent.Type.FocusOut:
            self.close()
        elif kind == QEvent.Type.Resize:
            self._place()
        elif kind == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self.is_open:
            if event.key() == Qt.Key.Key_Escape:
                event.accept()
                return True
        elif kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._on_key(event)
        return super().eventFilter(watched, event)

    def _on_key(self, event: QKeyEvent) -> bool:
        held = event.modifiers() & _HELD
        key = Qt.Key(event.key())
        self._typed = False
        if key == Qt.Key.Key_Space and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.ask()
            return True
        if not self.is_open:
            self._typed = bool(event.text()) and event.text().isprintable() and not held
            return False
        if held:
            self.close()
            return False
        if key in _MOVES:
            self.offers.move_by(_MOVES[key])
        elif key == Qt.Key.Key_Escape:
            current = self.offers.current()
            self._dismissed = (current.replaces.start.line, current.replaces.start.column) if current else None
            self.close()
        elif key == Qt.Key.Key_Tab or (key in _ENTERS and self.offers.chosen):
            if (current := self.offers.current()) is not None:
                self._take(current)
        elif key in _ENTERS:
            self.close()
            return False
        else:
            self._typed = bool(event.text()) and event.text().isprintable()
            if not self._typed and key not in (Qt.Key.Key_Backspace, Qt.Key.Key_Shift):
                self.close()
            return False
        return True

    # --- what is taken ------------------------------------------------------------------------------------------------

    def _take(self, offer: Completion) -> None:
        """Write it, in one step to undo; the lines after its first are indented as the line it begins in."""
        self.close()
        editor = self._editor
        document = editor.document()
        start, end = offer.replaces.start, offer.replaces.end
        first = document.findBlockByNumber(start.line - 1)
        last = document.findBlockByNumber(end.line - 1)
        blank = leading_blank(first.text()) if start.column > 1 else ""
        cursor = editor.textCursor()  # where it begins is where the cursor is after Ctrl+Z
        cursor.beginEditBlock()
        cursor.setPosition(first.position() + units(first.text()[: start.column - 1]))
        cursor.setPosition(last.position() + units(last.text()[: end.column - 1]), QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(offer.insert.replace("\n", f"\n{blank}"))
        cursor.endEditBlock()
        editor.setTextCursor(cursor)
        editor.ensureCursorVisible()
        editor.setFocus()
        if offer.kind is CompletionKind.KEY:
            self._update()  # what the key may say comes next
        self._say(f"{offer.label} was put in.")

    def _announce(self) -> None:
        """Tell a screen reader what is chosen, or that there is a list."""
        current, count = self.offers.current(), self.offers.count()
        if current is None:
            return
        if self.offers.chosen:
            self._say(f"{current.label}, {current.kind.value}. {current.detail}".strip())
        else:
            self._say(f"{count} suggestions. Tab takes {current.label}, Down chooses.")

    def _say(self, sentence: str) -> None:
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._editor, sentence))


def _between(cursor: QTextCursor, column: int) -> str:
    """What stands between a column (from 1, in letters) and the cursor, in a line with letters of two units."""
    text = cursor.block().text()
    first = units(text[: column - 1])
    raw = text.encode("utf-16-le", "surrogatepass")[2 * first : 2 * cursor.positionInBlock()]
    return raw.decode("utf-16-le", "replace")


def _comes_by_itself(found: Sequence[Completion], written: str, line: str) -> bool:
    if not found:
        return False
    if not written:
        return found[0].kind is CompletionKind.AGENT and line.strip().lower() == "bootstrap:" and line.endswith(" ")
    return written.startswith("%") or len(written) >= _SOON
