"""From the command to the window and back: no Qt for subcommands, errors in a calm line, a clean end on a signal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from cowshed_gui.app import ErrorReport, run
from cowshed_gui.notice_line import NoticeLine
from cowshed_lab.log_file import log_path

NO_QT = """
import sys
sys.modules["PySide6"] = None
from cowshed_gui.entry import main
sys.exit(main(["check", "lolcow/base-image", sys.argv[1]]))
"""

WINDOW = """
import os, signal, sys
from PySide6.QtCore import QTimer
from cowshed_gui import main_window
from cowshed_gui.entry import main

def when_ready(self):
    begin(self)
    QTimer.singleShot(0, lambda: os.kill(os.getpid(), signal.SIGTERM))

begin = main_window.MainWindow._begin
main_window.MainWindow._begin = when_ready
sys.exit(main(["--workspace", sys.argv[1]]))
"""


STUCK = """
import asyncio, threading
from cowshed_gui import background
background._FILES_PATIENCE = 0.1
""" + WINDOW.replace(
    "    begin(self)\n",
    "    begin(self)\n"
    "    reading = threading.Event()\n"
    "    background.LAB.submit(asyncio.to_thread(lambda: (reading.set(), threading.Event().wait())))\n"
    "    reading.wait()\n",
)


def test_a_file_server_that_is_gone_does_not_keep_the_program(tmp_path: Path) -> None:
    outcome = subprocess.run(
        [sys.executable, "-c", STUCK, str(tmp_path)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert outcome.returncode == 0, outcome.stderr
    assert "Traceback" not in outcome.stderr
    (log,) = tmp_path.rglob("*.log")
    assert "Work with files did not end" in log.read_text()


def test_a_subcommand_never_imports_qt(tmp_path: Path) -> None:
    recipe = tmp_path / "my.def"
    recipe.write_text("Bootstrap: docker\nFrom: ubuntu:22.04\n")
    subprocess.run([sys.executable, "-c", NO_QT, str(recipe)], check=True, capture_output=True)


def test_sigterm_closes_the_window_and_keeps_the_state(tmp_path: Path) -> None:
    outcome = subprocess.run(
        [sys.executable, "-c", WINDOW, str(tmp_path)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert outcome.returncode == 0, outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert (tmp_path / "state" / "cowshed" / "session.json").exists()
    assert (tmp_path / "data" / "cowshed" / "progress-apptainer.json").exists()


def test_a_course_that_cannot_be_read_is_said_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--course", str(tmp_path)]) == 2
    assert str(tmp_path) in capsys.readouterr().err


def test_an_error_nobody_caught_is_logged_and_said_once(qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    notice = NoticeLine()
    qtbot.add_widget(notice)
    said: list[str] = []

    def tell(kind: str, sentence: str) -> None:
        said.append(sentence)
        notice.say(kind, sentence)

    report = ErrorReport(tell, notice)
    for _ in range(3):
        report.take(ValueError, ValueError("moo"), None)
    assert len(said) == 1
    assert str(log_path()) in notice.text()
    assert "ValueError: moo" in notice.text()
    assert "moo" in caplog.text


def test_an_interrupt_is_not_an_error(qtbot: QtBot) -> None:
    said: list[str] = []
    notice = NoticeLine()
    qtbot.add_widget(notice)
    ErrorReport(lambda _kind, sentence: said.append(sentence), notice).take(
        KeyboardInterrupt, KeyboardInterrupt(), None
    )
    assert said == []
