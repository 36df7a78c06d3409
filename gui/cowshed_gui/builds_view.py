"""The window of builds: all that were kept, what each took, and two of them compared."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from cowshed_gui.theme import SPACE, SPACE_SMALL, SPACE_WIDE
from cowshed_gui.timeline_view import TimelineView, duration, rows_of, rows_of_two
from cowshed_gui.treemap_view import bytes_text
from cowshed_lessons.build_history import BuildHistory, BuildRecord

_MARKS = {"built": "✓", "stopped": "✕", "cancelled": "–", "end not seen": "?"}


def when_text(seconds: float, now: datetime | None = None) -> str:
    """A moment, as short as it can be told: today's by the hour, others by the day."""
    try:
        moment = datetime.fromtimestamp(seconds).astimezone()
    except (ValueError, OverflowError, OSError):
        return "?"
    today = (now or datetime.now().astimezone()).date()
    return f"{moment:%H:%M}" if moment.date() == today else f"{moment:%d %b %H:%M}"


def named(record: BuildRecord) -> str:
    """A build in a line."""
    return (
        f"{_MARKS[record.outcome]} {record.image.rpartition('/')[2]}   {duration(record.seconds)}   "
        f"{when_text(record.when)}"
    )


class BuildsView(QDialog):
    """Shows a history; `show_history` again where it has grown."""

    def __init__(self, history: BuildHistory, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Builds – Cowshed")
        self._records: list[BuildRecord] = []
        self.list = QListWidget()
        self.list.setAccessibleName("Builds, the newest first")
        self.list.setMinimumWidth(240)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentRowChanged.connect(lambda _: self._show())
        self.title = QLabel()
        self.title.setProperty("look", "heading")
        self.facts = QLabel()
        self.facts.setProperty("look", "muted")
        self.facts.setWordWrap(True)
        for label in (self.title, self.facts):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.other = QComboBox()
        self.other.setAccessibleName("Build to compare with")
        self.other.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.other.setMinimumContentsLength(22)
        self.other.activated.connect(lambda _: self._show_timeline())
        self.legend = QLabel("Filled: the first build. Outlined: the second.")
        self.legend.setProperty("look", "muted")
        self.timeline = TimelineView()
        self.timeline.chosen.connect(self._on_chosen)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.timeline)
        column.addStretch(1)
        self.area.setWidget(holder)
        self.row = QLabel()
        self.row.setWordWrap(True)
        self.row.setProperty("look", "muted")
        self.row.setTextFormat(Qt.TextFormat.PlainText)
        self.row.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._lay_out()
        self.show_history(history)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(self.title, 1)
        beside = QLabel("compared with")
        beside.setProperty("look", "muted")
        beside.setBuddy(self.other)
        head.addWidget(beside)
        head.addWidget(self.other)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(SPACE_WIDE, SPACE_WIDE, SPACE_WIDE, SPACE)
        column.setSpacing(SPACE_SMALL)
        column.addLayout(head)
        column.addWidget(self.facts)
        column.addWidget(self.legend)
        column.addSpacing(SPACE)
        column.addWidget(self.area, 1)
        column.addWidget(self.row)
        across = QSplitter(Qt.Orientation.Horizontal)
        across.setHandleWidth(1)
        across.setChildrenCollapsible(False)
        across.addWidget(self.list)
        across.addWidget(right)
        across.setStretchFactor(0, 0)
        across.setStretchFactor(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(across)
        em = self.fontMetrics().height()
        self.resize(68 * em, 36 * em)
        across.setSizes([17 * em, 51 * em])

    def show_history(self, history: BuildHistory) -> None:
        """Show these builds; what was chosen stays so."""
        chosen, beside = self.record, self.beside
        self._records = list(reversed(history.records))
        self.list.blockSignals(True)
        self.list.clear()
        self.other.clear()
        self.other.addItem("No other build")
        for record in self._records:
            self.list.addItem(named(record))
            item = self.list.item(self.list.count() - 1)
            item.setToolTip(f"{record.outcome}: {record.image}")
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{named(record)[2:]}, {record.outcome}")
            self.other.addItem(named(record))
        self.list.setCurrentRow(self._records.index(chosen) if chosen in self._records else 0)
        self.list.blockSignals(False)
        self.other.setCurrentIndex(self._records.index(beside) + 1 if beside in self._records else 0)
        self._show()

    @property
    def record(self) -> BuildRecord | None:
        """The build that is chosen."""
        number = self.list.currentRow()
        return self._records[number] if 0 <= number < len(self._records) else None

    @property
    def beside(self) -> BuildRecord | None:
        """The build that it is compared with."""
        number = self.other.currentIndex() - 1
        return self._records[number] if 0 <= number < len(self._records) else None

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the chosen line in sight."""
        super().resizeEvent(event)
        self._on_chosen(self.timeline.current)

    def _show(self) -> None:
        record = self.record
        self.other.setEnabled(len(self._records) > 1)
        if record is None:
            self.title.setText("No builds yet")
            self.facts.setText(
                "Every build from now on is kept here with what it took: by the button, typed, or from a lesson."
            )
            self.timeline.hide()
            self.legend.hide()
            self.row.hide()
            return
        self.timeline.show()
        self._show_timeline()

    def _show_timeline(self) -> None:
        record, beside = self.record, self.beside
        if record is None:
            return
        compared = beside is not None and beside is not record
        self.legend.setVisible(compared)
        self.row.show()
        if beside is not None and compared:
            more = beside.seconds - record.seconds
            word = "longer" if more > 0 else "shorter"
            self.title.setText(f"{record.image} and {beside.image}")
            self.facts.setText(
                f"First: {facts(record)}\nSecond: {facts(beside)}\nThe second took {duration(abs(more))} {word}."
            )
            self.timeline.show_rows(rows_of_two(record, beside))
        else:
            self.title.setText(record.image)
            self.facts.setText(facts(record))
            self.timeline.show_rows(rows_of(record))
        self._on_chosen(0)

    def _on_chosen(self, number: int) -> None:
        rows = self.timeline.rows
        self.row.setText(rows[number].spoken if number < len(rows) else "")
        top = self.timeline.row_top(number)
        self.area.ensureVisible(0, top + self.timeline.row_height // 2, 0, self.timeline.row_height)


def facts(record: BuildRecord) -> str:
    """When, from what, where, with what end."""
    status = "" if record.exit_status in (0, None) or record.cancelled else f" (exit status {record.exit_status})"
    said = [f"{record.outcome}{status}", duration(record.seconds)]
    if record.bytes is not None:
        said.append(f"{bytes_text(record.bytes)} fetched and written")
    said += [f"from {record.recipe}" if record.recipe else "", record.target, when_text(record.when)]
    said.append("typed in the terminal" if record.typed else "by the button")
    return ", ".join(each for each in said if each)
