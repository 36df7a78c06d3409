"""Records how a course's steps are done: `record_course.py [--lesson ID] [--step ID] [--target NAME]`.

Every step's first solution is done really, in a terminal of 100 × 28 cells on a target (the practice cluster unless
another is named): the recipe is shown, built, and what the step looks at is run; steps of commands have theirs typed.
What later steps need of earlier ones is made on the way. The files are `recordings/<lesson>/<step>.cast` in the
course's folder; the window offers them where nothing can be built. Nothing is left on the target.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import shlex
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from cowshed_lab.course_build import COMMAND_SECONDS, plan
from cowshed_lab.course_shell import CourseShell
from cowshed_lab.preflight import facts_of, password_of
from cowshed_lab.recorder import Recorder
from cowshed_lab.target import Target, TargetError, TerminalSize
from cowshed_lab.targets import TargetDirectory
from cowshed_lab.typed_build import read_build_command
from cowshed_lessons.asciicast import read_recording, write_recording
from cowshed_lessons.course import Course, Probe, Step, TypedCommand, built_in_course_folder, load_course
from cowshed_lessons.course_recordings import LARGEST, recording_path
from cowshed_lessons.course_variables import PASSWORD, fill_step
from cowshed_lessons.evidence import Evidence
from cowshed_lessons.judgement import judge
from cowshed_lessons.recording_cuts import shortened, with_replacements
from cowshed_lessons.verdict import Outcome

SIZE = TerminalSize(100, 28)
PACE = 0.055
"""Seconds from key to key."""

HOME = "/home/learner"
"""What recordings say in place of the temporary home folder."""

_PROFILE = "PS1='\\[\\e[32m\\]\\w\\[\\e[0m\\] $ '\nHISTFILE=\n"


class CourseRecorder:
    """Records steps of one course on one target."""

    def __init__(self, target: Target, course: Course, scratch: Path) -> None:
        self._target = target
        self._course = course
        self._scratch = scratch
        self._root = PurePosixPath()
        self._facts: dict[str, str] = {}
        self._notes: dict[str, str] = {}
        self._password: str | None = None

    async def run(self, chosen: Sequence[Step]) -> bool:
        """Record the chosen steps; False where one of them did not go as its lesson says."""
        fine = True
        await self._begin()
        try:
            for step, wanted in plan(self._course, chosen):
                try:
                    says = await self._step(fill_step(step, self._facts), wanted=wanted)
                except TargetError as error:
                    fine = fine and not wanted
                    says = f"not recorded: {error}"
                print(f"{step.id:<40} {says}", flush=True)
        finally:
            await asyncio.shield(self._remove(self._root))
        return fine

    async def _begin(self) -> None:
        name = f"cowshed/.course-{secrets.token_hex(6)}"  # one that `course check --build` also clears away
        outcome = await self._target.run(
            ["sh", "-c", 'mkdir -p -- "$1/.apptainer" && cd -- "$1" && pwd -P', "sh", name]
        )
        place = outcome.text.strip().rpartition("\n")[2]
        if outcome.exit_status != 0 or not place.startswith("/"):
            raise TargetError(f"No folder could be made on {self._target.label}: {outcome.text.strip()}")
        self._root = PurePosixPath(place)
        await self._target.write(self._root / ".bash_profile", _PROFILE.encode())
        self._facts = await facts_of(self._target)
        self._password = await password_of(self._target)
        version = await self._target.run(["apptainer", "--version"])
        stand_ins = await self._target.run(["grep", "-qs", "stand-ins", "/etc/containers/registries.conf"])
        self._notes = {
            "apptainer": version.text.strip().rpartition(" ")[2],
            "stand_in": "yes" if stand_ins.exit_status == 0 else "no",
            "place": self._target.label,
            "by": "packaging/record_course.py",
        }

    async def _remove(self, path: PurePosixPath) -> None:
        outcome = await self._target.run(["rm", "-rf", "--", str(path)])
        if outcome.exit_status != 0:  # files of mapped users, in a sandbox
            await self._target.run(["unshare", "--map-auto", "--map-root-user", "rm", "-rf", "--", str(path)])

    async def _step(self, step: Step, *, wanted: bool) -> str:
        lines = commands_of(step, shown=wanted)
        if not lines or (step.recipe_name and step.build == "none" and not await self._builds(step, lines)):
            return "nothing to record"
        folder = self._root / "cowshed" / step.lesson_id
        await self._target.run(["mkdir", "-p", "--", str(folder)])
        if step.recipe_name:
            await self._target.write(folder / step.recipe_name, step.solutions[0].recipe.encode())
        if step.image_name and any(read_build_command(line.line) for line in lines):
            await self._remove(folder / step.image_name)
        raw = self._scratch / f"{secrets.token_hex(8)}.cast"
        notes = {"step": step.id, **self._notes}
        environment = {"HOME": str(self._root), "APPTAINER_CONFIGDIR": f"{self._root}/.apptainer"}
        shell = await CourseShell.open(
            self._target,
            folder,
            environment,
            size=SIZE,
            recorder=lambda secret: Recorder(raw, SIZE, secret=secret, title=step.title, notes=notes),
        )
        evidence = Evidence()
        try:
            for line in lines:
                done = await shell.run(self._with_password(line), COMMAND_SECONDS, pace=PACE if wanted else 0.0)
                if not _as_the_lesson_says(step, line, done.exit_status):
                    last = done.output.strip().splitlines()[-1:] or [""]
                    raise TargetError(f"`{line.line}` ended with {done.exit_status}. {last[0]}")
                evidence = evidence.with_command(done)
        finally:
            await shell.close()
        if faults := _faults(step, evidence):
            raise TargetError(f"what was typed does not pass: {', '.join(faults)}. {done.output.strip()[-200:]}")
        if not wanted:
            return "made for a later step"
        return self._keep(step, raw)

    def _with_password(self, line: TypedCommand) -> TypedCommand:
        """The command with the password of the practice registry; it is typed without echo, so no recording has it."""
        if not any(PASSWORD in typed for typed in line.types):
            return line
        if self._password is None:
            raise TargetError(f"`{line.line}` asks for a password, and only the practice cluster gives one.")
        return replace(line, types=tuple(typed.replace(PASSWORD, self._password) for typed in line.types))

    async def _builds(self, step: Step, lines: Sequence[TypedCommand]) -> bool:
        """Whether the recipe of a step that wants no build can be built all the same; else nothing is to be watched."""
        folder = self._root / "untried"
        await self._target.run(["mkdir", "-p", "--", str(folder)])
        await self._target.write(folder / step.recipe_name, step.solutions[0].recipe.encode())
        build = ("apptainer", "build", "--force", step.image_name, step.recipe_name)
        outcome = await self._target.run(["env", f"HOME={self._root}", "-C", str(folder), *build])
        await self._remove(folder)
        return outcome.exit_status == 0 or not any(read_build_command(line.line) for line in lines)

    def _keep(self, step: Step, raw: Path) -> str:
        texts = {str(self._root): HOME}
        if self._password:  # a program that was slower than the typing has not hidden it yet
            texts[self._password] = ""
        recording = with_replacements(read_recording(raw.read_bytes()), texts)
        recording = shortened(recording, LARGEST)
        content = write_recording(recording)
        if str(self._root.name) in content.decode():
            raise TargetError("The recording names a temporary folder.")
        if self._password and self._password in content.decode():
            raise TargetError("The recording has the password in it.")
        assert self._course.folder is not None
        path = recording_path(self._course.folder, step.id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return f"{recording.duration:6.1f} s  {len(content) / 1000:6.1f} kB  {len(recording.markers)} commands"


def commands_of(step: Step, *, shown: bool) -> list[TypedCommand]:
    """What is typed for a step: its first solution, and what the step looks at in the image."""
    typed = next((solution.commands for solution in step.solutions if solution.commands), ())
    lines: list[TypedCommand] = []
    if step.recipe_name and shown:
        lines.append(TypedCommand(f"cat {step.recipe_name}"))
    builds = any(read_build_command(command.line) for command in typed)
    if step.recipe_name and step.image_name and not builds and (shown or step.build == "succeeds"):
        sandbox = "--sandbox " if step.image_name.endswith("/") else ""
        lines.append(TypedCommand(f"apptainer build {sandbox}{step.image_name} {step.recipe_name}"))
    lines += typed
    if shown and not typed and step.build == "succeeds":
        lines += [TypedCommand(probe_line(probe, step)) for probe in step.probes]
    return list({line.line: line for line in lines}.values())


def _as_the_lesson_says(step: Step, line: TypedCommand, status: int | None) -> bool:
    """Whether a command came to an end, and a build to the one that the step wants."""
    if step.recipe_name and status is not None and read_build_command(line.line):
        return (status != 0) == (step.build == "fails")
    return status is not None


def _faults(step: Step, evidence: Evidence) -> list[str]:
    """Why what was typed is not what the step wants."""
    typed = {check.id for check in step.checks if check.kind.startswith("terminal.")}
    results = [result for result in judge(step, evidence).results if result.check in typed]
    return [result.title for result in results if result.outcome is not Outcome.PASSED]


def probe_line(probe: Probe, step: Step) -> str:
    """A probe as one would type it."""
    words = ["apptainer", probe.action, probe.image or step.image_name, *probe.arguments]
    return shlex.join(words)


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--course", type=Path, default=built_in_course_folder())
    parser.add_argument("--lesson", help="only the steps of this lesson")
    parser.add_argument("--step", help="only this step, as in lolcow/install")
    parser.add_argument("--target", default="practice")
    parser.add_argument("--missing", action="store_true", help="only steps that have no recording yet")
    return parser.parse_args()


async def work(options: argparse.Namespace) -> bool:
    """Record what was asked for."""
    course = load_course(options.course)
    chosen = [
        step
        for step in course.steps
        if options.lesson in (None, step.lesson_id)
        and options.step in (None, step.id)
        and not (options.missing and recording_path(options.course, step.id).is_file())
    ]
    if not chosen:
        sys.exit("No step of this course is meant by that.")
    target = await TargetDirectory().open(options.target)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            return await CourseRecorder(target, course, Path(scratch)).run(chosen)
    finally:
        await target.close()


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(work(arguments())) else 1)
