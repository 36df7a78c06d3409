"""The bar at the top: where in the course, where builds run, Build, the palette and the menu."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QToolButton, QWidget

from cowshed_gui.actions import ACTIONS, MENUS
from cowshed_gui.step_bar import StepBar
from cowshed_gui.target_selector import TargetSelector
from cowshed_gui.target_session import TargetSession
from cowshed_gui.theme import APPEARANCE, ICON, SPACE, SPACE_WIDE, icon


class TopBar(QFrame):
    """One line: lesson button (where the lesson is a drawer), step, target, Build, palette, menu."""

    def __init__(self, actions: dict[str, QAction], targets: TargetSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "bar")
        self.steps = StepBar()
        self.selector = TargetSelector(targets)
        self.build_button = QPushButton("Build")
        self.build_button.setProperty("look", "primary")
        self.build_button.setToolTip(actions["build"].toolTip())
        self.build_button.setAccessibleDescription(actions["build"].toolTip())
        self.build_button.clicked.connect(actions["build"].trigger)
        self._building, self._buildable = False, True
        self._build_tip = actions["build"].toolTip()
        self.lesson_button = _tool("Lesson", actions["lesson"])
        self.lesson_button.clicked.disconnect()  # the window makes it open and close the drawer
        self.lesson_button.setText("Lesson")
        self.lesson_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.lesson_button.hide()
        self.all_panes_button = _tool("All panes", actions["fill"])
        self.all_panes_button.setToolTip("Bring the other panes back (F11)")
        self.all_panes_button.hide()
        self.palette_button = _tool("Find anything to do", actions["palette"])
        self.menu_button = QToolButton()
        self.menu_button.setAccessibleName("Menu")
        self.menu_button.setToolTip("Menu (F10)")
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu_button.setMenu(self._menu(actions))
        self.menu_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE_WIDE, SPACE, SPACE + 4, SPACE)
        layout.setSpacing(SPACE)
        layout.addWidget(self.lesson_button)
        layout.addWidget(self.steps, 1)
        layout.addWidget(self.selector)
        layout.addWidget(self.build_button)
        layout.addWidget(self.all_panes_button)
        layout.addWidget(self.palette_button)
        layout.addWidget(self.menu_button)
        APPEARANCE.changed.connect(self._draw)
        self._draw()

    def show_building(self, building: bool) -> None:
        """Say on the button whether a build runs."""
        self._building = building
        self._show_build()

    def show_recipe(self, there: bool) -> None:
        """Know whether the step has a recipe, and so something to build."""
        self._buildable = there
        self._show_build()

    def _show_build(self) -> None:
        self.build_button.setText("Building…" if self._building else "Build")
        self.build_button.setEnabled(self._buildable and not self._building)
        self.build_button.setToolTip(self._build_tip if self._buildable else "This step has no recipe to build")

    def _menu(self, actions: dict[str, QAction]) -> QMenu:
        menu = QMenu(self)
        for name in MENUS:
            part = menu.addMenu(name)
            for entry in ACTIONS:
                if entry.menu != name:
                    continue
                if entry.parts:
                    part.addSeparator()
                part.addAction(actions[entry.id])
        return menu

    def _draw(self) -> None:
        size = round(ICON * APPEARANCE.zoom)
        for button, name, token in (
            (self.build_button, "play", "on_accent"),
            (self.lesson_button, "book", "ink"),
            (self.all_panes_button, "shrink", "accent"),
            (self.palette_button, "search", "ink"),
            (self.menu_button, "menu", "ink"),
        ):
            button.setIcon(icon(name, token))
            button.setIconSize(QSize(size, size))


def _tool(name: str, action: QAction) -> QToolButton:
    button = QToolButton()
    button.setAccessibleName(name)
    button.setToolTip(action.toolTip())
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.clicked.connect(action.trigger)
    return button
