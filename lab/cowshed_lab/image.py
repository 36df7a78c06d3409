"""Looks at a built image: its size, and what the commands print that a step wants run with it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import PurePosixPath

from cowshed_lab.target import CommandOutcome, Target, TargetError
from cowshed_lessons.course import Probe, Step
from cowshed_lessons.evidence import ImageEvidence, ProbeResult
from cowshed_lessons.failures import explain

PROBE_SECONDS = 60.0
"""A probe that runs longer is ended; its result has no exit status."""

MOST_OUTPUT = 200_000
"""Characters kept of what a probe prints."""

APART = ("--containall", "--no-home", "--no-mount", "home,cwd,hostfs,bind-paths", "--cwd", "/")
"""Options of `apptainer exec` and `run` that keep a probe from the learner's files.

Probes come with a course, maybe a stranger's, and run without a click. What they leave is an empty `/tmp` in memory;
variables of the image's own `%environment` are there as ever. Checked with Apptainer 1.4.5: `--containall` alone still
gives an empty home, administrators' bind paths and the learner's `APPTAINER_BIND`.
"""

NO_BINDS = {
    f"{program}_{name}": "" for program in ("APPTAINER", "SINGULARITY") for name in ("BIND", "BINDPATH", "MOUNT")
}
"""Variables that would bind folders of the target into every container, emptied."""


async def look_at_image(
    target: Target,
    folder: PurePosixPath,
    image: PurePosixPath,
    probes: Sequence[Probe],
    *,
    seconds: float = PROBE_SECONDS,
) -> ImageEvidence:
    """Return the image's size and what came of each probe.

    Args:
        target: where the image is.
        folder: the folder that the image was built from; probes do not see it.
        image: the image, relative to `folder` or absolute.
        probes: what to run, in this order; those after a fault of the environment are left out.
        seconds: time limit of each probe.

    Nothing is raised: where the target or the environment is at fault, the evidence's `problem` says so.
    """
    results: dict[str, ProbeResult] = {}
    size: int | None = None
    problem = ""
    try:
        size = await image_size(target, folder / image)
        if size is None:
            return ImageEvidence(image=str(image), exists=False)
        for probe in probes:
            results[probe.name] = await _probe(target, folder, image, probe, seconds)
            problem = _problem(results[probe.name])
            if problem:
                break
    except TargetError as error:
        problem = str(error)
    return ImageEvidence(image=str(image), size=size, probes=results, problem=problem)


async def image_size(target: Target, image: PurePosixPath) -> int | None:
    """Return an image's size in bytes, None where there is no such image.

    That of a sandbox (a folder) is the sum of its files, as far as they may be seen: some belong to mapped users.
    """
    try:
        entries = await target.list(image.parent)
    except FileNotFoundError:
        return None
    for entry in entries:
        if entry.name == image.name:
            return await _folder_size(target, image) if entry.is_folder else entry.size
    return None


async def _folder_size(target: Target, folder: PurePosixPath) -> int:
    name = str(folder) if folder.is_absolute() else f"./{folder}"
    outcome = await target.run(["du", "-sk", name])  # what it says is right, too, where it warns of unreadable folders
    kilobytes = outcome.output.decode(errors="replace").split("\t", 1)[0].strip()
    return int(kilobytes) * 1024 if kilobytes.isdigit() else 0


async def look_at_step(
    target: Target,
    folder: PurePosixPath,
    step: Step,
    *,
    built: PurePosixPath | None = None,
    seconds: float = PROBE_SECONDS,
) -> tuple[ImageEvidence | None, dict[str, ImageEvidence]]:
    """Look at all images that a step is about.

    Args:
        target: where the images are.
        folder: the step's lesson's folder; other lessons' folders lie beside it.
        step: with its image, further images, and the probes of each.
        built: the step's own image, where it was built just now under a name or in a folder of the learner's choice.
        seconds: time limit of each probe.

    Returns:
        The step's own image (None where it names none), and its further ones by the name that the step gives them.
    """
    own = None
    own_place = built or (folder / step.image_name if step.image_name else None)
    if own_place is not None:
        probes = [probe for probe in step.probes if not probe.image]
        own = await look_at_image(target, own_place.parent, PurePosixPath(own_place.name), probes, seconds=seconds)
    further: dict[str, ImageEvidence] = {}
    for name in step.images:
        lesson, slash, rest = name.partition("/")
        place, rest = (folder.parent / lesson, rest) if slash and rest else (folder, name)
        probes = [probe for probe in step.probes if probe.image == name]
        further[name] = await look_at_image(target, place, PurePosixPath(rest), probes, seconds=seconds)
    return own, further


def probe_command(image: PurePosixPath, probe: Probe) -> tuple[str, ...]:
    """Return the argument list of a probe: `exec … IMAGE …`, `run … IMAGE …`, `test … IMAGE` or `inspect … IMAGE`."""
    name = str(image) if image.is_absolute() else f"./{image}"
    if probe.action == "inspect":
        return ("apptainer", "inspect", *probe.arguments, name)
    return ("apptainer", str(probe.action), *APART, name, *probe.arguments)


async def _probe(
    target: Target, folder: PurePosixPath, image: PurePosixPath, probe: Probe, seconds: float
) -> ProbeResult:
    try:
        async with asyncio.timeout(seconds):
            outcome = await target.run(probe_command(image, probe), folder=folder, environment=NO_BINDS)
    except TimeoutError:
        return ProbeResult(None, f"It was ended after {seconds:.0f} seconds.")
    return ProbeResult(outcome.exit_status, _capped(outcome))


def _capped(outcome: CommandOutcome) -> str:
    text = outcome.text
    return text if len(text) <= MOST_OUTPUT else text[:MOST_OUTPUT] + "\n[…]\n"


def _problem(result: ProbeResult) -> str:
    """Return a sentence where the environment, not the image, is why a probe failed."""
    if not result.exit_status:
        return ""
    explanation = explain(result.output, result.exit_status)
    if explanation is None or explanation.fault != "environment":
        return ""
    return f"{explanation.meaning} {explanation.advice}"
