"""Progress as a file for a second computer: the same versioned JSON as is kept here, judged before it is taken in."""

from __future__ import annotations

from cowshed_lessons.course import Course
from cowshed_lessons.progress import DamagedProgress, Progress, read_progress

LARGEST = 50_000_000
"""Bytes. All recipes and notes of a course are far less; a larger file is something else."""


class NotTakenIn(Exception):  # noqa: N818  (it is no fault of the program)
    """A file that is not taken in; its text says why, and what to do."""


def read_for(content: bytes, course: Course, name: str) -> Progress:
    """The progress in a file that somebody chose.

    Args:
        content: the file's bytes.
        course: the course that is open.
        name: of the file, for the sentences.

    Raises:
        NotTakenIn: It is none, or is damaged, of a newer program or of another course.
    """
    try:
        if len(content) > LARGEST:
            raise DamagedProgress
        progress = read_progress(content)
    except DamagedProgress:
        raise NotTakenIn(
            f"{name} is not a progress file of Cowshed, or only a part of one, so nothing was taken from it. Export it "
            "again on the other computer and copy it whole."
        ) from None
    if progress.newer:
        raise NotTakenIn(
            f"{name} was written by a newer Cowshed, which this one cannot read, so nothing was taken from it. Bring "
            "Cowshed up to date here, then import it again."
        )
    if progress.course and progress.course != course.id:
        raise NotTakenIn(
            f"{name} belongs to another course (“{progress.course}”); this one is “{course.title}”. Nothing was taken "
            "from it. Open that course, and import it there."
        )
    return progress


def changed_steps(before: Progress, after: Progress) -> int:
    """In how many steps two progresses differ."""
    return sum(before.of(name) != after.of(name) for name in {*before.steps, *after.steps})
