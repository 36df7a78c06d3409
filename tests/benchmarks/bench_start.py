"""From the start of the process to the first usable window, beside a bare PySide6 window on the same machine."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROUNDS = 7

# Runs before either program: tells when a window was painted and the event loop had nothing left to do, then quits.
WATCH = """
import sys, time
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

class Watch(QObject):
    seen = False

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and not self.seen and isinstance(watched, QWidget) and watched.isVisible():
            self.seen = True
            QTimer.singleShot(0, self.usable)
        return False

    def usable(self):
        print("usable", time.monotonic(), flush=True)
        QTimer.singleShot(0, QCoreApplication.instance().closeAllWindows)
        QTimer.singleShot(0, QCoreApplication.instance().quit)

run = QApplication.exec

def watched_run(*arguments):
    watch = Watch()
    QCoreApplication.instance().installEventFilter(watch)
    return run()

QApplication.exec = watched_run
"""

BARE = """
from PySide6.QtWidgets import QMainWindow, QPlainTextEdit
application = QApplication(sys.argv)
window = QMainWindow()
window.setCentralWidget(QPlainTextEdit())
window.resize(1280, 800)
window.show()
application.exec()
"""

OURS = """
import sys
from cowshed_gui.entry import main
sys.exit(main([]))
"""


def _seconds_to_window(program: str, home: Path) -> float:
    """Start `program` in a home of its own and return the seconds until its window was usable."""
    folders = {
        "HOME": str(home),
        "XDG_CONFIG_HOME": "",
        "XDG_DATA_HOME": "",
        "XDG_STATE_HOME": "",
        "XDG_CACHE_HOME": "",
    }
    environment = {**os.environ, **folders}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # people have their byte code kept
    started = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-c", WATCH + program],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    moments = [line.split()[1] for line in ended.stdout.splitlines() if line.startswith("usable ")]
    assert moments, f"no window was painted:\n{ended.stdout}\n{ended.stderr}"
    return float(moments[0]) - started


def bench_first_window(tmp_path: Path, measured: Callable[..., None]) -> None:
    """A second start, as people have it every day: the first one has made settings, caches and byte code."""
    for program in (BARE, OURS):
        _seconds_to_window(program, tmp_path)
    bare, ours = [], []
    for _ in range(ROUNDS):
        bare.append(_seconds_to_window(BARE, tmp_path))
        ours.append(_seconds_to_window(OURS, tmp_path))
    base, value = statistics.median(bare), statistics.median(ours)
    measured("first usable window, to a bare one", value / base, budget=1.5, detail=f"{value:.3f} s to {base:.3f} s")
