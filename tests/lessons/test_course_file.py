"""Reading a course folder, and what is said when it is not in order."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cowshed_lessons.course import CourseError, Probe
from cowshed_lessons.course_file import CourseReader, read_course
from lessons.course_folder import TINY, change, tiny_copy


def test_the_tiny_course_is_read_whole() -> None:
    course = read_course(TINY)
    assert (course.id, course.title, course.folder) == ("tiny", "A tiny course", TINY)
    assert [step.id for step in course.steps] == ["greeting/help", "data/first", "data/more"]
    assert course.glossary == {"help-text": "What `apptainer run-help` prints."}
    hello, first, more = course.steps
    assert hello.title == "Say hello"
    assert hello.hints == ("One.", "Two.", "Three.")
    assert hello.summary_when_passed == "You said hello."
    assert hello.checks[0].parameters == {"name": "help"}
    assert hello.checks[0].learned == "A help text explains an image to strangers."
    assert (hello.minutes, more.minutes) == (5, 3)
    assert (first.build, more.build) == ("none", "succeeds")
    assert more.instructor_note == "Take your time."
    assert more.probes == (Probe("files", "exec", ("ls", "/")),)
    assert hello.mistakes[0].message_contains == "no `%help`"


def test_boxes_for_other_places_leave_the_page() -> None:
    text = read_course(TINY).step("greeting/help").text
    assert "run-help" not in text
    assert "[help text](term:help-text)" in text
    assert ":::" not in text
    assert "Three." not in text
    assert "# this line is no heading {#nor-a-step}" in text


def test_recipes_keep_their_line_ends() -> None:
    solution = read_course(TINY).step("greeting/help").solutions[0]
    assert "\r\n%help\r\n" in solution.recipe


def test_a_step_that_carries_over_starts_from_the_solution_before() -> None:
    course = read_course(TINY)
    assert course.step("data/more").starter == course.step("data/first").solutions[0].recipe


def test_a_step_that_carries_over_may_have_a_starter_of_its_own(tmp_path: Path) -> None:
    folder = tiny_copy(tmp_path)
    change(folder / "data/lesson.toml", "carries_over = true", 'carries_over = true\nstarter = "recipes/starter.def"')
    assert read_course(folder).step("data/more").starter == "Bootsrap: scratch\n"


def test_the_reader_knows_its_files_and_pages(tmp_path: Path) -> None:
    folder = tiny_copy(tmp_path)
    change(folder / "greeting/lesson.md", "Two.", "\n\nTwo.\n")
    reader = CourseReader(folder)
    reader.read()
    assert folder / "greeting" / "mistake.def" in reader.files
    file, line, text = reader.pages["greeting/help, hint 2"]
    assert (file, text) == (folder / "greeting" / "lesson.md", "Two.")
    assert file.read_text().splitlines()[line - 1] == "Two."


def test_blank_lines_may_stand_before_the_first_page(tmp_path: Path) -> None:
    folder = tiny_copy(tmp_path)
    change(folder / "greeting/lesson.md", "# Say hello {#help}", "\n\n# Say hello {#help}")
    assert read_course(folder).step("greeting/help").title == "Say hello"


FAULTS = [
    ("course.toml", 'id = "tiny"', 'id = "Tiny"', "'Tiny' is not an id"),
    ("course.toml", 'id = "tiny"', 'di = "tiny"', "'id' is missing"),
    ("course.toml", 'title = "A tiny course"', 'title = ""', "'title' is empty"),
    ("course.toml", 'title = "A tiny course"', "title = 3", "'title' must be a text"),
    ("course.toml", 'summary = "Shows', 'subtitle = "A"\nsummary = "Shows', "'subtitle' is not known here."),
    ("course.toml", '["greeting", "data"]', '"greeting"', "must be a list of texts"),
    ("course.toml", '["greeting", "data"]', '["greeting", 1]', "must be a list of texts"),
    ("course.toml", '["greeting", "data"]', '["greeting", "../tiny"]', "must be a folder's name"),
    ("course.toml", '["greeting", "data"]', '["greeting", "greeting"]', "listed once"),
    ("course.toml", '["greeting", "data"]', '["absent"]', "no folder for the lesson 'absent'"),
    ("course.toml", "help-text =", "HelpText =", "glossary's 'HelpText'"),
    ("course.toml", "help-text = ", "help-text = 1 #", "table of texts"),
    ("greeting/lesson.toml", 'id = "help"\nrecipe', 'id = "other"\nrecipe', "no page '# Title {#other}'"),
    ("greeting/lesson.toml", 'starter = "starter.def"', 'starter = "../../course.toml"', "leads out of"),
    ("greeting/lesson.toml", 'starter = "starter.def"', 'starter = "/etc/passwd"', "leads out of"),
    ("greeting/lesson.toml", 'starter = "starter.def"', 'starter = "absent.def"', "no file 'absent.def'"),
    ("greeting/lesson.toml", 'starter = "starter.def"', "carries_over = true", "nothing to carry over"),
    ("greeting/lesson.toml", 'starter = "starter.def"', 'start = "starter.def"', "'starter' is missing"),
    ("greeting/lesson.toml", 'starter = "starter.def"', 'starter = "starter.def"\nbuidl = "none"', "mean 'build'"),
    ("greeting/lesson.toml", 'starter = "starter.def"', 'starter = "starter.def"\nbuild = "maybe"', "must be one of"),
    ("greeting/lesson.toml", 'starter = "starter.def"', 'starter = "starter.def"\nminutes = 0', "whole number"),
    ("greeting/lesson.toml", 'starter = "starter.def"', 'starter = "starter.def"\nminutes = true', "whole number"),
    (
        "greeting/lesson.toml",
        'starter = "starter.def"',
        'starter = "starter.def"\ncarries_over = "no"',
        "true or false",
    ),
    ("greeting/lesson.toml", 'image = "greeting.sif"', 'image = "a/b.sif"', "not a plain file name"),
    ("greeting/lesson.toml", 'image = "greeting.sif"', 'image = "--force"', "not a plain file name"),
    ("greeting/lesson.toml", 'check = "help"', 'check = "halp"', "no check 'halp'"),
    ("greeting/lesson.toml", 'id = "help"\nkind', "kind", "'id' is missing"),
    ("greeting/lesson.toml", "[[step]]\n", "[step]\n", "must be written as [[step]] tables"),
    ("greeting/lesson.toml", 'learned = "A', 'learnt = "A', "'learned' is missing"),
    ("greeting/lesson.toml", 'says = "no `%help`"', 'says = ""', "'says' is empty"),
    ("data/lesson.toml", 'action = "exec"', 'action = "shell"', "must be one of: exec, run, inspect"),
    ("data/lesson.toml", 'id = "build"', 'id = "help"', "Two checks of this step are called 'help'"),
    (
        "data/lesson.toml",
        "[[step.probe]]",
        '[[step.probe]]\nname = "files"\naction = "run"\n[[step.probe]]',
        "Two probes of this step are called 'files'",
    ),
    ("greeting/lesson.md", "# Say hello {#help}", "Text.\n# Say hello {#help}", "before the first step's heading"),
    ("greeting/lesson.md", "# Say hello {#help}", "# Say hello {#Help}", "a title and an id of its own"),
    ("data/lesson.md", "# More {#more}", "# More {#first}", "a title and an id of its own"),
    ("data/lesson.md", "# More {#more}", "#  {#more}", "a title and an id of its own"),
    ("greeting/lesson.md", "::: passed\nYou said\nhello.\n:::\n", "", "no '::: passed' box"),
    ("greeting/lesson.md", "You said\nhello.\n:::\n", "You said hello.\n", "'::: passed' is empty or has no end"),
    ("greeting/lesson.md", "Two.", "", "'::: hint' is empty"),
    ("greeting/lesson.md", "::: passed", "::: passed\nOne.\n:::\n::: passed", "one box '::: passed'"),
    ("data/lesson.md", "::: instructor", "::: instructor\nOne.\n:::\n::: instructor", "one box '::: instructor'"),
    ("data/lesson.md", "# More {#more}", "# Much {#much}\n::: passed\nA\n:::\n# More {#more}", "has no step 'much'"),
]


@pytest.mark.parametrize(("file", "old", "new", "sentence"), FAULTS)
def test_a_fault_is_told_with_its_file(tmp_path: Path, file: str, old: str, new: str, sentence: str) -> None:
    folder = tiny_copy(tmp_path)
    change(folder / file, old, new)
    with pytest.raises(CourseError) as raised:
        read_course(folder)
    assert raised.value.file == folder / file
    assert sentence in raised.value.sentence


@pytest.mark.parametrize(
    ("file", "old", "new", "column"),
    [
        ("course.toml", 'id = "tiny"', '  id = "Tiny"', 3),
        ("greeting/lesson.toml", 'check = "help"', 'check = "halp"', 1),
        ("greeting/lesson.toml", 'starter = "starter.def"', 'starter = "absent.def"', 1),
        ("data/lesson.toml", 'action = "exec"', 'action = "shell"', 1),
        ("data/lesson.toml", "minutes = 3", "minutes = -3", 1),
        ("data/lesson.toml", "minutes = 3", "minutes = = 3", 11),
        ("greeting/lesson.md", "Two.", "", 1),
    ],
)
def test_a_fault_is_told_with_its_line_and_column(tmp_path: Path, file: str, old: str, new: str, column: int) -> None:
    folder = tiny_copy(tmp_path)
    line = change(folder / file, old, new)
    with pytest.raises(CourseError) as raised:
        read_course(folder)
    above = 1 if file.endswith(".md") else 0  # the box's own line
    assert (raised.value.line, raised.value.column) == (line - above, column)
    assert str(raised.value) == f"{folder / file}:{line - above}:{column}: {raised.value.sentence}"


def test_a_lesson_without_steps_is_none(tmp_path: Path) -> None:
    folder = tiny_copy(tmp_path)
    (folder / "data/lesson.toml").write_text('title = "Data"\nsummary = "Nothing."\n')
    with pytest.raises(CourseError, match="at least one"):
        read_course(folder)


def test_a_step_without_a_solution_is_refused(tmp_path: Path) -> None:
    folder = tiny_copy(tmp_path)
    text = (folder / "greeting/lesson.toml").read_text()
    (folder / "greeting/lesson.toml").write_text(text[: text.index("[[step.solution]]")])
    with pytest.raises(CourseError, match=r"at least one \[\[step\.solution\]\]"):
        read_course(folder)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    folder = tiny_copy(tmp_path)
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (folder / "greeting" / "starter.def").unlink()
    (folder / "greeting" / "starter.def").symlink_to(secret)
    with pytest.raises(CourseError, match="leads out of the course folder"):
        read_course(folder)


@pytest.mark.parametrize("name", ["course.toml", "data", "data/lesson.toml", "data/lesson.md", "data/recipes"])
def test_links_that_lead_out_of_the_course_are_not_followed(tmp_path: Path, name: str) -> None:
    folder = tiny_copy(tmp_path)
    outside = tmp_path / "outside"
    (folder / name).rename(outside)
    (folder / name).symlink_to(outside)
    with pytest.raises(CourseError, match="out of the course folder"):
        read_course(folder)


def test_links_inside_the_course_and_to_the_course_are_followed(tmp_path: Path) -> None:
    folder = tiny_copy(tmp_path)
    (folder / "data" / "lesson.md").rename(folder / "text.md")
    (folder / "data" / "lesson.md").symlink_to("../text.md")
    link = tmp_path / "link"
    link.symlink_to(folder)
    assert len(read_course(link).steps) == 3


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes")
@pytest.mark.parametrize("name", ["course.toml", "data/lesson.toml", "data/lesson.md", "data/recipes/more.def"])
def test_a_pipe_in_a_course_is_refused_at_once(tmp_path: Path, name: str) -> None:
    folder = tiny_copy(tmp_path)
    (folder / name).unlink()
    os.mkfifo(folder / name)
    with pytest.raises(CourseError, match=r"not a regular file|There is no file"):
        read_course(folder)


@pytest.mark.parametrize("name", ["lolcow.1.def", "image.DEF"])
def test_an_image_may_not_have_the_name_of_a_copy_that_reset_keeps(tmp_path: Path, name: str) -> None:
    folder = tiny_copy(tmp_path)
    file = folder / "data" / "lesson.toml"
    text = file.read_text().split("\n")
    assert text[6].startswith("image = ")
    text[6] = f'image = "{name}"'
    file.write_text("\n".join(text))
    with pytest.raises(CourseError, match="copy that Reset keeps") as raised:
        read_course(folder)
    assert raised.value.line == 7


@pytest.mark.parametrize(
    ("lines", "number", "key"),
    [
        ({6: "same.recipe", 7: "same.recipe"}, 7, "image"),
        ({6: "same.recipe", 7: "Same.RECIPE"}, 7, "image"),
        ({7: "later.recipe", 22: "later.recipe"}, 22, "recipe"),
        ({6: "first.recipe", 23: "FIRST.recipe"}, 23, "image"),
    ],
)
def test_no_build_may_write_over_a_recipe(tmp_path: Path, lines: dict[int, str], number: int, key: str) -> None:
    folder = tiny_copy(tmp_path)
    file = folder / "data" / "lesson.toml"
    text = file.read_text().split("\n")
    for each, name in lines.items():
        assert text[each - 1].startswith(("recipe = ", "image = "))
        text[each - 1] = text[each - 1].partition("=")[0] + f'= "{name}"'
    file.write_text("\n".join(text))
    assert text[number - 1].startswith(key)
    with pytest.raises(CourseError, match="write over what was typed") as raised:
        read_course(folder)
    assert raised.value.line == number
