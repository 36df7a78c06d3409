"""`cowshed build`, and the building part of `cowshed check --build`. Ctrl+C ends the build, wherever it runs."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shutil
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TextIO

from cowshed_lab.build import Build
from cowshed_lab.build_log import PlainText, is_progress
from cowshed_lab.command_check import read_recipe_file
from cowshed_lab.command_line import INTERRUPTED, TARGET_FAILED, BadInput
from cowshed_lab.image import look_at_image
from cowshed_lab.log_file import set_up_log
from cowshed_lab.target import Target, TargetError, TerminalSize
from cowshed_lab.targets import TargetDirectory
from cowshed_lessons.checks import check_kind
from cowshed_lessons.course import Step
from cowshed_lessons.evidence import BuildEvidence, Evidence, RecipeEvidence
from cowshed_lessons.judgement import judge, judge_recipe
from cowshed_lessons.verdict import CheckResult, Finding, Outcome, Verdict

WORKSPACE = PurePosixPath("cowshed")
"""Where recipes live on a target, in the home folder."""

_CANNOT_RUN = (126, 127)
"""Exit statuses of a program that is missing or may not be run, on every target."""

ENDING = ("SIGINT", "SIGTERM", "SIGHUP")


def build(recipe: Path, image: str, target_name: str | None) -> int:
    """Build an image and return Apptainer's exit status.

    Raises:
        BadInput: the recipe cannot be read.
        TargetError: the target cannot be reached.
    """
    text = read_recipe_file(str(recipe))
    if not image.strip():
        raise BadInput("IMAGE is empty. Give the image a name, e.g. lolcow.sif.")
    set_up_log()
    return until_interrupted(_build(recipe, text, PurePosixPath(image), target_name))


async def _build(recipe: Path, text: str, image: PurePosixPath, target_name: str | None) -> int:
    directory = TargetDirectory()
    name = target_name or _default(directory)
    target = await directory.open(name)
    try:
        await _require_apptainer(target)
        if directory.entry(name).kind == "local":
            job = Build(target, PurePosixPath(recipe), image, folder=PurePosixPath(Path.cwd()))
        else:
            folder = WORKSPACE / "command-line"
            await target.write(folder / recipe.name, text.encode())
            sys.stderr.write(f"{recipe} was copied to {folder / recipe.name} on {target.label}; building there.\n")
            job = Build(target, PurePosixPath(recipe.name), image, folder=folder)
        evidence = await _show(job, sys.stdout)
        if evidence.exit_status is None:
            sys.stderr.write(f"cowshed: {evidence.log.rstrip().rpartition('cowshed: ')[2]}\n")
            return TARGET_FAILED
        if evidence.exit_status == 0 and directory.entry(name).kind != "local":
            sys.stderr.write(f"The image is {job.folder / image} on {target.label}.\n")
        return evidence.exit_status if evidence.exit_status >= 0 else 128 - evidence.exit_status
    finally:
        await target.close()


def build_and_judge(step: Step, text: str, target_name: str | None) -> Verdict:
    """Build a recipe in a scratch folder on a target, look at the image, judge everything, and clean up.

    A target that fails gives "cannot tell", for that is nobody's mistake.

    Raises:
        TargetError: there is no such target.
        KeyboardInterrupt: the person ended it; the build has ended and the folder is gone.
    """
    set_up_log()
    verdicts: list[Verdict] = []
    # What a learner types into a terminal is seen in the window only; nobody could pass such a check from here.
    judged_here = replace(step, checks=tuple(one for one in step.checks if check_kind(one.kind).area != "terminal"))

    async def work() -> int:
        try:
            verdicts.append(judge(judged_here, await gather_evidence(step, text, target_name)))
        except TargetError as error:
            if not error.environment:
                raise
            finding = Finding("target", str(error))
            result = CheckResult("target", "The target can build", Outcome.CANNOT_TELL, (finding,))
            judged = judge_recipe(step, text).results
            verdicts.append(Verdict(step.id, Outcome.CANNOT_TELL, (*judged, result)))
        return 0

    if until_interrupted(work()) != 0:
        raise KeyboardInterrupt
    return verdicts[0]


async def gather_evidence(step: Step, text: str, target_name: str | None) -> Evidence:
    """Build a step's recipe in a scratch folder on a target and return what is to be judged; nothing is left there."""
    directory = TargetDirectory()
    target = await directory.open(target_name or _default(directory))
    folder = WORKSPACE / f".check-{secrets.token_hex(6)}"
    evidence = Evidence(recipe=RecipeEvidence(text, step.recipe_name))
    try:
        await _require_apptainer(target)
        await target.write(folder / step.recipe_name, text.encode())
        image = PurePosixPath(step.image_name)
        built = await _show(Build(target, PurePosixPath(step.recipe_name), image, folder=folder), sys.stderr)
        evidence = evidence.with_build(built)
        if built.exit_status == 0:
            evidence = evidence.with_image(await look_at_image(target, folder, image, step.probes))
        return evidence
    finally:
        await asyncio.shield(_clean_up(target, folder))


