"""Reads a course folder.

::

    course.toml               title, summary, lessons = ["lolcow", …], [glossary]
    lolcow/lesson.toml        title, summary, and [[step]] tables: ids, files, checks, probes
    lolcow/lesson.md          what people read: for each step a line "# Title {#step-id}" and its text, in which
                              "::: hint", "::: passed" and "::: instructor" boxes are taken out of the page
    lolcow/<step>/*.def       starters, solutions, mistakes, each exactly as a learner would have it

The folders' names are the ids. Everything that a file names lies inside its lesson's folder; links that lead out of the
course are not followed, for a course may come from a stranger.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from cowshed_lessons.course import (
    BuildKind,
    CheckSpec,
    Course,
    CourseError,
    Lesson,
    Mistake,
    Probe,
    ProbeAction,
    Solution,
    Step,
)
from cowshed_lessons.folder_path import inside
from cowshed_lessons.passages import fence_after, passages
from cowshed_lessons.text_lines import lines_of
from cowshed_lessons.toml_table import TomlTable, is_identifier, read_text

BUILDS: tuple[BuildKind, ...] = get_args(BuildKind)
ACTIONS: tuple[ProbeAction, ...] = get_args(ProbeAction)

_STEP_HEADING = re.compile(r"^# +(.*?)\s*\{#([^}]*)\}\s*$")
_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


def read_course(folder: Path, lesson: str | None = None) -> Course:
    """The course in a folder, with all its lessons or only one.

    Raises:
        CourseError: At the first fault, with its place.
    """
    return CourseReader(folder).read(lesson)


@dataclass(slots=True)
class StepText:
    """What `lesson.md` says of one step. `line` is the heading's, `first_line` that of the text under it."""

    id: str
    title: str
    line: int
    lines: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    passed: str = ""
    instructor: str = ""
    hint_lines: list[int] = field(default_factory=list)
    instructor_line: int = 1

    @property
    def text(self) -> str:
        """The page itself; where a box was taken out, empty lines stand, so that line numbers stay true."""
        return "\n".join(self.lines)


