"""Long work in slices, and what of it follows the typing."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

import pytest
from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from cowshed_gui.recipe_editor import RecipeEditor
from cowshed_gui.recipe_linting import ALL
from cowshed_gui.slices import SLICE, Slices
from cowshed_gui.typing_pause import TypingPause
from cowshed_lessons.linting import lint
from cowshed_lessons.parts import Parts

LONG_RECIPE = "Bootstrap: docker\nFrom: ubuntu:22.04\n%post\n    apt-get install cowsay\n" + "    echo moo\n" * 1_500


def busy(seconds: float, parts: int, done: list[int]) -> Parts[str]:
    for number in range(parts):
        end = perf_counter() + seconds
        while perf_counter() < end:
            pass
        done.append(number)
        yield
    return "done"


@pytest.fixture
def parent(qtbot: QtBot) -> Iterator[QObject]:
    made = QObject()
    yield made
    made.deleteLater()


def test_other_things_get_their_turn_between_slices(qtbot: QtBot, parent: QObject) -> None:
    results: list[str] = []
    done: list[int] = []
    turns: list[int] = []
    slices = Slices[str](results.append, parent)
    timer = QTimer(parent)
    timer.timeout.connect(lambda: turns.append(len(done)))
    timer.start(0)
    slices.start(busy(SLICE, 8, done))
    assert not done
    qtbot.wait_until(lambda: not slices.busy)
    assert results == ["done"]
    assert len(set(turns) - {0, 8}) >= 3, "the timer came in between"


def test_new_work_takes_the_place_of_old(qtbot: QtBot, parent: QObject) -> None:
    results: list[str] = []
    old: list[int] = []
    new: list[int] = []
    slices = Slices[str](results.append, parent)
    slices.start(busy(SLICE, 1_000, old))
    qtbot.wait_until(lambda: bool(old))
    slices.start(busy(SLICE, 2, new))
    begun = len(old)
    qtbot.wait_until(lambda: bool(results))
    assert (len(old), new, results) == (begun, [0, 1], ["done"])


def test_work_that_is_stopped_is_left_undone(qtbot: QtBot, parent: QObject) -> None:
    results: list[str] = []
    done: list[int] = []
    slices = Slices[str](results.append, parent)
    slices.start(busy(SLICE, 1_000, done))
    qtbot.wait_until(lambda: bool(done))
    slices.stop()
    before = len(done)
    again = Slices[str](results.append, parent)
    again.start(busy(SLICE, 6, []))
    qtbot.wait_until(lambda: bool(results))
    assert len(done) == before


def test_a_pause_prepares_in_slices_and_a_key_ends_that(qtbot: QtBot, parent: QObject) -> None:
    seen: list[str] = []
    done: list[int] = []
    pause = TypingPause(lambda: seen.append("read"), parent, long=10, pause=1, prepares=lambda: prepare(done))
    pause.changed(5)
    assert (seen, done) == (["read"], [])
    pause.changed(10)
    qtbot.wait_until(lambda: bool(done))
    pause.changed(10)
    assert seen == ["read"]
    qtbot.wait_until(lambda: not pause.waits)
    assert seen == ["read", "read"]
    pause.changed(10)
    pause.catch_up()
    assert seen == ["read"] * 3


def prepare(done: list[int]) -> Parts[None]:
    yield from busy(SLICE, 20, done)


def test_a_long_recipe_is_linted_in_slices_as_a_short_one_at_once(qtbot: QtBot) -> None:
    editor = RecipeEditor()
    qtbot.add_widget(editor)
    editor.linting.choose(ALL)
    with qtbot.wait_signal(editor.linting.changed):
        editor.replace_text(LONG_RECIPE)
    assert editor.linting.own_findings == lint(LONG_RECIPE)
    editor.replace_text(f"{LONG_RECIPE}    source x\n")
    assert any(each.rule == "shell-bashism" for each in editor.linting.findings), "who asks does not wait"
