"""The program is killed while somebody types: at most a second of it is lost, and progress is intact."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cowshed_gui.app import make_application, open_window
from cowshed_gui.background import LAB, forget_jobs
from cowshed_gui.main_window import MainWindow
from cowshed_gui.session_state import SessionState, save_state
from cowshed_gui.user_files import data_folder
from cowshed_lab.journal import Journal
from cowshed_lessons.course import built_in_course
from cowshed_lessons.progress import Progress, StepState
from hands import Hands
from lolcow import begin_at_the_base_image

BASE = "Bootstrap: docker\nFrom: ubuntu:22.04"
MAY_BE_LOST = 1.0  # seconds of typing
WORDS = [f"word{number:03}" for number in range(1, 400)]
START = 60  # seconds for the program on a slow computer


@pytest.fixture
def home(learner_folders: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home folder of a learner who works on this computer and has been here before."""
    home = learner_folders / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    save_state(SessionState(welcomed=True, target="local"))
    begin_at_the_base_image()
    return home


@pytest.fixture
def program(home: Path, display: str) -> Iterator[subprocess.Popen[bytes]]:
    """The real program, as a process of its own."""
    process = subprocess.Popen([sys.executable, "-m", "cowshed_gui"], env=os.environ.copy(), start_new_session=True)
    yield process
    if process.poll() is None:
        process.kill()
    process.wait()


def progress() -> Progress:
    return Progress.load(data_folder() / f"progress-{built_in_course().id}.json", built_in_course().id)


def focus(hands: Hands, process: subprocess.Popen[bytes]) -> None:
    """Give the keyboard to the program's window, as a click on it does."""

    def found() -> bool:
        search = ["xdotool", "search", "--onlyvisible", "--pid", str(process.pid), "--name", "Cowshed"]
        windows = subprocess.run(search, stdout=subprocess.PIPE, text=True, check=False).stdout.split()
        return bool(windows) and not subprocess.run(["xdotool", "windowfocus", windows[-1]], check=False).returncode

    hands.see(found, seconds=START)


def journaled() -> str:
    texts = [json.loads(file.read_text())["text"] for file in Journal().folder.glob("*.json")]
    return max(texts, key=len, default="")


def pass_a_step(hands: Hands, process: subprocess.Popen[bytes], home: Path) -> None:
    recipe = home / "cowshed/lolcow/lolcow.def"
    hands.see(recipe.exists, seconds=START)
    focus(hands, process)
    hands.press("ctrl+2", "ctrl+a")
    hands.type(BASE)
    hands.see(lambda: progress().of("lolcow/base-image").state is StepState.PASSED)
    hands.press("alt+Right")
    hands.see(lambda: progress().current == "lolcow/install")


def type_until_killed(hands: Hands, process: subprocess.Popen[bytes]) -> list[str]:
    """Type words, kill the program in the middle, and return those that may not be lost."""
    hands.press("ctrl+2", "ctrl+End", "Return")
    hands.type("#")
    typed: list[tuple[float, str]] = []
    for word in WORDS:
        hands.type(f" {word}")
        typed.append((time.monotonic(), word))
        long_enough = typed[-1][0] - typed[0][0] > 3 * MAY_BE_LOST
        if long_enough and word not in journaled():  # in the middle of what is not written down yet
            break
    os.kill(process.pid, signal.SIGKILL)
    killed = time.monotonic()
    process.wait()
    return [word for when, word in typed if when < killed - MAY_BE_LOST]


@pytest.fixture
def started_again(qtbot: QtBot) -> Iterator[MainWindow]:
    """Cowshed's window at the next start, made when the test asks for it."""
    make_application()
    window = open_window(built_in_course())
    yield window
    window.leave()
    LAB.stop()
    forget_jobs()
    window.deleteLater()
    QApplication.processEvents()


def test_a_killed_program_gives_back_what_was_typed(
    qtbot: QtBot, hands: Hands, home: Path, program: subprocess.Popen[bytes], request: pytest.FixtureRequest
) -> None:
    pass_a_step(hands, program, home)
    safe = type_until_killed(hands, program)
    assert safe, "nothing was typed long enough ago to be safe"
    assert WORDS[0] not in (home / "cowshed/lolcow/lolcow.def").read_text()

    window = request.getfixturevalue("started_again")
    assert isinstance(window, MainWindow)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    hands.see(lambda: window.furnished, seconds=START)
    hands.see(lambda: "Cowshed closed unexpectedly" in window.recipes.notice.text(), seconds=START)
    assert window.lesson.title() == "Install the programs"
    assert window.session.progress.of("lolcow/base-image").state is StepState.PASSED
    hands.click(window.recipes.notice.buttons["Restore"])
    hands.see(lambda: safe[-1] in window.recipes.current_text())
    text = window.recipes.current_text()
    assert text.startswith(f"{BASE}\n# {safe[0]} ")
    assert [word for word in safe if word not in text] == []
    hands.press("ctrl+s")
    hands.see(lambda: (home / "cowshed/lolcow/lolcow.def").read_text() == text)
