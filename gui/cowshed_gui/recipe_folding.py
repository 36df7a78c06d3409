"""Folding: sections, stages, long comments and here-documents of a recipe shrink to their first line.

Folded lines are hidden, never taken out: whatever reads or saves the text sees all of it. Whatever leads into folded
lines unfolds them: the cursor, a find, a fault, an edit, an undo.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QCursor, QMouseEvent, QPainter, QPainterPath, QPen, QTextBlock, QTextCursor
from PySide6.QtWidgets import QWidget

from cowshed_gui.recipe_structure import RecipeStructure
from cowshed_gui.recipe_text import RecipeText, mixed
from cowshed_gui.theme import SPACE, current_theme
from cowshed_lessons.language import Fold, FoldKind

_TRIANGLE = 0.42  # of a line's height


@dataclass(slots=True)
class _Folded:
    """A folded stretch; the cursors are in its first and last line and move with the text."""

    first: QTextCursor
    last: QTextCursor
    kind: FoldKind

    def lines(self) -> tuple[int, int]:
        """The numbers of its first and last line now, from 0."""
        return self.first.blockNumber(), self.last.blockNumber()


class Folding(QObject):
    """What is folded in an editor.

    Args:
        editor: whose lines are hidden and shown.
        structure: knows what can be folded.

    Signals:
        changed: something was folded or unfolded, or there is other text to fold.
    """

    changed = Signal()

    def __init__(self, editor: RecipeText, structure: RecipeStructure) -> None:
        super().__init__(editor)
        self._editor = editor
        self._structure = structure
        self._folded: list[_Folded] = []
        self._count = editor.blockCount()
        self._signs: dict[int, QRectF] = {}  # first lines (from 0) of what is folded to the sign behind them
        self._margin: QWidget | None = None
        self._column: Callable[[], tuple[int, int]] = lambda: (0, 0)
        self.hovered = False  # the pointer is over the margin
        editor.document().contentsChange.connect(self._on_change)
        editor.cursorPositionChanged.connect(self._on_cursor)
        structure.changed.connect(self._on_structure)
        editor.viewport().installEventFilter(self)
        editor.viewport().setMouseTracking(True)

    # --- what is folded -----------------------------------------------------------------------------------------------

    def folded(self) -> dict[int, int]:
        """The first lines of what is folded (from 0) and how many lines each hides, in no order."""
        found: dict[int, int] = {}
        for each in self._folded:
            first, last = each.lines()
            found[first] = max(found.get(first, 0), last - first)
        return found

    def begins(self) -> set[int]:
        """The lines (from 0) that something to fold begins in."""
        return {fold.first - 1 for fold in self._structure.folds}

    def next_in_sight(self, block: QTextBlock) -> QTextBlock:
        """The block below one that is not hidden."""
        if self._folded and not block.next().isVisible():
            hides = self.folded().get(block.blockNumber(), 0)
            block = self._editor.document().findBlockByNumber(block.blockNumber() + hides)
        block = block.next()
        while block.isValid() and not block.isVisible():
            block = block.next()
        return block

    def fold(self) -> bool:
        """Fold the innermost stretch around the cursor that is not folded; False where there is none."""
        self._structure.read_now()
        here = self._editor.textCursor().blockNumber() + 1
        folded = self.folded()
        around = [fold for fold in self._structure.folds if fold.first <= here <= fold.last]
        around = [fold for fold in around if folded.get(fold.first - 1, 0) < fold.last - fold.first]
        if not around:
            return False
        self._hide([min(around, key=lambda fold: fold.last - fold.first)])
        return True

    def unfold(self) -> bool:
        """Unfold what is folded in the cursor's line; False where nothing is."""
        return self.unfold_line(self._editor.textCursor().blockNumber())

    def fold_all(self) -> None:
        """Fold every section: what is left is an overview."""
        self._structure.read_now()
        self._hide([fold for fold in self._structure.folds if fold.kind is FoldKind.SECTION])

    def unfold_all(self) -> None:
        """Unfold everything."""
        self._show(list(self._folded))

    def toggle_line(self, line: int) -> bool:
        """Unfold what is folded in a line (from 0), or fold what begins there; False for neither."""
        if self.unfold_line(line):
            return True
        self._structure.read_now()
        begins = [fold for fold in self._structure.folds if fold.first == line + 1]
        self._hide(begins[:1])
        return bool(begins)

    def unfold_line(self, line: int) -> bool:
        """Unfold what is folded in a line (from 0)."""
        found = [each for each in self._folded if each.lines()[0] == line]
        self._show(found)
        return bool(found)

    def keep_over(self, change: Callable[[], object]) -> None:
        """Make a change that moves lines but leaves the parts as they are; what was folded is so afterwards."""
        self._structure.read_now()
        folded = self.folded()
        before = self._structure.folds
        kept = [number for number, fold in enumerate(before) if folded.get(fold.first - 1) == fold.last - fold.first]
        change()
        self._structure.read_now()
        after = self._structure.folds
        if [fold.kind for fold in before] == [fold.kind for fold in after]:
            self._hide([after[number] for number in kept])

    # --- hiding and showing -------------------------------------------------------------------------------------------

    def _hide(self, wanted: Iterable[Fold]) -> None:
        document = self._editor.document()
        known = {each.lines() for each in self._folded}
        cursor = self._editor.textCursor()
        hidden: list[tuple[int, int]] = []
        for fold in wanted:
            first, last = fold.first - 1, min(fold.last, document.blockCount()) - 1
            if last <= first or (first, last) in known:
                continue
            begin, end = (QTextCursor(document.findBlockByNumber(line)) for line in (first, last))
            self._folded.append(_Folded(begin, end, fold.kind))
            hidden.append((first, last))
            ends = (cursor.blockNumber(), document.findBlock(cursor.anchor()).blockNumber())
            if any(first < line <= last for line in ends):
                cursor = QTextCursor(document.findBlockByNumber(first))
                cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
        if not hidden:
            return
        if cursor != self._editor.textCursor():
            self._editor.setTextCursor(cursor)
        for first, last in hidden:
            block = document.findBlockByNumber(first + 1)
            while block.isValid() and block.blockNumber() <= last:
                block.setVisible(False)
                block = block.next()
        self._lay_out(min(first for first, _ in hidden), max(last for _, last in hidden))

    def _show(self, unfolded: list[_Folded], least: int = -1) -> None:
        """Bring lines back, but for those that something else still hides."""
        if not unfolded:
            return
        stretches = [each.lines() for each in unfolded]
        self._folded = [each for each in self._folded if each not in unfolded]
        first, last = min(line for line, _ in stretches), max([least, *(line for _, line in stretches)])
        still: set[int] = set()
        for each in self._folded:
            start, end = each.lines()
            still.update(range(start + 1, end + 1))
        block = self._editor.document().findBlockByNumber(first)
        while block.isValid() and block.blockNumber() <= last:
            block.setVisible(block.blockNumber() not in still)
            block = block.next()
        self._lay_out(first, last)

    def _lay_out(self, first: int, last: int) -> None:
        document = self._editor.document()
        start = document.findBlockByNumber(first).position()
        end_block = document.findBlockByNumber(last)
        end = end_block.position() + end_block.length() if end_block.isValid() else document.characterCount()
        document.markContentsDirty(start, end - start)
        self._editor.viewport().update()
        self.changed.emit()

    # --- what happens in the text -------------------------------------------------------------------------------------

    def _on_change(self, position: int, _removed: int, added: int) -> None:
        """Unfold what a change reaches into. A change within the first line alone leaves it folded."""
        document = self._editor.document()
        moved, self._count = document.blockCount() - self._count, document.blockCount()
        if not self._folded:
            return
        begin = document.findBlock(position).blockNumber()
        end_block = document.findBlock(position + added)
        end = end_block.blockNumber() if end_block.isValid() else document.blockCount() - 1
        reached = []
        for each in self._folded:
            first, last = each.lines()
            inside = begin <= last and end > first
            joined = begin == first and moved != 0
            if inside or joined or last <= first:
                reached.append(each)
        self._show(reached, end)

    def _on_cursor(self) -> None:
        block = self._editor.textCursor().block()
        if not self._folded or block.isVisible():
            return
        line = block.blockNumber()
        around = [each for each in self._folded if each.lines()[0] < line <= each.lines()[1]]
        self._show(around, line)

    def _on_structure(self) -> None:
        """What is no stretch of its own any more (its first line was changed) cannot stay folded."""
        begins = {(fold.first - 1, fold.kind) for fold in self._structure.folds}
        self._show([each for each in self._folded if (each.lines()[0], each.kind) not in begins])
        self.changed.emit()

    # --- looks and mouse ----------------------------------------------------------------------------------------------

    def use_margin(self, margin: QWidget, column: Callable[[], tuple[int, int]]) -> None:
        """Let clicks in a column (its left and right edge) of the margin fold."""
        self._margin, self._column = margin, column
        margin.setMouseTracking(True)
        margin.installEventFilter(self)

    def begin_painting(self) -> None:
        """The signs are painted anew."""
        self._signs.clear()

    def paint_sign(self, painter: QPainter, block: QTextBlock, top: QPointF, hides: int) -> None:
        """Say behind a folded first line how much it hides; a click there unfolds it."""
        layout = block.layout()
        if not layout.lineCount():
            return
        line = layout.lineAt(layout.lineCount() - 1)
        theme = current_theme()
        words = "… 1 line" if hides == 1 else f"… {hides} lines"
        metrics = self._editor.fontMetrics()
        left = top.x() + line.naturalTextRect().right() + 2 * SPACE
        width = metrics.horizontalAdvance(words) + 2 * SPACE
        left = min(left, self._editor.viewport().width() - width - 2.0)
        place = QRectF(left, top.y() + line.y() + 1, width, line.height() - 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(mixed(theme.surface, theme.ink, 0.09))
        painter.drawRoundedRect(place, 4, 4)
        painter.setPen(theme.muted)
        painter.setFont(self._editor.font())
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)
        self._signs[block.blockNumber()] = place

    def paint_triangle(self, painter: QPainter, place: QRectF, *, folded: bool) -> None:
        """Paint the triangle of a line in the margin: pointing right where it is folded, else down."""
        theme = current_theme()
        colour = theme.ink if folded else theme.muted if self.hovered else mixed(theme.surface, theme.muted, 0.55)
        middle, half = place.center(), _TRIANGLE * place.height() / 2
        path = QPainterPath()
        points = [(-half / 2, -half), (half / 2, 0), (-half / 2, half)]
        for number, (x, y) in enumerate(points):
            point = QPointF(middle.x() + x, middle.y() + y) if folded else QPointF(middle.x() + y, middle.y() + x)
            if number:
                path.lineTo(point)
            else:
                path.moveTo(point)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(
            QPen(colour, place.height() / 12, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        )
        painter.drawPath(path)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Clicks on triangles and signs."""
        if watched is self._margin:
            return self._margin_event(event)
        if isinstance(event, QMouseEvent) and self._signs:
            line = next((line for line, place in self._signs.items() if place.contains(event.position())), None)
            if event.type() == QEvent.Type.MouseButtonPress and line is not None:
                return self.unfold_line(line)
            if event.type() == QEvent.Type.MouseMove and not event.buttons():
                shape = Qt.CursorShape.IBeamCursor if line is None else Qt.CursorShape.PointingHandCursor
                self._editor.viewport().setCursor(QCursor(shape))
        return False

    def _margin_event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Enter, QEvent.Type.Leave) and self._margin is not None:
            self.hovered = event.type() == QEvent.Type.Enter
            self._margin.update()
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonPress:
            left, right = self._column()
            if left <= event.position().x() < right:
                cursor = self._editor.cursorForPosition(event.position().toPoint())
                self.toggle_line(cursor.blockNumber())
                return True
            return False  # a sign's click is the margin's
        return event.type() in (QEvent.Type.MouseButtonRelease, QEvent.Type.MouseButtonDblClick)
