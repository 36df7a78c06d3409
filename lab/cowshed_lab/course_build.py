"""Does a course for real: every step's solutions are built, typed and looked at on a target, and then judged.

The lessons are worked through in a temporary folder on the target that is also the home folder of the shells, so that
neither the person's recipes nor their keys, caches and logins are touched. Nothing of it is left in the end.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from time import monotonic
from typing import Literal

from cowshed_lab.build import Build
from cowshed_lab.course_shell import CourseShell
from cowshed_lab.image import look_at_step
from cowshed_lab.preflight import facts_of, look_at_target, password_of
from cowshed_lab.target import Target, TargetError
from cowshed_lab.typed_build import UNTOLD, read_build_command, result_of
from cowshed_lessons.checks import check_kind
from cowshed_lessons.course import Course, Solution, Step, TypedCommand
from cowshed_lessons.course_proofs import said
from cowshed_lessons.course_variables import PASSWORD, fill_step
from cowshed_lessons.evidence import BuildEvidence, CommandEvidence, Evidence, RecipeEvidence
from cowshed_lessons.failures import explain
from cowshed_lessons.judgement import judge, judge_recipe
from cowshed_lessons.verdict import Outcome, Verdict

COMMAND_SECONDS = 1800.0
"""How long one typed command may take."""

_FORBIDDING = frozenset(("image-not-found", "stand-in-missing"))
"""Causes that count as the learner's in the window, but here mean that the target has no such base image."""

_ELSEWHERE = re.compile(r"(?:^|[\s=])\.\./([a-z0-9-]+/[\w.-]+)")
"""An image of another lesson, as a command names it that is typed in the lesson's own folder."""

_FOLDER = re.compile(r"\.course-[0-9a-f]{12}")

type Result = Literal["passed", "failed", "untried"]


@dataclass(frozen=True, slots=True)
class StepReport:
    """What came of one step. `reasons` are sentences, none where it passed; `seconds` is how long it took."""

    step: str
    result: Result
    seconds: float
    reasons: tuple[str, ...] = ()


def plan(course: Course, chosen: Sequence[Step]) -> list[tuple[Step, bool]]:
    """The steps to do in their order, and whether each is to be judged or only makes what a later one needs."""
    wanted = {step.id for step in chosen}
    needed: set[str] = set()
    for step in chosen:
        lesson = course.lesson_of(step)
        if not step.recipe_name or step.images:
            before = lesson.steps[: lesson.steps.index(step)]
            needed.update(each.id for each in before if _makes_something(each))
        lines = (command.line for solution in step.solutions for command in solution.commands)
        for name in (*step.images, *(found for line in lines for found in _ELSEWHERE.findall(line))):
            elsewhere, slash, image = name.partition("/")
            if slash and image:
                makers = [each for each in course.steps if each.lesson_id == elsewhere and _makes_something(each)]
                named = [each for each in makers if each.image_name == image]
                needed.update(each.id for each in named or makers)
    return [(step, step.id in wanted) for step in course.steps if step.id in wanted | needed]


def _makes_something(step: Step) -> bool:
    return step.build == "succeeds" or any(solution.commands for solution in step.solutions)


