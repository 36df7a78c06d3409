"""A course is proved by its own recipes."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from cowshed_lessons.course_check import problems
from lessons.course_folder import TINY, change, tiny_copy


def test_the_tiny_course_is_sound() -> None:
    assert list(problems(TINY)) == []


def test_what_keeps_a_course_from_being_read_ends_the_list(tmp_path: Path) -> None:
    folder = tiny_copy(tmp_path)
    change(folder / "course.toml", 'title = "A tiny course"', 'title = ""')
    (folder / "stray.txt").write_text("x")
    assert list(problems(folder)) == [f"{folder / 'course.toml'}:2:1: 'title' is empty; write a text."]


SOUND_PROBLEMS = [
    (
        "greeting/starter.def",
        "From: alpine:3.20",
        "From: alpine:3.20\n%help\n    x",
        r"greeting/help: the starter already",
    ),
    (
        "greeting/solution.def",
        "%help",
        "%labels",
        r"greeting/help: the solution 'Two words' does not pass\. The judge .+",
    ),
    ("greeting/mistake.def", "# without help", "%help\n    x", r"greeting/help: the mistake 'No section' passes\."),
    (
        "greeting/lesson.toml",
        "no `%help`",
        "no moon",
        r"greeting/help: the mistake 'No section' should first be .+ help: ",
    ),
    (
        "data/recipes/first.def",
        "Bootstrap: scratch",
        "Bootstrap: scratch\n%help\n    x",
        r"data/more: the starter already",
    ),
    (
        "greeting/lesson.toml",
        '"recipe.section"',
        '"recipe.sections"',
        r"greeting/help: check 'help': .*recipe\.sections",
    ),
    ("greeting/lesson.toml", '\nname = "help"\n', '\nnames = "help"\n', r"greeting/help: check 'help': .*names"),
    ("data/lesson.toml", 'probe = "files"', 'probe = "fils"', r"data/more: a check asks for the probe 'fils'"),
    ("data/lesson.toml", 'build = "succeeds"', 'build = "none"', r"data/more: build is 'none', .* a build\.succeeds"),
    ("data/lesson.toml", 'build = "succeeds"', 'build = "fails"', r"data/more: build is 'fails', .* no build\.fails"),
    ("greeting/lesson.md", "::: hint\nThree.\n:::", "", r"greeting/help: has 2 hints; give 3"),
    (
        "greeting/lesson.md",
        "(term:help-text)",
        "(term:help)",
        r"lesson\.md:3:1: greeting/help: The glossary has no entry",
    ),
    ("greeting/lesson.md", "Two.", "[x](file:///a)", r"lesson\.md:17:1: greeting/help, hint 2: The link 'file:"),
    ("greeting/lesson.md", "Two.", "[x](step:data/les)", r"lesson\.md:17:1: greeting/help, hint 2: There is no step"),
    ("greeting/lesson.toml", "step:data/more", "step:data/mor", r"note of 'Two words': There is no step 'data/mor'"),
    ("greeting/lesson.md", "pictures/door.svg", "pictures/dor.svg", r"There is no picture 'pictures/dor\.svg'"),
    (
        "course.toml",
        "[glossary]",
        '[glossary]\nunused = "x"',
        r"course\.toml:1:1: No page uses the glossary's 'unused'",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "sentence"), SOUND_PROBLEMS)
def test_a_broken_promise_is_told(tmp_path: Path, file: str, old: str, new: str, sentence: str) -> None:
    folder = tiny_copy(tmp_path)
    change(folder / file, old, new)
    found = list(problems(folder))
    assert any(re.search(sentence, each) for each in found), json.dumps(found, indent=1)


def test_a_step_without_checks_is_told(tmp_path: Path) -> None:
    folder = tiny_copy(tmp_path)
    text = (folder / "data/lesson.toml").read_text()
    begin, end = text.index("[[step.check]]"), text.index("[[step.solution]]")
    (folder / "data/lesson.toml").write_text(text[:begin] + text[end:])
    assert "data/first: no check looks at anything." in list(problems(folder))


def test_a_solution_that_leaves_nothing_to_do_is_told(tmp_path: Path) -> None:
    folder = tiny_copy(tmp_path)
    change(folder / "data/recipes/first.def", "Bootstrap: scratch\n", "Bootstrap: scratch\n%help\n    x\n")
    assert any("whoever carries over 'Shortest' from data/first has nothing left" in each for each in problems(folder))


def test_unused_files_are_told_and_a_desktops_litter_is_not(tmp_path: Path) -> None:
    folder = tiny_copy(tmp_path)
    (folder / "data" / "recipes" / "old.def").write_text("x")
    (folder / "data" / ".DS_Store").write_text("x")
    assert list(problems(folder)) == [f"{folder / 'data/recipes/old.def'}:1:1: Nothing in the course uses this file."]


BAKERY = TINY.parent / "bakery"

MORE_PROBLEMS = [
    (
        "oven/lesson.toml",
        "--runscript bread.sif",
        "--runscriptt bread.sif",
        r"oven/taste: the commands of 'The long option' do",
    ),
    (
        "oven/lesson.toml",
        'says = "cake.sif"',
        'says = "moon"',
        r"oven/taste: the mistake 'Looked .+ should first be told",
    ),
    ("oven/lesson.toml", 'exit_status = 255, output = "FATAL: no', 'output = "no', r"'Looked for a loaf .+' passes"),
    (
        "oven/lesson.md",
        "**@account@**",
        "**@acount@**",
        r"lesson\.md:10:21: oven/dough: '@acount@' is no fact of a target",
    ),
    (
        "oven/lesson.toml",
        'arguments = ["--labels"]',
        'arguments = ["@labels@"]',
        r"oven/label: probe 'labels': '@labels@'",
    ),
    (
        "oven/lesson.toml",
        'id = "taste"',
        'id = "taste"\nmute = ["no-such-rule"]',
        r"oven/taste: there is no rule 'no-such-rule'",
    ),
    (
        "counter/lesson.toml",
        'question = "ways"',
        'question = "way"',
        r"counter/customers: a check asks for the question 'way'",
    ),
    (
        "counter/lesson.toml",
        'question = "ways"',
        'question = "twice"',
        r"counter/customers: no check uses the question 'ways'",
    ),
    (
        "counter/lesson.toml",
        'images = ["oven/bread.sif"]',
        'images = ["oven/bread.sif", "cake.sif"]',
        r"no step before .+ 'cake\.sif'",
    ),
    (
        "counter/lesson.toml",
        'images = ["oven/bread.sif"]',
        'images = ["oven/bread.sif", "cake.sif"]',
        r"no check or probe looks at",
    ),
    (
        "counter/lesson.toml",
        '\nimage = "oven/bread.sif"\ntitle',
        "\ntitle",
        r"counter/weigh: the check 'there' looks at the step's own",
    ),
    ("counter/lesson.toml", "Even rye is", "[Rye](step:oven/rye) is", r"There is no step 'oven/rye' to link to"),
    (
        "counter/lesson.toml",
        "[loaf](term:loaf)",
        "[loaf](term:loafs)",
        r"lesson\.toml:11:1: .+question 'twice': The glossary has no",
    ),
    ("counter/glaze/solution.def", "%help", "%labels", r"counter/glaze: the solution"),
    (
        "oven/label/solution.def",
        "%labels",
        "%help\n    x\n%labels",
        r"counter/glaze: whoever carries over 'A name' from oven/label",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "sentence"), MORE_PROBLEMS)
def test_broken_promises_of_other_kinds_are_told(tmp_path: Path, file: str, old: str, new: str, sentence: str) -> None:
    folder = Path(shutil.copytree(BAKERY, tmp_path / "bakery"))
    change(folder / file, old, new)
    found = list(problems(folder))
    assert any(re.search(sentence, each) for each in found), json.dumps(found, indent=1)


def test_a_course_about_something_else_is_sound() -> None:
    assert list(problems(BAKERY)) == []


def test_a_step_that_looks_at_commands_needs_some(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(BAKERY, tmp_path / "bakery"))
    change(
        folder / "oven/lesson.toml",
        'commands = [{ line = "apptainer run bread.sif", output = "rye, water, salt" }]\n',
        "",
    )
    assert "oven/dough: looks at commands, but no solution has 'commands'." in list(problems(folder))
