"""The right end of the recipe pane's tabs: which part of the recipe the cursor is in, and what to compare it with."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Qt, SignalInstance
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from cowshed_gui.card_button import CardButton
from cowshed_gui.command_palette import Choice
from cowshed_gui.recipe_page import RecipePage
from cowshed_gui.recipe_pane import RecipePane
from cowshed_gui.recipe_structure import Part
from cowshed_gui.theme import SPACE_SMALL

_WIDEST = 18  # letters of a part's name; what is longer has an ellipsis and the whole name in the tooltip


class RecipeTools(QWidget):
    """Follows the recipe in front and the cursor in it."""

    def __init__(self, recipes: RecipePane, actions: Mapping[str, QAction]) -> None:
        super().__init__()
        self._recipes = recipes
        self._page: RecipePage | None = None
        self.outline = QToolButton()
        self.outline.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.outline.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.outline.setCursor(Qt.CursorShape.PointingHandCursor)
        self.outline.clicked.connect(actions["outline"].trigger)
        self._outline_tip = actions["outline"].toolTip()
        self.compare = CardButton("compare", "Compare with…")
        self.compare.setToolTip(actions["compare-with"].toolTip())
        self.compare.clicked.connect(actions["compare-with"].trigger)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_SMALL)
        row.addWidget(self.outline)
        row.addWidget(self.compare)
        recipes.current_changed.connect(self._on_page)
        self._on_page()

    def choices(self) -> list[Choice]:
        """What one can go to in the recipe in front, for the palette."""
        page = self._page
        if page is None or not page.ready:
            return []
        page.editor.structure.read_now()
        here = self._part()
        return [
            Choice(
                f"{' › '.join(part.path)}  {part.detail}".rstrip(),
                partial(self._go, page, part),
                f"line {part.line}",
                current=part is here,
            )
            for part in page.editor.structure.parts
        ]

    def _go(self, page: RecipePage, part: Part) -> None:
        self._recipes.go_to(page.path, part.line, part.column)

    def _part(self) -> Part | None:
        page = self._page
        if page is None:
            return None
        return page.editor.structure.part_at(page.editor.textCursor().blockNumber() + 1)

    def _on_page(self) -> None:
        page = self._recipes.current_page()
        if page is not self._page:
            for signal in self._signals(self._page):
                signal.disconnect(self._say_part)
            self._page = page
            for signal in self._signals(page):
                signal.connect(self._say_part)
        self._say_part()

    def _signals(self, page: RecipePage | None) -> tuple[SignalInstance, ...]:
        if page is None:
            return ()
        return page.editor.cursorPositionChanged, page.editor.structure.changed, page.opened

    def _say_part(self) -> None:
        page = self._page
        self.setVisible(page is not None and page.ready)
        part = self._part()
        self.outline.setVisible(page is not None and bool(page.editor.structure.parts))
        name = " › ".join(part.path) if part else "Sections"
        short = name if len(name) <= _WIDEST or part is None else f"… › {part.name}"
        short = short if len(short) <= _WIDEST else f"{short[: _WIDEST - 1]}…"
        self.outline.setText(f"{short} ▾")
        self.outline.setAccessibleName(f"Go to section; the cursor is in {name}" if part else "Go to section")
        self.outline.setToolTip(f"{name}\n{self._outline_tip}" if part else self._outline_tip)
