"""Needs: which stand-ins of the practice cluster a lesson, or a command that failed, would have to have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from cowshed_lab.practice.cluster import PracticeCluster, State
from cowshed_lab.practice.stand_ins import GROUPS, Group, group_of, stand_in_for
from cowshed_lessons.course import Lesson

_FROM = re.compile(r"(?mi)^\s*from:\s*[\"']?([^\s\"']+)")
_ADDRESS = re.compile(r"docker://([\w./:-]+\w)")
_MISSED = (
    re.compile(r"stand-ins\.practice:\d+/v2/(\S+?)/manifests/(\S+?): "),
    re.compile(r"stand-ins\.practice:\d+/(\S+?):([\w.-]+): reading manifest"),
)
"""As Apptainer 1.4.5 says it, for a build and for a pull."""


def images_named(lesson: Lesson) -> frozenset[str]:
    """Return the images that a lesson's recipes start from and that its commands and texts fetch."""
    return frozenset(_named(lesson))


def _named(lesson: Lesson) -> Iterator[str]:
    for step in lesson.steps:
        yield from _ADDRESS.findall(step.text)
        for solution in step.solutions:
            yield from _FROM.findall(solution.recipe)
            for command in solution.commands:
                yield from _ADDRESS.findall(command.line)


def images_missed(log: str) -> frozenset[str]:
    """Return the images that a build or a pull asked the practice cluster for, and that it did not have."""
    return frozenset(f"{name}:{tag}" for pattern in _MISSED for name, tag in pattern.findall(log))


async def groups_to_add(images: Iterable[str], home: Path | None = None) -> tuple[Group, ...]:
    """Return the groups of stand-ins that these images need and the running practice cluster has not made yet.

    Args:
        images: As recipes and commands name them.
        home: Of the practice cluster, as for `PracticeCluster`.
    """
    wanted = {group_of(found.make).name for image in images if (found := stand_in_for(image)) is not None}
    if not wanted:
        return ()
    status = await PracticeCluster(home).status()
    if status.state is not State.RUNNING:
        return ()
    return tuple(group for group in GROUPS if group.name in wanted & set(status.to_add))
