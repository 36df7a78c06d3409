"""Recordings in the whole window: offered where nothing can be built, never evidence; and the person's own."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cowshed_gui.course_session import recipe_path
from cowshed_gui.main_window import MainWindow
from cowshed_gui.recording_offer import NO_TARGET, RecordingCard
from cowshed_gui.recording_tab import RecordingTab
from cowshed_gui.session_state import SessionState, save_state
from cowshed_gui.shell_tab import ShellTab
from cowshed_gui.terminal_recorder import recordings_folder
from cowshed_gui.window_recordings import RECORD, STOP
from cowshed_lab.local import LocalTarget
from cowshed_lessons.asciicast import Recording, read_recording
from cowshed_lessons.evidence import BuildEvidence
from cowshed_lessons.progress import StepState
from cowshed_lessons.verdict import Finding
from gui.terminal_at_work import PATIENCE, bash_at_home
from lolcow import lolcow_course

INSTALL = "lolcow/install"
QUOTA = "FATAL:   While performing build: while creating squashfs: write /x: disk quota exceeded\n"


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    save_state(SessionState(welcomed=True))
    shown = MainWindow(lolcow_course())
    qtbot.add_widget(shown)
    with qtbot.wait_signal(shown.ready, timeout=PATIENCE):
        shown.show()
    shown.activateWindow()
    yield shown
    shown.close()


def card(window: MainWindow) -> RecordingCard:
    (found,) = window.lesson.cards(RecordingCard)
    return found


def use(qtbot: QtBot, window: MainWindow, target: LocalTarget) -> ShellTab:
    window.session.use_target(target)
    window.targets.target = target
    window.targets.opened.emit(target)
    qtbot.waitUntil(lambda: any(tab.session.at_prompt for tab in window.terminals.shell_tabs()), timeout=PATIENCE)
    return next(window.terminals.shell_tabs())


@pytest.fixture
def target(user_folders: Path, monkeypatch: pytest.MonkeyPatch) -> LocalTarget:
    return bash_at_home(user_folders, monkeypatch)


def with_apptainer(home: Path, target: LocalTarget) -> LocalTarget:
    (home / "bin").mkdir()
    program = home / "bin" / "apptainer"
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o755)
    profile = home / ".bash_profile"
    profile.write_text(f"{profile.read_text()}PATH={home}/bin:$PATH\n")
    return target


def test_without_a_target_the_step_offers_its_recording(qtbot: QtBot, window: MainWindow) -> None:
    window.go_to(INSTALL)
    offer = card(window)
    assert offer.isVisibleTo(window)
    assert offer.reason.text() == NO_TARGET
    evidence = window.session.evidence
    QTest.mouseClick(offer.button, Qt.MouseButton.LeftButton)
    tab = window.terminals.current_tab()
    assert isinstance(tab, RecordingTab)
    qtbot.waitUntil(lambda: tab.session.state.duration > 0, timeout=PATIENCE)
    tab.session.do(lambda playback: playback.seek(1e9))
    qtbot.waitUntil(lambda: "Unable to locate package" in tab.view.screen_text(), timeout=PATIENCE)
    assert "Apptainer 1.4.5" in tab.says.text()
    assert window.session.evidence == evidence, "what is watched was not done"
    assert window.session.state is StepState.OPEN


def test_without_a_target_the_recipe_can_be_written_on_this_computer(
    qtbot: QtBot, window: MainWindow, target: LocalTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cowshed_gui.recording_offer._FIND", "command -v there-is-no-such-program")
    window.go_to(INSTALL)
    assert "checked" not in card(window).aside.text(), "there is no recipe to write yet"
    QTest.mouseClick(card(window).here_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.session.evidence.recipe is not None, timeout=PATIENCE)
    qtbot.waitUntil(lambda: "no Apptainer on" in card(window).reason.text(), timeout=PATIENCE)
    assert not card(window).here_button.isVisibleTo(window)
    assert "checked as ever" in card(window).aside.text()
    window.recipes.replace_text(recipe_path(window.session.step), "Bootstrap: docker\nFrom: ubuntu:18.04\n")
    qtbot.waitUntil(lambda: any("18.04" in fault.message for fault in findings(window)), timeout=PATIENCE)


def findings(window: MainWindow) -> Sequence[Finding]:
    return window.session.verdict.findings if window.session.verdict is not None else ()


def test_a_target_without_apptainer_is_no_place_to_build(
    qtbot: QtBot, window: MainWindow, target: LocalTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cowshed_gui.recording_offer._FIND", "command -v there-is-no-such-program")
    window.go_to(INSTALL)
    use(qtbot, window, target)
    qtbot.waitUntil(lambda: "no Apptainer on" in card(window).reason.text(), timeout=PATIENCE)
    assert card(window).isVisibleTo(window)


def test_the_offer_goes_where_one_can_build_and_comes_with_what_is_in_the_way(
    qtbot: QtBot, window: MainWindow, target: LocalTarget, user_folders: Path
) -> None:
    window.go_to("lolcow/runscript")
    use(qtbot, window, with_apptainer(user_folders, target))
    qtbot.waitUntil(lambda: not card(window).isVisibleTo(window), timeout=PATIENCE)
    step = window.session.step
    window.session.build_finished(
        BuildEvidence(step.image_name, 255, QUOTA, step.solutions[0].recipe, step.recipe_name)
    )
    qtbot.waitUntil(lambda: card(window).isVisibleTo(window), timeout=PATIENCE)
    assert "no fault of yours" in card(window).reason.text()
    window.targets.closing.emit()
    assert card(window).reason.text() == NO_TARGET


def test_the_menu_always_has_it_and_says_where_there_is_none(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.actions_by_id["watch"].trigger()
    assert isinstance(window.terminals.current_tab(), RecordingTab)
    monkeypatch.setattr("cowshed_gui.recording_offer.recording_of", lambda _course, _step: None)
    window.go_to(INSTALL)
    assert window.lesson.cards(RecordingCard) == []
    window.actions_by_id["watch"].trigger()
    assert "no recording of this step" in window.notice.text()


def test_a_terminal_is_recorded_and_watched(qtbot: QtBot, window: MainWindow, target: LocalTarget) -> None:
    tab = use(qtbot, window, target)
    record = window.actions_by_id["record"]
    assert record.text() == RECORD
    record.trigger()
    qtbot.waitUntil(lambda: tab.recorder.sign.isVisible(), timeout=PATIENCE)
    assert record.text() == STOP
    assert window.terminals.bar.tabText(0).startswith("● ")
    with qtbot.waitSignal(tab.session.command_finished, timeout=PATIENCE):
        tab.run_command("echo moo-$((20 + 3))")
    qtbot.waitUntil(lambda: tab.session.at_prompt, timeout=PATIENCE)
    with qtbot.waitSignal(tab.recorder.kept, timeout=PATIENCE) as kept:
        QTest.mouseClick(tab.recorder.sign.stop_button, Qt.MouseButton.LeftButton)
    path = kept.args[0]
    assert not tab.recorder.sign.isVisible()
    assert record.text() == RECORD
    assert not window.terminals.bar.tabText(0).startswith("● ")
    assert path.parent == recordings_folder()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [marker.label for marker in kept_recording(path).markers] == ["echo moo-$((20 + 3))"]
    assert str(path) in window.notice.text()
    window.notice.buttons["Copy its path"].click()
    assert QGuiApplication.clipboard().text() == str(path)
    window.play_file(path)
    shown = window.terminals.current_tab()
    assert isinstance(shown, RecordingTab)
    qtbot.waitUntil(lambda: shown.session.state.duration > 0, timeout=PATIENCE)
    shown.session.do(lambda playback: playback.seek(1e9))
    qtbot.waitUntil(lambda: "\nmoo-23\n" in shown.view.screen_text(), timeout=PATIENCE)
    record.trigger()
    assert "Go to the terminal" in window.notice.text()


def kept_recording(path: Path) -> Recording:
    return read_recording(path.read_bytes())


def test_closing_a_terminal_keeps_its_recording(qtbot: QtBot, window: MainWindow, target: LocalTarget) -> None:
    tab = use(qtbot, window, target)
    tab.recorder.start()
    qtbot.waitUntil(lambda: tab.recorder.running, timeout=PATIENCE)
    with qtbot.waitSignal(tab.recorder.kept, timeout=PATIENCE) as kept:
        window.terminals.close_tab(tab)
    path = kept.args[0]
    assert str(path) in window.notice.text()
    qtbot.waitUntil(lambda: path.read_bytes().endswith(b"\n"), timeout=PATIENCE)
    assert not kept_recording(path).cut


def test_what_cannot_be_recorded_is_said(
    qtbot: QtBot, window: MainWindow, target: LocalTarget, user_folders: Path
) -> None:
    tab = use(qtbot, window, target)
    recordings_folder().parent.mkdir(parents=True, exist_ok=True)
    recordings_folder().write_text("in the way")
    tab.recorder.start()
    assert "Nothing is recorded" in tab.notice.text()
    assert not tab.recorder.running


def test_what_cannot_be_played_is_said(window: MainWindow, tmp_path: Path) -> None:
    window.play_file(tmp_path / "missing.cast")
    assert "could not be opened" in window.notice.text()
    (tmp_path / "bad.cast").write_text("Bootstrap: docker\n")
    window.play_file(tmp_path / "bad.cast")
    assert "bad.cast cannot be played. Line 1:" in window.notice.text()
    (tmp_path / "cut.cast").write_text('{"version": 2, "width": 80, "height": 24}\n[0, "o", "moo"]\n[1, "o"')
    window.play_file(tmp_path / "cut.cast")
    tab = window.terminals.current_tab()
    assert isinstance(tab, RecordingTab)
    assert "end of this recording is missing" in tab.notice.text()
