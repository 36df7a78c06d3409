"""Taking it all home, through the window: real files, from a real target."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from cowshed_gui.main_window import MainWindow
from cowshed_gui.session_state import SessionState, save_state
from cowshed_gui.take_home_dialog import TakeHomeDialog, free_name
from cowshed_lessons.course import Course, Lesson, Step
from widgets import child

LONG = 20_000
STEP = Step("one/first", "First", "Read this.", recipe_name="own.def", starter="Bootstrap: docker\nFrom: mine\n")
COURSE = Course("bread", "Bread", (Lesson("one", "One", "", (STEP,)),))


def begin(qtbot: QtBot, target: str) -> MainWindow:
    save_state(SessionState(welcomed=True, target=target))
    window = MainWindow(COURSE)
    qtbot.add_widget(window)
    with qtbot.wait_signal(window.ready, timeout=LONG):
        window.show()
    return window


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    window = begin(qtbot, "local")
    qtbot.wait_until(lambda: any(tab.session.at_prompt for tab in window.terminals.shell_tabs()), timeout=LONG)
    yield window
    window.close()


@pytest.fixture
def nowhere(qtbot: QtBot) -> Iterator[MainWindow]:
    """Without a target."""
    window = begin(qtbot, "")
    yield window
    window.close()


def take(qtbot: QtBot, window: MainWindow, folder: Path, *kinds: str) -> TakeHomeDialog:
    """Fill the dialog in with keys and wait for its sentence."""
    window.actions_by_id["take-home"].trigger()
    dialog = window.dialog
    assert isinstance(dialog, TakeHomeDialog)
    for kind, box in dialog.boxes.items():
        if box.isChecked() != (kind in kinds):
            QTest.keyClick(box, Qt.Key.Key_Space)
    dialog.folder.selectAll()
    QTest.keyClicks(dialog.folder, str(folder))
    QTest.keyClick(dialog.folder, Qt.Key.Key_Return)
    assert dialog.busy
    qtbot.wait_until(lambda: not dialog.busy, timeout=LONG)
    return dialog


def test_page_pdf_and_archive_hold_what_is_on_the_target_and_the_last_note(
    qtbot: QtBot, window: MainWindow, user_folders: Path, tmp_path: Path
) -> None:
    own = user_folders / "cowshed" / "one" / "own.def"
    qtbot.wait_until(own.exists, timeout=LONG)
    own.write_text("From: what I made of it\n")
    window.write_notes()
    QTest.keyClicks(window.lesson.notes.field, "Last words")
    dialog = take(qtbot, window, tmp_path, "html", "pdf", "zip")
    files = {path.suffix: path for path in tmp_path.glob("cowshed-bread-*")}
    assert set(files) == {".html", ".pdf", ".zip"}
    for path in files.values():
        assert path.name in dialog.says.text()
    html = files[".html"].read_text()
    assert "From: what I made of it" in html
    assert "Last words" in html
    content = files[".pdf"].read_bytes()
    assert content.startswith(b"%PDF")
    assert content.rstrip().endswith(b"%%EOF")
    with zipfile.ZipFile(files[".zip"]) as zipped:
        assert zipped.read("bread/recipes/one/own.def") == b"From: what I made of it\n"
    assert not dialog.open_button.isHidden()
    dialog.close()


def test_without_a_target_it_says_what_is_missing(qtbot: QtBot, nowhere: MainWindow, tmp_path: Path) -> None:
    nowhere.session.progress.mark_passed(STEP.id, "From: passed\n")
    dialog = take(qtbot, nowhere, tmp_path, "html")
    assert "No target was open" in dialog.says.text()
    assert "From: passed" in next(tmp_path.glob("*.html")).read_text()
    dialog.close()


def test_a_second_time_keeps_the_first(qtbot: QtBot, nowhere: MainWindow, tmp_path: Path) -> None:
    take(qtbot, nowhere, tmp_path, "html").close()
    take(qtbot, nowhere, tmp_path, "html").close()
    assert len(list(tmp_path.glob("*.html"))) == 2
    assert free_name(tmp_path, "new", "zip") == tmp_path / "new.zip"


def test_a_folder_that_cannot_be_written_is_said_calmly(qtbot: QtBot, nowhere: MainWindow, tmp_path: Path) -> None:
    dialog = take(qtbot, nowhere, tmp_path / "not there", "zip")
    assert dialog.says.text().startswith("It could not be written: No such file")
    assert dialog.take_button.isEnabled()
    dialog.close()


def test_nothing_wanted_cannot_begin_and_a_folder_can_be_chosen(
    qtbot: QtBot, nowhere: MainWindow, tmp_path: Path
) -> None:
    nowhere.take_home()
    dialog = nowhere.dialog
    assert isinstance(dialog, TakeHomeDialog)
    for box in dialog.boxes.values():
        box.setChecked(False)
    assert not dialog.take_button.isEnabled()
    dialog._choose()
    field = child(child(dialog, QFileDialog), QLineEdit)
    field.setText(str(tmp_path))
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.wait_until(lambda: dialog.folder.text() == str(tmp_path))
    dialog.close()
