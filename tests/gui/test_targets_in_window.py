"""Targets in the window: each with its reason, the practice cluster with its progress, all in words."""

from __future__ import annotations

import asyncio
import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton
from pytestqt.qtbot import QtBot

from cowshed_gui.target_selector import PracticeControl, TargetSelector
from cowshed_gui.target_session import PRACTICE, PracticeState, TargetSession, TargetState
from cowshed_gui.welcome import Welcome
from cowshed_lab import targets as lab_targets
from cowshed_lab.local import LocalTarget
from cowshed_lab.practice.progress import Progress
from cowshed_lab.target import Target
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
    assert {"Apptainer is not installed.", "not available", "running"} <= words
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
    assert control.says() == "Downloading Debian packages  ·  0:00 elapsed  ·  46 of about 160 MB"
    assert child(control, QProgressBar).value() == 400
    assert control.cancel_button.isVisible()
    assert not control.start_button.isVisible()
    targets.practice_progress.emit(Progress("Waiting", None, 0))
    assert child(control, QProgressBar).maximum() == 0
    targets.practice = PracticeState.RUNNING
    targets.changed.emit()
    assert control.stop_button.isVisible()
    assert control.says() == ""


def test_before_the_start_one_knows_how_long_and_how_much(qtbot: QtBot, targets: TargetSession) -> None:
    control = PracticeControl(targets, primary=True)
    qtbot.add_widget(control)
    targets.practice = PracticeState.STOPPED
    targets.changed.emit()
    assert "1 to 3 minutes" in control.says()
    assert "160 MB" in control.says()


def test_an_enter_too_many_does_not_cancel_the_start(qtbot: QtBot, targets: TargetSession) -> None:
    page = Welcome(targets)
    qtbot.add_widget(page)
    page.show()
    page.activateWindow()
    qtbot.wait_until(page.isActiveWindow)
    targets.practice = PracticeState.STOPPED
    offer(targets, NO_LOCAL, CLUSTER, default=PRACTICE)
    page.practice.start_button.setFocus()
    targets.practice = PracticeState.STARTING
    targets.changed.emit()
    assert page.practice.cancel_button.isVisible()
    assert not page.practice.cancel_button.hasFocus()
    assert child(page.practice, QProgressBar).hasFocus()


def test_nothing_on_the_welcome_page_moves_when_the_start_begins(qtbot: QtBot, targets: TargetSession) -> None:
    page = Welcome(targets)
    qtbot.add_widget(page)
    page.resize(1000, 900)
    page.show()
    targets.practice = PracticeState.STOPPED
    offer(targets, NO_LOCAL, CLUSTER, default=PRACTICE)
    title = next(label for label in page.findChildren(QLabel) if label.text() == "Welcome to Cowshed")

    def top() -> int:
        page.grab()  # lays it out
        return title.mapTo(page, title.rect().topLeft()).y()

    before = top()
    targets.practice = PracticeState.STARTING
    targets.changed.emit()
    assert top() == before


def test_a_reason_is_given_once(qtbot: QtBot, targets: TargetSession) -> None:
    for page in (Welcome(targets), TargetSelector(targets)):
        qtbot.add_widget(page)
        offer(targets, NO_LOCAL, CLUSTER, default=PRACTICE)
        shown = [label.text() for label in page.findChildren(QLabel) if not label.isHidden()]
        assert shown.count(NO_LOCAL.reason) == 1
        assert "The reason." not in shown


def test_whoever_looks_at_the_welcome_page_again_can_go_back(qtbot: QtBot, targets: TargetSession) -> None:
    page = Welcome(targets)
    qtbot.add_widget(page)
    page.show()
    with qtbot.assert_not_emitted(page.back):
        QTest.keyClick(page, Qt.Key.Key_Escape)
    page.offer_back()
    with qtbot.wait_signal(page.back):
        QTest.keyClick(page.back_button, Qt.Key.Key_Escape)
    with qtbot.wait_signal(page.back):
        QTest.mouseClick(page.back_button, Qt.MouseButton.LeftButton)


