"""Targets in the window: each with its reason, the practice cluster with its progress, all in words."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QProgressBar
from pytestqt.qtbot import QtBot

from cowshed_gui.target_selector import PracticeControl, TargetSelector
from cowshed_gui.target_session import PRACTICE, PracticeState, TargetSession, TargetState
from cowshed_gui.welcome import Welcome
from cowshed_lab.practice.progress import Progress
from cowshed_lab.targets import TargetEntry
from widgets import child

LOCAL = TargetEntry("local", "This computer", "local", True, "Apptainer is installed.")
NO_LOCAL = TargetEntry("local", "This computer", "local", False, "Apptainer is not installed.")
CLUSTER = TargetEntry(PRACTICE, "Practice cluster", "practice", True, "Runs here.")
NO_CLUSTER = TargetEntry(PRACTICE, "Practice cluster", "practice", False, "Needs Linux.")


@pytest.fixture
def targets(qtbot: QtBot) -> TargetSession:
    return TargetSession()


def offer(targets: TargetSession, *entries: TargetEntry, default: str) -> None:
    targets.entries, targets.default, targets.reason = entries, default, "The reason."
    targets.changed.emit()


def test_it_finds_out_what_there_is(qtbot: QtBot, targets: TargetSession) -> None:
    with qtbot.wait_signal(targets.changed, timeout=20_000):
        targets.look()
    assert [entry.name for entry in targets.entries] == ["local", PRACTICE]
    assert targets.default in ("local", PRACTICE)
    assert targets.reason


def test_this_computer_opens_and_closes(qtbot: QtBot, targets: TargetSession) -> None:
    with qtbot.wait_signal(targets.opened, timeout=20_000) as got:
        targets.use("local")
    assert targets.state is TargetState.OPEN
    assert targets.target is got.args[0]
    with qtbot.wait_signal(targets.closing):
        targets.close()
    assert targets.target is None


def test_an_unknown_target_is_said_in_a_sentence(qtbot: QtBot, targets: TargetSession) -> None:
    with qtbot.wait_signal(targets.problem, timeout=20_000) as got:
        targets.use("moon")
    assert "moon" in got.args[0]
    assert targets.state is TargetState.FAILED


def test_the_panel_says_why_and_offers_what_can_be_used(qtbot: QtBot, targets: TargetSession) -> None:
    selector = TargetSelector(targets)
    qtbot.add_widget(selector)
    targets.practice = PracticeState.RUNNING
    offer(targets, NO_LOCAL, CLUSTER, default=PRACTICE)
    local, practice = selector.panel.rows()
    assert local.button.isHidden()
    assert not practice.button.isHidden()
    words = {label.text() for label in selector.panel.findChildren(QLabel)}
    assert {"The reason.", "Apptainer is not installed.", "not available", "running"} <= words
    with qtbot.wait_signal(selector.panel.chosen) as got:
        QTest.mouseClick(practice.button, Qt.MouseButton.LeftButton)
    assert got.args == [PRACTICE]


def test_the_button_says_the_state_in_words(qtbot: QtBot, targets: TargetSession) -> None:
    selector = TargetSelector(targets)
    qtbot.add_widget(selector)
    offer(targets, LOCAL, CLUSTER, default="local")
    assert "Choose a target" in selector.accessibleName()
    targets.name, targets.state = "local", TargetState.FAILED
    targets.changed.emit()
    assert selector.accessibleName().endswith("This computer: not reachable")


def test_the_start_of_the_practice_cluster_tells_phase_time_and_megabytes(qtbot: QtBot, targets: TargetSession) -> None:
    control = PracticeControl(targets)
    qtbot.add_widget(control)
    control.show()
    targets.practice = PracticeState.STARTING
    targets.changed.emit()
    targets.practice_progress.emit(Progress("Downloading Debian packages", 0.4, 46_000_000))
    assert control.says() == "Downloading Debian packages  ·  0:00  ·  46 MB"
    assert child(control, QProgressBar).value() == 400
    assert control.cancel_button.isVisible()
    assert not control.start_button.isVisible()
    targets.practice_progress.emit(Progress("Waiting", None, 0))
    assert child(control, QProgressBar).maximum() == 0
    targets.practice = PracticeState.RUNNING
    targets.changed.emit()
    assert control.stop_button.isVisible()
    assert control.says() == ""


def test_the_welcome_page_picks_the_default_and_asks_for_the_start_it_needs(
    qtbot: QtBot, targets: TargetSession
) -> None:
    page = Welcome(targets)
    qtbot.add_widget(page)
    page.show()
    targets.practice = PracticeState.STOPPED
    offer(targets, LOCAL, CLUSTER, default="local")
    assert page.chosen() == "local"
    assert page.start_button.isVisible()
    assert not page.practice.isVisible()
    page.choose(PRACTICE)
    assert page.practice.start_button.isVisible()
    assert not page.start_button.isVisible()
    page.choose("local")
    with qtbot.wait_signal(page.begin) as got:
        QTest.mouseClick(page.start_button, Qt.MouseButton.LeftButton)
    assert got.args == ["local"]


def test_where_nothing_can_build_one_may_still_read(qtbot: QtBot, targets: TargetSession) -> None:
    page = Welcome(targets)
    qtbot.add_widget(page)
    page.show()
    offer(targets, NO_LOCAL, NO_CLUSTER, default="local")
    assert page.start_button.text() == "Read without building"
    assert any("There is no place to build yet" in label.text() for label in page.findChildren(QLabel))
    with qtbot.wait_signal(page.begin) as got:
        QTest.mouseClick(page.start_button, Qt.MouseButton.LeftButton)
    assert got.args == ["local"]  # recipes are written and judged here all the same
