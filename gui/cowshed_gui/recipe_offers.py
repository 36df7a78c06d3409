"""The list of completions with its explanation: a part of the window, so that it never takes the keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from cowshed_gui.recipe_card import Card, placed, rich
from cowshed_gui.theme import APPEARANCE, SPACE, SPACE_SMALL, current_theme, fixed_font, interface_font

if TYPE_CHECKING:
    from cowshed_lessons.language import Completion

_ROWS = 8  # in sight
_WIDEST, _NARROWEST = 440, 220  # pixels before zoom
_ABOUT = 300  # pixels before zoom that an explanation beside the list needs
_OFFER = Qt.ItemDataRole.UserRole


class _Rows(QStyledItemDelegate):
    """Draws an offer: its name with the written letters bold, a few words behind it in a calm colour."""

    def __init__(self, offers: Offers) -> None:
        super().__init__(offers)
        self._offers = offers

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(10, self._offers.row_height())

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        offer: Completion = index.data(_OFFER)
        theme, offers = current_theme(), self._offers
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5)
        if index.row() == offers.row():
            # filled once it is chosen; before that only framed: Enter does not take it
            painter.setPen(QPen(theme.selection if offers.chosen else theme.line, 1))
            painter.setBrush(theme.selection if offers.chosen else theme.surface)
            painter.drawRoundedRect(place, 4, 4)
        inner = option.rect.adjusted(SPACE, 0, -SPACE, 0)
        left = inner.left()
        usual, bold = fixed_font(), fixed_font()
        bold.setWeight(QFont.Weight.Bold)
        at = offer.label.lower().find(offers.written.lower()) if offers.written else -1
        pieces = [(offer.label, usual)]
        if at >= 0:
            end = at + len(offers.written)
            pieces = [(offer.label[:at], usual), (offer.label[at:end], bold), (offer.label[end:], usual)]
        painter.setPen(theme.ink)
        middle = Qt.AlignmentFlag.AlignVCenter
        for text, font in pieces:
            painter.setFont(font)
            width = QFontMetrics(font).horizontalAdvance(text)
            painter.drawText(QRect(left, inner.top(), width + 2, inner.height()), middle, text)
            left += width
        font = interface_font(0.9)
        painter.setFont(font)
        painter.setPen(theme.muted)
        room = inner.right() - left - 2 * SPACE
        detail = QFontMetrics(font).elidedText(offer.detail or offer.kind.value, Qt.TextElideMode.ElideRight, room)
        right = Qt.AlignmentFlag.AlignRight
        painter.drawText(QRect(left + 2 * SPACE, inner.top(), room, inner.height()), middle | right, detail)
        painter.restore()


class Offers(QFrame):
    """The list.

    Attributes:
        chosen: Whether the person chose the current offer, by a key, or by asking for the list.
        written: What is written of the word.

    Signals:
        taken: an offer was clicked.
        moved: another offer is the current one.
    """

    taken = Signal(object)
    moved = Signal()

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner.window())
        self.chosen = False
        self.written = ""
        self._upwards = False
        self.setProperty("look", "popup")
        self.setObjectName("offers")
        self.setAccessibleName("Suggestions")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list = QListWidget()
        self.list.setAccessibleName("Suggestions")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setItemDelegate(_Rows(self))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(lambda item: self.taken.emit(item.data(_OFFER)))
        self.keys = QLabel()
        self.keys.setProperty("look", "small")
        self.keys.setContentsMargins(SPACE, 0, SPACE, 2)
        self.about = Card(owner)
        self.about.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.about.text.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_SMALL, SPACE_SMALL, SPACE_SMALL, SPACE_SMALL)
        column.setSpacing(SPACE_SMALL)
        column.addWidget(self.list, 1)
        column.addWidget(self.keys)
        APPEARANCE.changed.connect(self.put_away)
        self.hide()

    @property
    def has_offers(self) -> bool:
        """Whether the list is being shown."""
        return self.list.count() > 0

    def count(self) -> int:
        """How many there are."""
        return self.list.count()

    def row(self) -> int:
        """The current offer's place."""
        return self.list.currentRow()

    def row_height(self) -> int:
        """Of one offer, in pixels."""
        return QFontMetrics(fixed_font()).height() + SPACE

    def current(self) -> Completion | None:
        """The offer that Tab takes."""
        item = self.list.currentItem()
        offer: Completion | None = item.data(_OFFER) if item else None
        return offer

    def show_offers(self, offers: Sequence[Completion], written: str, *, chosen: bool) -> None:
        """Show offers, in place of those before; what the person chose stays chosen if it is still there."""
        before = self.current() if self.isVisible() and self.chosen else None
        self.written = written
        self.list.clear()
        for offer in offers:
            item = QListWidgetItem(offer.label)
            item.setData(_OFFER, offer)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{offer.label}, {offer.detail or offer.kind.value}")
            self.list.addItem(item)
        labels = [offer.label for offer in offers]
        row = labels.index(before.label) if before is not None and before.label in labels else 0
        self.chosen = chosen or (before is not None and row > 0)
        self.list.setCurrentRow(row)
        self._say_keys()

    def move_by(self, steps: int) -> None:
        """Choose another offer; the first key in a list that came by itself chooses its first offer."""
        row = self.row()
        if not self.chosen and steps == 1:
            row = 0
        elif abs(steps) == 1:
            row = (row + steps) % self.count()
        else:
            row = min(max(row + steps, 0), self.count() - 1)
        self.chosen = True
        self.list.setCurrentRow(row)
        self._say_keys()
        self.list.viewport().update()
        self._explain()
        self.moved.emit()

    def put_away(self) -> None:
        """Hide all of it."""
        self.hide()
        self.about.hide()
        self.list.clear()

    def place(self, window: QWidget, anchor: QRect) -> None:
        """Show the list under a place of the window, or above where there is more room."""
        if self.parentWidget() is not window:
            self.setParent(window)
        metrics, small = QFontMetrics(fixed_font()), QFontMetrics(interface_font(0.9))
        widest = max(
            metrics.horizontalAdvance(offer.label) + small.horizontalAdvance(offer.detail or offer.kind.value)
            for offer in (self.list.item(row).data(_OFFER) for row in range(self.count()))
        )
        zoom = APPEARANCE.zoom
        keys = small.horizontalAdvance(self.keys.text()) + 5 * SPACE
        least = max(widest + 8 * SPACE, round(_NARROWEST * zoom), keys)
        width = min(least, round(_WIDEST * zoom), window.width() - 2 * SPACE)
        rows = min(self.count(), _ROWS)
        height = rows * self.row_height() + self.keys.sizeHint().height() + 3 * SPACE_SMALL + 4
        self.resize(width, height)
        room = window.rect().adjusted(SPACE, SPACE, -SPACE, -SPACE)
        inset = SPACE_SMALL + SPACE + 1  # so that the names stand under the word
        self.move(placed(anchor.translated(-inset, 0), width, height, room))
        self._upwards = self.y() < anchor.top()
        self.raise_()
        self.show()
        self.list.scrollToItem(self.list.currentItem())
        self._explain()

    def _explain(self) -> None:
        """Show what the current offer is: right of the list, or in line with it where that is too narrow."""
        current = self.current()
        if current is None or not current.documentation or not self.isVisible():
            self.about.hide()
            return
        window = self.window()
        if self.about.parentWidget() is not window:
            self.about.setParent(window)
        list_, gap = self.geometry(), SPACE_SMALL
        html = rich(current.documentation)
        right = window.width() - list_.right() - gap - SPACE
        if right >= round(_ABOUT * APPEARANCE.zoom):
            self.about.fill(html)
            if self.about.width() > right:
                self.about.fill(html, width=right)
            lowest = window.height() - SPACE - self.about.height()
            place = QPoint(list_.right() + 1 + gap, max(SPACE, min(list_.top(), lowest)))
        else:
            self.about.fill(html, width=max(list_.width(), round(_ABOUT * APPEARANCE.zoom)))
            below = list_.bottom() + 1 + gap
            above = list_.top() - gap - self.about.height()
            upwards = self._upwards or below + self.about.height() > window.height() - SPACE
            left = min(list_.left(), window.width() - SPACE - self.about.width())
            place = QPoint(left, above if upwards else below)
            if upwards and (above < SPACE or not self._upwards):
                self.about.hide()  # it would lie on the word, or outside
                return
        self.about.move(place)
        self.about.raise_()
        self.about.show()

    def _say_keys(self) -> None:
        self.keys.setText("Enter takes it · Esc closes" if self.chosen else "Tab takes it · ↓ chooses · Esc closes")
