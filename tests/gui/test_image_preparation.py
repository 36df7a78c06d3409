"""Images that the practice cluster has not made yet: offered when a lesson needs them, and made on a click."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cowshed_gui.main_window import MainWindow
from cowshed_gui.session_state import SessionState, save_state
from cowshed_lab.practice.base_images import is_made
from cowshed_lab.practice.cluster import PracticeCluster
from cowshed_lab.practice.needs import groups_to_add, images_missed, images_named
from cowshed_lab.practice.stand_ins import GROUPS
from cowshed_lessons.course import built_in_course_folder, load_course
from cowshed_lessons.evidence import CommandEvidence
from practice_fixture import PRACTICE_HOME

LONG = 120_000
LOGS = Path(__file__).parents[1] / "lessons" / "build_logs"
(ALPINE,) = (make for group in GROUPS if group.name == "alpine" for make in group.makes)


def test_what_a_lesson_needs_is_read_from_its_recipes_commands_and_texts() -> None:
    course = load_course(built_in_course_folder())
    needs = {lesson.id: images_named(lesson) for lesson in course.lessons}
    assert "ghcr.io/apptainer/lolcow" in needs["introduction"]
    assert "ubuntu:22.04" in needs["lolcow"]
    assert "alpine:3.17" in needs["sandbox"]
    assert "pytorch/pytorch:2.1.2-cuda12.1-cudnn8-runtime" in needs["python"]
    assert {"rocker/r-ver:4.3.2", "rocker/tidyverse:4.3.2"} <= needs["r"]


@pytest.mark.parametrize("log", ["stand_in_missing", "stand_in_missing_pull"])
def test_the_image_that_was_missed_is_read_from_a_log(log: str) -> None:
    (missed,) = images_missed((LOGS / f"{log}.log").read_text())
    assert missed.removeprefix("library/") == "python:3.12"


def test_a_cluster_that_does_not_run_is_asked_for_nothing(tmp_path: Path) -> None:
    assert asyncio.run(groups_to_add(["python:3.11", "fedora:40"], tmp_path / "none")) == ()


@pytest.fixture
def without_alpine(practice: PracticeCluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[PracticeCluster]:
    """The cluster as one that an older version has filled: Alpine's layers are not known any more."""
    if not asyncio.run(practice.status()).stand_ins:
        pytest.skip("Docker Hub answers here: no stand-ins are in use")
    monkeypatch.setenv("COWSHED_PRACTICE_HOME", str(PRACTICE_HOME))
    (practice.folder.images / ALPINE.name / "layers.json").unlink(missing_ok=True)
    yield practice
    asyncio.run(practice.add(["alpine"]))


@pytest.fixture
def window(without_alpine: PracticeCluster, qtbot: QtBot) -> Iterator[MainWindow]:
    save_state(SessionState(welcomed=True, target="practice"))
    window = MainWindow(load_course(built_in_course_folder()))
    qtbot.add_widget(window)
    with qtbot.wait_signal(window.ready, timeout=LONG):
        window.show()
    qtbot.wait_until(lambda: window.targets.target is not None, timeout=LONG)
    qtbot.wait_until(lambda: any(tab.session.at_prompt for tab in window.terminals.shell_tabs()), timeout=LONG)
    yield window
    window.close()


@pytest.mark.practice
def test_a_lesson_offers_its_images_and_prepares_them_for_real(window: MainWindow, qtbot: QtBot) -> None:
    card, session = window.preparation, window.session
    qtbot.wait_until(card.isVisible, timeout=LONG)  # a first look is one at Apptainer's own cow
    session.go_to(session.course.step("setup/cache"))
    qtbot.wait_until(card.isHidden, timeout=LONG)  # setting up needs no image
    session.go_to(session.course.step("sandbox/alpine"))
    qtbot.wait_until(card.isVisible, timeout=LONG)
    assert "Alpine" in card.says()
    assert "MB" in card.says()
    assert not card.cancel_button.isVisible()
    session.go_to(session.course.step("sandbox/pipes"))
    assert card.isVisible(), "it is about the lesson, not the step"

    QTest.mouseClick(card.later_button, Qt.MouseButton.LeftButton)
    assert card.isHidden()
    log = (LOGS / "stand_in_missing.log").read_text().replace("python/manifests/3.12", "alpine/manifests/3.17")
    session.command_finished(CommandEvidence("apptainer build a.sif docker://alpine:3.17", 255, log))
    qtbot.wait_until(card.isVisible, timeout=LONG)  # put off, and then needed after all

    with qtbot.wait_signal(card.prepared, timeout=LONG):
        QTest.mouseClick(card.prepare_button, Qt.MouseButton.LeftButton)
        assert card.bar.isVisible()
        assert card.cancel_button.isVisible()
        assert not card.prepare_button.isVisible()
    assert is_made(PracticeCluster(PRACTICE_HOME).folder.images, ALPINE)
    assert card.isHidden()
    assert "there" in window.notice.text()


@pytest.mark.practice
def test_a_preparation_can_be_cancelled_and_is_offered_again(window: MainWindow, qtbot: QtBot) -> None:
    card, session = window.preparation, window.session
    session.go_to(session.course.step("sandbox/alpine"))
    qtbot.wait_until(card.isVisible, timeout=LONG)
    card.prepare()
    QTest.mouseClick(card.cancel_button, Qt.MouseButton.LeftButton)
    qtbot.wait_until(card.prepare_button.isVisible, timeout=LONG)
    assert "cancelled" in card.says()
    assert not is_made(PracticeCluster(PRACTICE_HOME).folder.images, ALPINE)
