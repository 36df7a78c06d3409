"""One check on one piece of work, for the tests of the kinds of checks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cowshed_lessons.checks import validate_parameters
from cowshed_lessons.course import CheckSpec, Probe, Question, Step
from cowshed_lessons.evidence import CommandEvidence, Evidence, RecipeEvidence
from cowshed_lessons.judgement import judge
from cowshed_lessons.verdict import CheckResult, Outcome


def one(
    kind: str,
    evidence: Evidence,
    *,
    probes: tuple[Probe, ...] = (),
    questions: tuple[Question, ...] = (),
    **parameters: Any,
) -> CheckResult:
    """What one check says; its parameters are validated first, as a course's are."""
    validate_parameters(kind, parameters)
    step = Step(
        "l/s", "t", "x", "x.def", "x.sif", "", checks=(CheckSpec("c", kind, "t", parameters),), probes=probes,
        questions=questions,
    )  # fmt: skip
    return judge(step, evidence).results[0]


def of_recipe(kind: str, text: str, **parameters: Any) -> CheckResult:
    """What a check of recipes says of this one."""
    return one(kind, Evidence(recipe=RecipeEvidence(text)), **parameters)


def of_lines(lines: Sequence[str], status: int = 0, output: str = "", **parameters: Any) -> CheckResult:
    """What `terminal.command` says of these command lines, each with the same end."""
    commands = tuple(CommandEvidence(line, status, output) for line in lines)
    return one("terminal.command", Evidence(commands=commands), **parameters)


def said(result: CheckResult) -> str:
    """What a check objects to, empty where it passes, and only there."""
    words = " ".join(finding.message for finding in result.findings)
    if result.outcome is Outcome.PASSED:
        assert not words
        return ""
    return words or "(it waits)"
