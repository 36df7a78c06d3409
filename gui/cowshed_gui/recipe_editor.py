"""The recipe editor: one recipe, with line numbers, colours, faults underlined, and the keys of a good editor.

Keys, beside those of every text field: Ctrl+/ comments, Ctrl+L goes to a line, F8 and Shift+F8 to faults, Tab and
Shift+Tab indent. Tab stays in the text; F6 and Ctrl+1 to Ctrl+4 leave the editor and belong to the window, so
the editor never takes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QHelpEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from cowshed_gui import recipe_editing as editing
from cowshed_gui.recipe_completion import RecipeCompletion
from cowshed_gui.recipe_fixes import RecipeFixes
from cowshed_gui.recipe_folding import Folding
from cowshed_gui.recipe_highlighter import RecipeHighlighter
from cowshed_gui.recipe_hover import RecipeHover
from cowshed_gui.recipe_linting import RecipeLinting
from cowshed_gui.recipe_margin import Margin
from cowshed_gui.recipe_marks import Mark, Severity, gravest, paint_wave, place_lint, place_marks, touches
from cowshed_gui.recipe_structure import RecipeStructure
from cowshed_gui.recipe_text import ALT, CONTROL, PLAIN, SHIFT, RecipeText, mixed
from cowshed_gui.theme import APPEARANCE, SPACE_SMALL, ZOOM_STEPS, current_theme, fixed_font
from cowshed_lessons.verdict import Finding


class RecipeEditor(RecipeText):
    """A text editor for one recipe.

    Signals:
        go_to_line_wanted: the person asked for the field that takes a line number.
        zoomed: the size of the text changed.
        marks_changed: other faults or findings are shown.
    """

    go_to_line_wanted = Signal()
    zoomed = Signal(float)
    marks_changed = Signal()

    def __init__(self, name: str = "recipe", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(f"Recipe {name}")
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setTabChangesFocus(False)
        self.setCursorWidth(2)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self._zoom = 1.0
        self._marks: list[Mark] = []
        self._judged: list[Mark] = []
        self._linted: list[Mark] = []
        self._scripts: list[Mark] = []
        self._found: list[QTextCursor] = []
        self._line = -1
        self._margin = Margin(self)
        self.structure = RecipeStructure(self)
        self.folding = Folding(self, self.structure)
        self.folding.use_margin(self._margin, self._margin.fold_column)
        self.folding.changed.connect(self._margin.update)
        self.highlighter = RecipeHighlighter(self.document())
        self.linting = RecipeLinting(self)
        self.linting.changed.connect(self._on_linted)
        self.hovers = RecipeHover(self)
        self.completion = RecipeCompletion(self)
        self.completion.opened_or_closed.connect(self._show_marks)
        self.fixes = RecipeFixes(self)
        self.blockCountChanged.connect(self._fit_margin)
        self.updateRequest.connect(self._on_update_request)
        self.cursorPositionChanged.connect(self._highlight)
        self._keys |= {
            (CONTROL, Qt.Key.Key_L): self.go_to_line_wanted.emit,
            (CONTROL, Qt.Key.Key_Period): self.fixes.open_menu,
            (SHIFT, Qt.Key.Key_F1): self.hovers.show_word,
            (PLAIN, Qt.Key.Key_F8): self.go_to_mark,
            (SHIFT, Qt.Key.Key_F8): lambda: self.go_to_mark(forward=False),
            (CONTROL | ALT, Qt.Key.Key_Plus): lambda: self.zoom(1),
            (CONTROL | ALT, Qt.Key.Key_Minus): lambda: self.zoom(-1),
            (CONTROL | ALT, Qt.Key.Key_0): lambda: self.zoom(0),
        }
        APPEARANCE.changed.connect(self._on_appearance)
        self._on_appearance()
        self._describe()

    # --- faults -------------------------------------------------------------------------------------------------------

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The faults that are shown, in the order of the text."""
        return tuple(self._marks)

    def show_findings(self, findings: Sequence[Finding], warnings: Sequence[Finding] = ()) -> None:
        """Underline faults and sign them in the margin, in place of those before."""
        self._judged = place_marks(self.document(), findings, Severity.FAULT)
        self._judged += place_marks(self.document(), warnings, Severity.INFO)
        self._show_marks()

    def _on_linted(self) -> None:
        self._linted = place_lint(self.document(), self.linting.own_findings)
        if self.linting.scripts_seen or not self.linting.script_findings:
            self._scripts = place_lint(self.document(), self.linting.script_findings)
        self._show_marks()

    def _show_marks(self) -> None:
        """The lesson has the first word: where it finds a fault in a line, the linter says nothing about that line.

        What it can mend there is offered all the same. What ShellCheck said of words that are gone, Ctrl+Z after
        a paste, is not shown on the place where they were.
        It also waits with a line whose word is being chosen from a list: half a word is no fault.
        """
        spoken = {mark.line for mark in self._judged}
        if self.completion.is_open:
            spoken.add(self.textCursor().blockNumber())
        linted = [*self._linted, *(mark for mark in self._scripts if mark.cursor.hasSelection())]
        mendable = {mark.line for mark in linted if mark.mendable}
        for mark in self._judged:
            mark.mendable = mark.line in mendable
        quiet = [mark for mark in linted if mark.line not in spoken]
        self._marks = sorted([*self._judged, *quiet], key=lambda mark: mark.cursor.selectionStart())
        self._describe()
        self.viewport().update()
        self._margin.update()
        self.marks_changed.emit()

    def marks_in_line(self, line: int) -> list[Mark]:
        """The faults that begin in a line (from 0), the gravest first."""
        found = [mark for mark in self._marks if mark.line == line]
        return sorted(found, key=lambda mark: -mark.severity.rank)

    def go_to_mark(self, *, forward: bool = True) -> Mark | None:
        """Go to the next fault or the one before, around the end; None where there is none."""
        here = self.textCursor().position()
        order = self._marks if forward else self._marks[::-1]
        for mark in order:
            start = mark.cursor.selectionStart()
            if (start > here) if forward else (start < here):
                break
        else:
            if not order:
                return None
            mark = order[0]
        cursor = self.textCursor()
        cursor.setPosition(mark.cursor.selectionStart())
        self.setTextCursor(cursor)
        self.ensureCursorVisible()
        return mark

    def hover_text(self, position: QPoint) -> str:
        """What hovering over a place of the viewport says, empty for nothing. x = 0 means the whole line."""
        cursor = self.cursorForPosition(position)
        if (
            not self.cursorRect(cursor).adjusted(0, 0, 0, 4).top()
            <= position.y()
            <= self.cursorRect(cursor).bottom() + 6
        ):
            return ""
        here = cursor.position()
        found = [
            mark
            for mark in self._marks
            if (position.x() <= 0 and mark.line == cursor.blockNumber())
            or (position.x() > 0 and mark.cursor.selectionStart() <= here <= mark.cursor.selectionEnd())
        ]
        found.sort(key=lambda mark: -mark.severity.rank)
        return "".join(mark.hover_text() for mark in found)

    def show_found(self, found: Sequence[QTextCursor]) -> None:
        """Tint what the find bar found."""
        self._found = list(found)
        self.hovers.card.hide()
        self._highlight()

    # --- Qt -----------------------------------------------------------------------------------------------------------

    def zoom(self, steps: int) -> None:
        """Make the text larger or smaller by steps; 0 is the usual size."""
        if steps == 0:
            self._zoom = 1.0
        else:
            near = min(range(len(ZOOM_STEPS)), key=lambda number: abs(ZOOM_STEPS[number] - self._zoom))
            self._zoom = ZOOM_STEPS[min(max(near + steps, 0), len(ZOOM_STEPS) - 1)]
        self._on_appearance()
        self.zoomed.emit(self._zoom)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done about findings comes first, then what every text field offers."""
        if event.reason() == QContextMenuEvent.Reason.Mouse and not self.textCursor().hasSelection():
            self.setTextCursor(self.cursorForPosition(event.pos()))
        menu = self.createStandardContextMenu()
        before = menu.actions()
        if self.fixes.fill(menu):
            new = [action for action in menu.actions() if action not in before]
            for action in new:
                menu.removeAction(action)
            menu.insertActions(before[0], [*new, menu.addSeparator()])
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        place = event.globalPos() if event.reason() == QContextMenuEvent.Reason.Mouse else None
        menu.popup(place or self.viewport().mapToGlobal(self.cursorRect().bottomLeft()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom with Ctrl and the wheel."""
        if event.modifiers() & CONTROL and event.angleDelta().y():
            self.zoom(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
            return
        super().wheelEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Show what a fault says when the pointer rests on it."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self.hovers.show_at(event.pos())
            return True
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the margin beside the text."""
        super().resizeEvent(event)
        self._fit_margin()

    def lines_in_sight(self) -> Iterator[tuple[QTextBlock, QRectF]]:
        """The lines that can be seen, and where they are in the viewport."""
        block, top = self.firstVisibleBlock(), self.contentOffset().y()
        while block.isValid() and not block.isVisible():
            block = block.next()
        bottom = self.viewport().height()
        while block.isValid() and top <= bottom:
            place = self.blockBoundingRect(block).translated(self.contentOffset().x(), top)
            yield block, place
            top = place.bottom()
            block = self.folding.next_in_sight(block)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the text, then the waves under faults and how much is folded away."""
        super().paintEvent(event)
        self.folding.begin_painting()
        folded = self.folding.folded()
        if not self._marks and not folded:
            return
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = current_theme()
        lines = list(self.lines_in_sight())
        last = lines[-1][0].position() + lines[-1][0].length() if lines else 0
        first = lines[0][0].position() if lines else 0
        seen = [m for m in self._marks if m.cursor.selectionStart() < last and m.cursor.selectionEnd() >= first]
        for block, place in lines:
            for mark in gravest(mark for mark in seen if touches(mark, block)):
                paint_wave(painter, mark, block, place.topLeft(), theme.colour(mark.severity.token))
            if block.blockNumber() in folded:
                self.folding.paint_sign(painter, block, place.topLeft(), folded[block.blockNumber()])

    # --- looks --------------------------------------------------------------------------------------------------------

    def _on_appearance(self) -> None:
        self.setFont(fixed_font(self._zoom))
        self.setTabStopDistance(self.fontMetrics().horizontalAdvance(" ") * 8)
        self._fit_margin()
        self._highlight()

    def _fit_margin(self) -> None:
        width, area = self._margin.wanted_width(), self.contentsRect()
        self.setViewportMargins(width, SPACE_SMALL, 0, 0)
        self._margin.setGeometry(QRect(area.left(), area.top() + SPACE_SMALL, width, area.height()))

    def _on_update_request(self, area: QRect, scrolled: int) -> None:
        if scrolled:
            self._margin.scroll(0, scrolled)
        else:
            self._margin.update(0, area.y(), self._margin.width(), area.height())

    def _highlight(self) -> None:
        theme = current_theme()
        line = _selection(self.textCursor(), mixed(theme.surface, theme.ink, 0.045))
        line.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
        line.cursor.clearSelection()
        shown = [line]
        shown += [_selection(found, mixed(theme.surface, theme.warning, 0.3)) for found in self._found]
        here = self.textCursor().position()
        for place in self._brackets(here):
            cursor = self.textCursor()
            cursor.setPosition(place)
            cursor.setPosition(place + 1, QTextCursor.MoveMode.KeepAnchor)
            shown.append(_selection(cursor, theme.selection))
        self.setExtraSelections(shown)
        if self.textCursor().blockNumber() != self._line:
            self._line = self.textCursor().blockNumber()
            self._margin.update()

    def _brackets(self, here: int) -> tuple[int, ...]:
        document = self.document()
        if not {document.characterAt(here), document.characterAt(max(here - 1, 0))} & set("()[]{}"):
            return ()
        text = self.text()
        if len(text) != document.characterCount() - 1:
            return ()  # letters of two UTF-16 units: places would be wrong
        return editing.matching_bracket(text, here) or ()

    def _describe(self) -> None:
        count = len(self._marks)
        faults = "no faults" if not count else "1 fault" if count == 1 else f"{count} faults"
        self.setAccessibleDescription(
            f"{faults}. F8 goes to the next fault. Tab indents; F6 leaves the editor, Ctrl+1 to Ctrl+4 go to a pane."
        )


def _selection(cursor: QTextCursor, colour: QColor) -> QTextEdit.ExtraSelection:
    selection = QTextEdit.ExtraSelection()
    selection.cursor = QTextCursor(cursor)
    made = QTextCharFormat()
    made.setBackground(colour)
    selection.format = made
    return selection