class CourseReader:
    """Reads one course and remembers which files it was made of, pictures aside.

    Texts are only cut into pages here; `course_check` reads them as the lesson pane will, because that takes longer
    than judging a recipe may.

    Attributes:
        files: Every file that was read.
        pages: Each text with the file and the line that it begins at, by a name for people.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: set[Path] = set()
        self.pages: dict[str, tuple[Path, int, str]] = {}

    def read(self, only: str | None = None) -> Course:
        """The course, with the lesson `only` where one is named.

        Raises:
            CourseError: At the first fault.
        """
        table = self._toml(self._own("course.toml"))
        course_id, title, summary = table.identifier("id"), table.string("title"), table.string("summary")
        names, glossary = table.strings("lessons"), table.texts("glossary")
        table.finish()
        for term in glossary:
            if not is_identifier(term):
                raise table.error(f"The glossary's '{term}' is not an id: use lower-case words joined by hyphens.")
        for name in names:
            if not is_identifier(name) or names.count(name) > 1:
                sentence = f"'{name}' in 'lessons' must be a folder's name in lower-case words, listed once."
                raise table.error(sentence, "lessons")
            lesson = inside(self.folder, name)
            if lesson is None:
                raise table.error(f"The lesson '{name}' is a link that leads out of the course folder.", "lessons")
            if not lesson.is_dir():
                raise table.error(f"There is no folder for the lesson '{name}'.", "lessons")
        lessons = tuple(self._lesson(name) for name in names if only is None or name == only)
        return Course(course_id, title, lessons, summary, glossary, self.folder)

    def _own(self, name: str) -> Path:
        """A file of the course, which may not be a link to something else on the reader's computer."""
        file = inside(self.folder, name)
        if file is None:
            raise CourseError(
                self.folder / name,
                1,
                1,
                "This is a link that leads out of the course folder; put the file itself there.",
            )
        return file

    def _toml(self, file: Path) -> TomlTable:
        self.files.add(file)
        return TomlTable.read(file)

    def _lesson(self, name: str) -> Lesson:
        folder = self.folder / name
        table = self._toml(self._own(f"{name}/lesson.toml"))
        title, summary = table.string("title"), table.string("summary")
        texts = self._texts(self._own(f"{name}/lesson.md"))
        steps: list[Step] = []
        for each in table.tables("step"):
            steps.append(self._step(each, name, texts, steps[-1] if steps else None))
            self._object_to_overwriting(each, steps)
        table.finish()
        if not steps:
            raise table.error("A lesson needs at least one [[step]].")
        for text in texts.values():
            sentence = f"lesson.toml has no step '{text.id}'."
            raise CourseError(folder / "lesson.md", text.line, 1, sentence)
        return Lesson(name, title, summary, tuple(steps))

    def _step(self, table: TomlTable, lesson: str, texts: dict[str, StepText], before: Step | None) -> Step:
        name = table.identifier("id")
        text = texts.pop(name, None)
        if text is None:
            raise table.error(
                f"lesson.md has no page '# Title {{#{name}}}' for this step (or the id stands twice).", "id"
            )
        folder = self.folder / lesson
        self._keep_pages(f"{lesson}/{name}", folder / "lesson.md", text)
        carries_over = table.boolean("carries_over", default=False)
        if carries_over and before is None:
            raise table.error("The first step of a lesson has nothing to carry over.", "carries_over")
        solutions = tuple(self._solution(each, folder) for each in table.tables("solution"))
        if not solutions:
            raise table.error("A step needs at least one [[step.solution]].")
        if carries_over and before is not None and not table.has("starter"):
            starter = before.solutions[0].recipe
        else:
            starter = self._recipe(table, "starter", folder)
        checks = tuple(self._check(each) for each in table.tables("check"))
        self._object_to_twins(table, "check", [check.id for check in checks])
        mistakes = tuple(self._mistake(each, folder, checks) for each in table.tables("mistake"))
        probes = tuple(self._probe(each) for each in table.tables("probe"))
        self._object_to_twins(table, "probe", [probe.name for probe in probes])
        step = Step(
            id=f"{lesson}/{name}",
            title=text.title,
            text=text.text,
            recipe_name=self._file_name(table, "recipe"),
            image_name=self._image_name(table),
            starter=starter,
            hints=tuple(text.hints),
            solutions=solutions,
            mistakes=mistakes,
            checks=checks,
            probes=probes,
            build=table.choice("build", BUILDS, "none"),
            carries_over=carries_over,
            summary_when_passed=text.passed,
            minutes=table.integer("minutes", 1, 5),
            instructor_note=text.instructor,
        )
        table.finish()
        return step

    @staticmethod
    def _object_to_twins(table: TomlTable, kind: str, names: list[str]) -> None:
        for name in names:
            if names.count(name) > 1:
                raise table.error(f"Two {kind}s of this step are called '{name}'.")

    @staticmethod
    def _object_to_overwriting(table: TomlTable, steps: list[Step]) -> None:
        """No build may write its image over a recipe; all files of a lesson lie in one folder of the learner's.

        Names that differ in capitals only are one file on some computers.
        """
        newest = steps[-1]
        for step in steps:
            for recipe, image in ((newest, step), (step, newest)):
                if recipe.recipe_name.casefold() == image.image_name.casefold():
                    key = "image" if image is newest else "recipe"
                    raise table.error(
                        f"'{image.image_name}' is the image of '{image.id}' and the recipe of '{recipe.id}': "
                        "a build would write over what was typed. Give them different names.",
                        key,
                    )

    @staticmethod
    def _file_name(table: TomlTable, key: str) -> str:
        name = table.string(key)
        if not _FILE_NAME.fullmatch(name):
            raise table.error(f"'{name}' is not a plain file name.", key)
        return name

    def _image_name(self, table: TomlTable) -> str:
        """The image's name, never one that a copy of a recipe may have: Reset keeps `lolcow.1.def`, and so on."""
        name = self._file_name(table, "image")
        if name.casefold().endswith(".def"):
            raise table.error(
                f"'{name}' is a recipe's name: a build would write over a copy that Reset keeps of what was typed. "
                "Let the image's name end in '.sif'.",
                "image",
            )
        return name

    def _recipe(self, table: TomlTable, key: str, folder: Path) -> str:
        path = table.path(key, folder)
        self.files.add(path)
        return read_text(path)

    def _solution(self, table: TomlTable, folder: Path) -> Solution:
        recipe = self._recipe(table, "recipe", folder)
        solution = Solution(table.string("name"), recipe, table.string("note", ""))
        table.finish()
        return solution

    def _mistake(self, table: TomlTable, folder: Path, checks: tuple[CheckSpec, ...]) -> Mistake:
        recipe, name, check = self._recipe(table, "recipe", folder), table.string("name"), table.string("check")
        if check not in {each.id for each in checks}:
            raise table.error(f"This step has no check '{check}'.", "check")
        mistake = Mistake(name, recipe, check, table.string("says"))
        table.finish()
        return mistake

    @staticmethod
    def _check(table: TomlTable) -> CheckSpec:
        name, kind, title, learned = (
            table.identifier("id"),
            table.string("kind"),
            table.string("title"),
            table.string("learned"),
        )
        return CheckSpec(name, kind, title, table.rest(), learned)

    @staticmethod
    def _probe(table: TomlTable) -> Probe:
        probe = Probe(table.identifier("name"), table.choice("action", ACTIONS), table.strings("arguments", ()))
        table.finish()
        return probe

    def _texts(self, file: Path) -> dict[str, StepText]:
        """The pages of a `lesson.md`, by step id."""
        self.files.add(file)
        texts: dict[str, StepText] = {}
        current: StepText | None = None
        fence = ""
        bodies: dict[str, list[str]] = {}
        for number, line in enumerate(lines_of(read_text(file)), 1):
            heading = None if fence else _STEP_HEADING.match(line)
            fence = fence_after(line, fence)
            if heading:
                current = StepText(heading[2], heading[1], number)
                if not current.title or not is_identifier(current.id) or current.id in texts:
                    raise CourseError(
                        file, number, 1, "Give each page a title and an id of its own: '# Title {#step-id}'."
                    )
                texts[current.id], bodies[current.id] = current, []
            elif current is not None:
                bodies[current.id].append(line)
            elif line.strip():
                sentence = (
                    "Text before the first step's heading belongs to no step; a heading reads '# Title {#step-id}'."
                )
                raise CourseError(file, number, 1, sentence)
        for name, text in texts.items():
            self._take_boxes(file, text, bodies[name])
        return texts

    @staticmethod
    def _take_boxes(file: Path, text: StepText, body: list[str]) -> None:
        """Move hints, the passed sentence and the instructor's note out of the page."""
        first_line = text.line + 1
        text.lines = list(body)
        for passage in passages("\n".join(body), first_line=first_line):
            if passage.kind not in ("hint", "passed", "instructor"):
                continue
            content = passage.text.strip()
            content_line = passage.line + passage.text[: len(passage.text) - len(passage.text.lstrip())].count("\n")
            if not passage.closed or not content:
                raise CourseError(file, passage.line - 1, 1, f"The box '::: {passage.kind}' is empty or has no end.")
            if (passage.kind == "passed" and text.passed) or (passage.kind == "instructor" and text.instructor):
                raise CourseError(file, passage.line - 1, 1, f"A step has one box '::: {passage.kind}'.")
            if passage.kind == "hint":
                text.hints.append(content)
                text.hint_lines.append(content_line)
            elif passage.kind == "passed":
                text.passed = " ".join(content.split())
            else:
                text.instructor = content
                text.instructor_line = content_line
            start = passage.line - 1 - first_line
            length = passage.text.count("\n") + 3
            text.lines[start : start + length] = [""] * length
        if not text.passed:
            raise CourseError(
                file, text.line, 1, "This step has no '::: passed' box: one sentence on what was learned."
            )

    def _keep_pages(self, step: str, file: Path, text: StepText) -> None:
        """Remember each text under a name for people."""
        self.pages[step] = (file, text.line + 1, text.text)
        for level, (line, hint) in enumerate(zip(text.hint_lines, text.hints, strict=True), 1):
            self.pages[f"{step}, hint {level}"] = (file, line, hint)
        self.pages[f"{step}, instructor's note"] = (file, text.instructor_line, text.instructor)
