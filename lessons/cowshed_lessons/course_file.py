"""Reads a course folder. The whole format is described for authors in ``docs/authors.md``.

::

    course.toml               title, summary, lessons = ["lolcow", …], [glossary]
    lolcow/lesson.toml        title, summary, and [[step]] tables: ids, files, checks, probes, questions
    lolcow/lesson.md          what people read: for each step a line "# Title {#step-id}" and its text, in which
                              "::: hint", "::: passed" and "::: instructor" boxes are taken out of the page
    lolcow/<step>/*.def       starters, solutions, mistakes, each exactly as a learner would have it

The folders' names are the ids. Everything that a file names lies inside its lesson's folder; links that lead out of the
course are not followed, for a course may come from a stranger.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cowshed_lessons.course import Course, CourseError, Lesson
from cowshed_lessons.course_pages import step_texts
from cowshed_lessons.course_step import Pages, StepReader
from cowshed_lessons.folder_path import inside
from cowshed_lessons.toml_table import TomlTable, is_identifier, read_text


def read_course(folder: Path, lesson: str | None = None, *, whole: bool = True) -> Course:
    """The course in a folder, with all its lessons or only one; without the mistakes unless `whole`.

    Raises:
        CourseError: At the first fault, with its place.
    """
    return CourseReader(folder, whole=whole).read(lesson)


class CourseReader:
    """Reads one course and remembers which files it was made of, pictures aside.

    Texts are only cut into pages here; `course_check` reads them as the lesson pane will, because that takes longer
    than judging a recipe may.

    Attributes:
        files: Every file that was read.
        pages: Each text with the file and the line that it begins at, by a name for people; empty unless `whole`.
    """

    def __init__(self, folder: Path, *, whole: bool = True) -> None:
        self.folder = folder
        self._whole = whole
        self.files: set[Path] = set()
        self.pages: Pages = {}
        self._lessons: dict[str, Lesson] = {}

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
        for place, name in enumerate(names):
            if only is None or name == only:
                self._lessons[name] = self._lesson(name, names[:place])
        return Course(course_id, title, tuple(self._lessons.values()), summary, glossary, self.folder)

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
        return TomlTable.read(file, without="" if self._whole else "step.mistake")

    def _lesson(self, name: str, before: Sequence[str]) -> Lesson:
        folder = self.folder / name
        table = self._toml(self._own(f"{name}/lesson.toml"))
        title, summary, mute = table.string("title"), table.string("summary"), table.strings("mute", ())
        page = self._own(f"{name}/lesson.md")
        self.files.add(page)
        texts = step_texts(page)

        def first_solution(step_id: str) -> str | None:
            return self._first_solution(step_id) if step_id.partition("/")[0] in before else None

        reader = StepReader(name, folder, mute, self.files, self.pages, first_solution, whole=self._whole)
        for each in table.tables("step"):
            reader.add(each, texts)
        table.finish()
        if not reader.steps:
            raise table.error("A lesson needs at least one [[step]].")
        for text in texts.values():
            raise CourseError(page, text.line, 1, f"lesson.toml has no step '{text.id}'.")
        return Lesson(name, title, summary, tuple(reader.steps))

    def _first_solution(self, step_id: str) -> str | None:
        """The first solution's recipe of a step of an earlier lesson, None where there is none.

        Where only one lesson is read, the other one is only searched: to read it whole would take its time.
        """
        lesson, _, name = step_id.partition("/")
        if lesson in self._lessons:
            found = next((step for step in self._lessons[lesson].steps if step.id == step_id), None)
            return found.solutions[0].recipe if found is not None and found.recipe_name else None
        for table in self._toml(self._own(f"{lesson}/lesson.toml")).tables("step"):
            if table.string("id") == name and table.has("recipe"):
                for solution in table.tables("solution"):
                    return read_text(solution.path("recipe", self.folder / lesson))
        return None
