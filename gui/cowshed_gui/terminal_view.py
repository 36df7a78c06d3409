"""The terminal as it is used: keys, input methods, clipboard and mouse on top of what `TerminalCanvas` paints.

F6 and Shift+F6 leave the terminal for the next pane; Tab and nearly all else go to the program (`is_window_key`).
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QClipboard,
    QContextMenuEvent,
    QDesktopServices,
    QFocusEvent,
    QGuiApplication,
    QHelpEvent,
    QInputMethodEvent,
    QKeyEvent,
    QMouseEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu, QToolTip, QWidget

from cowshed_gui.terminal_canvas import TerminalCanvas
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
from cowshed_gui.terminal_links import address_at
from cowshed_gui.terminal_selection import Place, Selection, Unit
from cowshed_gui.theme import SPACE
from cowshed_lab.screen import MouseMode

_ZOOM_KEYS = frozenset({Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus, Qt.Key.Key_0})
_ZOOM_STEP = 1.1
_DRAG_STEP = 40
"""Milliseconds between two steps of a view that is dragged beyond its edge."""
_CTRL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier


class TerminalView(TerminalCanvas):
    """Shows and drives one session. `read_only` terminals take no keys but Ctrl+C, which asks to interrupt."""

    paste_needs_consent = Signal(str)
    """Text of several lines that the program would take as Enter keys: ask, then call `paste_text`."""
    interrupt_wanted = Signal()
    """Ctrl+C in a read-only terminal."""

    def __init__(self, parent: QWidget | None = None, *, read_only: bool = False) -> None:
        super().__init__(parent, read_only=read_only)
        self._anchor: Place | None = None
        self._unit = Unit.CHARACTER
        self._clicks = 0
        self._drag_point = QPoint()
        self._reported_cell = (-1, -1)
        self._wheel = 0
        self._dragging = QTimer(self, interval=_DRAG_STEP)
        self._dragging.timeout.connect(self._scroll_while_dragging)
        self._multi_click = QTimer(self, singleShot=True)

    # Keys

    def event(self, event: QEvent) -> bool:
        """Keep the program's keys from becoming shortcuts of the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if self._is_own_key(event) or self._takes(event):
                event.accept()
                return True
            return False
        return super().event(event)

    def _takes(self, event: QKeyEvent) -> bool:
        """Whether a key is for the program; in a read-only terminal there is only one that ends it, and the zoom."""
        if self.read_only:
            return bool(event.modifiers() & _CTRL) and event.key() in {Qt.Key.Key_C, *_ZOOM_KEYS}
        return not is_window_key(event.key(), event.modifiers())

    @staticmethod
    def _is_own_key(event: QKeyEvent) -> bool:
        both = event.modifiers() & (_CTRL | _SHIFT) == _CTRL | _SHIFT
        return both and event.key() in {Qt.Key.Key_C, Qt.Key.Key_V}

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Give Tab to the program, where there is one that reads it."""
        return super().focusNextPrevChild(forward) if self.read_only else False

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
        if modifiers & _CTRL and key in _ZOOM_KEYS:
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

    def _address_under(self, point: QPoint) -> str | None:
        column, row = self._cell_at(point)
        return address_at(self._top_line() + row, column, self._row)

    def viewportEvent(self, event: QEvent) -> bool:
        """Show where a link leads: its text may say something else."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            address = self._address_under(event.pos())
            QToolTip.showText(event.globalPos(), f"{address}\nCtrl+click opens it" if address else "", self.viewport())
            return True
        return super().viewportEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a selection, paste the primary selection, or tell the program."""
        point = event.position().toPoint()
        if self._report_mouse(MouseAction.PRESS, button_number(event.button()), point, event.modifiers()):
            return
        if event.button() == Qt.MouseButton.MiddleButton:
            if QGuiApplication.clipboard().supportsSelection():
                self._paste_from(QClipboard.Mode.Selection)
        elif event.button() == Qt.MouseButton.LeftButton:
            address = self._address_under(point) if event.modifiers() & _CTRL else None
            if address is not None:
                QDesktopServices.openUrl(QUrl(address))
                return
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
        over_link = bool(event.modifiers() & _CTRL) and self._address_under(point) is not None
        shape = Qt.CursorShape.PointingHandCursor if over_link else Qt.CursorShape.IBeamCursor
        if self.viewport().cursor().shape() != shape:
            self.viewport().setCursor(shape)
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
