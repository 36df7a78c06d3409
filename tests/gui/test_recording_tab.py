"""The player in the terminals' pane: keys, marks, copying, and that it is never taken for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox
from pytestqt.qtbot import QtBot

from cowshed_gui.recording_tab import RecordingTab, what_it_is, where_it_was
from cowshed_gui.terminal_panel import TerminalPanel
from cowshed_gui.theme import APPEARANCE, Appearance
from cowshed_lessons.asciicast import RecordedEvent, Recording, RecordingHeader
from gui.terminal_at_work import PATIENCE

NOON = int(datetime(2026, 11, 23, 12).timestamp())
HEADER = RecordingHeader(60, 10, NOON, "Moo", {"apptainer": "1.4.5", "stand_in": "yes", "place": "Practice cluster"})
RECORDING = Recording(
    HEADER,
    (
        RecordedEvent(0.0, "o", "$ one\r\n"),
        RecordedEvent(10.0, "m", "one"),
        RecordedEvent(10.0, "o", "first\r\n$ two\r\n"),
        RecordedEvent(20.0, "m", "two"),
        RecordedEvent(40.0, "o", "second\r\n"),
    ),
)


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[TerminalPanel]:
    shown = TerminalPanel()
    qtbot.addWidget(shown)
    shown.resize(800, 400)
    shown.show()
    yield shown
    shown.close_all()


def opened(qtbot: QtBot, panel: TerminalPanel, recording: Recording = RECORDING) -> RecordingTab:
    """A recording that stands at its beginning, with its waits as they were."""
    tab = panel.open_recording(recording, "Moo")
    tab._plays_itself = False
    qtbot.waitUntil(lambda: tab.session.state.duration > 0, timeout=PATIENCE)
    tab.skip_box.setChecked(False)
    qtbot.waitUntil(lambda: not tab.session.state.skips_waits, timeout=PATIENCE)
    return tab


def shows(qtbot: QtBot, tab: RecordingTab, text: str) -> None:
    qtbot.waitUntil(lambda: tab.view.screen_text().strip("\n") == text, timeout=PATIENCE)


def test_it_says_that_it_is_a_recording(qtbot: QtBot, panel: TerminalPanel) -> None:
    tab = opened(qtbot, panel)
    assert tab.says.text() == "Recording, made on 23 November 2026 with Apptainer 1.4.5"
    assert tab.says.isVisible()
    assert "stand-in base images" in where_it_was(HEADER)
    assert panel.bar.tabText(0) == "recording: Moo"
    assert "Recording" in tab.view.accessibleName()
    assert what_it_is(RecordingHeader()) == "Recording"
    assert where_it_was(RecordingHeader(notes={"stand_in": "yes"})) == ""


def test_the_keyboard_alone_plays_it(qtbot: QtBot, panel: TerminalPanel) -> None:
    tab = opened(qtbot, panel)
    tab.view.setFocus()
    shows(qtbot, tab, "$ one")
    QTest.keyClick(tab.view, Qt.Key.Key_Period)
    shows(qtbot, tab, "$ one\nfirst\n$ two")
    QTest.keyClick(tab.view, Qt.Key.Key_Period)
    qtbot.waitUntil(lambda: tab.session.state.position == 20.0, timeout=PATIENCE)
    QTest.keyClick(tab.view, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: tab.session.state.position == 25.0, timeout=PATIENCE)
    QTest.keyClick(tab.view, Qt.Key.Key_Left)
    QTest.keyClick(tab.view, Qt.Key.Key_Comma)
    qtbot.waitUntil(lambda: tab.session.state.position == 10.0, timeout=PATIENCE)
    QTest.keyClick(tab.view, Qt.Key.Key_End)
    shows(qtbot, tab, "$ one\nfirst\n$ two\nsecond")
    assert tab.play_button.toolTip() == "Play it again (Space)"
    QTest.keyClick(tab.view, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: tab.session.state.playing, timeout=PATIENCE)
    shows(qtbot, tab, "$ one")
    assert tab.play_button.accessibleName() == "Pause (Space)"
    QTest.keyClick(tab.view, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not tab.session.state.playing, timeout=PATIENCE)
    QTest.keyClick(tab.view, Qt.Key.Key_Plus)
    qtbot.waitUntil(lambda: tab.session.state.speed == 1.5, timeout=PATIENCE)
    assert tab.speed_box.currentText() == "1.5 ×"


def test_every_control_says_its_name(qtbot: QtBot, panel: TerminalPanel) -> None:
    tab = opened(qtbot, panel)
    for button in tab.findChildren(QAbstractButton):
        if button.isVisible():
            assert button.accessibleName() or button.text()
            assert button.toolTip()
    assert all(box.accessibleName() for box in tab.findChildren(QComboBox))
    tab.session.do(lambda playback: playback.seek(12.0))
    qtbot.waitUntil(lambda: "one" in tab.seek_bar.accessibleDescription(), timeout=PATIENCE)
    assert tab.seek_bar.accessibleDescription() == "00:12 of 00:40, one"


def test_waits_are_skipped_at_first(qtbot: QtBot, panel: TerminalPanel) -> None:
    tab = panel.open_recording(RECORDING, "Moo")
    qtbot.waitUntil(lambda: tab.session.state.duration == 6.0, timeout=PATIENCE)
    assert tab.skip_box.isChecked()


def test_a_click_on_the_bar_goes_there(qtbot: QtBot, panel: TerminalPanel) -> None:
    tab = opened(qtbot, panel)
    bar = tab.seek_bar
    x = round(bar._x(20.0)) + 3  # near the mark of the second command
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(x, bar.height() // 2))
    qtbot.waitUntil(lambda: tab.session.state.position == 20.0, timeout=PATIENCE)
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(bar.width() - 1, bar.height() // 2))
    shows(qtbot, tab, "$ one\nfirst\n$ two\nsecond")
    bar.setFocus()
    QTest.keyClick(bar, Qt.Key.Key_Home)
    shows(qtbot, tab, "$ one")


def test_text_can_be_copied_out_of_it(qtbot: QtBot, panel: TerminalPanel) -> None:
    tab = opened(qtbot, panel)
    tab.session.do(lambda playback: playback.seek(12.0))
    shows(qtbot, tab, "$ one\nfirst\n$ two")
    font = tab.view._font
    start = QPoint(9, 4 + font.height + font.height // 2)
    QTest.mousePress(tab.view.viewport(), Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(tab.view.viewport(), start + QPoint(font.width * 5, 0))
    qtbot.waitUntil(lambda: tab.view._selection is not None or bool(_drag(tab, start)), timeout=PATIENCE)
    QTest.mouseRelease(tab.view.viewport(), Qt.MouseButton.LeftButton, pos=start + QPoint(font.width * 5, 0))
    QTest.keyClick(tab.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "first"


def _drag(tab: RecordingTab, start: QPoint) -> bool:
    """What a mouse that moves does; QTest moves it without its button on some platforms."""
    tab.view._select_to(start + QPoint(tab.view._font.width * 5, 0))
    return True


def test_nothing_in_it_is_a_command_of_the_learners(qtbot: QtBot, panel: TerminalPanel) -> None:
    marks = "\x1b]133;C;secret;0;apptainer build a b;/\x07\x1b]133;D;secret;0;/\x07done\r\n"
    recording = Recording(HEADER, (RecordedEvent(0, "o", marks), RecordedEvent(1, "o", "end")))
    seen: list[object] = []
    panel.command_finished.connect(seen.append)
    panel.command_started.connect(lambda *line: seen.append(line))
    panel.build_finished.connect(seen.append)
    tab = opened(qtbot, panel, recording)
    QTest.keyClick(tab.view, Qt.Key.Key_End)
    shows(qtbot, tab, "done\nend")
    assert seen == []
    assert not panel.busy()
    assert list(panel.shell_tabs()) == []


def test_it_stays_when_the_target_changes_and_its_place_is_its_own(qtbot: QtBot, panel: TerminalPanel) -> None:
    tab = opened(qtbot, panel)
    panel.close_target()
    assert panel.current_tab() is tab
    again = panel.open_recording(RECORDING, "Moo")
    assert panel.bar.count() == 1
    panel.ask_to_close(again)
    assert panel.bar.count() == 0


def test_the_text_shrinks_so_that_the_recorded_width_fits(qtbot: QtBot, panel: TerminalPanel) -> None:
    wide = Recording(RecordingHeader(100, 28), (RecordedEvent(0, "o", "x" * 100), RecordedEvent(1, "o", "\r\ny")))
    tab = opened(qtbot, panel, wide)
    QTest.keyClick(tab.view, Qt.Key.Key_End)
    shows(qtbot, tab, "x" * 100 + "\ny")
    assert tab.view.zoom < 1
    panel.resize(1400, 500)
    qtbot.waitUntil(lambda: tab.view.zoom == 1, timeout=PATIENCE)
    tab.view.set_zoom(1.5)  # the person's own choice stays
    panel.resize(800, 400)
    shows(qtbot, tab, tab.view.screen_text().strip("\n"))
    assert tab.view.zoom == 1.5


def test_one_of_the_whole_screen_keeps_its_size(qtbot: QtBot, panel: TerminalPanel) -> None:
    whole = Recording(
        RecordingHeader(90, 30), (RecordedEvent(0, "o", "\x1b[?1049h\x1b[30;80Hlast"), RecordedEvent(1, "m", ""))
    )
    tab = opened(qtbot, panel, whole)
    qtbot.waitUntil(lambda: "last" in tab.view.screen_text(), timeout=PATIENCE)
    assert tab.view.screen_text().splitlines()[29].endswith("last")
    font = tab.view._font
    assert 30 * font.height <= tab.view.viewport().height() or tab.view.zoom == pytest.approx(0.5)


@pytest.mark.parametrize("motion", [True, False])
def test_it_plays_by_itself_only_where_movement_is_welcome(
    qtbot: QtBot, panel: TerminalPanel, monkeypatch: pytest.MonkeyPatch, motion: bool
) -> None:
    monkeypatch.setattr(Appearance, "motion", property(lambda _self: motion))
    assert APPEARANCE.motion is motion
    tab = panel.open_recording(RECORDING, "Moo")
    qtbot.waitUntil(lambda: tab.session.state.duration > 0, timeout=PATIENCE)
    assert tab.session.state.playing is motion
    assert tab.session._still is not motion


def test_the_controls_go_below_the_bar_where_it_is_narrow(qtbot: QtBot, panel: TerminalPanel) -> None:
    tab = opened(qtbot, panel)
    assert tab.speed_box.geometry().center().y() == pytest.approx(tab.seek_bar.geometry().center().y(), abs=4)
    panel.resize(420, 400)
    qtbot.waitUntil(lambda: tab.speed_box.geometry().top() > tab.seek_bar.geometry().center().y(), timeout=PATIENCE)
    assert tab.seek_bar.width() > 150
