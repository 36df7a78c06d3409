"""The window on a course that is being written, and on one that has nothing to do with the built-in one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from cowshed_gui.course_preview import CoursePreview
from cowshed_gui.entry import main
from cowshed_gui.main_window import MainWindow
from cowshed_gui.session_state import SessionState, save_state
from cowshed_gui.user_files import data_folder
from cowshed_lessons.course import load_course

BAKERY = Path(__file__).parents[1] / "lessons" / "courses" / "bakery"
LONG = 20_000  # milliseconds


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BAKERY, tmp_path / "bakery"))


@pytest.fixture
def window(qtbot: QtBot, folder: Path) -> Iterator[MainWindow]:
    save_state(SessionState(welcomed=True, target="local"))
    window = MainWindow(load_course(folder, whole=False))
    CoursePreview(window, folder)
    qtbot.add_widget(window)
    with qtbot.wait_signal(window.ready, timeout=LONG):
        window.show()
    qtbot.wait_until(lambda: window.targets.target is not None, timeout=LONG)
    yield window
    window.close()


def read(window: MainWindow) -> str:
    return "\n".join(label.text() for label in window.lesson.findChildren(QLabel))


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_another_course_is_worked_through_in_the_window(window: MainWindow, qtbot: QtBot) -> None:
    session = window.session
    for step in session.course.steps:
        session.go_to(step)
        assert step.title in read(window)
        assert session.verdict is not None
        assert "@" not in read(window)
    qtbot.wait_until(lambda: (data_folder() / "progress-bakery.json").exists(), timeout=LONG)


def test_what_is_saved_is_shown_where_the_author_is(window: MainWindow, qtbot: QtBot, folder: Path) -> None:
    window.session.go_to(window.session.course.step("oven/label"))
    change(folder / "oven/lesson.md", "# Name the baker", "# Sign the loaf")
    qtbot.wait_until(lambda: "Sign the loaf" in read(window), timeout=LONG)
    assert window.session.step.id == "oven/label"


def test_a_fault_is_told_and_goes_with_its_correction(window: MainWindow, qtbot: QtBot, folder: Path) -> None:
    window.session.go_to(window.session.course.step("oven/label"))
    change(folder / "oven/lesson.toml", 'title = "The oven"', 'titel = "The oven"')
    qtbot.wait_until(lambda: window.notice.about == "preview", timeout=LONG)
    assert "lesson.toml:1:1" in window.notice.text()
    assert "Name the baker" in read(window)
    change(folder / "oven/lesson.toml", 'titel = "The oven"', 'title = "The hot oven"')
    qtbot.wait_until(lambda: window.session.course.lessons[0].title == "The hot oven", timeout=LONG)
    assert window.notice.about != "preview"


def test_a_step_that_is_gone_leads_to_the_beginning(window: MainWindow, qtbot: QtBot, folder: Path) -> None:
    window.session.go_to(window.session.course.step("counter/glaze"))
    change(folder / "course.toml", '["oven", "counter"]', '["oven"]')
    qtbot.wait_until(lambda: len(window.session.course.lessons) == 1, timeout=LONG)
    assert window.session.step.id == "oven/dough"


PREVIEW = """
import os, pathlib, signal, sys
from PySide6.QtCore import QTimer
from cowshed_gui import main_window
from cowshed_gui.entry import main

folder = pathlib.Path(sys.argv[1])

def begin_and_save(self):
    begin(self)
    page = folder / "oven" / "lesson.md"
    page.write_text(page.read_text().replace("# Knead the dough", "# Knead it well"))
    timer = QTimer(self)
    timer.timeout.connect(lambda: "Knead it well" in self.windowTitle() and os.kill(os.getpid(), signal.SIGTERM))
    timer.start(50)

begin = main_window.MainWindow._begin
main_window.MainWindow._begin = begin_and_save
sys.exit(main(["course", "preview", str(folder), "--workspace", sys.argv[2]]))
"""


def test_the_command_opens_the_window_and_shows_what_is_saved(folder: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PREVIEW, str(folder), str(tmp_path / "workspace")],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "workspace" / "data" / "cowshed" / "progress-bakery.json").is_file()


def test_a_course_that_cannot_be_read_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(folder / "course.toml", 'title = "A bakery', 'titel = "A bakery')
    assert main(["course", "preview", str(folder)]) == 2
    assert "course.toml:1:1" in capsys.readouterr().err
