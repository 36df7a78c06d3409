"""Panes: lines that are remembered, one pane alone, and a drawer where the window is narrow."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QSplitter, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from cowshed_gui.lesson_text import measure
from cowshed_gui.panes import LESSON, RECIPE, TERMINAL, Panes
from cowshed_gui.theme import SPACE_PAGE
from widgets import child


def pane(name: str) -> QWidget:
    widget = QWidget()
    widget.setObjectName(name)
    QVBoxLayout(widget).addWidget(QLineEdit())
    return widget


@pytest.fixture
def panes(qtbot: QtBot) -> Panes:
    panes = Panes(pane("lesson"), pane("recipe"), pane("terminal"))
    qtbot.add_widget(panes)
    panes.resize(1280, 750)
    panes.show()
    qtbot.wait_exposed(panes)
    return panes


def seen(panes: Panes) -> set[str]:
    names = ("lesson", "recipe", "terminal")
    return {name for name in names if (widget := panes.findChild(QWidget, name)) is not None and widget.isVisible()}


def test_all_panes_are_there(panes: Panes) -> None:
    assert seen(panes) == {"lesson", "recipe", "terminal"}
    assert not panes.is_drawer


@pytest.mark.parametrize("name", [LESSON, RECIPE, TERMINAL])
def test_a_pane_fills_the_window_and_gives_it_back(panes: Panes, name: str) -> None:
    panes.fill(name)
    assert seen(panes) == {name}
    panes.fill("")
    assert seen(panes) == {"lesson", "recipe", "terminal"}


def test_going_to_another_pane_ends_the_filling(panes: Panes) -> None:
    panes.fill(RECIPE)
    panes.show_pane(TERMINAL)
    assert seen(panes) == {"lesson", "recipe", "terminal"}


def test_the_lines_are_where_they_were_after_a_while_in_a_narrow_window(qtbot: QtBot, panes: Panes) -> None:
    splitter = next(each for each in panes.findChildren(QSplitter) if each.orientation() is Qt.Orientation.Horizontal)
    splitter.setSizes([531, 748])
    splitter.splitterMoved.emit(531, 1)
    before = splitter.sizes()
    panes.resize(900, 700)
    panes.resize(1280, 750)
    assert splitter.sizes() == before


@pytest.mark.parametrize("width", [1600, 1920, 2560])
def test_a_line_of_the_lesson_is_as_long_as_one_reads_well(panes: Panes, width: int) -> None:
    panes.resize(width, 1000)
    lesson = panes.findChild(QWidget, "lesson")
    assert lesson is not None
    assert lesson.width() >= measure() + 2 * SPACE_PAGE or width < 1700
    assert lesson.width() < width / 2


def test_a_narrow_window_makes_the_lesson_a_drawer_and_a_wide_one_a_pane(qtbot: QtBot, panes: Panes) -> None:
    with qtbot.wait_signal(panes.drawer_changed) as got:
        panes.resize(900, 700)
    assert got.args == [True]
    assert seen(panes) == {"recipe", "terminal"}
    panes.show_pane(LESSON)
    assert seen(panes) == {"lesson", "recipe", "terminal"}
    assert panes.drawer.width() < panes.width()
    QTest.keyClick(panes.drawer, Qt.Key.Key_Escape)
    assert seen(panes) == {"recipe", "terminal"}
    with qtbot.wait_signal(panes.drawer_changed):
        panes.resize(1280, 700)
    assert seen(panes) == {"lesson", "recipe", "terminal"}


def test_the_lesson_can_fill_a_narrow_window(panes: Panes) -> None:
    panes.resize(900, 700)
    panes.fill(LESSON)
    assert panes.drawer.isVisible()
    assert panes.drawer.width() == panes.width()
    panes.fill("")
    panes.show_pane(RECIPE)
    assert seen(panes) == {"recipe", "terminal"}


def test_the_lines_are_remembered(qtbot: QtBot, panes: Panes) -> None:
    splitter = child(panes, QWidget, "lesson").parentWidget()
    assert isinstance(splitter, QSplitter)
    splitter.setSizes([700, 580])
    kept = panes.save()
    other = Panes(pane("lesson"), pane("recipe"), pane("terminal"))
    qtbot.add_widget(other)
    other.resize(1280, 750)
    other.restore(kept)
    other.show()
    qtbot.wait_exposed(other)
    assert child(other, QWidget, "lesson").width() == child(panes, QWidget, "lesson").width()


def test_a_line_kept_by_another_program_does_no_harm(panes: Panes) -> None:
    panes.restore({"down": "bm9uc2Vuc2U=", "across": "%%%"})
    assert seen(panes) == {"lesson", "recipe", "terminal"}
