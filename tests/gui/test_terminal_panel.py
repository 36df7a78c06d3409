"""The terminals' pane: real shells, and builds by a stand-in named apptainer (the real one: journeys)."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTabBar, QWidget
from pytestqt.qtbot import QtBot

from cowshed_gui.build_tab import BuildTab
from cowshed_gui.phases_bar import PhasesBar, seconds_text, size_text
from cowshed_gui.terminal_panel import ShellTab, TerminalPanel
from cowshed_gui.terminal_session import TerminalSession
from cowshed_lab.build import Build
from cowshed_lab.build_log import Phase
from cowshed_lab.local import LocalTarget
from cowshed_lab.target import TargetError, TerminalChannel, TerminalSize
from cowshed_lessons.evidence import BuildEvidence
from gui.terminal_at_work import PATIENCE, bash_at_home

_FAILING = """\
echo "INFO:    Starting build..."
echo "INFO:    Running post scriptlet"
echo "+ apt-get install -y fortune"
echo "E: Unable to locate package fortune"
echo "FATAL:   While performing build: while running engine: exit status 100"
exit 255
"""
_GOOD = 'echo "INFO:    Creating SIF file..."; echo moo > "$3"; echo "INFO:    Build complete: $3"'
_ENDLESS = 'echo "INFO:    Starting build..."; exec sleep 1000'


@pytest.fixture
def target(user_folders: Path, monkeypatch: pytest.MonkeyPatch) -> LocalTarget:
    return bash_at_home(user_folders, monkeypatch)


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[TerminalPanel]:
    shown = TerminalPanel()
    qtbot.addWidget(shown)
    shown.resize(800, 400)
    shown.show()
    yield shown
    shown.close_all()


def labels(panel: TerminalPanel) -> list[str]:
    return [panel.bar.tabText(index) for index in range(panel.bar.count())]


def shell_at_prompt(qtbot: QtBot, panel: TerminalPanel, target: LocalTarget) -> ShellTab:
    tab = panel.open_shell(target, PurePosixPath())
    qtbot.waitUntil(lambda: tab.session.at_prompt, timeout=PATIENCE)
    return tab


@pytest.fixture
def build_with(user_folders: Path, monkeypatch: pytest.MonkeyPatch, target: LocalTarget) -> object:
    """Make a build whose `apptainer` is a script of ours."""

    def make(script: str) -> Build:
        folder = user_folders / "bin"
        folder.mkdir(exist_ok=True)
        program = folder / "apptainer"
        program.write_text(f'#!/bin/bash\nset -- "${{@:2}}"\nset -- "$1" x "$2" "$3"\n{script}\n')
        program.chmod(0o755)
        import os

        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        (user_folders / "lolcow.def").write_text("Bootstrap: docker\nFrom: ubuntu:22.04\n")
        return Build(target, PurePosixPath("lolcow.def"), PurePosixPath("lolcow.sif"), folder=PurePosixPath())

    return make


def test_nothing_is_open_at_first(panel: TerminalPanel) -> None:
    assert panel.bar.count() == 0
    assert not panel.new_button.isEnabled()
    panel.run_command("echo nobody hears")
    assert panel.bar.count() == 0


def test_a_command_that_was_clicked_is_typed_and_told(qtbot: QtBot, panel: TerminalPanel, target: LocalTarget) -> None:
    shell_at_prompt(qtbot, panel, target)
    assert labels(panel) == ["This computer"]
    with (
        qtbot.waitSignal(panel.command_started, timeout=PATIENCE) as began,
        qtbot.waitSignal(panel.command_finished, timeout=PATIENCE) as got,
    ):
        panel.run_command("echo moo; (exit 7)")
    assert (got.args[0].command_line, got.args[0].exit_status) == ("echo moo; (exit 7)", 7)
    assert began.args == [got.args[0].command_line, got.args[0].folder]
    qtbot.waitUntil(lambda: labels(panel) == ["This computer  ✕ 7"], timeout=PATIENCE)
    with qtbot.waitSignal(panel.command_finished, timeout=PATIENCE):
        panel.run_command("true")
    qtbot.waitUntil(lambda: labels(panel) == ["This computer"], timeout=PATIENCE)


def test_a_command_waits_for_a_shell_that_is_starting(qtbot: QtBot, panel: TerminalPanel, target: LocalTarget) -> None:
    panel.open_shell(target)
    with qtbot.waitSignal(panel.command_finished, timeout=PATIENCE) as got:
        panel.run_command("echo early")
    assert got.args[0].output == "early\n"
    assert panel.bar.count() == 1


def test_half_typed_text_does_not_mix_with_a_clicked_command(
    qtbot: QtBot, panel: TerminalPanel, target: LocalTarget
) -> None:
    tab = shell_at_prompt(qtbot, panel, target)
    QTest.keyClicks(tab.view, "rm -rf everyth")
    qtbot.waitUntil(lambda: "everyth" in tab.view.screen_text(), timeout=PATIENCE)
    with qtbot.waitSignal(panel.command_finished, timeout=PATIENCE) as got:
        panel.run_command("echo safe")
    assert got.args[0].command_line == "echo safe"


def test_a_busy_shell_gets_a_neighbour(qtbot: QtBot, panel: TerminalPanel, target: LocalTarget) -> None:
    first = shell_at_prompt(qtbot, panel, target)
    panel.run_command("sleep 1000")
    qtbot.waitUntil(lambda: labels(panel) == ["sleep 1000"], timeout=PATIENCE)
    assert first.busy
    assert panel.busy()
    with qtbot.waitSignal(panel.command_finished, timeout=PATIENCE) as got:
        panel.run_command("echo beside")
    assert got.args[0].output == "beside\n"
    assert panel.bar.count() == 2
    assert panel.current_tab() is not first


def test_a_shell_that_ended_keeps_its_text_and_opens_again(
    qtbot: QtBot, panel: TerminalPanel, target: LocalTarget
) -> None:
    tab = shell_at_prompt(qtbot, panel, target)
    QTest.keyClicks(tab.view, "echo last words; exit 3\r")
    qtbot.waitUntil(lambda: tab.over, timeout=PATIENCE)
    assert "last words" in tab.view.screen_text()
    assert "exit status 3" in tab.notice.text()
    assert labels(panel) == ["shell ended"]
    QTest.mouseClick(next(iter(tab.notice.buttons.values())), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: tab.session.at_prompt, timeout=PATIENCE)
    assert not tab.over


class LosingTarget(LocalTarget):
    """This computer, but its terminals break off."""

    async def open_terminal(self, *arguments: object, **options: object) -> TerminalChannel:
        return LosingChannel()


class LosingChannel:
    """Says one thing, then its connection is gone."""

    def __init__(self) -> None:
        self._said = False

    async def read(self) -> bytes:
        if self._said:
            raise TargetError("lost")
        self._said = True
        return b"last words"

    async def write(self, data: bytes) -> None:
        raise TargetError("lost")

    def resize(self, size: TerminalSize) -> None:
        raise TargetError("lost")

    def send_signal(self, number: signal.Signals) -> None:
        raise TargetError("lost")

    async def wait(self) -> int:
        return 0

    async def close(self) -> None:
        pass


def test_a_lost_connection_keeps_the_text_and_offers_to_reconnect(
    qtbot: QtBot, panel: TerminalPanel, target: LocalTarget, user_folders: Path
) -> None:
    tab = panel.open_shell(LosingTarget(home=user_folders))
    qtbot.waitUntil(lambda: tab.over, timeout=PATIENCE)
    assert "last words" in tab.view.screen_text()
    assert "is lost" in tab.notice.text()
    assert list(tab.notice.buttons) == ["Reconnect"]


def test_a_folder_that_is_not_there_is_told(qtbot: QtBot, panel: TerminalPanel, target: LocalTarget) -> None:
    tab = panel.open_shell(target, PurePosixPath("no/such/folder"))
    qtbot.waitUntil(lambda: tab.over, timeout=PATIENCE)
    assert "is not there" in tab.notice.text()
    assert list(tab.notice.buttons) == ["Try again"]


def test_closing_a_tab_ends_its_programs(qtbot: QtBot, panel: TerminalPanel, target: LocalTarget) -> None:
    tab = shell_at_prompt(qtbot, panel, target)
    core = tab.session.core_process_id
    assert core is not None
    panel.close_tab(tab)
    assert panel.bar.count() == 0
    qtbot.waitUntil(lambda: not psutil.pid_exists(core), timeout=PATIENCE)


def close_button(panel: TerminalPanel) -> QWidget:
    button = panel.bar.tabButton(panel.bar.currentIndex(), QTabBar.ButtonPosition.RightSide)
    assert button is not None
    return button


def test_a_free_shell_closes_at_once(qtbot: QtBot, panel: TerminalPanel, target: LocalTarget) -> None:
    shell_at_prompt(qtbot, panel, target)
    QTest.mouseClick(close_button(panel), Qt.MouseButton.LeftButton)
    assert panel.bar.count() == 0


def test_closing_a_busy_shell_asks_first(qtbot: QtBot, panel: TerminalPanel, target: LocalTarget) -> None:
    tab = shell_at_prompt(qtbot, panel, target)
    panel.run_command("sleep 1000")
    qtbot.waitUntil(lambda: tab.busy, timeout=PATIENCE)
    QTest.mouseClick(close_button(panel), Qt.MouseButton.LeftButton)
    assert tab.notice.text() == "Closing this terminal ends sleep 1000, which is still running."
    assert panel.bar.count() == 1
    with qtbot.waitSignal(panel.command_finished, timeout=PATIENCE):
        QTest.keyClick(tab.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert tab.notice.text() == "", "nothing would be ended any more"
    qtbot.waitUntil(lambda: tab.session.at_prompt, timeout=PATIENCE)
    panel.run_command("sleep 1000")
    qtbot.waitUntil(lambda: tab.busy, timeout=PATIENCE)
    QTest.mouseClick(close_button(panel), Qt.MouseButton.LeftButton)
    QTest.mouseClick(tab.notice.buttons["Close anyway"], Qt.MouseButton.LeftButton)
    assert panel.bar.count() == 0


def test_closing_a_running_build_asks_first(qtbot: QtBot, panel: TerminalPanel, build_with: object) -> None:
    assert callable(build_with)
    tab = panel.open_build(build_with(_ENDLESS))
    qtbot.waitUntil(lambda: "Starting build" in tab.view.screen_text(), timeout=PATIENCE)
    QTest.mouseClick(close_button(panel), Qt.MouseButton.LeftButton)
    assert "lolcow.sif is being built" in tab.notice.text()
    with qtbot.waitSignal(panel.build_finished, timeout=PATIENCE):
        QTest.mouseClick(tab.cancel_button, Qt.MouseButton.LeftButton)
    assert tab.notice.text() == ""
    QTest.mouseClick(close_button(panel), Qt.MouseButton.LeftButton)
    assert panel.bar.count() == 0


def test_consent_to_a_paste(qtbot: QtBot, panel: TerminalPanel, target: LocalTarget) -> None:
    tab = shell_at_prompt(qtbot, panel, target)
    tab.view.paste_needs_consent.emit("echo a\necho b\n")
    assert "2 lines" in tab.notice.text()
    QTest.mouseClick(next(iter(tab.notice.buttons.values())), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "echo b" in tab.view.screen_text(), timeout=PATIENCE)


def build_result(qtbot: QtBot, panel: TerminalPanel, build: Build) -> tuple[BuildTab, BuildEvidence]:
    with qtbot.waitSignal(panel.build_finished, timeout=PATIENCE) as got:
        tab = panel.open_build(build)
    evidence = got.args[0]
    assert isinstance(evidence, BuildEvidence)
    return tab, evidence


def test_a_build_that_fails_is_explained(qtbot: QtBot, panel: TerminalPanel, build_with: object) -> None:
    assert callable(build_with)
    tab, evidence = build_result(qtbot, panel, build_with(_FAILING))
    assert (evidence.exit_status, evidence.recipe_name) == (255, "lolcow.def")
    assert labels(panel) == ["lolcow.sif: stopped"]
    assert tab.status.text() == "Stopped: exit status 100"  # apt's, which the log and the lesson name
    assert "Unable to locate package" in tab.view.screen_text()
    assert tab.explain_button.isVisible()
    QTest.mouseClick(tab.explain_button, Qt.MouseButton.LeftButton)
    assert "apt-get update" in tab.explanation.text()
    assert tab.fold_button.hasFocus()
    QTest.keyClick(tab.fold_button, Qt.Key.Key_Escape)
    assert not tab.explanation.isVisible()
    assert tab.view.hasFocus()
    QTest.mouseClick(tab.explain_button, Qt.MouseButton.LeftButton)
    QTest.mouseClick(tab.fold_button, Qt.MouseButton.LeftButton)
    assert not tab.explanation.isVisible()
    QTest.mouseClick(tab.explain_button, Qt.MouseButton.LeftButton)
    panel.put_explanations_away()
    assert not tab.explanation.isVisible()
    tab.say_wanted()
    assert tab.status.text() == "Stopped, as this step wants: exit status 100"
    assert tab.status.property("look") == "passed"
    assert not tab.cancel_button.isVisible()
    assert not tab.running


def test_a_build_that_succeeds(qtbot: QtBot, panel: TerminalPanel, build_with: object) -> None:
    assert callable(build_with)
    tab, evidence = build_result(qtbot, panel, build_with(_GOOD))
    assert evidence.exit_status == 0
    assert tab.status.text() == "✓ Built"
    assert labels(panel) == ["lolcow.sif: built"]
    assert not tab.explain_button.isVisible()


@pytest.mark.parametrize("way", ["button", "keys"])
def test_cancelling_a_build(qtbot: QtBot, panel: TerminalPanel, build_with: object, way: str) -> None:
    assert callable(build_with)
    tab = panel.open_build(build_with(_ENDLESS))
    qtbot.waitUntil(lambda: "Starting build" in tab.view.screen_text(), timeout=PATIENCE)
    QTest.keyClicks(tab.view, "ignored")
    with qtbot.waitSignal(panel.build_finished, timeout=PATIENCE) as got:
        if way == "button":
            QTest.mouseClick(tab.cancel_button, Qt.MouseButton.LeftButton)
        else:
            QTest.keyClick(tab.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert got.args[0].cancelled
    assert tab.status.text() == "Cancelled"
    assert tab.short_label == "lolcow.sif: cancelled"
    assert "ignored" not in tab.view.screen_text()


def test_a_build_that_cannot_start_says_why(qtbot: QtBot, panel: TerminalPanel, target: LocalTarget) -> None:
    build = Build(target, PurePosixPath("a.def"), PurePosixPath("a.sif"), folder=PurePosixPath("no/such/folder"))
    tab, evidence = build_result(qtbot, panel, build)
    assert evidence.exit_status is None
    assert "is not there" in tab.explanation.text()
    assert labels(panel) == ["a.sif: ended"]


def test_a_new_build_takes_the_place_of_one_that_ended(qtbot: QtBot, panel: TerminalPanel, build_with: object) -> None:
    assert callable(build_with)
    build_result(qtbot, panel, build_with(_GOOD))
    build_result(qtbot, panel, build_with(_GOOD))
    assert labels(panel) == ["lolcow.sif: built"]


def test_phases_are_told_in_words_too(qtbot: QtBot) -> None:
    bar = PhasesBar()
    qtbot.addWidget(bar)
    phases = [Phase("pull", 0.0, seconds=65.0), Phase("%post", 65.0), Phase("%post", 65.0, command="apt-get update")]
    bar.show_phases(phases, 70.0)
    assert bar.accessibleDescription() == "pull 01:05, %post running for 00:05"


@pytest.mark.parametrize(("seconds", "text"), [(0, "00:00"), (34.9, "00:34"), (3661, "1:01:01")])
def test_durations(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


@pytest.mark.parametrize(("size", "text"), [(1_400_000, "1.4 MB"), (140_000_000, "140 MB")])
def test_sizes(size: int, text: str) -> None:
    assert size_text(size) == text


def test_a_session_without_a_thread_does_nothing(qtbot: QtBot) -> None:
    async def never(_size: TerminalSize) -> tuple[TerminalChannel, str | None]:
        raise AssertionError

    session = TerminalSession(never)
    session.type(b"x")
    session.read_lines(0, 1)
    assert session.close() is None


def test_a_shell_that_is_about_to_be_free_takes_the_next_command(
    qtbot: QtBot, panel: TerminalPanel, target: LocalTarget, user_folders: Path
) -> None:
    tab = shell_at_prompt(qtbot, panel, target)
    panel.run_command("until [ -e go ]; do sleep 0.01; done")
    qtbot.waitUntil(lambda: tab.busy, timeout=PATIENCE)
    panel.run_command("echo second")
    (user_folders / "go").touch()
    qtbot.waitUntil(lambda: "\nsecond" in tab.view.screen_text(), timeout=PATIENCE)
    assert panel.bar.count() == 1


def test_a_lost_shell_goes_on_in_its_folder_with_a_new_connection(
    qtbot: QtBot, panel: TerminalPanel, target: LocalTarget, user_folders: Path
) -> None:
    (user_folders / "lolcow").mkdir()
    assert not panel.reconnect(target)
    tab = panel.open_shell(LosingTarget(home=user_folders), PurePosixPath("lolcow"))
    qtbot.waitUntil(lambda: tab.lost, timeout=PATIENCE)
    assert labels(panel) == ["connection lost"]
    assert panel.bar.tabToolTip(0) == "This computer  (connection lost)"
    with qtbot.waitSignal(panel.reconnect_wanted, timeout=PATIENCE) as got:
        QTest.mouseClick(tab.notice.buttons["Reconnect"], Qt.MouseButton.LeftButton)
    assert got.args == [tab]
    assert panel.reconnect(target)
    qtbot.waitUntil(lambda: tab.session.at_prompt, timeout=PATIENCE)
    assert tab.notice.text() == ""
    with qtbot.waitSignal(panel.command_finished, timeout=PATIENCE) as ran:
        panel.run_command("pwd")
    assert ran.args[0].output == f"{user_folders}/lolcow\n"


def test_in_a_build_the_windows_keys_work_and_tab_goes_on(
    qtbot: QtBot, panel: TerminalPanel, build_with: object
) -> None:
    assert callable(build_with)
    tab = panel.open_build(build_with(_ENDLESS))
    quits = QShortcut(QKeySequence("Ctrl+Q"), panel)
    panel.activateWindow()
    qtbot.waitUntil(tab.view.hasFocus, timeout=PATIENCE)
    with qtbot.waitSignal(quits.activated, timeout=PATIENCE):
        QTest.keyClick(tab.view, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(tab.view, Qt.Key.Key_Tab)
    assert not tab.view.hasFocus()
    tab.view.setFocus()
    with qtbot.waitSignal(tab.build_finished, timeout=PATIENCE) as got:
        QTest.keyClick(tab.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert got.args[0].cancelled
