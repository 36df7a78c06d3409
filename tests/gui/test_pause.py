"""The pause in which commands in the terminal do not count, in the real window with a real shell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cowshed_gui.judging_pause import JudgingPause
from cowshed_gui.main_window import MainWindow
from cowshed_gui.session_state import SessionState, save_state
from cowshed_lessons.course import load_course
from cowshed_lessons.evidence import CommandEvidence

BAKERY = Path(__file__).parents[1] / "lessons" / "courses" / "bakery"
LONG = 20_000
BOTH = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def activate(qtbot: QtBot, window: MainWindow) -> None:
    def active() -> bool:
        window.activateWindow()
        return window.isActiveWindow()

    qtbot.wait_until(active, timeout=LONG)


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    save_state(SessionState(welcomed=True, target="local"))
    window = MainWindow(load_course(BAKERY))
    qtbot.add_widget(window)
    with qtbot.wait_signal(window.ready, timeout=LONG):
        window.show()
    qtbot.wait_until(lambda: any(tab.session.at_prompt for tab in window.terminals.shell_tabs()), timeout=LONG)
    activate(qtbot, window)
    yield window
    window.close()


def run(qtbot: QtBot, window: MainWindow, command: str) -> None:
    with qtbot.wait_signal(window.terminals.command_finished, timeout=LONG):
        window.terminals.run_command(command)
    qtbot.wait_until(lambda: any(tab.session.at_prompt for tab in window.terminals.shell_tabs()), timeout=LONG)


def seen(window: MainWindow) -> list[str]:
    return [command.command_line for command in window.session.evidence.commands]


def test_a_pause_leaves_commands_out_says_so_and_is_ended_by_its_button(qtbot: QtBot, window: MainWindow) -> None:
    sign = window.pause_sign
    assert not window.session.paused
    assert not sign.isVisible()
    run(qtbot, window, "echo before")
    QTest.keyClick(window, Qt.Key.Key_J, BOTH)
    assert sign.isVisible()
    assert "Paused" in sign.accessibleName()
    assert window.actions_by_id["pause"].text().startswith("Go on")
    run(qtbot, window, "echo meanwhile")
    sign.button.setFocus()
    QTest.keyClick(sign.button, Qt.Key.Key_Space)
    assert not sign.isVisible()
    assert window.actions_by_id["pause"].text().startswith("Pause")
    run(qtbot, window, "echo after")
    assert seen(window) == ["echo before", "echo after"]


def test_the_pause_is_in_the_palette_under_its_name_of_now(window: MainWindow) -> None:
    window.open_palette()
    assert "Pause looking at the terminal" in window.palette_popup.titles()
    window.palette_popup.hide()
    window.pause_judging()
    window.open_palette()
    assert "Go on looking at the terminal" in window.palette_popup.titles()
    window.palette_popup.hide()


def test_a_command_counts_if_it_began_outside_a_pause() -> None:
    pause, slow = JudgingPause(), CommandEvidence("make", 0, "", folder="/work")
    assert pause.begins("make", "/work")
    pause.on = True
    assert pause.counts(slow, began=True)  # a build that was seen to begin
    assert not pause.counts(slow, began=False)
    assert not pause.begins("make", "/work")
    pause.on = False
    assert not pause.counts(slow, began=False)  # it began in the pause
    assert pause.counts(slow, began=False)  # and this is another run of it
