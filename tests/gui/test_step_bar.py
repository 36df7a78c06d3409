"""The bar says where one is, in words and dots, and leads elsewhere by mouse and keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from cowshed_gui.step_bar import StepBar, StepDots
from cowshed_lessons.course import Lesson
from cowshed_lessons.progress import Progress
from lolcow import lolcow_course
from widgets import child


@pytest.fixture
def lesson() -> Lesson:
    return next(lesson for lesson in lolcow_course().lessons if lesson.id == "lolcow")


@pytest.fixture
def bar(qtbot: QtBot, lesson: Lesson) -> StepBar:
    progress = Progress("apptainer")
    progress.mark_passed(lesson.steps[0].id, "text")
    progress.mark_skipped(lesson.steps[1].id)
    bar = StepBar()
    qtbot.add_widget(bar)
    bar.show_step(lesson, lesson.steps[2], progress)
    bar.resize(700, 40)
    bar.show()
    qtbot.wait_exposed(bar)
    return bar


def test_it_says_lesson_number_and_title(bar: StepBar, lesson: Lesson) -> None:
    texts = [label.text() for label in bar.findChildren(QLabel)]
    assert f"3 of 6: {lesson.steps[2].title}" in texts
    assert any(text.startswith(lesson.title) for text in texts)


def test_the_dots_tell_states_in_words(bar: StepBar) -> None:
    dots = child(bar, StepDots)
    assert dots.accessibleName().endswith("2 of 6 done")
    assert "(passed)" in dots.accessibleDescription()
    assert "(skipped)" in dots.accessibleDescription()
    assert "(open)" in dots.accessibleDescription()


def test_a_click_on_a_dot_leads_to_its_step(qtbot: QtBot, bar: StepBar, lesson: Lesson) -> None:
    dots = child(bar, StepDots)
    for number in (0, 5):
        place = QPoint(round(dots._centre(number).x()), dots.height() // 2)
        with qtbot.wait_signal(bar.chosen) as got:
            QTest.mouseClick(dots, Qt.MouseButton.LeftButton, pos=place)
        assert got.args == [lesson.steps[number]]


def test_arrows_lead_to_the_neighbours(qtbot: QtBot, bar: StepBar, lesson: Lesson) -> None:
    dots = child(bar, StepDots)
    with qtbot.wait_signal(bar.chosen) as got:
        QTest.keyClick(dots, Qt.Key.Key_Right)
    assert got.args == [lesson.steps[3]]
    with qtbot.wait_signal(bar.chosen) as got:
        QTest.keyClick(dots, Qt.Key.Key_Left)
    assert got.args == [lesson.steps[1]]
