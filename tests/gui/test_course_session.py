"""The way through the real course: evidence in, verdict and progress out, nothing lost."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest
from pytestqt.qtbot import QtBot

from cowshed_gui.course_session import CourseSession, recipe_path, work_folder
from cowshed_lab.local import LocalTarget
from cowshed_lab.target import LARGEST_READ
from cowshed_lessons.evidence import BuildEvidence, CommandEvidence
from cowshed_lessons.progress import StepState
from cowshed_lessons.verdict import Outcome
from lolcow import lolcow_course

BASE = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
INSTALL = f"{BASE}\n%post\n    apt-get install fortune cowsay lolcat\n"
NOT_FOUND = """INFO:    Running post scriptlet
+ apt-get install fortune cowsay lolcat
E: Unable to locate package fortune
E: Unable to locate package cowsay
E: Unable to locate package lolcat
FATAL:   While performing build: while running engine: while running %post section: exit status 100
"""
NO_SPACE = "FATAL:   While performing build: write /tmp/x: no space left on device\n"


@pytest.fixture
def progress_file(tmp_path: Path) -> Path:
    return tmp_path / "progress.json"


@pytest.fixture
def session(qtbot: QtBot, progress_file: Path) -> CourseSession:
    return CourseSession(lolcow_course(), progress_file)


def enter(session: CourseSession, step: str) -> None:
    session.go_to(session.course.step(step))


def write(session: CourseSession, text: str) -> None:
    session.recipe_changed(recipe_path(session.step), text)


def test_it_begins_at_the_first_step_and_remembers_the_last(session: CourseSession, progress_file: Path) -> None:
    session.begin()
    assert session.step == session.course.steps[0]
    assert not session.previous()
    assert session.next()
    again = CourseSession(session.course, progress_file)
    assert again.step is session.course.steps[1]
    enter(session, session.course.steps[-1].id)
    assert not session.next()


def test_work_is_untouched_until_the_learner_changes_or_builds_it(qtbot: QtBot, session: CourseSession) -> None:
    enter(session, "lolcow/base-image")
    write(session, BASE)
    told = [session.untouched]  # it has passed
    enter(session, "lolcow/install")
    told.append(session.untouched)
    write(session, BASE)  # as it was brought along
    told.append(session.untouched)
    with qtbot.wait_signal(session.verdict_changed):
        write(session, f"{BASE}\n%post\n")
    told.append(session.untouched)
    with qtbot.wait_signal(session.verdict_changed):
        write(session, BASE)
    told.append(session.untouched)
    attempted = [session.attempted]
    with qtbot.wait_signal(session.verdict_changed):
        session.build_finished(BuildEvidence("lolcow.sif", 255, NOT_FOUND, BASE, "lolcow.def"))
    told.append(session.untouched)
    attempted.append(session.attempted)
    assert told == [False, True, True, False, True, False]
    assert attempted == [False, True]


def test_a_solution_taken_over_before_is_untouched_in_the_next_step(session: CourseSession) -> None:
    enter(session, "lolcow/install")
    solution = session.step.solutions[0].recipe
    session.skip()
    enter(session, "lolcow/update-lists")
    write(session, solution)
    assert session.untouched


def test_a_right_recipe_passes_once_and_is_carried_over(
    qtbot: QtBot, session: CourseSession, progress_file: Path
) -> None:
    enter(session, "lolcow/base-image")
    with qtbot.wait_signals([session.verdict_changed, session.step_passed, session.progress_changed]):
        write(session, BASE)
    assert session.verdict is not None
    assert session.verdict.outcome is Outcome.PASSED
    with qtbot.assert_not_emitted(session.step_passed):
        write(session, BASE + "\n")
    again = CourseSession(session.course, progress_file)
    assert again.progress.of("lolcow/base-image").state is StepState.PASSED
    enter(again, "lolcow/install")
    assert "ubuntu:22.04" in again.beginning()


def test_another_file_is_not_judged(session: CourseSession) -> None:
    enter(session, "lolcow/base-image")
    session.recipe_changed(PurePosixPath("cowshed/lolcow/other.def"), BASE)
    assert session.evidence.recipe is None


def test_a_build_that_fails_for_the_right_reason_passes(qtbot: QtBot, session: CourseSession) -> None:
    enter(session, "lolcow/install")
    write(session, INSTALL)
    assert session.state is StepState.OPEN
    with qtbot.wait_signal(session.step_passed):
        session.build_finished(BuildEvidence("lolcow.sif", 255, NOT_FOUND, INSTALL, "lolcow.def"))
    assert session.progress.of("lolcow/install").attempts == 1


def test_a_typed_build_counts_like_the_button(qtbot: QtBot, session: CourseSession, user_folders: Path) -> None:
    enter(session, "lolcow/install")
    folder = user_folders / work_folder(session.step)
    folder.mkdir(parents=True)
    (folder / "lolcow.def").write_text(INSTALL)
    session.target = LocalTarget(home=user_folders)
    write(session, INSTALL)
    with qtbot.wait_signal(session.step_passed):
        session.command_finished(CommandEvidence("apptainer build lolcow.sif lolcow.def", 255, NOT_FOUND, str(folder)))
    assert session.evidence.build is not None
    assert session.evidence.build.recipe == INSTALL


def test_a_typed_build_counts_with_the_recipe_that_it_began_with(
    qtbot: QtBot, session: CourseSession, user_folders: Path
) -> None:
    enter(session, "lolcow/install")
    folder = user_folders / work_folder(session.step)
    folder.mkdir(parents=True)
    (folder / "lolcow.def").write_text(INSTALL)
    session.target = LocalTarget(home=user_folders)
    write(session, INSTALL)
    line = "apptainer build lolcow.sif lolcow.def"
    session.command_started(line, str(folder))
    qtbot.wait_until(lambda: session.typed_builds.running[line, str(folder)].was_read)
    (folder / "lolcow.def").write_text(BASE)  # the learner goes on writing while it builds
    session.command_started(f"{line}\nls", str(folder))  # and more lines were pasted behind it
    with qtbot.wait_signal(session.step_passed):
        session.command_finished(CommandEvidence(f"{line}\nls", 255, NOT_FOUND, str(folder)))
    assert session.evidence.build is not None
    assert session.evidence.build.recipe == INSTALL
    assert not session.typed_builds.running


def test_a_typed_build_that_ends_before_its_recipe_was_read(
    qtbot: QtBot, session: CourseSession, user_folders: Path
) -> None:
    enter(session, "lolcow/install")
    session.target = LocalTarget(home=user_folders)
    line = "apptainer build lolcow.sif lolcow.def"
    session.command_started(line, str(user_folders))
    with qtbot.wait_signal(session.verdict_changed):
        session.command_finished(CommandEvidence(line, 255, "FATAL:   no such file", str(user_folders)))
        qtbot.wait_until(lambda: session.evidence.build is not None)
    assert session.evidence.build is not None
    assert session.evidence.build.recipe is None


def test_a_build_counts_for_the_step_where_it_began(qtbot: QtBot, session: CourseSession, progress_file: Path) -> None:
    enter(session, "lolcow/install")
    began = session.step
    write(session, INSTALL)
    session.next()
    verdict = session.verdict
    with qtbot.wait_signals([session.progress_changed, session.notice]), qtbot.assert_not_emitted(session.step_passed):
        session.build_finished(BuildEvidence("lolcow.sif", 255, NOT_FOUND, INSTALL, "lolcow.def"), step=began)
    assert session.verdict is verdict
    assert session.evidence.build is None
    assert session.state is StepState.OPEN
    assert CourseSession(session.course, progress_file).progress.of(began.id).state is StepState.PASSED
    session.previous()
    assert session.verdict is not None
    assert session.verdict.outcome is Outcome.PASSED


def test_a_wrong_build_of_an_earlier_step_waits_there(qtbot: QtBot, session: CourseSession) -> None:
    enter(session, "lolcow/install")
    began = session.step
    write(session, INSTALL)
    session.next()
    session.build_finished(BuildEvidence("lolcow.sif", 255, NO_SPACE, INSTALL, "lolcow.def"), step=began)
    assert session.progress.of(began.id).state is StepState.OPEN
    session.previous()
    assert session.verdict is not None
    assert session.verdict.outcome is Outcome.CANNOT_TELL


def test_a_build_of_another_recipe_does_not_pass(qtbot: QtBot, session: CourseSession, user_folders: Path) -> None:
    enter(session, "lolcow/install")
    session.target = LocalTarget(home=user_folders)
    write(session, INSTALL)
    session.build_finished(BuildEvidence("lolcow.sif", 255, NOT_FOUND, BASE, "lolcow.def"))
    assert session.state is StepState.OPEN


def test_a_fault_of_the_environment_is_no_mistake(session: CourseSession) -> None:
    enter(session, "lolcow/install")
    write(session, INSTALL)
    session.build_finished(BuildEvidence("lolcow.sif", 255, NO_SPACE, INSTALL, "lolcow.def"))
    assert session.verdict is not None
    assert session.verdict.outcome is Outcome.CANNOT_TELL
    assert session.state is StepState.OPEN


def test_a_finished_image_is_looked_at_on_the_target(qtbot: QtBot, session: CourseSession, user_folders: Path) -> None:
    enter(session, "lolcow/assume-yes")
    session.target = LocalTarget(home=user_folders)
    text = INSTALL.replace("apt-get install", "apt-get update\n    apt-get install -y")
    write(session, text)
    with qtbot.wait_signals([session.looking_changed, session.looking_changed]):
        session.build_finished(BuildEvidence("lolcow.sif", 0, "INFO: Build complete: lolcow.sif\n", text, "lolcow.def"))
    image = session.evidence.image
    assert image is not None
    assert not image.exists  # nothing was really built here, and the look says so
    assert session.state is StepState.OPEN


def test_skip_force_and_reset(session: CourseSession, progress_file: Path) -> None:
    enter(session, "lolcow/install")
    states = [session.state]
    session.skip()
    states.append(session.state)
    session.force()
    states.append(session.state)
    write(session, INSTALL)
    assert session.reset() == session.step.starter
    states.append(session.state)
    assert states == [StepState.OPEN, StepState.SKIPPED, StepState.FORCED, StepState.OPEN]
    assert session.evidence.recipe is None
    assert CourseSession(session.course, progress_file).progress.of("lolcow/install").state is StepState.OPEN


def test_progress_that_cannot_be_kept_is_said_once(qtbot: QtBot, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    session = CourseSession(lolcow_course(), tmp_path / "progress.json")
    session.keeper.file = blocked / "progress.json"
    said: list[str] = []
    session.notice.connect(lambda _kind, sentence: said.append(sentence))
    session.begin()
    session.next()
    assert len(said) == 1
    assert "could not be kept" in said[0]


def test_progress_that_was_damaged_meanwhile_is_kept_and_said_once(
    qtbot: QtBot, session: CourseSession, progress_file: Path
) -> None:
    enter(session, "lolcow/base-image")
    said: list[str] = []
    session.notice.connect(lambda _kind, sentence: said.append(sentence))
    progress_file.write_bytes(b"{")
    enter(session, "lolcow/install")
    enter(session, "lolcow/base-image")
    (kept,) = progress_file.parent.glob("*.damaged-*")
    assert [kept.name in sentence for sentence in said] == [True]


def test_progress_that_cannot_be_read_is_said_and_not_overwritten(qtbot: QtBot, progress_file: Path) -> None:
    progress_file.mkdir()
    session = CourseSession(lolcow_course(), progress_file)
    said: list[str] = []
    session.notice.connect(lambda _kind, sentence: said.append(sentence))
    session.begin()
    with qtbot.wait_signal(session.step_passed):
        write(session, BASE)
    assert session.state is StepState.PASSED
    assert len(said) == 1
    assert str(progress_file) in said[0]
    assert progress_file.is_dir()
    assert not list(progress_file.parent.glob("progress.json.*"))


COMPLETE = "INFO:    Creating SIF file...\nINFO:    Build complete: lolcow.sif\n"
FATAL = "FATAL:   While performing build: while running engine: while running %post section: exit status 100\n"


@pytest.mark.parametrize(
    ("behind", "status", "output", "expected"),
    [
        ("2>&1 | tee log", 0, NOT_FOUND + FATAL, 255),
        ("; ls", 0, NOT_FOUND + FATAL, 255),
        ("|| true", 0, NOT_FOUND + FATAL, 255),
        ("\nls", 0, NOT_FOUND + FATAL, 255),
        ("| grep -q nothing", 1, COMPLETE, 0),
        ("; ls missing", 2, COMPLETE, 0),
        ("&", 0, "[1] 4711\n", None),
        ("> log; cat log | head -1", 0, "INFO:    Starting build...\n", None),
        ("", 255, NOT_FOUND, 255),
        ("> log", 0, "", 0),
    ],
)
def test_the_end_of_a_typed_build_is_its_own_and_not_its_lines(
    qtbot: QtBot,
    session: CourseSession,
    user_folders: Path,
    behind: str,
    status: int,
    output: str,
    expected: int | None,
) -> None:
    enter(session, "lolcow/install")
    (user_folders / "lolcow.def").write_text(INSTALL)
    session.target = LocalTarget(home=user_folders)
    write(session, INSTALL)
    line = f"apptainer build lolcow.sif lolcow.def {behind}"
    session.command_finished(CommandEvidence(line, status, output, str(user_folders)))
    qtbot.wait_until(lambda: session.evidence.build is not None)
    build = session.evidence.build
    assert build is not None
    assert build.exit_status == expected
    assert session.verdict is not None
    if expected is None:
        assert session.verdict.outcome is Outcome.CANNOT_TELL
        said = [finding.message for result in session.verdict.results for finding in result.findings]
        assert any("Other commands in the same line" in message for message in said), said


def test_a_build_that_never_began_did_not_fail(qtbot: QtBot, session: CourseSession, user_folders: Path) -> None:
    enter(session, "lolcow/install")
    session.target = LocalTarget(home=user_folders)
    line = "cd nosuch && apptainer build lolcow.sif lolcow.def"
    session.command_finished(CommandEvidence(line, 1, "sh: cd: nosuch\n", str(user_folders)))
    qtbot.wait_until(lambda: session.evidence.build is not None)
    assert session.evidence.build is not None
    assert session.evidence.build.exit_status is None


def test_a_build_in_a_folder_that_only_the_shell_knows_is_not_judged(
    session: CourseSession, user_folders: Path
) -> None:
    enter(session, "lolcow/install")
    session.target = LocalTarget(home=user_folders)
    line = "cd -; apptainer build lolcow.sif lolcow.def"
    session.command_started(line, str(user_folders))
    session.command_finished(CommandEvidence(line, 255, FATAL, str(user_folders)))
    assert session.typed_builds.running == {}
    assert session.evidence.build is None


def test_lines_pasted_behind_a_build_do_not_tell_how_it_ended(
    qtbot: QtBot, session: CourseSession, user_folders: Path
) -> None:
    enter(session, "lolcow/install")
    (user_folders / "lolcow.def").write_text(INSTALL)
    session.target = LocalTarget(home=user_folders)
    line = "apptainer build lolcow.sif lolcow.def"
    session.command_started(line, str(user_folders))
    session.command_started(f"{line}\nls", str(user_folders))
    session.command_finished(CommandEvidence(f"{line}\nls", 0, NOT_FOUND + FATAL, str(user_folders)))
    qtbot.wait_until(lambda: session.evidence.build is not None)
    assert session.evidence.build is not None
    assert session.evidence.build.exit_status == 255


@pytest.mark.parametrize("source", ["pipe", "/dev/stdin", "/dev/zero", "large", "folder"])
def test_what_is_no_recipe_is_never_waited_for(
    qtbot: QtBot, session: CourseSession, user_folders: Path, source: str
) -> None:
    enter(session, "lolcow/install")
    os.mkfifo(user_folders / "pipe")
    (user_folders / "folder").mkdir()
    with (user_folders / "large").open("wb") as file:
        file.truncate(LARGEST_READ + 1)
    session.target = LocalTarget(home=user_folders)
    line = f"apptainer build lolcow.sif {source}"
    session.command_started(line, str(user_folders))
    session.command_finished(CommandEvidence(line, 255, NOT_FOUND, str(user_folders)))
    qtbot.wait_until(lambda: session.evidence.build is not None)
    assert session.evidence.build is not None
    assert session.evidence.build.recipe is None
