"""Making the fixes of findings."""

from __future__ import annotations

import sys
from bisect import bisect_right, insort
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .findings import Fix, LintFinding, TextEdit, line_starts, offset_of

_MOST_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class FixedText:
    """A text with fixes made, and the findings that were mended."""

    text: str
    mended: tuple[LintFinding, ...]


def apply_edits(text: str, edits: Iterable[TextEdit]) -> str:
    """Make edits; those that overlap an earlier one are left out."""
    starts = line_starts(text)
    found = sorted(
        (offset_of(edit.range.start, starts, len(text)), offset_of(edit.range.end, starts, len(text)), edit.text)
        for edit in edits
    )
    pieces: list[str] = []
    done = 0
    for start, end, new in found:
        if start < done or end < start:
            continue
        pieces += (text[done:start], new)
        done = end
    return "".join([*pieces, text[done:]])


def apply_fix(text: str, fix: Fix) -> str:
    """Make one fix."""
    return apply_edits(text, fix.edits)


def apply_fixes(text: str, findings: Iterable[LintFinding], *, offered: bool = False) -> FixedText:
    """Make the fixes of findings: the safe ones, or with `offered` the first of each.

    A fix whose edits overlap those of an earlier finding is left for the next round: lint the result again.
    """
    starts = line_starts(text)
    taken: list[tuple[int, int]] = []
    edits: list[TextEdit] = []
    mended: list[LintFinding] = []
    for finding in findings:
        fix = next((fix for fix in finding.fixes if fix.safe or offered), None)
        if fix is None:
            continue
        spans = [
            (offset_of(edit.range.start, starts, len(text)), offset_of(edit.range.end, starts, len(text)))
            for edit in fix.edits
        ]
        if any(_touches(taken, start, end) for start, end in spans):
            continue
        for span in spans:
            insort(taken, span)
        edits += fix.edits
        mended.append(finding)
    return FixedText(apply_edits(text, edits), tuple(mended))


def _touches(taken: list[tuple[int, int]], start: int, end: int) -> bool:
    """Whether a span touches one of those that are taken (which are in order and touch none of each other)."""
    index = bisect_right(taken, (end, sys.maxsize))
    return index > 0 and taken[index - 1][1] >= start


def fix_all(text: str, lint: Callable[[str], Iterable[LintFinding]]) -> FixedText:
    """Make safe fixes until none is left. `lint` gives the findings of a text."""
    mended: list[LintFinding] = []
    for _ in range(_MOST_ROUNDS):
        fixed = apply_fixes(text, lint(text))
        if not fixed.mended or fixed.text == text:
            break
        mended += fixed.mended
        text = fixed.text
    return FixedText(text, tuple(mended))
