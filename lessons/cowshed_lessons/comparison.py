"""Sets the learner's recipe beside another one: which lines agree, and what a differing line amounts to."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Literal

from cowshed_lessons.text_lines import lines_of

RowKind = Literal["same", "changed", "mine", "other"]
Span = tuple[int, int]

ALIKE = 0.6
SAME_START = 0.3
MOST_PAIRS = 1_500
"""Longer stretches are not paired: nobody reads them line by line, and it would be felt while typing."""

_YES = re.compile(r"^(-y|--yes|--assume-yes)$")


@dataclass(frozen=True, slots=True)
class Side:
    """A line on one side: its number from 1, its text, and the stretches (from, to; characters) that differ."""

    line: int
    text: str
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the comparison.

    Attributes:
        kind: `same`; `changed` (both sides, differing); `mine` or `other` (only on that side).
        mine: The learner's line.
        other: The other recipe's line.
        note: What a `changed` row amounts to, where that is certain, else empty.
    """

    kind: RowKind
    mine: Side | None = None
    other: Side | None = None
    note: str = ""


def compare(mine: str, other: str) -> tuple[Row, ...]:
    """Rows that hold every line of both texts, in order; line ends do not count."""
    left, right = lines_of(mine), lines_of(other)
    rows: list[Row] = []
    matcher = difflib.SequenceMatcher(None, _keys(left), _keys(right), autojunk=False)
    for kind, left_start, left_end, right_start, right_end in matcher.get_opcodes():
        if kind == "equal":
            pairs = zip(range(left_start, left_end), range(right_start, right_end), strict=True)
            rows += [_pair(Side(i + 1, left[i]), Side(j + 1, right[j])) for i, j in pairs]
        else:
            rows += _block(left, right, range(left_start, left_end), range(right_start, right_end))
    return tuple(rows)


def _keys(lines: list[str]) -> list[str]:
    """What lines are matched by: blanks at the edges and between words do not decide what belongs together."""
    return [" ".join(line.split()) for line in lines]


def _block(left: list[str], right: list[str], mine: range, other: range) -> list[Row]:
    """Rows of a stretch that differs: lines that resemble each other are paired, the rest stand alone, in order."""
    rows: list[Row] = []
    next_mine, next_other = mine.start, other.start
    for i, j in _pairs(left, right, mine, other):
        rows += [Row("mine", mine=Side(n + 1, left[n])) for n in range(next_mine, i)]
        rows += [Row("other", other=Side(n + 1, right[n])) for n in range(next_other, j)]
        rows.append(_pair(Side(i + 1, left[i]), Side(j + 1, right[j])))
        next_mine, next_other = i + 1, j + 1
    rows += [Row("mine", mine=Side(n + 1, left[n])) for n in range(next_mine, mine.stop)]
    rows += [Row("other", other=Side(n + 1, right[n])) for n in range(next_other, other.stop)]
    return rows


def _pairs(left: list[str], right: list[str], mine: range, other: range) -> list[tuple[int, int]]:
    """Lines of both sides that are more alike than not, without crossing; each takes the likest that is left."""
    if len(mine) * len(other) > MOST_PAIRS:
        return []
    pairs: list[tuple[int, int]] = []
    start = other.start
    for i in mine:
        likeness, nearest = max(
            ((_likeness(left[i], right[j]), -j) for j in range(start, other.stop)), default=(0.0, 0)
        )
        if likeness > ALIKE:
            pairs.append((i, -nearest))
            start = 1 - nearest
    return pairs


def _likeness(mine: str, other: str) -> float:
    """From 0 to 1 for the letters, and a little more where both begin with the same word."""
    mine_words, other_words = mine.casefold().split(), other.casefold().split()
    if not mine_words or not other_words:
        return 0.0
    same_start = SAME_START if mine_words[0] == other_words[0] else 0.0
    matcher = difflib.SequenceMatcher(None, " ".join(mine_words), " ".join(other_words), autojunk=False)
    if matcher.real_quick_ratio() + same_start <= ALIKE:
        return 0.0
    return matcher.ratio() + same_start


def _pair(mine: Side, other: Side) -> Row:
    if mine.text == other.text:
        return Row("same", mine, other)
    matcher = difflib.SequenceMatcher(None, mine.text, other.text, autojunk=False)
    steps = [step for step in matcher.get_opcodes() if step[0] != "equal"]
    mine_spans = tuple((step[1], step[2]) for step in steps if step[1] < step[2])
    other_spans = tuple((step[3], step[4]) for step in steps if step[3] < step[4])
    return Row(
        "changed",
        Side(mine.line, mine.text, mine_spans),
        Side(other.line, other.text, other_spans),
        _note(mine.text, other.text),
    )


def _note(mine: str, other: str) -> str:
    """Why two differing lines mean the same, where that can be said for certain and cheaply."""
    mine_words, other_words = mine.split(), other.split()
    if mine_words == other_words:
        return "Only the spaces differ."  # whether they matter depends on where the line stands
    if _is_header(mine) and _is_header(other) and mine.lower() == other.lower():
        key = mine.partition(":")[0].strip()
        value, other_value = mine.partition(":")[2].strip(), other.partition(":")[2].strip()
        return f"Capitals in a key such as `{key}` do not matter." if value == other_value else ""
    if not (_is_install(mine_words) and _is_install(other_words)):
        return ""
    if sorted(mine_words) == sorted(other_words):
        return "The same words in another order; apt does not mind."
    if _without_yes(mine_words) == _without_yes(other_words) and len(mine_words) == len(other_words):
        return "Two spellings of the same yes."
    return ""


def _is_header(line: str) -> bool:
    return re.match(r"\s*(bootstrap|from)\s*:", line, re.IGNORECASE) is not None


def _is_install(words: list[str]) -> bool:
    """A plain install line of apt: nothing in it whose order or value counts."""
    plain = all(_YES.match(word) or re.fullmatch(r"[a-z0-9][a-z0-9.+-]*", word) for word in words)
    return plain and [word for word in words if not _YES.match(word)][:2] in (
        ["apt-get", "install"],
        ["apt", "install"],
    )


def _without_yes(words: list[str]) -> list[str]:
    return sorted(word for word in words if not _YES.match(word))
