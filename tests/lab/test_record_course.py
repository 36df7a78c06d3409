"""The script that makes a course's recordings, run on the practice cluster."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from cowshed_lab.practice.cluster import PracticeCluster
from cowshed_lessons.asciicast import read_recording
from cowshed_lessons.course import built_in_course_folder
from practice_fixture import output_of

SCRIPT = Path(__file__).parents[2] / "packaging" / "record_course.py"


def test_a_step_is_recorded_as_it_is_really_done(practice: PracticeCluster, tmp_path: Path) -> None:
    course = tmp_path / "course"
    shutil.copytree(built_in_course_folder(), course, ignore=shutil.ignore_patterns("recordings"))
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--course", str(course), "--step", "lolcow/install"],
        env={**os.environ, "COWSHED_PRACTICE_HOME": str(practice.folder.home), "XDG_STATE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    content = (course / "recordings" / "lolcow" / "install.cast").read_bytes()
    assert len(content) < 200_000
    recording = read_recording(content)
    assert (recording.header.columns, recording.header.rows) == (100, 28)
    notes = recording.header.notes
    assert notes["step"] == "lolcow/install"
    assert notes["apptainer"] in output_of(practice, "apptainer", "--version")
    assert notes["stand_in"] in ("yes", "no")
    lines = ["cat lolcow.def", "apptainer build lolcow.sif lolcow.def"]
    assert [marker.label for marker in recording.markers] == lines
    text = "".join(event.data for event in recording.events if event.code == "o")
    assert "Unable to locate package" in text, "this step's build has to fail"
    assert "~/cowshed/lolcow" in text
    assert ".course-" not in text
    assert "\x1b]133" not in text


def test_an_unknown_lesson_is_said(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--lesson", "no-such-lesson"],
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "No step of this course is meant by that." in done.stderr
