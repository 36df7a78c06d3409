"""The terminal on the screen: shows a session's frames and scrollback, takes keys, mouse and input methods.

F6 and Shift+F6 leave the terminal for the next pane; Tab and nearly all else go to the program (`is_window_key`).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, QTimer, QVariantAnimation, Signal
from PySide6.QtGui import (
    QAccessible,
    QClipboard,
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QInputMethodEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QMenu, QWidget

from cowshed_gui.terminal_keys import (
    NO_BUTTON,
    WHEEL_DOWN,
    WHEEL_UP,
    MouseAction,
    button_number,
    is_window_key,
    key_bytes,
    mouse_bytes,
)
from cowshed_gui.terminal_painting import TerminalFont, paint_row, paint_text
from cowshed_gui.terminal_selection import Place, Selection, Unit
from cowshed_gui.terminal_session import TerminalSession
from cowshed_gui.theme import APPEARANCE, SPACE, current_theme, fixed_font
from cowshed_lab.screen import Cursor, CursorShape, Frame, Modes, MouseMode, Row, Run, Style
from cowshed_lab.screen_text import cells
from cowshed_lab.target import TerminalSize

_CACHED_LINES = 4000
_READ_AROUND = 100
_SETTLED = 60
"""Milliseconds without another resize after which the program is told."""
_FLASH = 140
_ZOOM_STEP = 1.1
_EMPTY = Row(())
_CTRL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier


class TerminalView(QAbstractScrollArea):
    """Shows one session. `read_only` terminals take no keys but Ctrl+C, which asks to interrupt."""

    paste_needs_consent = Signal(str)
    """Text of several lines that the program would take as Enter keys: ask, then call `paste_text`."""
    interrupt_wanted = Signal()
    """Ctrl+C in a read-only terminal."""

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
        self._anchor: Place | None = None
        self._unit = Unit.CHARACTER
        self._clicks = 0
        self._drag_point = QPoint()
        self._reported_cell = (-1, -1)
        self._preedit = ""
        self._wheel = 0
        self._flash = 0.0
        self._updating_bar = False
        self._settling = QTimer(self, singleShot=True, interval=_SETTLED)
        self._settling.timeout.connect(self._tell_size)
        self._dragging = QTimer(self, interval=40)
        self._dragging.timeout.connect(self._scroll_while_dragging)
        self._multi_click = QTimer(self, singleShot=True)
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

    # Keys

    def event(self, event: QEvent) -> bool:
        """Keep the program's keys from becoming shortcuts of the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if self._is_own_key(event) or not is_window_key(event.key(), event.modifiers()):
                event.accept()
                return True
            return False
        return super().event(event)

    @staticmethod
    def _is_own_key(event: QKeyEvent) -> bool:
        both = event.modifiers() & (_CTRL | _SHIFT) == _CTRL | _SHIFT
        return both and event.key() in {Qt.Key.Key_C, Qt.Key.Key_V}

    def focusNextPrevChild(self, _next: bool) -> bool:
        """Give Tab to the program."""
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Send a key to the program, or do what the terminal itself does with it."""
        if self._do_own_key(event):
            return
        if is_window_key(event.key(), event.modifiers()):
            event.ignore()
            return
        if self.read_only:
            if event.key() == Qt.Key.Key_C and event.modifiers() & _CTRL:
                self.interrupt_wanted.emit()
            else:
                event.ignore()
            return
        data = key_bytes(event.key(), event.modifiers(), event.text(), self._modes)
        if data:
            self.send(data)
        else:
            event.ignore()

    def _do_own_key(self, event: QKeyEvent) -> bool:
        key, modifiers = event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if self._is_own_key(event):
            (self.copy if key == Qt.Key.Key_C else self.paste)()
            return True
        if modifiers & _CTRL and key in {Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus, Qt.Key.Key_0}:
            if key == Qt.Key.Key_0:
                self.set_zoom(1.0)
            else:
                self.set_zoom(self._zoom / _ZOOM_STEP if key == Qt.Key.Key_Minus else self._zoom * _ZOOM_STEP)
            return True
        if modifiers == _SHIFT and not self._modes.alternate_screen:
            page = max(1, self._height - 1)
            steps = {Qt.Key.Key_PageUp: -page, Qt.Key.Key_PageDown: page}
            if key in steps:
                self._scroll_to(self._top_line() + steps[Qt.Key(key)])
                return True
            if key in {Qt.Key.Key_Home, Qt.Key.Key_End}:
                self._scroll_to(self._oldest if key == Qt.Key.Key_Home else self._first)
                return True
        if modifiers == _SHIFT and key == Qt.Key.Key_Insert:
            self._paste_from(QClipboard.Mode.Selection)
            return True
        return False

    def send(self, data: bytes) -> None:
        """Send bytes as if typed; the view goes back to the newest output."""
        self.scroll_to_bottom()
        if self._session is not None and not self.read_only:
            self._session.type(data)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Show what an input method is composing at the cursor and send what it settles on."""
        self._preedit = "" if self.read_only else event.preeditString()
        if event.commitString():
            self.send(event.commitString().encode())
        self._update_line(self._first + self._cursor.row)
        event.accept()

    def inputMethodQuery(self, query: Qt.InputMethodQuery) -> object:
        """Tell the input method where the cursor is."""
        if query == Qt.InputMethodQuery.ImCursorRectangle:
            y = self._first + self._cursor.row - self._top_line()
            font = self._font
            return QRect(
                SPACE + self._cursor.column * font.width, SPACE // 2 + y * font.height, font.width, font.height
            )
        if query == Qt.InputMethodQuery.ImFont:
            return self._font.font
        if query == Qt.InputMethodQuery.ImEnabled:
            return not self.read_only
        return super().inputMethodQuery(query)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Fill the cursor; tell a program that asked."""
        super().focusInEvent(event)
        self._on_focus(b"\x1b[I")

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hollow the cursor; tell a program that asked."""
        super().focusOutEvent(event)
        self._preedit = ""
        self._on_focus(b"\x1b[O")

    def _on_focus(self, report: bytes) -> None:
        self.viewport().update()
        if self._modes.focus_events and self._session is not None and not self.read_only:
            self._session.type(report)

    # Clipboard

    def copy(self) -> None:
        """Copy the selection; lines that are not in memory are fetched first."""
        self._when_selected_is_here(lambda text: QGuiApplication.clipboard().setText(text))

    def _when_selected_is_here(self, use: Callable[[str], object]) -> None:
        selection = self._selection
        if selection is None or selection.empty:
            return
        lines = range(selection.first.line, selection.last.line + 1)
        missing = [line for line in lines if line < self._first and line not in self._above]
        if missing and self._session is not None:
            self._text_wanted = (selection, use)
            self._session.read_lines(lines[0], lines[-1] + 1)
        else:
            use(self.selected_text())

    def paste(self) -> None:
        """Paste from the clipboard."""
        self._paste_from(QClipboard.Mode.Clipboard)

    def _paste_from(self, mode: QClipboard.Mode) -> None:
        text = QGuiApplication.clipboard().text(mode)
        if not text or self.read_only:
            return
        if "\n" in text.strip("\r\n") and not self._modes.bracketed_paste:
            self.paste_needs_consent.emit(text)
        else:
            self.paste_text(text)

    def paste_text(self, text: str) -> None:
        """Paste text, no questions asked."""
        self.scroll_to_bottom()
        if self._session is not None:
            self._session.paste(text)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer copy and paste."""
        menu = QMenu(self)
        copy = menu.addAction("Copy\tCtrl+Shift+C", self.copy)
        copy.setEnabled(self._selection is not None and not self._selection.empty)
        if not self.read_only:
            paste = menu.addAction("Paste\tCtrl+Shift+V", self.paste)
            paste.setEnabled(bool(QGuiApplication.clipboard().text()))
        if self._session is not None:
            menu.addSeparator()
            menu.addAction("Forget the lines above the screen", self._session.clear_scrollback)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    # Mouse

    def _cell_at(self, point: QPoint) -> tuple[int, int]:
        column = (point.x() - SPACE) // self._font.width
        row = (point.y() - SPACE // 2) // self._font.height
        return min(max(column, 0), self._columns - 1), min(max(row, 0), self._height - 1)

    def _place_at(self, point: QPoint) -> Place:
        """Return the gap nearest to a point, or the cell under it where whole words are selected."""
        row = min(max((point.y() - SPACE // 2) // self._font.height, 0), self._height - 1)
        x = (point.x() - SPACE) / self._font.width
        column = round(x) if self._unit is Unit.CHARACTER else int(x)
        return Place(self._top_line() + row, min(max(column, 0), self._columns))

    def _report_mouse(self, action: MouseAction, button: int, point: QPoint, modifiers: Qt.KeyboardModifier) -> bool:
        """Send a mouse report to a program that wants it; Shift keeps the mouse for ourselves."""
        if self._modes.mouse is MouseMode.OFF or modifiers & _SHIFT or self.read_only or self._session is None:
            return False
        cell = self._cell_at(point)
        if action is MouseAction.MOVE and cell == self._reported_cell:
            return True
        self._reported_cell = cell
        self._session.type(mouse_bytes(action, button, *cell, modifiers, self._modes))
        return True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a selection, paste the primary selection, or tell the program."""
        point = event.position().toPoint()
        if self._report_mouse(MouseAction.PRESS, button_number(event.button()), point, event.modifiers()):
            return
        if event.button() == Qt.MouseButton.MiddleButton:
            if QGuiApplication.clipboard().supportsSelection():
                self._paste_from(QClipboard.Mode.Selection)
        elif event.button() == Qt.MouseButton.LeftButton:
            same = (point - self._drag_point).manhattanLength() < self._font.width
            self._clicks = self._clicks % 3 + 1 if same and self._multi_click.isActive() else 1
            self._multi_click.start(QGuiApplication.styleHints().mouseDoubleClickInterval())
            self._drag_point = point
            self._unit = Unit(self._clicks)
            if event.modifiers() & _SHIFT and self._anchor is not None and self._clicks == 1:
                self._select_to(point)
                return
            self._anchor = self._place_at(point)
            self._selection = None
            if self._unit is not Unit.CHARACTER:
                self._select_to(point)
            self.viewport().update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Count clicks ourselves: Qt knows no third."""
        self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Grow the selection or tell the program."""
        point = event.position().toPoint()
        held = next(
            (
                b
                for b in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton)
                if event.buttons() & b
            ),
            None,
        )
        button = button_number(held) if held is not None else NO_BUTTON
        if self._anchor is None and self._report_mouse(MouseAction.MOVE, button, point, event.modifiers()):
            return
        if event.buttons() & Qt.MouseButton.LeftButton and self._anchor is not None:
            self._drag_point = point
            outside = not 0 <= point.y() < self.viewport().height()
            if outside and not self._dragging.isActive():
                self._dragging.start()
            elif not outside:
                self._dragging.stop()
            self._select_to(point)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the selection and offer it to the middle button."""
        self._dragging.stop()
        point = event.position().toPoint()
        selecting = self._anchor is not None and event.button() == Qt.MouseButton.LeftButton
        if not selecting:
            self._report_mouse(MouseAction.RELEASE, button_number(event.button()), point, event.modifiers())
            return
        clipboard = QGuiApplication.clipboard()
        if clipboard.supportsSelection():
            self._when_selected_is_here(lambda text: clipboard.setText(text, QClipboard.Mode.Selection))
        if self._modes.mouse is not MouseMode.OFF:
            self._anchor = None

    def _select_to(self, point: QPoint) -> None:
        if self._anchor is not None:
            self._selection = Selection.between(self._anchor, self._place_at(point), self._unit, self._row)
            self.viewport().update()

    def _scroll_while_dragging(self) -> None:
        above = self._drag_point.y() < 0
        distance = -self._drag_point.y() if above else self._drag_point.y() - self.viewport().height()
        lines = 1 + distance // (2 * self._font.height)
        self._scroll_to(self._top_line() + (-lines if above else lines))
        self._select_to(self._drag_point)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll, zoom with Ctrl, tell the program, or send arrows to a full-screen program."""
        self._wheel += event.angleDelta().y()
        notches, self._wheel = int(self._wheel / 120), int(self._wheel - int(self._wheel / 120) * 120)
        event.accept()
        if not notches:
            return
        if event.modifiers() & _CTRL:
            self.set_zoom(self._zoom * _ZOOM_STEP**notches)
            return
        button = WHEEL_UP if notches > 0 else WHEEL_DOWN
        point = event.position().toPoint()
        if self._modes.mouse is not MouseMode.OFF and not event.modifiers() & _SHIFT:
            for _ in range(abs(notches)):
                self._report_mouse(MouseAction.PRESS, button, point, event.modifiers())
        elif self._modes.alternate_screen:
            key = Qt.Key.Key_Up if notches > 0 else Qt.Key.Key_Down
            self.send(key_bytes(key, Qt.KeyboardModifier.NoModifier, "", self._modes) * (3 * abs(notches)))
        else:
            self._scroll_to(self._top_line() - 3 * notches)
