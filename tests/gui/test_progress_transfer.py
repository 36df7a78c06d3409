"""Progress taken from one computer to another, through the window and its dialogs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from cowshed_gui.main_window import MainWindow
from cowshed_gui.session_state import SessionState, save_state
from cowshed_lessons.course import load_course
from cowshed_lessons.progress import Progress, StepState
from widgets import child

BAKERY = Path(__file__).parents[1] / "lessons" / "courses" / "bakery"
LONG = 20_000


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    save_state(SessionState(welcomed=True))
    window = MainWindow(load_course(BAKERY))
    qtbot.add_widget(window)
    with qtbot.wait_signal(window.ready, timeout=LONG):
        window.show()
    yield window
    window.close()


def choose(qtbot: QtBot, window: MainWindow, action: str, file: Path) -> None:
    """Choose an action and type the name of a file into its dialog."""
    window.actions_by_id[action].trigger()
    transfer = window.transfer
    assert transfer is not None
    dialog = child(window, QFileDialog)
    field = child(dialog, QLineEdit)
    field.setText(str(file))
    with qtbot.wait_signal(transfer.ended, timeout=LONG):
        QTest.keyClick(field, Qt.Key.Key_Return)


def test_what_was_exported_is_imported_elsewhere(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    steps = window.session.course.steps
    window.session.progress.mark_passed(steps[0].id, "its recipe")
    window.write_notes()
    QTest.keyClicks(window.lesson.notes.field, "From here")  # not kept yet, and exported all the same
    choose(qtbot, window, "export-progress", tmp_path / "out.json")
    assert str(tmp_path / "out.json") in window.notice.text()
    other = Progress.load(tmp_path / "out.json")
    assert other.of(steps[0].id).passed_recipe == "its recipe"
    assert other.of(window.session.step.id).notes == "From here"

    other.mark_passed(steps[1].id, "from there")
    other.note(steps[2].id, "Theirs")
    other.go_to(steps[2].id)
    other.save(tmp_path / "back.json")
    choose(qtbot, window, "import-progress", tmp_path / "back.json")
    assert "2 steps changed" in window.notice.text()
    assert window.session.step.id == steps[2].id
    assert window.lesson.notes.text() == "Theirs"
    kept = Progress.load(window.session.keeper.file)
    assert [kept.of(step.id).state for step in steps[:2]] == [StepState.PASSED, StepState.PASSED]
    assert kept.of(steps[0].id).notes + kept.of(steps[1].id).notes == "From here"

    choose(qtbot, window, "import-progress", tmp_path / "back.json")
    assert "nothing" in window.notice.text()


@pytest.mark.parametrize("content", [b"no progress", Progress("apptainer").as_bytes()])
def test_a_foreign_file_is_refused_and_changes_nothing(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, content: bytes
) -> None:
    before = window.session.keeper.file.read_bytes()
    (tmp_path / "foreign.json").write_bytes(content)
    choose(qtbot, window, "import-progress", tmp_path / "foreign.json")
    assert window.notice.text().startswith("foreign.json")
    assert window.session.keeper.file.read_bytes() == before


def test_what_cannot_be_written_is_said(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    window.export_progress()
    transfer = window.transfer
    assert transfer is not None
    child(window, QFileDialog).reject()
    (tmp_path / "file").write_text("")
    with qtbot.wait_signal(transfer.ended, timeout=LONG):
        transfer.export(tmp_path / "file" / "out.json")
    assert "was not written" in window.notice.text()
    with qtbot.wait_signal(transfer.ended, timeout=LONG):
        transfer.take_in(tmp_path / "nowhere.json")
    assert "could not be read" in window.notice.text()
