"""What may be done about findings: their fixes, all safe fixes at once, and comments that silence a rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from cowshed_lessons.linting import LintFinding, Range, TextEdit


class ActionKind(Enum):
    """What an action does."""

    FIX = "fix"
    FIX_ALL = "fix all"
    IGNORE_LINE = "ignore in this line"
    IGNORE_FILE = "ignore in this file"


@dataclass(frozen=True, slots=True)
class CodeAction:
    """Something that can be done with one choice.

    Attributes:
        title: What it does, in the imperative.
        edits: The changes; they do not overlap.
        rule: The identifier of the rule that it is about, None where it is about several.
        kind: What sort of action it is.
        preferred: Whether it may be taken without looking further: a safe fix.
    """

    title: str
    edits: tuple[TextEdit, ...]
    rule: str | None
    kind: ActionKind
    preferred: bool = False


def code_actions(text: str, where: Range, findings: Sequence[LintFinding]) -> tuple[CodeAction, ...]:
    """What can be done about the findings that touch a place, fixes first.

    Args:
        text: The recipe.
        where: The selection, or the cursor as an empty range.
        findings: All findings of this very text.
    """
    return tuple(
        CodeAction(fix.title, fix.edits, finding.rule, ActionKind.FIX, fix.safe)
        for finding in findings
        if _touches(finding.range, where)
        for fix in finding.fixes
    )


def _touches(one: Range, other: Range) -> bool:
    return (one.start.line, one.start.column) <= (other.end.line, other.end.column) and (
        other.start.line,
        other.start.column,
    ) <= (one.end.line, one.end.column)
