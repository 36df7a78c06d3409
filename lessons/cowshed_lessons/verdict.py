"""What the judge says: passed, not yet, or can't tell, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """The three things a judge can say of a step or of one check."""

    PASSED = "passed"
    NOT_YET = "not_yet"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a recipe: line and column, both counted from 1, the column in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: the check that found it, a sentence, where it is, and what to try.

    `line` and `column` count from 1 and are None where the fault has no place in the recipe. `end_line` and
    `end_column` (exclusive) bound the words to underline.
    """

    check: str
    message: str
    line: int | None = None
    column: int | None = None
    hint: str = ""
    end_line: int | None = None
    end_column: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The finding as `cowshed check --json` prints it."""
        return {
            "check": self.check,
            "message": self.message,
            "line": self.line,
            "column": self.column,
            "hint": self.hint,
        }


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check of a step says. `waiting` means that its evidence is not there yet (nothing built, say)."""

    check: str
    title: str
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    waiting: bool = False
    learned: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judge's word on a step, with each check's own result in the order of the step.

    An environment fault (no mapping, quota, rate limit, network) gives `CANNOT_TELL`, never counts as a mistake.

    `beyond` is the id of a later step whose recipe this already is: then the checks of the recipe object to nothing,
    they wait (or have passed, where the step was passed before).
    """

    step: str
    outcome: Outcome
    results: tuple[CheckResult, ...]
    beyond: str = ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, the first fault first."""
        return tuple(finding for result in self.results for finding in result.findings)

    def as_json(self) -> dict[str, Any]:
        """The verdict as `cowshed check --json` prints it."""
        return {
            "step": self.step,
            "verdict": str(self.outcome),
            "findings": [finding.as_json() for finding in self.findings],
        }
