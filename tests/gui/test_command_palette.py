"""The palette finds by beginnings, parts and letters, and does what is chosen."""

from __future__ import annotations

from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from cowshed_gui.command_palette import Choice, CommandPalette, rank
from widgets import child


@pytest.mark.parametrize(
    ("wanted", "title", "better_than"),
    [
        ("bu", "Build the image", "Everything smaller bu"),
        ("practice", "Practice on", "Start the practice cluster"),
        ("start", "Start the practice cluster", "Restart it"),
    ],
)
def test_better_answers_come_first(wanted: str, title: str, better_than: str) -> None:
    first, second = rank(wanted, title), rank(wanted, better_than)
    assert first is not None
    assert second is not None
    assert first < second


def test_what_does_not_answer_is_left_out() -> None:
    assert rank("xyz", "Build the image") is None
    assert rank("", "Build the image") == 0
    assert rank("bldmg", "Build the image") == 3


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.add_widget(widget)
    widget.resize(900, 700)
    widget.show()
    return widget


def test_typing_filters_and_enter_does_it(qtbot: QtBot, window: QWidget) -> None:
    done: list[str] = []
    palette = CommandPalette(window)
    palette.open([Choice(title, partial(done.append, title)) for title in ("Build", "Back", "Skip")])
    field = child(palette, QLineEdit)
    QTest.keyClicks(field, "b")
    assert palette.titles() == ["Build", "Back"]
    QTest.keyClick(field, Qt.Key.Key_Down)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert done == ["Back"]
    assert not palette.isVisible()


def test_the_current_choice_is_chosen_at_first(qtbot: QtBot, window: QWidget) -> None:
    done: list[str] = []
    palette = CommandPalette(window)
    palette.open([Choice(each, partial(done.append, each), current=each == "two") for each in ("one", "two", "three")])
    QTest.keyClick(child(palette, QLineEdit), Qt.Key.Key_Return)
    assert done == ["two"]


def test_what_cannot_be_done_now_is_not_done(qtbot: QtBot, window: QWidget) -> None:
    done: list[str] = []
    palette = CommandPalette(window)
    palette.open([Choice("Stop", lambda: done.append("stop"), enabled=False)])
    QTest.keyClick(child(palette, QLineEdit), Qt.Key.Key_Return)
    assert done == []


def test_escape_closes_and_does_nothing(qtbot: QtBot, window: QWidget) -> None:
    done: list[str] = []
    palette = CommandPalette(window)
    palette.open([Choice("Build", lambda: done.append("build"))])
    QTest.keyClick(palette, Qt.Key.Key_Escape)
    assert not palette.isVisible()
    assert done == []
