"""What a course answers about its steps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cowshed_lessons import course as course_module
from cowshed_lessons.course import (
    Course,
    CourseError,
    Lesson,
    Step,
    UnknownStep,
    built_in_course,
    built_in_course_folder,
    built_in_step,
    load_course,
)
from lessons.course_folder import change, tiny_copy


def step(step_id: str) -> Step:
    return Step(step_id, "Title", "Text", "a.def", "a.sif", "")


COURSE = Course(
    "c",
    "C",
    (
        Lesson("one", "One", "", (step("one/base-image"), step("one/install"))),
        Lesson("two", "Two", "", (step("two/base-image"),)),
    ),
)


def test_a_step_is_found_by_its_id() -> None:
    assert COURSE.step("one/install") is COURSE.lessons[0].steps[1]
    assert COURSE.step("one/install").lesson_id == "one"


@pytest.mark.parametrize(
    ("asked", "close"),
    [
        ("one/instal", "one/install"),
        ("install", "one/install"),
        ("one", "one/base-image"),
        ("two/base_image", "two/base-image"),
    ],
)
def test_a_slip_in_an_id_is_answered_with_what_was_meant(asked: str, close: str) -> None:
    with pytest.raises(UnknownStep) as raised:
        COURSE.step(asked)
    assert raised.value.close[0] == close
    assert str(raised.value).startswith(f"There is no step called '{asked}'. Did you mean {close}")


def test_an_id_like_no_other_gets_no_guess() -> None:
    with pytest.raises(UnknownStep) as raised:
        COURSE.step("xyzzy")
    assert str(raised.value) == "There is no step called 'xyzzy'."


def test_half_an_id_offers_every_step_that_has_it() -> None:
    with pytest.raises(UnknownStep) as raised:
        COURSE.step("base-image")
    assert raised.value.close[:2] == ("one/base-image", "two/base-image")


def test_next_and_previous_cross_lessons_and_end() -> None:
    first, second, third = COURSE.steps
    assert COURSE.next(second) is third
    assert COURSE.previous(third) is second
    assert COURSE.next(third) is None
    assert COURSE.previous(first) is None


def test_a_step_of_another_course_has_no_neighbours_and_no_lesson() -> None:
    stranger = step("three/install")
    with pytest.raises(UnknownStep):
        COURSE.next(stranger)
    with pytest.raises(UnknownStep):
        COURSE.lesson_of(stranger)


def test_the_lesson_of_a_step() -> None:
    assert COURSE.lesson_of(COURSE.step("two/base-image")).title == "Two"


def test_the_built_in_course_is_read_once() -> None:
    assert built_in_course() is built_in_course()
    assert built_in_course().id == "apptainer"


def test_a_step_read_alone_is_the_step_of_the_whole_course() -> None:
    for each in built_in_course().steps:
        assert built_in_step(each.id) == replace(each, mistakes=())
    with pytest.raises(UnknownStep, match="lolcow/base-image"):
        built_in_step("lolcow/base-imag")
    with pytest.raises(UnknownStep, match="lolcow/base-image"):
        built_in_step("base-image")


def test_other_lessons_are_not_read_where_one_is_asked_for(tmp_path: Path) -> None:
    folder = tiny_copy(tmp_path)
    whole = load_course(folder)
    name = whole.lessons[0].id
    change(folder / "course.toml", f'lessons = ["{name}"', f'lessons = ["empty", "{name}"')
    (folder / "empty").mkdir()
    assert load_course(folder, lesson=name).lessons == whole.lessons[:1]
    assert load_course(folder, lesson="none").lessons == ()
    with pytest.raises(CourseError, match="missing"):
        load_course(folder)


def test_an_installed_package_brings_its_own_course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "lessons" / "cowshed_lessons"
    monkeypatch.setattr(course_module, "__file__", str(package / "course.py"))
    assert built_in_course_folder() == tmp_path / "lessons" / "courses" / "apptainer"
    (package / "courses" / "apptainer").mkdir(parents=True)
    assert built_in_course_folder() == package / "courses" / "apptainer"


def test_a_missing_course_says_which_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"course\.toml:1:1: This file is missing\.") as raised:
        load_course(tmp_path)
    assert raised.value.file == tmp_path / "course.toml"
