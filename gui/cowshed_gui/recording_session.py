"""A recording as the window knows it: a terminal session whose program is the past."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from cowshed_gui.background import LAB
from cowshed_gui.terminal_session import TerminalSession
from cowshed_lab.playback import Playback, PlaybackState, wants_its_size
from cowshed_lab.target import TerminalSize

if TYPE_CHECKING:
    from cowshed_lab.target import TerminalChannel
    from cowshed_lessons.asciicast import Recording

_GRAIN = 0.5  # seconds of output that are shown at once where movement is not welcome


class RecordingSession(TerminalSession):
    """Plays one recording. It has no shell, so nothing in it is ever a command of the learner's.

    Args:
        recording: what to play.
        still: movement is not welcome: output comes in stretches, progress bars do not run.
        parent: the usual Qt parent.
    """

    stood = Signal(object)
    """A `PlaybackState`: something in it is another."""

    def __init__(self, recording: Recording, *, still: bool = False, parent: QObject | None = None) -> None:
        super().__init__(self._open, parent)
        self.recording = recording
        self.state = PlaybackState()
        self._still = still
        self.own_size = wants_its_size(recording)
        self._recorded = TerminalSize(recording.header.columns, recording.header.rows)
        self._room = self._recorded
        self._playback: Playback | None = None

    def do(self, what: Callable[[Playback], object]) -> None:
        """Let the playback do something; `stood` follows."""
        LAB.call(self._do, what)

    def start(self, size: TerminalSize) -> None:
        """Start; it stands at its beginning."""
        self._room = size
        super().start(self._fitted())

    def resize(self, size: TerminalSize) -> None:
        """Use this much room, as far as the recording can."""
        self._room = size
        LAB.call(self._fit)

    # On the lab thread

    async def _open(self, _size: TerminalSize) -> tuple[TerminalChannel, str | None]:
        self._playback = Playback(
            self.recording,
            on_change=lambda state: self._post("state", state),
            on_size=self._take_size,
            grain=_GRAIN if self._still else 0.0,
        )
        return self._playback, None

    def _do(self, what: Callable[[Playback], object]) -> None:
        if self._playback is not None:
            what(self._playback)

    def _take_size(self, size: TerminalSize) -> None:
        self._recorded = size
        self._fit()

    def _fit(self) -> None:
        if self._terminal is not None:
            self._terminal.resize(self._fitted())

    def _fitted(self) -> TerminalSize:
        """The recorded size where programs drew on all of it; else as many rows as can be seen, and no more columns."""
        if self.own_size:
            return self._recorded
        return TerminalSize(min(self._recorded.columns, self._room.columns), self._room.rows)

    # In the window

    @Slot(str, object)
    def _on_posted(self, what: str, value: object) -> None:
        if what == "state" and isinstance(value, PlaybackState):
            self.state = value
            self.stood.emit(value)
        else:
            super()._on_posted(what, value)
