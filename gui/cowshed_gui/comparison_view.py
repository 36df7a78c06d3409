"""Two recipes side by side: the learner's and a solution, the last passed one, or the file on disk.

Keys: F7 and Shift+F7 go from difference to difference, Ctrl+Return takes the current one over, Escape closes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QResizeEvent,
    QShowEvent,
    QTextCursor,
)
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cowshed_gui.comparison_side import Block, ComparisonSide
from cowshed_gui.theme import APPEARANCE, ICON, SPACE, SPACE_SMALL, SPACE_WIDE, icon
from cowshed_lessons.comparison import Row, compare

# Letters at which Python's splitlines ends a line and an editor does not; they would shift the line numbers.
_ODD_BREAKS = str.maketrans(dict.fromkeys("\v\f\x1c\x1d\x1e\x85\u2028\u2029\r", "␊"))


@dataclass(frozen=True, slots=True)
class Other:
    """A recipe to compare with: its name ("On one line") and a note on it in Markdown, which may be empty.

    `alone` is for one that is no answer among others: its name says all ("The file on disk").
    """

    name: str
    text: str
    note: str = ""
    alone: bool = False


def _html(markdown: str) -> str:
    from cowshed_lessons.markup import Prose
    from cowshed_lessons.markup import blocks as read

    return "".join(block.html for block in read(markdown) if isinstance(block, Prose))


def blocks(rows: Sequence[Row]) -> list[Block]:
    """The stretches of rows that differ, and which lines (from 0) they are on both sides."""
    found: list[Block] = []
    mine = other = start = 0
    mine_start = other_start = 0
    inside = False
    for number, row in enumerate([*rows, None]):
        differs = row is not None and row.kind != "same"
        if differs and not inside:
            start, mine_start, other_start = number, mine, other
        if inside and not differs:
            found.append(Block(start, number, (mine_start, mine), (other_start, other)))
        inside = differs
        if row is not None:
            mine += row.mine is not None
            other += row.other is not None
    return found


class _Gutter(QWidget):
    """Between the sides: one button for each difference, which takes it over."""

    take = Signal(int)

    def __init__(self, text: ComparisonSide) -> None:
        super().__init__()
        self._text = text
        self._blocks: Sequence[Block] = ()
        self.buttons: list[QToolButton] = []
        text.verticalScrollBar().valueChanged.connect(self.place)

    def set_blocks(self, found: Sequence[Block], title: str) -> None:
        """Make a button for each block."""
        for button in self.buttons:
            button.hide()
            button.deleteLater()
        self._blocks = found
        self.buttons = []
        for number, block in enumerate(found):
            button = QToolButton(self)
            first, end = block.other
            what = f"line {first + 1}" if end - first == 1 else f"lines {first + 1} to {end}"
            name = f"Take {what} from “{title}”" if end > first else f"Leave these lines out, as “{title}” does"
            button.setToolTip(f"{name} (Ctrl+Return)")
            button.setAccessibleName(name)
            button.clicked.connect(lambda _checked=False, number=number: self.take.emit(number))
            self.buttons.append(button)
        self.refresh()
        self.place()

    def refresh(self) -> None:
        """Take the icons of the theme and the size in force."""
        size = round(ICON * APPEARANCE.zoom)
        self.setFixedWidth(size + 20)
        for button in self.buttons:
            button.setFixedSize(size + 12, size + 8)
            button.setIcon(icon("arrow-left", "accent"))
            button.setIconSize(QSize(size, size))

    def place(self) -> None:
        """Put the buttons beside their rows."""
        height = self._text.viewport().height()
        for block, button in zip(self._blocks, self.buttons, strict=True):
            row_height = self._text.fontMetrics().height()
            top = self._text.row_top(block.first_row) + SPACE_SMALL + (row_height - button.height()) / 2
            button.move(4, round(top))
            button.setVisible(-button.height() < top < height)


class ComparisonView(QWidget):
    """The comparison. The learner's side changes only through the buttons, and the editor's undo knows each of them.

    Signals:
        taken: lines from `first` up to before `end` (from 0) of the learner's text are to be replaced by a tuple of
            lines. Whoever keeps the text does that and calls `set_mine`.
        closed: the person is done.
    """

    taken = Signal(int, int, object)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts = ("", "")
        self._title = ""
        self._current = -1
        self._rows: Sequence[Row] = ()
        self.blocks: list[Block] = []
        self.mine = ComparisonSide("Your recipe", mine=True)
        self.other = ComparisonSide("The other recipe", mine=False)
        self._gutter = _Gutter(self.mine)
        self._gutter.take.connect(self.take)
        self.summary = QLabel()
        self.summary.setProperty("look", "strong")
        self.note = QLabel()
        self.note.setProperty("look", "muted")
        self.note.setWordWrap(True)
        self._other_title = QLabel()
        self._others: tuple[Other, ...] = ()
        self._of = ""
        self.chooser = QComboBox()
        self.chooser.activated.connect(self._on_chosen)
        self.chosen_note = QLabel()
        self.chosen_note.setWordWrap(True)
        self.chosen_note.setTextFormat(Qt.TextFormat.RichText)
        self._choice = QWidget()
        self._choice.hide()
        self._previous = self._button("chevron-left", "Difference before (Shift+F7)", self.previous_difference)
        self._next = self._button("chevron-right", "Next difference (F7)", self.next_difference)
        self.take_all_button = QPushButton("Take all")
        self.take_all_button.clicked.connect(self.take_all)
        self.close_button = QPushButton("Back to the recipe")
        self.close_button.setToolTip("Esc")
        self.close_button.clicked.connect(self.closed)
        self._lay_out()
        self._join_scrolling()
        APPEARANCE.changed.connect(self._on_appearance)
        self._on_appearance()

    @property
    def buttons(self) -> list[QToolButton]:
        """The buttons that take a difference over, in the order of the text."""
        return self._gutter.buttons

    def compare(self, mine: str, title: str, other: str) -> None:
        """Show the learner's text beside another one, which `title` names ("A solution", "The file on disk")."""
        self._choice.hide()
        self._compare(mine, title, other)

    def choose(self, mine: str, of: str, others: Sequence[Other]) -> None:
        """Show the learner's text beside the first of several others, each with its note, and let them choose.

        Args:
            mine: the learner's text.
            of: what the others are, for one of them ("Solution").
            others: at least one.
        """
        self._others, self._of = tuple(others), of
        self.chooser.clear()
        answers = [each for each in self._others if not each.alone]
        for each in self._others:
            numbered = f"{of} {answers.index(each) + 1} of {len(answers)}: {each.name}" if not each.alone else each.name
            self.chooser.addItem(numbered)
        what = "What" if len(answers) < len(self._others) else of
        self.chooser.setAccessibleName(f"{what} to compare with")
        self.chooser.setVisible(len(self._others) > 1)
        self._texts = (mine, "")
        self._on_chosen(0)

    def _on_chosen(self, number: int) -> None:
        chosen = self._others[number]
        self.chosen_note.setText(_html(chosen.note))
        self.chooser.setAccessibleDescription(self.chosen_note.text())
        self._choice.setVisible(bool(chosen.note) or len(self._others) > 1)
        self._compare(self._texts[0], chosen.name if chosen.alone else f"{self._of}: {chosen.name}", chosen.text)

    def _compare(self, mine: str, title: str, other: str) -> None:
        self._title = title
        self._other_title.setText(title)
        self._other_title.setToolTip(title)
        self.other.setAccessibleName(title)
        self._texts = (mine, other)
        self._show(0)

    def set_mine(self, mine: str) -> None:
        """The learner's text changed."""
        if mine != self._texts[0]:
            self._texts = (mine, self._texts[1])
            self._show(max(self._current, 0))

    def take(self, number: int) -> None:
        """Ask for a difference to be taken over."""
        if 0 <= number < len(self.blocks):
            block = self.blocks[number]
            self._current = number
            lines = self._texts[1].split("\n")[slice(*block.other)]
            self.taken.emit(block.mine[0], block.mine[1], tuple(lines))

    def take_all(self) -> None:
        """Ask for the whole other text."""
        mine, other = (text.split("\n") for text in self._texts)
        self.taken.emit(0, len(mine), tuple(other))

    def next_difference(self) -> None:
        """Go to the next difference, around the end."""
        self._go(self._current + 1)

    def previous_difference(self) -> None:
        """Go to the difference before, around the beginning."""
        self._go(self._current - 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """F7, Shift+F7, Ctrl+Return and Escape."""
        key, modifiers = event.key(), event.modifiers()
        if key == Qt.Key.Key_F7:
            self._go(self._current + (-1 if modifiers & Qt.KeyboardModifier.ShiftModifier else 1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and modifiers & Qt.KeyboardModifier.ControlModifier:
            self.take(self._current)
        elif key == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Put the buttons beside their rows once the rows have a place."""
        super().showEvent(event)
        self._gutter.place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the buttons beside their rows."""
        super().resizeEvent(event)
        self._gutter.place()

    def _button(self, picture: str, name: str, does: object) -> QToolButton:
        button = QToolButton()
        button.setProperty("picture", picture)
        button.setToolTip(name)
        button.setAccessibleName(name)
        button.clicked.connect(does)
        return button

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(SPACE, SPACE_SMALL, SPACE, SPACE_SMALL)
        bar.setSpacing(SPACE)
        bar.addWidget(self.summary)
        bar.addWidget(self._previous)
        bar.addWidget(self._next)
        bar.addStretch(1)
        bar.addWidget(self.take_all_button)
        bar.addWidget(self.close_button)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        for column, label in ((0, QLabel("Your recipe")), (2, self._other_title)):
            label.setProperty("look", "caption")
            label.setContentsMargins(SPACE, 0, SPACE, SPACE_SMALL)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # both sides equally wide
            grid.addWidget(label, 0, column)
        grid.addWidget(self.mine, 1, 0)
        grid.addWidget(self._gutter, 1, 1)
        grid.addWidget(self.other, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(2, 1)
        grid.setRowStretch(1, 1)
        self.note.setContentsMargins(SPACE, SPACE_SMALL, SPACE, SPACE_SMALL)
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(0, 0, 0, 0)
        column_layout.setSpacing(0)
        choice = QHBoxLayout(self._choice)
        choice.setContentsMargins(SPACE, 0, SPACE, SPACE)
        choice.setSpacing(SPACE_WIDE)
        choice.addWidget(self.chooser, 0, Qt.AlignmentFlag.AlignTop)
        choice.addWidget(self.chosen_note, 1)
        column_layout.addLayout(bar)
        column_layout.addWidget(self._choice)
        column_layout.addLayout(grid, 1)
        column_layout.addWidget(self.note)

    def _join_scrolling(self) -> None:
        for one, two in ((self.mine, self.other), (self.other, self.mine)):
            one.verticalScrollBar().valueChanged.connect(two.verticalScrollBar().setValue)
            one.horizontalScrollBar().valueChanged.connect(two.horizontalScrollBar().setValue)

    def _show(self, current: int) -> None:
        position = self.mine.verticalScrollBar().value()
        mine, other = (text.translate(_ODD_BREAKS) for text in self._texts)
        self._rows = compare(mine, other)
        self.blocks = blocks(self._rows)
        self.mine.set_rows(self._rows)
        self.other.set_rows(self._rows)
        self._gutter.set_blocks(self.blocks, self._title)
        count = len(self.blocks)
        self.summary.setText("No difference" if not count else "1 difference" if count == 1 else f"{count} differences")
        self.take_all_button.setEnabled(count > 0)
        self._previous.setEnabled(count > 0)
        self._next.setEnabled(count > 0)
        self.mine.verticalScrollBar().setValue(position)
        self._current = -1
        self._go(min(current, count - 1), show=position == 0)

    def _go(self, number: int, *, show: bool = True) -> None:
        if not self.blocks:
            self.mine.current = self.other.current = None
            self.note.setText("Both recipes hold the same lines.")
            return
        self._current = number % len(self.blocks)
        block = self.blocks[self._current]
        self.mine.current = self.other.current = block
        for side in (self.mine, self.other):
            side.refresh()
            if show:
                cursor = QTextCursor(side.document().findBlockByNumber(block.first_row))
                side.setTextCursor(cursor)
                side.ensureCursorVisible()
        notes = dict.fromkeys(row.note for row in self._rows[block.first_row : block.end_row] if row.note)
        self.note.setText(
            " ".join(notes) or f"Difference {self._current + 1} of {len(self.blocks)}. Ctrl+Return takes it over."
        )
        self._gutter.place()

    def _on_appearance(self) -> None:
        size = round(ICON * APPEARANCE.zoom)
        for button in (self._previous, self._next):
            button.setIcon(icon(str(button.property("picture")), "muted"))
            button.setIconSize(QSize(size, size))
        for side in (self.mine, self.other):
            side.refresh()
        self._gutter.refresh()
        self._gutter.place()
