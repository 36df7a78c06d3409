"""Reads one `[[step]]` table of a `lesson.toml`, with the page that `lesson.md` has for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import get_args

from cowshed_lessons.course import (
    BuildKind,
    CheckSpec,
    Mistake,
    Option,
    Probe,
    ProbeAction,
    Question,
    Solution,
    Step,
    TypedCommand,
)
from cowshed_lessons.course_pages import StepText
from cowshed_lessons.toml_table import TomlTable, is_identifier, read_text

BUILDS: tuple[BuildKind, ...] = get_args(BuildKind)
ACTIONS: tuple[ProbeAction, ...] = get_args(ProbeAction)

_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_STEP_ID = re.compile(r"[a-z0-9-]+/[a-z0-9-]+")

type Pages = dict[str, tuple[Path, int, str]]
"""Each text of a course with the file and the line that it begins at, by a name for people."""


class StepReader:
    """Reads the steps of one lesson.

    Args:
        lesson: The lesson's id.
        folder: The lesson's folder; everything that a step names lies in it.
        mute: Rules of the linter that the lesson mutes.
        files: Gets every file that is read.
        pages: Gets every text that people read.
        first_solution: The first solution's recipe of an earlier step, by the step's id; None where there is none.
        whole: Also read what only the course's own proof needs: the mistakes, and where each text stands.
    """

    def __init__(
        self,
        lesson: str,
        folder: Path,
        mute: tuple[str, ...],
        files: set[Path],
        pages: Pages,
        first_solution: Callable[[str], str | None],
        *,
        whole: bool = True,
    ) -> None:
        self._lesson = lesson
        self._folder = folder
        self._mute = mute
        self._files = files
        self._pages = pages
        self._first_solution = first_solution
        self._whole = whole
        self.steps: list[Step] = []

    def add(self, table: TomlTable, texts: dict[str, StepText]) -> None:
        """Read a table and take its page out of `texts`.

        Raises:
            CourseError: At the first fault.
        """
        name = table.identifier("id")
        text = texts.pop(name, None)
        if text is None:
            raise table.error(
                f"lesson.md has no page '# Title {{#{name}}}' for this step (or the id stands twice).", "id"
            )
        step_id = f"{self._lesson}/{name}"
        if self._whole:
            self._keep_pages(step_id, text)
        recipe_name, image_name = self._file_name(table, "recipe"), self._image_name(table, "image")
        carries_over = table.boolean("carries_over", default=False)
        carries_from = table.string("carries_from", "")
        solutions = tuple(self._solution(each, step_id, recipe_name) for each in table.tables("solution"))
        answer = table.string("answer", "")
        self._object_to_no_answer(table, recipe_name, solutions, answer)
        starter = self._starter(table, recipe_name, carries_from, carries_over=carries_over)
        checks = tuple(self._check(each) for each in table.tables("check"))
        _object_to_twins(table, "check", [check.id for check in checks])
        mistakes: tuple[Mistake, ...] = ()
        if self._whole:
            mistakes = tuple(self._mistake(each, recipe_name, checks) for each in table.tables("mistake"))
        else:
            table.pass_over("mistake")
        images = tuple(self._further_image(table, each) for each in table.strings("images", ()))
        probes = tuple(self._probe(each, image_name, images) for each in table.tables("probe"))
        _object_to_twins(table, "probe", [probe.name for probe in probes])
        questions = tuple(self._question(each, step_id) for each in table.tables("question"))
        _object_to_twins(table, "question", [question.id for question in questions])
        if answer:
            self._keep(f"{step_id}, answer", table, "answer", answer)
        step = Step(
            id=step_id,
            title=text.title,
            text=text.text,
            recipe_name=recipe_name,
            image_name=image_name,
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
            questions=questions,
            images=images,
            carries_from=carries_from,
            answer=answer,
            mute=tuple(dict.fromkeys((*self._mute, *table.strings("mute", ())))),
        )
        if step.build != "none" and not image_name:
            raise table.error("A step that builds needs an 'image', the name of what the build writes.", "build")
        table.finish()
        self.steps.append(step)
        self._object_to_overwriting(table)

    @staticmethod
    def _object_to_no_answer(table: TomlTable, recipe: str, solutions: Sequence[Solution], answer: str) -> None:
        if recipe and not solutions:
            raise table.error("A step with a recipe needs at least one [[step.solution]].")
        if not solutions and not answer:
            raise table.error("A step needs a [[step.solution]] or an 'answer' that is shown to those who skip it.")
        if solutions and answer:
            sentence = "Those who skip are shown the solutions here; write what 'answer' says into their notes."
            raise table.error(sentence, "answer")

    def _starter(self, table: TomlTable, recipe: str, carries_from: str, *, carries_over: bool) -> str:
        """The recipe that the step begins with where the learner brings none along."""
        carried: str | None = None
        if not recipe:
            for key in ("starter", "carries_over", "carries_from"):
                if table.has(key):
                    raise table.error(f"'{key}' is for a step with a 'recipe', which this one does not name.", key)
            return ""
        if carries_over and carries_from:
            raise table.error("A step begins with one recipe: either 'carries_over' or 'carries_from'.", "carries_from")
        if carries_over:
            before = self.steps[-1] if self.steps else None
            if before is None:
                raise table.error("The first step of a lesson has nothing to carry over.", "carries_over")
            if not before.recipe_name:
                sentence = f"The step before, '{before.id}', has no recipe to carry over; name one with 'carries_from'."
                raise table.error(sentence, "carries_over")
            carried = before.solutions[0].recipe
        if carries_from:
            if not _STEP_ID.fullmatch(carries_from):
                raise table.error(f"'{carries_from}' must be a lesson and a step: 'lesson/step'.", "carries_from")
            own = next((step for step in self.steps if step.id == carries_from), None)
            carried = own.solutions[0].recipe if own and own.recipe_name else None
            carried = carried or self._first_solution(carries_from)
            if carried is None:
                raise table.error(f"There is no step '{carries_from}' with a recipe before this one.", "carries_from")
        if carried is not None and not table.has("starter"):
            return carried
        return self._recipe(table, "starter")

    def _object_to_overwriting(self, table: TomlTable) -> None:
        """No build may write its image over a recipe; all files of a lesson lie in one folder of the learner's.

        Names that differ in capitals only are one file on some computers.
        """
        newest = self.steps[-1]
        for step in self.steps:
            for recipe, image in ((newest, step), (step, newest)):
                if recipe.recipe_name and recipe.recipe_name.casefold() == image.image_name.rstrip("/").casefold():
                    key = "image" if image is newest else "recipe"
                    raise table.error(
                        f"'{image.image_name}' is the image of '{image.id}' and the recipe of '{recipe.id}': "
                        "a build would write over what was typed. Give them different names.",
                        key,
                    )

    @staticmethod
    def _file_name(table: TomlTable, key: str) -> str:
        """A plain file name, empty where the key is not there."""
        name = table.string(key) if table.has(key) else ""
        if name and not _FILE_NAME.fullmatch(name):
            raise table.error(f"'{name}' is not a plain file name.", key)
        return name

    @staticmethod
    def _image_name(table: TomlTable, key: str) -> str:
        """The image's name, never one that a copy of a recipe may have: Reset keeps `lolcow.1.def`, and so on."""
        name = table.string(key) if table.has(key) else ""
        if name and not _FILE_NAME.fullmatch(name.removesuffix("/")):
            raise table.error(f"'{name}' is not a plain file name (a sandbox is a name with a slash behind it).", key)
        if name.casefold().removesuffix("/").endswith(".def"):
            raise table.error(
                f"'{name}' is a recipe's name: a build would write over a copy that Reset keeps of what was typed. "
                "Let the image's name end in '.sif'.",
                key,
            )
        return name

    @staticmethod
    def _further_image(table: TomlTable, name: str) -> str:
        lesson, slash, rest = name.partition("/")
        plain = name if not slash or not rest else rest
        if not _FILE_NAME.fullmatch(plain.removesuffix("/")) or (rest and not is_identifier(lesson)):
            sentence = f"'{name}' must be an image's name, such as 'a.sif', 'box/' or 'lesson/a.sif'."
            raise table.error(sentence, "images")
        return name

    def _recipe(self, table: TomlTable, key: str) -> str:
        path = table.path(key, self._folder)
        self._files.add(path)
        return read_text(path)

    def _solution(self, table: TomlTable, step: str, recipe_name: str) -> Solution:
        recipe = ""
        if recipe_name:
            recipe = self._recipe(table, "recipe")
        elif table.has("recipe"):
            raise table.error("This step names no 'recipe', so its solutions are 'commands'.", "recipe")
        elif not table.has("commands"):
            raise table.error("This step names no 'recipe', so a solution needs 'commands'.")
        name, note = table.string("name"), table.string("note", "")
        if note:
            self._keep(f"{step}, note of {name!r}", table, "note", note)
        solution = Solution(name, recipe, note, self._commands(table))
        table.finish()
        return solution

    def _mistake(self, table: TomlTable, recipe_name: str, checks: tuple[CheckSpec, ...]) -> Mistake:
        recipe = ""
        if table.has("recipe") == table.has("commands"):
            raise table.error("A mistake is either a 'recipe' or a list of 'commands'.")
        if table.has("recipe"):
            if not recipe_name:
                raise table.error("This step names no 'recipe', so its mistakes are 'commands'.", "recipe")
            recipe = self._recipe(table, "recipe")
        name, check = table.string("name"), table.string("check")
        if check not in {each.id for each in checks}:
            raise table.error(f"This step has no check '{check}'.", "check")
        mistake = Mistake(name, recipe, check, table.string("says"), self._commands(table))
        table.finish()
        return mistake

    @staticmethod
    def _commands(table: TomlTable) -> tuple[TypedCommand, ...]:
        commands = []
        for each in table.texts_or_tables("commands"):
            if isinstance(each, str):
                command = TypedCommand(each.strip())
            else:
                output = each.string("output", "")
                status, types = each.integer("exit_status", 0, 0), each.strings("types", ())
                command = TypedCommand(each.string("line"), status, output, types)
                each.finish()
            if not command.line or "\n" in command.line:
                raise table.error("A command is one line that is not empty.", "commands")
            commands.append(command)
        if table.has("commands") and not commands:
            raise table.error("'commands' is empty; write at least one.", "commands")
        return tuple(commands)

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
    def _probe(table: TomlTable, own_image: str, images: tuple[str, ...]) -> Probe:
        name, action, arguments = (
            table.identifier("name"),
            table.choice("action", ACTIONS),
            table.strings("arguments", ()),
        )
        image = table.string("image", "")
        if image == own_image:
            image = ""
        if image and image not in images:
            raise table.error(f"'{image}' is not among this step's 'images'; list it there.", "image")
        if not image and not own_image:
            raise table.error("This step names no 'image', so a probe must say which of its 'images' it looks at.")
        table.finish()
        return Probe(name, action, arguments, image)

    def _question(self, table: TomlTable, step: str) -> Question:
        name, text, several = table.identifier("id"), table.string("text"), table.boolean("several", default=False)
        self._keep(f"{step}, question {name!r}", table, "text", text)
        options = []
        for number, each in enumerate(table.tables("option"), 1):
            option = Option(each.string("text"), each.boolean("right", default=False), each.string("explanation"))
            if not each.has("right"):
                raise each.error("Say whether this option is right: 'right = true' or 'right = false'.")
            each.finish()
            options.append(option)
            for key, words in (("text", option.text), ("explanation", option.explanation)):
                self._keep(f"{step}, question {name!r}, {key} {number}", each, key, words)
        right = sum(option.right for option in options)
        if len(options) < 2 or right == 0:
            raise table.error("A question needs two [[step.question.option]] tables or more, one of them right.")
        if right > 1 and not several:
            raise table.error("More than one option is right, so say 'several = true'.", "several")
        if len({option.text for option in options}) < len(options):
            raise table.error("Two options of this question read the same.")
        table.finish()
        return Question(name, text, tuple(options), several)

    def _keep(self, name: str, table: TomlTable, key: str, text: str) -> None:
        """Remember a text of the table."""
        if self._whole:
            self._pages[name] = (table.file, table.line(key), text)

    def _keep_pages(self, step: str, text: StepText) -> None:
        """Remember each text under a name for people."""
        file = self._folder / "lesson.md"
        self._pages[step] = (file, text.line + 1, text.text)
        for level, (line, hint) in enumerate(zip(text.hint_lines, text.hints, strict=True), 1):
            self._pages[f"{step}, hint {level}"] = (file, line, hint)
        self._pages[f"{step}, passed"] = (file, text.passed_line, text.passed)
        self._pages[f"{step}, instructor's note"] = (file, text.instructor_line, text.instructor)


def _object_to_twins(table: TomlTable, kind: str, names: list[str]) -> None:
    for place, each in enumerate(table.tables(kind)):
        if names[place] in names[:place]:
            sentence = f"Two {kind}s of this step are called '{names[place]}'."
            raise each.error(sentence, "name" if kind == "probe" else "id")
