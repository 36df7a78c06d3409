"""Rules about the base image that `From` names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .findings import Fix, Problem, Severity
from .linted import Linted, LintedStage
from .registry import rule

_BASE = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
_TAGGED = frozenset(("docker", "library", "oras"))
_SCHEME = re.compile(r"([a-z][a-z-]*)://")


@rule(
    "from-scheme",
    Severity.ERROR,
    "`docker://` in `From`",
    why="The agent puts the scheme before the name itself, so it would stand there twice.",
    wrong="Bootstrap: docker\nFrom: docker://ubuntu:22.04\n",
    right=_BASE,
    source="seen in real runs of Apptainer 1.4.5: “could not parse reference”",
)
def _from_scheme(linted: Linted) -> Iterator[Problem]:
    for stage in linted.stages:
        value = stage.value_of("from")
        match = _SCHEME.match(value)
        if match is None or stage.agent not in ("docker", "docker-daemon", "library", "oras", "shub"):
            continue
        place = stage.range_of("from")
        fixes: tuple[Fix, ...] = ()
        certain = stage.agent == "docker"
        if match[1] == stage.agent:
            # Safe with `docker`: no build gets past such an address. Other agents take some of them.
            fixes = linted.fix(f"Remove `{match[0]}`", (place, value, value[match.end() :]), safe=certain)
        yield Problem(
            f"`Bootstrap: {stage.agent}` already says how to fetch the image; leave `{match[0]}` out.",
            place,
            fixes,
            None if certain else Severity.WARNING,
        )


def _name(stage: LintedStage) -> str:
    """The last part of the image's name, with its tag; empty where there is nothing to say about it."""
    value = stage.value_of("from")
    if stage.agent not in _TAGGED or not value or "{{" in value or "@" in value or "://" in value:
        return ""
    return value.rpartition("/")[2]


@rule(
    "from-untagged",
    Severity.WARNING,
    "The base image has no tag",
    why="Without a tag it is `latest`, which is another image next year: the recipe that builds today may not "
    "build then. Name the version.",
    wrong="Bootstrap: docker\nFrom: ubuntu\n",
    right=_BASE,
    source="like hadolint DL3006",
)
def _from_untagged(linted: Linted) -> Iterator[Problem]:
    for stage in linted.stages:
        name = _name(stage)
        if name and ":" not in name:
            yield Problem(f"`{name}` has no tag, so it is whatever is newest. Name a version.", stage.range_of("from"))


@rule(
    "from-latest",
    Severity.WARNING,
    "The base image is `latest`",
    why="`latest` is another image next year: the recipe that builds today may not build then. Name the version.",
    wrong="Bootstrap: docker\nFrom: ubuntu:latest\n",
    right=_BASE,
    source="like hadolint DL3007",
)
def _from_latest(linted: Linted) -> Iterator[Problem]:
    for stage in linted.stages:
        if _name(stage).endswith(":latest"):
            yield Problem("`latest` is whatever is newest. Name a version.", stage.range_of("from"))
