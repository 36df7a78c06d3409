"""What every test of the window gets: user folders of its own, and proof that nothing runs on after it."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown() -> Generator[None]:
    """Let windows go without a question: a command may still run in them, and nobody is here to answer.

    pytest-qt closes them before any fixture ends, so this has to come before pytest-qt.
    """
    if "cowshed_gui.main_window" in sys.modules:
        from PySide6.QtWidgets import QApplication

        from cowshed_gui.main_window import MainWindow

        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, MainWindow):
                widget.leave()
    return (yield)


@pytest.fixture(autouse=True)
def user_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for each test, so that no test reads or writes the real user's files."""
    home = tmp_path / "home"
    for variable, name in (
        ("XDG_CONFIG_HOME", ".config"),
        ("XDG_DATA_HOME", ".local/share"),
        ("XDG_STATE_HOME", ".local/state"),
        ("XDG_CACHE_HOME", ".cache"),
    ):
        folder = home / name
        folder.mkdir(parents=True)
        monkeypatch.setenv(variable, str(folder))
    runtime = home / "run"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    monkeypatch.setenv("HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def nothing_runs_on(user_folders: Path) -> Iterator[None]:
    """Stop the lab thread after each test and fail the test that leaves a thread behind."""
    before = set(threading.enumerate())
    yield
    from cowshed_gui.background import LAB, forget_jobs

    LAB.stop()
    forget_jobs()
    gc.collect()
    left = [thread.name for thread in threading.enumerate() if thread not in before and _is_ours(thread)]
    assert not left, f"Threads still alive after the test: {left}"


def _is_ours(thread: threading.Thread) -> bool:
    """Qt threads that Python met only in passing show up as dummies; they are Qt's to end."""
    return thread.is_alive() and not thread.name.startswith("Dummy-")


@pytest.fixture(autouse=True)
def usual_appearance() -> Iterator[None]:
    """Leave theme and zoom as they were found, whatever a test chooses."""
    yield
    from cowshed_gui.theme import APPEARANCE

    APPEARANCE.choose("system")
    APPEARANCE.set_zoom(1.0)
