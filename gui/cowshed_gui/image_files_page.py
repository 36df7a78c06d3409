"""The files of an image: where one is, the treemap of that folder, and the same as a list."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSplitter,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cowshed_gui.theme import SPACE, SPACE_SMALL
from cowshed_gui.treemap_view import TreemapView, bytes_text, share_text
from cowshed_lessons.image_differences import place_of
from cowshed_lessons.image_files import EntryKind, Node, printable


class Breadcrumbs(QWidget):
    """The way from the image's root to a folder, each folder a button. `chosen` says a path."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: list[QPushButton] = []
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(0)
        self._line.addStretch(1)
        self.setAccessibleName("Folders above")

    def show_path(self, path: str) -> None:
        """Show the way to a folder."""
        while self._line.count() > 1:
            item = self._line.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.buttons = []
        names = path.split("/") if path else []
        for count in range(len(names) + 1):
            place = "/".join(names[:count])
            button = QPushButton(printable(names[count - 1]) if count else "Whole image")
            button.setProperty("look", "link")
            button.setAccessibleName(f"/{place}" if count else "Whole image")
            button.setEnabled(count < len(names))
            button.clicked.connect(lambda _checked=False, place=place: self.chosen.emit(place))
            if count:
                slash = QLabel("/")
                slash.setProperty("look", "muted")
                self._line.insertWidget(self._line.count() - 1, slash)
            self._line.insertWidget(self._line.count() - 1, button)
            self.buttons.append(button)


class FilesPage(QWidget):
    """One image's files."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._root = Node("", EntryKind.FOLDER)
        self.path = ""
        self.crumbs = Breadcrumbs()
        self.crumbs.chosen.connect(self.go_to)
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setProperty("look", "muted")
        self.map = TreemapView()
        self.map.opened.connect(self._enter)
        self.map.left.connect(self.go_up)
        self.map.chosen.connect(self._on_chosen)
        self.list = QTreeWidget()
        self.list.setColumnCount(3)
        self.list.setHeaderLabels(["Name", "Size", "Share"])
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setAccessibleName("Files of this folder, largest first")
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        header = self.list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.list.currentItemChanged.connect(lambda *_: self._on_row())
        self.list.itemActivated.connect(lambda *_: self._open_row())
        for column in (1, 2):
            self.list.headerItem().setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.list.installEventFilter(self)
        across = QSplitter(Qt.Orientation.Horizontal)
        across.setChildrenCollapsible(False)
        across.setHandleWidth(1)
        across.addWidget(self.map)
        across.addWidget(self.list)
        across.setStretchFactor(0, 5)
        across.setStretchFactor(1, 2)
        across.setSizes([700, 300])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE_SMALL, SPACE, SPACE)
        layout.setSpacing(SPACE_SMALL)
        layout.addWidget(self.crumbs)
        layout.addWidget(across, 1)
        layout.addWidget(self.note)

    def show_files(self, root: Node | None, note: str = "") -> None:
        """Show an image's files, the whole image first; `note` says what is missing."""
        self._root = root or Node("", EntryKind.FOLDER)
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self.go_to("")

    def go_to(self, path: str, current: str = "") -> None:
        """Show the folder of a path; `current` names what is chosen in it."""
        folder = self._root.find(path)
        if folder is None:
            return
        self.path = path
        self.crumbs.show_path(path)
        self.map.show_folder(folder, path, current)
        self.list.blockSignals(True)
        self.list.clear()
        for part in self.map.parts:
            item = QTreeWidgetItem([part.title, bytes_text(part.size), share_text(part.size, folder.size)])
            for column in (1, 2):
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            known = place_of(f"{path}/{part.name}") if part.name else None
            item.setToolTip(0, f"{part.title}: {known.word}" if known else part.title)
            self.list.addTopLevelItem(item)
        self.list.setCurrentIndex(self.list.model().index(self.map.current, 0))
        self.list.blockSignals(False)

    def go_up(self) -> None:
        """Show the folder above."""
        if self.path:
            above, _, name = self.path.rpartition("/")
            self.go_to(above, name)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Backspace in the list goes up, as in the treemap."""
        if (
            watched is self.list
            and event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Backspace
        ):
            self.go_up()
            return True
        return super().eventFilter(watched, event)

    def _enter(self, name: str) -> None:
        self.go_to(f"{self.path}/{name}".strip("/"))

    def _on_chosen(self, number: int) -> None:
        self.list.blockSignals(True)
        self.list.setCurrentIndex(self.list.model().index(number, 0))
        self.list.blockSignals(False)

    def _on_row(self) -> None:
        self.map.choose(self.list.currentIndex().row())

    def _open_row(self) -> None:
        number = self.list.currentIndex().row()
        if 0 <= number < len(self.map.parts):
            part = self.map.parts[number]
            if part.name and part.kind is EntryKind.FOLDER:
                self._enter(part.name)
