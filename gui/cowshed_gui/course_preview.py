"""`cowshed course preview`: the window on a course that is being written; what is saved is shown within a second."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from cowshed_gui.background import Job
from cowshed_lessons.course import Course, CourseError, built_in_course_folder

if TYPE_CHECKING:
    from cowshed_gui.main_window import MainWindow

_ABOUT = "preview"


def preview(arguments: Sequence[str]) -> int:
    """Open the window on a course, watch its folder, and return the exit status once the window is closed."""
    from cowshed_gui.app import run

    parser = argparse.ArgumentParser(
        prog="cowshed course preview",
        description="Open the window on a course. What is saved is shown within a second.",
    )
    parser.add_argument("folder", metavar="DIR", type=Path, nargs="?", help="the course (default: the built-in one)")
    parser.add_argument(
        "--workspace", type=Path, metavar="DIR", help="keep settings, progress and state in this folder"
    )
    options = parser.parse_args(list(arguments))
    folder = options.folder or built_in_course_folder()
    words = ["--course", str(folder)]
    if options.workspace is not None:
        words += ["--workspace", str(options.workspace)]
    return run(words, on_window=lambda window: CoursePreview(window, folder))


class CoursePreview(QObject):
    """Keeps a window's course as it is in its folder; it begins once the window is ready.

    A course that cannot be read leaves the window as it was, with a line that says where the fault is.
    """

    def __init__(self, window: MainWindow, folder: Path) -> None:
        super().__init__(window)
        self._window = window
        self._folder = folder
        self._job: Job | None = None
        self._seen = False
        window.ready.connect(self.start)

    def start(self) -> None:
        """Begin to watch."""
        from cowshed_lab.course_preview import watch

        if self._job is None:
            self._job = Job(lambda report: watch(self._folder, report, known={}), self)
            self._job.progress.connect(self.show)
            self._job.start()

    def show(self, found: Course | CourseError) -> None:
        """Show a course that was read anew, at the step and the line that the author looks at."""
        window = self._window
        if isinstance(found, CourseError):
            sentence = f"This is shown as it was before the last change. {found}"
            window.notice.say("warning", sentence, about=_ABOUT)
            return
        window.notice.clear(_ABOUT)
        first, self._seen = not self._seen, True
        if first and found == window.session.course:
            return  # later a picture may have changed, which the course does not tell
        place = window.lesson.reading_place()
        same = next((step for step in found.steps if step.id == window.session.step.id), None)
        window.session.course = found
        window.session.go_to(same or found.steps[0])
        if same is not None:
            window.lesson.read_on(place)
