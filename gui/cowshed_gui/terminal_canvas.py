"""The terminal to look at: a session's frames, its scrollback, the cursor. `TerminalView` adds keys and mouse."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from PySide6.QtCore import QRect, QSize, Qt, QTimer, QVariantAnimation
from PySide6.QtGui import QAccessible, QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from cowshed_gui.terminal_painting import TerminalFont, paint_row, paint_text
from cowshed_gui.terminal_selection import Selection
from cowshed_gui.terminal_session import TerminalSession
from cowshed_gui.theme import APPEARANCE, SPACE, current_theme, fixed_font
from cowshed_lab.screen import Cursor, CursorShape, Frame, Modes, Row, Run, Style
from cowshed_lab.screen_text import cells
from cowshed_lab.target import TerminalSize

_CACHED_LINES = 4000
_READ_AROUND = 100
_SETTLED = 60
"""Milliseconds without another resize after which the program is told."""
_FLASH = 140
_EMPTY = Row(())


class TerminalCanvas(QAbstractScrollArea):
    """Paints one session. `read_only` terminals have no cursor."""

    def __init__(self, parent: QWidget | None = None, *, read_only: bool = False) -> None:
        super().__init__(parent)
        self.read_only = read_only
        self._session: TerminalSession | None = None
        self._zoom = 1.0
        self._font = TerminalFont(fixed_font())
        self._rows: dict[int, Row] = {}
        self._columns, self._height = 80, 24
        self._first = self._oldest = 0
        self._top: int | None = None  # line at the upper edge of a view that was scrolled back
        self._cursor = Cursor()
        self._modes = Modes()
        self._above: OrderedDict[int, Row] = OrderedDict()
        self._asked: set[int] = set()
        self._selection: Selection | None = None
        self._text_wanted: tuple[Selection, Callable[[str], object]] | None = None
        self._preedit = ""
        self._flash = 0.0
        self._updating_bar = False
        self._settling = QTimer(self, singleShot=True, interval=_SETTLED)
        self._settling.timeout.connect(self._tell_size)
        self._flashing = QVariantAnimation(self, duration=_FLASH, startValue=1.0, endValue=0.0)
        self._flashing.valueChanged.connect(self._on_flash)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
        self.setAccessibleName("Terminal")
        self.setAccessibleDescription("F6 leaves the terminal for the next pane; Tab goes to the program.")
        self.viewport().setMouseTracking(True)
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._colour_bar()
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        APPEARANCE.changed.connect(self._on_appearance)

    # The session

    def set_session(self, session: TerminalSession) -> None:
        """Show another session; what stands on the screen stays until its first frame."""
        if self._session is not None:
            self._session.framed.disconnect(self._on_frame)
            self._session.lines_read.disconnect(self._on_lines)
            self._session.rang.disconnect(self._on_bell)
        self._session = session
        session.framed.connect(self._on_frame)
        session.lines_read.connect(self._on_lines)
        session.rang.connect(self._on_bell)

    def grid_size(self) -> TerminalSize:
        """Return how many cells fit into the widget now."""
        size = self.viewport().size()
        return TerminalSize(
            max(20, (size.width() - 2 * SPACE) // self._font.width),
            max(5, (size.height() - SPACE) // self._font.height),
        )

    def screen_text(self) -> str:
        """Return the screen's text, one line a row (what is above it is not in it)."""
        return "\n".join(self._rows.get(y, _EMPTY).text for y in range(self._height))

    def selected_text(self) -> str:
        """Return the selected text as far as its lines are in memory."""
        if self._selection is None or self._selection.empty:
            return ""
        lines = range(self._selection.first.line, self._selection.last.line + 1)
        return self._selection.text((line, self._row(line) or _EMPTY) for line in lines)

    @property
    def scrolled_back(self) -> bool:
        """Whether the view stands above the newest output."""
        return self._top is not None

    # Frames

    def _on_frame(self, frame: Frame) -> None:
        old_first, old_cursor, old_title_rows = self._first, self._cursor, self._height
        resized = (frame.columns, frame.height) != (self._columns, self._height)
        if frame.columns != self._columns or frame.first_line < self._first:
            self._above.clear()
            self._asked.clear()
            self._selection = None
        self._columns, self._height = frame.columns, frame.height
        self._first, self._oldest = frame.first_line, frame.oldest_line
        self._cursor, self._modes = frame.cursor, frame.modes
        if resized:
            self._rows = dict(frame.rows)
        else:
            self._rows.update(frame.rows)
        if self._top is not None and self._top < self._oldest:
            self._top = self._oldest
        self._update_bar()
        if resized or old_first != self._first or old_title_rows != self._height:
            self.viewport().update()
        else:
            for y in {*frame.rows, old_cursor.row, self._cursor.row}:
                self._update_line(self._first + y)
        if QAccessible.isActive():
            line = self._rows.get(self._cursor.row, _EMPTY).text
            self.setAccessibleDescription(line)
        if old_cursor != self._cursor and self.hasFocus():
            self.updateMicroFocus()

    def _update_line(self, line: int) -> None:
        y = (line - self._top_line()) * self._font.height + SPACE // 2
        self.viewport().update(QRect(0, y, self.viewport().width(), self._font.height))

    def _top_line(self) -> int:
        return self._first if self._top is None else self._top

    def _row(self, line: int) -> Row | None:
        """Return a line's content where it is in memory."""
        if line >= self._first:
            return self._rows.get(line - self._first) if line < self._first + self._height else None
        return self._above.get(line)

    def _want_lines(self, first: int, last: int) -> None:
        """Ask for lines above the screen that are not in memory, and some around them."""
        first, last = max(first, self._oldest), min(last, self._first)
        if self._session is None or all(line in self._above or line in self._asked for line in range(first, last)):
            return
        first, last = max(first - _READ_AROUND, self._oldest), min(last + _READ_AROUND, self._first)
        self._asked.update(range(first, last))
        self._session.read_lines(first, last)

    def _on_lines(self, first: int, rows: list[Row]) -> None:
        if self._text_wanted is not None and first == self._text_wanted[0].first.line:
            (selection, use), self._text_wanted = self._text_wanted, None
            use(selection.text(enumerate(rows, first)))
        self._asked.difference_update(range(first, first + max(len(rows), 2 * _READ_AROUND + self._height)))
        for line, row in enumerate(rows, first):
            if line < self._first:
                self._above[line] = row
                self._above.move_to_end(line)
        while len(self._above) > _CACHED_LINES:
            self._above.popitem(last=False)
        self.viewport().update()

    # Scrolling

    def _update_bar(self) -> None:
        bar = self.verticalScrollBar()
        self._updating_bar = True
        bar.setRange(0, self._first - self._oldest)
        bar.setEnabled(self._first > self._oldest)
        bar.setPageStep(self._height)
        bar.setValue(self._top_line() - self._oldest)
        self._updating_bar = False

    def _on_scrolled(self, value: int) -> None:
        if not self._updating_bar:
            self._scroll_to(self._oldest + value)

    def _scroll_to(self, line: int) -> None:
        line = min(max(line, self._oldest), self._first)
        self._top = None if line == self._first else line
        self._update_bar()
        self.viewport().update()

    def scroll_to_bottom(self) -> None:
        """Go back to the newest output."""
        if self._top is not None:
            self._scroll_to(self._first)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Leave the pixels alone: the whole view is painted anew."""

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows that lie in the region to be painted."""
        theme = current_theme()
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), theme.sunken)
        painter.translate(SPACE, SPACE // 2)
        region = event.rect().translated(0, -SPACE // 2)
        height = self._font.height
        top = self._top_line()
        first = max(region.top() // height, 0)
        last = min(region.bottom() // height + 1, self._height)
        self._want_lines(top + first, top + last)
        for y in range(first, last):
            row = self._row(top + y)
            selected = self._selection.columns(top + y, self._columns) if self._selection is not None else None
            if row is not None:
                paint_row(painter, row, self._font, theme, y * height, selected=selected)
        self._paint_cursor(painter)
        if self._flash > 0:
            painter.resetTransform()
            flash = QColor(theme.muted)
            flash.setAlphaF(0.12 * self._flash)
            painter.fillRect(event.rect(), flash)

    def _paint_cursor(self, painter: QPainter) -> None:
        y = self._first + self._cursor.row - self._top_line()
        shown = self._cursor.visible and not self.read_only and self._session is not None and self._session.running
        if not shown or not 0 <= y < self._height:
            return
        theme, font = current_theme(), self._font
        place = QRect(self._cursor.column * font.width, y * font.height, font.width, font.height)
        column, run = self._run_under_cursor()
        place.setWidth(run.columns * font.width)
        place.moveLeft(column * font.width)
        if self._preedit:
            preedit = Run(self._preedit, len(self._preedit), Style(underline=1))
            place.setWidth(preedit.columns * font.width)
            painter.fillRect(place, theme.selection)
            paint_text(painter, preedit, font, column, place.top(), theme.ink)
        elif not self.hasFocus():
            painter.setPen(theme.muted)
            painter.drawRect(place.adjusted(0, 0, -1, -1))
        elif self._cursor.shape is CursorShape.BAR:
            painter.fillRect(place.left(), place.top(), 2, place.height(), theme.accent)
        elif self._cursor.shape is CursorShape.UNDERLINE:
            painter.fillRect(place.left(), place.bottom() - 1, place.width(), 2, theme.accent)
        else:
            painter.fillRect(place, theme.accent)
            paint_text(painter, run, font, column, place.top(), theme.on_accent)

    def _run_under_cursor(self) -> tuple[int, Run]:
        column = 0
        for run in self._rows.get(self._cursor.row, _EMPTY).runs:
            if column + run.columns > self._cursor.column:
                for text, width in cells(run):
                    if column + width > self._cursor.column:
                        return column, Run(text, width, run.style)
                    column += width
            column += run.columns
        return self._cursor.column, Run(" ", 1, Style())

    def _on_bell(self) -> None:
        if APPEARANCE.motion and self.isVisible():
            self._flashing.stop()
            self._flashing.start()

    def _on_flash(self, value: float) -> None:
        self._flash = value
        self.viewport().update()

    def _colour_bar(self) -> None:
        self.verticalScrollBar().setStyleSheet(
            f"QScrollBar {{ background: {current_theme().sunken.name()}; }}"
            "QScrollBar::handle:disabled { background: transparent; }"
        )

    def _on_appearance(self) -> None:
        self._colour_bar()
        self._make_font()

    # Size

    def _make_font(self) -> None:
        self._font = TerminalFont(fixed_font(self._zoom))
        self._settling.start()
        self.viewport().update()

    def set_zoom(self, zoom: float) -> None:
        """Make the text larger or smaller than the app's fixed font; 1.0 is its size."""
        self._zoom = min(max(zoom, 0.5), 3.0)
        self._make_font()

    @property
    def zoom(self) -> float:
        """How much larger than the app's fixed font the text is."""
        return self._zoom

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell the program once the size has settled."""
        super().resizeEvent(event)
        self._settling.start()

    def _tell_size(self) -> None:
        if self._session is not None and self.isVisible():
            self._session.resize(self.grid_size())

    def sizeHint(self) -> QSize:
        """Return the size of 80 by 24 cells."""
        return QSize(80 * self._font.width + 2 * SPACE + 16, 24 * self._font.height + SPACE)

    def minimumSizeHint(self) -> QSize:
        """Return the size of the smallest terminal."""
        return QSize(20 * self._font.width + 2 * SPACE, 5 * self._font.height + SPACE)
