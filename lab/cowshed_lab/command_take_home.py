"""`cowshed take-home`: recipes, notes, results and lessons as one file, without the window."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from pathlib import Path

from platformdirs import user_data_path

from cowshed_lab.command_line import BadInput
from cowshed_lab.take_home_files import read_own_files
from cowshed_lab.targets import TargetDirectory
from cowshed_lessons.course import Course, CourseError, built_in_course_folder, load_course
from cowshed_lessons.course_variables import fill_course
from cowshed_lessons.file_writing import write_whole
from cowshed_lessons.progress import Progress
from cowshed_lessons.take_home import OwnFiles, TakeHome

KINDS = (".html", ".zip")


def take_home(file: Path, target: str | None, course_folder: Path | None) -> int:
    """Write the file, a page or an archive by its ending; what is missing is told on standard error. Returns 0.

    Raises:
        BadInput: the ending is none of these, the course is damaged, or progress or file cannot be read or written.
        TargetError: there is no such target, or it cannot be reached.
    """
    if file.suffix not in KINDS:
        raise BadInput(f"{file}: end the name in {' or '.join(KINDS)}. A PDF is made in the window.")
    try:
        course = load_course(course_folder or built_in_course_folder(), whole=False)
    except CourseError as error:
        raise BadInput(str(error)) from error
    kept = user_data_path("cowshed", appauthor=False) / f"progress-{course.id}.json"
    try:
        progress = Progress.load(kept, course.id) if kept.exists() else Progress(course.id)
    except OSError as error:
        raise BadInput(f"{kept}: your progress cannot be read: {error.strerror or error}.") from error
    files = asyncio.run(_files(target, course))
    home = TakeHome(fill_course(course), progress, datetime.now().astimezone(), files)
    try:
        write_whole(file, _content(home, file.suffix))
    except OSError as error:
        raise BadInput(f"{file}: it cannot be written: {error.strerror or error}.") from error
    for remark in home.remarks():
        sys.stderr.write(f"{remark}\n")
    return 0


async def _files(name: str | None, course: Course) -> OwnFiles:
    directory = TargetDirectory()
    target = await directory.open(name or "local")
    try:
        return await read_own_files(target, course)
    finally:
        await target.close()


def _content(home: TakeHome, kind: str) -> bytes:
    if kind == ".zip":
        from cowshed_lessons.take_home_zip import archive

        return archive(home)
    from cowshed_lessons.take_home_page import page

    return page(home).encode(errors="replace")
