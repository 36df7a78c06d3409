"""Find and replace in a recipe: a bar under the text, with regular expressions.

Qt's own expressions are used, for two reasons: they count in the document's units, and they give up on an expression
that would run for ever, where Python's would hold the window.
"""

from __future__ import annotations

import re

from PySide6.QtCore import QEvent, QObject, QRegularExpression, QRegularExpressionMatch, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QToolButton, QWidget

from cowshed_gui.recipe_editor import RecipeEditor
from cowshed_gui.theme import APPEARANCE, ICON, SPACE, SPACE_SMALL, icon

_MOST = 5_000  # finds that are shown; the count says "more than" beyond
_GROUP = re.compile(r"\\(?:(\d)|(n|t|\\))")


class FindBar(QFrame):
    """The bar. Enter goes to the next find, Shift+Enter to the one before, Escape closes.

    Signals:
        closed: the bar was closed; the focus belongs back in the text.
    """

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "foot")
        self._editor: RecipeEditor | None = None
        self._finds: list[QRegularExpressionMatch] = []
        self.wanted = self._field("Find", "What to find")
        self.replacement = self._field("Replace with", "What to put in its place; \\1 is the first group")
        self.case = self._option("Aa", "Distinguish capitals (Alt+C)")
        self.words = self._option("W", "Whole words only (Alt+W)")
        self.expression = self._option(".*", "Regular expression (Alt+R)")
        self.count = QLabel()
        self.count.setProperty("look", "muted")
        self.problem = QLabel()  # in a row of its own: beside the fields, a sentence would leave them no room
        self.problem.setProperty("look", "muted")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self._previous = self._arrow("chevron-left", "Find before (Shift+F3)", self.find_previous)
        self._next = self._arrow("chevron-right", "Next find (F3)", self.find_next)
        self._close = self._arrow("close", "Close (Esc)", self.close_bar)
        self.replace_button = self._button("Replace", self.replace)
        self.replace_all_button = self._button("Replace all", self.replace_all)
        self._lay_out()
        APPEARANCE.changed.connect(self._on_appearance)
        self._on_appearance()
        self.hide()

    # --- making it ----------------------------------------------------------------------------------------------------

    def _field(self, hint: str, name: str) -> QLineEdit:
        field = QLineEdit(self)
        field.setPlaceholderText(hint)
        field.setAccessibleName(name)
        field.setToolTip(name)
        field.installEventFilter(self)
        field.textChanged.connect(self._search)
        return field

    def _option(self, sign: str, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(sign)
        button.setCheckable(True)
        button.setToolTip(name)
        button.setAccessibleName(name)
        button.toggled.connect(self._search)
        return button

    def _arrow(self, picture: str, name: str, does: object) -> QToolButton:
        button = QToolButton(self)
        button.setProperty("picture", picture)
        button.setToolTip(name)
        button.setAccessibleName(name)
        button.clicked.connect(does)
        return button

    def _button(self, label: str, does: object) -> QPushButton:
        button = QPushButton(label, self)
        button.clicked.connect(does)
        return button

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(SPACE, SPACE_SMALL, SPACE, SPACE_SMALL)
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(SPACE_SMALL)
        upper = QHBoxLayout()
        upper.setSpacing(SPACE_SMALL)
        for widget in (self.case, self.words, self.expression, self._previous, self._next):
            upper.addWidget(widget)
        upper.addWidget(self.count, 1)
        upper.addWidget(self._close)
        lower = QHBoxLayout()
        lower.setSpacing(SPACE)
        lower.addWidget(self.replace_button)
        lower.addWidget(self.replace_all_button)
        lower.addStretch(1)
        grid.addWidget(self.wanted, 0, 0)
        grid.addLayout(upper, 0, 1)
        grid.addWidget(self.replacement, 1, 0)
        grid.addLayout(lower, 1, 1)
        grid.addWidget(self.problem, 2, 0, 1, 2)
        grid.setColumnStretch(0, 2)
        grid.setColumnStretch(1, 3)

    def _on_appearance(self) -> None:
        size = round(ICON * APPEARANCE.zoom)
        for button in (self._previous, self._next, self._close):
            button.setIcon(icon(str(button.property("picture")), "muted"))
            button.setIconSize(QSize(size, size))

    # --- using it -----------------------------------------------------------------------------------------------------

    def set_editor(self, editor: RecipeEditor | None) -> None:
        """Search in this editor from now on."""
        if self._editor is editor:
            return
        if self._editor is not None:
            self._editor.edited.disconnect(self._search)
            self._editor.show_found([])
        self._editor = editor
        if editor is not None:
            editor.edited.connect(self._search)
        self._search()

    def open_bar(self, *, replace: bool = False) -> None:
        """Show the bar with the selected words in it."""
        selected = self._editor.textCursor().selectedText() if self._editor else ""
        for widget in (self.replacement, self.replace_button, self.replace_all_button):
            widget.setVisible(replace)
        self.show()
        if selected and "\u2029" not in selected:
            self.wanted.setText(QRegularExpression.escape(selected) if self.expression.isChecked() else selected)
        self._search()
        self.wanted.setFocus()
        self.wanted.selectAll()

    def close_bar(self) -> None:
        """Hide the bar; the focus goes back to the text."""
        self.hide()
        if self._editor is not None:
            self._editor.show_found([])
        self.closed.emit()

    def find_next(self) -> bool:
        """Select the next find, from the top again after the last; False where there is none."""
        return self._go(forward=True)

    def find_previous(self) -> bool:
        """Select the find before, from the end again before the first; False where there is none."""
        return self._go(forward=False)

    def replace(self) -> None:
        """Replace the selected find and go to the next; where none is selected, go to the next."""
        if self._editor is None:
            return
        cursor = self._editor.textCursor()
        here = (cursor.selectionStart(), cursor.selectionEnd())
        match = next((match for match in self._finds if (match.capturedStart(), match.capturedEnd()) == here), None)
        if match is not None and not self._editor.isReadOnly():
            cursor.insertText(self._filled(match))
            self._editor.setTextCursor(cursor)
        self.find_next()

    def replace_all(self) -> int:
        """Replace every find, in one step to undo; returns how many."""
        if self._editor is None or self._editor.isReadOnly():
            return 0
        finds = self._search_all(10**9)
        cursor = self._editor.textCursor()
        cursor.beginEditBlock()
        for match in reversed(finds):
            cursor.setPosition(match.capturedStart())
            cursor.setPosition(match.capturedEnd(), QTextCursor.MoveMode.KeepAnchor)
            cursor.insertText(self._filled(match))
        cursor.endEditBlock()
        self._search()
        self.count.setText(f"{len(finds)} replaced")
        return len(finds)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter, Escape and the options' keys."""
        key, modifiers = event.key(), event.modifiers()
        if key == Qt.Key.Key_Escape:
            self.close_bar()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(self.focusWidget(), QLineEdit):
            if self.replacement.hasFocus():
                self.replace()
            else:
                self._go(forward=not modifiers & Qt.KeyboardModifier.ShiftModifier)
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The options' keys, before a field types their letters."""
        if isinstance(event, QKeyEvent) and event.modifiers() == Qt.KeyboardModifier.AltModifier:
            options = {Qt.Key.Key_C: self.case, Qt.Key.Key_W: self.words, Qt.Key.Key_R: self.expression}
            option = options.get(Qt.Key(event.key()))
            if option is not None and event.type() in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride):
                if event.type() == QEvent.Type.KeyPress:
                    option.toggle()
                event.accept()
                return True
        return super().eventFilter(watched, event)

    # --- searching ----------------------------------------------------------------------------------------------------

    def _pattern(self) -> QRegularExpression:
        text = self.wanted.text()
        source = text if self.expression.isChecked() else QRegularExpression.escape(text)
        if self.words.isChecked():
            source = rf"(?<!\w)(?:{source})(?!\w)"
        option = QRegularExpression.PatternOption
        options = option.MultilineOption | option.UseUnicodePropertiesOption
        if not self.case.isChecked():
            options |= option.CaseInsensitiveOption
        return QRegularExpression(source, options)

    def _search_all(self, most: int) -> list[QRegularExpressionMatch]:
        if self._editor is None or not self.wanted.text():
            return []
        found: list[QRegularExpressionMatch] = []
        pattern = self._pattern()
        if not pattern.isValid():
            return []
        every = pattern.globalMatch(self._editor.text())
        while every.hasNext() and len(found) < most:
            match = every.next()
            if match.capturedLength() > 0:  # an expression may match nothing, which can be neither seen nor replaced
                found.append(match)
        return found

    def _search(self) -> None:
        if self.isHidden() or self._editor is None:
            self._finds = []
            return
        pattern = self._pattern()
        self.problem.setVisible(not pattern.isValid())
        if not pattern.isValid():
            self._finds = []
            self.count.setText("Not complete")
            self.problem.setText(f"This is not a complete expression yet: {pattern.errorString()}.")
            self._editor.show_found([])
            return
        self._finds = self._search_all(_MOST)
        document = self._editor.document()
        cursors = []
        for match in self._finds:
            cursor = QTextCursor(document)
            cursor.setPosition(match.capturedStart())
            cursor.setPosition(match.capturedEnd(), QTextCursor.MoveMode.KeepAnchor)
            cursors.append(cursor)
        self._editor.show_found(cursors)
        self._say_count()

    def _say_count(self) -> None:
        if not self.wanted.text():
            self.count.setText("")
            return
        if not self._finds:
            self.count.setText("Not found")
            return
        number = len(self._finds)
        many = f"more than {_MOST:,}" if number >= _MOST else str(number)
        here = self._editor.textCursor().selectionStart() if self._editor else -1
        current = next((n for n, match in enumerate(self._finds, 1) if match.capturedStart() == here), None)
        self.count.setText(f"{current} of {many}" if current else f"{many} found")

    def _go(self, *, forward: bool) -> bool:
        if self._editor is None:
            return False
        if self.isHidden():
            self._finds = self._search_all(_MOST)
        if not self._finds:
            self._say_count()
            return False
        cursor = self._editor.textCursor()
        if forward:
            here = cursor.selectionEnd()
            match = next((match for match in self._finds if match.capturedStart() >= here), self._finds[0])
        else:
            here = cursor.selectionStart()
            match = next((match for match in reversed(self._finds) if match.capturedEnd() <= here), self._finds[-1])
        cursor.setPosition(match.capturedStart())
        cursor.setPosition(match.capturedEnd(), QTextCursor.MoveMode.KeepAnchor)
        self._editor.setTextCursor(cursor)
        self._editor.ensureCursorVisible()
        self._say_count()
        return True

    def _filled(self, match: QRegularExpressionMatch) -> str:
        text = self.replacement.text()
        if not self.expression.isChecked():
            return text
        letters = {"n": "\n", "t": "\t", "\\": "\\"}
        return _GROUP.sub(lambda group: match.captured(int(group[1])) if group[1] else letters[group[2]], text)
