"""What of a recipe can be folded away."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


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
    """What can be folded, in the order of the first lines."""
    return ()