def test_the_panel_grows_with_its_content(qtbot: QtBot, targets: TargetSession) -> None:
    selector = TargetSelector(targets)
    qtbot.add_widget(selector)
    selector.show()
    targets.practice = PracticeState.STOPPED
    offer(targets, NO_LOCAL, CLUSTER, default=PRACTICE)
    panel = selector.panel
    panel.show()
    panel._fit()
    targets.practice = PracticeState.STARTING
    targets.changed.emit()
    long = "Downloading and unpacking a great many Debian packages with very long names indeed, one after the other"
    targets.practice_progress.emit(Progress(long, 0.4, 46_000_000))

    def all_whole() -> bool:
        needed = [button for button in panel.findChildren(QPushButton) if button.isVisible()]
        labels = [label for label in panel.findChildren(QLabel) if label.isVisible() and label.wordWrap()]
        return all(button.height() >= button.sizeHint().height() for button in needed) and all(
            label.height() >= label.heightForWidth(label.width()) for label in labels
        )

    qtbot.wait_until(all_whole)
    panel.hide()


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


class Doors:
    """A kind of target: folders of this computer that take their time to open, and what became of each."""

    def __init__(self) -> None:
        self.may_open = False
        self.begun = threading.Semaphore(0)
        self.ready = threading.Semaphore(0)
        self.opened: list[Target] = []
        self.closed: list[Target] = []
        self.cancelled: list[str] = []

    def entries(self) -> list[TargetEntry]:
        return [TargetEntry(name, name, "doors", True, "A door.") for name in ("left", "right")]

    async def open(self, name: str) -> Target:
        self.begun.release()
        try:
            if not self.may_open:
                await asyncio.Event().wait()  # until nobody wants it any more
        except asyncio.CancelledError:
            self.cancelled.append(name)
            raise
        target = Door(name, self)
        self.opened.append(target)
        asyncio.get_running_loop().call_soon(self.ready.release)
        return target


class Door(LocalTarget):
    """This computer, known by another name."""

    def __init__(self, name: str, doors: Doors) -> None:
        super().__init__(name, name)
        self._doors = doors

    async def close(self) -> None:
        await super().close()
        self._doors.closed.append(self)


@pytest.fixture
def doors(monkeypatch: pytest.MonkeyPatch) -> Doors:
    found = Doors()
    monkeypatch.setitem(lab_targets.KINDS, "doors", lambda: found)
    return found


def test_a_target_that_is_opened_too_late_is_closed_again(qtbot: QtBot, targets: TargetSession, doors: Doors) -> None:
    doors.may_open = True
    told: list[Target] = []
    targets.opened.connect(told.append)
    targets.use("left")
    assert doors.ready.acquire(timeout=20)  # it is open, and the window has not heard of it
    targets.use("right")
    assert doors.ready.acquire(timeout=20)
    targets.use("left")
    qtbot.wait_until(lambda: len(doors.opened) == 3 and len(doors.closed) == 2, timeout=20_000)
    assert targets.target is doors.opened[2]
    assert told == [targets.target]
    assert doors.closed == doors.opened[:2]
    targets.close()
    qtbot.wait_until(lambda: len(doors.closed) == 3, timeout=20_000)


def test_opening_one_target_gives_up_the_one_before(qtbot: QtBot, targets: TargetSession, doors: Doors) -> None:
    targets.use("left")
    assert doors.begun.acquire(timeout=20)
    with qtbot.wait_signal(targets.opened, timeout=20_000):
        targets.use("local")
    qtbot.wait_until(lambda: doors.cancelled == ["left"], timeout=20_000)
    assert (targets.name, targets.state) == ("local", TargetState.OPEN)
    assert not doors.opened


@pytest.mark.parametrize("busy", [False, True])
def test_a_cluster_that_is_ready_after_minutes_takes_nobody_from_work(
    qtbot: QtBot, targets: TargetSession, doors: Doors, busy: bool
) -> None:
    doors.may_open = True
    targets.at_work = lambda: busy
    with qtbot.wait_signal(targets.opened, timeout=20_000):
        targets.use("left")
    before = targets.target
    if busy:
        targets.practice = PracticeState.STARTING  # as start_practice does, without the minutes
        targets._left_for_practice = "left"
    with qtbot.wait_signal(targets.practice_ready):
        targets._on_practice_up(None)
    assert targets.target is before
    assert targets.practice is PracticeState.RUNNING
    targets.close()
