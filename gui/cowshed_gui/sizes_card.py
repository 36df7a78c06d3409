"""A chart of images' sizes: the learner's own files, and beside each what others measured for the same recipe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from cowshed_gui.theme import APPEARANCE, SPACE, SPACE_SMALL, current_theme

if TYPE_CHECKING:
    from cowshed_lessons.markup import Sizes

MEGABYTE = 1_000_000
"""Bytes, as `ls -h --si` and download pages count them."""


class SizesCard(QFrame):
    """The chart with its legend. `inspect_wanted` tells the names of the learner's images to look into, at most two."""

    inspect_wanted = Signal(object)

    def __init__(self, block: Sizes) -> None:
        super().__init__()
        self.setProperty("look", "card")
        self.chart = _Chart(block)
        legend = QLabel("Filled: your image. Outlined: measured by others for the same recipe.")
        legend.setWordWrap(True)
        legend.setProperty("look", "muted")
        self.inspect_button = QPushButton("Look into your images")
        self.inspect_button.setToolTip("Where the megabytes are, and what one image has more than the other")
        self.inspect_button.clicked.connect(self._inspect)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE + SPACE_SMALL, SPACE + SPACE_SMALL, SPACE + SPACE_SMALL, SPACE)
        layout.setSpacing(SPACE)
        layout.addWidget(self.chart)
        layout.addWidget(legend)
        layout.addWidget(self.inspect_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.show_sizes({})

    def show_sizes(self, sizes: Mapping[str, int | None]) -> None:
        """Show the learner's own images.

        Args:
            sizes: bytes of each, by the name that the lesson gives it; missing ones are not there yet.
        """
        self.chart.sizes = dict(sizes)
        self.setAccessibleName("Sizes of images. " + " ".join(self.chart.sentences()))
        self.chart.setToolTip("\n".join(self.chart.sentences()))
        self.chart.update()
        self.inspect_button.setVisible(any(sizes.values()))

    def _inspect(self) -> None:
        """The images of the chart that differ most: the largest and the smallest that are there."""
        built = {name: size for name, size in self.chart.sizes.items() if size}
        names = sorted(built, key=lambda name: -built[name])
        self.inspect_wanted.emit(names[:1] + names[1:][-1:])


class _Chart(QWidget):
    def __init__(self, block: Sizes) -> None:
        super().__init__()
        self._rows = block.rows
        self.sizes: dict[str, int | None] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        APPEARANCE.changed.connect(self.updateGeometry)
        APPEARANCE.changed.connect(self.update)

    def sentences(self) -> list[str]:
        """Each row in words."""
        return [
            f"{_name(row.image)}: {self._own(row.image) or 'not built yet'}; others: {row.reference:g} MB."
            for row in self._rows
        ]

    def _own(self, image: str) -> str:
        size = self.sizes.get(image)
        return "" if size is None else _megabytes(size)

    def _line(self) -> int:
        return self.fontMetrics().height()

    def sizeHint(self) -> QSize:
        """Two bars and a gap for each image."""
        return QSize(200, len(self._rows) * (2 * self._line() + SPACE) - SPACE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the bars, all on one scale, each with its figure."""
        painter, theme = QPainter(self), current_theme()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics, line = self.fontMetrics(), self._line()
        names = max((metrics.horizontalAdvance(_name(row.image)) for row in self._rows), default=0) + SPACE
        figures = metrics.horizontalAdvance("not built yet") + SPACE
        room = max(self.width() - names - figures, 20)
        own = [(self.sizes.get(row.image) or 0) / MEGABYTE for row in self._rows]
        most = max([*own, *(row.reference for row in self._rows), 1])
        for number, row in enumerate(self._rows):
            top = number * (2 * line + SPACE)
            painter.setPen(theme.ink)
            painter.drawText(QRectF(0, top, names, 2 * line), Qt.AlignmentFlag.AlignVCenter, _name(row.image))
            for place, megabytes in enumerate((own[number], row.reference)):
                width = room * megabytes / most
                bar = QRectF(names + 0.5, top + place * line + line * 0.18 + 0.5, max(width, 1), line * 0.64)
                painter.setPen(QPen(theme.accent if place == 0 else theme.muted, 1))
                painter.setBrush(theme.accent if place == 0 else Qt.BrushStyle.NoBrush)
                if place == 1 or megabytes:
                    painter.drawRoundedRect(bar, 2, 2)
                text = (self._own(row.image) or "not built yet") if place == 0 else f"{megabytes:g} MB"
                painter.setPen(theme.ink if place == 0 else theme.muted)
                left = names + SPACE + (width if place == 1 or megabytes else -SPACE)
                painter.drawText(QRectF(left, top + place * line, figures, line), Qt.AlignmentFlag.AlignVCenter, text)


def _name(image: str) -> str:
    return image.rpartition("/")[2] or image


def _megabytes(size: int) -> str:
    megabytes = size / MEGABYTE
    return f"{megabytes:.0f} MB" if megabytes >= 10 else f"{megabytes:.1f} MB"
