"""Recordings of a course: found beside its steps, proved by `course check`, and never strays."""

from __future__ import annotations

from pathlib import Path

import pytest

from cowshed_lessons.asciicast import RecordedEvent, Recording, RecordingHeader, write_recording
from cowshed_lessons.course import built_in_course_folder, load_course
from cowshed_lessons.course_check import problems
from cowshed_lessons.course_recordings import LARGEST, recording_of, recording_path
from lessons.course_folder import tiny_copy


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tiny_copy(tmp_path)


def keep(folder: Path, of: str, *events: RecordedEvent, cut: int = 0, **notes: str) -> Path:
    path = recording_path(folder, of)
    path.parent.mkdir(parents=True, exist_ok=True)
    header = RecordingHeader(100, 28, 1, "", {"step": of, "apptainer": "1.4.5", **notes})
    content = write_recording(Recording(header, events))
    path.write_bytes(content[: len(content) - cut])
    return path


def test_a_step_has_the_recording_that_lies_there(folder: Path) -> None:
    course = load_course(folder)
    first, second = course.steps[:2]
    assert recording_of(course, first) is None
    path = keep(folder, first.id, RecordedEvent(0, "o", "moo"))
    assert recording_of(course, first) == path
    assert recording_of(course, second) is None
    assert list(problems(folder)) == []


def test_one_of_no_step_is_a_stray(folder: Path) -> None:
    path = keep(folder, "nowhere/at-all", RecordedEvent(0, "o", "moo"))
    assert list(problems(folder)) == [f"{path}:1:1: Nothing in the course uses this file."]


def test_a_link_out_of_the_course_is_none(folder: Path, tmp_path: Path) -> None:
    step = load_course(folder).steps[0]
    path = keep(folder, step.id)
    elsewhere = tmp_path / "elsewhere.cast"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    assert recording_of(load_course(folder), step) is None


def test_a_damaged_one_is_told_with_its_line(folder: Path) -> None:
    step = load_course(folder).steps[0].id
    path = keep(folder, step)
    path.write_bytes(path.read_bytes() + b'[1, "o"]\n')
    assert list(problems(folder)) == [f"{path}:2:1: An event is a list of a time, a code and its data."]
    keep(folder, step, RecordedEvent(0, "o", "moo"), cut=4)
    assert list(problems(folder)) == [f"{path}:2:1: The last line of this recording was not written to its end."]


def test_it_says_what_it_is_of_and_is_small(folder: Path) -> None:
    step = load_course(folder).steps[0].id
    keep(folder, step, RecordedEvent(0, "o", "x" * LARGEST), step="another/step", apptainer="")
    told = " ".join(problems(folder))
    assert "more than 200 kB" in told
    assert f"does not say that it is of {step}" in told
    assert "which Apptainer" in told


def test_the_steps_of_the_cow_are_recorded() -> None:
    course = load_course(built_in_course_folder(), lesson="lolcow")
    assert [step.id for step in course.steps if recording_of(course, step) is None] == []
