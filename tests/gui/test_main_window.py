"""The window as a person uses it: the real course, this computer as the target, a real shell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from cowshed_gui import notice_line
from cowshed_gui.actions import ACTIONS, MENUS
from cowshed_gui.checks_panel import UNTOUCHED
from cowshed_gui.command_palette import Choice
from cowshed_gui.main_window import MainWindow
from cowshed_gui.recipe_marks import Severity
from cowshed_gui.session_state import SessionState, load_state, save_state
from cowshed_gui.target_session import TargetState
from cowshed_gui.theme import APPEARANCE
from cowshed_lessons.progress import StepState
from cowshed_lessons.verdict import Finding
from lolcow import lolcow_course
from widgets import child

BASE = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
LONG = 20_000  # milliseconds that a loaded machine may take to start a shell


def open_window(qtbot: QtBot) -> MainWindow:
    window = MainWindow(lolcow_course())
    qtbot.add_widget(window)
    with qtbot.wait_signal(window.ready, timeout=LONG):
        window.show()
    qtbot.wait_until(lambda: bool(window.targets.entries), timeout=LONG)
    return window


@pytest.fixture
def first(qtbot: QtBot) -> Iterator[MainWindow]:
    """A first start."""
    window = open_window(qtbot)
    yield window
    window.close()


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    """A later start on this computer, its shell and recipe open."""
    save_state(SessionState(welcomed=True, target="local"))
    window = open_window(qtbot)
    wait_for_bench(qtbot, window)
    window.activateWindow()
    qtbot.wait_until(window.isActiveWindow)
    yield window
    window.close()


def wait_for_bench(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.wait_until(lambda: window.targets.state is TargetState.OPEN, timeout=LONG)
    qtbot.wait_until(lambda: recipe_is_open(window), timeout=LONG)
    qtbot.wait_until(lambda: any(tab.session.at_prompt for tab in window.terminals.shell_tabs()), timeout=LONG)


def recipe_is_open(window: MainWindow) -> bool:
    page = window.recipes.current_page()
    return page is not None and page.ready and window.session.evidence.recipe is not None


def marks(window: MainWindow) -> list[Finding]:
    """The faults marked in the recipe in front."""
    page = window.recipes.current_page()
    assert page is not None
    return [mark.finding for line in range(9) for mark in page.editor.marks_in_line(line)]


def write(window: MainWindow, text: str) -> None:
    path = window.recipes.current_path()
    assert path is not None
    window.recipes.replace_text(path, text)


def test_the_first_start_welcomes_and_begins_with_one_click(qtbot: QtBot, first: MainWindow) -> None:
    assert first.pages.currentWidget() is first.welcome
    first.welcome.choose("local")
    if first.welcome.chosen() != "local":  # not offered where there is no Apptainer
        first._on_begin("local")
    else:
        QTest.mouseClick(first.welcome.start_button, Qt.MouseButton.LeftButton)
    assert first.pages.currentWidget() is first.panes
    wait_for_bench(qtbot, first)
    assert load_state().welcomed


def test_a_step_opens_its_recipe_on_the_target(window: MainWindow, user_folders: Path) -> None:
    step = window.session.step
    file = user_folders / "cowshed" / step.lesson_id / step.recipe_name
    assert file.read_text() == step.starter
    assert window.recipes.current_text() == step.starter
    assert window.lesson.title() == step.title


def test_writing_the_recipe_passes_the_step_and_next_leads_on(qtbot: QtBot, window: MainWindow) -> None:
    assert window.lesson.checks.sentence() == UNTOUCHED
    assert not marks(window)
    write(window, "From: ubuntu\n")
    assert window.lesson.checks.sentence().startswith("Not yet")
    assert marks(window)
    with qtbot.wait_signal(window.session.step_passed):
        write(window, BASE)
    assert window.lesson.checks.sentence() == ""
    assert window.lesson.learned.sentence()
    assert window.lesson.next_button.property("look") == "primary"
    QTest.mouseClick(window.lesson.next_button, Qt.MouseButton.LeftButton)
    assert window.session.step.id == "lolcow/install"
    qtbot.wait_until(lambda: window.session.evidence.recipe is not None, timeout=LONG)
    assert window.recipes.current_text() == BASE


def test_a_lesson_command_runs_in_the_terminal_and_is_evidence(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.wait_signal(window.terminals.command_finished, timeout=LONG):
        window.lesson.run.emit("echo moo")
    assert window.session.evidence.commands[-1].command_line == "echo moo"
    assert window.session.evidence.commands[-1].output.strip() == "moo"


def test_a_typed_build_is_judged_by_the_recipe_that_it_began_with(
    qtbot: QtBot, window: MainWindow, user_folders: Path
) -> None:
    folder = user_folders / "cowshed" / window.session.step.lesson_id
    began = (folder / window.session.step.recipe_name).read_text()
    waiting = "until [ -e go ]; do sleep 0.05; done; false && apptainer build lolcow.sif lolcow.def"
    with qtbot.wait_signal(window.terminals.command_started, timeout=LONG):
        window.lesson.run.emit(waiting)
    qtbot.wait_until(
        lambda: any(typed.was_read for typed in window.session.typed_builds.running.values()), timeout=LONG
    )
    (folder / "lolcow.def").write_text(BASE)
    (folder / "go").touch()
    qtbot.wait_until(lambda: window.session.evidence.build is not None, timeout=LONG)
    assert window.session.evidence.build is not None
    assert window.session.evidence.build.recipe == began != BASE


def test_a_build_is_kept_for_the_step_that_it_was_started_in(qtbot: QtBot, window: MainWindow) -> None:
    began = window.session.step
    window.bench.building_changed.connect(lambda building: window.session.next() if building else None)
    with qtbot.wait_signal(window.bench.notice, timeout=LONG) as got:
        window.actions_by_id["build"].trigger()
    assert began.title in got.args[1]
    qtbot.wait_until(lambda: window.session.progress.of(began.id).attempts == 1, timeout=LONG)
    assert window.session.step is not began
    assert window.session.evidence.build is None
    window.session.previous()
    assert window.session.evidence.build is not None


def test_a_snippet_goes_into_the_recipe(window: MainWindow) -> None:
    window.lesson.insert.emit("%post\n    apt-get update\n")
    assert "apt-get update" in window.recipes.current_text()


def test_a_fault_leads_to_its_line(window: MainWindow) -> None:
    write(window, "Bootstrap: docker\nFrom: ubuntu:20.04\n")
    QTest.mouseClick(window.lesson.checks.card, Qt.MouseButton.LeftButton)
    page = window.recipes.current_page()
    assert page is not None
    assert page.editor.textCursor().blockNumber() == 1


def test_reset_keeps_a_copy(qtbot: QtBot, window: MainWindow, user_folders: Path) -> None:
    write(window, BASE)
    window.actions_by_id["reset"].trigger()
    qtbot.wait_until(lambda: window.recipes.current_text() == window.session.step.starter, timeout=LONG)
    assert (user_folders / "cowshed/lolcow/lolcow.1.def").read_text() == BASE
    assert "lolcow.1.def" in window.notice.text()
    assert window.session.state is StepState.OPEN


def test_skip_shows_an_answer_and_force_says_so(window: MainWindow) -> None:
    states = []
    window.actions_by_id["skip"].trigger()
    states.append(window.session.state)
    assert "right answer" in window.notice.text()
    window.actions_by_id["force"].trigger()
    states.append(window.session.state)
    assert states == [StepState.SKIPPED, StepState.FORCED]


def test_everything_comes_back_after_a_restart(qtbot: QtBot, window: MainWindow) -> None:
    window.go_to("lolcow/update-lists")
    window.actions_by_id["hint"].trigger()
    assert window.targets.target is not None
    window.recipes.open_recipe(window.targets.target, PurePosixPath("cowshed/lolcow/mine.def"), BASE)
    qtbot.wait_until(lambda: window.recipes.current_text() == BASE, timeout=LONG)
    window.resize(700, 600)  # within the offscreen screen, which a restored window never leaves
    window.close()
    again = open_window(qtbot)
    wait_for_bench(qtbot, again)
    assert again.session.step.id == "lolcow/update-lists"
    assert again.state.hints == {"lolcow/update-lists": 1}
    assert [path.name for path in again.recipes.open_paths()] == ["lolcow.def", "mine.def"]
    assert again.recipes.current_path() == PurePosixPath("cowshed/lolcow/lolcow.def")
    assert again.targets.name == "local"
    assert (again.width(), again.height()) == (700, 600)
    again.close()


def test_f6_goes_round_the_panes_and_back(window: MainWindow) -> None:
    window.actions_by_id["lesson"].trigger()
    seen = []
    for _ in range(4):
        window.actions_by_id["next-pane"].trigger()
        seen.append("checks" if window.lesson.checks_have_focus() else window.panes.pane_with_focus())
    assert seen == ["recipe", "terminal", "checks", "lesson"]
    window.actions_by_id["previous-pane"].trigger()
    assert window.lesson.checks_have_focus()


def test_a_pane_fills_the_window(window: MainWindow) -> None:
    window.actions_by_id["recipe"].trigger()
    window.actions_by_id["fill"].trigger()
    assert window.panes.filled == "recipe"
    assert not window.lesson.isVisible()
    window.actions_by_id["fill"].trigger()
    assert window.lesson.isVisible()


def test_zoom_and_colours_hold_at_once_and_are_kept(window: MainWindow) -> None:
    window.actions_by_id["zoom-in"].trigger()
    window.actions_by_id["dark"].trigger()
    assert APPEARANCE.zoom == 1.1
    assert APPEARANCE.theme.is_dark
    assert (window.settings.value.theme, window.settings.value.zoom) == ("dark", 1.1)
    window.actions_by_id["zoom-usual"].trigger()
    assert APPEARANCE.zoom == 1.0


def test_the_palette_holds_every_action(window: MainWindow) -> None:
    window.actions_by_id["palette"].trigger()
    assert set(window.palette_popup.titles()) == {entry.title for entry in ACTIONS if entry.id != "palette"}
    window.palette_popup.hide()


def test_every_action_has_a_menu_and_no_key_twice(first: MainWindow) -> None:
    keys = [QKeySequence(key).toString() for entry in ACTIONS for key in entry.keys]
    assert len(keys) == len(set(keys))
    assert {entry.menu for entry in ACTIONS} == set(MENUS)
    menu = first.bar.menu_button.menu()
    shown = {action.objectName() for part in menu.actions() if (sub := part.menu()) for action in sub.actions()}  # type: ignore[attr-defined]
    assert {entry.id for entry in ACTIONS} <= shown


def test_whatever_takes_the_keyboard_has_a_name(window: MainWindow) -> None:
    kinds = (QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox)
    nameless = [
        f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}"
        for widget in window.findChildren(QWidget)
        if isinstance(widget, kinds) and widget.isVisible() and not (widget.accessibleName() or name_of(widget))
    ]
    assert not nameless


def name_of(widget: QWidget) -> str:
    return widget.text() if isinstance(widget, QAbstractButton) else ""


def test_settings_and_about_do_not_block(qtbot: QtBot, window: MainWindow) -> None:
    for action in ("settings", "about"):
        window.actions_by_id[action].trigger()
        dialog = window.dialog
        assert dialog is not None
        assert dialog.isVisible()
        assert not dialog.isModal()
        dialog.close()


@pytest.mark.parametrize("width", [1280, 900, 700])
@pytest.mark.parametrize("zoom", [1.0, 1.5])
def test_nothing_sticks_out_of_the_window(qtbot: QtBot, window: MainWindow, width: int, zoom: float) -> None:
    window.settings.change(zoom=zoom)
    window.resize(width, 800)
    QApplication.processEvents()
    assert window.width() <= max(width, 1280)
    for button in (window.bar.build_button, window.bar.menu_button, window.bar.selector):
        right = button.mapTo(window, button.rect().topRight()).x()
        assert right < window.width()
    if not window.panes.is_drawer:
        foot = window.lesson.next_button
        assert foot.mapTo(window, foot.rect().bottomRight()).x() < window.width()
        assert foot.mapTo(window, foot.rect().bottomRight()).y() < window.height()


def test_a_build_without_a_target_says_what_to_do(qtbot: QtBot) -> None:
    save_state(SessionState(welcomed=True))
    window = open_window(qtbot)
    window.actions_by_id["build"].trigger()
    assert "Choose a target" in window.notice.text()
    window.close()


def test_an_unknown_link_is_answered(window: MainWindow) -> None:
    window.go_to("lolcow/instal")
    assert "Did you mean lolcow/install" in window.notice.text()
    assert child(window, QWidget, "lesson").isVisible()


def test_a_narrow_window_opens_with_the_lesson_and_a_way_back_to_it(qtbot: QtBot, window: MainWindow) -> None:
    window.resize(900, 700)
    qtbot.wait_until(lambda: window.panes.is_drawer)
    assert window.bar.lesson_button.isVisible()
    window.next_step()
    assert window.panes.drawer.isVisible()
    QTest.mouseClick(window.bar.lesson_button, Qt.MouseButton.LeftButton)
    assert not window.panes.drawer.isVisible()
    QTest.mouseClick(window.bar.lesson_button, Qt.MouseButton.LeftButton)
    assert window.panes.drawer.isVisible()
    window.actions_by_id["recipe"].trigger()
    assert not window.panes.drawer.isVisible()


def test_closing_asks_while_a_command_runs_and_stays_if_told_so(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(window, "_give_up_work", lambda *_: asked.append(True))
    window.lesson.run.emit("cat")
    qtbot.wait_until(window.terminals.busy, timeout=LONG)
    assert not window.close()
    assert asked == [True]
    assert window.isVisible()
    window.leave()
    assert not window.isVisible()


def test_unsaved_text_is_offered_back_after_closing(qtbot: QtBot, window: MainWindow) -> None:
    write(window, BASE + "# half a tho")
    window.close()
    again = open_window(qtbot)
    wait_for_bench(qtbot, again)
    qtbot.wait_until(lambda: bool(again.recipes.notice.text()), timeout=LONG)
    assert "Restore" in again.recipes.notice.buttons
    again.recipes.notice.buttons["Restore"].click()
    qtbot.wait_until(lambda: again.recipes.current_text().endswith("half a tho"), timeout=LONG)
    again.close()


def test_a_build_that_cannot_start_says_so_and_leads_to_the_recipe(
    qtbot: QtBot, window: MainWindow, user_folders: Path
) -> None:
    write(window, BASE)
    file = user_folders / "cowshed/lolcow/lolcow.def"
    file.write_text("theirs\n")
    window.actions_by_id["terminal"].trigger()
    window.actions_by_id["build"].trigger()
    qtbot.wait_until(lambda: "Nothing is being built" in window.notice.text(), timeout=LONG)
    assert not window.bench.building
    QTest.mouseClick(window.notice.buttons["Go to the recipe"], Qt.MouseButton.LeftButton)
    page = window.recipes.current_page()
    assert page is not None
    assert page.notice.buttons["Compare"].hasFocus()
    QTest.mouseClick(page.notice.buttons["Keep mine"], Qt.MouseButton.LeftButton)
    qtbot.wait_until(lambda: file.read_text() == BASE, timeout=LONG)
    assert "Nothing is being built" not in window.notice.text()


def test_every_solution_of_a_step_can_be_seen(window: MainWindow) -> None:
    window.show_solution()
    page = window.recipes.current_page()
    assert page is not None
    assert page.comparison is not None
    solutions = window.session.step.solutions
    assert page.comparison.chooser.count() == len(solutions) > 1
    assert all(each.name in page.comparison.chooser.itemText(number) for number, each in enumerate(solutions))


def test_the_title_names_the_step_first_and_the_application_once(window: MainWindow) -> None:
    assert window.windowTitle() == f"{window.session.step.title} – Cowshed"
    window.go_to("lolcow/install")
    assert window.windowTitle() == "Install the programs – Cowshed"


def test_close_buttons_of_recipes_grow_with_everything(window: MainWindow) -> None:
    def size() -> int:
        button = window.recipes.tabs.tabButton(0, QTabBar.ButtonPosition.RightSide)
        assert isinstance(button, QAbstractButton)
        return button.iconSize().width()

    before = size()
    window.settings.change(zoom=1.5)
    assert size() == round(before * 1.5)


def test_a_broken_part_does_not_cost_unsaved_text_at_the_end(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OSError("the disk is gone")

    write(window, BASE + "# half a tho")
    monkeypatch.setattr(window, "keep_state", fail)
    assert window.close()
    assert window.targets.target is None
    again = open_window(qtbot)
    wait_for_bench(qtbot, again)
    qtbot.wait_until(lambda: "Restore" in again.recipes.notice.buttons, timeout=LONG)
    again.close()


def test_recipes_with_half_characters_in_their_names_are_kept(qtbot: QtBot, window: MainWindow) -> None:
    target = window.targets.target
    assert target is not None
    name = PurePosixPath("cowshed/lolcow/caf\udce9.def")
    window.recipes.open_recipe(target, name, BASE)
    qtbot.wait_until(lambda: window.recipes.current_text() == BASE, timeout=LONG)
    write(window, BASE + "# half a tho")
    window.close()
    assert str(name) in load_state().recipes
    again = open_window(qtbot)
    wait_for_bench(qtbot, again)
    assert name in again.recipes.open_paths()
    again.close()


def test_a_second_window_says_that_it_is_one(qtbot: QtBot, window: MainWindow) -> None:
    second = open_window(qtbot)
    assert "open in another window already" in second.notice.text()
    assert "open in another window" not in window.notice.text()
    second.close()
    window.close()
    third = open_window(qtbot)
    assert third.notice.text() == ""
    third.close()


def test_while_the_target_opens_the_panes_say_so(qtbot: QtBot) -> None:
    save_state(SessionState(welcomed=True, target="local"))
    window = MainWindow(lolcow_course())
    qtbot.add_widget(window)
    seen: list[set[str]] = []
    window.ready.connect(lambda: seen.append({label.text() for label in window.findChildren(QLabel)}))
    with qtbot.wait_signal(window.ready, timeout=LONG):
        window.show()
    assert "Opening your recipe…" in seen[0]
    assert any(text.startswith("Opening a terminal") for text in seen[0])
    wait_for_bench(qtbot, window)
    window.recipes.close_recipe()
    assert not any(label.text() == "Opening your recipe…" for label in window.findChildren(QLabel))
    window.close()


def test_a_window_that_nobody_moved_keeps_its_place(qtbot: QtBot, window: MainWindow) -> None:
    window.resize(700, 600)
    window.close()
    kept = load_state().geometry
    assert kept
    again = open_window(qtbot)
    again.saveGeometry = lambda: QByteArray(b"a frame more")  # type: ignore[method-assign]
    again.close()
    assert load_state().geometry == kept


def test_the_palette_does_not_offer_a_second_build_and_ends_with_quit(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered: list[list[Choice]] = []
    monkeypatch.setattr(window.palette_popup, "open", offered.append)
    window.open_palette()
    monkeypatch.setattr(type(window.bench), "building", property(lambda _: True))
    window.open_palette()
    build = [next(choice.enabled for choice in choices if choice.title == "Build the image") for choices in offered]
    assert build == [True, False]
    assert offered[0][-1].title == "Quit"


def test_what_asks_nothing_leaves_by_itself_and_a_warning_stays(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notice_line, "_STAYS", 1)
    monkeypatch.setattr(notice_line, "_STAYS_FOR_LETTER", 0)
    window.notice.say("info", "Marked as done.")
    assert window.notice.leaves
    qtbot.wait_until(lambda: window.notice.text() == "")
    for kind, answers in (("warning", []), ("info", [("Do it", lambda: None)])):
        window.notice.say(kind, "Stays.", answers)
        assert not window.notice.leaves


def test_cursor_and_page_are_where_they_were_left(qtbot: QtBot, window: MainWindow) -> None:
    window.resize(780, 600)
    window.go_to("lolcow/install")
    page = window.recipes.current_page()
    assert page is not None
    write(window, BASE + "\n".join(f"# {number}" for number in range(80)))
    window.save_recipe()
    qtbot.wait_until(lambda: not window.recipes.unsaved_paths(), timeout=LONG)
    page.editor.go_to_line(60)
    window.panes.open_drawer()
    bar = window.lesson._area.verticalScrollBar()
    qtbot.wait_until(lambda: bar.maximum() > 200)
    bar.setValue(170)
    window.close()
    again = open_window(qtbot)
    wait_for_bench(qtbot, again)
    found = again.recipes.current_page()
    assert found is not None
    qtbot.wait_until(lambda: found.editor.textCursor().blockNumber() + 1 == 60)
    assert again.lesson._area.verticalScrollBar().value() == 170
    again.close()


def test_an_earlier_step_finds_no_fault_with_a_later_recipe(window: MainWindow, qtbot: QtBot) -> None:
    later = window.session.course.step("lolcow/environment")
    window.go_to("lolcow/install")
    page = window.recipes.current_page()
    assert page is not None
    qtbot.wait_until(lambda: page.ready)
    page.editor.replace_text(later.solutions[0].recipe)
    qtbot.wait_until(lambda: "further than this step" in window.lesson.checks.sentence())
    assert later.title in window.lesson.checks.sentence()
    assert not [mark for mark in page.editor.marks if mark.severity is Severity.FAULT]
