"""Steps of every kind are read from another course, and each fault in them has its place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cowshed_lessons.course import CourseError, TypedCommand
from cowshed_lessons.course_file import CourseReader, read_course
from cowshed_lessons.progress import Progress
from lessons.course_folder import change

BAKERY = Path(__file__).parent / "courses" / "bakery"


@pytest.fixture
def bakery(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BAKERY, tmp_path / "bakery"))


def test_a_quiz_is_read() -> None:
    step = read_course(BAKERY).step("counter/customers")
    assert (step.recipe_name, step.image_name, step.starter, step.solutions) == ("", "", "", ())
    assert step.answer.startswith("A loaf is a file")
    twice, ways = step.questions
    assert (twice.id, twice.several, twice.right) == ("twice", False, (0,))
    assert (ways.id, ways.several, ways.right) == ("ways", True, (0, 1))
    assert twice.options[1].explanation.startswith("Flour of next year")


def test_commands_are_read_in_both_spellings(bakery: Path) -> None:
    change(bakery / "oven/lesson.toml", 'output = "cat /srv/bread" }]', 'types = ["exit"] }, "true"]')
    commands = read_course(bakery).step("oven/taste").solutions[0].commands
    assert commands == (
        TypedCommand("apptainer inspect --runscript bread.sif", types=("exit",)),
        TypedCommand("true"),
    )


def test_a_probe_may_look_at_an_image_of_another_lesson() -> None:
    step = read_course(BAKERY).step("counter/weigh")
    assert step.images == ("oven/bread.sif",)
    assert step.probes[0].image == "oven/bread.sif"


def test_a_recipe_is_carried_from_another_lesson_even_where_only_one_is_read() -> None:
    label = read_course(BAKERY).step("oven/label").solutions[0].recipe
    for only in (None, "counter"):
        step = read_course(BAKERY, only).step("counter/glaze")
        assert (step.carries_from, step.starter) == ("oven/label", label)


def test_the_learners_own_recipe_is_carried_from_there() -> None:
    course = read_course(BAKERY)
    progress = Progress(course.id)
    glaze = course.step("counter/glaze")
    assert progress.beginning(course, glaze) == glaze.starter
    progress.mark_passed("oven/label", "my own\n")
    assert progress.beginning(course, glaze) == "my own\n"
    alone = read_course(BAKERY, "counter")
    assert progress.beginning(alone, alone.step("counter/glaze")) == glaze.starter


def test_rules_are_muted_for_a_step_and_for_its_lesson(bakery: Path) -> None:
    change(bakery / "oven/lesson.toml", 'summary = "From', 'mute = ["a", "b"]\nsummary = "From')
    change(bakery / "oven/lesson.toml", "carries_over = true", 'carries_over = true\nmute = ["c", "a"]')
    course = read_course(bakery)
    assert course.step("oven/dough").mute == ("a", "b")
    assert course.step("oven/label").mute == ("a", "b", "c")


def test_a_sandbox_is_an_image_with_a_slash(bakery: Path) -> None:
    change(bakery / "counter/lesson.toml", 'image = "glazed.sif"', 'image = "glazed/"')
    assert read_course(bakery).step("counter/glaze").image_name == "glazed/"


def test_without_what_only_the_proof_needs_a_course_is_the_same() -> None:
    whole, light = read_course(BAKERY), read_course(BAKERY, whole=False)
    assert any(step.mistakes for step in whole.steps)
    assert not any(step.mistakes for step in light.steps)
    assert [step.solutions for step in light.steps] == [step.solutions for step in whole.steps]


FAULTS = [
    ("oven", "carries_over = true", 'carries_over = true\ncarries_from = "oven/dough"', "either 'carries_over' or"),
    ("oven", 'id = "taste"', 'id = "taste"\nstarter = "dough/starter.def"', "'starter' is for a step with a 'recipe'"),
    ("oven", 'id = "taste"', 'id = "taste"\nimage = "a/b.sif"', "'a/b.sif' is not a plain file name"),
    ("oven", 'id = "taste"', 'id = "taste"\nbuild = "succeeds"', "needs an 'image'"),
    ("oven", 'id = "taste"', 'id = "taste"\nanswer = "Look."', "shown the solutions here"),
    (
        "oven",
        'commands = [{ line = "apptainer inspect -r cake.sif", exit',
        'commands = [{ lines = "a", exit',
        "'line' is",
    ),
    ("oven", 'line = "apptainer inspect -r cake.sif"', 'line = "a", says = "b"', "'says' is not known here"),
    ("oven", 'line = "apptainer inspect -r cake.sif"', 'line = " "', "'line' is empty"),
    (
        "oven",
        'commands = [{ line = "apptainer inspect -r cake.sif", exit_status = 255',
        "commands = [3, { exit = 5",
        "must be",
    ),
    ("counter", 'carries_from = "oven/label"', 'carries_from = "label"', "must be a lesson and a step"),
    ("counter", 'carries_from = "oven/label"', 'carries_from = "oven/labels"', "no step 'oven/labels' with a recipe"),
    ("counter", 'carries_from = "oven/label"', 'carries_from = "oven/taste"', "no step 'oven/taste' with a recipe"),
    ("counter", 'carries_from = "oven/label"', "carries_over = true", "'counter/weigh', has no recipe to carry"),
    ("counter", 'images = ["oven/bread.sif"]', 'images = ["../bread.sif"]', "must be an image's name"),
    ("counter", 'images = ["oven/bread.sif"]', "images = []", "'oven/bread.sif' is not among this step's"),
    ("counter", 'explanation = "It is only a file."', "", "'explanation' is missing"),
    ("counter", 'right = true\nexplanation = "It is only', 'explanation = "It is only', "Say whether this option"),
    ("counter", "several = true", "", "More than one option is right"),
    ("counter", 'text = "Bake it again"', 'text = "Copy the file"', "Two options of this question read the same"),
    ("counter", 'id = "ways"\ntext', 'id = "twice"\ntext', "Two questions of this step are called"),
    ("counter", 'answer = "A loaf', 'antwort = "A loaf', "[[step.solution]] or an 'answer'"),
    ("counter", 'recipe = "glaze/solution.def"', 'commands = ["true"]', "'recipe' is missing"),
]


@pytest.mark.parametrize(("lesson", "old", "new", "sentence"), FAULTS)
def test_a_fault_has_its_place(bakery: Path, lesson: str, old: str, new: str, sentence: str) -> None:
    file = bakery / lesson / "lesson.toml"
    changed = change(file, old, new)
    with pytest.raises(CourseError) as caught:
        read_course(bakery)
    assert sentence in caught.value.sentence, caught.value
    assert caught.value.file == file
    assert abs(caught.value.line - changed) <= 24  # at the key, or at the head of its table
    assert caught.value.line > 1


def test_a_recipe_is_not_carried_from_a_later_lesson(bakery: Path) -> None:
    change(bakery / "course.toml", '["oven", "counter"]', '["counter", "oven"]')
    with pytest.raises(CourseError, match="no step 'oven/label' with a recipe before this one"):
        read_course(bakery)


def read_files(only: str | None, *, whole: bool) -> set[str]:
    reader = CourseReader(BAKERY, whole=whole)
    reader.read(only)
    return {str(file.relative_to(BAKERY)) for file in reader.files}


def test_only_what_is_needed_is_read() -> None:
    assert read_files("counter", whole=False) == {
        "course.toml",
        "counter/lesson.toml",
        "counter/lesson.md",
        "counter/glaze/solution.def",
        "oven/lesson.toml",  # a recipe is carried from there
    }
    assert "oven/dough/mistake-environment.def" in read_files(None, whole=True)
    assert "oven/dough/mistake-environment.def" not in read_files(None, whole=False)


def test_a_fault_has_the_same_place_where_mistakes_are_left_out(bakery: Path) -> None:
    change(bakery / "oven/lesson.toml", 'id = "taste"', 'id = "tasting"')
    found = []
    for whole in (True, False):
        with pytest.raises(CourseError) as caught:
            read_course(bakery, whole=whole)
        found.append((caught.value.line, caught.value.column, caught.value.sentence))
    assert found[0] == found[1]
    assert found[0][0] > 80


def test_a_mistake_with_a_text_of_several_lines_is_left_out_too(bakery: Path) -> None:
    output = "output = '''\n[[step]]\nid = 3\n'''"
    change(bakery / "oven/lesson.toml", 'output = "FATAL: no such file"', output)
    assert read_course(bakery, whole=False).step("oven/taste").mistakes == ()
    assert "[[step]]" in read_course(bakery).step("oven/taste").mistakes[0].commands[0].output
