"""What this program is: version, licence, and where its files are."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QIcon, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from cowshed_gui.actions import ACTIONS, MENUS
from cowshed_gui.theme import APPEARANCE, SPACE_PAGE, SPACE_SMALL, SPACE_WIDE, icon_pixmap
from cowshed_gui.user_files import data_folder, settings_folder, state_folder


def cowshed_version() -> str:
    """The installed version; a checkout without one says so."""
    try:
        return version("cowshed")
    except PackageNotFoundError:
        return "of a checkout"


class Keys(QDialog):
    """Every key of the table of actions, menu by menu."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE_PAGE)
        grid.setVerticalSpacing(SPACE_SMALL)
        grid.setColumnStretch(0, 1)
        grid.setContentsMargins(0, 0, SPACE_WIDE, 0)
        native = QKeySequence.SequenceFormat.NativeText
        for menu in MENUS:
            entries = [entry for entry in ACTIONS if entry.menu == menu and entry.keys]
            if entries:
                heading = QLabel(menu)
                heading.setProperty("look", "heading")
                grid.addWidget(heading, grid.rowCount(), 0, 1, 2)
            for entry in entries:
                row = grid.rowCount()
                keys = QLabel("  or  ".join(QKeySequence(each).toString(native) for each in entry.keys))
                keys.setProperty("look", "muted")
                grid.addWidget(QLabel(entry.title.removesuffix("…")), row, 0)
                grid.addWidget(keys, row, 1, Qt.AlignmentFlag.AlignRight)
        self.page = QWidget()
        self.page.setLayout(grid)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(self.page)
        self.area.setAccessibleName("Keys")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setIcon(QIcon())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_PAGE, SPACE_WIDE, SPACE_PAGE, SPACE_WIDE)
        layout.setSpacing(SPACE_WIDE)
        layout.addWidget(self.area, 1)
        layout.addWidget(buttons)
        em = self.fontMetrics().height()
        self.resize(28 * em, 34 * em)
        APPEARANCE.changed.connect(self._fit)

    def showEvent(self, event: QShowEvent) -> None:
        """Be as wide as the longest row."""
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.page.ensurePolished()
        bar = self.area.verticalScrollBar().sizeHint().width()
        self.area.setMinimumWidth(self.page.minimumSizeHint().width() + bar)
        self.resize(max(self.width(), self.minimumSizeHint().width()), self.height())


class About(QDialog):
    """A window beside the main one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Cowshed")
        self._cow = QLabel()
        APPEARANCE.changed.connect(self._draw)
        self._draw()
        title = QLabel(f"Cowshed {cowshed_version()}")
        title.setProperty("look", "title")
        text = QLabel(
            "Learn to build Apptainer containers by doing it.\n\n"
            "BSD 3-Clause licence. Made with Qt and PySide6, asyncssh, tree-sitter, Pygments and markdown-it.\n\n"
            f"Python {platform.python_version()}, Qt {qVersion()}\n"
            f"Progress: {data_folder()}\nSettings: {settings_folder()}\nLogs: {state_folder()}"
        )
        text.setWordWrap(True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setIcon(QIcon())  # some styles add one of theirs
        words = QVBoxLayout()
        words.setSpacing(SPACE_WIDE)
        words.addWidget(title)
        words.addWidget(text)
        row = QHBoxLayout()
        row.setSpacing(SPACE_PAGE)
        row.addWidget(self._cow, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_PAGE, SPACE_PAGE, SPACE_PAGE, SPACE_WIDE)
        layout.setSpacing(SPACE_WIDE)
        layout.addLayout(row)
        layout.addStretch(1)
        layout.addWidget(buttons)
        self.setMinimumWidth(34 * self.fontMetrics().height())

    def _draw(self) -> None:
        self._cow.setPixmap(icon_pixmap("cow", "accent", round(64 * APPEARANCE.zoom)))
