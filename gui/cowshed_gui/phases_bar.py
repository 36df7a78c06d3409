"""The phases of a build as one bar: pull, unpack, %post, pack; each as wide as the time it took."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cowshed_gui.theme import APPEARANCE, SPACE, SPACE_SMALL, current_theme, interface_font
from cowshed_lab.build_log import Phase

_BAR = 6
_STUB = 8  # pixels of a phase for whose name there is no room


def _rooms(wanted: Sequence[int], width: int) -> list[int]:
    """The least room for each phase. The newest keep their names; where it gets narrow, the oldest lose theirs."""
    rooms = list(wanted)
    for place in range(len(rooms) - 1):
        if sum(rooms) + 2 * len(rooms) <= width:
            break
        rooms[place] = min(rooms[place], _STUB)
    return rooms


def seconds_text(seconds: float) -> str:
    """Return a duration as minutes and seconds, 00:34."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def size_text(size: int) -> str:
    """Return a number of bytes in MB (a million bytes), as `ls` and quotas on clusters count."""
    return f"{size / 1e6:.0f} MB" if size >= 1e7 else f"{size / 1e6:.1f} MB"


class PhasesBar(QWidget):
    """Shows phases by name and share of time; the running one in the accent colour with a dot after its name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._phases: list[tuple[str, float, bool]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Phases of the build")
        APPEARANCE.changed.connect(self.updateGeometry)

    def show_phases(self, phases: Sequence[Phase], now: float) -> None:
        """Show the phases as a whole (not the single commands); `now` in seconds since the build began."""
        shown: list[tuple[str, float, bool]] = []
        for phase in phases:
            if not phase.command:
                running = phase.seconds is None
                seconds = max(now - phase.started, 0.0) if phase.seconds is None else phase.seconds
                shown.append((phase.name, seconds, running))
        if shown != self._phases:
            self._phases = shown
            spoken = ", ".join(
                f"{name} {'running for ' if running else ''}{seconds_text(seconds)}" for name, seconds, running in shown
            )
            self.setAccessibleDescription(spoken)
            self.setToolTip(spoken)
            self.update()

    def sizeHint(self) -> QSize:
        """Return room for one line of names and the bar below it."""
        return QSize(240, QFontMetrics(interface_font(0.9)).height() + SPACE_SMALL + _BAR)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint names above their parts of the bar."""
        theme = current_theme()
        font = interface_font(0.9)
        metrics = QFontMetrics(font)
        painter = QPainter(self)
        painter.setFont(font)
        top = metrics.height() + SPACE_SMALL
        if not self._phases:
            painter.setPen(theme.muted)
            painter.fillRect(0, top, self.width(), _BAR, theme.line)
            painter.drawText(QRect(0, 0, self.width(), metrics.height()), Qt.AlignmentFlag.AlignLeft, "starting …")
            return
        names = [f"{name} …" if running else name for name, _, running in self._phases]
        least = _rooms([metrics.horizontalAdvance(name) + SPACE for name in names], self.width())
        spare = max(self.width() - sum(least) - 2 * len(least), 0)
        total = sum(seconds for _, seconds, _ in self._phases) or 1.0
        x = 0
        for name, room, (_, seconds, running) in zip(names, least, self._phases, strict=True):
            width = room + int(spare * seconds / total)
            painter.setPen(theme.ink if running else theme.muted)
            if room > _STUB:
                painter.drawText(QRect(x, 0, width, metrics.height()), Qt.AlignmentFlag.AlignLeft, name)
            painter.fillRect(x, top, width, _BAR, theme.accent if running else theme.muted)
            x += width + 2
