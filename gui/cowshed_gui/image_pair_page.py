"""Two images side by side: what one has more, in words or by folder, and how their recipes and labels differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cowshed_gui.comparison_side import ComparisonSide
from cowshed_gui.image_files_page import Breadcrumbs
from cowshed_gui.theme import APPEARANCE, SPACE, SPACE_SMALL, current_theme
from cowshed_gui.treemap_view import bytes_text
from cowshed_lessons.comparison import compare
from cowshed_lessons.image_differences import Difference, folder_differences
from cowshed_lessons.image_files import printable

if TYPE_CHECKING:
    from cowshed_lessons.image_files import Node

_MORE = Qt.ItemDataRole.UserRole
_BARS = 3  # the column with bars


class _Bars(QStyledItemDelegate):
    """Draws how much more one of the two has: to the left for the one, to the right for the other, with figures."""

    def __init__(self, tree: QTreeWidget) -> None:
        super().__init__(tree)
        self.most = 1

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Room for both figures and a bar on each side."""
        size = super().sizeHint(option, index)
        return QSize(max(size.width(), 260), size.height() + SPACE)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint the row's bar."""
        super().paint(painter, option, index)
        more = index.data(_MORE)
        if not isinstance(more, int):
            return
        theme = current_theme()
        place = QRectF(option.rect)
        middle, half = place.center().x(), place.width() / 2
        text = f"+ {bytes_text(abs(more))}"
        room = painter.fontMetrics().horizontalAdvance("+ 9,999 MB") + SPACE
        length = max((half - room) * abs(more) / self.most, 2.0)
        height = place.height() * 0.4
        top = place.center().y() - height / 2
        painter.save()
        painter.fillRect(QRectF(middle, place.top(), 1, place.height()), theme.line)
        painter.setPen(theme.ink)
        if more > 0:
            painter.fillRect(QRectF(middle - length, top, length, height), theme.accent)
            words = QRectF(middle - length - room, place.top(), room - SPACE_SMALL, place.height())
            painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        else:
            painter.fillRect(QRectF(middle + 1, top, length, height), theme.info)
            words = QRectF(middle + length + SPACE_SMALL, place.top(), room, place.height())
            painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()


