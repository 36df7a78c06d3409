"""The lolcow lesson, for tests that are about its steps, wherever in the course it stands."""

from __future__ import annotations

from cowshed_gui.user_files import data_folder
from cowshed_lessons.course import Course, built_in_course_folder, load_course
from cowshed_lessons.progress import Progress


def lolcow_course() -> Course:
    """The course that comes with the program, as if it had no other lesson."""
    return load_course(built_in_course_folder(), lesson="lolcow")


def begin_at_the_base_image() -> None:
    """Leave the progress of somebody who went to the lolcow lesson last, and has done nothing yet."""
    begin_at("lolcow/base-image")


def begin_at(step: str) -> None:
    """Leave the progress of somebody who looked at a step last, and has done nothing yet."""
    progress = Progress("apptainer")
    progress.go_to(step)
    progress.save(data_folder() / "progress-apptainer.json")
