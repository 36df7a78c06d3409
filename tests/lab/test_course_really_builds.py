"""The course's own lessons, done for real: every solution is built, typed and looked at in the practice cluster.

One run for all lessons, so that what two of them build alike is built once. `make check-course` does the whole course.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from cowshed_lab.course_build import CourseBuild, StepReport
from cowshed_lab.practice.cluster import PracticeCluster
from cowshed_lab.targets import TargetDirectory
from cowshed_lessons.course import built_in_course_folder, load_course
from practice_fixture import PRACTICE_HOME

pytestmark = pytest.mark.practice

LESSONS = ("introduction", "setup", "lolcow", "best-practices", "sandbox", "registry")
"""Every kind of evidence is among them. They build on Ubuntu and Alpine, and take minutes."""

CASE_STUDY = "python"
"""The lighter of the two: 85 MB for its stand-ins where R's are 211."""


def done_for_real(lessons: tuple[str, ...]) -> dict[str, StepReport]:
    course = load_course(built_in_course_folder())
    steps = [step for step in course.steps if step.lesson_id in lessons]

    async def work() -> list[StepReport]:
        target = await TargetDirectory().open("practice")
        try:
            return await CourseBuild(target, course).run(steps, lambda _report: None)
        finally:
            await target.close()

    reports = {report.step: report for report in asyncio.run(work())}
    assert set(reports) == {step.id for step in steps}
    return reports


@pytest.fixture
def at_practice(practice: PracticeCluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> PracticeCluster:
    monkeypatch.setenv("COWSHED_PRACTICE_HOME", str(PRACTICE_HOME))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return practice


def not_passed(reports: dict[str, StepReport]) -> dict[str, tuple[str, ...]]:
    return {report.step: report.reasons for report in reports.values() if report.result != "passed"}


@pytest.mark.timeout(3000)
def test_the_first_lessons_pass_as_written(at_practice: PracticeCluster) -> None:
    reports = done_for_real(LESSONS)
    assert not_passed(reports) == {}
    login = asyncio.run(at_practice.status()).registry_login
    assert login is not None
    assert login[1] not in str(reports)


@pytest.mark.timeout(2400)
def test_a_case_study_passes_as_written(at_practice: PracticeCluster) -> None:
    if not asyncio.run(at_practice.status()).stand_ins and os.environ.get("COWSHED_ALL_BASES") != "1":
        pytest.skip("Docker Hub answers here, and PyTorch's real image has 3 GB: COWSHED_ALL_BASES=1 fetches it")
    asyncio.run(at_practice.add([CASE_STUDY]))
    assert not_passed(done_for_real((CASE_STUDY,))) == {}
