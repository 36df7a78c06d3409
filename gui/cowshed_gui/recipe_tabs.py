"""The tabs of the recipe pane: a name each, a mark where text is unsaved, a button that closes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTabBar, QWidget

from cowshed_gui.card_button import CardButton
from cowshed_gui.recipe_page import RecipePage


class RecipeTabs(QTabBar):
    """A tab for each page, in the pages' order."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setElideMode(Qt.TextElideMode.ElideNone)
        self.setAccessibleName("Open recipes")

    def add(self, page: RecipePage, closes: Callable[[], object]) -> None:
        """Add a page's tab at the end; `closes` is what its button does."""
        index = self.addTab(page.path.name)
        close = CardButton("close", f"Close {page.path.name}")
        close.setToolTip("Close (Ctrl+W)")
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close.clicked.connect(lambda: closes())
        self.setTabButton(index, QTabBar.ButtonPosition.RightSide, close)

    def say_titles(self, pages: Sequence[RecipePage]) -> None:
        """Say which recipe each tab is and whether it is saved; recipes of one name have their folder's before it."""
        names = [page.path.name for page in pages]
        for index, page in enumerate(pages[: self.count()]):
            name = page.path.name
            if names.count(name) > 1:
                name = f"{page.path.parent.name}/{name}"
            self.setTabText(index, f"{name} ●" if page.unsaved else name)
            state = "unsaved" if page.unsaved else "saved" if page.ready else "opening"
            self.setTabToolTip(index, f"{page.path} on {page.target.label}, {state}")

    def step(self, by: int) -> None:
        """Go to another tab, around the end."""
        if self.count():
            self.setCurrentIndex((self.currentIndex() + by) % self.count())
