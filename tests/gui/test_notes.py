"""Notes on steps, in the real window: kept as one writes, whatever happens then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cowshed_gui.main_window import MainWindow
from cowshed_gui.notes_box import NotesBox
from cowshed_gui.session_state import SessionState, save_state
from cowshed_lessons.course import load_course
from cowshed_lessons.progress import Progress

BAKERY = Path(__file__).parents[1] / "lessons" / "courses" / "bakery"
LONG = 20_000
BOTH = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier

type Opener = Callable[[], MainWindow]


def activate(qtbot: QtBot, window: MainWindow) -> None:
    def active() -> bool:
        window.activateWindow()
        return window.isActiveWindow()

    qtbot.wait_until(active, timeout=LONG)


@pytest.fixture
def opened(qtbot: QtBot) -> Iterator[Opener]:
    windows: list[MainWindow] = []

    def begin() -> MainWindow:
        save_state(SessionState(welcomed=True))
        window = MainWindow(load_course(BAKERY))
        qtbot.add_widget(window)
        with qtbot.wait_signal(window.ready, timeout=LONG):
            window.show()
        activate(qtbot, window)
        windows.append(window)
        return window

    yield begin
    for window in windows:
        window.close()


def kept(window: MainWindow, step: str) -> str:
    return Progress.load(window.session.keeper.file, "bakery").of(step).notes


def write(window: MainWindow, text: str) -> None:
    QTest.keyClick(window, Qt.Key.Key_N, BOTH)
    QTest.keyClicks(window.lesson.notes.field, text)


def test_notes_are_in_the_file_within_a_second_of_the_first_key(qtbot: QtBot, opened: Opener) -> None:
    window = opened()
    step = window.session.step.id
    assert not window.lesson.notes.unfolded
    write(window, "Flour first")
    assert window.lesson.notes.field.hasFocus()
    qtbot.wait_until(lambda: kept(window, step) == "Flour first", timeout=1000)


def test_who_writes_without_a_pause_is_written_down_too(qtbot: QtBot, opened: Opener) -> None:
    window = opened()
    window.write_notes()

    def type_on() -> bool:  # a key more often than the pause is long
        QTest.keyClicks(window.lesson.notes.field, "x")
        return bool(kept(window, window.session.step.id))

    qtbot.wait_until(type_on, timeout=1200)


def test_leaving_the_step_and_quitting_keep_the_last_letter(opened: Opener) -> None:
    window = opened()
    first = window.session.step.id
    write(window, "One")
    window.next_step()
    assert kept(window, first) == "One"
    assert window.lesson.notes.text() == ""
    second = window.session.step.id
    write(window, "Two")
    window.close()
    assert kept(window, second) == "Two"
    again = opened()
    assert again.session.step.id == second
    assert again.lesson.notes.text() == "Two"
    assert again.lesson.notes.unfolded
    again.previous_step()
    assert again.lesson.notes.text() == "One"


def test_a_page_that_is_made_anew_leaves_the_cursor_where_one_writes(opened: Opener) -> None:
    window = opened()
    write(window, "bread")
    QTest.keyClick(window.lesson.notes.field, Qt.Key.Key_Home)
    window.session.go_to(window.session.step)  # as when the target's facts come in
    assert window.lesson.notes.text() == "bread"
    assert window.lesson.notes.field.hasFocus()
    QTest.keyClicks(window.lesson.notes.field, "rye ")
    assert window.lesson.notes.text() == "rye bread"


def test_what_another_window_wrote_is_taken_in_and_not_overwritten(qtbot: QtBot, opened: Opener) -> None:
    window = opened()
    step = window.session.step.id
    other = Progress.load(window.session.keeper.file, "bakery")
    other.note(step, "From there.")
    other.save(window.session.keeper.file)
    write(window, "From here")
    qtbot.wait_until(lambda: kept(window, step) == "From there.\n\nFrom here", timeout=1000)
    assert window.lesson.notes.text() == "From there.\n\nFrom here"
    QTest.keyClicks(window.lesson.notes.field, "!")  # at the end still
    qtbot.wait_until(lambda: kept(window, step) == "From there.\n\nFrom here!", timeout=1000)


def test_a_full_disk_is_told_and_the_notes_go_to_the_file_later(
    qtbot: QtBot, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = opened()
    step = window.session.step.id

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("cowshed_lessons.progress.write_whole", full)
        write(window, "Keep me")
        qtbot.wait_until(lambda: "could not be kept" in window.notice.text(), timeout=1500)
        assert window.lesson.notes.text() == "Keep me"
    window.close()
    assert kept(window, step) == "Keep me"


def test_steps_with_notes_are_marked_in_the_chooser(opened: Opener) -> None:
    window = opened()
    write(window, "Here")
    window.notes.keep_now()
    window.choose_step()
    details = [choice.detail for choice in window.palette_popup._choices]
    window.palette_popup.hide()
    assert details.count("notes") == 1
    assert details[0] == "notes"


def test_the_line_folds_and_unfolds_by_keys_and_keeps_the_text(qtbot: QtBot) -> None:
    box = NotesBox()
    qtbot.add_widget(box)
    box.show()
    QTest.keyClick(box.fold_button, Qt.Key.Key_Space)
    shown, height = box.unfolded, box.field.height()
    for letter in "bread":
        QTest.keyClicks(box.field, letter)
        QTest.keyClick(box.field, Qt.Key.Key_Return)
    assert box.field.height() > height
    QTest.keyClick(box.fold_button, Qt.Key.Key_Space)
    assert (shown, box.unfolded) == (True, False)
    assert box.text() == "b\nr\ne\na\nd\n"
