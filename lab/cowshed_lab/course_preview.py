"""Watches a course's folder and reads the course anew when a file in it is saved.

It looks at the files' times once a second: homes on clusters are file servers, which tell nobody of a change.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from cowshed_lessons.course import Course, CourseError, load_course

SECONDS = 1.0
"""Between two looks."""

type Stamps = Mapping[str, tuple[int, int]]


def stamps(folder: Path) -> Stamps:
    """The time and size of every file, hidden files and folders aside."""
    found: dict[str, tuple[int, int]] = {}
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if not name.startswith("."):
                try:
                    known = (Path(place) / name).stat()
                except OSError:
                    continue  # an editor's own file that has gone by now
                found[f"{place}/{name}"] = known.st_mtime_ns, known.st_size
    return found


def read(folder: Path) -> Course | CourseError:
    """The course as it is now, or what keeps it from being read."""
    try:
        return load_course(folder, whole=False)
    except CourseError as error:
        return error


async def watch(
    folder: Path, report: Callable[[object], None], *, known: Stamps | None = None, seconds: float = SECONDS
) -> None:
    """Report the course, or a `CourseError`, each time that something in its folder has changed. Ends when cancelled.

    Args:
        folder: the course's folder.
        report: gets a `Course` or a `CourseError`.
        known: the files as they were when the course was last read; as they are now where None.
        seconds: between two looks.
    """
    before = await asyncio.to_thread(stamps, folder) if known is None else known
    while True:
        now = await asyncio.to_thread(stamps, folder)
        if now != before:
            before = now
            report(await asyncio.to_thread(read, folder))
        await asyncio.sleep(seconds)
