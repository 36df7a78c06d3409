"""`cowshed course new` writes a course that is whole; the preview notices what is saved in it."""

from __future__ import annotations

import asyncio
import json
import os
import tomllib
from pathlib import Path

import pytest

from cowshed_lab.command_line import BAD_INPUT, NOT_YET, PASSED, main
from cowshed_lab.course_preview import stamps, watch
from cowshed_lessons.checks import check_kind
from cowshed_lessons.course import Course, CourseError, load_course
from cowshed_lessons.course_check import problems


@pytest.mark.parametrize(
    ("name", "course_id"), [("my-course", "my-course"), ("Über uns 2", "ber-uns-2"), ("…", "course")]
)
def test_a_new_course_is_sound(tmp_path: Path, name: str, course_id: str) -> None:
    folder = tmp_path / "deep" / name
    assert main(["course", "new", str(folder)]) == PASSED
    assert list(problems(folder)) == []
    course = load_course(folder)
    assert course.id == course_id
    areas = [{check_kind(check.kind).area for check in step.checks} for step in course.steps]
    assert areas == [{"recipe"}, {"quiz"}, {"terminal"}]
    assert "TODO" not in "".join(file.read_text() for file in folder.rglob("*.*"))


def test_nothing_is_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert main(["course", "new", str(tmp_path)]) == BAD_INPUT
    assert "not empty" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]
    assert main(["course", "new", str(tmp_path / "notes.txt")]) == BAD_INPUT


def test_a_check_is_told_as_lines_and_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "course"
    main(["course", "new", str(folder)])
    (folder / "first" / "stray.txt").write_text("x")
    capsys.readouterr()
    assert main(["course", "check", str(folder)]) == NOT_YET
    assert capsys.readouterr().out == f"{folder / 'first/stray.txt'}:1:1: Nothing in the course uses this file.\n"
    assert main(["course", "check", str(folder), "--json"]) == NOT_YET
    told = json.loads(capsys.readouterr().out)
    assert len(told["problems"]) == 1
    assert told["steps"] == []
    assert main(["course", "check", str(tmp_path / "absent")]) == BAD_INPUT


def test_the_kinds_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["course", "kinds"]) == PASSED
    assert "| `quiz.answered` |" in capsys.readouterr().out


def test_what_is_saved_is_read_anew_and_what_is_not_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "course"
    main(["course", "new", str(folder)])
    page, table = folder / "first" / "lesson.md", folder / "course.toml"

    async def scenario() -> None:
        told: asyncio.Queue[object] = asyncio.Queue()
        watching = asyncio.create_task(watch(folder, told.put_nowait, known=stamps(folder), seconds=0.01))
        try:
            page.write_text(page.read_text().replace("A text for strangers", "A text for guests"))
            course = await asyncio.wait_for(told.get(), 20)
            assert isinstance(course, Course)
            assert course.steps[0].title == "A text for guests"
            table.write_text(table.read_text().replace("title =", "titel ="))
            error = await asyncio.wait_for(told.get(), 20)
            assert isinstance(error, CourseError)
            assert error.file == table
            (folder / ".hidden").write_text("an editor's own")
            table.write_text(table.read_text().replace("titel =", "title ="))
            assert isinstance(await asyncio.wait_for(told.get(), 20), Course)
            assert told.empty()
        finally:
            watching.cancel()

    asyncio.run(scenario())


def test_stamps_know_a_change_of_the_same_length(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("one")
    os.utime(file, ns=(1, 1))
    before = stamps(tmp_path)
    file.write_text("two")
    assert stamps(tmp_path) != before
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "index").write_text("x")
    assert len(stamps(tmp_path)) == 1


def test_the_preview_needs_the_window(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["course", "preview"]) == BAD_INPUT
    assert "window" in capsys.readouterr().err


def test_a_new_course_is_valid_toml_for_others(tmp_path: Path) -> None:
    main(["course", "new", str(tmp_path / "x")])
    for file in (tmp_path / "x").rglob("*.toml"):
        assert tomllib.loads(file.read_text(encoding="utf-8"))
