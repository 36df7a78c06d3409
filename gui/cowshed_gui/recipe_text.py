"""The text of a recipe in a widget: exact in and out, and the ways to change it: keys, snippets, whole replacements."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from cowshed_gui import recipe_editing as editing
from cowshed_gui import recipe_indenting as indenting
from cowshed_gui.recipe_stand_ins import StandIns
from cowshed_lessons.verdict import Position

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
PLAIN = Qt.KeyboardModifier.NoModifier
_MODIFIERS = CONTROL | SHIFT | ALT | Qt.KeyboardModifier.MetaModifier

type Keys = tuple[Qt.KeyboardModifier, Qt.Key]


class RecipeText(QPlainTextEdit):
    """A text field that edits as a recipe wants it.

    Signals:
        edited: the text changed, by whatever means (not its colours).
    """

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._known = ""
        self._stand_ins = StandIns()
        self.textChanged.connect(self._on_text_changed)
        self._keys: dict[Keys, Callable[[], object]] = {
            (CONTROL, Qt.Key.Key_Slash): self.toggle_comment,
            (CONTROL | SHIFT, Qt.Key.Key_Slash): self.toggle_comment,  # layouts where the slash needs Shift
            (PLAIN, Qt.Key.Key_Tab): self._on_tab,
            (SHIFT, Qt.Key.Key_Backtab): self._on_backtab,
            (PLAIN, Qt.Key.Key_Return): self._on_return,
            (PLAIN, Qt.Key.Key_Enter): self._on_return,
            (SHIFT, Qt.Key.Key_Return): self._on_return,
        }

    # --- text ---------------------------------------------------------------------------------------------------------

    def text(self) -> str:
        """The text as it is: `toPlainText` would turn unbreakable blanks into ordinary ones."""
        return self._stand_ins.back(self.document().toRawText().replace("\u2029", "\n").replace("\u2028", "\n"))

    def as_held(self, text: str) -> str:
        """A text as the document holds it: of the same length, with other letters for those that Qt would change."""
        return self._stand_ins.put(text)

    def load(self, text: str) -> None:
        """Show a text as it is in the file: unchanged, nothing to undo."""
        self._stand_ins = StandIns()
        self.setPlainText(self.as_held(text))
        self.document().setModified(False)

    def replace_text(self, text: str) -> None:
        """Replace what differs; Ctrl+Z brings the text before back in one step. The cursor stays in its line."""
        old = self.text()
        if old == text:
            return
        first = 0
        while first < min(len(old), len(text)) and old[first] == text[first]:
            first += 1
        last = 0
        while last < min(len(old), len(text)) - first and old[-1 - last] == text[-1 - last]:
            last += 1
        cursor = self.textCursor()
        line, column = cursor.blockNumber(), cursor.positionInBlock()
        new = self.as_held(text)
        cursor.beginEditBlock()
        cursor.setPosition(units(old[:first]))
        cursor.setPosition(units(old[: len(old) - last]), QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(new[first : len(new) - last])
        cursor.endEditBlock()
        block = self.document().findBlockByNumber(min(line, self.blockCount() - 1))
        cursor.setPosition(block.position() + min(column, block.length() - 1))
        self.setTextCursor(cursor)

    def insert_snippet(self, snippet: str) -> None:
        """Put a snippet of the lesson where it belongs, and select it, so that one sees what came. One step to undo."""
        insertion = editing.place_snippet(self.text(), self.textCursor().blockNumber(), snippet)
        block = self.document().findBlockByNumber(insertion.line)
        cursor = self.textCursor()
        cursor.beginEditBlock()
        new = "\n".join(insertion.lines)
        if not block.isValid():
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText("\n" + new)
        elif insertion.in_place:
            cursor.setPosition(block.position())
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            cursor.insertText(new)
        else:
            cursor.setPosition(block.position())
            cursor.insertText(new + "\n")
            cursor.movePosition(QTextCursor.MoveOperation.Left)
        end = cursor.position()
        cursor.endEditBlock()
        cursor.setPosition(end)
        cursor.setPosition(end - units(new.lstrip("\n")), QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def replace_lines(self, first: int, end: int, lines: Sequence[str]) -> None:
        """Replace the lines from `first` up to before `end` (from 0) by others, in one step to undo."""
        old = self.text().split("\n")
        self.replace_text("\n".join([*old[:first], *lines, *old[end:]]))

    def go_to_line(self, line: int, column: int = 1) -> None:
        """Put the cursor into a line (from 1; beyond the end means the last) and show it."""
        block = self.document().findBlockByNumber(min(max(line, 1), self.blockCount()) - 1)
        cursor = self.textCursor()
        cursor.setPosition(block.position() + units(block.text()[: max(column - 1, 0)]))
        self.setTextCursor(cursor)
        self.centerCursor()

    # --- keys ---------------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The editor's own keys; everything else is Qt's or, ignored, the window's."""
        does = self._keys.get((event.modifiers() & _MODIFIERS, Qt.Key(event.key())))
        if event.text() == "%" and not event.modifiers() & CONTROL:
            does = self._on_percent
        elif event.text() == "}":
            does = self._on_brace
        elif event.text() == "\n":  # remote desktops and typing tools send a line feed for Return
            does = self._on_return
        if does is None or self.isReadOnly():
            super().keyPressEvent(event)
            return
        does()
        event.accept()

    def createMimeDataFromSelection(self) -> QMimeData:
        """What is copied has the letters of the file."""
        copied = super().createMimeDataFromSelection()
        copied.setText(self._stand_ins.back(copied.text()))
        return copied

    def toggle_comment(self) -> None:
        """Comment the selected lines out or in."""
        self._change_lines(editing.toggle_comments)

    def _on_tab(self) -> None:
        if self.textCursor().hasSelection():
            self._change_lines(lambda lines: [editing.INDENT + line if line.strip() else line for line in lines])
            return
        column = self.textCursor().positionInBlock()
        self.textCursor().insertText(" " * (4 - column % 4))
        self.ensureCursorVisible()

    def _on_backtab(self) -> None:
        self._change_lines(lambda lines: [editing.unindent(line) for line in lines])

    def _on_return(self) -> None:
        cursor = self.textCursor()
        cursor.beginEditBlock()
        cursor.removeSelectedText()
        left = cursor.block().text()[: cursor.positionInBlock()]
        # In front of a line's own blanks a new line is just that; more blanks would push the text to the right.
        blank = left
        if left.strip() or cursor.atBlockEnd():
            above = self._section_above(cursor)
            if cursor.atBlockEnd() and (belongs := indenting.completed([*above, left])) != left:
                self._indent_block(cursor, belongs)
                left = belongs
            blank = indenting.indentation([*above, left]) if left.strip() else left
        cursor.insertText("\n" + blank)
        cursor.endEditBlock()
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def _on_brace(self) -> None:
        """A brace that ends a block goes back to where it began, at once: nothing else can come of it."""
        cursor = self.textCursor()
        cursor.beginEditBlock()
        cursor.insertText("}")
        left = cursor.block().text()
        if left.strip() == "}" and (belongs := indenting.completed([*self._section_above(cursor), left])) != left:
            self._indent_block(cursor, belongs)
        cursor.endEditBlock()
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    @staticmethod
    def _indent_block(cursor: QTextCursor, line: str) -> None:
        """Put the blanks of `line` in place of those that the cursor's line begins with."""
        block = cursor.block()
        edit = QTextCursor(cursor)
        edit.setPosition(block.position())
        old = editing.leading_blank(block.text())
        edit.setPosition(block.position() + len(old), QTextCursor.MoveMode.KeepAnchor)
        edit.insertText(editing.leading_blank(line))

    @staticmethod
    def _section_above(cursor: QTextCursor) -> list[str]:
        """The lines of the cursor's section above its own line."""
        lines: list[str] = []
        block = cursor.block().previous()
        while block.isValid():
            lines.append(block.text())
            if lines[-1].startswith("%"):
                break
            block = block.previous()
        return lines[::-1]

    def _on_percent(self) -> None:
        """A section must begin in the first column: Apptainer rejects an indented one."""
        cursor = self.textCursor()
        cursor.beginEditBlock()
        cursor.removeSelectedText()
        if not cursor.block().text().strip():
            cursor.movePosition(QTextCursor.MoveOperation.StartOfBlock)
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText("%")
        cursor.endEditBlock()
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def _change_lines(self, change: Callable[[list[str]], list[str]]) -> None:
        """Change the lines of the selection (or the cursor's) in one step and keep them selected."""
        cursor = self.textCursor()
        document = self.document()
        had_selection = cursor.hasSelection()
        first = document.findBlock(cursor.selectionStart()).blockNumber()
        end_block = document.findBlock(cursor.selectionEnd())
        last = end_block.blockNumber()
        if had_selection and last > first and cursor.selectionEnd() == end_block.position():
            last -= 1  # the selection only touches that line's beginning
        old = [document.findBlockByNumber(number).text() for number in range(first, last + 1)]
        new = change(old)
        if new == old:
            return
        column = max(0, cursor.positionInBlock() + units(new[-1]) - units(old[-1]))
        edit = self.textCursor()  # where it begins is where the cursor is after Ctrl+Z
        edit.beginEditBlock()
        for number, line in enumerate(new, first):
            block = document.findBlockByNumber(number)
            edit.setPosition(block.position())
            edit.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            edit.insertText(line)
        edit.endEditBlock()
        last_block = document.findBlockByNumber(last)
        if had_selection:
            edit.setPosition(document.findBlockByNumber(first).position())
            edit.setPosition(last_block.position() + last_block.length() - 1, QTextCursor.MoveMode.KeepAnchor)
        else:
            edit.setPosition(last_block.position() + min(column, last_block.length() - 1))
        self.setTextCursor(edit)

    def _on_text_changed(self) -> None:
        text = self.text()
        if text != self._known:  # Qt says "changed" for new colours too
            self._known = text
            self.edited.emit()


def position_of(cursor: QTextCursor) -> Position:
    """Where a cursor is, in characters, as the judge, the linter and the language count."""
    block = cursor.block()
    here = 2 * cursor.positionInBlock()
    before = block.text().encode("utf-16-le", errors="surrogatepass")[:here].decode("utf-16-le", errors="replace")
    return Position(block.blockNumber() + 1, len(before) + 1)


def units(text: str) -> int:
    """Length in UTF-16 units, in which Qt counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", errors="surrogatepass")) // 2


def mixed(one: QColor, other: QColor, share: float) -> QColor:
    """A colour between two, `share` of the way from the first to the second."""
    return QColor.fromRgbF(
        one.redF() + (other.redF() - one.redF()) * share,
        one.greenF() + (other.greenF() - one.greenF()) * share,
        one.blueF() + (other.blueF() - one.blueF()) * share,
    )
