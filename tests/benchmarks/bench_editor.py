"""A key in the real window until the picture of it is painted, with highlighting, judging and all that follows it.

The window is the real one with the real course, on this computer, without a screen. Each key goes in as an event; what
counts is the time until the window has nothing left to do at once: the text is painted, the colours of what is in sight
are right, and (in recipes of up to 1,000 lines) findings and verdict are given. What waits for a pause is measured
beside it.
"""

from __future__ import annotations

import gc
import os
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from PySide6.QtCore import QEventLoop, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
KEYS = 250
STEP = "lolcow/runscript"
HEAD = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
PROGRAM = """    # program {number}: needed by the next one
    export PROGRAM{number}=/opt/program{number}
    mkdir -p /opt/src
    cd /opt/src
    wget -q https://example.org/program{number}-1.{number}.tar.gz
    tar -xzf program{number}-1.{number}.tar.gz
    cd program{number}-1.{number}
    ./configure \\
        --prefix="$PROGRAM{number}" \\
        --disable-static
    make -j "$(nproc)"
    make install
    if [ -d $PROGRAM{number}/lib64 ]; then
        echo "$PROGRAM{number}/lib64" >> /etc/ld.so.conf.d/programs.conf
    fi
    cd /
    rm -rf /opt/src/program{number}-1.{number}

"""


def long_recipe() -> str:
    """About 500 lines, such as people write for a few programs with their libraries."""
    programs = "".join(PROGRAM.replace("{number}", str(number)) for number in range(25))
    environment = "".join(f"    export PROGRAM{number}=/opt/program{number}\n" for number in range(20))
    install = "    apt-get update\n    apt-get install -y --no-install-recommends fortune cowsay lolcat\n"
    return (
        f"{HEAD}\n%environment\n{environment}\n%help\n    What it is for.\n\n%post\n{install}{programs}"
        "%runscript\n    fortune | cowsay | lolcat\n"
    )


def very_long_recipe() -> str:
    """5,000 lines: the long recipe with a long, plain `%post`."""
    more = "".join(f"    echo {number} 'moo' && ls -l /opt/{number}\n" for number in range(4_500))
    return long_recipe().replace("%post\n", f"%post\n{more}")


class Took(NamedTuple):
    """Milliseconds of a key: on the clock, and of this thread's work (other programs do not count)."""

    clock: float
    work: float


