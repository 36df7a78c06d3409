"""Real mouse clicks and key presses, sent through the X server, while the window's event loop goes on."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.exceptions import TimeoutError as NotSeen
from pytestqt.qtbot import QtBot

PATIENCE = 20_000  # milliseconds for something that only the window has to do


class Hands:
    """A learner's hands: they know only what is on the screen and send X events through the XTEST extension."""

    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot = qtbot

    def _send(self, *arguments: str) -> None:
        process = subprocess.Popen(["xdotool", *arguments], env=os.environ.copy())
        self._qtbot.waitUntil(lambda: process.poll() is not None, timeout=PATIENCE)
        assert process.returncode == 0, f"xdotool {arguments[0]} failed"

    def see(self, condition: Callable[[], object], *, seconds: float = PATIENCE / 1000) -> None:
        """Wait until `condition` holds, with the event loop running; keep a picture where it never does."""
        try:
            self._qtbot.waitUntil(lambda: bool(condition()), timeout=int(seconds * 1000))
        except NotSeen as error:
            picture = Path(tempfile.gettempdir()) / "cowshed-journey.png"
            QGuiApplication.primaryScreen().grabWindow(0).save(str(picture))
            error.add_note(f"The screen at that moment: {picture}")
            raise

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        """Click the middle of `widget`, or the point `at` in its coordinates; it must be visible to the learner."""
        self.see(lambda: widget.isVisible() and widget.isEnabled() and self._stands_still(widget))
        point = at if at is not None else self._visible_rectangle(widget).center()
        place = widget.mapToGlobal(point)
        assert QApplication.widgetAt(place) is not None, f"{widget.objectName()} is off the screen"
        self._send("mousemove", str(place.x()), str(place.y()), "click", "1")

    def press(self, *keys: str) -> None:
        """Press keys by their X names, such as `Return` or `ctrl+b`."""
        self._send("key", "--clearmodifiers", *keys)

    def type(self, text: str) -> None:
        """Type `text`, line by line, with the Return key between the lines."""
        for number, line in enumerate(text.split("\n")):
            if number:
                self.press("Return")
            if line:
                self._send("type", "--clearmodifiers", "--delay", "4", "--", line)

    @staticmethod
    def _stands_still(widget: QWidget) -> bool:
        """Whether the layout has settled: nobody aims at a button that is on its way to another place."""
        before = widget.mapToGlobal(QPoint()), widget.size()
        QApplication.processEvents()
        return before == (widget.mapToGlobal(QPoint()), widget.size())

    @staticmethod
    def _visible_rectangle(widget: QWidget) -> QRect:
        region = widget.visibleRegion()
        assert not region.isEmpty(), f"{widget.objectName()} cannot be seen"
        return region.boundingRect()
