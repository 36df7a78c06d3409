"""A newer version of a course keeps place, work and notes, as the window shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cowshed_gui.main_window import MainWindow
from cowshed_gui.session_state import SessionState, save_state
from cowshed_lessons.course import CheckSpec, Course, Lesson, Step
from cowshed_lessons.progress import StepState

LONG = 20_000
START = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
CHECKS = (CheckSpec("tested", "recipe.section", "It tests itself", {"section": "test"}),)
MIX = Step("bread/mix", "Mix", "Mix it.", recipe_name="bread.def", starter=START, checks=CHECKS)
REST = Step(
    "bread/rest", "Rest", "Let it rest.", recipe_name="bread.def", starter=START, carries_over=True, checks=CHECKS
)
BAKE = Step("bread/bake", "Bake", "Bake it.", checks=CHECKS)
FOLD = Step("bread/fold", "Fold", "New: fold it.", checks=CHECKS)


def version(*steps: Step) -> Course:
    return Course("bread", "Bread", (Lesson("bread", "Bread", "", steps),))


OLD = version(MIX, REST, BAKE)
RENAMED = replace(REST, title="Patience", text="Now in other words.", starter="Bootstrap: docker\nFrom: debian:12\n")
NEW = version(FOLD, RENAMED, replace(FOLD, id="bread/knead"), BAKE)

type Opener = Callable[[Course], MainWindow]


@pytest.fixture
def opened(qtbot: QtBot) -> Iterator[Opener]:
    windows: list[MainWindow] = []

    def begin(course: Course) -> MainWindow:
        if not windows:
            save_state(SessionState(welcomed=True, target="local"))
        window = MainWindow(course)
        qtbot.add_widget(window)
        with qtbot.wait_signal(window.ready, timeout=LONG):
            window.show()
        qtbot.wait_until(lambda: window.session.target is not None, timeout=LONG)
        windows.append(window)
        return window

    yield begin
    for window in windows:
        window.close()


def work(qtbot: QtBot, window: MainWindow) -> Path:
    """Pass two steps, write a recipe and a note in the second, and quit there."""
    session = window.session
    session.progress.mark_passed(MIX.id, "passed in mix")
    session.go_to(REST)
    session.force()
    qtbot.wait_until(lambda: window.recipes.current_page() is not None, timeout=LONG)
    page = window.recipes.current_page()
    assert page is not None
    qtbot.wait_until(lambda: page.ready, timeout=LONG)
    window.recipes.replace_text(page.path, "my own work\n")
    with qtbot.wait_signal(window.recipes.saved, timeout=LONG):
        window.save_recipe()
    window.write_notes()
    QTest.keyClicks(window.lesson.notes.field, "An hour")
    window.close()
    return Path.home() / "cowshed" / "bread" / "bread.def"


def test_place_notes_and_files_are_kept_where_steps_came_went_and_changed(qtbot: QtBot, opened: Opener) -> None:
    file = work(qtbot, opened(OLD))
    window = opened(NEW)
    session = window.session
    assert session.step.id == "bread/rest"
    assert window.lesson.title() == "Patience"
    assert session.progress.of(REST.id).state is StepState.FORCED
    assert window.lesson.notes.text() == "An hour"
    qtbot.wait_until(lambda: "my own work" in window.recipes.current_text(), timeout=LONG)
    assert file.read_text() == "my own work\n"
    window.next_step()
    assert session.step.id == "bread/knead"
    assert not session.progress.is_done(session.step.id)


def test_work_on_a_step_that_went_comes_back_with_it(qtbot: QtBot, opened: Opener) -> None:
    work(qtbot, opened(OLD))
    newer = opened(NEW)
    newer.next_step()
    newer.close()
    window = opened(OLD)
    assert window.session.progress.of(MIX.id).passed_recipe == "passed in mix"
    assert window.session.step.id == "bread/bake"  # the place was one that this version does not have
    window.session.go_to(REST)
    assert window.lesson.notes.text() == "An hour"


def test_where_the_place_is_gone_the_first_open_step_is_shown_and_nothing_is_lost(qtbot: QtBot, opened: Opener) -> None:
    file = work(qtbot, opened(OLD))
    window = opened(version(MIX, FOLD, BAKE))
    assert window.session.step.id == "bread/fold"
    assert window.session.progress.of(MIX.id).state is StepState.PASSED
    assert window.session.progress.of(REST.id).notes == "An hour"
    assert file.read_text() == "my own work\n"
