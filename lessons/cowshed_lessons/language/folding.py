"""What of a recipe can be folded away."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from enum import Enum

from .layout import HELP_SECTIONS, Layout, Part, is_too_long, layout_of
from .shell_scan import scan


class FoldKind(Enum):
    """What is folded."""

    SECTION = "section"
    COMMENT = "comment"
    HEREDOC = "here-document"
    STAGE = "stage"


@dataclass(frozen=True, slots=True)
class Fold:
    """Lines `first` to `last` (both from 1, `last` included); folded, only the first stays in sight."""

    first: int
    last: int
    kind: FoldKind


def folds(text: str) -> tuple[Fold, ...]:
    """What can be folded, in the order of the first lines; nothing in a text longer than any recipe."""
    if is_too_long(text):
        return ()
    layout = layout_of(text)
    found: list[Fold] = []
    for stage in layout.stages:
        if len(layout.stages) > 1:
            found.append(_fold(layout, stage.first, stage.last, FoldKind.STAGE))
        header = [entry for entry in stage.entries if entry.last <= stage.header_last]
        if header:
            found.append(Fold(header[0].line, header[-1].last, FoldKind.SECTION))
        found += _comments(layout, stage.first, stage.header_last, frozenset())
        for part in stage.parts:
            last = _above_lead(layout, part)
            found.append(_fold(layout, part.first, last, FoldKind.SECTION))
            hidden: set[int] = set()
            body = layout.body(part) if part.is_shell else ""
            if "<<" in body:
                for heredoc in scan(body).heredocs:
                    # row 0 of the body is the line below the section line
                    first, end = part.first + 1 + heredoc.row, min(part.first + 1 + heredoc.end_row, part.last)
                    hidden.update(range(first + 1, end + 1))
                    found.append(_fold(layout, first, end, FoldKind.HEREDOC))
            if part.name not in HELP_SECTIONS:
                found += _comments(layout, part.first + 1, part.last, hidden)
    return tuple(sorted({fold for fold in found if fold.last > fold.first}, key=lambda fold: (fold.first, -fold.last)))


def _fold(layout: Layout, first: int, last: int, kind: FoldKind) -> Fold:
    return Fold(first, layout.written_last(first, last), kind)


def _above_lead(layout: Layout, part: Part) -> int:
    """The last line of a section without the comments at the left edge that stand right above the next section."""
    last = part.last
    while last > part.first and layout.line(last).startswith("#"):
        last -= 1
    if last == part.last or last == part.first or layout.line(last).strip() or part.name in HELP_SECTIONS:
        return part.last
    return last


def _comments(layout: Layout, first: int, last: int, hidden: Set[int]) -> Iterator[Fold]:
    begun = 0
    for number in range(first, last + 2):
        is_comment = number <= last and number not in hidden and layout.line(number).lstrip().startswith("#")
        if is_comment and not begun:
            begun = number
        elif not is_comment and begun:
            yield Fold(begun, number - 1, FoldKind.COMMENT)
            begun = 0
