"""What is taken home: complete, safe to open, and honest about what is missing."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from cowshed_lessons.course import Course, Lesson, Option, Question, Step, load_course
from cowshed_lessons.progress import Progress, read_progress
from cowshed_lessons.take_home import OwnFiles, OwnRecipe, TakeHome, folders, size_words, wants
from cowshed_lessons.take_home_page import page
from cowshed_lessons.take_home_zip import archive

BAKERY = Path(__file__).parent / "courses" / "bakery"
MADE = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
STEP = Step(
    "one/first",
    "First <b>",
    "## Why\n\nRead [on](step:one/second), a [word](term:word) & [web](https://example.org/).\n\n"
    '![a picture](pictures/dot.png "Its caption")\n\n::: warning\nMind this.\n:::\n\n```command\nmake <it>\n```\n\n'
    "```sizes\nown.sif = 54\n```\n",
    recipe_name="own.def",
    image_name="own.sif",
    questions=(Question("q", "Which?", (Option("This", True, "Never shown."), Option("That", False, "Nor this."))),),
)
SECOND = Step("one/second", "Second", "Text.", recipe_name="two.def")
THIRD = Step("two/third", "Third", "More.", recipe_name="third.def")


@pytest.fixture
def home(tmp_path: Path) -> TakeHome:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "dot.png").write_bytes(b"picture")
    lessons = (Lesson("one", "One", "", (STEP, SECOND)), Lesson("two", "Two", "", (THIRD,)))
    course = Course("bread", "Bread & more", lessons, glossary={"word": "What `is` said."}, folder=tmp_path)
    progress = Progress("bread", "one/first")
    progress.attempt("one/first")
    progress.mark_passed("one/first", "old recipe")
    progress.mark_passed("one/second", "passed <recipe>")
    progress.note("one/first", "Mine: <script>alert(1)</script>\nand more")
    progress.answer("one/first", "q", (1,))
    files = OwnFiles("the cluster", (OwnRecipe("one", "own.def", b"From: now <b>\n\xff"),), {"one/own.sif": 88_000_000})
    return TakeHome(course, progress, MADE, files)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.sources: list[str] = []
        self.tags: set[str] = set()
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.add(tag)
        self.ids += [found["id"] or ""] if "id" in found else []
        self.links += [found["href"] or ""] if "href" in found else []
        self.sources += [found["src"] or ""] if "src" in found else []

    def handle_data(self, data: str) -> None:
        self.words += data


def read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    return reader


def test_the_page_has_recipes_notes_results_and_texts(home: TakeHome) -> None:
    words = read(page(home)).words
    for part in ("Bread & more", "2 of 3 steps passed", "the cluster", "From: now <b>", "Mine: <script>", "Mind this."):
        assert part in words
    assert "make <it>" in words
    assert "That (your answer)" in words
    assert "88 MB" in words
    assert "54 MB" in words
    assert "Never shown" not in words
    assert "old recipe" not in words  # there is a newer one on the target


def test_the_page_loads_nothing_and_runs_nothing(home: TakeHome) -> None:
    reader = read(page(home))
    assert not reader.tags & {"script", "iframe", "link", "object"}
    assert [source[:22] for source in reader.sources] == ["data:image/png;base64,"]
    assert "url(" not in page(home)
    assert "default-src 'none'" in page(home)
    assert "prefers-color-scheme: dark" in page(home)
    assert "@media print" in page(home)


def test_every_link_leads_somewhere(home: TakeHome) -> None:
    for course in (home.course, load_course(BAKERY)):
        reader = read(page(replace(home, course=course)))
        inner = [link for link in reader.links if not link.startswith("https://")]
        assert inner
        assert {link.removeprefix("#") for link in inner} <= set(reader.ids)
        assert len(reader.ids) == len(set(reader.ids))


def test_headings_of_a_lesson_stand_under_its_step(home: TakeHome) -> None:
    assert re.search(r"<h3[^>]*>.*1\. First &lt;b&gt;</h3>", page(home))
    assert "<h4>Why</h4>" in page(home)


def test_a_recipe_that_is_not_there_is_told_and_what_passed_is_shown(home: TakeHome) -> None:
    assert home.missing() == (SECOND,)  # nothing was done on the third
    assert "one/two.def" in home.remarks()[0]
    assert "passed <recipe>" in read(page(home)).words
    offline = replace(home, files=OwnFiles())
    assert "No target was open" in offline.remarks()[0]
    assert "old recipe" in read(page(offline)).words
    broken = replace(home, files=replace(home.files, problems=("Gone away.",)))
    assert "Gone away." in read(page(broken)).words


def test_a_picture_that_is_gone_is_told_in_words(home: TakeHome, tmp_path: Path) -> None:
    picture = tmp_path / "pictures" / "dot.png"
    picture.unlink()
    picture.symlink_to(tmp_path)  # a folder
    assert read(page(home)).sources == []


def test_paper_needs_no_variables_of_css(home: TakeHome) -> None:
    assert "var(" not in page(home, paper=True)
    assert "From: now" in page(home, paper=True)


def test_the_archive_holds_each_as_a_file(home: TakeHome) -> None:
    with zipfile.ZipFile(io.BytesIO(archive(home))) as zipped:
        assert zipped.testzip() is None
        files = {name.removeprefix("bread/"): zipped.read(name) for name in zipped.namelist()}
    assert files["recipes/one/own.def"] == b"From: now <b>\n\xff"  # to the byte
    assert files["recipes/one/two.def"] == b"passed <recipe>"
    assert files["index.html"] == page(home).encode()
    assert "Mine: <script>" in files["notes.md"].decode()
    assert "## Second\n\nText." in files["lessons/one.md"].decode()
    assert read_progress(files["progress.json"]).of("one/second").passed_recipe == "passed <recipe>"
    rows = list(csv.reader(io.StringIO(files["results.csv"].decode())))
    assert rows[1][:3] == ["one/first", "First <b>", "passed"]
    assert rows[1][4:] == ["1", "88000000"]
    assert json.loads(files["progress.json"])["course"] == "bread"


def test_which_files_are_recipes(home: TakeHome) -> None:
    names = ["own.def", "own.1.def", "own.sif", "notes.txt", ".hidden"]
    assert wants(home.course, "one", names) == ["own.def", "own.1.def"]
    assert {lesson: str(folder) for lesson, folder in folders(home.course).items()} == {
        "one": "cowshed/one",
        "two": "cowshed/two",
    }


def test_sizes_are_said_as_people_do() -> None:
    assert [size_words(size) for size in (None, 1_500_000, 88_400_000)] == ["", "1.5 MB", "88 MB"]