class _Tree(QTreeWidget):
    """A list whose Backspace key is told."""

    def __init__(self, page: DifferencesPage) -> None:
        super().__init__()
        self._page = page

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Backspace goes to the folder above."""
        if event.key() == Qt.Key.Key_Backspace:
            self._page.go_up()
        else:
            super().keyPressEvent(event)


class DifferencesPage(QWidget):
    """What one image has more than the other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._trees: tuple[Node, Node] | None = None
        self._names = ("", "")
        self._known: tuple[Difference, ...] = ()
        self.path = ""
        self.found: tuple[Difference, ...] = ()
        self.sentence = QLabel()
        self.sentence.setProperty("look", "strong")
        self.sentence.setWordWrap(True)
        self.manner = QComboBox()
        self.manner.addItems(["By what it is", "By folder"])
        self.manner.setAccessibleName("How differences are told")
        self.manner.currentIndexChanged.connect(lambda _: self._show())
        self.crumbs = Breadcrumbs()
        self.crumbs.chosen.connect(self.go_to)
        self.list = _Tree(self)
        self.list.setColumnCount(4)
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setAccessibleName("Differences, largest first")
        self.list.itemActivated.connect(lambda *_: self._open())
        self._bars = _Bars(self.list)
        self.list.setItemDelegateForColumn(_BARS, self._bars)
        header = self.list.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        top = QHBoxLayout()
        top.setSpacing(SPACE)
        top.addWidget(self.sentence, 1)
        top.addWidget(self.manner, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        layout.setSpacing(SPACE)
        layout.addLayout(top)
        layout.addWidget(self.crumbs)
        layout.addWidget(self.list, 1)

    def show_pair(self, left: Node, right: Node, names: tuple[str, str], known: tuple[Difference, ...]) -> None:
        """Show two images' files; `names` are what people call the images, `known` their `differences`."""
        self._trees, self._names, self._known = (left, right), names, known
        self.path = ""
        self._show()

    def go_to(self, path: str) -> None:
        """Show what differs below a folder."""
        self.path = path
        self._show()

    def go_up(self) -> None:
        """Show the folder above."""
        if self.manner.currentIndex() == 1 and self.path:
            self.go_to(self.path.rpartition("/")[0])

    def _show(self) -> None:
        if self._trees is None:
            return
        left, right = self._trees
        by_folder = self.manner.currentIndex() == 1
        self.crumbs.setVisible(by_folder)
        if by_folder:
            self.crumbs.show_path(self.path)
            self.found = folder_differences(left.find(self.path), right.find(self.path), self.path)
        else:
            self.found = self._known
        self.sentence.setText(told(left.size, right.size, self._names, self._known))
        one, two = self._names
        self.list.setHeaderLabels(["Where" if by_folder else "What", one, two, "first has more   |   second has more"])
        self.list.headerItem().setTextAlignment(_BARS, Qt.AlignmentFlag.AlignCenter)
        for column in (1, 2):
            self.list.headerItem().setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.list.clear()
        self._bars.most = max((abs(each.more) for each in self.found), default=1) or 1
        for each in self.found:
            where = printable(each.path)
            shown = (f"{where}  ({each.word})" if each.word else where) if by_folder else _named(each)
            item = QTreeWidgetItem([shown, bytes_text(each.left), bytes_text(each.right), ""])
            item.setToolTip(0, f"{where}: {each.note}" if each.note else where)
            item.setData(_BARS, _MORE, each.more)
            who = one if each.more > 0 else two
            item.setData(
                _BARS, Qt.ItemDataRole.AccessibleTextRole, f"{who} has {bytes_text(abs(each.more))} more of it"
            )
            for column in (1, 2):
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.list.addTopLevelItem(item)
        self.list.resizeColumnToContents(0)
        self.list.setColumnWidth(0, min(self.list.columnWidth(0) + SPACE, 22 * self.fontMetrics().height()))
        self.list.setCurrentIndex(self.list.model().index(0, 0))

    def _open(self) -> None:
        number = self.list.currentIndex().row()
        if self._trees is None or not 0 <= number < len(self.found):
            return
        path = self.found[number].path.strip("/")
        nodes = [tree.find(path) for tree in self._trees]
        if any(node is not None and node.is_folder for node in nodes):
            self.path = path
            self.manner.setCurrentIndex(1)
            self._show()


def told(left: int, right: int, names: tuple[str, str], found: tuple[Difference, ...]) -> str:
    """The whole difference in a sentence: "lolcow_0.sif has 280 MB more in it: 196 MB of package lists, …"."""
    more = left - right
    if not found:
        return "Both hold the same files, as far as their sizes tell."
    most, least = names if more >= 0 else names[::-1]
    mine = [each for each in found if (each.more > 0) == (more >= 0)][:3]
    words = ", ".join(f"{bytes_text(abs(each.more))} of {each.word or printable(each.path)}" for each in mine)
    return f"Unpacked, {most} has {bytes_text(abs(more))} more than {least}" + (f": {words}." if words else ".")


def _named(each: Difference) -> str:
    return f"{each.word}  {printable(each.path)}" if each.word else printable(each.path)


class TextsPage(QWidget):
    """Recipes, environments and labels of two images beside each other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.left = ComparisonSide("The first image", mine=True)
        self.right = ComparisonSide("The other image", mine=False)
        self._titles = (QLabel(), QLabel())
        self.summary = QLabel()
        self.summary.setProperty("look", "strong")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, SPACE, 0, 0)
        grid.setHorizontalSpacing(1)
        grid.setVerticalSpacing(SPACE_SMALL)
        self.summary.setContentsMargins(SPACE, 0, SPACE, 0)
        grid.addWidget(self.summary, 0, 0, 1, 2)
        for column, (title, side) in enumerate(zip(self._titles, (self.left, self.right), strict=True)):
            title.setProperty("look", "caption")
            title.setContentsMargins(SPACE, 0, SPACE, 0)
            grid.addWidget(title, 1, column)
            grid.addWidget(side, 2, column)
            grid.setColumnStretch(column, 1)
        for one, two in ((self.left, self.right), (self.right, self.left)):
            one.verticalScrollBar().valueChanged.connect(two.verticalScrollBar().setValue)
            one.horizontalScrollBar().valueChanged.connect(two.horizontalScrollBar().setValue)
        APPEARANCE.changed.connect(self._refresh)

    def show_texts(self, left: str, right: str, names: tuple[str, str]) -> None:
        """Show two texts line by line."""
        rows = compare(left, right)
        for side, title, name in zip((self.left, self.right), self._titles, names, strict=True):
            side.set_rows(rows)
            side.setAccessibleName(name)
            title.setText(name)
        count = sum(row.kind != "same" for row in rows)
        self.summary.setText(
            "Recipe, environment and labels are the same."
            if not count
            else f"{count} line{'s' * (count > 1)} of recipe, environment and labels differ{'s' * (count == 1)}."
        )

    def _refresh(self) -> None:
        self.left.refresh()
        self.right.refresh()
