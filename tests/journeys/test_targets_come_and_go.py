"""The place where builds run goes away and comes back; the person decides, and loses nothing."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from cowshed_gui.app import make_application, open_window
from cowshed_gui.background import LAB, forget_jobs
from cowshed_gui.main_window import MainWindow
from cowshed_gui.session_state import SessionState, save_state
from cowshed_gui.target_selector import PracticeControl
from cowshed_gui.target_session import PracticeState, TargetState
from cowshed_gui.terminal_panel import ShellTab
from cowshed_lab.practice.cluster import PracticeCluster
from cowshed_lab.practice.init_process import InitProcess
from cowshed_lessons.course import built_in_course
from hands import Hands
from lolcow import begin_at_the_base_image
from practice_fixture import clone, nothing_left, output_of

BASE = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
SLOW = f"{BASE}\n%post\n    sleep 300\n"
RECIPE = "cowshed/lolcow/lolcow.def"
A_WHILE = 90  # seconds for a cluster that starts or a build that begins, on a slow computer


@pytest.fixture
def cluster(practice: PracticeCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PracticeCluster]:
    """A practice cluster that may be broken; it does not run yet."""
    home = tmp_path / "practice"
    monkeypatch.setenv("COWSHED_PRACTICE_HOME", str(home))
    copy = clone(practice, home)
    yield copy
    asyncio.run(copy.down())
    asyncio.run(copy.reset(files=True))


@pytest.fixture
def window(
    qtbot: QtBot, learner_folders: Path, cluster: PracticeCluster, display: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    """Cowshed at a later start, with the practice cluster as the target used last."""
    home = learner_folders / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    save_state(SessionState(welcomed=True, target="practice"))
    begin_at_the_base_image()
    make_application()
    shown = open_window(built_in_course())
    shown.show()
    qtbot.waitExposed(shown)
    shown.activateWindow()
    yield shown
    shown.leave()
    LAB.stop()
    forget_jobs()
    shown.deleteLater()
    QApplication.processEvents()


def shells(window: MainWindow) -> list[ShellTab]:
    return list(window.terminals.shell_tabs())


def at_work(window: MainWindow, target: str = "practice") -> bool:
    """Whether recipe and shell of a target are there to be used."""
    if not window.furnished:
        return False
    page = window.recipes.current_page()
    return (
        window.targets.state is TargetState.OPEN
        and window.targets.name == target
        and page is not None
        and page.ready
        and page.target is window.targets.target
        and any(tab.session.at_prompt for tab in shells(window))
    )


def kill(cluster: PracticeCluster) -> None:
    init = InitProcess.find(cluster.folder.init_record)
    assert init is not None
    os.kill(init.pid, signal.SIGKILL)


def answer(hands: Hands, word: str, does: Callable[[], object]) -> str:
    """Do something that asks first, click an answer, and return the question."""
    asked: list[str] = []

    def click() -> None:
        box = QApplication.activeModalWidget()
        if not isinstance(box, QMessageBox):
            QTimer.singleShot(20, click)
            return
        asked.append(box.text())
        hands.click(next(button for button in box.buttons() if button.text() == word))

    QTimer.singleShot(0, click)
    does()
    hands.see(lambda: asked and QApplication.activeModalWidget() is None)
    return asked[0]


def test_a_cluster_that_is_killed_costs_nothing_and_comes_back(
    window: MainWindow, hands: Hands, cluster: PracticeCluster
) -> None:
    hands.see(lambda: at_work(window), seconds=A_WHILE)
    kill(cluster)
    hands.see(lambda: window.targets.state is TargetState.LOST, seconds=30)
    assert "connection lost" in window.bar.selector.accessibleName()
    assert "is lost" in window.notice.text()
    assert "what you type is kept" in window.notice.text()

    hands.press("ctrl+2", "ctrl+a")
    hands.type(BASE)
    hands.see(lambda: window.recipes.current_text() == BASE)
    hands.see(window.lesson.learned.isVisible)  # the lesson goes on: this passed it
    hands.press("ctrl+s")
    page = window.recipes.current_page()
    assert page is not None
    hands.see(lambda: "Not saved" in page.notice.text())
    hands.see(lambda: window.targets.practice is PracticeState.STOPPED)
    hands.press("ctrl+b")
    hands.see(lambda: "just asked for needs it" in window.notice.text())
    assert not window.bench.building

    assert list(window.notice.buttons) == ["Start it again"]
    hands.click(window.notice.buttons["Start it again"])
    hands.see(lambda: at_work(window), seconds=A_WHILE)
    assert window.notice.text() == ""
    assert len(shells(window)) == 1
    hands.press("ctrl+2", "ctrl+s")
    hands.see(lambda: not window.recipes.unsaved_paths())
    assert output_of(cluster, "cat", RECIPE) == BASE
    hands.press("ctrl+3")
    hands.type("pwd\n")
    hands.see(lambda: "/cowshed/lolcow\n" in shells(window)[0].view.screen_text())


def test_the_cluster_is_stopped_and_started_by_its_buttons(
    window: MainWindow, hands: Hands, cluster: PracticeCluster
) -> None:
    hands.see(lambda: at_work(window), seconds=A_WHILE)
    hands.click(window.bar.selector)
    control = window.bar.selector.panel.findChild(PracticeControl)
    assert isinstance(control, PracticeControl)
    hands.click(control.stop_button)
    hands.see(lambda: window.targets.practice is PracticeState.STOPPED, seconds=A_WHILE)
    assert not nothing_left(cluster)
    assert control.start_button.isVisible()
    assert "stopped" in window.bar.selector.accessibleName()
    hands.press("Escape")
    hands.see(lambda: not window.bar.selector.panel.isVisible())
    assert "is stopped" in window.notice.text()
    hands.press("ctrl+2", "ctrl+a")
    hands.type(BASE)
    hands.click(window.notice.buttons["Start it again"])
    hands.see(lambda: at_work(window), seconds=A_WHILE)
    assert window.recipes.current_text() == BASE
    hands.press("ctrl+s")
    hands.see(lambda: not window.recipes.unsaved_paths())
    assert output_of(cluster, "cat", RECIPE) == BASE


def test_a_build_is_not_ended_without_a_question(window: MainWindow, hands: Hands, cluster: PracticeCluster) -> None:
    hands.see(lambda: at_work(window), seconds=A_WHILE)
    window.recipes.replace_text(PurePosixPath(RECIPE), SLOW)
    hands.press("ctrl+b")
    hands.see(lambda: window.bench.building)
    hands.see(lambda: "sleep" in str(output_of(cluster, "ps", "-eo", "args")), seconds=A_WHILE)
    said = answer(hands, "Keep it running", lambda: hands.press("ctrl+q"))
    assert said.startswith("A build is running. Quitting ends it")
    assert window.isVisible()
    assert window.bench.building
    said = answer(hands, "Keep it running", window.stop_practice)
    assert "Leaving this target ends it" in said
    assert window.targets.state is TargetState.OPEN
    window.activateWindow()  # after a dialog that is a window manager's work, and here is none
    hands.see(window.isActiveWindow)
    answer(hands, "Quit", lambda: hands.press("ctrl+q"))
    hands.see(lambda: not window.isVisible())
    LAB.stop()
    assert "sleep 300" not in output_of(cluster, "ps", "-eo", "args")


def test_from_one_live_target_to_another_and_back(
    window: MainWindow, hands: Hands, cluster: PracticeCluster, learner_folders: Path
) -> None:
    hands.see(lambda: at_work(window), seconds=A_WHILE)
    hands.press("ctrl+2", "ctrl+a")
    hands.type(BASE)
    window.targets.use("local")
    hands.see(lambda: at_work(window, "local"), seconds=A_WHILE)
    assert window.recipes.current_text() == window.session.step.starter
    assert (learner_folders / "home" / RECIPE).exists()
    assert [tab.target.name for tab in shells(window)] == ["local"]
    window.targets.use("practice")
    hands.see(lambda: at_work(window), seconds=A_WHILE)
    assert window.recipes.current_text() == BASE, "unsaved text comes back with its target"
    assert [tab.target.name for tab in shells(window)] == ["practice"]


def test_the_first_start_can_be_cancelled(
    qtbot: QtBot, learner_folders: Path, hands: Hands, unbuilt_cluster: PracticeCluster
) -> None:
    make_application()
    window = open_window(built_in_course())
    window.show()
    qtbot.waitExposed(window)
    try:
        hands.click(window.welcome.practice.start_button)
        hands.see(lambda: window.targets.progress is not None, seconds=A_WHILE)
        hands.click(window.welcome.practice.cancel_button)
        hands.see(lambda: window.targets.practice is PracticeState.STOPPED, seconds=A_WHILE)
        assert window.welcome.practice.start_button.isVisible()
        assert not nothing_left(unbuilt_cluster)
    finally:
        window.leave()
        LAB.stop()
        forget_jobs()
        window.deleteLater()
        QApplication.processEvents()


def test_only_the_connection_is_lost(window: MainWindow, hands: Hands, cluster: PracticeCluster) -> None:
    hands.see(lambda: at_work(window), seconds=A_WHILE)
    hands.press("ctrl+3")
    hands.type("cd /tmp; pkill -9 -u learner sshd\n")
    hands.see(lambda: window.targets.state is TargetState.LOST, seconds=30)
    tab = shells(window)[0]
    hands.see(lambda: tab.lost)
    hands.click(tab.notice.buttons["Reconnect"])
    hands.see(lambda: at_work(window), seconds=A_WHILE)
    assert shells(window) == [tab]
    assert window.notice.text() == ""
    hands.press("ctrl+3")
    hands.type("pwd\n")
    hands.see(lambda: "/cowshed/lolcow\n" in tab.view.screen_text())
