"""What the words of a recipe mean."""

from __future__ import annotations

from dataclasses import dataclass

from cowshed_lessons.linting import Range
from cowshed_lessons.verdict import Position


@dataclass(frozen=True, slots=True)
class Hover:
    """An explanation in Markdown, and the words that it explains."""

    markdown: str
    range: Range


def hover(text: str, position: Position) -> Hover | None:
    """Explain the word at a position, None where there is nothing to say."""
    return None