class CourseBuild:
    """One run over a course on one target.

    Args:
        target: where everything is done.
        course: the course, its variables not filled in.
        on_output: gets what builds and commands print.
    """

    def __init__(self, target: Target, course: Course, on_output: Callable[[bytes], None] | None = None) -> None:
        self._target = target
        self._course = course
        self._on_output = on_output
        self._root = PurePosixPath()
        self._facts: Mapping[str, str] = {}
        self._password: str | None = None
        self._built: dict[tuple[str, bool], tuple[BuildEvidence, PurePosixPath | None]] = {}

    async def run(self, chosen: Sequence[Step], on_report: Callable[[StepReport], None]) -> list[StepReport]:
        """Do the chosen steps, and those that they need; report of the chosen ones as they end.

        Raises:
            TargetError: the target cannot be worked on at all.
        """
        reports: list[StepReport] = []
        try:
            await self._begin()
            for step, wanted in plan(self._course, chosen):
                report = await self._step(fill_step(step, self._facts), wanted=wanted)
                if wanted or report.result != "passed":
                    reports.append(report)
                    on_report(report)
        finally:
            await asyncio.shield(self._clean_up())
        return reports

    async def _begin(self) -> None:
        name = f"cowshed/.course-{secrets.token_hex(6)}"
        outcome = await self._target.run(["sh", "-c", 'mkdir -p -- "$1/built" && cd -- "$1" && pwd -P', "sh", name])
        place = outcome.output.decode(errors="replace").strip().rpartition("\n")[2]
        if outcome.exit_status != 0 or not place.startswith("/"):
            raise TargetError(f"No folder could be made on {self._target.label}: {outcome.text.strip()}")
        self._root = PurePosixPath(place)
        self._facts = await facts_of(self._target)
        self._password = await password_of(self._target)
        for name in await self._left_over():
            await self._remove(self._root.parent / name)

    async def _left_over(self) -> list[str]:
        """The folders of runs that were killed: nothing was made in them for a day."""
        days = ["-mindepth", "1", "-maxdepth", "1", "-type", "d", "-mtime", "+0", "-name", ".course-*"]
        outcome = await self._target.run(["find", str(self._root.parent), *days])
        names = [line.rpartition("/")[2] for line in outcome.output.decode(errors="replace").splitlines()]
        return [name for name in names if _FOLDER.fullmatch(name)]

    async def _clean_up(self) -> None:
        """Remove everything, files of mapped users in sandboxes too: those only their own namespace may remove."""
        if not self._root.parts:
            return
        with contextlib.suppress(TargetError):
            await self._remove(self._root)

    async def _remove(self, path: PurePosixPath) -> None:
        outcome = await self._target.run(["rm", "-rf", "--", str(path)])
        if outcome.exit_status != 0:
            await self._target.run(["unshare", "--map-auto", "--map-root-user", "rm", "-rf", "--", str(path)])

    async def _step(self, step: Step, *, wanted: bool) -> StepReport:
        began = monotonic()
        failures: list[str] = []
        untried: list[str] = []
        solutions = list(step.solutions) or [Solution("answer")]
        try:
            if wanted:
                failures += await self._starter(step)
            # The first one last: what later steps find is what most learners would have.
            for solution in [*reversed(solutions[1:] if wanted else []), solutions[0]]:
                verdict, evidence = await self._do(step, solution)
                name = f"the solution {solution.name!r}" if step.solutions else "the step"
                # Of a step that only makes what another one needs, no more is wanted than that it is made.
                made = not wanted and evidence.build is not None and evidence.build.exit_status == 0
                if verdict.outcome is not Outcome.PASSED and not made:
                    reason = _reason(verdict)
                    hopeless = verdict.outcome is Outcome.CANNOT_TELL or _lacks_base(evidence)
                    (untried if hopeless else failures).append(f"{name}: {reason}")
        except TargetError as error:
            untried.append(str(error))
        result: Result = "failed" if failures else "untried" if untried else "passed"
        return StepReport(step.id, result, monotonic() - began, tuple(failures + untried))

    async def _starter(self, step: Step) -> list[str]:
        """Why the step's beginning is no beginning: it passes already."""
        if step.recipe_name and judge_recipe(step, step.starter).outcome is Outcome.PASSED and step.starter.strip():
            verdict, _ = await self._do(step, Solution("starter", step.starter), typed=False)
        else:
            recipe = RecipeEvidence(step.starter, step.recipe_name) if step.recipe_name else None
            verdict = judge(step, Evidence(recipe=recipe))
        return ["it passes before anything is done."] if verdict.outcome is Outcome.PASSED else []

    async def _do(self, step: Step, solution: Solution, *, typed: bool = True) -> tuple[Verdict, Evidence]:
        """Do one solution of a step as a learner would, and judge it."""
        areas = {check_kind(check.kind).area for check in step.checks}
        folder = self._root / "cowshed" / step.lesson_id
        await self._target.run(["mkdir", "-p", "--", str(folder)])
        evidence = Evidence()
        if step.recipe_name:
            await self._target.write(folder / step.recipe_name, solution.recipe.encode())
            await self._target.write(folder / "starter.def", step.starter.encode())
            evidence = evidence.with_recipe(RecipeEvidence(solution.recipe, step.recipe_name))
        if step.build != "none" and step.recipe_name:
            evidence = evidence.with_build(await self._build(step, solution.recipe, folder))
        if typed:
            commands = solution.commands
            if not commands and ("terminal" in areas or step.images):
                commands = next((each.commands for each in step.solutions if each.commands), ())
            if commands:
                evidence = await self._type(commands, folder, evidence, step.recipe_name)
            for question in step.questions:
                evidence = evidence.with_answer(question.id, question.right)
        if "image" in areas and (evidence.build is None or evidence.build.exit_status == 0):
            own, further = await look_at_step(self._target, folder, step)
            evidence = evidence.with_images(further)
            evidence = evidence if own is None else evidence.with_image(own)
        if "environment" in areas:
            evidence = evidence.with_environment(await look_at_target(self._target))
        return judge(step, evidence), evidence

    async def _build(self, step: Step, recipe: str, folder: PurePosixPath) -> BuildEvidence:
        """Build a recipe, or take the image of the same text that was built before."""
        sandbox = step.image_name.endswith("/")
        image = folder / step.image_name
        await self._remove(image)
        known = None if sandbox else self._built.get((recipe, sandbox))
        if known is None:
            options = ("--force", "--sandbox") if sandbox else ("--force",)
            name = PurePosixPath(step.image_name)
            build = Build(self._target, PurePosixPath(step.recipe_name), name, folder=folder, options=options)
            evidence = await build.run(on_output=self._on_output)
            kept = self._root / "built" / f"{len(self._built)}.sif" if evidence.exit_status == 0 else None
            if kept is not None and not sandbox:
                await self._copy(image, kept)
            self._built[recipe, sandbox] = evidence, kept
            return evidence
        evidence, kept = known
        if kept is not None:
            await self._copy(kept, image)
        return replace(evidence, image=step.image_name, recipe_name=step.recipe_name)

    async def _copy(self, source: PurePosixPath, copy: PurePosixPath) -> None:
        outcome = await self._target.run(["cp", "--reflink=auto", "--", str(source), str(copy)])
        if outcome.exit_status != 0:
            raise TargetError(f"An image could not be copied on {self._target.label}: {outcome.text.strip()}")

    async def _type(
        self, commands: Sequence[TypedCommand], folder: PurePosixPath, evidence: Evidence, recipe_name: str
    ) -> Evidence:
        """Type commands into a new shell. A build of the step's recipe among them counts as one by the button does."""
        home = str(self._root)
        variables = {"HOME": home, "APPTAINER_CONFIGDIR": f"{home}/.apptainer"}
        shell = await CourseShell.open(self._target, folder, variables)
        try:
            for command in commands:
                recipe = await self._recipe_of(command.line, folder)
                done = self._without_password(await shell.run(self._with_password(command), COMMAND_SECONDS))
                if self._on_output is not None:
                    self._on_output(f"$ {command.line}\r\n{done.output}\r\n".encode())
                evidence = evidence.with_command(done)
                build = None if recipe is None else _typed_build(done, recipe)
                if build is not None and (not recipe_name or build.recipe_name in ("", recipe_name)):
                    evidence = evidence.with_build(build)
                if done.exit_status is None:
                    raise TargetError(f"`{command.line}` did not end. It last printed: {done.output.strip()[-200:]}")
        finally:
            await shell.close()
        return evidence

    def _with_password(self, command: TypedCommand) -> TypedCommand:
        if not any(PASSWORD in line for line in command.types):
            return command
        if self._password is None:
            raise TargetError(f"`{command.line}` asks for a password, and only the practice cluster gives one.")
        return replace(command, types=tuple(line.replace(PASSWORD, self._password) for line in command.types))

    def _without_password(self, done: CommandEvidence) -> CommandEvidence:
        """A program that hides what is typed has hidden it; one that was slower than the typing has not."""
        if not self._password:
            return done
        return replace(done, output=done.output.replace(self._password, PASSWORD))

    async def _recipe_of(self, line: str, folder: PurePosixPath) -> str | None:
        """The recipe that a typed build is about to read, None where the command builds none."""
        command = read_build_command(line)
        if command is None or command.recipe is None or not command.folder_known:
            return None
        with contextlib.suppress(FileNotFoundError):
            place = folder / command.folder if command.folder is not None else folder
            return (await self._target.read(place / command.recipe)).decode(errors="replace")
        return None


def _typed_build(done: CommandEvidence, recipe: str) -> BuildEvidence:
    command = read_build_command(done.command_line)
    assert command is not None
    status, log = done.exit_status, done.output
    if not command.tells_of(status) and (status := result_of(log)) is None:
        log = f"{log}\n{UNTOLD}\n"
    name = command.recipe.name if command.recipe else ""
    return BuildEvidence(str(command.image), status, log, recipe, name)


def _reason(verdict: Verdict) -> str:
    waiting = ", ".join(result.check for result in verdict.results if result.waiting)
    waits = f" Nothing was seen for: {waiting}." if waiting else ""
    return f"{said(verdict)}{waits}"


def _lacks_base(evidence: Evidence) -> bool:
    build = evidence.build
    if build is None or build.exit_status == 0:
        return False
    known = explain(build.log, build.exit_status)
    return known is not None and known.id in _FORBIDDING
