"""Search over all lessons in the real window, with keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from cowshed_gui.course_search_box import CourseSearchBox
from cowshed_gui.lesson_text import ProseView
from cowshed_gui.main_window import MainWindow
from cowshed_gui.session_state import SessionState, save_state
from cowshed_lessons.course import Course, Lesson, Option, Question, Step
from widgets import child

LONG = 20_000
BOTH = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
FILLING = "\n\n".join(f"Paragraph {number} says what the others say, too." for number in range(60))
COURSE = Course(
    "bread",
    "Bread",
    (
        Lesson(
            "one",
            "Bread",
            "",
            (
                Step("one/first", "Begin", f"{FILLING}\n\nThe *golden* crust sings.\n\n{FILLING}"),
                Step(
                    "one/second",
                    "Rest",
                    FILLING,
                    questions=(Question("q", "Which `bowl`?", (Option("This", True, "So."),)),),
                ),
            ),
        ),
    ),
)


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    save_state(SessionState(welcomed=True))
    window = MainWindow(COURSE, tmp_path / "progress.json")
    qtbot.add_widget(window)
    with qtbot.wait_signal(window.ready, timeout=LONG):
        window.show()

    def active() -> bool:
        window.activateWindow()
        return window.isActiveWindow()

    qtbot.wait_until(active, timeout=LONG)
    yield window
    window.close()


def search(window: MainWindow, wanted: str) -> CourseSearchBox:
    QTest.keyClick(window, Qt.Key.Key_F, BOTH)
    box = window.search_box
    assert box is not None
    assert box.isVisible()
    assert window.course_index is not None
    window.course_index.read_all()
    QTest.keyClicks(child(box, QLineEdit), wanted)  # the offscreen platform closes pop-ups as soon as events run
    return box


def place_of(window: MainWindow, words: str) -> int | None:
    """Pixels from the top of what is seen of the page to the words; None where they are not on it."""
    for view in window.lesson.cards(ProseView):
        if (begin := view.toPlainText().find(words)) >= 0:
            cursor = view.textCursor()
            cursor.setPosition(begin)
            port = window.lesson._area.viewport()
            return view.viewport().mapTo(port, view.cursorRect(cursor).topLeft()).y()
    return None


def is_seen(window: MainWindow, words: str) -> bool:
    place = place_of(window, words)
    return place is not None and 0 <= place < window.lesson._area.viewport().height()


def test_enter_goes_to_the_step_and_to_the_place_with_the_words_marked(qtbot: QtBot, window: MainWindow) -> None:
    window.next_step()
    box = search(window, "crust gold")
    (hit,) = box.hits()
    assert hit.excerpt == "The golden crust sings."
    QTest.keyClick(child(box, QLineEdit), Qt.Key.Key_Return)
    assert not box.isVisible()
    assert window.session.step.id == "one/first"
    qtbot.wait_until(lambda: is_seen(window, "golden crust"))
    qtbot.wait_until(lambda: window.lesson._seek is None)
    assert is_seen(window, "golden crust")
    marked = [
        selection.cursor.selectedText()
        for view in window.lesson.cards(ProseView)
        for selection in view.extraSelections()
    ]
    assert marked == ["gold", "crust"]


def test_a_question_is_found_and_shown(qtbot: QtBot, window: MainWindow) -> None:
    box = search(window, "bowl")
    QTest.keyClick(child(box, QLineEdit), Qt.Key.Key_Return)
    assert window.session.step.id == "one/second"
    qtbot.wait_until(lambda: window.lesson._seek is None)
    assert window.lesson.reading_place() > 0


def test_arrows_choose_and_nothing_found_is_said(window: MainWindow) -> None:
    box = search(window, "Paragraph 7")
    assert len(box.hits()) > 1
    QTest.keyClick(child(box, QLineEdit), Qt.Key.Key_Down)
    assert box._list.currentRow() == 1
    QTest.keyClicks(child(box, QLineEdit), "zzz")
    assert box.hits() == []
    assert box.isVisible()
    assert not box._nothing.isHidden()
    assert "No lesson" in box._nothing.text()
    QTest.keyClick(box, Qt.Key.Key_Escape)
    assert not box.isVisible()


def test_the_list_is_painted(window: MainWindow) -> None:
    box = search(window, "sings")
    assert box._list.sizeHintForRow(0) >= 2 * box.fontMetrics().lineSpacing()
    assert not box.grab().isNull()
    box.hide()


def test_the_course_is_read_while_the_window_goes_on_and_then_what_was_typed_is_found(
    qtbot: QtBot, window: MainWindow
) -> None:
    QTest.keyClick(window, Qt.Key.Key_F, BOTH)
    box = window.search_box
    assert box is not None
    QTest.keyClicks(child(box, QLineEdit), "bowl")
    assert box.hits() == []
    assert box._nothing.text().startswith("Reading")
    qtbot.wait_until(lambda: [hit.step for hit in box.hits()] == ["one/second"])
