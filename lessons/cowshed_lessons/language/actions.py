"""What may be done about findings: their fixes, all safe fixes at once, and comments that silence a rule."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from cowshed_lessons.linting import LintFinding, Range, TextEdit, apply_edits, read_suppressions
from cowshed_lessons.recipe import read_recipe
from cowshed_lessons.verdict import Position

from .formatting import meaning
from .indentation import continues, settled_rows
from .layout import Layout, is_too_long, layout_of, span

_ALONE = re.compile(r"[ \t]*#[ \t]*cowshed:[ \t]*ignore[ \t]*=([A-Za-z0-9_., \t-]*)$")
_NO_COMMENTS = frozenset(("help", "apphelp", "labels", "applabels"))


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
    if is_too_long(text):
        return ()
    touched = [finding for finding in findings if _touches(finding.range, where)]
    found = [
        CodeAction(fix.title, fix.edits, finding.rule, ActionKind.FIX, fix.safe)
        for finding in touched
        for fix in finding.fixes
    ]
    found += _fix_all(text, findings)
    # One comment for a rule in a line, however many findings it has there.
    places = dict.fromkeys((finding.rule, finding.range.start.line) for finding in touched)
    for rule, line in places:
        edit = _in_line(text, rule, line)
        if edit and _holds(text, edit, rule, line):
            title = f"Ignore {rule} on this line"
            found.append(CodeAction(title, (edit,), rule, ActionKind.IGNORE_LINE))
    for rule, line in dict(tuple(places)).items():
        edit = _in_file(text, rule)
        if edit and _holds(text, edit, rule, line):
            found.append(CodeAction(f"Ignore {rule} in this file", (edit,), rule, ActionKind.IGNORE_FILE))
    return tuple(found)


def _touches(one: Range, other: Range) -> bool:
    return _place(one.start) <= _place(other.end) and _place(other.start) <= _place(one.end)


def _place(position: Position) -> tuple[int, int]:
    return position.line, position.column


def _fix_all(text: str, findings: Sequence[LintFinding]) -> list[CodeAction]:
    """All safe fixes that do not get in each other's way, as one action."""
    edits: list[TextEdit] = []
    number = 0
    for finding in findings:
        fix = next((fix for fix in finding.fixes if fix.safe), None)
        if fix is None or any(_touches(new.range, old.range) for new in fix.edits for old in edits):
            continue
        edits += fix.edits
        number += 1
    if not edits:
        return []
    title = "Make the safe fix" if number == 1 else f"Make all {number} safe fixes"
    return [CodeAction(title, tuple(edits), None, ActionKind.FIX_ALL)]


def _holds(text: str, edit: TextEdit, rule: str, line: int) -> bool:
    """Whether the comment silences the rule and leaves the recipe what it is."""
    after = apply_edits(text, (edit,))
    moved = line + ("\n" in edit.text)
    return read_suppressions(after).covers(rule, moved) and meaning(read_recipe(text)) == meaning(read_recipe(after))


def _in_file(text: str, rule: str) -> TextEdit | None:
    """A comment for the whole file, above everything else."""
    layout = layout_of(text)
    if text.startswith("\ufeff"):
        return None
    if _is_alone(layout.line(1)):
        return _more(layout, 1, rule)
    at = 2 if layout.line(1).startswith("#!") and len(layout.lines) > 1 else 1
    return TextEdit(span(at, 0, 0), f"# cowshed: ignore={rule}{layout.newline}")


def _is_alone(line: str) -> bool:
    """Whether a line is nothing but an ignoring comment with rules, to which another can be added."""
    found = _ALONE.match(line)
    return found is not None and found[1].rstrip(" \t")[-1:] not in ("", ".", ",")


def _more(layout: Layout, number: int, rule: str) -> TextEdit:
    """One rule more in a comment that is there."""
    end = len(layout.line(number).rstrip())
    return TextEdit(span(number, end, end), f",{rule}")


def _in_line(text: str, rule: str, number: int) -> TextEdit | None:
    """A comment for one line: above it, or behind it where a command goes on from the line before."""
    layout = layout_of(text)
    stage = layout.stage_at(number)
    part = stage.part_at(number)
    if not any(line.strip() and not line.lstrip().startswith("#") for line in layout.lines[: number - 1]):
        return None  # up there a comment would hold for the whole file
    if part is not None and number == part.first:
        part = stage.part_at(number - 1) if number > stage.first else None
        owner_first = part.first if part else stage.first
    elif part is None and number == stage.first:
        before = layout.stage_at(number - 1)
        part = before.part_at(number - 1)
        owner_first = part.first if part else before.first
    else:
        owner_first = part.first if part else stage.first
    above = layout.line(number - 1)
    if part is not None and part.name in _NO_COMMENTS:
        return None
    line = layout.line(number)
    indent = "" if line.lstrip().startswith("%") else line[: len(line) - len(line.lstrip(" \t"))]
    comment = TextEdit(span(number, 0, 0), f"{indent}# cowshed: ignore={rule}{layout.newline}")
    if part is not None and part.is_shell and number - 1 > owner_first - 1:
        row = number - part.first - 1
        settled = settled_rows(layout.lines[part.first : part.last])
        if settled is None or row in settled or (row == 0 and line.startswith("#!")):
            return None
        if row > 0 and continues(above):
            ends = row + 1 not in settled and not continues(line) and "#" not in line and line.strip()
            return TextEdit(span(number, len(line), len(line)), f"  # cowshed: ignore={rule}") if ends else None
    elif above.rstrip().endswith("\\"):
        return None
    return _more(layout, number - 1, rule) if _ALONE.match(above) else comment