async def _require_apptainer(target: Target) -> None:
    """Raise TargetError where the target has no Apptainer: that is no build that failed."""
    outcome = await target.run(["apptainer", "--version"])
    if outcome.exit_status in _CANNOT_RUN:
        raise TargetError(
            f"Apptainer is not installed on the target “{target.label}”, or not on its PATH, so nothing can be built "
            "there; that is not the recipe's fault. Install Apptainer or load its module, "
            "or name another target with --target; cowshed doctor tells which of them can build."
        )


async def _clean_up(target: Target, folder: PurePosixPath) -> None:
    with contextlib.suppress(TargetError):
        await target.run(["rm", "-rf", "--", f"./{folder}"])
    await target.close()


async def _show(build: Build, stream: TextIO) -> BuildEvidence:
    """Run a build; show its output as it comes: as it is on a terminal, as plain lines elsewhere."""
    with _resizing(build):
        if stream.isatty():
            return await build.run(_size(), _raw_writer(stream))
        return await build.run(on_output=_plain_writer(stream))


def _raw_writer(stream: TextIO) -> Callable[[bytes], None]:
    def write(data: bytes) -> None:
        stream.flush()
        stream.buffer.write(data)
        stream.buffer.flush()

    return write


def _plain_writer(stream: TextIO) -> Callable[[bytes], None]:
    plain = PlainText()

    def write(data: bytes) -> None:
        for line in plain.feed(data):
            if not is_progress(line):
                stream.write(f"{line}\n")
        stream.flush()

    return write


def _size() -> TerminalSize:
    size = shutil.get_terminal_size()
    return TerminalSize(size.columns, size.lines)


@contextlib.contextmanager
def _resizing(build: Build) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    number = getattr(signal, "SIGWINCH", None)
    if number is None:
        yield
        return
    loop.add_signal_handler(number, lambda: build.resize(_size()))
    try:
        yield
    finally:
        loop.remove_signal_handler(number)


def _default(directory: TargetDirectory) -> str:
    name, reason = directory.default()
    sys.stderr.write(f"{reason}\n")
    return name


def until_interrupted(work: Coroutine[None, None, int]) -> int:
    """Run `work`; Ctrl+C, a termination or a hang-up cancels it once, and its own clean-up is waited for."""

    async def guarded() -> int:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()
        stopped: list[str] = []

        def stop(name: str) -> None:
            if not stopped:
                task.cancel()
                sys.stderr.write("\nStopping; waiting for what runs to end.\n")
            stopped.append(name)

        for name in ENDING:
            with contextlib.suppress(NotImplementedError, AttributeError):  # Windows
                loop.add_signal_handler(getattr(signal, name), stop, name)
        try:
            return await task
        except asyncio.CancelledError:
            return INTERRUPTED if "SIGINT" in stopped else 128 + int(getattr(signal, stopped[0]))

    return asyncio.run(guarded())
