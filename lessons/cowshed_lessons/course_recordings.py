"""Recordings that come with a course: `recordings/<lesson>/<step>.cast` in its folder, for those who cannot build.

`packaging/record_course.py` makes them. They are shown, never judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cowshed_lessons.asciicast import RecordingError, read_recording
from cowshed_lessons.course import Course, Step
from cowshed_lessons.folder_path import inside

FOLDER = "recordings"
LARGEST = 200_000
"""Bytes of a step's recording."""


def recording_path(course_folder: Path, step_id: str) -> Path:
    """Where the recording of a step is, or would be."""
    return course_folder / FOLDER / f"{step_id}.cast"


def recording_of(course: Course, step: Step) -> Path | None:
    """The recording of a step; None where it has none, or where that is a link out of the course's folder."""
    if course.folder is None:
        return None
    path = inside(course.folder, f"{FOLDER}/{step.id}.cast")
    return path if path is not None and path.is_file() else None


def recording_problems(course: Course, used: set[Path]) -> Iterator[str]:
    """A sentence for each fault of the steps' recordings; adds the files to `used`."""
    for step in course.steps:
        path = recording_of(course, step)
        if path is None:
            continue
        used.add(path)
        content = path.read_bytes()
        try:
            recording = read_recording(content)
        except RecordingError as error:
            yield f"{path}:{error.line}:1: {error.sentence}"
            continue
        if recording.cut:
            yield f"{path}:{len(recording.events) + 2}:1: The last line of this recording was not written to its end."
        if len(content) > LARGEST:
            yield f"{path}:1:1: This recording has more than {LARGEST // 1000} kB; record the step again."
        if recording.header.notes.get("step") != step.id:
            yield f"{path}:1:1: This recording does not say that it is of {step.id}; record the step again."
        if not recording.header.notes.get("apptainer"):
            yield f"{path}:1:1: This recording does not say which Apptainer it shows; record the step again."
