"""The learner's own files, read on a target."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from cowshed_lab.local import LocalTarget
from cowshed_lab.take_home_files import LARGEST, read_own_files
from cowshed_lessons.course import Course, Lesson, Step

COURSE = Course(
    "bread",
    "Bread",
    (Lesson("one", "One", "", (Step("one/a", "A", "", recipe_name="own.def", image_name="own.sif"),)),),
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path / "cowshed" / "one"


def test_recipes_are_read_to_the_byte_and_images_measured(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "own.def").write_bytes(b"From: x\n\xff")
    (folder / "own.1.def").write_bytes(b"copy")
    (folder / "own.sif").write_bytes(b"12345")
    (folder / "notes.txt").write_bytes(b"no")
    (folder / "folder.def").mkdir()
    found = asyncio.run(read_own_files(LocalTarget(), COURSE))
    assert {recipe.name: recipe.content for recipe in found.recipes} == {
        "own.def": b"From: x\n\xff",
        "own.1.def": b"copy",
    }
    assert found.sizes == {"one/own.sif": 5}
    assert found.problems == ()
    assert found.place


def test_no_folder_is_no_problem(folder: Path) -> None:
    found = asyncio.run(read_own_files(LocalTarget(), COURSE))
    assert (found.recipes, found.problems) == ((), ())
    assert not folder.exists()


def test_what_cannot_be_read_is_told_and_the_rest_is_there(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "own.def").write_bytes(b"good")
    (folder / "large.def").write_bytes(b"")
    os.truncate(folder / "large.def", LARGEST + 1)
    os.mkfifo(folder / "pipe.def")
    found = asyncio.run(read_own_files(LocalTarget(), COURSE))
    assert [recipe.name for recipe in found.recipes] == ["own.def"]
    assert len(found.problems) == 2
    assert "one/large.def" in "".join(found.problems)
    assert "one/pipe.def" in "".join(found.problems)
