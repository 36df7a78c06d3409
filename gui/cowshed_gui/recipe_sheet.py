"""What an open recipe looks like: its notice, its text or a comparison of it with another, and the line under it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from cowshed_gui.comparison_view import ComparisonView, Other
from cowshed_gui.notice_line import NoticeLine
from cowshed_gui.recipe_editor import RecipeEditor
from cowshed_gui.recipe_foot import RecipeFoot

HINT = (
    "A recipe begins with where its base comes from:\n\n"
    "Bootstrap: docker\nFrom: debian:12\n\n"
    "and %post says what is installed on it.\nCtrl+Space suggests what to write."
)
"""What an empty recipe says."""


class RecipeSheet(QWidget):
    """The text of one recipe, or its comparison with another.

    Args:
        name: of the recipe.
        parent: the usual Qt parent.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor = RecipeEditor(name)
        self.notice = NoticeLine(self.editor)
        self.comparison: ComparisonView | None = None
        self._stack = QStackedWidget()
        self._stack.addWidget(self.editor)
        self.foot = RecipeFoot(self.editor)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.notice)
        column.addWidget(self._stack, 1)
        column.addWidget(self.foot)
        self.setFocusProxy(self.editor)

    def when_open(self, does: Callable[[], object]) -> None:
        """Do something once there is a text."""
        does()

    def say_marks(self) -> None:
        """The faults changed: say again what is at the cursor."""
        self.foot.draw()

    def compare(self, title: str, other: str) -> None:
        """Show the text beside another one."""
        self.when_open(lambda: self._show_comparison().compare(self.editor.text(), title, other))

    def compare_with(self, of: str, others: Sequence[Other]) -> None:
        """Show the text beside one of several others, which can be chosen."""
        self.when_open(lambda: self._show_comparison().choose(self.editor.text(), of, others))

    def _show_comparison(self) -> ComparisonView:
        if self.comparison is None:
            self.comparison = ComparisonView()
            self.comparison.taken.connect(self.editor.replace_lines)
            self.comparison.closed.connect(self.close_comparison)
            self._stack.addWidget(self.comparison)
        self._stack.setCurrentWidget(self.comparison)
        self.foot.hide()
        self.setFocusProxy(self.comparison.mine)
        self.comparison.mine.setFocus()
        return self.comparison

    def close_comparison(self) -> None:
        """Back to the text."""
        if self.comparison is None:
            return
        self._stack.setCurrentWidget(self.editor)
        self._stack.removeWidget(self.comparison)
        self.comparison.deleteLater()
        self.comparison = None
        self.foot.show()
        self.setFocusProxy(self.editor)
        self.editor.setFocus()