class Typist:
    """Types into the recipe of a real window and takes the time of each key."""

    def __init__(self, home: Path) -> None:
        from cowshed_gui.app import make_application
        from cowshed_gui.course_session import recipe_path
        from cowshed_gui.main_window import MainWindow
        from cowshed_gui.session_state import SessionState, save_state
        from cowshed_lab.journal import Journal
        from cowshed_lab.local import LocalTarget
        from cowshed_lessons.course import built_in_course

        save_state(SessionState(welcomed=True))
        self.application = make_application()
        self.window = MainWindow(built_in_course())
        self.window.resize(1280, 800)
        self.window.show()
        self.window.ready.connect(gc.freeze)  # as the application does
        self.wait(lambda: self.window.furnished)
        self.window.recipes.journal = Journal(home / "journal")
        self.window.go_to(STEP)
        self.path = recipe_path(self.window.session.step)
        self.window.recipes.open_recipe(LocalTarget(home=home), self.path, HEAD)
        self.wait(lambda: (page := self.window.recipes.current_page()) is not None and page.ready)
        page = self.window.recipes.current_page()
        assert page is not None
        self.editor = page.editor
        self.editor.setFocus()

    def wait(self, condition: Callable[[], object], seconds: float = 30) -> None:
        """Let the window work until something is so."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end
            self.application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)

    def idle(self) -> None:
        """Let everything that waits for a pause happen."""
        end = time.monotonic() + 0.6
        self.wait(lambda: time.monotonic() > end and self.editor.highlighter.settled)

    def write(self, text: str, line: int) -> None:
        """Begin with a text, the cursor at the end of a line (from 1)."""
        self.editor.replace_text(text)
        self.editor.go_to_line(line, 10_000)
        self.idle()

    def take_time(self, does: Callable[[], object]) -> Took:
        """The time from a key to its picture."""
        started, worked = time.perf_counter(), time.thread_time()
        does()
        self.editor.viewport().repaint()
        self.application.processEvents()
        return Took((time.perf_counter() - started) * 1_000, (time.thread_time() - worked) * 1_000)

    def turn(self) -> Took:
        """The time of what the window does before it looks for keys again."""
        started, worked = time.perf_counter(), time.thread_time()
        self.application.processEvents()
        return Took((time.perf_counter() - started) * 1_000, (time.thread_time() - worked) * 1_000)

    def key(self, letter: str) -> Took:
        """Type a letter."""
        return self.take_time(lambda: QTest.keyClicks(self.editor, letter))

    def keys(self, letters: str, count: int = KEYS) -> list[Took]:
        """The times of many keys."""
        return [self.key(letters[number % len(letters)]) for number in range(count)]


@pytest.fixture(scope="module")
def typist(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Typist]:
    home = tmp_path_factory.mktemp("home")
    before = dict(os.environ)
    for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
        os.environ[f"XDG_{kind}_HOME"] = str(home / kind.lower())
    os.environ["HOME"] = str(home)
    made = Typist(home)
    yield made
    gc.unfreeze()
    made.window.recipes.keep_unsaved()
    made.window.leave()
    from cowshed_gui.background import LAB

    LAB.stop()
    os.environ.clear()
    os.environ.update(before)


def _slow(times: Iterable[float]) -> float:
    ordered = sorted(times)
    return ordered[min(int(len(ordered) * 0.99), len(ordered) - 1)]


def _say(measured: Callable[..., None], what: str, took: list[Took]) -> None:
    clock = [each.clock for each in took]
    work = _slow(each.work for each in took)
    detail = f"median {statistics.median(clock):.1f} ms; 99 % within {work:.1f} ms of processor time"
    measured(f"{what}, 99th percentile", _slow(clock), budget=16, unit="ms", detail=detail)


WORD = "fortune && cowsay 'moo' "


def bench_key_in_500_lines(typist: Typist, measured: Callable[..., None]) -> None:
    text = long_recipe()
    typist.write(text, len(text.split("\n")) // 2)
    typist.keys(WORD, 30)
    _say(measured, "key to picture and verdict, 500 lines", typist.keys(WORD))


def bench_key_in_5000_lines(typist: Typist, measured: Callable[..., None]) -> None:
    typist.write(very_long_recipe(), 2_500)
    typist.keys(WORD, 30)
    _say(measured, "key to picture, 5,000 lines", typist.keys(WORD))


def bench_key_that_changes_all_below(typist: Typist, measured: Callable[..., None]) -> None:
    typist.write(very_long_recipe(), 3)
    took = []
    for _ in range(20):
        took.append(typist.key("%"))
        typist.idle()
        cursor = typist.editor.textCursor()
        cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        typist.idle()
    _say(measured, "% at the top of 5,000 lines to its picture", took)


def bench_return_with_folds(typist: Typist, measured: Callable[..., None]) -> None:
    typist.write(very_long_recipe(), 1)
    folded = typist.take_time(typist.editor.folding.fold_all)
    measured("folding 5,000 lines to its picture", folded.work, budget=250, unit="ms", detail="processor time")
    typist.editor.go_to_line(3)
    typist.idle()
    took = [typist.take_time(lambda: QTest.keyClick(typist.editor, Qt.Key.Key_Return)) for _ in range(60)]
    _say(measured, "Return above 5,000 folded lines to its picture", took)


def bench_pause(typist: Typist, measured: Callable[..., None]) -> None:
    """The longest time for which the window does not answer while it makes up for what it put off."""
    typist.write(very_long_recipe(), 2_500)
    longest, worked = [], []
    for _ in range(8):
        typist.key("x")
        end, worst = time.monotonic() + 1.5, 0.0
        work = 0.0
        while time.monotonic() < end:
            took = typist.turn()
            worst, work = max(worst, took.clock), max(work, took.work)
        longest.append(worst)
        worked.append(work)
    detail = f"median {statistics.median(longest):.0f} ms; at most {max(worked):.1f} ms of processor time"
    measured("longest silence in the pause after a key, 5,000 lines", max(longest), budget=50, unit="ms", detail=detail)
