"""A tab that plays a recording, and says all the time that it is one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QComboBox, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cowshed_gui.card_button import CardButton
from cowshed_gui.notice_line import NoticeLine
from cowshed_gui.phases_bar import seconds_text
from cowshed_gui.recording_session import RecordingSession
from cowshed_gui.seek_bar import SeekBar
from cowshed_gui.terminal_painting import TerminalFont
from cowshed_gui.terminal_view import TerminalView
from cowshed_gui.theme import APPEARANCE, ICON, SPACE, SPACE_SMALL, fixed_font, icon_pixmap
from cowshed_lab.playback import SPEEDS, PlaybackState

if TYPE_CHECKING:
    from cowshed_lessons.asciicast import Recording, RecordingHeader

_ARROW = 5.0  # seconds that an arrow key moves
_NARROW = 700  # pixels, at the usual zoom, below which the controls stand under the bar
_SMALLEST = 0.72  # of the usual size, to which the text shrinks so that the recorded width fits
_SMALLEST_WHOLE = 0.5  # where programs drew on the whole screen
_ZOOM_STEP = 0.04


class RecordingTab(QWidget):
    """Plays one recording. Keys: Space, arrows, comma and full stop for commands, Home and End; copying as anywhere."""

    changed = Signal()
    """The tab's label is another."""

    def __init__(self, recording: Recording, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self.busy = False
        self._plays_itself = APPEARANCE.motion
        self._fitted = 1.0
        self.session = RecordingSession(recording, still=not APPEARANCE.motion, parent=self)
        self.view = TerminalView(read_only=True)
        self.view.setAccessibleName(f"Recording: {title}")
        self.view.setAccessibleDescription("A recording, not a terminal of yours. Space plays and pauses it.")
        self.view.set_session(self.session)
        self.view.interrupt_wanted.connect(self.view.copy)  # nothing runs here that Ctrl+C could end
        self.notice = NoticeLine(self.view)
        self.seek_bar = SeekBar()
        self.seek_bar.sought.connect(lambda seconds: self.session.do(lambda playback: playback.seek(seconds)))
        self.time = QLabel()
        self.time.setProperty("look", "muted")
        self.play_button = CardButton("play", "Play (Space)", "accent")
        self.play_button.clicked.connect(self.toggle)
        self.restart_button = CardButton("reset", "From the beginning (Home)")
        self.restart_button.clicked.connect(self.restart)
        self.back_button = CardButton("step-back", "The command before (comma)")
        self.back_button.clicked.connect(self.previous_command)
        self.forward_button = CardButton("step-forward", "The next command (full stop)")
        self.forward_button.clicked.connect(self.next_command)
        self.speed_box = QComboBox()
        self.speed_box.setAccessibleName("Speed")
        self.speed_box.setToolTip("How fast it is played")
        for speed in SPEEDS:
            self.speed_box.addItem(f"{speed:g} ×", speed)
        self.speed_box.setCurrentIndex(SPEEDS.index(1.0))
        self.speed_box.activated.connect(self._on_speed)
        self.skip_box = QCheckBox("Skip waits")
        self.skip_box.setToolTip("Two seconds of every longer wait are enough")
        self.skip_box.setAccessibleDescription("Waits of more than two seconds are cut to two")
        self.skip_box.setChecked(True)
        self.skip_box.toggled.connect(lambda skips: self.session.do(lambda playback: playback.skip_waits(skips)))
        self._lay_out(recording)
        self.session.stood.connect(self._on_state)
        self.session.started.connect(self._on_started)
        self.session.failed.connect(lambda sentence: self.notice.say("warning", sentence))
        APPEARANCE.changed.connect(self._on_appearance)
        self._on_state(PlaybackState())

    def _lay_out(self, recording: Recording) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._make_banner(recording.header))
        layout.addWidget(self.view, 1)
        layout.addWidget(self.notice)
        foot = QFrame()
        foot.setProperty("look", "foot")
        bar = QHBoxLayout()
        bar.setSpacing(SPACE)
        bar.addWidget(self.play_button)
        bar.addWidget(self.seek_bar, 1)
        bar.addWidget(self.time)
        controls = QHBoxLayout()
        controls.setSpacing(SPACE)
        for button in (self.restart_button, self.back_button, self.forward_button):
            controls.addWidget(button)
        controls.addStretch(1)
        controls.addWidget(self.skip_box)
        controls.addWidget(self.speed_box)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, foot)
        self._box.setContentsMargins(SPACE, SPACE_SMALL, SPACE, SPACE_SMALL)
        self._box.setSpacing(SPACE)
        self._box.addLayout(bar, 1)
        self._box.addLayout(controls)
        layout.addWidget(foot)

    def _make_banner(self, header: RecordingHeader) -> QFrame:
        banner = QFrame()
        banner.setProperty("look", "notice")
        self._picture = QLabel()
        self.says = QLabel(what_it_is(header))
        self.says.setProperty("look", "strong")
        self.says.setTextFormat(Qt.TextFormat.PlainText)
        self.says.setWordWrap(True)
        where = where_it_was(header)
        aside = QLabel(where)
        aside.setProperty("look", "muted")
        aside.setTextFormat(Qt.TextFormat.PlainText)
        aside.setWordWrap(True)
        aside.setVisible(bool(where))
        banner.setAccessibleName(f"{what_it_is(header)}. {where}")
        text = QVBoxLayout()
        text.setSpacing(0)
        text.addWidget(self.says)
        text.addWidget(aside)
        row = QHBoxLayout(banner)
        row.setContentsMargins(SPACE, SPACE_SMALL + 2, SPACE, SPACE_SMALL + 2)
        row.setSpacing(SPACE)
        row.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(text, 1)
        self._draw_picture()
        return banner

    # What the panel of terminals asks of its tabs

    @property
    def label(self) -> str:
        """What it shows."""
        return f"recording: {self.title}"

    @property
    def short_label(self) -> str:
        """The same as a tab says it."""
        return self.label

    def start(self) -> None:
        """Start the terminal behind it."""
        self._fit_text()
        self.session.start(self.view.grid_size())

    def close_session(self) -> None:
        """End the playback."""
        self.session.close()

    def ask_before_close(self, close: Callable[[], object]) -> None:
        """Nothing is lost with a recording."""
        close()

    # What a person does

    def toggle(self) -> None:
        """Play or pause; from the beginning where it is over."""
        self.session.do(lambda playback: playback.toggle())

    def restart(self) -> None:
        """Play from the beginning."""
        self.session.do(lambda playback: playback.restart())

    def next_command(self) -> None:
        """Go to the next command."""
        self.session.do(lambda playback: playback.next_command())

    def previous_command(self) -> None:
        """Go to the command before."""
        self.session.do(lambda playback: playback.previous_command())

    def _move(self, seconds: float) -> None:
        self.session.do(lambda playback: playback.seek(playback.state.position + seconds))

    def _change_speed(self, by: int) -> None:
        self.speed_box.setCurrentIndex(min(max(self.speed_box.currentIndex() + by, 0), len(SPEEDS) - 1))
        self._on_speed()

    def _on_speed(self) -> None:
        speed = float(self.speed_box.currentData())
        self.session.do(lambda playback: playback.set_speed(speed))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of a player; the terminal itself takes none but those for copying and its size."""
        ways: dict[int, Callable[[], object]] = {
            Qt.Key.Key_Space: self.toggle,
            Qt.Key.Key_K: self.toggle,
            Qt.Key.Key_Left: lambda: self._move(-_ARROW),
            Qt.Key.Key_Right: lambda: self._move(_ARROW),
            Qt.Key.Key_Comma: self.previous_command,
            Qt.Key.Key_Period: self.next_command,
            Qt.Key.Key_Home: self.restart,
            Qt.Key.Key_End: lambda: self.session.do(lambda playback: playback.seek(playback.state.duration)),
            Qt.Key.Key_Plus: lambda: self._change_speed(1),
            Qt.Key.Key_Minus: lambda: self._change_speed(-1),
        }
        does = ways.get(event.key())
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if does is None or plain not in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier):
            super().keyPressEvent(event)
            return
        does()

    # How it stands

    def _on_started(self) -> None:
        if self._plays_itself:
            self.session.do(lambda playback: playback.play())
        else:
            self.session.do(lambda playback: playback.seek(0.0))

    def _on_state(self, state: PlaybackState) -> None:
        self.seek_bar.show_state(state)
        self.time.setText(f"{seconds_text(state.position)} / {seconds_text(state.duration)}")
        self.time.setMinimumWidth(max(self.time.minimumWidth(), self.time.sizeHint().width()))
        if state.playing:
            looks = ("pause", "Pause (Space)")
        elif state.over and state.duration:
            looks = ("play", "Play it again (Space)")
        else:
            looks = ("play", "Play (Space)")
        if self.play_button.toolTip() != looks[1]:
            self.play_button.change(*looks, "accent")

    # Size

    def showEvent(self, event: QShowEvent) -> None:
        """Fit the text into the room there is."""
        super().showEvent(event)
        self._fit_text()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the text, and put the controls under the bar where there is little room."""
        super().resizeEvent(event)
        narrow = self.width() < _NARROW * APPEARANCE.zoom
        direction = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if direction != self._box.direction():
            self._box.setDirection(direction)
        self._fit_text()

    def _on_appearance(self) -> None:
        self.time.setMinimumWidth(0)
        self._draw_picture()
        self._fit_text()

    def _draw_picture(self) -> None:
        self._picture.setPixmap(icon_pixmap("record", "info", round(ICON * APPEARANCE.zoom)))

    def _fit_text(self) -> None:
        """Make the text as small as the recorded width wants it, unless the person has chosen a size."""
        if abs(self.view.zoom - self._fitted) > 1e-6:
            return
        header, whole = self.session.recording.header, self.session.own_size
        room = self.view.viewport().size()
        zoom, smallest = 1.0, _SMALLEST_WHOLE if whole else _SMALLEST
        while zoom > smallest:
            font = TerminalFont(fixed_font(zoom))
            wide = header.columns * font.width + 2 * SPACE > room.width()
            high = whole and header.rows * font.height + SPACE > room.height()
            if not wide and not high:
                break
            zoom = max(zoom - _ZOOM_STEP, smallest)
        if zoom != self._fitted:
            self._fitted = zoom
            self.view.set_zoom(zoom)


def what_it_is(header: RecordingHeader) -> str:
    """The sentence that nobody can overlook."""
    made = datetime.fromtimestamp(header.timestamp).astimezone() if header.timestamp is not None else None
    when = f", made on {made.day} {made:%B %Y}" if made is not None else ""
    version = header.notes.get("apptainer", "")
    return f"Recording{when}{f' with Apptainer {version}' if version else ''}"


def where_it_was(header: RecordingHeader) -> str:
    """Where a course's recording was made, and whether on a stand-in for the base image; empty for any other."""
    place = header.notes.get("place", "")
    if not place:
        return ""
    stand_ins = ", with stand-in base images" if header.notes.get("stand_in") == "yes" else ""
    return f"Really done on the {place[:1].lower()}{place[1:]}{stand_ins}."
